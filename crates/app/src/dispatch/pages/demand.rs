//! The villages of a round that ask for a team.

use std::collections::{HashMap, HashSet};

use askama::Template;
use assign::Category;
use axum::{extract::Path, response::Response};
use base::{
    html::{Address, Choice, Column, Filter, FilterKind, Form, Link, Pages, Shell, Table, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Level},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    super::{
        acts, parameters,
        rules::Demanded,
        store::{self, Round, VillageFilter},
    },
    county_filter, found, locked, may_plan, tabs,
};
use crate::{
    places, units,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "dispatch/villages.html")]
struct DemandPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    sums: Vec<(Text, i64)>,
    table: Table,
    rows: Vec<Row>,
    add: Option<String>,
    villages: Vec<Choice>,
    form: Form,
}

struct Row {
    href: Option<String>,
    name: String,
    township: String,
    category: Text,
    size: i64,
    needs: String,
    fixed: String,
    forbidden: Vec<(String, String)>,
    locked: bool,
}

/// The word of a category.
pub(super) fn category_zh(category: Category) -> Text {
    match category {
        Category::Heavy => text!("巩固任务较重"),
        Category::Light => text!("任务较轻"),
        Category::Weak => text!("软弱涣散"),
        Category::Task => text!("振兴任务重"),
        Category::Model => text!("示范创建"),
        Category::Other => text!("其他"),
    }
}

pub(super) fn category_choices() -> Vec<Choice> {
    Category::ALL.into_iter().map(|one| Choice::new(one.code(), category_zh(one))).collect()
}

async fn page(ctx: &Ctx, round: &Round, form: Form) -> AppResult<DemandPage> {
    let mut conn = ctx.read().await?;
    let pack = ctx.pack(&mut conn, round.county).await?;
    let sizes = parameters(pack).size;
    let address = Address::parse(&ctx.address);
    let (category, name) = (address.get("category").to_owned(), address.get("q").trim().to_owned());
    let county = address.get("county").to_owned();
    // Of many counties the villages of the one that is chosen.
    let chosen = county.parse().ok().and_then(CountyId::from_i64).filter(|one| round.takes(*one));
    let filter =
        VillageFilter { category: Category::read(&category), words: name.clone(), county: chosen, village: None };
    let (pages, total) = (Pages::of(&address), store::count_villages(&mut conn, round, &filter).await?);
    let shown = store::list_villages(&mut conn, round, &filter, Some(pages.span())).await?;
    let locks = store::locks(&mut conn, round).await?;
    let named: Vec<String> = shown
        .iter()
        .flat_map(|one| one.fixed_unit.iter().chain(one.forbidden.iter().map(|(unit, _)| unit)))
        .cloned()
        .collect();
    let unit_names = units::store::names_of(&mut conn, &named).await?;
    let named = |id: &String| unit_names.get(id).cloned().unwrap_or_default();
    let may = may_plan(ctx, round);
    let row = |one: &Demanded| Row {
        href: may.then(|| format!("{}/villages/{}", round.address(), one.code)),
        name: one.name.clone(),
        township: one.township.clone(),
        category: category_zh(one.category),
        size: one.team_size.unwrap_or_else(|| sizes.of(one.category)),
        needs: one.needs.join("、"),
        fixed: one.fixed_unit.as_ref().map(named).unwrap_or_default(),
        forbidden: one.forbidden.iter().map(|(unit, why)| (named(unit), why.clone())).collect(),
        locked: locks.contains_key(&one.code),
    };
    let rows = shown.iter().map(row).collect();
    let from = if round.is_above_county() { chosen.map(CountyId::division) } else { Some(round.place) };
    let villages = if let Some(from) = from.filter(|_| may) {
        let known = places::store::list(&mut conn, from.area()).await?;
        let asking = VillageFilter { county: chosen, ..VillageFilter::default() };
        let asking = store::list_villages(&mut conn, round, &asking, None).await?;
        let asked: HashSet<DivisionCode> = asking.iter().map(|one| one.code).collect();
        let left = known.iter().filter(|place| place.level() == Level::Village && !asked.contains(&place.code));
        let townships: HashMap<DivisionCode, String> = known
            .iter()
            .filter(|place| place.level() == Level::Township)
            .map(|place| (place.code, place.short()))
            .collect();
        let label = |place: &places::Division| {
            let township = townships.get(&place.code.parent()).cloned().unwrap_or_default();
            format!("{township}{}", place.short())
        };
        left.map(|place| Choice::new(place.code.to_string(), Text::data(label(place)))).collect()
    } else {
        Vec::new()
    };
    let mut choices = vec![Choice::new("", text!("全部"))];
    choices.extend(category_choices());
    let mut filters = vec![
        Filter { name: "category", label: text!("类别"), kind: FilterKind::Select(choices), value: category },
        Filter { name: "q", label: text!("村或乡镇"), kind: FilterKind::Words, value: name },
    ];
    filters.extend(county_filter(&mut conn, round, &county).await?);
    let columns = vec![
        Column::new(text!("村")),
        Column::new(text!("乡镇")),
        Column::new(text!("类别")),
        Column::new(text!("要几人")).num(),
        Column::new(text!("需求")),
        Column::new(text!("指定、回避")),
    ];
    let mut table = Table::new(text!("村需求"), &address, filters, columns);
    (table.xlsx, table.csv) = (None, None);
    let sums = store::villages_by_category(&mut conn, round).await?;
    let of = |category: Category| sums.iter().find(|(code, _)| code == category.code()).map_or(0, |(_, n)| *n);
    let sums = Category::ALL.into_iter().map(|category| (category_zh(category), of(category)));
    Ok(DemandPage {
        shell: ctx.shell(&mut conn, text!("村需求"), Some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        views: tabs(round, "/villages"),
        sums: sums.filter(|(_, n)| *n > 0).collect(),
        table: table.rows(u64::try_from(total).ok(), pages.pager(&address, total)),
        rows,
        add: (may && from.is_some()).then(|| format!("{}/demand", round.address())),
        villages,
        form,
    })
}

pub async fn list(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
    Ok(ctx.page(&page(&ctx, &round, Form::default()).await?))
}

pub async fn add(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let done = async {
        let code = DivisionCode::parse(data.get("village"));
        let code = code.ok_or_else(|| Refusal::at("village", text!("请选要加的村。")))?;
        let mut tx = ctx.begin().await?;
        let round = locked(&ctx, &mut tx, &county, &id).await?;
        let pack = ctx.app.pack(&mut tx, round.county).await?;
        acts::add_village(&mut tx, &round, code, pack, &ctx.actor_at(round.place)?).await?;
        tx.commit().await?;
        Ok(format!("{}/villages/{code}", round.address()))
    };
    match done.await {
        Ok(to) => Ok(ctx.redirect(&to, &text!("已加入，请核对类别和需求。"))),
        Err(AppError::Refused(refusal)) => {
            let round = found(&ctx, &mut ctx.read().await?, &county, &id).await?;
            let form = data.typed().with_error("village", refusal.message);
            Ok(ctx.refused(&page(&ctx, &round, form).await?))
        }
        Err(other) => Err(other),
    }
}
