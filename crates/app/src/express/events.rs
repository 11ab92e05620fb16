//! What happened to a record of the express, in the order of days: one story, nothing is taken out.

use base::{
    db::{Conn, DbResult, Tx, sql},
    html::{Event, Tone},
    i18n::Text,
    kernel::{CountyId, Day, Instant, new_id},
    text,
};

use super::{evidence::store as evidence, projects::Stage};
use crate::accounts::Actor;

/// A step in the life of a record.
#[derive(Clone, Copy, Debug, Default)]
pub struct NewEvent<'a> {
    pub act: &'static str,
    /// The state that begins with it.
    pub state: Option<&'static str>,
    pub unit_name: Option<&'a str>,
    pub words: Option<&'a str>,
    /// Kept files that came with it.
    pub files: &'a [String],
}

#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct EventRow {
    pub id: String,
    pub act: String,
    pub state: Option<String>,
    pub day: Day,
    pub at: Instant,
    pub actor: String,
    pub unit_name: Option<String>,
    pub words: Option<String>,
}

/// Writes a step of the record `(kind, id)`.
pub async fn add(
    tx: &mut Tx,
    county: CountyId,
    (kind, id): (&'static str, &str),
    event: NewEvent<'_>,
    actor: &Actor,
) -> DbResult<()> {
    add_all(tx, county, (kind, &[id]), event, actor).await
}

/// Writes the same step of several records of a kind.
pub async fn add_all(
    tx: &mut Tx,
    county: CountyId,
    (kind, ids): (&'static str, &[&str]),
    event: NewEvent<'_>,
    actor: &Actor,
) -> DbResult<()> {
    let made: Vec<(String, &str)> = ids.iter().map(|record| (new_id(), *record)).collect();
    let row = |(id, record): &(String, &str)| {
        vec![
            county.into(),
            id.into(),
            kind.into(),
            (*record).into(),
            event.act.into(),
            event.state.into(),
            actor.today.into(),
            actor.at.into(),
            (&actor.account_id).into(),
            (&actor.name).into(),
            event.unit_name.into(),
            event.words.into(),
        ]
    };
    let head = "insert into express_event (county_id, id, record_kind, record_id, act, state, day, at, account_id, \
                actor, unit_name, words) values ";
    tx.run_rows(head, made.iter().map(row).collect(), "").await?;
    for (id, record) in &made {
        evidence::add(tx, county, (kind, record), id, event.files, actor).await?;
    }
    Ok(())
}

/// The steps of a record, oldest first.
pub async fn list(conn: &mut Conn, county: CountyId, kind: &str, id: &str) -> DbResult<Vec<EventRow>> {
    let query = sql("select id, act, state, day, at, actor, unit_name, words from express_event where county_id = $1 \
                     and record_kind = $2 and record_id = $3 order by at, id");
    conn.all(query.bind(county).bind(kind).bind(id)).await
}

/// The story of a record, newest first, for its page.
#[must_use]
pub fn story(rows: Vec<EventRow>) -> Vec<Event> {
    rows.into_iter().rev().map(shown).collect()
}

fn shown(row: EventRow) -> Event {
    let (tone, act) = word(&row.act);
    let who = match &row.unit_name {
        // Who speaks in the unit's own name is named once.
        Some(unit) if *unit != row.actor => text!("{unit}（{name}）", unit = unit, name = row.actor),
        Some(_) | None => Text::data(row.actor),
    };
    let when = row.at.local_minute();
    // What is entered later than it happened shows its own day.
    let what =
        if when.starts_with(&row.day.to_string()) { act } else { text!("{act}，{day}", act = act, day = row.day) };
    Event { tone, who, what, when, note: note(row.state.as_deref(), row.words), href: None }
}

/// What was said. A project's step begins with the name of the stage it reached, which every reader has in their language.
fn note(state: Option<&str>, words: Option<String>) -> Text {
    let Some(words) = words else { return Text::default() };
    let named = state.and_then(Stage::parse).and_then(|stage| Some((stage, words.strip_prefix(stage.zh())?)));
    match named {
        Some((stage, "")) => Text::key(stage.zh()),
        Some((stage, rest)) if rest.starts_with('：') => {
            text!("{state}：{words}", state = Text::key(stage.zh()), words = rest.trim_start_matches('：'))
        }
        Some(_) | None => Text::data(words),
    }
}

/// What a step is called where its files are shown.
#[must_use]
pub fn label(row: &EventRow) -> Text {
    let (_, act) = word(&row.act);
    let who = row.unit_name.as_ref().unwrap_or(&row.actor);
    text!("{day} {name}：{act}", day = row.day, name = who, act = act)
}

/// The words of an act.
fn word(act: &str) -> (Tone, Text) {
    match act {
        "raise" => (Tone::Wait, text!("报来问题")),
        "screen" => (Tone::Ok, text!("筛选，交部门答复或认领")),
        "keep" => (Tone::Ok, text!("筛选，等下次对接会")),
        "decline" => (Tone::Stop, text!("不列入")),
        "agenda" => (Tone::Ok, text!("列入对接会议程")),
        "off_agenda" => (Tone::Wait, text!("移出议程")),
        "deferred" => (Tone::Wait, text!("会上没有定，下次再议")),
        "answer" => (Tone::Ok, text!("当场答复")),
        "claim" => (Tone::Ok, text!("牵头认领")),
        "join" => (Tone::Ok, text!("配合认领")),
        "not_ours" => (Tone::Late, text!("说明不归本单位")),
        "report" => (Tone::Wait, text!("报告进展")),
        "urge" => (Tone::Late, text!("会上督办")),
        "solve" => (Tone::Ok, text!("报告办完，等待确认")),
        "confirm" => (Tone::Ok, text!("确认解决，销号")),
        "send_back" => (Tone::Late, text!("确认没有解决，退回")),
        "climb" => (Tone::Late, text!("逾期，升到市级")),
        "adviser" => (Tone::Wait, text!("请来顾问")),
        "advice" => (Tone::Ok, text!("顾问意见")),
        "hand_over" => (Tone::Wait, text!("随岗位移交")),
        "list" => (Tone::Ok, text!("入库")),
        "apply" => (Tone::Wait, text!("申报")),
        "pass" => (Tone::Ok, text!("乡镇审核通过")),
        "refuse" => (Tone::Stop, text!("退回申报")),
        "stage" => (Tone::Ok, text!("进入下一阶段")),
        "stop" => (Tone::Stop, text!("终止")),
        "progress" => (Tone::Wait, text!("更新进度和支出")),
        "fund" => (Tone::Ok, text!("登记资金")),
        "arrive" => (Tone::Ok, text!("资金到位")),
        "files" => (Tone::Wait, text!("加照片和材料")),
        "files_off" => (Tone::Stop, text!("撤下照片或材料")),
        "gain" => (Tone::Ok, text!("登记收益")),
        "gain_back" => (Tone::Stop, text!("撤回收益")),
        "plan" => (Tone::Wait, text!("排会")),
        "begin" => (Tone::Ok, text!("开会")),
        "close" => (Tone::Ok, text!("散会，形成整改清单")),
        "cancel" => (Tone::Stop, text!("取消")),
        "bind" => (Tone::Wait, text!("写下捆绑责任")),
        "deliver" => (Tone::Ok, text!("兑现")),
        "register" => (Tone::Ok, text!("登记")),
        "change" => (Tone::Wait, text!("更正")),
        "remove" => (Tone::Stop, text!("移出")),
        _ => (Tone::Wait, text!("未知")),
    }
}
