//! One unit's own question, answered exactly: given what meeting each village is worth, which villages should it take,
//! with which teams? People conflict only inside a unit, so this is where all conflicts of people are settled.

use crate::core::{Core, Post, SCALE};

/// What a unit would do.
#[derive(Debug, Clone, Default)]
pub(crate) struct Offer {
    /// Never less than what the best set of teams brings, in parts of [`SCALE`]; exactly that unless the unit is wide.
    pub profit: i64,
    /// The teams; those of a wide unit may want the same person twice.
    pub posts: Vec<Post>,
}

/// Pairs of a unit and a village that a branch of the search leaves out, of covering too.
#[derive(Debug, Clone)]
pub(crate) struct Bans {
    villages: usize,
    bits: Vec<u64>,
}

impl Bans {
    pub fn none(core: &Core) -> Bans {
        let villages = core.villages.len();
        Bans { villages, bits: vec![0; (villages * core.units.len()).div_ceil(64)] }
    }

    pub fn clear(&mut self) {
        self.bits.fill(0);
    }

    pub fn ban(&mut self, unit: usize, village: usize) {
        let at = unit * self.villages + village;
        self.bits[at / 64] |= 1 << (at % 64);
    }

    pub fn has(&self, unit: usize, village: usize) -> bool {
        let at = unit * self.villages + village;
        self.bits[at / 64] >> (at % 64) & 1 == 1
    }
}

/// What a unit is asked: what meeting each village is worth to it (gain less price, in parts of [`SCALE`]), what its
/// people cost if it is wide, and what it may not take.
#[derive(Clone, Copy)]
pub(crate) struct Prices<'a> {
    pub worth: &'a [i64],
    pub rents: &'a [i64],
    pub bans: Option<&'a Bans>,
}

impl Prices<'_> {
    fn open(&self, unit: usize, village: u32) -> bool {
        self.bans.is_none_or(|bans| !bans.has(unit, village as usize))
    }
}

#[derive(Debug, Clone)]
struct Choice {
    profit: i64,
    people: u16,
    pair: usize,
    village: u32,
    covers: Vec<u32>,
}

/// Asks units. Keeps its room between questions and counts the work.
#[derive(Debug, Default)]
pub(crate) struct Asker {
    pub work: u64,
    candidates: Vec<(i64, usize)>,
    tops: Vec<Vec<(i64, usize)>>,
    choices: Vec<Choice>,
}

/// The search inside one unit gives up after so many steps and answers with its first bound; no unit of usual size
/// comes near it.
const MOST_STEPS: usize = 100_000;

impl Asker {
    pub fn ask(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        let body = &core.units[unit];
        if body.pairs.is_empty() {
            return Offer::default();
        }
        self.work += body.pairs.len() as u64;
        if body.wide() {
            self.ask_wide(core, unit, prices)
        } else if body.teams == 1 {
            self.ask_single(core, unit, prices)
        } else {
            self.ask_several(core, unit, prices)
        }
    }

    /// What covering adds at most to a team of this pair.
    fn cover_bonus(core: &Core, unit: usize, list: u32, prices: Prices<'_>) -> i64 {
        if list == 0 {
            return 0;
        }
        let mut best: Vec<i64> = open_covers(core, unit, list, prices).map(|(worth, _)| worth).collect();
        best.sort_unstable_by(|one, other| other.cmp(one));
        best.iter().take(core.cover_limit).sum()
    }

    fn ask_single(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        let mut best: Option<(i64, usize)> = None;
        for at in core.units[unit].pairs.clone() {
            let pair = &core.pairs[at];
            let mut profit = pair.best * SCALE + prices.worth[pair.village as usize];
            if pair.covers != 0 {
                profit += Self::cover_bonus(core, unit, pair.covers, prices);
            }
            if profit > best.map_or(0, |(most, _)| most) && prices.open(unit, pair.village) {
                best = Some((profit, at));
            }
        }
        match best {
            None => Offer::default(),
            Some((profit, at)) => Offer { profit, posts: best_post(core, unit, at, prices, |_| 0).into_iter().collect() },
        }
    }

    fn ask_several(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        self.find_candidates(core, unit, prices);
        let body = &core.units[unit];
        if self.candidates.is_empty() {
            return Offer::default();
        }
        let covering = self.candidates.iter().any(|(_, at)| core.pairs[*at].covers != 0);
        // The other teams of a unit take so many villages at most: what a set of people does best with one village more
        // than that to choose from, it does best at all.
        let taken = (body.teams - 1) * if covering { 1 + core.cover_limit } else { 1 };
        self.choices.clear();
        let mut first = 0;
        for (size, squads) in &body.squads {
            self.tops.resize_with(self.tops.len().max(first + squads.len()), Vec::new);
            self.fill_tops(core, unit, prices, (*size, squads, first, taken + 1));
            first += squads.len();
        }
        self.choices.sort_unstable_by(|one, other| {
            one.pair.cmp(&other.pair).then(other.profit.cmp(&one.profit)).then(one.people.cmp(&other.people))
        });
        self.combine(core, unit)
    }

    fn find_candidates(&mut self, core: &Core, unit: usize, prices: Prices<'_>) {
        self.candidates.clear();
        for at in core.units[unit].pairs.clone() {
            let pair = &core.pairs[at];
            let mut profit = pair.best * SCALE + prices.worth[pair.village as usize];
            if pair.covers != 0 {
                profit += Self::cover_bonus(core, unit, pair.covers, prices);
            }
            if profit > 0 && prices.open(unit, pair.village) {
                self.candidates.push((profit, at));
            }
        }
        self.candidates.sort_unstable_by(|one, other| other.cmp(one));
    }

    /// For each set of people of one size, the choices among which the best plan of the unit surely is.
    fn fill_tops(
        &mut self,
        core: &Core,
        unit: usize,
        prices: Prices<'_>,
        (size, squads, first, keep): (usize, &[u16], usize, usize),
    ) {
        let tops = &mut self.tops[first..first + squads.len()];
        tops.iter_mut().for_each(Vec::clear);
        for (seen, (most, at)) in self.candidates.iter().enumerate() {
            let pair = &core.pairs[*at];
            if core.villages[pair.village as usize].size != size {
                continue;
            }
            // From here on no candidate brings more than `most`.
            if seen % 8 == 7 && tops.iter().all(|top| top.len() == keep && top[keep - 1].0 >= *most) {
                break;
            }
            let scores = core.scores(unit, *at);
            for (squad, top) in squads.iter().zip(tops.iter_mut()) {
                let points = pair.base + squad_points(scores, *squad);
                if points < 0 {
                    continue;
                }
                let profit = points * SCALE + prices.worth[pair.village as usize];
                self.work += 1;
                if pair.covers != 0 {
                    for covers in cover_sets(core, unit, pair.covers, prices, keep - 1) {
                        let profit = profit + covers.iter().map(|one| prices.worth[*one as usize]).sum::<i64>();
                        if profit > 0 {
                            let choice = Choice { profit, people: *squad, pair: *at, village: pair.village, covers };
                            self.choices.push(choice);
                        }
                    }
                } else if profit > 0 && (top.len() < keep || top[keep - 1].0 < profit) {
                    if top.len() == keep {
                        top.pop();
                    }
                    let place = top.partition_point(|(other, _)| *other >= profit);
                    top.insert(place, (profit, *at));
                }
            }
        }
        for (squad, top) in squads.iter().zip(tops) {
            self.choices.extend(top.iter().map(|(profit, at)| Choice {
                profit: *profit,
                people: *squad,
                pair: *at,
                village: core.pairs[*at].village,
                covers: Vec::new(),
            }));
        }
    }

    /// The best set of choices that share neither people nor villages.
    fn combine(&mut self, core: &Core, unit: usize) -> Offer {
        let body = &core.units[unit];
        let head = |choice: &Choice| choice.profit / i64::from(choice.people.count_ones()) + 1;
        let mut groups: Vec<(i64, usize, usize)> = Vec::new();
        for (at, choice) in self.choices.iter().enumerate() {
            match groups.last_mut() {
                Some((_, first, end)) if self.choices[*first].pair == choice.pair => *end = at + 1,
                Some(_) | None => groups.push((choice.profit, at, at + 1)),
            }
        }
        groups.sort_unstable_by(|one, other| other.0.cmp(&one.0).then(one.1.cmp(&other.1)));
        let mut search = Search {
            choices: &self.choices,
            groups: &groups,
            per_head: self.choices.iter().map(head).max().unwrap_or(0),
            chosen: Vec::new(),
            best: 0,
            best_chosen: Vec::new(),
            steps: 0,
        };
        let people = body.people.len() as i64;
        search.go(0, body.teams, people, 0, 0);
        self.work += search.steps as u64;
        let at_most = search.most(0, body.teams).min(search.per_head * people);
        let profit = if search.steps < MOST_STEPS { search.best } else { at_most.max(search.best) };
        let posts = search.best_chosen.iter().map(|at| {
            let choice = &self.choices[*at];
            Post {
                pair: choice.pair,
                village: choice.village,
                people: (0..16).filter(|bit| choice.people >> bit & 1 == 1).collect(),
                covers: choice.covers.clone(),
            }
        });
        Offer { profit, posts: posts.collect() }
    }

    /// Each team is the best there is when people cost their rent; the rents are what the people bring at most.
    fn ask_wide(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        let body = &core.units[unit];
        let mut offers = self.wide_posts(core, unit, prices);
        offers.sort_by(|(one, _), (other, _)| other.cmp(one));
        offers.truncate(body.teams);
        let rents: i64 = prices.rents[body.rents..body.rents + body.people.len()].iter().sum();
        Offer {
            profit: rents + offers.iter().map(|(profit, _)| profit).sum::<i64>(),
            posts: offers.into_iter().map(|(_, post)| post).collect(),
        }
    }

    /// The best post of every pair that brings more than its people's rents.
    fn wide_posts(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Vec<(i64, Post)> {
        let body = &core.units[unit];
        let rents = &prices.rents[body.rents..body.rents + body.people.len()];
        let mut posts = Vec::new();
        for at in body.pairs.clone() {
            let pair = &core.pairs[at];
            let bonus = Self::cover_bonus(core, unit, pair.covers, prices);
            let rest = prices.worth[pair.village as usize] + bonus;
            if pair.best * SCALE + rest <= 0 || !prices.open(unit, pair.village) {
                continue;
            }
            self.work += body.people.len() as u64;
            let Some(post) = best_post(core, unit, at, prices, |one| rents[one]) else { continue };
            let rent: i64 = post.people.iter().map(|one| rents[usize::from(*one)]).sum();
            let profit = core.points(unit, &post) * SCALE + rest - rent;
            if profit > 0 {
                posts.push((profit, post));
            }
        }
        posts
    }
}

/// Looks for the best set of choices, village after village in the order of what each may bring.
struct Search<'a> {
    choices: &'a [Choice],
    /// The choices of one village: the best profit, the first place, the place behind the last.
    groups: &'a [(i64, usize, usize)],
    /// No choice brings more per person.
    per_head: i64,
    chosen: Vec<usize>,
    best: i64,
    best_chosen: Vec<usize>,
    steps: usize,
}

impl Search<'_> {
    /// What so many teams bring at most in villages from this place on.
    fn most(&self, from: usize, teams: usize) -> i64 {
        self.groups.iter().skip(from).take(teams).map(|(most, ..)| most).sum()
    }

    fn go(&mut self, from: usize, teams: usize, people: i64, used: u16, profit: i64) {
        if profit > self.best {
            self.best = profit;
            self.best_chosen.clone_from(&self.chosen);
        }
        if teams == 0 || profit + self.per_head * people <= self.best {
            return;
        }
        for group in from..self.groups.len() {
            if profit + self.most(group, teams) <= self.best {
                return;
            }
            let (_, first, end) = self.groups[group];
            let after = self.most(group + 1, teams - 1);
            for at in first..end {
                let choice = &self.choices[at];
                self.steps += 1;
                if self.steps >= MOST_STEPS {
                    return;
                }
                if profit + choice.profit + after <= self.best {
                    break;
                }
                if choice.people & used != 0 || self.chosen.iter().any(|other| clash(choice, &self.choices[*other])) {
                    continue;
                }
                self.chosen.push(at);
                let left = people - i64::from(choice.people.count_ones());
                self.go(group + 1, teams - 1, left, used | choice.people, profit + choice.profit);
                self.chosen.pop();
            }
        }
    }
}

fn clash(one: &Choice, other: &Choice) -> bool {
    one.village == other.village
        || other.covers.contains(&one.village)
        || one.covers.iter().any(|covered| *covered == other.village || other.covers.contains(covered))
}

fn squad_points(scores: &[i32], squad: u16) -> i64 {
    let mut left = squad;
    let mut sum = 0;
    while left != 0 {
        sum += i64::from(scores[left.trailing_zeros() as usize]);
        left &= left - 1;
    }
    sum
}

/// Villages of a list that are worth covering and not banned.
fn open_covers<'a>(
    core: &'a Core,
    unit: usize,
    list: u32,
    prices: Prices<'a>,
) -> impl Iterator<Item = (i64, u32)> + 'a {
    let worth = move |village: &u32| (prices.worth[*village as usize], *village);
    let list = core.covers[list as usize].iter().map(worth);
    list.filter(move |(worth, village)| *worth > 0 && prices.open(unit, *village))
}

/// All sets of covered villages that may be best where other teams of the unit take up to `taken` of them.
fn cover_sets(core: &Core, unit: usize, list: u32, prices: Prices<'_>, taken: usize) -> Vec<Vec<u32>> {
    let mut open: Vec<(i64, u32)> = open_covers(core, unit, list, prices).collect();
    open.sort_unstable_by(|one, other| other.cmp(one));
    open.truncate(core.cover_limit + taken);
    let mut sets = vec![Vec::new()];
    for (_, village) in open {
        for at in 0..sets.len() {
            if sets[at].len() < core.cover_limit {
                let mut more = sets[at].clone();
                more.push(village);
                sets.push(more);
            }
        }
    }
    sets
}

/// The best team of a pair when each person costs a rent, with the neighbours worth covering.
pub(crate) fn best_post(
    core: &Core,
    unit: usize,
    at: usize,
    prices: Prices<'_>,
    rent: impl Fn(usize) -> i64,
) -> Option<Post> {
    let (pair, body) = (&core.pairs[at], &core.units[unit]);
    let scores = core.scores(unit, at);
    let size = core.villages[pair.village as usize].size;
    let (_, people) = Core::best_team(&body.leads, size, |one| i64::from(scores[one]) * SCALE - rent(one))?;
    let mut covers: Vec<(i64, u32)> = open_covers(core, unit, pair.covers, prices).collect();
    covers.sort_unstable_by(|one, other| other.cmp(one));
    let covers = covers.into_iter().take(core.cover_limit).map(|(_, village)| village).collect();
    let post = Post { pair: at, village: pair.village, people, covers };
    (core.points(unit, &post) >= 0).then_some(post)
}
