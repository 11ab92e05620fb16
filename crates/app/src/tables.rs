//! Where each table lives when the database is spread over several machines (PostgreSQL with Citus).
//!
//! | kind | where | key |
//! |---|---|---|
//! | reference | copied to every node | its own |
//! | look-up | spread by its own first key column, because its value must be one in the whole installation | that column |
//! | distributed | spread by `county_id`, so that a county's rows lie together | begins with or holds `county_id` |
//! | local | on the coordinator | – |
//!
//! A test holds every table of the migrations to this list, and every distributed one to a primary key with its county.

/// How a table is spread.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Placement {
    Reference,
    /// By the named column.
    LookUp(&'static str),
    Distributed,
    Local,
}

use Placement::{Distributed, Local, LookUp, Reference};

/// Every table, in the order of the migrations.
pub const TABLES: &[(&str, Placement)] = &[
    ("_sqlx_migrations", Local),
    ("idempotency", LookUp("account_id")),
    ("setting", Distributed),
    ("division", Reference),
    ("division_successor", Reference),
    ("village", Distributed),
    ("village_category", Distributed),
    ("village_star", Distributed),
    ("village_income", Distributed),
    ("village_tag", Distributed),
    ("village_neighbour", Distributed),
    ("unit", Reference),
    ("unit_tag", Reference),
    ("person", Distributed),
    ("person_identity", LookUp("id_hash")),
    ("account", Reference),
    ("account_grant", Reference),
    ("session", LookUp("token_hash")),
    ("deputy", Reference),
    ("fact", Distributed),
    ("rollup_day", Distributed),
    ("rollup_month", Distributed),
    ("distinct_month", Distributed),
    ("task", Distributed),
    ("audit", Distributed),
    ("audit_head", Distributed),
    ("file", Distributed),
    ("job", Distributed),
    ("batch", Distributed),
    ("team", Distributed),
    ("team_neighbour", Distributed),
    ("team_unit", Distributed),
    ("posting", Distributed),
    ("posting_event", Distributed),
    ("post_holder", LookUp("person_id")),
    ("village_post", Distributed),
    ("import_run", Distributed),
    ("household", Distributed),
    ("household_status", Distributed),
    ("household_card", Distributed),
    ("card_token", LookUp("token")),
    ("village_card", Distributed),
    ("card_issue", Distributed),
    ("card_issue_line", Distributed),
    ("village_party", Distributed),
    ("print_run", Distributed),
    ("dossier_view", Distributed),
    ("portrait", Distributed),
    ("log_entry", Distributed),
    ("log_outcome", Distributed),
    ("log_credit", Distributed),
    ("log_picture", Distributed),
    ("log_link", Distributed),
    ("log_event", Distributed),
    ("visitor", Distributed),
    ("visit", Distributed),
    ("visit_place", Distributed),
    ("visit_visitor", Distributed),
    ("visit_promise", Distributed),
    ("calendar_day", Distributed),
    ("calendar_year", Distributed),
    ("leave", Distributed),
    ("leave_event", Distributed),
    ("trip", Distributed),
    ("away_day", Distributed),
    ("spot_check", Distributed),
    ("spot_check_village", Distributed),
    ("spot_check_line", Distributed),
    ("handover", Distributed),
    ("handover_party", Distributed),
    ("handover_line", Distributed),
    ("handover_answer", Distributed),
    ("handover_visit", Distributed),
    ("handover_event", Distributed),
    ("switch", Distributed),
    ("switch_on", Distributed),
    ("complaint", Distributed),
    ("complaint_nameless", Distributed),
    ("staging", Distributed),
    ("staged_rollup_day", Distributed),
    ("staged_rollup_month", Distributed),
    ("staged_distinct_month", Distributed),
    ("rating_round", Distributed),
    ("rating_subject", Distributed),
    ("rating_code", LookUp("code_hash")),
    ("ballot", Distributed),
    ("ballot_words", Distributed),
];
