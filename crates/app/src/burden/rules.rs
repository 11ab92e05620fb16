//! Switches, the eight classes of complaint, and the codes of nameless ones; pure.

use base::{
    kernel::{CountyId, Day},
    seal::sha256,
    text,
    web::Refusal,
    word,
};

/// A setting that comes near one of the things the product must never do.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum SwitchKind {
    Place,
    Photo,
    Daily,
}

impl SwitchKind {
    pub const ALL: [Self; 3] = [Self::Place, Self::Photo, Self::Daily];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Place => "place",
            Self::Photo => "photo",
            Self::Daily => "daily",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Place => word!("请填所在地点"),
            Self::Photo => word!("请附照片"),
            Self::Daily => word!("请每天填写"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }
}

/// A switch that the office wants to turn on.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Opening {
    pub kind: SwitchKind,
    /// The document it rests on, with its number.
    pub basis: String,
    /// Who approved it, by name and post.
    pub approver: String,
    /// The first day on which it no longer holds.
    pub until: Day,
}

impl Opening {
    /// Nothing is turned on without a basis, an approver and an end within the pack's most days.
    pub fn check(self, today: Day, most_days: i64) -> Result<Self, Refusal> {
        if self.basis.chars().count() < 6 {
            return Err(Refusal::at("basis", text!("请写明书面依据：文件名称和文号")));
        }
        if self.approver.chars().count() < 2 {
            return Err(Refusal::at("approver", text!("请写批准人的姓名")));
        }
        if self.until <= today {
            return Err(Refusal::at("until", text!("停用日期要晚于今天")));
        }
        if self.until.days_since(today) > most_days {
            let say = text!("最长开 {n} 天；到期还需要的，重新批准", n = most_days);
            return Err(Refusal::at("until", say));
        }
        Ok(self)
    }
}

/// How a switch stands on a day.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub enum Standing {
    On,
    /// Its day came.
    Ended,
    /// Somebody turned it off before.
    Closed {
        on: Day,
    },
}

/// A switch holds from its first day until the day it ends, unless it was turned off.
#[must_use]
pub fn standing(until: Day, closed_on: Option<Day>, today: Day) -> Standing {
    match closed_on {
        Some(on) => Standing::Closed { on },
        None if until <= today => Standing::Ended,
        None => Standing::On,
    }
}

/// 八类负担
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum Class {
    RepeatedFilling,
    OverRecording,
    ForcedUse,
    Ranking,
    UselessGroups,
    DuplicateSystems,
    Tracks,
    PrivateData,
}

impl Class {
    pub const ALL: [Self; 8] = [
        Self::RepeatedFilling,
        Self::OverRecording,
        Self::ForcedUse,
        Self::Ranking,
        Self::UselessGroups,
        Self::DuplicateSystems,
        Self::Tracks,
        Self::PrivateData,
    ];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::RepeatedFilling => "repeated_filling",
            Self::OverRecording => "over_recording",
            Self::ForcedUse => "forced_use",
            Self::Ranking => "ranking",
            Self::UselessGroups => "useless_groups",
            Self::DuplicateSystems => "duplicate_systems",
            Self::Tracks => "tracks",
            Self::PrivateData => "private_data",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::RepeatedFilling => word!("重复填报"),
            Self::OverRecording => word!("过度留痕"),
            Self::ForcedUse => word!("强制使用"),
            Self::Ranking => word!("排名通报"),
            Self::UselessGroups => word!("无用的群组"),
            Self::DuplicateSystems => word!("系统重复建设"),
            Self::Tracks => word!("收集行踪"),
            Self::PrivateData => word!("过多收集个人信息"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|class| class.code() == code)
    }
}

/// The Monday of a day's week: all that is kept of when a nameless complaint was made.
#[must_use]
pub fn week(day: Day) -> Day {
    day.plus_days(-i64::from(day.date().weekday().to_monday_zero_offset()))
}

/// A nameless complaint is due that many days after its week has ended.
#[must_use]
pub fn nameless_due(week: Day, days: i64) -> Day {
    week.plus_days(7 + days)
}

/// The code of a nameless complaint: the county, then 80 random bits in letters that are not mistaken for one another.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Code {
    pub county: CountyId,
    secret: String,
}

const LETTERS: &[u8; 32] = b"23456789ABCDEFGHJKLMNPQRSTUVWXYZ";
const LENGTH: usize = 16;

impl Code {
    /// From random text (hexadecimal or base64) of at least 16 different bytes' worth.
    #[must_use]
    pub fn new(county: CountyId, random: &str) -> Self {
        // The hash spreads the randomness of the token evenly over the letters.
        let hash = sha256(random.as_bytes());
        let pairs = hash.as_bytes().chunks(2).take(LENGTH);
        let letter = |pair: &[u8]| {
            let number = std::str::from_utf8(pair).ok().and_then(|hex| usize::from_str_radix(hex, 16).ok());
            char::from(LETTERS[number.unwrap_or(0) % LETTERS.len()])
        };
        Self { county, secret: pairs.map(letter).collect() }
    }

    /// As people type it: blanks and dashes anywhere, small letters too.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let plain: String = text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_uppercase();
        let (county, secret) = plain.split_at_checked(6)?;
        let county = CountyId::from_i64(county.parse().ok()?)?;
        let known = secret.len() == LENGTH && secret.bytes().all(|b| LETTERS.contains(&b));
        known.then(|| Self { county, secret: secret.to_owned() })
    }

    /// What is stored.
    #[must_use]
    pub fn hash(&self) -> String {
        sha256(self.to_string().as_bytes())
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}", self.county)?;
        for at in (0..LENGTH).step_by(4) {
            write!(f, "-{}", self.secret.get(at..at + 4).unwrap_or_default())?;
        }
        Ok(())
    }
}
