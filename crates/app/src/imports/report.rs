//! What an import came to, as `lianxin import --json` prints it and the pages show it.

use base::i18n::Text;
use serde::{Deserialize, Serialize};

use super::{Outcome, Problem, Spot};

/// Counts are rows and add up to `read`.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Report {
    pub read: usize,
    pub created: usize,
    pub updated: usize,
    pub unchanged: usize,
    pub rejected: usize,
    pub problems: Vec<ReportProblem>,
    #[serde(default)]
    pub warnings: Vec<ReportProblem>,
    /// The batch that new postings went to, and whether it was made for them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub batch: Option<BatchNote>,
    /// Units that were not known and are now.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub units_created: Vec<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unknown_columns: Vec<String>,
    /// Nothing was written: a trial, or all-or-nothing with a problem.
    pub applied: bool,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchNote {
    pub number: i64,
    pub created: bool,
}

/// A problem as others read it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportProblem {
    pub row: u32,
    pub column: String,
    pub code: String,
    /// In Chinese.
    pub message: String,
    /// The same before it is in a language, for the pages.
    #[serde(default, skip_serializing_if = "Text::is_empty")]
    pub said: Text,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub sheet: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub suggestion: Option<String>,
}

impl Report {
    /// The report of a file before it is compared with what is stored.
    #[must_use]
    pub fn of<T>(outcome: &Outcome<T>) -> Self {
        Self {
            read: outcome.read,
            unchanged: outcome.repeated.len(),
            problems: outcome.problems.iter().map(ReportProblem::from).collect(),
            warnings: outcome.warnings.iter().map(ReportProblem::from).collect(),
            unknown_columns: outcome.unknown_columns.clone(),
            rejected: outcome.rejected(),
            ..Self::default()
        }
    }

    /// The report of a file that could not be read at all.
    #[must_use]
    pub fn refused(problem: &Problem) -> Self {
        Self { problems: vec![problem.into()], ..Self::default() }
    }

    /// The file as a whole is no such table.
    #[must_use]
    pub fn is_refused(&self) -> bool {
        self.problems.iter().any(|problem| problem.row == 0)
    }

    /// Whether there is anything to write.
    #[must_use]
    pub fn changes(&self) -> bool {
        self.created + self.updated > 0
    }

    /// Rejects a row that read well but does not go with what is stored.
    pub fn reject(&mut self, problem: &Problem) {
        self.problems.push(problem.into());
        self.rejected += 1;
    }

    /// As programs read it: one message a problem.
    #[must_use]
    pub fn plain(mut self) -> Self {
        self.problems.iter_mut().chain(&mut self.warnings).for_each(|problem| problem.said = Text::default());
        self
    }

    pub fn sort(&mut self) {
        self.problems.sort_by(|a, b| (&a.sheet, a.row).cmp(&(&b.sheet, b.row)));
    }
}

impl ReportProblem {
    /// For a page in whatever language. A report kept before it had them says its Chinese message.
    #[must_use]
    pub fn words(&self) -> Text {
        if self.said.is_empty() { Text::data(&self.message) } else { self.said.clone() }
    }

    #[must_use]
    pub fn spot(&self) -> Spot {
        Spot { sheet: self.sheet.clone(), row: self.row }
    }
}

impl From<&Problem> for ReportProblem {
    fn from(problem: &Problem) -> Self {
        Self {
            row: problem.spot.row,
            column: problem.column.clone(),
            code: problem.code.to_owned(),
            message: problem.message.zh(),
            said: problem.message.clone(),
            sheet: problem.spot.sheet.clone(),
            suggestion: problem.suggestion.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use base::{i18n::Lang, text};

    use super::*;

    #[test]
    fn a_problem_is_kept_with_its_words_and_printed_without_them() {
        let message = text!("“{text}”不是数字", text = "八");
        let problem =
            Problem { spot: Spot::default(), column: String::new(), code: "bad_value", message, suggestion: None };
        let report = Report::refused(&problem);
        let json = serde_json::to_string(&report).expect("written");
        let kept: Report = serde_json::from_str(&json).expect("read");
        assert_eq!(kept, report);
        assert_eq!(kept.problems[0].words().in_lang(Lang::En), "“八” is no number");
        let plain = serde_json::to_value(kept.plain()).expect("written");
        assert_eq!(plain["problems"][0]["message"], "“八”不是数字");
        assert_eq!(plain["problems"][0].get("said"), None, "programs read one message");
        // As it was kept before there were words.
        let old: Report = serde_json::from_value(plain).expect("read");
        assert_eq!(old.problems[0].words().in_lang(Lang::En), "“八”不是数字");
    }
}
