//! A new briefing: template, place, period.

use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Link, Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::super::{
    acts::{self, template_of},
    templates::{self, Template},
};
use crate::{
    packs, places,
    spine::facts::{Catalogue, read::Span},
    web::{Ctx, FormData},
};

#[derive(askama::Template)]
#[template(path = "briefings/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    action: String,
    templates: Vec<Offer>,
    places: Vec<Choice>,
    periods: Vec<Link>,
}

/// A template as it is offered.
struct Offer {
    name: String,
    title: String,
    say: String,
    figures: usize,
    /// Figures that the catalogue does not know yet.
    missing: usize,
}

fn offer(template: &Template, place: &str) -> Offer {
    let figures = template.figures();
    Offer {
        name: template.name.clone(),
        title: template.title.replace("{place}", place),
        say: template.say.clone(),
        missing: figures.iter().filter(|ask| Catalogue::get().find(&ask.code).is_none()).count(),
        figures: figures.len(),
    }
}

/// The stretches people write about, newest first.
fn usual_periods(today: Day) -> Vec<(Text, Span)> {
    let month = today.month().first_day();
    let last_month = month.plus_months(-1);
    let back = i64::from((today.month_of_year() - 1) % 3);
    let quarter = month.plus_months(-back);
    let year = month.plus_months(1 - i64::from(today.month_of_year()));
    let ends = |next: Day| next.plus_days(-1);
    vec![
        (text!("本月"), Span { from: Some(month), to: today }),
        (text!("上月"), Span { from: Some(last_month), to: ends(month) }),
        (text!("本季度"), Span { from: Some(quarter), to: today }),
        (text!("上季度"), Span { from: Some(quarter.plus_months(-3)), to: ends(quarter) }),
        (text!("今年"), Span { from: Some(year), to: today }),
        (text!("去年"), Span { from: Some(year.plus_months(-12)), to: ends(year) }),
        (text!("从头到今天"), Span { from: None, to: today }),
    ]
}

async fn page(ctx: &Ctx, conn: &mut Conn, place: DivisionCode, form: Form) -> AppResult<NewPage> {
    let pack = packs::store::pack_of(conn, place).await?;
    let name = places::store::find(conn, place).await?.map(|one| one.short()).unwrap_or_default();
    let mut choices = vec![Choice::new(place.to_string(), Text::data(name.clone()))];
    if place.level() < Level::Village {
        let below = places::store::children(conn, place).await?;
        choices.extend(below.iter().map(|one| Choice::new(one.code.to_string(), Text::data(one.short()))));
    }
    let address = Address::parse("/briefings/new").with("place", &place.to_string());
    let template = form.value("template").to_owned();
    let chosen = (form.value("from").to_owned(), form.value("to").to_owned());
    let period = |(label, span): (Text, Span)| {
        let from = span.from.map(|day| day.to_string()).unwrap_or_default();
        let to = span.to.to_string();
        let on = chosen == (from.clone(), to.clone());
        let start = if from.is_empty() { "none" } else { &from };
        let href = address.with("template", &template).with("from", start).with("to", &to).to_string();
        Link { on, ..Link::new(label, href) }
    };
    let shell = ctx.shell(conn, text!("写一份简报"), Some(place)).await?;
    Ok(NewPage {
        shell,
        action: format!("/briefings?place={place}"),
        templates: templates::ordered(&pack).into_iter().map(|template| offer(template, &name)).collect(),
        places: choices,
        periods: usual_periods(ctx.today).into_iter().map(period).collect(),
        form,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let address = Address::parse(&ctx.address);
    let pack = packs::store::pack_of(&mut conn, place).await?;
    let usual = templates::usual(&pack).map(|template| template.name.clone()).unwrap_or_default();
    let asked = |name: &str, else_: String| match address.get(name) {
        "" => else_,
        "none" => String::new(),
        given => given.to_owned(),
    };
    let year = Day::new(ctx.today.year(), 1, 1).unwrap_or(ctx.today);
    let form = Form::of([
        ("template", asked("template", usual)),
        ("place", place.to_string()),
        ("from", asked("from", year.to_string())),
        ("to", asked("to", ctx.today.to_string())),
    ]);
    let page = page(&ctx, &mut conn, place, form).await?;
    Ok(ctx.page(&page))
}

/// Template, place and period as they were typed.
fn read(data: &FormData) -> Result<(&'static Template, DivisionCode, Span), Refusal> {
    let name = data.some("template").ok_or_else(|| Refusal::at("template", text!("请选择一个模板")))?;
    let template = template_of(Some(name), "")?;
    let place = DivisionCode::parse(data.get("place"));
    let place = place.ok_or_else(|| Refusal::at("place", text!("请选择一个地方")))?;
    let day = |name: &'static str| {
        let text = data.get(name);
        Day::parse(text)
            .ok_or_else(|| Refusal::at(name, text!("日期“{day}”读不懂，请写成 2024-01-18 这样。", day = text)))
    };
    let from = if data.some("from").is_some() { Some(day("from")?) } else { None };
    Ok((template, place, Span { from, to: day("to")? }))
}

pub async fn make(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let done = async {
        let (template, place, span) = read(&data)?;
        ctx.scope.require(place)?;
        let mut tx = ctx.begin().await?;
        let id = acts::made(&mut tx, template, (place, span), &ctx.actor_at(place)?).await?;
        tx.commit().await?;
        Ok(format!("/briefings/{}/{id}", place.county()))
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("草稿已写好，请核对文字。"))),
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("template"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, ctx.place()?, form).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}
