//! What makes a problem one that can be planned; each fault names what is wrong with whom.

use std::collections::HashMap;

use crate::{Locks, Parameters, Problem, Unit, Village, problem::tidy};

/// Which table a row stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Table {
    Villages,
    Units,
    People,
}

impl Table {
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Table::Villages => "村",
            Table::Units => "单位",
            Table::People => "人员",
        }
    }
}

/// Why there is no plan. Shortage is no fault: it leaves villages unmet.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    #[error("{}表第 {row} 行没有编号，请补上。", table.name())]
    NoId { table: Table, row: usize },
    #[error("{}编号 {id} 出现了不止一次，请只留一行。", table.name())]
    Duplicate { table: Table, id: String },
    #[error("人员 {person} 的单位 {unit} 不在单位表中，请核对。")]
    PersonOfUnknownUnit { person: String, unit: String },
    #[error("村 {village} 的指定单位 {unit} 不在单位表中，请核对。")]
    FixedUnknownUnit { village: String, unit: String },
    #[error("村 {village} 的回避单位 {unit} 不在单位表中，请核对。")]
    ForbiddenUnknownUnit { village: String, unit: String },
    #[error("村 {village} 既指定又回避单位 {unit}，请去掉一项。")]
    FixedAndForbidden { village: String, unit: String },
    #[error("村 {village} 的队伍人数 {size} 不行，至少 {least} 人。")]
    TeamSize { village: String, size: i64, least: i64 },
    #[error("单位 {unit} 的最多队数 {teams} 不行，不能是负数。")]
    MaxTeams { unit: String, teams: i64 },
    #[error("单位 {unit} 的所在地代码 {code} 不行，按其层级至少要 {digits} 位数字。")]
    HomeCode { unit: String, code: String, digits: usize },
    #[error("人员 {person} 的级别 {rank} 不行，从 1 起。")]
    Rank { person: String, rank: i64 },
    #[error("制度参数 {0} 超出范围，请核对制度包。")]
    Parameter(&'static str),
    #[error("锁定的村 {0} 不在村表中。")]
    LockedUnknownVillage(String),
    #[error("锁定的单位 {0} 不在单位表中。")]
    LockedUnknownUnit(String),
    #[error("锁定的人员 {0} 不在人员表中。")]
    LockedUnknownPerson(String),
    #[error("村 {village} 同时锁定给 {one} 和 {other}，请只留一个。")]
    VillageLockedTwice { village: String, one: String, other: String },
    #[error("人员 {person} 同时锁定到村 {one} 和 {other}，请只留一个。")]
    PersonLockedTwice { person: String, one: String, other: String },
    #[error("村 {village} 指定单位 {fixed}，不能锁定给 {locked}。")]
    LockedAgainstFixed { village: String, fixed: String, locked: String },
    #[error("村 {village} 回避单位 {unit}，不能锁定给它。")]
    LockedButForbidden { village: String, unit: String },
    #[error("村 {village} 不在单位 {unit} 的服务范围或类别之内，不能锁定给它。")]
    LockedOutOfReach { village: String, unit: String },
    #[error("人员 {person} 按规定不能派到村 {village}（关口、年龄或家乡乡镇），不能锁定。")]
    LockedUnfit { person: String, village: String },
    #[error("村 {village} 锁定了 {people} 人，队伍只有 {size} 人。")]
    LockedTooMany { village: String, people: usize, size: usize },
    #[error("单位 {unit} 锁定了 {villages} 个村，最多派 {teams} 队。")]
    LockedTooOften { unit: String, villages: usize, teams: usize },
}

/// A problem without faults, its ids looked up. Made by [`Problem::check`].
#[derive(Debug, Clone)]
pub struct Checked {
    pub(crate) problem: Problem,
    pub(crate) village_at: HashMap<String, usize>,
    pub(crate) unit_at: HashMap<String, usize>,
    pub(crate) person_at: HashMap<String, usize>,
    /// The team size of each village.
    pub(crate) sizes: Vec<usize>,
    pub(crate) locks: Locks,
}

impl Checked {
    /// The problem as it is planned: ids and tags trimmed, tags each once.
    #[must_use]
    pub fn problem(&self) -> &Problem {
        &self.problem
    }

    #[must_use]
    pub fn locks(&self) -> &Locks {
        &self.locks
    }

    /// The team size of a village by its place in the table: stated, or its category's.
    #[must_use]
    pub fn team_size(&self, village: usize) -> Option<usize> {
        self.sizes.get(village).copied()
    }
}

impl Problem {
    /// Looks at every row before anything is planned.
    ///
    /// # Errors
    /// All faults found, in the order of villages, units and people. A fixed unit that merely cannot serve its village is
    /// none: the plan leaves the village unmet and says why. Neighbours that are no rows are passed over, as the model says.
    pub fn check(mut self) -> Result<Checked, Vec<Fault>> {
        let mut faults: Vec<Fault> = self.parameters.fault().map(Fault::Parameter).into_iter().collect();
        self.tidy();
        let ids = |table, ids: Vec<&str>, faults: &mut Vec<Fault>| {
            let mut at = HashMap::with_capacity(ids.len());
            let mut told = std::collections::HashSet::new();
            for (row, id) in ids.into_iter().enumerate() {
                if id.is_empty() {
                    faults.push(Fault::NoId { table, row: row + 1 });
                } else if at.insert(id.to_owned(), row).is_some() && told.insert(id.to_owned()) {
                    faults.push(Fault::Duplicate { table, id: id.to_owned() });
                }
            }
            at
        };
        let village_at = ids(Table::Villages, self.villages.iter().map(|one| one.code.as_str()).collect(), &mut faults);
        let unit_at = ids(Table::Units, self.units.iter().map(|one| one.id.as_str()).collect(), &mut faults);
        let person_at = ids(Table::People, self.people.iter().map(|one| one.id.as_str()).collect(), &mut faults);

        for village in &self.villages {
            village_faults(village, &self.parameters, &unit_at, &mut faults);
        }
        for unit in &self.units {
            unit_faults(unit, &mut faults);
        }
        for person in &self.people {
            if !unit_at.contains_key(&person.unit) {
                faults.push(Fault::PersonOfUnknownUnit { person: person.id.clone(), unit: person.unit.clone() });
            }
            if person.rank < 1 {
                faults.push(Fault::Rank { person: person.id.clone(), rank: person.rank });
            }
        }
        if !faults.is_empty() {
            return Err(faults);
        }
        let size = |one: &Village| one.team_size.unwrap_or_else(|| self.parameters.size.of(one.category));
        let sizes = self.villages.iter().map(|one| usize::try_from(size(one)).unwrap_or(usize::MAX)).collect();
        Ok(Checked { problem: self, village_at, unit_at, person_at, sizes, locks: Locks::default() })
    }

    fn tidy(&mut self) {
        let trim = |text: &mut String| *text = text.trim().to_owned();
        let set = |tags: &mut Vec<String>| *tags = tidy(tags.iter().map(String::as_str));
        let maybe = |cell: &mut Option<String>| {
            *cell = cell.as_deref().map(str::trim).filter(|text| !text.is_empty()).map(str::to_owned);
        };
        for village in &mut self.villages {
            trim(&mut village.code);
            maybe(&mut village.fixed_unit);
            for tags in [&mut village.needs, &mut village.forbidden_units, &mut village.neighbours] {
                set(tags);
            }
        }
        for unit in &mut self.units {
            trim(&mut unit.id);
            trim(&mut unit.home_code);
            set(&mut unit.strengths);
        }
        for person in &mut self.people {
            trim(&mut person.id);
            trim(&mut person.unit);
            maybe(&mut person.home_township);
            set(&mut person.specialities);
        }
    }
}

fn village_faults(
    village: &Village,
    parameters: &Parameters,
    unit_at: &HashMap<String, usize>,
    faults: &mut Vec<Fault>,
) {
    let code = || village.code.clone();
    let least = parameters.least.of(village.category);
    if let Some(size) = village.team_size.filter(|size| *size < least) {
        faults.push(Fault::TeamSize { village: code(), size, least });
    }
    if let Some(unit) = &village.fixed_unit {
        if !unit_at.contains_key(unit) {
            faults.push(Fault::FixedUnknownUnit { village: code(), unit: unit.clone() });
        }
        if village.forbidden_units.contains(unit) {
            faults.push(Fault::FixedAndForbidden { village: code(), unit: unit.clone() });
        }
    }
    for unit in village.forbidden_units.iter().filter(|unit| !unit_at.contains_key(*unit)) {
        faults.push(Fault::ForbiddenUnknownUnit { village: code(), unit: unit.clone() });
    }
}

fn unit_faults(unit: &Unit, faults: &mut Vec<Fault>) {
    if unit.max_teams < 0 {
        faults.push(Fault::MaxTeams { unit: unit.id.clone(), teams: unit.max_teams });
    }
    let digits = unit.level.digits();
    if unit.home_code.len() < digits || !unit.home_code.bytes().all(|byte| byte.is_ascii_digit()) {
        faults.push(Fault::HomeCode { unit: unit.id.clone(), code: unit.home_code.clone(), digits });
    }
}
