//! Prices for problems too large for one linear program: block after block of neighbouring divisions, each a program of
//! its own while the prices elsewhere stand. A unit that serves several blocks may take villages elsewhere at those prices.
//! Each solution lowers the bound of the whole, or leaves it.

use std::{
    collections::BTreeMap,
    sync::{Mutex, PoisonError},
};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, SHUT, villages},
    descent::{Dual, ask_all, evaluate, in_turn},
    master::{Column, Master},
    part::Part,
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    tree::{self, Limits, rows_of},
    unit::{Asker, Prices},
};

/// Blocks solved at once; each sees the others as they were before. The same number whatever the threads.
const AT_ONCE: usize = 2;
/// Nodes of the search for a block's plan, and how many points a column may miss to be in it from the start.
const NODES: usize = 60;
const NEAR: f64 = 3.0;
/// A block is solved to within so much of its program's value, in points.
const CLOSE: f64 = 0.2;

/// One block. The rows of its program are its villages, its inner units, the outer ones, and people of inner wide units.
struct Block {
    /// Villages of the block and units that serve nowhere else.
    inner: Part,
    /// Units that serve elsewhere too, by their places in the whole. Wide ones are left to the descent.
    outer: Vec<u32>,
    master: Master,
    point: Point,
}

/// The programs of all blocks, kept between sweeps.
pub(crate) struct Blocks<'a> {
    core: &'a Core,
    blocks: Vec<Mutex<Block>>,
    threads: usize,
    stop: &'a (dyn Fn() -> bool + Sync),
    pub point: Point,
}

impl<'a> Blocks<'a> {
    pub fn new(
        core: &'a Core,
        deal: &Deal,
        dual: &Dual,
        threads: usize,
        stop: &'a (dyn Fn() -> bool + Sync),
    ) -> Blocks<'a> {
        let block = |at: usize| Mutex::new(Block::new(core, deal, dual, &core.blocks[at]));
        let blocks = in_turn(core.blocks.len(), threads, block);
        let point = Point { prices: dual.prices.clone(), rents: dual.rents.clone() };
        Blocks { core, blocks, threads, stop, point }
    }

    /// Solves every block once more, a few at a time. Returns the steps done.
    pub fn sweep(&mut self) -> u64 {
        let mut work = 0;
        for group in self.blocks.chunks(AT_ONCE) {
            let (core, point, stop) = (self.core, &self.point, self.stop);
            let done = in_turn(group.len(), self.threads, |at| {
                let mut block = group[at].lock().unwrap_or_else(PoisonError::into_inner);
                block.solve(core, point, stop)
            });
            work += done.into_iter().sum::<u64>();
            for block in group {
                let block = block.lock().unwrap_or_else(PoisonError::into_inner);
                for (village, price) in block.inner.villages.iter().zip(&block.point.prices) {
                    self.point.prices[*village as usize] = *price;
                }
                for (place, rent) in block.inner.rent_places(core).into_iter().zip(&block.point.rents) {
                    self.point.rents[place] = *rent;
                }
            }
        }
        work
    }

    /// A plan from the solutions: every outer unit goes to the block that wants it most, then each block is searched as a
    /// problem of its own. Returns the steps done.
    pub fn plan(&mut self, work_each: u64) -> (Deal, u64) {
        let lent = self.lend();
        let (core, stop) = (self.core, self.stop);
        let made = in_turn(self.blocks.len(), self.threads, |at| {
            let block = self.blocks[at].lock().unwrap_or_else(PoisonError::into_inner);
            block.plan(core, &lent[at], Limits { nodes: NODES, work: work_each, threads: 1, stop })
        });
        let mut deal = Deal::none(core);
        let mut work = 0;
        for (posts, spent) in made {
            posts.into_iter().for_each(|(unit, posts)| deal.set(core, unit, posts));
            work += spent;
        }
        (deal, work)
    }

    /// Which outer units each block may use for its plan: each goes to one of those that want it, to the one that has the
    /// fewest for its villages; where prices are right all blocks want them alike.
    fn lend(&mut self) -> Vec<Vec<u32>> {
        let mut wanted: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        let mut within: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, block) in self.blocks.iter_mut().enumerate() {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            block.abroad_shares().into_iter().for_each(|(unit, _)| wanted.entry(unit).or_default().push(at));
            block.outer.iter().for_each(|unit| within.entry(*unit).or_default().push(at));
        }
        let mut lent: Vec<Vec<u32>> = vec![Vec::new(); self.blocks.len()];
        // Those that are wanted in few blocks first.
        let mut units: Vec<u32> = within.keys().copied().collect();
        units.sort_by_key(|unit| (wanted.get(unit).map_or(usize::MAX, Vec::len), *unit));
        for unit in units {
            let blocks = wanted.get(&unit).or_else(|| within.get(&unit));
            let filled = |at: &&usize| (lent[**at].len() + 1) * 1_000_000 / self.core.blocks[**at].len().max(1);
            if let Some(at) = blocks.and_then(|blocks| blocks.iter().min_by_key(filled)) {
                lent[*at].push(unit);
            }
        }
        lent
    }
}

impl Block {
    fn new(core: &Core, deal: &Deal, dual: &Dual, block: &[u32]) -> Block {
        let mut inside = vec![false; core.villages.len()];
        block.iter().for_each(|village| inside[*village as usize] = true);
        let pairs = block.iter().flat_map(|village| &core.by_village[*village as usize]);
        let mut units: Vec<u32> = pairs.map(|(_, unit)| *unit).collect();
        units.sort_unstable();
        units.dedup();
        let is_inner = |unit: &u32| {
            let mut pairs = core.units[*unit as usize].pairs.clone();
            pairs.all(|pair| inside[core.pairs[pair].village as usize])
        };
        let (inner, mut outer): (Vec<u32>, Vec<u32>) = units.into_iter().partition(is_inner);
        outer.retain(|unit| !core.units[*unit as usize].wide());
        let inner = Part::new(core, inner, block.to_vec());
        let small = &inner.core;
        let mut limits = vec![1.0; small.villages.len() + small.units.len() + outer.len() + small.rents];
        for (unit, body) in small.units.iter().enumerate().filter(|(_, body)| body.wide()) {
            limits[small.villages.len() + unit] = body.teams as f64;
        }
        let master = Master::new(limits, small.villages.len());
        let (prices, rents) = inner.prices(core, dual);
        let mut made = Block { inner, outer, master, point: Point { prices, rents } };
        for (unit, old) in made.inner.units.clone().into_iter().enumerate() {
            let old = old as usize;
            if let Some(posts) = made.inner.inward(unit, &deal.posts[old]).filter(|posts| !posts.is_empty())
                && !core.units[old].wide()
            {
                made.add_inner(core, unit, &posts, false);
                let row = made.inner.villages.len() + unit;
                made.master.start_with(made.master.columns.len() - 1, row);
            }
            if let Some(posts) = made.inner.inward(unit, &dual.offers[old].posts) {
                made.add_inner(core, unit, &posts, false);
            }
        }
        made
    }

    /// Takes a set of teams of an inner unit (posts of the part) into the program.
    fn add_inner(&mut self, core: &Core, unit: usize, posts: &[Post], earning: bool) -> bool {
        let each: Vec<&[Post]> = match self.inner.core.units[unit].wide() {
            true => posts.chunks(1).collect(),
            false if posts.is_empty() => Vec::new(),
            false => vec![posts],
        };
        let mut kept = false;
        for posts in each {
            let mut rows = rows_of(&self.inner.core, unit, posts);
            // People stand behind the outer units.
            let people_from = self.inner.core.villages.len() + self.inner.core.units.len();
            for row in &mut rows {
                if *row as usize >= people_from {
                    *row += u32::try_from(self.outer.len()).unwrap_or(0);
                }
            }
            let worth = Deal::worth_of(&self.inner.core, unit, posts);
            if earning && self.master.earns(&rows, worth as f64) < 1e-6 {
                continue;
            }
            let posts = self.inner.outward(core, unit, posts.to_vec());
            let column = Column { unit: self.inner.units[unit] as usize, posts, worth, rows };
            self.master.add(column, worth as f64);
            kept = true;
        }
        kept
    }

    /// Takes a set of teams of an outer unit (posts of the whole) into the program.
    fn add_outer(&mut self, core: &Core, at: usize, posts: Vec<Post>, whole: &Point) -> bool {
        let unit = self.outer[at] as usize;
        let first = self.inner.villages.len() + self.inner.units.len();
        let mut rows: Vec<u32> = villages(&posts)
            .filter_map(|village| self.inner.place(u32::try_from(village).unwrap_or(u32::MAX)))
            .collect();
        rows.extend(u32::try_from(first + at));
        let worth = Deal::worth_of(core, unit, &posts);
        let gain = self.outer_gain(worth, &posts, whole);
        if self.master.earns(&rows, gain) < 1e-6 {
            return false;
        }
        self.master.add(Column { unit, posts, worth, rows }, gain);
        true
    }

    /// What a set of teams is worth when villages of other blocks are paid for.
    fn outer_gain(&self, worth: i64, posts: &[Post], whole: &Point) -> f64 {
        let elsewhere = |village: &usize| !self.inner.has(u32::try_from(*village).unwrap_or(u32::MAX));
        let paid: i64 = villages(posts).filter(elsewhere).map(|village| whole.prices[village]).sum();
        (worth * SCALE - paid) as f64 / SCALE as f64
    }

    /// The outer units with the block's villages and what they may best take elsewhere.
    fn abroad(&self, core: &Core, whole: &Point, asker: &mut Asker) -> Part {
        let mut worth: Vec<i64> =
            core.villages.iter().zip(&whole.prices).map(|(spot, price)| spot.gain * SCALE - price).collect();
        for village in &self.inner.villages {
            worth[*village as usize] = SHUT;
        }
        let asked = Prices { worth: &worth, rents: &whole.rents, bans: None };
        let mut kept: Vec<u32> = Vec::new();
        for unit in &self.outer {
            let pairs = asker.relevant(core, *unit as usize, asked);
            kept.extend(pairs.into_iter().filter_map(|pair| u32::try_from(pair).ok()));
        }
        kept.sort_unstable();
        let of_pair = |pair: &u32| core.pairs[*pair as usize];
        let mut others: Vec<u32> = kept
            .iter()
            .map(of_pair)
            .flat_map(|pair| std::iter::once(pair.village).chain(core.covers[pair.covers as usize].iter().copied()))
            .filter(|village| !self.inner.has(*village))
            .collect();
        others.sort_unstable();
        others.dedup();
        let all = self.inner.villages.iter().copied().chain(others).collect();
        let keep = |pair: u32, village: u32| self.inner.has(village) || kept.binary_search(&pair).is_ok();
        Part::keeping(core, self.outer.clone(), all, keep)
    }

    /// Solves the block at the prices of the whole. Returns the steps done.
    fn solve(&mut self, core: &Core, whole: &Point, stop: &(dyn Fn() -> bool + Sync)) -> u64 {
        let before = self.master.work;
        let mut asker = Asker::default();
        let abroad = self.abroad(core, whole, &mut asker);
        let (inner_count, first_outer) =
            (self.inner.villages.len(), self.inner.villages.len() + self.inner.units.len());
        for at in 0..self.master.columns.len() {
            let column = &self.master.columns[at];
            if column.rows.iter().any(|row| (first_outer..first_outer + self.outer.len()).contains(&(*row as usize))) {
                let gain = self.outer_gain(column.worth, &column.posts, whole);
                self.master.set(at, gain, false);
            }
        }
        let elsewhere: Vec<i64> = abroad.villages[inner_count..]
            .iter()
            .map(|village| core.villages[*village as usize].gain * SCALE - whole.prices[*village as usize])
            .collect();
        let rounds = Rounds {
            villages: inner_count,
            units: self.inner.units.len() + self.outer.len(),
            most: MOST_ROUNDS,
            judge: &|bound, value| {
                if bound as f64 / SCALE as f64 <= value + CLOSE { Verdict::Settled } else { Verdict::On }
            },
            stop: &|_| stop(),
        };
        // The program is handed to the rounds and back: what asks must reach the rest of the block.
        let mut master = std::mem::replace(&mut self.master, Master::new(Vec::new(), 0));
        let start = std::mem::take(&mut self.point);
        let mut ask = |master: &mut Master, point: &Point| {
            std::mem::swap(master, &mut self.master);
            let spots = self.inner.core.villages.iter().zip(&point.prices);
            let mut worth: Vec<i64> = spots.map(|(spot, price)| spot.gain * SCALE - price).collect();
            let mut bound: i64 = point.prices.iter().sum();
            let mut kept = false;
            let asked = Prices { worth: &worth, rents: &point.rents, bans: None };
            for (unit, offer) in ask_all(&self.inner.core, asked, 1, &mut asker.work).into_iter().enumerate() {
                bound += offer.profit;
                kept |= self.add_inner(core, unit, &offer.posts, true);
            }
            worth.extend(&elsewhere);
            let asked = Prices { worth: &worth, rents: &[], bans: None };
            for (at, offer) in ask_all(&abroad.core, asked, 1, &mut asker.work).into_iter().enumerate() {
                bound += offer.profit;
                if let Ok(place) = self.outer.binary_search(&abroad.units[at])
                    && !offer.posts.is_empty()
                {
                    let posts = abroad.outward(core, at, offer.posts);
                    kept |= self.add_outer(core, place, posts, whole);
                }
            }
            std::mem::swap(master, &mut self.master);
            (kept, bound)
        };
        (self.point, ..) = rounds.run(&mut master, start, &mut ask);
        self.master = master;
        self.master.work - before + 4 * asker.work
    }

    /// How much of each outer unit the solution uses here.
    fn abroad_shares(&mut self) -> Vec<(u32, f64)> {
        let mut shares: BTreeMap<u32, f64> = BTreeMap::new();
        for (at, share) in self.master.shares() {
            let column = &self.master.columns[at];
            let here =
                villages(&column.posts).filter(|village| self.inner.has(u32::try_from(*village).unwrap_or(u32::MAX)));
            if let Some(unit) = u32::try_from(column.unit).ok().filter(|unit| self.outer.binary_search(unit).is_ok()) {
                *shares.entry(unit).or_default() += share * here.count() as f64;
            }
        }
        shares.into_iter().filter(|(_, share)| *share > 1e-6).collect()
    }

    /// A plan of the block with these outer units, by posts of the whole.
    fn plan(&self, core: &Core, lent: &[u32], limits: Limits<'_>) -> (Vec<(usize, Vec<Post>)>, u64) {
        let units: Vec<u32> = self.inner.units.iter().copied().chain(lent.iter().copied()).collect();
        let part = Part::new(core, units, self.inner.villages.clone());
        let mut work = 0;
        let mut rents = self.point.rents.clone();
        rents.resize(part.core.rents, 0);
        let dual = evaluate(&part.core, self.point.prices.clone(), rents, 1, &mut work);
        let places: BTreeMap<usize, usize> =
            part.units.iter().enumerate().map(|(at, unit)| (*unit as usize, at)).collect();
        let mut columns = Vec::new();
        for column in &self.master.columns {
            let near = self.master.earns(&column.rows, column.worth as f64) > -NEAR;
            if let Some(unit) = places.get(&column.unit).filter(|_| near)
                && let Some(posts) = part.inward(*unit, &column.posts)
            {
                columns.push((*unit, posts));
            }
        }
        let mut start = Deal::greedy(&part.core);
        let mut asker = Asker::default();
        start.tune(&part.core, &mut asker);
        let found = tree::search(&part.core, start, &dual, &columns, limits);
        eprintln!(
            "block value {} bound {} unmet {} lent {} of {} columns {} work {}",
            found.deal.value,
            found.bound,
            found.deal.holders(&part.core).iter().filter(|x| x.is_none()).count(),
            part.units.len() - self.inner.units.len(),
            self.outer.len(),
            columns.len(),
            found.work / 1000000
        );
        let posts = found.deal.posts.into_iter().enumerate();
        let posts = posts.map(|(unit, posts)| (part.units[unit] as usize, part.outward(core, unit, posts)));
        (posts.collect(), work + found.work + 4 * asker.work)
    }
}
