//! 查人、村: people on post and villages of the viewer's places by a part of the name. Reads, writes nothing.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Shell, filters},
    i18n::Text,
    text,
    web::AppResult,
};

use crate::{
    accounts::Permission,
    places::{self, Division},
    postings::store::{self as postings, Filter, ListRow, Sort},
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
    people: Vec<Found>,
    villages: Vec<Found>,
}

struct Found {
    href: String,
    name: String,
    note: Text,
}

async fn show(ctx: Ctx) -> AppResult<Response> {
    let q: String = Address::parse(&ctx.address).get("q").trim().chars().take(LONGEST).collect();
    let mut conn = ctx.read().await?;
    let (mut people, mut villages) = (Vec::new(), Vec::new());
    if !q.is_empty() {
        let filter = Filter { name: Some(q.clone()), ..Filter::default() };
        people = postings::list(&mut conn, &ctx.scope, &filter, Sort::Name, MOST, 0).await?;
        for area in ctx.scope.areas() {
            villages.extend(places::store::search(&mut conn, *area, &q, MOST).await?);
        }
    }
    let page = SearchPage {
        shell: ctx.shell(&mut conn, text!("查找"), ctx.scope.home()).await?,
        q,
        people: people.into_iter().map(person).collect(),
        villages: villages.iter().map(village).collect(),
    };
    Ok(ctx.page(&page))
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
