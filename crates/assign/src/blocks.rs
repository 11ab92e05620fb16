//! Prices for problems too large for one linear program: block after block of neighbouring divisions, each a program of
//! its own, in which the units that also serve elsewhere may go there at the prices that stand.

use std::sync::{Mutex, PoisonError};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, SHUT},
    descent::{Dual, in_turn},
    part::Part,
    tree::{Limits, Relaxation},
    unit::{Asker, Prices},
};

/// A set of teams of a unit, and its share in its block's solution.
pub(crate) type Share = (f64, usize, Vec<Post>);

/// The program of one block.
struct Block<'a> {
    program: Relaxation<'a>,
    part: &'a Part,
    /// Which of its units serve outside too.
    outer: Vec<bool>,
}

/// Blocks solved at once; each sees the others as they were before. The same number whatever the threads.
const AT_ONCE: usize = 2;

/// The programs of all blocks, kept between sweeps.
pub(crate) struct Blocks<'a> {
    core: &'a Core,
    blocks: Vec<Mutex<Block<'a>>>,
    threads: usize,
    pub prices: Vec<i64>,
    pub rents: Vec<i64>,
}

/// The parts whose programs [`Blocks`] keeps.
pub(crate) fn parts(core: &Core) -> Vec<Part> {
    let each = core.blocks.iter().map(|villages| {
        let pairs = villages.iter().flat_map(|village| &core.by_village[*village as usize]);
        let mut units: Vec<u32> = pairs.map(|(_, unit)| *unit).collect();
        units.sort_unstable();
        units.dedup();
        Part::new(core, units, villages.clone())
    });
    each.collect()
}

impl<'a> Blocks<'a> {
    pub fn new(core: &'a Core, parts: &'a [Part], deal: &Deal, dual: &Dual, threads: usize, limits: Limits<'a>) -> Blocks<'a> {
        let block = |part: &'a Part| {
            let offers = part.units.iter().map(|unit| &dual.offers[*unit as usize].posts).enumerate();
            let more: Vec<(usize, Vec<Post>)> =
                offers.filter_map(|(unit, posts)| Some((unit, part.inward(unit, posts)?))).collect();
            let program =
                Relaxation::new(&part.core, part.deal(deal), part.prices(core, dual), &more, limits);
            let outer = |unit: &u32| {
                let mut pairs = core.units[*unit as usize].pairs.clone();
                pairs.any(|pair| !part.has(core.pairs[pair].village))
            };
            Mutex::new(Block { program, part, outer: part.units.iter().map(outer).collect() })
        };
        Blocks {
            core,
            blocks: parts.iter().map(block).collect(),
            threads,
            prices: dual.prices.clone(),
            rents: dual.rents.clone(),
        }
    }

    /// Solves every block once more, a few at a time, with what its units now earn elsewhere. Returns the steps done.
    pub fn sweep(&mut self) -> u64 {
        let mut work = 0;
        for first in (0..self.blocks.len()).step_by(AT_ONCE) {
            let group = &self.blocks[first..(first + AT_ONCE).min(self.blocks.len())];
            let (core, prices, rents) = (self.core, &self.prices, &self.rents);
            let done = in_turn(group.len(), self.threads, |at| {
                let mut block = group[at].lock().unwrap_or_else(PoisonError::into_inner);
                block.solve(core, prices, rents)
            });
            for (block, done) in group.iter().zip(done) {
                work += done;
                let block = block.lock().unwrap_or_else(PoisonError::into_inner);
                for (village, price) in block.part.villages.iter().zip(&block.program.prices) {
                    self.prices[*village as usize] = *price;
                }
                for (place, rent) in block.part.rent_places(core).into_iter().zip(&block.program.rents) {
                    self.rents[place] = *rent;
                }
            }
        }
        work
    }

    /// What the solutions of all blocks hold.
    pub fn shares(&mut self) -> Vec<Share> {
        let mut all = Vec::new();
        for block in &mut self.blocks {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            for (share, unit, posts) in block.program.shares() {
                let posts = block.part.outward(self.core, unit, posts);
                all.push((share, block.part.units[unit] as usize, posts));
            }
        }
        all
    }
}

impl Block<'_> {
    fn solve(&mut self, core: &Core, prices: &[i64], rents: &[i64]) -> u64 {
        let mut worth: Vec<i64> =
            core.villages.iter().zip(prices).map(|(spot, price)| spot.gain * SCALE - price).collect();
        for village in &self.part.villages {
            worth[*village as usize] = SHUT;
        }
        let mut asker = Asker::default();
        let asked = Prices { worth: &worth, rents, bans: None };
        let units = self.part.units.iter().zip(&self.outer);
        let aside = units.map(|(unit, outer)| if *outer { asker.ask(core, *unit as usize, asked).profit } else { 0 });
        let aside = aside.collect();
        self.program.solve(aside) + 4 * asker.work
    }
}

/// A plan from shares: the largest first, as far as they agree.
pub(crate) fn plan(core: &Core, mut shares: Vec<Share>, asker: &mut Asker) -> Deal {
    shares.sort_by(|one, other| other.0.total_cmp(&one.0).then(one.1.cmp(&other.1)));
    let mut deal = Deal::none(core);
    let mut met = vec![false; core.villages.len()];
    for (_, unit, posts) in shares {
        deal.join(core, unit, &posts, &mut met);
    }
    deal.fill(core);
    deal.tune(core, asker);
    deal
}
