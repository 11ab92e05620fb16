//! An empty sheet of a kind, with a sheet that explains its columns.

use base::sheet::{Column, Layout, Table};

use super::columns::Kind;

/// Headers, drop-downs, hints and the sheet 填表说明; no rows.
#[must_use]
pub fn template(kind: &Kind) -> Table {
    let either = |key: &str| kind.either.iter().any(|group| group.contains(&key));
    let column = |field: &super::Field| Column::new(field.header).choices(field.choices).hint(field.hint);
    let mut layout = Layout::new(kind.name, kind.fields.iter().map(column).collect());
    let line = |cells: [&str; 4]| cells.map(str::to_owned).to_vec();
    layout.explanation = vec![
        line([kind.name, "", "一行一条；表头上方可以有标题，列的次序可以变，不用的列可以删去或留空。", ""]),
        line(["列", "要否", "怎样填", "也认得的写法"]),
    ];
    for field in kind.fields {
        let need = match (field.required, either(field.key)) {
            (true, _) => "必填",
            (false, true) => "任填其一",
            (false, false) => "可空",
        };
        let choices =
            if field.choices.is_empty() { String::new() } else { format!("可选：{}。", field.choices.join("、")) };
        let also: Vec<&str> = field.synonyms.iter().copied().take(6).chain([field.key]).collect();
        layout.explanation.push(line([field.header, need, &format!("{}{choices}", field.hint), &also.join("、")]));
    }
    Table { layout, rows: vec![] }
}
