//! One step of a matter: a small form of its own, so that it works with scripts off.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::{Conn, Tx},
    html::{Choice, Form, Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{find, kinds, suggested, villages};
use crate::{
    accounts::{Actor, Role, store as accounts},
    flows,
    matters::{
        acts, members,
        rules::{Act, Chosen, Code, Decision, Done, How, Level, Matter, Move, Post, Rating, Size, Step},
        store::{self, NewDeliberation, NewEvent},
    },
    packs::Pack,
    places,
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "matters/pages/step.html")]
struct StepPage {
    shell: Shell,
    sub: Text,
    step: Step,
    say: Text,
    form: Form,
    action: String,
    back: String,
    button: Text,
    /// The label of the words, and whether they are needed; none where nothing is to be said.
    words: Option<(Text, bool)>,
    kinds: Vec<Choice>,
    departments: Vec<String>,
    members: Vec<Choice>,
    holders: Vec<Choice>,
    decisions: Vec<Choice>,
    levels: Vec<Choice>,
    same: Vec<(i64, String)>,
}

#[derive(Template)]
#[template(path = "matters/pages/code.html")]
struct CodePage {
    shell: Shell,
    code: String,
    back: String,
}

const MOST: usize = 2_000;

/// What the words are called, and whether they must be there.
fn words_of(step: Step) -> Option<(Text, bool)> {
    match step {
        Step::Release | Step::Code | Step::Decide => None,
        Step::Refuse => Some((text!("为什么不受理"), true)),
        Step::Accept => Some((text!("对群众说一句（可不写）"), false)),
        Step::Answer => Some((text!("答复"), true)),
        Step::Note => Some((text!("进展"), true)),
        Step::Hand | Step::Merge | Step::Deliberate => Some((text!("说明（可不写）"), false)),
        Step::Township => Some((text!("村里办到哪一步、要乡镇做什么"), true)),
        Step::Back => Some((text!("为什么退回"), true)),
        Step::Express => Some((text!("缺什么：资金、部门、审批"), true)),
        Step::Solve => Some((text!("怎么办好的"), true)),
        Step::Explain => Some((text!("为什么办不了、怎么向群众解释的"), true)),
        Step::Rate => Some((text!("群众怎么说（可不写）"), false)),
        Step::Reopen => Some((text!("哪里还没办好"), true)),
    }
}

/// What will happen, before it does.
fn say(step: Step, pack: &Pack) -> Text {
    match step {
        Step::Release => text!("放行后就是一件正常的事项，开始算答复期限。"),
        Step::Refuse => text!("广告、乱填的不受理；凭编号能看到理由。"),
        Step::Accept => text!("选对种类，办结期限按制度包算。"),
        Step::Answer => text!("群众凭编号看得到；事情还在办。"),
        Step::Note => text!("只有办事的人看得到。"),
        Step::Hand => text!("交给村里另一个岗位或一位队友。"),
        Step::Deliberate => text!("由村党支部在 {n} 天内商量，记下议事结果。", n = pack.matter_deliberation_days()),
        Step::Decide => text!("记要点就行；议定后事项自动走到下一步。"),
        Step::Township => text!("乡镇在 {n} 天内办，到期没办会报到县里。", n = pack.matter_township_days()),
        Step::Back => text!("退回村里接着办。"),
        Step::Express => text!("要部门或资金才能解决的，转项目直通车。"),
        Step::Solve => text!("群众会看到，并在 {n} 天内评价；不满意可以要求重办。", n = pack.matter_rate_days()),
        Step::Explain => text!("不计入“解决”，群众仍然可以评价。"),
        Step::Rate => text!("群众当面或电话里说的，由您代记，页面上会写明是代记。"),
        Step::Reopen => text!("{n} 天内再办好。", n = pack.matter_again_days()),
        Step::Merge => text!("同一件事合在一起办；群众凭各自的编号都看得到。"),
        Step::Code => text!("旧编号从此作废；新编号只显示一次，请当面告诉群众。"),
    }
}

/// A matter and a step that fits it and that the viewer may take.
async fn open(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str, step: &str) -> AppResult<(Matter, Step)> {
    let step = Step::parse(step).ok_or(AppError::NotFound)?;
    let matter = find(ctx, conn, county, id).await?;
    if !ctx.viewer()?.holds_at(step.roles(&matter), matter.village) {
        return Err(AppError::Forbidden);
    }
    if !step.fits(&matter) {
        return Err(acts::not_now());
    }
    Ok((matter, step))
}

/// The posts of the village and who of its team has an account.
async fn holders(ctx: &Ctx, conn: &mut Conn, matter: &Matter) -> AppResult<Vec<Choice>> {
    let mut choices =
        vec![Choice::new("cadre", text!("驻村干部（谁在岗谁办）")), Choice::new("branch", text!("村党支部"))];
    for post in flows::posts_in(conn, matter.village).await? {
        if !post.period.contains(ctx.today) {
            continue;
        }
        if let Some((account, _)) = accounts::account_of(conn, &post.person.1).await? {
            choices.push(Choice::new(format!("cadre:{account}"), Text::data(post.name)));
        }
    }
    Ok(choices)
}

async fn page(ctx: &Ctx, conn: &mut Conn, (matter, step): (&Matter, Step), form: Option<Form>) -> AppResult<StepPage> {
    let pack = ctx.pack(conn, matter.county).await?;
    let root = format!("/matters/{}/{}", matter.county, matter.id);
    let suggestions = if matches!(step, Step::Accept | Step::Merge) {
        suggested::of(ctx, conn, matter, pack).await?
    } else {
        suggested::Suggestions::default()
    };
    let member = match &matter.household_id {
        Some(household) => members::store::of_household(conn, matter.county, household).await?,
        None => None,
    };
    let start = || {
        let known = pack.matter_kind(&matter.kind).filter(|kind| kind.code != "other");
        let kind = suggestions.kind.clone().or(known.map(|kind| kind.code.clone())).unwrap_or_default();
        let department = suggestions.department.clone().or(matter.department.clone());
        Form::of([
            ("kind", kind),
            ("department", department.unwrap_or_default()),
            ("member", matter.member_id.clone().or(member.clone()).unwrap_or_default()),
            ("day", ctx.today.to_string()),
            ("number", suggestions.same.first().map(|(n, _)| n.to_string()).unwrap_or_default()),
        ])
    };
    let of_village =
        if step == Step::Accept { members::store::of_village(conn, matter.village).await? } else { Vec::new() };
    let holders = if step == Step::Hand { holders(ctx, conn, matter).await? } else { Vec::new() };
    let mut departments: Vec<String> = pack.matter_kinds().iter().filter_map(|kind| kind.department.clone()).collect();
    departments.sort();
    departments.dedup();
    Ok(StepPage {
        shell: ctx.shell(conn, Text::key(step.zh()), Some(matter.village)).await?,
        sub: text!("第 {n} 号 {title}", n = matter.number, title = Text::data(matter.title.as_str())),
        say: say(step, pack),
        form: form.unwrap_or_else(start),
        action: format!("{root}/steps/{}", step.code()),
        back: root,
        button: Text::key(step.zh()),
        words: words_of(step),
        kinds: if step == Step::Accept { kinds(pack) } else { Vec::new() },
        departments,
        members: of_village.into_iter().map(|row| Choice::new(row.id, Text::data(row.name))).collect(),
        holders,
        decisions: Decision::ALL.iter().map(|one| Choice::new(one.code(), Text::key(one.zh()))).collect(),
        levels: Level::ALL.iter().map(|one| Choice::new(one.code(), Text::key(one.zh()))).collect(),
        same: suggestions.same,
        step,
    })
}

pub async fn ask(ctx: Ctx, Path((county, id, step)): Path<(String, String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (matter, step) = open(&ctx, &mut conn, &county, &id, &step).await?;
    let page = page(&ctx, &mut conn, (&matter, step), None).await?;
    Ok(ctx.page(&page))
}

/// A step as the form says it.
enum Said {
    Take(Move),
    Decide(NewDeliberation),
    Express,
    Code,
}

async fn read(ctx: &Ctx, conn: &mut Conn, matter: &Matter, step: Step, form: &FormData) -> AppResult<Said> {
    let words = form.get("words").to_owned();
    if words.chars().count() > MOST {
        return Err(Refusal::at("words", text!("这里最多 {most} 字", most = MOST)).into());
    }
    if words.is_empty() && words_of(step).is_some_and(|(_, needed)| needed) {
        return Err(Refusal::at("words", text!("请写一句")).into());
    }
    let pack = ctx.pack(conn, matter.county).await?;
    Ok(match step {
        Step::Release => Said::Take(Move::Release),
        Step::Refuse => Said::Take(Move::Refuse { why: words }),
        Step::Accept => Said::Take(Move::Accept(chosen(conn, matter, pack, form).await?)),
        Step::Answer => Said::Take(Move::Answer),
        Step::Note => Said::Take(Move::Note),
        Step::Hand => Said::Take(hand(ctx, conn, matter, form).await?),
        Step::Deliberate => Said::Take(Move::Deliberate),
        Step::Decide => Said::Decide(deliberation(form, ctx.today)?),
        Step::Township => Said::Take(Move::Township {
            department: form.some("department").map(|text| text.chars().take(40).collect()),
        }),
        Step::Back => Said::Take(Move::Back),
        Step::Express => Said::Express,
        Step::Solve | Step::Explain => {
            let how = if step == Step::Solve { How::Resolved } else { How::Explained };
            Said::Take(Move::End { done: done(ctx, conn, matter, how, words).await? })
        }
        Step::Rate => {
            let level = Level::parse(form.get("level"));
            let level = level.ok_or_else(|| Refusal::at("level", text!("请选满意不满意")))?;
            let by = ctx.actor_at(matter.village)?;
            let rating = Rating { level, at: by.at, on: ctx.today, proxy: Some(by.name) };
            Said::Take(Move::Rate { rating })
        }
        Step::Reopen => Said::Take(Move::Reopen),
        Step::Merge => Said::Take(Move::Merge { into: same(conn, matter, form).await? }),
        Step::Code => Said::Code,
    })
}

async fn chosen(conn: &mut Conn, matter: &Matter, pack: &Pack, form: &FormData) -> AppResult<Chosen> {
    let kind = pack.matter_kind(form.get("kind"));
    let kind = kind.ok_or_else(|| Refusal::at("kind", text!("请选种类；办结期限按它算")))?;
    let member_id = match form.some("member") {
        Some(id) => members::store::find(conn, matter.county, id).await?.filter(|row| row.village == matter.village),
        None => None,
    };
    let department = form.some("department").map(|text| text.chars().take(40).collect());
    Ok(Chosen {
        kind: kind.code.clone(),
        size: Size::parse(&kind.size).unwrap_or(Size::Small),
        hours: if matter.urgent { kind.hours.min(24) } else { kind.hours },
        department,
        member_id: member_id.map(|row| row.id),
    })
}

async fn hand(ctx: &Ctx, conn: &mut Conn, matter: &Matter, form: &FormData) -> AppResult<Move> {
    let asked = form.get("holder");
    let known = holders(ctx, conn, matter).await?.iter().any(|choice| choice.value == asked);
    if !known {
        return Err(Refusal::at("holder", text!("请选由谁办")).into());
    }
    let (post, account) = asked.split_once(':').map_or((asked, None), |(post, account)| (post, Some(account)));
    let post = Post::parse(post).ok_or(AppError::NotFound)?;
    Ok(Move::Hand { post, account_id: account.map(str::to_owned) })
}

fn deliberation(form: &FormData, today: Day) -> Result<NewDeliberation, Refusal> {
    let day = Day::parse(form.get("day")).filter(|day| *day <= today);
    let day = day.ok_or_else(|| Refusal::at("day", text!("请写哪天开的会，不晚于今天")))?;
    let chair = form.some("chair").filter(|name| name.chars().count() <= 20);
    let chair = chair.ok_or_else(|| Refusal::at("chair", text!("请写谁主持，不超过 20 字")))?.to_owned();
    let present = form.get("present").parse().ok().filter(|n| (1..=500).contains(n));
    let present = present.ok_or_else(|| Refusal::at("present", text!("请写到会几人，例如 7")))?;
    let minutes = form.some("minutes").filter(|text| text.chars().count() <= MOST);
    let minutes = minutes.ok_or_else(|| Refusal::at("minutes", text!("请记几句要点，不超过 {n} 字", n = MOST)))?;
    let decision = Decision::parse(form.get("decision"));
    let decision = decision.ok_or_else(|| Refusal::at("decision", text!("请选议定怎么办")))?;
    Ok(NewDeliberation { day, chair, present, minutes: minutes.to_owned(), decision })
}

/// Whose work it is: the cadre's on post in the village, with the unit that posted them.
async fn done(ctx: &Ctx, conn: &mut Conn, matter: &Matter, how: How, words: String) -> AppResult<Done> {
    let by = ctx.actor_at(matter.village)?;
    let viewer = ctx.viewer()?;
    let mut done = Done { how, at: by.at, on: ctx.today, words, person: None, name: by.name, unit_id: None };
    if let Some(person) = viewer.person_id.as_deref().filter(|_| viewer.has(Role::Cadre)) {
        let posts = flows::posts_of(conn, person).await?;
        let post = posts.into_iter().find(|post| post.serves(matter.village) && post.period.contains(ctx.today));
        if let Some(post) = post {
            done.person = Some(post.person);
            done.unit_id = post.unit_id;
        }
    }
    Ok(done)
}

async fn same(conn: &mut Conn, matter: &Matter, form: &FormData) -> AppResult<String> {
    let number = form.get("number").trim_start_matches('第').trim_end_matches('号').trim().parse::<i64>();
    let other = match number {
        Ok(number) => store::find_by_number(conn, matter.county, number).await?,
        Err(_) => None,
    };
    let other = other.filter(|other| other.village == matter.village && other.id != matter.id);
    let other = other.filter(|other| other.stage().is_open() || other.state.done().is_some());
    other.map(|other| other.id).ok_or_else(|| Refusal::at("number", text!("本村没有这个编号的事项，请核对")).into())
}

pub async fn take(
    ctx: Ctx,
    Path((county, id, step)): Path<(String, String, String)>,
    form: FormData,
) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let (matter, step) = open(&ctx, &mut conn, &county, &id, &step).await?;
    let said = read(&ctx, &mut conn, &matter, step, &form).await;
    drop(conn);
    let done = match said {
        Ok(said) => act(&ctx, &matter, said, form.some("words").map(str::to_owned)).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(None) => {
            let said = text!("{step}，已记下。", step = Text::key(step.zh()));
            Ok(ctx.redirect(&format!("/matters/{county}/{id}"), &said))
        }
        Ok(Some(code)) => {
            let mut conn = ctx.read().await?;
            let shell = ctx.shell(&mut conn, text!("新编号"), Some(matter.village)).await?;
            Ok(ctx.page(&CodePage { shell, code: code.to_string(), back: format!("/matters/{county}/{id}") }))
        }
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("words"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, (&matter, step), Some(typed)).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

/// One transaction: the step on the matter as it is now.
async fn act(ctx: &Ctx, matter: &Matter, said: Said, words: Option<String>) -> AppResult<Option<Code>> {
    let by = ctx.actor_at(matter.village)?;
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, matter.county).await?;
    let fresh = store::lock(&mut tx, matter.county, &matter.id).await?.ok_or(AppError::NotFound)?;
    let mut code = None;
    match said {
        Said::Take(next) => {
            let words = match (&next, words) {
                (Move::Rate { rating }, Some(words)) => Some(format!("{}：{words}", rating.level.zh())),
                (Move::Rate { rating }, None) => Some(rating.level.zh().into()),
                (_, words) => words,
            };
            acts::step(&mut tx, &fresh, next, words, pack, &by).await?;
        }
        Said::Express => {
            flows::matter_to_express(&mut tx, (matter.county, &matter.id), words, pack, &by).await?;
        }
        Said::Decide(new) => decide(ctx, &mut tx, &fresh, &new, pack, &by).await?,
        Said::Code => {
            let new = Code::fresh()?;
            store::renew_code(&mut tx, &fresh, &new.hash(&ctx.app.keys, crate::matters::rules::FOLLOW_UP), by.at)
                .await?;
            let event = NewEvent { act: Act::Code, words: None, by: by.clone() };
            store::change(&mut tx, &fresh, fresh.clone(), event).await?;
            let subject = Subject { kind: "matter", id: &fresh.id };
            audit::write(&mut tx, fresh.county, &by, "matter.code", subject, Change::made(json!({}))).await?;
            code = Some(new);
        }
    }
    tx.commit().await?;
    Ok(code)
}

/// The branch's word, and the step that follows from it.
async fn decide(
    ctx: &Ctx,
    tx: &mut Tx,
    matter: &Matter,
    new: &NewDeliberation,
    pack: &Pack,
    by: &Actor,
) -> AppResult<()> {
    store::deliberate(tx, matter.county, &matter.id, new, by).await?;
    let words = Some(format!("{}：{}", new.decision.zh(), new.minutes));
    match new.decision {
        Decision::Own => acts::step(tx, matter, Move::Own, words, pack, by).await.map(drop),
        Decision::Township => {
            acts::step(tx, matter, Move::Township { department: None }, words, pack, by).await.map(drop)
        }
        Decision::Express => flows::matter_to_express(tx, (matter.county, &matter.id), words, pack, by).await,
        Decision::Explain => {
            let done = Done {
                how: How::Explained,
                at: by.at,
                on: ctx.today,
                words: new.minutes.clone(),
                person: None,
                name: by.name.clone(),
                unit_id: None,
            };
            acts::step(tx, matter, Move::End { done }, words, pack, by).await.map(drop)
        }
    }
}

/// The villages a form offers, with the one asked for chosen.
pub async fn village_choices(ctx: &Ctx, conn: &mut Conn) -> AppResult<Vec<Choice>> {
    let known: Vec<(DivisionCode, String)> = villages(ctx, conn).await?;
    let mut choices = Vec::new();
    let many = known.len() > 1;
    let mut township = (DivisionCode::NATION, String::new());
    for (code, name) in known {
        if many && township.0 != code.parent() {
            let found = places::store::find(conn, code.parent()).await?;
            township = (code.parent(), found.map(|place| place.short()).unwrap_or_default());
        }
        choices.push(Choice::new(code.to_string(), Text::data(format!("{}{name}", township.1))));
    }
    Ok(choices)
}
