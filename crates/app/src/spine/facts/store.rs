//! Writing facts: the difference between what a record says now and what it said before.

use std::collections::{BTreeMap, HashMap};

use base::{
    db::{DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, Month, new_id},
};

use super::Catalogue;
use crate::spine::staging::Run;

/// The record that facts come from. Its facts live in the record's county.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Source {
    pub kind: &'static str,
    pub id: String,
}

/// One fact as the record says it now. `amount` is in the indicator's smallest unit.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FactDraft {
    pub indicator: &'static str,
    pub day: Day,
    pub amount: i64,
    pub division: DivisionCode,
    pub person: Option<(CountyId, String)>,
    pub unit_id: Option<String>,
    /// What "distinct" counts: a person, unit, village, place …
    pub key: Option<String>,
    /// What "latest state" compares.
    pub value: Option<String>,
}

#[derive(sqlx_macros::FromRow)]
struct Stored {
    id: String,
    source_id: String,
    indicator: String,
    day: Day,
    amount: i64,
    division: DivisionCode,
    person_county: Option<i64>,
    person_id: Option<String>,
    unit_id: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

impl Stored {
    fn says(&self, draft: &FactDraft) -> bool {
        self.indicator == draft.indicator
            && self.day == draft.day
            && self.amount == draft.amount
            && self.division == draft.division
            && self.person_id.as_deref() == draft.person.as_ref().map(|(_, id)| id.as_str())
            && self.unit_id == draft.unit_id
            && self.key == draft.key
            && self.value == draft.value
    }
}

/// A movement of the roll-ups: amounts and counts by place and time.
#[derive(Default)]
struct Movements {
    days: BTreeMap<(String, DivisionCode, Day), (i64, i64)>,
    months: BTreeMap<(String, DivisionCode, Month), (i64, i64)>,
    /// By year, as the tables write it.
    years: BTreeMap<(String, DivisionCode, String), (i64, i64)>,
    keys: BTreeMap<(String, DivisionCode, String, Month), i64>,
    key_years: BTreeMap<(String, DivisionCode, String, String), i64>,
}

impl Movements {
    fn add(&mut self, indicator: &str, division: DivisionCode, day: Day, key: Option<&str>, amount: i64, facts: i64) {
        // What belongs to a city or a province stands under its own code, which is that office's county row.
        let own = division.level();
        let levels = [Level::Village, Level::Township, Level::County];
        let inside = levels.into_iter().filter(|level| *level <= own).map(|level| division.at(level));
        let above = (own < Level::County).then_some(division);
        for place in inside.chain(above) {
            let by_day = self.days.entry((indicator.to_owned(), place, day)).or_default();
            *by_day = (by_day.0 + amount, by_day.1 + facts);
            let by_month = self.months.entry((indicator.to_owned(), place, day.month())).or_default();
            *by_month = (by_month.0 + amount, by_month.1 + facts);
            let by_year = self.years.entry((indicator.to_owned(), place, day.year().to_string())).or_default();
            *by_year = (by_year.0 + amount, by_year.1 + facts);
            if let Some(key) = key.filter(|_| Catalogue::get().counts_keys(indicator)) {
                let (indicator, key, year) = (indicator.to_owned(), key.to_owned(), day.year().to_string());
                *self.keys.entry((indicator.clone(), place, key.clone(), day.month())).or_default() += facts;
                *self.key_years.entry((indicator, place, key, year)).or_default() += facts;
            }
        }
    }
}

/// What the facts of a source are compared with, and who sees them.
#[derive(Clone, Copy, Debug)]
pub enum Writing<'a> {
    /// With the facts that stand: the difference is written.
    Difference,
    /// Every source was made in this transaction: nothing can stand yet.
    New,
    /// As new, and unseen until the run is applied; so are the movements of the roll-ups.
    Staged(&'a Run),
}

/// Makes the facts of each source say exactly the given drafts.
pub async fn record(
    tx: &mut Tx,
    county: CountyId,
    sources: &[(Source, Vec<FactDraft>)],
    at: Instant,
    writing: Writing<'_>,
) -> DbResult<()> {
    let mut earlier = match writing {
        Writing::Difference => standing(tx, county, sources).await?,
        Writing::New | Writing::Staged(_) => HashMap::new(),
    };
    let staged = match writing {
        Writing::Staged(run) => Some(run),
        Writing::Difference | Writing::New => None,
    };
    let mut movements = Movements::default();
    let mut rows = Vec::new();
    for (source, drafts) in sources {
        let mut old = earlier.remove(source).unwrap_or_default();
        for draft in drafts {
            if let Some(place) = old.iter().position(|stored| stored.says(draft)) {
                old.swap_remove(place);
                continue;
            }
            movements.add(draft.indicator, draft.division, draft.day, draft.key.as_deref(), draft.amount, 1);
            rows.push(new_row(county, source, draft, at, staged));
        }
        for stored in old {
            let day = stored.day;
            movements.add(&stored.indicator, stored.division, day, stored.key.as_deref(), -stored.amount, -1);
            rows.push(reversal_row(county, source, stored, at));
        }
    }
    let head = "insert into fact (county_id, id, indicator, day, amount, division, person_county, person_id, unit_id, \
                key, value, source_kind, source_id, reverses, recorded_at, staged) values ";
    tx.run_rows(head, rows, "").await?;
    let (tables, head) = match staged {
        Some(run) => (STAGED, vec![county.into(), run.id().into()]),
        None => (ROLLED, vec![county.into()]),
    };
    for ((into, clash), rows) in tables.into_iter().zip(movements.rows(&head)) {
        tx.run_rows(into, rows, clash).await?;
    }
    Ok(())
}

/// Stages the facts of those sources that have none yet; the others are compared when the run is applied.
pub async fn stage_first(
    tx: &mut Tx,
    county: CountyId,
    mut sources: Vec<(Source, Vec<FactDraft>)>,
    at: Instant,
    run: &Run,
) -> DbResult<()> {
    let known = standing(tx, county, &sources).await?;
    sources.retain(|(source, _)| !known.contains_key(source));
    record(tx, county, &sources, at, Writing::Staged(run)).await
}

fn new_row(county: CountyId, source: &Source, draft: &FactDraft, at: Instant, staged: Option<&Run>) -> Vec<Value> {
    vec![
        county.into(),
        new_id().into(),
        draft.indicator.into(),
        draft.day.into(),
        draft.amount.into(),
        draft.division.into(),
        draft.person.as_ref().map(|(county, _)| *county).into(),
        draft.person.as_ref().map(|(_, id)| id).into(),
        draft.unit_id.as_ref().into(),
        draft.key.as_ref().into(),
        draft.value.as_ref().into(),
        source.kind.into(),
        (&source.id).into(),
        None::<&str>.into(),
        at.into(),
        staged.map(Run::id).into(),
    ]
}

fn reversal_row(county: CountyId, source: &Source, stored: Stored, at: Instant) -> Vec<Value> {
    vec![
        county.into(),
        new_id().into(),
        stored.indicator.into(),
        stored.day.into(),
        (-stored.amount).into(),
        stored.division.into(),
        stored.person_county.into(),
        stored.person_id.into(),
        stored.unit_id.into(),
        stored.key.into(),
        stored.value.into(),
        source.kind.into(),
        (&source.id).into(),
        stored.id.into(),
        at.into(),
        None::<&str>.into(),
    ]
}

/// The facts of the sources that stand: neither reversals nor reversed.
async fn standing(
    tx: &mut Tx,
    county: CountyId,
    sources: &[(Source, Vec<FactDraft>)],
) -> DbResult<HashMap<Source, Vec<Stored>>> {
    let mut found: HashMap<Source, Vec<Stored>> = HashMap::new();
    let mut kinds: Vec<&'static str> = sources.iter().map(|(source, _)| source.kind).collect();
    kinds.sort_unstable();
    kinds.dedup();
    for kind in kinds {
        let ids: Vec<&str> = sources.iter().filter(|(s, _)| s.kind == kind).map(|(s, _)| s.id.as_str()).collect();
        for chunk in ids.chunks(400) {
            let mut query = sql("select id, source_id, indicator, day, amount, division, person_county, person_id, \
                                 unit_id, key, value from live_fact f where county_id = $1 and source_kind = $2 \
                                 and reverses is null and not exists (select 1 from live_fact r \
                                 where r.county_id = f.county_id and r.reverses = f.id) and source_id in (")
            .bind(county)
            .bind(kind);
            for (i, id) in chunk.iter().enumerate() {
                query.push(if i == 0 { "" } else { ", " }).push_bind(*id);
            }
            query.push(") order by id");
            for stored in tx.all::<Stored>(query).await? {
                let source = Source { kind, id: stored.source_id.clone() };
                found.entry(source).or_default().push(stored);
            }
        }
    }
    Ok(found)
}

/// Values of a bulk insert, a row each.
type Rows = Vec<Vec<Value>>;

impl Movements {
    /// The rows of [`ROLLED`] or [`STAGED`], in their order.
    fn rows(self, head: &[Value]) -> [Rows; 5] {
        let moved = |(amount, facts): &(i64, i64)| *amount != 0 || *facts != 0;
        let row = |rest: Vec<Value>| head.iter().cloned().chain(rest).collect::<Vec<_>>();
        let days = self.days.into_iter().filter(|(_, m)| moved(m));
        let days = days.map(|((indicator, place, day), (amount, facts))| {
            row(vec![indicator.into(), place.into(), day.into(), amount.into(), facts.into()])
        });
        let months = self.months.into_iter().filter(|(_, m)| moved(m));
        let months = months.map(|((indicator, place, month), (amount, facts))| {
            row(vec![indicator.into(), place.into(), month.into(), amount.into(), facts.into()])
        });
        let years = self.years.into_iter().filter(|(_, m)| moved(m));
        let years = years.map(|((indicator, place, year), (amount, facts))| {
            row(vec![indicator.into(), place.into(), year.into(), amount.into(), facts.into()])
        });
        let keys = self.keys.into_iter().filter(|(_, facts)| *facts != 0);
        let keys = keys.map(|((indicator, place, key, month), facts)| {
            row(vec![indicator.into(), place.into(), key.into(), month.into(), facts.into()])
        });
        let key_years = self.key_years.into_iter().filter(|(_, facts)| *facts != 0);
        let key_years = key_years.map(|((indicator, place, key, year), facts)| {
            row(vec![indicator.into(), place.into(), key.into(), year.into(), facts.into()])
        });
        [days.collect(), months.collect(), years.collect(), keys.collect(), key_years.collect()]
    }
}

/// Where movements go, and how they join what stands there.
const ROLLED: [(&str, &str); 5] = [
    (
        "insert into rollup_day (county_id, indicator, division, day, amount, facts) values ",
        "on conflict (county_id, indicator, division, day) do update \
         set amount = rollup_day.amount + excluded.amount, facts = rollup_day.facts + excluded.facts",
    ),
    (
        "insert into rollup_month (county_id, indicator, division, month, amount, facts) values ",
        "on conflict (county_id, indicator, division, month) do update \
         set amount = rollup_month.amount + excluded.amount, facts = rollup_month.facts + excluded.facts",
    ),
    (
        "insert into rollup_year (county_id, indicator, division, year, amount, facts) values ",
        "on conflict (county_id, indicator, division, year) do update \
         set amount = rollup_year.amount + excluded.amount, facts = rollup_year.facts + excluded.facts",
    ),
    (
        "insert into distinct_month (county_id, indicator, division, key, month, facts) values ",
        "on conflict (county_id, indicator, division, key, month) do update \
         set facts = distinct_month.facts + excluded.facts",
    ),
    (
        "insert into distinct_year (county_id, indicator, division, key, year, facts) values ",
        "on conflict (county_id, indicator, division, key, year) do update \
         set facts = distinct_year.facts + excluded.facts",
    ),
];

/// The same beside the roll-ups: readers add them up once the run is applied.
const STAGED: [(&str, &str); 5] = [
    (
        "insert into staged_rollup_day (county_id, run, indicator, division, day, amount, facts) values ",
        "on conflict (county_id, run, indicator, division, day) do update set \
         amount = staged_rollup_day.amount + excluded.amount, facts = staged_rollup_day.facts + excluded.facts",
    ),
    (
        "insert into staged_rollup_month (county_id, run, indicator, division, month, amount, facts) values ",
        "on conflict (county_id, run, indicator, division, month) do update set \
         amount = staged_rollup_month.amount + excluded.amount, facts = staged_rollup_month.facts + excluded.facts",
    ),
    (
        "insert into staged_rollup_year (county_id, run, indicator, division, year, amount, facts) values ",
        "on conflict (county_id, run, indicator, division, year) do update set \
         amount = staged_rollup_year.amount + excluded.amount, facts = staged_rollup_year.facts + excluded.facts",
    ),
    (
        "insert into staged_distinct_month (county_id, run, indicator, division, key, month, facts) values ",
        "on conflict (county_id, run, indicator, division, key, month) do update \
         set facts = staged_distinct_month.facts + excluded.facts",
    ),
    (
        "insert into staged_distinct_year (county_id, run, indicator, division, key, year, facts) values ",
        "on conflict (county_id, run, indicator, division, key, year) do update \
         set facts = staged_distinct_year.facts + excluded.facts",
    ),
];
