//! Portraits (照片): optional, cut to 3:4 and stripped by `base::picture`, for cards, boards, files and pages.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::CountyId,
    picture::Portrait,
    web::AppError,
};

use crate::{accounts::Actor, spine::files::FileStore};

/// The files of a person's portrait.
#[derive(Clone, PartialEq, Eq, Debug, sqlx_macros::FromRow)]
pub struct PortraitRow {
    pub file_id: String,
    pub small_id: String,
}

/// Where others find a portrait: the small file, and the content of the large one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Face {
    pub county: CountyId,
    pub small_id: String,
    pub content_hash: String,
}

impl Face {
    /// From the columns of a query that joined `portrait` and its `file`.
    #[must_use]
    pub fn read(county: CountyId, small_id: Option<String>, content_hash: Option<String>) -> Option<Self> {
        Some(Self { county, small_id: small_id?, content_hash: content_hash? })
    }
}

pub async fn find(conn: &mut Conn, county: CountyId, person_id: &str) -> DbResult<Option<PortraitRow>> {
    let query = sql("select file_id, small_id from portrait where county_id = $1 and person_id = $2");
    conn.maybe(query.bind(county).bind(person_id)).await
}

/// Keeps a portrait in place of the one before it.
pub async fn save(
    tx: &mut Tx,
    files: &FileStore,
    (county, person_id): (CountyId, &str),
    portrait: &Portrait,
    by: &Actor,
) -> Result<(), AppError> {
    let large = files.keep_picture(tx, county, &portrait.large, by).await?;
    let small = files.keep_picture(tx, county, &portrait.small, by).await?;
    let row =
        vec![county.into(), person_id.into(), large.id.into(), small.id.into(), by.at.into(), (&by.account_id).into()];
    tx.run_rows(
        "insert into portrait (county_id, person_id, file_id, small_id, made_at, made_by) values ",
        vec![row],
        "on conflict (county_id, person_id) do update set file_id = excluded.file_id, small_id = excluded.small_id, \
         made_at = excluded.made_at, made_by = excluded.made_by",
    )
    .await?;
    Ok(())
}

/// Takes a portrait away. False when there is none.
pub async fn remove(tx: &mut Tx, county: CountyId, person_id: &str) -> DbResult<bool> {
    let delete = sql("delete from portrait where county_id = $1 and person_id = $2");
    Ok(tx.run(delete.bind(county).bind(person_id)).await? == 1)
}
