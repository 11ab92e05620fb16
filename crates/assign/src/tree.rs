//! Closing the gap: the linear program over sets of teams, its columns made as they are asked for, and branching on
//! whether a village goes to a unit. Exact for a county; for larger problems it works on neighbourhoods.

use std::collections::{BTreeMap, BinaryHeap};

use crate::{
    core::{Core, Post, SCALE},
    deal::{Deal, villages},
    descent::{Dual, ask_all},
    master::{Column, Master},
    unit::{Asker, Bans, Offer, Prices},
};

/// When a search ends without having closed the gap.
#[derive(Clone, Copy)]
pub(crate) struct Limits<'a> {
    pub nodes: usize,
    pub work: u64,
    pub threads: usize,
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
const MUST: i64 = 1 << 23;
/// Rounds of asking for columns in one node; more are not seen.
const MOST_ROUNDS: usize = 400;

#[derive(Debug, Clone, Copy)]
enum Cut {
    /// The unit has the village, with a team or covered.
    Only { unit: usize, village: usize },
    Not { unit: usize, village: usize },
}

#[derive(Debug)]
struct Node {
    bound: i64,
    cuts: Vec<Cut>,
    /// Prices of the parent that proved its bound.
    prices: Vec<i64>,
    rents: Vec<i64>,
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
    /// What each unit earns if it takes nothing here, in parts of [`SCALE`]; and the columns that say so.
    aside: Vec<i64>,
    aside_columns: Vec<usize>,
}

/// What became of a node.
enum End {
    /// Nothing better is in it.
    Closed,
    /// At most this is in it; the linear program stands at its solution unless time ran out.
    Open { bound: i64, prices: Vec<i64>, rents: Vec<i64> },
}

/// Searches all plans of a core for one better than `deal`, from prices near the best.
pub(crate) fn search(core: &Core, deal: Deal, dual: &Dual, more: &[(usize, Vec<Post>)], limits: Limits<'_>) -> Outcome {
    let mut tree = Tree::new(core, deal, more, limits);
    let root = Node {
        bound: dual.bound.div_euclid(SCALE),
        cuts: Vec::new(),
        prices: dual.prices.clone(),
        rents: dual.rents.clone(),
        order: 0,
    };
    let bound = tree.run(root);
    let work = tree.spent();
    Outcome { deal: tree.best, bound, work }
}

/// The linear program of a core whose units may earn something elsewhere instead; kept, to be solved again when that
/// changes.
pub(crate) struct Relaxation<'a> {
    tree: Tree<'a>,
    pub prices: Vec<i64>,
    pub rents: Vec<i64>,
}

impl<'a> Relaxation<'a> {
    pub fn new(
        core: &'a Core,
        deal: Deal,
        (prices, rents): (Vec<i64>, Vec<i64>),
        more: &[(usize, Vec<Post>)],
        limits: Limits<'a>,
    ) -> Relaxation<'a> {
        let mut tree = Tree::new(core, deal, more, limits);
        // No plan is held against the bound: the program is solved to its end.
        tree.best.value = i64::MIN / SCALE;
        for unit in 0..core.units.len() {
            tree.aside_columns.push(tree.master.columns.len());
            let rows = u32::try_from(core.villages.len() + unit).into_iter().collect();
            tree.master.add(Column { unit, posts: Vec::new(), worth: 0, rows }, 0.0);
        }
        Relaxation { tree, prices, rents }
    }

    /// Solves it with `aside` as what the units earn elsewhere. Returns the steps done.
    pub fn solve(&mut self, aside: Vec<i64>) -> u64 {
        let before = self.tree.spent();
        self.tree.aside = aside;
        let (prices, rents) = (self.prices.clone(), self.rents.clone());
        if let End::Open { prices, rents, .. } =
            self.tree.settle(&Node { bound: i64::MAX, cuts: Vec::new(), prices, rents, order: 0 })
        {
            (self.prices, self.rents) = (prices, rents);
        }
        self.tree.spent() - before
    }

    /// The share of each set of teams in the solution.
    pub fn shares(&mut self) -> Vec<(f64, usize, Vec<Post>)> {
        let shares = self.tree.master.shares().into_iter().map(|(at, share)| {
            let column = &self.tree.master.columns[at];
            (share, column.unit, column.posts.clone())
        });
        shares.filter(|(.., posts)| !posts.is_empty()).collect()
    }
}

impl<'a> Tree<'a> {
    fn new(
        core: &'a Core,
        deal: Deal,
        more: &[(usize, Vec<Post>)],
        limits: Limits<'a>,
    ) -> Tree<'a> {
        let wide = |unit: usize| core.units[unit].wide();
        let mut row_limits = vec![1.0; core.villages.len() + core.units.len() + core.rents];
        for unit in (0..core.units.len()).filter(|unit| wide(*unit)) {
            row_limits[core.villages.len() + unit] = core.units[unit].teams as f64;
        }
        let mut tree = Tree {
            core,
            master: Master::new(row_limits, core.villages.len()),
            bans: Bans::none(core),
            extra: vec![0; core.villages.len()],
            best: deal,
            asker: Asker::default(),
            limits,
            aside: vec![0; core.units.len()],
            aside_columns: Vec::new(),
        };
        let held: Vec<(usize, Vec<Post>)> = tree.best.posts.iter().cloned().enumerate().collect();
        for (unit, posts) in &held {
            if tree.add_columns(*unit, posts, false) && !wide(*unit) {
                tree.master.start_with(tree.master.columns.len() - 1, core.villages.len() + unit);
            }
        }
        for (unit, posts) in more {
            tree.add_columns(*unit, posts, false);
        }
        tree
    }
}

impl Tree<'_> {
    fn spent(&self) -> u64 {
        self.asker.work * 4 + self.master.work
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
            match self.settle(&node) {
                End::Closed => {}
                End::Open { bound, prices, rents } => {
                    self.round();
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
                        Node { bound, cuts, prices: prices.clone(), rents: rents.clone(), order: seen }
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
            let mut banned = false;
            let mut gain = column.worth;
            for village in villages(&column.posts) {
                banned |= self.bans.has(column.unit, village);
                gain += self.extra[village];
            }
            self.master.set(at, gain as f64, banned);
        }
        for (unit, column) in self.aside_columns.iter().enumerate() {
            self.master.set(*column, self.aside[unit] as f64 / SCALE as f64, false);
        }
    }

    /// Solves the linear program of a node, as far as it must be solved to know what becomes of it.
    fn settle(&mut self, node: &Node) -> End {
        self.enter(&node.cuts);
        let extra: i64 = self.extra.iter().sum::<i64>() + self.core.unmet_all();
        let mut center = (node.prices.clone(), node.rents.clone());
        let mut bound = i64::MAX;
        let mut pull = 0.7;
        for round in 0..MOST_ROUNDS {
            let value = if round == 0 { f64::MIN } else { self.master.optimise(200_000, self.limits.stop) - extra as f64 };
            let duals = self.duals();
            let asked = if round == 0 { center.clone() } else { mix(&center, &duals, pull) };
            let mut proven = self.ask_all(&asked, extra);
            if proven.1 < bound {
                bound = proven.1;
                center = asked;
            }
            let closed = |bound: i64, best: i64| bound.div_euclid(SCALE) <= best;
            if closed(bound, self.best.value) {
                return End::Closed;
            }
            if round > 0 && pull > 0.0 && !proven.0 {
                // Nothing new at the mixed prices: ask at the program's own.
                pull = if pull < 0.1 { 0.0 } else { pull / 2.0 };
                proven = self.ask_all(&duals, extra);
                if proven.1 < bound {
                    bound = proven.1;
                    center = duals;
                }
                if closed(bound, self.best.value) {
                    return End::Closed;
                }
            }
            // The program cannot fall below its value: no more rounds would lower the bound by a whole point.
            let settled = bound.div_euclid(SCALE) <= (value + 1e-6).floor() as i64;
            if (round > 0 && (!proven.0 || settled)) || self.over() {
                break;
            }
        }
        End::Open { bound: bound.div_euclid(SCALE), prices: center.0, rents: center.1 }
    }

    fn duals(&self) -> (Vec<i64>, Vec<i64>) {
        let whole = |dual: &f64| if *dual > 0.0 { (dual * SCALE as f64).round() as i64 } else { 0 };
        let (villages, units) = (self.core.villages.len(), self.core.units.len());
        let duals = &self.master.duals;
        (duals[..villages].iter().map(whole).collect(), duals[villages + units..].iter().map(whole).collect())
    }

    /// Asks every unit at these prices; keeps what earns something at the program's own. Returns whether anything was
    /// kept, and the bound these prices prove.
    fn ask_all(&mut self, (prices, rents): &(Vec<i64>, Vec<i64>), extra: i64) -> (bool, i64) {
        let gains = self.core.villages.iter().zip(&self.extra);
        let worth: Vec<i64> =
            gains.zip(prices).map(|((spot, extra), price)| (spot.gain + extra) * SCALE - price).collect();
        let mut bound = prices.iter().sum::<i64>() - extra * SCALE;
        let mut kept = false;
        let asked = Prices { worth: &worth, rents, bans: Some(&self.bans) };
        let offers = ask_all(self.core, asked, self.limits.threads, &mut self.asker.work);
        for (unit, Offer { profit, posts }) in offers.into_iter().enumerate() {
            bound += profit.max(self.aside[unit]);
            kept |= self.add_columns(unit, &posts, true);
        }
        (kept, bound)
    }

    /// Takes a set of teams into the program; where `earning`, only if it earns something at the program's prices.
    fn add_columns(&mut self, unit: usize, posts: &[Post], earning: bool) -> bool {
        if posts.is_empty() {
            return false;
        }
        if !self.core.units[unit].wide() {
            return self.add_column(unit, posts, earning);
        }
        let mut kept = false;
        for post in posts {
            kept |= self.add_column(unit, std::slice::from_ref(post), earning);
        }
        kept
    }

    fn add_column(&mut self, unit: usize, posts: &[Post], earning: bool) -> bool {
        let (villages_count, units) = (self.core.villages.len(), self.core.units.len());
        let number = |at: usize| u32::try_from(at).unwrap_or(u32::MAX);
        let mut rows = vec![number(villages_count + unit)];
        rows.extend(villages(posts).map(number));
        let body = &self.core.units[unit];
        if body.wide() {
            let people = posts.iter().flat_map(|post| &post.people);
            rows.extend(people.map(|one| number(villages_count + units + body.rents + usize::from(*one))));
        }
        let worth = Deal::worth_of(self.core, unit, posts);
        let gain = (worth + villages(posts).map(|village| self.extra[village]).sum::<i64>()) as f64;
        if earning && self.master.earns(&rows, gain) < 1e-6 {
            return false;
        }
        self.master.add(Column { unit, posts: posts.to_vec(), worth, rows }, gain);
        true
    }

    /// A plan near the program's solution: the largest shares that agree, then what else can be met.
    fn round(&mut self) {
        let core = self.core;
        let mut shares = self.master.shares();
        shares.sort_by(|(one, share), (other, more)| more.total_cmp(share).then(one.cmp(other)));
        let mut deal = Deal::none(core);
        let mut met = vec![false; core.villages.len()];
        for (at, _) in shares {
            let column = &self.master.columns[at];
            deal.join(core, column.unit, &column.posts, &mut met);
        }
        deal.fill(core);
        deal.tune(core, &mut self.asker);
        if deal.value > self.best.value {
            self.best = deal;
        }
    }

    /// The village and unit whose share is largest short of the whole.
    fn fractional(&mut self) -> Option<(usize, usize)> {
        let mut parts: BTreeMap<(usize, usize), f64> = BTreeMap::new();
        for (at, share) in self.master.shares() {
            let column = &self.master.columns[at];
            for village in villages(&column.posts) {
                *parts.entry((village, column.unit)).or_default() += share;
            }
        }
        let mut best: Option<(f64, usize, usize)> = None;
        for ((village, unit), share) in parts {
            if share > 1e-5 && share < 1.0 - 1e-5 && best.is_none_or(|(most, ..)| share > most + 1e-9) {
                best = Some((share, unit, village));
            }
        }
        best.map(|(_, unit, village)| (unit, village))
    }
}

/// Between two sets of prices; `pull` is the share of the first.
fn mix(center: &(Vec<i64>, Vec<i64>), other: &(Vec<i64>, Vec<i64>), pull: f64) -> (Vec<i64>, Vec<i64>) {
    let one = |(center, other): (&i64, &i64)| other + ((center - other) as f64 * pull).round() as i64;
    (center.0.iter().zip(&other.0).map(one).collect(), center.1.iter().zip(&other.1).map(one).collect())
}
