//! The draw, and what can be found, pure.

use base::{
    html::{State as Shown, Tone},
    i18n::Text,
    kernel::{Day, DivisionCode},
    seal::sha256,
    text, word,
};

use super::store::PersonLine;

/// What the checker found of a person.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Finding {
    Found,
    OnLeave,
    OnTrip,
    Absent,
}

impl Finding {
    pub const ALL: [Self; 4] = [Self::Found, Self::OnLeave, Self::OnTrip, Self::Absent];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Found => "found",
            Self::OnLeave => "on_leave",
            Self::OnTrip => "on_trip",
            Self::Absent => "absent",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Found => word!("在村"),
            Self::OnLeave => word!("请假"),
            Self::OnTrip => word!("公出"),
            Self::Absent => word!("不在"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|finding| finding.code() == code)
    }

    #[must_use]
    pub fn shown(self) -> Shown {
        let tone = match self {
            Self::Found => Tone::Ok,
            Self::OnLeave | Self::OnTrip => Tone::Idle,
            Self::Absent => Tone::Late,
        };
        Shown::new(tone, Text::key(self.zh()))
    }
}

/// A finding as the person's page shows it.
#[derive(Clone, Debug)]
pub struct Found {
    pub day: String,
    pub state: Shown,
    pub word: String,
    /// Where it opens, for those who may open it.
    pub href: Option<String>,
}

impl Found {
    /// For the person themselves, for a checker, or for others, who see it here alone.
    #[must_use]
    pub fn of(line: PersonLine, own: bool, checks: bool) -> Self {
        let href = if own {
            Some(format!("/spot-check-lines/{}/{}", line.county_id, line.id))
        } else {
            checks.then(|| format!("/spot-checks/{}/{}", line.county_id, line.check_id))
        };
        let state = Finding::parse(&line.finding).map(Finding::shown);
        Self {
            day: line.day.to_string(),
            state: state.unwrap_or_else(|| Shown::new(Tone::Idle, text!("未知"))),
            word: line.word.unwrap_or_default(),
            href,
        }
    }
}

/// The number of a village in a draw: the SHA-256 of `seed|day|code`, as 64 hexadecimal digits.
#[must_use]
pub fn digest(seed: &str, day: Day, village: DivisionCode) -> String {
    sha256(format!("{seed}|{day}|{village}").as_bytes())
}

/// The pool in the order of the draw: by [`digest`], smallest first. The first so many are drawn.
///
/// A hash of public words rather than a generator of random numbers, so that it can be redone without this program:
/// `printf '种子|2024-01-18|411327101201' | sha256sum`.
#[must_use]
pub fn order(seed: &str, day: Day, pool: &[DivisionCode]) -> Vec<(DivisionCode, String)> {
    let mut pool: Vec<_> = pool.iter().map(|village| (*village, digest(seed, day, *village))).collect();
    pool.sort_by(|a, b| a.1.cmp(&b.1).then(a.0.cmp(&b.0)));
    pool.dedup_by_key(|(village, _)| *village);
    pool
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    fn codes(numbers: impl Iterator<Item = i64>) -> Vec<DivisionCode> {
        numbers.map(|n| DivisionCode::from_i64(n).expect("a code")).collect()
    }

    #[test]
    fn anybody_can_redo_a_draw_with_a_common_tool() {
        // printf '福彩2024016|2024-01-18|411327101201' | sha256sum
        let village = DivisionCode::from_i64(411_327_101_201).expect("a code");
        let expected = "0290b31cbebc4305008a78f4376aae360835916110536a166d432a9461cf65dd";
        assert_eq!(digest("福彩2024016", day("2024-01-18"), village), expected);
    }

    #[test]
    fn the_same_seed_day_and_pool_give_the_same_villages_whatever_their_order() {
        let pool = codes(411_327_101_201..411_327_101_221);
        let mut turned = pool.clone();
        turned.reverse();
        let first = order("7", day("2024-01-18"), &pool);
        assert_eq!(first, order("7", day("2024-01-18"), &turned));
        assert_eq!(first.len(), 20);
        let names = |seed, on| order(seed, day(on), &pool).into_iter().map(|(code, _)| code).collect::<Vec<_>>();
        assert_ne!(names("7", "2024-01-18"), names("8", "2024-01-18"), "another seed");
        assert_ne!(names("7", "2024-01-18"), names("7", "2024-01-19"), "another day");
    }

    #[test]
    fn every_village_comes_first_about_as_often() {
        let pool = codes(411_327_101_201..411_327_101_211);
        let mut firsts = std::collections::BTreeMap::new();
        for seed in 0..2_000 {
            let first = order(&seed.to_string(), day("2024-01-18"), &pool)[0].0;
            *firsts.entry(first).or_insert(0) += 1;
        }
        assert_eq!(firsts.len(), 10);
        assert!(firsts.values().all(|n| (140..=260).contains(n)), "{firsts:?}");
    }
}
