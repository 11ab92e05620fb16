//! A problem's page: where it stands, whose turn it is, and its whole story.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Event, Fact, Form, Shell, State as Shown, Step, StepState, filters},
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        Origin, State, acts,
        store::{self, ClaimRow, ProblemRow},
        suggest::suggest,
    },
    find, pill,
};
use crate::{
    accounts::{self, Permission, Role},
    express::{
        departments::{self, Department},
        events,
        evidence::{self, Evidence, Group},
        money, projects,
    },
    places,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "express/problems/show.html")]
pub(super) struct ShowPage {
    shell: Shell,
    sub: Text,
    address: String,
    state: Shown,
    steps: Vec<Step>,
    words: String,
    form: Form,
    turn: Turn,
    /// Departments to choose from, the likely ones first.
    units: Vec<Choice>,
    claims: Vec<ClaimLine>,
    advisers: Vec<AdviserLine>,
    suggested: Vec<Choice>,
    facts: Vec<Fact>,
    events: Vec<Event>,
    /// Photos and papers by the report that brought them.
    evidence: Vec<Group>,
    report_kept: Vec<String>,
    solution_kept: Vec<String>,
}

/// What the viewer may do now.
#[derive(Clone, Debug, Default)]
pub(super) struct Turn {
    /// Screens, or settles whose it is.
    screens: bool,
    /// Answers or takes up, as this department.
    claims: bool,
    joins: bool,
    /// Reports as the lead.
    leads: bool,
    /// Reports as one that joined.
    reports: bool,
    confirms: bool,
    sends_advisers: bool,
    /// The department in whose name.
    unit: String,
}

impl Turn {
    /// Whether a step is the viewer's department's.
    fn sent(&self, step: &events::EventRow) -> bool {
        !self.unit.is_empty() && step.unit_name.as_ref() == Some(&self.unit)
    }
}

struct ClaimLine {
    unit: String,
    part: Text,
    promise: String,
    due: String,
    state: Text,
}

struct AdviserLine {
    name: String,
    href: String,
    why: String,
    sent: String,
    advice: String,
    /// Where the advice is written down.
    action: Option<String>,
    field: String,
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    let page = page(&ctx, &mut conn, &row, Form::default()).await?;
    Ok(ctx.page(&page))
}

/// A photo or paper of a problem that the viewer may see.
pub async fn file(ctx: Ctx, Path((county, id, file)): Path<(String, String, String)>) -> AppResult<Response> {
    let row = find(&ctx, &mut ctx.read().await?, &county, &id).await?;
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
        Ok(()) => Ok(ctx.redirect(&format!("/problems/{county}/{id}"), said)),
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

/// Who confirms: whoever reported it; where they cannot sign in, the township.
pub(super) async fn may_confirm(ctx: &Ctx, conn: &mut Conn, row: &ProblemRow) -> AppResult<bool> {
    let viewer = ctx.viewer()?;
    if row.raiser_account == viewer.account_id
        || row.person_id.is_some() && viewer.own_person() == row.person_id.as_deref()
    {
        return Ok(true);
    }
    let account = match &row.person_id {
        Some(person) => accounts::store::account_of(conn, person).await?,
        None => None,
    };
    Ok(account.is_none() && viewer.holds_at(&[Role::Township], row.village))
}

async fn turn(ctx: &Ctx, conn: &mut Conn, row: &ProblemRow, state: &State, claims: &[ClaimRow]) -> AppResult<Turn> {
    let viewer = ctx.viewer()?;
    let steers = viewer.scope(Permission::ProblemsSteer).holds(row.village);
    let own = departments::own(ctx, conn, row.unit_id.as_deref()).await?;
    let mut turn = Turn { sends_advisers: steers && state.is_open(), ..Turn::default() };
    let addressed = own.as_ref().is_some_and(|own| row.unit_id.as_deref() == Some(own.id.as_str()));
    let joined = |own: &Department| claims.iter().any(|claim| claim.ended_on.is_none() && claim.unit_id == own.id);
    match state {
        State::Reported | State::Contested => turn.screens = steers,
        State::Screened => {
            turn.screens = steers;
            turn.claims = addressed;
        }
        State::OnAgenda { .. } => turn.claims = addressed,
        State::Claimed { .. } | State::UnderWay { .. } => {
            turn.leads = addressed;
            turn.reports = !addressed && own.as_ref().is_some_and(joined);
            turn.joins = !addressed && own.is_some() && !turn.reports;
        }
        State::Solved { .. } => {
            turn.confirms = ctx.may(Permission::ProblemsRaise) && may_confirm(ctx, conn, row).await?;
        }
        State::StruckOff | State::Declined => {}
    }
    turn.unit = own.map(|own| own.name).unwrap_or_default();
    Ok(turn)
}

async fn page(ctx: &Ctx, conn: &mut Conn, row: &ProblemRow, form: Form) -> AppResult<ShowPage> {
    let state = row.state().ok_or_else(|| AppError::internal(format!("problem {} has an unknown state", row.id)))?;
    let (county, id) = (row.county_id, row.id.as_str());
    let pack = ctx.pack(conn, county).await?;
    let claims = store::claims(conn, county, id).await?;
    let turn = turn(ctx, conn, row, &state, &claims).await?;
    let all =
        if turn.screens || turn.claims || turn.leads { departments::list(conn, county).await? } else { Vec::new() };
    let likely = departments::suggest(pack, &all, &format!("{}{}", row.title, row.words));
    let form = form.or("due", ctx.today.plus_days(pack.problem_due_days()).to_string());
    let sent = store::advisers(conn, county, id).await?;
    let suggested = if turn.sends_advisers { suggest(conn, row).await? } else { Vec::new() };
    let suggested = suggested
        .into_iter()
        .filter_map(|(one, why)| {
            let (county, person) = one.person?;
            let known = sent.iter().any(|adviser| adviser.person_id == person);
            let why: Vec<String> = why.iter().map(Text::zh).collect();
            let label = text!("{name}：{why}", name = one.name, why = why.join("；"));
            (!known).then(|| Choice::new(format!("{county}/{person}"), label))
        })
        .collect();
    let village = places::store::find(conn, row.village).await?.map(|place| place.short()).unwrap_or_default();
    let township =
        places::store::find(conn, row.village.parent()).await?.map(|place| place.short()).unwrap_or_default();
    let steers = turn.sends_advisers;
    let story = events::list(conn, county, acts::KIND, id).await?;
    let files = evidence::store::list(conn, county, (acts::KIND, id)).await?;
    let parts =
        story.iter().map(|row| (row.id.clone(), events::label(row), state.is_open() && (steers || turn.sent(row))));
    Ok(ShowPage {
        shell: ctx.shell(conn, Text::data(&row.title), Some(row.village)).await?,
        sub: text!(
            "{township} {village} · {block}",
            township = township,
            village = village,
            block = row.block().label(pack)
        ),
        address: row.address(),
        state: pill(&row.state, row.is_late(ctx.today)),
        steps: steps(row, &state),
        words: row.words.clone(),
        units: departments::choices(&all, &likely),
        claims: claims.into_iter().map(|claim| claim_line(claim, ctx)).collect(),
        advisers: sent.into_iter().map(|one| adviser_line(one, row, steers)).collect(),
        suggested,
        facts: facts(ctx, conn, row).await?,
        evidence: evidence::groups(&files, &row.address(), parts),
        report_kept: Evidence::earlier(&form, "report_files"),
        solution_kept: Evidence::earlier(&form, "solution_files"),
        events: events::story(story),
        turn,
        form,
    })
}

fn claim_line(claim: ClaimRow, ctx: &Ctx) -> ClaimLine {
    let part = if claim.part == "lead" { text!("牵头") } else { text!("配合") };
    let state = match (claim.ended_on, &claim.ended_why) {
        (Some(day), Some(why)) if why == acts::STRUCK_OFF => text!("{day} 止：销号", day = day),
        (Some(day), why) => text!("{day} 止：{why}", day = day, why = why.clone().unwrap_or_default()),
        (None, _) if claim.due < ctx.today => text!("逾期 {n} 天", n = ctx.today.days_since(claim.due)),
        (None, _) => text!("在办"),
    };
    ClaimLine { unit: claim.unit_name, part, promise: claim.promise, due: claim.due.to_string(), state }
}

fn adviser_line(one: store::AdviserRow, row: &ProblemRow, steers: bool) -> AdviserLine {
    AdviserLine {
        href: format!("/people/{}/{}", one.person_county, one.person_id),
        action: (steers && one.advice.is_none())
            .then(|| format!("{}/advisers/{}/advice", row.address(), one.person_id)),
        field: format!("advice-{}", one.person_id),
        name: one.person_name,
        why: one.why,
        sent: one.sent_on.to_string(),
        advice: one.advice.unwrap_or_default(),
    }
}

fn steps(row: &ProblemRow, state: &State) -> Vec<Step> {
    let at = match state {
        State::Reported => 0,
        State::Screened | State::OnAgenda { .. } | State::Contested => 1,
        State::Claimed { .. } | State::UnderWay { .. } => 2,
        State::Solved { .. } => 3,
        State::StruckOff => 4,
        State::Declined => 5,
    };
    let labels = [text!("上报"), text!("筛选、议定"), text!("认领办理"), text!("报告办完"), text!("确认销号")];
    let note = |step: usize| match step {
        0 => Text::data(row.raised_on.to_string()),
        2 if at == 2 => row.due.map(|due| text!("{day} 前", day = due)).unwrap_or_default(),
        4 if at == 4 => Text::data(row.state_since.to_string()),
        _ => Text::default(),
    };
    let step = |(n, label): (usize, Text)| Step {
        label,
        note: note(n),
        state: match at {
            5 if n == 0 => StepState::Done,
            5 => StepState::Ahead,
            4 => StepState::Done,
            now if n < now => StepState::Done,
            now if n == now => StepState::Now,
            _ => StepState::Ahead,
        },
    };
    labels.into_iter().enumerate().map(step).collect()
}

async fn facts(ctx: &Ctx, conn: &mut Conn, row: &ProblemRow) -> AppResult<Vec<Fact>> {
    let who = row.person_name.as_ref().unwrap_or(&row.raiser);
    let mut facts = vec![
        Fact::new(text!("谁报的"), Text::data(who)),
        Fact::new(text!("哪天报的"), Text::data(row.raised_on.to_string())),
    ];
    if let Some(amount) = row.amount {
        facts.push(Fact::new(text!("涉及金额"), money::shown(amount)));
    }
    if let Some(unit) = &row.unit_name {
        facts.push(Fact::new(text!("单位"), Text::data(unit)));
    }
    if let Some(due) = row.due {
        facts.push(Fact::new(text!("期限"), Text::data(due.to_string())));
    }
    if row.level == "city" {
        facts.push(Fact::new(text!("哪一级解决"), text!("市级")));
    }
    match row.origin() {
        Some(Origin::Project(project)) => {
            if let Some(found) = projects::store::find(conn, row.county_id, &project).await? {
                facts.push(Fact::new(text!("项目"), Text::data(&found.name)).link(found.address()));
            }
        }
        Some(Origin::Matter(_)) => facts.push(Fact::new(text!("来源"), text!("群众事项"))),
        Some(Origin::Direct) | None => facts.push(Fact::new(text!("来源"), text!("直接上报"))),
    }
    if let Some((county, meeting)) = row.meeting_county.zip(row.meeting_id.as_ref()) {
        let found = crate::express::meetings::store::find(conn, county, meeting).await?;
        if let Some(found) = found {
            facts.push(Fact::new(text!("对接会"), Text::data(&found.title)).link(found.address()));
        }
    }
    let home = format!("/villages/{}", row.village);
    if ctx.may(Permission::PostingsRead) {
        let name = places::store::find(conn, row.village).await?.map(|place| place.short()).unwrap_or_default();
        facts.push(Fact::new(text!("村"), Text::data(name)).link(home));
    }
    Ok(facts)
}
