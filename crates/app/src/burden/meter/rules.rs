//! What is a field, what is time, what is the same figure again, and which sums are too small to stand alone; pure.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::AddAssign,
};

use base::{i18n::Text, kernel::Month, text};

use super::demand::Demand;
use crate::accounts::Role;

/// Fewer forms than this do not stand alone.
pub const FLOOR: i64 = 5;
/// A role of fewer people in a county does not stand alone, however many forms they send: it would be their own account.
pub const HOLDERS: usize = 3;
/// A page that lay open longer was laid aside: its time is not counted.
pub const LONGEST_MINUTES: i64 = 30;

/// Fields that pages fill by themselves and nobody types anywhere.
const HIDDEN: [&str; 13] =
    ["csrf", "once", "version", "kept", "party", "line", "form", "act", "what", "sealed", "sheet", "spot", "view"];

/// Routes whose form opens with the record's own values: a figure that comes back was not typed again.
const OPEN_FILLED: [&str; 10] = [
    "/edit",
    "/counts",
    "/income",
    "/stars",
    "/text",
    "/plan",
    "/progress",
    "/talents/{county}/{id}",
    "/ten-households/{county}/{id}",
    "/units/{unit}",
];

/// How many fields carry something; several values of one name are one field.
#[must_use]
pub fn typed(fields: &[(String, String)]) -> i64 {
    let carries = fields.iter().filter(|(name, value)| !value.trim().is_empty() && !HIDDEN.contains(&name.as_str()));
    let names: BTreeSet<&str> = carries.map(|(name, _)| name.as_str()).collect();
    i64::try_from(names.len()).unwrap_or(i64::MAX)
}

/// The figures of a record's form. Telephones and codes are longer, a year says which figure is meant.
#[must_use]
pub fn figures<'a>(route: &str, fields: &'a [(String, String)]) -> Vec<(&'a str, &'a str)> {
    if !route.contains('{') || OPEN_FILLED.iter().any(|end| route.ends_with(end)) {
        return Vec::new();
    }
    let is_figure = |value: &str| {
        let digits = value.bytes().filter(u8::is_ascii_digit).count();
        (1..=9).contains(&digits) && value.bytes().all(|b| b.is_ascii_digit() || b == b'.')
    };
    let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.trim()));
    pairs.filter(|(name, value)| *name != "year" && !HIDDEN.contains(name) && is_figure(value)).collect()
}

/// The time a form took, in seconds, where the page did not lie open too long.
#[must_use]
pub fn took(milliseconds: Option<i64>) -> Option<i64> {
    let seconds = milliseconds?.checked_add(500)? / 1_000;
    (0..=LONGEST_MINUTES * 60).contains(&seconds).then_some(seconds)
}

/// Of forms taken together: how many were taken, their fields, the seconds of those (and of what came back) whose time is
/// known and how many of the taken these are, how many came back, how many figures were typed again.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Sums {
    pub forms: i64,
    pub fields: i64,
    pub seconds: i64,
    pub timed: i64,
    pub returned: i64,
    pub again: i64,
}

impl Sums {
    /// One form that was taken.
    #[must_use]
    pub fn sent(fields: i64, milliseconds: Option<i64>, again: i64) -> Self {
        let took = took(milliseconds);
        Self { forms: 1, fields, seconds: took.unwrap_or(0), timed: i64::from(took.is_some()), returned: 0, again }
    }

    /// One form that came back: its time was spent, its fields are counted when it is taken.
    #[must_use]
    pub fn returned(milliseconds: Option<i64>) -> Self {
        Self { seconds: took(milliseconds).unwrap_or(0), returned: 1, ..Self::default() }
    }

    #[must_use]
    pub const fn minutes(&self) -> i64 {
        (self.seconds + 30) / 60
    }

    /// Fields of one form on average, with one decimal.
    #[must_use]
    pub fn fields_each(&self) -> String {
        tenths(self.fields, self.forms)
    }

    /// Minutes of one form on average, with one decimal, over those whose time is known.
    #[must_use]
    pub fn minutes_each(&self) -> String {
        tenths(self.seconds, self.timed * 60)
    }
}

impl AddAssign for Sums {
    fn add_assign(&mut self, more: Self) {
        self.forms += more.forms;
        self.fields += more.fields;
        self.seconds += more.seconds;
        self.timed += more.timed;
        self.returned += more.returned;
        self.again += more.again;
    }
}

/// `12.3`; a dash where there is nothing to divide by.
fn tenths(sum: i64, among: i64) -> String {
    if among == 0 {
        return "—".into();
    }
    let tenths = (sum * 10 + among / 2) / among;
    format!("{}.{}", tenths / 10, tenths % 10)
}

/// Sums of a month: no role or no form where several were folded together.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Line {
    pub month: Month,
    pub role: Option<Role>,
    pub form: Option<&'static Demand>,
    pub sums: Sums,
}

impl Line {
    #[must_use]
    pub fn who(&self) -> Text {
        self.role.map_or_else(|| text!("其他岗位"), Role::label)
    }

    #[must_use]
    pub fn what(&self) -> Text {
        self.form.map_or_else(|| text!("其他表"), Demand::label)
    }
}

/// Sums that may be shown. In a month, roles with few forms are folded together, whatever their forms, and of a role the
/// forms that are few; where what is folded still is one thing or few, the next smallest joins it, so that no difference
/// gives it away. A month with fewer forms in all is left out. Roles of which it is not known that they `may_stand` alone
/// in a month, and the three administrators, never do.
#[must_use]
pub fn fold(kept: &[Line], may_stand: impl Fn(Month, Role) -> bool) -> Vec<Line> {
    let mut shown: BTreeMap<(Month, Option<Role>, Option<&'static Demand>), Sums> = BTreeMap::new();
    for (month, sums) in by(kept, |one| one.month) {
        if sums.forms < FLOOR {
            continue;
        }
        let mut rows: Vec<Line> = kept.iter().filter(|one| one.month == month).copied().collect();
        let small = too_small(&by(&rows, |one| one.role), |role| {
            role.is_none_or(|role| role.is_administrator() || !may_stand(month, role))
        });
        rows.iter_mut().filter(|one| small.contains(&one.role)).for_each(|one| one.role = None);
        for role in rows.iter().map(|one| one.role).collect::<BTreeSet<_>>() {
            let own: Vec<Line> = rows.iter().filter(|one| one.role == role).copied().collect();
            let small = too_small(&by(&own, |one| one.form), |form| form.is_none());
            for one in own {
                let form = one.form.filter(|_| role.is_some() && !small.contains(&one.form));
                *shown.entry((month, role, form)).or_default() += one.sums;
            }
        }
    }
    shown.into_iter().map(|((month, role, form), sums)| Line { month, role, form, sums }).collect()
}

/// The keys that are folded together, those `always` first.
fn too_small<K: Copy + Ord>(sizes: &BTreeMap<K, Sums>, always: impl Fn(K) -> bool) -> BTreeSet<K> {
    let mut by_size: Vec<_> = sizes.iter().map(|(key, sums)| (!always(*key), sums.forms, *key)).collect();
    by_size.sort_unstable();
    let (mut small, mut sum) = (BTreeSet::new(), 0);
    for (may_stand, forms, key) in by_size {
        let wants_more = !small.is_empty() && (small.len() < 2 || sum < FLOOR);
        if !may_stand || forms < FLOOR || wants_more {
            small.insert(key);
            sum += forms;
        }
    }
    small
}

/// Sums by a key of their lines.
#[must_use]
pub fn by<K: Ord>(lines: &[Line], key: impl Fn(&Line) -> K) -> BTreeMap<K, Sums> {
    let mut found: BTreeMap<K, Sums> = BTreeMap::new();
    for line in lines {
        *found.entry(key(line)).or_default() += line.sums;
    }
    found
}

/// All of them together.
#[must_use]
pub fn total(lines: &[Line]) -> Sums {
    by(lines, |_| ()).remove(&()).unwrap_or_default()
}
