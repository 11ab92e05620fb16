//! Pages of duty trips: noted on a phone or by the township, listed, withdrawn.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{
        Act, Address, Choice, Column, ConfirmPage, Fact, Filter as Field, FilterKind, Form, Link, Pages, Shell,
        State as Shown, Table, Tone, filters,
    },
    i18n::Text,
    kernel::Day,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult, Refusal},
};

use super::{
    Kind,
    store::{self, Filter, NewTrip, TripRow},
};
use crate::{
    accounts::{Permission, Role},
    places::short_name,
    presence::{calendar, county_of, leave::Span, may_see, posts, scope_here, views, workdays_text},
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "presence/trips/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    kinds: Vec<Choice>,
    /// Whose trip it can be; empty where it is the viewer's own.
    people: Vec<Choice>,
    own: Text,
    back: &'static str,
}

#[derive(Template)]
#[template(path = "presence/trips/trips.html")]
struct ListPage {
    shell: Shell,
    sections: Vec<Link>,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Line>,
    may_write: bool,
}

struct Line {
    name: String,
    href: String,
    village: String,
    township: String,
    unit: String,
    kind: Text,
    destination: String,
    since: String,
    last: String,
    days: i64,
    state: Shown,
}

#[derive(Template)]
#[template(path = "presence/trips/trip.html")]
struct RecordPage {
    shell: Shell,
    sub: Text,
    state: Shown,
    facts: Vec<Fact>,
    acts: Vec<Act>,
}

/// Who is noted for: the viewer alone, or anybody on post where the viewer holds the duty.
fn writes_for_others(ctx: &Ctx) -> bool {
    ctx.guest_or_viewer()
        .is_some_and(|viewer| viewer.duties().any(|grant| matches!(grant.role, Role::Office | Role::Township)))
}

/// GET /trips/new
pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let today = ctx.today.to_string();
    let person = Address::parse(&ctx.address).get("person").to_owned();
    let form = Form::of([("since", today.clone()), ("last", today), ("person", person)]);
    let page = page(&ctx, &mut conn, form).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form) -> AppResult<NewPage> {
    let others = writes_for_others(ctx);
    let mut people = Vec::new();
    let (mut own, mut place) = (Text::default(), None);
    if others {
        let scope = ctx.viewer()?.scope(Permission::LeaveDecide);
        place = scope.home();
        for post in posts::on(conn, &scope, ctx.today, 1_000).await? {
            let label = text!("{name}，{village}", name = post.name, village = post.village_name);
            people.push(Choice::new(post.person.1, label));
        }
    } else {
        let person = ctx.viewer()?.own_person().ok_or(AppError::NotFound)?;
        let posts = posts::of_person(conn, person).await?;
        if let Some(now) = posts.iter().find(|post| post.holds(ctx.today)) {
            own = now.label();
            place = Some(now.village).filter(|village| ctx.scope.holds(*village));
        }
    }
    Ok(NewPage {
        shell: ctx.shell(conn, text!("记公出"), place).await?,
        form,
        kinds: Kind::ALL.iter().map(|kind| Choice::new(kind.code(), Text::key(kind.zh()))).collect(),
        people,
        own,
        back: if others { "/trips" } else { "/presence/mine" },
    })
}

/// POST /trips
pub async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let others = writes_for_others(&ctx);
    let person = if others {
        form.get("person").to_owned()
    } else {
        ctx.viewer()?.own_person().ok_or(AppError::NotFound)?.to_owned()
    };
    let done = async {
        if person.is_empty() {
            return Err(Refusal::at("person", text!("请选是谁公出")).into());
        }
        let kind = Kind::parse(form.get("kind")).ok_or_else(|| Refusal::at("kind", text!("请选公出事类")))?;
        let day = |name: &str| form.some(name).and_then(Day::parse);
        let span = Span::read(day("since"), day("last"))?;
        let destination = form.some("destination");
        let destination =
            destination.ok_or_else(|| Refusal::at("destination", text!("请写去哪里，例如“县农业农村局”")))?;
        let purpose = form.some("purpose");
        let purpose = purpose.ok_or_else(|| Refusal::at("purpose", text!("请写去做什么，一句话就行")))?;
        let mut tx = ctx.begin().await?;
        let posts = posts::of_person(&mut tx, &person).await?;
        let post = span.post(&posts, ctx.today)?;
        if others && !ctx.viewer()?.scope(Permission::LeaveDecide).holds(post.village) {
            return Err(AppError::NotFound);
        }
        let actor = if others { ctx.actor_at(post.village)? } else { ctx.actor()? };
        let id = store::add(&mut tx, &NewTrip { post, kind, span, destination, purpose }, &actor).await?;
        tx.commit().await?;
        Ok((post.county, id))
    };
    match done.await {
        Ok((county, id)) => Ok(ctx.redirect(&format!("/trips/{county}/{id}"), &text!("已记下，这几天算在岗。"))),
        Err(AppError::Refused(refusal)) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("since"), refusal.message);
            let mut conn = ctx.read().await?;
            let page = page(&ctx, &mut conn, typed).await?;
            Ok(ctx.refused(&page))
        }
        Err(error) => Err(error),
    }
}

fn filter_of(address: &Address) -> Filter {
    Filter {
        kind: Kind::parse(address.get("kind")),
        name: Some(address.get("name").trim().to_owned()).filter(|name| !name.is_empty()),
        on: Day::parse(address.get("on")),
        withdrawn: address.get("state") == "all",
    }
}

fn fields(address: &Address) -> Vec<Field> {
    let all = Choice::new("", text!("全部"));
    let kinds = Kind::ALL.iter().map(|kind| Choice::new(kind.code(), Text::key(kind.zh())));
    let states = vec![Choice::new("", text!("已记的")), Choice::new("all", text!("连撤销的一起"))];
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    vec![
        field("name", text!("姓名"), FilterKind::Words),
        field("kind", text!("事类"), FilterKind::Select(std::iter::once(all).chain(kinds).collect())),
        field("on", text!("某日公出"), FilterKind::Day),
        field("state", text!("状态"), FilterKind::Select(states)),
    ]
}

fn pill(row: &TripRow, today: Day) -> Shown {
    if row.is_withdrawn() {
        Shown::new(Tone::Idle, text!("已撤销"))
    } else if row.until <= today {
        Shown::new(Tone::Idle, text!("已回来"))
    } else if row.since <= today {
        Shown::new(Tone::Ok, text!("公出中"))
    } else {
        Shown::new(Tone::Wait, text!("还没走"))
    }
}

/// GET /trips
pub async fn list(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let (place, scope) = scope_here(&ctx)?;
    let (filter, pages) = (filter_of(&address), Pages::of(&address));
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let heads = [
        text!("姓名"),
        text!("派驻村"),
        text!("派出单位"),
        text!("事类"),
        text!("去哪里"),
        text!("起止"),
        text!("天数"),
        text!("状态"),
    ];
    let columns = heads.into_iter().map(Column::new).collect();
    let table = Table::new(text!("公出"), &address, fields(&address), columns)
        .rows(u64::try_from(total).ok(), pages.pager(&address, total));
    let line = |row: TripRow| Line {
        state: pill(&row, ctx.today),
        href: format!("/trips/{}/{}", row.county_id, row.id),
        village: short_name(row.village_name.as_deref().unwrap_or_default()),
        township: row.township_name.clone().unwrap_or_default(),
        unit: row.unit_name.clone().unwrap_or_default(),
        kind: row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default(),
        since: row.since.to_string(),
        last: row.span().last().to_string(),
        days: row.span().days(),
        destination: row.destination,
        name: row.person_name,
    };
    let rows = rows.into_iter().map(line).collect();
    let shell = ctx.shell(&mut conn, text!("公出"), place).await?;
    let (sections, views) = (posts::section(&ctx, "/presence"), views(&ctx, "/trips"));
    Ok(ctx.page(&ListPage { shell, sections, views, table, rows, may_write: writes_for_others(&ctx) }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    const HEADERS: [&str; 9] =
        ["姓名", "乡镇", "派驻村", "派出单位", "事类", "从哪天起", "到哪天为止", "去哪里", "做什么"];
    let address = Address::parse(&ctx.address);
    let (_, scope) = scope_here(ctx)?;
    let rows = store::list(&mut ctx.read().await?, &scope, &filter_of(&address), 100_000, 0).await?;
    let row = |row: TripRow| -> Vec<Value> {
        vec![
            row.person_name.clone().into(),
            row.township_name.clone().into(),
            row.village_name.as_deref().map(short_name).into(),
            row.unit_name.clone().into(),
            row.kind().map(Kind::zh).into(),
            row.since.to_string().into(),
            row.span().last().to_string().into(),
            row.destination.into(),
            row.purpose.into(),
        ]
    };
    let layout = Layout::new("公出", HEADERS.into_iter().map(SheetColumn::new).collect());
    ctx.sheet("公出", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}

fn is_own(ctx: &Ctx, row: &TripRow) -> bool {
    ctx.guest_or_viewer().and_then(|viewer| viewer.person_id.as_deref()) == Some(row.person_id.as_str())
}

/// The trip, when it is the viewer's own or lies where the viewer may look; otherwise 404.
async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<TripRow> {
    let row = store::find(conn, county_of(county)?, id).await?.ok_or(AppError::NotFound)?;
    if is_own(ctx, &row) || may_see(ctx, row.village, row.unit_id.as_deref())? {
        return Ok(row);
    }
    Err(AppError::NotFound)
}

fn may_withdraw(ctx: &Ctx, row: &TripRow) -> AppResult<bool> {
    let above = ctx.viewer()?.scope(Permission::LeaveDecide).holds(row.village);
    Ok(!row.is_withdrawn() && (is_own(ctx, row) || above))
}

/// GET /trips/{county}/{id}
pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    let calendar = calendar::store::load(&mut conn, row.county_id).await?;
    let village = short_name(row.village_name.as_deref().unwrap_or_default());
    let span = row.span();
    let person = if is_own(&ctx, &row) {
        "/presence/mine".to_owned()
    } else {
        format!("/presence/people/{}/{}", row.person_county, row.person_id)
    };
    let facts = vec![
        Fact::new(text!("姓名"), Text::data(&row.person_name)).link(person),
        Fact::new(text!("事类"), row.kind().map(|kind| Text::key(kind.zh())).unwrap_or_default()),
        Fact::new(text!("起止"), text!("{since} — {last}", since = span.since, last = span.last())),
        Fact::new(text!("天数"), workdays_text(span.days(), calendar.workdays(span.since, span.until))),
        Fact::new(text!("去哪里"), Text::data(&row.destination)),
        Fact::new(text!("做什么"), Text::data(&row.purpose)),
        Fact::new(text!("派驻村"), Text::data(&village)).link(format!("/villages/{}", row.village)),
        Fact::new(text!("谁记的"), text!("{who}，{when}", who = row.made_by, when = row.made_at.local_minute())),
    ];
    let mut acts = Vec::new();
    if ctx.may(Permission::TripsWrite) && may_withdraw(&ctx, &row)? {
        acts.push(Act::new(text!("撤销"), format!("/trips/{}/{}/withdrawal", row.county_id, row.id)));
    }
    let place = may_see(&ctx, row.village, None)?.then_some(row.village);
    let shell = ctx.shell(&mut conn, text!("{name} 的公出", name = row.person_name), place).await?;
    let sub = text!("公出算在岗，不占假");
    Ok(ctx.page(&RecordPage { shell, sub, state: pill(&row, ctx.today), facts, acts }))
}

/// GET /trips/{county}/{id}/withdrawal
pub async fn ask_withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = load(&ctx, &mut conn, &county, &id).await?;
    if !may_withdraw(&ctx, &row)? {
        return Err(AppError::NotFound);
    }
    let link = format!("/trips/{}/{}", row.county_id, row.id);
    let page = ConfirmPage {
        shell: ctx.shell(&mut conn, text!("撤销公出"), None).await?,
        say: text!("{name}，{place}", name = row.person_name, place = row.destination),
        effects: vec![text!("这次公出不算数，这几天可以另记；记录留存。日期变了，撤销以后重新记一条。")],
        action: format!("{link}/withdrawal"),
        button: text!("撤销"),
        back: link,
        form: Form::default(),
        ask_reason: false,
    };
    Ok(ctx.page(&page))
}

/// POST /trips/{county}/{id}/withdrawal
pub async fn withdraw(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let row = load(&ctx, &mut ctx.read().await?, &county, &id).await?;
    if !may_withdraw(&ctx, &row)? {
        return Err(AppError::NotFound);
    }
    let actor = if is_own(&ctx, &row) { ctx.actor()? } else { ctx.actor_at(row.village)? };
    let mut tx = ctx.begin().await?;
    store::withdraw(&mut tx, &row, &actor).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/trips/{}/{}", row.county_id, row.id), &text!("已撤销。")))
}
