//! Photos and papers (照片和材料) that show how far something is: of a project by its stages, of a problem with each report
//! and its solution. Always optional; pictures are renewed and lose their position, papers are bounded and hold no
//! programs. Whoever may see the record sees them, nobody else.

mod form;
pub mod store;

use axum::response::Response;
use base::{
    i18n::Text,
    kernel::CountyId,
    text,
    web::{AppError, AppResult},
};

pub use form::Evidence;
pub use store::FileRow;

use crate::{spine::files, web::Ctx};

/// What belongs together: a stage, a report.
pub struct Group {
    pub label: Text,
    /// Addresses.
    pub pictures: Vec<String>,
    pub papers: Vec<Paper>,
    /// Whether the viewer may take one off again.
    pub removes: bool,
}

pub struct Paper {
    pub href: String,
    pub name: String,
    pub size: String,
}

/// Files by what they belong to, in the order of `parts`: id, label, whether the viewer may take one off again.
pub fn groups(rows: &[FileRow], address: &str, parts: impl IntoIterator<Item = (String, Text, bool)>) -> Vec<Group> {
    let mut groups = Vec::new();
    for (part, label, removes) in parts {
        let mut group = Group { label, pictures: Vec::new(), papers: Vec::new(), removes };
        for row in rows.iter().filter(|row| row.part == part) {
            let href = format!("{address}/files/{}", row.file_id);
            if row.media_type == files::PICTURE {
                group.pictures.push(href);
            } else {
                group.papers.push(Paper { href, name: row.name.clone(), size: size(row.size) });
            }
        }
        if !(group.pictures.is_empty() && group.papers.is_empty()) {
            groups.push(group);
        }
    }
    groups
}

fn size(bytes: i64) -> String {
    const MB: i64 = 1_048_576;
    if bytes < MB {
        return format!("{} kB", (bytes + 1_023) / 1_024);
    }
    format!("{}.{} MB", bytes / MB, bytes % MB * 10 / MB)
}

/// `3 张照片、1 份材料`, for a record's story.
#[must_use]
pub fn counted(rows: &[FileRow]) -> Text {
    let pictures = rows.iter().filter(|row| row.media_type == files::PICTURE).count();
    match (pictures, rows.len() - pictures) {
        (0, papers) => text!("{n} 份材料", n = papers),
        (pictures, 0) => text!("{n} 张照片", n = pictures),
        (pictures, papers) => text!("{n} 张照片、{m} 份材料", n = pictures, m = papers),
    }
}

/// A file of a record that the viewer may see: a picture in the page, a paper as a file to save.
pub async fn answer(ctx: &Ctx, county: CountyId, record: (&str, &str), file: &str) -> AppResult<Response> {
    let mut conn = ctx.read().await?;
    if !store::has(&mut conn, county, record, file).await? {
        return Err(AppError::NotFound);
    }
    let kept = files::find(&mut conn, county, file).await?.ok_or(AppError::NotFound)?;
    drop(conn);
    let bytes = ctx.app.files.content(&kept).await.map_err(|error| AppError::Internal(error.into()))?;
    if kept.media_type == files::PICTURE {
        return Ok(Ctx::picture(bytes));
    }
    Ok(Ctx::download(&kept.name, files::paper_type(&kept.media_type), bytes))
}
