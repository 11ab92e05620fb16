//! What an entry says beside what it said: for its history and the audit trail.

use base::{i18n::Text, text, word};
use serde_json::{Value, json};

use super::{Entry, Outcome};

/// An entry with its outcomes, as far as anybody but the writer may know it.
#[derive(Clone, Copy)]
pub struct Said<'a> {
    pub entry: &'a Entry,
    pub outcomes: &'a [Outcome],
    pub pictures: usize,
}

impl Said<'_> {
    /// Field by field, in the order of the form.
    fn fields(&self) -> Vec<(&'static str, String)> {
        let entry = self.entry;
        let outcomes: Vec<String> = self.outcomes.iter().map(outcome_words).collect();
        vec![
            ("day", entry.day.to_string()),
            ("village", entry.village.to_string()),
            ("person", entry.who.name.clone()),
            ("duty", entry.duty.code().to_owned()),
            ("words", entry.words.clone()),
            ("met", entry.met.clone().unwrap_or_default()),
            ("links", entry.links.join("；")),
            ("outcomes", outcomes.join("；")),
            ("pictures", self.pictures.to_string()),
        ]
    }

    /// For the audit line of something new.
    #[must_use]
    pub fn whole(&self) -> Value {
        self.fields()
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(k, v)| (k.to_owned(), json!(v)))
            .collect()
    }

    /// The fields that differ: `[[field, before, after], …]`; nothing where nothing does.
    #[must_use]
    pub fn differs_from(&self, before: &Said<'_>) -> Option<Value> {
        let pairs = before.fields().into_iter().zip(self.fields());
        let changed: Vec<Value> = pairs
            .filter(|((_, old), (_, new))| old != new)
            .map(|((field, old), (_, new))| json!([field, old, new]))
            .collect();
        (!changed.is_empty()).then_some(Value::Array(changed))
    }
}

/// `引进帮扶资金 35 万元（水利）`
fn outcome_words(outcome: &Outcome) -> String {
    let what = outcome.what.as_deref().map(|what| format!("（{what}）")).unwrap_or_default();
    format!("{} {} {}{what}", outcome.indicator.name, outcome.typed, outcome.unit)
}

/// Stored differences as a line of the history.
#[must_use]
pub fn in_words(changes: &str) -> Vec<Text> {
    let rows: Vec<(String, String, String)> = serde_json::from_str(changes).unwrap_or_default();
    let said = |value: &str| if value.is_empty() { text!("（空）") } else { Text::data(short(value)) };
    let line = |(field, old, new): &(String, String, String)| {
        text!("{field}：{before} → {after}", field = Text::key(field_zh(field)), before = said(old), after = said(new))
    };
    rows.iter().map(line).collect()
}

/// The beginning of a long text.
fn short(text: &str) -> String {
    const MOST: usize = 120;
    let mut cut: String = text.chars().take(MOST).collect();
    if text.chars().count() > MOST {
        cut.push('…');
    }
    cut
}

fn field_zh(field: &str) -> &'static str {
    match field {
        "day" => word!("日期"),
        "village" => word!("村"),
        "person" => word!("记给谁"),
        "duty" => word!("职责"),
        "words" => word!("做了什么"),
        "met" => word!("见了谁"),
        "links" => word!("相关的事项、项目"),
        "outcomes" => word!("成效"),
        "pictures" => word!("图片"),
        _ => word!("未知"),
    }
}
