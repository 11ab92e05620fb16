//! Open311 GeoReport v2 over matters: services are the pack's kinds, requests are matters without personal content.
//!
//! Reading is open to anyone: kind, village, state, dates; never words, names, telephones or pictures, and nothing that
//! is held for review. Raising asks for an API key that the county's office issued and may end; the key is kept as a
//! hash. `jurisdiction_id` is the six-digit county code and may be left out where there is one county. A place is named
//! by `address_id` (the twelve-digit code of a village) or by a village's name in `address_string`; coordinates alone
//! are not enough, because villages have no borders here.

mod answer;
mod keys;
mod store;

use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::Address,
    i18n::Text,
    kernel::{CountyId, DivisionCode, Instant, Level},
    seal::sha256,
    text,
    web::AppResult,
};

use self::{
    answer::{Format, Value, answer, refuse},
    store::{Filter, Row},
};
use crate::{
    accounts::{Actor, Permission},
    flows,
    matters::{
        acts::{self, Raised},
        rules::{self, Channel, Stage},
        store as matters,
    },
    packs::Pack,
    places,
    web::{AppRoutes, Ctx, FormData, routes as empty},
};

/// The routes of GeoReport and of its keys.
#[must_use]
pub fn routes() -> AppRoutes {
    use Permission::{MattersKeys, Public};
    empty()
        .get("/open311/v2/services.json", Public, services)
        .get("/open311/v2/services.xml", Public, services)
        .get("/open311/v2/services/{code}", Public, definition)
        .get("/open311/v2/requests.json", Public, requests)
        .get("/open311/v2/requests.xml", Public, requests)
        .post("/open311/v2/requests.json", Public, raise)
        .post("/open311/v2/requests.xml", Public, raise)
        .get("/open311/v2/requests/{id}", Public, request)
        .get("/matters/keys", MattersKeys, keys::show)
        .post("/matters/keys", MattersKeys, keys::add)
        .post("/matters/keys/{county}/{key}/end", MattersKeys, keys::end)
}

/// The most requests of one answer.
const MOST: i64 = 200;
/// Without dates the last ninety days are told.
const DAYS: i64 = 90;

/// What the address asks for, and in which format.
struct Asked {
    format: Format,
    address: Address,
}

impl Asked {
    fn of(ctx: &Ctx) -> Self {
        let address = Address::parse(&ctx.address);
        let format = if address.path().ends_with(".xml") { Format::Xml } else { Format::Json };
        Self { format, address }
    }
}

/// The county asked for; the only one where none is named.
async fn county(conn: &mut Conn, named: &str) -> AppResult<Option<CountyId>> {
    if !named.is_empty() {
        return Ok(DivisionCode::parse(named).filter(|code| code.level() == Level::County).map(DivisionCode::county));
    }
    Ok(match matters::due_counties(conn).await?.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

fn no_county(format: Format) -> Response {
    refuse(format, 404, "jurisdiction_id was not found")
}

async fn services(ctx: Ctx) -> AppResult<Response> {
    let asked = Asked::of(&ctx);
    let mut conn = ctx.read().await?;
    let Some(county) = county(&mut conn, asked.address.get("jurisdiction_id")).await? else {
        return Ok(no_county(asked.format));
    };
    let pack = ctx.pack(&mut conn, county).await?;
    let service = |kind: &crate::packs::MatterKind| {
        let group = rules::Size::parse(&kind.size).map_or("", rules::Size::zh);
        vec![
            ("service_code", Value::text(&kind.code)),
            ("service_name", Value::text(&kind.name)),
            ("description", Value::text(&kind.name)),
            ("metadata", Value::Bool(false)),
            ("type", Value::text("realtime")),
            ("keywords", Value::text("")),
            ("group", Value::text(group)),
        ]
    };
    let all: Vec<_> = pack.matter_kinds().iter().map(service).collect();
    Ok(answer(asked.format, "services", "service", &all))
}

/// What a kind asks beside words and place: nothing.
async fn definition(ctx: Ctx, Path(code): Path<String>) -> AppResult<Response> {
    let asked = Asked::of(&ctx);
    let code = code.trim_end_matches(".xml").trim_end_matches(".json");
    let mut conn = ctx.read().await?;
    let Some(county) = county(&mut conn, asked.address.get("jurisdiction_id")).await? else {
        return Ok(no_county(asked.format));
    };
    let pack = ctx.pack(&mut conn, county).await?;
    Ok(match pack.matter_kind(code) {
        Some(kind) => answer::definition(asked.format, &kind.code),
        None => refuse(asked.format, 404, "service_code was not found"),
    })
}

/// `2024-01-18T09:30:00+08:00`
fn moment(at: Instant) -> String {
    format!("{}:00+08:00", at.local_minute().replace(' ', "T"))
}

/// A day or instant as the standard writes it; the day is enough here.
fn day_of(text: &str) -> Option<base::kernel::Day> {
    base::kernel::Day::parse(text.get(..10)?)
}

fn shown(row: &Row, pack: &Pack) -> Vec<(&'static str, Value)> {
    let stage = Stage::parse(&row.state);
    let is_over = stage.is_some_and(|stage| !stage.is_in_hand());
    let place = places::short_name(row.village_name.as_deref().unwrap_or_default());
    let township = row.township_name.as_deref().unwrap_or_default();
    let kind = pack.matter_kind(&row.kind).map_or(row.kind.as_str(), |kind| kind.name.as_str());
    let updated = row.done_at.or(row.answered_at).unwrap_or(row.raised_at);
    vec![
        ("service_request_id", Value::Text(format!("{}-{}", row.county_id, row.number))),
        ("status", Value::text(if is_over { "closed" } else { "open" })),
        ("status_notes", Value::text(stage.map_or("", Stage::zh))),
        ("service_name", Value::text(kind)),
        ("service_code", Value::text(&row.kind)),
        ("description", Value::Null),
        ("agency_responsible", Value::Text(row.department.clone().unwrap_or_default())),
        ("service_notice", Value::Null),
        ("requested_datetime", Value::Text(moment(row.raised_at))),
        ("updated_datetime", Value::Text(moment(updated))),
        ("expected_datetime", if is_over { Value::Null } else { Value::Text(moment(row.due_at)) }),
        ("address", Value::Text(format!("{township}{place}"))),
        ("address_id", Value::Text(row.village.to_string())),
        ("zipcode", Value::Null),
        ("lat", Value::Null),
        ("long", Value::Null),
        ("media_url", Value::Null),
    ]
}

/// `411327-12`: a county and a number; numbers of other writing are none.
fn id_of(text: &str) -> Option<(CountyId, i64)> {
    let (county, number) = text.split_once('-')?;
    Some((county.parse().ok().and_then(CountyId::from_i64)?, number.parse().ok().filter(|n| *n > 0)?))
}

async fn requests(ctx: Ctx) -> AppResult<Response> {
    let asked = Asked::of(&ctx);
    let get = |name: &str| asked.address.get(name).to_owned();
    let mut conn = ctx.read().await?;
    let Some(county) = county(&mut conn, &get("jurisdiction_id")).await? else { return Ok(no_county(asked.format)) };
    let numbers: Vec<i64> = get("service_request_id")
        .split(',')
        .filter_map(id_of)
        .filter(|(own, _)| *own == county)
        .map(|(_, n)| n)
        .collect();
    let size = get("page_size").parse().unwrap_or(50_i64).clamp(1, MOST);
    let page = get("page").parse().unwrap_or(1_i64).clamp(1, 10_000);
    let until = day_of(&get("end_date")).unwrap_or(ctx.today);
    let filter = Filter {
        from: day_of(&get("start_date")).unwrap_or_else(|| until.plus_days(-DAYS)),
        until,
        kinds: get("service_code").split(',').filter(|code| !code.is_empty()).map(str::to_owned).collect(),
        open: match get("status").as_str() {
            "open" => Some(true),
            "closed" => Some(false),
            _ => None,
        },
        numbers: numbers.clone(),
    };
    if !get("service_request_id").is_empty() && numbers.is_empty() {
        return Ok(refuse(asked.format, 404, "service_request_id was not found"));
    }
    let pack = ctx.pack(&mut conn, county).await?;
    let rows = store::list(&mut conn, county, &filter, size, (page - 1) * size).await?;
    let all: Vec<_> = rows.iter().map(|row| shown(row, pack)).collect();
    Ok(answer(asked.format, "service_requests", "request", &all))
}

async fn request(ctx: Ctx, Path(id): Path<String>) -> AppResult<Response> {
    let format = if id.ends_with(".xml") { Format::Xml } else { Format::Json };
    let id = id.trim_end_matches(".xml").trim_end_matches(".json");
    let mut conn = ctx.read().await?;
    let found = match id_of(id) {
        Some((county, number)) => store::find(&mut conn, county, number).await?,
        None => None,
    };
    let Some(row) = found else { return Ok(refuse(format, 404, "service_request_id was not found")) };
    let pack = ctx.pack(&mut conn, row.county_id).await?;
    Ok(answer(format, "service_requests", "request", &[shown(&row, pack)]))
}

/// The village of a request: by its code, or by a name that one village of the county has.
async fn village(conn: &mut Conn, county: CountyId, form: &FormData) -> AppResult<Option<DivisionCode>> {
    let known = places::store::list(conn, county.division().area()).await?;
    let mut villages = known.iter().filter(|place| place.level() == Level::Village);
    if let Some(code) = form.some("address_id") {
        let code = DivisionCode::parse(code);
        return Ok(villages.find(|place| Some(place.code) == code).map(|place| place.code));
    }
    let Some(text) = form.some("address_string") else { return Ok(None) };
    let named: Vec<DivisionCode> =
        villages.filter(|place| text.contains(&place.short())).map(|place| place.code).collect();
    Ok(match named.as_slice() {
        [only] => Some(*only),
        _ => None,
    })
}

async fn raise(ctx: Ctx, form: FormData) -> AppResult<Response> {
    let format = Asked::of(&ctx).format;
    let who = format!("key {}", ctx.peer.map_or_else(|| "unknown".to_owned(), |peer| peer.to_string()));
    let limits = &ctx.app.villagers;
    if limits.misses.take(&who, ctx.app.clock.now()).is_err() {
        return Ok(refuse(format, 429, "too many requests without a valid api_key"));
    }
    let mut conn = ctx.read().await?;
    let key = matters::key_of(&mut conn, &sha256(form.get("api_key").as_bytes())).await?;
    let Some((county, name)) = key else { return Ok(refuse(format, 403, "api_key is missing or not valid")) };
    limits.misses.give_back(&who);
    let pack = ctx.pack(&mut conn, county).await?;
    let Some(kind) = pack.matter_kind(form.get("service_code")) else {
        return Ok(refuse(format, 404, "service_code was not found"));
    };
    let Some(village) = village(&mut conn, county, &form).await? else {
        return Ok(refuse(
            format,
            400,
            "address_id (twelve-digit village code) or a village's name in address_string is needed",
        ));
    };
    let called = format!("{}{}", form.get("last_name"), form.get("first_name"));
    let said = match rules::typed(form.get("description"), &called, form.get("phone")) {
        Ok(said) => said,
        Err(wrong) => {
            let words: Vec<String> =
                wrong.into_iter().map(|(field, say): (&str, Text)| format!("{field}: {}", say.zh())).collect();
            return Ok(refuse(format, 400, &words.join("; ")));
        }
    };
    let posts = flows::posts_in(&mut conn, village).await?;
    let raised = Raised {
        village,
        said,
        channel: Channel::Outside,
        urgent: false,
        kind: Some(kind.code.clone()),
        household_id: None,
        member_id: None,
        outside_number: None,
        has_cadre: posts.iter().any(|post| post.period.contains(ctx.today)),
        hold: None,
        proxy: true,
    };
    drop(conn);
    let by = Actor { account_id: "open311".into(), name, at: ctx.app.clock.now(), today: ctx.today };
    let mut tx = ctx.begin().await?;
    let (matter, _) = acts::new_matter(raised, &ctx.app.keys, pack, &by)?;
    let matter = acts::raise(&mut tx, matter, None, Vec::new(), &by).await?;
    tx.commit().await?;
    let told = vec![
        ("service_request_id", Value::Text(format!("{}-{}", matter.county, matter.number))),
        ("service_notice", Value::Text(text!("{due} 前答复", due = matter.due_at.local_minute()).zh())),
        ("account_id", Value::Null),
    ];
    let mut response = answer(format, "service_requests", "request", &[told]);
    *response.status_mut() = axum::http::StatusCode::CREATED;
    Ok(response)
}
