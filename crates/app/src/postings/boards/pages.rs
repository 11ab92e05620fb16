//! Pages of identity boards: the villages of a place with their five parties, and one village's board.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{
        Address, Choice, Column, Filter as Field, FilterKind, Form, Link, Pages, Shell, State as Shown, Table, Tone,
        filters,
    },
    i18n::Text,
    kernel::{DivisionCode, Level},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{Named, Party},
    store::{self, Board},
};
use crate::{
    accounts::Permission,
    places,
    postings::section,
    spine::{
        audit::{self, Change, Subject},
        files,
    },
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of identity boards.
#[must_use]
pub fn routes() -> AppRoutes {
    let (read, write) = (Permission::CardsRead, Permission::CardsWrite);
    empty()
        .get("/boards", read, list)
        .get("/boards.xlsx", read, |ctx: Ctx| export(ctx, Format::Xlsx))
        .get("/boards.csv", read, |ctx: Ctx| export(ctx, Format::Csv))
        .get("/villages/{code}/board", read, show)
        .get("/villages/{code}/board/{party}/portraits/{id}", read, portrait)
        .get("/villages/{code}/board/{party}", write, form)
        .post("/villages/{code}/board/{party}", write, set)
}

struct Line {
    village: String,
    township: String,
    link: String,
    names: Vec<String>,
}

impl Line {
    fn missing(&self) -> usize {
        self.names.iter().filter(|name| name.is_empty()).count()
    }
}

#[derive(Template)]
#[template(path = "postings/boards/boards.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    parties: Vec<Text>,
    print: Option<String>,
}

async fn lines(conn: &mut Conn, ctx: &Ctx, place: DivisionCode) -> AppResult<Vec<Line>> {
    let boards = store::boards(conn, place.area(), ctx.today).await?;
    let divisions = places::store::list(conn, place.area()).await?;
    let above = places::store::path(conn, place).await?;
    let name = |code: DivisionCode| {
        divisions.iter().chain(&above).find(|one| one.code == code).map(places::Division::short).unwrap_or_default()
    };
    let none = Board::new();
    let villages = divisions.iter().filter(|division| division.level() == Level::Village);
    Ok(villages
        .map(|division| {
            let board = boards.get(&division.code).unwrap_or(&none);
            let named = |party| board.get(&party).map(|named| named.name.clone()).unwrap_or_default();
            Line {
                village: division.short(),
                township: name(division.code.at(Level::Township)),
                link: format!("/villages/{}/board", division.code),
                names: Party::ALL.map(named).into(),
            }
        })
        .collect())
}

fn kept(address: &Address, line: &Line) -> bool {
    match address.get("show") {
        "missing" => line.missing() > 0,
        "full" => line.missing() == 0,
        _ => true,
    }
}

async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let rows: Vec<Line> =
        lines(&mut conn, &ctx, place).await?.into_iter().filter(|line| kept(&address, line)).collect();
    let (total, pages) = (rows.len(), Pages::of(&address));
    let rows: Vec<Line> = pages.cut(rows).collect();
    let choices = [("", text!("全部")), ("missing", text!("有空缺的")), ("full", text!("五方齐全的"))];
    let choices = choices.into_iter().map(|(value, label)| Choice::new(value, label)).collect();
    let value = address.get("show").to_owned();
    let fields = vec![Field { name: "show", label: text!("只看"), kind: FilterKind::Select(choices), value }];
    let parties: Vec<Text> = Party::ALL.iter().map(|party| Text::key(party.zh())).collect();
    let columns = std::iter::once(text!("村")).chain(parties.iter().cloned()).map(Column::new).collect();
    let table =
        Table::new(text!("身份牌"), &address, fields, columns).rows(Some(total as u64), pages.pager(&address, total));
    let page = ListPage {
        shell: ctx.shell(&mut conn, text!("身份牌"), Some(place)).await?,
        views: section(&ctx, "/boards"),
        table,
        rows,
        parties,
        print: ctx.may(Permission::CardsWrite).then(|| format!("/prints?kind=boards&place={place}")),
    };
    Ok(ctx.page(&page))
}

async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let rows = lines(&mut ctx.read().await?, &ctx, ctx.place()?).await?;
    let heads = ["乡镇", "村"].into_iter().chain(Party::ALL.iter().map(|party| party.zh()));
    let layout = Layout::new("身份牌", heads.map(SheetColumn::new).collect());
    let rows = rows.into_iter().filter(|line| kept(&address, line)).map(|line| {
        let names = line.names.into_iter().map(Into::into);
        [line.township.into(), line.village.into()].into_iter().chain(names).collect()
    });
    ctx.sheet("身份牌", &Sheet { layout, rows: rows.collect() }, format)
}

struct Place {
    label: Text,
    named: Option<Named>,
    portrait: Option<String>,
    edit: Option<String>,
}

#[derive(Template)]
#[template(path = "postings/boards/board.html")]
struct BoardPage {
    shell: Shell,
    sub: String,
    state: Shown,
    places: Vec<Place>,
    earlier: Vec<(Text, String, String)>,
}

fn village(ctx: &Ctx, code: &str) -> AppResult<DivisionCode> {
    let code = DivisionCode::parse(code).filter(|code| code.level() == Level::Village).ok_or(AppError::NotFound)?;
    ctx.scope.require(code)?;
    Ok(code)
}

async fn show(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let mut conn = ctx.read().await?;
    let path = places::store::path(&mut conn, code).await?;
    let division = path.last().ok_or(AppError::NotFound)?;
    let mut board = store::boards(&mut conn, code.area(), ctx.today).await?.remove(&code).unwrap_or_default();
    let may_write = ctx.viewer()?.scope(Permission::CardsWrite).holds(code);
    let missing = Party::ALL.iter().filter(|party| !board.contains_key(party)).count();
    let earlier = store::history(&mut conn, code).await?.into_iter().filter_map(|(party, named, until)| {
        let until = until?;
        Some((Text::key(party.zh()), named.name, format!("{} — {until}", named.since)))
    });
    let page = BoardPage {
        earlier: earlier.collect(),
        shell: ctx.shell(&mut conn, text!("{village} 身份牌", village = division.short()), Some(code)).await?,
        sub: path.iter().rev().skip(1).rev().map(places::Division::short).collect::<Vec<_>>().join(" "),
        state: if missing == 0 {
            Shown::new(Tone::Ok, text!("五方齐全"))
        } else {
            Shown::new(Tone::Late, text!("缺 {n}", n = missing))
        },
        places: Party::ALL
            .iter()
            .map(|party| {
                let (named, here) = (board.remove(party), format!("/villages/{code}/board/{}", party.code()));
                let face = named.as_ref().and_then(|named| named.portrait.as_ref());
                Place {
                    label: Text::key(party.zh()),
                    portrait: face.map(|face| format!("{here}/portraits/{}", face.small_id)),
                    edit: may_write.then_some(here),
                    named,
                }
            })
            .collect(),
    };
    Ok(ctx.page(&page))
}

/// The portrait of whoever stands on the board now; an earlier one's address finds nothing.
async fn portrait(ctx: Ctx, Path((code, party, id)): Path<(String, String, String)>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let party = Party::parse(&party).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let board = store::boards(&mut conn, code.area(), ctx.today).await?.remove(&code);
    let face = board.and_then(|mut board| board.remove(&party)?.portrait).filter(|face| face.small_id == id);
    let face = face.ok_or(AppError::NotFound)?;
    let file = files::find(&mut conn, face.county, &face.small_id).await?.ok_or(AppError::NotFound)?;
    drop(conn);
    let bytes = ctx.app.files.content(&file).await.map_err(|error| AppError::Internal(error.into()))?;
    Ok(Ctx::picture(bytes))
}

#[derive(Template)]
#[template(path = "postings/boards/party.html")]
struct PartyPage {
    shell: Shell,
    sub: String,
    form: Form,
    action: String,
    back: String,
    /// Who stands there now.
    now: Option<String>,
}

async fn page(ctx: &Ctx, conn: &mut Conn, code: DivisionCode, party: Party, form: Form) -> AppResult<PartyPage> {
    let division = places::store::find(conn, code).await?.ok_or(AppError::NotFound)?;
    let now =
        store::boards(conn, code.area(), ctx.today).await?.remove(&code).and_then(|mut board| board.remove(&party));
    Ok(PartyPage {
        shell: ctx.shell(conn, Text::key(party.zh()), Some(code)).await?,
        sub: division.short(),
        form,
        action: format!("/villages/{code}/board/{}", party.code()),
        back: format!("/villages/{code}/board"),
        now: now.map(|named| format!("{} {}", named.name, named.since)),
    })
}

async fn form(ctx: Ctx, Path((code, party)): Path<(String, String)>) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let party = Party::parse(&party).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let form = Form::of([("since", ctx.today.to_string())]);
    let page = page(&ctx, &mut conn, code, party, form).await?;
    Ok(ctx.page(&page))
}

async fn set(ctx: Ctx, Path((code, party)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let code = village(&ctx, &code)?;
    let party = Party::parse(&party).ok_or(AppError::NotFound)?;
    let mut conn = ctx.read().await?;
    let before =
        store::history(&mut conn, code).await?.into_iter().find(|(one, _, until)| *one == party && until.is_none());
    let typed = (data.get("name"), data.get("post"), data.get("phone"), data.get("since"));
    let named = match Named::typed(typed, before.as_ref().map(|(_, named, _)| named.since), ctx.today) {
        Ok(named) => named,
        Err(Refusal { field, message, .. }) => {
            let form = data.typed().with_error(field.unwrap_or("name"), message);
            return Ok(ctx.refused(&page(&ctx, &mut conn, code, party, form).await?));
        }
    };
    drop(conn);
    let actor = ctx.actor()?;
    let mut tx = ctx.begin().await?;
    store::set(&mut tx, code, party, &named).await?;
    let before = json!({ "name": before.map(|(_, named, _)| named.name) });
    let after = json!({ "kind": party.code(), "name": named.name, "since": named.since });
    let id = code.to_string();
    let subject = Subject { kind: "village", id: &id };
    audit::write(&mut tx, code.county(), &actor, "village.party", subject, Change::changed(before, after)).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/villages/{code}/board"), &text!("身份牌已更新。")))
}
