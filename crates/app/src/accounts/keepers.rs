//! What the other two administrators see: the auditor the trail of a county, the operator the state of the system.

use axum::response::Response;
use base::{
    db::Kind,
    html::{Address, Column, Fact, Filter, FilterKind, Shell, State, Table, Tone, filters},
    i18n::Text,
    text,
    web::AppResult,
};
use serde_json::Value;

use super::store;
use crate::{
    spine::{
        audit::{self, Line},
        jobs,
    },
    web::Ctx,
};

const PAGE: i64 = 50;

#[derive(askama::Template)]
#[template(path = "accounts/audit.html")]
struct AuditPage {
    shell: Shell,
    table: Table,
    rows: Vec<AuditRow>,
    verify: String,
}

struct AuditRow {
    seq: i64,
    at: String,
    actor: String,
    action: String,
    subject: String,
    subject_href: String,
    changes: Vec<Changed>,
}

/// One property of a change: what it was and what it became; an empty side was not there.
#[derive(Debug, PartialEq, Eq)]
pub struct Changed {
    pub name: String,
    pub before: String,
    pub after: String,
}

/// GET /audit
pub async fn audit(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let address = Address::parse(&ctx.address);
    let some = |name: &str| Some(address.get(name).trim()).filter(|value| !value.is_empty());
    let filter = audit::Filter {
        actor: some("actor"),
        action: some("action"),
        subject: some("subject"),
        before_seq: some("after").and_then(|seq| seq.parse().ok()),
    };
    let mut conn = ctx.read().await?;
    let mut lines = audit::search(&mut conn, place.county(), filter, PAGE + 1).await?;
    let more = lines.len() > usize::try_from(PAGE).unwrap_or(usize::MAX);
    lines.truncate(usize::try_from(PAGE).unwrap_or(usize::MAX));
    let table = audit_table(&address, &lines, more);
    let shell = ctx.shell(&mut conn, text!("审计"), Some(place)).await?;
    let rows = lines.into_iter().map(|line| row(line, &address)).collect();
    let verify = Address::parse("/audit/verification").with("place", address.get("place")).to_string();
    Ok(ctx.page(&AuditPage { shell, table, rows, verify }))
}

fn audit_table(address: &Address, lines: &[Line], more: bool) -> Table {
    let words = |name, label| Filter { name, label, kind: FilterKind::Words, value: address.get(name).to_owned() };
    let filters =
        vec![words("actor", text!("经办人")), words("action", text!("动作")), words("subject", text!("对象"))];
    let columns = vec![
        Column::new(text!("序号")).num(),
        Column::new(text!("时间")),
        Column::new(text!("经办人")),
        Column::new(text!("动作")),
        Column::new(text!("对象")),
        Column::new(text!("改了什么")),
    ];
    let mut table = Table::new(text!("审计记录"), address, filters, columns);
    (table.xlsx, table.csv) = (None, None);
    let number = |line: Option<&Line>| line.and_then(|line| u64::try_from(line.seq).ok()).unwrap_or(0);
    let last = lines.last().map(|line| line.seq.to_string()).unwrap_or_default();
    let pager = base::html::Pager {
        from: number(lines.first()),
        to: number(lines.last()),
        prev: (!address.get("after").is_empty()).then(|| address.without("after").to_string()),
        next: more.then(|| address.with("after", &last).to_string()),
    };
    table.rows(None, pager)
}

fn row(line: Line, address: &Address) -> AuditRow {
    AuditRow {
        seq: line.seq,
        at: line.at.local_minute(),
        actor: line.actor,
        action: line.action,
        subject_href: address.without("after").with("subject", &line.subject_id).to_string(),
        subject: format!("{} {}", line.subject_kind, line.subject_id.chars().take(13).collect::<String>()),
        changes: changes(line.before.as_deref(), line.after.as_deref()),
    }
}

/// Before and after, property by property; what stayed alike is left out.
#[must_use]
pub fn changes(before: Option<&str>, after: Option<&str>) -> Vec<Changed> {
    let read = |text: Option<&str>| text.and_then(|text| serde_json::from_str::<Value>(text).ok());
    let (before, after) = (read(before), read(after));
    let get = |value: &Option<Value>, name: &str| {
        let found = value.as_ref().map(|value| value.get(name).unwrap_or(&Value::Null));
        found.map_or_else(String::new, plain)
    };
    let mut names: Vec<String> = Vec::new();
    for value in [&before, &after].into_iter().flatten() {
        let Value::Object(map) = value else {
            return vec![Changed {
                name: String::new(),
                before: before.as_ref().map_or_else(String::new, plain),
                after: after.as_ref().map_or_else(String::new, plain),
            }];
        };
        names.extend(map.keys().filter(|key| !names.contains(key)).cloned().collect::<Vec<_>>());
    }
    let all = names.into_iter().map(|name| {
        let (before, after) = (get(&before, &name), get(&after, &name));
        Changed { name, before, after }
    });
    all.filter(|changed| changed.before != changed.after).collect()
}

/// A value as people read it.
fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        Value::Array(all) => all.iter().map(plain).collect::<Vec<_>>().join("、"),
        Value::Object(map) => {
            let pairs = map.iter().filter(|(_, value)| !value.is_null());
            pairs.map(|(name, value)| format!("{name} {}", plain(value))).collect::<Vec<_>>().join(" · ")
        }
        Value::Bool(_) | Value::Number(_) => value.to_string(),
    }
}

#[derive(askama::Template)]
#[template(path = "accounts/verification.html")]
struct VerificationPage {
    shell: Shell,
    state: State,
    facts: Vec<Fact>,
    breaks: Vec<audit::Break>,
    back: String,
}

/// GET /audit/verification: walks the whole chain of the county.
pub async fn verify(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let verdict = audit::verify_county(&mut conn, place.county()).await?;
    let state = if verdict.breaks.is_empty() {
        State::new(Tone::Ok, text!("完整：每条记录都与校验值相符"))
    } else {
        State::new(Tone::Stop, text!("不完整：有 {n} 处断裂", n = verdict.breaks.len()))
    };
    let mut facts = vec![Fact::new(text!("核对的记录"), text!("{n} 条", n = verdict.lines))];
    for (_, seq, hash) in &verdict.heads {
        facts.push(Fact::new(text!("链头"), text!("第 {seq} 条 {hash}", seq = seq, hash = hash)));
    }
    let shell = ctx.shell(&mut conn, text!("核对审计链"), Some(place)).await?;
    let back = Address::parse("/audit").with("place", Address::parse(&ctx.address).get("place")).to_string();
    Ok(ctx.page(&VerificationPage { shell, state, facts, breaks: verdict.breaks, back }))
}

#[derive(askama::Template)]
#[template(path = "accounts/system.html")]
struct SystemPage {
    shell: Shell,
    facts: Vec<Fact>,
}

/// GET /system: nothing personal.
pub async fn system(ctx: Ctx) -> AppResult<Response> {
    let app = &ctx.app;
    let size = app.db.size().await?;
    let mut conn = ctx.read().await?;
    let kind = match app.db.kind() {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    };
    let pending = jobs::count_pending(&mut conn).await?;
    let sessions = store::count_sessions(&mut conn, &ctx.scope, app.clock.now()).await?;
    let today = if app.clock.is_fixed() {
        text!("{day}（固定的日期）", day = ctx.today)
    } else {
        text!("{day}（随系统时钟）", day = ctx.today)
    };
    let address = app.base_url.clone().map_or_else(|| text!("没有设置"), Text::data);
    let facts = vec![
        Fact::new(text!("版本"), Text::data(env!("CARGO_PKG_VERSION"))),
        Fact::new(text!("数据库"), Text::data(kind)),
        Fact::new(text!("数据库大小"), Text::data(megabytes(size))),
        Fact::new(text!("等待和进行中的后台任务"), Text::data(pending.to_string())),
        Fact::new(text!("在线会话"), Text::data(sessions.to_string())),
        Fact::new(text!("密钥编号"), Text::data(app.keys.id())),
        Fact::new(text!("系统的今天"), today),
        Fact::new(text!("对外地址"), address),
    ];
    let shell = ctx.shell(&mut conn, text!("运行"), None).await?;
    Ok(ctx.page(&SystemPage { shell, facts }))
}

fn megabytes(bytes: u64) -> String {
    let tenths = bytes * 10 / 1_048_576;
    format!("{}.{} MB", tenths / 10, tenths % 10)
}
