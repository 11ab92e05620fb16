//! What may lean on what.

use std::collections::{BTreeMap, BTreeSet};

use super::{program_files, read, source::Source};

/// Each knows the kernel and the registers; none knows another.
const CAPABILITIES: [&str; 13] = [
    "dispatch",
    "postings",
    "presence",
    "log",
    "matters",
    "handover",
    "express",
    "ratings",
    "briefings",
    "forms",
    "statistics",
    "today",
    "imports",
];
/// Stands above capabilities and registers and is called by the roof alone.
const ABOVE: [&str; 4] = ["intake", "dossier", "prints", "search"];
/// Anyone may refer to them; they refer to no capability.
const REGISTERS: [&str; 7] = ["places", "units", "people", "accounts", "packs", "households", "burden"];
/// What every capability writes to.
const SPINE: [&str; 1] = ["spine"];

/// Where the rule is broken, each with its reason. The list may only grow shorter.
const KNOWN: &[(&str, &str, &str)] = &[
    ("postings", "imports", "reading rosters: imports is a library of sheets first, a wizard second"),
    ("presence", "postings", "who holds which post on a day, in presence/posts.rs alone, and the row of tabs of 选派"),
    ("today", "postings", "the tiles of the day and one's own post"),
    ("statistics", "postings", "coverage by the pack, and the words of roles and ledgers"),
    ("places", "postings", "the row of tabs that the pages of 选派 share"),
    ("units", "postings", "the row of tabs that the pages of 选派 share"),
];

/// Words that belong to the programme of posted staff: the base crate is for any other as well.
const BUSINESS: [&str; 12] = [
    "posting",
    "cadre",
    "secretary",
    "dossier",
    "appraisal",
    "contest",
    "pledge",
    "handover",
    "batch_id",
    "驻村",
    "第一书记",
    "选派",
];

fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let mut uses: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for path in program_files("crates/app/src/") {
        let below = path.trim_start_matches("crates/app/src/");
        let module = below.split(['/', '.']).next().unwrap_or_default().to_owned();
        uses.entry(module).or_default().extend(Source::of(&read(&path)).crate_modules());
    }
    uses
}

#[test]
fn capabilities_know_no_other_and_registers_know_none() {
    let uses = uses();
    let mut broken = BTreeSet::new();
    for module in CAPABILITIES.iter().chain(&REGISTERS).chain(&SPINE) {
        let named = uses.get(*module).into_iter().flatten();
        let above = |other: &str| CAPABILITIES.contains(&other) || ABOVE.contains(&other);
        let wrong = named.filter(|other| above(other) && other.as_str() != *module);
        broken.extend(wrong.map(|other| ((*module).to_owned(), other.clone())));
    }
    let known: BTreeSet<_> = KNOWN.iter().map(|(one, other, _)| ((*one).to_owned(), (*other).to_owned())).collect();
    let fresh: Vec<_> = broken.difference(&known).collect();
    assert!(fresh.is_empty(), "leans on a capability: {fresh:?}; what crosses capabilities belongs in flows.rs");
    let mended: Vec<_> = known.difference(&broken).collect();
    assert!(mended.is_empty(), "no longer so, take it out of KNOWN: {mended:?}");
}

#[test]
fn the_base_crate_knows_no_business_word() {
    for path in program_files("crates/base/src/") {
        let source = Source::of(&read(&path));
        let text = format!("{} {}", source.code, source.literals.join(" ")).to_lowercase();
        for word in BUSINESS {
            assert!(!text.contains(word), "{path} says “{word}”");
        }
    }
}
