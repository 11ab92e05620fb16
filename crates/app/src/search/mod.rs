//! 查找: people on post, villages, units, matters, problems and projects of the viewer's places by a part of their names, each
//! only where the viewer may read that kind. Reads, writes nothing.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Shell, filters},
    i18n::Text,
    text,
    web::AppResult,
};

use crate::{
    accounts::{Permission, Scope},
    express::{problems::store as problems, projects::store as projects},
    matters::store as matters,
    places::{self, Division},
    postings::store::{self as postings, Filter, ListRow, Sort},
    units::{self, UnitLevel},
    web::{AppRoutes, Ctx, routes as empty},
};

/// As many of each kind as one looks through; who finds more types more.
const MOST: i64 = 20;
/// Names are short; more is no name.
const LONGEST: usize = 30;

/// The page of the search.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/search", Permission::PostingsRead, show)
}

#[derive(Template)]
#[template(path = "search/search.html")]
struct SearchPage {
    shell: Shell,
    q: String,
    /// A kind of thing, and what was found of it.
    kinds: Vec<(Text, Vec<Found>)>,
}

struct Found {
    href: String,
    name: String,
    note: Text,
}

async fn show(ctx: Ctx) -> AppResult<Response> {
    let q: String = Address::parse(&ctx.address).get("q").trim().chars().take(LONGEST).collect();
    let mut conn = ctx.read().await?;
    let mut kinds = if q.is_empty() { Vec::new() } else { look(&ctx, &mut conn, &q).await? };
    kinds.retain(|(_, found)| !found.is_empty());
    let page = SearchPage { shell: ctx.shell(&mut conn, text!("查找"), ctx.scope.home()).await?, q, kinds };
    Ok(ctx.page(&page))
}

async fn look(ctx: &Ctx, conn: &mut Conn, q: &str) -> AppResult<Vec<(Text, Vec<Found>)>> {
    let filter = Filter { name: Some(q.to_owned()), ..Filter::default() };
    let people = postings::list(conn, &ctx.scope, &filter, Sort::Name, MOST, 0).await?;
    let mut villages = Vec::new();
    for area in ctx.scope.areas() {
        villages.extend(places::store::search(conn, *area, q, MOST).await?);
    }
    let posting_units = units::store::list(conn, &ctx.scope, Some(q), None, (MOST, 0)).await?;
    let mut kinds = vec![
        (text!("在岗人员"), people.into_iter().map(person).collect()),
        (text!("村和乡镇"), villages.iter().map(village).collect()),
        (text!("单位"), posting_units.into_iter().map(unit).collect()),
    ];
    let scope = |permission: Permission| -> AppResult<Option<Scope>> {
        Ok(if ctx.may(permission) { Some(ctx.viewer()?.scope(permission)) } else { None })
    };
    if let Some(scope) = scope(Permission::MattersRead)? {
        // Below two characters nothing is looked for.
        let found = matters::found(conn, &scope, q, MOST).await?.unwrap_or_default();
        kinds.push((text!("群众事项"), found.into_iter().map(matter).collect()));
    }
    if let Some(scope) = scope(Permission::ExpressRead)? {
        let filter =
            problems::Filter { view: problems::View::All, words: Some(q.to_owned()), ..problems::Filter::default() };
        let found = problems::list(conn, &scope, &filter, ctx.today, (MOST, 0)).await?;
        kinds.push((text!("困难问题"), found.into_iter().map(problem).collect()));
        let filter = projects::Filter { words: Some(q.to_owned()), ..projects::Filter::default() };
        let found = projects::list(conn, &scope, &filter, MOST, 0).await?;
        kinds.push((text!("项目库"), found.into_iter().map(project).collect()));
    }
    Ok(kinds)
}

fn at(township: Option<String>, village: Option<String>) -> String {
    format!("{}{}", township.unwrap_or_default(), places::short_name(&village.unwrap_or_default()))
}

fn matter(line: matters::Line) -> Found {
    Found {
        href: format!("/matters/{}/{}", line.county_id, line.id),
        note: text!(
            "{place} · 第 {number} 号",
            place = at(line.township_name, line.village_name),
            number = line.number
        ),
        name: line.title,
    }
}

fn problem(line: problems::Line) -> Found {
    Found {
        href: format!("/problems/{}/{}", line.county_id, line.id),
        note: Text::data(at(line.township_name, line.village_name)),
        name: line.title,
    }
}

fn project(line: projects::Line) -> Found {
    Found {
        href: format!("/projects/{}/{}", line.county_id, line.id),
        note: text!(
            "{place} · {unit}",
            place = at(line.township_name, line.village_name),
            unit = line.unit_name.unwrap_or_default()
        ),
        name: line.name,
    }
}

fn unit(unit: units::store::UnitRow) -> Found {
    let level = UnitLevel::parse(&unit.level).map(|level| Text::key(level.zh()));
    Found { href: format!("/units/{}", unit.id), note: level.unwrap_or_default(), name: unit.name }
}

fn person(row: ListRow) -> Found {
    let village = places::short_name(row.village_name.as_deref().unwrap_or_default());
    let role = row.role().map(|role| Text::key(role.zh())).unwrap_or_default();
    Found {
        href: format!("/people/{}/{}", row.person_county, row.person_id),
        note: text!(
            "{township}{village} {role}",
            township = row.township_name.unwrap_or_default(),
            village = village,
            role = role
        ),
        name: row.person_name,
    }
}

fn village(division: &Division) -> Found {
    use base::kernel::Level;
    let code = division.code;
    let href = match code.level() {
        Level::Village => format!("/villages/{code}"),
        Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
            format!("/places?place={code}")
        }
    };
    Found { href, name: division.short(), note: Text::data(code.to_string()) }
}
