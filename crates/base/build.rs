//! Makes the page assets when they are missing or older than their sources, and a table of them for `web::assets`.

use std::{
    env, fs,
    path::{Path, PathBuf},
};

use install::changed;

#[path = "../../ui/install.rs"]
mod install;

const SOURCES: [&str; 13] = [
    "package.json",
    "package-lock.json",
    ".npmrc",
    "build.mjs",
    "keep.mjs",
    "app.ts",
    "charts.ts",
    "rate.ts",
    "theme.css",
    "public.css",
    "print.css",
    "icons.svg",
    "seal.svg",
];

fn main() {
    if let Err(line) = run() {
        println!("cargo::error={line}");
        std::process::exit(1);
    }
}

fn run() -> Result<(), String> {
    let base = PathBuf::from(env::var("CARGO_MANIFEST_DIR").map_err(|error| error.to_string())?);
    let out = PathBuf::from(env::var("OUT_DIR").map_err(|error| error.to_string())?);
    let ui = base.join("../../ui");
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=../../ui/install.rs");
    for source in SOURCES {
        println!("cargo::rerun-if-changed=../../ui/{source}");
    }
    let manifest = ui.join("dist/manifest.txt");
    let newest = SOURCES.iter().filter_map(|source| changed(&ui.join(source))).max();
    if changed(&manifest) < newest {
        bundle(&ui)?;
    }
    let manifest = fs::read_to_string(&manifest).map_err(|error| format!("ui/dist/manifest.txt: {error}"))?;
    let mut table = String::from("static ASSETS: &[Asset] = &[\n");
    for line in manifest.lines() {
        let mut parts = line.split('\t');
        let (Some(name), Some(file), Some(mime)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(format!("ui/dist/manifest.txt: not understood: {line}"));
        };
        // Copies, so that a later clean of ui/dist does not break an unchanged build.
        for tail in ["", ".gz", ".br"] {
            let from = ui.join("dist").join(format!("{file}{tail}"));
            fs::copy(&from, out.join(format!("{file}{tail}")))
                .map_err(|error| format!("{}: {error}", from.display()))?;
        }
        let bytes = |tail: &str| format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{file}{tail}\"))");
        table.push_str(&format!(
            "    Asset {{ name: {name:?}, file: {file:?}, url: \"/assets/{file}\", mime: {mime:?}, raw: {}, gzip: {}, br: {} }},\n",
            bytes(""),
            bytes(".gz"),
            bytes(".br")
        ));
    }
    table.push_str("];\n");
    fs::write(out.join("assets.rs"), table).map_err(|error| format!("assets.rs: {error}"))
}

fn bundle(ui: &Path) -> Result<(), String> {
    install::install(ui)?;
    install::step(ui, "node", &["build.mjs"])
}
