//! One village in a plan: its pairing with all reasons, and what may be decided by hand.

use askama::Template;
use assign::Category;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Act, Choice, Fact, Form, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::DivisionCode,
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts::{self, Locked},
        rules::{Kept, KeptPerson, KeptTeam},
        store::{self, PlanRow, Round},
    },
    demand::category_zh,
    found, locked, may_plan,
    plan::of,
    show::plan_name,
    villages::unit_choices,
};
use crate::web::{Ctx, FormData};

type At = (String, String, String, String);

#[derive(Template)]
#[template(path = "dispatch/pairing.html")]
struct PairingPage {
    shell: Shell,
    sub: Text,
    heading: Text,
    acts: Vec<Act>,
    lock: Option<Shown>,
    facts: Vec<Fact>,
    why: Vec<Text>,
    people: Vec<PersonLine>,
    /// Where it is decided, by whoever may.
    action: Option<String>,
    unlock: Option<String>,
    paired: bool,
    has_team: bool,
    units: Vec<Choice>,
    form: Form,
}

struct PersonLine {
    name: String,
    role: Text,
    brings: String,
    points: i64,
}

fn people(team: &KeptTeam) -> Vec<PersonLine> {
    let line = |(at, one): (usize, &KeptPerson)| {
        let mut brings = one.specialities.clone();
        for (is, word) in
            [(one.rural, "农村工作经历"), (one.agri, "涉农"), (one.reserve, "后备"), (one.young, "40 岁以下")]
        {
            if is {
                brings.push(word.to_owned());
            }
        }
        PersonLine {
            name: one.name.clone(),
            role: if at == 0 { text!("队长（第一书记）") } else { text!("队员") },
            brings: brings.join("、"),
            points: one.points,
        }
    };
    team.people.iter().enumerate().map(line).collect()
}

fn kept_of(plan: &PlanRow) -> AppResult<&Kept> {
    plan.kept.as_ref().ok_or(AppError::NotFound)
}

async fn page(ctx: &Ctx, conn: &mut Conn, at: &At, form: Form) -> AppResult<PairingPage> {
    let (round, plan) = of(ctx, conn, (&at.0, &at.1, &at.2)).await?;
    let kept = kept_of(&plan)?;
    let code = DivisionCode::parse(&at.3).ok_or(AppError::NotFound)?;
    let village = store::find_village(conn, &round, code).await?;
    let (team, unmet) = (kept.team(&at.3), kept.unmet.iter().find(|one| one.village == at.3));
    let met = kept.met_by(&at.3);
    if team.is_none() && unmet.is_none() && met.is_none() {
        return Err(AppError::NotFound);
    }
    let name = team
        .map(|team| team.village_name.clone())
        .or_else(|| unmet.map(|one| one.village_name.clone()))
        .unwrap_or_else(|| kept.met_name(&at.3));
    let category = team.and_then(KeptTeam::category).or_else(|| Category::read(&unmet?.category));
    let units = unit_choices(conn, &round, code).await?;
    let own = store::locks(conn, &round).await?.remove(&code);
    let unit_zh = |id: &str| units.iter().find(|unit| unit.value == id).map(|unit| unit.label.zh()).unwrap_or_default();
    let lock = own.as_ref().map(|(unit, people)| {
        let said = if people.is_empty() {
            text!("已锁定 {unit}", unit = unit_zh(unit))
        } else {
            text!("已锁定 {unit} {n} 人", unit = unit_zh(unit), n = people.len())
        };
        Shown::new(Tone::Ok, said)
    });
    let needs = village.map(|one| one.needs).or_else(|| team.map(|team| team.needs.clone())).unwrap_or_default();
    let mut facts = vec![
        Fact::new(text!("类别"), category.map(category_zh).unwrap_or_default()),
        Fact::new(text!("需求"), Text::data(needs.join("、"))),
        Fact::new(text!("单位"), met.map_or_else(|| text!("派不出"), |(unit, _)| unit)),
    ];
    if let Some(team) = team {
        facts.push(Fact::new(text!("得分"), Text::data(team.points.to_string())));
    }
    let mut why = team.map(KeptTeam::why).unwrap_or_default();
    if let Some(one) = unmet {
        why.extend(one.stops.iter().map(|(rule, units)| match units {
            0 => Text::data(rule.as_str()),
            n => text!("{rule}（{n} 个单位）", rule = rule, n = n),
        }));
        why.extend(one.step.as_ref().map(|step| text!("这样就能派：{step}", step = step)));
    }
    let may = may_plan(ctx, &round);
    let root = format!("{}/plans/{}", round.address(), plan.id);
    Ok(PairingPage {
        shell: ctx.shell(conn, Text::data(name), Some(round.place)).await?,
        sub: text!("{round} · {plan}", round = round.name, plan = plan_name(&plan)),
        heading: if unmet.is_none() { text!("为什么这样配") } else { text!("为什么派不出") },
        acts: vec![Act::new(text!("回到方案"), root.clone())],
        lock,
        facts,
        why,
        people: team.map(people).unwrap_or_default(),
        action: may.then(|| format!("{root}/pairings/{}", at.3)),
        unlock: own.filter(|_| may).map(|_| format!("{}/locks/{}/removal", round.address(), at.3)),
        paired: unmet.is_none(),
        has_team: team.is_some(),
        units,
        form,
    })
}

pub async fn show(ctx: Ctx, Path(at): Path<At>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let page = page(&ctx, &mut conn, &at, Form::default()).await?;
    Ok(ctx.page(&page))
}

/// Locks the unit, or the team, or puts another unit and solves again.
async fn decided(ctx: &Ctx, at: &At, data: &FormData) -> AppResult<(String, Text)> {
    let mut tx = ctx.begin().await?;
    let round = locked(ctx, &mut tx, &at.0, &at.1).await?;
    let plan = store::find_plan(&mut tx, round.county, &at.2).await?.filter(|plan| plan.round_id == round.id);
    let plan = plan.ok_or(AppError::NotFound)?;
    let kept = kept_of(&plan)?;
    let code = DivisionCode::parse(&at.3).ok_or(AppError::NotFound)?;
    let actor = ctx.actor_at(round.place)?;
    let unpaired = || Refusal::whole(text!("这个村在方案里派不出，没有可锁定的。"));
    let root = round.address();
    let here = format!("{root}/plans/{}/pairings/{}", plan.id, at.3);
    let done = match data.get("act") {
        "unit" => {
            let covered = || kept.covered.iter().find(|one| one.village == at.3).map(|one| one.unit.as_str());
            let unit = kept.team(&at.3).map(|team| team.unit.as_str()).or_else(covered).ok_or_else(unpaired)?;
            acts::lock(&mut tx, &round, code, Locked::Unit(unit), &actor).await?;
            (here, text!("已锁定单位，下次排时保留。"))
        }
        "team" => {
            let team = kept.team(&at.3).ok_or_else(unpaired)?;
            let people: Vec<String> = team.people.iter().map(|one| one.id.clone()).collect();
            acts::lock(&mut tx, &round, code, Locked::Team(&team.unit, &people), &actor).await?;
            (here, text!("已锁定全队，下次排时保留。"))
        }
        "other" => {
            let unit = data.some("unit").ok_or_else(|| Refusal::at("unit", text!("请选换成哪个单位。")))?;
            acts::lock(&mut tx, &round, code, Locked::Unit(unit), &actor).await?;
            let pack = ctx.app.pack(&mut tx, round.county).await?;
            acts::judge(&mut tx, &round, pack).await?;
            let plan = acts::order(&mut tx, &round, None, &actor).await?;
            (format!("{root}/plans/{plan}"), text!("已锁定换上的单位，正在重新排。"))
        }
        _ => return Err(Refusal::whole(text!("请选要做什么。")).into()),
    };
    tx.commit().await?;
    Ok(done)
}

pub async fn decide(ctx: Ctx, Path(at): Path<At>, data: FormData) -> AppResult<Response> {
    match decided(&ctx, &at, &data).await {
        Ok((to, said)) => Ok(ctx.redirect(&to, &said)),
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("unit"), refusal.message);
            let mut conn = ctx.read().await?;
            Ok(ctx.refused(&page(&ctx, &mut conn, &at, form).await?))
        }
        Err(other) => Err(other),
    }
}

pub async fn unlock(ctx: Ctx, Path((county, id, village)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let round: Round = locked(&ctx, &mut tx, &county, &id).await?;
    let code = DivisionCode::parse(&village).ok_or(AppError::NotFound)?;
    acts::unlock(&mut tx, &round, code, &ctx.actor_at(round.place)?).await?;
    tx.commit().await?;
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.redirect(&round.address(), &text!("已解锁。")))
}
