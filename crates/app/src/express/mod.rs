//! Express (项目直通车): projects of posted villages, what blocks them, and the meetings where departments answer.
//!
//! For cadres (report, confirm), townships (pass applications), the office (screens, calls meetings, keeps them going),
//! departments (answer, claim, report, solve), units (what is bound to their villages), leaders and branches (read).
//!
//! A **project** goes listed → approved → started → finished → accepted, or is stopped; one of Party building is applied
//! for first and passes township and county. A **problem** goes reported → screened → on the agenda → answered on the
//! spot or claimed → under way → solved → struck off (销号), or is sent back; "not ours" names whose it is and goes to
//! the office. Lateness climbs: after the pack's days a county's problem goes to the city. A **meeting** makes its agenda
//! from what is open and opens with what was promised last time.
//!
//! | part | what |
//! |---|---|
//! | `projects` | library, stages, budget by source, spending, gains |
//! | `problems` | their story, claims, advisers |
//! | `meetings` | agenda, screen mode, promises |
//! | `bindings` | projects, funds and responsibility bound to a unit's village |
//! | `talents` | who in a village is good at what |
//! | `evidence` | photos and papers of projects by stage, of problems by report |
//! | `departments`, `money`, `events` | what they share |
//!
//! Tables: those of `migrations/0012_express.sql`, and `express_file`. Facts: `project.*`, `problem.*`, `meeting.held`, `talent.registered`,
//! and of a project's gains the part that no other record counts. Tasks: `problem_*`, `project_*`, `meeting_*`,
//! `binding`. Absent: matters, which reach a problem by [`problems::Origin::Matter`] and hear of its end in `flows.rs`.

pub mod bindings;
pub mod departments;
pub mod events;
pub mod evidence;
pub mod meetings;
mod money;
pub mod problems;
pub mod projects;
pub mod talents;
#[cfg(test)]
mod tests;
mod villages;

use base::{
    db::{Conn, DbResult},
    html::{Choice, Link},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

use crate::{
    accounts::Permission,
    spine::facts::{FactDraft, Source},
    web::{AppRoutes, Ctx, routes as empty},
};

/// The routes of the express.
#[must_use]
pub fn routes() -> AppRoutes {
    empty()
        .merge(problems::routes())
        .merge(projects::routes())
        .merge(meetings::routes())
        .merge(bindings::routes())
        .merge(talents::routes())
}

/// The views of 项目, each a link for those who may open it.
fn section(ctx: &Ctx, on: &str) -> Vec<Link> {
    let all = [
        (text!("困难问题"), "/problems", Permission::ExpressRead),
        (text!("看板"), "/problems/board", Permission::ExpressRead),
        (text!("项目库"), "/projects", Permission::ExpressRead),
        (text!("对接会"), "/problem-meetings", Permission::ExpressRead),
        (text!("三个捆绑"), "/bindings", Permission::ExpressRead),
        (text!("人才库"), "/talents", Permission::ExpressRead),
    ];
    let shown = all.into_iter().filter(|(_, _, needs)| ctx.may(*needs));
    shown.map(|(label, href, _)| Link { on: href == on, ..Link::new(label, href) }).collect()
}

/// What the facts of every record of a county must be, for checks.
pub async fn facts_of(conn: &mut Conn, county: CountyId) -> DbResult<Vec<(Source, Vec<FactDraft>)>> {
    let mut all = Vec::new();
    for row in projects::store::all_of(conn, county).await? {
        let facts = projects::store::facts_of(conn, &row).await?;
        all.push((Source { kind: projects::acts::KIND, id: row.id }, facts));
    }
    for row in problems::store::all_of(conn, county).await? {
        let facts = problems::store::facts_of(conn, &row).await?;
        all.push((Source { kind: problems::acts::KIND, id: row.id }, facts));
    }
    for row in meetings::store::all_of(conn, county).await? {
        let facts = row.state().map(|state| meetings::rules::facts(state, row.division, row.day)).unwrap_or_default();
        all.push((Source { kind: meetings::acts::KIND, id: row.id }, facts));
    }
    for row in talents::store::all_of(conn, county).await? {
        let facts = talents::rules::facts(&row.id, row.village, row.since, row.until);
        all.push((Source { kind: "village_talent", id: row.id }, facts));
    }
    Ok(all)
}

/// The county of an address.
fn county(text: &str) -> AppResult<CountyId> {
    text.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)
}

/// A text that must stand and not be too long, or what is wrong with it.
fn words(typed: &str, most: usize, ask: Text) -> Result<String, Text> {
    match typed.chars().count() {
        0 => Err(ask),
        n if n > most => Err(text!("这里最多 {most} 字", most = most)),
        _ => Ok(typed.to_owned()),
    }
}

/// The choices of an enum's words.
fn choices<T: Copy>(all: &[T], code: impl Fn(T) -> &'static str, zh: impl Fn(T) -> &'static str) -> Vec<Choice> {
    all.iter().map(|one| Choice::new(code(*one), Text::key(zh(*one)))).collect()
}

/// As many rows as a list counts; beyond it the number is not shown.
const COUNTED: i64 = 20_000;
/// Rows of an export.
const EXPORT: i64 = 100_000;
