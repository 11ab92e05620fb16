//! Making the columns of a linear program as they are asked for: the program gives prices, the units answer with what
//! they would do at these prices, which becomes new columns, until nobody has anything better. Prices are asked half-way
//! between the best so far and the program's own, which leads there in fewer rounds (Wentges 1997).

use crate::{core::SCALE, master::Master};

/// Prices of villages, and of the people of wide units.
#[derive(Debug, Clone, Default)]
pub(crate) struct Point {
    pub prices: Vec<i64>,
    pub rents: Vec<i64>,
}

impl Point {
    /// The prices of a program whose rows are villages, units, people.
    fn of(master: &Master, villages: usize, units: usize) -> Point {
        let whole = |dual: &f64| if *dual > 0.0 { (dual * SCALE as f64).round() as i64 } else { 0 };
        Point {
            prices: master.duals[..villages].iter().map(whole).collect(),
            rents: master.duals[villages + units..].iter().map(whole).collect(),
        }
    }

    /// Between two points; `pull` is the share of the other.
    fn mixed(&self, other: &Point, pull: f64) -> Point {
        let one = |(own, other): (&i64, &i64)| own + ((other - own) as f64 * pull).round() as i64;
        Point {
            prices: self.prices.iter().zip(&other.prices).map(one).collect(),
            rents: self.rents.iter().zip(&other.rents).map(one).collect(),
        }
    }
}

/// What is to be done with a bound (in parts of [`SCALE`]) and the value that the program has reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Verdict {
    On,
    /// The bound is low enough for whoever asked.
    Closed,
    /// More rounds would hardly lower the bound.
    Settled,
}

/// How a program is solved.
pub(crate) struct Rounds<'a> {
    pub villages: usize,
    pub units: usize,
    /// No more rounds than these.
    pub most: usize,
    pub judge: &'a dyn Fn(i64, f64) -> Verdict,
    pub stop: &'a dyn Fn(u64) -> bool,
}

/// Rounds in one go; more are not seen.
pub(crate) const MOST_ROUNDS: usize = 400;
/// Turns of the simplex in one round.
const MOST_TURNS: usize = 200_000;
/// How much of the best point is in those asked.
const PULL: f64 = 0.7;

impl Rounds<'_> {
    /// Solves a program from a point. `ask` adds columns to the program that earn something at its prices, and returns
    /// whether it found any, and the bound which the point asked proves. Returns the best point, its bound, and why it ended.
    pub fn run(
        &self,
        master: &mut Master,
        start: Point,
        ask: &mut dyn FnMut(&mut Master, &Point) -> (bool, i64),
    ) -> (Point, i64, Verdict) {
        let (mut any, mut bound) = ask(master, &start);
        let mut best = start;
        let mut pull = PULL;
        for _ in 0..self.most {
            let verdict = (self.judge)(bound, f64::MIN);
            if verdict == Verdict::Closed {
                return (best, bound, verdict);
            }
            let value = master.optimise(MOST_TURNS, &|| (self.stop)(0));
            let own = Point::of(master, self.villages, self.units);
            let mut points = vec![own];
            if pull > 0.0 {
                points.insert(0, points[0].mixed(&best, pull));
            }
            // Where the mixed prices bring nothing new, the program's own are asked.
            for (at, point) in points.into_iter().enumerate() {
                if at == 1 {
                    pull = if pull < 0.1 { 0.0 } else { pull / 2.0 };
                }
                let (found, proven) = ask(master, &point);
                any = found;
                if proven < bound {
                    bound = proven;
                    best = point;
                }
                if any || (self.judge)(bound, value) == Verdict::Closed {
                    break;
                }
            }
            match (self.judge)(bound, value) {
                Verdict::On if any && !(self.stop)(master.work) => {}
                Verdict::On => return (best, bound, Verdict::Settled),
                verdict => return (best, bound, verdict),
            }
        }
        (best, bound, Verdict::Settled)
    }
}
