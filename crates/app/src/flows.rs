//! What crosses capabilities: one named procedure each, one transaction each.

mod appointments;
mod approvals;
mod village_story;

use std::collections::BTreeSet;

use base::{
    db::{Conn, DbResult, Tx},
    html::Link,
    kernel::{CountyId, Day, DivisionCode, Period},
    text,
    web::{AppError, AppResult, Refusal},
};
use serde_json::json;

use crate::{
    accounts::{Actor, Scope},
    app::App,
    burden, express,
    handover::{self, Cause, Leaving, Next, Plan, Reason},
    matters,
    packs::{self, Pack},
    people::Gender,
    places::{self, VillageCategory},
    postings::{
        self, EndReason, PostRole,
        store::{self as post_store, Filter, ListRow, PostingRow, Sort},
    },
    ratings,
    spine::{
        audit::{self, Change, Subject},
        open_things::Door,
        tasks,
    },
    web::Ctx,
};

pub use crate::matters::Tally;
pub use appointments::{Appointed, Bound, approve_dispatch, batch_number, bound_elsewhere, held_beyond};
pub use approvals::{JOB as APPROVAL_JOB, approve, begin_approval, break_off_approval, make_next};
pub use village_story::{VillageStory, village_story};

/// A post that is or was really held, as other capabilities see it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Post {
    pub person: (CountyId, String),
    pub name: String,
    pub unit_id: Option<String>,
    pub village: DivisionCode,
    /// Neighbours that the team of the post serves besides.
    pub also: Vec<DivisionCode>,
    pub period: Period,
}

impl Post {
    #[must_use]
    pub fn serves(&self, village: DivisionCode) -> bool {
        self.village == village || self.also.contains(&village)
    }

    /// Rows that differ by neighbour alone are one post.
    fn gather(rows: Vec<postings::store::ServedRow>) -> Vec<Self> {
        let mut posts: Vec<Self> = Vec::new();
        for row in rows {
            let Some(period) = Period::new(row.since, row.until) else { continue };
            let same = |post: &&mut Self| {
                post.person.1 == row.person_id && post.village == row.village && post.period == period
            };
            if let Some(post) = posts.iter_mut().find(same) {
                post.also.extend(row.also);
                continue;
            }
            posts.push(Self {
                person: (row.person_county, row.person_id),
                name: row.person_name,
                unit_id: row.unit_id,
                village: row.village,
                also: row.also.into_iter().collect(),
                period,
            });
        }
        posts
    }
}

/// The posts of a person, newest first.
pub async fn posts_of(conn: &mut Conn, person_id: &str) -> DbResult<Vec<Post>> {
    Ok(Post::gather(postings::store::served_by(conn, person_id).await?))
}

/// The posts that serve a village, newest first.
pub async fn posts_in(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<Post>> {
    Ok(Post::gather(postings::store::served_in(conn, village).await?))
}

/// Somebody on post, as other offices' lists ask for them.
#[derive(Clone, Debug)]
pub struct Listed(ListRow);

impl Listed {
    /// A column by its code; empty where nothing is known, or the column is not one of a roster.
    #[must_use]
    pub fn field(&self, code: &str) -> String {
        let row = &self.0;
        let known = |text: &Option<String>| text.clone().unwrap_or_default();
        match code {
            "name" => row.person_name.clone(),
            "gender" => row.gender.as_deref().and_then(Gender::parse).map(Gender::zh).unwrap_or_default().to_owned(),
            "birth" => known(&row.birth).chars().take(7).collect(),
            "education" => known(&row.education),
            "unit" => known(&row.unit_name),
            "position" => known(&row.position),
            "rank" => known(&row.rank),
            "township" => row.township_name.as_deref().map(places::short_name).unwrap_or_default(),
            "village" => row.village_name.as_deref().map(places::short_name).unwrap_or_default(),
            "role" => row.role().map(PostRole::zh).unwrap_or_default().to_owned(),
            "ledger" => row.ledger().map(postings::Ledger::zh).unwrap_or_default().to_owned(),
            "since" => row.since.to_string(),
            "phone" => known(&row.phone),
            _ => String::new(),
        }
    }
}

/// Who was on post in a place on a day, of one role or of all, by village.
pub async fn roster(conn: &mut Conn, place: DivisionCode, day: Day, role: Option<&str>) -> DbResult<Vec<Listed>> {
    const ALL: i64 = 500_000;
    let filter = Filter { on: Some(day), role: role.and_then(PostRole::parse), ..Filter::default() };
    let rows = post_store::list(conn, &Scope::of(place), &filter, Sort::Village, ALL, 0).await?;
    Ok(rows.into_iter().map(Listed).collect())
}

/// Where open things come from: every capability that has some offers a door, and stands here.
pub const OPEN_THINGS: &[Door] = &[tasks::DOOR, matters::DOOR, express::problems::DOOR, express::projects::DOOR];

/// How a problem ended that came from a matter: struck off, or not taken in, with what was said.
#[derive(Clone, Copy, Debug)]
pub struct ProblemEnded<'a> {
    pub county: CountyId,
    pub matter: &'a str,
    /// The department that solved it, where there was one.
    pub unit_id: Option<&'a str>,
    pub solved: bool,
    pub words: &'a str,
}

/// Tells the matter that a problem came from how it ended, in the problem's transaction.
pub async fn problem_ended(tx: &mut Tx, ended: ProblemEnded<'_>, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let answer = if ended.solved {
        let words = if ended.words.is_empty() { "项目直通车已销号" } else { ended.words };
        matters::FromExpress::Solved { words: words.to_owned(), unit_id: ended.unit_id.map(str::to_owned) }
    } else {
        matters::FromExpress::SentBack { why: ended.words.to_owned() }
    };
    matters::from_express(tx, (ended.county, ended.matter), answer, pack, actor).await
}

/// Somebody who was first secretary and holds no post now, with the villages where.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Former {
    pub person: (CountyId, String),
    pub name: String,
    pub villages: Vec<DivisionCode>,
}

/// Former first secretaries of a county, for those who look for experience.
pub async fn former_first_secretaries(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Former>> {
    let mut found: Vec<Former> = Vec::new();
    for row in post_store::former_first_secretaries(conn, county).await? {
        match found.last_mut().filter(|one| one.person.1 == row.person_id) {
            Some(one) => one.villages.push(row.village),
            None => found.push(Former {
                person: (row.person_county, row.person_id),
                name: row.person_name,
                villages: vec![row.village],
            }),
        }
    }
    Ok(found)
}

/// The villages in which a unit has somebody on post on a day, with who it is.
pub async fn villages_of_unit(conn: &mut Conn, unit_id: &str) -> DbResult<Vec<(DivisionCode, String)>> {
    post_store::villages_of_unit(conn, unit_id).await
}

/// Puts a village into a category from a day on; its coverage figures and open vacancies follow.
pub async fn set_category(
    tx: &mut Tx,
    village: DivisionCode,
    (category, since, basis): (VillageCategory, Day, Option<&str>),
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let county = village.county();
    let before = places::store::find_village(tx, village).await?.map(|v| v.categories_on(since)).unwrap_or_default();
    let before: Vec<&str> = before.into_iter().map(VillageCategory::code).collect();
    places::store::set_category(tx, village, category, since, basis).await?;
    postings::store::record_coverage(tx, county, &BTreeSet::from([village]), actor.at).await?;
    postings::store::refresh_vacancies(tx, county, village.area(), pack, actor).await?;
    let change = Change::changed(
        json!({ "categories": before }),
        json!({ "category": category.code(), "since": since, "basis": basis }),
    );
    let id = village.to_string();
    audit::write(tx, county, actor, "village.category", Subject { kind: "village", id: &id }, change).await?;
    Ok(())
}

/// Lets a county follow another pack; what is vacant under it becomes a task.
pub async fn choose_pack(tx: &mut Tx, county: CountyId, pack: &Pack, actor: &Actor) -> AppResult<()> {
    let before = packs::store::pack_name(tx, county).await?;
    packs::store::save_setting(tx, county, "pack", &pack.name).await?;
    postings::store::refresh_vacancies(tx, county, county.division().area(), pack, actor).await?;
    let change = Change::changed(json!({ "pack": before }), json!({ "pack": pack.name }));
    let id = county.to_string();
    audit::write(tx, county, actor, "pack.choose", Subject { kind: "county", id: &id }, change).await?;
    Ok(())
}

/// After the register of households changed: the villages' coverage with contact cards follows.
pub async fn households_changed(tx: &mut Tx, villages: &BTreeSet<DivisionCode>, actor: &Actor) -> AppResult<()> {
    let mut counties: BTreeSet<CountyId> = villages.iter().map(|village| village.county()).collect();
    while let Some(county) = counties.pop_first() {
        let own = villages.iter().filter(|village| village.county() == county).copied().collect();
        postings::cards::store::record_covered(tx, county, &own, actor.at).await?;
    }
    Ok(())
}

/// Whom a card's code leads to, as the pages of matters show them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct CardHolder {
    pub name: String,
    pub role: String,
    pub phone: Option<String>,
}

/// The village of a contact card's code, and whether the card was withdrawn; `None` where no card has it.
pub async fn village_of_card(conn: &mut Conn, token: &str) -> DbResult<Option<(DivisionCode, bool)>> {
    postings::cards::store::find_token(conn, token).await
}

/// Who is on post behind a village's card.
pub async fn card_holder(conn: &mut Conn, village: DivisionCode) -> DbResult<Option<CardHolder>> {
    let holder = postings::cards::store::holders(conn, village.area()).await?.remove(&village);
    Ok(holder.map(|one| CardHolder { name: one.name, role: one.role, phone: one.phone }))
}

/// A village's card: its code, where it has one.
pub async fn card_token(conn: &mut Conn, village: DivisionCode) -> DbResult<Option<String>> {
    Ok(postings::cards::store::cards(conn, village.area()).await?.remove(&village).map(|card| card.token))
}

/// When a household got its last card.
pub async fn card_day(conn: &mut Conn, village: DivisionCode, household: &str) -> DbResult<Option<Day>> {
    Ok(postings::cards::store::last_cards(conn, village).await?.remove(household))
}

/// A matter that needs money or a department becomes a problem of the project express, which answers through
/// [`problem_ended`]. One that stands there already keeps its problem.
pub async fn matter_to_express(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    words: Option<String>,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let matter = matters::store::lock(tx, county, id).await?.ok_or(AppError::NotFound)?;
    let problem = match matter.state.problem() {
        Some(problem) => problem.to_owned(),
        None => {
            let posts = post_store::of_village(tx, matter.village).await?;
            let first = posts.into_iter().find(|row| row.state == "on_post" && row.role == "first_secretary");
            let new = express::problems::NewProblem {
                village: matter.village,
                title: matter.title.clone(),
                words: [Some(matter.words.as_str()), words.as_deref()]
                    .into_iter()
                    .flatten()
                    .collect::<Vec<_>>()
                    .join("\n"),
                block: express::problems::Block::Other,
                amount: None,
                origin: express::problems::Origin::Matter(id.to_owned()),
                person: first.map(|row| (row.person_county, row.person_id, row.person_name)),
            };
            express::problems::raise(tx, &new, pack, actor).await?
        }
    };
    matters::to_express(tx, (county, id), Some(problem), words, pack, actor).await.map(drop)
}

/// The Party members of a village who look after households: who is rated with the branch.
pub async fn members_of(conn: &mut Conn, village: DivisionCode) -> DbResult<Vec<String>> {
    let members = matters::members::store::of_village(conn, village).await?;
    Ok(members.into_iter().map(|member| member.name).collect())
}

/// The row of views that the pages of 选派 share, for capabilities that show it too.
#[must_use]
pub fn posting_views(ctx: &Ctx, on: &str) -> Vec<Link> {
    postings::section(ctx, on)
}

/// The word of a role's code.
#[must_use]
pub fn role_zh(code: &str) -> &'static str {
    PostRole::parse(code).map_or("", PostRole::zh)
}

/// The roles of a post, by their codes.
pub fn post_roles() -> impl Iterator<Item = &'static str> {
    PostRole::ALL.into_iter().map(PostRole::code)
}

fn state_of(row: &PostingRow) -> AppResult<postings::State> {
    let state = postings::State::read(&row.state, row.until, row.end_reason.as_deref());
    state.ok_or_else(|| AppError::internal(format!("posting {} has an unknown state", row.id)))
}

fn leaving_of(row: PostingRow) -> Leaving {
    Leaving {
        role_zh: role_zh(&row.role),
        posting_id: row.id,
        person: (row.person_county, row.person_id),
        name: row.person_name,
        village: row.village,
        role: row.role,
        unit_id: row.unit_id,
        since: row.since,
    }
}

/// A posting on post, as a handover sees it, and who may follow; `None` when there is no such posting.
pub async fn leaving(conn: &mut Conn, county: CountyId, posting_id: &str) -> AppResult<Option<(Leaving, Vec<Next>)>> {
    let Some(row) = post_store::find(conn, county, posting_id).await? else { return Ok(None) };
    let next = post_store::successors(conn, &row).await?.into_iter().map(|next| Next {
        posting_id: next.id,
        person: (next.person_county, next.person_id),
        name: next.person_name,
        since: next.since,
    });
    let next = next.collect();
    Ok(Some((leaving_of(row), next)))
}

/// The days on which somebody stood on post in a village, in whatever role.
pub async fn days_on_post(conn: &mut Conn, village: DivisionCode, person_id: &str) -> DbResult<Vec<Period>> {
    let rows = post_store::of_person(conn, person_id).await?.into_iter();
    let held = rows.filter(|row| row.village == village && matches!(row.state.as_str(), "on_post" | "ended"));
    Ok(held.filter_map(|row| Period::new(row.since, row.until)).collect())
}

/// The office announces that a posting will end: its handover makes itself.
pub async fn announce_handover(
    tx: &mut Tx,
    (county, posting_id): (CountyId, &str),
    plan: Plan,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<String> {
    let row = post_store::find(tx, county, posting_id).await?.ok_or(AppError::NotFound)?;
    if row.state != "on_post" {
        return Err(Refusal::whole(text!("这条派驻现在不在岗，没有可交接的。")).into());
    }
    let cause = (Cause::Announced, pack.handover_days());
    handover::prepare(tx, &leaving_of(row), plan, cause, OPEN_THINGS, actor).await
}

/// How many handovers of a county are made in one transaction.
const AT_ONCE: usize = 50;

/// Makes the handovers of every batch whose end is near by the pack's lead; those that stand are left as they are.
///
/// Returns how many it made, at most [`AT_ONCE`]: as long as it makes some there may be more.
pub async fn prepare_due_handovers(tx: &mut Tx, county: CountyId, pack: &Pack, actor: &Actor) -> AppResult<usize> {
    let by = actor.today.plus_days(pack.handover_lead_days());
    let known = handover::store::live_postings(tx, county).await?;
    let ending = post_store::ending(tx, county, by).await?;
    let due: Vec<_> = ending.into_iter().filter(|(id, _)| !known.contains(id)).take(AT_ONCE).collect();
    for (id, until) in &due {
        let Some(row) = post_store::find(tx, county, id).await? else { continue };
        let plan = Plan { leaves_on: (*until).max(row.since), reason: Reason::TermEnds, next: None };
        let cause = (Cause::TermNears, pack.handover_days());
        handover::prepare(tx, &leaving_of(row), plan, cause, OPEN_THINGS, actor).await?;
    }
    Ok(due.len())
}

/// What the calendar brings without anybody's doing, county by county; called once a day.
pub async fn every_day(app: &App) -> AppResult<()> {
    let counties = post_store::counties_with_batches(&mut app.db.read().await?).await?;
    let actor =
        Actor { account_id: "system".into(), name: "系统".into(), at: app.clock.now(), today: app.clock.today() };
    for county in counties {
        loop {
            let mut tx = app.db.begin().await?;
            let pack = app.pack(&mut tx, county).await?;
            let made = prepare_due_handovers(&mut tx, county, pack, &actor).await?;
            tx.commit().await?;
            if made < AT_ONCE {
                break;
            }
        }
    }
    let counties = express::problems::store::counties(&mut app.db.read().await?).await?;
    for county in counties {
        let mut tx = app.db.begin().await?;
        let pack = app.pack(&mut tx, county).await?;
        express::problems::every_day(&mut tx, county, pack, &actor).await?;
        tx.commit().await?;
    }
    let counties = burden::store::counties_with_nameless(&mut app.db.read().await?).await?;
    for county in counties {
        let mut tx = app.db.begin().await?;
        burden::every_day(&mut tx, county, &actor).await?;
        tx.commit().await?;
    }
    let counties = ratings::store::counted_counties(&mut app.db.read().await?).await?;
    for county in counties {
        let mut tx = app.db.begin().await?;
        let pack = app.pack(&mut tx, county).await?;
        ratings::every_day(&mut tx, county, pack, &actor).await?;
        tx.commit().await?;
    }
    let counties = matters::store::due_counties(&mut app.db.read().await?).await?;
    for county in counties {
        loop {
            let mut tx = app.db.begin().await?;
            let pack = app.pack(&mut tx, county).await?;
            let moved = matters::every_day(&mut tx, county, pack, &actor).await?;
            tx.commit().await?;
            if i64::try_from(moved).unwrap_or(0) < matters::acts::AT_ONCE {
                break;
            }
        }
    }
    Ok(())
}

/// Completes a handover that all three parties have confirmed, on the first day no longer on post: all of it or nothing.
///
/// The old posting ends, the next one is taken up where it is approved and due (otherwise the village's vacancy becomes
/// a task), everything open passes to the new holder through `doors`, and the handover says so as a fact.
pub async fn complete_handover(
    tx: &mut Tx,
    (county, id): (CountyId, &str),
    on: Day,
    pack: &Pack,
    doors: &[Door],
    actor: &Actor,
) -> AppResult<()> {
    let (row, state) = handover::lock(tx, county, id).await?;
    let next = handover::check_complete(tx, &row, state, on, actor.today).await?;
    end_old(tx, &row, on, pack, actor).await?;
    take_up_next(tx, &row, on, pack, actor).await?;
    let moved = handover::hand_over(tx, &row, doors, actor).await?;
    handover::finish(tx, &row, (state, next), moved, actor).await?;
    Ok(post_store::refresh_vacancies(tx, county, row.village.area(), pack, actor).await?)
}

const WHY: &str = "交接办结";

/// A posting that has ended meanwhile, by recall or death, stays as it ended.
async fn end_old(
    tx: &mut Tx,
    row: &handover::store::HandoverRow,
    on: Day,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let old = post_store::find(tx, row.county_id, &row.posting_id).await?.ok_or(AppError::NotFound)?;
    let state = state_of(&old)?;
    if matches!(state, postings::State::Ended { .. }) {
        return Ok(());
    }
    let reason = EndReason::parse(&row.reason)
        .ok_or_else(|| AppError::internal(format!("handover {} has an unknown reason", row.id)))?;
    let ended = state.end(old.since, on, reason)?;
    post_store::change(tx, &old, ended, on, Some(WHY), pack.county_guide_beside(), actor).await
}

async fn take_up_next(
    tx: &mut Tx,
    row: &handover::store::HandoverRow,
    on: Day,
    pack: &Pack,
    actor: &Actor,
) -> AppResult<()> {
    let Some(next_id) = &row.new_posting_id else { return Ok(()) };
    let next = post_store::find(tx, row.county_id, next_id).await?.ok_or(AppError::NotFound)?;
    match state_of(&next)? {
        postings::State::Approved if next.since <= actor.today => {
            let taken = state_of(&next)?.take_up()?;
            let since = next.since.max(on);
            let done = post_store::change(tx, &next, taken, since, Some(WHY), pack.county_guide_beside(), actor).await;
            done.map_err(|error| match error {
                // Somebody else's post is held, or theirs is: nothing of the completion may stand.
                AppError::Refused(refusal) => AppError::Conflict(text!(
                    "不能办结：接任的{name}还不能到岗。{why}",
                    name = next.person_name,
                    why = refusal.message
                )),
                other => other,
            })
        }
        postings::State::Withdrawn | postings::State::Ended { .. } => {
            Err(Refusal::whole(text!("接任的派驻已经撤回或离任，请先调整计划、另选接任的人。")).into())
        }
        // Not due yet, or on post already: it goes its own way.
        postings::State::Proposed | postings::State::Vetted | postings::State::Approved | postings::State::OnPost => {
            Ok(())
        }
    }
}
