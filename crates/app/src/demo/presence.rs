//! A handful of leaves and trips and two spot checks of the running batch, asked, decided and returned by the functions
//! that the pages use, each on its own day.

use base::{
    db::Tx,
    kernel::{CountyId, Day, DivisionCode, Instant},
    web::AppError,
};

use super::{
    dice::{Dice, Stream},
    world::World,
};
use crate::{
    accounts::{Actor, Scope},
    app::App,
    packs::Pack,
    presence::{
        leave::{self, Kind, Level, Span, State, store::NewLeave},
        posts::{self, Post},
        spot_checks::{self, Finding, store::Draw},
        trips::{self, store::NewTrip},
    },
};

/// Where the story's township keeps its people.
const MIAODIAN: i64 = 411_327_107_000;

/// Trips that somebody may have made: what kind, where to, what for.
const TRIPS: [(trips::Kind, &str, &str); 6] = [
    (trips::Kind::Business, "县农业农村局", "报高标准农田项目"),
    (trips::Kind::Training, "南阳市委党校", "驻村干部轮训班"),
    (trips::Kind::Investment, "浙江义乌", "看箱包加工企业"),
    (trips::Kind::Business, "县交通运输局", "争取村组道路维修"),
    (trips::Kind::Training, "省农业科学院", "香菇栽培技术培训"),
    (trips::Kind::Business, "派出单位", "汇报帮扶资金安排"),
];

/// Who does something on a day of the past, at nine in the morning.
fn on(day: Day, name: &str) -> Actor {
    let since = Day::new(1970, 1, 1).map_or(0, |first| day.days_since(first));
    Actor { account_id: "demo".into(), name: name.into(), at: Instant(since * 86_400_000 + 3_600_000), today: day }
}

struct Asked<'a> {
    post: &'a Post,
    kind: Kind,
    since: Day,
    days: i64,
    reason: &'a str,
}

/// How far a leave has come.
#[derive(Clone, Copy)]
enum Until {
    Asked,
    Approved,
    /// So many days after it was over; earlier when negative.
    Returned(i64),
}

struct Stage<'a> {
    tx: &'a mut Tx,
    app: &'a App,
    county: CountyId,
    pack: &'a Pack,
    today: Day,
}

impl Stage<'_> {
    async fn leave(&mut self, asked: Asked<'_>, until: Until) -> Result<(), AppError> {
        let span = Span { since: asked.since, until: asked.since.plus_days(asked.days) };
        if asked.since < asked.post.since {
            return Ok(());
        }
        let first = asked.since.plus_days(-2).min(self.today);
        let new = NewLeave { post: asked.post, kind: asked.kind, span, reason: Some(asked.reason) };
        let actor = on(first, &asked.post.name);
        let id = leave::store::ask(self.tx, &self.app.keys, &new, self.pack, &actor).await?;
        if matches!(until, Until::Asked) {
            return Ok(());
        }
        let decider = match Level::of(span.days(), self.pack) {
            Level::County => "宋知远",
            Level::Township if asked.post.village.parent().as_i64() == MIAODIAN => "许向阳",
            Level::Township => "乡镇党委",
        };
        let day = asked.since.plus_days(-1).min(self.today);
        self.step(&id, |row| row.approve(asked.since, day), &on(day, decider)).await?;
        if let Until::Returned(late) = until {
            let back = span.until.plus_days(late).max(span.since);
            self.step(&id, |row| row.give_back(asked.since, back, back), &on(back, &asked.post.name)).await?;
        }
        Ok(())
    }

    async fn step(
        &mut self,
        id: &str,
        next: impl FnOnce(State) -> Result<State, base::web::Refusal>,
        actor: &Actor,
    ) -> Result<(), AppError> {
        let row = leave::store::find(self.tx, self.county, id).await?.ok_or(AppError::NotFound)?;
        let state = row.state(actor.today).ok_or(AppError::NotFound)?;
        leave::store::change(self.tx, &row, next(state)?, None, actor).await
    }

    async fn trip(
        &mut self,
        post: &Post,
        since: Day,
        days: i64,
        (kind, destination, purpose): (trips::Kind, &str, &str),
    ) -> Result<(), AppError> {
        if since < post.since {
            return Ok(());
        }
        let span = Span { since, until: since.plus_days(days) };
        let actor = on(since.min(self.today), &post.name);
        trips::store::add(self.tx, &NewTrip { post, kind, span, destination, purpose }, &actor).await.map(drop)
    }

    /// A check of a past day: everybody found but who was away, and one who has said why they were not there.
    async fn check(&mut self, place: DivisionCode, day: Day, seed: &str, wanted: usize) -> Result<(), AppError> {
        let people = posts::on(self.tx, &Scope::of(place), day, 5_000).await?;
        if people.len() < wanted {
            return Ok(());
        }
        let checker = on(day, if place == self.county.division() { "宋知远" } else { "许向阳" });
        let draw = Draw { place, seed, wanted, posts: &people };
        let id = spot_checks::store::draw(self.tx, &draw, &checker).await?;
        let scope = Scope::of(place);
        let check = spot_checks::store::find(self.tx, &scope, self.county, &id).await?.ok_or(AppError::NotFound)?;
        let lines = spot_checks::store::lines(self.tx, self.county, &id).await?;
        let mut findings = Vec::new();
        let mut absent = None;
        for line in lines {
            let known = spot_checks::known(self.tx, &line).await?;
            let finding = match known {
                Some(known) => known,
                None if absent.is_none() => Finding::Absent,
                None => Finding::Found,
            };
            if finding == Finding::Absent {
                absent = Some(line.id.clone());
            }
            let note = (finding == Finding::Absent).then(|| "村室没有见到人，村支书说上午还在".to_owned());
            findings.push((line, finding, note));
        }
        spot_checks::store::find_all(self.tx, &check, &findings, self.pack, &checker).await?;
        if let Some(id) = absent {
            let line = spot_checks::store::find_line(self.tx, self.county, &id).await?.ok_or(AppError::NotFound)?;
            let word = "送一位老人去镇卫生院复查，十一点多回到村里。";
            spot_checks::store::save_word(self.tx, &line, word, &on(day, &line.person_name)).await?;
        }
        Ok(())
    }
}

/// Stores the presence of the running batch, as far as it has come on the world's day.
pub async fn load(tx: &mut Tx, app: &App, county: CountyId, world: &World, pack: &Pack) -> Result<(), AppError> {
    let today = world.today;
    let Some(batch) = world.batches.last() else { return Ok(()) };
    let people = posts::on(tx, &Scope::of(county.division()), today, 5_000).await?;
    let people: Vec<Post> = people.into_iter().filter(|post| post.since >= batch.start).collect();
    let mut dice = Dice::new(world.seed, Stream::Presence);
    let mut stage = Stage { tx, app, county, pack, today };
    let story = ["林一诺", "陶青松", "高致远"];
    let free = |post: &&Post| !story.contains(&post.name.as_str());
    // Somebody of 苗店镇 whose question waits for the township.
    let waiting = people.iter().rfind(|post| post.village.parent().as_i64() == MIAODIAN && free(post));
    let apart = |post: &Post| waiting.is_some_and(|one| one.id == post.id);
    let mut others: Vec<&Post> = people.iter().filter(|post| free(post) && !apart(post)).collect();
    dice.shuffle(&mut others);
    let mut others = others.into_iter();
    past(&mut stage, &mut others, &mut dice).await?;
    now(&mut stage, &people, waiting, &mut others).await?;
    let before = |days: i64| today.plus_days(-days);
    stage.check(county.division(), before(57), "七乐彩2023135", 6).await?;
    if let Some(miaodian) = DivisionCode::from_i64(MIAODIAN) {
        stage.check(miaodian, before(8), "七乐彩2024005", 3).await?;
    }
    Ok(())
}

/// Leaves and trips that are over: some came back a day early or late.
async fn past<'a>(
    stage: &mut Stage<'_>,
    others: &mut impl Iterator<Item = &'a Post>,
    dice: &mut Dice,
) -> Result<(), AppError> {
    let kinds = [Kind::Personal, Kind::Annual, Kind::Personal, Kind::Sick, Kind::Family];
    let reasons = ["家里老人住院，回去照看", "年休假", "孩子入学报到", "腰椎复查", "妻子生产"];
    for (at, post) in others.by_ref().take(14).enumerate() {
        let since = stage.today.plus_days(-dice.between(12, 120));
        let days = if at % 5 == 1 || at % 5 == 4 { 5 } else { dice.between(1, 3) };
        let late = [0, 0, -1, 0, 0, 0, 1][at % 7];
        let asked = Asked { post, kind: kinds[at % 5], since, days, reason: reasons[at % 5] };
        stage.leave(asked, Until::Returned(late.max(1 - days))).await?;
    }
    for (at, post) in others.by_ref().take(12).enumerate() {
        let since = stage.today.plus_days(-dice.between(8, 110));
        stage.trip(post, since, dice.between(1, 4), TRIPS[at % TRIPS.len()]).await?;
    }
    Ok(())
}

/// What is under way: people of the story and a few others.
async fn now<'a>(
    stage: &mut Stage<'_>,
    people: &[Post],
    waiting: Option<&Post>,
    others: &mut impl Iterator<Item = &'a Post>,
) -> Result<(), AppError> {
    let today = stage.today;
    let named = |name: &str| people.iter().find(|post| post.name == name);
    if let Some(lin) = named("林一诺") {
        stage.trip(lin, today.plus_days(-66), 5, TRIPS[1]).await?;
        let asked =
            Asked {
                post: lin, kind: Kind::Personal, since: today.plus_days(-37), days: 2, reason: "回城办房产手续"
            };
        stage.leave(asked, Until::Returned(0)).await?;
        let asked =
            Asked { post: lin, kind: Kind::Annual, since: today.plus_days(18), days: 4, reason: "春节前休年假" };
        stage.leave(asked, Until::Asked).await?;
    }
    if let Some(tao) = named("陶青松") {
        let asked =
            Asked {
                post: tao, kind: Kind::Personal, since: today.plus_days(-1), days: 3, reason: "父亲做白内障手术"
            };
        stage.leave(asked, Until::Approved).await?;
    }
    if let Some(gao) = named("高致远") {
        stage.trip(gao, today, 2, TRIPS[0]).await?;
    }
    if let Some(post) = waiting {
        let asked = Asked { post, kind: Kind::Sick, since: today.plus_days(1), days: 2, reason: "拔智齿" };
        stage.leave(asked, Until::Asked).await?;
    }
    let plan = [(Kind::Annual, -2, 5), (Kind::Family, -20, 98), (Kind::Personal, -5, 2)];
    for (post, (kind, from, days)) in others.by_ref().take(plan.len()).zip(plan) {
        let asked = Asked { post, kind, since: today.plus_days(from), days, reason: "家事" };
        stage.leave(asked, Until::Approved).await?;
    }
    for (at, post) in others.by_ref().take(4).enumerate() {
        stage.trip(post, today.plus_days(-1), 3, TRIPS[at + 1]).await?;
    }
    Ok(())
}
