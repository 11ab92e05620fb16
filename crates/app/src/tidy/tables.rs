//! Tables and SQL as three databases read them.

use std::collections::BTreeMap;

use super::{files, program_files, read, source::Source};
use crate::tables::{Placement, TABLES};

/// Table → its columns of the primary key, from all migrations.
fn migrated() -> BTreeMap<String, Vec<String>> {
    let mut tables = BTreeMap::new();
    for path in files(&[".sql"]).iter().filter(|path| path.starts_with("migrations/")) {
        let text: String = read(path).lines().map(|line| line.split("--").next().unwrap_or_default()).collect();
        for part in text.split("create table ").skip(1) {
            let name = part.split([' ', '(']).next().unwrap_or_default().to_owned();
            let statement = part.split(';').next().unwrap_or_default();
            let key = statement.split_once("primary key (").and_then(|(_, tail)| tail.split_once(')'));
            let columns = key.map(|(key, _)| key.split(',').map(|column| column.trim().to_owned()).collect());
            tables.insert(name, columns.unwrap_or_default());
        }
        for part in text.split("drop table ").skip(1) {
            tables.remove(part.split([' ', ';']).next().unwrap_or_default());
        }
    }
    tables
}

#[test]
fn every_table_has_its_place() {
    let migrated = migrated();
    for (table, _) in TABLES.iter().filter(|(_, placement)| *placement != Placement::Local) {
        assert!(migrated.contains_key(*table), "{table} stands in tables.rs, but no migration makes it");
        assert_eq!(TABLES.iter().filter(|(name, _)| name == table).count(), 1, "{table} stands there twice");
    }
    for (table, key) in &migrated {
        let place = TABLES.iter().find(|(name, _)| name == table).map(|(_, placement)| *placement);
        match place {
            None => panic!("{table} is missing in tables.rs: reference, look-up, distributed or local?"),
            Some(Placement::Distributed) => {
                assert!(
                    key.iter().any(|column| column == "county_id"),
                    "{table}: county_id must be in its key {key:?}"
                );
            }
            Some(Placement::LookUp(column)) => {
                assert_eq!(key.first().map(String::as_str), Some(column), "{table} is spread by the head of its key");
            }
            Some(Placement::Reference | Placement::Local) => {}
        }
    }
}

#[test]
fn sql_says_the_same_on_every_database() {
    let banned = [
        ("select *", "name the columns"),
        ("now()", "time is bound by the program"),
        ("current_timestamp", "time is bound by the program"),
        ("random()", "chance is bound by the program"),
        ("autoincrement", "ids are made by the program"),
        ("create trigger", "no triggers"),
        ("on delete set null", "not on all databases"),
    ];
    let mut texts: Vec<(String, String)> = Vec::new();
    for path in program_files("crates/") {
        let literals = Source::of(&read(&path)).literals;
        texts.extend(literals.into_iter().map(|literal| (path.clone(), literal)));
    }
    for path in files(&[".sql"]) {
        let text = read(&path);
        let statements = text.lines().map(|line| line.split("--").next().unwrap_or_default());
        texts.push((path.clone(), statements.collect::<Vec<_>>().join("\n")));
    }
    for (path, text) in texts {
        for (words, why) in banned {
            assert!(!text.to_lowercase().contains(words), "{path} says “{words}” ({why}): {text}");
        }
    }
}

/// Who may name a table that holds staged rows: the store that writes it. Everybody else reads its view.
const STAGED: [(&str, &[&str]); 12] = [
    ("person", &["people/store.rs"]),
    ("posting", &["postings/store/write.rs"]),
    ("batch", &["postings/store/batches.rs"]),
    ("team", &["postings/store/batches.rs", "postings/store/write.rs"]),
    ("handover", &["handover/store/write.rs", "handover/store/lines.rs"]),
    ("fact", &["spine/facts/store.rs"]),
    ("task", &["spine/tasks.rs"]),
    ("rollup_day", &["spine/facts/store.rs", "spine/facts/shelves.rs", "spine/facts/sums.rs"]),
    ("rollup_month", &["spine/facts/store.rs", "spine/facts/shelves.rs", "spine/facts/sums.rs"]),
    ("rollup_year", &["spine/facts/store.rs", "spine/facts/shelves.rs", "spine/facts/sums.rs"]),
    ("distinct_month", &["spine/facts/store.rs", "spine/facts/shelves.rs"]),
    ("distinct_year", &["spine/facts/store.rs", "spine/facts/shelves.rs"]),
];

#[test]
fn nobody_reads_rows_that_are_not_there_yet() {
    let views: String = files(&[".sql"]).iter().map(|path| read(path)).collect();
    for (table, _) in STAGED {
        assert!(views.contains(&format!("create view live_{table} as")), "{table} has no view for readers");
    }
    let words = |text: &str| {
        let word = |c: char| !(c.is_alphanumeric() || c == '_');
        text.split(word).filter(|word| !word.is_empty()).map(str::to_owned).collect::<Vec<_>>()
    };
    for path in program_files("crates/app/src/") {
        for literal in Source::of(&read(&path)).literals {
            let words = words(&literal);
            for pair in words.windows(2).filter(|pair| matches!(pair[0].as_str(), "from" | "join" | "into" | "update"))
            {
                let Some((table, stores)) = STAGED.iter().find(|(table, _)| *table == pair[1]) else { continue };
                let may = stores.iter().any(|store| path == format!("crates/app/src/{store}"));
                assert!(may, "{path} names {table}; read live_{table}, its writes are in {stores:?}: {literal}");
            }
        }
    }
}
