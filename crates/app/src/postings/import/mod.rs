//! Rosters of villages' posted staff, as offices keep them, read into rows that say who is where, as what, since when.
//!
//! [`interpret`] takes a workbook and the divisions below the place it is for; [`ROSTER`] lists the columns and the
//! headers they go by; [`template`](crate::imports::template) of it is the empty form; what an export writes is read
//! the same. Each row is either whole or a list of problems; nothing is guessed that could be wrong: a village named
//! twice, a broken identity number, a second post at the same time are said, with what would mend them.
//!
//! Decided here: an identity number is required wherever the file has such a column; without the column people are
//! told apart by name and telephone, and the outcome says so. `until` is the first day no longer on post.

pub mod fields;

mod cells;
mod clashes;
mod read;
mod row;
mod values;

#[cfg(test)]
mod tests;

use base::{
    kernel::Day,
    sheet::{Book, Sheet, Table},
};

pub use clashes::PersonKey;
pub use fields::ROSTER;
pub use row::RosterRow;
pub use values::{RoleWord, ethnicity, read_role};

use crate::imports::{
    Guess, Inherited, Mapping, Outcome, PlaceIndex, ReportProblem, guess_mapping, rejects_of, sources_with,
};

/// What a roster is read against.
#[derive(Clone, Copy, Debug)]
pub struct Context<'a> {
    pub places: &'a PlaceIndex,
    pub today: Day,
    /// The day postings begin where the file has no such column (the batch's start); without it the column is required.
    pub assume_since: Option<Day>,
}

/// How one sheet would be read, for the page where columns are set right; `None` when it holds no roster.
#[must_use]
pub fn guess(sheet: &Sheet, mapping: &Mapping, context: &Context<'_>) -> Option<Guess> {
    let mut guess = guess_mapping(&ROSTER, sheet, mapping)?;
    refine(sheet, &mut guess, mapping, context);
    Some(guess)
}

/// Reads all sheets of a book that hold rosters.
#[must_use]
pub fn interpret(book: &Book, mapping: &Mapping, context: &Context<'_>) -> Outcome<RosterRow> {
    let refined = |sheet: &Sheet, guess: &mut Guess| refine(sheet, guess, mapping, context);
    match sources_with(&ROSTER, book, mapping, refined) {
        Ok(sources) => clashes::resolve(read::all(&sources, context)),
        Err(problem) => Outcome::failed(*problem),
    }
}

/// The rows that have problems as a sheet, with what is wrong and how to mend it.
#[must_use]
pub fn rejects(
    book: &Book,
    mapping: &Mapping,
    context: &Context<'_>,
    problems: &[ReportProblem],
    inherited: &Inherited,
) -> Table {
    let refined = |sheet: &Sheet, guess: &mut Guess| refine(sheet, guess, mapping, context);
    let sources = sources_with(&ROSTER, book, mapping, refined);
    sources.map(|sources| rejects_of(&sources, problems, inherited)).unwrap_or_default()
}

/// 职务 alone may mean the post in the village or the one at home: the values below it tell.
fn refine(sheet: &Sheet, guess: &mut Guess, mapping: &Mapping, context: &Context<'_>) {
    let by_hand = |column: &usize| mapping.columns.contains_key(column);
    let roles = |column: usize| {
        let below = sheet.rows.iter().filter(|row| row.number >= guess.first_data_row).take(500);
        let said: Vec<String> =
            below.map(|row| row.cell(column).show().into_owned()).filter(|t| !t.trim().is_empty()).collect();
        let fitting = said.iter().filter(|text| read_role(text).is_some()).count();
        (fitting, said.len())
    };
    let mostly = |column: usize| matches!(roles(column), (fitting, all) if all > 0 && fitting * 10 >= all * 6);
    let never = |column: usize| matches!(roles(column), (0, all) if all > 0);
    let role = guess.column(fields::ROLE).filter(|column| !by_hand(column));
    let position = guess.column(fields::POSITION).filter(|column| !by_hand(column));
    let has_role = guess.column(fields::ROLE).is_some();
    // 类别, 身份, 岗位 of something else; left alone when it is the only candidate.
    let demote = role.filter(|column| never(*column) && position.is_some_and(mostly));
    let promote = position.filter(|column| (!has_role || demote.is_some()) && mostly(*column));
    if let Some(column) = demote {
        guess.set(&ROSTER, column, None);
    }
    if let Some(column) = promote {
        guess.set(&ROSTER, column, Some(fields::ROLE));
    }
    if context.assume_since.is_some() && guess.column(fields::SINCE).is_none() {
        let header = ROSTER.field(fields::SINCE).map_or("", |field| field.header);
        guess.missing.retain(|missing| missing != header);
    }
}
