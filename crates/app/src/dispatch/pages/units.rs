//! The units of a round: who they have, how many teams they may send, whether they count as strong.

use std::collections::HashMap;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Column, Filter, FilterKind, Form, Link, Pages, Shell, Table, filters},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts, parameters,
        rules::{Candidate, UnitTerms},
        store::{self, PoolFilter, Round},
    },
    count, county_filter, found, locked, may_plan, tabs,
};
use crate::{
    units::{self, UnitLevel},
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
    people: i64,
    cleared: usize,
    lead: usize,
    teams: i64,
    own: bool,
}

/// The word of a level.
pub(super) fn level_zh(code: &str) -> Text {
    UnitLevel::parse(code).map(|level| Text::key(level.zh())).unwrap_or_default()
}

/// A unit of the list before its people are looked at.
struct Listed {
    id: String,
    county: CountyId,
    name: String,
    level: String,
    strong: bool,
    people: i64,
}

/// The units that have candidates; with `all` the others that send teams too.
async fn listed(conn: &mut Conn, round: &Round, all: bool) -> AppResult<Vec<Listed>> {
    let senders = store::senders(conn, round).await?.into_iter().map(|one| Listed {
        id: one.id,
        county: one.county_id,
        name: one.name,
        level: one.level,
        strong: one.strong == 1,
        people: one.people,
    });
    if !all {
        return Ok(senders.collect());
    }
    let mut senders: HashMap<String, Listed> = senders.map(|one| (one.id.clone(), one)).collect();
    let every = units::store::of_counties(conn, round.place.area().counties()).await?;
    let sends = every.into_iter().filter(|(unit, _)| unit.level != UnitLevel::Township.code());
    let line = |(unit, _): (units::store::UnitRow, Vec<String>)| {
        senders.remove(&unit.id).unwrap_or(Listed {
            county: unit.county_id,
            strong: unit.strong == 1,
            people: 0,
            id: unit.id,
            name: unit.name,
            level: unit.level,
        })
    };
    Ok(sends.map(line).collect())
}

pub async fn list(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let limits = parameters(pack);
    let terms = store::units(&mut conn, &round).await?;
    let address = Address::parse(&ctx.address);
    let (show, name) = (address.get("show").to_owned(), address.get("q").trim().to_owned());
    let county = address.get("county").to_owned();
    let chosen = county.parse().ok().and_then(CountyId::from_i64);
    let may = may_plan(&ctx, &round);
    let mut matching = listed(&mut conn, &round, show == "all").await?;
    matching.retain(|one| chosen.is_none_or(|county| one.county == county) && one.name.contains(&name));
    let (pages, total) = (Pages::of(&address), matching.len());
    let shown: Vec<Listed> = pages.cut(matching).collect();
    let ids: Vec<String> = shown.iter().map(|one| one.id.clone()).collect();
    let mut strengths = units::store::tags_of(&mut conn, &ids).await?;
    let filter = PoolFilter { units: Some(ids), ..PoolFilter::default() };
    let candidates = store::list_candidates(&mut conn, &round, &filter, None).await?;
    let mut people: HashMap<&str, Vec<&Candidate>> = HashMap::new();
    for one in &candidates {
        if let Some((unit, ..)) = &one.unit {
            people.entry(unit).or_default().push(one);
        }
    }
    let row = |unit: Listed| {
        let own = people.get(unit.id.as_str()).map_or(&[][..], Vec::as_slice);
        let cleared: Vec<assign::Person> =
            own.iter().filter(|one| one.is_cleared()).filter_map(|one| one.person()).collect();
        let most = assign::Level::read(&unit.level).map(|level| limits.leader_rank.of(level));
        let leads = |one: &&assign::Person| one.rank_waived || most.is_some_and(|most| one.rank <= most);
        let own_terms = terms.get(&unit.id);
        Row {
            href: may.then(|| format!("{}/units/{}", round.address(), unit.id)),
            level: level_zh(&unit.level),
            strong: own_terms.map_or(unit.strong, |own| own.strong),
            strengths: strengths.remove(&unit.id).unwrap_or_default().join("、"),
            people: unit.people,
            cleared: cleared.len(),
            lead: cleared.iter().filter(leads).count(),
            teams: own_terms.map_or_else(|| acts::teams_usual(pack), |own| own.max_teams),
            own: own_terms.is_some(),
            name: unit.name,
        }
    };
    let rows = shown.into_iter().map(row).collect();
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
    let page = UnitsPage {
        shell: ctx.shell(&mut conn, text!("单位"), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        views: tabs(&round, "/units"),
        table: table.rows(count(total), pages.pager(&address, total)),
        rows,
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
    let row = units::store::find(&mut conn, unit).await?.filter(|one| round.takes(one.county_id));
    let one = row.filter(|one| one.level != UnitLevel::Township.code()).ok_or(AppError::NotFound)?;
    let terms = store::units(&mut conn, round).await?.get(unit).copied();
    let terms = terms.unwrap_or(UnitTerms { strong: one.strong == 1, max_teams: acts::teams_usual(pack) });
    let form = form.unwrap_or_else(|| {
        let strong = if terms.strong { "yes" } else { "" };
        Form::of([("max_teams", terms.max_teams.to_string()), ("strong", strong.to_owned())])
    });
    Ok(UnitPage {
        shell: ctx.shell(&mut conn, Text::data(one.name.as_str()), Some(round.place)).await?,
        sub: text!("只在这一轮里算：{round}", round = round.name),
        action: format!("{}/units/{unit}", round.address()),
        back: format!("{}/units", round.address()),
        county_unit: one.level == UnitLevel::County.code(),
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
