//! The pack a county follows: every parameter with its value, its source and the day it holds from.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Cell, Choice, CompareRow, Form, Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode},
    text,
    web::{AppResult, Refusal},
};

use super::{Consequence, MatterKind, Need, Pack, store};
use crate::{
    accounts::Permission,
    flows, places,
    places::VillageCategory,
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The pages of packs.
#[must_use]
pub fn routes() -> AppRoutes {
    empty().get("/packs", Permission::PlacesRead, show).post("/packs", Permission::PlacesWrite, choose)
}

#[derive(Template)]
#[template(path = "packs/pack.html")]
struct PackPage {
    shell: Shell,
    sub: Text,
    parameter_heads: Vec<Text>,
    parameters: Vec<CompareRow>,
    coverage_heads: Vec<Text>,
    coverage: Vec<CompareRow>,
    absence_heads: Vec<Text>,
    absence: Vec<CompareRow>,
    block_heads: Vec<Text>,
    blocks: Vec<CompareRow>,
    gate_heads: Vec<Text>,
    gates: Vec<CompareRow>,
    remit_heads: Vec<Text>,
    remits: Vec<CompareRow>,
    kind_heads: Vec<Text>,
    kinds: Vec<CompareRow>,
    form: Form,
    others: Vec<Choice>,
    place: String,
    may_choose: bool,
}

async fn page(ctx: &Ctx, conn: &mut Conn, place: DivisionCode, form: Option<Form>) -> AppResult<PackPage> {
    let county = place.county();
    let pack = ctx.pack(conn, county).await?;
    let name = places::store::find(conn, county.division()).await?.map(|division| division.short());
    let parameters = pack.parameters().map(|(_, parameter)| CompareRow {
        name: Text::data(parameter.label.as_str()),
        href: None,
        cells: vec![
            Cell::num(parameter.value),
            Cell::text(Text::data(parameter.source.as_str())),
            Cell::text(Text::data(parameter.since.to_string())),
        ],
    });
    Ok(PackPage {
        shell: ctx.shell(conn, text!("制度包"), Some(place)).await?,
        sub: text!("{place}执行{pack}", place = name.unwrap_or_default(), pack = Text::data(pack.title.as_str())),
        parameter_heads: vec![text!("参数"), text!("取值"), text!("依据"), text!("起始日期")],
        parameters: parameters.collect(),
        coverage_heads: vec![
            text!("村类别"),
            text!("第一书记至少"),
            text!("工作队至少"),
            text!("依据"),
            text!("起始日期"),
        ],
        coverage: VillageCategory::ALL
            .into_iter()
            .filter_map(|category| Some(need_row(category, pack.need(category)?)))
            .collect(),
        absence_heads: vec![text!("一年查岗不在"), text!("处理"), text!("依据"), text!("起始日期")],
        absence: pack.absence().iter().map(absence_row).collect(),
        block_heads: vec![text!("卡点"), text!("依据"), text!("起始日期")],
        blocks: pack.blocks().iter().map(|block| sourced(&block.label, None, &block.source, block.since)).collect(),
        gate_heads: vec![text!("选人三关"), text!("由谁审定"), text!("依据"), text!("起始日期")],
        gates: pack
            .gates()
            .iter()
            .map(|gate| sourced(gate_zh(&gate.code), Some(gate.body.clone()), &gate.source, gate.since))
            .collect(),
        remit_heads: vec![text!("部门"), text!("说到这些就可能归它"), text!("依据"), text!("起始日期")],
        remits: pack
            .remits()
            .iter()
            .map(|remit| sourced(&remit.unit, Some(remit.words.join("、")), &remit.source, remit.since))
            .collect(),
        kind_heads: vec![
            text!("群众事项"),
            text!("大小"),
            text!("办结时限（小时）"),
            text!("责任部门"),
            text!("依据"),
            text!("起始日期"),
        ],
        kinds: pack.matter_kinds().iter().map(kind_row).collect(),
        form: form.unwrap_or_else(|| Form::of([("pack", pack.name.as_str())])),
        others: ctx.app.packs().values().map(|one| Choice::new(&one.name, Text::data(one.title.as_str()))).collect(),
        place: county.division().to_string(),
        may_choose: may_choose(ctx, county.division())?,
    })
}

/// The word of a gate; one of the county's own stands as it is written.
fn gate_zh(code: &str) -> &str {
    match code {
        "politics" => "政治关",
        "conduct" => "作风关",
        "ability" => "能力关",
        other => other,
    }
}

fn need_row(category: VillageCategory, need: &Need) -> CompareRow {
    CompareRow {
        name: Text::key(category.zh()),
        href: None,
        cells: vec![
            Cell::num(need.first_secretary),
            Cell::num(need.team),
            Cell::text(Text::data(need.source.as_str())),
            Cell::text(Text::data(need.since.to_string())),
        ],
    }
}

fn absence_row(step: &Consequence) -> CompareRow {
    CompareRow {
        name: text!("{n} 次起", n = step.times),
        href: None,
        cells: vec![
            Cell::text(Text::data(step.effect.as_str())),
            Cell::text(Text::data(step.source.as_str())),
            Cell::text(Text::data(step.since.to_string())),
        ],
    }
}

fn sourced(name: &str, what: Option<String>, source: &str, since: Day) -> CompareRow {
    let tail = [source.to_owned(), since.to_string()];
    CompareRow {
        name: Text::data(name),
        href: None,
        cells: what.into_iter().chain(tail).map(|text| Cell::text(Text::data(text))).collect(),
    }
}

fn kind_row(kind: &MatterKind) -> CompareRow {
    let size = if kind.size == "hard" { text!("疑难问题") } else { text!("小事") };
    CompareRow {
        name: Text::data(kind.name.as_str()),
        href: None,
        cells: vec![
            Cell::text(size),
            Cell::num(kind.hours),
            Cell::text(Text::data(kind.department.as_deref().unwrap_or("—"))),
            Cell::text(Text::data(kind.source.as_str())),
            Cell::text(Text::data(kind.since.to_string())),
        ],
    }
}

/// The office of the county, or one above it.
fn may_choose(ctx: &Ctx, county: DivisionCode) -> AppResult<bool> {
    Ok(ctx.viewer()?.scope(Permission::PlacesWrite).holds(county))
}

async fn show(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let place = ctx.place()?;
    let page = page(&ctx, &mut conn, place, None).await?;
    Ok(ctx.page(&page))
}

async fn choose(ctx: Ctx, data: FormData) -> AppResult<Response> {
    let place = DivisionCode::parse(data.get("place")).ok_or(base::web::AppError::NotFound)?;
    let county = place.county();
    ctx.scope.require(county.division())?;
    let chosen: Option<&Pack> = ctx.app.packs().get(data.get("pack"));
    let refusal = match chosen {
        None => Some(Refusal::at("pack", text!("没有这个制度包，请从列表里选。"))),
        Some(_) => None,
    };
    if let (Some(pack), None) = (chosen, &refusal) {
        let mut tx = ctx.begin().await?;
        if store::pack_name(&mut tx, county).await? != pack.name {
            flows::choose_pack(&mut tx, county, pack, &ctx.actor()?).await?;
        }
        tx.commit().await?;
        return Ok(ctx.redirect(&format!("/packs?place={place}"), &text!("已改用这个制度包，覆盖要求随之更新。")));
    }
    let message = refusal.map(|refusal| refusal.message).unwrap_or_default();
    let form = data.typed().with_error("pack", message);
    let mut conn = ctx.read().await?;
    let page = page(&ctx, &mut conn, place, Some(form)).await?;
    Ok(ctx.refused(&page))
}
