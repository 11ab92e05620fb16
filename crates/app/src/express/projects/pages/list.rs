//! The library as a list, and the same as a file.

use askama::Template;
use axum::response::Response;
use base::{
    html::{Address, Choice, Column, Filter as Field, FilterKind, Link, Pages, Shell, State as Shown, Table, filters},
    i18n::Text,
    kernel::Fen,
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::AppResult,
};

use super::{
    super::{
        rules::{Kind, Stage},
        store::{self, Filter, Line},
    },
    pill,
};
use crate::{
    accounts::Permission,
    express::{COUNTED, EXPORT, section},
    places::short_name,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "express/projects/projects.html")]
struct ListPage {
    shell: Shell,
    views: Vec<Link>,
    table: Table,
    rows: Vec<Row>,
    may_write: bool,
}

struct Row {
    href: String,
    name: String,
    village: String,
    township: String,
    kind: Text,
    unit: String,
    budget: String,
    progress: i64,
    stage: Shown,
    is_late: bool,
    due: String,
}

fn filter_of(address: &Address) -> Filter {
    let words = Some(address.get("words").trim().to_owned()).filter(|value| !value.is_empty());
    Filter {
        kind: Kind::parse(address.get("kind")).map(Kind::code),
        stage: Stage::parse(address.get("stage")).map(Stage::code),
        words,
        unit_id: None,
    }
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let place = ctx.place().ok();
    let scope = place.map_or_else(|| ctx.scope.clone(), |place| ctx.scope.within(place));
    let filter = filter_of(&address);
    let pages = Pages::of(&address);
    let mut conn = ctx.read().await?;
    let total = store::count(&mut conn, &scope, &filter).await?;
    let (limit, offset) = pages.span();
    let rows = store::list(&mut conn, &scope, &filter, limit, offset).await?;
    let all = || std::iter::once(Choice::new("", text!("全部")));
    let kinds = all().chain(crate::express::choices(&Kind::ALL, Kind::code, Kind::zh)).collect();
    let stages = all().chain(crate::express::choices(&Stage::ALL, Stage::code, Stage::zh)).collect();
    let field = |name, label, kind| Field { name, label, kind, value: address.get(name).to_owned() };
    let fields = vec![
        field("words", text!("项目名称"), FilterKind::Words),
        field("kind", text!("类别"), FilterKind::Select(kinds)),
        field("stage", text!("阶段"), FilterKind::Select(stages)),
    ];
    let columns = vec![
        Column::new(text!("项目")),
        Column::new(text!("类别")),
        Column::new(text!("捆绑单位")),
        Column::new(text!("总投资（万元）")).num(),
        Column::new(text!("进度")).num(),
        Column::new(text!("阶段")),
        Column::new(text!("下一步期限")),
    ];
    let table = Table::new(text!("项目库"), &address, fields, columns)
        .rows(total.and_then(|n| u64::try_from(n).ok()), pages.pager(&address, total.unwrap_or(COUNTED)));
    let row = |line: Line| {
        let stage = Stage::parse(&line.stage).unwrap_or(Stage::Stopped);
        Row {
            href: format!("/projects/{}/{}", line.county_id, line.id),
            village: short_name(&line.village_name.unwrap_or_else(|| line.village.to_string())),
            township: line.township_name.unwrap_or_default(),
            kind: Kind::parse(&line.kind).map(|kind| Text::key(kind.zh())).unwrap_or_default(),
            unit: line.unit_name.unwrap_or_default(),
            budget: Fen(line.budget).to_string(),
            progress: line.progress,
            stage: pill(stage),
            is_late: stage.is_open() && line.due.is_some_and(|due| due < ctx.today),
            due: line.due.map(|due| due.to_string()).unwrap_or_default(),
            name: line.name,
        }
    };
    let rows = rows.into_iter().map(row).collect();
    let shell = ctx.shell(&mut conn, text!("项目库"), place).await?;
    let may_write = ctx.may(Permission::ProjectsWrite);
    Ok(ctx.page(&ListPage { shell, views: section(&ctx, "/projects"), table, rows, may_write }))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let scope = ctx.place().map_or_else(|_| ctx.scope.clone(), |place| ctx.scope.within(place));
    let mut conn = ctx.read().await?;
    let rows = store::list(&mut conn, &scope, &filter_of(&address), EXPORT, 0).await?;
    let headers = [
        "项目",
        "类别",
        "乡镇",
        "村",
        "村代码",
        "目标",
        "捆绑单位",
        "负责人",
        "总投资（万元）",
        "已支出（万元）",
        "进度（%）",
        "阶段",
        "阶段起",
        "下一步期限",
        "编号",
    ];
    let layout = Layout::new("项目库", headers.into_iter().map(SheetColumn::new).collect());
    let row = |line: Line| -> Vec<Value> {
        vec![
            line.name.into(),
            Kind::parse(&line.kind).map(Kind::zh).into(),
            line.township_name.into(),
            line.village_name.as_deref().map(short_name).into(),
            line.village.to_string().into(),
            line.goal.into(),
            line.unit_name.into(),
            line.person_name.into(),
            Value::Number(Fen(line.budget).wan()),
            Value::Number(Fen(line.spent).wan()),
            line.progress.to_string().into(),
            Stage::parse(&line.stage).map(Stage::zh).into(),
            line.stage_since.to_string().into(),
            line.due.map(|due| due.to_string()).into(),
            line.id.into(),
        ]
    };
    ctx.sheet("项目库", &Sheet { layout, rows: rows.into_iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}
