//! Orders of the hotline against the matters that are stored: an order that is a matter already is left alone, whatever
//! its own system says of it later; the matter lives here from then on.

use std::collections::{BTreeMap, HashMap, hash_map::Entry};

use base::{
    db::{Conn, Tx},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode, Instant},
    sheet::{TimeLimit, squeeze},
    text,
    web::AppError,
};

use crate::{
    accounts::Actor,
    app::App,
    flows,
    imports::{
        Outcome, Problem, Report, code,
        matters::{Due, OrderRow, Stand},
    },
    matters::{
        acts::{self, Raised},
        rules::{Act, Channel, Done, How, Matter, Move, Said, State, kind_said},
        store::{self, NewEvent, NewMatter, Order},
    },
    packs::{MatterKind, Pack},
    presence::calendar::{self, Calendar},
};

/// Who speaks where an order's own system does.
const HOTLINE: &str = "12345 热线";

#[derive(Default)]
pub struct MatterPlan {
    new: BTreeMap<CountyId, Vec<NewMatter>>,
}

pub async fn plan(
    conn: &mut Conn,
    app: &App,
    outcome: Outcome<OrderRow>,
    actor: &Actor,
) -> Result<(Report, MatterPlan), AppError> {
    let mut report = Report::of(&outcome);
    let known = known(conn, &outcome.rows).await?;
    let (mut plan, mut posted, mut calendars) = (MatterPlan::default(), HashMap::new(), HashMap::new());
    for row in outcome.rows {
        let county = row.village.county();
        if let Some(order) = known.get(&county).and_then(|orders| orders.get(&row.number)) {
            report.unchanged += 1;
            if squeeze(&order.words) != squeeze(&row.words) {
                let message = text!("已是第 {number} 号事项，诉求内容不同，按已有的保留", number = order.matter);
                report.warnings.push(warning(&row, "", code::KNOWN_OTHERWISE, message));
            }
            continue;
        }
        let pack = app.pack(conn, county).await?;
        let has_cadre = match posted.get(&row.village) {
            Some(known) => *known,
            None => {
                let posts = flows::posts_in(conn, row.village).await?;
                let has = posts.iter().any(|post| post.period.contains(actor.today));
                posted.insert(row.village, has);
                has
            }
        };
        let kind = kind(conn, &row, pack, actor, &mut report).await?;
        if row.stand == Stand::Done && row.done.is_none() {
            let message = text!("已办结而没有办结时间，按今天办结记");
            report.warnings.push(warning(&row, "", code::NO_END, message));
        }
        let due = match row.due {
            Some(Due::Within(TimeLimit::Workdays(_))) => {
                let calendar = match calendars.entry(county) {
                    Entry::Occupied(known) => known.into_mut(),
                    Entry::Vacant(fresh) => fresh.insert(calendar::store::load(conn, county).await?),
                };
                let (due, unknown) = due(&row, calendar, actor);
                if let Some(year) = unknown {
                    let message = text!("没有 {year} 年的放假安排，这一年的工作日只除去周末", year = year);
                    report.warnings.push(warning(&row, "", code::NO_CALENDAR, message));
                }
                due
            }
            _ => due(&row, Calendar::shipped(), actor).0,
        };
        let new = matter(app, pack, row, (kind, has_cadre, due), actor)?;
        plan.new.entry(county).or_default().push(new);
        report.created += 1;
    }
    report.sort();
    Ok((report, plan))
}

fn warning(row: &OrderRow, column: &str, code: &'static str, message: Text) -> crate::imports::ReportProblem {
    (&Problem { spot: row.spot.clone(), column: column.into(), code, message, suggestion: None }).into()
}

async fn known(conn: &mut Conn, rows: &[OrderRow]) -> Result<HashMap<CountyId, HashMap<String, Order>>, AppError> {
    let mut numbers: BTreeMap<CountyId, Vec<&str>> = BTreeMap::new();
    for row in rows {
        numbers.entry(row.village.county()).or_default().push(&row.number);
    }
    let mut known = HashMap::new();
    for (county, numbers) in numbers {
        known.insert(county, store::orders_of(conn, county, &numbers).await?);
    }
    Ok(known)
}

/// The order's own word by the pack's names, else what most of the earlier matters like it were, else the pack's rest;
/// what is not the order's own word is said.
async fn kind(
    conn: &mut Conn,
    row: &OrderRow,
    pack: &Pack,
    actor: &Actor,
    report: &mut Report,
) -> Result<Option<String>, AppError> {
    if let Some(kind) = kind_said(pack, &row.kind) {
        return Ok(Some(kind.code.clone()));
    }
    let suggested = store::suggest(conn, row.village, &row.words, None, actor.today).await?.kind;
    let suggested: Option<&MatterKind> = suggested.and_then(|reasoned| pack.matter_kind(&reasoned.said));
    let said = match row.kind.as_str() {
        "" => text!("没有诉求类型"),
        word => text!("事项种类里没有“{word}”", word = word),
    };
    let (code, message) = match suggested {
        Some(kind) => {
            (code::GUESSED_KIND, text!("{said}，按以前相像的事项记为“{kind}”", said = said, kind = kind.name))
        }
        None => {
            let rest = pack.matter_kind(acts::UNKNOWN).map_or(acts::UNKNOWN, |kind| kind.name.as_str());
            (code::UNKNOWN_KIND, text!("{said}，按“{rest}”记，受理时可改", said = said, rest = rest))
        }
    };
    report.warnings.push(warning(row, &row.kind_column, code, message));
    Ok(suggested.map(|kind| kind.code.clone()))
}

fn raised_at(row: &OrderRow, actor: &Actor) -> Instant {
    row.raised.unwrap_or(actor.at).min(actor.at)
}

/// Until when an order is to be answered, days to their end; and a year of which the calendar says nothing.
fn due(row: &OrderRow, calendar: &Calendar, actor: &Actor) -> (Option<Instant>, Option<i16>) {
    let raised = raised_at(row, actor);
    let end_of = |day: Day| Instant::of_local(day, 1_439);
    let (limit, mut unknown) = match row.due {
        None => return (None, None),
        Some(Due::At(at)) => return (Some(at), None),
        Some(Due::Within(limit)) => (limit, None),
    };
    let at = match limit {
        TimeLimit::Hours(hours) => raised.plus_seconds(hours * 3_600),
        TimeLimit::Days(days) => end_of(raised.local_day().plus_days(days)),
        TimeLimit::Workdays(days) => {
            let (mut day, mut left) = (raised.local_day(), days);
            while left > 0 {
                day = day.plus_days(1);
                let worked = calendar.is_workday(day).unwrap_or_else(|| {
                    unknown.get_or_insert(day.year());
                    !calendar::is_weekend(day)
                });
                left -= i64::from(worked);
            }
            end_of(day)
        }
    };
    (Some(at), unknown)
}

/// The matter of an order, as far as it has come: open ones wait to be accepted, what has ended is past.
fn matter(
    app: &App,
    pack: &Pack,
    row: OrderRow,
    (kind, has_cadre, due): (Option<String>, bool, Option<Instant>),
    actor: &Actor,
) -> Result<NewMatter, AppError> {
    let raised_at = raised_at(&row, actor);
    let raised = Raised {
        village: row.village,
        said: Said { words: row.words, name: row.raiser, phone: row.phone.map(|phone| phone.to_string()) },
        channel: Channel::Hotline,
        urgent: false,
        kind,
        household_id: None,
        member_id: None,
        outside_number: Some(row.number),
        has_cadre,
        hold: None,
        proxy: true,
    };
    let then = Actor { at: raised_at, today: raised_at.local_day(), ..actor.clone() };
    let (mut matter, _) = acts::new_matter(raised, &app.keys, pack, &then)?;
    let asked = pack.matter_kind(&matter.kind).and_then(|kind| kind.department.clone());
    matter.department = row.department.clone().or(asked);
    matter.promised_at = due;
    // Nobody here could answer before the order came.
    let first = Matter::first_due(false, actor.at, pack);
    matter.due_at = due.map_or(first, |due| due.min(first));
    let event = |act, words| NewEvent { act, words, by: actor.clone() };
    let mut events = vec![event(Act::Raise, None)];
    match row.stand {
        Stand::Open => {}
        Stand::Void(why) => {
            matter.state = State::Withdrawn { why: why.clone() };
            events.push(event(Act::Withdraw, Some(why)));
        }
        Stand::Done => {
            let words = row.result.unwrap_or_else(|| format!("{HOTLINE}已办结"));
            let at = row.done.unwrap_or(actor.at).min(actor.at);
            let done = Done {
                how: How::Resolved,
                at,
                on: at.local_day(),
                words: words.clone(),
                person: None,
                name: row.department.unwrap_or_else(|| HOTLINE.to_owned()),
                unit_id: None,
            };
            matter = matter.take(Move::End { done }, pack, at, at.local_day())?;
            matter = matter.take(Move::Expire, pack, at, at.local_day())?;
            if row.done.is_none() {
                // When it was answered nobody knows.
                matter.answered_at = None;
            }
            events.push(event(Act::Solve, Some(words)));
        }
    }
    Ok(NewMatter { matter, code_hash: None, events, files: Vec::new() })
}

pub async fn apply(tx: &mut Tx, plan: MatterPlan) -> Result<(), AppError> {
    for (county, mut new) in plan.new {
        store::add_all(tx, county, &mut new).await.map_err(|error| match error.unique_violation().as_deref() {
            Some("matter_order") => AppError::Conflict(text!("预览之后有工单已被记下，请重新预览再导入。")),
            Some(_) | None => error.into(),
        })?;
    }
    Ok(())
}

const HEADERS: [&str; 13] = [
    "工单编号",
    "来电时间",
    "来电人",
    "联系电话",
    "诉求内容",
    "诉求类型",
    "村代码",
    "乡镇",
    "所属村",
    "承办单位",
    "办理期限",
    "状态",
    "办结时间",
];

/// The orders of a place with the columns that import reads.
pub async fn sheet(conn: &mut Conn, app: &App, place: DivisionCode) -> Result<base::sheet::Table, AppError> {
    use base::sheet::{Column, Layout, Table};
    let mut names = HashMap::new();
    for division in crate::places::store::list(conn, place.area()).await? {
        names.insert(division.code, division.short());
    }
    for division in crate::places::store::path(conn, place).await? {
        names.insert(division.code, division.short());
    }
    let name = |code: DivisionCode| names.get(&code).cloned().unwrap_or_default();
    let mut table =
        Table { layout: Layout::new("12345 工单", HEADERS.into_iter().map(Column::new).collect()), rows: vec![] };
    for matter in store::from_hotline(conn, place).await? {
        let pack = app.pack(conn, matter.county).await?;
        let phone = match &matter.phone_sealed {
            Some(sealed) => app.keys.open(&acts::phone_place(&matter.id), sealed)?.to_string(),
            None => String::new(),
        };
        let kind = pack.matter_kind(&matter.kind).map_or(matter.kind.clone(), |kind| kind.name.clone());
        let minute = |at: base::kernel::Instant| at.local_minute();
        table.rows.push(vec![
            matter.outside_number.clone().unwrap_or_default().into(),
            minute(matter.raised_at).into(),
            matter.raiser.clone().unwrap_or_default().into(),
            phone.into(),
            matter.words.clone().into(),
            kind.into(),
            matter.village.to_string().into(),
            name(matter.township()).into(),
            name(matter.village).into(),
            matter.department.clone().unwrap_or_default().into(),
            matter.promised_at.map(minute).unwrap_or_default().into(),
            matter.stage().zh().into(),
            matter.state.done().map(|done| minute(done.at)).unwrap_or_default().into(),
        ]);
    }
    Ok(table)
}
