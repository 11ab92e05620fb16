//! The pool of a round: who, with which gates; many signed at once; a table taken in.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    html::{
        Act, Address, Choice, Column, Filter, FilterKind, Form, Link, Pages, Shell, State as Shown, Table, filters,
    },
    i18n::Text,
    kernel::CountyId,
    sheet::{self, Format, Value},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts::{self, Sitting},
        parameters,
        rules::{Candidate, Gate, LEVELS, said_of},
        store::{self, PoolFilter, Round},
    },
    county_filter, found, locked, may_plan,
    nominate::standing,
    tabs,
};
use crate::{
    packs::Pack,
    web::{Ctx, FormData, Upload},
};

#[derive(Template)]
#[template(path = "dispatch/pool.html")]
struct PoolPage {
    shell: Shell,
    sub: Text,
    acts: Vec<Act>,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    /// Where gates are signed, by whoever may.
    sign: Option<String>,
    gates: Vec<Choice>,
    verdicts: Vec<Choice>,
    form: Form,
}

struct Row {
    id: String,
    href: String,
    name: String,
    unit: String,
    rank: Text,
    age: String,
    brings: String,
    state: Shown,
    said: Vec<Text>,
    ticked: bool,
}

/// The word of an equivalent rank.
pub(super) fn rank_zh(one: &Candidate) -> Text {
    let level = one.rank();
    let word = LEVELS.iter().find(|(known, _)| Some(*known) == level).map(|(_, word)| *word);
    match (word, &one.rank_name) {
        (Some(word), Some(name)) if *name != word => {
            text!("{name}（{level}）", name = name, level = Text::key(word))
        }
        (Some(word), _) => Text::key(word),
        (None, Some(name)) => Text::data(name.as_str()),
        (None, None) => Text::data("—"),
    }
}

/// Specialities and what comes first.
pub(super) fn brings(one: &Candidate) -> String {
    let mut said = one.specialities.clone();
    for (is, word) in [(one.rural, "农村工作经历"), (one.agri, "涉农"), (one.reserve, "后备")] {
        if is {
            said.push(word.to_owned());
        }
    }
    said.join("、")
}

/// What an address asks of the pool.
fn asked(address: &Address) -> PoolFilter {
    PoolFilter {
        show: address.get("show").to_owned(),
        words: address.get("q").trim().to_owned(),
        county: address.get("county").parse().ok().and_then(CountyId::from_i64),
        ..PoolFilter::default()
    }
}

async fn page(ctx: &Ctx, round: &Round, form: Form) -> AppResult<PoolPage> {
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let address = Address::parse(&ctx.address.replace("/gates", "/pool"));
    let filter = asked(&address);
    let total = store::count_pool(&mut conn, round, &filter).await?;
    let pages = Pages::of(&address);
    let matching = store::list_candidates(&mut conn, round, &filter, Some(pages.span())).await?;
    let limits = parameters(pack);
    let row = |one: &Candidate| Row {
        id: one.person_id.clone(),
        href: format!("{}/pool/{}", round.address(), one.person_id),
        name: one.name.clone(),
        unit: one.unit.as_ref().map(|(_, name, _)| name.clone()).unwrap_or_default(),
        rank: rank_zh(one),
        age: one.age(round.starts_on).map_or_else(|| "—".to_owned(), |age| age.to_string()),
        brings: brings(one),
        state: standing(one),
        said: said_of(one, round.starts_on, &limits),
        ticked: form.has("person", &one.person_id),
    };
    let choices = vec![
        Choice::new("", text!("全部")),
        Choice::new("waiting", text!("待签")),
        Choice::new("cleared", text!("三关已过")),
        Choice::new("refused", text!("没有过")),
    ];
    let mut filters = vec![
        Filter { name: "show", label: text!("三关"), kind: FilterKind::Select(choices), value: filter.show },
        Filter { name: "q", label: text!("姓名或单位"), kind: FilterKind::Words, value: filter.words },
    ];
    filters.extend(county_filter(&mut conn, round, address.get("county")).await?);
    let columns = vec![
        Column::new(text!("姓名")),
        Column::new(text!("单位")),
        Column::new(text!("职级")),
        Column::new(text!("年龄")).num(),
        Column::new(text!("专长、优先")),
        Column::new(text!("三关")),
    ];
    let root = round.address();
    let table = Table::new(text!("人选"), &address, filters, columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let may = may_plan(ctx, round);
    let mut acts = Vec::new();
    if may {
        acts.push(Act::new(text!("推荐人选"), format!("{root}/nomination")).icon("plus").primary());
        acts.push(Act::new(text!("读入人员表"), format!("{root}/people-table")));
    }
    Ok(PoolPage {
        shell: ctx.shell(&mut conn, text!("人选"), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        acts,
        views: tabs(round, "/pool"),
        table,
        rows: matching.iter().map(row).collect(),
        sign: (may && total > 0).then(|| format!("{root}/gates")),
        gates: gate_choices(pack),
        verdicts: verdicts(),
        form,
    })
}

/// The gates with who decides each.
pub(super) fn gate_choices(pack: &Pack) -> Vec<Choice> {
    let label = |gate: Gate| match pack.gate_body(gate.code()) {
        "" => Text::key(gate.zh()),
        body => text!("{gate}（{body}）", gate = Text::key(gate.zh()), body = body),
    };
    let mut choices: Vec<Choice> = Gate::ALL.into_iter().map(|gate| Choice::new(gate.code(), label(gate))).collect();
    choices.push(Choice::new("all", text!("三关一起")));
    choices
}

pub(super) fn verdicts() -> Vec<Choice> {
    vec![Choice::new("passed", text!("通过")), Choice::new("refused", text!("不通过"))]
}

pub async fn list(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &round, Form::default()).await?))
}

/// The pool as a table: in the columns of the people table, with names of units and sign-offs.
pub async fn sheet(ctx: Ctx, Path((county, id)): Path<(String, String)>, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let round = found(&ctx, &mut conn, &county, &id).await?;
    let address = Address::parse(&ctx.address);
    let heads =
        ["人员编号", "姓名", "单位", "级别", "出生", "入党", "专长", "基层经历", "涉农", "后备", "家乡乡镇", "三关"];
    let layout = sheet::Layout::new("people", heads.into_iter().map(sheet::Column::new).collect());
    let flag = |is: bool| if is { "1" } else { "0" };
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let row = |one: &Candidate| -> Vec<Value> {
        let gates = one.passed().map(flag).join(";");
        let unit = one.unit.as_ref().map(|(_, name, _)| name.clone()).unwrap_or_default();
        let home = one.home_township.map(|code| code.to_string()).unwrap_or_default();
        let rank = one.rank().map(|rank| rank.to_string()).unwrap_or_default();
        [
            one.person_id.clone(),
            one.name.clone(),
            unit,
            rank,
            text(&one.birth),
            text(&one.party_since),
            one.specialities.join(";"),
            flag(one.rural).to_owned(),
            flag(one.agri).to_owned(),
            flag(one.reserve).to_owned(),
            home,
            gates,
        ]
        .into_iter()
        .map(Value::from)
        .collect()
    };
    let pool = store::list_candidates(&mut conn, &round, &asked(&address), None).await?;
    let rows = pool.iter().map(row).collect();
    ctx.sheet(&format!("{}人选", round.name), &sheet::Table { layout, rows }, format)
}

/// Reads what a sitting decided; the body is the pack's where nothing else is written.
pub(super) async fn signed(
    ctx: &Ctx,
    (county, id): (&str, &str),
    people: &[String],
    data: &FormData,
) -> AppResult<String> {
    let mut tx = ctx.begin().await?;
    let round = locked(ctx, &mut tx, county, id).await?;
    let pack = ctx.app.pack(&mut tx, round.county).await?;
    let gates: Vec<Gate> = match data.get("gate") {
        "all" => Gate::ALL.to_vec(),
        code => vec![Gate::parse(code).ok_or_else(|| Refusal::at("gate", text!("请选哪一关。")))?],
    };
    let passed = match data.get("verdict") {
        "passed" => true,
        "refused" => false,
        _ => return Err(Refusal::at("verdict", text!("请选通过还是不通过。")).into()),
    };
    let actor = ctx.actor_at(round.place)?;
    for gate in gates {
        let body = data.some("body").unwrap_or_else(|| pack.gate_body(gate.code()));
        let sitting = Sitting { gate, passed, why: data.some("why"), body };
        acts::sign(&mut tx, &round, people, sitting, &actor).await?;
    }
    tx.commit().await?;
    Ok(round.address())
}

pub async fn sign(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let people: Vec<String> = data.all("person").map(str::to_owned).collect();
    match signed(&ctx, (&county, &id), &people, &data).await {
        Ok(root) => Ok(ctx.redirect(&format!("{root}/pool"), &text!("已签 {n} 人。", n = people.len()))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = data.typed().with_error(refusal.field.unwrap_or("person"), refusal.message);
            Ok(ctx.refused(&page(&ctx, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}

#[derive(Template)]
#[template(path = "dispatch/people_table.html")]
struct FilePage {
    shell: Shell,
    sub: Text,
    action: String,
    back: String,
    form: Form,
}

async fn file_page(ctx: &Ctx, round: &Round, form: Form) -> AppResult<FilePage> {
    Ok(FilePage {
        shell: ctx.shell(&mut ctx.read().await?, text!("读入人员表"), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        action: format!("{}/people-table", round.address()),
        back: format!("{}/pool", round.address()),
        form,
    })
}

pub async fn file_form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&file_page(&ctx, &round, Form::default()).await?))
}

pub async fn take_file(ctx: Ctx, Path((county, id)): Path<(String, String)>, sent: Upload) -> AppResult<Response> {
    let done = async {
        let file = sent.files.iter().find(|file| file.field == "file");
        let file = file.ok_or_else(|| Refusal::at("file", text!("请选择一个 .xlsx、.xls 或 .csv 文件")))?;
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        let actor = ctx.actor_at(round.place)?;
        let came = acts::take_table(&mut tx, &ctx.app, &round, (&file.bytes, &file.name), &actor).await?;
        tx.commit().await?;
        Ok((round.address(), came))
    };
    match done.await {
        Ok((root, came)) => Ok(ctx.redirect(&format!("{root}/pool"), &text!("读入 {n} 人。", n = came))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = Form::default().with_error("file", refusal.message);
            Ok(ctx.refused(&file_page(&ctx, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}
