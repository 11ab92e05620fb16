//! Documents that name what exists, files of a readable size, nothing that belongs to one machine.

use std::path::Path;

use super::{files, read, root};

const LONGEST: usize = 600;

#[test]
fn files_are_of_a_size_one_reads() {
    for path in files(&[".rs", ".html", ".ts", ".mjs", ".css", ".sql", ".toml", ".md"]) {
        let lines = read(&path).lines().count();
        assert!(lines <= LONGEST, "{path} has {lines} lines; {LONGEST} is the most: split it by noun");
    }
}

/// Paths in backticks and links of a document: those that look like a file or folder of this project.
fn paths(text: &str) -> Vec<String> {
    let in_ticks = text.split('`').skip(1).step_by(2).flat_map(str::split_whitespace).map(str::to_owned);
    let links = text.split("](").skip(1).filter_map(|tail| tail.split([')', ' ']).next()).map(str::to_owned);
    let clean = |path: String| path.split('#').next().unwrap_or_default().trim_end_matches([',', ';', '.']).to_owned();
    let tops = ["crates/", "bin/", "docs/", "migrations/", "ui/", "e2e/", "packs/", "locales/", ".ci/"];
    let link_like =
        |path: &str| tops.iter().any(|top| path.starts_with(top)) || (path.ends_with(".md") && !path.contains("://"));
    let open = |path: &str| path.contains(['*', '<', '{', '…', '$']);
    in_ticks.chain(links).map(clean).filter(|path| link_like(path) && !open(path)).collect()
}

#[test]
fn every_path_that_a_document_names_exists() {
    let mut missing = Vec::new();
    for document in files(&[".md"]) {
        let beside = root().join(Path::new(&document).parent().unwrap_or(Path::new("")));
        for path in paths(&read(&document)) {
            if !root().join(&path).exists() && !beside.join(&path).exists() {
                missing.push(format!("{document}: {path}"));
            }
        }
    }
    assert!(missing.is_empty(), "named, but not there:\n{}", missing.join("\n"));
}

#[test]
fn nothing_belongs_to_one_machine() {
    let mut named =
        files(&[".rs", ".html", ".ts", ".mjs", ".css", ".sql", ".toml", ".md", ".json", "bin/test", "bin/setup"]);
    named.extend(files(&["bin/dev", "bin/bench", "bin/with-postgres", ".ci/run"]));
    for path in named {
        let text = read(&path);
        for folder in ["root", "work", "home", "Users"] {
            for before in ["\"", " ", "`", "(", "="] {
                let machine = format!("{before}/{folder}/");
                assert!(!text.contains(&machine), "{path} names a folder of one machine: {machine}");
            }
        }
    }
}

#[test]
fn lock_files_name_no_registry() {
    for path in files(&["package-lock.json"]) {
        assert!(
            !read(&path).contains("\"resolved\""),
            "{path}: omit-lockfile-registry-resolved=true belongs in .npmrc"
        );
    }
    let sources = read("Cargo.lock");
    for line in sources.lines().filter(|line| line.starts_with("source = ")) {
        assert!(line.contains("registry+https://github.com/rust-lang/crates.io-index"), "{line}");
    }
}
