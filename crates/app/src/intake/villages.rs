//! Villages against the stored ones. A changed category changes coverage, so its facts and vacancies follow.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, Day, DivisionCode},
    web::AppError,
};

use super::Aim;
use crate::{
    accounts::Actor,
    app::App,
    imports::{Outcome, Report, villages::VillageRow},
    places::{self, Village, VillageCategory},
    postings,
};

/// What changes of one village.
struct Change {
    code: DivisionCode,
    counts: Option<Village>,
    /// The categories, since when, and whether that day was said.
    categories: Option<(Vec<VillageCategory>, Day, bool)>,
    stars: Option<(i64, i64)>,
    income: Option<(i64, i64)>,
    tags: Vec<(&'static str, Vec<String>)>,
    neighbours: Vec<DivisionCode>,
}

#[derive(Default)]
pub struct VillagePlan(Vec<Change>);

pub async fn plan(conn: &mut Conn, outcome: Outcome<VillageRow>, aim: &Aim) -> Result<(Report, VillagePlan), AppError> {
    let mut report = Report::of(&outcome);
    let counties: BTreeSet<CountyId> = outcome.rows.iter().map(|row| row.village.county()).collect();
    let mut known: BTreeMap<DivisionCode, Village> = BTreeMap::new();
    for county in counties {
        known.append(&mut places::store::villages(conn, county, county.division().area()).await?);
    }
    for (key, header) in [("team_size", "队伍人数"), ("forbidden_units", "回避单位"), ("fixed_unit", "指定单位")]
    {
        let has = |row: &VillageRow| {
            row.number(key).is_some() || !row.list(key).is_empty() || key == "fixed_unit" && row.fixed_unit.is_some()
        };
        // These speak of one dispatch, not of the village; the register does not keep them.
        if outcome.rows.iter().any(has) {
            report.unknown_columns.push(header.to_owned());
        }
    }
    let mut plan = VillagePlan::default();
    for row in &outcome.rows {
        let stored = known.get(&row.village);
        let change = compare(row, stored.unwrap_or(&Village::default()), aim.today);
        if stored.is_none() {
            report.created += 1;
        } else if change.is_nothing() {
            report.unchanged += 1;
            continue;
        } else {
            report.updated += 1;
        }
        plan.0.push(change);
    }
    Ok((report, plan))
}

impl Change {
    fn is_nothing(&self) -> bool {
        self.counts.is_none()
            && self.categories.is_none()
            && self.stars.is_none()
            && self.income.is_none()
            && self.tags.is_empty()
            && self.neighbours.is_empty()
    }
}

fn compare(row: &VillageRow, stored: &Village, today: Day) -> Change {
    let last_year = i64::from(today.year()) - 1;
    Change {
        code: row.village,
        counts: counts(row, stored),
        categories: categories(row, stored, today),
        stars: yearly(row, "stars", "stars_year", &stored.stars, last_year, 1.0),
        // 万元 to fen.
        income: yearly(row, "income", "income_year", &stored.income, last_year, 1_000_000.0),
        tags: tags(row, stored),
        neighbours: row.neighbours.iter().filter(|code| !stored.neighbours.contains(code)).copied().collect(),
    }
}

/// Whole numbers were checked when the row was read.
#[expect(clippy::cast_possible_truncation, reason = "checked against the range of its column when it was read")]
fn whole(number: f64) -> i64 {
    number.round() as i64
}

fn counts(row: &VillageRow, stored: &Village) -> Option<Village> {
    let number = |key, before: Option<i64>| row.number(key).map(whole).or(before);
    let said = Village {
        households: number("households", stored.households),
        members: number("members", stored.members),
        poor_households: number("relieved_households", stored.poor_households),
        monitored_households: number("monitored_households", stored.monitored_households),
        location: row.number("longitude").zip(row.number("latitude")).or(stored.location),
        ..Village::default()
    };
    let same = (said.households, said.members, said.poor_households, said.monitored_households, said.location)
        == (stored.households, stored.members, stored.poor_households, stored.monitored_households, stored.location);
    (!same).then_some(said)
}

fn categories(row: &VillageRow, stored: &Village, today: Day) -> Option<(Vec<VillageCategory>, Day, bool)> {
    if row.categories.is_empty() {
        return None;
    }
    let open = stored.categories.iter().filter(|(_, _, until)| until.is_none());
    let mut now: Vec<(VillageCategory, Day)> = open.map(|(category, since, _)| (*category, *since)).collect();
    now.sort();
    let same = now.iter().map(|(category, _)| *category).eq(row.categories.iter().copied());
    let same_day = row.category_since.is_none_or(|day| now.iter().all(|(_, since)| *since == day));
    let since = row.category_since.unwrap_or(today);
    (!(same && same_day)).then(|| (row.categories.clone(), since, row.category_since.is_some()))
}

/// A yearly figure, when it says something new; without a year it is last year's, unless the latest known is the same.
fn yearly(
    row: &VillageRow,
    key: &str,
    year_key: &str,
    stored: &[(i64, i64)],
    last_year: i64,
    scale: f64,
) -> Option<(i64, i64)> {
    let said = whole(row.number(key)? * scale);
    let known = match row.number(year_key).map(whole) {
        Some(year) => stored.iter().find(|(known, _)| *known == year).copied().unwrap_or((year, said + 1)),
        None => stored.first().copied().filter(|(_, figure)| *figure == said).unwrap_or((last_year, said + 1)),
    };
    (known.1 != said).then_some((known.0, said))
}

fn tags(row: &VillageRow, stored: &Village) -> Vec<(&'static str, Vec<String>)> {
    let kinds = [("industry", "industries", &stored.industries), ("need", "needs", &stored.needs)];
    let changed = kinds.into_iter().filter_map(|(kind, key, before)| {
        let said: HashSet<&String> = row.list(key).iter().collect();
        let same = said.is_empty() || said == before.iter().collect::<HashSet<_>>();
        (!same).then(|| (kind, row.list(key).to_vec()))
    });
    changed.collect()
}

pub async fn apply(tx: &mut Tx, app: &App, plan: VillagePlan, actor: &Actor) -> Result<(), AppError> {
    let codes: Vec<DivisionCode> = plan.0.iter().map(|change| change.code).collect();
    places::store::ensure_villages(tx, &codes).await?;
    let (mut stars, mut income, mut neighbours) = (Vec::new(), Vec::new(), Vec::new());
    let mut recategorised: BTreeMap<CountyId, BTreeSet<DivisionCode>> = BTreeMap::new();
    for change in &plan.0 {
        let code = change.code;
        if let Some(counts) = &change.counts {
            places::store::save_counts(tx, code, counts).await?;
        }
        if let Some((categories, since, said)) = &change.categories {
            places::store::set_categories(tx, code, categories, *since, *said, "按导入的村情况").await?;
            recategorised.entry(code.county()).or_default().insert(code);
        }
        for (kind, tags) in &change.tags {
            places::store::set_tags(tx, code, kind, tags).await?;
        }
        stars.extend(change.stars.map(|(year, stars)| (code, year, stars)));
        income.extend(change.income.map(|(year, fen)| (code, year, fen)));
        neighbours.extend(change.neighbours.iter().map(|other| (code, *other)));
    }
    places::store::set_stars(tx, &stars, actor.at).await?;
    places::store::set_income(tx, &income).await?;
    neighbours.iter_mut().for_each(|pair| *pair = (pair.0.min(pair.1), pair.0.max(pair.1)));
    neighbours.sort();
    neighbours.dedup();
    places::store::add_neighbours(tx, &neighbours).await?;
    for (county, villages) in recategorised {
        postings::store::record_coverage(tx, county, &villages, actor.at).await?;
        let pack = app.pack(tx, county).await?;
        postings::store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    }
    Ok(())
}
