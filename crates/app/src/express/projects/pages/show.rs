//! A project's page: stages, money by source, gains, problems, and its whole story.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Event, Fact, Form, Shell, State as Shown, Step, StepState, filters},
    i18n::Text,
    kernel::{CountyId, Fen},
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{FundSource, GAINS, Stage},
        store::{self, FundRow, GainRow, ProjectRow},
    },
    find, pill,
};
use crate::{
    accounts::{Permission, Role, Scope},
    express::{
        choices, departments, events,
        evidence::{self, Evidence, Group},
        money, problems,
    },
    places,
    spine::facts::Catalogue,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/projects/show.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    address: String,
    state: Shown,
    steps: Vec<Step>,
    goal: String,
    form: Form,
    turn: Turn,
    next: Option<Text>,
    funds: Vec<FundLine>,
    total: String,
    arrived: String,
    gains: Vec<GainLine>,
    problems: Vec<ProblemLine>,
    sources: Vec<Choice>,
    units: Vec<Choice>,
    kinds: Vec<Choice>,
    facts: Vec<Fact>,
    events: Vec<Event>,
    today: String,
    /// Photos and papers by stage.
    evidence: Vec<Group>,
    reached: Vec<Choice>,
    kept: Vec<String>,
    /// Where a problem of it is reported.
    raise: String,
    ask_sure: bool,
}

#[derive(Default)]
struct Turn {
    writes: bool,
    passes: bool,
    stops: bool,
    applies: bool,
    raises: bool,
    corrects: bool,
}

struct FundLine {
    source: Text,
    unit: String,
    amount: String,
    arrived: String,
    arrival: Option<String>,
    removal: Option<String>,
}

struct GainLine {
    year: i64,
    typed: String,
    elsewhere: String,
    evidence: String,
    withdrawal: Option<String>,
}

struct ProblemLine {
    href: String,
    title: String,
    unit: String,
    state: Shown,
}

pub async fn show(ctx: Ctx, Path((code, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &code, &id).await?;
    let page = page(&ctx, &mut conn, &row, Form::default()).await?;
    Ok(ctx.page(&page))
}

/// A photo or paper of a project that the viewer may see.
pub async fn file(ctx: Ctx, Path((code, id, file)): Path<(String, String, String)>) -> AppResult<Response> {
    let row = find(&ctx, &mut ctx.read().await?, &code, &id).await?;
    evidence::answer(&ctx, row.county_id, (acts::KIND, &row.id), &file).await
}

/// After an act: on to the record, or back to it with what was typed and what is wrong.
pub(super) async fn after(
    ctx: &Ctx,
    (county, id): (CountyId, &str),
    form: &FormData,
    done: AppResult<()>,
    said: &Text,
) -> AppResult<Response> {
    match done {
        Ok(()) => Ok(ctx.redirect(&format!("/projects/{county}/{id}"), said)),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let row = find(ctx, &mut conn, &county.to_string(), id).await?;
            let typed = form.typed().with_error(refusal.field.unwrap_or("acts"), refusal.message);
            let page = page(ctx, &mut conn, &row, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(other) => Err(other),
    }
}

fn turn(ctx: &Ctx, row: &ProjectRow) -> AppResult<Turn> {
    let viewer = ctx.viewer()?;
    let writes = viewer.scope(Permission::ProjectsWrite).holds(row.village);
    let stage = row.stage();
    let passes = match stage {
        Stage::Applied => viewer.holds_at(&[Role::Township, Role::Office], row.village),
        Stage::Passed => viewer.holds_at(&[Role::Office], row.village),
        Stage::Refused
        | Stage::Listed
        | Stage::Approved
        | Stage::Started
        | Stage::Finished
        | Stage::Accepted
        | Stage::Stopped => false,
    };
    Ok(Turn {
        writes: writes && !matches!(stage, Stage::Stopped | Stage::Refused),
        passes,
        stops: stage.is_open() && viewer.scope(Permission::ProjectsPass).holds(row.village),
        applies: writes && stage == Stage::Refused,
        corrects: super::edit::may(ctx, row)?,
        raises: stage.is_open() && viewer.scope(Permission::ProblemsRaise).holds(row.village),
    })
}

/// What people say of a gain: its name and unit.
pub(super) fn gain_label(code: &str) -> Text {
    let name = Catalogue::get().find(code).map(|one| Text::key(one.name.as_str())).unwrap_or_default();
    let unit = GAINS.iter().find(|(known, ..)| *known == code).map_or("", |(_, unit, ..)| unit);
    text!("{outcome}（{unit}）", outcome = name, unit = Text::key(unit))
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &ProjectRow, form: Form) -> AppResult<ShowPage> {
    let (county, id) = (row.county_id, row.id.as_str());
    let turn = turn(ctx, row)?;
    let funds = store::funds(conn, county, id).await?;
    let arrived: i64 = funds.iter().filter(|fund| fund.arrived_on.is_some()).map(|fund| fund.amount).sum();
    let gains = store::gains(conn, county, id).await?;
    let filter = problems::store::Filter {
        view: problems::store::View::All,
        origin: Some(("project", id.to_owned())),
        ..problems::store::Filter::default()
    };
    let scope = Scope::of(county.division());
    let found = problems::store::list(conn, &scope, &filter, ctx.today, (50, 0)).await?;
    let problem = |line: problems::store::Line| ProblemLine {
        href: line.href(),
        state: problems::pill(&line.state, line.is_late(ctx.today)),
        unit: line.unit_name.unwrap_or_default(),
        title: line.title,
    };
    let units = if turn.writes { departments::list(conn, county).await? } else { Vec::new() };
    let village = places::store::find(conn, row.village).await?.map(|place| place.short()).unwrap_or_default();
    let township =
        places::store::find(conn, row.village.parent()).await?.map(|place| place.short()).unwrap_or_default();
    let stages = store::stages(conn, county, id).await?;
    let story = events::list(conn, county, acts::KIND, id).await?;
    let files = evidence::store::list(conn, county, (acts::KIND, id)).await?;
    let been = |one: &&Stage| stages.iter().any(|row| row.stage == one.code());
    let been: Vec<Stage> = Stage::ALL.iter().filter(been).copied().collect();
    let parts = been.iter().map(|one| (one.code().to_owned(), Text::key(one.zh()), turn.writes));
    let kind = Text::key(row.kind().zh());
    let stage = row.stage();
    let form = form
        .or("progress", row.progress.to_string())
        .or("spent", if row.spent > 0 { Fen(row.spent).to_string() } else { String::new() })
        .or("next_due", row.due.map(|due| due.to_string()).unwrap_or_default())
        .or("on", ctx.today.to_string())
        .or("of_stage", stage.code())
        .or("year", ctx.today.year().to_string());
    Ok(ShowPage {
        shell: ctx.shell(conn, Text::data(&row.name), Some(row.village)).await?,
        sub: text!("{township} {village} · {kind}", township = township, village = village, kind = kind),
        address: row.address(),
        state: pill(stage),
        steps: steps(stage, &stages),
        goal: row.goal.clone(),
        next: stage.next().map(|next| Text::key(next.zh())),
        total: Fen(row.budget).to_string(),
        arrived: Fen(arrived).to_string(),
        gains: gains.into_iter().map(|gain| gain_line(gain, row, turn.writes)).collect(),
        problems: found.into_iter().map(problem).collect(),
        sources: choices(&FundSource::ALL, FundSource::code, FundSource::zh),
        units: departments::choices(&units, &[]),
        kinds: GAINS.iter().map(|(code, ..)| Choice::new(*code, gain_label(code))).collect(),
        evidence: evidence::groups(&files, &row.address(), parts),
        reached: choices(&been, Stage::code, Stage::zh),
        kept: Evidence::earlier(&form, "stage_files"),
        facts: facts(ctx, conn, row).await?,
        events: events::story(story),
        funds: funds.into_iter().map(|fund| fund_line(fund, row, turn.writes)).collect(),
        today: ctx.today.to_string(),
        raise: format!("/problems/new?village={}&project={id}", row.village),
        ask_sure: ["fund_amount", "spent", "gain"].iter().any(|field| form.error(field).is_some()),
        turn,
        form,
    })
}

fn fund_line(fund: FundRow, row: &ProjectRow, writes: bool) -> FundLine {
    let to = |what: &str| {
        (writes && fund.arrived_on.is_none()).then(|| format!("{}/funds/{}/{what}", row.address(), fund.id))
    };
    FundLine {
        arrival: to("arrival"),
        removal: to("removal"),
        source: FundSource::parse(&fund.source).map(|one| Text::key(one.zh())).unwrap_or_default(),
        amount: Fen(fund.amount).to_string(),
        arrived: fund.arrived_on.map(|day| day.to_string()).unwrap_or_default(),
        unit: fund.unit_name.unwrap_or_default(),
    }
}

fn gain_line(gain: GainRow, row: &ProjectRow, writes: bool) -> GainLine {
    let shown = |one: &crate::spine::facts::Indicator| one.shown(gain.elsewhere).to_string();
    let elsewhere = Catalogue::get().find(&gain.indicator).filter(|_| gain.elsewhere > 0).map(shown);
    GainLine {
        year: gain.year,
        elsewhere: elsewhere.unwrap_or_default(),
        typed: gain.typed,
        evidence: gain.evidence,
        withdrawal: writes.then(|| format!("{}/gains/{}/withdrawal", row.address(), gain.id)),
    }
}

fn steps(stage: Stage, reached: &[store::StageRow]) -> Vec<Step> {
    let applied = reached.iter().any(|row| row.stage == "applied");
    let mut way: Vec<Stage> = if applied { vec![Stage::Applied, Stage::Passed] } else { Vec::new() };
    way.extend(Stage::WAY);
    if matches!(stage, Stage::Stopped | Stage::Refused) {
        way.retain(|one| reached.iter().any(|row| row.stage == one.code()));
        way.push(stage);
    }
    let now = way.iter().position(|one| *one == stage).unwrap_or_default();
    let last = way.len().saturating_sub(1);
    let step = |(at, one): (usize, Stage)| {
        let day = reached.iter().rev().find(|row| row.stage == one.code()).map(|row| row.reached.to_string());
        Step {
            label: Text::key(one.zh()),
            note: day.filter(|_| at <= now).map(Text::data).unwrap_or_default(),
            state: if at < now || now == last && at == last {
                StepState::Done
            } else if at == now {
                StepState::Now
            } else {
                StepState::Ahead
            },
        }
    };
    way.into_iter().enumerate().map(step).collect()
}

async fn facts(ctx: &Ctx, conn: &mut Conn, row: &ProjectRow) -> AppResult<Vec<Fact>> {
    let mut facts = Vec::new();
    for village in store::villages(conn, row.county_id, &row.id).await? {
        let name = places::store::find(conn, village).await?.map(|place| place.short()).unwrap_or_default();
        let fact = Fact::new(text!("村"), Text::data(name));
        let linked = ctx.may(Permission::PostingsRead);
        facts.push(if linked { fact.link(format!("/villages/{village}")) } else { fact });
    }
    for (label, value) in
        [(text!("实施"), &row.owner), (text!("捆绑单位"), &row.unit_name), (text!("负责人"), &row.person_name)]
    {
        facts.extend(value.as_ref().map(|value| Fact::new(label, Text::data(value))));
    }
    facts.push(Fact::new(text!("总投资"), money::shown(row.budget)));
    facts.push(Fact::new(text!("已支出"), money::shown(row.spent)));
    if let Some(why) = &row.over_why {
        facts.push(Fact::new(text!("超支原因"), Text::data(why)));
    }
    facts.push(Fact::new(text!("进度"), Text::data(format!("{}%", row.progress))));
    if let Some(due) = row.due {
        facts.push(Fact::new(text!("下一步期限"), Text::data(due.to_string())));
    }
    facts.push(Fact::new(text!("谁记的"), Text::data(&row.writer)));
    Ok(facts)
}
