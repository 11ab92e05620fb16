//! What rows of one file say against each other: one person in two places, one post held twice. The later row yields.

use std::collections::{HashMap, hash_map::Entry};

use base::{
    i18n::Text,
    kernel::{DivisionCode, IdNumber},
    text,
};

use super::row::RosterRow;
use crate::{
    imports::{Outcome, Problem, Spot, code},
    postings::{Ledger, PostRole},
};

/// How a person is told from others.
#[derive(Clone, PartialEq, Eq, Hash, Debug)]
pub enum PersonKey {
    Id(IdNumber),
    Phone(String, String),
    Name(String, Option<String>, String),
}

impl RosterRow {
    /// By identity number; without one by name and telephone, else by name, birth and unit.
    #[must_use]
    pub fn person(&self) -> PersonKey {
        match (&self.id, &self.phone) {
            (Some(id), _) => PersonKey::Id(id.clone()),
            (None, Some(phone)) => PersonKey::Phone(self.name.clone(), phone.to_string()),
            (None, None) => {
                PersonKey::Name(self.name.clone(), self.birth.map(|birth| birth.to_string()), self.unit.clone())
            }
        }
    }

    fn overlaps(&self, other: &Self) -> bool {
        matches!((self.period(), other.period()), (Some(a), Some(b)) if a.overlaps(b))
    }

    fn same_posting(&self, other: &Self) -> bool {
        (self.village, self.role, self.since.day) == (other.village, other.role, other.since.day)
    }
}

/// Moves rows that clash with earlier ones to the problems, and rows that repeat earlier ones to `repeated`.
pub(super) fn resolve(mut outcome: Outcome<RosterRow>) -> Outcome<RosterRow> {
    let rows = std::mem::take(&mut outcome.rows);
    let mut kept: Vec<RosterRow> = Vec::with_capacity(rows.len());
    let mut of_person: HashMap<PersonKey, Vec<usize>> = HashMap::new();
    let mut first_of: HashMap<(DivisionCode, Option<Ledger>), Vec<usize>> = HashMap::new();
    for row in rows {
        let person = row.person();
        let before = |list: Option<&Vec<usize>>| -> Vec<&RosterRow> {
            list.into_iter().flatten().filter_map(|at| kept.get(*at)).filter(|other| other.overlaps(&row)).collect()
        };
        let own = before(of_person.get(&person));
        if own.iter().any(|other| other.same_posting(&row)) {
            outcome.repeated.push(row.spot.clone());
            continue;
        }
        let post =
            (row.role == PostRole::FirstSecretary).then(|| (row.village, row.ledger.filter(|l| *l == Ledger::County)));
        let clash = own.first().map(|other| second_post(&row, other)).or_else(|| {
            let holders = before(post.as_ref().and_then(|post| first_of.get(post)));
            holders.first().map(|holder| second_holder(&row, holder))
        });
        if let Some(problem) = clash {
            outcome.problems.push(problem);
            continue;
        }
        let at = kept.len();
        of_person.entry(person).or_default().push(at);
        if let Some(post) = post {
            match first_of.entry(post) {
                Entry::Occupied(mut list) => list.get_mut().push(at),
                Entry::Vacant(list) => drop(list.insert(vec![at])),
            }
        }
        kept.push(row);
    }
    outcome.rows = kept;
    outcome.problems.sort_by(|a, b| a.spot.cmp(&b.spot));
    outcome
}

fn place(here: &Spot, there: &Spot) -> Text {
    if here.sheet == there.sheet {
        text!("第 {row} 行", row = there.row)
    } else {
        text!("工作表“{sheet}”第 {row} 行", sheet = there.sheet, row = there.row)
    }
}

fn second_post(row: &RosterRow, other: &RosterRow) -> Problem {
    let by = if row.id.is_some() { text!("身份证号相同") } else { text!("姓名和电话相同") };
    let message = text!(
        "{name}同一时间有两个岗位：{place}（{other}）已派驻另一处（{by}）。请删去其中一行，或给前一岗位填上离任时间",
        name = row.name,
        place = place(&row.spot, &other.spot),
        other = other.name,
        by = by,
    );
    Problem { spot: row.spot.clone(), column: String::new(), code: code::TWO_POSTINGS, message, suggestion: None }
}

fn second_holder(row: &RosterRow, holder: &RosterRow) -> Problem {
    let message = text!(
        "该村同一时间已有第一书记：{place} {name}。请核对村或驻村职务，或给前任填上离任时间",
        place = place(&row.spot, &holder.spot),
        name = holder.name,
    );
    Problem { spot: row.spot.clone(), column: String::new(), code: code::TWO_POSTINGS, message, suggestion: None }
}
