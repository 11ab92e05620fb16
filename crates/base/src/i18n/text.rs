//! Text that is not yet in a language.

use std::{borrow::Cow, fmt::Display};

use serde::{Deserialize, Serialize};

use super::{Lang, fill, lookup};

/// A Chinese key with its arguments, or plain data (a name, a figure) that no language changes.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    key: Cow<'static, str>,
    #[serde(default, skip_serializing_if = "is_false")]
    data: bool,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    args: Vec<(Cow<'static, str>, Text)>,
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde gives a reference")]
fn is_false(flag: &bool) -> bool {
    !flag
}

impl Text {
    /// A key of the catalogue. Use the `text!` macro, which the key scan sees.
    #[must_use]
    pub fn key(key: &'static str) -> Self {
        Self { key: Cow::Borrowed(key), data: false, args: Vec::new() }
    }

    /// Data: said alike in every language.
    #[must_use]
    pub fn data(text: impl Into<String>) -> Self {
        Self { key: Cow::Owned(text.into()), data: true, args: Vec::new() }
    }

    #[must_use]
    pub fn with(mut self, name: &'static str, value: &impl ToArg) -> Self {
        self.args.push((Cow::Borrowed(name), value.to_arg()));
        self
    }

    #[must_use]
    pub fn in_lang(&self, lang: Lang) -> String {
        let said = if self.data { &self.key } else { lookup(&self.key, lang) };
        self.args.iter().fold(said.to_owned(), |said, (name, value)| fill(&said, name, &value.in_lang(lang)))
    }

    /// In simplified Chinese: for logs, tests, and files that are Chinese by nature.
    #[must_use]
    pub fn zh(&self) -> String {
        self.in_lang(Lang::Hans)
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.key.is_empty()
    }
}

impl From<String> for Text {
    fn from(data: String) -> Self {
        Self::data(data)
    }
}

/// What can fill a `{place}`: another text, or anything that prints itself.
pub trait ToArg {
    fn to_arg(&self) -> Text;
}

impl ToArg for Text {
    fn to_arg(&self) -> Text {
        self.clone()
    }
}

impl<T: Display + ?Sized> ToArg for T {
    fn to_arg(&self) -> Text {
        Text::data(self.to_string())
    }
}

/// What the template filter `t` takes: a literal key or a [`Text`].
pub trait Say {
    fn say(&self, lang: Lang) -> String;
}

impl Say for str {
    fn say(&self, lang: Lang) -> String {
        lookup(self, lang).to_owned()
    }
}

impl Say for String {
    fn say(&self, lang: Lang) -> String {
        self.as_str().say(lang)
    }
}

impl Say for Text {
    fn say(&self, lang: Lang) -> String {
        self.in_lang(lang)
    }
}

impl<T: Say + ?Sized> Say for &T {
    fn say(&self, lang: Lang) -> String {
        (**self).say(lang)
    }
}

/// `text!("早于 {day}", day = day)`: a key with arguments, not yet in a language.
#[macro_export]
macro_rules! text {
    ($key:literal $(, $name:ident = $value:expr)* $(,)?) => {
        $crate::i18n::Text::key($key)$(.with(stringify!($name), &$value))*
    };
}

/// A word of a closed list (a role, a state) that stands in code as it is and is translated where it is printed: the
/// literal itself, seen by the key scan.
#[macro_export]
macro_rules! word {
    ($key:literal) => {
        $key
    };
}
