//! All SQL of `express_file`.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Instant},
};

use crate::accounts::Actor;

#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct FileRow {
    pub part: String,
    pub file_id: String,
    pub name: String,
    pub media_type: String,
    pub size: i64,
    pub at: Instant,
    pub actor: String,
}

/// Ties kept files to a part of a record.
pub async fn add(
    tx: &mut Tx,
    county: CountyId,
    (kind, id): (&str, &str),
    part: &str,
    files: &[String],
    actor: &Actor,
) -> DbResult<()> {
    let row = |file: &String| {
        vec![county.into(), kind.into(), id.into(), part.into(), file.into(), actor.at.into(), (&actor.name).into()]
    };
    let head = "insert into express_file (county_id, record_kind, record_id, part, file_id, at, actor) values ";
    let tail = "on conflict (county_id, record_kind, record_id, file_id) do nothing";
    tx.run_rows(head, files.iter().map(row).collect(), tail).await.map(drop)
}

/// The files of a record in the order in which they came.
pub async fn list(conn: &mut Conn, county: CountyId, (kind, id): (&str, &str)) -> DbResult<Vec<FileRow>> {
    let query = sql("select e.part, e.file_id, f.name, f.media_type, f.size, e.at, e.actor from express_file e \
                     join file f on f.county_id = e.county_id and f.id = e.file_id \
                     where e.county_id = $1 and e.record_kind = $2 and e.record_id = $3 order by e.at, e.file_id");
    conn.all(query.bind(county).bind(kind).bind(id)).await
}

pub async fn has(conn: &mut Conn, county: CountyId, (kind, id): (&str, &str), file: &str) -> DbResult<bool> {
    let query = sql("select file_id from express_file where county_id = $1 and record_kind = $2 and record_id = $3 \
                     and file_id = $4");
    let found: Option<(String,)> = conn.maybe(query.bind(county).bind(kind).bind(id).bind(file)).await?;
    Ok(found.is_some())
}

/// Takes a file from a record; false where it is not there.
pub async fn remove(tx: &mut Tx, county: CountyId, (kind, id): (&str, &str), file: &str) -> DbResult<bool> {
    let delete = sql("delete from express_file where county_id = $1 and record_kind = $2 and record_id = $3 \
                      and file_id = $4");
    Ok(tx.run(delete.bind(county).bind(kind).bind(id).bind(file)).await? == 1)
}
