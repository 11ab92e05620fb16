//! Files that users send: kept by content hash outside the database, found by a random id inside it.

use std::path::{Path, PathBuf};

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, new_id},
    picture::{self, PictureError},
    seal::sha256,
};
use tokio::sync::Semaphore;

use crate::accounts::Actor;

/// Where file contents lie: one folder, two levels of the hash's first digits.
#[derive(Clone, Debug)]
pub struct FileStore {
    root: PathBuf,
}

/// A kept file.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct StoredFile {
    pub id: String,
    pub content_hash: String,
    pub name: String,
    pub media_type: String,
    pub size: i64,
}

impl FileStore {
    #[must_use]
    pub fn new(root: PathBuf) -> Self {
        Self { root }
    }

    fn place(&self, hash: &str) -> PathBuf {
        self.root.join(&hash[..2]).join(&hash[2..4]).join(hash)
    }

    /// Writes the content first and the row in the caller's transaction after it: a row never lacks its content.
    pub async fn keep(
        &self,
        tx: &mut Tx,
        county: CountyId,
        name: &str,
        media_type: &str,
        bytes: &[u8],
        by: &Actor,
    ) -> Result<StoredFile, base::web::AppError> {
        let hash = sha256(bytes);
        write_once(&self.place(&hash), bytes).await.map_err(|error| base::web::AppError::Internal(error.into()))?;
        let file = StoredFile {
            id: new_id(),
            content_hash: hash,
            name: name.into(),
            media_type: media_type.into(),
            size: i64::try_from(bytes.len()).unwrap_or(i64::MAX),
        };
        let insert = sql("insert into file (county_id, id, content_hash, name, media_type, size, made_at, made_by) \
                          values ($1, $2, $3, $4, $5, $6, $7, $8)")
        .bind(county)
        .bind(&file.id)
        .bind(&file.content_hash)
        .bind(&file.name)
        .bind(&file.media_type)
        .bind(file.size)
        .bind(by.at)
        .bind(&by.account_id);
        tx.run(insert).await?;
        Ok(file)
    }

    /// Keeps a picture that [`renew_picture`] wrote anew, under a random name.
    pub async fn keep_picture(
        &self,
        tx: &mut Tx,
        county: CountyId,
        jpeg: &[u8],
        by: &Actor,
    ) -> Result<StoredFile, base::web::AppError> {
        self.keep(tx, county, &format!("{}.jpg", new_id()), PICTURE, jpeg, by).await
    }

    /// Reads a content when it is asked for, on whatever thread that is; nothing where it cannot be read.
    pub fn later(&self, content_hash: &str) -> impl Fn() -> Option<Vec<u8>> + Send + Sync + use<> {
        let (place, hash) = (self.place(content_hash), content_hash.to_owned());
        move || std::fs::read(&place).ok().filter(|bytes| sha256(bytes) == hash)
    }

    /// The bytes of a kept file; the hash is checked again on the way out.
    pub async fn content(&self, file: &StoredFile) -> std::io::Result<Vec<u8>> {
        let bytes = tokio::fs::read(self.place(&file.content_hash)).await?;
        if sha256(&bytes) == file.content_hash {
            Ok(bytes)
        } else {
            Err(std::io::Error::other("file content does not match its hash"))
        }
    }
}

/// What kept pictures are.
pub const PICTURE: &str = "image/jpeg";

/// Unpacked pictures stand in memory whole: two at a time, the others wait their turn.
static UNPACKING: Semaphore = Semaphore::const_new(2);

/// A sent picture as it is kept: measured before it is unpacked, upright, small, without position (`base::picture`).
///
/// The outer error is the program's, the inner one what the sender must mend.
pub async fn renew_picture(bytes: Vec<u8>) -> Result<Result<Vec<u8>, PictureError>, base::web::AppError> {
    unpack(bytes, picture::renew).await
}

/// A sent picture as a portrait; errors as with [`renew_picture`].
pub async fn renew_portrait(bytes: Vec<u8>) -> Result<Result<picture::Portrait, PictureError>, base::web::AppError> {
    unpack(bytes, picture::portrait).await
}

async fn unpack<T: Send + 'static>(
    bytes: Vec<u8>,
    work: fn(&[u8]) -> Result<T, PictureError>,
) -> Result<Result<T, PictureError>, base::web::AppError> {
    if let Err(error) = picture::measure(&bytes) {
        return Ok(Err(error));
    }
    let turn = UNPACKING.acquire().await.map_err(|error| base::web::AppError::Internal(error.into()))?;
    let renewed = tokio::task::spawn_blocking(move || work(&bytes)).await;
    drop(turn);
    renewed.map_err(|error| base::web::AppError::Internal(error.into()))
}

/// Which of these files an account has sent itself: a form names files by id only.
pub async fn sent_by(conn: &mut Conn, county: CountyId, account_id: &str, ids: &[&str]) -> DbResult<Vec<String>> {
    let mut own = Vec::new();
    for id in ids.iter().take(50) {
        let find = sql("select id from file where county_id = $1 and id = $2 and made_by = $3");
        own.extend(conn.maybe::<(String,)>(find.bind(county).bind(*id).bind(account_id)).await?.map(|(id,)| id));
    }
    Ok(own)
}

async fn write_once(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    if tokio::fs::try_exists(path).await? {
        return Ok(());
    }
    if let Some(folder) = path.parent() {
        tokio::fs::create_dir_all(folder).await?;
    }
    // A crash in the middle leaves a temporary name, never a half file under its hash.
    let temporary = path.with_extension(new_id());
    tokio::fs::write(&temporary, bytes).await?;
    tokio::fs::File::open(&temporary).await?.sync_all().await?;
    tokio::fs::rename(&temporary, path).await
}

/// A file's row.
pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<StoredFile>> {
    let find = sql("select id, content_hash, name, media_type, size from file where county_id = $1 and id = $2");
    conn.maybe(find.bind(county).bind(id)).await
}
