//! The way of a problem too large for one linear program. The blocks' programs are solved with the common units lent as a
//! first descent of the prices suggests; then the blocks hire these units at fees, which rise and fall with demand until
//! the prices of all blocks together prove little more than a plan; then each block's plan is searched with the units that
//! it hired most; then what is around the plan. The plan grows with every block.

use std::sync::{Mutex, MutexGuard, PoisonError};

use crate::{
    blocks::{self, Block, Known, Lent, NEAR, Shares},
    core::{Core, SCALE},
    deal::{Deal, villages},
    descent::{Dual, evaluate, in_turn},
    master::Master,
    near,
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    solve::Search,
    tree::{self, Limits},
    unit::Asker,
};

/// How often the fees are moved, and by how much less than would be right if there were but one kink.
const TURNS: usize = 16;
const CAUTION: f64 = 0.7;
/// People are short if a plan leaves more than one village in so many unmet.
const SHORT: usize = 20;
/// The program of the whole is solved to within this share of its value.
const STILL: f64 = 2e-4;
/// A block's program is solved to within so many points of its value.
const CLOSE: i64 = 1;
/// Nodes of the search for a block's plan.
const NODES: usize = 60;
/// Steps for one block at most.
const BLOCK_WORK: u64 = 3_000_000_000;

pub(crate) fn plan(search: &mut Search<'_>) {
    let core = search.core;
    let block_of = blocks::block_of(core);
    let mut shares = Shares::new();
    let (mut dual, columns) = search.descend(|offers| {
        for (unit, offer) in offers.iter().enumerate() {
            villages(&offer.posts).for_each(|at| *shares.entry((unit, block_of[at])).or_default() += 1.0);
        }
    });
    if search.over() {
        return;
    }
    let lent = blocks::lend(core, &shares);
    let blocks = apart(search, &lent, &dual, &blocks::by_block(core, columns));
    keep(search, &mut dual, prices_of(core, &blocks));
    let unmet = search.deal.holders(core).iter().filter(|holder| holder.is_none()).count();
    if !search.over() {
        let (shares, known) = if unmet * SHORT > core.villages.len() {
            together(search, &mut dual, &blocks)
        } else {
            hire(search, &mut dual, &blocks)
        };
        again(search, &blocks, &blocks::lend(core, &shares), (&dual, &known));
    }
    near::improve(search, &dual);
}

type Blocks = Vec<Mutex<Block>>;

fn lock(block: &Mutex<Block>) -> MutexGuard<'_, Block> {
    block.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Solves every block with its units to itself.
fn apart(search: &mut Search<'_>, lent: &Lent, dual: &Dual, known: &[Vec<Known>]) -> Blocks {
    let core = search.core;
    let limits = each(search, lent.len());
    let mut grown = search.deal.clone();
    let mut made = Vec::with_capacity(lent.len());
    in_turn(
        lent.len(),
        search.options.threads,
        |at| {
            let mut work = 0;
            let mut block = Block::new(core, &core.blocks[at], &lent[at], (dual, &known[at]), &mut work);
            work += block.relax(limits);
            let posts = block.rounded(core, &mut work);
            (block, posts, work)
        },
        |at, (block, posts, work)| {
            search.work += work;
            grow(search, &mut grown, (at, &lent[at]), posts);
            made.push(Mutex::new(block));
        },
    );
    made
}

/// Lets the blocks hire the common units, at first for what these earn where they are, then for more or less as they are in
/// demand; returns who hired whom.
fn hire(search: &mut Search<'_>, dual: &mut Dual, blocks: &Blocks) -> (Shares, Vec<Vec<Known>>) {
    let mut shares = Shares::new();
    let mut fees = vec![0; search.core.units.len()];
    for (at, block) in blocks.iter().enumerate() {
        lock(block).earned().for_each(|(unit, fee)| fees[unit] = fee);
        lock(block).note(at, &mut shares);
    }
    // The best fees so far, and the way from there.
    let (mut best, mut proven, mut way) = (fees.clone(), i64::MAX, vec![0.0; fees.len()]);
    let mut caution = CAUTION;
    for turn in 0..TURNS {
        if search.over() {
            break;
        }
        let limits = each(search, blocks.len());
        let mut hired = Shares::new();
        in_turn(
            blocks.len(),
            search.options.threads,
            |at| {
                let mut block = lock(&blocks[at]);
                block.hire(&fees);
                block.relax(limits)
            },
            |at, work| {
                search.work += work;
                lock(&blocks[at]).note(at, &mut hired);
            },
        );
        let new = keep(search, dual, prices_of(search.core, blocks));
        let mut demand = vec![-1.0; fees.len()];
        hired.iter().for_each(|((unit, _), share)| demand[*unit] += share);
        hired.into_iter().for_each(|(place, share)| *shares.entry(place).or_default() += share);
        let better = new < proven;
        let share = if better { 0.7 } else { 0.3 };
        if turn == 0 {
            way.clone_from(&demand);
        }
        way.iter_mut().zip(&demand).for_each(|(way, demand)| *way += share * (demand - *way));
        if better {
            (best, proven) = (fees.clone(), new);
        } else {
            caution *= 0.6;
        }
        let moves = |unit: &usize| way[*unit] > 0.0 || best[*unit] > 0;
        let norm: f64 = (0..fees.len()).filter(moves).map(|unit| way[unit] * way[unit]).sum();
        let above = (proven - search.deal.value * SCALE).max(0) as f64;
        let step = caution * above / norm.max(1.0);
        for ((fee, best), way) in fees.iter_mut().zip(&best).zip(&way) {
            *fee = (best + (step * way) as i64).max(0);
        }
    }
    (shares, blocks.iter().map(|block| lock(block).near(search.core)).collect())
}

/// Solves the program of the whole from where the blocks' ended; returns who has how much to do where.
fn together(search: &mut Search<'_>, dual: &mut Dual, blocks: &Blocks) -> (Shares, Vec<Vec<Known>>) {
    let (core, threads, stop) = (search.core, search.options.threads, search.watch.stop);
    let mut program = tree::program(core);
    let mut basis = Vec::with_capacity(program.limits.len());
    blocks.iter().for_each(|block| lock(block).join(core, &mut program, &mut basis));
    // Rows that no block answers for keep their slack.
    let mut alone = vec![true; program.limits.len()];
    let units = core.units.iter().enumerate().filter(|(_, body)| !body.pairs.is_empty());
    for (unit, body) in units {
        alone[core.villages.len() + unit] = false;
        let rents = core.villages.len() + core.units.len() + body.rents;
        alone[rents..rents + if body.wide() { body.people.len() } else { 0 }].fill(false);
    }
    basis.extend((core.villages.len()..alone.len()).filter(|row| alone[*row]));
    program.start_from(&basis);
    let most = search.left() / 2;
    let constant = core.unmet_all() as f64;
    let rounds = Rounds {
        villages: core.villages.len(),
        units: core.units.len(),
        most: MOST_ROUNDS,
        judge: &|bound, value| {
            let whole = bound.div_euclid(SCALE);
            search.tell_bound(whole.min(search.bound));
            let reached = value - constant + STILL * (whole.abs().max(1) as f64);
            if whole as f64 <= reached { Verdict::Settled } else { Verdict::On }
        },
        stop: &|spent| spent >= most || stop(),
    };
    let mut work = 0;
    let mut ask = |master: &mut Master, point: &Point| {
        let new = evaluate(core, point.prices.clone(), point.rents.clone(), threads, &mut work);
        let mut kept = false;
        for (unit, offer) in new.offers.iter().enumerate() {
            kept |= tree::add_columns(master, core, &[], unit, &offer.posts, true);
        }
        (kept, new.bound)
    };
    let start = Point { prices: dual.prices.clone(), rents: dual.rents.clone() };
    let (point, ..) = rounds.run(&mut program, start, &mut ask);
    search.work += work + program.work;
    keep(search, dual, point);
    let mut asker = Asker::default();
    let deal = tree::rounded(core, &mut program, &mut asker);
    search.work += asker.work;
    take(search, &deal);
    let block_of = blocks::block_of(core);
    let mut shares = Shares::new();
    for (at, share) in program.shares() {
        let column = &program.columns[at];
        villages(&column.posts).for_each(|at| *shares.entry((column.unit, block_of[at])).or_default() += share);
    }
    let near = program.near(NEAR).into_iter().map(|at| &program.columns[at]);
    let near = near.map(|column| (column.unit, column.posts.clone())).collect();
    (shares, blocks::by_block(core, near))
}

/// Searches every block's plan with its units to itself.
fn again(search: &mut Search<'_>, blocks: &Blocks, lent: &Lent, (dual, known): (&Dual, &[Vec<Known>])) {
    let core = search.core;
    let limits = Limits { nodes: NODES, close: 0, ..each(search, lent.len()) };
    let mut grown = search.deal.clone();
    in_turn(
        lent.len(),
        search.options.threads,
        |at| {
            let (mut block, mut work) = (lock(&blocks[at]), 0);
            block.lend(&lent[at]);
            (block.plan(core, (dual, &known[at]), limits, &mut work), work)
        },
        |at, (posts, work)| {
            search.work += work;
            grow(search, &mut grown, (at, &lent[at]), posts);
        },
    );
    let mut asker = Asker::default();
    grown.tune(core, &mut asker);
    search.work += asker.work;
    take(search, &grown);
}

/// What each of so many blocks may do.
fn each<'a>(search: &Search<'a>, blocks: usize) -> Limits<'a> {
    let work = BLOCK_WORK.min(search.left() / blocks.max(1) as u64);
    Limits { nodes: 1, work, threads: 1, close: CLOSE, stop: search.watch.stop }
}

/// Puts a block's plan in the place of what the growing plan has there.
fn grow(search: &mut Search<'_>, grown: &mut Deal, (at, lent): (usize, &[u32]), posts: Vec<Known>) {
    let core = search.core;
    let mut inside = vec![false; core.villages.len()];
    core.blocks[at].iter().for_each(|village| inside[*village as usize] = true);
    for unit in 0..core.units.len() {
        if villages(&grown.posts[unit]).any(|village| inside[village]) {
            let mut rest = grown.posts[unit].clone();
            rest.retain(|post| !villages(std::slice::from_ref(post)).any(|village| inside[village]));
            grown.set(core, unit, rest);
        }
    }
    lent.iter().for_each(|unit| grown.set(core, *unit as usize, Vec::new()));
    posts.into_iter().for_each(|(unit, posts)| grown.set(core, unit, posts));
    let mut filled = grown.clone();
    filled.fill(core);
    take(search, &filled);
}

/// Takes over a plan if it is better.
fn take(search: &mut Search<'_>, deal: &Deal) {
    if deal.value > search.deal.value {
        search.deal = deal.clone();
    }
    search.tell();
}

/// The prices of all blocks.
fn prices_of(core: &Core, blocks: &Blocks) -> Point {
    let mut point = Point { prices: vec![0; core.villages.len()], rents: vec![0; core.rents] };
    blocks.iter().for_each(|block| lock(block).price(core, &mut point));
    point
}

/// Takes over prices that prove more; returns what these prove.
fn keep(search: &mut Search<'_>, dual: &mut Dual, point: Point) -> i64 {
    let new = evaluate(search.core, point.prices, point.rents, search.options.threads, &mut search.work);
    let proven = new.bound;
    if proven < dual.bound {
        *dual = new;
    }
    search.lower(dual.bound);
    search.tell();
    proven
}
