//! What one village asks for: category, size, needs, a fixed unit, forbidden ones.

use askama::Template;
use assign::{Category, split};
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Form, Shell, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts,
        rules::Demanded,
        store::{self, Round},
    },
    demand::category_choices,
    found, locked,
};
use crate::{
    places, units,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "dispatch/village.html")]
struct VillagePage {
    shell: Shell,
    sub: Text,
    back: String,
    action: String,
    register: String,
    categories: Vec<Choice>,
    units: Vec<Choice>,
    neighbours: Vec<Choice>,
    forbidden: Vec<Forbidden>,
    form: Form,
}

struct Forbidden {
    unit: String,
    why: String,
    lift: String,
}

type At = (String, String, String);

fn code_of(village: &str) -> AppResult<DivisionCode> {
    DivisionCode::parse(village).ok_or(AppError::NotFound)
}

async fn of(conn: &mut Conn, round: &Round, village: &str) -> AppResult<Demanded> {
    let code = code_of(village)?;
    store::find_village(conn, round, code).await?.ok_or(AppError::NotFound)
}

/// The units that a plan may send to a village: of its county, its city, its province.
pub(super) async fn unit_choices(conn: &mut Conn, round: &Round, village: DivisionCode) -> AppResult<Vec<Choice>> {
    let mut offices: Vec<CountyId> =
        village.path().into_iter().map(|place| place.at(place.level().min(Level::County)).county()).collect();
    offices.dedup();
    let mut all = Vec::new();
    for office in offices.into_iter().filter(|office| round.takes(*office)) {
        all.extend(units::store::of_counties(conn, (office.as_i64(), office.as_i64())).await?);
    }
    let sends = all.into_iter().filter(|(unit, _)| unit.level != units::UnitLevel::Township.code());
    Ok(sends.map(|(unit, _)| Choice::new(unit.id, Text::data(unit.name))).collect())
}

async fn page(ctx: &Ctx, round: &Round, village: &str, form: Option<Form>) -> AppResult<VillagePage> {
    let mut conn = ctx.read().await?;
    let one = of(&mut conn, round, village).await?;
    let units = unit_choices(&mut conn, round, one.code).await?;
    let root = format!("{}/villages/{}", round.address(), one.code);
    let own = places::store::find_village(&mut conn, one.code).await?.unwrap_or_default().neighbours;
    let mut codes: Vec<DivisionCode> = own.into_iter().chain(one.neighbours.iter().copied()).collect();
    codes.sort();
    codes.dedup();
    let mut neighbours = Vec::new();
    for code in codes {
        let name = places::store::find(&mut conn, code).await?.map(|place| place.short()).unwrap_or_default();
        neighbours.push(Choice::new(code.to_string(), Text::data(name)));
    }
    let form = form.unwrap_or_else(|| {
        let mut typed = vec![
            ("category", one.category.code().to_owned()),
            ("team_size", one.team_size.map(|size| size.to_string()).unwrap_or_default()),
            ("needs", one.needs.join("、")),
            ("fixed_unit", one.fixed_unit.clone().unwrap_or_default()),
        ];
        typed.extend(one.neighbours.iter().map(|code| ("neighbours", code.to_string())));
        Form::of(typed)
    });
    let name =
        |id: &str| units.iter().find(|unit| unit.value == id).map_or_else(|| id.to_owned(), |unit| unit.label.zh());
    let forbidden = one.forbidden.iter().map(|(unit, why)| Forbidden {
        unit: name(unit),
        why: why.clone(),
        lift: format!("{root}/forbidden/{unit}/removal"),
    });
    let forbidden = forbidden.collect();
    Ok(VillagePage {
        shell: ctx.shell(&mut conn, Text::data(one.name.as_str()), Some(round.place)).await?,
        sub: text!("{township} · {round}", township = one.township, round = round.name),
        back: format!("{}/villages", round.address()),
        action: root,
        register: format!("/villages/{}", one.code),
        categories: category_choices(),
        units,
        neighbours,
        forbidden,
        form,
    })
}

pub async fn form(ctx: Ctx, Path((county, id, village)): Path<At>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &round, &village, None).await?))
}

/// The page again with what was typed, where an act was refused.
async fn again(ctx: &Ctx, at: &At, data: &FormData, done: AppResult<(String, Text)>) -> AppResult<Response> {
    match done {
        Ok((to, said)) => Ok(ctx.redirect(&to, &said)),
        Err(AppError::Refused(refusal)) => {
            let round = found(ctx, &mut ctx.read().await?, &at.0, &at.1).await?;
            let own = page(ctx, &round, &at.2, None).await?.form;
            let typed = data.typed();
            let form = if data.get("category").is_empty() { own } else { typed };
            let form = form.or("unit", data.get("unit")).or("why", data.get("why"));
            let form = form.with_error(refusal.field.unwrap_or("category"), refusal.message);
            Ok(ctx.refused(&page(ctx, &round, &at.2, Some(form)).await?))
        }
        Err(other) => Err(other),
    }
}

pub async fn save(ctx: Ctx, Path(at): Path<At>, data: FormData) -> AppResult<Response> {
    let done = async {
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &at.0, &at.1).await?;
        let before = of(&mut tx, &round, &at.2).await?;
        let category = Category::read(data.get("category"));
        let category = category.ok_or_else(|| Refusal::at("category", text!("请选村的类别。")))?;
        let neighbours: Option<Vec<DivisionCode>> = data.all("neighbours").map(DivisionCode::parse).collect();
        let asked = Demanded {
            category,
            team_size: Demanded::read_size(data.get("team_size"), category)?,
            needs: split(data.get("needs")),
            fixed_unit: data.some("fixed_unit").map(str::to_owned),
            neighbours: neighbours.ok_or_else(|| Refusal::at("neighbours", text!("请从列出的邻村里选。")))?,
            ..before
        };
        acts::save_village(&mut tx, &round, &asked, &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok((format!("{}/villages", round.address()), text!("{village}的需求已改。", village = asked.name)))
    };
    let done = done.await;
    again(&ctx, &at, &data, done).await
}

pub async fn forbid(ctx: Ctx, Path(at): Path<At>, data: FormData) -> AppResult<Response> {
    let done = async {
        let unit = data.some("unit").ok_or_else(|| Refusal::at("unit", text!("请选要回避的单位。")))?;
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &at.0, &at.1).await?;
        let pair = (code_of(&at.2)?, unit);
        acts::forbid(&mut tx, &round, pair, Some(data.get("why")), &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok((format!("{}/villages/{}", round.address(), at.2), text!("已记下回避。")))
    };
    let done = done.await;
    again(&ctx, &at, &data, done).await
}

pub async fn lift(
    ctx: Ctx,
    Path((county, id, village, unit)): Path<(String, String, String, String)>,
) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let round = locked(&ctx, &mut tx, &county, &id).await?;
    acts::forbid(&mut tx, &round, (code_of(&village)?, &unit), None, &ctx.actor_at(round.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("{}/villages/{village}", round.address()), &text!("已解除回避。")))
}

pub async fn remove(ctx: Ctx, Path((county, id, village)): Path<At>) -> AppResult<Response> {
    let mut tx = ctx.begin().await?;
    let round = locked(&ctx, &mut tx, &county, &id).await?;
    acts::remove_village(&mut tx, &round, code_of(&village)?, &ctx.actor_at(round.place)?).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("{}/villages", round.address()), &text!("已从村需求里去掉；要派再加回来。")))
}
