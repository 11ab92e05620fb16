//! All SQL of handovers: the record, its parties, lines, answers, visits and events.

mod lines;
mod list;
mod write;

pub use lines::{
    AnswerRow, Count, LineRow, NewLine, add_answers, add_lines, answers, counts, find_line, lines, remove_answers,
    remove_done, remove_line, touch,
};
pub use list::{
    EventRow, Filter, HandoverRow, ListRow, PartyRow, VisitRow, Whose, all_of, count, events, find, find_by_posting,
    find_within, is_confirmed, list, list_query, live_postings, parties, to_print, visits,
};
pub use write::{
    NewHandover, SHELF, add, add_event, add_staged, add_visit, clear_confirmations, save, save_confirmation,
};
