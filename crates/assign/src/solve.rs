//! The whole way from a checked problem to a plan.

use crate::{
    Checked, Plan,
    core::{Core, LOCK, Post, SCALE},
    deal::Deal,
    descent::{Descent, Dual},
    large, plan,
    tree::{self, Limits},
    unit::{Asker, Offer},
};

/// How long and how to search. The same options and problem give the same plan, whatever the threads.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options {
    /// Which of equally good ways is tried first.
    pub seed: u64,
    /// Steps to do at most, about a million a second and thread; None: as many as usually suffice for the size.
    pub work: Option<u64>,
    pub threads: usize,
}

impl Default for Options {
    fn default() -> Self {
        Options { seed: 1, work: None, threads: 2 }
    }
}

/// How far a search is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Progress {
    pub objective: i64,
    pub bound: i64,
    pub work: u64,
}

/// Who looks on, and may end it.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    /// Told of better plans and bounds, on the calling thread.
    pub progress: &'a dyn Fn(Progress),
    /// Asked whether to stop, many times a second and on any thread: then the best plan so far is returned, with the bound
    /// so far.
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

impl Watch<'_> {
    /// Tells nobody and never stops.
    #[must_use]
    pub fn none() -> Watch<'static> {
        Watch { progress: &|_| {}, stop: &|| false }
    }
}

/// Inner steps that make one of [`Options::work`].
pub(crate) const STEP: u64 = 1000;
/// The usual work: so much, and so much for each pair of a village and a unit that may serve it.
const BASE_WORK: u64 = 2_000_000_000;
const PAIR_WORK: u64 = 6_500;
/// Up to so many villages and units the search may be exact as a whole.
const EXACT_ROWS: usize = 3000;
/// Turns of the descent before the linear program is made; every so many, a plan is made and columns are kept.
const MOST_TURNS: usize = 150;
const PLAN_EVERY: usize = 30;
const COLUMNS_EVERY: usize = 16;

/// Searches the best plan. See the crate's description for how.
#[must_use]
pub fn solve(checked: &Checked, options: &Options, watch: Watch<'_>) -> Plan {
    let core = Core::new(checked);
    let mut search = Search::new(&core, options, watch);
    search.run();
    let bound = search.bound;
    let work = search.work / STEP;
    plan::write(checked, &core, &search.deal, bound, work)
}

pub(crate) struct Search<'a> {
    pub core: &'a Core,
    pub options: Options,
    pub watch: Watch<'a>,
    pub deal: Deal,
    /// In whole points, locks counted.
    pub bound: i64,
    pub work: u64,
    pub most_work: u64,
}

impl<'a> Search<'a> {
    pub fn new(core: &'a Core, options: &Options, watch: Watch<'a>) -> Search<'a> {
        let usual = BASE_WORK + PAIR_WORK * core.pairs.len() as u64;
        let mut asker = Asker::default();
        let mut deal = Deal::greedy(core);
        deal.tune(core, &mut asker);
        Search {
            core,
            options: *options,
            watch,
            deal,
            bound: i64::MAX,
            work: asker.work,
            most_work: options.work.map_or(usual, |work| work.saturating_mul(STEP)),
        }
    }

    pub fn over(&self) -> bool {
        self.deal.value >= self.bound || self.work >= self.most_work || (self.watch.stop)()
    }

    /// Steps that may still be done.
    pub fn left(&self) -> u64 {
        self.most_work.saturating_sub(self.work)
    }

    pub fn tell(&self) {
        self.tell_bound(self.bound);
    }

    pub fn tell_bound(&self, bound: i64) {
        // Inside, a locked village that is unmet costs more than its penalty.
        let holders = self.deal.holders(self.core);
        let locked = |at: &usize| holders[*at].is_none() && self.core.villages[*at].gain >= LOCK;
        let debt = LOCK * (0..holders.len()).filter(locked).count() as i64;
        let (objective, bound) = (self.deal.value + debt, bound + debt);
        (self.watch.progress)(Progress { objective, bound, work: self.work / STEP });
    }

    /// Notes a bound, in parts of [`SCALE`].
    pub fn lower(&mut self, bound: i64) {
        self.bound = self.bound.min(bound.div_euclid(SCALE));
    }

    fn run(&mut self) {
        if self.core.villages.len() + self.core.units.len() + self.core.rents > EXACT_ROWS {
            large::plan(self);
            return;
        }
        let (dual, columns) = self.descend(|_| {});
        if !self.over() {
            self.close(&dual, &columns);
        }
    }

    /// Moves the prices; makes plans from them now and then, and shows the second half of the offers. Returns the best
    /// prices, and some of the sets of teams seen on the way.
    pub fn descend(&mut self, mut see: impl FnMut(&[Offer])) -> (Dual, Vec<(usize, Vec<Post>)>) {
        let core = self.core;
        let threads = self.options.threads;
        let mut descent = Descent::new(core, threads, &mut self.work);
        let mut columns: Vec<(usize, Vec<Post>)> = Vec::new();
        for turn in 0..MOST_TURNS {
            self.lower(descent.best.bound);
            if self.over() || descent.tired() {
                break;
            }
            let new = descent.step(core, self.deal.value * SCALE, threads, &mut self.work);
            if 2 * turn >= MOST_TURNS {
                see(&new.offers);
            }
            if turn % PLAN_EVERY == PLAN_EVERY - 1 {
                self.plan_from(&new);
                self.tell();
            }
            if turn % COLUMNS_EVERY == 0 {
                columns.retain(|(unit, posts)| new.offers[*unit].posts != *posts);
                let offers = new.offers.into_iter().enumerate().filter(|(_, offer)| !offer.posts.is_empty());
                columns.extend(offers.map(|(unit, offer)| (unit, offer.posts)));
            }
        }
        self.lower(descent.best.bound);
        self.plan_from(&descent.best);
        self.tell();
        (descent.best, columns)
    }

    fn plan_from(&mut self, dual: &Dual) {
        let mut asker = Asker::default();
        let deal = Deal::from_offers(self.core, &dual.offers, &dual.prices, &dual.rents, &mut asker);
        self.work += asker.work;
        if deal.value > self.deal.value {
            self.deal = deal;
        }
    }

    /// Searches the whole exactly, as far as work allows.
    fn close(&mut self, dual: &Dual, columns: &[(usize, Vec<Post>)]) {
        let limits = Limits {
            nodes: usize::MAX,
            work: self.left(),
            threads: self.options.threads,
            close: 0,
            stop: self.watch.stop,
        };
        let found = tree::search(self.core, self.deal.clone(), dual, columns, limits);
        self.work += found.work;
        self.deal = found.deal;
        self.bound = self.bound.min(found.bound);
        self.tell();
    }
}
