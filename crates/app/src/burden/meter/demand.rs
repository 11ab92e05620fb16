//! Which form is whose demand: data, not code (`data/burden_forms.csv`).

use std::sync::OnceLock;

use base::i18n::Text;

/// A form and who asks for it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Demand {
    /// The address below which it is sent: its code in the sums.
    pub path: &'static str,
    /// `""` where nothing is counted.
    pub form: &'static str,
    /// Who asks; 连心 where only the product needs it.
    pub by: &'static str,
    /// On what basis; where nothing is counted, why not.
    pub basis: &'static str,
}

/// What the product asks for itself.
const OWN: &str = "连心";

impl Demand {
    #[must_use]
    pub const fn is_counted(&self) -> bool {
        !self.form.is_empty()
    }

    #[must_use]
    pub fn is_own(&self) -> bool {
        self.by == OWN
    }

    #[must_use]
    pub fn label(&self) -> Text {
        Text::key(self.form)
    }
}

/// The whole table, in its order.
pub fn all() -> &'static [Demand] {
    static TABLE: OnceLock<Vec<Demand>> = OnceLock::new();
    TABLE.get_or_init(|| include_str!("../../../data/burden_forms.csv").lines().skip(1).filter_map(line).collect())
}

fn line(text: &'static str) -> Option<Demand> {
    let cells: Vec<&'static str> = text.split(',').collect();
    let [path, form, by, basis] = *cells.as_slice() else { return None };
    Some(Demand { path, form, by, basis })
}

/// The form behind a route, by the longest address that it lies below; `None` where the table says nothing.
#[must_use]
pub fn of_route(route: &str) -> Option<&'static Demand> {
    let below =
        |one: &&Demand| route.strip_prefix(one.path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    all().iter().filter(below).max_by_key(|one| one.path.len())
}

/// The form of a stored sum.
#[must_use]
pub fn find(path: &str) -> Option<&'static Demand> {
    all().iter().find(|one| one.path == path && one.is_counted())
}
