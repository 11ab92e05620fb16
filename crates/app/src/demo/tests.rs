//! The counts of the source text, and that a world holds together whatever the seed.

use std::collections::{BTreeMap, HashSet};

use base::kernel::{Day, IdNumber, Level, Period};

use super::scale::{self, RosterVillage};
use super::world::{
    AccountRole, EndReason, Ledger, LogEntry, PostRole, Posting, Scope, TaskLoad, UnitLevel, VillageCategory, World,
};
use super::{lists, sheqi};

fn day(text: &str) -> Day {
    Day::parse(text).expect("a day")
}

fn default_day() -> Day {
    day("2024-01-18")
}

fn worlds() -> Vec<World> {
    [1, 2, 7, 2024, u64::MAX].into_iter().map(|seed| sheqi(seed, default_day())).collect()
}

fn on_post(world: &World, role: PostRole, ledger: Ledger) -> usize {
    let counts = |p: &&Posting| p.role == role && p.ledger == ledger && p.holds(world.today);
    world.postings.iter().filter(counts).count()
}

fn teams(world: &World, ledger: Ledger) -> usize {
    world.teams.iter().filter(|team| team.ledger == ledger && team.period.contains(world.today)).count()
}

#[test]
fn the_counts_are_those_of_the_source() {
    for world in worlds() {
        assert_eq!(on_post(&world, PostRole::FirstSecretary, Ledger::Province), 118);
        assert_eq!(on_post(&world, PostRole::FirstSecretary, Ledger::County), 131);
        assert_eq!(on_post(&world, PostRole::Member, Ledger::Province), 175);
        assert_eq!(on_post(&world, PostRole::Member, Ledger::County), 29);
        assert_eq!((teams(&world, Ledger::Province), teams(&world, Ledger::County)), (86, 12));
        assert_eq!(world.postings.iter().filter(|p| p.holds(world.today)).count(), 453);
        let per_batch = |batch| world.postings.iter().filter(|p| p.batch == batch).count();
        assert_eq!([per_batch(0), per_batch(1), per_batch(2)], [92, 110, 459]);
        // 25 serve in two batches.
        assert_eq!(world.people.len(), 92 + 110 + 459 - 25);
    }
}

#[test]
fn villages_are_as_the_source_counts_them() {
    for world in worlds() {
        assert_eq!(world.divisions.len(), 3 + 16 + 249 + 8);
        assert_eq!(world.villages.len(), 249);
        let of = |category| world.villages.iter().filter(|v| v.category == category).count();
        assert_eq!(VillageCategory::ALL.iter().map(|&c| of(c)).collect::<Vec<_>>(), [85, 23, 10, 0, 131]);
        let cards: u32 = world.villages.iter().map(|v| v.out_of_poverty_households + v.monitored_households).sum();
        assert_eq!(cards, 28_140);
        let luozhuang = world.villages.iter().find(|v| v.code.to_string() == "411327104201").expect("listed");
        assert_eq!((luozhuang.before.is_some(), luozhuang.stars.last()), (true, Some(&(2023, 4))));
        let stars = |n| world.villages.iter().filter(|v| v.stars.last() == Some(&(2023, n))).count();
        assert_eq!((stars(5), stars(4)), (5, 45));
        assert_eq!(world.villages.iter().filter(|v| v.before.is_some()).count(), 32);
        for village in &world.villages {
            assert_eq!(village.task.is_some(), village.category == VillageCategory::OutOfPoverty);
            assert!(village.out_of_poverty_households + village.monitored_households < village.households);
            assert!(village.stars.windows(2).all(|pair| pair[0].1 <= pair[1].1));
            assert!(village.before.is_none_or(|(_, held)| held.until() == Some(village.since)));
            let weak_at_end = |year: i16| village.before.is_some() && village.since.year() >= year;
            assert!(village.stars.iter().all(|&(year, stars)| stars == 1 || !weak_at_end(year)), "{village:?}");
        }
    }
}

#[test]
fn neighbours_are_mutual_and_of_one_township() {
    for world in worlds() {
        for (at, village) in world.villages.iter().enumerate() {
            assert!((2..=4).contains(&village.neighbours.len()), "{}", village.name);
            for &near in &village.neighbours {
                assert_ne!(near, at);
                assert!(world.villages[near].neighbours.contains(&at));
                assert_eq!(world.villages[near].code.parent(), village.code.parent());
            }
        }
    }
}

#[test]
fn the_same_seed_gives_the_same_world() {
    assert_eq!(sheqi(5, default_day()), sheqi(5, default_day()));
    let (one, other) = (sheqi(5, default_day()), sheqi(6, default_day()));
    let names = |world: &World| world.people.iter().map(|p| p.name.clone()).collect::<HashSet<_>>();
    assert!(names(&one).intersection(&names(&other)).count() < 200);
    assert_eq!(one.divisions, other.divisions);
}

#[test]
fn another_today_only_leaves_out_what_was_to_come() {
    let (early, late) = (sheqi(3, day("2023-11-01")), sheqi(3, day("2025-03-01")));
    let usual = sheqi(3, default_day());
    assert_eq!(late.postings, usual.postings);
    assert_eq!(late.people, usual.people);
    assert_eq!(early.people, usual.people[..early.people.len()]);
    assert_eq!(usual.people.len() - early.people.len(), 3);
    assert!(early.postings.iter().all(|p| p.from <= early.today));
    assert!(early.villages.iter().all(|v| v.stars.len() == 2 && v.income.len() == 2));
    assert_eq!(early.postings.iter().filter(|p| p.holds(early.today)).count(), 453);
}

#[test]
fn nobody_holds_two_postings_at_once() {
    for world in worlds() {
        let mut held: BTreeMap<usize, Vec<Period>> = BTreeMap::new();
        for posting in &world.postings {
            let period = Period::new(posting.from, posting.ended.map(|(end, _)| end)).expect("ordered");
            let before = held.entry(posting.person).or_default();
            assert!(before.iter().all(|other| !other.overlaps(period)), "{:?}", world.people[posting.person]);
            before.push(period);
            assert!(posting.proposed < posting.vetted && posting.vetted < posting.approved);
            assert!(posting.approved < posting.from);
        }
        assert_eq!(held.len(), world.people.len());
        assert_eq!(held.values().filter(|periods| periods.len() == 2).count(), 25);
    }
}

#[test]
fn a_village_has_one_first_secretary_on_any_day() {
    for world in worlds() {
        let firsts: Vec<&Posting> = world.postings.iter().filter(|p| p.role == PostRole::FirstSecretary).collect();
        for (at, one) in firsts.iter().enumerate() {
            let period = |p: &Posting| Period::new(p.from, p.ended.map(|(end, _)| end)).expect("ordered");
            let clash = |other: &&&Posting| other.village == one.village && period(other).overlaps(period(one));
            assert!(!firsts[at + 1..].iter().any(|other| clash(&other)));
        }
        let covered: HashSet<usize> = firsts.iter().filter(|p| p.holds(world.today)).map(|p| p.village).collect();
        assert_eq!(covered.len(), 249);
    }
}

#[test]
fn those_who_leave_have_successors_the_same_day() {
    for world in worlds() {
        let left = |p: &&Posting| p.batch == 2 && p.ended.is_some();
        let ended: Vec<&Posting> = world.postings.iter().filter(left).collect();
        assert_eq!(ended.len(), 6);
        assert_eq!(ended.iter().filter(|p| p.role == PostRole::Member).count(), 2);
        for posting in world.postings.iter().filter(|p| p.successor.is_some()) {
            let next = &world.postings[posting.successor.expect("one")];
            assert_eq!(posting.ended.map(|(end, _)| end), Some(next.from));
            assert_eq!((posting.village, posting.role), (next.village, next.role));
        }
        assert!(ended.iter().all(|p| p.successor.is_some()));
        let within = |p: &&Posting| p.ended.is_some_and(|(_, reason)| reason != EndReason::HandedOver);
        assert_eq!(world.postings.iter().filter(within).count(), 8);
        let closed =
            |p: &Posting| p.batch == 2 || p.ended.is_some_and(|(end, _)| Some(end) <= world.batches[p.batch].end);
        assert!(world.postings.iter().all(closed));
    }
}

#[test]
fn teams_are_made_of_their_postings() {
    for world in worlds() {
        for (at, team) in world.teams.iter().enumerate() {
            let own = |p: &&Posting| p.team == Some(at);
            let postings: Vec<&Posting> = world.postings.iter().filter(own).collect();
            let same = |p: &&Posting| (p.village, p.batch, p.ledger) == (team.village, team.batch, team.ledger);
            assert!(postings.iter().all(same));
            assert!(postings.iter().all(|p| p.unit == team.lead_unit || team.joining_units.contains(&p.unit)));
            assert_eq!(postings.iter().map(|p| p.from).min(), Some(team.period.from()));
            let now: Vec<_> = postings.iter().filter(|p| p.holds(world.today)).collect();
            if team.batch == 2 {
                assert_eq!(now.iter().filter(|p| p.leader).count(), 1);
                assert!((2..=4).contains(&now.len()));
                let village = &world.villages[team.village];
                let heavy = village.category == VillageCategory::HeavyTask || village.task == Some(TaskLoad::Heavy);
                assert!(!heavy || now.len() >= 3, "{}", village.name);
            }
            for &near in &team.also {
                assert!(world.villages[team.village].neighbours.contains(&near));
                assert!(!world.teams.iter().any(|other| other.batch == 2 && other.village == near));
            }
        }
        assert!(world.postings.iter().all(|p| p.leader == (p.role == PostRole::FirstSecretary && p.team.is_some())));
        let shared: Vec<usize> = world.teams.iter().flat_map(|team| team.also.clone()).collect();
        assert_eq!(shared.len(), shared.iter().collect::<HashSet<_>>().len());
        assert!((10..=32).contains(&shared.len()), "{}", shared.len());
    }
}

#[test]
fn heavy_villages_get_strong_units() {
    for world in worlds() {
        for posting in world.postings.iter().filter(|p| p.batch == 2 && p.role == PostRole::FirstSecretary) {
            let (village, unit) = (&world.villages[posting.village], &world.units[posting.unit]);
            let heavy = village.category == VillageCategory::HeavyTask || village.task == Some(TaskLoad::Heavy);
            assert!(!heavy || unit.strong || unit.level < UnitLevel::County, "{} {}", village.name, unit.name);
            assert!(unit.division.contains(village.code));
        }
        let busiest = (0..world.units.len()).map(|unit| world.postings.iter().filter(|p| p.unit == unit).count()).max();
        assert!(busiest < Some(40), "{busiest:?}");
    }
}

#[test]
fn people_are_fictional_distinct_and_complete() {
    let ranks: HashSet<&str> = lists::ranks().iter().map(|rank| rank.name).collect();
    for world in worlds() {
        let distinct = |count: usize| assert_eq!(count, world.people.len());
        distinct(world.people.iter().map(|p| p.id_number.reveal()).collect::<HashSet<_>>().len());
        distinct(world.people.iter().map(|p| p.name.as_str()).collect::<HashSet<_>>().len());
        distinct(world.people.iter().map(|p| p.phone.as_str()).collect::<HashSet<_>>().len());
        for person in &world.people {
            assert_eq!(IdNumber::parse(person.id_number.reveal()).as_ref(), Ok(&person.id_number));
            assert!(person.id_number.reveal().starts_with("999999"));
            assert_eq!(person.id_number.birth(), Some(person.birth));
            assert_eq!(person.id_number.is_male(), person.gender.code() == "male");
            assert!(person.phone.as_str()[3..].starts_with("0000"));
            assert!(ranks.contains(person.rank), "{}", person.rank);
        }
        for posting in &world.postings {
            let person = &world.people[posting.person];
            assert!((24..=56).contains(&posting.from.years_since(person.birth)), "{person:?}");
            assert_eq!(person.unit, posting.unit);
            let two_years = person.party_since.is_some_and(|since| posting.from.years_since(since) >= 2);
            assert!(two_years || posting.role == PostRole::Member);
        }
    }
}

#[test]
fn there_are_units_of_every_level() {
    let world = sheqi(1, default_day());
    let of = |level| world.units.iter().filter(|unit| unit.level == level).count();
    assert_eq!(UnitLevel::ALL.iter().map(|&l| of(l)).collect::<Vec<_>>(), [6, 14, 60, 16]);
    let known: HashSet<_> = world.divisions.iter().map(|division| division.code).collect();
    assert!(world.units.iter().all(|unit| known.contains(&unit.division)));
    assert_eq!(world.units.iter().map(|unit| &unit.name).collect::<HashSet<_>>().len(), world.units.len());
}

#[test]
fn references_lead_somewhere() {
    for world in worlds() {
        let (people, villages, units, teams) =
            (world.people.len(), world.villages.len(), world.units.len(), world.teams.len());
        assert!(world.postings.iter().all(|p| p.person < people && p.village < villages && p.unit < units));
        assert!(world.postings.iter().all(|p| p.team.is_none_or(|team| team < teams) && p.batch < world.batches.len()));
        let codes: HashSet<_> = world.divisions.iter().map(|division| division.code).collect();
        assert!(world.divisions.iter().all(|d| d.level == Level::Province || codes.contains(&d.code.parent())));
        assert!(world.villages.iter().all(|village| codes.contains(&village.code)));
    }
}

#[test]
fn every_role_signs_in_and_the_story_is_in_place() {
    for world in worlds() {
        let holds = |role| world.accounts.iter().any(|a| a.roles.iter().any(|&(held, _)| held == role));
        assert!(AccountRole::ALL.iter().all(|&role| holds(role)));
        let account = |login: &str| world.accounts.iter().find(|a| a.login == login).expect("an account");
        let Scope::Person(cadre) = account("cadre").roles[0].1 else { panic!("a person") };
        let posting = world.postings.iter().find(|p| p.person == cadre).expect("on post");
        assert_eq!(world.villages[posting.village].name, "司庄村");
        assert_eq!(world.units[posting.unit].name, "县交通运输局");
        assert_eq!(world.people[cadre].phone.spaced(), "130 0000 4127");
        assert_eq!(world.today.days_since(posting.from), 229);
        for account in &world.accounts {
            for &(_, scope) in &account.roles {
                if let Scope::Person(person) = scope {
                    assert_eq!(world.people[person].name, account.name);
                    assert_eq!(world.people.iter().filter(|p| p.name == account.name).count(), 1);
                }
            }
        }
        let Scope::Person(mentor) = account("mentor").roles[0].1 else { panic!("a person") };
        assert!(world.postings.iter().all(|p| p.person != mentor || !p.holds(world.today)));
        assert_eq!(world.accounts.iter().map(|a| a.login).collect::<HashSet<_>>().len(), world.accounts.len());
    }
}

#[test]
fn rosters_of_any_length_hold_nobody_twice() {
    let world = sheqi(1, default_day());
    let villages: Vec<RosterVillage> = world
        .villages
        .iter()
        .map(|v| RosterVillage { code: v.code, name: v.name.clone(), township: String::new() })
        .collect();
    let rows = scale::roster(9, &villages, 50_000);
    assert_eq!(rows.len(), 50_000);
    assert_eq!(rows.iter().map(|r| r.person.id_number.reveal()).collect::<HashSet<_>>().len(), 50_000);
    assert_eq!(rows.iter().map(|r| r.person.phone.as_str()).collect::<HashSet<_>>().len(), 50_000);
    assert_eq!(rows.iter().filter(|r| r.role == PostRole::FirstSecretary).count(), 249);
    assert_eq!(rows, scale::roster(9, &villages, 50_000));
    assert_eq!(scale::roster(9, &[], 10).len(), 0);
    let lengths = rows[0].cells().map(|cell| cell.chars().count());
    assert_eq!((lengths[2], lengths[6], lengths[9]), (12, 18, 11));
}

#[test]
fn entries_stand_where_and_when_their_writers_were_on_post() {
    for world in worlds() {
        assert!(world.log.len() > 2_500, "{}", world.log.len());
        for entry in &world.log {
            let on_post = |p: &&Posting| p.person == entry.person && p.village == entry.village && p.holds(entry.day);
            assert!(world.postings.iter().any(|p| on_post(&p)), "{entry:?}");
            assert!(entry.day <= world.today);
        }
        assert!(world.log.iter().any(|entry| entry.day.year() == 2019), "over the years of the earlier batches");
        let recent = |entry: &&LogEntry| entry.gains.is_empty() && world.today.days_since(entry.day) < 30;
        assert!(world.log.iter().filter(recent).count() >= 36);
        let turned = world.log.iter().flat_map(|e| &e.gains).filter(|gain| gain.indicator == "village.weak_turned");
        assert_eq!(turned.count(), 32);
        assert!(world.visits.iter().all(|visit| visit.day <= world.today && !visit.visitors.is_empty()));
    }
    let early = sheqi(3, day("2022-01-01"));
    assert!(!early.log.is_empty() && early.log.iter().all(|entry| entry.day <= early.today));
}
