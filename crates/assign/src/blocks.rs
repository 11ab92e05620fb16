//! Problems too large for one linear program made from nothing: blocks of neighbouring divisions, which few units have in
//! common. Two ways lead from the blocks to prices of the whole. Where people abound, block after block is solved while
//! the prices elsewhere stand, which lowers the bound each time ([`Blocks::sweep`]). Where people are short, each is solved
//! with a fair share of the common units to itself ([`Blocks::apart`]), and the solutions together are where the program
//! of the whole begins ([`Blocks::together`]).

use std::{
    collections::BTreeMap,
    ops::Range,
    sync::{Mutex, PoisonError},
};

use crate::{
    block::{Block, Known, Terms},
    core::Core,
    deal::{Deal, villages},
    descent::{Dual, in_turn},
    master::{Column, Master},
    rounds::Point,
    tree::Limits,
};

/// Blocks swept at once; each sees the others as they were before. The same number whatever the threads.
const AT_ONCE: usize = 2;
/// Nodes of the search for a block's plan, and how many points a set of teams may miss to be in it from the start.
const NODES: usize = 60;
const NEAR: f64 = 3.0;
/// A block is swept, or solved apart, to within so many points of its program's value.
const CLOSE_SWEPT: f64 = 0.5;
const CLOSE_APART: f64 = 5.0;

/// The programs of all blocks, kept between sweeps.
pub(crate) struct Blocks<'a> {
    core: &'a Core,
    blocks: Vec<Mutex<Block>>,
    threads: usize,
    stop: &'a (dyn Fn() -> bool + Sync),
    pub point: Point,
    /// The units that serve several blocks, by the block that has them to itself.
    lent: Vec<Vec<u32>>,
}

/// The blocks that want a unit.
type Wanted = BTreeMap<u32, Vec<usize>>;

impl<'a> Blocks<'a> {
    /// The programs of all blocks: to be swept from prices that are rather too high, or solved apart.
    pub fn new(
        core: &'a Core,
        deal: &Deal,
        swept: Option<&Dual>,
        threads: usize,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Blocks<'a> {
        let lent = share_out(core, &Wanted::new());
        let block = |at: usize| Mutex::new(Block::new(core, &core.blocks[at], deal, swept.ok_or(lent[at].as_slice())));
        let blocks = in_turn(core.blocks.len(), threads, block);
        let point = match swept {
            Some(dual) => Point { prices: dual.prices.clone(), rents: dual.rents.clone() },
            None => Point { prices: vec![0; core.villages.len()], rents: vec![0; core.rents] },
        };
        Blocks { core, blocks, threads, stop, point, lent }
    }

    /// Solves every block with a fair share of the outer units to itself. Returns the steps done.
    pub fn apart(&mut self) -> u64 {
        let (core, stop) = (self.core, self.stop);
        let solved = in_turn(self.blocks.len(), self.threads, |at| {
            let mut block = self.blocks[at].lock().unwrap_or_else(PoisonError::into_inner);
            block.solve(core, Terms::Alone(&self.lent[at]), CLOSE_APART, stop)
        });
        self.take_over(0..self.blocks.len());
        solved.into_iter().sum()
    }

    /// Solves every block once more at the prices of the others, a few at a time. Returns the steps done.
    pub fn sweep(&mut self) -> u64 {
        let mut work = 0;
        for first in (0..self.blocks.len()).step_by(AT_ONCE) {
            let group = first..(first + AT_ONCE).min(self.blocks.len());
            let (core, point, stop) = (self.core, &self.point, self.stop);
            let done = in_turn(group.len(), self.threads, |at| {
                let mut block = self.blocks[first + at].lock().unwrap_or_else(PoisonError::into_inner);
                block.solve(core, Terms::Priced(point), CLOSE_SWEPT, stop)
            });
            work += done.into_iter().sum::<u64>();
            self.take_over(group);
        }
        work
    }

    /// Takes the prices of some blocks into those of the whole.
    fn take_over(&mut self, blocks: Range<usize>) {
        for block in &mut self.blocks[blocks] {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            for (village, price) in block.inner.villages.iter().zip(&block.point.prices) {
                self.point.prices[*village as usize] = *price;
            }
            for (place, rent) in block.inner.rent_places(self.core).into_iter().zip(&block.point.rents) {
                self.point.rents[place] = *rent;
            }
        }
    }

    /// One program of all blocks, which begins where [`apart`](Self::apart) has ended. Its rows are all villages, all
    /// units, and the people of wide units.
    pub fn together(&mut self) -> Master {
        let core = self.core;
        let (villages, units) = (core.villages.len(), core.units.len());
        let mut limits = vec![1.0; villages + units + core.rents];
        for (unit, body) in core.units.iter().enumerate().filter(|(_, body)| body.wide()) {
            limits[villages + unit] = body.teams as f64;
        }
        let size = limits.len();
        let mut master = Master::new(limits, villages);
        let mut basis: Vec<usize> = Vec::with_capacity(size);
        // Rows that no block answers for keep their slack.
        let mut alone = vec![true; size];
        for (block, lent) in self.blocks.iter_mut().zip(&self.lent) {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            let rows = block.rows(core);
            let mut places: BTreeMap<usize, usize> = BTreeMap::new();
            for at in block.master.near(NEAR) {
                let old = &block.master.columns[at];
                let own = old.rows.iter().map(|row| rows[*row as usize]);
                let own = own.filter_map(|row| u32::try_from(row).ok()).collect();
                places.insert(at, size + master.columns.len());
                let gain = old.worth as f64;
                master.add(Column { unit: old.unit, posts: old.posts.clone(), worth: old.worth, rows: own }, gain);
            }
            // A unit that is lent to another block has its place in the basis there.
            let away: Vec<usize> = block
                .outer
                .iter()
                .filter(|unit| lent.binary_search(unit).is_err())
                .map(|unit| villages + *unit as usize)
                .collect();
            for variable in block.master.basis() {
                match variable.checked_sub(rows.len()) {
                    Some(column) => basis.extend(places.get(&column)),
                    None if away.binary_search(&rows[*variable]).is_err() => basis.push(rows[*variable]),
                    None => {}
                }
            }
            rows.iter().filter(|row| away.binary_search(row).is_err()).for_each(|row| alone[*row] = false);
        }
        basis.extend((0..size).filter(|row| alone[*row]));
        master.start_from(&basis);
        master
    }

    /// A plan from the sweeps: every outer unit is lent to one block that wants it. Returns the steps done, too.
    pub fn plan_swept(&mut self, work_each: u64) -> (Deal, u64) {
        let mut wanted = Wanted::new();
        let mut known = Vec::new();
        for (at, block) in self.blocks.iter_mut().enumerate() {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            for unit in block.wanted() {
                wanted.entry(unit).or_default().push(at);
            }
            known.push(near(&block.master).map(|column| (column.unit, column.posts.clone())).collect());
        }
        self.plan(&wanted, &known, work_each)
    }

    /// A plan from the program of the whole: every outer unit is lent to the block where it has most to do. Returns the
    /// steps done, too.
    pub fn plan_together(&mut self, program: &mut Master, point: Point, work_each: u64) -> (Deal, u64) {
        self.point = point;
        let block_of = block_of(self.core);
        let mut used: BTreeMap<u32, BTreeMap<usize, f64>> = BTreeMap::new();
        for (at, share) in program.shares() {
            let column = &program.columns[at];
            for village in villages(&column.posts) {
                if let Ok(unit) = u32::try_from(column.unit) {
                    *used.entry(unit).or_default().entry(block_of[village]).or_default() += share;
                }
            }
        }
        let most = |blocks: BTreeMap<usize, f64>| blocks.into_iter().max_by(|one, other| one.1.total_cmp(&other.1));
        let wanted =
            used.into_iter().filter_map(|(unit, blocks)| most(blocks).map(|(block, _)| (unit, vec![block]))).collect();
        let mut known: Vec<Vec<Known>> = vec![Vec::new(); self.core.blocks.len()];
        for column in near(program) {
            if let Some(village) = villages(&column.posts).next() {
                known[block_of[village]].push((column.unit, column.posts.clone()));
            }
        }
        self.plan(&wanted, &known, work_each)
    }

    /// Searches each block as a problem of its own.
    fn plan(&self, wanted: &Wanted, known: &[Vec<Known>], work_each: u64) -> (Deal, u64) {
        let lent = share_out(self.core, wanted);
        let (core, stop) = (self.core, self.stop);
        let made = in_turn(self.blocks.len(), self.threads, |at| {
            let block = self.blocks[at].lock().unwrap_or_else(PoisonError::into_inner);
            let limits = Limits { nodes: NODES, work: work_each, threads: 1, stop };
            block.plan(core, (&self.point, &lent[at], &known[at]), limits)
        });
        let mut deal = Deal::none(core);
        let mut work = 0;
        for (posts, spent) in made {
            posts.into_iter().for_each(|(unit, posts)| deal.set(core, unit, posts));
            work += spent;
        }
        (deal, work)
    }
}

/// The columns of a program that earn almost their prices.
fn near(program: &Master) -> impl Iterator<Item = &Column> {
    program.near(NEAR).into_iter().map(|at| &program.columns[at]).filter(|column| !column.posts.is_empty())
}

fn block_of(core: &Core) -> Vec<usize> {
    let mut block_of = vec![0; core.villages.len()];
    for (at, block) in core.blocks.iter().enumerate() {
        block.iter().for_each(|village| block_of[*village as usize] = at);
    }
    block_of
}

/// Which units each block has to itself, of those that serve several: each goes to one of the blocks that want it (any,
/// where none does), to that which has the fewest for its villages. Wide units are lent to nobody.
fn share_out(core: &Core, wanted: &Wanted) -> Vec<Vec<u32>> {
    let block_of = block_of(core);
    let mut common: Vec<(u32, Vec<usize>)> = Vec::new();
    for (unit, body) in (0u32..).zip(&core.units) {
        let pairs = &core.pairs[body.pairs.clone()];
        let mut blocks: Vec<usize> = pairs.iter().map(|pair| block_of[pair.village as usize]).collect();
        blocks.sort_unstable();
        blocks.dedup();
        if blocks.len() > 1 && !body.wide() {
            common.push((unit, wanted.get(&unit).cloned().unwrap_or(blocks)));
        }
    }
    // Those with the least choice first.
    common.sort_by_key(|(unit, blocks)| (!wanted.contains_key(unit), blocks.len(), *unit));
    let mut lent: Vec<Vec<u32>> = vec![Vec::new(); core.blocks.len()];
    for (unit, blocks) in common {
        let filled = |at: &&usize| (lent[**at].len() + 1) * 1_000_000 / core.blocks[**at].len().max(1);
        if let Some(at) = blocks.iter().min_by_key(filled) {
            lent[*at].push(unit);
        }
    }
    lent.iter_mut().for_each(|units| units.sort_unstable());
    lent
}
