//! One block of neighbouring divisions, as a linear program of its own.

use std::collections::{BTreeMap, BTreeSet};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, SHUT, villages},
    descent::{Descent, Dual, ask_all, evaluate},
    master::{Column, Master},
    part::Part,
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    tree::{self, Limits, rows_of},
    unit::{Asker, Prices},
};

/// Steps for one solution of a block; few need a tenth.
const MOST_WORK: u64 = 3_000_000_000;
/// Turns of descent before the program of a block alone is made.
const TURNS: usize = 150;

/// The rows of the program are the block's villages, its inner units, the outer ones, and people of inner wide units.
pub(crate) struct Block {
    /// Villages of the block and units that serve nowhere else.
    pub inner: Part,
    /// Units that serve elsewhere too, by their places in the whole. Wide ones are left to the descent.
    pub outer: Vec<u32>,
    pub master: Master,
    pub point: Point,
}

/// On what terms a block has the outer units.
#[derive(Clone, Copy)]
pub(crate) enum Terms<'a> {
    /// These (in order), to serve here only; the others not at all.
    Alone(&'a [u32]),
    /// All, and they may serve elsewhere too at the prices that stand.
    Priced(&'a Point),
}

/// Some posts that a unit might have.
pub(crate) type Known = (usize, Vec<Post>);

impl Block {
    /// The program of a block, with prices to begin from: those given, or those of the block with units lent to it.
    pub fn new(core: &Core, block: &[u32], deal: &Deal, start: Result<&Dual, &[u32]>) -> Block {
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
        let mut offers: Vec<Known> = Vec::new();
        let point = match start {
            Ok(dual) => {
                let posts = inner.units.iter().map(|unit| &dual.offers[*unit as usize].posts).enumerate();
                offers.extend(posts.filter_map(|(unit, posts)| Some((unit, inner.inward(unit, posts)?))));
                let (prices, rents) = inner.prices(core, dual);
                Point { prices, rents }
            }
            Err(lent) => {
                let dual = descend_alone(core, &inner, lent);
                let own = dual.offers.into_iter().take(small.units.len()).map(|offer| offer.posts).enumerate();
                offers.extend(own);
                let mut rents = dual.rents;
                rents.truncate(small.rents);
                Point { prices: dual.prices, rents }
            }
        };
        let mut made = Block { inner, outer, master, point };
        for (unit, old) in made.inner.units.clone().into_iter().enumerate() {
            let old = old as usize;
            if let Some(posts) = made.inner.inward(unit, &deal.posts[old]).filter(|posts| !posts.is_empty())
                && !core.units[old].wide()
            {
                made.add_inner(core, unit, &posts, false);
                let row = made.inner.villages.len() + unit;
                made.master.start_with(made.master.columns.len() - 1, row);
            }
        }
        for (unit, posts) in offers {
            made.add_inner(core, unit, &posts, false);
        }
        made
    }

    /// The rows of its program by those of the program of the whole.
    pub fn rows(&self, core: &Core) -> Vec<usize> {
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
        let Some(gain) =
            self.outer_gain(unit, worth, &posts, terms).filter(|gain| self.master.earns(&rows, *gain) >= 1e-6)
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
            Terms::Alone(lent) => {
                let here = u32::try_from(unit).is_ok_and(|unit| lent.binary_search(&unit).is_ok());
                (here && elsewhere.next().is_none()).then_some(0)?
            }
        };
        Some((worth * SCALE - paid) as f64 / SCALE as f64)
    }

    /// The outer units with the block's villages and what they may best take elsewhere.
    fn abroad(&self, core: &Core, terms: Terms<'_>, asker: &mut Asker) -> Part {
        let whole = match terms {
            Terms::Priced(whole) => whole,
            Terms::Alone(lent) => return Part::new(core, lent.to_vec(), self.inner.villages.clone()),
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

    /// Solves the block to within `close` points of its program's value. Returns the steps done.
    pub fn solve(&mut self, core: &Core, terms: Terms<'_>, close: f64, stop: &(dyn Fn() -> bool + Sync)) -> u64 {
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
            Terms::Alone(_) => SHUT,
            Terms::Priced(whole) => core.villages[*village as usize].gain * SCALE - whole.prices[*village as usize],
        };
        let elsewhere: Vec<i64> = abroad.villages[inner_count..].iter().map(net).collect();
        let rounds = Rounds {
            villages: inner_count,
            units: self.inner.units.len() + self.outer.len(),
            most: MOST_ROUNDS,
            judge: &|bound, value| {
                if bound as f64 / SCALE as f64 <= value + close { Verdict::Settled } else { Verdict::On }
            },
            stop: &|work| work >= before + MOST_WORK || stop(),
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
                    kept |= self.add_outer(core, place, posts, terms);
                }
            }
            std::mem::swap(master, &mut self.master);
            (kept, bound)
        };
        (self.point, ..) = rounds.run(&mut master, start, &mut ask);
        self.master = master;
        self.master.work - before + asker.work
    }

    /// The outer units that the solution uses here.
    pub fn wanted(&mut self) -> BTreeSet<u32> {
        let shares = self.master.shares();
        let columns = shares.into_iter().map(|(at, _)| &self.master.columns[at]);
        let here =
            |posts: &[Post]| villages(posts).any(|village| u32::try_from(village).is_ok_and(|one| self.inner.has(one)));
        let units = columns.filter(|column| here(&column.posts)).filter_map(|column| u32::try_from(column.unit).ok());
        units.filter(|unit| self.outer.binary_search(unit).is_ok()).collect()
    }

    /// Searches a plan of the block with these outer units to itself, from prices of the whole and sets of teams known to
    /// be near the best. Returns the posts of the whole, and the steps done.
    pub fn plan(
        &self,
        core: &Core,
        (point, lent, known): (&Point, &[u32], &[Known]),
        limits: Limits<'_>,
    ) -> (Vec<Known>, u64) {
        let units: Vec<u32> = self.inner.units.iter().copied().chain(lent.iter().copied()).collect();
        let part = Part::new(core, units, self.inner.villages.clone());
        let mut work = 0;
        let rents = part.rent_places(core).into_iter().map(|place| point.rents[place]).collect();
        let prices = part.villages.iter().map(|village| point.prices[*village as usize]).collect();
        let dual = evaluate(&part.core, prices, rents, 1, &mut work);
        let places: BTreeMap<usize, usize> =
            part.units.iter().enumerate().map(|(at, unit)| (*unit as usize, at)).collect();
        let here = known.iter().filter_map(|(unit, posts)| {
            let unit = places.get(unit)?;
            Some((*unit, part.inward(*unit, posts)?))
        });
        let columns: Vec<Known> = here.collect();
        let mut start = Deal::greedy(&part.core);
        let mut asker = Asker::default();
        start.tune(&part.core, &mut asker);
        let found = tree::search(&part.core, start, &dual, &columns, limits);
        let posts = found.deal.posts.into_iter().enumerate();
        let posts = posts.map(|(unit, posts)| (part.units[unit] as usize, part.outward(core, unit, posts)));
        (posts.collect(), work + found.work + asker.work)
    }
}

/// Prices of a block with units lent to it, as if there were nothing else.
fn descend_alone(core: &Core, inner: &Part, lent: &[u32]) -> Dual {
    let units = inner.units.iter().chain(lent).copied().collect();
    let alone = Part::new(core, units, inner.villages.clone()).core;
    let target = Deal::greedy(&alone).value * SCALE;
    let mut work = 0;
    let mut descent = Descent::new(&alone, 1, &mut work);
    for _ in 0..TURNS {
        descent.step(&alone, target, 1, &mut work);
    }
    descent.best
}
