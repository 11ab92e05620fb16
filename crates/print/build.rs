//! Copies the embedded fonts out of ui/node_modules, bringing them first when they are missing.

use std::{env, fs, path::PathBuf};

#[path = "../../ui/install.rs"]
mod install;

const FONTS: &str = "node_modules/@embedpdf/fonts-sc/fonts";
const FILES: [&str; 2] = ["NotoSansHans-Regular.otf", "NotoSansHans-Bold.otf"];

fn main() {
    if let Err(line) = run() {
        println!("cargo::error={line}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let print = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let ui = print.join("../../ui");
    for source in ["build.rs", "../../ui/install.rs", "../../ui/package-lock.json"] {
        println!("cargo::rerun-if-changed={source}");
    }
    install::install(&ui)?;
    for file in FILES {
        let from = ui.join(FONTS).join(file);
        // A copy, so that a later clean of ui/node_modules does not break an unchanged build.
        fs::copy(&from, out.join(file)).map_err(|error| format!("{}: {error}", from.display()))?;
    }
    Ok(())
}
