//! Blocks of neighbouring divisions, which few units have in common: each with some of these units to itself is a problem
//! that can be solved as a whole. The solutions together are where the program of the whole begins, whose solution says
//! which block each common unit is better lent to.

use std::collections::{BTreeMap, HashMap};

use crate::{
    core::{Core, Post},
    deal::{Deal, villages},
    descent::{Dual, evaluate},
    master::{Column, Master},
    part::Part,
    rounds::Point,
    solve::{Options, STEP, Search, Watch},
    tree::{self, Limits},
};

/// How many points a set of teams may miss to be in a program from the start.
const NEAR: f64 = 3.0;
/// A block is solved apart to within so many points of its program's value.
const CLOSE: i64 = 3;
/// Nodes of the search for a block's plan.
const NODES: usize = 60;

/// Some posts of a unit.
pub(crate) type Known = (usize, Vec<Post>);

/// The units of each block, by the block's number: none is in two.
pub(crate) type Lent = Vec<Vec<u32>>;

/// A block solved with its units to itself.
pub(crate) struct Apart {
    part: Part,
    program: Master,
    point: Point,
    /// Posts of the whole.
    pub posts: Vec<Known>,
    pub work: u64,
}

/// Lends each unit to the block where it has most to do, as the shares say; where they say nothing, to that of its blocks
/// that has the fewest units for its villages.
pub(crate) fn lend(core: &Core, shares: &HashMap<(u32, usize), f64>) -> Lent {
    let block_of = block_of(core);
    let mut lent: Lent = vec![Vec::new(); core.blocks.len()];
    let mut common: Vec<(Vec<usize>, u32)> = Vec::new();
    for (unit, body) in (0u32..).zip(&core.units) {
        let mut blocks: Vec<usize> =
            core.pairs[body.pairs.clone()].iter().map(|pair| block_of[pair.village as usize]).collect();
        blocks.sort_unstable();
        blocks.dedup();
        let share = |block: &usize| shares.get(&(unit, *block)).copied().unwrap_or(0.0);
        let most = blocks.iter().copied().max_by(|one, other| share(one).total_cmp(&share(other)));
        match most {
            Some(block) if blocks.len() == 1 || share(&block) > 0.0 => lent[block].push(unit),
            Some(_) => common.push((blocks, unit)),
            None => {}
        }
    }
    // Those with the least choice first.
    common.sort_by_key(|(blocks, unit)| (blocks.len(), *unit));
    for (blocks, unit) in common {
        let filled = |at: &usize| lent[*at].len() * 1_000_000 / core.blocks[*at].len().max(1);
        if let Some(at) = blocks.into_iter().min_by_key(filled) {
            lent[at].push(unit);
        }
    }
    lent.iter_mut().for_each(|units| units.sort_unstable());
    lent
}

/// Solves the program of a block with its units to itself, and rounds it.
pub(crate) fn apart(core: &Core, block: &[u32], units: &[u32], limits: Limits<'_>) -> Apart {
    let part = Part::new(core, units.to_vec(), block.to_vec());
    let mut search = alone(&part.core, limits);
    let (dual, columns) = search.descend();
    let limits = Limits { work: search.left(), close: CLOSE, ..limits };
    let (program, point, found) = tree::relax(&part.core, search.deal, &dual, &columns, limits);
    let posts = outward(core, &part, found.deal);
    Apart { posts, work: search.work + found.work, program, point, part }
}

/// One program of all blocks, which begins where [`apart`] has ended, and its prices. Its rows are all villages, all units,
/// and the people of wide units.
pub(crate) fn together(core: &Core, blocks: Vec<Apart>) -> (Master, Point) {
    let (villages, units) = (core.villages.len(), core.units.len());
    let mut program = tree::program(core);
    let size = program.limits.len();
    let mut basis: Vec<usize> = Vec::with_capacity(size);
    // Rows that no block answers for keep their slack.
    let mut alone = vec![true; size];
    let mut point = Point { prices: vec![0; villages], rents: vec![0; core.rents] };
    for Apart { part, program: own, point: prices, .. } in blocks {
        let rents = part.rent_places(core);
        let of_units = part.units.iter().map(|unit| villages + *unit as usize);
        let of_people = rents.iter().map(|place| villages + units + place);
        let rows: Vec<usize> =
            part.villages.iter().map(|village| *village as usize).chain(of_units).chain(of_people).collect();
        rows.iter().for_each(|row| alone[*row] = false);
        part.villages.iter().zip(prices.prices).for_each(|(at, price)| point.prices[*at as usize] = price);
        rents.into_iter().zip(prices.rents).for_each(|(at, rent)| point.rents[at] = rent);
        let mut places: HashMap<usize, usize> = HashMap::new();
        for at in own.near(NEAR) {
            let Column { unit, posts, worth, rows: old } = &own.columns[at];
            places.insert(at, size + program.columns.len());
            let posts = part.outward(core, *unit, posts.clone());
            let rows = old.iter().filter_map(|row| u32::try_from(rows[*row as usize]).ok()).collect();
            let unit = part.units[*unit] as usize;
            program.add(Column { unit, posts, worth: *worth, rows }, *worth as f64);
        }
        basis.extend(own.basis().iter().filter_map(|variable| match variable.checked_sub(rows.len()) {
            None => Some(rows[*variable]),
            Some(column) => places.get(&column).copied(),
        }));
    }
    basis.extend((0..size).filter(|row| alone[*row]));
    program.start_from(&basis);
    (program, point)
}

/// How much each unit has to do in each block, as the solution of a program says; and by block the sets of teams that earn
/// almost their prices.
pub(crate) fn shares(core: &Core, program: &mut Master) -> (HashMap<(u32, usize), f64>, Vec<Vec<Known>>) {
    let block_of = block_of(core);
    let mut shares: HashMap<(u32, usize), f64> = HashMap::new();
    for (at, share) in program.shares() {
        let column = &program.columns[at];
        for village in villages(&column.posts) {
            if let Ok(unit) = u32::try_from(column.unit) {
                *shares.entry((unit, block_of[village])).or_default() += share;
            }
        }
    }
    let mut known: Vec<Vec<Known>> = vec![Vec::new(); core.blocks.len()];
    for at in program.near(NEAR) {
        let column = &program.columns[at];
        if let Some(village) = villages(&column.posts).next() {
            known[block_of[village]].push((column.unit, column.posts.clone()));
        }
    }
    (shares, known)
}

/// Searches a plan of a block with its units to itself, from prices of the whole and sets of teams known to be near the
/// best. Returns the posts of the whole, and the steps done.
pub(crate) fn again(
    core: &Core,
    (block, units): (&[u32], &[u32]),
    (dual, known): (&Dual, &[Known]),
    limits: Limits<'_>,
) -> (Vec<Known>, u64) {
    let part = Part::new(core, units.to_vec(), block.to_vec());
    let mut work = 0;
    let (prices, rents) = part.prices(core, dual);
    let dual = evaluate(&part.core, prices, rents, 1, &mut work);
    let places: BTreeMap<usize, usize> = part.units.iter().enumerate().map(|(at, unit)| (*unit as usize, at)).collect();
    let here = known.iter().filter_map(|(unit, posts)| {
        let unit = places.get(unit)?;
        Some((*unit, part.inward(*unit, posts)?))
    });
    let columns: Vec<Known> = here.collect();
    let start = alone(&part.core, limits);
    let limits = Limits { nodes: NODES, work: start.left(), ..limits };
    let found = tree::search(&part.core, start.deal, &dual, &columns, limits);
    (outward(core, &part, found.deal), work + start.work + found.work)
}

/// A search that tells nobody.
fn alone<'a>(core: &'a Core, limits: Limits<'a>) -> Search<'a> {
    let options = Options { work: Some(limits.work / STEP), threads: 1, ..Options::default() };
    Search::new(core, &options, Watch { progress: &|_| {}, stop: limits.stop })
}

fn outward(core: &Core, part: &Part, deal: Deal) -> Vec<Known> {
    let posts = deal.posts.into_iter().enumerate();
    posts.map(|(unit, posts)| (part.units[unit] as usize, part.outward(core, unit, posts))).collect()
}

fn block_of(core: &Core) -> Vec<usize> {
    let mut block_of = vec![0; core.villages.len()];
    for (at, block) in core.blocks.iter().enumerate() {
        block.iter().for_each(|village| block_of[*village as usize] = at);
    }
    block_of
}
