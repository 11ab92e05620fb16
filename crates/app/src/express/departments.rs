//! Departments: the units of a county and of its city, and which of them a text is likely for.

use base::{
    db::{Conn, DbResult},
    html::Choice,
    i18n::Text,
    kernel::{CountyId, Level},
    text,
    web::AppResult,
};

use crate::{accounts::Permission, packs::Pack, units, web::Ctx};

/// A unit that answers, claims, pays.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Department {
    pub id: String,
    pub name: String,
}

/// The units of a county and of the city above it, by name.
pub async fn list(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Department>> {
    let city = county.division().at(Level::City).county();
    let mut found = Vec::new();
    for office in [county, city] {
        let id = office.division().area().counties().0;
        let units = units::store::of_counties(conn, (id, id)).await?;
        found.extend(units.into_iter().map(|(unit, _)| Department { id: unit.id, name: unit.name }));
    }
    found.dedup();
    Ok(found)
}

pub async fn find(conn: &mut Conn, id: &str) -> DbResult<Option<Department>> {
    let unit = units::store::find(conn, id).await?;
    Ok(unit.map(|unit| Department { id: unit.id, name: unit.name }))
}

/// The viewer's own department, for a record that names one: the viewer's where it is theirs, else their first.
pub async fn own(ctx: &Ctx, conn: &mut Conn, named: Option<&str>) -> AppResult<Option<Department>> {
    let scope = ctx.viewer()?.scope(Permission::ProblemsAnswer);
    let units = scope.units();
    let id = named.filter(|id| units.iter().any(|own| own == id)).or(units.first().map(String::as_str));
    Ok(match id {
        Some(id) => find(conn, id).await?,
        None => None,
    })
}

/// Departments whose remit in the pack speaks of what a text says, with the words that did.
#[must_use]
pub fn suggest<'a>(pack: &Pack, all: &'a [Department], text: &str) -> Vec<(&'a Department, Vec<String>)> {
    let mut found: Vec<(&Department, Vec<String>)> = Vec::new();
    for remit in pack.remits() {
        let words: Vec<String> = remit.words.iter().filter(|word| text.contains(word.as_str())).cloned().collect();
        if words.is_empty() {
            continue;
        }
        let named = all.iter().filter(|one| one.name.contains(&remit.unit));
        // The county's own comes before the city's of the same name.
        found.extend(named.min_by_key(|one| one.name.chars().count()).map(|one| (one, words)));
    }
    found.sort_by_key(|(_, words)| std::cmp::Reverse(words.len()));
    found
}

/// All departments as choices, the suggested ones first and named so.
#[must_use]
pub fn choices(all: &[Department], suggested: &[(&Department, Vec<String>)]) -> Vec<Choice> {
    let first = suggested.iter().map(|(one, words)| {
        Choice::new(&one.id, text!("建议：{name}（{words}）", name = one.name, words = words.join("、")))
    });
    let is_first = |one: &Department| suggested.iter().any(|(other, _)| other.id == one.id);
    let rest = all.iter().filter(|one| !is_first(one)).map(|one| Choice::new(&one.id, Text::data(&one.name)));
    first.chain(rest).collect()
}
