//! A plan in numbers, and the quick ways to one: greedily, from prices, and by asking unit after unit again.

use crate::{
    core::{Core, Post, SCALE},
    unit::{Asker, Bans, Offer, Prices, best_post},
};

/// Worth that nobody takes.
pub(crate) const SHUT: i64 = -(1 << 52);

/// Which posts each unit has. Always a plan that keeps every hard rule.
#[derive(Debug, Clone)]
pub(crate) struct Deal {
    pub posts: Vec<Vec<Post>>,
    /// Points and gains, less the gains of all villages: the objective, locked villages counting as [`crate::core::LOCK`] more.
    pub value: i64,
}

impl Deal {
    pub fn none(core: &Core) -> Deal {
        Deal { posts: vec![Vec::new(); core.units.len()], value: -core.unmet_all() }
    }

    /// The unit that serves or covers each village.
    pub fn holders(&self, core: &Core) -> Vec<Option<usize>> {
        let mut holders = vec![None; core.villages.len()];
        for (unit, posts) in self.posts.iter().enumerate() {
            villages(posts).for_each(|village| holders[village] = Some(unit));
        }
        holders
    }

    pub fn worth_of(core: &Core, unit: usize, posts: &[Post]) -> i64 {
        posts.iter().map(|post| core.worth(unit, post)).sum()
    }

    /// Puts other posts in place of a unit's.
    pub fn set(&mut self, core: &Core, unit: usize, posts: Vec<Post>) {
        self.value += Self::worth_of(core, unit, &posts) - Self::worth_of(core, unit, &self.posts[unit]);
        self.posts[unit] = posts;
    }

    /// Gives posts to a unit beside those it has, if neither its people nor the villages are taken.
    pub fn join(&mut self, core: &Core, unit: usize, posts: &[Post], met: &mut [bool]) {
        let (body, held) = (&core.units[unit], &self.posts[unit]);
        let busy = |post: &Post| held.iter().any(|other| other.people.iter().any(|one| post.people.contains(one)));
        let taken = villages(posts).any(|village| met[village]);
        if !taken && held.len() + posts.len() <= body.teams && !posts.iter().any(busy) {
            villages(posts).for_each(|village| met[village] = true);
            let all = [held.as_slice(), posts].concat();
            self.set(core, unit, all);
        }
    }

    /// Village after village, the dearest and rarest first, to the unit whose free people earn most there.
    pub fn greedy(core: &Core) -> Deal {
        let mut deal = Deal::none(core);
        deal.fill(core);
        deal
    }

    /// Serves what is unmet from free people, as [`greedy`](Self::greedy) does.
    pub fn fill(&mut self, core: &Core) {
        let holders = self.holders(core);
        let mut open: Vec<usize> = (0..core.villages.len()).filter(|at| holders[*at].is_none()).collect();
        open.sort_by_key(|at| {
            let spot = &core.villages[*at];
            (-spot.gain / i64::try_from(spot.size).unwrap_or(i64::MAX).max(1), core.by_village[*at].len(), *at)
        });
        let mut free: Vec<Option<Vec<bool>>> = vec![None; core.units.len()];
        for village in open {
            let mut best: Option<(i64, usize, usize)> = None;
            for (pair, unit) in &core.by_village[village] {
                let (pair, unit) = (*pair as usize, *unit as usize);
                if self.posts[unit].len() >= core.units[unit].teams
                    || best.is_some_and(|(points, ..)| points >= i64::from(core.pairs[pair].best))
                {
                    continue;
                }
                let free = free[unit].get_or_insert_with(|| self.free(core, unit));
                if let Some((points, _)) = best_free(core, unit, pair, free)
                    && best.is_none_or(|(most, ..)| points > most)
                {
                    best = Some((points, unit, pair));
                }
            }
            if let Some((_, unit, pair)) = best {
                let free = free[unit].get_or_insert_with(Vec::new);
                if let Some((_, people)) = best_free(core, unit, pair, free) {
                    for one in &people {
                        free[usize::from(*one)] = false;
                    }
                    let post = Post { pair, village: core.pairs[pair].village, people, covers: Vec::new() };
                    self.value += core.worth(unit, &post);
                    self.posts[unit].push(post);
                }
            }
        }
        self.cover(core);
    }

    /// Lets teams of model villages cover what is unmet.
    fn cover(&mut self, core: &Core) {
        let mut met: Vec<bool> = self.holders(core).iter().map(Option::is_some).collect();
        for post in self.posts.iter_mut().flatten() {
            for village in &core.covers[core.pairs[post.pair].covers as usize] {
                if !met[*village as usize] && post.covers.len() < core.cover_limit {
                    met[*village as usize] = true;
                    post.covers.push(*village);
                    self.value += core.villages[*village as usize].gain;
                }
            }
        }
    }

    fn free(&self, core: &Core, unit: usize) -> Vec<bool> {
        let mut free = vec![true; core.units[unit].people.len()];
        for one in self.posts[unit].iter().flat_map(|post| &post.people) {
            free[usize::from(*one)] = false;
        }
        free
    }

    /// From what each unit would do at these prices: the most profitable first, the others asked again for what is left.
    pub fn from_offers(core: &Core, offers: &[Offer], prices: &[i64], rents: &[i64], asker: &mut Asker) -> Deal {
        let mut worth: Vec<i64> =
            core.villages.iter().zip(prices).map(|(spot, price)| spot.gain * SCALE - price).collect();
        let mut order: Vec<usize> = (0..core.units.len()).filter(|unit| !core.units[*unit].pairs.is_empty()).collect();
        order.sort_by_key(|unit| (-offers[*unit].profit, *unit));
        let mut deal = Deal::none(core);
        for unit in order {
            let posts = &offers[unit].posts;
            let taken = villages(posts).any(|village| worth[village] == SHUT);
            let posts = if core.units[unit].wide() || taken {
                feasible(core, unit, Prices { worth: &worth, rents, bans: None }, asker)
            } else {
                posts.clone()
            };
            villages(&posts).for_each(|village| worth[village] = SHUT);
            deal.set(core, unit, posts);
        }
        deal.fill(core);
        deal.tune(core, asker);
        deal
    }

    /// Asks unit after unit for the best it can do with what no other unit holds, until nothing gets better. Then no
    /// unit can serve or cover an unmet village from its free people.
    pub fn tune(&mut self, core: &Core, asker: &mut Asker) {
        let rents = vec![0; core.rents];
        let mut worth: Vec<i64> = core.villages.iter().map(|spot| spot.gain * SCALE).collect();
        for (village, holder) in self.holders(core).iter().enumerate() {
            if holder.is_some() {
                worth[village] = SHUT;
            }
        }
        for _ in 0..20 {
            let before = self.value;
            for unit in (0..core.units.len()).filter(|unit| !core.units[*unit].pairs.is_empty()) {
                let open = |worth: &mut [i64], posts: &[Post], shut: bool| {
                    for village in villages(posts) {
                        worth[village] = if shut { SHUT } else { core.villages[village].gain * SCALE };
                    }
                };
                open(&mut worth, &self.posts[unit], false);
                let posts = feasible(core, unit, Prices { worth: &worth, rents: &rents, bans: None }, asker);
                if Self::worth_of(core, unit, &posts) > Self::worth_of(core, unit, &self.posts[unit]) {
                    self.set(core, unit, posts);
                }
                open(&mut worth, &self.posts[unit], true);
            }
            if self.value == before {
                break;
            }
        }
        self.fill(core);
    }
}

/// The villages that posts serve or cover.
pub(crate) fn villages(posts: &[Post]) -> impl Iterator<Item = usize> + '_ {
    posts.iter().flat_map(|post| std::iter::once(&post.village).chain(&post.covers)).map(|village| *village as usize)
}

fn best_free(core: &Core, unit: usize, pair: usize, free: &[bool]) -> Option<(i64, Vec<u16>)> {
    let (place, scores) = (&core.pairs[pair], core.scores(unit, pair));
    let size = core.villages[place.village as usize].size;
    let score = |one: usize| if free[one] { i64::from(scores[one]) } else { SHUT / SCALE };
    let (sum, people) = Core::best_team(&core.units[unit].leads, size, score)?;
    let points = i64::from(place.base) + sum;
    (points >= 0).then_some((points, people))
}

/// What a unit would do, with nobody in two teams even if the unit is wide; then not surely the best.
pub(crate) fn feasible(core: &Core, unit: usize, prices: Prices<'_>, asker: &mut Asker) -> Vec<Post> {
    let offer = asker.ask(core, unit, prices);
    if !core.units[unit].wide() {
        return offer.posts;
    }
    let body = &core.units[unit];
    let worth =
        |pair: usize| i64::from(core.pairs[pair].best) * SCALE + prices.worth[core.pairs[pair].village as usize];
    let mut pairs: Vec<usize> = body.pairs.clone().filter(|pair| worth(*pair) > 0).collect();
    pairs.sort_by_key(|pair| {
        let size = core.villages[core.pairs[*pair].village as usize].size;
        (-worth(*pair) / i64::try_from(size).unwrap_or(1).max(1), *pair)
    });
    let mut free = vec![true; body.people.len()];
    let mut held: Vec<u32> = Vec::new();
    let mut posts: Vec<Post> = Vec::new();
    for pair in pairs {
        if posts.len() == body.teams {
            break;
        }
        let village = core.pairs[pair].village;
        if held.contains(&village) || prices.bans.is_some_and(|bans: &Bans| bans.has(unit, village as usize)) {
            continue;
        }
        let rent = |one: usize| if free[one] { 0 } else { -SHUT };
        let Some(mut post) = best_post(core, unit, pair, prices, rent) else { continue };
        let busy = post.people.iter().any(|one| !free[usize::from(*one)]);
        let profit = core.points(unit, &post) * SCALE + prices.worth[village as usize];
        if busy || profit <= 0 {
            continue;
        }
        post.covers.retain(|covered| !held.contains(covered));
        for one in &post.people {
            free[usize::from(*one)] = false;
        }
        held.push(village);
        held.extend(&post.covers);
        posts.push(post);
    }
    posts
}
