//! The working calendar of a county: its exceptional days year by year, changed by the office.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Form, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{Calendar, Kind, rules::is_weekend, store};
use crate::{
    accounts::Permission,
    presence::{posts, views},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "presence/calendar/calendar.html")]
struct CalendarPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    years: Vec<Link>,
    year: i16,
    /// Working days of the year; none where there is no data.
    workdays: Option<i64>,
    source: Option<String>,
    rows: Vec<Line>,
    form: Form,
    kinds: Vec<Choice>,
    place: String,
    may_write: bool,
}

struct Line {
    day: String,
    weekday: Text,
    name: String,
    state: Shown,
    own: bool,
    /// What the button of the row does.
    undo: Text,
}

/// The year that the address asks for, within what a calendar can mean.
fn year_of(address: &Address, today: Day) -> i16 {
    address.get("year").parse().ok().filter(|year| (2000..=2100).contains(year)).unwrap_or(today.year())
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let place = ctx.place()?;
    let page = page(&ctx, &mut conn, place, None, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(
    ctx: &Ctx,
    conn: &mut Conn,
    place: DivisionCode,
    year: Option<i16>,
    form: Form,
) -> AppResult<CalendarPage> {
    let address = Address::parse(&ctx.address);
    let county = place.county();
    let calendar = store::load(conn, county).await?;
    let own = store::own_days(conn, county).await?;
    let year = year.unwrap_or_else(|| year_of(&address, ctx.today));
    let first = Day::new(year, 1, 1).ok_or(AppError::NotFound)?;
    let line = |(day, kind, name): (Day, Kind, &str)| {
        let tone = match kind {
            Kind::Holiday => Tone::Ok,
            Kind::Workday => Tone::Wait,
            Kind::Plain => Tone::Idle,
        };
        let own = own.contains_key(&day);
        let shipped = Calendar::shipped().of_year(year).any(|(other, ..)| other == day);
        Line {
            day: day.to_string(),
            weekday: Text::key(day.weekday_zh()),
            name: name.to_owned(),
            state: Shown::new(tone, Text::key(kind.zh())),
            own,
            undo: if own && shipped { text!("恢复原样") } else { text!("去掉") },
        }
    };
    let last = calendar.years().last().copied().unwrap_or(year).max(ctx.today.year());
    let first_year = calendar.years().first().copied().unwrap_or(year);
    let link = |one: i16| Link {
        on: one == year,
        ..Link::new(Text::data(one.to_string()), format!("/calendar-days?year={one}&place={place}"))
    };
    Ok(CalendarPage {
        rows: calendar.of_year(year).map(line).collect(),
        workdays: calendar.workdays(first, first.plus_months(12)),
        source: store::year_source(conn, county, year).await?,
        shell: ctx.shell(conn, text!("工作日历"), Some(county.division())).await?,
        sections: posts::section(ctx, "/presence"),
        views: views(ctx, "/calendar-days"),
        years: (first_year..=last + 1).map(link).collect(),
        year,
        form,
        kinds: Kind::ALL.iter().map(|kind| Choice::new(kind.code(), Text::key(kind.zh()))).collect(),
        place: county.division().to_string(),
        may_write: ctx.viewer()?.scope(Permission::CalendarWrite).holds(county.division()),
    })
}

/// The county that a form names, within the scope.
fn county_of(ctx: &Ctx, form: &FormData) -> AppResult<CountyId> {
    let place = DivisionCode::parse(form.get("place")).ok_or(AppError::NotFound)?;
    let county = place.county();
    ctx.scope.require(county.division())?;
    Ok(county)
}

/// POST /calendar-days: adds or changes an exceptional day.
pub async fn save(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let county = county_of(&ctx, &form)?;
    let read = || -> Result<(Day, Kind, &str), Refusal> {
        let day = form.some("day").and_then(Day::parse);
        let day = day.ok_or_else(|| Refusal::at("day", text!("请填日期，写作 2024-04-11")))?;
        let kind = Kind::parse(form.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选这一天怎么算")))?;
        let name = form.get("name");
        if name.is_empty() && kind != Kind::Plain {
            return Err(Refusal::at("name", text!("请写明是什么日子，例如“三月三”")));
        }
        match kind {
            Kind::Holiday if is_weekend(day) && Calendar::shipped().name(day).is_none() => Err(Refusal::at(
                "day",
                text!("{day} 是{weekday}，本来就休息，不用另记", day = day, weekday = Text::key(day.weekday_zh())),
            )),
            Kind::Workday if !is_weekend(day) && Calendar::shipped().name(day).is_none() => Err(Refusal::at(
                "day",
                text!("{day} 是{weekday}，本来就上班，不用另记", day = day, weekday = Text::key(day.weekday_zh())),
            )),
            Kind::Holiday | Kind::Workday | Kind::Plain => Ok((day, kind, name)),
        }
    };
    match read() {
        Ok((day, kind, name)) => {
            let mut tx = ctx.begin().await?;
            store::save_day(&mut tx, county, day, (kind, name), &ctx.actor_at(county.division())?).await?;
            tx.commit().await?;
            let to = format!("/calendar-days?year={}&place={}", day.year(), county.division());
            Ok(ctx.redirect(&to, &text!("{day} 已记为“{kind}”。", day = day, kind = Text::key(kind.zh()))))
        }
        Err(refusal) => {
            let year = Day::parse(form.get("day")).map(Day::year);
            refused(&ctx, county, year, &form, refusal).await
        }
    }
}

async fn refused(
    ctx: &Ctx,
    county: CountyId,
    year: Option<i16>,
    form: &FormData,
    refusal: Refusal,
) -> AppResult<Response> {
    let typed = form.typed().with_error(refusal.field.unwrap_or("day"), refusal.message);
    let mut conn = ctx.read().await?;
    let page = page(ctx, &mut conn, county.division(), year, typed).await?;
    Ok(ctx.refused(&page))
}

/// POST /calendar-days/{day}/removal: takes an exceptional day away, or a county's own change back.
pub async fn remove(ctx: Ctx, Path(day): Path<String>, form: FormData) -> AppResult<Response> {
    let county = county_of(&ctx, &form)?;
    let day = Day::parse(&day).ok_or(AppError::NotFound)?;
    let actor = ctx.actor_at(county.division())?;
    let mut tx = ctx.begin().await?;
    if !store::remove_day(&mut tx, county, day, &actor).await? {
        if Calendar::shipped().name(day).is_none() {
            return Err(AppError::NotFound);
        }
        store::save_day(&mut tx, county, day, (Kind::Plain, ""), &actor).await?;
    }
    tx.commit().await?;
    let to = format!("/calendar-days?year={}&place={}", day.year(), county.division());
    Ok(ctx.redirect(&to, &text!("{day} 的安排已改。", day = day)))
}

/// POST /calendar-days/years: the county has entered a year that the program does not know.
pub async fn complete(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let county = county_of(&ctx, &form)?;
    let year: i16 =
        form.get("year").parse().ok().filter(|year| (2000..=2100).contains(year)).ok_or(AppError::NotFound)?;
    let source = form.get("source");
    if source.is_empty() {
        let refusal = Refusal::at("source", text!("请写依据，例如国务院办公厅通知的文号"));
        return refused(&ctx, county, Some(year), &form, refusal).await;
    }
    let mut tx = ctx.begin().await?;
    store::save_year(&mut tx, county, year, source, &ctx.actor_at(county.division())?).await?;
    tx.commit().await?;
    let to = format!("/calendar-days?year={year}&place={}", county.division());
    Ok(ctx.redirect(&to, &text!("{year} 年的日历已确认，从现在起按它计算工作日。", year = year)))
}
