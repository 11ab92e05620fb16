//! Staff pages of contact cards: villages with who is on the card and who has one, a village's card and its issues.

use std::collections::BTreeSet;

use askama::Template;
use axum::{
    extract::Path,
    http::header,
    response::{IntoResponse, Response},
};
use base::{
    db::Conn,
    html::{
        Address, Choice, Column, Fact, Filter as Field, FilterKind, Form, Link, Pages, Shell, State as Shown, Table,
        Tone, filters,
    },
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet},
    text,
    web::{AppError, AppResult, Refusal},
};
use fast_qr::{ECL, QRBuilder, convert::svg::SvgBuilder};
use serde_json::json;

use super::{
    contact,
    rules::{Holder, Print, address},
    store::{self, NewIssue},
};
use crate::{
    accounts::Permission,
    households, places,
    postings::section,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of contact cards.
#[must_use]
pub fn routes() -> AppRoutes {
    let (read, write) = (Permission::CardsRead, Permission::CardsWrite);
    empty()
        .get("/cards", read, list)
        .get("/cards.xlsx", read, |ctx: Ctx| export(ctx, Format::Xlsx))
        .get("/cards.csv", read, |ctx: Ctx| export(ctx, Format::Csv))
        .get("/villages/{code}/card", read, show)
        .get("/villages/{code}/card.svg", read, picture)
        .post("/villages/{code}/card/issues", write, issue)
        .post("/villages/{code}/card/renew", write, renew)
        .get("/c/{token}", Permission::Public, contact::show)
        .get("/c/{token}/portraits/{id}", Permission::Public, contact::portrait)
        .get("/c/{token}/contact.vcf", Permission::Public, contact::vcard)
}

/// One village in the list.
struct Line {
    village: String,
    link: String,
    township: String,
    holder: String,
    phone: String,
    target: i64,
    covered: i64,
    print: Print,
}

impl Line {
    fn state(&self) -> Shown {
        state(self.print)
    }

    fn lacks(&self) -> i64 {
        (self.target - self.covered).max(0)
    }
}

fn state(print: Print) -> Shown {
    match print {
        Print::Vacant => Shown::new(Tone::Stop, text!("无人在岗")),
        Print::Never => Shown::new(Tone::Wait, text!("还没印")),
        Print::Outdated => Shown::new(Tone::Late, text!("要重印")),
        Print::Current => Shown::new(Tone::Ok, text!("已印")),
    }
}

#[derive(Template)]
#[template(path = "postings/cards/cards.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    facts: Vec<Fact>,
    print: Option<String>,
    base_url_missing: bool,
}

/// The villages of a place that have a post or households with a claim to a card.
async fn lines(conn: &mut Conn, place: DivisionCode) -> AppResult<Vec<Line>> {
    let area = place.area();
    let holders = store::holders(conn, area).await?;
    let cards = store::cards(conn, area).await?;
    let targets = households::store::targets(conn, area).await?;
    let covered = store::covered(conn, area).await?;
    let divisions = places::store::list(conn, area).await?;
    let name = |code: DivisionCode| divisions.iter().find(|one| one.code == code).map(places::Division::short);
    let villages: BTreeSet<DivisionCode> = holders.keys().chain(targets.keys()).copied().collect();
    let mut lines = Vec::new();
    for code in villages {
        let holder = holders.get(&code);
        let printed = cards.get(&code).and_then(|card| card.printed.as_deref());
        lines.push(Line {
            village: name(code).unwrap_or_else(|| code.to_string()),
            link: format!("/villages/{code}/card"),
            township: name(code.at(Level::Township)).unwrap_or_default(),
            holder: holder.map(|holder| holder.name.clone()).unwrap_or_default(),
            phone: holder.and_then(|holder| holder.phone.clone()).unwrap_or_default(),
            target: targets.get(&code).copied().unwrap_or(0),
            covered: covered.get(&code).copied().unwrap_or(0),
            print: Print::of(holder, printed),
        });
    }
    Ok(lines)
}

/// What `?show=` asks for.
fn kept(address: &Address, line: &Line) -> bool {
    match address.get("show") {
        "due" => line.print.is_due(),
        "lacking" => line.lacks() > 0,
        "vacant" => line.print == Print::Vacant,
        _ => true,
    }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let all = lines(&mut conn, place).await?;
    let sum = |of: fn(&Line) -> i64| all.iter().map(of).sum::<i64>();
    let (target, covered) = (sum(|line| line.target), sum(|line| line.covered));
    let due = all.iter().filter(|line| line.print.is_due()).count();
    let figure = |code: &str| format!("/figures/{code}?place={place}");
    let facts = vec![
        Fact::new(text!("应发户"), text!("{n} 户", n = target)).link(figure("household.target")),
        Fact::new(text!("已有卡"), text!("{n} 户", n = covered)).link(figure("card.covered")),
        Fact::new(text!("还缺"), text!("{n} 户", n = target - covered))
            .link(address.with("show", "lacking").to_string()),
        Fact::new(text!("要印的村"), text!("{n} 个", n = due)).link(address.with("show", "due").to_string()),
    ];
    let rows: Vec<Line> = all.into_iter().filter(|line| kept(&address, line)).collect();
    let (total, pages) = (rows.len(), Pages::of(&address));
    let rows: Vec<Line> = pages.cut(rows).collect();
    let choices = [
        ("", text!("全部")),
        ("due", text!("要印的")),
        ("lacking", text!("还有户没卡的")),
        ("vacant", text!("无人在岗的")),
    ];
    let choices = choices.into_iter().map(|(value, label)| Choice::new(value, label)).collect();
    let value = address.get("show").to_owned();
    let fields = vec![Field { name: "show", label: text!("只看"), kind: FilterKind::Select(choices), value }];
    let heads = [text!("村"), text!("卡上的人"), text!("电话"), text!("应发户"), text!("已有卡"), text!("卡片")];
    let mut columns: Vec<Column> = heads.map(Column::new).into();
    for column in columns.iter_mut().skip(3).take(2) {
        column.num = true;
    }
    let table = Table::new(text!("便民联心卡"), &address, fields, columns)
        .rows(Some(total as u64), pages.pager(&address, total));
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("便民联心卡"), Some(place)).await?,
        views: section(&ctx, "/cards"),
        table,
        rows,
        facts,
        print: ctx.may(Permission::CardsWrite).then(|| format!("/prints?kind=cards&place={place}")),
        base_url_missing: ctx.app.base_url.is_none() && ctx.may(Permission::PostingsWrite),
    };
    Ok(ctx.page(&page))
}

async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let rows = lines(&mut ctx.read().await?, ctx.place()?).await?;
    let heads = ["乡镇", "村", "卡上的人", "电话", "应发户", "已有卡", "还缺", "卡片"];
    let layout = Layout::new("联心卡", heads.into_iter().map(SheetColumn::new).collect());
    let rows = rows.into_iter().filter(|line| kept(&address, line)).map(|line| {
        let (state, lacks) = (line.state().word.zh(), line.lacks());
        vec![
            line.township.into(),
            line.village.into(),
            line.holder.into(),
            line.phone.into(),
            line.target.to_string().into(),
            line.covered.to_string().into(),
            lacks.to_string().into(),
            state.into(),
        ]
    });
    ctx.sheet("联心卡", &Sheet { layout, rows: rows.collect() }, format)
}

#[derive(Template)]
#[template(path = "postings/cards/card.html")]
struct CardPage {
    shell: Shell,
    sub: String,
    state: Shown,
    holder: Option<Holder>,
    /// Whom the cards in the homes name, when that is somebody else.
    printed: Option<String>,
    address: String,
    public: String,
    picture: String,
    form: Form,
    action: String,
    renew: Option<String>,
    homes: Vec<Home>,
    lacking: usize,
    issues: Vec<(String, i64, i64, String, String)>,
    may_write: bool,
    may_see_homes: bool,
    households: String,
}

struct Home {
    id: String,
    number: i64,
    head: String,
    team: String,
    status: Text,
    card: Option<String>,
}

/// A village within the scope.
fn village(ctx: &Ctx, code: &str) -> AppResult<DivisionCode> {
    let code = DivisionCode::parse(code).filter(|code| code.level() == Level::Village).ok_or(AppError::NotFound)?;
    ctx.scope.require(code)?;
    Ok(code)
}

async fn homes(conn: &mut Conn, code: DivisionCode) -> AppResult<Vec<Home>> {
    let cards = store::last_cards(conn, code).await?;
    let rows = households::store::of_village(conn, code).await?;
    let target = rows.into_iter().filter_map(|row| {
        let status = row.status().filter(|status| status.is_target())?;
        Some(Home {
            card: cards.get(&row.id).map(Day::to_string),
            id: row.id,
            number: row.number,
            head: row.head,
            team: row.team.unwrap_or_default(),
            status: Text::key(status.zh()),
        })
    });
    Ok(target.collect())
}

async fn page(ctx: &Ctx, conn: &mut Conn, code: DivisionCode, form: Form) -> AppResult<CardPage> {
    let division = places::store::find(conn, code).await?.ok_or(AppError::NotFound)?;
    let holder = store::holders(conn, code.area()).await?.remove(&code);
    let card = store::cards(conn, code.area()).await?.remove(&code);
    let print = Print::of(holder.as_ref(), card.as_ref().and_then(|card| card.printed.as_deref()));
    let printed = card.as_ref().filter(|_| print == Print::Outdated).and_then(|card| card.printed.as_deref());
    let printed = printed.and_then(|text| serde_json::from_str::<Holder>(text).ok());
    let token = card.map(|card| card.token).unwrap_or_default();
    let viewer_may_see = ctx.viewer()?.scope(Permission::HouseholdsRead).holds(code);
    let homes = if viewer_may_see { homes(conn, code).await? } else { Vec::new() };
    let issues = store::issues(conn, code).await?;
    let may_write = ctx.viewer()?.scope(Permission::CardsWrite).holds(code);
    Ok(CardPage {
        shell: ctx.shell(conn, text!("{village} 联心卡", village = division.short()), Some(code)).await?,
        sub: division.name.clone(),
        state: state(print),
        printed: printed
            .map(|old| [Some(old.name), old.unit, old.phone].into_iter().flatten().collect::<Vec<_>>().join(" · ")),
        holder,
        address: if token.is_empty() { String::new() } else { address(ctx.app.base_url.as_deref(), &token) },
        public: format!("/c/{token}"),
        picture: format!("/villages/{code}/card.svg"),
        form,
        action: format!("/villages/{code}/card/issues"),
        renew: (may_write && ctx.may(Permission::PostingsWrite)).then(|| format!("/villages/{code}/card/renew")),
        lacking: homes.iter().filter(|home| home.card.is_none()).count(),
        homes,
        issues: issues
            .into_iter()
            .map(|row| (row.day.to_string(), row.cards, row.extra, row.actor, row.note.unwrap_or_default()))
            .collect(),
        may_write,
        may_see_homes: viewer_may_see,
        households: format!("/households?place={code}"),
    })
}

async fn show(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let mut conn = ctx.read().await?;
    let form = Form::of([("day", ctx.today.to_string())]);
    let page = page(&ctx, &mut conn, code, form).await?;
    Ok(ctx.page(&page))
}

/// The QR code of a village's card.
async fn picture(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let card = store::cards(&mut ctx.read().await?, code.area()).await?.remove(&code).ok_or(AppError::NotFound)?;
    let address = address(ctx.app.base_url.as_deref(), &card.token);
    let code = QRBuilder::new(address).ecl(ECL::M).build();
    let code = code.map_err(|error| AppError::internal(format!("QR: {error}")))?;
    let svg = SvgBuilder::default().to_str(&code);
    Ok(([(header::CONTENT_TYPE, "image/svg+xml")], svg).into_response())
}

/// Reads the form of an issue against the homes of the village.
fn read(data: &FormData, code: DivisionCode, homes: &[Home], today: Day) -> Result<NewIssue, Refusal> {
    let day = Day::parse(data.get("day")).ok_or_else(|| Refusal::at("day", text!("请写日期，例如 2024-01-18。")))?;
    if day > today {
        return Err(Refusal::at("day", text!("日期不能晚于今天 {today}。", today = today)));
    }
    let extra = match data.get("extra") {
        "" => 0,
        text => text
            .parse()
            .ok()
            .filter(|n| (0..=5_000).contains(n))
            .ok_or_else(|| Refusal::at("extra", text!("请写 0 到 5000 的整数；没有就空着。")))?,
    };
    let chosen: BTreeSet<&str> = data.all("household").collect();
    let all = data.get("all") == "yes";
    let given = homes.iter().filter(|home| chosen.contains(home.id.as_str()) || all && home.card.is_none());
    let households: Vec<String> = given.map(|home| home.id.clone()).collect();
    if households.is_empty() && extra == 0 {
        return Err(Refusal::at("all", text!("请选发给哪些户，或写另发了几张。")));
    }
    Ok(NewIssue { village: code, day, households, extra, note: data.some("note").map(str::to_owned) })
}

async fn issue(ctx: Ctx, Path(code): Path<String>, data: FormData) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let mut conn = ctx.read().await?;
    let homes = homes(&mut conn, code).await?;
    let new = match read(&data, code, &homes, ctx.today) {
        Ok(new) => new,
        Err(refusal) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("day"), refusal.message);
            return Ok(ctx.refused(&page(&ctx, &mut conn, code, form).await?));
        }
    };
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    store::issue_all(&mut tx, code.county(), std::slice::from_ref(&new), &actor).await?;
    let change = Change::made(json!({ "day": new.day, "households": new.households.len(), "extra": new.extra }));
    let id = code.to_string();
    audit::write(&mut tx, code.county(), &actor, "card.issue", Subject { kind: "village", id: &id }, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/villages/{code}/card"), &text!("已记下发卡 {n} 张。", n = new.households.len())))
}

async fn renew(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    // A new code makes every card in the homes useless: the office decides that.
    if !ctx.viewer()?.scope(Permission::PostingsWrite).holds(code) {
        return Err(AppError::Forbidden);
    }
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    store::ensure(&mut tx, code.county(), &BTreeSet::from([code]), actor.at).await?;
    store::renew(&mut tx, code, actor.at).await?;
    let id = code.to_string();
    let subject = Subject { kind: "village", id: &id };
    audit::write(&mut tx, code.county(), &actor, "card.renew", subject, Change::default()).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/villages/{code}/card"), &text!("已换新码，旧卡不再有效，请重印。")))
}
