//! How a pool, or those whom a plan sends, is made up, against what the pack aims at (HN-2).

use base::{i18n::Text, kernel::Day, text};

use super::Candidate;
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

/// Youth, rank, experience and reserve of these people on the day.
#[must_use]
pub fn composition<'a>(people: impl Iterator<Item = &'a Candidate>, on: Day, pack: &Pack) -> Vec<Share> {
    let people: Vec<&Candidate> = people.collect();
    let of = people.len();
    let aim = |name: &str| pack.parameter(name).map(|one| one.value).filter(|aim| *aim > 0);
    let share = |label: Text, aim: Option<i64>, is: &dyn Fn(&Candidate) -> bool| Share {
        label,
        people: people.iter().filter(|one| is(one)).count(),
        of,
        aim,
    };
    vec![
        share(text!("40 岁以下"), aim("plan_aim_young"), &|one| one.age(on).is_some_and(|age| age < 40)),
        share(text!("县处级以上"), aim("plan_aim_division"), &|one| one.rank().is_some_and(|rank| rank <= 6)),
        share(text!("有农村工作经历或涉农"), aim("plan_aim_rural"), &|one| one.rural || one.agri),
        share(text!("后备干部"), aim("plan_aim_reserve"), &|one| one.reserve),
    ]
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
