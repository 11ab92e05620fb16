//! Villagers' matters in every state, from fixed stories; a place may ask for how many small and hard ones are solved.
//!
//! Every matter takes its steps through the rules, so that nothing stands that the pages would not let happen.

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Instant},
    web::AppError,
};

use super::{
    dice::{Dice, Stream},
    load::Ids,
    matter_stories::{HARD, SMALL, Story, URGENT},
    world::{PostRole, World},
};
use crate::{
    accounts::Actor,
    app::App,
    households,
    matters::{
        acts::{self, Raised},
        members,
        rules::{
            Act, Channel, Chosen, Code, Decision, Done, Hold, How, Level, Matter, Move, Rating, Size, Step, typed,
        },
        store::{self, NewDeliberation, NewEvent, NewMatter},
    },
    packs::Pack,
};

/// The code that opens the burst pipe of the story: a demo's is no secret.
pub const KNOWN_CODE: &str = "CARD234567";

/// How many solved matters a place is to have, and how many that are still open.
#[derive(Clone, Copy, Debug)]
pub struct Counts {
    pub small: usize,
    pub hard: usize,
    pub open: usize,
}

/// A village with its cadre, as the stories need it.
#[derive(Clone, Debug)]
pub struct Place {
    pub village: DivisionCode,
    pub cadre: (CountyId, String),
    pub name: String,
    pub unit_id: Option<String>,
    /// On post since.
    pub since: Day,
    /// Household and head.
    pub homes: Vec<(String, String)>,
}

/// A matter with what the branch said of it.
pub struct Told {
    pub new: NewMatter,
    pub deliberation: Option<(NewDeliberation, Actor)>,
}

/// How far a story goes.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Course {
    Held,
    Raised,
    Late,
    Accepted,
    Deliberating,
    Township,
    Express,
    Solved,
    Closed,
    Unsatisfied,
    Withdrawn,
}

/// An hour of a day in China.
fn at(day: Day, hour: i64, minute: i64) -> Instant {
    let since = Day::new(1970, 1, 1).map_or(0, |first| day.days_since(first));
    Instant(((since * 24 + hour - 8) * 60 + minute) * 60_000)
}

struct Pen<'a> {
    pack: &'a Pack,
    place: &'a Place,
    matter: Matter,
    events: Vec<NewEvent>,
    deliberation: Option<(NewDeliberation, Actor)>,
}

impl<'a> Pen<'a> {
    /// Raised at an instant, by card or noted by the cadre.
    fn begin(
        (app, pack, place): (&'a App, &'a Pack, &'a Place),
        story: &Story,
        channel: Channel,
        when: Instant,
        (home, hold): (Option<&(String, String)>, Option<Hold>),
    ) -> Result<Self, AppError> {
        let name = home.map_or("", |(_, head)| head.as_str());
        let said = typed(story.words, name, "").map_err(|_| AppError::internal("a story that no form takes"))?;
        let by_card = channel == Channel::Card;
        let by = Actor {
            account_id: if by_card { acts::VILLAGER.into() } else { "demo".into() },
            name: if by_card { "群众".into() } else { place.name.clone() },
            at: when,
            today: when.local_day(),
        };
        let raised = Raised {
            village: place.village,
            said,
            channel,
            urgent: story.urgent,
            kind: None,
            household_id: home.filter(|_| !by_card).map(|(id, _)| id.clone()),
            member_id: None,
            outside_number: (channel == Channel::Hotline)
                .then(|| format!("NY{}-{}", when.0 / 60_000, place.village.as_i64() % 1_000_000)),
            has_cadre: true,
            hold,
            proxy: !by_card,
        };
        let (matter, _) = acts::new_matter(raised, &app.keys, pack, &by)?;
        let events = vec![NewEvent { act: Act::Raise, words: None, by }];
        Ok(Self { pack, place, matter, events, deliberation: None })
    }

    fn cadre(&self, when: Instant) -> Actor {
        Actor { account_id: "demo".into(), name: self.place.name.clone(), at: when, today: when.local_day() }
    }

    fn step(&mut self, next: Move, words: Option<&str>, by: Actor) -> Result<(), AppError> {
        let act = next.act();
        self.matter = self.matter.clone().take(next, self.pack, by.at, by.today)?;
        self.events.push(NewEvent { act, words: words.map(str::to_owned), by });
        Ok(())
    }

    fn accept(&mut self, story: &Story, when: Instant) -> Result<(), AppError> {
        let kind = self.pack.matter_kind(story.kind).or_else(|| self.pack.matter_kind("other"));
        let chosen = Chosen {
            kind: story.kind.into(),
            size: kind.and_then(|kind| Size::parse(&kind.size)).unwrap_or(Size::Small),
            hours: kind.map_or(72, |kind| kind.hours),
            department: kind.and_then(|kind| kind.department.clone()),
            member_id: None,
        };
        let by = self.cadre(when);
        self.step(Move::Accept(chosen), None, by)
    }

    fn end(&mut self, story: &Story, when: Instant) -> Result<(), AppError> {
        let done = Done {
            how: How::Resolved,
            at: when,
            on: when.local_day(),
            words: story.done.into(),
            person: Some(self.place.cadre.clone()),
            name: self.place.name.clone(),
            unit_id: self.place.unit_id.clone(),
        };
        let by = self.cadre(when);
        self.step(Move::End { done }, Some(story.done), by)
    }

    /// The branch meets and passes it on.
    fn deliberate(&mut self, decision: Decision, when: Instant) -> Result<(), AppError> {
        let minutes = match decision {
            Decision::Own => "党员分头做工作，村里自己解决。",
            Decision::Township => "村里办不了，材料整理好，报乡镇协调部门。",
            Decision::Express => "缺资金，按项目报直通车，村里出工出料。",
            Decision::Explain => "政策不允许，由支书当面说明。",
        };
        let secretary = Actor { name: "村党支部".into(), ..self.cadre(when) };
        let new = NewDeliberation {
            day: when.local_day(),
            chair: "村党支部书记".into(),
            present: 9,
            minutes: minutes.into(),
            decision,
        };
        self.deliberation = Some((new, secretary.clone()));
        let next = match decision {
            Decision::Own | Decision::Explain => Move::Own,
            Decision::Township => Move::Township { department: None },
            Decision::Express => Move::Express { problem_id: None },
        };
        self.step(next, Some(minutes), secretary)
    }

    fn told(self) -> Told {
        let new = NewMatter { matter: self.matter, code_hash: None, events: self.events, files: Vec::new() };
        Told { new, deliberation: self.deliberation }
    }

    fn villager(&self, when: Instant) -> Actor {
        acts::villager(when, when.local_day())
    }

    /// Takes the story as far as its course; `slow` is how many days the middle takes.
    fn run(mut self, story: &Story, course: Course, slow: i64) -> Result<Told, AppError> {
        let raised = self.matter.raised_at;
        let after = |hours: i64| raised.plus_seconds(hours * 3_600);
        match course {
            Course::Held | Course::Raised | Course::Late => return Ok(self.told()),
            Course::Withdrawn => {
                let by = self.villager(after(20));
                self.step(Move::Withdraw { why: "群众撤回".into() }, None, by)?;
                return Ok(self.told());
            }
            Course::Accepted
            | Course::Deliberating
            | Course::Township
            | Course::Express
            | Course::Solved
            | Course::Closed
            | Course::Unsatisfied => {}
        }
        // A burst pipe is taken up on the telephone.
        let first = if story.urgent { raised.plus_seconds(300) } else { after(2) };
        self.accept(story, first)?;
        let hard = self.matter.size == Size::Hard;
        if matches!(course, Course::Deliberating | Course::Township | Course::Express) || (hard && slow % 2 == 0) {
            let by = self.cadre(after(24));
            self.step(Move::Deliberate, None, by)?;
        }
        match course {
            Course::Accepted | Course::Deliberating => return Ok(self.told()),
            Course::Township | Course::Express => {
                let decision = if course == Course::Township { Decision::Township } else { Decision::Express };
                self.deliberate(decision, after(48))?;
                return Ok(self.told());
            }
            Course::Held
            | Course::Raised
            | Course::Late
            | Course::Withdrawn
            | Course::Solved
            | Course::Closed
            | Course::Unsatisfied => {}
        }
        if self.deliberation.is_none() && Step::Decide.fits(&self.matter) {
            self.deliberate(Decision::Own, after(48))?;
        }
        let solved = if story.urgent { raised.plus_seconds(2_700) } else { after(24 * slow.max(1)) };
        self.end(story, solved)?;
        let rated = solved.plus_seconds(26 * 3_600);
        let level = match course {
            Course::Closed if slow % 7 == 3 => None,
            Course::Closed if slow % 3 == 0 => Some(Level::Fair),
            Course::Closed => Some(Level::Satisfied),
            Course::Unsatisfied => Some(Level::Unsatisfied),
            Course::Held
            | Course::Raised
            | Course::Late
            | Course::Accepted
            | Course::Deliberating
            | Course::Township
            | Course::Express
            | Course::Solved
            | Course::Withdrawn => return Ok(self.told()),
        };
        match level {
            Some(Level::Unsatisfied) => {
                let by = self.villager(rated);
                self.step(Move::Reopen, Some("修了两天又坏了，请再来看看"), by)?;
            }
            Some(level) => {
                let by = self.villager(rated);
                let rating = Rating { level, at: rated, on: rated.local_day(), proxy: None };
                self.step(Move::Rate { rating }, Some(level.zh()), by)?;
            }
            None => {
                let closed = solved.plus_seconds(self.pack.matter_rate_days() * 86_400 + 3_600);
                let by =
                    Actor { account_id: "system".into(), name: "系统".into(), at: closed, today: closed.local_day() };
                self.step(Move::Expire, None, by)?;
            }
        }
        Ok(self.told())
    }
}

const CHANNELS: [Channel; 8] = [
    Channel::Card,
    Channel::Phone,
    Channel::Visit,
    Channel::Card,
    Channel::Room,
    Channel::Member,
    Channel::Chat,
    Channel::Hotline,
];

/// The states that the open ones are spread over; now and then one is taken back.
const OPEN: [Course; 12] = [
    Course::Raised,
    Course::Accepted,
    Course::Deliberating,
    Course::Township,
    Course::Accepted,
    Course::Solved,
    Course::Express,
    Course::Late,
    Course::Unsatisfied,
    Course::Held,
    Course::Raised,
    Course::Withdrawn,
];

/// The matters of a place: exactly so many solved, so many open, none newer than `today`. Places must not be empty.
pub fn matters(
    app: &App,
    pack: &Pack,
    places: &[Place],
    counts: Counts,
    today: Day,
    dice: &mut Dice,
) -> Result<Vec<Told>, AppError> {
    let mut told = Vec::new();
    for n in 0..counts.small + counts.hard {
        let hard = n >= counts.small;
        let list: &[Story] = if hard { HARD } else { SMALL };
        let story = &list[n % list.len()];
        let place = &places[dice.below(places.len())];
        let slow = if hard { dice.between(4, 24) } else { dice.between(1, 3) };
        // Long enough ago to be over, and not before the cadre came.
        let latest = slow + pack.matter_rate_days() + 3;
        let days = today.days_since(place.since) - 1;
        let day = today.plus_days(-dice.between(latest, days.max(latest).min(700)));
        let when = at(day, dice.between(8, 17), dice.between(0, 59));
        let pen = begin(app, pack, place, story, when, n)?;
        told.push(pen.run(story, Course::Closed, slow)?);
    }
    let start = dice.below(17);
    for n in 0..counts.open {
        let course = OPEN[n % OPEN.len()];
        let hard = matches!(course, Course::Deliberating | Course::Township | Course::Express);
        let list: &[Story] = if hard { HARD } else { SMALL };
        let story = &list[(n * 7 + start) % list.len()];
        let place = &places[n % places.len()];
        let back = match course {
            Course::Held | Course::Raised => 0,
            Course::Accepted => 1,
            Course::Deliberating => 2,
            Course::Township | Course::Express => 4,
            Course::Solved => 4,
            Course::Late => 6,
            Course::Unsatisfied => 4,
            Course::Closed | Course::Withdrawn => 12,
        };
        let when = at(today.plus_days(-back), 7, i64::try_from(n).unwrap_or(0) % 60);
        let pen = if course == Course::Held {
            let odd =
                Story {
                    kind: "other", words: "低价收粮，量大从优，加微信详谈，先到先得。", done: "", urgent: false
                };
            Pen::begin((app, pack, place), &odd, Channel::Card, when, (None, Some(Hold::Odd)))?
        } else {
            begin(app, pack, place, story, when, n)?
        };
        told.push(pen.run(story, course, 2)?);
    }
    told.sort_by_key(|one| one.new.matter.raised_at);
    Ok(told)
}

fn begin<'a>(
    app: &'a App,
    pack: &'a Pack,
    place: &'a Place,
    story: &Story,
    when: Instant,
    n: usize,
) -> Result<Pen<'a>, AppError> {
    let home = if place.homes.is_empty() { None } else { place.homes.get(n % place.homes.len()) };
    Pen::begin((app, pack, place), story, CHANNELS[n % CHANNELS.len()], when, (home, None))
}

/// Stores matters with what their branches said, and takes the last week's rounds over them.
pub async fn keep(tx: &mut Tx, county: CountyId, told: Vec<Told>, pack: &Pack, today: Day) -> Result<(), AppError> {
    let (mut new, mut meetings) = (Vec::new(), Vec::new());
    for one in told {
        meetings.extend(one.deliberation.map(|(said, by)| (one.new.matter.id.clone(), said, by)));
        new.push(one.new);
    }
    store::add_all(tx, county, &mut new).await?;
    for (id, said, by) in meetings {
        store::deliberate(tx, county, &id, &said, &by).await?;
    }
    for back in (0..7).rev() {
        let day = today.plus_days(-back);
        let by = Actor { account_id: "system".into(), name: "系统".into(), at: at(day, 8, 0), today: day };
        acts::every_day(tx, county, pack, &by).await?;
    }
    Ok(())
}

/// The matters of 社旗: some forty villages, the burst pipe of the story in 司庄村.
pub(super) async fn load(
    tx: &mut Tx,
    (app, of): (&App, super::Place),
    county: CountyId,
    world: &World,
    ids: &Ids,
    pack: &Pack,
) -> Result<(), AppError> {
    if !matches!(of, super::Place::Sheqi | super::Place::Fushan) {
        return Ok(());
    }
    let mut dice = Dice::new(world.seed, Stream::Matters);
    let story = world.accounts.iter().find(|account| account.login == "cadre").map(|account| account.name.clone());
    let mut places = Vec::new();
    for posting in world.postings.iter().filter(|one| one.holds(world.today) && one.role == PostRole::FirstSecretary) {
        let (person, village) = (&world.people[posting.person], &world.villages[posting.village]);
        let of_story = story.as_deref() == Some(person.name.as_str());
        if !of_story && places.len() >= 40 {
            continue;
        }
        let homes = households::store::of_village(tx, village.code).await?;
        places.push(Place {
            village: village.code,
            cadre: ids.people[posting.person].clone(),
            name: person.name.clone(),
            unit_id: ids.units.get(posting.unit).cloned(),
            since: posting.from,
            homes: homes.into_iter().take(30).map(|home| (home.id, home.head)).collect(),
        });
    }
    // The story's village stands first: its inbox holds something of everything.
    places.sort_by_key(|place| story.as_deref() != Some(place.name.as_str()));
    let Some(first) = places.first().cloned() else { return Ok(()) };
    if of == super::Place::Fushan {
        // FS-6
        let counts = Counts { small: 136, hard: 50, open: 0 };
        let mut told = matters(app, pack, &places, counts, world.today, &mut dice)?;
        told.sort_by_key(|one| one.new.matter.raised_at);
        return keep(tx, county, told, pack, world.today).await;
    }
    let mut told = matters(app, pack, &places, Counts { small: 24, hard: 9, open: 24 }, world.today, &mut dice)?;
    told.extend(matters(
        app,
        pack,
        std::slice::from_ref(&first),
        Counts { small: 3, hard: 1, open: 12 },
        world.today,
        &mut dice,
    )?);
    told.push(burst_pipe(app, pack, &first, world.today)?);
    told.sort_by_key(|one| one.new.matter.raised_at);
    members_of(tx, &first).await?;
    keep(tx, county, told, pack, world.today).await
}

/// Called in at twenty to seven on a frosty morning, running again three quarters of an hour later.
fn burst_pipe(app: &App, pack: &Pack, place: &Place, today: Day) -> Result<Told, AppError> {
    let when = at(today.plus_days(-2), 6, 40);
    let home = place.homes.first();
    let pen = Pen::begin((app, pack, place), &URGENT, Channel::Card, when, (home, None))?;
    let mut told = pen.run(&URGENT, Course::Solved, 1)?;
    told.new.code_hash = Code::parse(KNOWN_CODE).map(|code| code.hash(&app.keys, crate::matters::rules::FOLLOW_UP));
    Ok(told)
}

/// Three Party members of the village, each with some ten households.
async fn members_of(tx: &mut Tx, place: &Place) -> Result<(), AppError> {
    let since = at(place.since, 9, 0);
    for (name, homes) in ["司广田", "司春和", "田桂兰"].into_iter().zip(place.homes.chunks(10)) {
        let id = members::store::add(tx, place.village, name, None, since).await?;
        let homes: Vec<String> = homes.iter().map(|(id, _)| id.clone()).collect();
        members::store::give(tx, place.village.county(), &id, &homes).await?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        spine::facts::read::Span,
        statistics,
        testing::{COUNTY, MIGRATIONS, VILLAGE, code, databases, today, world},
    };

    #[tokio::test]
    async fn a_place_has_exactly_the_matters_asked_for() {
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            let pack = app.packs().get("fushan").expect("a pack");
            let place = Place {
                village: code(VILLAGE),
                cadre: (code(COUNTY).county(), "p".into()),
                name: "林一诺".into(),
                unit_id: None,
                since: Day::new(2022, 1, 1).expect("a day"),
                homes: Vec::new(),
            };
            let mut dice = Dice::new(7, Stream::Matters);
            let counts = Counts { small: 136, hard: 50, open: 11 };
            let told = matters(&app, pack, &[place], counts, today(), &mut dice).expect("told");
            let mut tx = app.db.begin().await.expect("a write");
            keep(&mut tx, code(COUNTY).county(), told, pack, today()).await.expect("kept");
            tx.commit().await.expect("written");
            let mut conn = app.db.read().await.expect("a reader");
            let span = Span { from: None, to: today() };
            let stats = statistics::stats(&mut conn, code(COUNTY), span, None).await.expect("figures");
            let figure = |code: &str| stats.indicators.get(code).and_then(serde_json::Value::as_i64);
            // One open story waits for its rating: solved as well.
            assert_eq!(figure("matter.solved.hard"), Some(50));
            assert_eq!(figure("matter.solved.small"), Some(136 + 1));
        }
    }
}
