//! What crosses capabilities: one named procedure each, one transaction each.

use std::collections::BTreeSet;

use base::{
    db::{Conn, DbResult, Tx},
    html::Event,
    kernel::{CountyId, Day, DivisionCode, Period},
    web::AppResult,
};
use serde_json::json;

use crate::{
    accounts::{Actor, Scope},
    log,
    packs::{self, Pack},
    places::{self, VillageCategory},
    postings,
    spine::audit::{self, Change, Subject},
};

/// A post that is or was really held, as other capabilities see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    pub person: (CountyId, String),
    pub name: String,
    pub unit_id: Option<String>,
    pub village: DivisionCode,
    /// Neighbours that the team of the post serves besides.
    pub also: Vec<DivisionCode>,
    pub period: Period,
}

impl Post {
    #[must_use]
    pub fn serves(&self, village: DivisionCode) -> bool {
        self.village == village || self.also.contains(&village)
    }

    /// Rows that differ by neighbour alone are one post.
    fn gather(rows: Vec<postings::store::ServedRow>) -> Vec<Self> {
        let mut posts: Vec<Self> = Vec::new();
        for row in rows {
            let Some(period) = Period::new(row.since, row.until) else { continue };
            let same = |post: &&mut Self| {
                post.person.1 == row.person_id && post.village == row.village && post.period == period
            };
            if let Some(post) = posts.iter_mut().find(same) {
                post.also.extend(row.also);
                continue;
            }
            posts.push(Self {
                person: (row.person_county, row.person_id),
                name: row.person_name,
                unit_id: row.unit_id,
                village: row.village,
                also: row.also.into_iter().collect(),
                period,
            });
        }
        posts
    }
}

/// The posts of a person, newest first.
pub async fn posts_of(conn: &mut Conn, person_id: &str) -> DbResult<Vec<Post>> {
    Ok(Post::gather(postings::store::served_by(conn, person_id).await?))
}

/// The posts that serve a village, newest first.
pub async fn posts_in(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<Post>> {
    Ok(Post::gather(postings::store::served_in(conn, village).await?))
}

/// What was last recorded of a village, for pages of other capabilities.
pub async fn village_timeline(
    conn: &mut Conn,
    scope: &Scope,
    village: DivisionCode,
    most: i64,
) -> DbResult<Vec<Event>> {
    log::timeline(conn, scope, village, most).await
}

/// Puts a village into a category from a day on; its coverage figures and open vacancies follow.
pub async fn set_category(
    tx: &mut Tx,
    village: DivisionCode,
    (category, since, basis): (VillageCategory, Day, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let county = village.county();
    let before = places::store::find_village(tx, village).await?.map(|v| v.categories_on(since)).unwrap_or_default();
    let before: Vec<&str> = before.into_iter().map(VillageCategory::code).collect();
    places::store::set_category(tx, village, category, since, basis).await?;
    postings::store::record_coverage(tx, county, &BTreeSet::from([village]), actor.at).await?;
    postings::store::refresh_vacancies(tx, county, village.area(), pack, actor).await?;
    let change = Change::changed(
        json!({ "categories": before }),
        json!({ "category": category.code(), "since": since, "basis": basis }),
    );
    let id = village.to_string();
    audit::write(tx, county, actor, "village.category", Subject { kind: "village", id: &id }, change).await?;
    Ok(())
}

/// Lets a county follow another pack; what is vacant under it becomes a task.
pub async fn choose_pack(tx: &mut Tx, county: CountyId, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let before = packs::store::pack_name(tx, county).await?;
    packs::store::save_setting(tx, county, "pack", &pack.name).await?;
    postings::store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    let change = Change::changed(json!({ "pack": before }), json!({ "pack": pack.name }));
    let id = county.to_string();
    audit::write(tx, county, actor, "pack.choose", Subject { kind: "county", id: &id }, change).await?;
    Ok(())
}

/// After the register of households changed: the villages' coverage with contact cards follows.
pub async fn households_changed(tx: &mut Tx, villages: &BTreeSet<DivisionCode>, actor: &Actor) -> AppResult<()> {
    let mut counties: BTreeSet<CountyId> = villages.iter().map(|village| village.county()).collect();
    while let Some(county) = counties.pop_first() {
        let own = villages.iter().filter(|village| village.county() == county).copied().collect();
        postings::cards::store::record_covered(tx, county, &own, actor.at).await?;
    }
    Ok(())
}
