//! What forms cost in the last months: each is thrown as somebody would have sent it and goes through the burden meter.

use base::{db::Tx, kernel::CountyId, web::AppError};

use super::{
    dice::{Dice, Stream},
    world::World,
};
use crate::{
    accounts::Role,
    burden::meter::{self, Key, Meter, Sums},
};

/// Months before this one of which there are sums, at most.
const MONTHS: i64 = 7;

/// How a form is filled by a role: how many a month in a county with [`POSTS`] posts, fields, seconds, and of a hundred how
/// many come back and in how many a figure is typed again.
struct Habit(Role, &'static str, (i64, i64), (i64, i64), (i64, i64), (usize, usize));

const POSTS: i64 = 450;

const HABITS: [Habit; 24] = [
    Habit(Role::Cadre, "/log", (380, 520), (5, 9), (60, 260), (4, 0)),
    Habit(Role::Cadre, "/matters", (60, 110), (4, 8), (60, 240), (3, 0)),
    Habit(Role::Cadre, "/leaves", (25, 60), (3, 4), (25, 90), (5, 0)),
    Habit(Role::Cadre, "/trips", (15, 40), (3, 4), (25, 80), (3, 0)),
    Habit(Role::Cadre, "/households", (20, 60), (4, 8), (60, 200), (6, 4)),
    Habit(Role::Cadre, "/problems", (2, 9), (5, 7), (180, 600), (8, 0)),
    Habit(Role::Cadre, "/projects", (4, 12), (4, 9), (150, 500), (9, 12)),
    Habit(Role::Cadre, "/account", (6, 16), (2, 3), (20, 70), (6, 0)),
    Habit(Role::Township, "/outcomes", (20, 50), (1, 2), (15, 60), (1, 0)),
    Habit(Role::Township, "/leaves", (25, 60), (1, 2), (12, 45), (1, 0)),
    Habit(Role::Township, "/matters", (15, 40), (2, 6), (40, 180), (3, 0)),
    Habit(Role::Township, "/visits", (6, 18), (5, 9), (120, 400), (7, 0)),
    Habit(Role::Township, "/spot-checks", (1, 7), (2, 5), (60, 240), (2, 0)),
    Habit(Role::Branch, "/matters", (20, 45), (2, 5), (40, 200), (4, 0)),
    Habit(Role::Branch, "/handovers", (0, 9), (1, 3), (20, 120), (0, 0)),
    Habit(Role::Office, "/postings", (4, 15), (5, 9), (90, 300), (8, 0)),
    Habit(Role::Office, "/forms", (5, 12), (2, 10), (90, 900), (12, 0)),
    Habit(Role::Office, "/briefings", (2, 8), (3, 6), (200, 900), (3, 0)),
    Habit(Role::Office, "/places", (6, 20), (2, 4), (40, 150), (5, 15)),
    Habit(Role::Office, "/calendar-days", (5, 8), (2, 3), (20, 60), (0, 0)),
    Habit(Role::Office, "/problem-meetings", (1, 6), (3, 6), (90, 400), (4, 0)),
    Habit(Role::Department, "/problems", (8, 22), (2, 4), (90, 420), (5, 0)),
    Habit(Role::Unit, "/bindings", (1, 7), (2, 4), (60, 300), (4, 0)),
    Habit(Role::Secadmin, "/accounts", (2, 6), (4, 5), (60, 200), (10, 0)),
];

/// Of a hundred pages so many lay open an hour longer.
const LAID_ASIDE: usize = 4;
const HOUR: i64 = 3_600_000;

pub(super) async fn load(tx: &mut Tx, county: CountyId, world: &World) -> Result<(), AppError> {
    let mut dice = Dice::new(world.seed, Stream::Burden);
    let (this, meter) = (world.today.month().first_day(), Meter::default());
    let begun = world.batches.last().map_or(this, |batch| batch.start);
    let posts = world.postings.iter().filter(|posting| posting.holds(world.today)).map(|_| 1).sum::<i64>();
    for back in (1..=MONTHS).rev() {
        let first = this.plus_months(-back);
        if first < begun {
            continue;
        }
        for Habit(role, path, forms, fields, seconds, (returned, again)) in &HABITS {
            let form = meter::find(path).ok_or_else(|| AppError::internal(format!("no form is sent to {path}")))?;
            let key = Key { county, month: first.month(), role: *role, form };
            for _ in 0..(dice.between(forms.0, forms.1) * posts + POSTS - 1) / POSTS {
                let took = dice.between(seconds.0, seconds.1) * 1_000;
                let took = if dice.percent(LAID_ASIDE) { took + HOUR } else { took };
                if dice.percent(*returned) {
                    meter.add(key, Sums::returned(Some(took / 2)));
                }
                meter.add(key, Sums::sent(dice.between(fields.0, fields.1), Some(took), dice.percent(*again).into()));
            }
        }
    }
    Ok(meter::add(tx, &meter.take().into_iter().collect::<Vec<_>>()).await?)
}
