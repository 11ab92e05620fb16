//! 记一件群众的事: entered by somebody for a villager, from whatever channel, and marked so.

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Choice, Form, Shell, filters},
    i18n::Text,
    kernel::DivisionCode,
    text,
    web::{AppError, AppResult},
};

use super::{
    attach::{Attached, Wrong},
    has_cadre, kinds,
    steps::village_choices,
};
use crate::{
    households,
    matters::{
        acts::{self, Raised},
        members,
        rules::{self, Channel},
        store::{Order, orders_of},
    },
    web::{Ctx, FormData, Upload},
};

#[derive(Template)]
#[template(path = "matters/pages/new.html")]
struct NewPage {
    shell: Shell,
    form: Form,
    villages: Vec<Choice>,
    channels: Vec<Choice>,
    kinds: Vec<Choice>,
    households: Vec<Choice>,
    kept: Vec<String>,
    paper: Option<String>,
}

async fn page(ctx: &Ctx, conn: &mut Conn, form: Form, kept: Vec<String>) -> AppResult<NewPage> {
    let villages = village_choices(ctx, conn).await?;
    let village = DivisionCode::parse(form.value("village"));
    let homes = match village.filter(|code| ctx.scope.holds(*code)) {
        Some(village) => households::store::of_village(conn, village).await?,
        None => Vec::new(),
    };
    let home = |row: households::store::HouseholdRow| {
        let team = row.team.unwrap_or_default();
        Choice::new(row.id, Text::data(format!("{}（{team}）", row.head)))
    };
    let county = village.or(ctx.scope.home()).ok_or(AppError::Forbidden)?.county();
    let pack = ctx.pack(conn, county).await?;
    // The card speaks for itself, and other systems have their own door.
    let channels = Channel::ALL.iter().filter(|one| !matches!(one, Channel::Card | Channel::Outside));
    Ok(NewPage {
        shell: ctx.shell(conn, text!("记一件群众的事"), village.or(ctx.scope.home())).await?,
        villages,
        channels: channels.map(|one| Choice::new(one.code(), Text::key(one.zh()))).collect(),
        kinds: kinds(pack),
        households: homes.into_iter().map(home).collect(),
        kept,
        paper: village.map(|code| format!("/villages/{code}/matter-form")),
        form,
    })
}

pub async fn form(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let asked = DivisionCode::parse(Address::parse(&ctx.address).get("village"));
    let asked = asked.filter(|code| ctx.scope.holds(*code)).map(|code| code.to_string());
    let choices = village_choices(&ctx, &mut conn).await?;
    let only = (choices.len() == 1).then(|| choices.first().map(|one| one.value.clone())).flatten();
    let form = Form::of([("village", asked.or(only).unwrap_or_default()), ("channel", "phone".into())]);
    let page = page(&ctx, &mut conn, form, Vec::new()).await?;
    Ok(ctx.page(&page))
}

fn read(ctx: &Ctx, form: &FormData, wrong: &mut Wrong) -> Option<Raised> {
    let village = DivisionCode::parse(form.get("village"));
    let village = village.filter(|code| ctx.scope.holds(*code) && code.level() == base::kernel::Level::Village);
    if village.is_none() {
        wrong.push(("village", text!("请选是哪个村的事")));
    }
    let channel = Channel::parse(form.get("channel")).filter(|one| !matches!(one, Channel::Card | Channel::Outside));
    if channel.is_none() {
        wrong.push(("channel", text!("请选从哪里来的")));
    }
    let said = rules::typed(form.get("words"), form.get("name"), form.get("phone"));
    wrong.extend(said.as_ref().err().into_iter().flatten().cloned());
    let outside = form.some("outside_number").map(str::to_owned);
    if outside.as_ref().is_some_and(|number| number.chars().count() > 40) {
        wrong.push(("outside_number", text!("工单编号最多 40 个字")));
    }
    Some(Raised {
        village: village?,
        said: said.ok()?,
        channel: channel?,
        urgent: form.get("urgent") == "yes",
        kind: form.some("kind").map(str::to_owned),
        household_id: form.some("household").map(str::to_owned),
        member_id: None,
        outside_number: outside,
        has_cadre: false,
        hold: None,
        proxy: true,
    })
}

pub async fn add(ctx: Ctx, mut upload: Upload) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let mut wrong = Wrong::new();
    let raised = read(&ctx, &upload.form, &mut wrong);
    let place = DivisionCode::parse(upload.form.get("village")).filter(|code| ctx.scope.holds(*code));
    let county = place.or(ctx.scope.home()).ok_or(AppError::Forbidden)?.county();
    if let Some(raised) = &raised
        && let Some(order) = known_order(&mut conn, raised).await?
    {
        wrong.push(("outside_number", text!("这个工单已记为第 {n} 号事项", n = order.matter)));
    }
    let attached = Attached::read(&ctx, &mut conn, &mut upload, county, &mut wrong).await?;
    let Some(mut raised) = raised.filter(|_| wrong.is_empty()) else {
        let kept = match place {
            Some(place) => attached.keep_for_next(&ctx, county, &ctx.actor_at(place)?).await?,
            None => Vec::new(),
        };
        let typed = wrong.into_iter().fold(upload.form.typed(), |typed, (field, say)| typed.with_error(field, say));
        let page = page(&ctx, &mut conn, typed, kept).await?;
        return Ok(ctx.refused(&page));
    };
    raised.has_cadre = has_cadre(&ctx, &mut conn, raised.village).await?;
    raised.household_id = known_household(&mut conn, &raised).await?;
    if let Some(household) = &raised.household_id {
        raised.member_id = members::store::of_household(&mut conn, county, household).await?;
    }
    drop(conn);
    let by = ctx.actor_at(raised.village)?;
    let mut tx = ctx.begin().await?;
    let pack = ctx.app.pack(&mut tx, county).await?;
    let (matter, code) = acts::new_matter(raised, &ctx.app.keys, pack, &by)?;
    let files = attached.keep(&ctx, &mut tx, county, &by).await?;
    let matter =
        acts::raise(&mut tx, matter, Some(code.hash(&ctx.app.keys, crate::matters::rules::FOLLOW_UP)), files, &by)
            .await?;
    tx.commit().await?;
    let said = text!("已记下。跟进编号 {code}，请告诉群众；只显示这一次。", code = code);
    Ok(ctx.redirect(&format!("/matters/{}/{}", matter.county, matter.id), &said))
}

/// The order of the hotline typed, where it is a matter already.
async fn known_order(conn: &mut Conn, raised: &Raised) -> AppResult<Option<Order>> {
    match (&raised.outside_number, raised.channel) {
        (Some(number), Channel::Hotline) => {
            Ok(orders_of(conn, raised.village.county(), &[number]).await?.into_values().next())
        }
        _ => Ok(None),
    }
}

/// The household chosen, where it is one of the village's.
async fn known_household(conn: &mut Conn, raised: &Raised) -> AppResult<Option<String>> {
    let Some(id) = &raised.household_id else { return Ok(None) };
    let row = households::store::find(conn, raised.village.county(), id).await?;
    Ok(row.filter(|row| row.village == raised.village).map(|row| row.id))
}
