//! Pages of places: the townships or villages of a place, and the forms of what a village keeps.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Column, Form, Link, Pager, Shell, Table, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    Division, Village, VillageCategory,
    rules::{self, Rating},
    store,
    survey::{Surveyed, survey},
};
use crate::{
    accounts::Permission,
    flows,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The pages of places.
#[must_use]
pub fn routes() -> AppRoutes {
    let (read, write) = (Permission::PlacesRead, Permission::PlacesWrite);
    empty()
        .get("/places", read, list)
        .get("/places.xlsx", read, |ctx: Ctx| export(ctx, Format::Xlsx))
        .get("/places.csv", read, |ctx: Ctx| export(ctx, Format::Csv))
        .get("/places/{code}/edit", write, edit)
        .post("/places/{code}/category", write, set_category)
        .post("/places/{code}/stars", write, set_stars)
        .post("/places/{code}/counts", write, set_counts)
        .post("/places/{code}/income", write, set_income)
}

#[derive(Template)]
#[template(path = "places/places.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    may_write: bool,
}

struct Line {
    name: String,
    href: String,
    edit: String,
    /// Villages below, for what is above a village.
    villages: String,
    categories: Vec<Text>,
    stars: String,
    households: String,
    poor: String,
    monitored: String,
}

/// The parts of a place and what is known of the villages in each.
struct Parts {
    place: DivisionCode,
    parts: Vec<(Division, Vec<Surveyed>)>,
}

async fn load(ctx: &Ctx, conn: &mut Conn) -> AppResult<Parts> {
    let place = ctx.place()?;
    let known = survey(conn, place.area(), ctx.today).await?;
    let mut parts: Vec<(Division, Vec<Surveyed>)> = if place.level() == Level::Village {
        store::find(conn, place).await?.into_iter().map(|division| (division, Vec::new())).collect()
    } else {
        store::children(conn, place).await?.into_iter().map(|division| (division, Vec::new())).collect()
    };
    for (code, village) in known {
        if let Some((_, villages)) = parts.iter_mut().find(|(division, _)| division.code.contains(code)) {
            villages.push(village);
        }
    }
    Ok(Parts { place, parts })
}

/// The sum of what is known; nothing where nothing is.
fn sum(villages: &[Surveyed], of: impl Fn(&Surveyed) -> Option<i64>) -> Option<i64> {
    villages.iter().filter_map(of).reduce(|a, b| a + b)
}

fn line(division: &Division, villages: &[Surveyed]) -> Line {
    let code = division.code;
    let is_village = code.level() == Level::Village;
    let shown = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let categories = if is_village {
        villages.iter().flat_map(|village| &village.categories).map(|category| Text::key(category.zh())).collect()
    } else {
        let of = |category| villages.iter().filter(|village| village.categories.contains(&category)).count();
        let counted = VillageCategory::ALL.into_iter().map(|category| (category, of(category)));
        let text = |(category, n): (VillageCategory, usize)| {
            text!("{category} {n}", category = Text::key(category.zh()), n = n)
        };
        counted.filter(|(_, n)| *n > 0).map(text).collect()
    };
    let last = villages.first().and_then(|village| village.stars).filter(|_| is_village);
    Line {
        name: division.short(),
        href: if is_village { format!("/villages/{code}") } else { format!("/places?place={code}") },
        edit: format!("/places/{code}/edit"),
        villages: if is_village { String::new() } else { villages.len().to_string() },
        categories,
        stars: last
            .map(|(year, stars)| format!("{} {year}", "★".repeat(usize::try_from(stars).unwrap_or(0))))
            .unwrap_or_default(),
        households: shown(sum(villages, |village| village.households)),
        poor: shown(sum(villages, |village| village.poor_households)),
        monitored: shown(sum(villages, |village| village.monitored_households)),
    }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let parts = load(&ctx, &mut conn).await?;
    let rows: Vec<Line> = parts.parts.iter().map(|(division, villages)| line(division, villages)).collect();
    let of_villages = parts.place.level() >= Level::Township;
    let mut columns = vec![Column::new(if of_villages { text!("村") } else { text!("地方") })];
    if of_villages {
        columns.extend([Column::new(text!("村类别")), Column::new(text!("星级"))]);
    } else {
        columns.extend([Column::new(text!("有档案的村")).num(), Column::new(text!("村类别"))]);
    }
    columns.extend([text!("户数"), text!("脱贫户"), text!("监测户")].map(|label| Column::new(label).num()));
    let may_write = of_villages && ctx.viewer()?.scope(Permission::PlacesWrite).holds(parts.place);
    if may_write {
        columns.push(Column::new(text!("办理")));
    }
    let table = Table::new(text!("村"), &Address::parse(&ctx.address), Vec::new(), columns);
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("村"), Some(parts.place)).await?,
        views: crate::postings::section(&ctx, "/places"),
        table: table.rows(u64::try_from(rows.len()).ok(), Pager::default()),
        rows,
        may_write,
    };
    Ok(ctx.page(&page))
}

async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let parts = load(&ctx, &mut conn).await?;
    let headers = ["代码", "名称", "村数", "村类别", "星级", "户数", "脱贫户", "监测户"];
    let layout = Layout::new("村", headers.into_iter().map(SheetColumn::new).collect());
    let rows = parts.parts.iter().map(|(division, villages)| {
        let line = line(division, villages);
        let number = |text: String| text.parse::<f64>().map_or(Value::Empty, Value::Number);
        vec![
            division.code.to_string().into(),
            line.name.into(),
            number(line.villages),
            line.categories.iter().map(Text::zh).collect::<Vec<_>>().join("、").into(),
            line.stars.into(),
            number(line.households),
            number(line.poor),
            number(line.monitored),
        ]
    });
    ctx.sheet("村", &Sheet { layout, rows: rows.collect() }, format)
}

#[derive(Template)]
#[template(path = "places/edit.html")]
struct EditPage {
    shell: Shell,
    sub: Text,
    form: Form,
    categories: Vec<Choice>,
    stars: Vec<Choice>,
    base: String,
    village: String,
}

/// The village of the address, where this office may change it.
async fn village(ctx: &Ctx, conn: &mut Conn, code: &str) -> AppResult<Division> {
    let code = DivisionCode::parse(code).filter(|code| code.level() == Level::Village).ok_or(AppError::NotFound)?;
    ctx.scope.require(code)?;
    store::find(conn, code).await?.ok_or(AppError::NotFound)
}

/// What is known now, in the fields of the forms.
fn known(village: &Village, today: Day) -> Form {
    let number = |n: Option<i64>| n.map(|n| n.to_string()).unwrap_or_default();
    let category = village.categories_on(today).first().map(|category| category.code().to_owned());
    let last_year = (i64::from(today.year()) - 1).to_string();
    let income = village.income.first();
    Form::of([
        ("category", category.unwrap_or_default()),
        ("since", today.to_string()),
        ("star_year", last_year.clone()),
        ("stars", village.stars.first().map(|(_, stars)| stars.to_string()).unwrap_or_default()),
        ("households", number(village.households)),
        ("members", number(village.members)),
        ("poor_households", number(village.poor_households)),
        ("monitored_households", number(village.monitored_households)),
        ("income_year", income.map_or(last_year, |(year, _)| year.to_string())),
        ("income", income.map(|(_, fen)| base::kernel::Fen(*fen).to_string()).unwrap_or_default()),
    ])
}

async fn edit_page(ctx: &Ctx, conn: &mut Conn, division: &Division, form: Option<Form>) -> AppResult<EditPage> {
    let village = store::find_village(conn, division.code).await?.unwrap_or_default();
    let township = store::find(conn, division.parent).await?.map(|township| township.short());
    Ok(EditPage {
        shell: ctx.shell(conn, text!("{village}档案", village = division.short()), Some(division.code)).await?,
        sub: Text::data(township.unwrap_or_default()),
        form: form.unwrap_or_else(|| known(&village, ctx.today)),
        categories: VillageCategory::ALL.map(|one| Choice::new(one.code(), Text::key(one.zh()))).into(),
        stars: (1..=5).map(|n: usize| Choice::new(n.to_string(), text!("{n} 星", n = n))).collect(),
        base: format!("/places/{}", division.code),
        village: format!("/villages/{}", division.code),
    })
}

async fn edit(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let division = village(&ctx, &mut conn, &code).await?;
    let page = edit_page(&ctx, &mut conn, &division, None).await?;
    Ok(ctx.page(&page))
}

/// Leads back after an act, or shows the forms again with the refusal at its field.
async fn after(ctx: &Ctx, division: &Division, data: &FormData, done: AppResult<Text>) -> AppResult<Response> {
    match done {
        Ok(said) => Ok(ctx.redirect(&format!("/places/{}/edit", division.code), &said)),
        Err(AppError::Refused(refusal)) => {
            let mut conn = ctx.read().await?;
            let form = data.typed().with_error(refusal.field.unwrap_or("category"), refusal.message);
            Ok(ctx.refused(&edit_page(ctx, &mut conn, division, Some(form)).await?))
        }
        Err(error) => Err(error),
    }
}

async fn of_path(ctx: &Ctx, code: &str) -> AppResult<Division> {
    let mut conn = ctx.read().await?;
    village(ctx, &mut conn, code).await
}

async fn set_category(ctx: Ctx, Path(code): Path<String>, data: FormData) -> AppResult<Response> {
    let division = of_path(&ctx, &code).await?;
    let done = change_category(&ctx, division.code, &data).await;
    after(&ctx, &division, &data, done).await
}

async fn change_category(ctx: &Ctx, code: DivisionCode, data: &FormData) -> AppResult<Text> {
    let category =
        VillageCategory::parse(data.get("category")).ok_or_else(|| Refusal::at("category", text!("请选择村类别。")))?;
    let since = rules::past_day("since", data.get("since"), ctx.today)?;
    let mut tx = ctx.begin().await?;
    let pack = ctx.pack(&mut tx, code.county()).await?;
    flows::set_category(&mut tx, code, (category, since, data.some("basis")), pack, &ctx.actor()?).await?;
    tx.commit().await?;
    Ok(text!("村类别已改，覆盖情况随之更新。"))
}

async fn set_stars(ctx: Ctx, Path(code): Path<String>, data: FormData) -> AppResult<Response> {
    let division = of_path(&ctx, &code).await?;
    let done = rate(&ctx, division.code, &data).await;
    after(&ctx, &division, &data, done).await
}

async fn rate(ctx: &Ctx, code: DivisionCode, data: &FormData) -> AppResult<Text> {
    let Rating { year, stars } = rules::rating(data.get("star_year"), data.get("stars"), ctx.today)?;
    let mut tx = ctx.begin().await?;
    let before = store::find_village(&mut tx, code).await?.unwrap_or_default();
    let before = before.stars.iter().find(|(y, _)| *y == year).map(|(_, stars)| *stars);
    store::set_stars(&mut tx, &[(code, year, stars)], ctx.actor()?.at).await?;
    let change = Change::changed(json!({ "year": year, "stars": before }), json!({ "year": year, "stars": stars }));
    note(ctx, &mut tx, "village.stars", code, change).await?;
    tx.commit().await?;
    Ok(text!("{year} 年星级已保存。", year = year))
}

async fn note(
    ctx: &Ctx,
    tx: &mut base::db::Tx,
    action: &'static str,
    code: DivisionCode,
    change: Change,
) -> AppResult<()> {
    let id = code.to_string();
    let subject = Subject { kind: "village", id: &id };
    Ok(audit::write(tx, code.county(), &ctx.actor()?, action, subject, change).await?)
}

async fn set_counts(ctx: Ctx, Path(code): Path<String>, data: FormData) -> AppResult<Response> {
    let division = of_path(&ctx, &code).await?;
    let done = count(&ctx, division.code, &data).await;
    after(&ctx, &division, &data, done).await
}

async fn count(ctx: &Ctx, code: DivisionCode, data: &FormData) -> AppResult<Text> {
    let fields = ["households", "members", "poor_households", "monitored_households"];
    let [households, members, poor, monitored] = fields.map(|field| rules::count(field, data.get(field)));
    let counts = Village {
        households: households?,
        members: members?,
        poor_households: poor?,
        monitored_households: monitored?,
        ..Village::default()
    };
    rules::fits(&counts)?;
    let said = |village: &Village| {
        json!({ "households": village.households, "members": village.members,
                "poor_households": village.poor_households, "monitored_households": village.monitored_households })
    };
    let mut tx = ctx.begin().await?;
    let before = store::find_village(&mut tx, code).await?.unwrap_or_default();
    store::save_counts(&mut tx, code, &counts).await?;
    note(ctx, &mut tx, "village.counts", code, Change::changed(said(&before), said(&counts))).await?;
    tx.commit().await?;
    Ok(text!("户数已保存。"))
}

async fn set_income(ctx: Ctx, Path(code): Path<String>, data: FormData) -> AppResult<Response> {
    let division = of_path(&ctx, &code).await?;
    let done = earn(&ctx, division.code, &data).await;
    after(&ctx, &division, &data, done).await
}

async fn earn(ctx: &Ctx, code: DivisionCode, data: &FormData) -> AppResult<Text> {
    let year = rules::past_year("income_year", data.get("income_year"), ctx.today)?;
    let amount = base::kernel::Fen::parse_wan(data.get("income"))
        .ok_or_else(|| Refusal::at("income", text!("请写金额，单位万元，例如 12.5。")))?;
    let mut tx = ctx.begin().await?;
    let before = store::find_village(&mut tx, code).await?.unwrap_or_default();
    let before = before.income.iter().find(|(y, _)| *y == year).map(|(_, fen)| *fen);
    store::ensure_villages(&mut tx, &[code]).await?;
    store::set_income(&mut tx, &[(code, year, amount.0)]).await?;
    let change = Change::changed(json!({ "year": year, "fen": before }), json!({ "year": year, "fen": amount.0 }));
    note(ctx, &mut tx, "village.income", code, change).await?;
    tx.commit().await?;
    Ok(text!("{year} 年集体收入已保存。", year = year))
}
