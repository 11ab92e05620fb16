//! Reading figures: the one place where counties are added up. Sums and states read roll-ups alone, however many facts
//! lie below; distinct figures read their keys.

use base::{
    db::{Conn, DbResult, Query, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Level, Month},
};
use serde::Serialize;

use super::{Catalogue, How, Indicator, Noted, Says, sums};

/// The days a figure is asked for, both ends included; without `from` everything up to `to`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Span {
    pub from: Option<Day>,
    pub to: Day,
}

/// A place as its figures see it: its own code, and what divisions that were merged into it bring along.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Place {
    pub code: DivisionCode,
    /// Earlier divisions outside the place whose records now belong to it.
    pub plus: Vec<DivisionCode>,
    /// Earlier divisions inside the place whose records now belong elsewhere.
    pub minus: Vec<DivisionCode>,
    pub slice: Slice,
    /// Of a place above counties: whose facts are its own. Where they are not known, all of its range is looked through.
    pub counties: Vec<CountyId>,
}

/// Which of a place's facts count. Roll-ups answer for all of them; a slice is read from the facts.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Slice {
    pub credit: Credit,
    /// Only what is written of the place as such: of no division as deep as this level.
    pub above: Option<Level>,
}

/// The unit that facts are credited to.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub enum Credit {
    #[default]
    Any,
    Unit(String),
    Nobody,
}

impl Slice {
    #[must_use]
    pub fn of_unit(id: &str) -> Self {
        Self { credit: Credit::Unit(id.to_owned()), above: None }
    }

    fn is_all(&self) -> bool {
        *self == Self::default()
    }
}

impl Place {
    #[must_use]
    pub fn of(code: DivisionCode) -> Self {
        Self { code, plus: Vec::new(), minus: Vec::new(), slice: Slice::default(), counties: Vec::new() }
    }

    /// A part of its facts.
    #[must_use]
    pub fn sliced(self, slice: Slice) -> Self {
        Self { slice, ..self }
    }

    /// Whether facts of a division are counted here.
    #[must_use]
    pub fn holds(&self, division: DivisionCode) -> bool {
        let any = |codes: &[DivisionCode]| codes.iter().any(|code| code.contains(division));
        (self.code.contains(division) || any(&self.plus)) && !any(&self.minus)
    }

    /// The divisions whose roll-ups make up the place, each added or taken away.
    pub fn signed(&self) -> impl Iterator<Item = (DivisionCode, i64)> + '_ {
        let plus = self.plus.iter().map(|code| (*code, 1));
        let minus = self.minus.iter().map(|code| (*code, -1));
        std::iter::once((self.code, 1)).chain(plus).chain(minus)
    }
}

/// The stored amount of a sum or state figure, the count of a distinct or latest one.
pub async fn value(conn: &mut Conn, indicator: &Indicator, place: &Place, span: Span) -> DbResult<i64> {
    match &indicator.how {
        How::Sum => summed(conn, &indicator.code, place, span).await,
        How::State => summed(conn, &indicator.code, place, Span { from: None, to: span.to }).await,
        How::StateOverRegisters { base, .. } => {
            let head = "select cast(coalesce(sum(amount), 0) as bigint) from live_fact f where indicator = $1";
            let mut query = sql(head).bind(base);
            narrow_facts(&mut query, place);
            query.push(" and day <= ").push_bind(span.to);
            narrow_people(&mut query, &indicator.how, span.to);
            conn.value(query).await
        }
        How::Distinct => distinct(conn, &indicator.code, place, span).await,
        How::Latest { base, value } => latest(conn, base, value, place, span.to).await,
        How::Share { numerator, denominator } => {
            let of = |code: &str| Catalogue::get().find(code).cloned();
            let (Some(top), Some(bottom)) = (of(numerator), of(denominator)) else { return Ok(0) };
            let top = Box::pin(value_of(conn, &top, place, span)).await?;
            let bottom = Box::pin(value_of(conn, &bottom, place, span)).await?;
            Ok(whole_per_cent(top, bottom))
        }
    }
}

async fn value_of(conn: &mut Conn, indicator: &Indicator, place: &Place, span: Span) -> DbResult<i64> {
    value(conn, indicator, place, span).await
}

/// Rounded half up; nothing of nothing is 0.
#[must_use]
pub fn whole_per_cent(top: i64, bottom: i64) -> i64 {
    if bottom == 0 { 0 } else { (200 * top + bottom) / (2 * bottom) }
}

/// Narrows a roll-up query to the rows that make up a division: itself inside a county, county rows above.
fn narrow(query: &mut Query, division: DivisionCode) {
    if division.level() >= Level::County {
        query.push(" and county_id = ").push_bind(division.county());
        query.push(" and division = ").push_bind(division);
    } else {
        let (first, last) = division.area().counties();
        query.push(" and county_id between ").push_bind(first).push(" and ").push_bind(last);
        query.push(" and division = county_id * 1000000");
    }
}

async fn summed(conn: &mut Conn, code: &str, place: &Place, span: Span) -> DbResult<i64> {
    if !place.slice.is_all() {
        let select = "select cast(coalesce(sum(amount), 0) as bigint) from live_fact f where indicator = $1";
        return conn.value(facts_query(select, code, place, span)).await;
    }
    let mut total = 0;
    for (division, sign) in place.signed() {
        let sums = sums::amounts(conn, &[code], &[division], span).await?;
        total += sign * sums.values().sum::<i64>();
    }
    Ok(total)
}

/// From the first year (of all time where there is none) to the last, both included.
pub(super) type Years = (Option<i16>, i16);

/// A span cut into whole months and the days left over at its ends.
pub struct WholeMonths {
    /// From the first month (of all time where there is none) to the last, both included.
    pub range: Option<(Option<Month>, Month)>,
    pub edges: Vec<(Day, Day)>,
}

impl WholeMonths {
    #[must_use]
    pub fn of(span: Span) -> Self {
        let after = span.to.plus_days(1);
        // The first month that is not whole at the end begins here.
        let end_month_start = after.month().first_day();
        let from_month_start = span.from.map(|from| {
            let first = from.month().first_day();
            if first == from { first } else { from.month().next().first_day() }
        });
        let mut edges = Vec::new();
        if let (Some(from), Some(start)) = (span.from, from_month_start)
            && start > end_month_start
        {
            return Self { range: None, edges: vec![(from, span.to)] };
        }
        if let (Some(from), Some(start)) = (span.from, from_month_start)
            && from < start
        {
            edges.push((from, start.plus_days(-1)));
        }
        if end_month_start <= span.to {
            edges.push((end_month_start, span.to));
        }
        let last = end_month_start.plus_days(-1).month();
        let first = from_month_start.map(Day::month);
        let holds_month = first.is_none_or(|first| first <= last);
        Self { range: holds_month.then_some((first, last)), edges }
    }

    /// The whole months as whole years (of all time where no first is named) and the months left over at their ends.
    pub(super) fn years(&self) -> (Option<Years>, Vec<(Month, Month)>) {
        let Some((first, last)) = self.range else { return (None, Vec::new()) };
        let year = |month: Month| month.first_day().year();
        let january = |of: i16| Month::new(of, 1);
        let december = |of: i16| Month::new(of, 12);
        // The last year that ends within, and the first that begins within.
        let to = if december(year(last)) == Some(last) { year(last) } else { year(last) - 1 };
        let from = first.map(|first| if january(year(first)) == Some(first) { year(first) } else { year(first) + 1 });
        if let (Some(first), true) = (first, from.is_some_and(|from| from > to)) {
            return (None, vec![(first, last)]);
        }
        let mut rest = Vec::new();
        if let (Some(first), Some(end)) = (first, from.and_then(|from| december(from - 1)))
            && first <= end
        {
            rest.push((first, end));
        }
        if let Some(begin) = january(to + 1).filter(|begin| *begin <= last) {
            rest.push((begin, last));
        }
        (Some((from, to)), rest)
    }
}

/// Facts of a place and a period, whatever slice of them is asked for.
fn facts_query(select: &'static str, code: &str, place: &Place, span: Span) -> Query {
    let mut query = sql(select).bind(code);
    narrow_facts(&mut query, place);
    if let Some(from) = span.from {
        query.push(" and day >= ").push_bind(from);
    }
    query.push(" and day <= ").push_bind(span.to);
    query
}

async fn distinct(conn: &mut Conn, code: &str, place: &Place, span: Span) -> DbResult<i64> {
    if !place.slice.is_all() {
        let select = "select key, cast(sum(case when reverses is null then 1 else -1 end) as bigint) from live_fact f \
                      where key is not null and indicator = $1";
        let mut query = facts_query(select, code, place, span);
        query.push(" group by key");
        let keys: Vec<(String, i64)> = conn.all(query).await?;
        return Ok(i64::try_from(keys.iter().filter(|(_, facts)| *facts > 0).count()).unwrap_or(i64::MAX));
    }
    if place.plus.is_empty() && place.minus.is_empty() {
        let months = closed_months(conn, code, place.code, span).await?;
        return conn.value(distinct_query(code, place.code, &months)).await;
    }
    let mut counts: std::collections::HashMap<String, i64> = std::collections::HashMap::new();
    for (division, sign) in place.signed() {
        let months = closed_months(conn, code, division, span).await?;
        for (key, facts) in keys_of(conn, code, division, &months).await? {
            *counts.entry(key).or_default() += sign * facts;
        }
    }
    Ok(i64::try_from(counts.values().filter(|count| **count > 0).count()).unwrap_or(i64::MAX))
}

/// The span in whole months; a last month in which nothing lies after the span counts as whole, so that a figure of today
/// does not go through the facts of the month.
async fn closed_months(conn: &mut Conn, code: &str, division: DivisionCode, span: Span) -> DbResult<WholeMonths> {
    let end = span.to.month().next().first_day().plus_days(-1);
    if span.to == end {
        return Ok(WholeMonths::of(span));
    }
    let later: Option<(i64,)> = conn.maybe(sums::later_query(&[code], &[division], (span.to, end))).await?;
    Ok(WholeMonths::of(if later.is_some() { span } else { Span { to: end, ..span } }))
}

/// How many keys a division has that are not taken back.
fn distinct_query(code: &str, division: DivisionCode, months: &WholeMonths) -> Query {
    let mut query = sql("select count(*) from (select key from (");
    push_keys(&mut query, code, division, months);
    query.push(") found group by key having sum(facts) > 0) counted");
    query
}

/// The keys of a division and how many facts each has.
async fn keys_of(
    conn: &mut Conn,
    code: &str,
    division: DivisionCode,
    months: &WholeMonths,
) -> DbResult<Vec<(String, i64)>> {
    let mut query = sql("select key, cast(sum(facts) as bigint) from (");
    push_keys(&mut query, code, division, months);
    query.push(") found group by key having sum(facts) > 0");
    conn.all(query).await
}

/// Keys with their facts: whole years and months from the key tables, edges from the facts.
fn push_keys(query: &mut Query, code: &str, division: DivisionCode, months: &WholeMonths) {
    let (years, rest) = months.years();
    let mut joint = "";
    if let Some((from, to)) = years {
        query.push("select key, facts from live_distinct_year where indicator = ").push_bind(code);
        narrow(query, division);
        if let Some(from) = from {
            query.push(" and year >= ").push_bind(from.to_string());
        }
        query.push(" and year <= ").push_bind(to.to_string());
        joint = " union all ";
    }
    for (from, to) in rest {
        query.push(joint).push("select key, facts from live_distinct_month where indicator = ").push_bind(code);
        narrow(query, division);
        query.push(" and month between ").push_bind(from).push(" and ").push_bind(to);
        joint = " union all ";
    }
    let (area, (first, last)) = (division.area(), division.area().counties());
    for (from, to) in &months.edges {
        query.push(joint).push("select key, case when reverses is null then 1 else -1 end as facts from live_fact");
        query.push(" where key is not null and indicator = ").push_bind(code);
        if first == last {
            query.push(" and county_id = ").push_bind(first);
        } else {
            query.push(" and county_id between ").push_bind(first).push(" and ").push_bind(last);
        }
        query.and_within("division", area);
        query.push(" and day between ").push_bind(*from).push(" and ").push_bind(*to);
        joint = " union all ";
    }
}

async fn latest(conn: &mut Conn, base: &str, value: &str, place: &Place, to: Day) -> DbResult<i64> {
    let matching = last_values(conn, base, place, to).await?;
    Ok(i64::try_from(matching.iter().filter(|record| record.value.as_deref() == Some(value)).count()).unwrap_or(0))
}

/// One record behind a figure.
#[derive(Clone, Debug, sqlx_macros::FromRow, Serialize)]
pub struct Record {
    pub day: Day,
    pub amount: i64,
    pub key: Option<String>,
    pub value: Option<String>,
    #[sqlx(rename = "division")]
    pub village: DivisionCode,
    #[serde(skip)]
    pub person_county: Option<CountyId>,
    #[sqlx(rename = "person_id")]
    pub person: Option<String>,
    #[sqlx(rename = "unit_id")]
    pub unit: Option<String>,
    pub source_kind: String,
    pub source_id: String,
    #[serde(skip)]
    pub county_id: CountyId,
}

const RECORD: &str = "select day, amount, key, value, division, person_county, person_id, unit_id, source_kind, \
                      source_id, county_id from live_fact f where reverses is null and not exists (select 1 from live_fact r \
                      where r.county_id = f.county_id and r.reverses = f.id) and indicator = $1";

/// The standing facts behind a figure, by day; `limit` and `offset` page them.
///
/// For a latest state these are the last facts of each key; applying `how` to all records gives the figure exactly.
pub async fn records(
    conn: &mut Conn,
    indicator: &Indicator,
    place: &Place,
    span: Span,
    page: Option<(i64, i64)>,
) -> DbResult<Vec<Record>> {
    let from = if indicator.how.is_state() { None } else { span.from };
    if let How::Latest { base, .. } = &indicator.how {
        return last_values(conn, base, place, span.to).await;
    }
    let mut query = sql(RECORD).bind(indicator.fact_code());
    narrow_facts(&mut query, place);
    if let Some(from) = from {
        query.push(" and day >= ").push_bind(from);
    }
    query.push(" and day <= ").push_bind(span.to);
    narrow_people(&mut query, &indicator.how, span.to);
    query.push(" order by day desc, id desc");
    if let Some((limit, offset)) = page {
        query.push(" limit ").push_bind(limit).push(" offset ").push_bind(offset);
    }
    conn.all(query).await
}

/// How many records [`records`] would give without paging.
pub async fn count_records(conn: &mut Conn, indicator: &Indicator, place: &Place, span: Span) -> DbResult<i64> {
    if matches!(indicator.how, How::Latest { .. }) {
        return Ok(i64::try_from(records(conn, indicator, place, span, None).await?.len()).unwrap_or(0));
    }
    let mut query =
        sql("select count(*) from live_fact f where reverses is null and not exists (select 1 from live_fact r \
                         where r.county_id = f.county_id and r.reverses = f.id) and indicator = $1")
        .bind(indicator.fact_code());
    narrow_facts(&mut query, place);
    if let Some(from) = span.from.filter(|_| !indicator.how.is_state()) {
        query.push(" and day >= ").push_bind(from);
    }
    query.push(" and day <= ").push_bind(span.to);
    narrow_people(&mut query, &indicator.how, span.to);
    conn.value(query).await
}

/// Narrows a query over `live_fact f` to the facts that a place counts.
pub fn narrow_facts(query: &mut Query, place: &Place) {
    query.push(" and (");
    for (i, code) in std::iter::once(&place.code).chain(&place.plus).enumerate() {
        let (area, (first, last)) = (code.area(), code.area().counties());
        query.push(if i == 0 { "(" } else { " or (" });
        // Of one county the index is gone down to the indicator; a range of counties ends it.
        if first == last {
            query.push("f.county_id = ").push_bind(first);
        } else if i == 0 && !place.counties.is_empty() {
            query.push("f.county_id in (");
            push_list(query, place.counties.iter().copied());
            query.push(")");
        } else {
            query.push("f.county_id between ").push_bind(first).push(" and ").push_bind(last);
        }
        query.and_within("f.division", area).push(")");
    }
    query.push(")");
    for code in &place.minus {
        let area = code.area();
        query.push(" and not (f.division between ").push_bind(area.first).push(" and ").push_bind(area.last).push(")");
    }
    match &place.slice.credit {
        Credit::Any => {}
        Credit::Unit(id) => {
            query.push(" and f.unit_id = ").push_bind(id);
        }
        Credit::Nobody => {
            query.push(" and f.unit_id is null");
        }
    }
    // The code of a division above a level ends in as many zeros as the next level up has.
    if let Some(level) = place.slice.above {
        query.push(" and f.division % ").push_bind(level.above_step()).push(" = 0");
    }
}

/// Every standing fact up to a day, in the order in which they were true.
pub async fn history(conn: &mut Conn, base: &str, place: &Place, to: Day) -> DbResult<Vec<Record>> {
    let mut query = sql(RECORD).bind(base);
    narrow_facts(&mut query, place);
    query.push(" and day <= ").push_bind(to).push(" order by day, recorded_at, id");
    conn.all(query).await
}

fn push_list<V: Into<Value>>(query: &mut Query, values: impl Iterator<Item = V>) {
    for (i, value) in values.enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push_bind(value);
    }
}

/// Narrows facts to those of people of whom their file says what the figure asks.
fn narrow_people(query: &mut Query, how: &How, on: Day) {
    let How::StateOverRegisters { says, .. } = how else { return };
    query.push(
        " and exists (select 1 from live_person h where h.county_id = f.person_county and h.id = f.person_id and ",
    );
    match says {
        // Births are days, or months where no more is known: then the first day counts.
        Says::Younger(years) => {
            query.push("h.birth > ").push_bind(on.plus_months(-12 * years));
        }
        Says::Rank(ranks) => {
            query.push("h.rank in (");
            push_list(query, ranks.iter());
            query.push(")");
        }
        Says::Noted(notes) => {
            query.push("(1 = 0");
            for note in notes {
                query.push(match note {
                    Noted::VillageExperience => " or h.village_experience = 1",
                    Noted::Agriculture => " or h.agriculture = 1",
                });
            }
            query.push(")");
        }
    }
    query.push(")");
}

/// Per key the last standing fact up to a day.
async fn last_values(conn: &mut Conn, base: &str, place: &Place, to: Day) -> DbResult<Vec<Record>> {
    let mut last: std::collections::BTreeMap<String, Record> = std::collections::BTreeMap::new();
    for record in history(conn, base, place, to).await? {
        last.insert(record.key.clone().unwrap_or_default(), record);
    }
    Ok(last.into_values().collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_span_is_cut_into_months_and_edges() {
        let cut = |from: Option<&str>, to: &str| {
            let cut = WholeMonths::of(Span { from: from.map(day), to: day(to) });
            let range = cut.range.map(|(a, b)| format!("{}..{b}", a.map(|m| m.to_string()).unwrap_or_default()));
            let edges: Vec<String> = cut.edges.iter().map(|(a, b)| format!("{a}~{b}")).collect();
            (range.unwrap_or_default(), edges.join(" "))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(cut(None, "2024-01-18"), pair("..2023-12", "2024-01-01~2024-01-18"));
        assert_eq!(cut(None, "2024-01-31"), pair("..2024-01", ""));
        assert_eq!(cut(Some("2024-01-01"), "2024-03-31"), pair("2024-01..2024-03", ""));
        assert_eq!(
            cut(Some("2024-01-15"), "2024-03-02"),
            pair("2024-02..2024-02", "2024-01-15~2024-01-31 2024-03-01~2024-03-02")
        );
        assert_eq!(cut(Some("2024-01-05"), "2024-01-09"), pair("", "2024-01-05~2024-01-09"));
        assert_eq!(cut(Some("2024-01-05"), "2024-02-09"), pair("", "2024-01-05~2024-01-31 2024-02-01~2024-02-09"));
        assert_eq!(cut(Some("2024-01-01"), "2024-01-09"), pair("", "2024-01-01~2024-01-09"));
    }

    #[test]
    fn whole_months_are_cut_into_years() {
        let cut = |from: Option<&str>, to: &str| {
            let (years, rest) = WholeMonths::of(Span { from: from.map(day), to: day(to) }).years();
            let years = years.map(|(a, b)| format!("{}..{b}", a.map(|y| y.to_string()).unwrap_or_default()));
            let rest: Vec<String> = rest.iter().map(|(a, b)| format!("{a}~{b}")).collect();
            (years.unwrap_or_default(), rest.join(" "))
        };
        let pair = |a: &str, b: &str| (a.to_owned(), b.to_owned());
        assert_eq!(cut(None, "2024-01-18"), pair("..2023", ""));
        assert_eq!(cut(None, "2024-03-18"), pair("..2023", "2024-01~2024-02"));
        assert_eq!(cut(None, "2024-12-31"), pair("..2024", ""));
        assert_eq!(cut(Some("2021-01-01"), "2023-12-31"), pair("2021..2023", ""));
        assert_eq!(cut(Some("2021-01-15"), "2024-02-29"), pair("2022..2023", "2021-02~2021-12 2024-01~2024-02"));
        assert_eq!(cut(Some("2021-12-01"), "2022-11-30"), pair("", "2021-12~2022-11"));
        assert_eq!(cut(Some("2023-06-01"), "2023-09-30"), pair("", "2023-06~2023-09"));
        assert_eq!(cut(Some("2023-06-05"), "2023-06-09"), pair("", ""));
    }

    #[test]
    fn shares_round_to_whole_per_cent() {
        assert_eq!(whole_per_cent(295, 670), 44);
        assert_eq!(whole_per_cent(214, 670), 32);
        assert_eq!(whole_per_cent(174, 670), 26);
        assert_eq!(whole_per_cent(0, 0), 0);
    }
}
