//! Types of units, pure.

use base::{text, web::Refusal, word};

/// The level of the office a unit belongs to.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub enum UnitLevel {
    Province,
    City,
    County,
    Township,
}

impl UnitLevel {
    pub const ALL: [Self; 4] = [Self::Province, Self::City, Self::County, Self::Township];

    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::Province => "province",
            Self::City => "city",
            Self::County => "county",
            Self::Township => "township",
        }
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Province => word!("省级"),
            Self::City => word!("市级"),
            Self::County => word!("县级"),
            Self::Township => word!("乡镇级"),
        }
    }

    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let short = |level: &Self| level.zh().trim_end_matches('级') == text;
        Self::ALL.into_iter().find(|level| level.code() == text || level.zh() == text || short(level))
    }
}

/// The level a unit's name speaks of; a county's when it says nothing.
#[must_use]
pub fn guess_level(name: &str) -> UnitLevel {
    let township = ["镇人民政府", "乡人民政府", "镇政府", "乡政府", "街道办事处", "镇党委", "乡党委"];
    if township.iter().any(|suffix| name.ends_with(suffix)) {
        UnitLevel::Township
    } else if name.starts_with('省') || name.contains("省直") || name.starts_with("中共") && name.contains("省委")
    {
        UnitLevel::Province
    } else if name.starts_with('市') && !name.starts_with("市场") || name.contains("市直") {
        UnitLevel::City
    } else {
        UnitLevel::County
    }
}

/// A unit.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Unit {
    pub name: String,
    pub level: UnitLevel,
    pub kind: Option<String>,
    pub system: Option<String>,
    pub contact: Option<String>,
    pub phone: Option<String>,
    /// Counted among the strong units that heavy-task villages get (HN-3).
    pub strong: bool,
    pub strengths: Vec<String>,
}

impl Unit {
    /// A unit of which only the name is known, as rosters bring them.
    #[must_use]
    pub fn named(name: &str) -> Self {
        Self {
            name: name.to_owned(),
            level: guess_level(name),
            kind: None,
            system: None,
            contact: None,
            phone: None,
            strong: false,
            strengths: Vec::new(),
        }
    }
}

/// A unit as a form sends it.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Typed<'a> {
    pub name: &'a str,
    pub level: &'a str,
    pub kind: &'a str,
    pub system: &'a str,
    pub contact: &'a str,
    pub phone: &'a str,
    pub strengths: &'a str,
    pub strong: bool,
}

impl Typed<'_> {
    /// The unit, or what is wrong at which field.
    pub(super) fn unit(self) -> Result<Unit, Refusal> {
        let name = self.name.trim();
        if name.is_empty() {
            return Err(Refusal::at("name", text!("请写单位名称。")));
        }
        if name.chars().count() > 60 {
            return Err(Refusal::at("name", text!("单位名称最多 60 个字。")));
        }
        let level = UnitLevel::parse(self.level).ok_or_else(|| Refusal::at("level", text!("请选择层级。")))?;
        let digits = self.phone.chars().filter(char::is_ascii_digit).count();
        let telephone = |c: char| c.is_ascii_digit() || matches!(c, '-' | ' ' | '+' | '(' | ')' | '（' | '）' | '转');
        if !self.phone.is_empty() && (!self.phone.chars().all(telephone) || !(5..=20).contains(&digits)) {
            return Err(Refusal::at("phone", text!("电话只能有数字和横线，例如 0377-67981234。")));
        }
        let some = |text: &str| Some(text.trim().to_owned()).filter(|text| !text.is_empty());
        let strengths = self.strengths.split(['、', '，', ',', ' ']).filter_map(some).collect();
        Ok(Unit {
            name: name.to_owned(),
            level,
            kind: some(self.kind),
            system: some(self.system),
            contact: some(self.contact),
            phone: some(self.phone),
            strong: self.strong,
            strengths,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_tell_the_level() {
        for (name, level) in [
            ("县水利局", UnitLevel::County),
            ("市场监督管理局", UnitLevel::County),
            ("市财政局", UnitLevel::City),
            ("省委组织部", UnitLevel::Province),
            ("苗店镇人民政府", UnitLevel::Township),
            ("赵河街道办事处", UnitLevel::Township),
        ] {
            assert_eq!(guess_level(name), level, "{name}");
        }
    }

    #[test]
    fn a_form_is_read_or_refused_at_its_field() {
        let good = Typed {
            name: " 社旗县水利局 ", level: "county", strengths: "水利、饮水，项目", ..Typed::default()
        };
        let unit = good.unit().expect("a unit");
        assert_eq!(unit.name, "社旗县水利局");
        assert_eq!(unit.strengths, ["水利", "饮水", "项目"]);
        let field = |typed: Typed<'_>| typed.unit().expect_err("refused").field;
        assert_eq!(field(Typed { name: "", ..good }), Some("name"));
        assert_eq!(field(Typed { level: "nation", ..good }), Some("level"));
        assert_eq!(field(Typed { phone: "打我手机", ..good }), Some("phone"));
        assert!(Typed { phone: "0377-67981234", ..good }.unit().is_ok());
    }
}
