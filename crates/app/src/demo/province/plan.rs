//! How many teams and people each county of 湖南 gets: shared out by its villages, so that the sums are exact.

use std::collections::BTreeMap;

use base::kernel::{DivisionCode, Level};

use super::super::places::is_village;
use super::super::world::Division;

/// HN-1: teams and cadres of the round.
const TEAMS: usize = 10_253;
const CADRES: usize = 24_021;
/// HN-2: those sent by the province, and how many of them are under 40, of division rank, village-experienced or trained
/// in agriculture.
const ABOVE: usize = 670;
const YOUNG: usize = 295;
const RANKED: usize = 214;
const RURAL: usize = 174;

/// How much of the round is built: all of it, or so many of a thousand for tests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Part(usize);

impl Part {
    pub const WHOLE: Self = Self(1000);

    #[must_use]
    pub const fn per_mille(n: usize) -> Self {
        Self(n)
    }

    const fn of(self, whole: usize) -> usize {
        (whole * self.0 + 500) / 1000
    }
}

/// The counts of a round.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Counts {
    pub teams: usize,
    pub cadres: usize,
    /// Sent by the province, in so many teams.
    pub above: usize,
    pub above_teams: usize,
    pub young: usize,
    pub ranked: usize,
    pub rural: usize,
}

impl Counts {
    #[must_use]
    pub const fn of(part: Part) -> Self {
        let above = part.of(ABOVE);
        Self {
            teams: part.of(TEAMS),
            cadres: part.of(CADRES),
            above,
            // Three people each, which is the least where the task is heavy (HN-3).
            above_teams: above / 3,
            young: above * YOUNG / ABOVE,
            ranked: above * RANKED / ABOVE,
            rural: above * RURAL / ABOVE,
        }
    }

    /// How many people are in the team of the province with this number: the first few have one more.
    #[must_use]
    pub const fn in_team(&self, team: usize) -> usize {
        if team < self.above - 3 * self.above_teams { 4 } else { 3 }
    }

    /// The number of the first person of a team of the province.
    #[must_use]
    pub fn first_of(&self, team: usize) -> usize {
        3 * team + team.min(self.above - 3 * self.above_teams)
    }
}

/// What one county gets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Share {
    pub county: DivisionCode,
    /// Teams of the province here, and the number of the first of them.
    pub above_teams: usize,
    pub first_above: usize,
    /// Teams of cities and counties, and their members besides the first secretaries.
    pub teams: usize,
    pub members: usize,
}

/// Shares for every real county, in order of codes; zones that are statistics alone have no office.
#[must_use]
pub fn shares(divisions: &[Division], counts: &Counts) -> Vec<Share> {
    let mut villages: BTreeMap<DivisionCode, usize> = BTreeMap::new();
    for village in divisions.iter().filter(|division| is_village(division)) {
        let county = village.code.at(Level::County);
        if county.as_i64() / 10_000_000 % 10 != 7 {
            *villages.entry(county).or_default() += 1;
        }
    }
    let weights: Vec<usize> = villages.values().copied().collect();
    let teams = apportion(counts.teams, &weights);
    let above = apportion(counts.above_teams, &teams);
    let other: Vec<usize> = teams.iter().zip(&above).map(|(all, above)| all.saturating_sub(*above)).collect();
    let people = counts.cadres - counts.above;
    let members = apportion(people - other.iter().sum::<usize>(), &other);
    let mut first_above = 0;
    let share = |(at, county): (usize, &DivisionCode)| {
        let share =
            Share { county: *county, above_teams: above[at], first_above, teams: other[at], members: members[at] };
        first_above += above[at];
        share
    };
    villages.keys().enumerate().map(share).collect()
}

/// A whole shared out by weight; the largest remainders get what is left over.
#[must_use]
pub fn apportion(whole: usize, weights: &[usize]) -> Vec<usize> {
    let total = weights.iter().sum::<usize>().max(1);
    let mut shares: Vec<usize> = weights.iter().map(|weight| whole * weight / total).collect();
    let mut by_remainder: Vec<usize> = (0..weights.len()).collect();
    by_remainder.sort_by_key(|&at| (std::cmp::Reverse(whole * weights[at] % total), at));
    let left = whole - shares.iter().sum::<usize>();
    for &at in by_remainder.iter().take(left) {
        shares[at] += 1;
    }
    shares
}

/// Whether the one with this number is among so many of all, evenly spread.
#[must_use]
pub const fn is_among(at: usize, some: usize, all: usize) -> bool {
    (at + 1) * some / all > at * some / all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_shared_out_adds_up() {
        assert_eq!(apportion(10, &[1, 1, 1]), [4, 3, 3]);
        assert_eq!(apportion(0, &[3, 5]), [0, 0]);
        assert_eq!(apportion(7, &[0, 7]), [0, 7]);
        assert_eq!((0..670).filter(|&at| is_among(at, 295, 670)).count(), 295);
        let counts = Counts::of(Part::WHOLE);
        assert_eq!((0..counts.above_teams).map(|team| counts.in_team(team)).sum::<usize>(), 670);
        assert_eq!(counts.first_of(counts.above_teams), 670);
        assert!(counts.ranked <= counts.above_teams, "whoever leads has the rank");
    }

    #[test]
    fn the_shares_of_counties_are_the_round() {
        let divisions = super::super::super::lists::hunan().expect("the list");
        assert_eq!(divisions.iter().filter(|division| division.level == Level::Village).count(), 29_534);
        for part in [Part::WHOLE, Part::per_mille(100), Part::per_mille(20)] {
            let counts = Counts::of(part);
            let shares = shares(&divisions, &counts);
            assert_eq!(shares.len(), 122);
            let sum = |of: fn(&Share) -> usize| shares.iter().map(of).sum::<usize>();
            assert_eq!(sum(|share| share.above_teams + share.teams), counts.teams);
            assert_eq!(sum(|share| share.teams + share.members) + counts.above, counts.cadres);
            assert_eq!(sum(|share| share.above_teams), counts.above_teams);
        }
    }
}
