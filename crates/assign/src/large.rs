//! The way of a problem too large for one linear program made from nothing: block by block, then the program of the whole
//! from there, then block by block again with its prices, then around the plan. The plan grows with every block.

use std::collections::HashMap;

use crate::{
    blocks::{self, Known, Lent},
    core::SCALE,
    deal::{Deal, villages},
    descent::{Descent, Dual, evaluate, in_turn},
    master::Master,
    near,
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    solve::Search,
    tree::{self, Limits},
    unit::Asker,
};

/// The program of the whole is solved to within this share of its value.
const CLOSE: f64 = 2e-4;
/// Steps for one block at most.
const BLOCK_WORK: u64 = 3_000_000_000;

pub(crate) fn plan(search: &mut Search<'_>) {
    let (core, threads) = (search.core, search.options.threads);
    let mut dual = Descent::new(core, threads, &mut search.work).best;
    search.lower(dual.bound);
    if search.over() {
        return;
    }
    let (mut program, point) = apart(search);
    keep(search, &mut dual, point.clone());
    if !search.over() {
        let point = together(search, &mut program, point);
        keep(search, &mut dual, point);
        let mut asker = Asker::default();
        let deal = tree::rounded(core, &mut program, &mut asker);
        search.work += asker.work;
        take(search, &deal);
    }
    if !search.over() {
        again(search, &mut program, &dual);
    }
    near::improve(search, &dual);
}

/// Solves every block with a fair share of the common units to itself; returns the program of the whole that begins there.
fn apart(search: &mut Search<'_>) -> (Master, Point) {
    let core = search.core;
    let lent = blocks::lend(core, &HashMap::new());
    let mut grown = search.deal.clone();
    let limits = each(search, lent.len());
    let mut solved = Vec::with_capacity(lent.len());
    in_turn(
        lent.len(),
        search.options.threads,
        |at| blocks::apart(core, &core.blocks[at], &lent[at], limits),
        |at, mut one| {
            search.work += one.work;
            grow(search, &mut grown, (at, &lent), std::mem::take(&mut one.posts));
            solved.push(one);
        },
    );
    blocks::together(core, solved)
}

/// Solves the program of the whole.
fn together(search: &mut Search<'_>, program: &mut Master, start: Point) -> Point {
    let (core, threads, stop) = (search.core, search.options.threads, search.watch.stop);
    let most = search.left() / 2;
    let constant = core.unmet_all() as f64;
    let rounds = Rounds {
        villages: core.villages.len(),
        units: core.units.len(),
        most: MOST_ROUNDS,
        judge: &|bound, value| {
            let whole = bound.div_euclid(SCALE);
            search.tell_bound(whole);
            let reached = value - constant + CLOSE * (whole.abs().max(1) as f64);
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
    let (point, ..) = rounds.run(program, start, &mut ask);
    search.work += work + program.work;
    point
}

/// Searches every block's plan with the common units that the program of the whole gives it.
fn again(search: &mut Search<'_>, program: &mut Master, dual: &Dual) {
    let core = search.core;
    let (shares, known) = blocks::shares(core, program);
    let lent = blocks::lend(core, &shares);
    let limits = each(search, lent.len());
    let mut grown = search.deal.clone();
    in_turn(
        lent.len(),
        search.options.threads,
        |at| blocks::again(core, (&core.blocks[at], &lent[at]), (dual, &known[at]), limits),
        |at, (posts, work)| {
            search.work += work;
            grow(search, &mut grown, (at, &lent), posts);
        },
    );
    let mut asker = Asker::default();
    grown.fill(core);
    grown.tune(core, &mut asker);
    search.work += asker.work;
    take(search, &grown);
}

/// What each of so many blocks may do.
fn each<'a>(search: &Search<'a>, blocks: usize) -> Limits<'a> {
    let work = BLOCK_WORK.min(search.left() / blocks.max(1) as u64);
    Limits { nodes: 1, work, threads: 1, close: 0, stop: search.watch.stop }
}

/// Puts a block's plan in the place of what the growing plan has there.
fn grow(search: &mut Search<'_>, grown: &mut Deal, (at, lent): (usize, &Lent), posts: Vec<Known>) {
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
    for unit in &lent[at] {
        grown.set(core, *unit as usize, Vec::new());
    }
    for (unit, posts) in posts {
        grown.set(core, unit, posts);
    }
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

/// Takes over prices that prove more.
fn keep(search: &mut Search<'_>, dual: &mut Dual, point: Point) {
    let new = evaluate(search.core, point.prices, point.rents, search.options.threads, &mut search.work);
    if new.bound < dual.bound {
        *dual = new;
    }
    search.lower(dual.bound);
    search.tell();
}
