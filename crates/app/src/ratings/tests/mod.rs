//! Rules by table, a round played by its people on both databases, and the search for who cast a ballot.

mod linkage;
mod pages;
mod rules;

use base::kernel::Month;

use crate::{
    accounts::Actor,
    app::App,
    ratings::{
        acts,
        rules::{Mark, Marks, NewRound},
        store,
    },
    testing::{VILLAGE, code, today},
};

/// Opens a round of this month with so many slips in 麦田村 and returns its id and codes.
async fn round(app: &App, month: Month, slips: i64) -> (String, Vec<base::code::Code>) {
    let actor =
        Actor { account_id: "test".into(), name: "许向阳".into(), at: app.clock.now(), today: month.first_day() };
    let new = NewRound {
        month,
        until: month.first_day().plus_days(20),
        slips,
        members: vec!["王守田".into(), "马长顺".into()],
    };
    let mut tx = app.db.begin().await.expect("a write");
    let pack = app.pack(&mut tx, code(VILLAGE).county()).await.expect("a pack");
    let opened = acts::open(&mut tx, app, (code(VILLAGE), "麦田村"), new, pack, &actor).await.expect("opened");
    tx.commit().await.expect("written");
    opened
}

fn this_month() -> Month {
    today().month()
}

/// A round of last month that was counted with seven ballots, and one of this month with two in its box.
pub(crate) async fn two_rounds(app: &App) {
    let last = this_month().first_day().plus_days(-1).month();
    for (month, many) in [(last, 7), (this_month(), 2)] {
        let (id, codes) = round(app, month, 8).await;
        let county = code(VILLAGE).county();
        for slip in codes.iter().take(many) {
            let mut conn = app.db.read().await.expect("a reader");
            let day = month.first_day().plus_days(3);
            let (slip, ballot) = acts::find(&mut conn, app, slip.plain(), day).await.expect("a ballot");
            drop(conn);
            let marks = Marks::new([(0, Mark::Satisfied), (1, Mark::Fair)]).expect("marks");
            let mut tx = app.db.begin().await.expect("a write");
            acts::cast(&mut tx, app, (&slip, &ballot), &marks, None, day).await.expect("cast");
            tx.commit().await.expect("written");
        }
        if month == last {
            let mut tx = app.db.begin().await.expect("a write");
            let row = store::find(&mut tx, county, &id).await.expect("read").expect("there");
            let pack = app.pack(&mut tx, county).await.expect("a pack");
            let by = Actor { account_id: "test".into(), name: "许向阳".into(), at: app.clock.now(), today: today() };
            acts::close(&mut tx, &row, pack, &by).await.expect("counted");
            tx.commit().await.expect("written");
        }
    }
}
