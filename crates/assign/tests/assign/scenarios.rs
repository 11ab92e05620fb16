//! Small problems by hand, with the plan expected of each and every plan there is to hold it against.

use std::{fmt::Write, path::Path};

use assign::{Locks, Options, Plan, Status, Watch, solve, verify};
use jiff::civil::date;

use crate::{brute, tables};

/// A plan as lines of text, reasons included.
fn text(plan: &Plan) -> String {
    let mut text = format!("objective {}\n", plan.objective);
    for team in &plan.teams {
        let _ = write!(text, "{} {} {} {}", team.village, team.unit, team.leader, team.members.join(" "));
        let _ = writeln!(text, " = {}", team.why.points);
        let _ = writeln!(text, "  needs ∩ strengths: {}", team.why.strengths.join("、"));
        for merit in &team.why.merits {
            let flags =
                [("rural", merit.rural), ("agri", merit.agri), ("reserve", merit.reserve), ("young", merit.young)];
            let flags: Vec<&str> = flags.iter().filter(|(_, has)| *has).map(|(name, _)| *name).collect();
            let words = [merit.specialities.join("、"), flags.join(" ")].join(" ");
            let _ = writeln!(text, "  {} {} {}", merit.person, merit.points, words.trim());
        }
    }
    for line in &plan.covered {
        let _ = writeln!(text, "{} {} covered by {}", line.village, line.unit, line.by);
    }
    for line in &plan.unmet {
        let stops: Vec<String> = line.stops.iter().map(|stop| format!("{} {}", stop.rule.code(), stop.units)).collect();
        let step = line.step.as_ref().map(|step| format!("{} {}", step.code(), step.unit()));
        let _ = writeln!(text, "{} unmet: {}; {}", line.village, stops.join(", "), step.unwrap_or("no step".into()));
    }
    text.lines().map(str::trim_end).collect::<Vec<_>>().join("\n") + "\n"
}

fn holds(name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("scenarios").join(name);
    let checked = tables::read(&folder, date(2025, 6, 30)).check().unwrap();
    let plan = solve(&checked, &Options::default(), Watch::none());
    assert_eq!(verify(&checked, &plan), Ok(plan.objective));
    assert_eq!(plan.status, Status::Optimal);
    assert_eq!(brute::best(checked.problem(), &Locks::default()).1, plan.objective, "of all plans");
    let file = folder.join("expected.txt");
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&file, text(&plan)).unwrap();
    }
    let expected = std::fs::read_to_string(file).unwrap_or_default();
    assert!(text(&plan) == expected, "expected:\n{expected}\nplanned:\n{}", text(&plan));
}

#[test]
fn a_model_village_covers_two_neighbours_that_allow_its_unit() {
    holds("covering");
}

#[test]
fn heavy_villages_take_province_city_or_strong_county_units() {
    holds("heavy");
}

#[test]
fn who_may_not_lead_or_go_is_left_out() {
    holds("leaders");
}

#[test]
fn fixed_and_forbidden_units_are_kept_and_any_separator_is_read() {
    holds("fixed");
}

#[test]
fn what_is_scarce_goes_where_it_counts_most() {
    holds("scarce");
}
