//! Languages. The Chinese text is the key, in code and in templates; English stands in one catalogue.
//!
//! - templates: `{{ "姓名"|t }}`, `{{ "共 {n} 行"|t|arg("n", n) }}`; whoever writes the literal translates it
//! - code: `text!("早于 {day}", day = day)` makes a [`Text`], said in a language only where it is printed
//! - 繁體 is made from the finished page ([`hant`]), data included
//! - [`source`] reads the sources, so that tests find missing keys, unused keys and untranslated text

mod hant;
pub mod source;
mod text;

use std::{collections::HashMap, sync::OnceLock};

pub use hant::{to_hant, to_hant_html};
pub use text::{Say, Text, ToArg};

/// The languages of the product.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub enum Lang {
    #[default]
    Hans,
    Hant,
    En,
}

impl Lang {
    pub const ALL: [Self; 3] = [Self::Hans, Self::Hant, Self::En];

    /// The code for `lang=`, cookies and addresses.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Hans => "zh-Hans",
            Self::Hant => "zh-Hant",
            Self::En => "en",
        }
    }

    /// Its own name for itself.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Hans => "简体",
            Self::Hant => "繁體",
            Self::En => "English",
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|lang| lang.code().eq_ignore_ascii_case(code))
    }

    /// The first language of an `Accept-Language` header that we have.
    #[must_use]
    pub fn from_header(accept: &str) -> Option<Self> {
        accept.split(',').find_map(|part| {
            let tag = part.split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
            match tag.as_str() {
                "zh-tw" | "zh-hk" | "zh-mo" => Some(Self::Hant),
                tag if tag.starts_with("zh-hant") => Some(Self::Hant),
                tag if tag == "zh" || tag.starts_with("zh-") => Some(Self::Hans),
                tag if tag == "en" || tag.starts_with("en-") => Some(Self::En),
                _ => None,
            }
        })
    }
}

/// The key in a language. Traditional Chinese is made at the end from the whole page, so here it is the key itself.
#[must_use]
pub fn lookup(key: &str, lang: Lang) -> &str {
    match lang {
        Lang::Hans | Lang::Hant => key,
        Lang::En => english().get(key).map_or(key, String::as_str),
    }
}

/// The English catalogue: `locales/en.po`, embedded.
pub fn english() -> &'static HashMap<String, String> {
    static CATALOGUE: OnceLock<HashMap<String, String>> = OnceLock::new();
    CATALOGUE.get_or_init(|| {
        let text = include_str!("../../../../locales/en.po");
        match polib::po_file::parse_from_reader(text.as_bytes()) {
            Ok(catalogue) => catalogue
                .messages()
                .filter(|message| message.is_singular())
                .filter_map(|message| Some((message.msgid().to_owned(), message.msgstr().ok()?.to_owned())))
                .filter(|(_, english)| !english.is_empty())
                .collect(),
            // A broken catalogue costs the English, not the service; a test reads it too.
            Err(error) => {
                tracing::error!(%error, "locales/en.po was not understood");
                HashMap::new()
            }
        }
    })
}

/// Puts `value` where `{name}` stands.
#[must_use]
pub fn fill(text: &str, name: &str, value: &str) -> String {
    text.replace(&format!("{{{name}}}"), value)
}

#[cfg(test)]
mod tests;
