//! Squeezes the embedded fonts out of ui/node_modules, bringing them first when they are missing.

use std::{env, path::PathBuf};

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
    for source in ["build.rs", "../../ui/install.rs", "../../ui/squeeze.mjs", "../../ui/package-lock.json"] {
        println!("cargo::rerun-if-changed={source}");
    }
    install::install(&ui)?;
    // In OUT_DIR, so that a later clean of ui/node_modules does not break an unchanged build.
    let squeezers = FILES.map(|file| {
        let from = format!("{FONTS}/{file}");
        let to = out.join(format!("{file}.br")).to_string_lossy().into_owned();
        let ui = ui.clone();
        std::thread::spawn(move || install::step(&ui, "node", &["squeeze.mjs", &from, &to]))
    });
    for squeezer in squeezers {
        squeezer.join().map_err(|_| "a font could not be squeezed")??;
    }
    Ok(())
}
