//! All SQL of contact cards.

use std::collections::{BTreeMap, BTreeSet};

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{Area, CountyId, Day, DivisionCode, Instant, new_id},
    web::AppError,
};

use super::rules::{Holder, covered_facts, new_token};
use crate::{
    accounts::Actor,
    households,
    people::portraits::Face,
    spine::facts::{self, FactDraft, Source, Writing},
};

#[derive(sqlx_macros::FromRow)]
struct HolderRow {
    village: DivisionCode,
    name: String,
    role: String,
    ledger: String,
    unit: Option<String>,
    phone: Option<String>,
    since: Day,
    person_county: CountyId,
    small_id: Option<String>,
    content_hash: Option<String>,
}

/// Whom the villages of an area have on post as first secretary; where a county's guide stands beside, the first
/// secretary.
pub async fn holders(conn: &mut Conn, area: Area) -> DbResult<BTreeMap<DivisionCode, Holder>> {
    let (first, last) = area.counties();
    let query = sql("select s.village, p.person_name as name, p.role, p.ledger, u.name as unit, h.phone, p.since, \
                     p.person_county, f.small_id, g.content_hash from village_post s join live_posting p on p.county_id = s.county_id and p.id = s.posting_id \
                     left join live_person h on h.county_id = p.person_county and h.id = p.person_id \
                     left join unit u on u.id = p.unit_id \
                     left join portrait f on f.county_id = p.person_county and f.person_id = p.person_id \
                     left join file g on g.county_id = f.county_id and g.id = f.file_id \
                     where s.county_id between $1 and $2 and s.village between $3 and $4 \
                     and s.slot in ('county_guide', 'first_secretary') order by s.village, s.slot, p.id")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last);
    let rows: Vec<HolderRow> = conn.all(query).await?;
    let holder = |row: HolderRow| Holder {
        role: Holder::role_word(&row.role, &row.ledger),
        name: row.name,
        unit: row.unit,
        phone: row.phone,
        since: Some(row.since),
        portrait: Face::read(row.person_county, row.small_id, row.content_hash),
    };
    Ok(rows.into_iter().map(|row| (row.village, holder(row))).collect())
}

/// A village's card: its token, what was printed last and when.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct CardRow {
    pub village: DivisionCode,
    pub token: String,
    pub printed: Option<String>,
    pub printed_at: Option<Instant>,
}

pub async fn cards(conn: &mut Conn, area: Area) -> DbResult<BTreeMap<DivisionCode, CardRow>> {
    let (first, last) = area.counties();
    let query = sql("select village, token, printed, printed_at from village_card where county_id between $1 and $2 \
                     and village between $3 and $4 order by village")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last);
    Ok(conn.all::<CardRow>(query).await?.into_iter().map(|row| (row.village, row)).collect())
}

/// The village that a token names, and whether it was withdrawn.
pub async fn find_token(conn: &mut Conn, token: &str) -> DbResult<Option<(DivisionCode, bool)>> {
    let query = sql("select village, withdrawn_at from card_token where token = $1").bind(token);
    let found: Option<(DivisionCode, Option<i64>)> = conn.maybe(query).await?;
    Ok(found.map(|(village, withdrawn)| (village, withdrawn.is_some())))
}

/// Gives every village of a county that lacks one its token.
pub async fn ensure(
    tx: &mut Tx,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    at: Instant,
) -> Result<(), AppError> {
    let known = cards(tx, county.division().area()).await?;
    let (mut tokens, mut rows) = (Vec::new(), Vec::new());
    for village in villages.iter().filter(|village| !known.contains_key(village)) {
        let token = new_token()?;
        tokens.push(vec![(&token).into(), county.into(), (*village).into(), at.into(), None::<i64>.into()]);
        rows.push(vec![county.into(), (*village).into(), token.into(), None::<&str>.into(), None::<i64>.into()]);
    }
    tx.run_rows(TOKEN, tokens, "").await?;
    let head = "insert into village_card (county_id, village, token, printed, printed_at) values ";
    tx.run_rows(head, rows, "on conflict (county_id, village) do nothing").await?;
    Ok(())
}

const TOKEN: &str = "insert into card_token (token, county_id, village, made_at, withdrawn_at) values ";

/// Withdraws a village's token and gives it another: its cards have to be printed again.
pub async fn renew(tx: &mut Tx, village: DivisionCode, at: Instant) -> Result<(), AppError> {
    let county = village.county();
    let withdraw = sql("update card_token set withdrawn_at = $1 where withdrawn_at is null and token in \
                        (select token from village_card where county_id = $2 and village = $3)");
    tx.run(withdraw.bind(at).bind(county).bind(village)).await?;
    let token = new_token()?;
    let row = vec![(&token).into(), county.into(), village.into(), at.into(), None::<i64>.into()];
    tx.run_rows(TOKEN, vec![row], "").await?;
    let update = sql("update village_card set token = $1, printed = null, printed_at = null where county_id = $2 \
                      and village = $3");
    tx.run(update.bind(token).bind(county).bind(village)).await?;
    Ok(())
}

/// Keeps what was printed for villages, so that a change asks for printing again.
pub async fn printed(tx: &mut Tx, printed: &[(DivisionCode, Holder)], at: Instant) -> DbResult<()> {
    for (village, holder) in printed {
        let update = sql("update village_card set printed = $1, printed_at = $2 where county_id = $3 and village = $4");
        tx.run(update.bind(holder.printed()).bind(at).bind(village.county()).bind(*village)).await?;
    }
    Ok(())
}

/// How many households that are looked after now have a card, by village.
pub async fn covered(conn: &mut Conn, area: Area) -> DbResult<BTreeMap<DivisionCode, i64>> {
    let (first, last) = area.counties();
    let query = sql("select c.village, count(*) from household_card c \
                     join household_status s on s.county_id = c.county_id and s.village = c.village \
                     and s.household_id = c.household_id and s.until is null \
                     where c.county_id between $1 and $2 and c.village between $3 and $4 \
                     and s.status in ('out_of_poverty', 'monitored') group by c.village order by c.village")
    .bind(first)
    .bind(last)
    .bind(area.first)
    .bind(area.last);
    Ok(conn.all::<(DivisionCode, i64)>(query).await?.into_iter().collect())
}

/// When each household of a village got its last card.
pub async fn last_cards(conn: &mut Conn, village: DivisionCode) -> DbResult<BTreeMap<String, Day>> {
    let query = sql("select household_id, last_day from household_card where county_id = $1 and village = $2 \
                     order by household_id");
    let rows: Vec<(String, Day)> = conn.all(query.bind(village.county()).bind(village)).await?;
    Ok(rows.into_iter().collect())
}

/// Cards handed out on a day: to households, and others put up in public.
#[derive(Clone, Debug)]
pub struct NewIssue {
    pub village: DivisionCode,
    pub day: Day,
    pub households: Vec<String>,
    pub extra: i64,
    pub note: Option<String>,
}

/// An issue as the register shows it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct IssueRow {
    pub day: Day,
    pub cards: i64,
    pub extra: i64,
    pub note: Option<String>,
    pub actor: String,
}

/// The issues of a village, newest first.
pub async fn issues(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<IssueRow>> {
    let query = sql("select day, cards, extra, note, actor from card_issue where county_id = $1 and village = $2 \
                     order by day desc, id desc limit 200");
    conn.all(query.bind(village.county()).bind(village)).await
}

/// Enters issues of one county, with their facts and the coverage of their villages.
pub async fn issue_all(tx: &mut Tx, county: CountyId, issues: &[NewIssue], actor: &Actor) -> DbResult<()> {
    let (mut rows, mut lines, mut sources) = (Vec::new(), Vec::new(), Vec::new());
    // One row per household: a statement must not meet the same one twice.
    let mut cards: BTreeMap<&str, (DivisionCode, Day, Day, i64)> = BTreeMap::new();
    for issue in issues {
        let id = new_id();
        let count = i64::try_from(issue.households.len()).unwrap_or(0) + issue.extra;
        rows.push(vec![
            county.into(),
            (&id).into(),
            issue.village.into(),
            issue.day.into(),
            count.into(),
            issue.extra.into(),
            issue.note.as_ref().into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
        ]);
        for household in &issue.households {
            lines.push(vec![county.into(), (&id).into(), household.into()]);
            let card = cards.entry(household).or_insert((issue.village, issue.day, issue.day, 0));
            *card = (card.0, card.1.min(issue.day), card.2.max(issue.day), card.3 + 1);
        }
        sources.push((Source { kind: "card_issue", id }, vec![issued(issue.village, issue.day, count)]));
    }
    let head =
        "insert into card_issue (county_id, id, village, day, cards, extra, note, made_at, made_by, actor) values ";
    tx.run_rows(head, rows, "").await?;
    tx.run_rows("insert into card_issue_line (county_id, issue_id, household_id) values ", lines, "").await?;
    tx.run_rows(
        "insert into household_card (county_id, household_id, village, first_day, last_day, cards) values ",
        cards
            .into_iter()
            .map(|(household, (village, first, last, count))| {
                vec![county.into(), household.into(), village.into(), first.into(), last.into(), count.into()]
            })
            .collect(),
        "on conflict (county_id, household_id) do update set cards = household_card.cards + excluded.cards, \
         first_day = case when excluded.first_day < household_card.first_day then excluded.first_day \
         else household_card.first_day end, last_day = case when excluded.last_day > household_card.last_day \
         then excluded.last_day else household_card.last_day end",
    )
    .await?;
    facts::record(tx, county, &sources, actor.at, Writing::New).await?;
    let villages = issues.iter().map(|issue| issue.village).collect();
    record_covered(tx, county, &villages, actor.at).await
}

/// Makes the facts of villages say how many households that are looked after have a card: after an issue, and after
/// the register of households changed.
pub async fn record_covered(
    tx: &mut Tx,
    county: CountyId,
    villages: &BTreeSet<DivisionCode>,
    at: Instant,
) -> DbResult<()> {
    let sources = covered_of(tx, county, villages).await?;
    facts::record(tx, county, &sources, at, Writing::Difference).await
}

type Said = Vec<(Source, Vec<FactDraft>)>;

async fn covered_of(conn: &mut Conn, county: CountyId, villages: &BTreeSet<DivisionCode>) -> DbResult<Said> {
    let (Some(first), Some(last)) = (villages.first(), villages.last()) else { return Ok(Said::new()) };
    let query = sql("select household_id, first_day from household_card where county_id = $1 \
                     and village between $2 and $3");
    let cards: Vec<(String, Day)> = conn.all(query.bind(county).bind(*first).bind(*last)).await?;
    let cards: BTreeMap<String, Day> = cards.into_iter().collect();
    let mut targets: BTreeMap<DivisionCode, Vec<(String, Day, Option<Day>)>> = BTreeMap::new();
    for (village, household, since, until) in households::store::target_periods(conn, county, villages).await? {
        targets.entry(village).or_default().push((household, since, until));
    }
    let none = Vec::new();
    let facts = |village: &DivisionCode| {
        let source = Source { kind: "village_cards", id: village.to_string() };
        (source, covered_facts(*village, targets.get(village).unwrap_or(&none), &cards))
    };
    Ok(villages.iter().map(facts).collect())
}

/// What the issues of a county say as facts: for checks.
pub async fn facts_of(conn: &mut Conn, county: CountyId) -> DbResult<Said> {
    let query = sql("select id, village, day, cards from card_issue where county_id = $1 order by id");
    let issues: Vec<(String, DivisionCode, Day, i64)> = conn.all(query.bind(county)).await?;
    let villages = issues.iter().map(|(_, village, ..)| *village).collect();
    let issue = |(id, village, day, cards)| (Source { kind: "card_issue", id }, vec![issued(village, day, cards)]);
    let mut said: Said = issues.into_iter().map(issue).collect();
    said.extend(covered_of(conn, county, &villages).await?);
    Ok(said)
}

fn issued(village: DivisionCode, day: Day, amount: i64) -> FactDraft {
    FactDraft {
        indicator: "card.issued",
        day,
        amount,
        division: village,
        person: None,
        unit_id: None,
        key: Some(village.to_string()),
        value: None,
    }
}
