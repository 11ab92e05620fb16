//! What remains to be done after staged writes: rows let go or taken out, a chunk at a time, between other people's writes.
//!
//! Whoever reads sees the same before and after; a process that is killed here leaves nothing wrong, and the next one
//! goes on where it stopped.

use base::db::{Conn, Db, DbResult, Kind};

use crate::{
    handover, people, postings,
    spine::{
        facts,
        staging::{self, Shelf},
        tasks,
    },
};

/// How many rows of a table a chunk lets go or takes out.
const ROWS: i64 = 5_000;

/// Every table with staged rows; what leans on others goes before them.
#[must_use]
pub fn shelves() -> Vec<Shelf> {
    let mut shelves = facts::SHELVES.to_vec();
    shelves.push(tasks::SHELF);
    shelves.push(handover::store::SHELF);
    shelves.extend(postings::store::SHELVES);
    shelves.push(people::store::SHELF);
    shelves
}

/// Does one chunk of what waits; false when nothing does.
pub async fn step(db: &Db) -> DbResult<bool> {
    let Some(rest) = staging::waiting(&mut db.read().await?).await? else { return Ok(false) };
    staging::tidy(db, &rest, &shelves(), ROWS).await
}

/// Does all that waits.
pub async fn finish(db: &Db) -> DbResult<()> {
    while step(db).await? {}
    Ok(())
}

/// Takes over what a killed process left, where this process is known to be the only one that writes.
pub async fn take_over(db: &Db) -> DbResult<()> {
    if db.kind() == Kind::Sqlite {
        staging::abandon_all(db).await?;
    }
    Ok(())
}

/// Rows of runs that do not exist, as table, county and run: `lianxin check` names them.
pub async fn orphans(conn: &mut Conn) -> DbResult<Vec<(&'static str, base::kernel::CountyId, String)>> {
    let mut found = Vec::new();
    for shelf in shelves() {
        for (county, run) in staging::orphans(conn, &shelf).await? {
            found.push((shelf.table, county, run));
        }
    }
    Ok(found)
}
