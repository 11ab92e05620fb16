//! The table of a view: what each row, column and cell counts. Pure.

use std::collections::{BTreeMap, HashMap};

use base::{
    i18n::Text,
    kernel::{Day, DivisionCode},
};

use super::rules::{Dim, View, total_head};
use crate::spine::facts::{
    How, Indicator,
    read::{Place, Record, Span, whole_per_cent},
};

/// Which part of the place a cell counts. Parts are numbered from 1 in [`Data`], 0 is the whole.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Where {
    Whole,
    Part(usize),
    /// What is recorded of the place as such, of none of its parts.
    Own,
}

/// Credited to whom.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Whose {
    All,
    Unit(usize),
    Nobody,
}

/// What a row or a column says of its cells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Slot {
    Place(Where),
    Time(Span),
    Unit(Whose),
    Indicator(usize),
}

/// A row or a column.
#[derive(Clone, Debug)]
pub struct Head {
    /// What sorting by it is called in the address.
    pub key: String,
    pub label: Text,
    pub slot: Slot,
    /// Where the table goes on in more detail.
    pub href: Option<String>,
}

impl Head {
    /// Whether it holds what belongs to no part or no unit.
    fn is_remainder(&self) -> bool {
        matches!(self.slot, Slot::Place(Where::Own) | Slot::Unit(Whose::Nobody))
    }
}

/// What a cell counts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct At {
    pub indicator: usize,
    pub place: Where,
    pub span: Span,
    pub unit: Whose,
}

impl At {
    #[must_use]
    pub fn with(self, slot: Slot) -> Self {
        match slot {
            Slot::Place(place) => Self { place, ..self },
            Slot::Time(span) => Self { span, ..self },
            Slot::Unit(unit) => Self { unit, ..self },
            Slot::Indicator(indicator) => Self { indicator, ..self },
        }
    }
}

/// What moved in a month, or on a day of a month that a period cuts. A month stands on its first day.
pub type Moved = (Day, i64);
/// Indicator, place, unit: numbers in [`Data`].
pub type Spot = (usize, usize, usize);

/// Everything a table is computed from.
#[derive(Debug, Default)]
pub struct Data {
    /// The whole, then its parts.
    pub places: Vec<Place>,
    /// Ids of the units, counted from 1.
    pub units: Vec<String>,
    /// Asked for, then what their shares are made of.
    pub indicators: Vec<&'static Indicator>,
    numbers: HashMap<&'static str, usize>,
    sums: HashMap<Spot, Vec<Moved>>,
    /// Facts of keys, by key once [`Data::settle`] was called.
    keys: HashMap<Spot, Vec<(u32, Moved)>>,
    known_keys: HashMap<String, u32>,
    /// Records of latest states by their base, in the order in which they were true.
    pub history: HashMap<String, Vec<Record>>,
}

impl Data {
    #[must_use]
    pub fn of(places: Vec<Place>, indicators: Vec<&'static Indicator>) -> Self {
        let numbers = indicators.iter().enumerate().map(|(number, one)| (one.code.as_str(), number)).collect();
        Self { places, indicators, numbers, ..Self::default() }
    }

    /// Takes in an amount that was read. Unit 0 is everybody's.
    pub fn add(&mut self, indicator: &str, place: usize, unit: usize, moved: Moved) {
        if let Some(number) = self.number_of(indicator) {
            self.put((number, place, unit), moved);
        }
    }

    /// Takes in how many facts a key has.
    pub fn add_key(&mut self, indicator: &str, place: usize, unit: usize, key: &str, moved: Moved) {
        if let Some(number) = self.number_of(indicator) {
            let key = self.key(key);
            self.put_key((number, place, unit), key, moved);
        }
    }

    pub fn put(&mut self, spot: Spot, moved: Moved) {
        self.sums.entry(spot).or_default().push(moved);
    }

    pub fn put_key(&mut self, spot: Spot, key: u32, moved: Moved) {
        self.keys.entry(spot).or_default().push((key, moved));
    }

    /// The number of a key.
    pub fn key(&mut self, key: &str) -> u32 {
        match self.known_keys.get(key) {
            Some(known) => *known,
            None => {
                let next = u32::try_from(self.known_keys.len()).unwrap_or(u32::MAX);
                self.known_keys.insert(key.to_owned(), next);
                next
            }
        }
    }

    /// Brings each key's facts together: to be called once everything is in.
    pub fn settle(&mut self) {
        for facts in self.keys.values_mut() {
            facts.sort_unstable();
        }
    }

    pub fn number_of(&self, code: &str) -> Option<usize> {
        self.numbers.get(code).copied()
    }

    /// The figure of a cell; none where it cannot be counted so.
    #[must_use]
    pub fn figure(&self, at: At) -> Option<i64> {
        let indicator = self.indicators.get(at.indicator)?;
        let span = View::counted(indicator, at.span);
        match &indicator.how {
            How::Sum | How::State => Some(self.added(at.indicator, at.place, at.unit, span)),
            // People's files are asked figure by figure, not taken apart.
            How::StateOverRegisters { .. } => None,
            How::Distinct => self.distinct(at, span),
            How::Latest { base, value } => self.latest(base, value, at),
            How::Share { numerator, denominator } => {
                let half = |code: &str| self.figure(At { indicator: self.number_of(code)?, ..at });
                if at.place == Where::Own || at.unit == Whose::Nobody {
                    return None;
                }
                Some(whole_per_cent(half(numerator)?, half(denominator)?))
            }
        }
    }

    /// What no part has is the whole without the parts, and so with units.
    fn added(&self, indicator: usize, place: Where, unit: Whose, span: Span) -> i64 {
        let place = match place {
            Where::Whole => 0,
            Where::Part(part) => part,
            Where::Own => {
                let parts = (1..self.places.len()).map(|part| self.added(indicator, Where::Part(part), unit, span));
                return self.added(indicator, Where::Whole, unit, span) - parts.sum::<i64>();
            }
        };
        let sum = |unit: usize| self.sums.get(&(indicator, place, unit)).map_or(0, |moved| within(moved.iter(), span));
        match unit {
            Whose::All => sum(0),
            Whose::Unit(unit) => sum(unit),
            Whose::Nobody => sum(0) - (1..=self.units.len()).map(sum).sum::<i64>(),
        }
    }

    fn distinct(&self, at: At, span: Span) -> Option<i64> {
        let place = match at.place {
            Where::Whole => 0,
            Where::Part(part) => part,
            Where::Own => return None,
        };
        let unit = match at.unit {
            Whose::All => 0,
            Whose::Unit(unit) => unit,
            Whose::Nobody => return None,
        };
        let Some(keys) = self.keys.get(&(at.indicator, place, unit)) else { return Some(0) };
        let stands = |one: &&[(u32, Moved)]| within(one.iter().map(|(_, moved)| moved), span) > 0;
        i64::try_from(keys.chunk_by(|a, b| a.0 == b.0).filter(stands).count()).ok()
    }

    fn latest(&self, base: &str, value: &str, at: At) -> Option<i64> {
        let place = match at.place {
            Where::Whole => self.places.first()?,
            Where::Part(part) => self.places.get(part)?,
            Where::Own => return None,
        };
        let unit = match at.unit {
            Whose::All => None,
            Whose::Unit(unit) => Some(self.units.get(unit.checked_sub(1)?)?),
            Whose::Nobody => return None,
        };
        let mut last: BTreeMap<&str, Option<&str>> = BTreeMap::new();
        for record in self.history.get(base)? {
            let counts = record.day <= at.span.to
                && place.holds(record.village)
                && unit.is_none_or(|unit| record.unit.as_ref() == Some(unit));
            if counts {
                last.insert(record.key.as_deref().unwrap_or_default(), record.value.as_deref());
            }
        }
        i64::try_from(last.values().filter(|last| **last == Some(value)).count()).ok()
    }
}

fn within<'a>(moved: impl Iterator<Item = &'a Moved>, span: Span) -> i64 {
    let counts = |day: Day| day <= span.to && span.from.is_none_or(|from| day >= from);
    moved.filter(|(day, _)| counts(*day)).map(|(_, amount)| amount).sum()
}

/// A cell as it may be shown.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Shown {
    Figure(i64),
    /// Too small, or of too small a place, to be shown.
    Hidden,
    /// Not counted so.
    Nothing,
}

/// A row of cells, the one for the whole last where columns take something apart.
#[derive(Clone, Debug)]
pub struct Line {
    pub head: Option<Head>,
    pub cells: Vec<(Shown, At)>,
}

/// The table: rows, columns, and what stands in their heads.
#[derive(Clone, Debug)]
pub struct Grid {
    pub rows: Vec<Line>,
    pub cols: Vec<Head>,
    /// The head of the column for the whole: always there; the only one where nothing stands in columns.
    pub whole_col: Option<(Text, Option<Text>)>,
    /// The row for the whole, under its head; none under different indicators.
    pub foot: Option<(Text, Option<Text>, Line)>,
}

impl Grid {
    /// Counts every cell, and the whole of each row and column on its own.
    #[must_use]
    pub fn count(view: &View, data: &Data, rows: Vec<Head>, cols: Vec<Head>, floor: i64) -> Self {
        let start = At { indicator: 0, place: Where::Whole, span: view.span, unit: Whose::All };
        let mixed = rows.iter().chain(&cols).any(|head| matches!(head.slot, Slot::Indicator(_)));
        let how = (!mixed).then_some(&view.indicator.how);
        // Over different indicators there is no whole.
        let across_cols = view.cols.filter(|dim| *dim != Dim::Indicator);
        let whole_col = match view.cols {
            None => Some((Text::default(), None)),
            Some(_) => across_cols.map(|dim| total_head(how, dim)),
        };
        let line = |at: At, head: Option<Head>| {
            let ats = cols.iter().map(|col| at.with(col.slot)).chain(whole_col.is_some().then_some(at));
            let cells = ats.map(|at| (data.figure(at).map_or(Shown::Nothing, Shown::Figure), at)).collect();
            Line { head, cells }
        };
        let foot = (view.rows != Dim::Indicator).then(|| {
            let (label, note) = total_head(how, view.rows);
            (label, note, line(start, None))
        });
        let lines = rows.into_iter().map(|head| line(start.with(head.slot), Some(head))).collect();
        let mut grid = Self { rows: lines, cols, whole_col, foot };
        grid.drop_empty_remainders();
        super::hide::hide(&mut grid, data, view, floor);
        grid
    }

    /// A row or column for what has no part is there where something is.
    fn drop_empty_remainders(&mut self) {
        let nothing = |(shown, _): &(Shown, At)| matches!(shown, Shown::Figure(0) | Shown::Nothing);
        self.rows.retain(|line| !line.is_remainder() || !line.cells.iter().all(nothing));
        let Some(last) = self.cols.len().checked_sub(1).filter(|last| self.cols[*last].is_remainder()) else { return };
        let foot = self.foot.iter().map(|foot| &foot.2);
        if self.rows.iter().chain(foot).filter_map(|line| line.cells.get(last)).all(nothing) {
            self.cols.truncate(last);
            for line in self.lines_mut() {
                line.cells.remove(last);
            }
        }
    }

    /// Every line, the one for the whole last.
    pub fn lines_mut(&mut self) -> impl Iterator<Item = &mut Line> {
        self.rows.iter_mut().chain(self.foot.as_mut().map(|foot| &mut foot.2))
    }

    /// Sorts rows as the address says: by a column's key, `whole`, or `name`; what no part has stays last.
    pub fn sort(&mut self, sort: &str) {
        let (down, key) = sort.strip_prefix('-').map_or((false, sort), |key| (true, key));
        let place = self.cols.iter().position(|col| col.key == key);
        let place = place.or((key == "whole" && self.whole_col.is_some()).then_some(self.cols.len()));
        let rank = |line: &Line| match place.and_then(|at| line.cells.get(at)) {
            Some((Shown::Figure(amount), _)) => *amount,
            // Whatever may not be shown tells nothing by where it stands.
            Some((Shown::Hidden | Shown::Nothing, _)) | None => i64::MIN,
        };
        let name =
            |line: &Line| line.head.as_ref().map_or_else(String::new, |head| base::collate::sort_key(&head.label.zh()));
        match (place, key) {
            (Some(_), _) if down => self.rows.sort_by_key(|line| std::cmp::Reverse(rank(line))),
            (Some(_), _) => self.rows.sort_by_key(rank),
            (None, "name") if down => self.rows.sort_by_key(|line| std::cmp::Reverse(name(line))),
            (None, "name") => self.rows.sort_by_key(name),
            (None, _) => {}
        }
        self.rows.sort_by_key(Line::is_remainder);
    }
}

impl Line {
    fn is_remainder(&self) -> bool {
        self.head.as_ref().is_some_and(Head::is_remainder)
    }
}

/// The divisions that are read for a table: each place with what it takes in and gives away.
#[must_use]
pub fn spread(places: &[Place]) -> HashMap<DivisionCode, Vec<(usize, i64)>> {
    let mut spread: HashMap<DivisionCode, Vec<(usize, i64)>> = HashMap::new();
    for (number, place) in places.iter().enumerate() {
        for (code, sign) in place.signed() {
            spread.entry(code).or_default().push((number, sign));
        }
    }
    spread
}
