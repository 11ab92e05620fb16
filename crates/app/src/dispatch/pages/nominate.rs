//! Units and the office put people of the register into a pool.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Choice, Form, Link, Pager, Pages, Shell, State as Shown, Tone, filters},
    i18n::Text,
    kernel::{CountyId, Level},
    text,
    web::{AppError, AppResult},
};

use super::{
    super::{
        acts,
        rules::{Candidate, Gate, State},
        store::{self, Nominee, Round},
    },
    key,
};
use crate::{
    accounts::Permission,
    flows, places, units,
    web::{Ctx, FormData},
};

/// Rows of a page; one more is asked for to know whether there are more.
const SIZE: usize = 50;

/// For whom somebody nominates: the office anybody, a unit its own.
enum Whose {
    All,
    Units(Vec<String>),
}

impl Whose {
    fn units(&self) -> Option<&[String]> {
        match self {
            Self::All => None,
            Self::Units(units) => Some(units),
        }
    }
}

/// The round and whose people the viewer may put into it; 404 for others.
async fn seen(ctx: &Ctx, conn: &mut Conn, county: &str, id: &str) -> AppResult<(Round, Whose)> {
    let round = store::find_round(conn, key(county)?, id).await?.ok_or(AppError::NotFound)?;
    if ctx.scope.holds(round.place) {
        return Ok((round, Whose::All));
    }
    let mut own = Vec::new();
    for unit in ctx.scope.units() {
        let kept = units::store::find(conn, unit).await?.is_some_and(|one| round.takes(one.county_id));
        own.extend(kept.then(|| unit.clone()));
    }
    if own.is_empty() { Err(AppError::NotFound) } else { Ok((round, Whose::Units(own))) }
}

#[derive(Template)]
#[template(path = "dispatch/nominations.html")]
struct RoundsPage {
    shell: Shell,
    views: Vec<Link>,
    rows: Vec<(String, String, String)>,
}

/// The rounds in which the viewer's unit may nominate.
pub async fn rounds(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let mut counties = Vec::new();
    for unit in ctx.scope.units() {
        counties.extend(units::store::find(&mut conn, unit).await?.map(|one| one.county_id));
    }
    counties.extend(ctx.scope.home().map(base::kernel::DivisionCode::county));
    counties.sort();
    counties.dedup();
    let mut rows = Vec::new();
    for county in counties {
        for one in store::planning_of(&mut conn, county).await? {
            // Of a higher office's round the units below nominate, not the offices.
            if ctx.scope.holds(one.place) || !ctx.scope.units().is_empty() {
                rows.push((format!("{}/nomination", one.address()), one.name, one.starts_on.to_string()));
            }
        }
    }
    rows.dedup();
    let page = RoundsPage {
        shell: ctx.shell(&mut conn, text!("推荐人选"), None).await?,
        views: flows::posting_views(&ctx, "/nominations"),
        rows,
    };
    Ok(ctx.page(&page))
}

#[derive(Template)]
#[template(path = "dispatch/nominate.html")]
struct NominatePage {
    shell: Shell,
    sub: Text,
    back: Link,
    open: bool,
    form: Form,
    path: String,
    action: String,
    by_unit: bool,
    /// Whose register is shown, in a round above a county.
    keepers: Vec<Choice>,
    people: Vec<Line>,
    pager: Pager,
    own: Vec<Own>,
}

struct Line {
    id: String,
    name: String,
    unit: String,
    about: String,
    ticked: bool,
}

/// A candidate of the unit, and how far the sign-offs are.
struct Own {
    name: String,
    about: String,
    state: Shown,
}

/// Where a candidate stands with the three gates.
pub(super) fn standing(one: &Candidate) -> Shown {
    if let Some(gate) = Gate::ALL.into_iter().find(|gate| one.sign(*gate).is_some_and(|sign| !sign.passed)) {
        Shown::new(Tone::Stop, text!("{gate}未过", gate = Text::key(gate.zh())))
    } else if one.is_cleared() {
        Shown::new(Tone::Ok, text!("三关已过"))
    } else {
        let open: Vec<&str> = Gate::ALL.into_iter().filter(|gate| one.sign(*gate).is_none()).map(Gate::zh).collect();
        Shown::new(Tone::Wait, text!("待签 {n} 关", n = open.len()))
    }
}

fn about(parts: [Option<String>; 3]) -> String {
    parts.into_iter().flatten().filter(|part| !part.is_empty()).collect::<Vec<_>>().join(" · ")
}

async fn page(ctx: &Ctx, (county, id): (&str, &str), form: Form) -> AppResult<NominatePage> {
    let mut conn = ctx.read().await?;
    let (round, whose) = seen(ctx, &mut conn, county, id).await?;
    let address = Address::parse(&ctx.address);
    let pages = Pages::sized(&address, SIZE);
    let (limit, before) = pages.span();
    let asked = (address.get("name").trim(), address.get("unit").trim());
    let own = Choice::new(round.county.to_string(), text!("本级"));
    let mut keepers = Vec::new();
    if round.is_above_county() && whose.units().is_none() {
        keepers.push(own);
        keepers.extend(offices(&mut conn, &round).await?);
    }
    let chosen = address.get("keeper").parse().ok().and_then(CountyId::from_i64).filter(|one| round.takes(*one));
    let keeper = whose.units().is_none().then(|| chosen.unwrap_or(round.county));
    let rows = store::nominable(&mut conn, &round, keeper, whose.units(), asked, (limit + 1, before)).await?;
    let total = pages.before() + rows.len();
    let line = |row: store::Nominable| Line {
        ticked: form.has("person", key_of(&round, &row)),
        id: key_of(&round, &row),
        about: about([row.position, row.rank, row.birth.map(|birth| birth.chars().take(7).collect())]),
        name: row.name,
        unit: row.unit_name.unwrap_or_default(),
    };
    let people = rows.into_iter().take(SIZE).map(line).collect();
    let own = match whose.units() {
        None => Vec::new(),
        Some(units) => {
            let filter = store::PoolFilter { units: Some(units.to_vec()), ..store::PoolFilter::default() };
            let all = store::list_candidates(&mut conn, &round, &filter, None).await?;
            let own = |one: &Candidate| Own {
                name: one.name.clone(),
                about: about([one.position.clone(), one.rank_name.clone(), None]),
                state: standing(one),
            };
            all.iter().map(own).collect()
        }
    };
    let by_unit = whose.units().is_some();
    let back = if by_unit {
        Link::new(text!("所有轮次"), "/nominations")
    } else {
        Link::new(text!("回到人选"), format!("{}/pool", round.address()))
    };
    let typed = Form::of([
        ("name", asked.0.to_owned()),
        ("unit", asked.1.to_owned()),
        ("keeper", keeper.map(|one| one.to_string()).unwrap_or_default()),
    ]);
    let form = form.errors().iter().fold(typed, |kept, (field, error)| kept.with_error(field, error.clone()));
    Ok(NominatePage {
        shell: ctx.shell(&mut conn, text!("推荐人选"), (!by_unit).then_some(round.place)).await?,
        sub: text!("{round} · {day} 到岗", round = round.name, day = round.starts_on),
        back,
        open: round.state == State::Planning,
        path: format!("{}/nomination", round.address()),
        action: format!("{}/candidates", round.address()),
        by_unit,
        keepers,
        people,
        pager: pages.pager(&address, total),
        own,
        form,
    })
}

/// The cities and counties whose registers a round takes people from.
async fn offices(conn: &mut Conn, round: &Round) -> AppResult<Vec<Choice>> {
    let mut all = Vec::new();
    if round.place.level() < Level::City {
        all.extend(places::store::at_level(conn, round.place, Level::City).await?);
    }
    all.extend(places::store::at_level(conn, round.place, Level::County).await?);
    all.sort_by_key(|one| one.code);
    Ok(all.iter().map(|one| Choice::new(one.code.county().to_string(), Text::data(one.short()))).collect())
}

/// How a form names somebody: by the person alone where the round's own county keeps the file.
fn key_of(round: &Round, row: &store::Nominable) -> String {
    if row.county_id == round.county { row.id.clone() } else { format!("{}/{}", row.county_id, row.id) }
}

fn nominee(round: &Round, text: &str) -> AppResult<Nominee> {
    match text.split_once('/') {
        None => Ok(Nominee::of(round.county, text)),
        Some((county, id)) => {
            let county = key(county)?;
            if round.takes(county) { Ok(Nominee::of(county, id)) } else { Err(AppError::NotFound) }
        }
    }
}

pub async fn form(ctx: Ctx, Path((county, id)): Path<(String, String)>) -> AppResult<Response> {
    Ok(ctx.page(&page(&ctx, (&county, &id), Form::default()).await?))
}

pub async fn add(ctx: Ctx, Path((county, id)): Path<(String, String)>, data: FormData) -> AppResult<Response> {
    let done = async {
        let mut tx = ctx.begin().await?;
        let (seen, whose) = seen(&ctx, &mut tx, &county, &id).await?;
        let round = acts::planning(&mut tx, seen.county, &seen.id).await?;
        let people: Vec<Nominee> = data.all("person").map(|text| nominee(&round, text)).collect::<AppResult<_>>()?;
        let (by, actor) = match whose.units() {
            None => ("驻村办".to_owned(), ctx.actor_at(round.place)?),
            Some(units) => {
                for Nominee { person: (county, id), .. } in &people {
                    let row = crate::people::store::find(&mut tx, *county, id).await?;
                    if !row.and_then(|row| row.unit_id).is_some_and(|own| units.contains(&own)) {
                        return Err(AppError::NotFound);
                    }
                }
                let unit = match units.first() {
                    Some(unit) => units::store::find(&mut tx, unit).await?.map(|one| one.name).unwrap_or_default(),
                    None => String::new(),
                };
                (unit, ctx.actor_as(Permission::PlanningNominate.roles(), None)?)
            }
        };
        let came = acts::nominate(&mut tx, &round, &people, &by, &actor).await?;
        tx.commit().await?;
        // Back to the register that was being gone through.
        let from = people.first().map(|one| one.person.0).filter(|keeper| *keeper != round.county);
        let tail = from.map_or_else(String::new, |keeper| format!("?keeper={keeper}"));
        Ok((format!("{}/nomination{tail}", round.address()), came))
    };
    match done.await {
        Ok((to, came)) => Ok(ctx.redirect(&to, &text!("推荐了 {n} 人，等签三关。", n = came))),
        Err(AppError::Refused(refusal)) => {
            let form = data.typed().with_error(refusal.field.unwrap_or("person"), refusal.message);
            Ok(ctx.refused(&page(&ctx, (&county, &id), form).await?))
        }
        Err(other) => Err(other),
    }
}
