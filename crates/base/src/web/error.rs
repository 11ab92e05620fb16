//! Two kinds of no: a capability's [`Refusal`] (422, at its field, what was typed is kept) and one closed [`AppError`].

use std::fmt;

use axum::{
    http::StatusCode,
    response::{IntoResponse, Response},
};

use crate::{db::DbError, i18n::Text, seal::SealError, text};

/// The result of a handler.
pub type AppResult<T> = Result<T, AppError>;

/// A rule said no: a sentence in Chinese that says how to mend it, at a field where there is one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Refusal {
    pub field: Option<&'static str>,
    pub message: Text,
}

impl Refusal {
    #[must_use]
    pub fn at(field: &'static str, message: Text) -> Self {
        Self { field: Some(field), message }
    }

    #[must_use]
    pub fn whole(message: Text) -> Self {
        Self { field: None, message }
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message.zh())
    }
}

/// Everything else that can end a request.
#[derive(Debug)]
pub enum AppError {
    /// Nobody is signed in: pages lead to the sign-in page.
    SignIn,
    /// Signed in, but not for this.
    Forbidden,
    NotFound,
    /// Somebody else changed it meanwhile, or the same key came with another body.
    Conflict(Text),
    TooLarge(Text),
    TooMany {
        retry_after_seconds: i64,
    },
    BadRequest(Text),
    Refused(Refusal),
    /// The program or its surroundings failed. The cause goes to the log under an incident number.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl AppError {
    /// An inner failure from any message.
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }

    /// What the user is told; nothing for an inner failure, whose cause is the log's.
    #[must_use]
    pub fn say(&self) -> Text {
        match self {
            Self::SignIn => text!("请先登录"),
            Self::Forbidden => text!("没有办理此事的权限"),
            Self::NotFound => text!("没有找到，或不在您的范围内"),
            Self::Conflict(message) | Self::TooLarge(message) | Self::BadRequest(message) => message.clone(),
            Self::TooMany { .. } => text!("操作太频繁，请稍后再试"),
            Self::Refused(refusal) => refusal.message.clone(),
            Self::Internal(_) => Text::default(),
        }
    }

    #[must_use]
    pub fn status(&self) -> StatusCode {
        match self {
            Self::SignIn => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::Conflict(_) => StatusCode::CONFLICT,
            Self::TooLarge(_) => StatusCode::PAYLOAD_TOO_LARGE,
            Self::TooMany { .. } => StatusCode::TOO_MANY_REQUESTS,
            Self::BadRequest(_) => StatusCode::BAD_REQUEST,
            Self::Refused(_) => StatusCode::UNPROCESSABLE_ENTITY,
            Self::Internal(_) => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<DbError> for AppError {
    fn from(error: DbError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<SealError> for AppError {
    fn from(error: SealError) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Refusal> for AppError {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl fmt::Display for AppError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Internal(error) => error.fmt(f),
            other => f.write_str(&other.say().zh()),
        }
    }
}

impl std::error::Error for AppError {}

/// What the shell needs to show an error as a page or as a problem document; carried beside the response.
#[derive(Clone, Debug)]
pub struct Failure {
    pub status: StatusCode,
    pub message: Text,
    /// Set for 500 only: what the user reads out and the log holds.
    pub incident: Option<String>,
    /// The write may be replayed as a whole.
    pub retryable: bool,
    pub retry_after_seconds: Option<i64>,
}

impl IntoResponse for AppError {
    fn into_response(self) -> Response {
        let status = self.status();
        let mut failure =
            Failure { status, message: self.say(), incident: None, retryable: false, retry_after_seconds: None };
        match &self {
            Self::Internal(error) => {
                let incident = crate::kernel::new_id()[24..].to_owned();
                tracing::error!(incident, %error, "request failed");
                failure.incident = Some(incident);
                failure.retryable = error.downcast_ref::<DbError>().is_some_and(DbError::is_retryable);
            }
            Self::TooMany { retry_after_seconds } => failure.retry_after_seconds = Some(*retry_after_seconds),
            _ => {}
        }
        let mut response = status.into_response();
        response.extensions_mut().insert(failure);
        response
    }
}
