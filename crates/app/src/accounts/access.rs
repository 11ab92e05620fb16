//! Who may do what: role × permission in one table, the scope by code range in every query.

use super::Permission;
use base::{
    db::Query,
    i18n::Text,
    kernel::{Area, Day, DivisionCode, Level},
    text,
    web::AppError,
};

/// A role of an account (`product.md`); villagers have none.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Role {
    Office,
    Township,
    Cadre,
    Unit,
    Department,
    Branch,
    Mentor,
    Judge,
    Leader,
    Sysadmin,
    Secadmin,
    Auditor,
}

impl Role {
    pub const ALL: [Self; 12] = [
        Self::Office,
        Self::Township,
        Self::Cadre,
        Self::Unit,
        Self::Department,
        Self::Branch,
        Self::Mentor,
        Self::Judge,
        Self::Leader,
        Self::Sysadmin,
        Self::Secadmin,
        Self::Auditor,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Office => "office",
            Self::Township => "township",
            Self::Cadre => "cadre",
            Self::Unit => "unit",
            Self::Department => "department",
            Self::Branch => "branch",
            Self::Mentor => "mentor",
            Self::Judge => "judge",
            Self::Leader => "leader",
            Self::Sysadmin => "sysadmin",
            Self::Secadmin => "secadmin",
            Self::Auditor => "auditor",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Office => "驻村办",
            Self::Township => "乡镇党委",
            Self::Cadre => "驻村干部",
            Self::Unit => "派出单位",
            Self::Department => "责任部门",
            Self::Branch => "村党支部",
            Self::Mentor => "导师",
            Self::Judge => "评委",
            Self::Leader => "领导",
            Self::Sysadmin => "系统管理员",
            Self::Secadmin => "安全保密管理员",
            Self::Auditor => "安全审计员",
        }
    }

    /// The name in the viewer's language.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Office => text!("驻村办"),
            Self::Township => text!("乡镇党委"),
            Self::Cadre => text!("驻村干部"),
            Self::Unit => text!("派出单位"),
            Self::Department => text!("责任部门"),
            Self::Branch => text!("村党支部"),
            Self::Mentor => text!("导师"),
            Self::Judge => text!("评委"),
            Self::Leader => text!("领导"),
            Self::Sysadmin => text!("系统管理员"),
            Self::Secadmin => text!("安全保密管理员"),
            Self::Auditor => text!("安全审计员"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.code() == code)
    }

    /// The three administrators are kept apart: no account holds two of these, nor one of these beside a working role.
    #[must_use]
    pub const fn is_administrator(self) -> bool {
        matches!(self, Self::Sysadmin | Self::Secadmin | Self::Auditor)
    }

    /// Whether the role is held for a unit rather than for a division.
    #[must_use]
    pub const fn is_of_unit(self) -> bool {
        matches!(self, Self::Unit | Self::Department)
    }
}

/// One role of an account, where and how long it holds.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Grant {
    pub role: Role,
    pub division: Option<DivisionCode>,
    pub unit_id: Option<String>,
}

/// What the viewer may see for one permission: places, units, and one's own records.
///
/// Every list takes it first; an empty scope sees nothing.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Scope {
    areas: Vec<Area>,
    units: Vec<String>,
    person: Option<String>,
}

impl Scope {
    /// A place and all below it: for the command line, tests and roll-ups.
    #[must_use]
    pub fn of(division: DivisionCode) -> Self {
        Self { areas: vec![division.area()], ..Self::default() }
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.areas.is_empty() && self.units.is_empty() && self.person.is_none()
    }

    #[must_use]
    pub fn areas(&self) -> &[Area] {
        &self.areas
    }

    #[must_use]
    pub fn units(&self) -> &[String] {
        &self.units
    }

    /// The one area that is all of the scope; none where units, a person or other areas belong to it.
    #[must_use]
    pub fn one_area(&self) -> Option<Area> {
        match (self.areas.as_slice(), self.units.is_empty(), &self.person) {
            ([area], true, None) => Some(*area),
            _ => None,
        }
    }

    #[must_use]
    pub fn holds(&self, division: DivisionCode) -> bool {
        self.areas.iter().any(|area| area.contains(division))
    }

    /// 404 when the place lies outside, so that nobody learns what exists elsewhere.
    pub fn require(&self, division: DivisionCode) -> Result<(), AppError> {
        if self.holds(division) { Ok(()) } else { Err(AppError::NotFound) }
    }

    /// Only what also lies in `division`: the place the viewer switched to.
    #[must_use]
    pub fn within(&self, division: DivisionCode) -> Self {
        let area = division.area();
        let areas = self.areas.iter().filter_map(|own| own.intersect(area)).collect();
        Self { areas, units: self.units.clone(), person: self.person.clone() }
    }

    /// Whether it is made of whole counties.
    #[must_use]
    pub fn is_of_counties(&self) -> bool {
        let whole = |area: &Area| {
            let (first, last) = area.counties();
            area.first <= first * 1_000_000 && area.last >= last * 1_000_000 + 999_999
        };
        !self.areas.is_empty() && self.areas.iter().all(whole)
    }

    /// Appends ` and (…)` that lets through rows of the scope's places, units or own person, and the county range
    /// that keeps the query on its tenants. `unit` and `person` name no column where rows have none.
    pub fn narrow(&self, query: &mut Query, columns: Columns) {
        self.narrow_to(query, columns, columns.person.as_slice());
    }

    /// As [`Scope::narrow`] for rows that are several people's: any of the columns may name the viewer.
    pub fn narrow_to(&self, query: &mut Query, columns: Columns, people: &[&'static str]) {
        self.narrow_counties(query, columns.county);
        query.push(" and (");
        let mut first = true;
        for area in &self.areas {
            query.push(if first { "" } else { " or " }).push(columns.division);
            query.push(" between ").push_bind(area.first).push(" and ").push_bind(area.last);
            first = false;
        }
        if let Some(unit) = columns.unit {
            for id in &self.units {
                query.push(if first { "" } else { " or " }).push(unit).push(" = ").push_bind(id);
                first = false;
            }
        }
        for column in people {
            let Some(id) = &self.person else { continue };
            query.push(if first { "" } else { " or " }).push(column).push(" = ").push_bind(id);
            first = false;
        }
        query.push(if first { "1 = 0)" } else { ")" });
    }

    fn narrow_counties(&self, query: &mut Query, county: &'static str) {
        // A unit's or a person's rows may lie in any county, so only places narrow the tenants.
        if !self.units.is_empty() || self.person.is_some() {
            return;
        }
        let ranges = self.areas.iter().map(|area| area.counties());
        let Some((first, last)) = ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))) else { return };
        query.push(" and ").push(county);
        if first == last {
            query.push(" = ").push_bind(first);
        } else {
            query.push(" between ").push_bind(first).push(" and ").push_bind(last);
        }
    }

    /// The scope's one division when it is exactly one: where the viewer's pages begin.
    #[must_use]
    pub fn home(&self) -> Option<DivisionCode> {
        let area = self.areas.iter().max_by_key(|area| area.last - area.first)?;
        DivisionCode::from_i64(area.first)
    }
}

/// The columns of a query that a scope narrows.
#[derive(Clone, Copy)]
pub struct Columns {
    pub county: &'static str,
    pub division: &'static str,
    pub unit: Option<&'static str>,
    pub person: Option<&'static str>,
}

/// A duty of somebody else that the viewer stands in for today. Never one of the three administrators'.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct StandIn {
    pub grant: Grant,
    /// Whose duty it is.
    pub account_id: String,
    pub name: String,
}

/// Who is signed in: the account and what it may do today.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub account_id: String,
    pub sign_in_name: String,
    pub name: String,
    pub person_id: Option<String>,
    pub home: DivisionCode,
    /// The viewer's own duties.
    pub grants: Vec<Grant>,
    /// Duties that others have left to the viewer for a time.
    pub stands_in: Vec<StandIn>,
}

impl Viewer {
    /// Own duties, then those stood in for.
    pub fn duties(&self) -> impl Iterator<Item = &Grant> {
        self.grants.iter().chain(self.stands_in.iter().map(|one| &one.grant))
    }

    /// For whom the viewer acts when doing this as one of `roles`: nobody where an own duty allows it. With a place, the
    /// duty must hold there.
    #[must_use]
    pub fn acts_for(&self, roles: &[Role], place: Option<DivisionCode>) -> Option<&StandIn> {
        let allows = |grant: &Grant| {
            let there = |division: DivisionCode| place.is_none_or(|place| division.contains(place));
            roles.contains(&grant.role) && (grant.unit_id.is_some() || grant.division.is_some_and(there))
        };
        if self.grants.iter().any(allows) {
            return None;
        }
        self.stands_in.iter().find(|one| allows(&one.grant))
    }

    /// Whether a duty with one of these roles holds at the place, own or stood in for.
    #[must_use]
    pub fn holds_at(&self, roles: &[Role], place: DivisionCode) -> bool {
        let there = |grant: &Grant| grant.division.is_some_and(|division| division.contains(place));
        self.duties().any(|grant| roles.contains(&grant.role) && there(grant))
    }

    /// The person whose records are the viewer's own, for somebody who serves in a village.
    #[must_use]
    pub fn own_person(&self) -> Option<&str> {
        self.person_id.as_deref().filter(|_| self.has(Role::Cadre))
    }

    #[must_use]
    pub fn has(&self, role: Role) -> bool {
        self.grants.iter().any(|grant| grant.role == role)
    }

    #[must_use]
    pub fn may(&self, permission: Permission) -> bool {
        !matches!(permission, Permission::Public | Permission::SignedIn) && !self.scope(permission).is_empty()
            || matches!(permission, Permission::Public | Permission::SignedIn)
    }

    /// Places, units and own records for which this viewer holds the permission.
    #[must_use]
    pub fn scope(&self, permission: Permission) -> Scope {
        let mut scope = Scope::default();
        for grant in self.duties().filter(|grant| permission.roles().contains(&grant.role)) {
            if let Some(unit) = &grant.unit_id {
                scope.units.push(unit.clone());
            } else if let Some(division) = grant.division {
                scope.areas.push(division.area());
            }
        }
        // Who stands in for somebody of a village sees the village, not that person's own records.
        if permission.roles().contains(&Role::Cadre) && self.has(Role::Cadre) {
            scope.person.clone_from(&self.person_id);
        }
        scope
    }

    /// `驻村办 · 社旗县`-like line needs names; this is the roles alone.
    #[must_use]
    pub fn roles_zh(&self) -> String {
        let mut names: Vec<&str> = self.grants.iter().map(|grant| grant.role.zh()).collect();
        names.dedup();
        names.join("、")
    }

    /// The highest level at which the viewer works; decides what Today and the dashboard begin with.
    #[must_use]
    pub fn level(&self) -> Level {
        let levels = self.duties().filter_map(|grant| grant.division).map(DivisionCode::level);
        levels.min().unwrap_or(Level::County)
    }
}

/// Who did something and when, for audit lines and events.
#[derive(Clone, Debug)]
pub struct Actor {
    pub account_id: String,
    pub name: String,
    pub at: base::kernel::Instant,
    pub today: Day,
}

impl Actor {
    /// Doing it for somebody: the deed shows both names.
    #[must_use]
    pub fn standing_in(mut self, whose: Option<&StandIn>) -> Self {
        if let Some(whose) = whose {
            self.name = format!("{}（代{}）", self.name, whose.name);
        }
        self
    }

    /// The command line, named after the operating system's user where known.
    #[must_use]
    pub fn command_line(clock: base::kernel::Clock) -> Self {
        Self { account_id: "command-line".into(), name: "命令行".into(), at: clock.now(), today: clock.today() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is kept of an area must not be shown to who sees more than the area, or less.
    #[test]
    fn a_scope_is_one_area_only_where_nothing_else_belongs_to_it() {
        let area = DivisionCode::parse("411327107000").expect("a code").area();
        let other = DivisionCode::parse("411327104000").expect("a code").area();
        let scope = |areas: &[Area], unit: Option<&str>, person: Option<&str>| Scope {
            areas: areas.to_vec(),
            units: unit.map(str::to_owned).into_iter().collect(),
            person: person.map(str::to_owned),
        };
        assert_eq!(scope(&[area], None, None).one_area(), Some(area));
        assert_eq!(scope(&[area], None, Some("cadre")).one_area(), None, "their own posts lie elsewhere too");
        assert_eq!(scope(&[area], Some("unit"), None).one_area(), None);
        assert_eq!(scope(&[area, other], None, None).one_area(), None);
        assert_eq!(scope(&[], None, None).one_area(), None);
    }
}
