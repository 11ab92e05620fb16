//! The round that the demo of 社旗 brings.

use base::kernel::{Clock, Day, DivisionCode};

use crate::{
    accounts::Scope,
    app::{App, MIGRATIONS},
    demo,
    dispatch::{rules::State, store},
    testing::databases,
};

#[tokio::test]
async fn the_demo_shows_a_round_under_way() {
    let today = Day::new(2024, 1, 18).expect("a day");
    let sheqi = DivisionCode::parse("411327").expect("a code");
    for db in databases(&MIGRATIONS).await {
        let keys = base::seal::Keys::from_root(&[3; 32]);
        let app = App::new(db.db().clone(), keys, Clock::fixed(today), db.folder().join("files"), None, true);
        let app = app.expect("an app");
        demo::load(&app, &demo::sheqi(7, today), "sheqi").await.expect("loaded");
        let mut conn = app.db.read().await.expect("a reader");
        let lines = store::list_rounds(&mut conn, &Scope::of(sheqi), None, (50, 0)).await.expect("read");
        assert_eq!(lines.len(), 1);
        let round = store::find_round(&mut conn, sheqi.county(), &lines[0].id).await.expect("read").expect("a round");
        assert_eq!(round.state, State::Planning);
        let pool = store::candidates(&mut conn, &round).await.expect("read");
        assert!(pool.len() >= 60, "{}", pool.len());
        assert_eq!(pool.iter().filter(|one| one.is_refused()).count(), 2);
        assert_eq!(pool.iter().filter(|one| one.is_waiting()).count(), 6);
        assert_eq!(store::villages(&mut conn, &round).await.expect("read").len(), 26);
        let plans = store::list_plans(&mut conn, &round).await.expect("read");
        assert_eq!(plans.len(), 2);
        for plan in &plans {
            let kept =
                store::find_plan(&mut conn, plan.county, &plan.id).await.expect("read").and_then(|plan| plan.kept);
            let kept = kept.as_ref().expect("a plan");
            assert!(kept.optimal, "{} of {}", kept.objective, kept.bound);
            assert!(kept.teams.len() > 10, "{}", kept.teams.len());
        }
        assert!(plans[0].summary.map(|found| found.objective) <= plans[1].summary.map(|found| found.objective));
        assert_eq!(store::locks(&mut conn, &round).await.expect("read").len(), 1);
    }
}
