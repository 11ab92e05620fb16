//! Files that users send: kept by content hash outside the database, found by a random id inside it.

use std::path::{Path, PathBuf};

use base::{
    db::{Conn, DbResult, Tx, sql},
    i18n::Text,
    kernel::{CountyId, new_id},
    ooxml::{Kind, OoxmlError, Package},
    picture::{self, PictureError},
    seal::sha256,
    text,
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

/// The largest paper that is taken, in bytes.
pub const MOST_PAPER: usize = base::ooxml::MAX_FILE;

/// Types of papers with the ending of their names.
const PAPERS: [(&str, &str); 3] = [
    ("application/pdf", "pdf"),
    ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx"),
    ("application/vnd.openxmlformats-officedocument.wordprocessingml.document", "docx"),
];

/// Whether these bytes are meant as a paper rather than as a picture; a name says nothing.
#[must_use]
pub fn is_paper(bytes: &[u8]) -> bool {
    [&b"%PDF-"[..], b"PK", b"\xD0\xCF\x11\xE0"].iter().any(|head| bytes.starts_with(head))
}

/// What a sent paper is by its own bytes: a PDF, or a workbook or document without programs, passwords and ways outside.
/// The name keeps its stem; its ending is that of what it is.
///
/// The outer error is the program's, the inner one what the sender must mend.
pub async fn look_at_paper(bytes: Vec<u8>, name: &str) -> Result<Result<Paper, Text>, base::web::AppError> {
    if bytes.len() > MOST_PAPER {
        return Ok(Err(text!("文件超过 {n} MB，请压缩或拆开再传", n = MOST_PAPER >> 20)));
    }
    let looked = tokio::task::spawn_blocking(move || {
        if bytes.starts_with(b"%PDF-") {
            return Ok((PAPERS[0], bytes));
        }
        match Package::open(bytes.clone())?.kind() {
            Kind::Workbook => Ok((PAPERS[1], bytes)),
            Kind::Document => Ok((PAPERS[2], bytes)),
        }
    });
    let looked: Result<_, OoxmlError> = looked.await.map_err(|error| base::web::AppError::Internal(error.into()))?;
    let called = |((media_type, ending), bytes): ((&'static str, &str), Vec<u8>)| {
        let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
        let stem = last.rsplit_once('.').map_or(last, |(stem, _)| stem);
        let stem: String = stem.chars().filter(|c| !c.is_control()).take(60).collect();
        let stem = if stem.trim().is_empty() { new_id() } else { stem.trim().to_owned() };
        Paper { name: format!("{stem}.{ending}"), media_type, bytes }
    };
    Ok(looked.map(called).map_err(|error| error.say()))
}

/// A paper as it is kept.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Paper {
    pub name: String,
    pub media_type: &'static str,
    pub bytes: Vec<u8>,
}

/// The type under which a kept paper leaves the house.
#[must_use]
pub fn paper_type(stored: &str) -> &'static str {
    PAPERS.into_iter().map(|(known, _)| known).find(|known| *known == stored).unwrap_or("application/octet-stream")
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

#[cfg(test)]
mod tests {
    use super::*;

    async fn looked(bytes: &[u8], name: &str) -> Result<(String, &'static str), String> {
        let looked = look_at_paper(bytes.to_vec(), name).await.expect("looked at");
        looked.map(|paper| (paper.name, paper.media_type)).map_err(|say| say.zh())
    }

    #[tokio::test]
    async fn papers_are_what_their_bytes_say() {
        let pdf = looked(b"%PDF-1.7\n", "C:\\x\\../开工报告.exe").await.expect("a paper");
        assert_eq!(pdf, ("开工报告.pdf".to_owned(), "application/pdf"));
        let table = base::sheet::Table { layout: base::sheet::Layout::new("表", vec![]), rows: vec![] };
        let book = table.to_bytes(base::sheet::Format::Xlsx).expect("a workbook");
        let (name, kind) = looked(&book, "账.pdf").await.expect("a paper");
        assert_eq!((name.as_str(), paper_type(kind)), ("账.xlsx", kind));
        assert!(looked(b"PK\x03\x04junk", "a.docx").await.expect_err("broken").contains("损坏"));
        assert!(looked(b"\xD0\xCF\x11\xE0\xA1\xB1\x1A\xE1", "a.doc").await.expect_err("old").contains("旧格式"));
        assert!(looked(&vec![b'%'; MOST_PAPER + 1], "a.pdf").await.expect_err("large").contains("10 MB"));
        assert_eq!(paper_type("text/html"), "application/octet-stream");
        assert!(is_paper(b"%PDF-1") && is_paper(b"PK\x03\x04") && !is_paper(b"\xFF\xD8\xFF"));
    }
}
