//! Pictures and voice of a matter.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::CountyId,
};

/// A file that belongs to a matter.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct NewFile {
    pub id: String,
    /// `picture` or `voice`.
    pub kind: &'static str,
}

pub async fn add_files(tx: &mut Tx, county: CountyId, matter_id: &str, files: &[NewFile]) -> DbResult<()> {
    let known = files_of(tx, county, matter_id).await?.len();
    let row = |(at, file): (usize, &NewFile)| {
        vec![county.into(), matter_id.into(), (&file.id).into(), file.kind.into(), (known + at).into()]
    };
    let rows = files.iter().enumerate().map(row).collect();
    let head = "insert into matter_file (county_id, matter_id, file_id, kind, position) values ";
    tx.run_rows(head, rows, "on conflict (county_id, matter_id, file_id) do nothing").await.map(drop)
}

/// File and kind, in the order in which they came.
pub async fn files_of(conn: &mut Conn, county: CountyId, matter_id: &str) -> DbResult<Vec<(String, String)>> {
    let query = sql("select file_id, kind from matter_file where county_id = $1 and matter_id = $2 \
                     order by position, file_id");
    conn.all(query.bind(county).bind(matter_id)).await
}

/// The kind of a file, where it is this matter's.
pub async fn file_of(conn: &mut Conn, county: CountyId, matter_id: &str, file: &str) -> DbResult<Option<String>> {
    let query = sql("select kind from matter_file where county_id = $1 and matter_id = $2 and file_id = $3");
    Ok(conn.maybe::<(String,)>(query.bind(county).bind(matter_id).bind(file)).await?.map(|(kind,)| kind))
}
