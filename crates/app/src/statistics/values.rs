//! Figures by name and figures opened: what `lianxin stats` and `lianxin facts` print and the pages show.

use base::{
    db::Conn,
    kernel::{Day, DivisionCode},
    text,
    web::{AppResult, Refusal},
};
use serde::Serialize;
use serde_json::{Map, Value};

use super::{
    rules::{how_code, in_order, number},
    store::{self, Names},
};
use crate::{
    places,
    spine::facts::{
        Catalogue, How, Indicator,
        read::{self, Place, Record, Span},
    },
};

/// Figures of a place and period, as the contract prints them.
#[derive(Clone, Debug, Serialize)]
pub struct Stats {
    pub place: DivisionCode,
    /// Absent means everything up to `to`.
    pub from: Option<Day>,
    pub to: Day,
    pub indicators: Map<String, Value>,
}

/// The figures asked for, or every figure of the catalogue.
///
/// Refuses an unknown place or indicator and a reversed period.
pub async fn stats(conn: &mut Conn, place: DivisionCode, span: Span, codes: Option<&[String]>) -> AppResult<Stats> {
    in_order(span)?;
    let indicators: Vec<&Indicator> = match codes {
        None => Catalogue::get().iter().collect(),
        Some(codes) => codes.iter().map(|code| known(code)).collect::<Result<_, _>>()?,
    };
    let whole = known_place(conn, place).await?;
    let mut figures = Map::new();
    for indicator in indicators {
        let amount = read::value(conn, indicator, &whole, span).await?;
        figures.insert(indicator.code.clone(), number(indicator, amount));
    }
    Ok(Stats { place, from: span.from, to: span.to, indicators: figures })
}

fn known(code: &str) -> Result<&'static Indicator, Refusal> {
    let unknown = || Refusal::at("indicator", text!("没有“{code}”这个指标；指标名见指标目录。", code = code));
    Catalogue::get().find(code).ok_or_else(unknown)
}

/// The place with what mergers brought it; a code that no list of divisions holds is refused.
async fn known_place(conn: &mut Conn, code: DivisionCode) -> AppResult<Place> {
    if code != DivisionCode::NATION && places::store::find(conn, code).await?.is_none() {
        return Err(Refusal::at("place", text!("行政区划里没有 {code}。", code = code)).into());
    }
    Ok(places::store::with_predecessors(conn, code).await?)
}

/// A figure with what it is made of. Applying `how` to the records gives the value exactly.
#[derive(Clone, Debug, Serialize)]
#[serde(untagged)]
pub enum Opened {
    Sealed { sealed: i64 },
    Share { how: String, value: Value, numerator: Box<Opened>, denominator: Box<Opened> },
    Records { how: String, value: Value, records: Vec<OpenedRecord> },
}

/// One record behind a figure. Names stand beside the ids for those who may see them.
#[derive(Clone, Debug, Serialize)]
pub struct OpenedRecord {
    pub day: Day,
    pub amount: Value,
    pub key: Option<String>,
    /// What a latest state says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub person: Option<String>,
    pub person_name: Option<String>,
    pub unit: Option<String>,
    pub unit_name: Option<String>,
    /// `kind/id`
    pub source: String,
}

/// Opens a figure to its records, with names.
///
/// Refuses as [`stats`] does; a sealed figure says only how many.
pub async fn open(conn: &mut Conn, place: DivisionCode, code: &str, span: Span) -> AppResult<Opened> {
    in_order(span)?;
    let indicator = known(code)?;
    let whole = known_place(conn, place).await?;
    open_known(conn, indicator, &whole, span).await
}

async fn open_known(conn: &mut Conn, indicator: &Indicator, place: &Place, span: Span) -> AppResult<Opened> {
    let value = number(indicator, read::value(conn, indicator, place, span).await?);
    if indicator.sealed {
        return Ok(Opened::Sealed { sealed: value.as_i64().unwrap_or_default() });
    }
    let how = how_code(indicator);
    if let How::Share { numerator, denominator } = &indicator.how {
        let numerator = Box::new(Box::pin(open_known(conn, known(numerator)?, place, span)).await?);
        let denominator = Box::new(Box::pin(open_known(conn, known(denominator)?, place, span)).await?);
        return Ok(Opened::Share { how, value, numerator, denominator });
    }
    let records = records_of(conn, indicator, place, span, None).await?;
    let names = store::names(conn, &records).await?;
    let records = records.into_iter().map(|record| opened(indicator, record, &names)).collect();
    Ok(Opened::Records { how, value, records })
}

fn opened(indicator: &Indicator, record: Record, names: &Names) -> OpenedRecord {
    OpenedRecord {
        day: record.day,
        amount: number(indicator, record.amount),
        village_name: names.places.get(&record.village).cloned(),
        person_name: record.person.as_ref().and_then(|id| names.people.get(id)).cloned(),
        unit_name: record.unit.as_ref().and_then(|id| names.units.get(id)).cloned(),
        source: format!("{}/{}", record.source_kind, record.source_id),
        key: record.key,
        value: record.value,
        village: record.village,
        person: record.person,
        unit: record.unit,
    }
}

/// The records that a figure counts; of a latest state those that match alone.
pub(super) async fn records_of(
    conn: &mut Conn,
    indicator: &Indicator,
    place: &Place,
    span: Span,
    page: Option<(i64, i64)>,
) -> AppResult<Vec<Record>> {
    let How::Latest { value, .. } = &indicator.how else {
        return Ok(read::records(conn, indicator, place, span, page).await?);
    };
    let all = read::records(conn, indicator, place, span, None).await?;
    let matching = all.into_iter().filter(|record| record.value.as_ref() == Some(value));
    let (limit, offset) = page.unwrap_or((i64::MAX, 0));
    let at = |n: i64| usize::try_from(n).unwrap_or(usize::MAX);
    Ok(matching.skip(at(offset)).take(at(limit)).collect())
}

/// How many records [`records_of`] gives in all.
pub(super) async fn count_of(conn: &mut Conn, indicator: &Indicator, place: &Place, span: Span) -> AppResult<i64> {
    Ok(match indicator.how {
        How::Latest { .. } => read::value(conn, indicator, place, span).await?,
        How::Sum | How::Distinct | How::State | How::StateOverRegisters { .. } | How::Share { .. } => {
            read::count_records(conn, indicator, place, span).await?
        }
    })
}
