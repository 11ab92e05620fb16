//! Who is away today; the year and the months of one person.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use base::{
    db::Conn,
    html::{
        Act, Address, Choice, Column, Filter as Field, FilterKind, Link, Pager, Shell, State as Shown, Table, Tile,
        Tone, filters,
    },
    i18n::Text,
    kernel::{CountyId, Day, Month},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult},
};

use super::{Known, Mark, MonthSum, rules};
use crate::{
    accounts::{Permission, Scope},
    packs::Consequence,
    people,
    places::short_name,
    presence::{
        calendar, county_of, is_away,
        leave::{self, State, shown_of, store::LeaveRow},
        posts, scope_here, spot_checks,
        trips::{self, store::TripRow},
        views, workdays_text,
    },
    web::Ctx,
};

/// More than are away in any province on one day.
const MOST: i64 = 20_000;

#[derive(Template)]
#[template(path = "presence/days/away.html")]
struct AwayPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    tiles: Vec<Tile>,
    table: Table,
    rows: Vec<Line>,
}

/// Somebody who is away.
struct Line {
    order: (i64, String),
    name: String,
    person: String,
    village: String,
    township: String,
    unit: String,
    what: Text,
    href: String,
    since: String,
    last: String,
    state: Shown,
}

fn leave_line(row: LeaveRow, today: Day) -> Line {
    Line {
        order: (row.village.as_i64(), row.person_name.clone()),
        person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
        village: short_name(row.village_name.as_deref().unwrap_or_default()),
        township: row.township_name.clone().unwrap_or_default(),
        unit: row.unit_name.clone().unwrap_or_default(),
        what: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
        href: format!("/leaves/{}/{}", row.county_id, row.id),
        since: row.since.to_string(),
        last: row.taken().last().max(row.since).to_string(),
        state: shown_of(&row.state, row.span(), row.back, today),
        name: row.person_name,
    }
}

fn trip_line(row: TripRow) -> Line {
    let kind = row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default();
    Line {
        order: (row.village.as_i64(), row.person_name.clone()),
        person: format!("/presence/people/{}/{}", row.person_county, row.person_id),
        village: short_name(row.village_name.as_deref().unwrap_or_default()),
        township: row.township_name.clone().unwrap_or_default(),
        unit: row.unit_name.clone().unwrap_or_default(),
        what: text!("{kind}，{place}", kind = kind, place = row.destination),
        href: format!("/trips/{}/{}", row.county_id, row.id),
        since: row.since.to_string(),
        last: row.span().last().to_string(),
        state: Shown::new(Tone::Ok, text!("公出")),
        name: row.person_name,
    }
}

/// The day that the address asks for, and what to show of it.
fn asked(ctx: &Ctx) -> (Day, String) {
    let address = Address::parse(&ctx.address);
    (Day::parse(address.get("on")).unwrap_or(ctx.today), address.get("what").to_owned())
}

/// Who is away on a day within a scope: on leave, on a trip, not back though the leave is over.
async fn lines(conn: &mut Conn, scope: &Scope, day: Day, what: &str, today: Day) -> AppResult<Vec<Line>> {
    let mut lines = Vec::new();
    let on = Some(day);
    if what.is_empty() || what == "leave" {
        let filter = leave::store::Filter { on, ..Default::default() };
        let rows = leave::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(|row| leave_line(row, today)));
    }
    if what.is_empty() || what == "trip" {
        let filter = trips::store::Filter { on, ..Default::default() };
        let rows = trips::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(trip_line));
    }
    if what.is_empty() || what == "overdue" {
        let filter = leave::store::Filter { state: Some("overdue".into()), today: Some(today), ..Default::default() };
        let rows = leave::store::list(conn, scope, &filter, MOST, 0).await?;
        lines.extend(rows.into_iter().map(|row| leave_line(row, today)));
    }
    lines.sort_by(|a, b| a.order.cmp(&b.order));
    Ok(lines)
}

/// GET /presence
pub async fn away(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (place, scope) = scope_here(&ctx)?;
    let (day, what) = asked(&ctx);
    let mut conn = ctx.read().await?;
    let rows = lines(&mut conn, &scope, day, &what, ctx.today).await?;
    let tiles = tiles(&ctx, &mut conn, &scope, day).await?;
    let heads = [text!("姓名"), text!("派驻村"), text!("派出单位"), text!("什么事"), text!("起止"), text!("状态")];
    let choices =
        [("", text!("全部")), ("leave", text!("请假")), ("trip", text!("公出")), ("overdue", text!("到期未销假"))];
    let choices = choices.into_iter().map(|(code, label)| Choice::new(code, label)).collect();
    let fields = vec![
        Field { name: "on", label: text!("哪一天"), kind: FilterKind::Day, value: address.get("on").to_owned() },
        Field { name: "what", label: text!("什么事"), kind: FilterKind::Select(choices), value: what },
    ];
    let columns = heads.into_iter().map(Column::new).collect();
    let shown = u64::try_from(rows.len()).ok();
    let table = Table::new(text!("不在村的人"), &address, fields, columns).rows(shown, Pager::default());
    let shell = ctx.shell(&mut conn, text!("{day} 谁不在", day = day), place).await?;
    let (sections, views) = (posts::section(&ctx, "/presence"), views(&ctx, "/presence"));
    Ok(ctx.page(&AwayPage { shell, sections, views, tiles, table, rows }))
}

/// On post, on leave, on trips, over but not back: each opens to its people.
async fn tiles(ctx: &Ctx, conn: &mut Conn, scope: &Scope, day: Day) -> AppResult<Vec<Tile>> {
    let on = Some(day);
    let on_post = posts::count_on(conn, scope, day).await?;
    let leaves = leave::store::count(conn, scope, &leave::store::Filter { on, ..Default::default() }).await?;
    let trips = trips::store::count(conn, scope, &trips::store::Filter { on, ..Default::default() }).await?;
    let overdue = leave::store::Filter { state: Some("overdue".into()), today: Some(ctx.today), ..Default::default() };
    let overdue = leave::store::count(conn, scope, &overdue).await?;
    let here = Address::parse(&ctx.address).without("what");
    let roster = here.at("/postings").with("on", &day.to_string());
    let tile = |label, figure: i64, href: String, note| Tile {
        label,
        figure: figure.to_string(),
        unit: text!("人"),
        href: Some(href),
        state: None,
        note,
    };
    Ok(vec![
        tile(text!("在任"), on_post, roster.to_string(), text!("没有另记的都算在村")),
        tile(text!("请假"), leaves, here.with("what", "leave").to_string(), Text::default()),
        tile(text!("公出"), trips, here.with("what", "trip").to_string(), text!("算在岗")),
        tile(text!("到期未销假"), overdue, here.with("what", "overdue").to_string(), Text::default()),
    ])
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    const HEADERS: [&str; 8] = ["姓名", "乡镇", "派驻村", "派出单位", "什么事", "从哪天起", "到哪天为止", "状态"];
    let (_, scope) = scope_here(ctx)?;
    let (day, what) = asked(ctx);
    let rows = lines(&mut ctx.read().await?, &scope, day, &what, ctx.today).await?;
    let row = |line: Line| -> Vec<Value> {
        vec![
            line.name.into(),
            line.township.into(),
            line.village.into(),
            line.unit.into(),
            line.what.zh().into(),
            line.since.into(),
            line.last.into(),
            line.state.word.zh().into(),
        ]
    };
    let layout = Layout::new("不在村", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("不在村的人", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn away_xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn away_csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}

#[derive(Template)]
#[template(path = "presence/days/person.html")]
struct PersonPage {
    shell: Shell,
    sub: Text,
    sections: Vec<Link>,
    views: Vec<Link>,
    acts: Vec<Act>,
    years: Vec<Link>,
    year: i16,
    grid: Vec<GridRow>,
    months: Vec<MonthRow>,
    total: MonthRow,
    legend: Vec<Mark>,
    known: bool,
    expected: Text,
    leaves: Vec<Item>,
    trips: Vec<Item>,
    checks: Vec<spot_checks::Found>,
    /// How often somebody was not found this year, and what the pack says of it.
    absences: usize,
    ladder: Vec<Consequence>,
}

#[derive(Template)]
#[template(path = "presence/days/month.html")]
struct MonthPage {
    shell: Shell,
    sub: Text,
    prev: String,
    next: String,
    back: String,
    /// Weeks from Monday; a day of another month is empty.
    weeks: Vec<Vec<Option<rules::Shown>>>,
    row: MonthRow,
    known: bool,
    expected: Text,
    leaves: Vec<Item>,
    trips: Vec<Item>,
}

struct GridRow {
    label: String,
    href: String,
    days: Vec<rules::Shown>,
}

/// A month's figures.
struct MonthRow {
    label: String,
    href: String,
    sum: MonthSum,
    meets: Option<Shown>,
}

/// A leave or trip in a list.
struct Item {
    href: String,
    what: Text,
    since: String,
    last: String,
    days: Text,
    state: Shown,
}

/// Everything that the days of a person are derived from.
struct Person {
    county: CountyId,
    id: String,
    name: String,
    posts: Vec<posts::Post>,
    leaves: Vec<LeaveRow>,
    trips: Vec<TripRow>,
    calendar: calendar::Calendar,
    own: bool,
}

/// GET /presence/mine
pub async fn mine(ctx: Ctx) -> AppResult<Response> {
    let viewer = ctx.viewer()?;
    let id = viewer.own_person().ok_or(AppError::NotFound)?.to_owned();
    let mut conn = ctx.read().await?;
    let posts = posts::of_person(&mut conn, &id).await?;
    let county = posts.first().map_or(viewer.home.county(), |post| post.person.0);
    let person = gather(&mut conn, county, id, posts, true).await?;
    show(&ctx, &mut conn, &person).await
}

async fn gather(
    conn: &mut Conn,
    county: CountyId,
    id: String,
    posts: Vec<posts::Post>,
    own: bool,
) -> AppResult<Person> {
    let file = people::store::find(conn, county, &id).await?.ok_or(AppError::NotFound)?;
    let calendar = calendar::store::load(conn, posts.first().map_or(county, |post| post.county)).await?;
    let leaves = leave::store::of_person(conn, &id).await?;
    let trips = trips::store::of_person(conn, &id).await?;
    Ok(Person { county, name: file.name, posts, leaves, trips, calendar, own, id })
}

/// The person, oneself or somebody posted where the viewer may look; otherwise 404.
async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<Person> {
    let county = county_of(county)?;
    let viewer = ctx.viewer()?;
    let own = viewer.own_person() == Some(id);
    if !own && !posts::is_within(conn, &viewer.scope(Permission::PresenceRead), id).await? {
        return Err(AppError::NotFound);
    }
    let posts = posts::of_person(conn, id).await?;
    gather(conn, county, id.to_owned(), posts, own).await
}

/// GET /presence/people/{county}/{id}
pub async fn person(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    if person.own {
        let year = Address::parse(&ctx.address).get("year").to_owned();
        let mine = Address::parse("/presence/mine").with("year", &year).to_string();
        return Ok(Redirect::to(&mine).into_response());
    }
    show(&ctx, &mut conn, &person).await
}

impl Person {
    fn periods(&self) -> Vec<base::kernel::Period> {
        self.posts.iter().filter_map(posts::Post::period).collect()
    }

    /// The leaves that were approved, as they were taken.
    fn taken(&self, today: Day) -> Vec<leave::Span> {
        let real = |row: &&LeaveRow| {
            matches!(row.state(today), Some(State::Approved | State::OnLeave | State::Returned { .. }))
        };
        self.leaves.iter().filter(real).map(LeaveRow::taken).collect()
    }

    fn trip_spans(&self) -> Vec<leave::Span> {
        self.trips.iter().map(TripRow::span).collect()
    }

    fn link(&self) -> String {
        format!("/presence/people/{}/{}", self.county, self.id)
    }

    fn leave_items(&self, within: (Day, Day), today: Day) -> Vec<Item> {
        let rows = self.leaves.iter().filter(|row| row.since < within.1 && row.taken().until >= within.0);
        let item = |row: &LeaveRow| {
            let taken = row.taken();
            Item {
                href: format!("/leaves/{}/{}", row.county_id, row.id),
                what: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
                since: row.since.to_string(),
                last: taken.last().max(row.since).to_string(),
                days: workdays_text(taken.days(), self.calendar.workdays(taken.since, taken.until)),
                state: shown_of(&row.state, row.span(), row.back, today),
            }
        };
        rows.map(item).collect()
    }

    fn trip_items(&self, within: (Day, Day), today: Day) -> Vec<Item> {
        let rows = self.trips.iter().filter(|row| row.since < within.1 && row.until > within.0);
        let item = |row: &TripRow| {
            let (span, kind) = (row.span(), row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default());
            let state = if is_away(span, today) {
                Shown::new(Tone::Ok, text!("公出中"))
            } else if span.since > today {
                Shown::new(Tone::Wait, text!("还没走"))
            } else {
                Shown::new(Tone::Idle, text!("已回来"))
            };
            Item {
                href: format!("/trips/{}/{}", row.county_id, row.id),
                what: text!("{kind}，{place}", kind = kind, place = row.destination),
                since: span.since.to_string(),
                last: span.last().to_string(),
                days: workdays_text(span.days(), self.calendar.workdays(span.since, span.until)),
                state,
            }
        };
        rows.map(item).collect()
    }
}

fn month_row(label: String, href: String, sum: MonthSum) -> MonthRow {
    let meets = sum.expected.map(|expected| {
        if sum.in_village >= expected {
            Shown::new(Tone::Ok, text!("够 {n} 天", n = expected))
        } else {
            Shown::new(Tone::Late, text!("少 {n} 天", n = expected - sum.in_village))
        }
    });
    MonthRow { label, href, sum, meets }
}

/// What the pack expects of a month, with its source.
async fn expected(ctx: &Ctx, conn: &mut Conn, county: CountyId) -> AppResult<(i64, Text, Vec<Consequence>)> {
    let pack = ctx.pack(conn, county).await?;
    let source = pack.parameter("days_expected_month").map(|one| one.source.clone()).unwrap_or_default();
    let days = pack.days_expected_month();
    let say = text!("满月应驻 {n} 天（{source}）", n = days, source = Text::data(source));
    Ok((days, say, pack.absence().to_vec()))
}

async fn show(ctx: &Ctx, conn: &mut Conn, person: &Person) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let year = address.get("year").parse().ok().filter(|year| (2000..=2100).contains(year));
    let year: i16 = year.unwrap_or(ctx.today.year());
    let (first, next) = (Day::new(year, 1, 1), Day::new(year + 1, 1, 1));
    let (Some(first), Some(next)) = (first, next) else { return Err(AppError::NotFound) };
    let county = person.posts.first().map_or(person.county, |post| post.county);
    let (days, say, ladder) = expected(ctx, conn, county).await?;
    let (periods, leaves, trips) = (person.periods(), person.taken(ctx.today), person.trip_spans());
    let known = Known {
        posts: &periods,
        leaves: &leaves,
        trips: &trips,
        calendar: &person.calendar,
        today: ctx.today,
        expected: days,
    };
    let (mut grid, mut months, mut sums) = (Vec::new(), Vec::new(), Vec::new());
    for (month, shown, sum) in rules::year(year, &known) {
        let href = format!("{}/months/{month}", person.link());
        grid.push(GridRow { label: month.to_string(), href: href.clone(), days: shown });
        sums.push(sum.clone());
        if sum.posted > 0 {
            months.push(month_row(month.to_string(), href, sum));
        }
    }
    let checks = spot_checks::store::of_person(conn, &person.id, (first, next)).await?;
    let first_year = person.posts.last().map_or(year, |post| post.since.year());
    let here = address.without("year");
    let years = (first_year..=ctx.today.year().max(year)).map(|one| Link {
        on: one == year,
        ..Link::new(Text::data(one.to_string()), here.with("year", &one.to_string()).to_string())
    });
    let now = person.posts.iter().find(|post| post.holds(ctx.today));
    let place = now.map(|post| post.village).filter(|village| ctx.scope.holds(*village));
    let title = if person.own { text!("我的在岗") } else { text!("{name} 的在岗", name = person.name) };
    Ok(ctx.page(&PersonPage {
        years: years.collect(),
        sub: now.map_or_else(|| text!("现在没有派驻"), posts::Post::label),
        sections: posts::section(ctx, "/presence"),
        views: views(ctx, if person.own { "/presence/mine" } else { "/presence" }),
        acts: acts(ctx, person, now.is_some()),
        total: month_row(year.to_string(), String::new(), MonthSum::sum(&sums)),
        year,
        grid,
        months,
        legend: Mark::ALL.to_vec(),
        known: person.calendar.knows(year),
        expected: say,
        leaves: person.leave_items((first, next), ctx.today),
        trips: person.trip_items((first, next), ctx.today),
        absences: checks.iter().filter(|line| line.is_absent()).count(),
        checks: checks
            .into_iter()
            .map(|line| spot_checks::Found::of(line, person.own, ctx.may(Permission::SpotChecks)))
            .collect(),
        ladder,
        shell: ctx.shell(conn, title, place).await?,
    }))
}

fn acts(ctx: &Ctx, person: &Person, on_post: bool) -> Vec<Act> {
    if !on_post {
        return Vec::new();
    }
    if person.own {
        return vec![
            Act::new(text!("记公出"), "/trips/new"),
            Act::new(text!("请假"), "/leaves/new").primary().icon("plus"),
        ];
    }
    let writes = ctx.may(Permission::TripsWrite);
    writes.then(|| Act::new(text!("记公出"), format!("/trips/new?person={}", person.id))).into_iter().collect()
}

/// GET /presence/people/{county}/{id}/months/{month}
pub async fn month(ctx: Ctx, Path((county, id, month)): Path<(String, String, String)>) -> AppResult<Response> {
    let month = Month::parse(&month).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    let county = person.posts.first().map_or(person.county, |post| post.county);
    let (days, say, _) = expected(&ctx, &mut conn, county).await?;
    let (periods, leaves, trips) = (person.periods(), person.taken(ctx.today), person.trip_spans());
    let known = Known {
        posts: &periods,
        leaves: &leaves,
        trips: &trips,
        calendar: &person.calendar,
        today: ctx.today,
        expected: days,
    };
    let (shown, sum) = rules::month(month, &known);
    let (first, next) = (month.first_day(), month.next().first_day());
    let before = first.date().weekday().to_monday_zero_offset();
    let mut cells: Vec<Option<rules::Shown>> = (0..before).map(|_| None).collect();
    cells.extend(shown.into_iter().map(Some));
    while !cells.len().is_multiple_of(7) {
        cells.push(None);
    }
    let at = |month: Month| format!("{}/months/{month}", person.link());
    let now = person.posts.iter().find(|post| post.holds(ctx.today));
    let place = now.map(|post| post.village).filter(|village| ctx.scope.holds(*village));
    let root = if person.own { "/presence/mine".to_owned() } else { person.link() };
    Ok(ctx.page(&MonthPage {
        sub: now.map_or_else(|| text!("现在没有派驻"), posts::Post::label),
        prev: at(first.plus_days(-1).month()),
        next: at(next.month()),
        back: format!("{root}?year={}", first.year()),
        weeks: cells.chunks(7).map(<[_]>::to_vec).collect(),
        row: month_row(month.to_string(), at(month), sum),
        known: person.calendar.knows(first.year()),
        expected: say,
        leaves: person.leave_items((first, next), ctx.today),
        trips: person.trip_items((first, next), ctx.today),
        shell: ctx.shell(&mut conn, text!("{name}，{month}", name = person.name, month = month), place).await?,
    }))
}
