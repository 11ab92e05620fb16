//! Who may do what: role × permission in one table, the scope by code range in every query.

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

/// What a route asks for. The table of roles below is the whole of it.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Permission {
    /// Anyone, signed in or not.
    Public,
    /// Anyone who is signed in with a working account.
    SignedIn,
    PlacesRead,
    PlacesWrite,
    UnitsRead,
    UnitsWrite,
    PeopleRead,
    PeopleWrite,
    /// A full view of an ID number; each is logged.
    IdNumberRead,
    PostingsRead,
    PostingsWrite,
    Import,
    StatisticsRead,
    AccountsRead,
    AccountsWrite,
    AuditRead,
    SystemRead,
}

impl Permission {
    pub const ALL: [Self; 17] = [
        Self::Public,
        Self::SignedIn,
        Self::PlacesRead,
        Self::PlacesWrite,
        Self::UnitsRead,
        Self::UnitsWrite,
        Self::PeopleRead,
        Self::PeopleWrite,
        Self::IdNumberRead,
        Self::PostingsRead,
        Self::PostingsWrite,
        Self::Import,
        Self::StatisticsRead,
        Self::AccountsRead,
        Self::AccountsWrite,
        Self::AuditRead,
        Self::SystemRead,
    ];

    /// The name in `routes.txt` and `permissions.txt`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::SignedIn => "signed-in",
            Self::PlacesRead => "places.read",
            Self::PlacesWrite => "places.write",
            Self::UnitsRead => "units.read",
            Self::UnitsWrite => "units.write",
            Self::PeopleRead => "people.read",
            Self::PeopleWrite => "people.write",
            Self::IdNumberRead => "id-number.read",
            Self::PostingsRead => "postings.read",
            Self::PostingsWrite => "postings.write",
            Self::Import => "import",
            Self::StatisticsRead => "statistics.read",
            Self::AccountsRead => "accounts.read",
            Self::AccountsWrite => "accounts.write",
            Self::AuditRead => "audit.read",
            Self::SystemRead => "system.read",
        }
    }

    /// What it lets one do, for the page that shows the table.
    #[must_use]
    pub fn label(self) -> Text {
        match self {
            Self::Public => text!("不登录也能看"),
            Self::SignedIn => text!("登录即可"),
            Self::PlacesRead => text!("看区划和村情"),
            Self::PlacesWrite => text!("改区划和村情"),
            Self::UnitsRead => text!("看派出单位"),
            Self::UnitsWrite => text!("改派出单位"),
            Self::PeopleRead => text!("看选派干部"),
            Self::PeopleWrite => text!("改选派干部"),
            Self::IdNumberRead => text!("看完整身份证号（每次留痕）"),
            Self::PostingsRead => text!("看派驻"),
            Self::PostingsWrite => text!("办派驻"),
            Self::Import => text!("导入名册"),
            Self::StatisticsRead => text!("看统计"),
            Self::AccountsRead => text!("看账号"),
            Self::AccountsWrite => text!("建账号、授职责"),
            Self::AuditRead => text!("看审计记录"),
            Self::SystemRead => text!("看系统运行"),
        }
    }

    /// The roles that hold it. `Public` and `SignedIn` ask for none.
    #[must_use]
    pub const fn roles(self) -> &'static [Role] {
        use Role::{Auditor, Branch, Cadre, Department, Leader, Mentor, Office, Secadmin, Sysadmin, Township, Unit};
        match self {
            Self::Public | Self::SignedIn => &[],
            Self::PlacesRead => &[Office, Township, Cadre, Unit, Branch, Leader, Mentor, Department],
            Self::PlacesWrite | Self::PostingsWrite | Self::Import | Self::UnitsWrite | Self::PeopleWrite => &[Office],
            Self::UnitsRead => &[Office, Township, Unit, Leader, Department],
            Self::PeopleRead | Self::PostingsRead => &[Office, Township, Cadre, Unit, Branch, Leader],
            Self::IdNumberRead => &[Office],
            Self::StatisticsRead => &[Office, Township, Leader, Cadre, Branch],
            Self::AccountsRead | Self::AccountsWrite => &[Secadmin],
            Self::AuditRead => &[Auditor],
            Self::SystemRead => &[Sysadmin],
        }
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

    /// Appends ` and (…)` that lets through rows of the scope's places, units or own person, and the county range
    /// that keeps the query on its tenants. `unit` and `person` name no column where rows have none.
    pub fn narrow(&self, query: &mut Query, columns: Columns) {
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
        if let (Some(column), Some(id)) = (columns.person, &self.person) {
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

/// Who is signed in: the account and what it may do today.
#[derive(Clone, Debug)]
pub struct Viewer {
    pub account_id: String,
    pub sign_in_name: String,
    pub name: String,
    pub person_id: Option<String>,
    pub home: DivisionCode,
    pub grants: Vec<Grant>,
}

impl Viewer {
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
        for grant in self.grants.iter().filter(|grant| permission.roles().contains(&grant.role)) {
            if let Some(unit) = &grant.unit_id {
                scope.units.push(unit.clone());
            } else if let Some(division) = grant.division {
                scope.areas.push(division.area());
            }
            if grant.role == Role::Cadre {
                scope.person.clone_from(&self.person_id);
            }
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
        let levels = self.grants.iter().filter_map(|grant| grant.division).map(DivisionCode::level);
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
    /// The command line, named after the operating system's user where known.
    #[must_use]
    pub fn command_line(clock: base::kernel::Clock) -> Self {
        Self { account_id: "command-line".into(), name: "命令行".into(), at: clock.now(), today: clock.today() }
    }
}
