//! The best plan by looking at every one: for problems of a handful of villages. Written from the model's text.

use assign::{Category, Level, Locks, Person, Problem, Unit, Village};

struct All<'a> {
    problem: &'a Problem,
    locks: &'a Locks,
    /// Each village's unit and people (as bits), where it has a team.
    teams: Vec<Option<(usize, u32)>>,
    busy: u32,
    /// Most locked villages met first, then most points.
    best: (usize, i64),
}

/// How many locked villages can be met, and the best objective with as many.
pub fn best(problem: &Problem, locks: &Locks) -> (usize, i64) {
    let mut all = All { problem, locks, teams: vec![None; problem.villages.len()], busy: 0, best: (0, i64::MIN) };
    all.go(0, 0);
    all.best
}

impl All<'_> {
    fn go(&mut self, village: usize, points: i64) {
        if village == self.problem.villages.len() {
            let open: Vec<usize> = (0..village).filter(|at| self.teams[*at].is_none()).collect();
            let mut slots = vec![self.problem.parameters.covers; village];
            self.cover(&open, &mut slots, points, 0);
            return;
        }
        self.go(village + 1, points);
        for unit in 0..self.problem.units.len() {
            let used = self.teams.iter().flatten().filter(|(other, _)| *other == unit).count();
            if !self.may_serve(village, unit) || used as i64 >= self.problem.units[unit].max_teams {
                continue;
            }
            for people in 1..1u32 << self.problem.people.len() {
                if let Some(more) = self.team(village, unit, people) {
                    self.teams[village] = Some((unit, people));
                    self.busy |= people;
                    self.go(village + 1, points + more);
                    self.busy &= !people;
                    self.teams[village] = None;
                }
            }
        }
    }

    /// Every way to cover what has no team.
    fn cover(&mut self, open: &[usize], slots: &mut [usize], points: i64, covered_locks: usize) {
        let Some((village, rest)) = open.split_first() else {
            let teams = self.teams.iter().enumerate().filter(|(at, team)| team.is_some() && self.locked(*at));
            self.best = self.best.max((teams.count() + covered_locks, points));
            return;
        };
        let place = &self.problem.villages[*village];
        let penalty = match place.category {
            Category::Heavy => 1000,
            Category::Task | Category::Weak => 600,
            Category::Light | Category::Model => 300,
            Category::Other => 100,
        };
        self.cover(rest, slots, points - penalty, covered_locks);
        let person_locked = self.locks.people.iter().any(|(_, other)| *other == place.code);
        if person_locked || !matches!(place.category, Category::Light | Category::Other) {
            return;
        }
        for model in 0..self.teams.len() {
            let by = &self.problem.villages[model];
            let Some((unit, _)) = self.teams[model] else { continue };
            let near = by.category == Category::Model && by.neighbours.contains(&place.code) && model != *village;
            if near && slots[model] > 0 && self.allows(place, unit) {
                slots[model] -= 1;
                self.cover(rest, slots, points, covered_locks + usize::from(self.locked(*village)));
                slots[model] += 1;
            }
        }
    }

    fn locked(&self, village: usize) -> bool {
        let code = &self.problem.villages[village].code;
        self.locks.units.iter().any(|(other, _)| other == code)
            || self.locks.people.iter().any(|(_, other)| other == code)
    }

    fn allows(&self, village: &Village, unit: usize) -> bool {
        let body = &self.problem.units[unit];
        let home = match body.level {
            Level::Province => &body.home_code[..2],
            Level::City => &body.home_code[..4],
            Level::County => &body.home_code[..6],
        };
        village.code.starts_with(home)
            && village.fixed_unit.as_ref().is_none_or(|fixed| *fixed == body.id)
            && !village.forbidden_units.contains(&body.id)
            && self.locks.units.iter().all(|(code, locked)| *code != village.code || *locked == body.id)
    }

    fn may_serve(&self, village: usize, unit: usize) -> bool {
        let (place, body) = (&self.problem.villages[village], &self.problem.units[unit]);
        let heavy = place.category == Category::Heavy && body.level == Level::County && !body.strong;
        self.allows(place, unit) && !heavy
    }

    /// Points of a team, if it may be.
    fn team(&self, village: usize, unit: usize, people: u32) -> Option<i64> {
        let (place, body) = (&self.problem.villages[village], &self.problem.units[unit]);
        let usual = match place.category {
            Category::Heavy => 3,
            Category::Task | Category::Weak | Category::Model => 2,
            Category::Light | Category::Other => 1,
        };
        if i64::from(people.count_ones()) != place.team_size.unwrap_or(usual) || people & self.busy != 0 {
            return None;
        }
        let mut points = 10 * common(&place.needs, &body.strengths);
        let mut leads = false;
        for (at, person) in self.problem.people.iter().enumerate() {
            let chosen = people >> at & 1 == 1;
            let locked_here = self.locks.people.iter().any(|(id, code)| *id == person.id && *code == place.code);
            let locked_away = self.locks.people.iter().any(|(id, code)| *id == person.id && *code != place.code);
            if !chosen && locked_here || chosen && locked_away {
                return None;
            }
            if chosen {
                points += self.person(place, body, person)?;
                leads |= self.leads(body, person);
            }
        }
        leads.then_some(points)
    }

    fn person(&self, place: &Village, body: &Unit, person: &Person) -> Option<i64> {
        let age = self.years(person.birth);
        let at_home = person.home_township.as_ref().is_some_and(|home| home[..9] == place.code[..9]);
        if person.unit != body.id || at_home || age > 55 || person.gates.contains(&false) {
            return None;
        }
        let flags = [person.rural, person.agri, person.reserve].into_iter().filter(|flag| *flag).count() as i64;
        Some(4 * common(&place.needs, &person.specialities) + flags + if age < 40 { 2 } else { 0 })
    }

    fn leads(&self, body: &Unit, person: &Person) -> bool {
        let lowest = if body.level == Level::Province { 6 } else { 8 };
        let ranked = person.rank_waived || person.rank <= lowest;
        ranked && person.party_since.is_some_and(|since| self.years(since) >= 2)
    }

    fn years(&self, since: jiff::civil::Date) -> i64 {
        let on = self.problem.on;
        let full = (on.month(), on.day()) >= (since.month(), since.day());
        i64::from(on.year() - since.year()) - i64::from(!full)
    }
}

fn common(one: &[String], other: &[String]) -> i64 {
    let mut seen = std::collections::BTreeSet::new();
    one.iter().filter(|tag| other.contains(tag) && seen.insert(*tag)).count() as i64
}
