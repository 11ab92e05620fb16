//! Types of places, pure.

use base::{
    kernel::{Day, DivisionCode, Level},
    text,
    web::Refusal,
    word,
};

/// A division as it stands today.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct Division {
    pub code: DivisionCode,
    pub name: String,
    pub parent: DivisionCode,
}

impl Division {
    #[must_use]
    pub fn level(&self) -> Level {
        self.code.level()
    }

    /// 司庄村民委员会 → 司庄村
    #[must_use]
    pub fn short(&self) -> String {
        short_name(&self.name)
    }
}

/// A village's name as people say it: 村民委员会 and 村委会 become 村, 居民委员会 and 居委会 become 社区.
#[must_use]
pub fn short_name(name: &str) -> String {
    for (suffix, plain) in [
        ("村民委员会", "村"),
        ("村委会", "村"),
        ("社区居民委员会", "社区"),
        ("社区居委会", "社区"),
        ("居民委员会", "社区"),
        ("居委会", "社区"),
    ] {
        if let Some(stem) = name.strip_suffix(suffix).filter(|stem| !stem.is_empty()) {
            return if stem.ends_with(plain) { stem.to_owned() } else { format!("{stem}{plain}") };
        }
    }
    name.to_owned()
}

/// 村类别. What each asks for is the pack's business.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum VillageCategory {
    OutOfPoverty,
    HeavyTask,
    WeakBranch,
    Model,
    Ordinary,
}

impl VillageCategory {
    pub const ALL: [Self; 5] = [Self::OutOfPoverty, Self::HeavyTask, Self::WeakBranch, Self::Model, Self::Ordinary];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::OutOfPoverty => "out_of_poverty",
            Self::HeavyTask => "heavy_task",
            Self::WeakBranch => "weak_branch",
            Self::Model => "model",
            Self::Ordinary => "ordinary",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::OutOfPoverty => word!("脱贫村"),
            Self::HeavyTask => word!("乡村振兴任务重的村"),
            Self::WeakBranch => word!("党组织软弱涣散村"),
            Self::Model => word!("示范创建村"),
            Self::Ordinary => word!("面上村"),
        }
    }

    /// By code or by the Chinese name, also in the short forms offices write.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let by_name = || match text {
            // heavy and light: tasks of consolidation, as the dispatch model names villages out of poverty.
            "脱贫" | "原贫困村" | "贫困村" | "heavy" | "light" => Some(Self::OutOfPoverty),
            "任务重的村" | "乡村振兴任务重村" | "任务重村" | "重点村" | "振兴任务重" | "task" => {
                Some(Self::HeavyTask)
            }
            "软弱涣散村" | "软弱涣散" | "软弱涣散党组织村" | "党组织软弱涣散" | "weak" => {
                Some(Self::WeakBranch)
            }
            "示范村" | "示范创建" => Some(Self::Model),
            "一般村" | "其他村" | "其他" | "other" => Some(Self::Ordinary),
            _ => None,
        };
        Self::ALL.into_iter().find(|category| category.code() == text || category.zh() == text).or_else(by_name)
    }

    /// The indicator of villages of this category that have somebody on post.
    #[must_use]
    pub const fn posted_indicator(self) -> &'static str {
        match self {
            Self::OutOfPoverty => "village.posted.out_of_poverty",
            Self::HeavyTask => "village.posted.heavy_task",
            Self::WeakBranch => "village.posted.weak_branch",
            Self::Model => "village.posted.model",
            Self::Ordinary => "village.posted.ordinary",
        }
    }
}

/// What a village keeps beside its division row. Counts are households or persons; money in fen.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Village {
    pub households: Option<i64>,
    pub members: Option<i64>,
    pub poor_households: Option<i64>,
    pub monitored_households: Option<i64>,
    /// Category, since, until, basis; newest first.
    pub categories: Vec<(VillageCategory, Day, Option<Day>)>,
    /// Year and stars, newest first.
    pub stars: Vec<(i64, i64)>,
    /// Year and fen, newest first.
    pub income: Vec<(i64, i64)>,
    pub industries: Vec<String>,
    pub needs: Vec<String>,
    pub neighbours: Vec<DivisionCode>,
    /// Longitude and latitude in degrees.
    pub location: Option<(f64, f64)>,
}

impl Village {
    /// The categories that hold on a day.
    #[must_use]
    pub fn categories_on(&self, day: Day) -> Vec<VillageCategory> {
        let holds = |(_, since, until): &&(VillageCategory, Day, Option<Day>)| {
            *since <= day && until.is_none_or(|until| day < until)
        };
        self.categories.iter().filter(holds).map(|(category, ..)| *category).collect()
    }
}

/// A branch's rating of a year.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Rating {
    pub year: i64,
    pub stars: i64,
}

/// A day that has come.
pub(super) fn past_day(field: &'static str, text: &str, today: Day) -> Result<Day, Refusal> {
    let day = Day::parse(text).ok_or_else(|| Refusal::at(field, text!("请写日期，例如 2024-01-18。")))?;
    if day > today {
        return Err(Refusal::at(field, text!("日期不能晚于今天 {today}。", today = today)));
    }
    Ok(day)
}

/// A year since 1949 that has begun.
pub(super) fn past_year(field: &'static str, text: &str, today: Day) -> Result<i64, Refusal> {
    let this_year = i64::from(today.year());
    let year = text.parse().ok().filter(|year| (1949..=this_year).contains(year));
    year.ok_or_else(|| Refusal::at(field, text!("请写四位年份，不晚于 {year} 年。", year = this_year)))
}

/// A rating stands at the end of its year, so only years that have ended are rated.
pub(super) fn rating(year: &str, stars: &str, today: Day) -> Result<Rating, Refusal> {
    let year = past_year("star_year", year, today)?;
    let ended = Day::new(today.year(), 12, 31).is_some_and(|end| end <= today);
    if year == i64::from(today.year()) && !ended {
        return Err(Refusal::at("star_year", text!("{year} 年还没有结束，年终评定后再填。", year = year)));
    }
    let stars = stars.parse().ok().filter(|stars| (1..=5).contains(stars));
    let stars = stars.ok_or_else(|| Refusal::at("stars", text!("星级是 1 到 5 星。")))?;
    Ok(Rating { year, stars })
}

/// A count of households or persons; nothing typed means not known.
pub(super) fn count(field: &'static str, text: &str) -> Result<Option<i64>, Refusal> {
    if text.is_empty() {
        return Ok(None);
    }
    let count = text.parse().ok().filter(|count| (0..=100_000).contains(count));
    count.map(Some).ok_or_else(|| Refusal::at(field, text!("请写 0 到 100000 的整数；不清楚就空着。")))
}

/// Households of a kind are no more than all; no household is counted in both kinds.
pub(super) fn fits(village: &Village) -> Result<(), Refusal> {
    let Some(all) = village.households else { return Ok(()) };
    let poor = village.poor_households.unwrap_or(0);
    let monitored = village.monitored_households.unwrap_or(0);
    if poor > all {
        return Err(Refusal::at("poor_households", text!("脱贫户不能多于总户数 {n}。", n = all)));
    }
    if poor + monitored > all {
        return Err(Refusal::at("monitored_households", text!("脱贫户和监测户合计不能多于总户数 {n}。", n = all)));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn villages_are_called_as_people_say() {
        for (full, short) in [
            ("司庄村民委员会", "司庄村"),
            ("司庄村村民委员会", "司庄村"),
            ("晹村村委会", "晹村"),
            ("红旗社区居委会", "红旗社区"),
            ("东关居民委员会", "东关社区"),
            ("练江牧场生活区", "练江牧场生活区"),
            ("村委会", "村委会"),
        ] {
            assert_eq!(short_name(full), short, "{full}");
        }
    }

    #[test]
    fn categories_are_read_as_offices_write_them() {
        for category in VillageCategory::ALL {
            assert_eq!(VillageCategory::parse(category.code()), Some(category));
            assert_eq!(VillageCategory::parse(category.zh()), Some(category));
        }
        assert_eq!(VillageCategory::parse("软弱涣散村"), Some(VillageCategory::WeakBranch));
        assert_eq!(VillageCategory::parse("好村"), None);
    }

    #[test]
    fn forms_of_a_village_are_read_or_refused_at_their_field() {
        let today = Day::new(2024, 1, 18).expect("a day");
        assert_eq!(past_day("since", "2024-01-18", today), Ok(today));
        assert_eq!(past_day("since", "2024-01-19", today).expect_err("later").field, Some("since"));
        assert_eq!(rating("2023", "5", today), Ok(Rating { year: 2023, stars: 5 }));
        for (year, stars, field) in
            [("2024", "5", "star_year"), ("2025", "5", "star_year"), ("", "5", "star_year"), ("2023", "6", "stars")]
        {
            assert_eq!(rating(year, stars, today).expect_err("refused").field, Some(field), "{year} {stars}");
        }
        assert_eq!(count("households", ""), Ok(None));
        assert_eq!(count("households", "412"), Ok(Some(412)));
        assert!(count("households", "-1").is_err() && count("households", "4.5").is_err());
        let village = |poor, monitored| Village {
            households: Some(100),
            poor_households: Some(poor),
            monitored_households: Some(monitored),
            ..Village::default()
        };
        assert!(fits(&village(60, 40)).is_ok());
        assert_eq!(fits(&village(60, 41)).expect_err("too many").field, Some("monitored_households"));
        assert_eq!(fits(&village(101, 0)).expect_err("too many").field, Some("poor_households"));
    }
}
