//! What is done to a project: each act in one transaction with its event, tasks, facts and one audit line.

use base::{
    db::Tx,
    kernel::{CountyId, Day, new_id},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{Kind, Stage, check_spent},
    store::{self, NewFund, NewGain, NewProject, ProjectRow},
};
use crate::{
    accounts::{Actor, Role},
    express::{
        events::{self, NewEvent},
        evidence,
    },
    packs::Pack,
    places,
    spine::{
        audit::{self, Change, Subject},
        tasks::{self, TaskDraft},
    },
};

/// The origin of its tasks and facts.
pub const KIND: &str = "project";

/// Which project.
pub type Key<'a> = (CountyId, &'a str);

async fn lock(tx: &mut Tx, (county, id): Key<'_>) -> AppResult<ProjectRow> {
    if !store::touch(tx, county, id).await? {
        return Err(AppError::NotFound);
    }
    store::find(tx, county, id).await?.ok_or(AppError::NotFound)
}

/// Writes a project down: listed at once, or applied for where it is one of Party building. Returns its id.
pub async fn add(tx: &mut Tx, new: &NewProject, funds: &[NewFund], pack: &Pack, actor: &Actor) -> AppResult<String> {
    let id = new_id();
    let county = new.villages.first().map(|village| village.county());
    let county = county.ok_or_else(|| AppError::internal("a project without a village"))?;
    let (stage, act) = if new.kind == Kind::Party { (Stage::Applied, "apply") } else { (Stage::Listed, "list") };
    store::add(tx, &id, new, stage, actor).await?;
    store::add_stage(tx, (county, &id), stage, (actor.today, None), actor).await?;
    for fund in funds {
        store::add_fund(tx, county, &id, fund).await?;
    }
    let mut row = store::find(tx, county, &id).await?.ok_or(AppError::NotFound)?;
    row.budget = funds.iter().map(|fund| fund.amount).sum();
    let event = NewEvent { act, state: Some(stage.code()), words: Some(&new.goal), ..NewEvent::default() };
    finish(tx, &row, event, pack, actor).await?;
    let after = json!({"name": new.name, "kind": new.kind.code(), "village": row.village.to_string()});
    audit::write(tx, county, actor, "project.add", Subject { kind: KIND, id: &id }, Change::made(after)).await?;
    Ok(id)
}

/// Saves the row with its event, tasks and facts.
async fn finish(tx: &mut Tx, row: &ProjectRow, event: NewEvent<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    store::save(tx, row).await?;
    events::add(tx, row.county_id, (KIND, &row.id), event, actor).await?;
    ask(tx, row, pack, actor).await?;
    Ok(store::record_facts(tx, row.county_id, &row.id, actor.at).await?)
}

/// The next step of a project is somebody's: who passes it, or whoever carries it out, by the day it has.
async fn ask(tx: &mut Tx, row: &ProjectRow, pack: &Pack, actor: &Actor) -> AppResult<()> {
    tasks::close_all(tx, row.county_id, (KIND, &row.id), actor).await?;
    let stage = row.stage();
    let by = actor.today.plus_days(pack.project_pass_days());
    let (kind, what, role, due) = match stage {
        Stage::Applied => ("project_pass", "审核党建项目申报", Role::Township, by),
        Stage::Passed => ("project_list", "审定党建项目申报", Role::Office, by),
        Stage::Refused => ("project_mend", "修改后重新申报", Role::Cadre, by),
        Stage::Listed | Stage::Approved | Stage::Started | Stage::Finished => {
            let Some(due) = row.due else { return Ok(()) };
            ("project_next", "推进项目", Role::Cadre, due)
        }
        Stage::Accepted | Stage::Stopped => return Ok(()),
    };
    let village = places::store::find(tx, row.village).await?.map(|place| place.short()).unwrap_or_default();
    let task = TaskDraft {
        kind,
        title: format!("{what}：{}", row.name),
        detail: Some(village),
        link: row.address(),
        role,
        division: row.village,
        due,
        origin_kind: KIND,
        origin_id: row.id.clone(),
    };
    Ok(tasks::open(tx, &task, actor.at).await?)
}

/// To another stage, on its day.
async fn to_stage(
    tx: &mut Tx,
    row: &mut ProjectRow,
    (stage, on): (Stage, Day),
    (act, words): (&'static str, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    if on > actor.today || on < row.stage_since {
        return Err(Refusal::at("on", text!("日期应在 {since} 到今天之间", since = row.stage_since)).into());
    }
    let before = row.stage.clone();
    store::add_stage(tx, (row.county_id, &row.id), stage, (on, words), actor).await?;
    row.stage = stage.code().into();
    row.stage_since = on;
    let said = match words {
        Some(words) => format!("{}：{words}", stage.zh()),
        None => stage.zh().to_owned(),
    };
    let event = NewEvent { act, state: Some(stage.code()), words: Some(&said), ..NewEvent::default() };
    finish(tx, row, event, pack, actor).await?;
    let change = Change::changed(json!({"state": before}), json!({"state": stage.code(), "day": on, "why": words}));
    Ok(audit::write(tx, row.county_id, actor, "project.stage", Subject { kind: KIND, id: &row.id }, change).await?)
}

/// On to the next stage on a day, with the day by which the one after it is due.
pub async fn advance(
    tx: &mut Tx,
    key: Key<'_>,
    (on, words, due): (Day, Option<&str>, Option<Day>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let next = row.stage().advance()?;
    row.due = due.filter(|_| next.next().is_some());
    if matches!(next, Stage::Finished | Stage::Accepted) {
        row.progress = 100;
    }
    to_stage(tx, &mut row, (next, on), ("stage", words), pack, actor).await
}

/// The township's word, then the county's, on an application.
pub async fn pass(tx: &mut Tx, key: Key<'_>, words: Option<&str>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let next = row.stage().pass()?;
    let act = if next == Stage::Listed { "list" } else { "pass" };
    to_stage(tx, &mut row, (next, actor.today), (act, words), pack, actor).await
}

pub async fn refuse(tx: &mut Tx, key: Key<'_>, why: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let next = row.stage().refuse_application()?;
    to_stage(tx, &mut row, (next, actor.today), ("refuse", Some(why)), pack, actor).await
}

pub async fn apply_again(tx: &mut Tx, key: Key<'_>, words: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let next = row.stage().apply_again()?;
    to_stage(tx, &mut row, (next, actor.today), ("apply", Some(words)), pack, actor).await
}

pub async fn stop(tx: &mut Tx, key: Key<'_>, why: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let next = row.stage().stop()?;
    row.due = None;
    to_stage(tx, &mut row, (next, actor.today), ("stop", Some(why)), pack, actor).await
}

/// How far it is and what it has cost so far.
#[derive(Clone, Debug)]
pub struct Progress {
    pub progress: i64,
    pub spent: i64,
    pub over_why: Option<String>,
    pub due: Option<Day>,
    pub words: Option<String>,
}

pub async fn report(tx: &mut Tx, key: Key<'_>, new: Progress, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    if !row.stage().is_open() {
        return Err(Refusal::whole(text!("项目还没有入库，或者已经验收、终止，不再更新进度。")).into());
    }
    check_spent(new.spent, row.budget, new.over_why.as_deref())?;
    let before = json!({"progress": row.progress, "spent": row.spent});
    row.progress = new.progress;
    row.spent = new.spent;
    row.over_why = new.over_why.filter(|_| new.spent > row.budget);
    row.due = new.due;
    let mut said = format!("进度 {}%，已支出 {} 万元", row.progress, base::kernel::Fen(row.spent));
    for more in [new.words.as_ref(), row.over_why.as_ref()].into_iter().flatten() {
        said.push('；');
        said.push_str(more);
    }
    let event = NewEvent { act: "progress", words: Some(&said), ..NewEvent::default() };
    finish(tx, &row, event, pack, actor).await?;
    let after = json!({"progress": row.progress, "spent": row.spent, "why": row.over_why});
    let change = Change::changed(before, after);
    Ok(audit::write(tx, key.0, actor, "project.progress", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// What a project is, set right.
#[derive(Clone, Debug)]
pub struct Correction {
    pub name: String,
    pub goal: String,
    pub kind: Kind,
    /// Money by its id, fen.
    pub amounts: Vec<(String, i64)>,
    pub over_why: Option<String>,
}

/// Sets right what was entered wrongly: the old words and figures stay in the story and the trail, facts follow.
pub async fn correct(tx: &mut Tx, key: Key<'_>, new: Correction, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let funds = store::funds(tx, key.0, key.1).await?;
    let kind = row.kind().correct(new.kind)?;
    let mut changed = Changed::default();
    changed.words("name", "名称", (&row.name, &new.name));
    changed.words("goal", "目标", (&row.goal, &new.goal));
    changed.words("kind", "类别", (row.kind().zh(), kind.zh()));
    for (id, amount) in &new.amounts {
        let known = funds.iter().find(|fund| fund.id == *id).ok_or(AppError::NotFound)?;
        if known.amount == *amount {
            continue;
        }
        let source = super::rules::FundSource::parse(&known.source).map_or("", super::rules::FundSource::zh);
        let label =
            format!("{source}{}", known.unit_name.as_ref().map(|unit| format!("（{unit}）")).unwrap_or_default());
        changed.money(&label, known.amount, *amount);
        store::save_amount(tx, key.0, id, *amount).await?;
        row.budget += amount - known.amount;
    }
    check_spent(row.spent, row.budget, new.over_why.as_deref())?;
    let over_why = new.over_why.filter(|_| row.spent > row.budget);
    changed.words("why", "超支原因", (row.over_why.as_deref().unwrap_or(""), over_why.as_deref().unwrap_or("")));
    if changed.said.is_empty() {
        return Err(Refusal::whole(text!("没有改动，不用保存。")).into());
    }
    (row.name, row.goal, row.kind, row.over_why) = (new.name, new.goal, kind.code().into(), over_why);
    store::save_base(tx, &row).await?;
    let said = changed.said.join("；");
    finish(tx, &row, NewEvent { act: "change", words: Some(&said), ..NewEvent::default() }, pack, actor).await?;
    let change = Change::changed(changed.before.into(), changed.after.into());
    Ok(audit::write(tx, key.0, actor, "project.correct", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// What a correction changes, for the story and the trail.
#[derive(Default)]
struct Changed {
    said: Vec<String>,
    before: serde_json::Map<String, serde_json::Value>,
    after: serde_json::Map<String, serde_json::Value>,
}

impl Changed {
    fn words(&mut self, key: &str, label: &str, (old, new): (&str, &str)) {
        if old == new {
            return;
        }
        self.said.push(format!("{label}：{} → {}", none(old), none(new)));
        self.before.insert(key.into(), old.into());
        self.after.insert(key.into(), new.into());
    }

    fn money(&mut self, label: &str, old: i64, new: i64) {
        let (was, is) = (base::kernel::Fen(old), base::kernel::Fen(new));
        self.said.push(format!("{label}：{was} → {is} 万元"));
        for (side, amount) in [(&mut self.before, was), (&mut self.after, is)] {
            let told = side.get("amounts").and_then(serde_json::Value::as_str).unwrap_or_default();
            let told = if told.is_empty() { String::new() } else { format!("{told}；") };
            side.insert("amounts".into(), format!("{told}{label} {amount} 万元").into());
        }
    }
}

const fn none(text: &str) -> &str {
    if text.is_empty() { "（空）" } else { text }
}

/// Photos and papers of a stage that it has reached.
pub async fn add_files(
    tx: &mut Tx,
    key: Key<'_>,
    (stage, files): (Stage, &[String]),
    words: Option<&str>,
    actor: &Actor,
) -> AppResult<()> {
    lock(tx, key).await?;
    if files.is_empty() {
        return Err(Refusal::at("stage_files", text!("请选照片或材料")).into());
    }
    if !store::stages(tx, key.0, key.1).await?.iter().any(|row| row.stage == stage.code()) {
        return Err(Refusal::at("of_stage", text!("请选项目走到过的阶段")).into());
    }
    evidence::store::add(tx, key.0, (KIND, key.1), stage.code(), files, actor).await?;
    let all = evidence::store::list(tx, key.0, (KIND, key.1)).await?;
    let new: Vec<_> = all.into_iter().filter(|row| files.contains(&row.file_id)).collect();
    let mut said = format!("{}：{}", stage.zh(), evidence::counted(&new).zh());
    if let Some(words) = words {
        said.push('；');
        said.push_str(words);
    }
    events::add(tx, key.0, (KIND, key.1), NewEvent { act: "files", words: Some(&said), ..NewEvent::default() }, actor)
        .await?;
    let change = Change::made(json!({"stage": stage.code(), "files": files.len()}));
    Ok(audit::write(tx, key.0, actor, "project.files", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// Takes a photo or paper off again: what was sent by mistake is seen by nobody any more.
pub async fn remove_file(tx: &mut Tx, key: Key<'_>, file: &str, actor: &Actor) -> AppResult<()> {
    lock(tx, key).await?;
    let all = evidence::store::list(tx, key.0, (KIND, key.1)).await?;
    let known = all.into_iter().find(|row| row.file_id == file).ok_or(AppError::NotFound)?;
    evidence::store::remove(tx, key.0, (KIND, key.1), file).await?;
    let stage = Stage::parse(&known.part).map_or("", Stage::zh);
    let said = format!("{stage}：{}", evidence::counted(std::slice::from_ref(&known)).zh());
    let event = NewEvent { act: "files_off", words: Some(&said), ..NewEvent::default() };
    events::add(tx, key.0, (KIND, key.1), event, actor).await?;
    let change = Change::changed(json!({"stage": known.part, "files": 1}), json!({"files": 0}));
    Ok(audit::write(tx, key.0, actor, "project.files", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// Money from one source; the budget is the sum of all.
pub async fn add_fund(tx: &mut Tx, key: Key<'_>, fund: &NewFund, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    if matches!(row.stage(), Stage::Accepted | Stage::Stopped | Stage::Refused) {
        return Err(Refusal::whole(text!("项目已经验收、终止或退回，不再加资金。")).into());
    }
    store::add_fund(tx, key.0, key.1, fund).await?;
    row.budget += fund.amount;
    let said = fund_words(fund.source.zh(), fund.unit.as_ref().map(|(_, name)| name.as_str()), fund.amount);
    let event = NewEvent { act: "fund", words: Some(&said), ..NewEvent::default() };
    finish(tx, &row, event, pack, actor).await?;
    let change = Change::made(json!({"source": fund.source.code(), "fen": fund.amount}));
    Ok(audit::write(tx, key.0, actor, "project.fund", Subject { kind: KIND, id: key.1 }, change).await?)
}

fn fund_words(source: &str, unit: Option<&str>, amount: i64) -> String {
    format!("{source}{} {} 万元", unit.map(|unit| format!("（{unit}）")).unwrap_or_default(), base::kernel::Fen(amount))
}

/// Money has arrived on a day.
pub async fn arrive(tx: &mut Tx, key: Key<'_>, fund: &str, on: Day, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let row = lock(tx, key).await?;
    if on > actor.today {
        return Err(Refusal::at("on", text!("还没到这一天，到位以后再登记")).into());
    }
    let known = store::funds(tx, key.0, key.1).await?.into_iter().find(|one| one.id == fund);
    let known = known.ok_or(AppError::NotFound)?;
    if !store::save_arrival(tx, key.0, fund, on).await? {
        return Err(AppError::Conflict(text!("这笔资金已经登记到位。")));
    }
    let source = super::rules::FundSource::parse(&known.source).map_or("", super::rules::FundSource::zh);
    let said = fund_words(source, known.unit_name.as_deref(), known.amount);
    finish(tx, &row, NewEvent { act: "arrive", words: Some(&said), ..NewEvent::default() }, pack, actor).await?;
    let change = Change::made(json!({"fen": known.amount, "day": on}));
    Ok(audit::write(tx, key.0, actor, "project.arrive", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// Takes out money entered wrongly, before it has arrived.
pub async fn remove_fund(tx: &mut Tx, key: Key<'_>, fund: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let mut row = lock(tx, key).await?;
    let known = store::funds(tx, key.0, key.1).await?.into_iter().find(|one| one.id == fund);
    let known = known.ok_or(AppError::NotFound)?;
    if !store::remove_fund(tx, key.0, fund).await? {
        return Err(Refusal::whole(text!("资金已经到位，不能删。")).into());
    }
    row.budget -= known.amount;
    let said = format!("删去未到位的 {} 万元", base::kernel::Fen(known.amount));
    finish(tx, &row, NewEvent { act: "change", words: Some(&said), ..NewEvent::default() }, pack, actor).await?;
    let change = Change::changed(json!({"fen": known.amount}), json!({"fen": 0}));
    Ok(audit::write(tx, key.0, actor, "project.fund", Subject { kind: KIND, id: key.1 }, change).await?)
}

/// What came of it in a year. What other records count of it is named and not counted again.
pub async fn add_gain(tx: &mut Tx, key: Key<'_>, gain: &NewGain, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let row = lock(tx, key).await?;
    if gain.elsewhere > gain.amount {
        return Err(Refusal::at("elsewhere", text!("其中已在日志里计入的，不能超过总数")).into());
    }
    if matches!(row.stage(), Stage::Applied | Stage::Passed | Stage::Refused) {
        return Err(Refusal::whole(text!("项目还没有入库，没有收益可登记。")).into());
    }
    if !store::add_gain(tx, key.0, key.1, gain).await? {
        return Err(
            Refusal::at("gain", text!("{year} 年的这一项已经登记过；要更正，先撤回再登记", year = gain.year)).into()
        );
    }
    let said = format!("{} 年 {}：{}", gain.year, gain.typed, gain.evidence);
    finish(tx, &row, NewEvent { act: "gain", words: Some(&said), ..NewEvent::default() }, pack, actor).await?;
    let change = Change::made(json!({"indicator": gain.indicator, "quantity": gain.typed, "year": gain.year}));
    Ok(audit::write(tx, key.0, actor, "project.gain", Subject { kind: KIND, id: key.1 }, change).await?)
}

pub async fn withdraw_gain(tx: &mut Tx, key: Key<'_>, gain: &str, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let row = lock(tx, key).await?;
    let known = store::gains(tx, key.0, key.1).await?.into_iter().find(|one| one.id == gain);
    let known = known.ok_or(AppError::NotFound)?;
    if !store::withdraw_gain(tx, key.0, key.1, gain, actor.at).await? {
        return Err(AppError::Conflict(text!("这一项刚被别人撤回。")));
    }
    let said = format!("{} 年 {}", known.year, known.typed);
    finish(tx, &row, NewEvent { act: "gain_back", words: Some(&said), ..NewEvent::default() }, pack, actor).await?;
    let change = Change::changed(json!({"quantity": known.typed, "year": known.year}), json!({"state": "withdrawn"}));
    Ok(audit::write(tx, key.0, actor, "project.gain", Subject { kind: KIND, id: key.1 }, change).await?)
}
