//! The plan as others read it: a table, and a sentence for each village that stays without anybody.

use assign::{Checked, Plan, Unmet};
use base::sheet::{Column, Layout, Table, Value};

/// One row a person and one a covered village, in the columns of the contract.
#[must_use]
pub fn written(plan: &Plan) -> Table {
    let columns = ["village_code", "unit_id", "person_id", "role", "covered_by"];
    let layout = Layout::new("plan", columns.into_iter().map(Column::new).collect());
    let row = |village: &str, unit: &str, person: &str, role: &str, by: &str| -> Vec<Value> {
        [village, unit, person, role, by].into_iter().map(Value::from).collect()
    };
    let mut rows = Vec::new();
    for team in &plan.teams {
        rows.push(row(&team.village, &team.unit, &team.leader, "leader", ""));
        rows.extend(team.members.iter().map(|person| row(&team.village, &team.unit, person, "member", "")));
    }
    rows.extend(plan.covered.iter().map(|one| row(&one.village, &one.unit, "", "covered", &one.by)));
    Table { layout, rows }
}

/// Why a village has nobody, and what single step would mend it.
#[must_use]
pub fn explain(checked: &Checked, unmet: &Unmet) -> String {
    let villages = &checked.problem().villages;
    let name = villages.iter().find(|one| one.code == unmet.village).map_or("", |one| one.name.as_str());
    let stop = |stop: &assign::Stop| match stop.units {
        0 => stop.rule.sentence().to_owned(),
        units => format!("{}（{units} 个单位）", stop.rule.sentence()),
    };
    let stops: Vec<String> = unmet.stops.iter().map(stop).collect();
    let step = unmet
        .step
        .as_ref()
        .map_or_else(|| "放宽任何一条都不够".to_owned(), |step| format!("这样就能派：{}", step.sentence()));
    format!("{} {name}：{}。{step}。", unmet.village, stops.join("；"))
}
