//! Writing facts: the difference between what a record says now and what it said before.

use std::collections::{BTreeMap, HashMap};

use base::{
    db::{DbResult, Tx, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Instant, Level, Month, new_id},
};

use super::Catalogue;

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

#[derive(sqlx::FromRow)]
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
    keys: BTreeMap<(String, DivisionCode, String, Month), i64>,
}

impl Movements {
    fn add(&mut self, indicator: &str, division: DivisionCode, day: Day, key: Option<&str>, amount: i64, facts: i64) {
        let levels = [Level::Village, Level::Township, Level::County];
        for level in levels.into_iter().filter(|level| *level <= division.level()) {
            let place = division.at(level);
            let by_day = self.days.entry((indicator.to_owned(), place, day)).or_default();
            *by_day = (by_day.0 + amount, by_day.1 + facts);
            let by_month = self.months.entry((indicator.to_owned(), place, day.month())).or_default();
            *by_month = (by_month.0 + amount, by_month.1 + facts);
            if let Some(key) = key.filter(|_| Catalogue::get().counts_keys(indicator)) {
                *self.keys.entry((indicator.to_owned(), place, key.to_owned(), day.month())).or_default() += facts;
            }
        }
    }
}

/// Makes the facts of each source say exactly the given drafts.
///
/// `known_new` skips the look for earlier facts when every source was made in this transaction (imports).
pub async fn record(
    tx: &mut Tx,
    county: CountyId,
    sources: &[(Source, Vec<FactDraft>)],
    at: Instant,
    known_new: bool,
) -> DbResult<()> {
    let mut earlier = if known_new { HashMap::new() } else { live_facts(tx, county, sources).await? };
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
            rows.push(new_row(county, source, draft, at));
        }
        for stored in old {
            let day = stored.day;
            movements.add(&stored.indicator, stored.division, day, stored.key.as_deref(), -stored.amount, -1);
            rows.push(reversal_row(county, source, stored, at));
        }
    }
    let head = "insert into fact (county_id, id, indicator, day, amount, division, person_county, person_id, unit_id, \
                key, value, source_kind, source_id, reverses, recorded_at) values ";
    tx.run_rows(head, rows, "").await?;
    apply(tx, county, movements).await
}

fn new_row(county: CountyId, source: &Source, draft: &FactDraft, at: Instant) -> Vec<Value> {
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
    ]
}

/// The facts of the sources that stand: neither reversals nor reversed.
async fn live_facts(
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
                                 unit_id, key, value from fact f where county_id = $1 and source_kind = $2 \
                                 and reverses is null and not exists (select 1 from fact r \
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

async fn apply(tx: &mut Tx, county: CountyId, movements: Movements) -> DbResult<()> {
    let moved = |(amount, facts): &(i64, i64)| *amount != 0 || *facts != 0;
    let days =
        movements.days.into_iter().filter(|(_, m)| moved(m)).map(|((indicator, place, day), (amount, facts))| {
            vec![county.into(), indicator.into(), place.into(), day.into(), amount.into(), facts.into()]
        });
    tx.run_rows(
        "insert into rollup_day (county_id, indicator, division, day, amount, facts) values ",
        days.collect(),
        "on conflict (county_id, indicator, division, day) do update \
         set amount = rollup_day.amount + excluded.amount, facts = rollup_day.facts + excluded.facts",
    )
    .await?;
    let months = movements.months.into_iter().filter(|(_, m)| moved(m));
    let months = months.map(|((indicator, place, month), (amount, facts))| {
        vec![county.into(), indicator.into(), place.into(), month.into(), amount.into(), facts.into()]
    });
    tx.run_rows(
        "insert into rollup_month (county_id, indicator, division, month, amount, facts) values ",
        months.collect(),
        "on conflict (county_id, indicator, division, month) do update \
         set amount = rollup_month.amount + excluded.amount, facts = rollup_month.facts + excluded.facts",
    )
    .await?;
    let keys = movements.keys.into_iter().filter(|(_, facts)| *facts != 0);
    let keys = keys.map(|((indicator, place, key, month), facts)| {
        vec![county.into(), indicator.into(), place.into(), key.into(), month.into(), facts.into()]
    });
    tx.run_rows(
        "insert into distinct_month (county_id, indicator, division, key, month, facts) values ",
        keys.collect(),
        "on conflict (county_id, indicator, division, key, month) do update \
         set facts = distinct_month.facts + excluded.facts",
    )
    .await?;
    Ok(())
}
