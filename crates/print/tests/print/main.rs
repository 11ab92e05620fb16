//! What is printed says what was given, can be read back, and is refused with a reason where it cannot be made.

mod documents;
#[expect(clippy::unwrap_used, reason = "what cannot be read fails the test that reads it")]
mod paper;
mod refusals;
mod runs;
#[expect(clippy::unwrap_used, reason = "as above")]
mod sample;

use print::{Card, Cards};

pub fn run(items: &[Card]) -> Cards<'_> {
    Cards {
        title: "便民联心卡", issuer: "中共青禾县委组织部　监制", invitation: "扫码反映问题", items
    }
}
