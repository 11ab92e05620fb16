//! Photos and papers of the demo's projects and problems. The pictures are drawn for it and say so.

use base::{
    db::Tx,
    kernel::CountyId,
    sheet::{Column, Format, Layout, Table},
    web::AppError,
};

use super::world::World;
use crate::{
    accounts::{Actor, Scope},
    app::App,
    express::{
        departments::Department,
        problems::{self, store::View},
        projects::{self, Kind, Stage},
    },
    packs::Pack,
    spine::files::PICTURE,
};

const SITE: &[u8] = include_bytes!("../../data/demo/site.jpg");
const GREENHOUSE: &[u8] = include_bytes!("../../data/demo/greenhouse.jpg");
const CANAL: &[u8] = include_bytes!("../../data/demo/canal.jpg");
const ROAD: &[u8] = include_bytes!("../../data/demo/road.jpg");

/// How many projects, and how many problems under way, have any.
const SHOWN: (i64, i64) = (6, 2);
/// No more projects than these are looked through for those that were begun.
const LOOKED_AT: i64 = 60;

pub(super) async fn load(tx: &mut Tx, app: &App, county: CountyId, world: &World, pack: &Pack) -> Result<(), AppError> {
    let actor = Actor { account_id: "demo".into(), name: "驻村办".into(), at: app.clock.now(), today: world.today };
    let scope = Scope::of(county.division());
    let all = projects::store::list(tx, &scope, &projects::store::Filter::default(), LOOKED_AT, 0).await?;
    let mut left = SHOWN.0;
    for line in all {
        let stages = projects::store::stages(tx, county, &line.id).await?;
        let reached = |stage: Stage| stages.iter().any(|row| row.stage == stage.code());
        if left == 0 || !reached(Stage::Started) {
            continue;
        }
        left -= 1;
        let done = if line.kind == Kind::Infrastructure.code() { ROAD } else { GREENHOUSE };
        add(tx, app, (county, &line.id), (Stage::Started, "开工现场.jpg", SITE), &actor).await?;
        if reached(Stage::Finished) {
            add(tx, app, (county, &line.id), (Stage::Finished, "完工现场.jpg", done), &actor).await?;
        }
        if reached(Stage::Accepted) {
            let sheet = acceptance(&line.name, line.budget)
                .to_bytes(Format::Xlsx)
                .map_err(|error| AppError::Internal(error.into()))?;
            add(tx, app, (county, &line.id), (Stage::Accepted, "验收单.xlsx", &sheet), &actor).await?;
        }
    }
    reports(tx, app, (county, &scope), pack, &actor).await
}

async fn add(
    tx: &mut Tx,
    app: &App,
    key: (CountyId, &str),
    (stage, name, bytes): (Stage, &str, &[u8]),
    actor: &Actor,
) -> Result<(), AppError> {
    let media = if name.ends_with(".jpg") { PICTURE } else { Format::Xlsx.content_type() };
    let file = app.files.keep(tx, key.0, name, media, bytes, actor).await?;
    projects::acts::add_files(tx, key, (stage, &[file.id]), None, actor).await
}

/// A department shows how far it is.
async fn reports(
    tx: &mut Tx,
    app: &App,
    (county, scope): (CountyId, &Scope),
    pack: &Pack,
    actor: &Actor,
) -> Result<(), AppError> {
    let filter = problems::store::Filter { view: View::InHand, ..problems::store::Filter::default() };
    for line in problems::store::list(tx, scope, &filter, actor.today, (SHOWN.1, 0)).await? {
        let (Some(id), Some(name)) = (line.unit_id, line.unit_name) else { continue };
        let picture = if line.title.contains(['渠', '水']) {
            CANAL
        } else if line.title.contains('路') {
            ROAD
        } else {
            SITE
        };
        let file = app.files.keep(tx, line.county_id, "现场.jpg", PICTURE, picture, actor).await?;
        let unit = Department { id, name };
        let said = (&unit, "已到现场开工，照片附后", &[file.id][..]);
        let by = Actor { name: unit.name.clone(), ..actor.clone() };
        problems::acts::report(tx, (county, &line.id), said, pack, &by).await?;
    }
    Ok(())
}

/// Cents as 万元.
fn wan(cents: i64) -> String {
    format!("{}.{:02}", cents / 1_000_000, cents % 1_000_000 / 10_000)
}

fn acceptance(name: &str, budget: i64) -> Table {
    let layout = Layout::new(
        "验收单",
        vec![Column::new("项目").width(36.0), Column::new("总投资（万元）"), Column::new("结论")],
    );
    Table { layout, rows: vec![vec![name.into(), wan(budget).into(), "合格".into()]] }
}
