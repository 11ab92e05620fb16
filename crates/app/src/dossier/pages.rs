//! The page of a file, and the file as a PDF.

use std::collections::BTreeSet;

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Fact, Shell, filters},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

use super::{
    paper::paper,
    rules::{Quarter, Stored, quarters},
    store,
};
use crate::{
    accounts::{Permission, Scope},
    log::{self, Deed, Noted},
    people::{
        self,
        portraits::{self, PortraitRow},
        store::PersonRow,
    },
    places,
    postings::store::{self as postings, Filter, ListRow},
    spine::{
        audit::{self, Change, Subject},
        facts::Catalogue,
        files::{self, FileStore},
    },
    units,
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of files.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/people/{county}/{id}/dossier", Permission::PeopleRead, show).get(
        "/people/{county}/{id}/dossier.pdf",
        Permission::PeopleRead,
        pdf,
    )
}

/// Everything of one person.
pub struct File {
    pub person: PersonRow,
    pub unit: String,
    pub postings: Vec<ListRow>,
    pub quarters: Vec<Quarter>,
    pub facts: usize,
    /// The latest entries of the log, and how many there are.
    pub noted: Vec<Noted>,
    pub noted_all: i64,
    /// The latest outcomes that count or wait to be counted.
    pub deeds: Vec<Deed>,
    pub portrait: Option<PortraitRow>,
}

/// How many entries and outcomes a file shows; all of them stand in the log.
const MOST: i64 = 100;
/// How many of them the page shows.
const SHOWN: usize = 20;

/// Gathers a file, across the counties in which the person served; of the log what the scope lets see.
pub async fn gather(conn: &mut Conn, person: PersonRow, scope: &Scope) -> AppResult<File> {
    let rows = postings::of_person(conn, &person.id).await?;
    let counties: BTreeSet<CountyId> = rows.iter().map(|row| row.county_id).chain([person.county_id]).collect();
    let (mut facts, mut deeds) = (Vec::new(), Vec::new());
    for county in counties {
        facts.extend(store::facts(conn, county, &person.id).await?);
        deeds.extend(log::deeds(conn, scope, (county, &person.id), MOST).await?);
    }
    deeds.sort_by_key(|deed| std::cmp::Reverse(deed.day));
    let (noted, noted_all) = log::noted(conn, scope, &person.id, MOST).await?;
    let portrait = portraits::find(conn, person.county_id, &person.id).await?;
    let stored: Vec<Stored<'_>> = facts
        .iter()
        .filter_map(|fact| {
            let indicator = Catalogue::get().find(&fact.indicator)?;
            let place = fact.place.as_deref().map(places::short_name).unwrap_or_default();
            Some(Stored { indicator, day: fact.day, amount: fact.amount, place })
        })
        .collect();
    let unit = match &person.unit_id {
        Some(id) => units::store::find(conn, id).await?.map(|unit| unit.name).unwrap_or_default(),
        None => String::new(),
    };
    let quarters = quarters(&stored);
    let facts = quarters.iter().flat_map(|quarter| &quarter.groups).map(|group| group.entries.len()).sum();
    Ok(File { person, unit, postings: rows, quarters, facts, noted, noted_all, deeds, portrait })
}

impl File {
    /// The portrait for paper, read when it is set.
    pub async fn portrait_on_paper(&self, conn: &mut Conn, files: &FileStore) -> AppResult<Option<print::Picture>> {
        let Some(row) = &self.portrait else { return Ok(None) };
        let file = files::find(conn, self.person.county_id, &row.file_id).await?;
        Ok(file.map(|file| print::Picture::later(files.later(&file.content_hash))))
    }
}

/// The person within the scope, and a line that somebody looked, unless it is the person.
async fn open(ctx: &Ctx, county: &str, id: &str) -> AppResult<File> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let person = people::store::find(&mut conn, county, id).await?.ok_or(AppError::NotFound)?;
    let own = ctx.viewer()?.person_id.as_deref() == Some(id);
    if !own && !ctx.scope.holds(county.division()) {
        let filter = Filter { person_id: Some(id.to_owned()), state: Some("all".into()), ..Filter::default() };
        if postings::count(&mut conn, &ctx.scope, &filter).await? == 0 {
            return Err(AppError::NotFound);
        }
    }
    let actor = ctx.actor()?;
    if !own && !store::has_looked(&mut conn, county, id, &actor).await? {
        drop(conn);
        let mut tx = ctx.app.db.begin().await?;
        store::look(&mut tx, county, id, &actor, &ctx.viewer()?.roles_zh()).await?;
        audit::write(&mut tx, county, &actor, "dossier.read", Subject { kind: "person", id }, Change::default())
            .await?;
        tx.commit().await?;
        conn = ctx.read().await?;
    }
    let scope = ctx.viewer()?.scope(Permission::LogRead);
    gather(&mut conn, person, &scope).await
}

#[derive(Template)]
#[template(path = "dossier/dossier.html")]
struct DossierPage {
    shell: Shell,
    sub: Text,
    facts: Vec<Fact>,
    postings: Vec<(String, String, Text, String)>,
    quarters: Vec<(Text, Quarter)>,
    count: usize,
    pdf: String,
    person: String,
    /// Who looked, on one's own file.
    looked: Option<Vec<(String, String, String)>>,
    noted: Vec<Noted>,
    noted_all: i64,
    unshown: bool,
    /// The person's entries in the log.
    log: String,
    deeds: Vec<Deed>,
    portrait: Option<String>,
}

/// The parts of a posting that a file lists: village, role, days.
pub(super) fn posting(row: &ListRow) -> (String, &'static str, String) {
    let village = row.village_name.as_deref().map(places::short_name).unwrap_or_default();
    let township = row.township_name.clone().unwrap_or_default();
    let until = row.until.map_or_else(String::new, |day| day.to_string());
    let role = row.role().map_or("", crate::postings::PostRole::zh);
    (format!("{township}{village}"), role, format!("{} — {until}", row.since))
}

async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let file = open(&ctx, &county, &id).await?;
    let mut conn = ctx.read().await?;
    let own = ctx.viewer()?.person_id.as_deref() == Some(id.as_str());
    let looked = if own {
        let rows = store::looked(&mut conn, file.person.county_id, &id).await?;
        Some(rows.into_iter().map(|(day, who, role)| (day.to_string(), who, role)).collect())
    } else {
        None
    };
    let held = |row: &&ListRow| matches!(row.state.as_str(), "on_post" | "ended");
    let now = file.postings.iter().find(|row| row.state == "on_post");
    let data = |text: &Option<String>| text.as_ref().map_or_else(|| text!("未填"), Text::data);
    let page = DossierPage {
        sub: now.map_or_else(
            || text!("现在没有派驻"),
            |row| text!("{village} {role}", village = posting(row).0, role = Text::key(posting(row).1)),
        ),
        facts: vec![
            Fact::new(
                text!("性别"),
                file.person.gender().map_or_else(|| text!("未填"), |gender| Text::key(gender.zh())),
            ),
            Fact::new(text!("出生年月"), data(&file.person.birth)),
            Fact::new(text!("入党时间"), data(&file.person.party_since)),
            Fact::new(text!("学历"), data(&file.person.education)),
            Fact::new(text!("派出单位"), Text::data(&file.unit)),
            Fact::new(text!("现任职务"), data(&file.person.position)),
            Fact::new(text!("职级"), data(&file.person.rank)),
        ],
        postings: file
            .postings
            .iter()
            .filter(held)
            .map(|row| {
                let (village, role, days) = posting(row);
                (format!("/postings/{}/{}", row.county_id, row.id), village, Text::key(role), days)
            })
            .collect(),
        quarters: file
            .quarters
            .into_iter()
            .map(|quarter| (text!("{year} 年第 {n} 季度", year = quarter.year, n = quarter.quarter), quarter))
            .collect(),
        count: file.facts,
        unshown: file.noted_all > i64::try_from(SHOWN).unwrap_or(0),
        noted: file.noted.into_iter().take(SHOWN).collect(),
        noted_all: file.noted_all,
        log: Address::parse("/log").with("name", &file.person.name).to_string(),
        deeds: file.deeds.into_iter().take(SHOWN).collect(),
        portrait: file.portrait.map(|row| format!("/people/{county}/{id}/portraits/{}", row.file_id)),
        pdf: format!("/people/{county}/{id}/dossier.pdf"),
        person: format!("/people/{county}/{id}"),
        looked,
        shell: ctx.shell(&mut conn, text!("{name} 的档案", name = file.person.name), None).await?,
    };
    Ok(ctx.page(&page))
}

async fn pdf(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let file = open(&ctx, &county, &id).await?;
    let (name, today, files) = (file.person.name.clone(), ctx.today, ctx.app.files.clone());
    let portrait = file.portrait_on_paper(&mut ctx.read().await?, &files).await?;
    let work = move || paper(&file, portrait, today);
    let bytes = tokio::task::spawn_blocking(work).await.map_err(|error| AppError::Internal(error.into()))??;
    Ok(Ctx::download(&format!("一人一档-{name}-{today}.pdf"), "application/pdf", bytes))
}
