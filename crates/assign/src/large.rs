//! The way of a problem too large for one linear program made from nothing.

use crate::{
    blocks::Blocks,
    core::SCALE,
    descent::{Descent, Dual, evaluate},
    master::Master,
    near,
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    solve::{Progress, STEP, Search},
    tree,
    unit::Asker,
};

/// Turns of descent before blocks are swept; few, so that prices are still too high.
const TURNS: usize = 40;
const SWEEPS: usize = 4;
/// Sweeps end when one lowers the bound by less than this share.
const STILL: f64 = 5e-5;
/// People are short if the first plan leaves more than one village in so many unmet.
const SHORT: usize = 20;
/// The program of the whole is solved to within this share of its value.
const CLOSE: f64 = 2e-4;
/// With a gap above this, the other way is tried too if there is work left.
const WIDE_GAP: f64 = 0.01;
/// Steps of the search for the plan of one block.
const BLOCK_WORK: u64 = 1_000_000_000;

/// Plans from blocks, then around the plan.
pub(crate) fn plan(search: &mut Search<'_>) {
    let core = search.core;
    let unmet = search.deal.holders(core).iter().filter(|holder| holder.is_none()).count();
    let mut descent = Descent::new(core, search.options.threads, &mut search.work);
    search.lower(descent.best.bound);
    if unmet * SHORT > core.villages.len() {
        together(search, &mut descent.best);
    } else {
        for _ in 0..TURNS {
            if search.over() {
                break;
            }
            descent.step(core, search.deal.value * SCALE, search.options.threads, &mut search.work);
            search.lower(descent.best.bound);
        }
        swept(search, &mut descent.best);
        let gap = (search.bound - search.deal.value) as f64 / search.bound.abs().max(1) as f64;
        if gap > WIDE_GAP && !search.over() {
            together(search, &mut descent.best);
        }
    }
    near::improve(search, &descent.best);
}

/// Sweeps the blocks until the bound hardly falls, and plans from where they stand.
fn swept(search: &mut Search<'_>, dual: &mut Dual) {
    let mut blocks = Blocks::new(search.core, &search.deal, Some(dual), search.options.threads, search.watch.stop);
    for _ in 0..SWEEPS {
        if search.over() {
            return;
        }
        search.work += blocks.sweep();
        let before = dual.bound;
        keep(search, dual, blocks.point.clone());
        if (before - dual.bound) as f64 <= STILL * dual.bound.abs() as f64 {
            break;
        }
    }
    let (deal, work) = blocks.plan_swept(BLOCK_WORK);
    search.work += work;
    take(search, deal);
}

/// Solves the blocks apart, then the program of the whole from there, and plans from its solution.
fn together(search: &mut Search<'_>, dual: &mut Dual) {
    let (core, threads, watch) = (search.core, search.options.threads, search.watch);
    let mut blocks = Blocks::new(core, &search.deal, None, threads, watch.stop);
    search.work += blocks.apart();
    keep(search, dual, blocks.point.clone());
    let mut program = blocks.together();
    let most = search.most_work.saturating_sub(search.work);
    let (objective, before) = (search.deal.value, search.work);
    let constant = core.unmet_all() as f64;
    let rounds = Rounds {
        villages: core.villages.len(),
        units: core.units.len(),
        most: MOST_ROUNDS,
        judge: &|bound, value| {
            let whole = bound.div_euclid(SCALE);
            (watch.progress)(Progress { objective, bound: whole, work: before / STEP });
            let reached = value - constant + CLOSE * (whole.abs().max(1) as f64);
            if whole as f64 <= reached { Verdict::Settled } else { Verdict::On }
        },
        stop: &|spent| spent >= most || (watch.stop)(),
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
    keep(search, dual, point.clone());
    let (deal, work) = blocks.plan_together(&mut program, point, BLOCK_WORK);
    search.work += work;
    take(search, deal);
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

/// Takes over a plan if it is better, once what it leaves open is filled.
fn take(search: &mut Search<'_>, mut deal: crate::deal::Deal) {
    let mut asker = Asker::default();
    deal.fill(search.core);
    deal.tune(search.core, &mut asker);
    search.work += asker.work;
    if deal.value > search.deal.value {
        search.deal = deal;
    }
    search.tell();
}
