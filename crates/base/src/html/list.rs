//! Data of list pages: filters and sort stand in the address.

use super::{Address, Choice, Link};
use crate::i18n::Text;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sort {
    Up,
    Down,
}

#[derive(Clone, Debug, Default)]
pub struct Column {
    pub label: Text,
    pub num: bool,
    /// Where a click on the head leads, if the column sorts.
    pub href: Option<String>,
    pub sorted: Option<Sort>,
}

impl Column {
    #[must_use]
    pub fn new(label: Text) -> Self {
        Self { label, ..Self::default() }
    }

    /// Figures, set right.
    #[must_use]
    pub fn num(self) -> Self {
        Self { num: true, ..self }
    }

    /// Sorts by `key`: `?sort=due` upwards, `?sort=-due` downwards, back to page one.
    #[must_use]
    pub fn sort(self, address: &Address, key: &str) -> Self {
        let down = format!("-{key}");
        let (sorted, next) = match address.get("sort") {
            now if now == key => (Some(Sort::Up), down.as_str()),
            now if now == down => (Some(Sort::Down), key),
            _ => (None, key),
        };
        let href = address.without("page").without("after").with("sort", next).to_string();
        Self { href: Some(href), sorted, ..self }
    }

    /// The icon of the order.
    #[must_use]
    pub fn arrow(&self) -> Option<&'static str> {
        self.sorted.map(|sort| match sort {
            Sort::Up => "up-arrow",
            Sort::Down => "down-arrow",
        })
    }

    /// `aria-sort`
    #[must_use]
    pub fn aria(&self) -> &'static str {
        match self.sorted {
            Some(Sort::Up) => "ascending",
            Some(Sort::Down) => "descending",
            None => "none",
        }
    }
}

/// A view someone saved, or one that we offer.
pub type SavedView = Link;

#[derive(Clone, Debug)]
pub struct Filter {
    pub name: &'static str,
    pub label: Text,
    pub kind: FilterKind,
    pub value: String,
}

#[derive(Clone, Debug)]
pub enum FilterKind {
    /// The first choice, without a value, means all.
    Select(Vec<Choice>),
    Words,
    Day,
}

impl Filter {
    #[must_use]
    pub fn choices(&self) -> Option<&[Choice]> {
        match &self.kind {
            FilterKind::Select(choices) => Some(choices),
            FilterKind::Words | FilterKind::Day => None,
        }
    }

    /// The type of the input.
    #[must_use]
    pub fn input(&self) -> &'static str {
        match self.kind {
            FilterKind::Day => "date",
            FilterKind::Words | FilterKind::Select(_) => "search",
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Pager {
    /// First and last row shown.
    pub from: u64,
    pub to: u64,
    pub prev: Option<String>,
    pub next: Option<String>,
}

/// What stands around the rows of a list.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Says what the table holds, for those who hear the page.
    pub caption: Text,
    /// Where the filter form goes: this page.
    pub action: String,
    pub filters: Vec<Filter>,
    /// Parameters to keep that no filter shows (sort, view).
    pub kept: Vec<(String, String)>,
    /// Leads to the list without filters, when there are any.
    pub clear: Option<String>,
    pub columns: Vec<Column>,
    /// Rows in all, `None` where counting costs too much.
    pub total: Option<u64>,
    pub pager: Pager,
    pub xlsx: Option<String>,
    pub csv: Option<String>,
    /// Where "save this view" leads.
    pub save: Option<String>,
}

impl Table {
    /// Takes kept parameters, the clear link and both exports (`/matters.xlsx`, `/matters.csv`) from the page's address.
    #[must_use]
    pub fn new(caption: Text, address: &Address, filters: Vec<Filter>, columns: Vec<Column>) -> Self {
        let names: Vec<&str> = filters.iter().map(|filter| filter.name).chain(["page", "after"]).collect();
        let filtered = filters.iter().any(|filter| !filter.value.is_empty());
        let cleared = filters.iter().fold(address.without("page").without("after"), |left, one| left.without(one.name));
        let all = address.without("page").without("after");
        Self {
            caption,
            action: address.path().to_owned(),
            kept: address.others(&names),
            clear: filtered.then(|| cleared.to_string()),
            xlsx: Some(all.at(&format!("{}.xlsx", address.path())).to_string()),
            csv: Some(all.at(&format!("{}.csv", address.path())).to_string()),
            filters,
            columns,
            ..Self::default()
        }
    }

    #[must_use]
    pub fn rows(self, total: Option<u64>, pager: Pager) -> Self {
        Self { total, pager, ..self }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_second_click_turns_the_order() {
        let address = Address::parse("/matters?state=open&page=4&sort=due");
        let column = Column::new(Text::data("期限")).sort(&address, "due");
        assert_eq!(column.aria(), "ascending");
        assert_eq!(column.href.as_deref(), Some("/matters?state=open&sort=-due"));
    }

    #[test]
    fn an_export_holds_what_is_shown_and_clearing_keeps_the_order() {
        let address = Address::parse("/matters?state=open&page=4&sort=due");
        let filter =
            Filter { name: "state", label: Text::data("状态"), kind: FilterKind::Words, value: "open".into() };
        let table = Table::new(Text::default(), &address, vec![filter], vec![]);
        assert_eq!(table.csv.as_deref(), Some("/matters.csv?state=open&sort=due"));
        assert_eq!(table.clear.as_deref(), Some("/matters?sort=due"));
        assert_eq!(table.kept, [("sort".to_owned(), "due".to_owned())]);
    }
}
