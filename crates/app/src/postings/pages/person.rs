//! A person's page: data, every posting ever held in whatever county, and who may see the ID number.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Event, Fact, Form, Shell, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Day, Phone},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::list::Line;
use crate::{
    accounts::Permission,
    people::{self, Gender, Person, store::PersonRow},
    postings::store::{self, Filter},
    spine::audit::{self, Change, Subject},
    units,
    web::{Ctx, FormData},
};

#[derive(Template)]
#[template(path = "postings/person.html")]
struct PersonPage {
    shell: Shell,
    sub: Text,
    facts: Vec<Fact>,
    postings: Vec<Line>,
    events: Vec<Event>,
    portrait: Option<String>,
    masked: String,
    /// The whole number, on the one page that was asked for and logged.
    id_number: Option<String>,
    link: String,
    may_edit: bool,
    may_see_id: bool,
}

#[derive(Template)]
#[template(path = "postings/person_edit.html")]
pub(super) struct EditPage {
    shell: Shell,
    form: Form,
    action: String,
    back: String,
    portrait: Option<String>,
}

/// The person within the scope: kept by a county of it, posted within it, or oneself. Otherwise 404.
pub(super) async fn load(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<PersonRow> {
    let county = county.parse().ok().and_then(CountyId::from_i64).ok_or(AppError::NotFound)?;
    let person = people::store::find(conn, county, id).await?.ok_or(AppError::NotFound)?;
    if !ctx.scope.holds(county.division()) {
        let filter = Filter { person_id: Some(id.to_owned()), state: Some("all".into()), ..Filter::default() };
        if store::count(conn, &ctx.scope, &filter).await? == 0 {
            return Err(AppError::NotFound);
        }
    }
    Ok(person)
}

pub async fn show(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    let page = page(&ctx, &mut conn, &person, None).await?;
    Ok(ctx.page(&page))
}

async fn page(ctx: &Ctx, conn: &mut Conn, person: &PersonRow, id_number: Option<String>) -> AppResult<PersonPage> {
    let rows = store::of_person(conn, &person.id).await?;
    let mut events = Vec::new();
    for row in &rows {
        let village = crate::places::short_name(row.village_name.as_deref().unwrap_or_default());
        let role = row.role().map(|role| Text::key(role.zh())).unwrap_or_default();
        if let Some(until) = row.until {
            events.push(event(
                until,
                text!("离任 {village} {role}", village = village, role = role.clone()),
                Tone::Wait,
            ));
        }
        if matches!(row.state.as_str(), "on_post" | "ended") {
            events.push(event(row.since, text!("到岗 {village} {role}", village = village, role = role), Tone::Ok));
        }
    }
    events.sort_by(|a, b| b.when.cmp(&a.when));
    let unit = match &person.unit_id {
        Some(id) => units::store::find(conn, id).await?.map(|unit| unit.name),
        None => None,
    };
    let masked = person.id_number(&ctx.app.keys)?.map(|number| number.masked()).unwrap_or_default();
    let now = rows.iter().find(|row| row.state == "on_post");
    let sub = now.map_or_else(
        || text!("现在没有派驻"),
        |row| {
            let village = crate::places::short_name(row.village_name.as_deref().unwrap_or_default());
            let role = row.role().map(|role| Text::key(role.zh())).unwrap_or_default();
            text!(
                "{village} {role}，在岗第 {n} 天",
                village = village,
                role = role,
                n = ctx.today.days_since(row.since) + 1
            )
        },
    );
    let place = now.map(|row| row.village).filter(|village| ctx.scope.holds(*village));
    let shell = ctx.shell(conn, Text::data(&person.name), place).await?;
    let portrait = portrait_link(conn, person).await?;
    Ok(PersonPage {
        shell,
        portrait,
        sub,
        facts: facts(person, unit.as_ref(), ctx.today),
        postings: rows.into_iter().map(Line::from).collect(),
        events,
        masked,
        may_see_id: id_number.is_none() && ctx.may(Permission::IdNumberRead),
        id_number,
        link: format!("/people/{}/{}", person.county_id, person.id),
        may_edit: ctx.may(Permission::PeopleWrite),
    })
}

fn event(day: Day, what: Text, tone: Tone) -> Event {
    Event { tone, who: Text::default(), what, when: day.to_string(), note: Text::default(), href: None }
}

fn facts(person: &PersonRow, unit: Option<&String>, today: Day) -> Vec<Fact> {
    let data = |text: Option<&String>| text.map_or_else(|| text!("未填"), Text::data);
    let gender = person.gender().map_or_else(|| text!("未填"), |gender| Text::key(gender.zh()));
    let birth = match (&person.birth, person.birth.as_deref().and_then(|birth| people::age(birth, today))) {
        (Some(birth), Some(age)) => text!("{birth}（{age} 岁）", birth = birth, age = age),
        (birth, _) => data(birth.as_ref()),
    };
    let specialities = person.specialities();
    let flags = [
        (person.reserve, text!("后备干部")),
        (person.village_experience, text!("有农村工作经历")),
        (person.agriculture, text!("涉农专业")),
    ];
    let mut facts = vec![
        Fact::new(text!("性别"), gender),
        Fact::new(text!("出生年月"), birth),
        Fact::new(text!("民族"), data(person.ethnicity.as_ref())),
        Fact::new(text!("入党时间"), data(person.party_since.as_ref())),
        Fact::new(text!("学历"), data(person.education.as_ref())),
        Fact::new(text!("派出单位"), data(unit)),
        Fact::new(text!("现任职务"), data(person.position.as_ref())),
        Fact::new(text!("职级"), data(person.rank.as_ref())),
        Fact::new(text!("联系电话"), data(person.phone.as_ref())),
    ];
    if !specialities.is_empty() {
        facts.push(Fact::new(text!("专长"), Text::data(specialities.join("、"))));
    }
    facts.extend(flags.into_iter().filter(|(set, _)| *set == 1).map(|(_, label)| Fact::new(label, text!("是"))));
    facts
}

/// Shows the whole number once; the reading is an audit line before it is a page.
pub async fn id_number(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    let number = person.id_number(&ctx.app.keys)?.ok_or(AppError::NotFound)?;
    drop(conn);
    let mut tx = ctx.app.db.begin().await?;
    let subject = Subject { kind: "person", id: &person.id };
    audit::write(&mut tx, person.county_id, &ctx.actor()?, "person.id_number.read", subject, Change::default()).await?;
    tx.commit().await?;
    let page = page(&ctx, &mut ctx.read().await?, &person, Some(number.reveal().to_owned())).await?;
    Ok(ctx.page(&page))
}

const FIELDS: [&str; 8] = ["name", "phone", "ethnicity", "party_since", "education", "position", "rank", "note"];

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let person = load(&ctx, &mut conn, &county, &id).await?;
    let page = edit_page(&ctx, &mut conn, &person, stored(&person)).await?;
    Ok(ctx.page(&page))
}

/// The form as it is stored.
pub(super) fn stored(person: &PersonRow) -> Form {
    Form::of(values(person).into_iter().chain([("version", person.version.to_string())]))
}

fn values(person: &PersonRow) -> Vec<(&'static str, String)> {
    let some = |value: &Option<String>| value.clone().unwrap_or_default();
    let values = [
        person.name.clone(),
        some(&person.phone),
        some(&person.ethnicity),
        some(&person.party_since),
        some(&person.education),
        some(&person.position),
        some(&person.rank),
        some(&person.note),
    ];
    let mut values: Vec<_> = FIELDS.into_iter().zip(values).collect();
    values.push(("specialities", person.specialities().join("、")));
    let flags = [
        ("reserve", person.reserve),
        ("village_experience", person.village_experience),
        ("agriculture", person.agriculture),
    ];
    values.extend(flags.into_iter().filter(|(_, set)| *set == 1).map(|(name, _)| (name, "yes".to_owned())));
    values
}

async fn portrait_link(conn: &mut Conn, person: &PersonRow) -> AppResult<Option<String>> {
    let found = people::portraits::find(conn, person.county_id, &person.id).await?;
    Ok(found.map(|row| format!("/people/{}/{}/portraits/{}", person.county_id, person.id, row.file_id)))
}

pub(super) async fn edit_page(ctx: &Ctx, conn: &mut Conn, person: &PersonRow, form: Form) -> AppResult<EditPage> {
    let back = format!("/people/{}/{}", person.county_id, person.id);
    let title = text!("修改资料：{name}", name = person.name);
    let portrait = portrait_link(conn, person).await?;
    Ok(EditPage { shell: ctx.shell(conn, title, None).await?, form, action: format!("{back}/edit"), back, portrait })
}

fn read(form: &FormData, old: &PersonRow) -> Result<Person, Refusal> {
    let some = |name: &str| form.some(name).map(str::to_owned);
    let name = form.some("name").ok_or_else(|| Refusal::at("name", text!("请填姓名")))?.to_owned();
    let phone = match form.some("phone") {
        Some(text) => Some(
            Phone::parse(&base::sheet::fold(text))
                .ok_or_else(|| Refusal::at("phone", text!("电话应为 11 位手机号，或带区号的座机")))?,
        ),
        None => None,
    };
    let specialities = form.get("specialities").split(['、', '，', ',', '；', ';']).map(str::trim);
    Ok(Person {
        name,
        gender: old.gender.as_deref().and_then(Gender::parse),
        birth: old.birth.clone(),
        id_number: None,
        phone: phone.map(|phone| phone.to_string()),
        ethnicity: some("ethnicity"),
        party_since: some("party_since"),
        education: some("education"),
        unit_id: old.unit_id.clone(),
        position: some("position"),
        rank: some("rank"),
        specialities: specialities.filter(|one| !one.is_empty()).map(str::to_owned).collect(),
        reserve: form.get("reserve") == "yes",
        village_experience: form.get("village_experience") == "yes",
        agriculture: form.get("agriculture") == "yes",
        note: some("note"),
    })
}

pub async fn save(ctx: Ctx, Path((county, id)): Path<(String, String)>, form: FormData) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let old = load(&ctx, &mut conn, &county, &id).await?;
    if !ctx.scope.holds(old.county_id.division()) {
        return Err(AppError::Forbidden);
    }
    let person = match read(&form, &old) {
        Ok(person) => person,
        Err(refusal) => {
            let typed = form.typed().with_error(refusal.field.unwrap_or("name"), refusal.message);
            let page = edit_page(&ctx, &mut conn, &old, typed).await?;
            return Ok(ctx.refused(&page));
        }
    };
    let version = form.get("version").parse().unwrap_or(0);
    let mut tx = ctx.begin().await?;
    if !people::store::save(&mut tx, old.county_id, &old.id, &person, version).await? {
        return Err(AppError::Conflict(text!("别人刚改过这个人的资料，请返回刷新，看过最新内容再改。")));
    }
    let (before, after) = changed(&values(&old), &form);
    let subject = Subject { kind: "person", id: &old.id };
    let change = Change::changed(before, after);
    audit::write(&mut tx, old.county_id, &ctx.actor()?, "person.save", subject, change).await?;
    tx.commit().await?;
    Ok(ctx.redirect(&format!("/people/{county}/{id}"), &text!("资料已保存。")))
}

/// Only the fields that changed, before and after.
fn changed(old: &[(&'static str, String)], form: &FormData) -> (serde_json::Value, serde_json::Value) {
    let (mut before, mut after) = (json!({}), json!({}));
    for name in FIELDS.iter().chain(&["specialities", "reserve", "village_experience", "agriculture"]) {
        let was = old.iter().find(|(key, _)| key == name).map_or("", |(_, value)| value);
        if was != form.get(name) {
            before[*name] = was.into();
            after[*name] = form.get(name).into();
        }
    }
    (before, after)
}
