//! The pool: who comes in, what is signed, what is refused.

use base::web::AppError;

use super::{actor, county, day, nominate, scene, sign};
use crate::{
    app::App,
    dispatch::{
        acts::{self, Sitting},
        rules::Gate,
        store::{self, Nominee},
        tests::Scene,
    },
    flows, people,
    postings::{self, Held, Ledger, PostRole, store::NewPosting},
    testing::{MIGRATIONS, SECOND_VILLAGE, TOWNSHIP, VILLAGE, code, databases, world},
};

/// What a refused act says, and where.
fn refused<T>(done: Result<T, AppError>) -> (Option<&'static str>, String) {
    match done {
        Err(AppError::Refused(refusal)) => (refusal.field, refusal.message.zh()),
        Err(other) => panic!("{other:?}"),
        Ok(_) => panic!("not refused"),
    }
}

/// A posting of a person in a batch that began on 2023-06-01 and lasts for some months.
async fn posted(app: &App, person: &str, village: &str, months: i64) {
    let mut tx = app.db.begin().await.expect("a write");
    let batch = postings::store::add_batch(&mut tx, county(), 1, "第一批", day("2023-06-01"), months, true);
    let batch = batch.await.expect("a batch").id;
    let held = Held {
        posting_id: base::kernel::new_id(),
        batch_id: batch,
        person: (county(), person.to_owned()),
        unit_id: None,
        unit_level: None,
        village: code(village),
        role: PostRole::FirstSecretary,
        ledger: Ledger::Province,
        state: postings::State::OnPost,
        since: day("2023-06-01"),
    };
    let name = people::store::find(&mut tx, county(), person).await.expect("read").expect("there").name;
    let new = NewPosting { held, team_id: None, person_name: name, note: None };
    postings::store::add_all(&mut tx, county(), &[new], false, &actor(app)).await.expect("entered");
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn who_is_bound_to_another_post_is_not_nominated() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        posted(&app, &scene.people[0], SECOND_VILLAGE, 24).await;
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        let rows = |people: &[String]| people.iter().map(|id| Nominee::of(county(), id)).collect::<Vec<_>>();
        let done = acts::nominate(&mut tx, &round, &rows(&scene.people[..2]), "水利局", &actor(&app)).await;
        let (field, said) = refused(done);
        assert_eq!(
            (field, said.as_str()),
            (Some("person"), "到 2024-03-01 仍有别的派驻，不能推荐：石磊（任期到 2025-06-01）。")
        );
        let twice = [rows(&scene.people[1..2]), rows(&scene.people[1..2])].concat();
        let (_, said) = refused(acts::nominate(&mut tx, &round, &twice, "水利局", &actor(&app)).await);
        assert_eq!(said, "许诺出现了不止一次，请只留一行。");
        let nobody = [Nominee::of(county(), "nobody")];
        let (_, said) = refused(acts::nominate(&mut tx, &round, &nobody, "水利局", &actor(&app)).await);
        assert_eq!(said, "名册里没有 nobody 这个人。");
        let (_, said) = refused(acts::nominate(&mut tx, &round, &[], "水利局", &actor(&app)).await);
        assert_eq!(said, "请勾选要推荐的人。");
        drop(tx);
        let mut conn = app.db.read().await.expect("a reader");
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        assert!(store::candidates(&mut conn, &round).await.expect("read").is_empty(), "nothing half-written");
        // A village whose first secretary stays cannot be taken in either.
        let held = flows::held_beyond(&mut conn, county(), round.starts_on).await.expect("read");
        assert_eq!(held.keys().copied().collect::<Vec<_>>(), [code(SECOND_VILLAGE)]);
    }
}

#[tokio::test]
async fn a_term_that_ends_on_the_first_day_binds_nobody() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        posted(&app, &scene.people[0], VILLAGE, 9).await;
        nominate(&app, &scene, &scene.people[..1]).await;
    }
}

#[tokio::test]
async fn three_gates_are_signed_each_with_who_and_why() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        nominate(&app, &scene, &scene.people).await;
        sign(&app, &scene, &scene.people, &[Gate::Politics, Gate::Conduct]).await;
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        let one = std::slice::from_ref(&scene.people[0]);
        let no = Sitting { gate: Gate::Ability, passed: false, why: Some(" "), body: "驻村办" };
        let (field, said) = refused(acts::sign(&mut tx, &round, one, no, &actor(&app)).await);
        assert_eq!((field, said.as_str()), (Some("why"), "不通过要写明原因。"));
        let nameless = Sitting { body: "", ..no };
        let (field, _) = refused(acts::sign(&mut tx, &round, one, nameless, &actor(&app)).await);
        assert_eq!(field, Some("body"));
        let stranger = ["someone".to_owned()];
        let yes = Sitting { passed: true, ..no };
        let (_, said) = refused(acts::sign(&mut tx, &round, &stranger, yes, &actor(&app)).await);
        assert_eq!(said, "有人不在名单里，请刷新后再签。");
        let no = Sitting { why: Some("没有农村工作经历"), ..no };
        acts::sign(&mut tx, &round, one, no, &actor(&app)).await.expect("signed");
        let pool = store::candidates(&mut tx, &round).await.expect("read");
        let shi = pool.iter().find(|one| one.name == "石磊").expect("in the pool");
        assert!(shi.is_refused() && !shi.is_cleared());
        let sign = shi.sign(Gate::Ability).expect("signed");
        assert_eq!(
            (sign.why.as_deref(), sign.body.as_str(), sign.by.as_str()),
            (Some("没有农村工作经历"), "驻村办", "命令行")
        );
        assert_eq!(pool.iter().filter(|one| one.is_waiting()).count(), 6);
        // The task of the office counts those that wait, and ends with them.
        let tasks = base::db::sql("select title from live_task where kind = 'dispatch_gates' and done_at is null");
        let open: Vec<(String,)> = tx.all(tasks.clone()).await.expect("read");
        assert_eq!(open, [("签三关：第二批 6 人待签".to_owned(),)]);
        let yes = Sitting { passed: true, why: None, ..no };
        acts::sign(&mut tx, &round, &scene.people[1..], yes, &actor(&app)).await.expect("signed");
        assert!(tx.all::<(String,)>(tasks).await.expect("read").is_empty());
        tx.commit().await.expect("written");
    }
}

async fn table(app: &App, scene: &Scene, text: &str) -> Result<u64, AppError> {
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    let came = acts::take_table(&mut tx, app, &round, (text.as_bytes(), "people.csv"), &actor(app)).await?;
    tx.commit().await.expect("written");
    Ok(came)
}

#[tokio::test]
async fn a_people_table_comes_in_whole_or_not_at_all() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let head = "人员编号,姓名,单位,级别,出生,入党,专长,基层经历,涉农,后备,家乡乡镇,三关\n";
        let good = format!(
            "{head}P1,石磊,社旗县水利局,7,1986-05-06,2010-07-01,饮水,1,0,0,{TOWNSHIP},1;1;1\n\
             P2,白露,县商务局,9,1990.02,,电商;直播,0,1,1,,1;0;0\n"
        );
        let bad = format!(
            "{head}P1,石磊,社旗县水利局,0,1986-05-06,,,,,,,1;1;1\nP2,白露,没有的局,9,1990.02,,,,,,,\n\
             P2,白露,县商务局,9,1990.02,,,,,,,\n"
        );
        let (field, said) = refused(table(&app, &scene, &bad).await);
        assert_eq!(field, Some("file"));
        for part in ["石磊的级别 0 不行", "白露的单位“没有的局”不在派出单位里", "人员编号 P2 出现了不止一次"]
        {
            assert!(said.contains(part), "{said}");
        }
        let (_, said) = refused(table(&app, &scene, "姓名\n石磊\n").await);
        assert!(said.contains("缺少这些列"), "{said}");
        assert_eq!(table(&app, &scene, &good).await.expect("read"), 2);
        let mut conn = app.db.read().await.expect("a reader");
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        let pool = store::candidates(&mut conn, &round).await.expect("read");
        let shi = pool.iter().find(|one| one.name == "石磊").expect("the person of the register");
        assert_eq!(shi.person_id, scene.people[0]);
        assert_eq!((shi.home_township, shi.is_cleared(), shi.rank()), (Some(code(TOWNSHIP)), true, Some(7)));
        let bai = pool.iter().find(|one| one.name == "白露").expect("a new person");
        assert_eq!(bai.passed(), [true, false, false]);
        assert_eq!(bai.specialities, ["电商", "直播"]);
        assert!(bai.agri && bai.reserve && !bai.rural);
        // The same again changes nothing.
        drop(conn);
        assert_eq!(table(&app, &scene, &good).await.expect("read"), 0);
    }
}
