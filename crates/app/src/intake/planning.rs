//! What the rows of a file mean against what is stored, and writing that: one transaction, one audit line.

use base::{
    db::{Conn, Tx},
    kernel::{CountyId, Day, DivisionCode},
    web::AppError,
};
use serde_json::json;

use super::{
    FileKind, Parsed,
    cadres::{self, CadrePlan},
    divisions::{self, DivisionPlan},
    households::{self, HouseholdPlan},
    matters::{self, MatterPlan},
    reading::Rows,
    runs::Run,
    units::{self, UnitPlan},
    villages::{self, VillagePlan},
};
use crate::{
    accounts::Actor,
    app::App,
    imports::Report,
    postings::intake,
    spine::audit::{self, Change, Subject},
};

/// What a file is for.
#[derive(Clone, Copy, Debug)]
pub struct Aim {
    /// The place it is for; divisions may do without.
    pub place: Option<DivisionCode>,
    pub batch_number: Option<i64>,
    pub today: Day,
}

impl Aim {
    pub(super) fn place(&self) -> DivisionCode {
        self.place.unwrap_or(DivisionCode::NATION)
    }

    /// The tenant that keeps units and people which a file brings.
    pub(super) fn keeper(&self) -> CountyId {
        intake::keeper(self.place())
    }
}

/// A file ready to be written.
pub struct Ready {
    pub report: Report,
    kind: FileKind,
    keeper: CountyId,
    work: Work,
}

enum Work {
    Roster(Box<intake::Plan>, intake::Sealed),
    Villages(VillagePlan),
    Units(UnitPlan),
    Cadres(CadrePlan),
    Divisions(DivisionPlan),
    Households(HouseholdPlan),
    Matters(MatterPlan),
}

/// Compares a file with what is stored; reads only, and seals what is to be written sealed.
pub async fn plan(conn: &mut Conn, app: &App, parsed: Parsed, aim: &Aim, actor: &Actor) -> Result<Ready, AppError> {
    let keeper = aim.keeper();
    let (report, work) = match parsed.rows {
        Rows::Roster(outcome) => {
            let pack = app.pack(conn, keeper).await?;
            let aim = intake::Aim {
                place: aim.place(),
                batch_number: aim.batch_number,
                today: aim.today,
                keys: &app.keys,
                county_guide_beside: pack.county_guide_beside(),
                term_months: pack.term_months(),
            };
            let mut plan = intake::plan(conn, outcome, &aim).await?;
            let sealed = intake::seal(app, &mut plan, actor)?;
            (std::mem::take(&mut plan.report), Work::Roster(Box::new(plan), sealed))
        }
        Rows::Villages(outcome) => {
            let (report, plan) = villages::plan(conn, outcome, aim).await?;
            (report, Work::Villages(plan))
        }
        Rows::Units(outcome) => {
            let (report, plan) = units::plan(conn, outcome, aim).await?;
            (report, Work::Units(plan))
        }
        Rows::Cadres(outcome) => {
            let (report, plan) = cadres::plan(conn, app, outcome, aim).await?;
            (report, Work::Cadres(plan))
        }
        Rows::Divisions(outcome) => {
            let (report, plan) = divisions::plan(conn, outcome, aim).await?;
            (report, Work::Divisions(plan))
        }
        Rows::Households(outcome) => {
            let (report, plan) = households::plan(conn, outcome, aim).await?;
            (report, Work::Households(plan))
        }
        Rows::Matters(outcome) => {
            let (report, plan) = matters::plan(conn, app, outcome, actor).await?;
            (report, Work::Matters(plan))
        }
    };
    Ok(Ready { report, kind: parsed.kind, keeper, work })
}

/// Writes what was planned: what a large roster brings unseen and in chunks, then everything at once. Whatever changed
/// since ends in a conflict, and nothing is written.
///
/// `import` is marked applied in the same transaction.
pub async fn write(app: &App, mut ready: Ready, import: Option<&Run>, actor: &Actor) -> Result<Report, AppError> {
    stage(app, &mut ready, actor).await?;
    finish(app, ready, import, actor).await
}

/// The part of [`write`] that everybody sees, in one transaction; where it fails, what was staged is given up.
pub(super) async fn finish(app: &App, ready: Ready, import: Option<&Run>, actor: &Actor) -> Result<Report, AppError> {
    let run = match &ready.work {
        Work::Roster(plan, _) => plan.staged.as_ref().map(|staged| staged.run.clone()),
        Work::Villages(_)
        | Work::Units(_)
        | Work::Cadres(_)
        | Work::Divisions(_)
        | Work::Households(_)
        | Work::Matters(_) => None,
    };
    let written = apply_at_once(app, ready, import, actor).await;
    if let (Err(_), Some(run)) = (&written, run) {
        run.give_up(&app.db).await?;
    }
    written
}

/// The part of [`write`] that nobody sees.
pub(super) async fn stage(app: &App, ready: &mut Ready, actor: &Actor) -> Result<(), AppError> {
    match &mut ready.work {
        Work::Roster(plan, sealed) => intake::stage(app, plan, sealed, actor).await,
        Work::Villages(_)
        | Work::Units(_)
        | Work::Cadres(_)
        | Work::Divisions(_)
        | Work::Households(_)
        | Work::Matters(_) => Ok(()),
    }
}

async fn apply_at_once(app: &App, ready: Ready, import: Option<&Run>, actor: &Actor) -> Result<Report, AppError> {
    let mut tx = app.db.begin().await?;
    let report = match import {
        Some(run) => super::steps::write(&mut tx, app, run, ready, actor).await?,
        None => apply(&mut tx, app, ready, actor).await?,
    };
    tx.commit().await?;
    Ok(report)
}

/// Writes in the caller's transaction what was planned, or what is left of it to write.
pub async fn apply(tx: &mut Tx, app: &App, ready: Ready, actor: &Actor) -> Result<Report, AppError> {
    let Ready { mut report, kind, keeper, work } = ready;
    match work {
        Work::Roster(plan, sealed) => intake::apply(tx, app, &plan, sealed, actor).await?,
        Work::Villages(plan) => villages::apply(tx, app, plan, actor).await?,
        Work::Units(plan) => units::apply(tx, keeper, plan).await?,
        Work::Cadres(plan) => cadres::apply(tx, app, keeper, plan, actor).await?,
        Work::Divisions(plan) => divisions::apply(tx, plan, actor).await?,
        Work::Households(plan) => households::apply(tx, plan, actor).await?,
        Work::Matters(plan) => matters::apply(tx, plan).await?,
    }
    let after = json!({
        "read": report.read, "created": report.created, "updated": report.updated,
        "unchanged": report.unchanged, "rejected": report.rejected,
    });
    let subject = Subject { kind: "import", id: kind.code() };
    audit::write(tx, keeper, actor, kind.action(), subject, Change::made(after)).await?;
    report.applied = true;
    Ok(report)
}
