//! Pages of the project library.

mod edit;
mod list;
mod new;
mod show;
mod write;

use base::{
    db::Conn,
    html::{State as Shown, Tone},
    i18n::Text,
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{Kind, Stage},
    store::{self, ProjectRow},
};
use crate::{
    accounts::Permission,
    express::{county, words},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of projects.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{ExpressRead, ProjectsPass, ProjectsWrite};
    empty()
        .get("/projects", ExpressRead, list::show)
        .get("/projects.xlsx", ExpressRead, list::xlsx)
        .get("/projects.csv", ExpressRead, list::csv)
        .get("/projects/new", ProjectsWrite, new::form)
        .post("/projects", ProjectsWrite, new::add)
        .get("/projects/{county}/{id}", ExpressRead, show::show)
        .post("/projects/{county}/{id}/stages", ProjectsWrite, write::advance)
        .post("/projects/{county}/{id}/progress", ProjectsWrite, write::progress)
        .get("/projects/{county}/{id}/edit", ProjectsWrite, edit::form)
        .post("/projects/{county}/{id}/edit", ProjectsWrite, edit::save)
        .post("/projects/{county}/{id}/files", ProjectsWrite, write::add_files)
        .get("/projects/{county}/{id}/files/{file}", ExpressRead, show::file)
        .post("/projects/{county}/{id}/files/{file}/removal", ProjectsWrite, write::remove_file)
        .post("/projects/{county}/{id}/funds", ProjectsWrite, write::add_fund)
        .post("/projects/{county}/{id}/funds/{fund}/arrival", ProjectsWrite, write::arrive)
        .post("/projects/{county}/{id}/funds/{fund}/removal", ProjectsWrite, write::remove_fund)
        .post("/projects/{county}/{id}/gains", ProjectsWrite, write::add_gain)
        .post("/projects/{county}/{id}/gains/{gain}/withdrawal", ProjectsWrite, write::withdraw_gain)
        .post("/projects/{county}/{id}/stop", ProjectsPass, write::stop)
        .post("/projects/{county}/{id}/pass", ProjectsPass, write::pass)
        .post("/projects/{county}/{id}/refusal", ProjectsPass, write::refuse)
        .post("/projects/{county}/{id}/application", ProjectsWrite, write::apply_again)
}

/// What is wrong, by field.
type Wrong = Vec<(String, Text)>;

/// Name, goal and kind as a form has them.
fn base_fields(form: &FormData, wrong: &mut Wrong) -> (String, String, Option<Kind>) {
    let mut take = |field: &str, most: usize, ask: Text| {
        words(form.get(field), most, ask).unwrap_or_else(|say| {
            wrong.push((field.into(), say));
            String::new()
        })
    };
    let name = take("name", 60, text!("请写项目名称"));
    let goal = take("goal", 1_000, text!("请写要做成什么"));
    let kind = Kind::parse(form.get("kind"));
    if kind.is_none() {
        wrong.push(("kind".into(), text!("请选类别")));
    }
    (name, goal, kind)
}

/// A project that the viewer may read, or 404: in their places, led by them, bound to their unit.
pub(super) async fn find(ctx: &Ctx, conn: &mut Conn, code: &str, id: &str) -> AppResult<ProjectRow> {
    let row = store::find(conn, county(code)?, id).await?.ok_or(AppError::NotFound)?;
    let viewer = ctx.viewer()?;
    let scope = viewer.scope(Permission::ExpressRead);
    let own = row.person_id.is_some() && viewer.own_person() == row.person_id.as_deref();
    let bound = row.unit_id.as_ref().is_some_and(|unit| scope.units().contains(unit));
    if own || bound || scope.holds(row.village) {
        return Ok(row);
    }
    let villages = store::villages(conn, row.county_id, id).await?;
    if villages.into_iter().any(|village| scope.holds(village)) { Ok(row) } else { Err(AppError::NotFound) }
}

pub(super) fn pill(stage: Stage) -> Shown {
    let tone = match stage {
        Stage::Accepted | Stage::Finished => Tone::Ok,
        Stage::Refused | Stage::Stopped => Tone::Stop,
        Stage::Listed => Tone::Idle,
        Stage::Applied | Stage::Passed | Stage::Approved | Stage::Started => Tone::Wait,
    };
    Shown::new(tone, Text::key(stage.zh()))
}
