//! Plans: what is solved, what locks do, what is said where none is possible.

use super::{actor, cleared, county, nominate, scene, sign, solved};
use crate::{
    app::App,
    dispatch::{
        acts::{self, Locked},
        rules::{Gate, Kept, UnitTerms},
        store::{self, Round},
        tests::Scene,
    },
    testing::{MIGRATIONS, OTHER_VILLAGE, SECOND_VILLAGE, TOWNSHIP, VILLAGE, code, databases, world},
    units::{self, Unit, UnitLevel},
};

fn unit_of<'k>(kept: &'k Kept, village: &str) -> Option<&'k str> {
    kept.team(village).map(|team| team.unit_name.as_str())
}

/// Changes the round in one transaction.
async fn change(app: &App, scene: &Scene, act: impl AsyncFnOnce(&mut base::db::Tx, &Round)) {
    let mut tx = app.db.begin().await.expect("a write");
    let round = scene.locked(&mut tx).await;
    act(&mut tx, &round).await;
    tx.commit().await.expect("written");
}

#[tokio::test]
async fn who_knows_what_a_village_needs_goes_there() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let plan = solved(&app, &scene, None).await;
        let kept = plan.kept.expect("a plan");
        assert!(kept.optimal && kept.unmet.is_empty(), "{kept:?}");
        assert_eq!(kept.objective, kept.bound);
        assert_eq!(unit_of(&kept, OTHER_VILLAGE), Some("县商务局"));
        let why: Vec<String> =
            kept.team(OTHER_VILLAGE).expect("a team").why().iter().map(base::i18n::Text::zh).collect();
        assert!(why[0].contains("电商 ↔ 县商务局"), "{why:?}");
        assert_eq!(kept.team(VILLAGE).expect("a team").people.len(), 2, "a weak village has two by default");
        assert_eq!(kept.assigned(), 5);
    }
}

#[tokio::test]
async fn a_gate_left_open_keeps_people_out_of_every_plan() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        nominate(&app, &scene, &scene.people).await;
        sign(&app, &scene, &scene.people, &[Gate::Politics, Gate::Conduct]).await;
        sign(&app, &scene, &scene.people[3..4], &[Gate::Ability]).await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        let sent: Vec<&str> = kept.teams.iter().flat_map(|team| &team.people).map(|one| one.name.as_str()).collect();
        assert_eq!(sent, ["丁宁"]);
        assert_eq!(kept.unmet.len(), 2);
        assert!(kept.unmet.iter().all(|one| !one.stops.is_empty()), "{:?}", kept.unmet);
    }
}

#[tokio::test]
async fn an_empty_pool_leaves_every_village_explained() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let kept = solved(&app, &scene, None).await.kept.expect("the plan that is possible");
        assert_eq!((kept.teams.len(), kept.unmet.len()), (0, 3));
        for one in &kept.unmet {
            let rules: Vec<&str> = one.stops.iter().map(|(rule, _)| rule.as_str()).collect();
            assert_eq!(rules, ["能派的人不够", "余下的人里没有能任队长的"], "{one:?}");
        }
    }
}

/// Units of townships are not sent by a plan: a county that has no others serves nobody.
#[tokio::test]
async fn a_village_outside_every_units_scope_says_so() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        let mut tx = app.db.begin().await.expect("a write");
        for id in [&scene.water, &scene.trade] {
            let row = units::store::find(&mut tx, id).await.expect("read").expect("a unit");
            let unit = Unit { level: UnitLevel::Township, ..Unit::named(&row.name) };
            assert!(units::store::save(&mut tx, id, &unit, row.version).await.expect("saved"));
        }
        tx.commit().await.expect("written");
        let kept = solved(&app, &scene, None).await.kept.expect("the plan that is possible");
        let stops: Vec<_> = kept.unmet.iter().map(|one| one.stops.clone()).collect();
        assert_eq!(stops, vec![vec![("没有单位服务这个地方".to_owned(), 0)]; 3]);
    }
}

#[tokio::test]
async fn too_few_leaders_are_named_with_the_step_that_would_do() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = scene(&app).await;
        // 方圆 and 柏青 rank one too low; nobody else is there.
        let low = [scene.people[2].clone(), scene.people[5].clone()];
        nominate(&app, &scene, &low).await;
        sign(&app, &scene, &low, &Gate::ALL).await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        let light = kept.unmet.iter().find(|one| one.village == SECOND_VILLAGE).expect("unmet");
        assert!(light.stops.iter().any(|(rule, _)| rule.contains("没有能任队长的")), "{light:?}");
        let step = light.step.as_deref().expect("a step");
        assert!(step.contains("队长级别放低一级") && step.contains('局'), "{step}");
        // A waiver with its reason does the same for one person.
        change(&app, &scene, async |tx, round| {
            let known = (None, None, Some("县委会议研究同意"));
            acts::describe(tx, round, &low[0], known, &actor(&app)).await.expect("waived");
        })
        .await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        assert_eq!(kept.teams.len(), 1);
        assert_eq!(kept.teams[0].names(), "方圆");
    }
}

#[tokio::test]
async fn nobody_goes_home_and_nobody_to_a_village_they_keep_away_from() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        change(&app, &scene, async |tx, round| {
            for person in &scene.people[..3] {
                let home = (None, Some(code(TOWNSHIP)), None);
                acts::describe(tx, round, person, home, &actor(&app)).await.expect("described");
            }
            let pair = (code(OTHER_VILLAGE), scene.trade.as_str());
            acts::forbid(tx, round, pair, Some("亲属回避"), &actor(&app)).await.expect("forbidden");
        })
        .await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        assert_eq!(unit_of(&kept, OTHER_VILLAGE), Some("社旗县水利局"));
        for village in [VILLAGE, SECOND_VILLAGE] {
            assert_ne!(unit_of(&kept, village), Some("社旗县水利局"), "{village}");
        }
    }
}

#[tokio::test]
async fn a_lock_is_kept_and_a_contradiction_is_named() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        let team = [scene.people[3].clone(), scene.people[5].clone()];
        change(&app, &scene, async |tx, round| {
            let locked = Locked::Team(&scene.trade, &team);
            acts::lock(tx, round, code(VILLAGE), locked, &actor(&app)).await.expect("locked");
        })
        .await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan");
        let names = kept.team(VILLAGE).expect("a team").names();
        assert!(names.contains("丁宁") && names.contains("柏青"), "{names}");

        // Fixed to one unit and locked to another: said by name, and no plan.
        change(&app, &scene, async |tx, round| {
            let asked =
                store::villages(tx, round).await.expect("read").into_iter().find(|one| one.code == code(VILLAGE));
            let asked = crate::dispatch::Demanded { fixed_unit: Some(scene.water.clone()), ..asked.expect("asks") };
            acts::save_village(tx, round, &asked, &actor(&app)).await.expect("fixed");
        })
        .await;
        let plan = solved(&app, &scene, None).await;
        assert_eq!((plan.state.as_str(), plan.kept.is_none()), ("failed", true));
        let said = plan.faults.join("；");
        assert!(said.contains("麦田村") && said.contains("县商务局") && !said.contains(&scene.trade), "{said}");
        let refused = |done: Result<(), base::web::AppError>| done.expect_err("refused").say().zh();
        change(&app, &scene, async |tx, round| {
            let by = actor(&app);
            let said = refused(acts::lock(tx, round, code(VILLAGE), Locked::Unit("nothing"), &by).await);
            assert_eq!(said, "派出单位里没有 nothing。");
            let strangers = [scene.people[0].clone()];
            let locked = Locked::Team(&scene.trade, &strangers);
            assert!(refused(acts::lock(tx, round, code(VILLAGE), locked, &by).await).contains("不在县商务局的名单里"));
            let elsewhere = code("411328101201");
            let said = refused(acts::lock(tx, round, elsewhere, Locked::Unit(&scene.water), &by).await);
            assert!(said.contains("不在村需求里"), "{said}");
            let pair = (code(VILLAGE), scene.water.as_str());
            let said = refused(acts::forbid(tx, round, pair, Some("纠纷"), &by).await);
            assert!(said.contains("不能又回避"), "{said}");
            let terms = UnitTerms { strong: false, max_teams: -1 };
            assert!(refused(acts::save_unit(tx, round, &scene.water, terms, &by).await).contains("0 到 99"));
            acts::unlock(tx, round, code(VILLAGE), &by).await.expect("unlocked");
        })
        .await;
        let kept = solved(&app, &scene, None).await.kept.expect("a plan again");
        assert_eq!(unit_of(&kept, VILLAGE), Some("社旗县水利局"));
    }
}

#[tokio::test]
async fn a_unit_that_drops_out_is_a_variant() {
    for db in databases(&MIGRATIONS).await {
        let app = world(&db).await;
        let scene = cleared(&app).await;
        change(&app, &scene, async |tx, round| {
            let locked = Locked::Unit(&scene.trade);
            acts::lock(tx, round, code(OTHER_VILLAGE), locked, &actor(&app)).await.expect("locked");
        })
        .await;
        let all = solved(&app, &scene, None).await;
        let without = solved(&app, &scene, Some(&scene.trade)).await;
        assert_eq!((all.number, without.number), (1, 2));
        assert_eq!(without.without.as_ref().map(|(_, name)| name.as_str()), Some("县商务局"));
        let (all, without) = (all.kept.expect("a plan"), without.kept.expect("a plan"));
        assert!(without.teams.iter().all(|team| team.unit == scene.water), "{without:?}");
        assert!(without.objective < all.objective);
        let mut conn = app.db.read().await.expect("a reader");
        let round = store::find_round(&mut conn, county(), &scene.round).await.expect("read").expect("a round");
        assert_eq!(store::locks(&mut conn, &round).await.expect("read").len(), 1, "the lock stands for the next solve");
    }
}
