//! Numbers that are names: telephone and identity numbers, out of cells that programs have spoilt.

use super::{
    book::Cell,
    fold::{fold, squeeze},
};
use crate::{
    i18n::Text,
    kernel::{IdNumber, IdNumberError, Phone},
    text,
};

/// Why a cell is no identity number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum IdProblem {
    /// The spreadsheet program kept it as a number.
    LostDigits,
    Wrong(IdNumberError),
}

impl IdProblem {
    #[must_use]
    pub fn say(self) -> Text {
        match self {
            Self::LostDigits => {
                text!("身份证号被表格软件按数字保存，后几位已丢失；请把该列设为文本格式后重新填写")
            }
            Self::Wrong(error) => text!("{error}，请核对后重填", error = error.say()),
        }
    }
}

/// The digits of a number kept as a float: `13000054677.0`, or `1.3000054677E10` as text.
fn plain(cell: &Cell) -> String {
    let text = squeeze(&cell.show());
    let text = text.trim_start_matches(['\'', '`', '‘', '’']);
    let floating = text.contains(['E', 'e', '.']) && text.bytes().all(|b| b.is_ascii_digit() || b"Ee.+".contains(&b));
    match text.parse::<f64>() {
        Ok(number) if floating && number.fract() == 0.0 && number.abs() < 1e21 => format!("{number:.0}"),
        Ok(_) | Err(_) => text.to_owned(),
    }
}

/// The telephone number of a cell; of several (`13000054677/0377-67961234`) the first good one. `None` for a blank
/// cell, `Err` with the text when nothing in it is a number.
pub fn read_phone(cell: &Cell) -> Result<Option<Phone>, String> {
    let text = plain(cell);
    if text.is_empty() {
        return Ok(None);
    }
    let pieces = std::iter::once(text.as_str()).chain(text.split(['/', '、', ',', ';', '，', '；', '\\', '|']));
    match pieces.filter_map(Phone::parse).next() {
        Some(phone) => Ok(Some(phone)),
        None => Err(fold(&cell.show())),
    }
}

/// The identity number of a cell; `None` for a blank cell.
pub fn read_id(cell: &Cell) -> Result<Option<IdNumber>, IdProblem> {
    let text = squeeze(&cell.show());
    let text = text.trim_start_matches(['\'', '`', '‘', '’']).replace('×', "X");
    if text.is_empty() {
        return Ok(None);
    }
    let as_number = matches!(cell, Cell::Number(_)) || text.contains("E+") || text.contains("e+");
    // A float holds 15 to 17 digits; an identity number has 18.
    if as_number && plain(cell).len() >= 15 {
        return Err(IdProblem::LostDigits);
    }
    match IdNumber::parse(&text) {
        Ok(id) => Ok(Some(id)),
        Err(_) if text.len() == 18 && text.ends_with("000") => Err(IdProblem::LostDigits),
        Err(error) => Err(IdProblem::Wrong(error)),
    }
}

/// A number typed as number or as text (`1,200`, `３.５`, `12%`, `5 万` is not one). `None` for a blank cell.
pub fn read_number(cell: &Cell) -> Result<Option<f64>, String> {
    if let Cell::Number(number) = cell {
        return Ok(Some(*number));
    }
    let text = squeeze(&cell.show()).replace(',', "");
    if text.is_empty() {
        return Ok(None);
    }
    let (digits, scale) = match text.strip_suffix('%') {
        Some(digits) => (digits, 0.01),
        None => (text.as_str(), 1.0),
    };
    match digits.parse::<f64>() {
        Ok(number) if number.is_finite() => Ok(Some(number * scale)),
        Ok(_) | Err(_) => Err(text),
    }
}
