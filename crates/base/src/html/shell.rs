//! What surrounds every page: plain data that the app fills.

use super::{Act, Address, Link};
use crate::i18n::{Lang, Text};

/// The frame of a staff page; public pages and sign-in use the same struct with most of it empty.
#[derive(Clone, Debug, Default)]
pub struct Shell {
    pub title: Text,
    pub lang: Lang,
    pub theme: Theme,
    pub size: Size,
    /// Address of this page with its query: language and size come back here.
    pub path: String,
    pub viewer: Option<Viewer>,
    /// Left list on a desktop. The app lists what exists and the viewer may open.
    pub nav: Vec<NavItem>,
    /// Below a line at the end of the left list (设置).
    pub nav_last: Vec<NavItem>,
    /// Bottom bar on a phone, at most five.
    pub tabs: Vec<NavItem>,
    /// The scope from the outside in; the last one is where we are.
    pub crumbs: Vec<Link>,
    /// Places below and beside the last crumb: a menu that switches everything below it.
    pub places: Vec<Link>,
    /// The period shown and others to choose, if the page has one.
    pub period: Option<(Text, Vec<Link>)>,
    pub search: Option<Search>,
    /// Notices not yet read and where they are.
    pub notices: Option<(u64, String)>,
    /// Links in the account menu.
    pub account: Vec<Link>,
    pub csrf: String,
    /// New for each page; with a form's name it is the form's idempotency key.
    pub once: String,
    /// `2026-11-21 周六`
    pub today: Text,
    pub flash: Option<Flash>,
    /// Seconds after which the page loads again where scripts are off (running jobs).
    pub refresh: Option<u32>,
    /// Loads the chart script.
    pub charts: bool,
}

impl Shell {
    /// A shell without viewer or places: public pages, sign-in, errors, tests.
    #[must_use]
    pub fn bare(title: Text, lang: Lang, path: &str) -> Self {
        Self { title, lang, path: path.to_owned(), ..Self::default() }
    }

    // Lists for templates, which expand in other crates and cannot name our types.
    #[must_use]
    pub fn langs(&self) -> [Lang; 3] {
        Lang::ALL
    }

    #[must_use]
    pub fn sizes(&self) -> [Size; 3] {
        Size::ALL
    }

    #[must_use]
    pub fn themes(&self) -> [Theme; 3] {
        Theme::ALL
    }

    /// This page in another language, for pages without a session.
    #[must_use]
    pub fn in_lang(&self, lang: &Lang) -> String {
        Address::parse(&self.path).with("lang", lang.code()).to_string()
    }

    /// This page in another text size, for pages without a session.
    #[must_use]
    pub fn in_size(&self, size: &Size) -> String {
        Address::parse(&self.path).with("size", size.code()).to_string()
    }
}

/// Who is looking.
#[derive(Clone, Debug, Default)]
pub struct Viewer {
    pub name: String,
    /// `相庄村 驻村第一书记`
    pub role: Text,
}

#[derive(Clone, Debug, Default)]
pub struct NavItem {
    pub label: Text,
    pub href: String,
    /// A symbol of `ui/icons.svg`.
    pub icon: &'static str,
    pub on: bool,
    pub count: Option<u64>,
}

#[derive(Clone, Debug, Default)]
pub struct Search {
    pub action: String,
    pub hint: Text,
    pub value: String,
}

/// What has just happened, said once on top of the next page; `undo` where it can be undone.
#[derive(Clone, Debug)]
pub struct Flash {
    pub tone: super::Tone,
    pub text: Text,
    pub undo: Option<Act>,
}

/// Light, dark, or as the system says (needs no script).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

impl Theme {
    pub const ALL: [Self; 3] = [Self::Auto, Self::Light, Self::Dark];

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Light => "light",
            Self::Dark => "dark",
        }
    }

    #[must_use]
    pub fn label(&self) -> Text {
        match self {
            Self::Auto => crate::text!("随系统"),
            Self::Light => crate::text!("浅色"),
            Self::Dark => crate::text!("深色"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|theme| theme.code() == code)
    }
}

/// Text size, a class on `html`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Size {
    #[default]
    Normal,
    Large,
    Larger,
}

impl Size {
    pub const ALL: [Self; 3] = [Self::Normal, Self::Large, Self::Larger];

    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Normal => "normal",
            Self::Large => "large",
            Self::Larger => "larger",
        }
    }

    #[must_use]
    pub fn label(&self) -> Text {
        match self {
            Self::Normal => crate::text!("标准"),
            Self::Large => crate::text!("大字"),
            Self::Larger => crate::text!("特大"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|size| size.code() == code)
    }
}
