//! 登记调研: who came, when, to which villages, what was promised.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level, new_id},
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use super::super::{
    Holder, NewPromise, NewVisit, Visitor,
    rules::{Known, find_village},
    store,
};
use crate::{
    places,
    spine::audit::{self, Change, Subject},
    web::{Ctx, FormData},
};

/// Rows of each kind that a form offers.
const ROWS: usize = 4;
const SUGGESTED: i64 = 400;
const MOST_WORDS: usize = 3_000;

#[derive(Template)]
#[template(path = "log/visits/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    villages: Vec<String>,
    visitors: Vec<String>,
    units: Vec<String>,
    holders: Vec<Choice>,
    rows: Vec<Fields>,
}

/// The names of one row's fields.
struct Fields {
    village: String,
    name: String,
    post: String,
    unit: String,
    promise: String,
    holder: String,
    due: String,
    /// Whether the row stands open: the first one, and those with something in them.
    open: bool,
}

/// Villages within the viewer's scope.
async fn known(ctx: &Ctx, conn: &mut Conn) -> AppResult<Vec<Known>> {
    let mut known = Vec::new();
    for area in ctx.scope.areas() {
        let divisions = places::store::list(conn, *area).await?;
        for division in divisions.iter().filter(|division| division.level() == Level::Village) {
            let township = places_township(conn, &divisions, division.code).await?;
            known.push(Known { code: division.code, name: division.short(), township });
        }
    }
    Ok(known)
}

/// The township's name: among those already read, else by itself.
async fn places_township(conn: &mut Conn, read: &[places::Division], code: DivisionCode) -> AppResult<String> {
    if let Some(township) = read.iter().find(|division| division.code == code.parent()) {
        return Ok(township.short());
    }
    Ok(places::store::find(conn, code.parent()).await?.map(|township| township.short()).unwrap_or_default())
}

async fn page(ctx: &Ctx, conn: &mut Conn, known: &[Known], form: Form) -> AppResult<NewPage> {
    let home = ctx.scope.home().ok_or(AppError::Forbidden)?;
    let visitors = store::known_visitors(conn, home.county(), SUGGESTED).await?;
    let mut units: Vec<String> = visitors.iter().map(|(_, unit)| unit.clone()).collect();
    units.sort_unstable();
    units.dedup();
    let row = |at: usize| {
        let name = |part: &str| format!("{part}-{at}");
        let said = ["village", "name", "promise"].iter().any(|part| !form.value(name(part)).is_empty());
        Fields {
            village: name("village"),
            name: name("name"),
            post: name("post"),
            unit: name("unit"),
            promise: name("promise"),
            holder: name("holder"),
            due: name("due"),
            open: at == 0 || said,
        }
    };
    Ok(NewPage {
        shell: ctx.shell(conn, text!("登记调研"), Some(home)).await?,
        rows: (0..ROWS).map(row).collect(),
        form,
        villages: known.iter().map(|one| format!("{}{}", one.township, one.name)).collect(),
        visitors: visitors.into_iter().map(|(name, unit)| format!("{name}（{unit}）")).collect(),
        units,
        holders: Holder::ALL.iter().map(|holder| Choice::new(holder.code(), Text::key(holder.zh()))).collect(),
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = known(&ctx, &mut conn).await?;
    let asked = DivisionCode::parse(Address::parse(&ctx.address).get("village"));
    let own = asked.and_then(|code| known.iter().find(|one| one.code == code));
    let own = own.or(if known.len() == 1 { known.first() } else { None });
    let mut typed = vec![("day".to_owned(), ctx.today.to_string())];
    if let Some(one) = own {
        typed.push(("village-0".into(), format!("{}{}", one.township, one.name)));
    }
    let page = page(&ctx, &mut conn, &known, Form::of(typed)).await?;
    Ok(ctx.page(&page))
}

/// What the form says; what is wrong stands in `wrong` by field.
fn read(form: &FormData, known: &[Known], ctx: &Ctx, wrong: &mut Vec<(String, Text)>) -> AppResult<NewVisit> {
    let get = |part: &str, at: usize| form.get(&format!("{part}-{at}")).to_owned();
    let day = form.some("day").and_then(Day::parse);
    match day {
        None => wrong.push(("day".into(), text!("日期应写作 2024-01-18"))),
        Some(day) if day > ctx.today => wrong.push(("day".into(), text!("还没到这一天，来过以后再登记"))),
        Some(_) => {}
    }
    let words = form.get("words").to_owned();
    if words.chars().count() > MOST_WORDS {
        wrong.push(("words".into(), text!("这里最多 {most} 字", most = MOST_WORDS)));
    }
    let (mut villages, mut visitors, mut promises) = (Vec::new(), Vec::new(), Vec::new());
    for at in 0..ROWS {
        let (village, name) = (get("village", at), get("name", at));
        if !village.is_empty() {
            match find_village(&village, known) {
                Ok(code) if villages.contains(&code) => {}
                Ok(code) => villages.push(code),
                Err(refusal) => wrong.push((format!("village-{at}"), refusal.message)),
            }
        }
        if !name.is_empty() {
            let visitor = Visitor::read(&name, &get("post", at), &get("unit", at));
            let long = [&visitor.name, &visitor.unit].iter().any(|text| text.chars().count() > 60);
            if visitor.name.is_empty() || long {
                wrong.push((format!("name-{at}"), text!("姓名和单位各不超过 60 字")));
            } else if visitor.unit.is_empty() {
                wrong.push((format!("unit-{at}"), text!("请填从哪个单位来；同名的人靠它区分")));
            } else if !visitors.iter().any(|other: &Visitor| other.id() == visitor.id()) {
                visitors.push(visitor);
            }
        } else if !get("post", at).is_empty() || !get("unit", at).is_empty() {
            wrong.push((format!("name-{at}"), text!("请填姓名")));
        }
    }
    if villages.is_empty() && !wrong.iter().any(|(field, _)| field.starts_with("village")) {
        wrong.push(("village-0".into(), text!("请填到了哪个村")));
    }
    if visitors.is_empty() && !wrong.iter().any(|(field, _)| field.starts_with("name") || field.starts_with("unit")) {
        wrong.push(("name-0".into(), text!("请填来的人")));
    }
    for at in 0..ROWS {
        let what = get("promise", at);
        if what.is_empty() {
            continue;
        }
        let (holder, due) = (Holder::parse(&get("holder", at)), Day::parse(&get("due", at)));
        if what.chars().count() > 200 {
            wrong.push((format!("promise-{at}"), text!("这里最多 {most} 字", most = 200)));
        }
        if holder.is_none() {
            wrong.push((format!("holder-{at}"), text!("请选由谁办；每件事有一个人负责")));
        }
        let due = due.filter(|due| day.is_none_or(|day| *due >= day));
        if due.is_none() {
            wrong.push((format!("due-{at}"), text!("请填哪天办完，不早于调研那天")));
        }
        // What names one of the villages belongs there, else to the first.
        let named = known.iter().find(|one| villages.contains(&one.code) && what.contains(&one.name));
        let village = named.map(|one| one.code).or(villages.first().copied());
        if let (Some(holder), Some(due), Some(village)) = (holder, due, village) {
            promises.push(NewPromise { id: new_id(), village, what, holder, due });
        }
    }
    let by = ctx.actor()?;
    Ok(NewVisit { id: new_id(), day: day.unwrap_or(ctx.today), words, villages, visitors, promises, by })
}

pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let known = known(&ctx, &mut conn).await?;
    let mut wrong = Vec::new();
    let visit = read(&form, &known, &ctx, &mut wrong)?;
    let county = visit.villages.first().map(|village| village.county());
    if visit.villages.iter().any(|village| Some(village.county()) != county) {
        wrong.push(("village-0".into(), text!("几个村不在同一个县，请分开登记")));
    }
    let (Some(county), true) = (county, wrong.is_empty()) else {
        let typed = wrong.into_iter().fold(form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut conn, &known, typed).await?;
        return Ok(ctx.refused(&page));
    };
    drop(conn);
    let mut tx = ctx.begin().await?;
    store::add_all(&mut tx, county, std::slice::from_ref(&visit)).await?;
    let who: Vec<&str> = visit.visitors.iter().map(|visitor| visitor.name.as_str()).collect();
    let after = json!({
        "day": visit.day, "villages": visit.villages, "visitors": who, "promises": visit.promises.len(),
    });
    let subject = Subject { kind: "visit", id: &visit.id };
    audit::write(&mut tx, county, &visit.by, "visit.add", subject, Change::made(after)).await?;
    tx.commit().await?;
    let said = match visit.promises.len() {
        0 => text!("已登记。"),
        n => text!("已登记，{n} 项承诺已列入“今日”，由选定的人办。", n = n),
    };
    Ok(ctx.redirect(&format!("/visits/{county}/{}", visit.id), &said))
}
