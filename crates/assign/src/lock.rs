//! What a person has decided by hand in the planning room, to be kept when the rest is planned again.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::{Checked, Fault, rules};

/// Pairings to keep. A locked village is met by its unit, and with its people, before anything else is weighed; where
/// several locks cannot be kept at once for want of people, as many as possible are, and the rest stand as unmet.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Locks {
    /// (village, unit): served by this unit, or covered by one of its teams.
    pub units: Vec<(String, String)>,
    /// (person, village): a member of this village's team, and of no other.
    pub people: Vec<(String, String)>,
}

impl Checked {
    /// The same problem with these locks in place of any it had.
    ///
    /// # Errors
    /// Locks that contradict each other, the fixed and forbidden units, or a rule that no plan can satisfy.
    pub fn with_locks(mut self, locks: Locks) -> Result<Checked, Vec<Fault>> {
        let mut faults = Vec::new();
        let unit_of = self.locked_units(&locks, &mut faults);
        self.locked_people(&locks, unit_of, &mut faults);
        if !faults.is_empty() {
            return Err(faults);
        }
        self.locks = locks;
        Ok(self)
    }

    fn locked_units(&self, locks: &Locks, faults: &mut Vec<Fault>) -> HashMap<usize, usize> {
        let mut unit_of: HashMap<usize, usize> = HashMap::new();
        for (code, id) in &locks.units {
            let village = self.village_at.get(code).copied();
            let unit = self.unit_at.get(id).copied();
            if village.is_none() {
                faults.push(Fault::LockedUnknownVillage(code.clone()));
            }
            if unit.is_none() {
                faults.push(Fault::LockedUnknownUnit(id.clone()));
            }
            if let (Some(village), Some(unit)) = (village, unit) {
                self.lock_village(village, unit, &mut unit_of, faults);
            }
        }
        unit_of
    }

    /// Notes that a village belongs to a unit, and what speaks against it.
    fn lock_village(&self, village: usize, unit: usize, unit_of: &mut HashMap<usize, usize>, faults: &mut Vec<Fault>) {
        let (place, body) = (&self.problem.villages[village], &self.problem.units[unit]);
        let name = |at: usize| self.problem.units[at].id.clone();
        match unit_of.insert(village, unit) {
            Some(other) if other != unit => faults.push(Fault::VillageLockedTwice {
                village: place.code.clone(),
                one: name(other),
                other: name(unit),
            }),
            Some(_) => {}
            None => {
                if let Some(fixed) = place.fixed_unit.as_ref().filter(|fixed| **fixed != body.id) {
                    faults.push(Fault::LockedAgainstFixed {
                        village: place.code.clone(),
                        fixed: fixed.clone(),
                        locked: name(unit),
                    });
                }
                if place.forbidden_units.contains(&body.id) {
                    faults.push(Fault::LockedButForbidden { village: place.code.clone(), unit: name(unit) });
                }
                if !rules::in_scope(place, body) || !rules::category_allows(place, body) {
                    faults.push(Fault::LockedOutOfReach { village: place.code.clone(), unit: name(unit) });
                }
            }
        }
    }

    fn locked_people(&self, locks: &Locks, mut unit_of: HashMap<usize, usize>, faults: &mut Vec<Fault>) {
        let mut village_of: HashMap<usize, usize> = HashMap::new();
        let mut count: BTreeMap<usize, usize> = BTreeMap::new();
        for (id, code) in &locks.people {
            let person = self.person_at.get(id).copied();
            let village = self.village_at.get(code).copied();
            if person.is_none() {
                faults.push(Fault::LockedUnknownPerson(id.clone()));
            }
            if village.is_none() {
                faults.push(Fault::LockedUnknownVillage(code.clone()));
            }
            let (Some(person), Some(village)) = (person, village) else { continue };
            let one = &self.problem.people[person];
            let place = &self.problem.villages[village];
            match village_of.insert(person, village) {
                Some(other) if other != village => faults.push(Fault::PersonLockedTwice {
                    person: id.clone(),
                    one: self.problem.villages[other].code.clone(),
                    other: code.clone(),
                }),
                Some(_) => {}
                None => {
                    *count.entry(village).or_default() += 1;
                    if !rules::may_go(&self.problem, one) || rules::at_home(place, one) {
                        faults.push(Fault::LockedUnfit { person: id.clone(), village: code.clone() });
                    }
                    if let Some(unit) = self.unit_at.get(&one.unit) {
                        self.lock_village(village, *unit, &mut unit_of, faults);
                    }
                }
            }
        }
        for (village, people) in count {
            if people > self.sizes[village] {
                let village_code = self.problem.villages[village].code.clone();
                faults.push(Fault::LockedTooMany { village: village_code, people, size: self.sizes[village] });
            }
        }
        // A village that only a neighbour's team would cover takes none of the unit's teams: only people bind it to one.
        let mut teams: BTreeMap<usize, usize> = BTreeMap::new();
        for village in village_of.values().collect::<BTreeSet<_>>() {
            if let Some(unit) = unit_of.get(village) {
                *teams.entry(*unit).or_default() += 1;
            }
        }
        for (unit, villages) in teams {
            let body = &self.problem.units[unit];
            let most = usize::try_from(body.max_teams).unwrap_or(0);
            if villages > most {
                faults.push(Fault::LockedTooOften { unit: body.id.clone(), villages, teams: most });
            }
        }
    }
}
