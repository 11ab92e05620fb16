//! What happens to matters beyond one row: raising, steps, the day's round, what the express answers.

use base::{
    db::Tx,
    kernel::{CountyId, DivisionCode, Instant, new_id},
    seal::Keys,
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use super::{
    rules::{Act, Channel, Code, Done, Hold, How, Matter, Move, Post, Said, Size, State, title_of},
    store::{self, NewEvent, NewMatter},
};
use crate::{
    accounts::Actor,
    packs::Pack,
    spine::audit::{self, Change, Subject},
};

/// Who acts without an account.
pub const VILLAGER: &str = "villager";

/// The villager as an actor.
#[must_use]
pub fn villager(at: Instant, today: base::kernel::Day) -> Actor {
    Actor { account_id: VILLAGER.into(), name: "群众".into(), at, today }
}

/// A matter as it is raised.
#[derive(Clone, Debug)]
pub struct Raised {
    pub village: DivisionCode,
    pub said: Said,
    pub channel: Channel,
    pub urgent: bool,
    /// Known where somebody enters it who knows the kinds.
    pub kind: Option<String>,
    pub household_id: Option<String>,
    pub member_id: Option<String>,
    pub outside_number: Option<String>,
    /// Whether the village has somebody on post; otherwise its branch holds it.
    pub has_cadre: bool,
    pub hold: Option<Hold>,
    /// Entered by somebody for the villager.
    pub proxy: bool,
}

/// Where a villager's telephone is sealed.
#[must_use]
pub fn phone_place(id: &str) -> String {
    format!("matter.phone/{id}")
}

/// The kind of what nobody has looked at yet.
pub const UNKNOWN: &str = "other";

/// A new matter with its code, not yet stored.
pub fn new_matter(raised: Raised, keys: &Keys, pack: &Pack, by: &Actor) -> AppResult<(Matter, Code)> {
    let id = new_id();
    let kind = raised.kind.as_deref().and_then(|code| pack.matter_kind(code)).or_else(|| pack.matter_kind(UNKNOWN));
    let phone_sealed = match &raised.said.phone {
        Some(phone) => Some(keys.seal(&phone_place(&id), phone)?),
        None => None,
    };
    let due_at = match raised.hold {
        Some(_) => by.at.plus_seconds(pack.matter_review_hours() * 3_600),
        None => Matter::first_due(raised.urgent, by.at, pack),
    };
    let matter = Matter {
        phone_sealed,
        county: raised.village.county(),
        number: 0,
        village: raised.village,
        kind: kind.map_or(UNKNOWN, |kind| kind.code.as_str()).to_owned(),
        size: kind.and_then(|kind| Size::parse(&kind.size)).unwrap_or(Size::Small),
        channel: raised.channel,
        urgent: raised.urgent,
        title: title_of(&raised.said.words),
        words: raised.said.words,
        raiser: raised.said.name,
        household_id: raised.household_id,
        proxy: raised.proxy.then(|| by.name.clone()),
        outside_number: raised.outside_number,
        member_id: raised.member_id,
        department: None,
        raised_at: by.at,
        raised_on: by.today,
        state: raised.hold.map_or(State::Raised, |why| State::Held { why }),
        post: Matter::village_post(raised.has_cadre),
        account_id: None,
        due_at,
        promised_at: None,
        answered_at: None,
        reopens: 0,
        climb: 0,
        news: false,
        version: 1,
        id,
    };
    Ok((matter, Code::fresh()?))
}

/// Stores a matter that was just raised. Returns it with its number.
pub async fn raise(
    tx: &mut Tx,
    matter: Matter,
    code: Option<String>,
    files: Vec<store::NewFile>,
    by: &Actor,
) -> AppResult<Matter> {
    let county = matter.county;
    let event = NewEvent { act: Act::Raise, words: None, by: by.clone() };
    let mut new = [NewMatter { matter, code_hash: code, events: vec![event], files }];
    store::add_all(tx, county, &mut new).await?;
    let [NewMatter { matter, .. }] = new;
    let after = json!({ "village": matter.village, "channel": matter.channel.code(), "state": matter.stage().code() });
    let subject = Subject { kind: "matter", id: &matter.id };
    audit::write(tx, county, by, "matter.add", subject, Change::made(after)).await?;
    Ok(matter)
}

/// Takes a step of a matter that the transaction has locked.
pub async fn step(
    tx: &mut Tx,
    matter: &Matter,
    step: Move,
    words: Option<String>,
    pack: &Pack,
    by: &Actor,
) -> AppResult<Matter> {
    let act = step.act();
    let after = matter.clone().take(step, pack, by.at, by.today)?;
    store::change(tx, matter, after, NewEvent { act, words, by: by.clone() }).await
}

/// Passes a matter to the project express. The problem made there stands with it, where there is one yet.
pub async fn to_express(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    problem_id: Option<String>,
    words: Option<String>,
    pack: &Pack,
    by: &Actor,
) -> AppResult<Matter> {
    let matter = store::lock(tx, county, id).await?.ok_or(AppError::NotFound)?;
    step(tx, &matter, Move::Express { problem_id }, words, pack, by).await
}

/// What the express says of a problem that came from a matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum FromExpress {
    Solved { words: String, unit_id: Option<String> },
    SentBack { why: String },
}

/// The express has solved the problem of a matter, or sent it back to the village. A matter that has left the express
/// meanwhile stays as it is.
pub async fn from_express(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    answer: FromExpress,
    pack: &Pack,
    by: &Actor,
) -> AppResult<()> {
    let matter = store::lock(tx, county, id).await?.ok_or(AppError::NotFound)?;
    if !matches!(matter.state, State::PassedToExpress { .. }) {
        return Ok(());
    }
    let (next, words) = match answer {
        FromExpress::Solved { words, unit_id } => {
            let done = Done {
                how: How::Resolved,
                at: by.at,
                on: by.today,
                words: words.clone(),
                person: None,
                name: by.name.clone(),
                unit_id,
            };
            (Move::End { done }, words)
        }
        FromExpress::SentBack { why } => (Move::Back, why),
    };
    step(tx, &matter, next, Some(words), pack, by).await.map(drop)
}

/// How many matters of a county are moved in one transaction.
pub const AT_ONCE: i64 = 200;
const DAY: i64 = 86_400;

/// The day's round of a county: what is late climbs, what was not rated in time closes. Returns how many moved; while
/// it is [`AT_ONCE`] or more there may be others.
pub async fn every_day(tx: &mut Tx, county: CountyId, pack: &Pack, by: &Actor) -> AppResult<usize> {
    let mut moved = 0;
    for matter in store::overdue_ratings(tx, county, by.at, AT_ONCE).await? {
        step(tx, &matter, Move::Expire, None, pack, by).await?;
        moved += 1;
    }
    let days = pack.matter_climb_days();
    let long = by.at.plus_seconds(-days * DAY);
    for matter in store::late_ones(tx, county, long, 2, AT_ONCE).await? {
        store::climb(tx, &matter, Post::Office, by.today.plus_days(days), by).await?;
        moved += 1;
    }
    for matter in store::late_ones(tx, county, by.at, 1, AT_ONCE).await? {
        store::climb(tx, &matter, Post::Township, by.today.plus_days(days), by).await?;
        moved += 1;
    }
    Ok(moved)
}

/// A step that its matter cannot take, said in words: for pages that looked before.
#[must_use]
pub fn not_now() -> AppError {
    AppError::Refused(Refusal::whole(text!("这件事刚有变化，请刷新页面再办。")))
}
