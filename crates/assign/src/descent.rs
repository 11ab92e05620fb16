//! The bound, and the prices that prove it. Each village has a price, to be paid by the unit that meets it; at any prices
//! the sum of all prices and of what all units earn at most is no less than the value of any plan. The prices are moved
//! until that sum hardly falls (volume algorithm of Barahona and Anbil, 2000).

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use crate::{
    core::{Core, SCALE},
    unit::{Asker, Offer, Prices},
};

/// Prices and what they prove.
#[derive(Debug, Clone)]
pub(crate) struct Dual {
    pub prices: Vec<i64>,
    /// Prices of the people of wide units.
    pub rents: Vec<i64>,
    /// No plan is worth more, in parts of [`SCALE`].
    pub bound: i64,
    pub offers: Vec<Offer>,
}

/// Fewer pairs than these are asked faster by one thread.
const WORTH_THREADS: usize = 60_000;

/// Asks every unit at these prices; the same on any number of threads. Adds to the work done.
pub(crate) fn ask_all(core: &Core, asked: Prices<'_>, threads: usize, work: &mut u64) -> Vec<Offer> {
    let ask = |units: std::ops::Range<usize>| {
        let mut asker = Asker::default();
        let offers: Vec<Offer> = units.map(|unit| asker.ask(core, unit, asked)).collect();
        (offers, asker.work)
    };
    let threads = if core.pairs.len() < WORTH_THREADS { 1 } else { threads.max(1) };
    let parts: Vec<(Vec<Offer>, u64)> = if threads == 1 {
        vec![ask(0..core.units.len())]
    } else {
        let parts = shares(core, threads);
        thread::scope(|scope| {
            let started: Vec<_> = parts.iter().map(|part| scope.spawn(|| ask(part.clone()))).collect();
            started.into_iter().map(joined).collect()
        })
    };
    let mut offers = Vec::with_capacity(core.units.len());
    for (part, asked) in parts {
        offers.extend(part);
        *work += asked;
    }
    offers
}

/// What prices prove.
pub(crate) fn evaluate(core: &Core, prices: Vec<i64>, rents: Vec<i64>, threads: usize, work: &mut u64) -> Dual {
    let worth: Vec<i64> = core.villages.iter().zip(&prices).map(|(spot, price)| spot.gain * SCALE - price).collect();
    let offers = ask_all(core, Prices { worth: &worth, rents: &rents, bans: None }, threads, work);
    let profits: i64 = offers.iter().map(|offer| offer.profit).sum();
    let bound = prices.iter().sum::<i64>() + profits - core.unmet_all() * SCALE;
    Dual { prices, rents, bound, offers }
}

/// Makes so many things on some threads, and takes them on this one, in their order, as soon as each is there.
pub(crate) fn in_turn<T: Send>(
    count: usize,
    threads: usize,
    make: impl Fn(usize) -> T + Sync,
    mut take: impl FnMut(usize, T),
) {
    let (next, make) = (&AtomicUsize::new(0), &make);
    let (made, all) = mpsc::channel();
    thread::scope(|scope| {
        for _ in 0..threads.min(count).max(1) {
            let made = made.clone();
            scope.spawn(move || {
                loop {
                    let at = next.fetch_add(1, Ordering::Relaxed);
                    if at >= count || made.send((at, make(at))).is_err() {
                        return;
                    }
                }
            });
        }
        drop(made);
        let mut due = 0;
        let mut early: BTreeMap<usize, T> = BTreeMap::new();
        for (at, one) in all {
            early.insert(at, one);
            while let Some(one) = early.remove(&due) {
                take(due, one);
                due += 1;
            }
        }
    });
}

/// What a thread has made. A fault in it is a fault here.
fn joined<T>(thread: thread::ScopedJoinHandle<'_, T>) -> T {
    thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault))
}

/// Runs of units with about the same number of pairs.
fn shares(core: &Core, threads: usize) -> Vec<std::ops::Range<usize>> {
    let total = core.pairs.len() + core.units.len();
    let mut parts = Vec::with_capacity(threads);
    let (mut start, mut seen) = (0, 0);
    for (unit, body) in core.units.iter().enumerate() {
        seen += body.pairs.len() + 1;
        if seen * threads >= total * (parts.len() + 1) {
            parts.push(start..unit + 1);
            start = unit + 1;
        }
    }
    if start < core.units.len() {
        parts.push(start..core.units.len());
    }
    parts
}

/// The state of a descent; [`step`](Descent::step) is called until it is content.
pub(crate) struct Descent {
    pub best: Dual,
    /// The running mean of the directions, villages first, then people.
    mean: Vec<f64>,
    /// How far a step goes.
    reach: f64,
    /// How much of the newest direction enters the mean.
    share: f64,
    stale: usize,
    steps: usize,
    bound_before: i64,
}

impl Descent {
    /// Prices at which nobody earns anything: what the best team of each village is worth.
    pub fn new(core: &Core, threads: usize, work: &mut u64) -> Descent {
        let mut prices = vec![0; core.villages.len()];
        for village in core.covers.iter().flatten() {
            prices[*village as usize] = core.villages[*village as usize].gain * SCALE;
        }
        for pair in &core.pairs {
            let village = pair.village as usize;
            prices[village] = prices[village].max((core.villages[village].gain + i64::from(pair.best)) * SCALE);
        }
        Self::from(core, prices, vec![0; core.rents], threads, work)
    }

    pub fn from(core: &Core, prices: Vec<i64>, rents: Vec<i64>, threads: usize, work: &mut u64) -> Descent {
        let best = evaluate(core, prices, rents, threads, work);
        let mean = slopes(core, &best.offers);
        Descent { bound_before: best.bound, best, mean, reach: 1.0, share: 0.1, stale: 0, steps: 0 }
    }

    /// One step toward lower bounds; `target` is what a plan is worth, in parts of [`SCALE`]. Returns the new place.
    pub fn step(&mut self, core: &Core, target: i64, threads: usize, work: &mut u64) -> Dual {
        self.steps += 1;
        let villages = core.villages.len();
        // Prices at zero do not fall: their slope does not count.
        let place = |dual: &Dual, at: usize| if at < villages { dual.prices[at] } else { dual.rents[at - villages] };
        let norm: f64 = (0..self.mean.len())
            .filter(|at| self.mean[*at] < 0.0 || place(&self.best, *at) > 0)
            .map(|at| self.mean[at] * self.mean[at])
            .sum();
        let above = (self.best.bound - target).max(SCALE / 4) as f64;
        let length = self.reach * above / norm.max(1e-9);
        let moved = |at: usize| {
            let new = place(&self.best, at) as f64 - length * self.mean[at];
            if new > 0.0 { new.round() as i64 } else { 0 }
        };
        let prices: Vec<i64> = (0..villages).map(moved).collect();
        let rents: Vec<i64> = (villages..self.mean.len()).map(moved).collect();
        let new = evaluate(core, prices, rents, threads, work);
        let slopes = slopes(core, &new.offers);
        let along: f64 = slopes.iter().zip(&self.mean).map(|(one, other)| one * other).sum();
        self.blend(&slopes);
        if new.bound < self.best.bound {
            self.stale = 0;
            if along > 0.0 {
                self.reach = (self.reach * 1.1).min(2.0);
            }
            self.best = new.clone();
        } else {
            self.stale += 1;
            if self.stale >= 12 {
                self.stale = 0;
                self.reach = (self.reach * 0.66).max(1e-4);
            }
        }
        if self.steps.is_multiple_of(60) {
            let fallen = (self.bound_before - self.best.bound) as f64;
            if fallen < 0.01 * (self.best.bound - target).max(1) as f64 {
                self.share = (self.share / 2.0).max(1e-3);
            }
            self.bound_before = self.best.bound;
        }
        new
    }

    /// The share of the new slopes that makes the mean shortest, within limits.
    fn blend(&mut self, slopes: &[f64]) {
        let (mut cross, mut apart) = (0.0, 0.0);
        for (mean, slope) in self.mean.iter().zip(slopes) {
            cross += mean * (mean - slope);
            apart += (mean - slope) * (mean - slope);
        }
        let best = if apart > 0.0 { cross / apart } else { 1.0 };
        let share = if best <= 0.0 { self.share / 10.0 } else { best.min(self.share) };
        for (mean, slope) in self.mean.iter_mut().zip(slopes) {
            *mean = share * slope + (1.0 - share) * *mean;
        }
    }

    pub fn tired(&self) -> bool {
        self.reach < 2e-3
    }
}

/// How the bound moves with each price: one, less the number of times its village (or person) is wanted.
fn slopes(core: &Core, offers: &[Offer]) -> Vec<f64> {
    let villages = core.villages.len();
    let mut slopes = vec![1.0; villages + core.rents];
    for (unit, offer) in offers.iter().enumerate() {
        let body = &core.units[unit];
        for post in &offer.posts {
            for village in std::iter::once(&post.village).chain(&post.covers) {
                slopes[*village as usize] -= 1.0;
            }
            if body.wide() {
                for one in &post.people {
                    slopes[villages + body.rents + usize::from(*one)] -= 1.0;
                }
            }
        }
    }
    slopes
}
