//! SQL text with its values. Text comes from literals only; values are always bound.

use std::borrow::Cow;

use crate::kernel::{Area, CountyId, Day, DivisionCode, Fen, Instant, Month};

/// A bound value: the three column types, each with its own nothing.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Text(Option<String>),
    Int(Option<i64>),
    Real(Option<f64>),
}

/// A statement under construction.
#[derive(Clone, Debug)]
pub struct Query {
    text: Cow<'static, str>,
    values: Vec<Value>,
    /// Not worth a place among the prepared statements.
    pub(super) once: bool,
}

/// Begins a statement: `sql("select name from unit where id = $1").bind(id)`.
#[must_use]
pub fn sql(text: &'static str) -> Query {
    Query { text: Cow::Borrowed(text), values: Vec::new(), once: false }
}

impl Query {
    /// The statement with literal text before it.
    pub(super) fn after(mut self, text: &'static str) -> Self {
        self.text.to_mut().insert_str(0, text);
        self
    }

    /// Binds the next `$n` that the text already names.
    #[must_use]
    pub fn bind(mut self, value: impl Into<Value>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Appends literal text.
    pub fn push(&mut self, text: &'static str) -> &mut Self {
        self.text.to_mut().push_str(text);
        self
    }

    /// Appends the next `$n` and binds it.
    pub fn push_bind(&mut self, value: impl Into<Value>) -> &mut Self {
        self.values.push(value.into());
        let place = self.values.len();
        let text = self.text.to_mut();
        text.push('$');
        text.push_str(&place.to_string());
        self
    }

    /// Appends ` and column between $n and $m`: a place and all below it. The column's county is narrowed too when named.
    pub fn and_within(&mut self, column: &'static str, area: Area) -> &mut Self {
        self.push(" and ").push(column).push(" between ").push_bind(area.first).push(" and ").push_bind(area.last)
    }

    /// Appends `($1, $2, …)` for the given values, the rows of a bulk insert separated by commas.
    pub fn push_row(&mut self, first: bool, values: Vec<Value>) -> &mut Self {
        self.push(if first { "(" } else { ", (" });
        for (i, value) in values.into_iter().enumerate() {
            if i > 0 {
                self.push(", ");
            }
            self.push_bind(value);
        }
        self.push(")")
    }

    /// As [`Query::push_row`] with places that have no number; the statement may have no others.
    pub(super) fn push_plain_row(&mut self, first: bool, values: Vec<Value>) -> &mut Self {
        let text = self.text.to_mut();
        text.push_str(if first { "(" } else { ", (" });
        for (i, value) in values.into_iter().enumerate() {
            text.push_str(if i == 0 { "?" } else { ", ?" });
            self.values.push(value);
        }
        text.push(')');
        self
    }

    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    pub(super) fn into_parts(self) -> (Cow<'static, str>, Vec<Value>) {
        (self.text, self.values)
    }
}

macro_rules! value_from {
    ($($type:ty => $variant:ident, $v:ident, $value:expr;)*) => {$(
        impl From<$type> for Value {
            fn from($v: $type) -> Self { Self::$variant(Some($value)) }
        }
        impl From<Option<$type>> for Value {
            fn from(option: Option<$type>) -> Self { Self::$variant(option.map(|$v| $value)) }
        }
    )*};
}

value_from! {
    String => Text, v, v;
    &str => Text, v, v.to_owned();
    &String => Text, v, v.clone();
    Day => Text, v, v.to_string();
    Month => Text, v, v.to_string();
    i64 => Int, v, v;
    i32 => Int, v, i64::from(v);
    u32 => Int, v, i64::from(v);
    usize => Int, v, i64::try_from(v).unwrap_or(i64::MAX);
    bool => Int, v, i64::from(v);
    DivisionCode => Int, v, v.as_i64();
    CountyId => Int, v, v.as_i64();
    Instant => Int, v, v.0;
    Fen => Int, v, v.0;
    f64 => Real, v, v;
}
