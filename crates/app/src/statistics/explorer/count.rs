//! From a view to its table: the parts it is taken apart by, what is read, what is counted.

use base::{
    db::Conn,
    html::Address,
    i18n::Text,
    kernel::Level,
    text,
    web::{AppResult, Refusal},
};

use super::{
    grid::{At, Data, Grid, Head, Shown, Slot, Where, Whose},
    rules::{Aspect, Dim, Stretch, View, calendar, in_bounds, levels, within},
    store,
};
use crate::{
    places::{self, Division},
    postings,
    spine::facts::{Catalogue, How, Indicator, read::Span},
    units,
};

/// A view with its table.
pub struct Counted {
    pub view: View,
    /// The address with everything of the view in it, also what was left to be understood.
    pub address: Address,
    pub grid: Grid,
    pub data: Data,
    /// The one unit that is counted.
    pub unit: Option<String>,
}

/// Counts the view of an address at a place; a view that cannot be is refused in words.
///
/// Of sealed figures nothing below `floor` is shown.
pub async fn count(conn: &mut Conn, view: View, address: &Address, floor: i64) -> AppResult<Counted> {
    let unit = match &view.unit {
        None => None,
        Some(id) => {
            let unknown = || Refusal::at("unit", text!("没有这个单位；请从表里点一个单位，或去掉它。"));
            Some(units::store::find(conn, id).await?.ok_or_else(unknown)?.name)
        }
    };
    let address = canonical(&view, address);
    let parts =
        if view.by(Aspect::Place) { places::store::at_level(conn, view.place, view.level).await? } else { Vec::new() };
    let stretches = stretches(conn, &view).await?;
    let asked = view.indicators();
    let size = |dim: Dim| match dim.aspect() {
        Aspect::Place => parts.len(),
        Aspect::Time => stretches.len(),
        Aspect::Indicator => asked.len(),
        Aspect::Unit => 1,
    };
    in_bounds(size(view.rows), view.cols.map_or(0, size))?;
    let codes: Vec<_> = parts.iter().map(|part| part.code).collect();
    let whole = places::store::parts_with_predecessors(conn, view.place, &codes).await?;
    let mut data = Data::of(whole, with_halves(&asked));
    let spans: Vec<Span> = stretches.iter().map(|stretch| stretch.span).chain([view.span]).collect();
    store::read(conn, &view, &mut data, &spans).await?;
    let heads = Heads { view: &view, address: &address, parts: &parts, stretches: &stretches, asked: &asked };
    let rows = heads.of(conn, view.rows, &data).await?;
    let cols = match view.cols {
        Some(dim) => heads.of(conn, dim, &data).await?,
        None => Vec::new(),
    };
    in_bounds(rows.len(), cols.len())?;
    let mut grid = Grid::count(&view, &data, rows, cols, floor);
    grid.sort(match address.get("sort") {
        "" if view.rows == Dim::Unit => "-whole",
        sort => sort,
    });
    Ok(Counted { view, address, grid, data, unit })
}

/// What is asked for, and behind it what shares are made of.
fn with_halves(asked: &[&'static Indicator]) -> Vec<&'static Indicator> {
    let mut all = asked.to_vec();
    for one in asked {
        let How::Share { numerator, denominator } = &one.how else { continue };
        for half in [numerator, denominator].into_iter().filter_map(|code| Catalogue::get().find(code)) {
            if !all.iter().any(|known| known.code == half.code) {
                all.push(half);
            }
        }
    }
    all
}

/// The view's whole address: what it leaves out is written down, save for the last day, which moves on with today.
fn canonical(view: &View, typed: &Address) -> Address {
    let day = |day: Option<base::kernel::Day>| day.map(|day| day.to_string()).unwrap_or_default();
    let address = Address::parse(typed.path())
        .with("place", &view.place.to_string())
        .with("figure", &view.indicator.code)
        .with("rows", view.rows.code())
        .with("cols", view.cols.map_or("", Dim::code))
        .with("level", if view.by(Aspect::Place) { view.level.code() } else { "" })
        .with("from", &day(view.span.from));
    ["group", "unit", "to", "sort"].iter().fold(address, |address, name| address.with(name, typed.get(name)))
}

/// The stretches of time of a view, oldest first.
async fn stretches(conn: &mut Conn, view: &View) -> AppResult<Vec<Stretch>> {
    let Some(dim) = view.dims().find(|dim| dim.aspect() == Aspect::Time) else { return Ok(Vec::new()) };
    if dim != Dim::Batch {
        return Ok(calendar(dim, view.span, view.rows == dim)?);
    }
    let mut batches = postings::store::batches(conn, view.place.county()).await?;
    batches.reverse();
    let stretch = |batch: postings::store::Batch| {
        let term = Span { from: Some(batch.since), to: batch.until.plus_days(-1) };
        let span = within(term, view.span)?;
        Some(Stretch { key: format!("batch-{}", batch.number), label: Text::data(batch.name), span })
    };
    Ok(batches.into_iter().filter_map(stretch).collect())
}

/// What heads are made from.
struct Heads<'a> {
    view: &'a View,
    address: &'a Address,
    parts: &'a [Division],
    stretches: &'a [Stretch],
    asked: &'a [&'static Indicator],
}

impl Heads<'_> {
    async fn of(&self, conn: &mut Conn, dim: Dim, data: &Data) -> AppResult<Vec<Head>> {
        Ok(match dim.aspect() {
            Aspect::Place => self.places(),
            Aspect::Time => self.times(dim),
            Aspect::Indicator => self.indicators(),
            Aspect::Unit => self.units(conn, data).await?,
        })
    }

    /// The same view somewhere else in it.
    fn to(&self, changes: &[(&str, &str)]) -> Option<String> {
        let address = self.address.without("sort");
        Some(changes.iter().fold(address, |address, (name, value)| address.with(name, value)).to_string())
    }

    fn places(&self) -> Vec<Head> {
        let parts = self.parts.iter().zip(1..).map(|(part, number)| {
            let code = part.code.to_string();
            let href = match part.code.level() {
                Level::Village => Some(format!("/villages/{code}")),
                Level::Nation | Level::Province | Level::City | Level::County | Level::Township => {
                    self.to(&[("place", code.as_str()), ("level", "")])
                }
            };
            Head { key: code, label: Text::data(part.short()), slot: Slot::Place(Where::Part(number)), href }
        });
        let own = Head {
            key: "own".into(),
            label: text!("本级（没有记到{level}的）", level = Text::key(self.view.level.zh())),
            slot: Slot::Place(Where::Own),
            href: None,
        };
        parts.chain([own]).collect()
    }

    fn times(&self, dim: Dim) -> Vec<Head> {
        let name = if self.view.rows == dim { "rows" } else { "cols" };
        let finer = match dim {
            Dim::Year => Some("quarter"),
            Dim::Quarter => Some("month"),
            Dim::Month | Dim::Batch | Dim::Place | Dim::Unit | Dim::Indicator => None,
        };
        let head = |stretch: &Stretch| {
            let from = stretch.span.from.map(|day| day.to_string()).unwrap_or_default();
            let to = stretch.span.to.to_string();
            let href = finer.and_then(|finer| self.to(&[("from", from.as_str()), ("to", to.as_str()), (name, finer)]));
            Head { key: stretch.key.clone(), label: stretch.label.clone(), slot: Slot::Time(stretch.span), href }
        };
        self.stretches.iter().map(head).collect()
    }

    fn indicators(&self) -> Vec<Head> {
        let other = self.view.dims().find(|dim| *dim != Dim::Indicator);
        let rows = if levels(self.view.place).is_empty() || other == Some(Dim::Place) { None } else { Some("place") };
        let head = |(number, one): (usize, &&'static Indicator)| {
            let cols = other.map_or("", Dim::code);
            Head {
                key: one.code.clone(),
                label: text!(
                    "{name}（{unit}）",
                    name = Text::key(one.name.as_str()),
                    unit = Text::key(one.unit.as_str())
                ),
                slot: Slot::Indicator(number),
                href: rows.and_then(|rows| self.to(&[("figure", one.code.as_str()), ("rows", rows), ("cols", cols)])),
            }
        };
        self.asked.iter().enumerate().map(head).collect()
    }

    /// Units by what is credited to them, the most first; then what is credited to none.
    async fn units(&self, conn: &mut Conn, data: &Data) -> AppResult<Vec<Head>> {
        let names = store::unit_names(conn, &data.units).await?;
        let other = self.view.dims().find(|dim| *dim != Dim::Unit && *dim != Dim::Place);
        let rows = if levels(self.view.place).is_empty() { "indicator" } else { "place" };
        let cols = other.map_or("", Dim::code);
        let amount = |number: usize| {
            let at = At { indicator: 0, place: Where::Whole, span: self.view.span, unit: Whose::Unit(number) };
            data.figure(at).unwrap_or(0)
        };
        let head = |(id, number): (&String, usize)| Head {
            key: id.clone(),
            label: Text::data(names.get(id).unwrap_or(id)),
            slot: Slot::Unit(Whose::Unit(number)),
            href: self.to(&[("unit", id.as_str()), ("rows", rows), ("cols", if cols == rows { "" } else { cols })]),
        };
        let mut units: Vec<(i64, Head)> =
            data.units.iter().zip(1..).map(|(id, number)| (amount(number), head((id, number)))).collect();
        units.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.key.cmp(&b.1.key)));
        let nobody =
            Head {
                key: "none".into(), label: text!("没有记到单位"), slot: Slot::Unit(Whose::Nobody), href: None
            };
        Ok(units.into_iter().map(|(_, head)| head).chain([nobody]).collect())
    }
}

impl Counted {
    /// Whether anything of the table may not be shown.
    #[must_use]
    pub fn hides(&self) -> bool {
        super::hide::any_hidden(&self.grid)
    }

    /// The figure of a cell in the unit of its indicator, where it may be shown.
    #[must_use]
    pub fn amount(&self, (shown, at): &(Shown, At)) -> Option<(&'static Indicator, i64)> {
        match shown {
            Shown::Figure(amount) => Some((self.data.indicators.get(at.indicator)?, *amount)),
            Shown::Hidden | Shown::Nothing => None,
        }
    }
}
