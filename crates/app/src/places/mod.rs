//! Places: divisions by code range and what a village keeps over time. A register: anyone may refer to it.
//!
//! Divisions carry the official 12-digit code with from/until and successors; "everything below" is a range of codes.
//! A village also has categories (each with from/until), the star rating of its branch per year, income per year,
//! tags of industries and needs, household counts, neighbours.
//!
//! Tables: `division`, `division_successor`, `village`, `village_category`, `village_star`, `village_income`,
//! `village_tag`, `village_neighbour`. Facts written: `branch.star`. Outlines for maps: [`outlines`].

pub mod outlines;
mod pages;
mod rules;
pub mod store;
mod survey;

pub use pages::routes;
pub use rules::{Division, Village, VillageCategory, short_name};
