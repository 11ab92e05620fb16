//! Blocks of neighbouring divisions, which few units have in common. Each block has a linear program of its own, in which
//! it has some of these units to itself, or hires any of them at a fee: what the unit would earn elsewhere.

use std::collections::{BTreeMap, HashMap};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, villages},
    descent::{Dual, evaluate},
    master::{Column, Master},
    part::Part,
    rounds::Point,
    tree::{self, Limits},
    unit::Asker,
};

/// How many points a set of teams may miss to be in the search for a block's plan from the start.
pub(crate) const NEAR: f64 = 3.0;

/// Some posts of a unit.
pub(crate) type Known = (usize, Vec<Post>);

/// How much each unit has to do in each block.
pub(crate) type Shares = BTreeMap<(usize, usize), f64>;

/// Which units each block has to itself: those that serve nowhere else, and some of the common ones.
pub(crate) type Lent = Vec<Vec<u32>>;

pub(crate) struct Block {
    part: Part,
    /// Places in the part of the units that serve elsewhere too, and how many teams they have.
    common: Vec<(usize, usize)>,
    program: Master,
    point: Point,
}

impl Block {
    /// A block with all units that serve in it, of the common ones only those lent to it open; and what is known of the
    /// whole, prices and sets of teams near the best.
    pub fn new(core: &Core, block: &[u32], lent: &[u32], (dual, known): (&Dual, &[Known]), work: &mut u64) -> Block {
        let mut inside = vec![false; core.villages.len()];
        block.iter().for_each(|village| inside[*village as usize] = true);
        let pairs = block.iter().flat_map(|village| &core.by_village[*village as usize]);
        let mut units: Vec<u32> = pairs.map(|(_, unit)| *unit).collect();
        units.sort_unstable();
        units.dedup();
        let part = Part::new(core, units, block.to_vec());
        let elsewhere = |unit: &u32| {
            core.pairs[core.units[*unit as usize].pairs.clone()].iter().any(|pair| !inside[pair.village as usize])
        };
        let all = part.units.iter().enumerate().filter(|(_, unit)| elsewhere(unit));
        let common = all.map(|(at, _)| (at, part.core.units[at].teams)).collect();
        let (prices, rents) = part.prices(core, dual);
        let program = tree::program(&part.core);
        let mut made = Block { part, common, program, point: Point { prices, rents } };
        made.lend(lent);
        let mut asker = Asker::default();
        let dual = evaluate(&made.part.core, made.point.prices.clone(), made.point.rents.clone(), 1, &mut asker.work);
        let deal = Deal::from_offers(&made.part.core, &dual.offers, &dual.prices, &dual.rents, &mut asker);
        let mut known = made.inward(known);
        known.extend(dual.offers.into_iter().map(|offer| offer.posts).enumerate());
        made.program = tree::start(&made.part.core, &deal, &known);
        *work += asker.work;
        made
    }

    /// Opens the common units that are lent to the block, and no others.
    pub fn lend(&mut self, lent: &[u32]) {
        for (at, teams) in &self.common {
            let unit = &mut self.part.core.units[*at];
            unit.teams = if lent.binary_search(&self.part.units[*at]).is_ok() { *teams } else { 0 };
            unit.fee = 0;
        }
    }

    /// Opens all common units at a fee each, by the unit; wide ones remain where they are lent.
    pub fn hire(&mut self, fees: &[i64]) {
        for (at, teams) in &self.common {
            let unit = &mut self.part.core.units[*at];
            if !unit.wide() {
                (unit.teams, unit.fee) = (*teams, fees[self.part.units[*at] as usize]);
            }
        }
    }

    /// Solves the program to within what `limits` says. Returns the steps done.
    pub fn relax(&mut self, limits: Limits<'_>) -> u64 {
        let program = std::mem::replace(&mut self.program, Master::new(Vec::new(), 0));
        let start = std::mem::take(&mut self.point);
        let work;
        (self.program, self.point, work) = tree::relax(&self.part.core, program, start, limits);
        work
    }

    /// Puts the block's prices into those of the whole.
    pub fn price(&self, core: &Core, whole: &mut Point) {
        let (part, point) = (&self.part, &self.point);
        part.villages.iter().zip(&point.prices).for_each(|(at, price)| whole.prices[*at as usize] = *price);
        part.rent_places(core).into_iter().zip(&point.rents).for_each(|(at, rent)| whole.rents[at] = *rent);
    }

    /// What the open common units earn in the block, fees taken off.
    pub fn earned(&self) -> impl Iterator<Item = (usize, i64)> + '_ {
        let open = self.common.iter().filter(|(at, _)| self.part.core.units[*at].teams > 0);
        open.map(|(at, _)| {
            let price = self.program.duals[self.part.villages.len() + at].max(0.0);
            (self.part.units[*at] as usize, (price * SCALE as f64) as i64)
        })
    }

    /// Brings the program, solved with the units lent to the block, into that of the whole: the columns near the best, and
    /// the basis as variables of the whole.
    pub fn join(&self, core: &Core, whole: &mut Master, basis: &mut Vec<usize>) {
        let (part, program) = (&self.part, &self.program);
        let (villages, units) = (core.villages.len(), core.units.len());
        let size = villages + units + core.rents;
        let open = |at: usize| part.core.units[at].teams > 0;
        // A unit that is lent to another block has its row in the basis there.
        let of_units = part.units.iter().enumerate().map(|(at, unit)| open(at).then_some(villages + *unit as usize));
        let of_people = part.rent_places(core).into_iter().map(|place| Some(villages + units + place));
        let rows: Vec<Option<usize>> =
            part.villages.iter().map(|village| Some(*village as usize)).chain(of_units).chain(of_people).collect();
        let mut places: HashMap<usize, usize> = HashMap::new();
        for at in program.near(NEAR) {
            let Column { unit, posts, worth, rows: old } = &program.columns[at];
            places.insert(at, size + whole.columns.len());
            let posts = part.outward(core, *unit, posts.clone());
            let rows = old.iter().filter_map(|row| u32::try_from(rows[*row as usize]?).ok()).collect();
            let unit = part.units[*unit] as usize;
            whole.add(Column { unit, posts, worth: *worth, rows }, *worth as f64);
        }
        basis.extend(program.basis().iter().filter_map(|variable| match variable.checked_sub(rows.len()) {
            None => rows[*variable],
            Some(column) => places.get(&column).copied(),
        }));
    }

    /// The sets of teams near the best, of the whole.
    pub fn near(&self, core: &Core) -> Vec<Known> {
        let near = self.program.near(NEAR).into_iter().map(|at| &self.program.columns[at]);
        let outward = |unit: usize, posts: &[Post]| self.part.outward(core, unit, posts.to_vec());
        near.map(|column| (self.part.units[column.unit] as usize, outward(column.unit, &column.posts))).collect()
    }

    fn inward(&self, known: &[Known]) -> Vec<Known> {
        let place = |unit: usize| self.part.units.binary_search(&u32::try_from(unit).ok()?).ok();
        let open = |unit: &usize| self.part.core.units[*unit].teams > 0;
        let here = |(unit, posts): &Known| {
            let unit = place(*unit).filter(open)?;
            Some((unit, self.part.inward(unit, posts)?))
        };
        known.iter().filter_map(here).collect()
    }

    /// Adds how much each common unit has to do in the block, whose number is `number`.
    pub fn note(&mut self, number: usize, shares: &mut Shares) {
        for (at, share) in self.program.shares() {
            let unit = self.program.columns[at].unit;
            if self.common.binary_search_by_key(&unit, |(at, _)| *at).is_ok() {
                *shares.entry((self.part.units[unit] as usize, number)).or_default() += share;
            }
        }
    }

    /// The solution rounded to a plan, in posts of the whole.
    pub fn rounded(&mut self, core: &Core, work: &mut u64) -> Vec<Known> {
        let mut asker = Asker::default();
        let deal = tree::rounded(&self.part.core, &mut self.program, &mut asker);
        *work += asker.work;
        self.outward(core, deal)
    }

    /// Searches a plan from what is known of the whole, in posts of the whole.
    pub fn plan(
        &self,
        core: &Core,
        (dual, known): (&Dual, &[Known]),
        limits: Limits<'_>,
        work: &mut u64,
    ) -> Vec<Known> {
        let mut asker = Asker::default();
        let small = &self.part.core;
        let (prices, rents) = self.part.prices(core, dual);
        let dual = evaluate(small, prices, rents, 1, &mut asker.work);
        let deal = Deal::from_offers(small, &dual.offers, &dual.prices, &dual.rents, &mut asker);
        let found = tree::search(small, deal, &dual, &self.inward(known), limits);
        *work += asker.work + found.work;
        self.outward(core, found.deal)
    }

    fn outward(&self, core: &Core, deal: Deal) -> Vec<Known> {
        let posts = deal.posts.into_iter().enumerate().filter(|(unit, _)| self.part.core.units[*unit].teams > 0);
        posts.map(|(unit, posts)| (self.part.units[unit] as usize, self.part.outward(core, unit, posts))).collect()
    }
}

/// The block of each village.
pub(crate) fn block_of(core: &Core) -> Vec<usize> {
    let mut block_of = vec![0; core.villages.len()];
    for (at, block) in core.blocks.iter().enumerate() {
        block.iter().for_each(|village| block_of[*village as usize] = at);
    }
    block_of
}

/// Sets of teams by the block of their first village.
pub(crate) fn by_block(core: &Core, all: Vec<Known>) -> Vec<Vec<Known>> {
    let block_of = block_of(core);
    let mut by_block: Vec<Vec<Known>> = vec![Vec::new(); core.blocks.len()];
    for (unit, posts) in all {
        let first = villages(&posts).next();
        if let Some(village) = first {
            by_block[block_of[village]].push((unit, posts));
        }
    }
    by_block
}

/// Lends each unit to one of the blocks where it has something to do, so that in all every block comes by what the shares
/// give it; those that have nothing to do, to the blocks with the fewest units for their villages.
pub(crate) fn lend(core: &Core, shares: &Shares) -> Lent {
    let block_of = block_of(core);
    let mut lent: Lent = vec![Vec::new(); core.blocks.len()];
    let mut owed = vec![0.0; lent.len()];
    let mut idle: Vec<(Vec<usize>, u32)> = Vec::new();
    for (unit, body) in (0u32..).zip(&core.units) {
        let mut blocks: Vec<usize> =
            core.pairs[body.pairs.clone()].iter().map(|pair| block_of[pair.village as usize]).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let share = |block: &usize| shares.get(&(unit as usize, *block)).copied().unwrap_or(0.0);
        let all: f64 = blocks.iter().map(share).sum();
        if let [only] = blocks[..] {
            lent[only].push(unit);
        } else if all > 0.0 {
            blocks.retain(|block| share(block) > 0.0);
            blocks.iter().for_each(|block| owed[*block] += share(block) / all);
            if let Some(most) = blocks.into_iter().max_by(|one, other| owed[*one].total_cmp(&owed[*other])) {
                owed[most] -= 1.0;
                lent[most].push(unit);
            }
        } else {
            idle.push((blocks, unit));
        }
    }
    // Those with the least choice first.
    idle.sort_by_key(|(blocks, unit)| (blocks.len(), *unit));
    for (blocks, unit) in idle {
        let filled = |at: &usize| lent[*at].len() * 1_000_000 / core.blocks[*at].len().max(1);
        if let Some(at) = blocks.into_iter().min_by_key(filled) {
            lent[at].push(unit);
        }
    }
    lent.iter_mut().for_each(|units| units.sort_unstable());
    lent
}
