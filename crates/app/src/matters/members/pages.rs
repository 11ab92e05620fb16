//! 党员联系户: the members of a village, each with their households.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Choice, Form, Link, Shell, filters},
    i18n::Text,
    kernel::{CountyId, DivisionCode, Level, Phone},
    text,
    web::{AppError, AppResult},
};
use serde_json::json;

use super::store::{self, MemberRow};
use crate::{
    accounts::Permission,
    households,
    matters::pages,
    places,
    spine::audit::{self, Change, Subject},
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The pages of members.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{MattersRead, MattersWrite};
    empty()
        .get("/ten-households", MattersRead, show)
        .post("/ten-households", MattersWrite, add)
        .get("/ten-households/{county}/{id}", MattersWrite, show_one)
        .post("/ten-households/{county}/{id}", MattersWrite, save)
        .post("/ten-households/{county}/{id}/end", MattersWrite, end)
}

#[derive(Template)]
#[template(path = "matters/members/members.html")]
struct ListPage {
    shell: Shell,
    sub: Text,
    views: Vec<Link>,
    form: Form,
    village: Option<String>,
    members: Vec<MemberLine>,
    /// Below a village there is nothing; above, one is chosen first.
    places: Vec<Link>,
    left: usize,
    may_write: bool,
}

struct MemberLine {
    name: String,
    phone: String,
    homes: Vec<String>,
    href: Option<String>,
}

#[derive(Template)]
#[template(path = "matters/members/member.html")]
struct MemberPage {
    shell: Shell,
    sub: Text,
    form: Form,
    action: String,
    end: String,
    back: String,
    homes: Vec<Choice>,
}

/// Phones are for those who handle matters of the village.
async fn list_page(ctx: &Ctx, conn: &mut Conn, place: DivisionCode, form: Form) -> AppResult<ListPage> {
    let handles = ctx.viewer()?.scope(Permission::MattersWrite).holds(place);
    let is_village = place.level() == Level::Village;
    let (mut members, mut left, mut places_below) = (Vec::new(), 0, Vec::new());
    if is_village {
        let homes = households::store::of_village(conn, place).await?;
        let given = store::households(conn, place).await?;
        left = homes.iter().filter(|home| !given.contains_key(&home.id)).count();
        for row in store::of_village(conn, place).await? {
            let own = homes.iter().filter(|home| given.get(&home.id) == Some(&row.id));
            members.push(MemberLine {
                homes: own.filter(|_| handles).map(|home| home.head.clone()).collect(),
                phone: row.phone.clone().filter(|_| handles).unwrap_or_default(),
                href: handles.then(|| format!("/ten-households/{}/{}", row.county_id, row.id)),
                name: row.name,
            });
        }
    } else {
        for child in places::store::children(conn, place).await? {
            places_below.push(Link::new(Text::data(child.short()), format!("/ten-households?place={}", child.code)));
        }
    }
    let most = ctx.pack(conn, place.county()).await?.member_households();
    Ok(ListPage {
        shell: ctx.shell(conn, text!("党员联系户"), Some(place)).await?,
        sub: text!("一名党员联系 {n} 户左右，有事先找他", n = most),
        views: pages::section(ctx, "/ten-households"),
        form,
        village: is_village.then(|| place.to_string()),
        members,
        places: places_below,
        left,
        may_write: handles && is_village,
    })
}

async fn show(ctx: Ctx) -> AppResult<Response> {
    let place = ctx.place()?;
    let mut conn = ctx.read().await?;
    let page = list_page(&ctx, &mut conn, place, Form::default()).await?;
    Ok(ctx.page(&page))
}

fn read(form: &FormData) -> Result<(String, Option<String>), Form> {
    let name: String = form.get("name").split_whitespace().collect();
    if name.is_empty() || name.chars().count() > 20 {
        return Err(form.typed().with_error("name", text!("请写姓名，不超过 20 个字")));
    }
    match form.some("phone").map(Phone::parse) {
        Some(None) => Err(form.typed().with_error("phone", text!("手机号应是 11 位；没有就空着"))),
        phone => Ok((name, phone.flatten().map(|phone| phone.to_string()))),
    }
}

async fn add(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let village = DivisionCode::parse(form.get("village")).filter(|code| code.level() == Level::Village);
    let village = village.ok_or(AppError::NotFound)?;
    ctx.scope.require(village)?;
    let (name, phone) = match read(&form) {
        Ok(read) => read,
        Err(typed) => {
            let mut conn = ctx.read().await?;
            let page = list_page(&ctx, &mut conn, village, typed).await?;
            return Ok(ctx.refused(&page));
        }
    };
    let by = ctx.actor_at(village)?;
    let mut tx = ctx.begin().await?;
    let id = store::add(&mut tx, village, &name, phone.as_deref(), by.at).await?;
    let after = json!({ "name": name, "village": village });
    let subject = Subject { kind: "village", id: &id };
    audit::write(&mut tx, village.county(), &by, "matter.member", subject, Change::made(after)).await?;
    tx.commit().await?;
    let to = format!("/ten-households/{}/{id}", village.county());
    Ok(ctx.redirect(&to, &text!("已登记，请勾选他联系的户。")))
}

async fn find(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<MemberRow> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let row = store::find(conn, county, id).await?.filter(|row| row.until.is_none()).ok_or(AppError::NotFound)?;
    ctx.scope.require(row.village)?;
    Ok(row)
}

async fn show_one(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    let given = store::households(&mut conn, row.village).await?;
    let members = store::of_village(&mut conn, row.village).await?;
    let homes = households::store::of_village(&mut conn, row.village).await?;
    let own = given.iter().filter(|(_, member)| **member == id).map(|(home, _)| ("home", home.clone()));
    let form = Form::of(own.collect::<Vec<_>>());
    let choice = |home: households::store::HouseholdRow| {
        let other = given.get(&home.id).filter(|member| **member != id);
        let other = other.and_then(|member| members.iter().find(|one| one.id == *member));
        let place = Text::data(format!("{}（{}）", home.head, home.team.unwrap_or_default()));
        let label = match other {
            Some(other) => text!("{home} · 现由{name}联系", home = place, name = Text::data(other.name.as_str())),
            None => place,
        };
        Choice::new(home.id, label)
    };
    let root = format!("/ten-households/{county}/{id}");
    let page = MemberPage {
        shell: ctx.shell(&mut conn, Text::data(row.name.as_str()), Some(row.village)).await?,
        sub: text!("勾选这位党员联系的户；一户只有一位"),
        form,
        end: format!("{root}/end"),
        action: root,
        back: format!("/ten-households?place={}", row.village),
        homes: homes.into_iter().map(choice).collect(),
    };
    Ok(ctx.page(&page))
}

async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    let known = households::store::of_village(&mut conn, row.village).await?;
    drop(conn);
    let chosen: Vec<String> =
        form.all("home").filter(|id| known.iter().any(|home| home.id == *id)).map(str::to_owned).collect();
    let by = ctx.actor_at(row.village)?;
    let mut tx = ctx.begin().await?;
    store::give(&mut tx, row.county_id, &id, &chosen).await?;
    let after = json!({ "households": chosen.len(), "village": row.village });
    let subject = Subject { kind: "village", id: &id };
    audit::write(&mut tx, row.county_id, &by, "matter.member", subject, Change::made(after)).await?;
    tx.commit().await?;
    let to = format!("/ten-households?place={}", row.village);
    Ok(ctx.redirect(&to, &text!("已记下他联系的 {n} 户。", n = chosen.len())))
}

async fn end(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let row = find(&ctx, &mut conn, &county, &id).await?;
    drop(conn);
    let by = ctx.actor_at(row.village)?;
    let mut tx = ctx.begin().await?;
    store::end(&mut tx, &row, ctx.today).await?;
    let change = Change::changed(json!({ "name": row.name }), json!({ "until": ctx.today }));
    let subject = Subject { kind: "village", id: &id };
    audit::write(&mut tx, row.county_id, &by, "matter.member", subject, change).await?;
    tx.commit().await?;
    let to = format!("/ten-households?place={}", row.village);
    Ok(ctx.redirect(&to, &text!("他不再联系农户；这些户请交给别的党员。")))
}
