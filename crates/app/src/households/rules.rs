//! What a household is, and what its standing says as facts.

use std::collections::BTreeMap;

use base::{
    kernel::{Day, DivisionCode},
    text,
    web::Refusal,
    word,
};

use crate::spine::facts::FactDraft;

/// How the programme looks at a household.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Status {
    OutOfPoverty,
    Monitored,
    Ordinary,
}

impl Status {
    pub const ALL: [Self; 3] = [Self::OutOfPoverty, Self::Monitored, Self::Ordinary];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfPoverty => "out_of_poverty",
            Self::Monitored => "monitored",
            Self::Ordinary => "ordinary",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::OutOfPoverty => word!("脱贫户"),
            Self::Monitored => word!("监测户"),
            Self::Ordinary => word!("一般户"),
        }
    }

    /// By code or by the words of a list: 脱贫户, 建档立卡户, 监测对象, 一般农户 …
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let found = Self::ALL.into_iter().find(|status| status.code() == text || status.zh() == text);
        found.or(match text.trim_end_matches(['户', '家', '庭']) {
            "脱贫" | "建档立卡" | "脱贫享受政策" | "贫困" => Some(Self::OutOfPoverty),
            "监测" | "监测对象" | "脱贫不稳定" | "边缘易致贫" | "突发严重困难" => {
                Some(Self::Monitored)
            }
            "一般" | "一般农" | "普通" | "普通农" | "农" => Some(Self::Ordinary),
            _ => None,
        })
    }

    /// Whether a contact card is due to it.
    #[must_use]
    pub const fn is_target(self) -> bool {
        matches!(self, Self::OutOfPoverty | Self::Monitored)
    }
}

/// A household as the register holds it. `number` counts within the village.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Household {
    pub village: DivisionCode,
    pub number: Option<i64>,
    /// 村民组
    pub team: Option<String>,
    /// 户主
    pub head: String,
    pub members: Option<i64>,
    pub status: Status,
    pub since: Day,
}

/// A form as typed.
#[derive(Clone, Copy, Debug)]
pub struct Typed<'a> {
    pub head: &'a str,
    pub team: &'a str,
    pub members: &'a str,
    pub status: &'a str,
    pub since: &'a str,
}

impl Typed<'_> {
    pub fn household(&self, village: DivisionCode, today: Day) -> Result<Household, Refusal> {
        let head: String = self.head.split_whitespace().collect();
        if head.is_empty() || head.chars().count() > 20 {
            return Err(Refusal::at("head", text!("请写户主姓名，不超过 20 个字。")));
        }
        let members = match self.members {
            "" => None,
            text => Some(
                text.parse()
                    .ok()
                    .filter(|n| (1..=50).contains(n))
                    .ok_or_else(|| Refusal::at("members", text!("人口请写 1 到 50 的整数；不清楚就空着。")))?,
            ),
        };
        let status = Status::parse(self.status).ok_or_else(|| Refusal::at("status", text!("请选择户类别。")))?;
        let since = Day::parse(self.since).ok_or_else(|| Refusal::at("since", text!("请写日期，例如 2024-01-18。")))?;
        if since > today {
            return Err(Refusal::at("since", text!("日期不能晚于今天 {today}。", today = today)));
        }
        let team = Some(self.team.trim().chars().take(20).collect::<String>()).filter(|team| !team.is_empty());
        Ok(Household { village, number: None, team, head, members, status, since })
    }
}

impl Household {
    /// Whether it may follow its standing so far: a new one begins after the one before it; the day of one that stays is
    /// not changed by the way.
    pub fn after(self, before: Option<(Status, Day)>) -> Result<Self, Refusal> {
        match before {
            Some((status, since)) if status == self.status && self.since != since => {
                let say = text!("户类别没有改，仍从 {day} 起；要改类别，请先选新的户类别。", day = since);
                Err(Refusal::at("since", say))
            }
            Some((status, since)) if status != self.status && self.since < since => {
                let say = text!("现在的户类别从 {day} 起，新的户类别不能早于这一天。", day = since);
                Err(Refusal::at("since", say))
            }
            _ => Ok(self),
        }
    }
}

/// A village's figure of households that the programme looks after: how many began and ceased on each day.
///
/// `periods` are the stretches in which households were 脱贫户 or 监测户, one line each.
#[must_use]
pub fn target_facts(
    indicator: &'static str,
    village: DivisionCode,
    periods: impl IntoIterator<Item = (Day, Option<Day>)>,
) -> Vec<FactDraft> {
    let mut days: BTreeMap<Day, i64> = BTreeMap::new();
    for (since, until) in periods.into_iter().filter(|(since, until)| *until != Some(*since)) {
        *days.entry(since).or_default() += 1;
        if let Some(until) = until {
            *days.entry(until).or_default() -= 1;
        }
    }
    let fact = |(day, amount)| FactDraft {
        indicator,
        day,
        amount,
        division: village,
        person: None,
        unit_id: None,
        key: Some(village.to_string()),
        value: None,
    };
    days.into_iter().filter(|(_, amount)| *amount != 0).map(fact).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn statuses_are_read_as_lists_write_them() {
        for (text, status) in [
            ("脱贫户", Status::OutOfPoverty),
            ("建档立卡户", Status::OutOfPoverty),
            ("监测对象", Status::Monitored),
            ("突发严重困难户", Status::Monitored),
            ("一般农户", Status::Ordinary),
            ("monitored", Status::Monitored),
        ] {
            assert_eq!(Status::parse(text), Some(status), "{text}");
        }
        assert_eq!(Status::parse("富裕"), None);
    }

    #[test]
    fn a_change_of_kind_on_one_day_moves_nothing() {
        let village = DivisionCode::parse("411327101201").expect("a village");
        let periods = [
            (day("2021-01-01"), Some(day("2022-05-01"))),
            (day("2022-05-01"), None),
            (day("2021-01-01"), Some(day("2023-01-01"))),
            (day("2023-03-03"), Some(day("2023-03-03"))),
        ];
        let facts = target_facts("household.target", village, periods);
        let said: Vec<_> = facts.iter().map(|fact| (fact.day.to_string(), fact.amount)).collect();
        assert_eq!(said, [("2021-01-01".to_owned(), 2), ("2023-01-01".to_owned(), -1)]);
    }

    #[test]
    fn what_is_wrong_is_said_at_its_field() {
        let village = DivisionCode::parse("411327101201").expect("a village");
        let good = Typed { head: "邵 永安", team: "3组", members: "4", status: "monitored", since: "2023-05-01" };
        assert_eq!(good.household(village, day("2024-01-18")).expect("good").head, "邵永安");
        for (bad, field) in [
            (Typed { head: " ", ..good }, "head"),
            (Typed { members: "0", ..good }, "members"),
            (Typed { members: "四", ..good }, "members"),
            (Typed { status: "", ..good }, "status"),
            (Typed { since: "2024-01-19", ..good }, "since"),
            (Typed { since: "昨天", ..good }, "since"),
        ] {
            assert_eq!(bad.household(village, day("2024-01-18")).expect_err("bad").field, Some(field));
        }
    }
}
