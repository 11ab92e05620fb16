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
    most: Vec<i64>,
}

/// The search inside one unit gives up after so many steps and answers with its first bound; no unit of usual size
/// comes near it.
const MOST_STEPS: usize = 100_000;

impl Asker {
    pub fn ask(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        let body = &core.units[unit];
        if body.pairs.is_empty() || body.teams == 0 {
            return Offer::default();
        }
        self.work += 4 * body.pairs.len() as u64;
        let offer = if body.wide() {
            self.ask_wide(core, unit, prices)
        } else if body.teams == 1 {
            self.ask_single(core, unit, prices)
        } else {
            self.ask_several(core, unit, prices)
        };
        let profit = offer.profit - body.fee;
        if profit > 0 { Offer { profit, ..offer } } else { Offer::default() }
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
            let mut profit = i64::from(pair.best) * SCALE + prices.worth[pair.village as usize];
            if pair.covers != 0 {
                profit += Self::cover_bonus(core, unit, pair.covers, prices);
            }
            if profit > best.map_or(0, |(most, _)| most) && prices.open(unit, pair.village) {
                best = Some((profit, at));
            }
        }
        match best {
            None => Offer::default(),
            Some((profit, at)) => {
                Offer { profit, posts: best_post(core, unit, at, prices, |_| 0).into_iter().collect() }
            }
        }
    }

    fn ask_several(&mut self, core: &Core, unit: usize, prices: Prices<'_>) -> Offer {
        self.find_choices(core, unit, prices);
        if self.choices.is_empty() { Offer::default() } else { self.combine(core, unit) }
    }

    /// All sets of people with the villages that they may best serve.
    fn find_choices(&mut self, core: &Core, unit: usize, prices: Prices<'_>) {
        self.choices.clear();
        self.find_candidates(core, unit, prices);
        let body = &core.units[unit];
        if self.candidates.is_empty() {
            return;
        }
        let covering = self.candidates.iter().any(|(_, at)| core.pairs[*at].covers != 0);
        // The other teams of a unit take so many villages at most: what a set of people does best with one village more
        // than that to choose from, it does best at all.
        let taken = (body.teams - 1) * if covering { 1 + core.cover_limit } else { 1 };
        let mut first = 0;
        for (size, squads) in &body.squads {
            self.tops.resize_with(self.tops.len().max(first + squads.len()), Vec::new);
            self.fill_tops(core, unit, prices, (*size, squads, first, taken + 1));
            first += squads.len();
        }
        self.choices.sort_unstable_by(|one, other| {
            one.people.cmp(&other.people).then(other.profit.cmp(&one.profit)).then(one.pair.cmp(&other.pair))
        });
    }

    fn find_candidates(&mut self, core: &Core, unit: usize, prices: Prices<'_>) {
        self.candidates.clear();
        for at in core.units[unit].pairs.clone() {
            let pair = &core.pairs[at];
            let mut profit = i64::from(pair.best) * SCALE + prices.worth[pair.village as usize];
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
                let points = i64::from(pair.base) + squad_points(scores, *squad);
                if points < 0 {
                    continue;
                }
                let profit = points * SCALE + prices.worth[pair.village as usize];
                self.work += 4;
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
        let everybody = (1usize << body.people.len()) - 1;
        let mut squads: Vec<Vec<Squad>> = vec![Vec::new(); body.people.len()];
        let mut first = 0;
        for same in self.choices.chunk_by(|one, other| one.people == other.people) {
            let (people, best) = (usize::from(same[0].people), same[0].profit);
            squads[people.trailing_zeros() as usize].push(Squad { people, best, first, end: first + same.len() });
            first += same.len();
        }
        for same in &mut squads {
            same.sort_unstable_by_key(|squad| (-squad.best, squad.people));
        }
        let mut search = Search {
            choices: &self.choices,
            squads: &squads,
            most: &mut self.most,
            masks: everybody + 1,
            chosen: Vec::new(),
            best: 0,
            best_chosen: Vec::new(),
            steps: 0,
        };
        search.prepare(body.teams);
        search.go(body.teams, everybody, 0);
        let at_most = search.most[body.teams * search.masks + everybody];
        let profit = if search.steps < MOST_STEPS { search.best } else { at_most.max(search.best) };
        self.work += 4 * (search.steps + body.teams * search.masks) as u64;
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
            if i64::from(pair.best) * SCALE + rest <= 0 || !prices.open(unit, pair.village) {
                continue;
            }
            self.work += 4 * body.people.len() as u64;
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

/// A set of people and its choices, the best first.
#[derive(Debug, Clone, Copy)]
struct Squad {
    people: usize,
    best: i64,
    first: usize,
    end: usize,
}

/// Looks for the best set of choices: whoever of the people comes first is in one of them, or in none.
struct Search<'a> {
    choices: &'a [Choice],
    /// By the first of their people.
    squads: &'a [Vec<Squad>],
    /// For each number of teams and set of people left, what they bring at most: exactly so but for teams that want the
    /// same village.
    most: &'a mut Vec<i64>,
    masks: usize,
    chosen: Vec<usize>,
    best: i64,
    best_chosen: Vec<usize>,
    steps: usize,
}

impl Search<'_> {
    fn prepare(&mut self, teams: usize) {
        self.most.clear();
        self.most.resize((teams + 1) * self.masks, 0);
        for team in 1..=teams {
            let (less, same) = self.most.split_at_mut(team * self.masks);
            let less = &less[(team - 1) * self.masks..];
            for people in 1..self.masks {
                let mut most = same[people & (people - 1)];
                for squad in &self.squads[people.trailing_zeros() as usize] {
                    if squad.people & !people == 0 {
                        most = most.max(squad.best + less[people ^ squad.people]);
                    }
                }
                same[people] = most;
            }
        }
    }

    fn go(&mut self, teams: usize, people: usize, profit: i64) {
        if profit > self.best {
            self.best = profit;
            self.best_chosen.clone_from(&self.chosen);
        }
        if profit + self.most[teams * self.masks + people] <= self.best {
            return;
        }
        let squads = &self.squads[people.trailing_zeros() as usize];
        for squad in squads.iter().filter(|squad| squad.people & !people == 0) {
            let left = people ^ squad.people;
            let after = self.most[(teams - 1) * self.masks + left];
            for at in squad.first..squad.end {
                let choice = &self.choices[at];
                if profit + choice.profit + after <= self.best {
                    break;
                }
                self.steps += 1;
                if self.steps >= MOST_STEPS {
                    return;
                }
                if self.chosen.iter().any(|other| clash(choice, &self.choices[*other])) {
                    continue;
                }
                self.chosen.push(at);
                self.go(teams - 1, left, profit + choice.profit);
                self.chosen.pop();
            }
        }
        self.go(teams, people & (people - 1), profit);
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
