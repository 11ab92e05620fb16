//! The year and the months of one person.

use askama::Template;
use axum::{
    extract::Path,
    response::{IntoResponse, Redirect, Response},
};
use base::{
    db::Conn,
    html::{Act, Address, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day, Month},
    text,
    web::{AppError, AppResult},
};

use super::{Known, Mark, MonthSum, rules};
use crate::{
    accounts::Permission,
    packs::Consequence,
    people,
    presence::{
        calendar, county_of, is_away,
        leave::{self, State, shown_of, store::LeaveRow},
        posts, spot_checks,
        trips::{self, store::TripRow},
        views, workdays_text,
    },
    web::Ctx,
};

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
