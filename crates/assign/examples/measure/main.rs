//! Measures the solver: `county DIR [DAY]`, `city [SEED]`, `province [SEED [PEOPLE UNITS]]`, `made VILLAGES PEOPLE UNITS
//! [SEED]` or `growth`. Prints a line each: size, objective, bound, gap, seconds, peak memory, what the checker says.

#![expect(clippy::unwrap_used, reason = "a table that cannot be read ends the measuring")]

#[path = "../../tests/assign/tables.rs"]
mod tables;
mod world;

use std::{path::Path, time::Instant};

use assign::{Options, Problem, Progress, Watch, solve, verify};
use world::Size;

fn main() {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let number = |at: usize, usual: usize| args.get(at).map_or(usual, |cell| cell.parse().unwrap());
    let seed = |at: usize| number(at, 1) as u64;
    println!("villages  people  units  objective      bound   gap %  seconds  peak MB  met  status    checker");
    match args.first().map(String::as_str) {
        Some("county") => {
            let on = args.get(2).map_or("2024-01-18", String::as_str).parse().unwrap();
            measure(tables::read(Path::new(&args[1]), on));
        }
        Some("city") => measure(world::make(Size { villages: 800, people: 2000, units: 480 }, seed(1))),
        Some("province") => {
            let size = Size { villages: 10_253, people: number(2, 30_000), units: number(3, 7_500) };
            measure(world::make(size, seed(1)));
        }
        Some("made") => {
            let size = Size { villages: number(1, 100), people: number(2, 300), units: number(3, 75) };
            measure(world::make(size, seed(4)));
        }
        Some("growth") => {
            for villages in [100, 300, 1000, 3000, 10_000] {
                measure(world::make(Size { villages, people: villages * 3, units: villages * 3 / 4 }, 1));
            }
        }
        Some(_) | None => println!("county DIR [DAY] | city [SEED] | province [SEED [PEOPLE UNITS]] | growth"),
    }
}

fn measure(problem: Problem) {
    let (villages, people, units) = (problem.villages.len(), problem.people.len(), problem.units.len());
    let start = Instant::now();
    let checked = problem.check().unwrap();
    let told = std::env::var_os("TELL").is_some();
    let progress = |now: Progress| {
        if told {
            eprintln!(
                "{:7.2} s {:6.1} cpu  {:>9} {:>9}  {}",
                start.elapsed().as_secs_f64(),
                processor(),
                now.objective,
                now.bound,
                now.work
            );
        }
    };
    let threads = std::env::var("THREADS").map_or(2, |cell| cell.parse().unwrap());
    let plan =
        solve(&checked, &Options { threads, ..Options::default() }, Watch { progress: &progress, stop: &|| false });
    let seconds = start.elapsed().as_secs_f64();
    let word = match verify(&checked, &plan) {
        Ok(counted) => format!("ok {counted}"),
        Err(breaches) => format!("{} breaches, first: {}", breaches.len(), breaches[0]),
    };
    println!(
        "{villages:8} {people:7} {units:6} {:10} {:10} {:7.3} {seconds:8.2} {:8} {:5} {:9} {word}",
        plan.objective,
        plan.bound,
        100.0 * plan.gap(),
        peak(),
        villages - plan.unmet.len(),
        plan.status.code(),
    );
}

/// Seconds of processor time so far, of all threads.
fn processor() -> f64 {
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|cell| cell.parse::<f64>().ok()).sum::<f64>() / 100.0
}

/// The most memory this process has held, in MB.
fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap_or_default();
    line.split_whitespace().nth(1).and_then(|cell| cell.parse::<u64>().ok()).unwrap_or(0) / 1024
}
