//! The search around a plan that is too large to be solved as a whole: neighbourhoods of a few dozen villages and units,
//! each solved by [`crate::tree`], one after another where the plan falls short of the bound.

use std::collections::HashSet;

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, villages},
    descent::{Dual, evaluate, in_turn},
    part::Part,
    solve::Search,
    tree::{self, Limits},
};

/// Neighbourhoods of one round; they share no unit and no village, so that any number of threads finds the same.
const AT_ONCE: usize = 12;
/// How many units a neighbourhood has at first, and at most.
const FIRST_UNITS: usize = 16;
const MOST_UNITS: usize = 60;
/// When the search of one ends.
const NODES: usize = 16;
const PLACE_WORK: u64 = 60_000_000;
/// Units looked at for a village, villages looked at for a unit.
const CONTENDERS: usize = 5;
const WANTED: usize = 4;
/// After so many rounds that bring nothing it ends.
const PATIENCE: usize = 300;

/// Where the plan falls short: a unit that earns less than at the prices it could, or a village that is unmet in spite of its price.
#[derive(Debug, Clone, Copy)]
enum Seed {
    Unit(usize),
    Village(usize),
}

/// A neighbourhood, by places in the whole core.
struct Place {
    seed: usize,
    units: Vec<u32>,
    villages: Vec<u32>,
}

struct Found {
    posts: Vec<Vec<Post>>,
    gained: i64,
    settled: bool,
    work: u64,
}

/// What is known of a seed: how large its neighbourhood was, and in how many rounds it brought nothing.
#[derive(Debug, Clone, Copy)]
struct Memory {
    units: usize,
    fruitless: u32,
}

/// Improves the plan of a search until work or patience ends.
pub(crate) fn improve(search: &mut Search<'_>, dual: &Dual) {
    let core = search.core;
    let seeds = core.units.len() + core.villages.len();
    let mut memory = vec![Memory { units: FIRST_UNITS, fruitless: 0 }; seeds];
    let mut fruitless = 0;
    while !search.over() {
        let holders = search.deal.holders(core);
        let (parts, looked) = choose(search, dual, &holders, &memory);
        search.work += 10 * (core.units.len() + core.villages.len() + looked) as u64;
        if parts.is_empty() || fruitless == PATIENCE {
            break;
        }
        let (deal, stop) = (&search.deal, search.watch.stop);
        let mut found = Vec::with_capacity(parts.len());
        in_turn(
            parts.len(),
            search.options.threads,
            |at| solve_part(core, deal, dual, &parts[at], stop),
            |_, one| found.push(one),
        );
        fruitless += 1;
        for (part, found) in parts.iter().zip(found) {
            search.work += found.work;
            let memory = &mut memory[part.seed];
            if found.gained > 0 {
                memory.fruitless = 0;
                fruitless = 0;
                for (unit, posts) in part.units.iter().zip(found.posts) {
                    search.deal.set(core, *unit as usize, posts);
                }
            } else {
                memory.fruitless += 1;
                let larger = if found.settled { memory.units * 3 / 2 } else { memory.units * 3 / 4 };
                memory.units = larger.clamp(FIRST_UNITS / 2, MOST_UNITS);
            }
        }
        search.tell();
    }
}

/// Neighbourhoods of this round, where most is missing first.
fn choose(search: &Search<'_>, dual: &Dual, holders: &[Option<usize>], memory: &[Memory]) -> (Vec<Place>, usize) {
    let core = search.core;
    let mut seeds: Vec<(i64, usize)> = Vec::new();
    for (unit, body) in core.units.iter().enumerate() {
        let paid: i64 = villages(&search.deal.posts[unit]).map(|village| dual.prices[village]).sum();
        let earned = Deal::worth_of(core, unit, &search.deal.posts[unit]) * SCALE - paid;
        if !body.pairs.is_empty() && body.people.len() <= MOST_UNITS {
            seeds.push((dual.offers[unit].profit - earned, unit));
        }
    }
    for (village, _) in holders.iter().enumerate().filter(|(_, holder)| holder.is_none()) {
        if !core.by_village[village].is_empty() {
            seeds.push((dual.prices[village], core.units.len() + village));
        }
    }
    for (missing, seed) in &mut seeds {
        *missing >>= memory[*seed].fruitless.min(40);
    }
    seeds.retain(|(missing, _)| *missing > 0);
    let turn = |seed: usize| {
        let mixed = (seed as u64).wrapping_add(search.options.seed.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        mixed.wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 20
    };
    seeds.sort_unstable_by_key(|(missing, seed)| (-missing, turn(*seed)));
    let mut busy: HashSet<usize> = HashSet::new();
    let (mut parts, mut looked) = (Vec::new(), 0);
    for (_, seed) in seeds {
        if parts.len() == AT_ONCE {
            break;
        }
        let start = if seed < core.units.len() { Seed::Unit(seed) } else { Seed::Village(seed - core.units.len()) };
        let mut grow = Grow {
            core,
            dual,
            holders,
            deal: &search.deal,
            busy: &busy,
            units: Vec::new(),
            villages: Vec::new(),
            seen: HashSet::new(),
            looked: 0,
        };
        grow.from(start, memory[seed].units);
        looked += grow.looked;
        let (units, villages) = (grow.units, grow.villages);
        if units.len() > 1 || villages.len() > 1 {
            busy.extend(units.iter().map(|unit| *unit as usize));
            busy.extend(villages.iter().map(|village| core.units.len() + *village as usize));
            parts.push(Place { seed, units, villages });
        }
    }
    (parts, looked)
}

struct Grow<'a> {
    core: &'a Core,
    dual: &'a Dual,
    holders: &'a [Option<usize>],
    deal: &'a Deal,
    busy: &'a HashSet<usize>,
    units: Vec<u32>,
    villages: Vec<u32>,
    seen: HashSet<usize>,
    /// Pairs looked at.
    looked: usize,
}

impl Grow<'_> {
    /// Takes in whatever competes most closely, until there are `most` units.
    fn from(&mut self, seed: Seed, most: usize) {
        match seed {
            Seed::Unit(unit) => self.add_unit(unit),
            Seed::Village(village) => self.add_village(village),
        }
        let (mut next_village, mut next_unit) = (0, 0);
        while self.units.len() < most && self.villages.len() < 2 * most {
            if next_village < self.villages.len() {
                let village = self.villages[next_village] as usize;
                next_village += 1;
                for unit in self.contenders(village) {
                    self.add_unit(unit);
                }
            } else if next_unit < self.units.len() {
                let unit = self.units[next_unit] as usize;
                next_unit += 1;
                for village in self.wanted(unit) {
                    match self.holders[village] {
                        Some(holder) => self.add_unit(holder),
                        None => self.add_village(village),
                    }
                }
            } else {
                break;
            }
        }
    }

    fn add_unit(&mut self, unit: usize) {
        let body = &self.core.units[unit];
        if self.busy.contains(&unit) || body.people.len() > MOST_UNITS || !self.seen.insert(unit) {
            return;
        }
        self.units.extend(u32::try_from(unit));
        let held: Vec<usize> = villages(&self.deal.posts[unit]).collect();
        for village in held {
            self.add_village(village);
        }
    }

    fn add_village(&mut self, village: usize) {
        let place = self.core.units.len() + village;
        // A held village comes with its unit, or not at all.
        let apart = self.holders[village].is_some_and(|holder| !self.seen.contains(&holder));
        if !apart && !self.busy.contains(&place) && self.seen.insert(place) {
            self.villages.extend(u32::try_from(village));
        }
    }

    /// What a unit misses at least when it takes this pair instead of what suits it best.
    fn missed(&self, unit: usize, pair: usize) -> i64 {
        let pair = &self.core.pairs[pair];
        let village = pair.village as usize;
        let profit = (i64::from(pair.best) + self.core.villages[village].gain) * SCALE - self.dual.prices[village];
        self.dual.offers[unit].profit - profit
    }

    fn contenders(&mut self, village: usize) -> Vec<usize> {
        let pairs = &self.core.by_village[village];
        self.looked += 2 * pairs.len();
        let all = pairs.iter().map(|(pair, unit)| (self.missed(*unit as usize, *pair as usize), *unit as usize));
        least(all.collect(), CONTENDERS)
    }

    fn wanted(&mut self, unit: usize) -> Vec<usize> {
        let pairs = self.core.units[unit].pairs.clone();
        self.looked += pairs.len();
        let all = pairs.map(|pair| (self.missed(unit, pair), self.core.pairs[pair].village as usize));
        least(all.collect(), WANTED)
    }
}

fn least(mut all: Vec<(i64, usize)>, count: usize) -> Vec<usize> {
    if all.len() > count {
        all.select_nth_unstable(count);
        all.truncate(count);
    }
    all.sort_unstable();
    all.into_iter().map(|(_, at)| at).collect()
}

fn solve_part(core: &Core, deal: &Deal, dual: &Dual, place: &Place, stop: &(dyn Fn() -> bool + Sync)) -> Found {
    let part = Part::new(core, place.units.clone(), place.villages.clone());
    let mut work = 0;
    let (prices, rents) = part.prices(core, dual);
    let start = evaluate(&part.core, prices, rents, 1, &mut work);
    let held = part.deal(deal);
    let before = held.value;
    let columns: Vec<(usize, Vec<Post>)> =
        start.offers.iter().enumerate().map(|(unit, offer)| (unit, offer.posts.clone())).collect();
    let limits = Limits { nodes: NODES, work: PLACE_WORK, threads: 1, close: 0, stop };
    let found = tree::search(&part.core, held, &start, &columns, limits);
    let gained = found.deal.value - before;
    let posts = found.deal.posts.into_iter().enumerate().map(|(unit, posts)| part.outward(core, unit, posts));
    Found { posts: posts.collect(), gained, settled: found.bound <= before, work: work + found.work }
}
