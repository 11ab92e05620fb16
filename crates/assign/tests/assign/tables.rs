//! The three tables of a folder, read as the model names their columns.

use std::path::Path;

use assign::{Category, Level, Parameters, Person, Problem, Unit, Village, split};
use jiff::civil::Date;

/// Reads `villages.csv`, `units.csv` and `people.csv`.
pub fn read(folder: &Path, on: Date) -> Problem {
    let villages = rows(&folder.join("villages.csv")).into_iter().map(|row| Village {
        code: row.text("village_code"),
        name: row.text("name"),
        category: Category::read(&row.text("category")).unwrap(),
        team_size: row.maybe("team_size").map(|cell| cell.parse().unwrap()),
        needs: split(&row.text("needs")),
        fixed_unit: row.maybe("fixed_unit"),
        forbidden_units: split(&row.text("forbidden_units")),
        neighbours: split(&row.text("neighbours")),
    });
    let units = rows(&folder.join("units.csv")).into_iter().map(|row| Unit {
        id: row.text("unit_id"),
        name: row.text("name"),
        level: Level::read(&row.text("level")).unwrap(),
        strong: row.text("strong") == "1",
        home_code: row.text("home_code"),
        max_teams: row.text("max_teams").parse().unwrap(),
        strengths: split(&row.text("strengths")),
    });
    let people = rows(&folder.join("people.csv")).into_iter().map(|row| {
        let gates = row.text("gates");
        let mut gates = gates.split(';').map(|gate| gate == "1");
        Person {
            id: row.text("person_id"),
            name: row.text("name"),
            unit: row.text("unit_id"),
            rank: row.text("rank").parse().unwrap(),
            rank_waived: false,
            birth: row.text("birth").parse().unwrap(),
            party_since: row.maybe("party_since").map(|cell| cell.parse().unwrap()),
            specialities: split(&row.text("specialities")),
            rural: row.text("rural") == "1",
            agri: row.text("agri") == "1",
            reserve: row.text("reserve") == "1",
            home_township: row.maybe("home_township"),
            gates: [0; 3].map(|_| gates.next().unwrap()),
        }
    });
    Problem {
        on,
        parameters: Parameters::default(),
        villages: villages.collect(),
        units: units.collect(),
        people: people.collect(),
    }
}

struct Row(std::collections::HashMap<String, String>);

impl Row {
    fn text(&self, column: &str) -> String {
        self.0.get(column).cloned().unwrap_or_default()
    }

    fn maybe(&self, column: &str) -> Option<String> {
        self.0.get(column).filter(|cell| !cell.is_empty()).cloned()
    }
}

fn rows(path: &Path) -> Vec<Row> {
    let mut reader = csv::Reader::from_path(path).unwrap();
    reader.deserialize().map(|row| Row(row.unwrap())).collect()
}
