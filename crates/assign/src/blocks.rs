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
    lent: Vec<Vec<u32>>,
}

/// What it costs to have an outer unit, in parts of [`SCALE`].
type Fees = BTreeMap<u32, i64>;
/// How much of each outer unit which block uses.
type Used = BTreeMap<u32, Vec<(usize, f64)>>;

/// On what terms a block has the outer units.
#[derive(Clone, Copy)]
enum Terms<'a> {
    /// These alone, each at a fee, to serve here only.
    Hired(&'a Fees),
    /// All, and they may serve elsewhere too at the prices that stand.
    Priced(&'a Point),
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
        Blocks { core, blocks, threads, stop, point, lent: Vec::new() }
    }

    /// Solves every block with a fair share of the outer units to itself. Returns the steps done.
    pub fn apart(&mut self) -> u64 {
        let lent = self.share_out(&Used::new());
        let terms: Vec<Fees> = lent.iter().map(|units| units.iter().map(|unit| (*unit, 0)).collect()).collect();
        self.lent = lent;
        self.solve_all(&terms).1
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

    /// Solves every block at its fees, and takes over their prices. Returns the sum of their bounds and the steps done.
    fn solve_all(&mut self, fees: &[Fees]) -> (i64, u64) {
        let (core, stop) = (self.core, self.stop);
        let solved = in_turn(self.blocks.len(), self.threads, |at| {
            let mut block = self.blocks[at].lock().unwrap_or_else(PoisonError::into_inner);
            block.solve(core, Terms::Hired(&fees[at]), stop)
        });
        self.take_over(0..self.blocks.len());
        (solved.iter().map(|(bound, _)| bound).sum(), solved.iter().map(|(_, work)| work).sum())
    }

    /// Solves every block once more at the prices of the others, a few at a time. Returns the steps done.
    pub fn sweep(&mut self) -> u64 {
        let mut work = 0;
        for first in (0..self.blocks.len()).step_by(AT_ONCE) {
            let group = first..(first + AT_ONCE).min(self.blocks.len());
            let (core, point, stop) = (self.core, &self.point, self.stop);
            let done = in_turn(group.len(), self.threads, |at| {
                let mut block = self.blocks[first + at].lock().unwrap_or_else(PoisonError::into_inner);
                block.solve(core, Terms::Priced(point), stop)
            });
            work += done.into_iter().map(|(_, work)| work).sum::<u64>();
            self.take_over(group);
        }
        work
    }

    fn take_over(&mut self, blocks: std::ops::Range<usize>) {
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

    /// A plan from the solutions: every outer unit is lent to one block, then each block is searched as a problem of its
    /// own. Returns the steps done.
    pub fn plan(&mut self, together: &mut Master, point: &Point, work_each: u64) -> (Deal, u64) {
        let lent = self.share_out(&self.use_of(together));
        self.point = point.clone();
        let by_block = self.columns_by_block(together);
        let (core, stop) = (self.core, self.stop);
        let made = in_turn(self.blocks.len(), self.threads, |at| {
            let block = self.blocks[at].lock().unwrap_or_else(PoisonError::into_inner);
            block.plan(core, (&self.point, &lent[at], &by_block[at]), Limits { nodes: NODES, work: work_each, threads: 1, stop })
        });
        let mut deal = Deal::none(core);
        let mut work = 0;
        for (posts, spent) in made {
            posts.into_iter().for_each(|(unit, posts)| deal.set(core, unit, posts));
            work += spent;
        }
        (deal, work)
    }

    /// How much of each unit the solution of a program uses in which block.
    fn use_of(&self, together: &mut Master) -> Used {
        let mut block_of = vec![0; self.core.villages.len()];
        for (at, block) in self.core.blocks.iter().enumerate() {
            block.iter().for_each(|village| block_of[*village as usize] = at);
        }
        let mut used = Used::new();
        for (at, share) in together.shares() {
            let column = &together.columns[at];
            let Ok(unit) = u32::try_from(column.unit) else { continue };
            let blocks = used.entry(unit).or_default();
            for village in villages(&column.posts) {
                match blocks.iter_mut().find(|(block, _)| *block == block_of[village]) {
                    Some((_, sum)) => *sum += share,
                    None => blocks.push((block_of[village], share)),
                }
            }
        }
        used
    }

    /// The columns of a program that earn almost their prices, by the block of their first village.
    fn columns_by_block<'m>(&self, together: &'m Master) -> Vec<Vec<&'m Column>> {
        let mut block_of = vec![0; self.core.villages.len()];
        for (at, block) in self.core.blocks.iter().enumerate() {
            block.iter().for_each(|village| block_of[*village as usize] = at);
        }
        let mut by_block = vec![Vec::new(); self.core.blocks.len()];
        for at in together.near(NEAR) {
            if let Some(village) = villages(&together.columns[at].posts).next() {
                by_block[block_of[village]].push(&together.columns[at]);
            }
        }
        by_block
    }

    /// Which outer units each block has to itself: each goes to the block that uses it most, where one does; the others
    /// to blocks that have the fewest for their villages.
    fn share_out(&mut self, used: &Used) -> Vec<Vec<u32>> {
        let mut within: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for (at, block) in self.blocks.iter_mut().enumerate() {
            let block = block.get_mut().unwrap_or_else(PoisonError::into_inner);
            block.outer.iter().for_each(|unit| within.entry(*unit).or_default().push(at));
        }
        let mut lent: Vec<Vec<u32>> = vec![Vec::new(); self.blocks.len()];
        let most = |unit: &u32| used.get(unit)?.iter().copied().max_by(|one, other| one.1.total_cmp(&other.1));
        let mut spare = Vec::new();
        for (unit, blocks) in within {
            match most(&unit).filter(|(_, share)| *share > 0.05) {
                Some((at, _)) => lent[at].push(unit),
                None => spare.push((unit, blocks)),
            }
        }
        for (unit, blocks) in spare {
            let filled = |at: &&usize| (lent[**at].len() + 1) * 1_000_000 / self.core.blocks[**at].len().max(1);
            if let Some(at) = blocks.iter().min_by_key(filled) {
                lent[*at].push(unit);
            }
        }
        lent.iter_mut().for_each(|units| units.sort_unstable());
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

    /// The rows of its program by those of the program of the whole.
    fn rows(&self, core: &Core) -> Vec<usize> {
        let villages = core.villages.len();
        let units = self.inner.units.iter().chain(&self.outer).map(|unit| villages + *unit as usize);
        let rents = self.inner.rent_places(core).into_iter().map(|place| villages + core.units.len() + place);
        self.inner.villages.iter().map(|village| *village as usize).chain(units).chain(rents).collect()
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
    fn add_outer(&mut self, core: &Core, at: usize, posts: Vec<Post>, terms: Terms<'_>) -> bool {
        let unit = self.outer[at] as usize;
        let first = self.inner.villages.len() + self.inner.units.len();
        let mut rows: Vec<u32> = villages(&posts)
            .filter_map(|village| self.inner.place(u32::try_from(village).unwrap_or(u32::MAX)))
            .collect();
        rows.extend(u32::try_from(first + at));
        let worth = Deal::worth_of(core, unit, &posts);
        let Some(gain) = self.outer_gain(unit, worth, &posts, terms).filter(|gain| self.master.earns(&rows, *gain) >= 1e-6)
        else {
            return false;
        };
        self.master.add(Column { unit, posts, worth, rows }, gain);
        true
    }

    /// What a set of teams of an outer unit is worth here on these terms; None where they leave it out.
    fn outer_gain(&self, unit: usize, worth: i64, posts: &[Post], terms: Terms<'_>) -> Option<f64> {
        let mut elsewhere =
            villages(posts).filter(|village| !self.inner.has(u32::try_from(*village).unwrap_or(u32::MAX)));
        let paid: i64 = match terms {
            Terms::Priced(whole) => elsewhere.map(|village| whole.prices[village]).sum(),
            Terms::Hired(fees) => {
                let fee = u32::try_from(unit).ok().and_then(|unit| fees.get(&unit)).copied();
                fee.filter(|_| elsewhere.next().is_none())?
            }
        };
        Some((worth * SCALE - paid) as f64 / SCALE as f64)
    }

    /// The outer units with the block's villages and what they may best take elsewhere.
    fn abroad(&self, core: &Core, terms: Terms<'_>, asker: &mut Asker) -> Part {
        let whole = match terms {
            Terms::Priced(whole) => whole,
            Terms::Hired(fees) => {
                let here = self.outer.iter().copied().filter(|unit| fees.contains_key(unit)).collect();
                return Part::new(core, here, self.inner.villages.clone());
            }
        };
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

    /// Solves the block. Returns its bound (in parts of [`SCALE`], gains of unmet villages left aside) and the steps done.
    fn solve(&mut self, core: &Core, terms: Terms<'_>, stop: &(dyn Fn() -> bool + Sync)) -> (i64, u64) {
        let before = self.master.work;
        let mut asker = Asker::default();
        let abroad = self.abroad(core, terms, &mut asker);
        let inner_count = self.inner.villages.len();
        for at in 0..self.master.columns.len() {
            let column = &self.master.columns[at];
            if u32::try_from(column.unit).is_ok_and(|unit| self.outer.binary_search(&unit).is_ok()) {
                let gain = self.outer_gain(column.unit, column.worth, &column.posts, terms);
                self.master.set(at, gain.unwrap_or_default(), gain.is_none());
            }
        }
        let net = |village: &u32| match terms {
            Terms::Hired(_) => SHUT,
            Terms::Priced(whole) => core.villages[*village as usize].gain * SCALE - whole.prices[*village as usize],
        };
        let elsewhere: Vec<i64> = abroad.villages[inner_count..].iter().map(net).collect();
        let fee = |unit: &u32| match terms {
            Terms::Hired(fees) => fees.get(unit).copied().unwrap_or(0),
            Terms::Priced(_) => 0,
        };
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
                bound += (offer.profit - fee(&abroad.units[at])).max(0);
                if let Ok(place) = self.outer.binary_search(&abroad.units[at])
                    && !offer.posts.is_empty()
                {
                    let posts = abroad.outward(core, at, offer.posts);
                    kept |= self.add_outer(core, place, posts, terms);
                }
            }
            std::mem::swap(master, &mut self.master);
            (kept, bound)
        };
        let (point, bound, _) = rounds.run(&mut master, start, &mut ask);
        self.point = point;
        self.master = master;
        (bound, self.master.work - before + 4 * asker.work)
    }

    /// A plan of the block with these outer units, by posts of the whole.
    fn plan(
        &self,
        core: &Core,
        (point, lent, columns): (&Point, &[u32], &[&Column]),
        limits: Limits<'_>,
    ) -> (Vec<(usize, Vec<Post>)>, u64) {
        let units: Vec<u32> = self.inner.units.iter().copied().chain(lent.iter().copied()).collect();
        let part = Part::new(core, units, self.inner.villages.clone());
        let mut work = 0;
        let rents = part.rent_places(core).into_iter().map(|place| point.rents[place]).collect();
        let prices = part.villages.iter().map(|village| point.prices[*village as usize]).collect();
        let dual = evaluate(&part.core, prices, rents, 1, &mut work);
        let places: BTreeMap<usize, usize> =
            part.units.iter().enumerate().map(|(at, unit)| (*unit as usize, at)).collect();
        let known = columns.iter().filter_map(|column| {
            let unit = places.get(&column.unit)?;
            Some((*unit, part.inward(*unit, &column.posts)?))
        });
        let columns: Vec<(usize, Vec<Post>)> = known.collect();
        let mut start = Deal::greedy(&part.core);
        let mut asker = Asker::default();
        start.tune(&part.core, &mut asker);
        let found = tree::search(&part.core, start, &dual, &columns, limits);
        eprintln!("block value {} bound {} unmet {} lent {} of {} columns {} work {}", found.deal.value, found.bound, found.deal.holders(&part.core).iter().filter(|x| x.is_none()).count(), part.units.len() - self.inner.units.len(), self.outer.len(), columns.len(), found.work / 1000000);
        let posts = found.deal.posts.into_iter().enumerate();
        let posts = posts.map(|(unit, posts)| (part.units[unit] as usize, part.outward(core, unit, posts)));
        (posts.collect(), work + found.work + 4 * asker.work)
    }
}
