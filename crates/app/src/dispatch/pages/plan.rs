//! One plan: ordered, running, found; its pairings with their reasons, who stays without, how the load is shared.

use std::collections::{BTreeMap, HashMap, HashSet};

use askama::Template;
use assign::Category;
use axum::{
    extract::Path,
    http::{HeaderName, HeaderValue},
    response::{IntoResponse, Response},
};
use base::{
    db::Conn,
    html::{
        Act, Address, Choice, Column, Filter, FilterKind, Job as Running, Link, Pages, Shell, State as Shown, Table,
        Tile, filters,
    },
    i18n::Text,
    kernel::DivisionCode,
    sheet::{self, Format, Value},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        rules::{Kept, KeptCovered, KeptTeam, KeptUnmet, Load, Makeup},
        store::{self, PlanRow, Round},
        written,
    },
    count, county_filter,
    demand::{category_choices, category_zh},
    found, locked, may_plan,
    show::{ShareLine, percent, plan_name, plan_state, share_line},
    tabs,
    units::level_zh,
};
use crate::web::{Ctx, FormData};

/// Villages without anybody, and units by load, that a page lists at most; the county filter leads to the others.
const SHOWN: usize = 60;

pub(super) type At = (String, String, String);

/// A plan of a round that the viewer may see.
pub(super) async fn of(
    ctx: &Ctx,
    conn: &mut Conn,
    (county, id, plan): (&str, &str, &str),
) -> AppResult<(Round, PlanRow)> {
    let round = found(ctx, conn, county, id).await?;
    let plan = store::find_plan(conn, round.county, plan).await?.filter(|plan| plan.round_id == round.id);
    Ok((round, plan.ok_or(AppError::NotFound)?))
}

pub async fn order(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let done = async {
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        let plan = acts::order(&mut tx, &round, data.some("without"), &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(format!("{}/plans/{plan}", round.address()))
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("已开始排，排好后在这里看。"))),
        Err(AppError::Refused(refusal)) if refusal.field == Some("without") => {
            let form = data.typed().with_error("without", refusal.message);
            super::show::refused(&ctx, (&county, &id), form).await
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "dispatch/plan.html")]
struct PlanPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    acts: Vec<Act>,
    views: Vec<Link>,
    busy: bool,
    job: Running,
    stop: Option<String>,
    faults: Vec<String>,
    found: Option<Found>,
}

struct Found {
    tiles: Vec<Tile>,
    unmet: Vec<UnmetLine>,
    /// Villages that stay without and are not listed; units that bear something and are not.
    more_unmet: usize,
    more_loads: usize,
    /// Units that send somebody.
    units: usize,
    /// Whether units may be put into other villages by dragging.
    moves: bool,
    table: Table,
    teams: Vec<TeamLine>,
    shares: Vec<ShareLine>,
    levels: Vec<LevelLine>,
    loads: Vec<LoadLine>,
}

struct UnmetLine {
    village: String,
    category: Text,
    stops: Vec<Text>,
    step: Option<String>,
    href: Option<String>,
}

pub(super) struct TeamLine {
    pub unit_id: String,
    pub href: String,
    pub village: String,
    pub category: Text,
    pub unit: Text,
    pub people: String,
    pub why: Vec<Text>,
    pub points: String,
    pub lock: Option<Text>,
}

struct LevelLine {
    label: Text,
    units: usize,
    teams: usize,
    people: usize,
    heavy: usize,
    points: String,
}

struct LoadLine {
    name: String,
    level: Text,
    strong: bool,
    teams: usize,
    people: usize,
    heavy: usize,
    covered: usize,
    points: i64,
}

fn stops(one: &KeptUnmet) -> Vec<Text> {
    let stop = |(sentence, units): &(String, usize)| match units {
        0 => Text::data(sentence.as_str()),
        n => text!("{rule}（{n} 个单位）", rule = sentence, n = n),
    };
    one.stops.iter().map(stop).collect()
}

fn tiles_of(kept: &Kept) -> Vec<Tile> {
    let tile =
        |label: Text, figure: String, unit: Text, note: Text| Tile { label, figure, unit, note, ..Tile::default() };
    let proof = if kept.optimal { text!("已证明没有更好的") } else { text!("可能还有更好的") };
    vec![
        tile(text!("得分"), kept.objective.to_string(), text!("分"), proof),
        tile(text!("上界"), kept.bound.to_string(), text!("分"), text!("差距 {gap}", gap = percent(kept.gap()))),
        tile(text!("派出"), kept.teams.len().to_string(), text!("队"), text!("共 {n} 人", n = kept.assigned())),
        tile(text!("兼管"), kept.covered.len().to_string(), text!("个村"), Text::default()),
        tile(text!("派不出"), kept.unmet.len().to_string(), text!("个村"), text!("逐村写明原因")),
    ]
}

/// A group of units by name, and which loads belong to it.
type Group = (Text, fn(&Load) -> bool);

/// Teams, people and heavy villages by the level of units, county units strong and others apart.
fn levels_of(loads: &[Load]) -> Vec<LevelLine> {
    let groups: [Group; 4] = [
        (text!("省级"), |load| load.level == "province"),
        (text!("市级"), |load| load.level == "city"),
        (text!("县直（实力强）"), |load| load.level == "county" && load.strong),
        (text!("县直（其他）"), |load| load.level == "county" && !load.strong),
    ];
    let line = |(label, is): Group| {
        let of: Vec<&Load> = loads.iter().filter(|load| is(load)).collect();
        let sum = |n: fn(&Load) -> usize| of.iter().map(|load| n(load)).sum::<usize>();
        let (teams, points) = (sum(|load| load.teams), of.iter().map(|load| load.points).sum::<i64>());
        let each = i64::try_from(teams).ok().filter(|teams| *teams > 0).map(|teams| points / teams);
        LevelLine {
            label,
            units: of.len(),
            teams,
            people: sum(|load| load.people),
            heavy: sum(|load| load.heavy),
            points: each.map_or_else(|| "—".to_owned(), |each| each.to_string()),
        }
    };
    groups.into_iter().map(line).filter(|line| line.units > 0).collect()
}

/// The loads of the units that send a team into a county.
fn serving(kept: &Kept, county: &str, mut loads: Vec<Load>) -> Vec<Load> {
    let here = kept.teams.iter().filter(|team| team.village.starts_with(county));
    let units: HashSet<&str> = here.map(|team| team.unit.as_str()).collect();
    loads.retain(|load| units.contains(load.unit.as_str()));
    loads
}

/// A village and who meets it: a team of its own, or the team of another.
#[derive(Clone, Copy)]
enum Pairing<'a> {
    Team(&'a KeptTeam),
    Covered(&'a KeptCovered),
}

impl Pairing<'_> {
    /// All of a plan, covered villages after those that have a team of their own.
    fn all(kept: &Kept) -> impl Iterator<Item = Pairing<'_>> {
        kept.teams.iter().map(Pairing::Team).chain(kept.covered.iter().map(Pairing::Covered))
    }

    fn code(&self) -> &str {
        match self {
            Self::Team(team) => &team.village,
            Self::Covered(one) => &one.village,
        }
    }

    fn is_of(&self, category: &str) -> bool {
        match self {
            Self::Team(team) => category.is_empty() || team.category == category,
            Self::Covered(_) => category.is_empty() || category == "covered",
        }
    }

    /// Whether village, unit or a person is called so.
    fn is_called(&self, words: &str) -> bool {
        let holds = |names: [&str; 2]| names.iter().any(|name| name.contains(words));
        match self {
            Self::Team(team) => {
                holds([&team.village_name, &team.unit_name]) || team.people.iter().any(|one| one.name.contains(words))
            }
            Self::Covered(one) => holds([&one.village_name, &one.unit_name]) || one.by_name.contains(words),
        }
    }

    fn line(self, root: &str, locks: &Locks) -> TeamLine {
        let href = format!("{root}/pairings/{}", self.code());
        match self {
            Self::Team(team) => TeamLine {
                unit_id: team.unit.clone(),
                href,
                village: team.village_name.clone(),
                category: team.category().map(category_zh).unwrap_or_default(),
                unit: Text::data(team.unit_name.as_str()),
                people: team.names(),
                why: team.why(),
                points: team.points.to_string(),
                lock: locked_as(locks, &team.village, &team.unit),
            },
            Self::Covered(one) => TeamLine {
                unit_id: one.unit.clone(),
                href,
                village: one.village_name.clone(),
                category: Text::default(),
                unit: text!("{unit}（兼管，队在{village}）", unit = one.unit_name, village = one.by_name),
                people: String::new(),
                why: vec![text!("示范创建村的队伍兼管邻村")],
                points: String::new(),
                lock: locked_as(locks, &one.village, &one.unit),
            },
        }
    }
}

type Locks = BTreeMap<DivisionCode, (String, Vec<String>)>;

fn locked_as(locks: &Locks, village: &str, unit: &str) -> Option<Text> {
    let (own, people) = locks.get(&DivisionCode::parse(village)?)?;
    Some(match (own == unit, people.is_empty()) {
        (false, _) => text!("锁定了别的单位"),
        (true, true) => text!("已锁定单位"),
        (true, false) => text!("已锁定全队"),
    })
}

async fn found_of(ctx: &Ctx, conn: &mut Conn, round: &Round, plan: &PlanRow, kept: &Kept) -> AppResult<Found> {
    let pack = ctx.pack(conn, round.county).await?;
    let root = format!("{}/plans/{}", round.address(), plan.id);
    let address = Address::parse(&ctx.address);
    let (category, name) = (address.get("category").to_owned(), address.get("q").trim().to_owned());
    let county = address.get("county").to_owned();
    let may = may_plan(ctx, round);
    let matching: Vec<Pairing<'_>> = Pairing::all(kept)
        .filter(|one| one.code().starts_with(&county) && one.is_of(&category))
        .filter(|one| name.is_empty() || one.is_called(&name))
        .collect();
    let mut choices = vec![Choice::new("", text!("全部"))];
    choices.extend(category_choices());
    choices.push(Choice::new("covered", text!("兼管的村")));
    let mut filters = vec![
        Filter { name: "category", label: text!("类别"), kind: FilterKind::Select(choices), value: category },
        Filter { name: "q", label: text!("村、单位或人"), kind: FilterKind::Words, value: name },
    ];
    filters.extend(county_filter(conn, round, &county).await?);
    let columns = vec![
        Column::new(text!("村")),
        Column::new(text!("单位")),
        Column::new(text!("队长、队员")),
        Column::new(text!("为什么")),
        Column::new(text!("得分")).num(),
    ];
    let (pages, total) = (Pages::of(&address), matching.len());
    let mut table =
        Table::new(text!("配对"), &address, filters, columns).rows(count(total), pages.pager(&address, total));
    (table.xlsx, table.csv) = (Some(format!("{root}/plan.xlsx")), Some(format!("{root}/plan.csv")));
    // Plans kept before units' loads were are counted now.
    let loads = match kept.loads.as_slice() {
        [] => kept.loads_of(&acts::problem_of(conn, round, pack).await?),
        loads => loads.to_vec(),
    };
    let locks = store::locks(conn, round).await?;
    let unmet: Vec<&KeptUnmet> = kept.unmet.iter().filter(|one| one.village.starts_with(&county)).collect();
    let levels = levels_of(&loads);
    let units = loads.iter().filter(|load| load.teams > 0).count();
    let loads = if county.is_empty() { loads } else { serving(kept, &county, loads) };
    Ok(Found {
        tiles: tiles_of(kept),
        more_unmet: unmet.len().saturating_sub(SHOWN),
        more_loads: loads.len().saturating_sub(SHOWN),
        units,
        moves: may,
        unmet: unmet
            .into_iter()
            .take(SHOWN)
            .map(|one| UnmetLine {
                village: one.village_name.clone(),
                category: Category::read(&one.category).map(category_zh).unwrap_or_default(),
                stops: stops(one),
                step: one.step.clone(),
                href: may.then(|| format!("{root}/pairings/{}", one.village)),
            })
            .collect(),
        table,
        teams: pages.cut(matching).map(|one| one.line(&root, &locks)).collect(),
        shares: Makeup::of_plan(kept).shares(pack).into_iter().map(share_line).collect(),
        levels,
        loads: loads
            .into_iter()
            .take(SHOWN)
            .map(|load| LoadLine {
                name: load.name,
                level: level_zh(&load.level),
                strong: load.strong,
                teams: load.teams,
                people: load.people,
                heavy: load.heavy,
                covered: load.covered,
                points: load.points,
            })
            .collect(),
    })
}

pub(super) fn running(round: &Round, plan: &PlanRow) -> Running {
    let said = plan.message.clone().filter(|said| !said.is_empty());
    Running {
        title: text!("正在排方案"),
        done: 0,
        total: None,
        say: said.map_or_else(|| text!("一个县一般几秒钟，一个省一两分钟。可以离开这一页，随时回来看。"), Text::data),
        poll: Some(format!("{}/plans/{}/progress", round.address(), plan.id)),
        after: vec![Act::new(text!("回到这一轮"), round.address())],
    }
}

pub async fn show(ctx: Ctx, Path((county, id, plan)): Path<At>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (round, plan) = of(&ctx, &mut conn, (&county, &id, &plan)).await?;
    let mut shell = ctx.shell(&mut conn, plan_name(&plan), Some(round.place)).await?;
    let busy = plan.is_running();
    if busy {
        shell.refresh = Some(3);
    }
    let root = format!("{}/plans/{}", round.address(), plan.id);
    let may = may_plan(&ctx, &round);
    let mut acts = Vec::new();
    if may && plan.kept.is_some() && round.proposed.as_ref() != Some(&plan.id) {
        acts.push(Act::new(text!("送审"), format!("{root}/proposal")).post().primary());
    }
    if may && !busy {
        acts.push(Act::new(text!("按锁定再排"), format!("{}/plans", round.address())).post());
    }
    let found = match &plan.kept {
        Some(kept) => Some(found_of(&ctx, &mut conn, &round, &plan, kept).await?),
        None => None,
    };
    let page = PlanPage {
        shell,
        sub: text!(
            "{round} · {name} {when}",
            round = round.name,
            name = plan.actor,
            when = plan.made_at.local_minute()
        ),
        state: plan_state(&plan),
        acts,
        views: tabs(&round, "plan"),
        stop: (busy && may && !plan.stop).then(|| format!("{root}/stop")),
        busy,
        job: running(&round, &plan),
        faults: plan.faults.clone(),
        found,
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "dispatch/progress.html")]
struct ProgressPart {
    shell: Shell,
    job: Running,
}

/// The part of a page that waits, or where it goes when there is nothing left to wait for.
pub(super) fn progress_part(ctx: &Ctx, running: Option<Running>, title: Text, then: &str) -> Response {
    if let Some(job) = running {
        return ctx.page(&ProgressPart { shell: ctx.bare_shell(title), job });
    }
    let mut response = "".into_response();
    if let Ok(to) = HeaderValue::from_str(then) {
        response.headers_mut().insert(HeaderName::from_static("hx-redirect"), to);
    }
    response
}

pub async fn progress(ctx: Ctx, Path((county, id, plan)): Path<At>) -> AppResult<Response> {
    let (round, plan) = of(&ctx, &mut ctx.read().await?, (&county, &id, &plan)).await?;
    let running = plan.is_running().then(|| running(&round, &plan));
    Ok(progress_part(&ctx, running, text!("方案"), &format!("{}/plans/{}", round.address(), plan.id)))
}

pub async fn stop(ctx: Ctx, Path((county, id, plan)): Path<At>) -> AppResult<Response> {
    let (round, plan) = of(&ctx, &mut ctx.read().await?, (&county, &id, &plan)).await?;
    let mut tx = ctx.begin().await?;
    store::ask_stop(&mut tx, round.county, &plan.id).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("{}/plans/{}", round.address(), plan.id), &text!("正在停，留下到现在最好的。")))
}

/// The written plan in the columns of the contract, names beside the ids.
pub async fn sheet(ctx: Ctx, Path((county, id, plan)): Path<At>, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (round, plan) = of(&ctx, &mut conn, (&county, &id, &plan)).await?;
    let kept = plan.kept.ok_or_else(|| Refusal::whole(text!("这个方案还没有排成。")))?;
    let mut table = written(&kept.plan());
    for head in ["村", "单位", "姓名"] {
        table.layout.columns.push(sheet::Column::new(head));
    }
    let teams: HashMap<&str, &KeptTeam> = kept.teams.iter().map(|team| (team.village.as_str(), team)).collect();
    let covered: HashMap<&str, &str> =
        kept.covered.iter().map(|one| (one.village.as_str(), one.village_name.as_str())).collect();
    let units: HashMap<&str, &str> =
        kept.teams.iter().map(|team| (team.unit.as_str(), team.unit_name.as_str())).collect();
    for row in &mut table.rows {
        let text = |at: usize| row.get(at).map(ToString::to_string).unwrap_or_default();
        let (code, unit, person) = (text(0), text(1), text(2));
        let team = teams.get(code.as_str());
        let name = team.and_then(|team| team.people.iter().find(|one| one.id == person)).map(|one| one.name.as_str());
        let village = team.map(|team| team.village_name.as_str()).or_else(|| covered.get(code.as_str()).copied());
        let unit = units.get(unit.as_str()).copied();
        row.extend([village, unit, name].map(|text| Value::from(text.unwrap_or_default().to_owned())));
    }
    ctx.sheet(&format!("{}方案{}", round.name, plan.number), &table, format)
}
