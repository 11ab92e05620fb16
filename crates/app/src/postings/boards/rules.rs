//! The parties of a board, and what a form says of one.

use base::{
    kernel::{Day, Phone},
    text,
    web::Refusal,
    word,
};

use crate::people::portraits::Face;

/// Who answers for a village, in the order of the board (FS-2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Party {
    BranchSecretary,
    CountyLeader,
    TownshipCadre,
    PairedUnit,
    Guide,
}

impl Party {
    pub const ALL: [Self; 5] =
        [Self::BranchSecretary, Self::CountyLeader, Self::TownshipCadre, Self::PairedUnit, Self::Guide];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BranchSecretary => "branch_secretary",
            Self::CountyLeader => "county_leader",
            Self::TownshipCadre => "township_cadre",
            Self::PairedUnit => "paired_unit",
            Self::Guide => "guide",
        }
    }

    #[must_use]
    pub fn zh(self) -> &'static str {
        match self {
            Self::BranchSecretary => word!("村党支部书记"),
            Self::CountyLeader => word!("包村县领导"),
            Self::TownshipCadre => word!("包村乡镇干部"),
            Self::PairedUnit => word!("包联单位负责人"),
            Self::Guide => word!("党建指导员"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|party| party.code() == code)
    }
}

/// Somebody who answers for a village, as the board names them.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Named {
    pub name: String,
    /// 县委常委, 村党支部书记 …
    pub post: Option<String>,
    pub phone: Option<String>,
    pub since: Day,
    /// Of somebody on post; those who are entered by name have none.
    pub portrait: Option<Face>,
}

impl Named {
    /// Reads a form. `before` is since when the present one stands.
    pub fn typed(
        (name, post, phone, since): (&str, &str, &str, &str),
        before: Option<Day>,
        today: Day,
    ) -> Result<Self, Refusal> {
        let name: String = name.split_whitespace().collect();
        if name.is_empty() || name.chars().count() > 20 {
            return Err(Refusal::at("name", text!("请写姓名，不超过 20 个字。")));
        }
        let phone = match phone {
            "" => None,
            text => Some(
                Phone::parse(text).ok_or_else(|| Refusal::at("phone", text!("“{text}”不是电话号码。", text = text)))?,
            ),
        };
        let since = Day::parse(since).ok_or_else(|| Refusal::at("since", text!("请写日期，例如 2024-01-18。")))?;
        if since > today {
            return Err(Refusal::at("since", text!("日期不能晚于今天 {today}。", today = today)));
        }
        if let Some(before) = before.filter(|before| since < *before) {
            return Err(Refusal::at("since", text!("现任从 {day} 起，接任的不能早于这一天。", day = before)));
        }
        let post = Some(post.chars().take(40).collect::<String>()).filter(|post| !post.is_empty());
        Ok(Self { name, post, phone: phone.map(|phone| phone.as_str().to_owned()), since, portrait: None })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        Day::parse(text).expect("a day")
    }

    #[test]
    fn a_party_is_read_or_refused_at_its_field() {
        let today = day("2024-01-18");
        let before = Some(day("2023-06-01"));
        let good = Named::typed(("秦 思远", "县委常委", "0377-6790001", "2023-07-01"), before, today).expect("good");
        assert_eq!((good.name.as_str(), good.since), ("秦思远", day("2023-07-01")));
        for (typed, field) in [
            (("", "", "", "2023-07-01"), "name"),
            (("秦思远", "", "电话", "2023-07-01"), "phone"),
            (("秦思远", "", "", "2024-01-19"), "since"),
            (("秦思远", "", "", "2023-05-31"), "since"),
            (("秦思远", "", "", "昨天"), "since"),
        ] {
            assert_eq!(Named::typed(typed, before, today).expect_err("bad").field, Some(field), "{typed:?}");
        }
    }
}
