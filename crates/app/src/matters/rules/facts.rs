//! What a matter says as facts.

use base::kernel::Day;

use super::{
    Matter,
    words::{How, Level, Size, Stage},
};
use crate::spine::facts::FactDraft;

/// Hours within which a first answer counts as given on the day.
const A_DAY: i64 = 24;

/// Raised, answered, solved, rated. What is held back, refused or said twice says nothing.
#[must_use]
pub fn facts(matter: &Matter) -> Vec<FactDraft> {
    match matter.stage() {
        Stage::Held | Stage::Withdrawn | Stage::Merged => return Vec::new(),
        Stage::Raised
        | Stage::Accepted
        | Stage::Deliberating
        | Stage::Township
        | Stage::Express
        | Stage::Solved
        | Stage::Closed => {}
    }
    let draft = |indicator, day: Day, amount| FactDraft {
        indicator,
        day,
        amount,
        division: matter.village,
        person: None,
        unit_id: None,
        key: None,
        value: None,
    };
    let (raised, solved) = match matter.size {
        Size::Small => ("matter.raised.small", "matter.solved.small"),
        Size::Hard => ("matter.raised.hard", "matter.solved.hard"),
    };
    let mut facts = vec![draft(raised, matter.raised_on, 1), draft("matter.open", matter.raised_on, 1)];
    if let (Some(at), Some(hours)) = (matter.answered_at, matter.answer_hours()) {
        let day = at.local_day();
        facts.push(draft("matter.answered", day, 1));
        facts.push(draft("matter.answer_hours", day, hours));
        if hours <= A_DAY {
            facts.push(draft("matter.answered.day", day, 1));
        }
    }
    if let Some(done) = matter.state.done() {
        facts.push(draft("matter.open", done.on, -1));
        if done.how == How::Resolved {
            let credit =
                |fact: FactDraft| FactDraft { person: done.person.clone(), unit_id: done.unit_id.clone(), ..fact };
            facts.push(credit(draft(solved, done.on, 1)));
            facts.push(draft("matter.solved", done.on, 1));
            if matter.promised_at.is_none_or(|promised| done.at <= promised) {
                facts.push(draft("matter.solved.in_time", done.on, 1));
            }
        }
    }
    if let Some(rating) = matter.state.rating() {
        facts.push(draft("matter.rated", rating.on, 1));
        match rating.level {
            Level::Satisfied | Level::Fair => facts.push(draft("matter.rated.satisfied", rating.on, 1)),
            Level::Unsatisfied => {}
        }
    }
    facts
}
