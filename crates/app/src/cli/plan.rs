//! `lianxin plan`: three tables in, a plan out; no database.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    time::{Duration, Instant},
};

use assign::{Fault, Options, Plan, Progress, Watch, solve, verify};
use base::kernel::Day;
use serde_json::{Value, json};

use super::{
    import::format_of,
    run::{Done, Stop, print_json},
};
use crate::{
    dispatch::{self, Problem, Tables, Which, explain, parameters, written},
    packs::Pack,
};

/// What was typed after `lianxin plan`.
pub struct Order {
    /// Villages, units, people.
    pub files: (PathBuf, PathBuf, PathBuf),
    pub pack: Option<String>,
    pub on: Day,
    pub seed: u64,
    pub work: Option<u64>,
    pub time: Option<f64>,
    pub threads: usize,
    pub out: Option<PathBuf>,
    pub json: bool,
}

/// Reads, plans, writes the plan and says how good it is known to be.
pub fn run(order: &Order) -> Done {
    let began = Instant::now();
    let pack = pack_of(order.pack.as_deref())?;
    let mut tables = Tables::default();
    let mut problems = Vec::new();
    let (villages, units, people) = &order.files;
    for (which, file) in [(Which::Villages, villages), (Which::Units, units), (Which::People, people)] {
        let bytes = std::fs::read(file).map_err(|error| format!("读不了文件 {}：{error}", file.display()))?;
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        problems.extend(dispatch::read(which, &bytes, name, &mut tables).err().into_iter().flatten());
    }
    if !problems.is_empty() {
        return refuse(order, began, problems.iter().map(of_file).collect());
    }
    let Tables { villages, units, people } = tables;
    let problem = assign::Problem { on: order.on.date(), parameters: parameters(&pack), villages, units, people };
    let checked = match problem.check() {
        Ok(checked) => checked,
        Err(faults) => return refuse(order, began, faults.iter().map(of_fault).collect()),
    };
    let until = order.time.map(|seconds| began + Duration::from_secs_f64(seconds));
    let stop = || until.is_some_and(|until| Instant::now() >= until);
    let said = std::cell::Cell::new(Instant::now());
    let tell = |progress: Progress| {
        if said.get().elapsed() > Duration::from_secs(2) {
            said.set(Instant::now());
            eprintln!("已得 {}，上界 {}", progress.objective, progress.bound);
        }
    };
    let options = Options { seed: order.seed, work: order.work, threads: order.threads };
    let plan = solve(&checked, &options, Watch { progress: &tell, stop: &stop });
    // Nothing is written that the rules, read a second time, would not let stand.
    let counted = verify(&checked, &plan).map_err(|breaches| {
        let said: Vec<String> = breaches.iter().map(ToString::to_string).collect();
        format!("计划没有通过复核，没有写出：{}", said.join("；"))
    })?;
    if let Some(out) = &order.out {
        let table = written(&plan).to_bytes(format_of(out))?;
        // Ids alone: the mark that tells Excel of Chinese would only stand in a reader's way.
        let table = table.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&table);
        std::fs::write(out, table).map_err(|error| format!("写不了文件 {}：{error}", out.display()))?;
        eprintln!("计划已写到 {}", out.display());
    }
    let sentences: Vec<String> = plan.unmet.iter().map(|unmet| explain(&checked, unmet)).collect();
    if order.json {
        print_json(&answer(&plan, counted, &sentences, began))?;
    } else {
        say(&plan, &sentences, order.out.as_deref());
    }
    Ok(ExitCode::SUCCESS)
}

fn answer(plan: &Plan, objective: i64, sentences: &[String], began: Instant) -> Value {
    let unmet = |(unmet, sentence): (&assign::Unmet, &String)| {
        json!({
            "village": unmet.village,
            "rules": unmet.stops.iter().map(|stop| json!({ "rule": stop.rule.code(), "units": stop.units })).collect::<Vec<_>>(),
            "step": unmet.step.as_ref().map(|step| json!({ "step": step.code(), "unit": step.unit() })),
            "message": sentence,
        })
    };
    json!({
        "status": plan.status.code(),
        "objective": objective,
        "bound": plan.bound,
        "gap": plan.gap(),
        "assigned": plan.assigned(),
        "teams": plan.teams.len(),
        "covered": plan.covered.len(),
        "unmet": plan.unmet.iter().zip(sentences).map(unmet).collect::<Vec<_>>(),
        "seconds": seconds(began),
    })
}

fn seconds(began: Instant) -> f64 {
    (began.elapsed().as_secs_f64() * 1000.0).round() / 1000.0
}

fn say(plan: &Plan, sentences: &[String], out: Option<&Path>) {
    let word = match plan.status {
        assign::Status::Optimal => "已证明没有更好的",
        assign::Status::Feasible => "还可能有更好的",
    };
    println!("得分 {}，上界 {}，差距 {:.3} %（{word}）。", plan.objective, plan.bound, plan.gap() * 100.0);
    println!(
        "派出 {} 队 {} 人，代管 {} 村，派不出 {} 村。",
        plan.teams.len(),
        plan.assigned(),
        plan.covered.len(),
        plan.unmet.len()
    );
    for sentence in sentences {
        println!("{sentence}");
    }
    if out.is_none() {
        println!("没有写出；用 -o plan.xlsx 或 -o plan.csv 写成表。");
    }
}

struct Wrong {
    json: Value,
    sentence: String,
}

fn of_file(problem: &Problem) -> Wrong {
    let Problem { table, row, column, message } = problem;
    let at = if *row == 0 { String::new() } else { format!("{} 第 {row} 行 {column}：", table.zh()) };
    Wrong {
        json: json!({ "table": table.code(), "row": row, "column": column, "message": message }),
        sentence: format!("{at}{message}"),
    }
}

fn of_fault(fault: &Fault) -> Wrong {
    Wrong { json: json!({ "message": fault.to_string() }), sentence: fault.to_string() }
}

/// No plan: everything that stands against one, at once.
fn refuse(order: &Order, began: Instant, wrong: Vec<Wrong>) -> Done {
    for one in &wrong {
        eprintln!("{}", one.sentence);
    }
    if order.json {
        print_json(&json!({
            "status": "infeasible",
            "objective": null,
            "bound": null,
            "gap": null,
            "assigned": 0,
            "unmet": [],
            "problems": wrong.into_iter().map(|one| one.json).collect::<Vec<_>>(),
            "seconds": seconds(began),
        }))?;
    }
    Ok(ExitCode::FAILURE)
}

fn pack_of(name: Option<&str>) -> Result<Pack, Stop> {
    let packs = Pack::shipped()?;
    let name = name.unwrap_or("default");
    let known: Vec<String> = packs.iter().map(|pack| pack.name.clone()).collect();
    let base = packs.iter().find(|pack| pack.name == "default").cloned();
    let found = packs.into_iter().find(|pack| pack.name == name);
    match (found, base) {
        (Some(found), Some(base)) => Ok(found.over(&base)),
        _ => Err(Stop::from(format!("没有制度包“{name}”；有：{}", known.join("、")))),
    }
}
