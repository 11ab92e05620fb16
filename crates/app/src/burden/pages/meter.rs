//! What forms cost, for those who fill them: a page for staff, a file, and a page for anyone.

use std::{cmp::Reverse, collections::BTreeMap};

use askama::Template;
use axum::response::Response;
use base::{
    db::Conn,
    html::{Address, Chart, Choice, Column, Filter, FilterKind, Link, Pages, Shell, Table, Tile, filters},
    i18n::{Lang, Text},
    kernel::{CountyId, DivisionCode, Level, Month},
    sheet::{Column as SheetColumn, Format, Layout, Table as Sheet, Value},
    text,
    web::{AppError, AppResult},
};

use super::{switches, views};
use crate::{
    accounts::Role,
    burden::meter::{self, Demand, Line, Sums},
    places,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "burden/meter.html")]
struct MeterPage {
    shell: Shell,
    views: Vec<Link>,
    counties: Vec<Link>,
    public: String,
    tiles: Vec<Tile>,
    trend: Option<Chart>,
    demands: Vec<DemandRow>,
    table: Table,
    rows: Vec<Row>,
    uncounted: Vec<Text>,
}

#[derive(Template)]
#[template(path = "burden/public_meter.html")]
struct PublicPage {
    shell: Shell,
    counties: Vec<Link>,
    total: Sums,
    months: Vec<(String, Sums)>,
    roles: Vec<(Text, Sums)>,
    demands: Vec<DemandRow>,
    on: Vec<switches::Line>,
    uncounted: Vec<Text>,
}

/// A form over the whole time.
struct DemandRow {
    form: Text,
    by: Text,
    basis: Text,
    href: String,
    sums: Sums,
}

/// A form of a role in a month.
struct Row {
    month: String,
    who: Text,
    what: Text,
    by: Text,
    sums: Sums,
}

/// The county a page shows: the one asked for, otherwise one's own, otherwise the first that has sums.
fn county_of(ctx: &Ctx, counties: &[CountyId]) -> AppResult<CountyId> {
    let home = ctx.guest_or_viewer().map(|viewer| viewer.home.county());
    match Address::parse(&ctx.address).get("place") {
        "" => {
            let own = home.filter(|home| counties.contains(home)).or(counties.first().copied()).or(home);
            Ok(own.unwrap_or(DivisionCode::NATION.county()))
        }
        text => DivisionCode::parse(text).map(DivisionCode::county).ok_or(AppError::NotFound),
    }
}

/// The counties to choose from, where there are several.
async fn choices(conn: &mut Conn, path: &str, counties: &[CountyId], shown: CountyId) -> AppResult<Vec<Link>> {
    if counties.len() < 2 {
        return Ok(Vec::new());
    }
    let mut names = BTreeMap::new();
    for level in [Level::City, Level::County] {
        let known = places::store::at_level(conn, DivisionCode::NATION, level).await?;
        names.extend(known.into_iter().map(|division| (division.code, division.name)));
    }
    let link = |county: &CountyId| {
        let place = county.division().to_string();
        let name = names.get(&county.division()).unwrap_or(&place);
        let href = Address::parse(path).with("place", &place).to_string();
        Link { on: *county == shown, ..Link::new(Text::data(name), href) }
    };
    Ok(counties.iter().map(link).collect())
}

fn uncounted() -> Vec<Text> {
    meter::demands().iter().filter(|one| !one.is_counted()).map(|one| Text::key(one.basis)).collect()
}

const OTHER: &str = "other";

fn role_code(role: Option<Role>) -> &'static str {
    role.map_or(OTHER, Role::code)
}

fn form_code(form: Option<&'static Demand>) -> &'static str {
    form.map_or(OTHER, |form| form.path)
}

fn demand_rows(lines: &[Line], address: &Address) -> Vec<DemandRow> {
    let mut forms: Vec<_> = meter::by(lines, |line| line.form).into_iter().collect();
    // What is left when small ones are folded stands last, however much it is.
    forms.sort_by_key(|(form, sums)| (form.is_none(), Reverse(sums.seconds), Reverse(sums.forms), *form));
    let row = |(form, sums): (Option<&'static Demand>, Sums)| DemandRow {
        form: form.map_or_else(|| text!("其他表"), Demand::label),
        by: form.map(|form| Text::key(form.by)).unwrap_or_default(),
        basis: form.map(|form| Text::key(form.basis)).unwrap_or_default(),
        href: format!("{}#lines", address.with("form", form_code(form))),
        sums,
    };
    forms.into_iter().map(row).collect()
}

/// The lines that an address asks for, in its order.
fn chosen(lines: &[Line], address: &Address) -> Vec<Line> {
    let (month, role, form) = (address.get("month"), address.get("role"), address.get("form"));
    let wanted = |line: &&Line| {
        (month.is_empty() || line.month.to_string() == month)
            && (role.is_empty() || role_code(line.role) == role)
            && (form.is_empty() || form_code(line.form) == form)
    };
    let mut lines: Vec<Line> = lines.iter().filter(wanted).copied().collect();
    let sort = address.get("sort");
    let key = |line: &Line| match sort.trim_start_matches('-') {
        "forms" => line.sums.forms,
        "fields" => line.sums.fields,
        "minutes" => line.sums.seconds,
        "returned" => line.sums.returned,
        "again" => line.sums.again,
        _ => 0,
    };
    // Newest first, and equal ones in that order.
    lines.sort_by_key(|line| (Reverse(line.month), line.role.is_none(), line.role, line.form.is_none(), line.form));
    if sort.starts_with('-') {
        lines.sort_by_key(|line| Reverse(key(line)));
    } else {
        lines.sort_by_key(key);
    }
    lines
}

fn table(lines: &[Line], address: &Address) -> Table {
    let all = || std::iter::once(Choice::new("", text!("全部")));
    let months = meter::by(lines, |line| line.month).into_keys().rev();
    let months = all().chain(months.map(|month| Choice::new(month.to_string(), Text::data(month.to_string()))));
    let roles = meter::by(lines, |line| (line.role.is_none(), line.role)).into_keys();
    let role = |(_, role): (bool, Option<Role>)| {
        Choice::new(role_code(role), role.map_or_else(|| text!("其他岗位"), Role::label))
    };
    let forms = meter::by(lines, |line| (line.form.is_none(), line.form)).into_keys();
    let form = |(_, form): (bool, Option<&'static Demand>)| {
        Choice::new(form_code(form), form.map_or_else(|| text!("其他表"), Demand::label))
    };
    let field = |name, label, choices| Filter {
        name,
        label,
        kind: FilterKind::Select(choices),
        value: address.get(name).to_owned(),
    };
    let fields = vec![
        field("month", text!("月份"), months.collect()),
        field("role", text!("谁填的"), all().chain(roles.map(role)).collect()),
        field("form", text!("表"), all().chain(forms.map(form)).collect()),
    ];
    let sum = |label, key| Column::new(label).num().sort(address, key);
    let columns = vec![
        Column::new(text!("表")),
        Column::new(text!("月份")),
        Column::new(text!("谁填的")),
        Column::new(text!("谁要求的")),
        sum(text!("份"), "forms"),
        sum(text!("栏"), "fields"),
        sum(text!("分钟"), "minutes"),
        sum(text!("退回重填"), "returned"),
        sum(text!("同数又填"), "again"),
    ];
    Table::new(text!("填报负担"), address, fields, columns)
}

fn row(line: &Line) -> Row {
    Row {
        month: line.month.to_string(),
        who: line.who(),
        what: line.what(),
        by: line.form.map(|form| Text::key(form.by)).unwrap_or_default(),
        sums: line.sums,
    }
}

fn tiles(sums: &Sums, address: &Address) -> Vec<Tile> {
    let tile = |label, figure: i64, unit, sort: &str, note| Tile {
        label,
        figure: figure.to_string(),
        unit,
        href: Some(format!("{}#lines", address.with("sort", sort))),
        state: None,
        note,
    };
    let each = text!("每份 {n} 栏", n = sums.fields_each());
    let long = text!("每份 {n} 分钟", n = sums.minutes_each());
    vec![
        tile(text!("送出的表"), sums.forms, text!("份"), "-forms", text!("近 12 个月")),
        tile(text!("填写的栏"), sums.fields, text!("栏"), "-fields", each),
        tile(text!("花的时间"), sums.minutes(), text!("分钟"), "-minutes", long),
        tile(text!("退回重填"), sums.returned, text!("次"), "-returned", Text::default()),
        tile(text!("同数又填"), sums.again, text!("次"), "-again", Text::default()),
    ]
}

/// A count as charts and sheets take it.
fn plain(count: i64) -> f64 {
    u32::try_from(count).map_or(f64::MAX, f64::from)
}

/// Forms and minutes by month; nothing where there are fewer than two months to compare.
fn trend(lines: &[Line], address: &Address, lang: Lang) -> Option<Chart> {
    let months = meter::by(lines, |line| line.month);
    if months.len() < 2 {
        return None;
    }
    let label = |month: &Month| {
        let month = month.to_string();
        let href = format!("{}#lines", address.with("month", &month));
        (month, Some(href))
    };
    let labels: Vec<_> = months.keys().map(label).collect();
    let series = |name: Text, figure: fn(&Sums) -> i64| {
        (name.in_lang(lang), months.values().map(|sums| plain(figure(sums))).collect())
    };
    let series = [series(text!("份"), |sums| sums.forms), series(text!("分钟"), Sums::minutes)];
    Some(Chart::series("bar", text!("每月送出的表和花的时间"), &labels, &series))
}

pub async fn show(ctx: Ctx) -> AppResult<Response> {
    let address = Address::parse(&ctx.address);
    let mut conn = ctx.read().await?;
    let counties = meter::counties(&mut conn).await?;
    let county = county_of(&ctx, &counties)?;
    let lines = meter::published(&mut conn, county, ctx.today).await?;
    let place = county.division().to_string();
    let whole = Address::parse("/burden").with("place", &place);
    let shown = chosen(&lines, &address);
    let pages = Pages::sized(&address, 25);
    let mut shell = ctx.shell(&mut conn, text!("填报负担"), Some(county.division())).await?;
    let trend = trend(&lines, &whole, ctx.prefs.lang);
    shell.charts = trend.is_some();
    let page = MeterPage {
        shell,
        views: views(&ctx, "/burden"),
        counties: choices(&mut conn, "/burden", &counties, county).await?,
        public: Address::parse("/public/burden").with("place", &place).to_string(),
        tiles: tiles(&meter::total(&lines), &whole),
        trend,
        demands: demand_rows(&lines, &whole),
        table: table(&lines, &address).rows(Some(shown.len() as u64), pages.pager(&address, shown.len())),
        rows: pages.cut(&shown).map(row).collect(),
        uncounted: uncounted(),
    };
    Ok(ctx.page(&page))
}

async fn export(ctx: &Ctx, format: Format) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let county = county_of(ctx, &meter::counties(&mut conn).await?)?;
    let lines = meter::published(&mut conn, county, ctx.today).await?;
    let lines = chosen(&lines, &Address::parse(&ctx.address));
    let headers =
        ["月份", "谁填的", "表", "谁要求的", "依据", "份", "栏", "分钟", "有用时的份", "退回重填", "同数又填"];
    let layout = Layout::new("填报负担", headers.into_iter().map(SheetColumn::new).collect());
    let row = |line: &Line| -> Vec<Value> {
        vec![
            line.month.to_string().into(),
            line.who().zh().into(),
            line.what().zh().into(),
            line.form.map(|form| form.by).into(),
            line.form.map(|form| form.basis).into(),
            plain(line.sums.forms).into(),
            plain(line.sums.fields).into(),
            plain(line.sums.minutes()).into(),
            plain(line.sums.timed).into(),
            plain(line.sums.returned).into(),
            plain(line.sums.again).into(),
        ]
    };
    ctx.sheet("填报负担", &Sheet { layout, rows: lines.iter().map(row).collect() }, format)
}

pub async fn xlsx(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Xlsx).await
}

pub async fn csv(ctx: Ctx) -> AppResult<Response> {
    export(&ctx, Format::Csv).await
}

/// The same sums, and the switches that are on, for anyone.
pub async fn public(ctx: Ctx) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    let counties = meter::counties(&mut conn).await?;
    let county = county_of(&ctx, &counties)?;
    let lines = meter::published(&mut conn, county, ctx.today).await?;
    let months = meter::by(&lines, |line| line.month).into_iter().rev();
    let roles = meter::by(&lines, |line| (line.role.is_none(), line.role)).into_iter();
    let role =
        |((_, role), sums): ((bool, Option<Role>), Sums)| (role.map_or_else(|| text!("其他岗位"), Role::label), sums);
    let place = places::store::find(&mut conn, county.division()).await?.map(|division| division.name);
    let title = match place {
        Some(name) => text!("{place}填报负担公示", place = name),
        None => text!("填报负担公示"),
    };
    let page = PublicPage {
        shell: ctx.bare_shell(title),
        counties: choices(&mut conn, "/public/burden", &counties, county).await?,
        total: meter::total(&lines),
        months: months.map(|(month, sums)| (month.to_string(), sums)).collect(),
        roles: roles.map(role).collect(),
        demands: demand_rows(&lines, &Address::parse("/public/burden")),
        on: switches::on_now(&mut conn, county, ctx.today).await?,
        uncounted: uncounted(),
    };
    Ok(ctx.page(&page))
}
