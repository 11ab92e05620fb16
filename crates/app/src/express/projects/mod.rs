//! The project library (项目库): what is built where with whose money, how far it is, and what came of it.

pub mod acts;
mod door;
mod pages;
pub mod rules;
pub mod store;

use base::{
    db::{Conn, DbResult},
    kernel::CountyId,
};

pub use door::DOOR;
pub use pages::routes;
pub use rules::{FundSource, Kind, Stage};

/// Whether a project still runs: what is not there does not.
pub async fn is_open(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<bool> {
    Ok(store::find(conn, county, id).await?.is_some_and(|row| row.stage().is_open()))
}
