//! All SQL of the explorer's tables: sums and states from roll-ups; of one county distinct figures and what is credited
//! to units from its facts, a day to a row; above counties distinct figures from their keys, units from the facts.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use base::{
    db::{Conn, DbResult, Query, Value, sql},
    kernel::{CountyId, Day, DivisionCode, Level, Month},
};

use super::{
    cut::Cut,
    grid::{Data, spread},
    rules::{Aspect, View},
};
use crate::spine::facts::{
    How, Indicator,
    read::{self, Place, Slice, Span, narrow_facts},
};

/// Reads everything a table is computed from; `spans` are those of its cells.
pub async fn read(conn: &mut Conn, view: &View, data: &mut Data, spans: &[Span]) -> DbResult<()> {
    let codes = |wanted: fn(&How) -> bool| -> Vec<&'static str> {
        data.indicators.iter().filter(|one| wanted(&one.how)).map(|one| one.code.as_str()).collect()
    };
    let sums = codes(|how| *how == How::Sum);
    let states = codes(|how| *how == How::State);
    let keyed = codes(|how| *how == How::Distinct);
    let one_county = view.place.level() >= Level::County;
    for (codes, standing) in [(&sums, false), (&states, true)] {
        let cut = Cut::of(spans, standing);
        if view.unit.is_none() {
            rollups(conn, data, codes, &cut).await?;
        }
        let wanted = Wanted { codes, keys: false, standing };
        if one_county && (view.unit.is_some() || view.by(Aspect::Unit)) {
            by_day(conn, view, data, wanted).await?;
        } else {
            by_unit(conn, view, data, wanted, spans).await?;
        }
    }
    let wanted = Wanted { codes: &keyed, keys: true, standing: false };
    if one_county {
        by_day(conn, view, data, wanted).await?;
    } else {
        if view.unit.is_none() {
            let cut = Cut::of(spans, false);
            key_months(conn, data, &keyed, &cut).await?;
            key_days(conn, data, &keyed, &cut).await?;
        }
        by_unit(conn, view, data, wanted, spans).await?;
    }
    let whole = asked(view, &data.places);
    for base in bases(&data.indicators) {
        let records = read::history(conn, base, &whole, view.span.to).await?;
        if view.by(Aspect::Unit) {
            let units: BTreeSet<&String> = records.iter().filter_map(|record| record.unit.as_ref()).collect();
            let fresh: Vec<String> = units.into_iter().filter(|unit| !data.units.contains(unit)).cloned().collect();
            data.units.extend(fresh);
        }
        data.history.insert(base.to_owned(), records);
    }
    data.settle();
    Ok(())
}

fn bases(indicators: &[&'static Indicator]) -> BTreeSet<&'static str> {
    let base = |one: &&'static Indicator| match &one.how {
        How::Latest { base, .. } => Some(base.as_str()),
        How::Sum | How::Distinct | How::State | How::StateOverRegisters { .. } | How::Share { .. } => None,
    };
    indicators.iter().filter_map(base).collect()
}

/// The whole place, of the one unit where only that is counted.
fn asked(view: &View, places: &[Place]) -> Place {
    let whole = places.first().cloned().unwrap_or_else(|| Place::of(view.place));
    match &view.unit {
        Some(unit) => whole.sliced(Slice::of_unit(unit)),
        None => whole,
    }
}

/// Where rows of roll-ups are looked for: divisions inside a county, or the counties of a range.
enum Reach {
    Inside(CountyId, Vec<DivisionCode>),
    Counties(i64, i64),
}

/// The places' divisions by where their rows lie.
fn reach(codes: &BTreeSet<DivisionCode>) -> (Vec<Reach>, BTreeSet<DivisionCode>) {
    let deep: BTreeSet<CountyId> =
        codes.iter().filter(|code| code.level() > Level::County).map(|code| code.county()).collect();
    let above: Vec<DivisionCode> = codes.iter().copied().filter(|code| code.level() <= Level::County).collect();
    let alone = above.len() == 1;
    let exact = |code: &DivisionCode| {
        code.level() > Level::County || (code.level() == Level::County && (alone || deep.contains(&code.county())))
    };
    let inside: BTreeSet<DivisionCode> = codes.iter().copied().filter(exact).collect();
    let mut by_county: BTreeMap<CountyId, Vec<DivisionCode>> = BTreeMap::new();
    for code in &inside {
        by_county.entry(code.county()).or_default().push(*code);
    }
    let mut found: Vec<Reach> = by_county.into_iter().map(|(county, codes)| Reach::Inside(county, codes)).collect();
    let ranges = above.iter().filter(|code| !inside.contains(code)).map(|code| code.area().counties());
    found.extend(ranges.reduce(|a, b| (a.0.min(b.0), a.1.max(b.1))).map(|(a, b)| Reach::Counties(a, b)));
    (found, inside)
}

fn narrow(query: &mut Query, reach: &Reach, codes: &[&'static str]) {
    match reach {
        Reach::Inside(county, divisions) => {
            query.push(" and county_id = ").push_bind(*county);
            query.push(" and division in (");
            push_list(query, divisions.iter().copied());
            query.push(")");
        }
        Reach::Counties(first, last) => {
            query.push(" and county_id between ").push_bind(*first).push(" and ").push_bind(*last);
            query.push(" and division = county_id * 1000000");
        }
    }
    query.push(" and indicator in (");
    push_list(query, codes.iter().copied());
    query.push(")");
}

fn push_list<V: Into<Value>>(query: &mut Query, values: impl Iterator<Item = V>) {
    for (i, value) in values.enumerate() {
        query.push(if i == 0 { "" } else { ", " }).push_bind(value);
    }
}

fn push_days(query: &mut Query, days: &[(Day, Day)]) {
    query.push(" and (");
    for (i, (from, to)) in days.iter().enumerate() {
        query.push(if i == 0 { "day between " } else { " or day between " });
        query.push_bind(*from).push(" and ").push_bind(*to);
    }
    query.push(")");
}

/// Which places of a table a row of a roll-up counts for.
struct Target<'a> {
    spread: HashMap<DivisionCode, Vec<(usize, i64)>>,
    inside: &'a BTreeSet<DivisionCode>,
}

impl Target<'_> {
    fn of(&self, reach: &Reach, division: DivisionCode) -> Vec<(usize, i64)> {
        let found = |code: DivisionCode| self.spread.get(&code).cloned().unwrap_or_default();
        match reach {
            Reach::Inside(..) => found(division),
            // A county's row counts for every place above that holds it.
            Reach::Counties(..) => {
                let above = [Level::City, Level::Province, Level::Nation].map(|level| division.at(level));
                let codes: BTreeSet<DivisionCode> = above.into_iter().chain([division]).collect();
                codes.into_iter().filter(|code| !self.inside.contains(code)).flat_map(found).collect()
            }
        }
    }
}

/// Sums of roll-ups by place and time.
async fn rollups(conn: &mut Conn, data: &mut Data, codes: &[&'static str], cut: &Cut) -> DbResult<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let spread = spread(&data.places);
    let (reaches, inside) = reach(&spread.keys().copied().collect());
    let target = Target { spread, inside: &inside };
    for reach in &reaches {
        let mut put = |indicator: &str, division: DivisionCode, day: Day, amount: i64| {
            for (place, sign) in target.of(reach, division) {
                data.add(indicator, place, 0, (day, sign * amount));
            }
        };
        for (query, day) in one_sums(reach, codes, cut) {
            for (indicator, division, amount) in conn.all::<(String, DivisionCode, i64)>(query).await? {
                put(&indicator, division, day, amount);
            }
        }
        if let Some(query) = months_query(reach, codes, cut) {
            for (indicator, division, month, amount) in conn.all::<(String, DivisionCode, Month, i64)>(query).await? {
                if !cut.splits(month) {
                    put(&indicator, division, month.first_day(), amount);
                }
            }
        }
        if let Some(query) = days_query(reach, codes, cut) {
            for (indicator, division, day, amount) in conn.all::<(String, DivisionCode, Day, i64)>(query).await? {
                put(&indicator, division, day, amount);
            }
        }
    }
    Ok(())
}

/// Months that nobody tells apart, each in one sum with the day it stands on.
fn one_sums(reach: &Reach, codes: &[&'static str], cut: &Cut) -> Vec<(Query, Day)> {
    let summed = || {
        let mut query = sql("select indicator, division, cast(coalesce(sum(amount), 0) as bigint) \
                             from live_rollup_month where 1 = 1");
        narrow(&mut query, reach, codes);
        query
    };
    let mut queries = Vec::new();
    if let Some(before) = cut.before {
        let mut query = summed();
        query.push(" and month < ").push_bind(before).push(" group by indicator, division");
        queries.push((query, Cut::day_before(before)));
    }
    if let Some((from, to)) = cut.months.filter(|_| !cut.apart) {
        let mut query = summed();
        query.push(" and month between ").push_bind(from).push(" and ").push_bind(to);
        query.push(" group by indicator, division");
        queries.push((query, from.first_day()));
    }
    queries
}

fn months_query(reach: &Reach, codes: &[&'static str], cut: &Cut) -> Option<Query> {
    let (from, to) = cut.months.filter(|_| cut.apart)?;
    let mut query = sql("select indicator, division, month, amount from live_rollup_month where 1 = 1");
    narrow(&mut query, reach, codes);
    query.push(" and month between ").push_bind(from).push(" and ").push_bind(to);
    Some(query)
}

fn days_query(reach: &Reach, codes: &[&'static str], cut: &Cut) -> Option<Query> {
    if cut.days.is_empty() {
        return None;
    }
    let mut query = sql("select indicator, division, day, amount from live_rollup_day where 1 = 1");
    narrow(&mut query, reach, codes);
    push_days(&mut query, &cut.days);
    Some(query)
}

/// Keys of distinct figures by place and month.
async fn key_months(conn: &mut Conn, data: &mut Data, codes: &[&'static str], cut: &Cut) -> DbResult<()> {
    if codes.is_empty() {
        return Ok(());
    }
    let spread = spread(&data.places);
    let (reaches, inside) = reach(&spread.keys().copied().collect());
    let target = Target { spread, inside: &inside };
    for reach in &reaches {
        let Some(query) = keys_query(reach, codes, cut) else { continue };
        let rows: Vec<(String, DivisionCode, String, Month, i64)> = conn.all(query).await?;
        for (indicator, division, key, month, facts) in rows {
            if cut.splits(month) {
                continue;
            }
            // Months that nobody tells apart stand together with those that are one sum.
            let day = cut.before.filter(|before| month < *before).map_or(month.first_day(), Cut::day_before);
            for (place, sign) in target.of(reach, division) {
                data.add_key(&indicator, place, 0, &key, (day, sign * facts));
            }
        }
    }
    Ok(())
}

fn keys_query(reach: &Reach, codes: &[&'static str], cut: &Cut) -> Option<Query> {
    let last = cut.months.map(|(_, to)| to.next()).max(cut.before)?;
    let first = if cut.before.is_some() { None } else { cut.months.map(|(from, _)| from) };
    // Added up by the program: grouped, the rows of the view would be sorted first.
    let mut query = sql("select indicator, division, key, month, facts from live_distinct_month where 1 = 1");
    narrow(&mut query, reach, codes);
    if let Some(first) = first {
        query.push(" and month >= ").push_bind(first);
    }
    query.push(" and month < ").push_bind(last);
    Some(query)
}

/// Keys of the days that a period cuts: no roll-up holds them by day.
async fn key_days(conn: &mut Conn, data: &mut Data, codes: &[&'static str], cut: &Cut) -> DbResult<()> {
    let places = data.places.clone();
    let Some(whole) = places.first().filter(|_| !codes.is_empty() && !cut.days.is_empty()) else { return Ok(()) };
    let mut query = sql("select indicator, division, key, day, \
                         cast(sum(case when reverses is null then 1 else -1 end) as bigint) \
                         from live_fact f where key is not null");
    narrow_facts(&mut query, whole);
    query.push(" and indicator in (");
    push_list(&mut query, codes.iter().copied());
    query.push(")");
    push_days(&mut query, &cut.days);
    query.push(" group by indicator, division, key, day");
    let rows: Vec<(String, DivisionCode, String, Day, i64)> = conn.all(query).await?;
    let mut holders = Holders::of(&places);
    for (indicator, division, key, day, facts) in rows {
        for place in holders.holding(division) {
            data.add_key(&indicator, *place, 0, &key, (day, facts));
        }
    }
    Ok(())
}

/// Which places of a table hold a division, looked up once each.
struct Holders<'a> {
    places: &'a [Place],
    known: HashMap<DivisionCode, Vec<usize>>,
}

impl<'a> Holders<'a> {
    fn of(places: &'a [Place]) -> Self {
        Self { places, known: HashMap::new() }
    }

    fn holding(&mut self, division: DivisionCode) -> &[usize] {
        let places = self.places;
        self.known.entry(division).or_insert_with(|| {
            let holds = |(_, place): &(usize, &Place)| place.holds(division);
            // What is read was read of the whole, whose code alone says nothing of facts above it.
            std::iter::once(0)
                .chain(places.iter().enumerate().skip(1).filter(holds).map(|(number, _)| number))
                .collect()
        })
    }
}

/// What is read of the facts themselves.
#[derive(Clone, Copy)]
struct Wanted<'a> {
    codes: &'a [&'static str],
    keys: bool,
    /// Adds up from the first day of all.
    standing: bool,
}

/// What stands between facts, and between what is told of one.
const FACT: &str = "\u{1e}";
const PART: &str = "\u{1f}";

/// Facts of one county, a day to a row: to hand over each in a row of its own costs more than to count it.
async fn by_day(conn: &mut Conn, view: &View, data: &mut Data, wanted: Wanted<'_>) -> DbResult<()> {
    let (places, whole) = (data.places.clone(), asked(view, &data.places));
    let mut holders = Holders::of(&places);
    let mut units: HashMap<String, usize> = data.units.iter().cloned().zip(1..).collect();
    let apart = view.unit.is_none() && view.by(Aspect::Unit);
    for code in wanted.codes {
        let Some(indicator) = data.number_of(code) else { continue };
        for (day, facts) in conn.all::<(Day, String)>(day_query(view, &whole, code, wanted)).await? {
            for fact in facts.split(FACT) {
                let mut parts = fact.split(PART);
                let mut part = || parts.next().unwrap_or_default();
                let (division, unit, key, amount) = (part(), part(), part(), part());
                let (Some(division), Ok(amount)) = (DivisionCode::parse(division), amount.parse::<i64>()) else {
                    continue;
                };
                let unit = match units.get(unit) {
                    _ if !apart || unit.is_empty() => None,
                    Some(known) => Some(*known),
                    None => {
                        data.units.push(unit.to_owned());
                        units.insert(unit.to_owned(), data.units.len());
                        Some(data.units.len())
                    }
                };
                let key = wanted.keys.then(|| data.key(key));
                // Sums of everybody come from roll-ups.
                let everybody = (wanted.keys || view.unit.is_some()).then_some(0);
                for place in holders.holding(division) {
                    for unit in everybody.into_iter().chain(unit) {
                        match key {
                            Some(key) => data.put_key((indicator, *place, unit), key, (day, amount)),
                            None => data.put((indicator, *place, unit), (day, amount)),
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// The facts of each day: division, unit, key, and the amount or whether it is taken back. Those of an import that is not
/// folded in yet come in rows of their own: the others are read from their index alone.
fn day_query(view: &View, whole: &Place, code: &str, wanted: Wanted<'_>) -> Query {
    let mut query = sql("");
    for (i, facts) in ["live_fact_settled f", "live_fact_applied f"].into_iter().enumerate() {
        query.push(if i == 0 { "select f.day, string_agg(" } else { " union all select f.day, string_agg(" });
        query
            .push("cast(f.division as text) || ")
            .push_bind(PART)
            .push(" || coalesce(f.unit_id, '') || ")
            .push_bind(PART);
        if wanted.keys {
            query
                .push(" || f.key || ")
                .push_bind(PART)
                .push(" || case when f.reverses is null then '1' else '-1' end, ");
        } else {
            query.push(" || ").push_bind(PART).push(" || cast(f.amount as text), ");
        }
        query.push_bind(FACT).push(") from ").push(facts);
        query.push(if wanted.keys { " where f.key is not null" } else { " where f.unit_id is not null" });
        query.push(" and f.indicator = ").push_bind(code);
        narrow_facts(&mut query, whole);
        if let Some(from) = view.span.from.filter(|_| !wanted.standing) {
            query.push(" and f.day >= ").push_bind(from);
        }
        query.push(" and f.day <= ").push_bind(view.span.to).push(" group by f.day");
    }
    query
}

/// How finely facts are told apart by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Grain {
    Whole,
    Month,
    Day,
}

impl Grain {
    /// Months are enough where every span begins and ends with one, save for the ends of the whole.
    fn of(view: &View, spans: &[Span]) -> Self {
        if !view.by(Aspect::Time) {
            return Self::Whole;
        }
        let begins = spans.iter().filter_map(|span| span.from).filter(|from| Some(*from) != view.span.from);
        let ends = spans.iter().map(|span| span.to).filter(|to| *to != view.span.to).map(|to| to.plus_days(1));
        let whole = begins.chain(ends).all(|day| day.day_of_month() == 1);
        if whole { Self::Month } else { Self::Day }
    }
}

/// Facts by the unit they are credited to, or those of the one unit that the view counts.
async fn by_unit(conn: &mut Conn, view: &View, data: &mut Data, wanted: Wanted<'_>, spans: &[Span]) -> DbResult<()> {
    if wanted.codes.is_empty() || (view.unit.is_none() && !view.by(Aspect::Unit)) {
        return Ok(());
    }
    let grain = Grain::of(view, spans);
    let by_place = view.by(Aspect::Place);
    let query = unit_query(view, &asked(view, &data.places), wanted, grain, by_place);
    let rows: Vec<(String, String, DivisionCode, Option<String>, String, i64)> = conn.all(query).await?;
    let mut numbers: HashMap<String, usize> = data.units.iter().cloned().zip(1..).collect();
    let places = data.places.clone();
    let mut holders = Holders::of(&places);
    for (indicator, unit, division, key, time, amount) in rows {
        let unit = if view.unit.is_some() {
            0
        } else {
            let next = numbers.len() + 1;
            *numbers.entry(unit.clone()).or_insert_with(|| {
                data.units.push(unit);
                next
            })
        };
        let day = day_of(&time, wanted.standing, view.span);
        let holding: &[usize] = if by_place { holders.holding(division) } else { &[0] };
        for place in holding {
            match &key {
                None => data.add(&indicator, *place, unit, (day, amount)),
                Some(key) => data.add_key(&indicator, *place, unit, key, (day, amount)),
            }
        }
    }
    Ok(())
}

/// The day on which an amount stands: a month on its first day that lies in the period.
fn day_of(time: &str, standing: bool, span: Span) -> Day {
    let day = Day::parse(time).or_else(|| Month::parse(time).map(Month::first_day)).unwrap_or(span.to);
    match span.from {
        Some(from) if !standing => day.max(from),
        Some(_) | None => day,
    }
}

fn unit_query(view: &View, whole: &Place, wanted: Wanted<'_>, grain: Grain, by_place: bool) -> Query {
    let mut query = sql("select indicator, unit_id, ");
    query.push(if by_place { "division, " } else { "cast(0 as bigint), " });
    query.push(if wanted.keys { "key, " } else { "cast(null as text), " });
    query.push(match grain {
        Grain::Whole => "'', ",
        Grain::Month => "substr(day, 1, 7), ",
        Grain::Day => "day, ",
    });
    query.push(if wanted.keys {
        "cast(sum(case when reverses is null then 1 else -1 end) as bigint) from live_fact f where key is not null"
    } else {
        "cast(sum(amount) as bigint) from live_fact f where 1 = 1"
    });
    query.push(" and unit_id is not null");
    narrow_facts(&mut query, whole);
    query.push(" and indicator in (");
    push_list(&mut query, wanted.codes.iter().copied());
    query.push(")");
    if let Some(from) = view.span.from.filter(|_| !wanted.standing) {
        query.push(" and day >= ").push_bind(from);
    }
    query.push(" and day <= ").push_bind(view.span.to);
    query.push(" group by indicator, unit_id");
    query.push(if by_place { ", division" } else { "" });
    query.push(if wanted.keys { ", key" } else { "" });
    query.push(match grain {
        Grain::Whole => "",
        Grain::Month => ", substr(day, 1, 7)",
        Grain::Day => ", day",
    });
    query
}

/// Names of units by their ids.
pub async fn unit_names(conn: &mut Conn, ids: &[String]) -> DbResult<HashMap<String, String>> {
    let mut names = HashMap::new();
    for chunk in ids.chunks(500) {
        let mut query = sql("select id, name from unit where id in (");
        push_list(&mut query, chunk.iter());
        query.push(")");
        names.extend(conn.all::<(String, String)>(query).await?);
    }
    Ok(names)
}

/// The statements of a table, for their plans.
#[cfg(test)]
pub fn queries(view: &View, places: &[Place], spans: &[Span]) -> Vec<Query> {
    let codes = [view.indicator.code.as_str()];
    let (reaches, _) = reach(&spread(places).keys().copied().collect());
    let mut queries = Vec::new();
    for standing in [false, true] {
        let cut = Cut::of(spans, standing);
        for reach in &reaches {
            queries.extend(one_sums(reach, &codes, &cut).into_iter().map(|(query, _)| query));
            queries.extend(months_query(reach, &codes, &cut));
            queries.extend(days_query(reach, &codes, &cut));
            queries.extend(keys_query(reach, &codes, &cut));
        }
        for keys in [false, true] {
            let wanted = Wanted { codes: &codes, keys, standing };
            queries.push(unit_query(view, &asked(view, places), wanted, Grain::Month, true));
            if view.place.level() >= Level::County {
                queries.push(day_query(view, &asked(view, places), codes[0], wanted));
            }
        }
    }
    queries
}
