//! The units of a round: who they have, how many teams they may send, whether they count as strong.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{Address, Choice, Column, Filter, FilterKind, Form, Link, Pages, Shell, Table, filters},
    i18n::Text,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts, parameters,
        rules::UnitTerms,
        store::{self, Round},
    },
    count, county_filter, found, locked, may_plan, tabs,
};
use crate::{
    units::UnitLevel,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "dispatch/units.html")]
struct UnitsPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
}

struct Row {
    href: Option<String>,
    name: String,
    level: Text,
    strong: bool,
    strengths: String,
    people: usize,
    cleared: usize,
    lead: usize,
    teams: i64,
    own: bool,
}

/// The word of a level.
pub(super) fn level_zh(code: &str) -> Text {
    UnitLevel::parse(code).map(|level| Text::key(level.zh())).unwrap_or_default()
}

pub async fn list(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let limits = parameters(pack);
    let problem = acts::problem_of(&mut conn, &round, pack).await?;
    let terms = store::units(&mut conn, &round).await?;
    let address = Address::parse(&ctx.address);
    let (show, name) = (address.get("show").to_owned(), address.get("q").trim().to_owned());
    let county = address.get("county").to_owned();
    let may = may_plan(&ctx, &round);
    let mut people: HashMap<&str, Vec<&assign::Person>> = HashMap::new();
    for one in &problem.people {
        people.entry(one.unit.as_str()).or_default().push(one);
    }
    let row = |unit: &assign::Unit| {
        let own = people.get(unit.id.as_str()).map_or(&[][..], Vec::as_slice);
        let free = |one: &&&assign::Person| one.gates == [true; 3];
        let leads = |one: &&&assign::Person| one.rank_waived || one.rank <= limits.leader_rank.of(unit.level);
        Row {
            href: may.then(|| format!("{}/units/{}", round.address(), unit.id)),
            name: unit.name.clone(),
            level: level_zh(unit.level.code()),
            strong: unit.strong,
            strengths: unit.strengths.join("、"),
            people: own.len(),
            cleared: own.iter().filter(free).count(),
            lead: own.iter().filter(free).filter(leads).count(),
            teams: unit.max_teams,
            own: terms.contains_key(&unit.id),
        }
    };
    let rows: Vec<Row> = problem
        .units
        .iter()
        .filter(|unit| county.is_empty() || unit.home_code.starts_with(&county))
        .map(row)
        .filter(|row| (show == "all" || row.people > 0) && (name.is_empty() || row.name.contains(&name)))
        .collect();
    let choices = vec![Choice::new("", text!("有人选的")), Choice::new("all", text!("全部"))];
    let mut filters = vec![
        Filter { name: "show", label: text!("哪些单位"), kind: FilterKind::Select(choices), value: show },
        Filter { name: "q", label: text!("单位"), kind: FilterKind::Words, value: name },
    ];
    filters.extend(county_filter(&mut conn, &round, &county).await?);
    let columns = vec![
        Column::new(text!("单位")),
        Column::new(text!("层级")),
        Column::new(text!("优势")),
        Column::new(text!("人选")).num(),
        Column::new(text!("三关已过")).num(),
        Column::new(text!("够级别任队长")).num(),
        Column::new(text!("最多派几队")).num(),
    ];
    let mut table = Table::new(text!("单位"), &address, filters, columns);
    (table.xlsx, table.csv) = (None, None);
    let (pages, total) = (Pages::of(&address), rows.len());
    let page = UnitsPage {
        shell: ctx.shell(&mut conn, text!("单位"), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        views: tabs(&round, "/units"),
        table: table.rows(count(total), pages.pager(&address, total)),
        rows: pages.cut(rows).collect(),
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "dispatch/unit.html")]
struct UnitPage {
    shell: Shell,
    sub: Text,
    action: String,
    back: String,
    county_unit: bool,
    form: Form,
}

async fn page(ctx: &Ctx, round: &Round, unit: &str, form: Option<Form>) -> AppResult<UnitPage> {
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let problem = acts::problem_of(&mut conn, round, pack).await?;
    let one = problem.units.iter().find(|one| one.id == unit).ok_or(AppError::NotFound)?;
    let form = form.unwrap_or_else(|| {
        let strong = if one.strong { "yes" } else { "" };
        Form::of([("max_teams", one.max_teams.to_string()), ("strong", strong.to_owned())])
    });
    Ok(UnitPage {
        shell: ctx.shell(&mut conn, Text::data(one.name.as_str()), Some(round.place)).await?,
        sub: text!("只在这一轮里算：{round}", round = round.name),
        action: format!("{}/units/{unit}", round.address()),
        back: format!("{}/units", round.address()),
        county_unit: one.level == assign::Level::County,
        form,
    })
}

pub async fn form(ctx: Ctx, Path((county, id, unit)): Path<(String, String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &round, &unit, None).await?))
}

pub async fn save(
    ctx: Ctx,
    Path((county, id, unit)): Path<(String, String, String)>,
    data: FormData,
) -> AppResult<Response> {
    let done = async {
        let wrong = || Refusal::at("max_teams", text!("最多派几队请写 0 到 99。"));
        let max_teams = data.get("max_teams").parse().map_err(|_| wrong())?;
        let terms = UnitTerms { strong: data.get("strong") == "yes", max_teams };
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        acts::save_unit(&mut tx, &round, &unit, terms, &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(round.address())
    };
    match done.await {
        Ok(root) => Ok(ctx.redirect(&format!("{root}/units"), &text!("已改好。"))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = data.typed().with_error(refusal.field.unwrap_or("max_teams"), refusal.message);
            Ok(ctx.refused(&page(&ctx, &round, &unit, Some(form)).await?))
        }
        Err(other) => Err(other),
    }
}
