//! Reading packs, pure.

use std::collections::BTreeMap;

use base::kernel::Day;
use serde::Deserialize;

use crate::places::VillageCategory;

/// One parameter of a pack.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Parameter {
    pub value: i64,
    pub label: String,
    pub source: String,
    pub since: Day,
}

/// What a village of a category must have, at least.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Need {
    /// First secretaries.
    pub first_secretary: i64,
    /// Teams whose main village or neighbour it is.
    pub team: i64,
    pub source: String,
    pub since: Day,
}

/// What a county's rule says of absences found in a year. Shown as information; the program draws no conclusion.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Consequence {
    /// From this many absences on.
    pub times: i64,
    pub effect: String,
    pub source: String,
    pub since: Day,
}

/// A kind of block that holds projects up, as a county counts them (WZ-4).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct BlockRule {
    pub code: String,
    pub label: String,
    pub source: String,
    pub since: Day,
}

/// Who decides one of the three gates of selection (SQ-1).
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct GateRule {
    pub code: String,
    pub body: String,
    pub source: String,
    pub since: Day,
}

/// What a department is there for: words by which a problem is likely to be its own.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Remit {
    /// A part of the unit's name.
    pub unit: String,
    pub words: Vec<String>,
    pub source: String,
    pub since: Day,
}

/// A kind of villagers' matters (群众事项): how soon it is to be solved, and who usually does.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct MatterKind {
    pub code: String,
    pub name: String,
    /// 小事 `small` or 疑难问题 `hard`.
    pub size: String,
    /// Hours from the call within which it is to be solved.
    pub hours: i64,
    /// The department that answers for it above the village.
    pub department: Option<String>,
    pub source: String,
    pub since: Day,
}

/// A programme pack.
#[derive(Clone, PartialEq, Eq, Debug, Deserialize)]
pub struct Pack {
    pub name: String,
    pub title: String,
    #[serde(default)]
    coverage: BTreeMap<String, Need>,
    #[serde(default)]
    absence: Vec<Consequence>,
    #[serde(default)]
    block: Vec<BlockRule>,
    #[serde(default)]
    gate: Vec<GateRule>,
    #[serde(default)]
    remit: Vec<Remit>,
    #[serde(default)]
    matter_kind: Vec<MatterKind>,
    #[serde(flatten)]
    parameters: BTreeMap<String, Parameter>,
}

const FILES: [&str; 7] = [
    include_str!("../../../../packs/default.toml"),
    include_str!("../../../../packs/sheqi.toml"),
    include_str!("../../../../packs/wuzhou.toml"),
    include_str!("../../../../packs/fushan.toml"),
    include_str!("../../../../packs/shexian.toml"),
    include_str!("../../../../packs/longkou.toml"),
    include_str!("../../../../packs/hunan.toml"),
];

impl Pack {
    /// The packs that ship with the program, `default` first.
    pub fn shipped() -> Result<Vec<Self>, toml::de::Error> {
        FILES.into_iter().map(Self::read).collect()
    }

    /// Reads a pack as written, without what it inherits.
    pub fn read(text: &str) -> Result<Self, toml::de::Error> {
        toml::from_str(text)
    }

    /// This pack over another: what this one does not name, the other decides.
    #[must_use]
    pub fn over(mut self, base: &Self) -> Self {
        for (category, need) in &base.coverage {
            self.coverage.entry(category.clone()).or_insert_with(|| need.clone());
        }
        for (name, parameter) in &base.parameters {
            self.parameters.entry(name.clone()).or_insert_with(|| parameter.clone());
        }
        if self.absence.is_empty() {
            self.absence.clone_from(&base.absence);
        }
        if self.block.is_empty() {
            self.block.clone_from(&base.block);
        }
        if self.gate.is_empty() {
            self.gate.clone_from(&base.gate);
        }
        if self.remit.is_empty() {
            self.remit.clone_from(&base.remit);
        }
        // Kinds of the base stand where this pack says nothing of them; its own come first.
        for kind in &base.matter_kind {
            if self.matter_kind(&kind.code).is_none() {
                self.matter_kind.push(kind.clone());
            }
        }
        self
    }

    #[must_use]
    pub fn need(&self, category: VillageCategory) -> Option<&Need> {
        self.coverage.get(category.code())
    }

    /// The parameters by name.
    pub fn parameters(&self) -> impl Iterator<Item = (&str, &Parameter)> {
        self.parameters.iter().map(|(name, parameter)| (name.as_str(), parameter))
    }

    fn value(&self, name: &str, fallback: i64) -> i64 {
        self.parameters.get(name).map_or(fallback, |parameter| parameter.value)
    }

    /// The ladder of consequences of absences found, lowest step first; empty where the county has none.
    #[must_use]
    pub fn absence(&self) -> &[Consequence] {
        &self.absence
    }

    /// The kinds of matters, in the pack's order.
    #[must_use]
    pub fn matter_kinds(&self) -> &[MatterKind] {
        &self.matter_kind
    }

    #[must_use]
    pub fn matter_kind(&self, code: &str) -> Option<&MatterKind> {
        self.matter_kind.iter().find(|kind| kind.code == code)
    }

    /// Hours within which a villager gets a first answer.
    #[must_use]
    pub fn matter_answer_hours(&self) -> i64 {
        self.value("matter_answer_hours", 24)
    }

    /// The same where it cannot wait: a burst pipe, a house in danger.
    #[must_use]
    pub fn matter_urgent_hours(&self) -> i64 {
        self.value("matter_urgent_hours", 1)
    }

    /// Hours within which somebody looks at what was held back.
    #[must_use]
    pub fn matter_review_hours(&self) -> i64 {
        self.value("matter_review_hours", 24)
    }

    /// Days within which a branch deliberates.
    #[must_use]
    pub fn matter_deliberation_days(&self) -> i64 {
        self.value("matter_deliberation_days", 7)
    }

    #[must_use]
    pub fn matter_township_days(&self) -> i64 {
        self.value("matter_township_days", 7)
    }

    #[must_use]
    pub fn matter_express_days(&self) -> i64 {
        self.value("matter_express_days", 30)
    }

    /// Days in which a villager may rate before the matter closes by itself.
    #[must_use]
    pub fn matter_rate_days(&self) -> i64 {
        self.value("matter_rate_days", 7)
    }

    /// Days after the end in which it may be opened again.
    #[must_use]
    pub fn matter_reopen_days(&self) -> i64 {
        self.value("matter_reopen_days", 30)
    }

    /// Days to solve what was opened again.
    #[must_use]
    pub fn matter_again_days(&self) -> i64 {
        self.value("matter_again_days", 3)
    }

    /// Days that a late matter stays with the township before the county sees it as its own.
    #[must_use]
    pub fn matter_climb_days(&self) -> i64 {
        self.value("matter_climb_days", 3)
    }

    /// Households that one Party member looks after.
    #[must_use]
    pub fn member_households(&self) -> i64 {
        self.value("member_households", 10)
    }

    /// Matters of one village by card and day above which the others wait for a look.
    #[must_use]
    pub fn matter_village_day(&self) -> i64 {
        self.value("matter_village_day", 30)
    }

    /// A parameter with its source.
    #[must_use]
    pub fn parameter(&self, name: &str) -> Option<&Parameter> {
        self.parameters.get(name)
    }

    /// Calendar days of leave that a township may approve.
    #[must_use]
    pub fn leave_township_days(&self) -> i64 {
        self.value("leave_township_days", 3)
    }

    /// Days within which leave is to be answered.
    #[must_use]
    pub fn leave_answer_days(&self) -> i64 {
        self.value("leave_answer_days", 2)
    }

    /// Days expected in the village in a whole month.
    #[must_use]
    pub fn days_expected_month(&self) -> i64 {
        self.value("days_expected_month", 20)
    }

    /// Days within which somebody not found may say their word.
    #[must_use]
    pub fn spot_check_word_days(&self) -> i64 {
        self.value("spot_check_word_days", 3)
    }

    #[must_use]
    pub fn term_months(&self) -> i64 {
        self.value("term_months", 24)
    }

    #[must_use]
    pub fn team_neighbours(&self) -> usize {
        usize::try_from(self.value("team_neighbours", 2)).unwrap_or(0)
    }

    #[must_use]
    pub fn county_guide_beside(&self) -> bool {
        self.value("county_guide_beside", 0) == 1
    }

    /// The amount of an indicator, in its own unit, above which an outcome waits for a word; none where nothing waits.
    #[must_use]
    pub fn outcome_limit(&self, indicator: &str) -> Option<i64> {
        let name = format!("outcome_limit_{}", indicator.replace('.', "_"));
        self.parameters.get(&name).map(|parameter| parameter.value)
    }

    /// Days around an outcome within which another of its kind may be the same.
    #[must_use]
    pub fn outcome_near_days(&self) -> i64 {
        self.value("outcome_near_days", 3)
    }

    /// Days within which a large outcome is to be confirmed or sent back.
    #[must_use]
    pub fn outcome_confirm_days(&self) -> i64 {
        self.value("outcome_confirm_days", 7)
    }

    /// Days after writing within which whoever wrote an entry may still correct it.
    #[must_use]
    pub fn log_edit_days(&self) -> i64 {
        self.value("log_edit_days", 30)
    }

    /// Days that who leaves and who comes spend side by side.
    #[must_use]
    pub fn handover_days(&self) -> i64 {
        self.value("handover_days", 30)
    }

    /// Days before a batch's end on which its handovers make themselves.
    #[must_use]
    pub fn handover_lead_days(&self) -> i64 {
        self.value("handover_lead_days", 60)
    }

    /// Days within which a complaint of a burden is answered.
    #[must_use]
    pub fn complaint_days(&self) -> i64 {
        self.value("complaint_days", 15)
    }

    /// The fewest marks of 群众评事 that are shown together.
    #[must_use]
    pub fn rating_floor(&self) -> i64 {
        self.value("rating_floor", 5)
    }

    /// The fewest ballots of a round with which what was written is shown.
    #[must_use]
    pub fn rating_words_floor(&self) -> i64 {
        self.value("rating_words_floor", 10)
    }

    /// The least that a sealed figure says where places, times or units are told apart.
    #[must_use]
    pub fn sealed_floor(&self) -> i64 {
        self.value("sealed_floor", 5).max(5)
    }

    /// The longest that a switch of the switchboard may stand, in days.
    #[must_use]
    pub fn switch_days(&self) -> i64 {
        self.value("switch_days", 90)
    }

    /// The kinds of block that the county counts, in its order.
    #[must_use]
    pub fn blocks(&self) -> &[BlockRule] {
        &self.block
    }

    /// Who decides a gate of selection; nobody named is an empty word.
    #[must_use]
    pub fn gate_body(&self, code: &str) -> &str {
        self.gate.iter().find(|gate| gate.code == code).map_or("", |gate| gate.body.as_str())
    }

    /// The gates of selection with who decides them.
    #[must_use]
    pub fn gates(&self) -> &[GateRule] {
        &self.gate
    }

    /// Whose business what is.
    #[must_use]
    pub fn remits(&self) -> &[Remit] {
        &self.remit
    }

    /// Days within which the office screens a problem.
    #[must_use]
    pub fn problem_screen_days(&self) -> i64 {
        self.value("problem_screen_days", 3)
    }

    /// Days within which a department answers or claims, and the office says whose a problem is.
    #[must_use]
    pub fn problem_claim_days(&self) -> i64 {
        self.value("problem_claim_days", 5)
    }

    /// Days to solve a problem, where a claim names no other day.
    #[must_use]
    pub fn problem_due_days(&self) -> i64 {
        self.value("problem_due_days", 30)
    }

    /// Days within which whoever reported a problem says whether it is solved.
    #[must_use]
    pub fn problem_confirm_days(&self) -> i64 {
        self.value("problem_confirm_days", 7)
    }

    /// Days of lateness after which a county's problem climbs to the city.
    #[must_use]
    pub fn problem_climb_days(&self) -> i64 {
        self.value("problem_climb_days", 15)
    }

    /// 万元 at stake in a problem above which the amount is asked about.
    #[must_use]
    pub fn problem_ask_wan(&self) -> i64 {
        self.value("problem_ask_wan", 500)
    }

    /// 万元 of a project above which an amount is asked about.
    #[must_use]
    pub fn project_ask_wan(&self) -> i64 {
        self.value("project_ask_wan", 2000)
    }

    /// Days within which an application is passed or sent back at each of its two steps.
    #[must_use]
    pub fn project_pass_days(&self) -> i64 {
        self.value("project_pass_days", 7)
    }

    /// Days within which an empty post is to be filled.
    #[must_use]
    pub fn vacancy_days(&self) -> i64 {
        self.value("vacancy_days", 7)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shipped_packs_read_and_every_parameter_names_its_source() {
        let packs = Pack::shipped().expect("packs read");
        let default = packs[0].clone();
        assert_eq!(default.name, "default");
        for pack in packs {
            let pack = pack.over(&default);
            assert!(pack.parameters().count() >= 7);
            for (name, parameter) in pack.parameters() {
                assert!(!parameter.source.is_empty() && !parameter.label.is_empty(), "{name}");
            }
            assert!(!pack.blocks().is_empty() && !pack.remits().is_empty());
            for block in pack.blocks() {
                assert!(!block.source.is_empty() && !block.label.is_empty(), "{}", block.code);
            }
            assert!(pack.gates().iter().all(|gate| !gate.body.is_empty() && !gate.source.is_empty()));
            assert_eq!(pack.gates().len(), 3);
            assert!(pack.remits().iter().all(|remit| !remit.source.is_empty() && !remit.words.is_empty()));
            for category in VillageCategory::ALL {
                let need = pack.need(category).expect("a need for every category");
                assert!(!need.source.is_empty());
            }
            assert!(pack.matter_kinds().iter().any(|kind| kind.code == "other"), "what nothing else fits");
            for kind in pack.matter_kinds() {
                assert!(!kind.source.is_empty() && kind.hours > 0, "{}", kind.code);
                assert!(matches!(kind.size.as_str(), "small" | "hard"), "{}", kind.code);
            }
        }
    }

    #[test]
    fn sheqi_asks_for_a_first_secretary_everywhere() {
        let packs = Pack::shipped().expect("packs read");
        let sheqi = packs[1].clone().over(&packs[0]);
        assert!(VillageCategory::ALL.iter().all(|c| sheqi.need(*c).is_some_and(|n| n.first_secretary == 1)));
        assert_eq!(sheqi.term_months(), 24);
        assert_eq!(sheqi.absence().iter().map(|step| step.times).collect::<Vec<_>>(), [1, 2, 3]);
        assert!(packs[0].absence().is_empty(), "nobody is judged by a ladder that their county does not have");
        assert!(Pack::read("name = \"x\"\ntitle = \"x\"\n[term_months]\nvalue = \"two\"").is_err());
    }
}
