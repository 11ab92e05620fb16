//! Tests that hold the house to its own rules (`HOUSE_RULES.md`): what may lean on what, where tables live, what SQL
//! may say, that documents name what exists.

mod actions;
mod documents;
mod floors;
mod source;
mod tables;

use std::{
    fs,
    path::{Path, PathBuf},
};

/// The folder of the whole project.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().expect("the project's folder")
}

/// Folders that hold nothing of ours.
const NOT_OURS: [&str; 6] = [".git", "target", "node_modules", "dist", "out", "testdata"];
/// A demo or a first `serve` run in the project's folder leaves these there.
const NOT_OURS_AT_ROOT: [&str; 2] = ["demo", "data"];

/// The project's own text files with one of these endings, as paths from [`root`].
fn files(endings: &[&str]) -> Vec<String> {
    let root = root();
    let mut found = Vec::new();
    walk(&root, &mut |path| {
        let name = path.strip_prefix(&root).expect("below the root").to_string_lossy().into_owned();
        if endings.iter().any(|ending| name.ends_with(ending)) {
            found.push(name);
        }
    });
    found.sort();
    assert!(!found.is_empty(), "no file ends with {endings:?}");
    found
}

fn walk(folder: &Path, visit: &mut impl FnMut(&Path)) {
    for entry in fs::read_dir(folder).expect("a folder").flatten() {
        let (path, name) = (entry.path(), entry.file_name());
        if path.is_dir() {
            let is = |skip: &&str| name.to_string_lossy() == **skip;
            let skipped = NOT_OURS.iter().any(is) || (folder == root() && NOT_OURS_AT_ROOT.iter().any(is));
            if !skipped {
                walk(&path, visit);
            }
        } else {
            visit(&path);
        }
    }
}

fn read(path: &str) -> String {
    fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// Rust that is compiled into the program: no tests.
fn program_files(below: &str) -> Vec<String> {
    let is_test = |path: &String| {
        path.contains("/tests/") || path.contains("/tidy/") || path.ends_with("/tests.rs") || path.contains("/testing")
    };
    files(&[".rs"]).into_iter().filter(|path| path.starts_with(below) && !is_test(path)).collect()
}
