//! All SQL of postings: batches, teams, postings, their events and locks.

mod batches;
mod coverage;
mod list;
mod write;

pub use batches::{
    Batch, NewTeam, TeamLine, TeamRow, TermRow, add_batch, add_teams, batch_figures, batches, counties_with_batches,
    ending, find_batch, insert_batch, number_batch, number_next, open_batch, teams, teams_of, terms_in, terms_of,
};
pub use coverage::{Coverage, CoverageRow, coverage, coverage_of_counties, refresh_vacancies};
pub use list::{
    EventRow, Filter, ListRow, PostingRow, ServedRow, Sort, all_of, count, count_query, events, find,
    former_first_secretaries, held_by_village, list, list_query, of_person, of_village, on_post_of, served_by,
    served_in, successors, villages_of_unit,
};
pub use write::{
    NewPosting, SHELVES, add_all, add_staged, change, correct_all, record_coverage, stage, stage_coverage,
};
