//! A part of a problem as a problem of its own, and the way there and back.

use std::collections::HashMap;

use crate::{
    core::{Core, Post},
    deal::Deal,
    descent::Dual,
};

/// Some units and villages of a core, by their places in it, and the core of these alone.
pub(crate) struct Part {
    pub units: Vec<u32>,
    pub villages: Vec<u32>,
    pub core: Core,
    place: HashMap<u32, u32>,
}

impl Part {
    pub fn new(whole: &Core, units: Vec<u32>, villages: Vec<u32>) -> Part {
        let core = whole.cut(&units, &villages);
        let place = villages.iter().zip(0u32..).map(|(village, at)| (*village, at)).collect();
        Part { units, villages, core, place }
    }

    /// Posts of the whole as posts here; none if one of their villages lies outside.
    pub fn inward(&self, unit: usize, posts: &[Post]) -> Option<Vec<Post>> {
        let each = posts.iter().map(|post| {
            let village = *self.place.get(&post.village)?;
            let pair = self.core.pair_of(unit, village)?;
            let covers = post.covers.iter().map(|covered| self.place.get(covered).copied()).collect::<Option<_>>()?;
            Some(Post { pair, village, people: post.people.clone(), covers })
        });
        each.collect()
    }

    /// Posts here as posts of the whole.
    pub fn outward(&self, whole: &Core, unit: usize, posts: Vec<Post>) -> Vec<Post> {
        let back = |village: &u32| self.villages[*village as usize];
        let each = posts.into_iter().filter_map(|post| {
            let village = back(&post.village);
            let pair = whole.pair_of(self.units[unit] as usize, village)?;
            Some(Post { pair, village, people: post.people, covers: post.covers.iter().map(back).collect() })
        });
        each.collect()
    }

    /// What of a plan lies here as a whole.
    pub fn deal(&self, deal: &Deal) -> Deal {
        let mut here = Deal::none(&self.core);
        for (unit, old) in self.units.iter().enumerate() {
            if let Some(posts) = self.inward(unit, &deal.posts[*old as usize]) {
                here.set(&self.core, unit, posts);
            }
        }
        here
    }

    /// The prices of the whole for what is here.
    pub fn prices(&self, whole: &Core, dual: &Dual) -> (Vec<i64>, Vec<i64>) {
        let prices = self.villages.iter().map(|village| dual.prices[*village as usize]).collect();
        let rents = self.rent_places(whole).into_iter().map(|place| dual.rents.get(place).copied().unwrap_or(0));
        (prices, rents.collect())
    }

    /// Where in the whole the prices of people here stand. A unit may be wide there and not here, never the reverse.
    pub fn rent_places(&self, whole: &Core) -> Vec<usize> {
        let wide = self.core.units.iter().filter(|body| body.wide());
        wide.flat_map(|body| (0..body.people.len()).map(|at| whole.units[body.origin].rents + at)).collect()
    }
}
