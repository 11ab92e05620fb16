// Brings what package.json names into ui/node_modules. Included by the build scripts of the crates that embed some of it.

use std::{
    fs,
    path::Path,
    process::{Command, Stdio},
    time::SystemTime,
};

/// Installs when node_modules is missing or older than the lock file. Two build scripts may ask at the same time: the
/// second waits for the first.
pub fn install(ui: &Path) -> Result<(), String> {
    let lock = ui.join("package-lock.json");
    let held = fs::File::open(&lock).map_err(|error| format!("ui/package-lock.json: {error}"))?;
    held.lock().map_err(|error| format!("ui/package-lock.json: {error}"))?;
    // npm notes what it installed in node_modules/.package-lock.json: older than our lock means install again.
    if changed(&ui.join("node_modules/.package-lock.json")) < changed(&lock) {
        step(ui, "npm", &["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])?;
    }
    Ok(())
}

pub fn step(ui: &Path, program: &str, arguments: &[&str]) -> Result<(), String> {
    let said =
        Command::new(program).args(arguments).current_dir(ui).stdin(Stdio::null()).output().map_err(|_| {
            format!("fonts and page assets need Node.js 20 or later with npm: `{program}` was not found")
        })?;
    if said.status.success() {
        return Ok(());
    }
    let why = String::from_utf8_lossy(&said.stderr).trim().replace('\n', " | ");
    Err(format!("`{program} {}` failed in ui/: {why}", arguments.join(" ")))
}

pub fn changed(path: &Path) -> Option<SystemTime> {
    fs::metadata(path).and_then(|meta| meta.modified()).ok()
}
