//! A figure opened: its value, its rule in words, and the records it is computed from.

use askama::Template;
use axum::{extract::Path, response::Response};
use base::{
    db::Conn,
    html::{Address, Column, Fact, Filter, FilterKind, Link, Pages, Shell, Table, filters},
    i18n::Text,
    kernel::{Day, DivisionCode, Level},
    sheet::{Format, Value},
    text,
    web::{AppError, AppResult},
};

use super::{
    rules::{asked, figure_href, how_text, number, span_text, table_of},
    sealed,
    store::{self, Names},
    values::{count_of, records_of},
};
use crate::{
    accounts::{Permission, Scope},
    places,
    spine::facts::{
        Catalogue, How, Indicator,
        read::{self, Credit, Place, Record, Slice, Span},
    },
    units,
    web::Ctx,
};

#[derive(Template)]
#[template(path = "statistics/figure.html")]
struct FigurePage {
    shell: Shell,
    sub: Text,
    value: String,
    unit: Text,
    rule: Text,
    /// Numerator and denominator of a share.
    halves: Vec<Fact>,
    sealed: bool,
    /// Why the value is not said.
    withheld: Option<Text>,
    table: Table,
    rows: Vec<Row>,
    more_days: Vec<Link>,
}

struct Row {
    day: Day,
    amount: String,
    village: String,
    village_href: String,
    person: String,
    unit: String,
    source: Text,
    source_href: String,
}

/// What is asked of a figure: which, where, when, and whose names the viewer may read.
struct Asked {
    indicator: &'static Indicator,
    place: DivisionCode,
    span: Span,
    /// What the figure is narrowed to: a unit, or what no part of the place has.
    slice: Slice,
    address: Address,
    names: Scope,
}

impl Asked {
    fn of(ctx: &Ctx, code: &str) -> AppResult<Self> {
        let indicator = Catalogue::get().find(code).ok_or(AppError::NotFound)?;
        let address = Address::parse(&ctx.address);
        let names = ctx.viewer()?.scope(Permission::PostingsRead);
        let slice = slice(&address)?;
        let span = asked(&address, ctx.today)?;
        Ok(Self { indicator, place: ctx.place()?, span, slice, address, names })
    }

    async fn whole(&self, conn: &mut Conn) -> AppResult<Place> {
        Ok(places::store::with_predecessors(conn, self.place).await?.sliced(self.slice.clone()))
    }

    /// Another figure, or another day, narrowed to the same.
    fn href(&self, code: &str, span: Span, today: Day) -> String {
        let address = Address::parse(&figure_href(code, self.place, span, today));
        address.with("unit", self.address.get("unit")).with("own", self.address.get("own")).to_string()
    }

    fn title(&self) -> Text {
        Text::key(self.indicator.name.as_str())
    }
}

/// `unit=` an id or `none`, `own=` the level that what is counted does not reach.
fn slice(address: &Address) -> AppResult<Slice> {
    let credit = match address.get("unit") {
        "" => Credit::Any,
        "none" => Credit::Nobody,
        id => Credit::Unit(id.to_owned()),
    };
    let above = match address.get("own") {
        "" => None,
        code => Some(Level::parse(code).ok_or(AppError::NotFound)?),
    };
    Ok(Slice { credit, above })
}

/// What the figure is narrowed to, in words.
async fn slice_text(conn: &mut Conn, slice: &Slice) -> AppResult<Text> {
    let credit = match &slice.credit {
        Credit::Any => Text::default(),
        Credit::Nobody => text!("只算没有记到单位的"),
        Credit::Unit(id) => {
            let unit = units::store::find(conn, id).await?.ok_or(AppError::NotFound)?;
            text!("只算记给{unit}的", unit = unit.name)
        }
    };
    Ok(match slice.above {
        Some(level) if credit.is_empty() => text!("只算没有记到{level}的", level = Text::key(level.zh())),
        Some(level) => text!("{credit}，没有记到{level}", credit = credit, level = Text::key(level.zh())),
        None => credit,
    })
}

pub(super) async fn show(Path(code): Path<String>, ctx: Ctx) -> AppResult<Response> {
    let mut asked = Asked::of(&ctx, &code)?;
    let mut conn = ctx.read().await?;
    let place = asked.whole(&mut conn).await?;
    let months = sealed::told(asked.indicator, asked.span, ctx.today);
    asked.span = months.unwrap_or(asked.span);
    let amount = read::value(&mut conn, asked.indicator, &place, asked.span).await?;
    let floor = ctx.pack(&mut conn, asked.place.county()).await?.sealed_floor();
    let withheld = match months {
        None => Some(sealed::Withheld::NoMonth),
        Some(span) => sealed::withheld(&mut conn, asked.indicator, &place, (span, amount), floor).await?,
    };
    let withheld = withheld.map(|why| why.reason(floor));
    let is_share = matches!(asked.indicator.how, How::Share { .. });
    let (total, rows) = if is_share || asked.indicator.sealed {
        (0, Vec::new())
    } else {
        let total = count_of(&mut conn, asked.indicator, &place, asked.span).await?;
        (total, page_of(&mut conn, &asked, &place, total).await?)
    };
    let name = places::store::find(&mut conn, asked.place).await?.map(|division| division.short()).unwrap_or_default();
    let sub = text!("{place} · {span}", place = name, span = span_text(asked.span));
    let narrowed = slice_text(&mut conn, &asked.slice).await?;
    let page = FigurePage {
        shell: ctx.shell(&mut conn, asked.title(), Some(asked.place)).await?,
        sub: if narrowed.is_empty() { sub } else { text!("{sub} · {narrowed}", sub = sub, narrowed = narrowed) },
        value: number(asked.indicator, amount).to_string(),
        unit: Text::key(asked.indicator.unit.as_str()),
        rule: how_text(asked.indicator),
        halves: halves(&mut conn, &asked, &place, ctx.today).await?,
        sealed: asked.indicator.sealed,
        withheld,
        table: table(&asked, total),
        rows,
        more_days: other_days(&asked, ctx.today),
    };
    Ok(ctx.page(&page))
}

/// The two figures of a share, each a link.
async fn halves(conn: &mut Conn, asked: &Asked, place: &Place, today: Day) -> AppResult<Vec<Fact>> {
    let How::Share { numerator, denominator } = &asked.indicator.how else { return Ok(Vec::new()) };
    if asked.indicator.sealed {
        return Ok(Vec::new());
    }
    let mut facts = Vec::new();
    for code in [numerator, denominator] {
        let Some(half) = Catalogue::get().find(code) else { continue };
        let amount = read::value(conn, half, place, asked.span).await?;
        let said = Text::data(format!("{} {}", number(half, amount), half.unit));
        facts.push(Fact::new(Text::key(half.name.as_str()), said).link(asked.href(code, asked.span, today)));
    }
    Ok(facts)
}

/// The page of the address; a page past the end is empty.
async fn page_of(conn: &mut Conn, asked: &Asked, place: &Place, total: i64) -> AppResult<Vec<Row>> {
    let (limit, offset) = Pages::of(&asked.address).span();
    if offset >= total {
        return Ok(Vec::new());
    }
    let records = records_of(conn, asked.indicator, place, asked.span, Some((limit, offset))).await?;
    let names = store::names(conn, &records).await?;
    Ok(records.iter().map(|record| row(asked, record, &names)).collect())
}

fn row(asked: &Asked, record: &Record, names: &Names) -> Row {
    let (source, source_href) = source(record);
    let seen = asked.names.holds(record.village);
    let named = |id: Option<&String>, known: &std::collections::HashMap<String, String>| {
        id.filter(|_| seen).and_then(|id| known.get(id)).cloned().unwrap_or_default()
    };
    Row {
        day: record.day,
        amount: match &record.value {
            Some(value) => value.clone(),
            None => signed(asked.indicator, record.amount),
        },
        village: names.places.get(&record.village).cloned().unwrap_or_else(|| record.village.to_string()),
        village_href: format!("/villages/{}", record.village),
        person: named(record.person.as_ref(), &names.people),
        unit: named(record.unit.as_ref(), &names.units),
        source,
        source_href,
    }
}

/// `+1`, `−1` for states, the plain amount elsewhere.
fn signed(indicator: &Indicator, amount: i64) -> String {
    let plain = number(indicator, amount.abs()).to_string();
    match (&indicator.how, amount) {
        (_, ..0) => format!("−{plain}"),
        (How::State | How::StateOverRegisters { .. }, _) => format!("+{plain}"),
        (How::Sum | How::Distinct | How::Latest { .. } | How::Share { .. }, _) => plain,
    }
}

/// The record a fact comes from and where it is shown.
fn source(record: &Record) -> (Text, String) {
    let village = format!("/villages/{}", record.village);
    match record.source_kind.as_str() {
        "posting" => (text!("派驻记录"), format!("/postings/{}/{}", record.county_id, record.source_id)),
        "handover" => (text!("交接"), format!("/handovers/{}/{}", record.county_id, record.source_id)),
        "team" => (text!("工作队"), village),
        "log" => (text!("工作日志"), format!("/log/{}/{}", record.county_id, record.source_id)),
        "visit" => (text!("调研指导"), format!("/visits/{}/{}", record.county_id, record.source_id)),
        "project" => (text!("项目"), format!("/projects/{}/{}", record.county_id, record.source_id)),
        "problem" => (text!("困难问题"), format!("/problems/{}/{}", record.county_id, record.source_id)),
        "problem_meeting" => (text!("对接会"), format!("/problem-meetings/{}/{}", record.county_id, record.source_id)),
        "village_talent" => (text!("人才库"), format!("/talents?place={}", record.village)),
        "village_star" => (text!("星级评定"), village),
        _ => (text!("村档案"), village),
    }
}

fn table(asked: &Asked, total: i64) -> Table {
    let amount = match asked.indicator.how {
        How::Latest { .. } => text!("评定"),
        How::State | How::StateOverRegisters { .. } => text!("增减"),
        How::Sum | How::Distinct | How::Share { .. } => text!("数量"),
    };
    let columns = vec![
        Column::new(text!("日期")),
        Column::new(amount).num(),
        Column::new(text!("村")),
        Column::new(text!("人员")),
        Column::new(text!("派出单位")),
        Column::new(text!("来源")),
    ];
    let address = &asked.address;
    let day = |name, label, value: Option<Day>| Filter {
        name,
        label,
        kind: FilterKind::Day,
        value: value.map(|day| day.to_string()).unwrap_or_default(),
    };
    let days = match asked.indicator.how {
        How::State | How::StateOverRegisters { .. } | How::Latest { .. } => {
            vec![day("to", text!("截至"), Some(asked.span.to))]
        }
        How::Sum | How::Distinct | How::Share { .. } => {
            vec![day("from", text!("从"), asked.span.from), day("to", text!("到"), Some(asked.span.to))]
        }
    };
    let mut table = Table::new(text!("这个数由下面的记录算出"), address, days, columns);
    table.clear = None;
    let file = |end: &str| address.without("page").at(&format!("/figures/{}/records.{end}", asked.indicator.code));
    (table.xlsx, table.csv) = (Some(file("xlsx").to_string()), Some(file("csv").to_string()));
    table.rows(u64::try_from(total).ok(), Pages::of(address).pager(address, total))
}

/// The same figure on days people ask for.
fn other_days(asked: &Asked, today: Day) -> Vec<Link> {
    if !asked.indicator.how.is_state() && !matches!(asked.indicator.how, How::Latest { .. }) {
        return Vec::new();
    }
    super::rules::usual_days(today)
        .into_iter()
        .map(|(label, day)| {
            let span = Span { from: None, to: day };
            let mut link = Link::new(label, asked.href(&asked.indicator.code, span, today));
            link.on = asked.span.to == day;
            link
        })
        .collect()
}

pub(super) async fn export(Path(code): Path<String>, ctx: Ctx, format: Format) -> AppResult<Response> {
    let asked = Asked::of(&ctx, &code)?;
    let indicator = asked.indicator;
    if indicator.sealed || matches!(indicator.how, How::Share { .. }) {
        return Err(AppError::NotFound);
    }
    let mut conn = ctx.read().await?;
    let place = asked.whole(&mut conn).await?;
    let records = records_of(&mut conn, indicator, &place, asked.span, None).await?;
    let names = store::names(&mut conn, &records).await?;
    let rows = records.iter().map(|record| {
        let shown = row(&asked, record, &names);
        let amount = match &record.value {
            Some(value) => Value::from(value.clone()),
            None => Value::Number(indicator.shown(record.amount)),
        };
        vec![
            record.day.into(),
            amount,
            record.village.to_string().into(),
            shown.village.into(),
            shown.person.into(),
            shown.unit.into(),
            shown.source.zh().into(),
            record.source_id.clone().into(),
        ]
    });
    let headers = ["日期", "数量", "村代码", "村", "人员", "派出单位", "来源", "来源编号"];
    ctx.sheet(&indicator.name, &table_of(&indicator.name, &headers, rows.collect()), format)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_withheld_stands_nowhere_on_the_page() {
        let page = |withheld: Option<Text>| FigurePage {
            shell: Shell::default(),
            sub: Text::default(),
            value: "4321".into(),
            unit: Text::default(),
            rule: text!("把这段时间里每条记录的数量相加。"),
            halves: Vec::new(),
            sealed: true,
            withheld,
            table: Table::new(Text::default(), &Address::parse("/figures/x"), Vec::new(), Vec::new()),
            rows: Vec::new(),
            more_days: Vec::new(),
        };
        let html = |page: FigurePage| base::html::render(base::i18n::Lang::Hans, &page);
        let said = html(page(None));
        assert!(said.contains("4321") && said.contains("明细不公开"), "how many is said, not which");
        let withheld = html(page(Some(sealed::Withheld::Small.reason(5))));
        assert!(withheld.contains("有，但不到 5") && !withheld.contains("4321"), "{withheld}");
    }
}
