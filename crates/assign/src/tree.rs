//! Closing the gap: the linear program over sets of teams, its columns made as they are asked for, and branching on
//! whether a village goes to a unit. Exact for a county; for larger problems it works on neighbourhoods.

use std::collections::{BTreeMap, BinaryHeap};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, villages},
    descent::{Dual, ask_all},
    master::{Column, Master},
    rounds::{MOST_ROUNDS, Point, Rounds, Verdict},
    unit::{Asker, Bans, Offer, Prices},
};

/// When a search ends without having closed the gap.
#[derive(Clone, Copy)]
pub(crate) struct Limits<'a> {
    pub nodes: usize,
    pub work: u64,
    pub threads: usize,
    /// A linear program is solved to within so many points of its value.
    pub close: i64,
    pub stop: &'a (dyn Fn() -> bool + Sync),
}

/// What a search found.
pub(crate) struct Outcome {
    pub deal: Deal,
    /// No plan of this core is worth more.
    pub bound: i64,
    pub work: u64,
}

/// More than any unit could earn from a village: in a branch where a unit must have the village, going without costs this.
const MUST: i64 = 300;

/// A share from which a village counts as given whole.
const WHOLE: f64 = 1.0 - 1e-5;
/// A dive fixes shares from this on, and so many in any case; and asks for columns so many times after each.
const SURE: f64 = 0.75;
const LEAST_FIXED: usize = 3;
const DIVE_ROUNDS: usize = 4;

#[derive(Debug, Clone, Copy)]
enum Cut {
    /// The unit has the village, with a team or covered.
    Only {
        unit: usize,
        village: usize,
    },
    Not {
        unit: usize,
        village: usize,
    },
}

#[derive(Debug)]
struct Node {
    bound: i64,
    cuts: Vec<Cut>,
    /// The prices that proved its parent's bound.
    point: Point,
    order: usize,
}

impl Node {
    /// The highest bound first, then the deepest, then the newest.
    fn rank(&self) -> (i64, usize, usize) {
        (self.bound, self.cuts.len(), self.order)
    }
}

impl PartialEq for Node {
    fn eq(&self, other: &Self) -> bool {
        self.rank() == other.rank()
    }
}

impl Eq for Node {}

impl PartialOrd for Node {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Node {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.rank().cmp(&other.rank())
    }
}

struct Tree<'a> {
    core: &'a Core,
    master: Master,
    bans: Bans,
    /// What [`Cut::Only`] adds to a village's gain.
    extra: Vec<i64>,
    best: Deal,
    asker: Asker,
    limits: Limits<'a>,
}

/// What became of a node.
enum End {
    /// Nothing better is in it.
    Closed,
    /// At most this is in it; the linear program stands at its solution unless time ran out.
    Open { bound: i64, point: Point },
}

/// Searches all plans of a core for one better than `deal`, from prices near the best.
pub(crate) fn search(core: &Core, deal: Deal, dual: &Dual, more: &[(usize, Vec<Post>)], limits: Limits<'_>) -> Outcome {
    let mut tree = Tree::new(core, start(core, &deal, more), deal, limits);
    let point = Point { prices: dual.prices.clone(), rents: dual.rents.clone() };
    let bound = tree.run(Node { bound: dual.bound.div_euclid(SCALE), cuts: Vec::new(), point, order: 0 });
    let work = tree.spent();
    Outcome { deal: tree.best, bound, work }
}

/// Solves a program of a core from these prices. Returns it with its prices, and the steps done.
pub(crate) fn relax(core: &Core, mut program: Master, start: Point, limits: Limits<'_>) -> (Master, Point, u64) {
    program.work = 0;
    let mut tree = Tree::new(core, program, Deal::none(core), limits);
    let root = Node { bound: i64::MAX, cuts: Vec::new(), point: start, order: 0 };
    let point = match tree.settle(&root, MOST_ROUNDS) {
        End::Closed => root.point,
        End::Open { point, .. } => point,
    };
    let work = tree.spent();
    (tree.master, point, work)
}

/// The program of a core, without columns: its rows are villages, units, and people of wide units.
pub(crate) fn program(core: &Core) -> Master {
    let mut limits = vec![1.0; core.villages.len() + core.units.len() + core.rents];
    for (unit, body) in core.units.iter().enumerate().filter(|(_, body)| body.wide()) {
        limits[core.villages.len() + unit] = body.teams as f64;
    }
    Master::new(limits, core.villages.len())
}

/// A plan near a program's solution: the largest shares that agree, then what else can be met.
pub(crate) fn rounded(core: &Core, program: &mut Master, asker: &mut Asker) -> Deal {
    let mut shares = program.shares();
    shares.sort_by(|(one, share), (other, more)| more.total_cmp(share).then(one.cmp(other)));
    let mut deal = Deal::none(core);
    let mut met = vec![false; core.villages.len()];
    for (at, _) in shares {
        let column = &program.columns[at];
        deal.join(core, column.unit, &column.posts, &mut met);
    }
    deal.fill(core);
    deal.tune(core, asker);
    deal
}

/// The program of a core that begins with a plan, and has more sets of teams.
pub(crate) fn start(core: &Core, deal: &Deal, more: &[(usize, Vec<Post>)]) -> Master {
    let mut program = program(core);
    for (unit, posts) in deal.posts.iter().enumerate() {
        if add_columns(&mut program, core, &[], unit, posts, false) && !core.units[unit].wide() {
            program.start_with(program.columns.len() - 1, core.villages.len() + unit);
        }
    }
    for (unit, posts) in more {
        add_columns(&mut program, core, &[], *unit, posts, false);
    }
    program
}

impl<'a> Tree<'a> {
    fn new(core: &'a Core, master: Master, best: Deal, limits: Limits<'a>) -> Tree<'a> {
        let extra = vec![0; core.villages.len()];
        Tree { core, master, bans: Bans::none(core), extra, best, asker: Asker::default(), limits }
    }
}

impl Tree<'_> {
    fn spent(&self) -> u64 {
        self.asker.work + self.master.work
    }

    fn over(&self) -> bool {
        self.spent() >= self.limits.work || (self.limits.stop)()
    }

    /// Works through the nodes; returns the bound over all that is left.
    fn run(&mut self, root: Node) -> i64 {
        let mut open = BinaryHeap::from([root]);
        let mut unsettled = i64::MIN;
        let mut seen = 0;
        // The branch that has just been opened, gone on with until it closes: so that good plans are found early.
        let mut next: Option<Node> = None;
        while let Some(node) = next.take().or_else(|| open.pop()) {
            if node.bound <= self.best.value {
                continue;
            }
            if seen >= self.limits.nodes || self.over() {
                unsettled = unsettled.max(node.bound);
                break;
            }
            seen += 1;
            match self.settle(&node, MOST_ROUNDS) {
                End::Closed => {}
                End::Open { bound, point } => {
                    self.round();
                    if seen == 1 && bound > self.best.value {
                        self.dive(&node, &point);
                        self.settle(&node, MOST_ROUNDS);
                    }
                    let bound = bound.min(node.bound);
                    if bound <= self.best.value {
                        continue;
                    }
                    let Some((unit, village)) = self.fractional() else {
                        unsettled = unsettled.max(bound);
                        continue;
                    };
                    let child = |cut| {
                        let cuts = node.cuts.iter().copied().chain([cut]).collect();
                        Node { bound, cuts, point: point.clone(), order: seen }
                    };
                    open.push(child(Cut::Not { unit, village }));
                    next = Some(child(Cut::Only { unit, village }));
                }
            }
        }
        let left = open.into_iter().chain(next).map(|node| node.bound).max().unwrap_or(i64::MIN);
        self.best.value.max(unsettled).max(left)
    }

    /// Sets the bans and gains of a node.
    fn enter(&mut self, cuts: &[Cut]) {
        self.bans.clear();
        self.extra.fill(0);
        for cut in cuts {
            match *cut {
                Cut::Not { unit, village } => self.bans.ban(unit, village),
                Cut::Only { unit, village } => {
                    self.extra[village] = MUST;
                    for other in (0..self.core.units.len()).filter(|other| *other != unit) {
                        self.bans.ban(other, village);
                    }
                }
            }
        }
        for at in 0..self.master.columns.len() {
            let column = &self.master.columns[at];
            let body = &self.core.units[column.unit];
            let mut banned = body.teams == 0;
            let mut gain = column.worth * SCALE - body.fee;
            for village in villages(&column.posts) {
                banned |= self.bans.has(column.unit, village);
                gain += self.extra[village] * SCALE;
            }
            self.master.set(at, gain as f64 / SCALE as f64, banned);
        }
    }

    /// Solves the linear program of a node, as far as it must be solved to know what becomes of it.
    fn settle(&mut self, node: &Node, most: usize) -> End {
        self.enter(&node.cuts);
        let Tree { core, master, bans, extra, best, asker, limits } = self;
        let constant = extra.iter().sum::<i64>() + core.unmet_all();
        let spent = asker.work;
        let rounds = Rounds {
            villages: core.villages.len(),
            units: core.units.len(),
            most,
            judge: &|bound, value| {
                let whole = bound.div_euclid(SCALE);
                if whole <= best.value {
                    Verdict::Closed
                } else if whole - limits.close <= (value - constant as f64 + 1e-6).floor() as i64 {
                    // The bound cannot fall below the program's value: not by a whole point any more.
                    Verdict::Settled
                } else {
                    Verdict::On
                }
            },
            stop: &|work| spent + work >= limits.work || (limits.stop)(),
        };
        let mut ask = |master: &mut Master, point: &Point| {
            let gains = core.villages.iter().zip(extra.iter());
            let worth: Vec<i64> =
                gains.zip(&point.prices).map(|((spot, extra), price)| (spot.gain + extra) * SCALE - price).collect();
            let mut bound = point.prices.iter().sum::<i64>() - constant * SCALE;
            let mut kept = false;
            let asked = Prices { worth: &worth, rents: &point.rents, bans: Some(bans) };
            let offers = ask_all(core, asked, limits.threads, &mut asker.work);
            for (unit, Offer { profit, posts }) in offers.into_iter().enumerate() {
                bound += profit;
                kept |= add_columns(master, core, extra, unit, &posts, true);
            }
            (kept, bound)
        };
        let (point, bound, verdict) = rounds.run(master, node.point.clone(), &mut ask);
        match verdict {
            Verdict::Closed => End::Closed,
            Verdict::On | Verdict::Settled => End::Open { bound: bound.div_euclid(SCALE), point },
        }
    }

    /// Down one branch without looking back: gives villages to the units that hold almost all of them, solves again, until
    /// the solution is a plan.
    fn dive(&mut self, root: &Node, point: &Point) {
        let mut node = Node { bound: root.bound, cuts: root.cuts.clone(), point: point.clone(), order: 0 };
        while !self.over() {
            let mut parts = self.parts();
            parts.retain(|(share, ..)| *share < WHOLE);
            parts.sort_by(|one, other| other.0.total_cmp(&one.0).then((one.1, one.2).cmp(&(other.1, other.2))));
            if parts.is_empty() {
                return;
            }
            let sure = parts.iter().take_while(|(share, ..)| *share >= SURE).count();
            let mut fixed: Vec<(usize, usize)> = Vec::new();
            for (at, (_, unit, village)) in parts.into_iter().enumerate() {
                let clash = |(other, place): &(usize, usize)| *place == village || (at >= sure && *other == unit);
                if at >= sure && fixed.len() >= LEAST_FIXED {
                    break;
                }
                if !fixed.iter().any(clash) {
                    fixed.push((unit, village));
                }
            }
            node.cuts.extend(fixed.into_iter().map(|(unit, village)| Cut::Only { unit, village }));
            let End::Open { point, .. } = self.settle(&node, DIVE_ROUNDS) else { return };
            node.point = point;
            self.round();
        }
    }

    fn round(&mut self) {
        let deal = rounded(self.core, &mut self.master, &mut self.asker);
        if deal.value > self.best.value {
            self.best = deal;
        }
    }

    /// The share of each unit in each village: (share, unit, village).
    fn parts(&mut self) -> Vec<(f64, usize, usize)> {
        let mut parts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (at, share) in self.master.shares() {
            let column = &self.master.columns[at];
            for village in villages(&column.posts) {
                *parts.entry((village, column.unit)).or_default() += share;
            }
        }
        parts.into_iter().map(|((village, unit), share)| (share, unit, village)).collect()
    }

    /// The unit and village whose share is largest short of the whole.
    fn fractional(&mut self) -> Option<(usize, usize)> {
        let open = self.parts().into_iter().filter(|(share, ..)| *share > 1.0 - WHOLE && *share < WHOLE);
        let most = open.max_by(|one, other| one.0.total_cmp(&other.0).then((other.1, other.2).cmp(&(one.1, one.2))));
        most.map(|(_, unit, village)| (unit, village))
    }
}

/// Takes a set of teams into a program; where `earning`, only if it earns something at the program's prices.
pub(crate) fn add_columns(
    master: &mut Master,
    core: &Core,
    extra: &[i64],
    unit: usize,
    posts: &[Post],
    earning: bool,
) -> bool {
    if posts.is_empty() {
        return false;
    }
    if !core.units[unit].wide() {
        return add_column(master, core, extra, unit, posts, earning);
    }
    let mut kept = false;
    for post in posts {
        kept |= add_column(master, core, extra, unit, std::slice::from_ref(post), earning);
    }
    kept
}

fn add_column(master: &mut Master, core: &Core, extra: &[i64], unit: usize, posts: &[Post], earning: bool) -> bool {
    let rows = rows_of(core, unit, posts);
    let worth = Deal::worth_of(core, unit, posts);
    let extra: i64 = villages(posts).map(|village| extra.get(village).copied().unwrap_or(0)).sum();
    let gain = ((worth + extra) * SCALE - core.units[unit].fee) as f64 / SCALE as f64;
    if earning && master.earns(&rows, gain) < 1e-6 {
        return false;
    }
    master.add(Column { unit, posts: posts.to_vec(), worth, rows }, gain);
    true
}

/// The rows of a set of teams: its villages, its unit, and its people if they have prices.
pub(crate) fn rows_of(core: &Core, unit: usize, posts: &[Post]) -> Vec<u32> {
    let (all_villages, units) = (core.villages.len(), core.units.len());
    let body = &core.units[unit];
    let priced = posts.iter().flat_map(|post| &post.people).filter(|_| body.wide());
    let people = priced.map(|one| all_villages + units + body.rents + usize::from(*one));
    let rows = villages(posts).chain([all_villages + unit]).chain(people);
    rows.map(|row| u32::try_from(row).unwrap_or(u32::MAX)).collect()
}
