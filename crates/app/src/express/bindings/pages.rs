//! Pages of bindings: all units, and one.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Form, Link, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{Day, Fen},
    text,
    web::{AppError, AppResult},
};

use super::{
    bind, deliver,
    store::{self, BindingRow, NewBinding, Sum},
};
use crate::{
    accounts::Permission,
    express::{county, projects, section, villages::Known, words},
    flows,
    places::{self, short_name},
    units::{self, store::UnitRow},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of bindings.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .get("/bindings", Permission::ExpressRead, list)
        .get("/bindings/{unit}", Permission::ExpressRead, show)
        .post("/bindings/{unit}", Permission::BindingsWrite, add)
        .post("/bindings/{unit}/{county}/{id}/delivery", Permission::BindingsWrite, done)
}

#[derive(Template)]
#[template(path = "express/bindings/bindings.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    unit: String,
    projects: Text,
    funds: Text,
    duties: Text,
    state: Shown,
}

fn state(sum: &Sum) -> Shown {
    let delivered = sum.finished == sum.projects && sum.arrived == sum.funds && sum.delivered == sum.duties;
    if delivered {
        Shown::new(Tone::Ok, text!("已兑现"))
    } else if sum.late > 0 {
        Shown::new(Tone::Late, text!("逾期"))
    } else {
        Shown::new(Tone::Wait, text!("兑现中"))
    }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let row = |sum: Sum| Row {
        href: format!("/bindings/{}", sum.unit_id),
        state: state(&sum),
        projects: text!("{n} 个，完工 {done} 个", n = sum.projects, done = sum.finished),
        funds: text!("{n} 万元，到位 {done} 万元", n = Fen(sum.funds).to_string(), done = Fen(sum.arrived).to_string()),
        duties: text!("{n} 项，兑现 {done} 项", n = sum.duties, done = sum.delivered),
        unit: sum.unit_name,
    };
    let rows = store::sums(&mut conn, &scope, ctx.today).await?.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("三个捆绑"), place).await?;
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/bindings"), rows }))
}

#[derive(Template)]
#[template(path = "express/bindings/show.html")]
struct ShowPage {
    shell: Shell,
    address: String,
    state: Shown,
    posted: Vec<(String, String)>,
    projects: Vec<ProjectLine>,
    given: Vec<GivenLine>,
    duties: Vec<DutyLine>,
    form: Form,
    villages: Vec<String>,
    may_write: bool,
}

struct ProjectLine {
    href: String,
    name: String,
    village: String,
    budget: String,
    progress: i64,
    stage: Text,
}

struct GivenLine {
    href: String,
    name: String,
    amount: String,
    state: Shown,
}

struct DutyLine {
    village: String,
    words: String,
    person: String,
    due: String,
    state: Shown,
    result: String,
    action: Option<String>,
    field: String,
}

/// A unit that the viewer may look at: their own, or one of their places' offices; else 404.
async fn find(ctx: &Ctx, conn: &mut Conn, id: &str) -> AppResult<UnitRow> {
    let unit = units::store::find(conn, id).await?.ok_or(AppError::NotFound)?;
    let scope = ctx.viewer()?.scope(Permission::ExpressRead);
    let home = unit.county_id.division();
    let of_place = scope.areas().iter().any(|area| {
        let (first, last) = area.counties();
        (first..=last).contains(&home.area().counties().0)
    });
    if scope.units().contains(&unit.id) || of_place {
        return Ok(unit);
    }
    let sums = store::sums(conn, &scope, ctx.today).await?;
    if sums.iter().any(|sum| sum.unit_id == unit.id) { Ok(unit) } else { Err(AppError::NotFound) }
}

async fn show(ctx: Ctx, Path(unit): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let unit = find(&ctx, &mut conn, &unit).await?;
    let page = page(&ctx, &mut conn, &unit, Form::default()).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, unit: &UnitRow, form: Form) -> AppResult<ShowPage> {
    let scope = ctx.viewer()?.scope(Permission::ExpressRead);
    let own = scope.units().contains(&unit.id);
    let mut posted = Vec::new();
    for (village, names) in flows::villages_of_unit(conn, &unit.id).await? {
        if own || scope.holds(village) {
            let name = places::store::find(conn, village).await?.map(|place| place.short()).unwrap_or_default();
            posted.push((name, names));
        }
    }
    let filter = projects::store::Filter { unit_id: Some(unit.id.clone()), ..projects::store::Filter::default() };
    let bound = projects::store::list(conn, &scope, &filter, 200, 0).await?;
    let project = |line: projects::store::Line| ProjectLine {
        href: format!("/projects/{}/{}", line.county_id, line.id),
        village: short_name(&line.village_name.unwrap_or_default()),
        budget: Fen(line.budget).to_string(),
        progress: line.progress,
        stage: projects::Stage::parse(&line.stage).map(|stage| Text::key(stage.zh())).unwrap_or_default(),
        name: line.name,
    };
    let given = store::given(conn, &scope, &unit.id).await?.into_iter().map(|one| GivenLine {
        href: format!("/projects/{}/{}", one.county_id, one.project_id),
        amount: Fen(one.amount).to_string(),
        state: match one.arrived_on {
            Some(day) => Shown::new(Tone::Ok, text!("{day} 到位", day = day)),
            None => Shown::new(Tone::Wait, text!("未到位")),
        },
        name: one.project_name,
    });
    let given = given.collect();
    let may_write = may_write(ctx, unit)?;
    let duties = store::of_unit(conn, &scope, &unit.id).await?;
    let sums = store::sums(conn, &scope, ctx.today).await?;
    let own_scope = ctx.viewer()?.scope(Permission::BindingsWrite);
    let known = if may_write { Known::of(conn, &own_scope).await?.names() } else { Vec::new() };
    Ok(ShowPage {
        shell: ctx.shell(conn, Text::data(&unit.name), None).await?,
        address: format!("/bindings/{}", unit.id),
        state: sums.iter().find(|sum| sum.unit_id == unit.id).map(state).unwrap_or_default(),
        posted,
        projects: bound.into_iter().map(project).collect(),
        given,
        duties: duties.into_iter().map(|row| duty(row, may_write, ctx)).collect(),
        villages: known,
        form,
        may_write,
    })
}

fn may_write(ctx: &Ctx, unit: &UnitRow) -> AppResult<bool> {
    let scope = ctx.viewer()?.scope(Permission::BindingsWrite);
    Ok(scope.units().contains(&unit.id) || !scope.areas().is_empty())
}

fn duty(row: BindingRow, may_write: bool, ctx: &Ctx) -> DutyLine {
    let state = match row.delivered_on {
        Some(day) => Shown::new(Tone::Ok, text!("{day} 兑现", day = day)),
        None if row.due < ctx.today => Shown::new(Tone::Late, text!("逾期 {n} 天", n = ctx.today.days_since(row.due))),
        None => Shown::new(Tone::Wait, text!("兑现中")),
    };
    DutyLine {
        village: short_name(&row.village_name.unwrap_or_else(|| row.village.to_string())),
        action: (may_write && row.delivered_on.is_none())
            .then(|| format!("/bindings/{}/{}/{}/delivery", row.unit_id, row.county_id, row.id)),
        field: format!("result-{}", row.id),
        due: row.due.to_string(),
        state,
        result: row.result.unwrap_or_default(),
        words: row.words,
        person: row.person,
    }
}

async fn add(ctx: Ctx, Path(unit): Path<String>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let unit = find(&ctx, &mut conn, &unit).await?;
    if !may_write(&ctx, &unit)? {
        return Err(AppError::Forbidden);
    }
    let mut wrong = Vec::new();
    let own: Vec<_> = flows::villages_of_unit(&mut conn, &unit.id).await?;
    let known = Known::of(&mut conn, &ctx.scope).await?;
    // A unit names one of the villages it serves; the office any of its own.
    let village = known.find(form.get("village"), &ctx.scope).or_else(|say| {
        let typed = form.get("village");
        let fits = |code: &&(base::kernel::DivisionCode, String)| code.0.to_string() == typed;
        own.iter().find(fits).or(if own.len() == 1 { own.first() } else { None }).map(|(code, _)| *code).ok_or(say)
    });
    let village = village.map_err(|say| wrong.push(("village", say))).ok();
    let mut take = |field: &'static str, most: usize, ask: Text| {
        words(form.get(field), most, ask).unwrap_or_else(|say| {
            wrong.push((field, say));
            String::new()
        })
    };
    let said = take("words", 500, text!("请写单位对村里负什么责任"));
    let person = take("person", 30, text!("请写谁负责"));
    let due = Day::parse(form.get("due")).filter(|due| *due >= ctx.today);
    if due.is_none() {
        wrong.push(("due", text!("请填哪天前兑现，不早于今天")));
    }
    let (Some(village), Some(due), true) = (village, due, wrong.is_empty()) else {
        let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut conn, &unit, typed).await?;
        return Ok(ctx.refused(&page));
    };
    drop(conn);
    let new = NewBinding { unit_id: unit.id.clone(), village, words: said, person, due };
    let mut tx = ctx.begin().await?;
    bind(&mut tx, &new, &unit.name, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/bindings/{}", unit.id), &text!("已写下，到期前单位会在“今日”里看到。")))
}

async fn done(ctx: Ctx, Path((unit, code, id)): Path<(String, String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let unit = find(&ctx, &mut conn, &unit).await?;
    let row = store::find(&mut conn, county(&code)?, &id).await?.ok_or(AppError::NotFound)?;
    if row.unit_id != unit.id || !(ctx.scope.units().contains(&unit.id) || ctx.scope.holds(row.village)) {
        return Err(AppError::NotFound);
    }
    let field = format!("result-{id}");
    let result = match words(form.get(&field), 500, text!("请写兑现的结果")) {
        Ok(result) => result,
        Err(say) => {
            let page = page(&ctx, &mut conn, &unit, form.typed().with_error(field, say)).await?;
            return Ok(ctx.refused(&page));
        }
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    deliver(&mut tx, (row.county_id, &row.id), &result, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/bindings/{}", unit.id), &text!("已记为兑现。")))
}
