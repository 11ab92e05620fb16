//! What pages read of a round that may be large: counts, parts of lists, one of many.

use base::web::AppError;

use super::{actor, cleared, county, nominate, person, scene, sign, solved};
use crate::{
    dispatch::{
        acts::{self, Sitting},
        rules::{Gate, Makeup},
        store::{self, PoolFilter, Round, VillageFilter},
    },
    people::{self, Person},
    testing::{MIGRATIONS, OTHER_VILLAGE, SECOND_VILLAGE, VILLAGE, browser_of, code, databases, world},
};

async fn round_of(conn: &mut base::db::Conn, id: &str) -> Round {
    store::find_round(conn, county(), id).await.expect("read").expect("a round")
}

/// Days around the fortieth birthday on 2024-03-01, known whole, to the month, to the year, not at all.
const BIRTHS: [Option<&str>; 8] = [
    Some("1984-02-29"),
    Some("1984-03-01"),
    Some("1984-03-02"),
    Some("1984-03"),
    Some("1984-04"),
    Some("1984"),
    Some("1985"),
    None,
];

#[tokio::test]
async fn a_pool_is_made_up_as_its_people_are() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let ranks = ["四级调研员", "二级主任科员", "单位自定"];
        let mut tx = app.db.begin().await.expect("a write");
        let mut all = Vec::new();
        for (at, birth) in BIRTHS.iter().enumerate() {
            let new = Person {
                birth: birth.map(str::to_owned),
                village_experience: at % 3 == 0,
                agriculture: at % 2 == 0,
                reserve: at == 4,
                ..person(&format!("甲{at}"), &scene.water, ranks[at % 3], "饮水")
            };
            all.push(people::store::add(&mut tx, &app.keys, county(), &new, app.clock.now()).await.expect("a person"));
        }
        tx.commit().await.expect("written");
        nominate(&app, &scene, &all).await;
        let mut tx = app.db.begin().await.expect("a write");
        let round = scene.locked(&mut tx).await;
        // By hand over what the name says.
        store::describe_candidate(&mut tx, &round, &all[2], (Some(5), None, None)).await.expect("described");
        tx.commit().await.expect("written");
        let mut conn = app.db.read().await.expect("a reader");
        let pool = store::candidates(&mut conn, &round).await.expect("read");
        let count = |is: &dyn Fn(&crate::dispatch::rules::Candidate) -> bool| pool.iter().filter(|one| is(one)).count();
        let counted = Makeup {
            of: pool.len(),
            young: count(&|one| one.age(round.starts_on).is_some_and(|age| age < 40)),
            division: Some(count(&|one| one.rank().is_some_and(|rank| rank <= 6))),
            rural: count(&|one| one.rural || one.agri),
            reserve: count(&|one| one.reserve),
        };
        assert_eq!((counted.of, counted.young, counted.division, counted.reserve), (8, 3, Some(4), 1));
        assert_eq!(store::makeup(&mut conn, &round).await.expect("counted"), counted);
    }
}

#[tokio::test]
async fn a_plan_is_made_up_as_those_whom_it_sends() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        let made = Makeup::of_plan(&kept);
        assert_eq!((made.of, made.young, made.rural), (kept.assigned(), kept.assigned(), kept.assigned()));
        assert_eq!(made.division, Some(0), "nobody of 县处级 is in the pool");
        let mut old = kept;
        old.teams[0].people[0].rank = None;
        let pack = app.pack(&mut app.db.read().await.expect("a reader"), county()).await.expect("a pack");
        let labels = |made: Makeup| made.shares(pack).into_iter().map(|share| share.label.zh()).collect::<Vec<_>>();
        assert!(labels(made).contains(&"县处级以上".to_owned()));
        assert!(!labels(Makeup::of_plan(&old)).contains(&"县处级以上".to_owned()), "said only where it is known");
    }
}

#[tokio::test]
async fn villages_are_narrowed_in_the_database() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let mut conn = app.db.read().await.expect("a reader");
        let round = round_of(&mut conn, &scene.round).await;
        let all = store::villages(&mut conn, &round).await.expect("read");
        assert_eq!(all.len(), 3);
        let none = VillageFilter::default();
        let words = |words: &str| VillageFilter { words: words.into(), ..VillageFilter::default() };
        let filters = [
            (none.clone(), vec![VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE]),
            (VillageFilter { category: Some(assign::Category::Weak), ..none.clone() }, vec![VILLAGE]),
            (words("柳溪"), vec![SECOND_VILLAGE]),
            (words("苗店"), vec![VILLAGE, SECOND_VILLAGE]),
            (words("%"), vec![VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE]),
            (words("没有这个"), vec![]),
            (words("社旗"), vec![]),
            (VillageFilter { county: Some(code("411328000000").county()), ..none.clone() }, vec![]),
            (VillageFilter { county: Some(county()), ..none.clone() }, vec![VILLAGE, SECOND_VILLAGE, OTHER_VILLAGE]),
        ];
        for (filter, expected) in filters {
            let expected: Vec<_> = expected.into_iter().map(code).collect();
            let found = store::list_villages(&mut conn, &round, &filter, None).await.expect("read");
            let mut codes: Vec<_> = found.iter().map(|one| one.code).collect();
            let sorted = codes.is_sorted();
            codes.sort_by_key(|code| expected.iter().position(|other| other == code));
            assert!(sorted, "{filter:?}");
            assert_eq!(codes, expected, "{filter:?}");
            let count = store::count_villages(&mut conn, &round, &filter).await.expect("counted");
            assert_eq!(usize::try_from(count).expect("few"), expected.len(), "{filter:?}");
        }
        let page = store::list_villages(&mut conn, &round, &none, Some((1, 1))).await.expect("read");
        assert_eq!(page, all[1..2]);
        let one = store::find_village(&mut conn, &round, all[2].code).await.expect("read");
        assert_eq!(one.as_ref(), all.get(2));
        let mut sums = store::villages_by_category(&mut conn, &round).await.expect("counted");
        sums.sort();
        assert_eq!(sums.iter().map(|(_, n)| n).sum::<i64>(), 3);
        assert!(sums.contains(&("weak".to_owned(), 1)), "{sums:?}");
    }
}

#[tokio::test]
async fn some_of_a_pool_are_read_without_the_others() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        nominate(&app, &scene, &scene.people).await;
        sign(&app, &scene, &scene.people[..2], &Gate::ALL).await;
        let mut conn = app.db.read().await.expect("a reader");
        let round = round_of(&mut conn, &scene.round).await;
        let senders = store::senders(&mut conn, &round).await.expect("read");
        let of: Vec<(&str, i64)> = senders.iter().map(|one| (one.name.as_str(), one.people)).collect();
        assert_eq!(of, [("社旗县水利局", 3), ("县商务局", 4)]);
        let filter = PoolFilter { units: Some(vec![scene.water.clone()]), ..PoolFilter::default() };
        let own = store::list_candidates(&mut conn, &round, &filter, None).await.expect("read");
        assert_eq!(own.len(), 3);
        assert_eq!(own.iter().filter(|one| one.is_cleared()).count(), 2, "with their sign-offs");
        for (filter, count) in [
            (filter, 3),
            (PoolFilter { units: Some(vec![]), ..PoolFilter::default() }, 0),
            (PoolFilter { people: Some(vec![]), ..PoolFilter::default() }, 0),
            (PoolFilter { people: Some(scene.people[1..3].to_vec()), ..PoolFilter::default() }, 2),
            (PoolFilter { show: "cleared".into(), ..PoolFilter::default() }, 2),
            (PoolFilter { show: "waiting".into(), words: "商务".into(), ..PoolFilter::default() }, 4),
            (PoolFilter { show: "waiting".into(), ..PoolFilter::default() }, 5),
            (PoolFilter { show: "refused".into(), ..PoolFilter::default() }, 0),
            (PoolFilter::default(), 7),
        ] {
            assert_eq!(store::count_pool(&mut conn, &round, &filter).await.expect("counted"), count, "{filter:?}");
        }
        let asked = [scene.people[3].clone(), "nobody".to_owned()];
        let found = store::find_people(&mut conn, &round, &asked).await.expect("read");
        assert_eq!(found.iter().map(|one| one.name.as_str()).collect::<Vec<_>>(), ["丁宁"]);
        let keepers = store::keepers(&mut conn, &round).await.expect("read");
        assert_eq!(keepers.len(), 7);
        assert!(keepers.values().all(|one| *one == county()));
        drop(conn);
        let mut tx = app.db.begin().await.expect("a write");
        let sitting = Sitting { gate: Gate::Politics, passed: true, why: None, body: "县委组织部" };
        let done = acts::sign(&mut tx, &round, &asked, sitting, &actor(&app)).await;
        assert!(matches!(done, Err(AppError::Refused(refusal)) if refusal.message.zh().contains("不在名单里")));
        assert_eq!(store::count_candidates(&mut tx, &round).await.expect("counted"), (7, 2, 5));
        let sitting = Sitting { passed: false, why: Some("档案不全"), ..sitting };
        acts::sign(&mut tx, &round, &scene.people[1..3], sitting, &actor(&app)).await.expect("signed");
        assert_eq!(store::count_candidates(&mut tx, &round).await.expect("counted"), (7, 1, 4));
        for (show, count) in [("cleared", 1), ("waiting", 4), ("refused", 2)] {
            let filter = PoolFilter { show: show.into(), ..PoolFilter::default() };
            assert_eq!(store::count_pool(&mut tx, &round, &filter).await.expect("counted"), count, "{show}");
        }
    }
}

#[tokio::test]
async fn a_plan_without_a_unit_is_ordered_by_its_name() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let mut office = browser_of(&app, "office").await;
        let order = format!("{}/plans", scene.root());
        for (typed, said) in [("局", "叫这个的单位有 2 个"), ("没有这个局", "有人选的派出单位里没有“没有这个局”")]
        {
            office.get(&scene.root()).await.is(200);
            let body = office.submit(&order, &[("without", typed)]).await.is(422).body();
            assert!(body.contains(said), "{body}");
        }
        for typed in [scene.water.as_str(), "社旗县水利局", "水利"] {
            office.get(&scene.root()).await.is(200);
            office.submit(&order, &[("without", typed)]).await.is(303);
        }
        let mut conn = app.db.read().await.expect("a reader");
        let round = round_of(&mut conn, &scene.round).await;
        let plans = store::list_plans(&mut conn, &round).await.expect("read");
        assert_eq!(plans.len(), 3);
        assert!(plans.iter().all(|plan| plan.without.as_ref().is_some_and(|(id, _)| *id == scene.water)));
    }
}
