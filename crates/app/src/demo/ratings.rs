//! 群众评事 of three villages: three months that were counted, of which the members show a quarter, and a round that is open.

use base::{
    code::Code,
    db::Tx,
    kernel::{Day, DivisionCode, Instant, Month},
    web::AppError,
};

use crate::{
    accounts::Actor,
    app::App,
    demo::world::{PostRole, World},
    flows,
    packs::Pack,
    places,
    ratings::{
        acts::{self, Ballot},
        rules::{Mark, Marks, NewRound},
        store,
    },
};

/// A slip of the open round: a demo's is no secret.
pub const KNOWN_SLIP: &str = "RATE234567";
/// Slips given out in a month, and how many of them come back.
const SLIPS: i64 = 24;
const BACK: usize = 18;
const MONTHS: i64 = 3;

const WORDS: [&str; 9] = [
    "路灯修得快，谢谢。",
    "开会能不能提前一天说。",
    "常来家里看老人。",
    "垃圾池还是满得快。",
    "修渠的时候天天在工地。",
    "低保怎么评的，希望贴出来。",
    "打电话都接。",
    "村口的路什么时候修。",
    "账公开了，看得懂。",
];

fn by(day: Day) -> Actor {
    Actor { account_id: "demo".into(), name: "镇党建办".into(), at: Instant::of_local(day, 600), today: day }
}

/// How the ballot marks the branch and the members; now and then one is left out, never the branch.
fn marks(at: usize, members: usize) -> Result<Marks, AppError> {
    let of = |n: usize| match n % 9 {
        4 => Mark::Fair,
        7 => Mark::Dissatisfied,
        _ => Mark::Satisfied,
    };
    let members = (1..=members).filter(|position| !(at + position).is_multiple_of(6));
    let all = std::iter::once(0).chain(members);
    Ok(Marks::new(all.map(|position| (i64::try_from(position).unwrap_or(0), of(at + 2 * position))))?)
}

pub(super) async fn load(tx: &mut Tx, app: &App, world: &World, pack: &Pack) -> Result<(), AppError> {
    let story = world.accounts.iter().find(|account| account.login == "cadre").map(|account| account.name.clone());
    let posted = world.postings.iter().filter(|one| one.holds(world.today) && one.role == PostRole::FirstSecretary);
    let mut villages: Vec<(bool, DivisionCode)> = posted
        .map(|one| {
            let of_story = story.as_deref() == Some(world.people[one.person].name.as_str());
            (!of_story, world.villages[one.village].code)
        })
        .collect();
    villages.sort();
    for (at, (_, village)) in villages.into_iter().take(3).enumerate() {
        rounds(tx, app, (village, at), world.today, pack).await?;
    }
    Ok(())
}

async fn rounds(
    tx: &mut Tx,
    app: &App,
    (village, nth): (DivisionCode, usize),
    today: Day,
    pack: &Pack,
) -> Result<(), AppError> {
    let name = places::store::find(tx, village).await?.map(|place| place.short()).unwrap_or_default();
    let opened = today.plus_days(-3);
    let first = opened.month().first_day();
    let members = flows::members_of(tx, village).await?;
    for back in (1..=MONTHS).rev() {
        let month = first.plus_months(-back).month();
        let (from, until) = (month.first_day().plus_days(24), month.next().first_day().plus_days(-1));
        let (id, codes) = open(tx, app, (village, &name), (month, from, until, &members), pack).await?;
        // The one with the fewest is still enough to be shown.
        cast(tx, app, (village, &id), codes.iter().take(BACK - nth * 3), from.plus_days(2)).await?;
        let row = store::find(tx, village.county(), &id).await?.ok_or(AppError::NotFound)?;
        acts::close(tx, &row, pack, &by(until.plus_days(1))).await?;
    }
    let until = today.plus_days(7);
    let (id, mut codes) = open(tx, app, (village, &name), (opened.month(), opened, until, &members), pack).await?;
    if nth == 0 {
        // One of the slips that are out is the known one.
        store::remove_unused(tx, village.county(), &id).await?;
        codes.pop();
        codes.extend(Code::parse(KNOWN_SLIP));
        let hashes = codes.iter().map(|code| code.hash(&app.keys, acts::PURPOSE)).collect();
        store::add_codes(tx, village.county(), &id, hashes).await?;
    }
    cast(tx, app, (village, &id), codes.iter().take(5), today.plus_days(-1)).await
}

async fn open(
    tx: &mut Tx,
    app: &App,
    village: (DivisionCode, &str),
    (month, from, until, members): (Month, Day, Day, &[String]),
    pack: &Pack,
) -> Result<(String, Vec<Code>), AppError> {
    let new = NewRound { month, until, slips: SLIPS, members: members.to_vec() };
    acts::open(tx, app, village, new, pack, &by(from)).await
}

async fn cast(
    tx: &mut Tx,
    app: &App,
    (village, id): (DivisionCode, &str),
    codes: impl Iterator<Item = &Code>,
    day: Day,
) -> Result<(), AppError> {
    let county = village.county();
    let round = store::find(tx, county, id).await?.ok_or(AppError::NotFound)?;
    let subjects = store::subjects(tx, county, id).await?;
    let members = subjects.len().saturating_sub(1);
    let ballot = Ballot { round, subjects };
    for (at, code) in codes.enumerate() {
        // Three of a month write something, each month something else.
        let said = (usize::from(day.month_of_year().unsigned_abs()) * 3 + at) % WORDS.len();
        let words = WORDS.get(said).filter(|_| at < 3).map(|words| (*words).to_owned());
        acts::cast(tx, app, (code, &ballot), &marks(at, members)?, words, day).await?;
    }
    Ok(())
}
