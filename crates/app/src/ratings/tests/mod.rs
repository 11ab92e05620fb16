//! Rules by table, a round played by its people on both databases, and the search for who cast a ballot.

mod linkage;
mod pages;
mod rules;

use base::kernel::Month;

use crate::{
    accounts::Actor,
    app::App,
    ratings::{acts, rules::NewRound},
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
