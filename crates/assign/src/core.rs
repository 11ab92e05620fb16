//! The problem in numbers: only what the search looks at, only pairs of a village and a unit that can be a team.

use std::{collections::HashMap, ops::Range};

use crate::{Checked, rules};

/// Prices and profits are whole numbers of this many parts of a point: sums are exact, whatever their order, so that a
/// bound is proven and the same on any number of threads.
pub(crate) const SCALE: i64 = 1 << 16;
/// Added to what meeting a locked village is worth: more than any penalty, so that locks come first.
pub(crate) const LOCK: i64 = 1 << 22;
/// Keeps a person out of a team, or a team without a person out of the plan. More than all points of a team.
const NEVER: i32 = 1 << 24;

#[derive(Debug, Clone)]
pub(crate) struct Spot {
    /// What meeting the village is worth beside the points: its penalty, and [`LOCK`] if it is locked.
    pub gain: i64,
    pub size: usize,
}

/// A unit, its people who may go, and its pairs.
#[derive(Debug, Clone)]
pub(crate) struct Body {
    /// At most this many teams, and never more than people.
    pub teams: usize,
    /// Places in the problem's table of people.
    pub people: Vec<u32>,
    pub leads: Vec<bool>,
    pub pairs: Range<usize>,
    /// Where the scores of its first pair begin; each pair has as many as the unit has people.
    pub scores: usize,
    /// Every set of people that can be a team by size and leader, as bits; empty where there are too many ([`wide`](Self::wide)).
    pub squads: Vec<(usize, Vec<u16>)>,
    /// Where the prices of its people begin, if it is wide.
    pub rents: usize,
    /// What it costs to have it serve at all, in parts of [`SCALE`].
    pub fee: i64,
    /// Its place in the core this one was cut from, or in the problem's table of units.
    pub origin: usize,
}

impl Body {
    /// Too many people to look at every team: its people are priced one by one.
    pub fn wide(&self) -> bool {
        self.squads.is_empty() && !self.pairs.is_empty()
    }
}

/// A village that a unit can serve with a team of its own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Pair {
    pub village: u32,
    /// Points of the unit's strengths; and the debt of locked people, which their scores pay.
    pub base: i32,
    /// Points of the best team there is, as if nothing else drew on the unit's people.
    pub best: i32,
    /// Which list of [`Core::covers`] the team may cover.
    pub covers: u32,
}

/// A village given to a unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Post {
    pub pair: usize,
    pub village: u32,
    /// Places among the unit's people.
    pub people: Vec<u16>,
    pub covers: Vec<u32>,
}

#[derive(Debug, Clone)]
pub(crate) struct Core {
    pub villages: Vec<Spot>,
    pub units: Vec<Body>,
    pub pairs: Vec<Pair>,
    scores: Vec<i32>,
    /// Villages that a team may cover; list 0 is empty.
    pub covers: Vec<Vec<u32>>,
    /// How many neighbours one team covers at most.
    pub cover_limit: usize,
    /// Places of each village's pairs, and the unit of each.
    pub by_village: Vec<Vec<(u32, u32)>>,
    /// How many people have a price of their own: those of wide units.
    pub rents: usize,
    /// Villages in blocks of neighbouring divisions, for problems too large to be solved at once.
    pub blocks: Vec<Vec<u32>>,
}

/// More people, or more sets of people, than these make a unit wide.
const MOST_PEOPLE: usize = 10;
const MOST_SQUADS: usize = 400;

impl Core {
    pub fn scores(&self, unit: usize, pair: usize) -> &[i32] {
        let body = &self.units[unit];
        let width = body.people.len();
        let start = body.scores + (pair - body.pairs.start) * width;
        &self.scores[start..start + width]
    }

    /// The pair of a unit and a village. A unit's pairs stand in the order of their villages.
    pub fn pair_of(&self, unit: usize, village: u32) -> Option<usize> {
        let range = self.units[unit].pairs.clone();
        let at = self.pairs[range.clone()].binary_search_by_key(&village, |pair| pair.village).ok()?;
        Some(range.start + at)
    }

    /// Points of a post, without what meeting its village is worth.
    pub fn points(&self, unit: usize, post: &Post) -> i64 {
        let scores = self.scores(unit, post.pair);
        i64::from(self.pairs[post.pair].base)
            + post.people.iter().map(|one| i64::from(scores[usize::from(*one)])).sum::<i64>()
    }

    /// Points of a post and what meeting its villages is worth.
    pub fn worth(&self, unit: usize, post: &Post) -> i64 {
        let met = std::iter::once(&post.village).chain(&post.covers);
        self.points(unit, post) + met.map(|village| self.villages[*village as usize].gain).sum::<i64>()
    }

    /// What the plan that meets nobody lacks: the sum of gains.
    pub fn unmet_all(&self) -> i64 {
        self.villages.iter().map(|spot| spot.gain).sum()
    }

    /// The best team of `size` whose scores `score` gives, with a leader; None where none leads or scores forbid.
    pub fn best_team(leads: &[bool], size: usize, score: impl Fn(usize) -> i64) -> Option<(i64, Vec<u16>)> {
        if leads.len() < size {
            return None;
        }
        let mut order: Vec<(i64, usize)> = (0..leads.len()).map(|one| (-score(one), one)).collect();
        if size < order.len() {
            order.select_nth_unstable(size - 1);
        }
        let rest = order.split_off(size);
        order.sort_unstable();
        if !order.iter().any(|(_, one)| leads[*one]) {
            let leader = rest.into_iter().filter(|(_, one)| leads[*one]).min()?;
            order[size - 1] = leader;
        }
        let sum: i64 = -order.iter().map(|(minus, _)| minus).sum::<i64>();
        let mut team: Vec<u16> = order.into_iter().filter_map(|(_, one)| u16::try_from(one).ok()).collect();
        team.sort_unstable();
        Some((sum, team))
    }

    /// Reads a checked problem. Time and room grow with the pairs of villages and units whose division they lie in.
    pub fn new(checked: &Checked) -> Core {
        let problem = checked.problem();
        let reading = Reading::new(checked);
        let villages = problem.villages.iter().zip(&checked.sizes).enumerate().map(|(at, (village, size))| Spot {
            gain: problem.parameters.penalty.of(village.category) + if reading.locked(at) { LOCK } else { 0 },
            size: *size,
        });
        let mut core = Core {
            villages: villages.collect(),
            units: Vec::with_capacity(problem.units.len()),
            pairs: Vec::new(),
            scores: Vec::new(),
            covers: vec![Vec::new()],
            cover_limit: problem.parameters.covers,
            by_village: Vec::new(),
            rents: 0,
            blocks: blocks(&problem.villages.iter().map(|village| village.code.as_str()).collect::<Vec<_>>()),
        };
        let mut lists = HashMap::from([(Vec::new(), 0)]);
        for unit in 0..problem.units.len() {
            reading.add_unit(unit, &mut core, &mut lists);
        }
        core.link();
        core
    }

    fn link(&mut self) {
        self.rents = 0;
        for body in &mut self.units {
            body.rents = self.rents;
            self.rents += if body.wide() { body.people.len() } else { 0 };
        }
        self.by_village = vec![Vec::new(); self.villages.len()];
        for (unit, body) in self.units.iter().enumerate() {
            for pair in body.pairs.clone() {
                let village = self.pairs[pair].village as usize;
                if let (Ok(pair), Ok(unit)) = (u32::try_from(pair), u32::try_from(unit)) {
                    self.by_village[village].push((pair, unit));
                }
            }
        }
    }

    /// The same problem on some units and villages alone; their places are those of the lists given.
    pub fn cut(&self, units: &[u32], villages: &[u32]) -> Core {
        let place: HashMap<u32, u32> = villages.iter().zip(0u32..).map(|(village, at)| (*village, at)).collect();
        let unit_place: HashMap<u32, usize> = units.iter().enumerate().map(|(at, unit)| (*unit, at)).collect();
        let mut pairs_of: Vec<Vec<(u32, u32)>> = vec![Vec::new(); units.len()];
        for (village, at) in villages.iter().zip(0u32..) {
            for (pair, unit) in &self.by_village[*village as usize] {
                if let Some(local) = unit_place.get(unit) {
                    pairs_of[*local].push((*pair, at));
                }
            }
        }
        let mut core = Core {
            villages: villages.iter().map(|one| self.villages[*one as usize].clone()).collect(),
            units: Vec::with_capacity(units.len()),
            pairs: Vec::new(),
            scores: Vec::new(),
            covers: vec![Vec::new()],
            cover_limit: self.cover_limit,
            by_village: Vec::new(),
            rents: 0,
            blocks: Vec::new(),
        };
        let mut lists: HashMap<u32, u32> = HashMap::from([(0, 0)]);
        for (unit, pairs) in units.iter().zip(&pairs_of) {
            let origin = *unit as usize;
            let (start, scores) = (core.pairs.len(), core.scores.len());
            for (pair, village) in pairs {
                let old = self.pairs[*pair as usize];
                let covers = *lists.entry(old.covers).or_insert_with(|| {
                    let list = &self.covers[old.covers as usize];
                    core.covers.push(list.iter().filter_map(|one| place.get(one)).copied().collect());
                    u32::try_from(core.covers.len() - 1).unwrap_or(0)
                });
                core.pairs.push(Pair { village: *village, covers, ..old });
                core.scores.extend_from_slice(self.scores(origin, *pair as usize));
            }
            core.units.push(Body { pairs: start..core.pairs.len(), scores, origin, ..self.units[origin].clone() });
        }
        core.link();
        core
    }
}

/// Which lists of covered villages there are, and their places: most units may cover the same.
type Lists = HashMap<Vec<u32>, u32>;

/// What is looked up once for all units.
struct Reading<'a> {
    checked: &'a Checked,
    /// By the division's digits: two, four or six of them.
    villages_of: HashMap<&'a str, Vec<usize>>,
    people_of: Vec<Vec<usize>>,
    needs: Vec<Vec<u64>>,
    specialities: Vec<Vec<u64>>,
    strengths: Vec<Vec<u64>>,
    locked_unit: HashMap<usize, usize>,
    /// Person to village, and village to its people.
    locked_person: HashMap<usize, usize>,
    locked_people: HashMap<usize, Vec<usize>>,
}

impl<'a> Reading<'a> {
    fn new(checked: &'a Checked) -> Reading<'a> {
        let problem = checked.problem();
        let mut villages_of: HashMap<&str, Vec<usize>> = HashMap::new();
        for (at, village) in problem.villages.iter().enumerate() {
            for division in [2, 4, 6].into_iter().filter_map(|digits| village.code.get(..digits)) {
                villages_of.entry(division).or_default().push(at);
            }
        }
        let mut people_of = vec![Vec::new(); problem.units.len()];
        for (at, person) in problem.people.iter().enumerate() {
            if let Some(unit) = checked.unit_at.get(&person.unit).filter(|_| rules::may_go(problem, person)) {
                people_of[*unit].push(at);
            }
        }
        // Only what somebody needs can earn points: the other tags take no bit.
        let mut bit_of: HashMap<&str, usize> = HashMap::new();
        for tag in problem.villages.iter().flat_map(|village| &village.needs) {
            let next = bit_of.len();
            bit_of.entry(tag).or_insert(next);
        }
        let words = bit_of.len().div_ceil(64);
        let bits = |tags: &[String]| {
            let mut bits = vec![0u64; words];
            for bit in tags.iter().filter_map(|tag| bit_of.get(tag.as_str())) {
                bits[bit / 64] |= 1 << (bit % 64);
            }
            bits
        };
        let mut reading = Reading {
            checked,
            villages_of,
            people_of,
            needs: problem.villages.iter().map(|one| bits(&one.needs)).collect(),
            specialities: problem.people.iter().map(|one| bits(&one.specialities)).collect(),
            strengths: problem.units.iter().map(|one| bits(&one.strengths)).collect(),
            locked_unit: HashMap::new(),
            locked_person: HashMap::new(),
            locked_people: HashMap::new(),
        };
        reading.read_locks();
        reading
    }

    fn read_locks(&mut self) {
        let checked = self.checked;
        for (village, unit) in &checked.locks.units {
            if let (Some(village), Some(unit)) = (checked.village_at.get(village), checked.unit_at.get(unit)) {
                self.locked_unit.insert(*village, *unit);
            }
        }
        for (person, village) in &checked.locks.people {
            if let (Some(person), Some(village)) = (checked.person_at.get(person), checked.village_at.get(village)) {
                if self.locked_person.insert(*person, *village).is_none() {
                    self.locked_people.entry(*village).or_default().push(*person);
                }
                if let Some(unit) = checked.unit_at.get(&checked.problem.people[*person].unit) {
                    self.locked_unit.insert(*village, *unit);
                }
            }
        }
    }

    fn locked(&self, village: usize) -> bool {
        self.locked_unit.contains_key(&village)
    }

    /// Scope, fixed, forbidden and locked: what a village asks of a unit that serves or covers it.
    fn allows(&self, village: usize, unit: usize) -> bool {
        let (place, body) = (&self.checked.problem.villages[village], &self.checked.problem.units[unit]);
        rules::in_scope(place, body)
            && place.fixed_unit.as_ref().is_none_or(|fixed| *fixed == body.id)
            && !place.forbidden_units.contains(&body.id)
            && self.locked_unit.get(&village).is_none_or(|locked| *locked == unit)
    }

    fn add_unit(&self, unit: usize, core: &mut Core, lists: &mut Lists) {
        let problem = self.checked.problem();
        let body = &problem.units[unit];
        let people = &self.people_of[unit];
        let leads: Vec<bool> = people.iter().map(|one| rules::may_lead(problem, body, &problem.people[*one])).collect();
        let teams = usize::try_from(body.max_teams).unwrap_or(usize::MAX).min(people.len());
        let (start, scores) = (core.pairs.len(), core.scores.len());
        if teams > 0 && leads.contains(&true) {
            let priority: Vec<i64> = people.iter().map(|one| rules::priority(problem, &problem.people[*one])).collect();
            let division = body.home_code.get(..body.level.digits()).unwrap_or_default();
            for village in self.villages_of.get(division).into_iter().flatten() {
                self.add_pair(unit, *village, (&priority, &leads), core, lists);
            }
        }
        let pairs = start..core.pairs.len();
        let mut sizes: Vec<usize> =
            core.pairs[pairs.clone()].iter().map(|pair| core.villages[pair.village as usize].size).collect();
        sizes.sort_unstable();
        sizes.dedup();
        core.units.push(Body {
            teams,
            people: people.iter().filter_map(|one| u32::try_from(*one).ok()).collect(),
            squads: squads(&leads, &sizes),
            leads,
            pairs,
            scores,
            rents: 0,
            fee: 0,
            origin: unit,
        });
    }

    fn add_pair(
        &self,
        unit: usize,
        village: usize,
        (priority, leads): (&[i64], &[bool]),
        core: &mut Core,
        lists: &mut Lists,
    ) {
        let problem = self.checked.problem();
        let (place, body) = (&problem.villages[village], &problem.units[unit]);
        let people = &self.people_of[unit];
        let size = self.checked.sizes[village];
        if size > people.len() || !rules::category_allows(place, body) || !self.allows(village, unit) {
            return;
        }
        let points = &problem.parameters.points;
        let wanted = self.locked_people.get(&village);
        let score = |(person, priority): (&usize, &i64)| {
            if rules::at_home(place, &problem.people[*person])
                || self.locked_person.get(person).is_some_and(|locked| *locked != village)
            {
                return -NEVER;
            }
            let score = priority + points.speciality * common(&self.needs[village], &self.specialities[*person]);
            let wanted = wanted.is_some_and(|people| people.contains(person));
            i32::try_from(score).unwrap_or(NEVER / 4) + if wanted { NEVER } else { 0 }
        };
        let first = core.scores.len();
        core.scores.extend(people.iter().zip(priority).map(score));
        let debt = i64::from(NEVER) * i64::try_from(wanted.map_or(0, Vec::len)).unwrap_or(0);
        let base = points.strength * common(&self.needs[village], &self.strengths[unit]) - debt;
        let scores = &core.scores[first..];
        let best = Core::best_team(leads, size, |one| i64::from(scores[one])).map(|(sum, _)| base + sum);
        let numbers = best
            .filter(|best| *best >= 0)
            .map(|best| (u32::try_from(village), i32::try_from(base), i32::try_from(best)));
        let Some((Ok(number), Ok(base), Ok(best))) = numbers else {
            core.scores.truncate(first);
            return;
        };
        let covers = self.covers(unit, village, core, lists);
        core.pairs.push(Pair { village: number, base, best, covers });
    }

    /// The list of neighbours that a team of this unit in a model village may cover.
    fn covers(&self, unit: usize, village: usize, core: &mut Core, lists: &mut Lists) -> u32 {
        let problem = self.checked.problem();
        let place = &problem.villages[village];
        if place.category != crate::Category::Model || core.cover_limit == 0 {
            return 0;
        }
        let may = |at: &usize| {
            *at != village
                && rules::may_be_covered(&problem.villages[*at])
                && self.allows(*at, unit)
                && !self.locked_people.contains_key(at)
        };
        let mut list: Vec<u32> = place
            .neighbours
            .iter()
            .filter_map(|code| self.checked.village_at.get(code).copied())
            .filter(may)
            .filter_map(|at| u32::try_from(at).ok())
            .collect();
        list.sort_unstable();
        list.dedup();
        *lists.entry(list).or_insert_with_key(|list| {
            core.covers.push(list.clone());
            u32::try_from(core.covers.len() - 1).unwrap_or(0)
        })
    }
}

fn common(one: &[u64], other: &[u64]) -> i64 {
    one.iter().zip(other).map(|(one, other)| i64::from((one & other).count_ones())).sum()
}

/// Every set of people of these sizes with a leader among them; empty where there are too many to look at.
fn squads(leads: &[bool], sizes: &[usize]) -> Vec<(usize, Vec<u16>)> {
    if leads.len() > MOST_PEOPLE {
        return Vec::new();
    }
    let leaders = leads.iter().enumerate().map(|(at, leads)| u16::from(*leads) << at).sum::<u16>();
    let of = |size: usize| {
        (1..1u16 << leads.len()).filter(|mask| mask.count_ones() as usize == size && mask & leaders != 0).collect()
    };
    let squads: Vec<(usize, Vec<u16>)> = sizes.iter().map(|size| (*size, of(*size))).collect();
    if squads.iter().map(|(_, masks)| masks.len()).sum::<usize>() > MOST_SQUADS { Vec::new() } else { squads }
}

/// A block takes whole counties until it has the first number, and a new city begins; it never has more than the second.
const BLOCK: usize = 450;
const MOST_IN_BLOCK: usize = 900;

fn blocks(codes: &[&str]) -> Vec<Vec<u32>> {
    let mut order: Vec<u32> = (0u32..).zip(codes).map(|(at, _)| at).collect();
    order.sort_by_key(|at| codes[*at as usize]);
    let part = |at: u32, digits: usize| codes[at as usize].get(..digits).unwrap_or_default();
    let mut blocks: Vec<Vec<u32>> = Vec::new();
    for at in order {
        match blocks.last_mut() {
            Some(block)
                if block.len() < MOST_IN_BLOCK
                    && block.last().is_none_or(|last| block.len() < BLOCK || part(*last, 4) == part(at, 4)) =>
            {
                block.push(at);
            }
            Some(_) | None => blocks.push(vec![at]),
        }
    }
    blocks
}
