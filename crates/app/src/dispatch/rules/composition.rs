//! How a pool, or those whom a plan sends, is made up, against what the pack aims at (HN-2).

use base::{i18n::Text, text};

use super::kept::{Kept, KeptPerson};
use crate::packs::Pack;

/// A share of the people, and the least that the pack aims at, both in per cent.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Share {
    pub label: Text,
    pub people: usize,
    pub of: usize,
    pub aim: Option<i64>,
}

impl Share {
    /// Rounded to the nearest per cent.
    #[must_use]
    pub fn percent(&self) -> usize {
        (self.people * 200 + self.of).checked_div(self.of * 2).unwrap_or(0)
    }

    /// Nobody there misses no aim.
    #[must_use]
    pub fn is_met(&self) -> bool {
        let wanted = usize::try_from(self.aim.unwrap_or(0)).unwrap_or(0);
        self.of == 0 || self.people * 100 >= wanted * self.of
    }
}

/// How many of some people are young, of what rank, experienced, in reserve.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Makeup {
    pub of: usize,
    /// Under 40 on the round's first day.
    pub young: usize,
    /// 县处级 and above; unknown where ranks were not kept.
    pub division: Option<usize>,
    pub rural: usize,
    pub reserve: usize,
}

/// The lowest rank that counts as 县处级.
pub const DIVISION: i64 = 6;

impl Makeup {
    /// Of those whom a plan sends, as they were when it was solved.
    #[must_use]
    pub fn of_plan(kept: &Kept) -> Self {
        let people: Vec<&KeptPerson> = kept.teams.iter().flat_map(|team| &team.people).collect();
        let count = |is: fn(&KeptPerson) -> bool| people.iter().filter(|one| is(one)).count();
        let ranks: Option<Vec<i64>> = people.iter().map(|one| one.rank).collect();
        Self {
            of: people.len(),
            young: count(|one| one.young),
            division: ranks.map(|ranks| ranks.into_iter().filter(|rank| *rank <= DIVISION).count()),
            rural: count(|one| one.rural || one.agri),
            reserve: count(|one| one.reserve),
        }
    }

    /// Each share beside its aim.
    #[must_use]
    pub fn shares(self, pack: &Pack) -> Vec<Share> {
        let aim = |name: &str| pack.parameter(name).map(|one| one.value).filter(|aim| *aim > 0);
        let share = |label: Text, aim: Option<i64>, people: usize| Share { label, people, of: self.of, aim };
        let ranked = self.division.map(|people| share(text!("县处级以上"), aim("plan_aim_division"), people));
        let mut shares = vec![share(text!("40 岁以下"), aim("plan_aim_young"), self.young)];
        shares.extend(ranked);
        shares.push(share(text!("有农村工作经历或涉农"), aim("plan_aim_rural"), self.rural));
        shares.push(share(text!("后备干部"), aim("plan_aim_reserve"), self.reserve));
        shares
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shares_round_and_aims_do_not() {
        let share = |people, of, aim| Share { label: Text::default(), people, of, aim };
        for (people, of, percent) in [(295, 670, 44), (214, 670, 32), (174, 670, 26), (0, 0, 0), (1, 2, 50)] {
            assert_eq!(share(people, of, None).percent(), percent, "{people} of {of}");
        }
        assert!(share(174, 670, Some(25)).is_met());
        assert!(!share(174, 670, Some(26)).is_met(), "25.97 per cent is shown as 26 and is less");
        assert!(share(0, 0, Some(40)).is_met());
    }
}
