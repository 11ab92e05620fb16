//! Who is late: overdue tasks by role, and the list behind each figure. What a task is about stays with its holder and the
//! offices above; here stand its place, its role and its days.

use std::collections::{BTreeMap, BTreeSet};

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Cell, Column, CompareRow, Shell, Table, filters},
    i18n::Text,
    kernel::Day,
    text,
    web::{AppError, AppResult},
};

use super::View;
use crate::{accounts::Role, places, spine::tasks, statistics::store, web::Ctx};

/// More are not gone through on one page.
const MOST: i64 = 500;

#[derive(Template)]
#[template(path = "statistics/dashboard/late.html")]
struct LatePage {
    shell: Shell,
    sub: Text,
    table: Table,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    place: String,
    role: Text,
    due: Day,
    days: i64,
}

/// Overdue tasks by role, most first. They are those of today, whatever the period.
pub(super) async fn rows(conn: &mut Conn, view: &View) -> AppResult<Vec<CompareRow>> {
    let mut by_role: BTreeMap<String, (i64, Day)> = BTreeMap::new();
    for (role, _, count, due) in tasks::count_overdue(conn, view.place.area(), view.today).await? {
        let entry = by_role.entry(role).or_insert((0, due));
        *entry = (entry.0 + count, entry.1.min(due));
    }
    let mut roles: Vec<_> = by_role.into_iter().collect();
    roles.sort_by_key(|(_, (count, _))| -count);
    let row = |(role, (count, due)): (String, (i64, Day))| {
        let address = Address::parse("/dashboard/late").with("place", &view.place.to_string());
        CompareRow {
            name: Role::parse(&role).map(|role| Text::key(role.zh())).unwrap_or_default(),
            href: None,
            cells: vec![
                Cell::num(count).link(address.with("role", &role).to_string()),
                Cell::text(Text::data(due.to_string())),
            ],
        }
    };
    Ok(roles.into_iter().map(row).collect())
}

/// The overdue tasks of a place, of one role where the address names it.
pub(in crate::statistics) async fn show(ctx: Ctx) -> AppResult<Response> {
    let (place, address) = (ctx.place()?, Address::parse(&ctx.address));
    let role = match address.get("role") {
        "" => None,
        code => Some(Role::parse(code).ok_or(AppError::NotFound)?),
    };
    let mut conn = ctx.read().await?;
    let found = tasks::overdue(&mut conn, place.area(), ctx.today, role, MOST).await?;
    let names = store::place_names(&mut conn, &found.iter().map(|task| task.division).collect::<BTreeSet<_>>()).await?;
    let row = |task: tasks::Overdue| Row {
        place: names.get(&task.division).cloned().unwrap_or_else(|| task.division.to_string()),
        role: Role::parse(&task.role).map(|role| Text::key(role.zh())).unwrap_or_default(),
        days: ctx.today.days_since(task.due),
        due: task.due,
        href: task.link,
    };
    let name = places::store::find(&mut conn, place).await?.map(|division| division.short()).unwrap_or_default();
    let columns = [text!("地方"), text!("该谁办"), text!("应办"), text!("逾期天数"), text!("去看")];
    let numbered = |(at, head): (usize, Text)| if at == 3 { Column::new(head).num() } else { Column::new(head) };
    let columns = columns.into_iter().enumerate().map(numbered).collect();
    let page = LatePage {
        shell: ctx.shell(&mut conn, text!("逾期未办的事"), Some(place)).await?,
        sub: text!("{place} · {day}", place = name, day = ctx.today),
        // It is looked through, not filed: no exports.
        table: Table {
            xlsx: None, csv: None, ..Table::new(text!("逾期未办的事"), &address, Vec::new(), columns)
        },
        rows: found.into_iter().map(row).collect(),
    };
    Ok(ctx.page(&page))
}
