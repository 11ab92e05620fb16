//! What was typed and what is wrong with it.

use crate::i18n::Text;

/// Values and errors by field name. An error stands at its field, and what was typed is kept.
#[derive(Clone, Debug, Default)]
pub struct Form {
    values: Vec<(String, String)>,
    errors: Vec<(String, Text)>,
}

impl Form {
    /// From pairs as a form sends them, or as a record holds them.
    #[must_use]
    pub fn of<K: Into<String>, V: Into<String>>(pairs: impl IntoIterator<Item = (K, V)>) -> Self {
        let values = pairs.into_iter().map(|(key, value)| (key.into(), value.into())).collect();
        Self { values, errors: Vec::new() }
    }

    /// With a value where nothing was typed.
    #[must_use]
    pub fn or(mut self, field: impl Into<String>, value: impl Into<String>) -> Self {
        let field = field.into();
        if self.value(&field).is_empty() {
            self.values.retain(|(key, _)| *key != field);
            self.values.push((field, value.into()));
        }
        self
    }

    #[must_use]
    pub fn with_error(mut self, field: impl Into<String>, error: Text) -> Self {
        self.errors.push((field.into(), error));
        self
    }

    #[must_use]
    pub fn value(&self, field: impl AsRef<str>) -> &str {
        self.values.iter().find(|(key, _)| key == field.as_ref()).map_or("", |(_, value)| value)
    }

    /// All values of a field that may come several times.
    pub fn values(&self, field: impl AsRef<str>) -> impl Iterator<Item = &str> {
        self.values.iter().filter(move |(key, _)| key == field.as_ref()).map(|(_, value)| value.as_str())
    }

    /// Whether a checkbox of this name and value is ticked, or a choice made.
    #[must_use]
    pub fn has(&self, field: impl AsRef<str>, value: impl AsRef<str>) -> bool {
        self.values.iter().any(|(key, have)| key == field.as_ref() && have == value.as_ref())
    }

    #[must_use]
    pub fn error(&self, field: impl AsRef<str>) -> Option<&Text> {
        self.errors.iter().find(|(key, _)| key == field.as_ref()).map(|(_, error)| error)
    }

    #[must_use]
    pub fn errors(&self) -> &[(String, Text)] {
        &self.errors
    }
}

/// An option of a select, a radio group or a row of checkboxes.
#[derive(Clone, Debug, Default)]
pub struct Choice {
    pub value: String,
    pub label: Text,
}

impl Choice {
    #[must_use]
    pub fn new(value: impl Into<String>, label: Text) -> Self {
        Self { value: value.into(), label }
    }
}
