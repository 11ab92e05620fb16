//! Rules by table, the store on both databases, and the pages as the parties use them.

mod pages;
mod rules;
mod store;

use base::{
    kernel::{CountyId, Day, new_id},
    web::AppError,
};

use crate::{
    accounts::{
        self, Actor, Grant, Role,
        store::{NewAccount, account_of},
    },
    app::App,
    flows,
    handover::{Acting, Plan, Reason},
    people::{self, Person},
    places::{self, VillageCategory},
    postings::{self, Held, Ledger, PostRole, store::NewPosting},
    spine::tasks::{self, TaskDraft},
    testing::{COUNTY, SECOND_VILLAGE, VILLAGE, code, today},
};

pub fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

pub fn county() -> CountyId {
    code(COUNTY).county()
}

pub fn actor(app: &App) -> Actor {
    Actor::command_line(app.clock)
}

/// 林一诺 stands on post in 麦田村; 邓方圆 is approved to follow from today, and has an account.
pub struct Scene {
    pub batch: String,
    pub old: String,
    pub new: String,
    pub old_person: String,
    pub new_person: String,
    pub old_account: String,
    pub new_account: String,
}

pub async fn post(app: &App, batch: &str, person: &str, village: &str, state: postings::State, since: &str) -> String {
    let id = new_id();
    let held = Held {
        posting_id: id.clone(),
        batch_id: batch.into(),
        person: (county(), person.into()),
        unit_id: None,
        unit_level: None,
        village: code(village),
        role: PostRole::FirstSecretary,
        ledger: Ledger::Province,
        state,
        since: day(since),
    };
    let new = NewPosting { held, team_id: None, person_name: name_of(app, person).await, note: None };
    let mut tx = app.db.begin().await.expect("a write");
    postings::store::add_all(&mut tx, county(), &[new], false, &actor(app)).await.expect("entered");
    tx.commit().await.expect("written");
    id
}

async fn name_of(app: &App, person: &str) -> String {
    let found = people::store::find(&mut app.db.read().await.expect("a reader"), county(), person).await;
    found.expect("read").expect("there").name
}

pub async fn scene(app: &App) -> Scene {
    let mut tx = app.db.begin().await.expect("a write");
    let batch = postings::store::add_batch(&mut tx, county(), 1, "第一批", day("2023-06-01"), 24, true);
    let batch = batch.await.expect("a batch").id;
    for village in [VILLAGE, SECOND_VILLAGE].map(code) {
        let weak = VillageCategory::WeakBranch;
        places::store::set_category(&mut tx, village, weak, day("2021-01-01"), None).await.expect("set");
    }
    let lin = accounts::store::find_by_name(&mut tx, "cadre").await.expect("read").expect("an account");
    let deng = Person { name: "邓方圆".into(), ..Person::default() };
    let new_person = people::store::add(&mut tx, &app.keys, county(), &deng, app.clock.now()).await.expect("a person");
    let account = NewAccount {
        county: county(),
        sign_in_name: "deng",
        display_name: "邓方圆",
        person: Some((county(), &new_person)),
        password_hash: Some("x"),
    };
    let new_account = accounts::store::add(&mut tx, &account, app.clock.now()).await.expect("an account");
    let grant = Grant { role: Role::Cadre, division: Some(code(SECOND_VILLAGE)), unit_id: None };
    accounts::store::add_grant(&mut tx, &new_account, &grant, day("2023-01-01"), "test").await.expect("a grant");
    tx.commit().await.expect("written");
    let old_person = lin.person_id.expect("a person");
    let old = post(app, &batch, &old_person, VILLAGE, postings::State::OnPost, "2023-06-03").await;
    let new = post(app, &batch, &new_person, VILLAGE, postings::State::Approved, "2024-01-18").await;
    let old_account = account_of(&mut app.db.read().await.expect("a reader"), &old_person).await;
    let old_account = old_account.expect("read").expect("an account").0;
    Scene { batch, old, new, old_person, new_person, old_account, new_account }
}

/// Gives 林一诺 a number of tasks of their own in 麦田村.
pub async fn give_tasks(app: &App, scene: &Scene, n: usize) {
    let mut tx = app.db.begin().await.expect("a write");
    for at in 0..n {
        let draft = TaskDraft {
            kind: "trial",
            title: format!("第 {at} 件没办完的事"),
            detail: None,
            link: "/".into(),
            role: Role::Cadre,
            division: code(VILLAGE),
            due: today().plus_days(9),
            origin_kind: "trial",
            origin_id: at.to_string(),
        };
        tasks::open_for(&mut tx, &draft, Some(&scene.old_account), app.clock.now()).await.expect("a task");
    }
    tx.commit().await.expect("written");
}

/// Announces the leaving of 林一诺 for a day, 邓方圆 to follow.
pub async fn announce(app: &App, scene: &Scene, leaves_on: &str) -> Result<String, AppError> {
    let mut tx = app.db.begin().await?;
    let (_, nexts) = flows::leaving(&mut tx, county(), &scene.old).await?.ok_or(AppError::NotFound)?;
    let next = nexts.into_iter().find(|next| next.posting_id == scene.new);
    let plan = Plan { leaves_on: day(leaves_on), reason: Reason::Transferred, next };
    let pack = app.pack(&mut tx, county()).await?;
    let id = flows::announce_handover(&mut tx, (county(), &scene.old), plan, pack, &actor(app)).await?;
    tx.commit().await?;
    Ok(id)
}

impl Scene {
    pub fn old(&self) -> Acting {
        Acting { person_id: Some(self.old_person.clone()), ..Acting::default() }
    }

    pub fn incoming(&self) -> Acting {
        Acting { person_id: Some(self.new_person.clone()), ..Acting::default() }
    }
}

pub fn branch() -> Acting {
    Acting { is_branch: true, ..Acting::default() }
}
