//! Types of places, pure.

use base::kernel::{Day, DivisionCode, Level};

/// A division as it stands today.
#[derive(Clone, PartialEq, Eq, Debug, sqlx::FromRow)]
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
            Self::OutOfPoverty => "脱贫村",
            Self::HeavyTask => "乡村振兴任务重的村",
            Self::WeakBranch => "党组织软弱涣散村",
            Self::Model => "示范创建村",
            Self::Ordinary => "面上村",
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
}
