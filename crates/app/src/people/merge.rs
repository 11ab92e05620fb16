//! What a list says new of a person who is known.

use super::{Person, store::PersonRow};

/// Marks that a list may leave out; what is left out stays as it is.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Flags {
    pub reserve: Option<bool>,
    pub village_experience: Option<bool>,
    pub agriculture: Option<bool>,
}

/// The stored person with what is said over it; `None` when that changes nothing. Blank cells erase nothing, and the
/// ID number never changes this way.
#[must_use]
pub fn merged(stored: &PersonRow, said: Person, flags: Flags) -> Option<Person> {
    let over = |new: Option<String>, old: &Option<String>| new.or_else(|| old.clone());
    let coarse = |new: Option<String>, old: &Option<String>| match (new, old) {
        // 2008-09 does not contradict 2008-09-15.
        (Some(new), Some(old)) if old.starts_with(&new) => Some(old.clone()),
        (new, old) => new.or_else(|| old.clone()),
    };
    let person = Person {
        name: said.name,
        gender: said.gender.or_else(|| stored.gender()),
        birth: coarse(said.birth, &stored.birth),
        id_number: None,
        phone: over(said.phone, &stored.phone),
        ethnicity: over(said.ethnicity, &stored.ethnicity),
        party_since: coarse(said.party_since, &stored.party_since),
        education: over(said.education, &stored.education),
        unit_id: over(said.unit_id, &stored.unit_id),
        position: over(said.position, &stored.position),
        rank: over(said.rank, &stored.rank),
        specialities: if said.specialities.is_empty() { stored.specialities() } else { said.specialities },
        reserve: flags.reserve.unwrap_or(stored.reserve == 1),
        village_experience: flags.village_experience.unwrap_or(stored.village_experience == 1),
        agriculture: flags.agriculture.unwrap_or(stored.agriculture == 1),
        note: over(said.note, &stored.note),
    };
    let same = person.name == stored.name
        && person.gender == stored.gender()
        && person.birth == stored.birth
        && person.phone == stored.phone
        && person.ethnicity == stored.ethnicity
        && person.party_since == stored.party_since
        && person.education == stored.education
        && person.unit_id == stored.unit_id
        && person.position == stored.position
        && person.rank == stored.rank
        && person.specialities == stored.specialities()
        && person.reserve == (stored.reserve == 1)
        && person.village_experience == (stored.village_experience == 1)
        && person.agriculture == (stored.agriculture == 1)
        && person.note == stored.note;
    (!same).then_some(person)
}
