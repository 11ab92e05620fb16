//! Listed projects with their money and stages, and applications on their way.

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode},
    web::AppError,
};

use super::{Counts, Place, Village, on, split, words};
use crate::{
    demo::dice::Dice,
    express::{
        departments::{self, Department},
        projects::{
            FundSource, Kind, Stage,
            acts::{self, Progress},
            store::{self, NewFund, NewGain, NewProject},
        },
    },
    packs::Pack,
    spine::facts::Catalogue,
};

/// A project that still runs, for problems to come from.
pub struct Open {
    pub id: String,
    pub village: DivisionCode,
}

/// How far a listed project has come, in the order in which they are made.
const FATES: [Stage; 8] = [
    Stage::Started,
    Stage::Accepted,
    Stage::Finished,
    Stage::Started,
    Stage::Approved,
    Stage::Accepted,
    Stage::Listed,
    Stage::Started,
];

/// Applications that are not listed: applied for, passed by the township, sent back.
const WAITING: [Stage; 3] = [Stage::Applied, Stage::Passed, Stage::Refused];

pub async fn make(
    tx: &mut Tx,
    place: Place<'_>,
    counts: &Counts,
    pack: &Pack,
    dice: &mut Dice,
) -> Result<Vec<Open>, AppError> {
    let waiting = if counts.applications >= 6 { WAITING.len() } else { 0 };
    let party = (counts.applications - waiting).min(counts.projects.saturating_sub(counts.industry));
    let budgets = split(counts.investment, counts.projects, dice);
    let arrived = arrivals(&budgets, counts.funds);
    let mut open = Vec::new();
    let mut listed: Vec<(CountyId, String)> = Vec::new();
    for at in 0..counts.projects {
        let kind = if at < counts.industry {
            Kind::Industry
        } else if at < counts.industry + party {
            Kind::Party
        } else {
            dice.one(&[Kind::Infrastructure, Kind::Surroundings, Kind::Service])
        };
        let fate = if counts.projects >= 12 && at == 5 { Stage::Stopped } else { FATES[at % FATES.len()] };
        let made = One { place, at, kind, budget: budgets[at], arrived: arrived[at], fate };
        let (county, id) = made.make(tx, pack, dice).await?;
        if fate.is_open() {
            open.push(Open { id: id.clone(), village: place.village(at).code });
        }
        if matches!(fate, Stage::Started | Stage::Finished | Stage::Accepted) {
            listed.push((county, id));
        }
    }
    for (at, fate) in WAITING.into_iter().take(waiting).enumerate() {
        let at = counts.projects + at;
        One { place, at, kind: Kind::Party, budget: dice.between(4, 12), arrived: 0, fate }
            .make(tx, pack, dice)
            .await?;
    }
    gains(tx, place, counts, &listed, pack, dice).await?;
    Ok(open)
}

/// Of each budget as much as makes the whole that has arrived.
fn arrivals(budgets: &[i64], mut left: i64) -> Vec<i64> {
    let take = |budget: &i64| {
        let part = left.min(*budget);
        left -= part;
        part
    };
    budgets.iter().map(take).collect()
}

struct One<'a> {
    place: Place<'a>,
    at: usize,
    kind: Kind,
    budget: i64,
    arrived: i64,
    fate: Stage,
}

impl One<'_> {
    fn draft(&self, village: &Village, unit: &Department) -> NewProject {
        let texts = words::projects(self.kind);
        let (name, goal) = texts[self.at % texts.len()];
        NewProject {
            villages: vec![village.code],
            name: format!("{}{name}", village.name),
            kind: self.kind,
            goal: goal.into(),
            owner: Some(format!("{}股份经济合作社", village.name)),
            unit: Some((unit.id.clone(), unit.name.clone())),
            person: village.person.clone(),
            due: Some(self.place.today.plus_days(if self.at % 7 == 3 { -6 } else { 45 })),
        }
    }

    async fn make(&self, tx: &mut Tx, pack: &Pack, dice: &mut Dice) -> Result<(CountyId, String), AppError> {
        let village = self.place.village(self.at);
        let text = words::projects(self.kind)[self.at % words::projects(self.kind).len()].0;
        let likely = departments::suggest(pack, self.place.departments, text);
        let unit =
            likely.first().map_or_else(|| &self.place.departments[self.at % self.place.departments.len()], |one| one.0);
        let who = village.person.as_ref().map_or("村党支部", |(_, _, name)| name.as_str());
        let first = self.place.today.plus_days(-dice.between(120, 200));
        let source = FundSource::ALL[self.at % FundSource::ALL.len()];
        let giver = matches!(source, FundSource::Department | FundSource::Unit);
        let fund = |amount: i64, source: FundSource| NewFund {
            source,
            unit: giver.then(|| (unit.id.clone(), unit.name.clone())),
            amount: amount * 1_000_000,
            arrived_on: None,
        };
        let mut funds = Vec::new();
        if self.arrived > 0 {
            funds.push(fund(self.arrived, source));
        }
        if self.budget > self.arrived {
            funds.push(fund(self.budget - self.arrived, FundSource::Fiscal));
        }
        let new = self.draft(village, unit);
        let id = acts::add(tx, &new, &funds, pack, &on(first, who, 0)).await?;
        let county = village.code.county();
        let key = (county, id.as_str());
        let day = |n: i64| first.plus_days(n);
        if self.kind == Kind::Party {
            match self.fate {
                Stage::Applied => return Ok((county, id)),
                Stage::Refused => {
                    acts::refuse(tx, key, "请补村民代表会议记录和预算明细", pack, &on(day(3), "乡镇党委", 0)).await?;
                    return Ok((county, id));
                }
                Stage::Passed => {
                    acts::pass(tx, key, Some("材料齐全，同意上报"), pack, &on(day(3), "乡镇党委", 0)).await?;
                    return Ok((county, id));
                }
                Stage::Listed
                | Stage::Approved
                | Stage::Started
                | Stage::Finished
                | Stage::Accepted
                | Stage::Stopped => {
                    acts::pass(tx, key, None, pack, &on(day(3), "乡镇党委", 0)).await?;
                    acts::pass(tx, key, None, pack, &on(day(6), self.place.office.1, 0)).await?;
                }
            }
        }
        if self.arrived > 0 {
            let rows = store::funds(tx, county, &id).await?;
            if let Some(row) = rows.iter().find(|row| row.amount == self.arrived * 1_000_000) {
                acts::arrive(tx, key, &row.id, day(20), pack, &on(day(20), who, 0)).await?;
            }
        }
        self.go_on(tx, key, (who, day(8)), pack).await?;
        Ok((county, id))
    }

    /// Stage by stage as far as it comes.
    async fn go_on(
        &self,
        tx: &mut Tx,
        key: acts::Key<'_>,
        (who, from): (&str, Day),
        pack: &Pack,
    ) -> Result<(), AppError> {
        let due = self.new_due();
        let last = Stage::WAY.iter().position(|stage| *stage == self.fate);
        let steps = last.unwrap_or(if self.fate == Stage::Stopped { 1 } else { 0 });
        for step in 0..steps {
            let day = from.plus_days(i64::try_from(step).unwrap_or_default() * 25 + 5);
            acts::advance(tx, key, (day, None, due), pack, &on(day, who, 0)).await?;
        }
        if self.fate == Stage::Stopped {
            let day = from.plus_days(60);
            return acts::stop(tx, key, "土地流转没有谈妥，经村民代表会议同意不再实施", pack, &on(day, "乡镇党委", 0))
                .await;
        }
        if self.fate.is_open() && self.fate != Stage::Listed {
            let progress = [35, 60, 80, 100][self.at % 4];
            let over = self.at == 9;
            let new = Progress {
                progress: if self.fate == Stage::Finished { 100 } else { progress },
                spent: self.arrived * 1_000_000 * progress / 100 + if over { self.budget * 1_000_000 } else { 0 },
                over_why: over.then(|| "钢材、人工涨价，超出部分由村集体自筹补足".to_owned()),
                due,
                words: Some(words::PROGRESS[self.at % words::PROGRESS.len()].to_owned()),
            };
            acts::report(tx, key, new, pack, &on(self.place.today.plus_days(-9), who, 0)).await?;
        }
        Ok(())
    }

    fn new_due(&self) -> Option<Day> {
        Some(self.place.today.plus_days(if self.at % 7 == 3 { -6 } else { 45 }))
    }
}

/// What came of those that are built, as much as the counts say.
async fn gains(
    tx: &mut Tx,
    place: Place<'_>,
    counts: &Counts,
    listed: &[(CountyId, String)],
    pack: &Pack,
    dice: &mut Dice,
) -> Result<(), AppError> {
    let year = place.today.plus_days(-30).year();
    let day = Day::new(year, 12, 31).map_or(place.today, |last| last.min(place.today));
    for (indicator, total, parts) in counts.gains {
        let parts = (*parts).min(listed.len());
        for (at, amount) in split(*total, parts, dice).into_iter().enumerate() {
            let (county, id) = &listed[at];
            let Some(known) = Catalogue::get().find(indicator) else { continue };
            let gain = NewGain {
                year: i64::from(year),
                day,
                indicator,
                amount,
                elsewhere: 0,
                typed: format!("{} {} {}", known.name, known.shown(amount), known.unit),
                evidence: "村集体年终账目，经村务监督委员会核对并公示".into(),
            };
            acts::add_gain(tx, (*county, id), &gain, pack, &on(place.today.plus_days(-8), "村会计", 0)).await?;
        }
    }
    Ok(())
}
