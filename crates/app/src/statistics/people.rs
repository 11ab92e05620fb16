//! The people behind one bar of a composition.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Column, Shell, Table, filters},
    i18n::Text,
    kernel::Day,
    sheet::Format,
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{Part, asked, span_text, table_of},
    store::{self, OnPost},
};
use crate::{
    accounts::{Permission, Scope},
    postings::{Ledger, PostRole},
    spine::facts::read::Span,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "statistics/people.html")]
struct PeoplePage {
    shell: Shell,
    sub: Text,
    table: Table,
    rows: Vec<Row>,
}

struct Row {
    href: String,
    name: String,
    village: String,
    village_href: String,
    role: Text,
    ledger: Text,
    unit: String,
    since: Day,
}

/// The class asked for, its name, and its people by village; names only where the viewer may read postings.
async fn load(ctx: &Ctx) -> AppResult<(Text, Day, Vec<Row>)> {
    let address = Address::parse(&ctx.address);
    let part = Part::parse(address.get("by")).ok_or(AppError::NotFound)?;
    let day = asked(&address, ctx.today)?.to;
    let scope = ctx.viewer()?.scope(Permission::PostingsRead);
    let mut conn = ctx.read().await?;
    let people = store::on_post(&mut conn, ctx.place()?.area(), day).await?;
    let mut label = Text::data(address.get("is"));
    let mut found = Vec::new();
    for person in people {
        let class = part.class_of(&person.traits(day));
        if class.code == address.get("is") {
            label = class.label;
            found.push(person);
        }
    }
    let villages = found.iter().map(|person| person.village).collect();
    let names = store::place_names(&mut conn, &villages).await?;
    let rows = found.into_iter().map(|person| row(person, &names, &scope)).collect();
    Ok((text!("{part}：{class}", part = part.label(), class = label), day, rows))
}

fn row(person: OnPost, names: &std::collections::HashMap<base::kernel::DivisionCode, String>, scope: &Scope) -> Row {
    let seen = scope.holds(person.village);
    Row {
        href: format!("/postings/{}/{}", person.county_id, person.id),
        name: if seen { person.person_name } else { "—".into() },
        village: names.get(&person.village).cloned().unwrap_or_else(|| person.village.to_string()),
        village_href: format!("/villages/{}", person.village),
        role: PostRole::parse(&person.role).map_or_else(Text::default, |role| Text::key(role.zh())),
        ledger: Ledger::parse(&person.ledger).map_or_else(Text::default, |ledger| Text::key(ledger.zh())),
        unit: person.unit_name.unwrap_or_default(),
        since: person.since,
    }
}

pub(super) async fn show(ctx: Ctx) -> AppResult<Response> {
    let (class, day, rows) = load(&ctx).await?;
    let columns = [text!("姓名"), text!("村"), text!("职务"), text!("台账"), text!("派出单位"), text!("到岗")];
    let columns = columns.into_iter().map(Column::new).collect();
    let table = Table::new(class.clone(), &Address::parse(&ctx.address), Vec::new(), columns);
    let mut conn = ctx.read().await?;
    let page = PeoplePage {
        shell: ctx.shell(&mut conn, text!("在岗人员"), Some(ctx.place()?)).await?,
        sub: text!("{class} · {span}", class = class, span = span_text(Span { from: None, to: day })),
        table: table.rows(u64::try_from(rows.len()).ok(), base::html::Pager::default()),
        rows,
    };
    Ok(ctx.page(&page))
}

pub(super) async fn export(ctx: Ctx, format: Format) -> AppResult<Response> {
    let (_, _, rows) = load(&ctx).await?;
    let rows = rows.into_iter().map(|row| {
        vec![
            row.name.into(),
            row.village.into(),
            row.role.zh().into(),
            row.ledger.zh().into(),
            row.unit.into(),
            row.since.into(),
        ]
    });
    let headers = ["姓名", "村", "职务", "台账", "派出单位", "到岗日期"];
    ctx.sheet("在岗人员", &table_of("在岗人员", &headers, rows.collect()), format)
}
