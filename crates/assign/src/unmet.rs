//! Why a village is unmet, and the first single step that would let it be met while the rest of the plan stays as it is.

use std::collections::HashMap;

use crate::{
    Category, Checked, Level, Village,
    core::{Core, Post},
    deal::Deal,
    rules,
};

/// A village without a team, uncovered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmet {
    pub village: String,
    /// In the order of [`Rule`], each with how many of the units in scope it stops. One unit may be stopped by several.
    pub stops: Vec<Stop>,
    /// None: no single step would do.
    pub step: Option<Step>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stop {
    pub rule: Rule,
    pub units: usize,
}

/// The rule that stops a unit from meeting a village, the rest of the plan as it stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rule {
    /// The village lies in no unit's division; counts no units.
    Scope,
    /// A heavy village, a county unit that is not strong.
    Category,
    /// Another unit is fixed, or locked by hand.
    Fixed,
    Forbidden,
    /// All teams of the unit are elsewhere, or it gives none.
    MaxTeams,
    /// Too few people are left who may go (gates, age).
    People,
    /// Enough are left, but too few of another township than this one.
    HomeTownship,
    /// None of those left may lead (rank, Party years).
    Leader,
}

impl Rule {
    pub const ALL: [Rule; 8] = [
        Rule::Scope,
        Rule::Category,
        Rule::Fixed,
        Rule::Forbidden,
        Rule::MaxTeams,
        Rule::People,
        Rule::HomeTownship,
        Rule::Leader,
    ];

    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Rule::Scope => "scope",
            Rule::Category => "category",
            Rule::Fixed => "fixed",
            Rule::Forbidden => "forbidden",
            Rule::MaxTeams => "max_teams",
            Rule::People => "people",
            Rule::HomeTownship => "home_township",
            Rule::Leader => "leader",
        }
    }

    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Rule::Scope => "没有单位服务这个地方",
            Rule::Category => "巩固任务较重村要省、市或实力强的县直单位",
            Rule::Fixed => "指定了别的单位",
            Rule::Forbidden => "是回避单位",
            Rule::MaxTeams => "能派的队都派出去了",
            Rule::People => "能派的人不够",
            Rule::HomeTownship => "余下的人里有本乡镇的，要回避",
            Rule::Leader => "余下的人里没有能任队长的",
        }
    }
}

/// A single relaxation; the first that does, in this order. Each names the unit that would then meet the village.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Count this county unit as strong.
    StrongUnit { unit: String },
    /// One team more for this unit.
    OneMoreTeam { unit: String },
    /// Let somebody of this unit lead who is one rank too low.
    LowerRank { unit: String },
    /// Lift the forbidden pair of this village and unit.
    LiftForbidden { unit: String },
    /// One person fewer in the team.
    OneFewer { unit: String },
}

impl Step {
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Step::StrongUnit { .. } => "strong_unit",
            Step::OneMoreTeam { .. } => "one_more_team",
            Step::LowerRank { .. } => "lower_rank",
            Step::LiftForbidden { .. } => "lift_forbidden",
            Step::OneFewer { .. } => "one_fewer",
        }
    }

    #[must_use]
    pub fn unit(&self) -> &str {
        match self {
            Step::StrongUnit { unit }
            | Step::OneMoreTeam { unit }
            | Step::LowerRank { unit }
            | Step::LiftForbidden { unit }
            | Step::OneFewer { unit } => unit,
        }
    }

    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Step::StrongUnit { unit } => format!("把单位 {unit} 算作实力强的县直单位"),
            Step::OneMoreTeam { unit } => format!("单位 {unit} 多派一队"),
            Step::LowerRank { unit } => format!("单位 {unit} 的队长级别放低一级"),
            Step::LiftForbidden { unit } => format!("解除与单位 {unit} 的回避"),
            Step::OneFewer { unit } => format!("队伍少一人，由单位 {unit} 派"),
        }
    }
}

/// What is left of the units once the plan stands.
struct Rest<'a> {
    checked: &'a Checked,
    core: &'a Core,
    /// Places in the problem's table of people, by unit.
    free: Vec<Vec<usize>>,
    teams: Vec<usize>,
    units_of: HashMap<&'a str, Vec<usize>>,
    locked: HashMap<&'a str, &'a str>,
    /// The village of each person that is locked to one.
    kept_for: HashMap<usize, usize>,
    /// Teams that could cover one village more, by the village they would cover.
    may_cover: HashMap<u32, Vec<usize>>,
}

/// What is asked of a unit, and what is relaxed.
#[derive(Debug, Clone, Copy, Default)]
struct Relaxed {
    strong: bool,
    teams: usize,
    rank: i64,
    forbidden: bool,
    fewer: usize,
}

pub(crate) fn explain(checked: &Checked, deal: &Deal, core: &Core, unmet: &[usize]) -> Vec<Unmet> {
    if unmet.is_empty() {
        return Vec::new();
    }
    let rest = Rest::new(checked, deal, core);
    unmet.iter().map(|village| rest.explain(*village)).collect()
}

impl<'a> Rest<'a> {
    fn new(checked: &'a Checked, deal: &Deal, core: &'a Core) -> Rest<'a> {
        let problem = checked.problem();
        let mut busy = vec![false; problem.people.len()];
        for (unit, post) in
            deal.posts.iter().enumerate().flat_map(|(unit, posts)| posts.iter().map(move |one| (unit, one)))
        {
            for one in &post.people {
                busy[core.units[unit].people[usize::from(*one)] as usize] = true;
            }
        }
        let mut free = vec![Vec::new(); problem.units.len()];
        for (at, person) in problem.people.iter().enumerate() {
            if let Some(unit) =
                checked.unit_at.get(&person.unit).filter(|_| !busy[at] && rules::may_go(problem, person))
            {
                free[*unit].push(at);
            }
        }
        let mut units_of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, unit) in problem.units.iter().enumerate() {
            units_of.entry(unit.home_code.get(..unit.level.digits()).unwrap_or_default()).or_default().push(at);
        }
        let mut rest = Rest {
            checked,
            core,
            free,
            teams: deal.posts.iter().map(Vec::len).collect(),
            units_of,
            locked: checked.locks.units.iter().map(|(village, unit)| (village.as_str(), unit.as_str())).collect(),
            kept_for: checked
                .locks
                .people
                .iter()
                .filter_map(|(person, village)| {
                    Some((*checked.person_at.get(person)?, *checked.village_at.get(village)?))
                })
                .collect(),
            may_cover: HashMap::new(),
        };
        for (unit, post) in
            deal.posts.iter().enumerate().flat_map(|(unit, posts)| posts.iter().map(move |one| (unit, one)))
        {
            rest.note_cover(unit, post);
        }
        rest
    }

    /// Which forbidden pairs, once lifted, would let this team cover a neighbour more.
    fn note_cover(&mut self, unit: usize, post: &Post) {
        let problem = self.checked.problem();
        let place = &problem.villages[post.village as usize];
        if place.category != Category::Model || post.covers.len() >= self.core.cover_limit {
            return;
        }
        for at in place.neighbours.iter().filter_map(|code| self.checked.village_at.get(code)) {
            if rules::may_be_covered(&problem.villages[*at])
                && let Ok(number) = u32::try_from(*at)
            {
                self.may_cover.entry(number).or_default().push(unit);
            }
        }
    }

    fn explain(&self, village: usize) -> Unmet {
        let problem = self.checked.problem();
        let place = &problem.villages[village];
        let divisions = Level::ALL.into_iter().filter_map(|level| place.code.get(..level.digits()));
        let mut units: Vec<usize> = divisions.filter_map(|code| self.units_of.get(code)).flatten().copied().collect();
        units.sort_unstable();
        let mut counts = [0; Rule::ALL.len()];
        for unit in &units {
            let stops = self.stops(village, *unit, Relaxed::default());
            for (count, rule) in counts.iter_mut().zip(Rule::ALL) {
                *count += usize::from(stops.has(rule));
            }
        }
        let counted = counts.into_iter().zip(Rule::ALL);
        let some = counted.filter(|(count, rule)| *count > 0 || (units.is_empty() && *rule == Rule::Scope));
        let stops = some.map(|(units, rule)| Stop { rule, units }).collect();
        Unmet { village: place.code.clone(), stops, step: self.step(village, &units) }
    }

    fn step(&self, village: usize, units: &[usize]) -> Option<Step> {
        let problem = self.checked.problem();
        let none = Relaxed::default();
        let first = |relaxed: Relaxed| {
            let meets = |unit: &&usize| self.stops(village, **unit, relaxed) == Stops::default();
            units.iter().find(meets).map(|unit| problem.units[*unit].id.clone())
        };
        let lift = || first(Relaxed { forbidden: true, ..none }).or_else(|| self.cover_once_lifted(village));
        first(Relaxed { strong: true, ..none })
            .map(|unit| Step::StrongUnit { unit })
            .or_else(|| first(Relaxed { teams: 1, ..none }).map(|unit| Step::OneMoreTeam { unit }))
            .or_else(|| first(Relaxed { rank: 1, ..none }).map(|unit| Step::LowerRank { unit }))
            .or_else(|| lift().map(|unit| Step::LiftForbidden { unit }))
            .or_else(|| first(Relaxed { fewer: 1, ..none }).map(|unit| Step::OneFewer { unit }))
    }

    /// The unit of a team that could cover the village but for the forbidden pair.
    fn cover_once_lifted(&self, village: usize) -> Option<String> {
        let problem = self.checked.problem();
        let place = &problem.villages[village];
        let units = self.may_cover.get(&u32::try_from(village).ok()?)?;
        let may =
            |unit: &&usize| rules::in_scope(place, &problem.units[**unit]) && !self.fixed_elsewhere(place, **unit);
        units.iter().find(may).map(|unit| problem.units[*unit].id.clone())
    }

    fn fixed_elsewhere(&self, place: &Village, unit: usize) -> bool {
        let id = &self.checked.problem().units[unit].id;
        place.fixed_unit.as_ref().is_some_and(|fixed| fixed != id)
            || self.locked.get(place.code.as_str()).is_some_and(|locked| locked != id)
    }

    /// All rules that stop a unit in scope, some of them relaxed.
    fn stops(&self, village: usize, unit: usize, relaxed: Relaxed) -> Stops {
        let problem = self.checked.problem();
        let (place, body) = (&problem.villages[village], &problem.units[unit]);
        let mut stops = Stops::default();
        stops.note(Rule::Category, !rules::category_allows(place, body) && !relaxed.strong);
        stops.note(Rule::Fixed, self.fixed_elsewhere(place, unit));
        stops.note(Rule::Forbidden, place.forbidden_units.contains(&body.id) && !relaxed.forbidden);
        let most = usize::try_from(body.max_teams).unwrap_or(0) + relaxed.teams;
        stops.note(Rule::MaxTeams, self.teams[unit] >= most);
        let size = self.checked.sizes[village].saturating_sub(relaxed.fewer).max(1);
        let (mut free, mut fit, mut leads) = (0, 0, false);
        for at in self.free[unit].iter().filter(|at| self.kept_for.get(at).is_none_or(|kept| *kept == village)) {
            let person = &problem.people[*at];
            free += 1;
            if !rules::at_home(place, person) {
                fit += 1;
                leads |= rules::ranks_within(problem, body, person, relaxed.rank)
                    && rules::party_long_enough(problem, person);
            }
        }
        stops.note(Rule::People, free < size);
        stops.note(Rule::HomeTownship, free >= size && fit < size);
        stops.note(Rule::Leader, !leads);
        stops
    }
}

/// A set of rules.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
struct Stops(u16);

impl Stops {
    fn note(&mut self, rule: Rule, stops: bool) {
        self.0 |= u16::from(stops) << rule as u16;
    }

    fn has(self, rule: Rule) -> bool {
        self.0 >> rule as u16 & 1 == 1
    }
}
