//! What a database call can end with.

/// The result of a database call.
pub type DbResult<T> = Result<T, DbError>;

#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// Opening was refused; the sentence names the cure.
    #[error("{0}")]
    Refused(String),
    #[error(transparent)]
    Sqlx(#[from] sqlx::Error),
    #[error("migration: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    #[error("{0}")]
    Io(#[from] std::io::Error),
}

impl DbError {
    /// The table whose unique or primary key the statement broke, if that is what happened.
    #[must_use]
    pub fn unique_violation(&self) -> Option<String> {
        let Self::Sqlx(sqlx::Error::Database(error)) = self else { return None };
        if !error.is_unique_violation() {
            return None;
        }
        // PostgreSQL names the table; SQLite says `UNIQUE constraint failed: table.column, …`.
        let from_message =
            || error.message().rsplit(": ").next().and_then(|columns| columns.split('.').next()).unwrap_or("");
        Some(error.table().map_or_else(|| from_message().to_owned(), str::to_owned))
    }

    /// Whether the whole write may be tried again: PostgreSQL 40001 (serialization), 40P01 (deadlock), SQLite busy.
    #[must_use]
    pub fn is_retryable(&self) -> bool {
        let Self::Sqlx(sqlx::Error::Database(error)) = self else { return false };
        error.code().is_some_and(|code| matches!(code.as_ref(), "40001" | "40P01" | "5" | "261" | "517"))
    }
}
