//! Forms that may carry files: the fields as [`FormData`], the files beside them.

use axum::{
    extract::{FromRequest, Multipart, Request},
    http::header,
};
use base::{text, web::AppError};

use super::{FormData, sent::Wanted};

/// A form with or without files, however the browser sent it.
#[derive(Debug, Default)]
pub struct Upload {
    pub form: FormData,
    /// Only those that hold anything: an empty file field sends an empty file.
    pub files: Vec<SentFile>,
}

/// One file as it was sent. Its name and type are the sender's word.
#[derive(Debug)]
pub struct SentFile {
    pub field: String,
    pub name: String,
    pub bytes: Vec<u8>,
}

impl<S: Send + Sync> FromRequest<S> for Upload {
    type Rejection = AppError;

    async fn from_request(request: Request, state: &S) -> Result<Self, AppError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
        if !kind.is_some_and(|kind| kind.starts_with("multipart/")) {
            return Ok(Self { form: FormData::from_request(request, state).await?, files: Vec::new() });
        }
        let unread = |_| AppError::BadRequest(text!("表单没有传完整，请返回再提交一次。"));
        let wanted = Wanted::of(request.extensions());
        let mut parts = Multipart::from_request(request, state)
            .await
            .map_err(|_| AppError::BadRequest(text!("表单内容无法识别，请刷新页面重填。")))?;
        let mut upload = Self::default();
        while let Some(part) = parts.next_field().await.map_err(unread)? {
            let Some(field) = part.name().map(str::to_owned) else { continue };
            let Some(name) = part.file_name().map(str::to_owned) else {
                upload.form.0.push((field, part.text().await.map_err(unread)?));
                continue;
            };
            let bytes = part.bytes().await.map_err(unread)?.to_vec();
            if !bytes.is_empty() {
                upload.files.push(SentFile { field, name, bytes });
            }
        }
        if let Some(wanted) = wanted {
            wanted.note(&upload.form);
        }
        Ok(upload)
    }
}
