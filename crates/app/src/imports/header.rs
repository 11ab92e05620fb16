//! Which rows of a sheet are its header, and which column is which field.

use base::sheet::{Row, Sheet, fold, squeeze};

use super::columns::{Field, Fit, Kind, Mapping, Words, is_ignored};

/// Rows looked at from the top; titles and notes above a header never run longer.
const TOP: usize = 40;

/// How a sheet was understood.
#[derive(Clone, Debug)]
pub struct Guess {
    /// True number of the first row below the header.
    pub first_data_row: u32,
    /// Each column's header as it stands (blanks folded).
    pub headers: Vec<String>,
    /// Each column's field, by key.
    pub fields: Vec<Option<&'static str>>,
    /// Headers of required columns that were not found.
    pub missing: Vec<String>,
}

impl Guess {
    /// The column (from 0) of a field.
    #[must_use]
    pub fn column(&self, key: &str) -> Option<usize> {
        self.fields.iter().position(|field| *field == Some(key))
    }

    /// The header of a field's column as it stands.
    #[must_use]
    pub fn header(&self, key: &str) -> Option<&str> {
        self.column(key).and_then(|column| self.headers.get(column)).map(String::as_str)
    }

    /// Headers that mean nothing to this kind, numbering left aside.
    #[must_use]
    pub fn unknown(&self) -> Vec<String> {
        let named = self.headers.iter().zip(&self.fields);
        named
            .filter(|(header, field)| field.is_none() && !is_ignored(header))
            .map(|(header, _)| header.clone())
            .collect()
    }

    fn known(&self) -> usize {
        self.fields.iter().flatten().count()
    }

    /// Gives a column another meaning, as values below may show better than the header.
    pub fn set(&mut self, kind: &Kind, column: usize, key: Option<&'static str>) {
        if let Some(slot) = self.fields.get_mut(column) {
            *slot = key;
        }
        self.missing = kind.missing(|key| self.fields.contains(&Some(key)));
    }
}

/// Finds the header of a sheet; `None` when nothing in its first rows looks like this kind's.
#[must_use]
pub fn guess_mapping(kind: &Kind, sheet: &Sheet, mapping: &Mapping) -> Option<Guess> {
    let words = Words::new(kind);
    let mut best: Option<Guess> = None;
    let top: Vec<&Row> = sheet.rows.iter().take(TOP).collect();
    for (at, row) in top.iter().enumerate() {
        if mapping.header_row.is_some_and(|number| number != row.number) {
            continue;
        }
        let above = at.checked_sub(1).and_then(|at| top.get(at)).filter(|above| above.number + 1 == row.number);
        let alone = assign(kind, &words, row.number, &texts(row), &above.map(|row| texts(row)).unwrap_or_default());
        // Half of the header one row above the other half, without merges: the lower text counts where there is one.
        let joined = above.map(|above| assign(kind, &words, row.number, &joined(above, row), &spread(&texts(above))));
        for guess in std::iter::once(alone).chain(joined) {
            if best.as_ref().is_none_or(|best| guess.known() > best.known()) {
                best = Some(guess);
            }
        }
    }
    let mut guess = best.or_else(|| mapping.header_row.map(|row| assign(kind, &words, row, &[], &[])))?;
    apply(kind, &mut guess, mapping);
    let some_required = guess.missing.len() < kind.fields.iter().filter(|f| f.required).count() + kind.either.len();
    (guess.known() >= 2 && some_required || !mapping.columns.is_empty()).then_some(guess)
}

fn texts(row: &Row) -> Vec<String> {
    row.cells.iter().map(|cell| fold(&cell.show())).collect()
}

fn joined(above: &Row, row: &Row) -> Vec<String> {
    let (above, below) = (texts(above), texts(row));
    let text = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
    (0..above.len().max(below.len()))
        .map(|at| Some(text(&below, at)).filter(|text| !text.is_empty()).unwrap_or_else(|| text(&above, at)))
        .collect()
}

/// A group's name over the blank cells to its right, as it would stand if they were merged.
fn spread(groups: &[String]) -> Vec<String> {
    let mut last = String::new();
    let fill = |text: &String| {
        if !text.is_empty() {
            text.clone_into(&mut last);
        }
        last.clone()
    };
    groups.iter().map(fill).collect()
}

/// Gives each field the column whose header fits it best, the leftmost of equals. A group header above may complete
/// a short one: 驻村 over 职务.
fn assign(kind: &Kind, words: &Words, row: u32, headers: &[String], groups: &[String]) -> Guess {
    let mut taken: Vec<(usize, &'static Field, Fit)> = Vec::new();
    for (column, header) in headers.iter().enumerate() {
        let group = groups.get(column).filter(|group| *group != header && !header.is_empty());
        let whole = group.and_then(|group| words.recognise(&format!("{}{}", squeeze(group), squeeze(header))));
        let own = words.recognise(header);
        let Some((field, fit)) = whole.filter(|(_, fit)| *fit == Fit::Same).or(own) else { continue };
        match taken.iter_mut().find(|(_, other, _)| other.key == field.key) {
            Some(other) if other.2 < fit => *other = (column, field, fit),
            Some(_) => {}
            None => taken.push((column, field, fit)),
        }
    }
    let of = |column: usize| taken.iter().find(|(at, _, _)| *at == column).map(|(_, field, _)| field.key);
    let fields: Vec<Option<&'static str>> = (0..headers.len()).map(of).collect();
    let missing = kind.missing(|key| fields.contains(&Some(key)));
    Guess { first_data_row: row + 1, headers: headers.to_vec(), fields, missing }
}

/// What the user said overrides what was guessed: the field leaves the column it was guessed for.
fn apply(kind: &Kind, guess: &mut Guess, mapping: &Mapping) {
    for (column, key) in &mapping.columns {
        let key = key.as_deref().and_then(|key| kind.field(key)).map(|field| field.key);
        while guess.fields.len() <= *column && *column < 16_384 {
            guess.fields.push(None);
            guess.headers.push(String::new());
        }
        if let Some(before) = key.and_then(|key| guess.column(key)) {
            guess.set(kind, before, None);
        }
        guess.set(kind, *column, key);
    }
}
