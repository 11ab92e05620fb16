//! What a visit is, and the facts that follow: pure.

use base::{
    kernel::{Day, DivisionCode},
    seal::sha256,
    sheet::{person_name, squeeze},
    text,
    web::Refusal,
    word,
};

use crate::{
    accounts::{Actor, Role},
    spine::facts::FactDraft,
};

/// Somebody from outside the team.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Visitor {
    pub name: String,
    pub post: Option<String>,
    /// Where they come from.
    pub unit: String,
}

impl Visitor {
    /// Reads a name that may carry its unit behind it, as suggestions write it: `秦思远（县委）`.
    #[must_use]
    pub fn read(name: &str, post: &str, unit: &str) -> Self {
        let folded = base::sheet::fold(name);
        let (name, behind) = folded.split_once(['(', '（']).unwrap_or((&folded, ""));
        let behind = behind.trim_end_matches([')', '）']);
        let unit = if unit.trim().is_empty() { behind } else { unit };
        let some = |text: &str| Some(base::sheet::fold(text)).filter(|text| !text.is_empty());
        Self { name: person_name(name), post: some(post), unit: squeeze(unit) }
    }

    /// The same name from the same unit is the same visitor, in whatever county they are written down.
    #[must_use]
    pub fn id(&self) -> String {
        sha256(format!("visitor\u{0}{}\u{0}{}", self.name, self.unit).as_bytes())[..32].to_owned()
    }
}

/// Whose it is to keep a promise.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Holder {
    Office,
    Township,
    Branch,
    Cadre,
}

impl Holder {
    pub const ALL: [Self; 4] = [Self::Office, Self::Township, Self::Branch, Self::Cadre];

    #[must_use]
    pub const fn role(self) -> Role {
        match self {
            Self::Office => Role::Office,
            Self::Township => Role::Township,
            Self::Branch => Role::Branch,
            Self::Cadre => Role::Cadre,
        }
    }

    #[must_use]
    pub const fn code(self) -> &'static str {
        self.role().code()
    }

    #[must_use]
    pub const fn zh(self) -> &'static str {
        match self {
            Self::Office => word!("县驻村办"),
            Self::Township => word!("乡镇党委"),
            Self::Branch => word!("村党支部"),
            Self::Cadre => word!("驻村干部"),
        }
    }

    #[must_use]
    pub fn parse(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|holder| holder.code() == code)
    }
}

/// What was promised: one holder and one day.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewPromise {
    pub id: String,
    pub village: DivisionCode,
    pub what: String,
    pub holder: Holder,
    pub due: Day,
}

/// A visit to write down.
#[derive(Clone, Debug)]
pub struct NewVisit {
    pub id: String,
    pub day: Day,
    pub words: String,
    pub villages: Vec<DivisionCode>,
    pub visitors: Vec<Visitor>,
    pub promises: Vec<NewPromise>,
    pub by: Actor,
}

/// Each visitor in each village is one 人次; people are told apart by who they are.
#[must_use]
pub fn facts(visit: &NewVisit) -> Vec<FactDraft> {
    let mut facts = Vec::new();
    for village in &visit.villages {
        for visitor in &visit.visitors {
            for indicator in ["visit.leader", "visit.leader.people"] {
                facts.push(FactDraft {
                    indicator,
                    day: visit.day,
                    amount: 1,
                    division: *village,
                    person: None,
                    unit_id: None,
                    key: Some(visitor.id()),
                    value: None,
                });
            }
        }
    }
    facts
}

/// A village that a form may name: its code, its name and its township's.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Known {
    pub code: DivisionCode,
    pub name: String,
    pub township: String,
}

/// The village that a text names: by code, by name, or by township and name.
pub fn find_village(text: &str, known: &[Known]) -> Result<DivisionCode, Refusal> {
    let asked = squeeze(text);
    let plain = |name: &str| name.trim_end_matches('村').to_owned();
    let fits = |one: &&Known| {
        let full = format!("{}{}", one.township, one.name);
        one.code.to_string() == asked || one.name == asked || full == asked || plain(&one.name) == plain(&asked)
    };
    let found: Vec<&Known> = known.iter().filter(fits).collect();
    match found.as_slice() {
        [one] => Ok(one.code),
        [] => {
            let near: Vec<&str> = known
                .iter()
                .filter(|one| one.name.contains(&plain(&asked)) || asked.contains(&plain(&one.name)))
                .take(3)
                .map(|one| one.name.as_str())
                .collect();
            Err(Refusal::at(
                "village",
                if near.is_empty() {
                    text!("您的范围里没有“{name}”这个村，请核对名称", name = asked)
                } else {
                    text!("没有“{name}”，是不是 {near}？", name = asked, near = near.join("、"))
                },
            ))
        }
        several => {
            let names: Vec<String> = several.iter().map(|one| format!("{}{}", one.township, one.name)).collect();
            Err(Refusal::at("village", text!("有几个村都叫这个名字：{names}。请写上乡镇名", names = names.join("、"))))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_name_from_the_same_unit_is_one_visitor() {
        let first = Visitor::read("秦 思远", "副书记", "社旗县委");
        let again = Visitor::read("秦思远（社旗县委）", "", "");
        assert_eq!(again.name, "秦思远");
        assert_eq!(first.id(), again.id());
        assert_ne!(first.id(), Visitor::read("秦思远", "", "南阳市委").id());
    }

    #[test]
    fn a_village_is_found_by_what_people_write() {
        let known = |code: &str, name: &str, township: &str| Known {
            code: DivisionCode::parse(code).expect("a code"),
            name: name.into(),
            township: township.into(),
        };
        let all = [
            known("411327101201", "麦田村", "苗店镇"),
            known("411327101202", "柳溪村", "苗店镇"),
            known("411327102201", "麦田村", "唐庄乡"),
        ];
        let find = |text: &str| find_village(text, &all).map(|code| code.to_string()).map_err(|r| r.message.zh());
        assert_eq!(find("柳溪"), Ok("411327101202".into()));
        assert_eq!(find("唐庄乡 麦田村"), Ok("411327102201".into()));
        assert_eq!(find("411327101201"), Ok("411327101201".into()));
        assert!(find("麦田村").is_err_and(|said| said.contains("请写上乡镇名")));
        assert!(find("东柳溪村").is_err_and(|said| said.contains("是不是 柳溪村")));
        assert!(find("没有的村").is_err());
    }
}
