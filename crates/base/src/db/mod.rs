//! One door to SQLite and PostgreSQL: the same SQL text with `$1 …`, a pool of readers, one writer.
//!
//! The kind of database is decided here and nowhere else. Column types are `text`, `bigint` and
//! `double precision`; [`Value`] has exactly these. On SQLite writes queue for the one writer
//! (`begin immediate`, WAL, `synchronous=full`) and a second writing process is refused by a lock file;
//! readers never wait. PostgreSQL with an unsafe durability setting is refused.
//!
//! Absent on purpose: an ORM, a query language, retries hidden in here (a write is replayed as a whole
//! request or job step, see [`DbError::is_retryable`]).

mod conn;
mod error;
mod open;
mod query;
mod types;

pub use conn::{Conn, DbFuture, Row, Tx};
pub use error::{DbError, DbResult};
pub use open::{Access, Db, Kind, sqlite_file};
pub use query::{Query, Value, sql};

/// Asserts in tests and `check` that a query is answered through an index: the plan as text lines.
pub use conn::plan_of;
