//! The whole way from a checked problem to a plan.

use crate::{
    Checked, Plan,
    blocks::Blocks,
    core::{Core, Post, SCALE},
    deal::Deal,
    descent::{Descent, Dual, evaluate},
    near, plan,
    rounds::Point,
    tree::{self, Limits},
    unit::Asker,
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

/// Who looks on, and may end it. Both are called on the calling thread, a few times a second at least.
#[derive(Clone, Copy)]
pub struct Watch<'a> {
    pub progress: &'a dyn Fn(Progress),
    /// Asked whether to stop: then the best plan so far is returned, with the bound so far.
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
const STEP: u64 = 1000;
/// Up to so many villages and units the search may be exact as a whole.
const EXACT_ROWS: usize = 3000;
/// Turns of the descent before the search around the plan begins.
const FEW_TURNS: usize = 40;
const MOST_TURNS: usize = 100;

/// How often all blocks are priced.
const SWEEPS: usize = 4;
/// Steps of the search for the plan of one block.
const BLOCK_WORK: u64 = 1_000_000_000;

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
    fn new(core: &'a Core, options: &Options, watch: Watch<'a>) -> Search<'a> {
        let usual = 300_000_000_000 + 6_000 * core.pairs.len() as u64;
        Search {
            core,
            options: *options,
            watch,
            deal: Deal::greedy(core),
            bound: i64::MAX,
            work: 0,
            most_work: options.work.map_or(usual, |work| work.saturating_mul(STEP)),
        }
    }

    pub fn over(&self) -> bool {
        self.deal.value >= self.bound || self.work >= self.most_work || (self.watch.stop)()
    }

    pub fn tell(&self) {
        (self.watch.progress)(Progress { objective: self.deal.value, bound: self.bound, work: self.work / STEP });
    }

    fn run(&mut self) {
        let mut asker = Asker::default();
        self.deal.tune(self.core, &mut asker);
        self.work += asker.work;
        let rows = self.core.villages.len() + self.core.units.len() + self.core.rents;
        let (dual, columns) = self.descend(if rows <= EXACT_ROWS { MOST_TURNS } else { FEW_TURNS });
        if self.over() {
            return;
        }
        if rows <= EXACT_ROWS {
            self.close(&dual, &columns);
        } else {
            let dual = self.price_blocks(dual);
            near::improve(self, &dual);
        }
    }

    /// Moves the prices; makes plans from them now and then. Returns the best prices and the sets of teams seen on the
    /// last turns.
    fn descend(&mut self, turns: usize) -> (Dual, Vec<(usize, Vec<Post>)>) {
        let core = self.core;
        let threads = self.options.threads;
        let mut descent = Descent::new(core, threads, &mut self.work);
        let rows = core.villages.len() + core.units.len() + core.rents;
        let mut columns: Vec<(usize, Vec<Post>)> = Vec::new();
        for turn in 0..turns {
            self.bound = self.bound.min(descent.best.bound.div_euclid(SCALE));
            if self.over() || descent.tired() {
                break;
            }
            let new = descent.step(core, self.deal.value * SCALE, threads, &mut self.work);
            if turn % 30 == 29 {
                self.plan_from(&new);
                self.tell();
            }
            if turn % 16 == 0 && rows <= EXACT_ROWS {
                columns.retain(|(unit, posts)| new.offers[*unit].posts != *posts);
                let offers = new.offers.into_iter().enumerate().filter(|(_, offer)| !offer.posts.is_empty());
                columns.extend(offers.map(|(unit, offer)| (unit, offer.posts)));
                let old = columns.len().saturating_sub(20 * core.units.len());
                columns.drain(..old);
            }
        }
        self.bound = self.bound.min(descent.best.bound.div_euclid(SCALE));
        self.plan_from(&descent.best);
        self.tell();
        (descent.best, columns)
    }

    /// Prices from blocks, sweep after sweep.
    fn price_blocks(&mut self, mut dual: Dual) -> Dual {
        let core = self.core;
        let mut blocks = Blocks::new(core, &self.deal, &dual, self.options.threads, self.watch.stop);
        for sweep in 0..SWEEPS {
            self.work += blocks.sweep();
            let Point { prices, rents } = blocks.point.clone();
            let new = evaluate(core, prices, rents, self.options.threads, &mut self.work);
            eprintln!("sweep {sweep} bound {} {}", new.bound / SCALE, self.work / 1000);
            if new.bound < dual.bound {
                dual = new;
            }
            self.bound = self.bound.min(dual.bound.div_euclid(SCALE));
            self.tell();
            if self.over() {
                break;
            }
        }
        let mut asker = Asker::default();
        let (mut deal, work) = blocks.plan(BLOCK_WORK);
        eprintln!("blocks plan {} work {}", deal.value, work / 1000);
        deal.fill(core);
        deal.tune(core, &mut asker);
        self.work += work + asker.work;
        if deal.value > self.deal.value {
            self.deal = deal;
        }
        self.tell();
        dual
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
            work: self.most_work.saturating_sub(self.work),
            threads: self.options.threads,
            stop: self.watch.stop,
        };
        let found = tree::search(self.core, self.deal.clone(), dual, columns, limits);
        self.work += found.work;
        self.deal = found.deal;
        self.bound = self.bound.min(found.bound);
        self.tell();
    }
}
