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

/// Which page of a list an address asks for, and how many rows a page has. Pages count from 1; what is no page is the
/// first, what lies beyond any list is cut to where numbers still are safe.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pages {
    page: usize,
    size: usize,
}

impl Pages {
    const LAST: usize = 100_000;

    /// Pages of the usual 50 rows.
    #[must_use]
    pub fn of(address: &Address) -> Self {
        Self::sized(address, 50)
    }

    #[must_use]
    pub fn sized(address: &Address, size: usize) -> Self {
        Self { page: address.get("page").parse().unwrap_or(1).clamp(1, Self::LAST), size }
    }

    /// Rows that come before this page.
    #[must_use]
    pub const fn before(self) -> usize {
        (self.page - 1) * self.size
    }

    /// `limit` and `offset` of a statement.
    #[must_use]
    pub fn span(self) -> (i64, i64) {
        let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
        (number(self.size), number(self.before()))
    }

    /// This page of rows that are all at hand.
    pub fn cut<T>(self, rows: impl IntoIterator<Item = T>) -> impl Iterator<Item = T> {
        rows.into_iter().skip(self.before()).take(self.size)
    }

    /// The links to the pages before and after, of a list with so many rows in all.
    #[must_use]
    pub fn pager(self, address: &Address, total: impl TryInto<usize>) -> Pager {
        let total = total.try_into().unwrap_or(0);
        let to = (self.before() + self.size).min(total).max(self.before());
        let at = |page: usize| address.with("page", &page.to_string()).to_string();
        Pager {
            from: self.before() as u64 + 1,
            to: to as u64,
            prev: (self.page > 1).then(|| at(self.page - 1)),
            next: (to < total).then(|| at(self.page + 1)),
        }
    }
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

    #[test]
    fn a_list_is_paged_by_its_address_whatever_stands_there() {
        for (asked, page, from, to, prev, next) in [
            ("/postings", 1, 1, 50, None, Some("/postings?page=2")),
            ("/postings?page=2", 2, 51, 100, Some("/postings?page=1"), Some("/postings?page=3")),
            ("/postings?page=3", 3, 101, 120, Some("/postings?page=2"), None),
            ("/postings?page=4", 4, 151, 150, Some("/postings?page=3"), None),
            ("/postings?page=0", 1, 1, 50, None, Some("/postings?page=2")),
            ("/postings?page=-3", 1, 1, 50, None, Some("/postings?page=2")),
            ("/postings?page=x", 1, 1, 50, None, Some("/postings?page=2")),
        ] {
            let address = Address::parse(asked);
            let pages = Pages::of(&address);
            let pager = pages.pager(&address, 120_i64);
            assert_eq!(pages.span(), (50, (page - 1) * 50), "{asked}");
            assert_eq!((pager.from, pager.to), (from, to), "{asked}");
            assert_eq!((pager.prev.as_deref(), pager.next.as_deref()), (prev, next), "{asked}");
        }
    }

    #[test]
    fn no_page_is_too_far_for_a_number() {
        for asked in ["/p?page=9223372036854775807", "/p?page=18446744073709551615", "/p?page=99999999999999999999999"]
        {
            let address = Address::parse(asked);
            let (limit, offset) = Pages::of(&address).span();
            assert!(limit == 50 && (0..=5_000_000).contains(&offset), "{asked}: {offset}");
        }
        assert_eq!(Pages::sized(&Address::parse("/p?page=2"), 3).cut(1..=7).collect::<Vec<_>>(), [4, 5, 6]);
    }
}
