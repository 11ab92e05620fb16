//! One round: where it stands, its pool and demand in figures, its plans, its story.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{
        Act, Choice, Event, Fact, Form, Job as Running, Link, Shell, State as Shown, Step, StepState, Tile, Tone,
        filters,
    },
    i18n::Text,
    text,
    web::AppResult,
};

use super::{
    super::{
        rules::{Share, State, Summary, approver},
        store::{self, EventRow, PlanRow, Round},
    },
    found, may_plan,
    plan::progress_part,
    state_of, tabs,
};
use crate::{accounts::Role, flows, places, spine::jobs, web::Ctx};

/// Events shown at most.
const EVENTS: i64 = 12;

#[derive(Template)]
#[template(path = "dispatch/round.html")]
struct ShowPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    acts: Vec<Act>,
    views: Vec<Link>,
    steps: Vec<Step>,
    tiles: Vec<Tile>,
    shares: Vec<ShareLine>,
    plans: Vec<PlanLine>,
    /// Where a solve is ordered, by whoever may.
    order: Option<String>,
    /// To choose one from; none where there are too many.
    units: Option<Vec<Choice>>,
    locks: usize,
    compare: Option<(String, Vec<Choice>, Form)>,
    facts: Vec<Fact>,
    after: Vec<Act>,
    made: Vec<MadeLine>,
    running: Option<Running>,
    events: Vec<Event>,
    form: Form,
}

pub(super) struct ShareLine {
    pub label: Text,
    pub people: usize,
    pub percent: usize,
    pub aim: String,
    pub state: Option<Shown>,
}

pub(super) fn share_line(share: Share) -> ShareLine {
    let state = share.aim.filter(|_| share.of > 0).map(|_| {
        if share.is_met() { Shown::new(Tone::Ok, text!("达到")) } else { Shown::new(Tone::Late, text!("不足")) }
    });
    ShareLine {
        people: share.people,
        percent: share.percent(),
        aim: share.aim.map_or_else(|| "—".to_owned(), |aim| format!("{aim} %")),
        state,
        label: share.label,
    }
}

struct PlanLine {
    href: String,
    name: Text,
    state: Shown,
    objective: String,
    bound: String,
    gap: String,
    sent: String,
    unmet: String,
    when: String,
    proposed: bool,
}

/// What a plan is called.
pub(super) fn plan_name(plan: &PlanRow) -> Text {
    match &plan.without {
        Some((_, unit)) => text!("方案 {n}：假设{unit}不派", n = plan.number, unit = unit),
        None => text!("方案 {n}", n = plan.number),
    }
}

pub(super) fn plan_state(plan: &PlanRow) -> Shown {
    match (&plan.summary, plan.is_running()) {
        (Some(found), _) if found.optimal => Shown::new(Tone::Ok, text!("已证明最好")),
        (Some(_), _) => Shown::new(Tone::Ok, text!("排成")),
        (None, true) => Shown::new(Tone::Wait, text!("正在排")),
        (None, false) => Shown::new(Tone::Stop, text!("没有排成")),
    }
}

pub(super) fn percent(gap: f64) -> String {
    format!("{:.2} %", gap * 100.0)
}

fn plan_line(round: &Round, plan: &PlanRow) -> PlanLine {
    let of = |text: fn(&Summary) -> String| plan.summary.as_ref().map(text).unwrap_or_default();
    PlanLine {
        href: format!("{}/plans/{}", round.address(), plan.id),
        name: plan_name(plan),
        state: plan_state(plan),
        objective: of(|found| found.objective.to_string()),
        bound: of(|found| found.bound.to_string()),
        gap: of(|found| percent(found.gap())),
        sent: of(|found| format!("{} / {}", found.teams, found.people)),
        unmet: of(|found| found.unmet.to_string()),
        when: plan.made_at.local_minute(),
        proposed: round.proposed.as_ref() == Some(&plan.id),
    }
}

fn what(act: &str) -> Text {
    match act {
        "open" => text!("开了这一轮"),
        "nominate" => text!("推荐人选"),
        "describe" => text!("改候选人的级别、家乡"),
        "remove" => text!("移出候选人"),
        "sign" => text!("签选人三关"),
        "demand" => text!("改村需求"),
        "unit" => text!("改单位可派队数"),
        "order" => text!("排方案"),
        "solve" => text!("方案排成"),
        "lock" => text!("锁定配对"),
        "unlock" => text!("解锁配对"),
        "propose" => text!("方案送审"),
        "take_back" => text!("退回送审的方案"),
        "begin_approval" => text!("批准，开始逐县办理"),
        "break_off" => text!("批准中止"),
        "approve" => text!("批准"),
        _ => text!("停办"),
    }
}

fn event(row: EventRow) -> Event {
    Event {
        tone: if row.act == "approve" { Tone::Ok } else { Tone::Idle },
        who: Text::data(row.actor),
        what: what(&row.act),
        when: row.at.local_minute(),
        note: Text::data(row.words.unwrap_or_default()),
        href: None,
    }
}

/// Whether the viewer is the one who approves under the pack.
pub(super) fn may_approve(ctx: &Ctx, round: &Round, approver: Role) -> bool {
    ctx.viewer().is_ok_and(|viewer| viewer.holds_at(&[approver], round.place))
}

fn acts_of(ctx: &Ctx, round: &Round, approver: Role) -> Vec<Act> {
    let (root, mut acts) = (round.address(), Vec::new());
    if matches!(round.state, State::Approving { .. }) && may_approve(ctx, round, approver) {
        return vec![Act::new(text!("中止批准"), format!("{root}/return"))];
    }
    if round.state != State::Planning {
        return acts;
    }
    let (plans, approves) = (may_plan(ctx, round), may_approve(ctx, round, approver));
    if round.proposed.is_some() {
        if approves {
            acts.push(Act::new(text!("批准"), format!("{root}/approval")).primary());
        }
        if approves || plans {
            acts.push(Act::new(text!("退回"), format!("{root}/return")));
        }
    } else if plans {
        acts.push(Act::new(text!("推荐人选"), format!("{root}/nomination")).icon("plus"));
    }
    if plans {
        acts.push(Act::new(text!("停办"), format!("{root}/closure")).danger());
    }
    acts
}

struct Figures {
    people: usize,
    cleared: usize,
    waiting: usize,
    villages: usize,
    solved: usize,
}

fn steps_of(round: &Round, figures: &Figures) -> Vec<Step> {
    let ended = round.state != State::Planning;
    let gates = figures.people > 0 && figures.waiting == 0;
    let done = [figures.people > 0, gates, figures.villages > 0, figures.solved > 0, round.proposed.is_some() || ended];
    let ended = ended && !matches!(round.state, State::Approving { .. });
    let now = done.iter().position(|done| !done).unwrap_or(done.len());
    let notes = [
        text!("{n} 人", n = figures.people),
        text!("{n} 人已过", n = figures.cleared),
        text!("{n} 村", n = figures.villages),
        text!("{n} 个", n = figures.solved),
        Text::default(),
        match &round.state {
            State::Planning => Text::default(),
            State::Approving { .. } => text!("正在办理"),
            State::Approved { on, .. } => Text::data(on.to_string()),
            State::Dropped { .. } => text!("已停办"),
        },
    ];
    let labels = [text!("人选"), text!("三关"), text!("村需求"), text!("方案"), text!("送审"), text!("批准")];
    let step = |(at, (label, note)): (usize, (Text, Text))| Step {
        label,
        note,
        state: if ended || done.get(at) == Some(&true) {
            StepState::Done
        } else if at == now {
            StepState::Now
        } else {
            StepState::Ahead
        },
    };
    labels.into_iter().zip(notes).enumerate().map(step).collect()
}

/// Units that a list to choose from holds at most; of more the name is typed.
const MOST_CHOICES: usize = 200;

/// Where to go once a round is approved: its appointments, letters and handovers.
async fn after(conn: &mut Conn, round: &Round) -> AppResult<Vec<Act>> {
    let State::Approved { batch_id, .. } = &round.state else { return Ok(Vec::new()) };
    if round.is_above_county() {
        return Ok(vec![Act::new(text!("交接"), format!("/handovers?place={}", round.place))]);
    }
    let number = flows::batch_number(conn, round.county, batch_id).await?.unwrap_or_default();
    let print = |kind: &str| format!("/prints?kind={kind}&batch={number}&place={}", round.place);
    Ok(vec![
        Act::new(text!("任命名单"), format!("/postings?state=all&batch={batch_id}")),
        Act::new(text!("印选派通知"), print("letters")),
        Act::new(text!("印花名册"), print("roster")),
        Act::new(text!("交接"), "/handovers"),
    ])
}

fn tiles_of(round: &Round, figures: &Figures) -> Vec<Tile> {
    let root = round.address();
    let tile = |label: Text, figure: usize, unit: Text, tail: &str| Tile {
        label,
        figure: figure.to_string(),
        unit,
        href: Some(format!("{root}{tail}")),
        ..Tile::default()
    };
    vec![
        tile(text!("人选"), figures.people, text!("人"), "/pool"),
        tile(text!("三关已过"), figures.cleared, text!("人"), "/pool?show=cleared"),
        tile(text!("待签"), figures.waiting, text!("人"), "/pool?show=waiting"),
        tile(text!("要派的村"), figures.villages, text!("个"), "/villages"),
    ]
}

/// What an approval above a county made, a county a line, each with its lists and letters.
struct MadeLine {
    county: String,
    teams: usize,
    people: usize,
    handovers: usize,
    links: Vec<Link>,
}

async fn made(conn: &mut Conn, round: &Round) -> AppResult<Vec<MadeLine>> {
    if !matches!(round.state, State::Approved { .. }) || !round.is_above_county() {
        return Ok(Vec::new());
    }
    let mut lines = Vec::new();
    for one in store::made::<serde_json::Value>(conn, round).await? {
        let place = one.county.division();
        let number = flows::batch_number(conn, one.county, &one.batch_id).await?.unwrap_or_default();
        let print = |kind: &str| format!("/prints?kind={kind}&batch={number}&place={place}");
        lines.push(MadeLine {
            county: places::store::find(conn, place).await?.map(|one| one.short()).unwrap_or_default(),
            teams: one.teams,
            people: one.people,
            handovers: one.handovers,
            links: vec![
                Link::new(text!("任命名单"), format!("/postings?state=all&batch={}&place={place}", one.batch_id)),
                Link::new(text!("印选派通知"), print("letters")),
                Link::new(text!("印花名册"), print("roster")),
            ],
        });
    }
    Ok(lines)
}

/// What works behind the page: an approval, and how far it is, or a plan that is being solved.
async fn running(conn: &mut Conn, round: &Round, plans: &[PlanRow]) -> AppResult<Option<Running>> {
    let poll = Some(format!("{}/progress", round.address()));
    let State::Approving { by, .. } = &round.state else {
        let solving = plans.iter().find(|plan| plan.is_running());
        return Ok(solving.map(|plan| Running {
            poll,
            after: vec![Act::new(plan_name(plan), format!("{}/plans/{}", round.address(), plan.id))],
            ..super::plan::running(round, plan)
        }));
    };
    let job = match &round.job_id {
        Some(id) => jobs::find(conn, round.county, id).await?,
        None => None,
    };
    let (done, total) = job.map_or((0, 0), |job| (job.step, job.steps));
    Ok(Some(Running {
        title: text!("正在逐县办理"),
        done: u64::try_from(done).unwrap_or_default(),
        total: u64::try_from(total).ok().filter(|total| *total > 0),
        say: text!("{name}已批准。全部办完以前谁也看不到，办完一起生效；可以离开这一页。", name = by),
        poll,
        after: Vec::new(),
    }))
}

/// How far it is, asked by the page itself; when nothing is left to wait for, the page as it then is.
pub async fn progress(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    let plans = store::list_plans(&mut conn, &round).await?;
    Ok(progress_part(&ctx, running(&mut conn, &round, &plans).await?, text!("派驻计划"), &round.address()))
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &mut conn, &round, Form::default()).await?))
}

/// The round, with what was typed where a plan was not ordered.
pub(super) async fn refused(ctx: &Ctx, (county, id): (&str, &str), form: Form) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(ctx, &mut conn, county, id).await?;
    Ok(ctx.refused(&page(ctx, &mut conn, &round, form).await?))
}

async fn page(ctx: &Ctx, conn: &mut Conn, round: &Round, form: Form) -> AppResult<ShowPage> {
    let pack = ctx.pack(conn, round.county).await?;
    let (people, cleared, waiting) = store::count_candidates(conn, round).await?;
    let number = |n: i64| usize::try_from(n).unwrap_or_default();
    let villages = store::count_villages(conn, round, &store::VillageFilter::default()).await?;
    let plans = store::list_plans(conn, round).await?;
    let figures = Figures {
        people: number(people),
        cleared: number(cleared),
        waiting: number(waiting),
        villages: number(villages),
        solved: plans.iter().filter(|plan| plan.summary.is_some()).count(),
    };
    let plans_it = may_plan(ctx, round);
    let senders = if plans_it { store::senders(conn, round).await? } else { Vec::new() };
    let units = (senders.len() <= MOST_CHOICES)
        .then(|| senders.into_iter().map(|one| Choice::new(one.id, Text::data(one.name))).collect());
    let solved: Vec<&PlanRow> = plans.iter().filter(|plan| plan.summary.is_some()).collect();
    let compare = (solved.len() > 1).then(|| {
        let choices = solved.iter().map(|plan| Choice::new(plan.id.as_str(), plan_name(plan))).collect();
        let form = Form::of([("one", solved[1].id.as_str()), ("other", solved[0].id.as_str())]);
        (format!("{}/comparison", round.address()), choices, form)
    });
    let mut shell = ctx.shell(conn, Text::data(round.name.as_str()), Some(round.place)).await?;
    let running = running(conn, round, &plans).await?;
    if running.is_some() {
        shell.refresh = Some(3);
    }
    let approver = approver(pack);
    Ok(ShowPage {
        shell,
        sub: text!("{day} 到岗 · 任期 {n} 个月", day = round.starts_on, n = round.term_months),
        state: state_of(round.state.code(), round.proposed.is_some()),
        acts: acts_of(ctx, round, approver),
        views: tabs(round, ""),
        steps: steps_of(round, &figures),
        tiles: tiles_of(round, &figures),
        shares: store::makeup(conn, round).await?.shares(pack).into_iter().map(share_line).collect(),
        plans: plans.iter().map(|plan| plan_line(round, plan)).collect(),
        order: plans_it.then(|| format!("{}/plans", round.address())),
        units,
        locks: store::locks(conn, round).await?.len(),
        compare,
        facts: vec![
            Fact::new(text!("到岗日期"), Text::data(round.starts_on.to_string())),
            Fact::new(text!("任期"), text!("{n} 个月", n = round.term_months)),
            Fact::new(text!("由谁批准"), approver.label()),
            Fact::new(text!("开这一轮的"), Text::data(round.actor.as_str())),
        ],
        after: after(conn, round).await?,
        made: made(conn, round).await?,
        running,
        events: store::events(conn, round.county, &round.id, EVENTS).await?.into_iter().map(event).collect(),
        form,
    })
}
