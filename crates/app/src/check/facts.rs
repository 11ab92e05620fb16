//! Facts against their records: each has its source, and says what the rules make of the record today.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{
    db::{Conn, DbResult, sql},
    kernel::{CountyId, Day, DivisionCode, Period},
};

use super::{Finding, finding};
use crate::{
    express, handover, households, matters, places,
    postings::{self, Ledger, coverage_facts, team_facts},
    spine::facts::FactDraft,
};

/// A fact as it is compared: indicator, day, amount, division, person, unit, key, value.
type Said = (String, Day, i64, DivisionCode, Option<String>, Option<String>, Option<String>, Option<String>);
/// The standing facts of each source.
type BySource = BTreeMap<(String, String), Vec<Said>>;

/// Kinds of sources this program knows; facts of another kind are another capability's to check.
const KINDS: [&str; 13] = [
    "handover",
    "matter",
    "posting",
    "team",
    "village",
    "village_star",
    "village_households",
    "card_issue",
    "village_cards",
    "project",
    "problem",
    "problem_meeting",
    "village_talent",
];

/// Compares the standing facts of a county with what its records say.
pub(super) async fn compare(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let mut stored = stored(conn, county).await?;
    let mut found = Vec::new();
    let mut expected: Vec<(&'static str, String, Vec<FactDraft>)> = Vec::new();
    expected.extend(of_postings(conn, county, &mut found).await?);
    expected.extend(of_teams(conn, county).await?);
    expected.extend(of_villages(conn, county).await?);
    expected.extend(of_stars(conn, county).await?);
    let handed = [
        households::store::facts_of(conn, county).await?,
        postings::cards::store::facts_of(conn, county).await?,
        matters::store::facts_of(conn, county).await?,
    ];
    expected.extend(handed.into_iter().flatten().map(|(source, facts)| (source.kind, source.id, facts)));
    expected.extend(of_handovers(conn, county, &mut found).await?);
    expected.extend(
        express::facts_of(conn, county).await?.into_iter().map(|(source, facts)| (source.kind, source.id, facts)),
    );
    for (kind, id, drafts) in expected {
        let mut said: Vec<Said> = drafts.into_iter().map(said).collect();
        let mut facts = stored.remove(&(kind.to_owned(), id.clone())).unwrap_or_default();
        said.sort();
        facts.sort();
        if said != facts {
            let lacking = said.iter().filter(|one| !facts.contains(one)).count();
            let surplus = facts.iter().filter(|one| !said.contains(one)).count();
            let what = format!("实绩与记录不符：少 {lacking} 条，多 {surplus} 条");
            found.push(finding("facts", county, format!("{kind}/{id}"), what));
        }
    }
    for ((kind, id), facts) in stored {
        if KINDS.contains(&kind.as_str()) {
            let what = format!("{} 条实绩的来源记录不存在", facts.len());
            found.push(finding("source", county, format!("{kind}/{id}"), what));
        }
    }
    Ok(found)
}

fn said(draft: FactDraft) -> Said {
    let person = draft.person.map(|(_, id)| id);
    let FactDraft { indicator, day, amount, division, unit_id, key, value, .. } = draft;
    (indicator.to_owned(), day, amount, division, person, unit_id, key, value)
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    source_kind: String,
    source_id: String,
    indicator: String,
    day: Day,
    amount: i64,
    division: DivisionCode,
    person_id: Option<String>,
    unit_id: Option<String>,
    key: Option<String>,
    value: Option<String>,
}

async fn stored(conn: &mut Conn, county: CountyId) -> DbResult<BySource> {
    let query = sql("select source_kind, source_id, indicator, day, amount, division, person_id, unit_id, key, value \
                     from live_fact f where county_id = $1 and reverses is null and not exists (select 1 from live_fact r \
                     where r.county_id = f.county_id and r.reverses = f.id)");
    let mut facts = BySource::new();
    for row in conn.all::<Row>(query.bind(county)).await? {
        let Row { source_kind, source_id, indicator, day, amount, division, person_id, unit_id, key, value } = row;
        let said = (indicator, day, amount, division, person_id, unit_id, key, value);
        facts.entry((source_kind, source_id)).or_default().push(said);
    }
    Ok(facts)
}

type Expected = Vec<(&'static str, String, Vec<FactDraft>)>;

async fn of_postings(conn: &mut Conn, county: CountyId, found: &mut Vec<Finding>) -> DbResult<Expected> {
    let mut expected = Expected::new();
    for row in postings::store::all_of(conn, county).await? {
        match row.held() {
            Some(held) => expected.push(("posting", row.id, held.facts())),
            None => found.push(finding("posting", county, format!("posting/{}", row.id), "状态、职务或台账不认识")),
        }
    }
    Ok(expected)
}

async fn of_handovers(conn: &mut Conn, county: CountyId, found: &mut Vec<Finding>) -> DbResult<Expected> {
    let mut expected = Expected::new();
    for row in handover::store::all_of(conn, county).await? {
        let old = (row.old_person_county, row.old_person_id.clone());
        match row.state() {
            Some(state) => {
                let facts = handover::facts(state, row.village, &old, row.unit_id.as_deref());
                expected.push(("handover", row.id, facts));
            }
            None => found.push(finding("handover", county, format!("handover/{}", row.id), "状态不认识")),
        }
    }
    Ok(expected)
}

async fn of_teams(conn: &mut Conn, county: CountyId) -> DbResult<Expected> {
    let query = sql("select id, village, ledger, since, until from live_team where county_id = $1");
    let rows: Vec<(String, DivisionCode, String, Day, Option<Day>)> = conn.all(query.bind(county)).await?;
    let facts = |(id, village, ledger, since, until): (String, DivisionCode, String, Day, Option<Day>)| {
        let facts = match (Ledger::parse(&ledger), Period::new(since, until)) {
            (Some(ledger), Some(period)) => team_facts(&id, village, ledger, period),
            _ => Vec::new(),
        };
        ("team", id, facts)
    };
    Ok(rows.into_iter().map(facts).collect())
}

/// Coverage: of every village that ever had somebody.
async fn of_villages(conn: &mut Conn, county: CountyId) -> DbResult<Expected> {
    let held =
        sql("select village, since, until from live_posting where county_id = $1 and state in ('on_post', 'ended')");
    let mut periods: HashMap<DivisionCode, Vec<Period>> = HashMap::new();
    for (village, since, until) in conn.all::<(DivisionCode, Day, Option<Day>)>(held.bind(county)).await? {
        periods.entry(village).or_default().extend(Period::new(since, until));
    }
    let mut categories: HashMap<DivisionCode, Vec<_>> = HashMap::new();
    for (village, category, since, until) in places::store::categories(conn, county, county.division().area()).await? {
        let period = Period::new(since, until).map(|period| (category, period));
        categories.entry(village).or_default().extend(period);
    }
    let none = Vec::new();
    let villages: BTreeSet<DivisionCode> = periods.keys().copied().collect();
    let facts = |village: DivisionCode| {
        let of = categories.get(&village).unwrap_or(&none);
        ("village", village.to_string(), coverage_facts(village, periods.get(&village).map_or(&[], Vec::as_slice), of))
    };
    Ok(villages.into_iter().map(facts).collect())
}

async fn of_stars(conn: &mut Conn, county: CountyId) -> DbResult<Expected> {
    let query = sql("select village, year, stars from village_star where county_id = $1");
    let rows: Vec<(DivisionCode, i64, i64)> = conn.all(query.bind(county)).await?;
    let facts = rows.iter().filter_map(places::store::star_fact);
    Ok(facts.map(|(source, facts)| (source.kind, source.id, facts)).collect())
}
