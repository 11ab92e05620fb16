//! The register as a sheet: the columns that import reads.

use base::sheet::{Column, Layout, Table};

use super::store::HouseholdRow;
use crate::places;

const HEADERS: [&str; 9] = ["村代码", "乡镇", "村名", "户号", "户主", "村民组", "人口", "户类别", "起始日"];

#[must_use]
pub fn sheet(rows: Vec<HouseholdRow>) -> Table {
    let layout = Layout::new("农户", HEADERS.into_iter().map(Column::new).collect());
    let short = |name: Option<String>| name.map(|name| places::short_name(&name)).unwrap_or_default();
    let rows = rows.into_iter().map(|row| {
        let (status, since) =
            row.standing().map(|(status, since)| (status.zh(), since.to_string())).unwrap_or_default();
        vec![
            row.village.to_string().into(),
            short(row.township_name).into(),
            short(row.village_name).into(),
            row.number.to_string().into(),
            row.head.into(),
            row.team.unwrap_or_default().into(),
            row.members.map(|n| n.to_string()).unwrap_or_default().into(),
            status.into(),
            since.into(),
        ]
    });
    Table { layout, rows: rows.collect() }
}
