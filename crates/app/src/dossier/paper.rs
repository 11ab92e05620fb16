//! The file on paper.

use base::{
    kernel::Day,
    web::{AppError, AppResult},
};
use print::{Column, Dossier, Fact, Group, Pair, Picture, Press, Quarter, Section, Side, Table, Watch};

use super::pages::{File, posting};
use crate::{
    log::{Deed, Noted},
    postings::store::ListRow,
};

/// A file as a PDF; slow, so callers in the server run it on a thread of its own.
pub fn paper(file: &File, portrait: Option<Picture>, today: Day) -> AppResult<Vec<u8>> {
    let mut out = Vec::new();
    print::dossier(&Press::new(), &Dossier { portrait, ..data(file, today) }, &mut out, &Watch::none())
        .map_err(|error| AppError::Internal(error.into()))?;
    Ok(out)
}

fn data(file: &File, today: Day) -> Dossier {
    let person = &file.person;
    let some = |text: &Option<String>| text.clone().unwrap_or_default();
    let gender = person.gender().map_or("", |gender| gender.zh());
    let held: Vec<&ListRow> =
        file.postings.iter().filter(|row| matches!(row.state.as_str(), "on_post" | "ended")).collect();
    let now = file.postings.iter().find(|row| row.state == "on_post");
    let rows = held.iter().map(|row| {
        let (village, role, days) = posting(row);
        vec![village, role.to_owned(), row.unit_name.clone().unwrap_or_default(), days]
    });
    let columns = [("派驻村", 2.0), ("驻村职务", 1.4), ("派出单位", 2.0), ("起止", 1.8)];
    let quarters = file.quarters.iter().map(|quarter| Quarter {
        title: format!("{}年第{}季度", quarter.year, quarter.quarter),
        groups: quarter
            .groups
            .iter()
            .map(|group| Group {
                title: group.title.clone(),
                visible: sums(&group.visible),
                groundwork: sums(&group.groundwork),
            })
            .collect(),
    });
    Dossier {
        title: "驻村干部档案".into(),
        name: person.name.clone(),
        post: now.map(|row| format!("{} {}", posting(row).0, posting(row).1)).unwrap_or_default(),
        portrait: None,
        basics: vec![
            Pair::new("性别", gender),
            Pair::new("出生年月", some(&person.birth)),
            Pair::new("民族", some(&person.ethnicity)),
            Pair::new("入党时间", some(&person.party_since)),
            Pair::new("学历", some(&person.education)),
            Pair::new("派出单位", file.unit.clone()),
            Pair::new("现任职务", some(&person.position)),
            Pair::new("职级", some(&person.rank)),
        ],
        postings: Table {
            columns: columns.map(|(head, share)| Column::new(head, share, Side::Left)).into(),
            rows: rows.collect(),
        },
        quarters: quarters.collect(),
        sections: vec![deeds(file), noted(file)],
        keeper: String::new(),
        as_of: today.written(),
    }
}

fn table(columns: &[(&str, f64)], rows: Vec<Vec<String>>) -> Table {
    Table { columns: columns.iter().map(|(head, share)| Column::new(*head, *share, Side::Left)).collect(), rows }
}

fn deeds(file: &File) -> Section {
    let row = |deed: &Deed| {
        let state = if deed.waits { "已报待核" } else { "已计入" };
        let figure = format!("{} {}", deed.amount, deed.unit);
        vec![deed.day.to_string(), deed.village.clone(), deed.name.into(), figure, deed.what.clone(), state.into()]
    };
    let columns = [("日期", 1.6), ("村", 1.4), ("成效", 1.8), ("数量", 1.4), ("是什么", 3.0), ("状态", 1.3)];
    let rows: Vec<_> = file.deeds.iter().map(row).collect();
    Section { title: "日志成效".into(), note: format!("最近 {} 项", rows.len()), table: table(&columns, rows) }
}

fn noted(file: &File) -> Section {
    let row =
        |noted: &Noted| vec![noted.day.to_string(), noted.village.clone(), noted.duty.into(), noted.words.clone()];
    let columns = [("日期", 1.4), ("村", 1.3), ("职责", 1.6), ("做了什么", 6.2)];
    let rows: Vec<_> = file.noted.iter().map(row).collect();
    let note = format!("共 {} 条，这里是最近 {} 条", file.noted_all, rows.len());
    Section { title: "工作日志".into(), note, table: table(&columns, rows) }
}

fn sums(sums: &[(String, String)]) -> Vec<Fact> {
    let fact =
        |(name, figure): &(String, String)| Fact { day: String::new(), what: name.clone(), figure: figure.clone() };
    sums.iter().map(fact).collect()
}
