//! Connections: reading ones and write transactions. Store functions take `&mut Conn` to read, `&mut Tx` to write.

use std::{
    ops::{ControlFlow, Deref, DerefMut},
    pin::Pin,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use futures_util::TryStreamExt;
use sqlx::{
    AssertSqlSafe, FromRow, PgConnection, Postgres, Sqlite, SqliteConnection, Transaction,
    pool::PoolConnection,
    postgres::{PgArguments, PgRow},
    query::Query as SqlxQuery,
    sqlite::{SqliteArguments, SqliteRow},
};

use super::{DbError, DbResult, Query, Value};

/// A row type of both databases: `#[derive(sqlx_macros::FromRow)]`, or a tuple.
pub trait Row: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}
impl<T> Row for T where T: for<'r> FromRow<'r, SqliteRow> + for<'r> FromRow<'r, PgRow> + Send + Unpin {}

/// A row that the database gave.
enum Found<'r> {
    Sqlite(&'r SqliteRow),
    Pg(&'r PgRow),
}

impl Found<'_> {
    fn read<T: Row>(&self) -> sqlx::Result<T> {
        match self {
            Self::Sqlite(row) => T::from_row(*row),
            Self::Pg(row) => T::from_row(*row),
        }
    }
}

/// What runs on a connection. Boxed: a caller's future would otherwise carry the drivers' own, and the compiler prove it
/// `Send` through all of them for every page.
pub type DbFuture<'c, T> = Pin<Box<dyn Future<Output = DbResult<T>> + Send + 'c>>;

type Take<'t> = dyn FnMut(Found<'_>) -> sqlx::Result<ControlFlow<()>> + Send + 't;

/// A connection to read from, and how many statements ran on it. On SQLite it is opened read-only.
pub struct Conn(pub(super) Inner, u64);

pub(super) enum Inner {
    Sqlite(PoolConnection<Sqlite>),
    Pg(PoolConnection<Postgres>),
    SqliteTx(Transaction<'static, Sqlite>),
    PgTx(Transaction<'static, Postgres>),
}

enum Link<'c> {
    Sqlite(&'c mut SqliteConnection),
    Pg(&'c mut PgConnection),
}

impl Conn {
    pub(super) fn new(inner: Inner) -> Self {
        Self(inner, 0)
    }

    /// How many statements ran since it was taken: tests hold that a page asks as often for much as for little.
    #[must_use]
    pub fn statements(&self) -> u64 {
        self.1
    }

    fn link(&mut self) -> Link<'_> {
        self.1 += 1;
        match &mut self.0 {
            Inner::Sqlite(c) => Link::Sqlite(c),
            Inner::SqliteTx(c) => Link::Sqlite(c),
            Inner::Pg(c) => Link::Pg(c),
            Inner::PgTx(c) => Link::Pg(c),
        }
    }

    /// Exactly one row; none is an error of the program.
    pub async fn one<T: Row>(&mut self, query: Query) -> DbResult<T> {
        self.maybe(query).await?.ok_or(DbError::Sqlx(sqlx::Error::RowNotFound))
    }

    pub async fn maybe<T: Row>(&mut self, query: Query) -> DbResult<Option<T>> {
        let mut found = None;
        let mut first = |row: Found<'_>| {
            found = Some(row.read()?);
            Ok(ControlFlow::Break(()))
        };
        self.each(query, &mut first).await?;
        Ok(found)
    }

    pub async fn all<T: Row>(&mut self, query: Query) -> DbResult<Vec<T>> {
        let mut found = Vec::new();
        let mut every = |row: Found<'_>| {
            found.push(row.read()?);
            Ok(ControlFlow::Continue(()))
        };
        self.each(query, &mut every).await?;
        Ok(found)
    }

    /// Hands row after row to `take` until it has enough. Knows no row type, so that it is compiled once and not for
    /// each type and database.
    fn each<'c>(&'c mut self, query: Query, take: &'c mut Take<'_>) -> DbFuture<'c, ()> {
        Box::pin(async move {
            let (text, values) = query.into_parts();
            match self.link() {
                Link::Sqlite(c) => {
                    let mut rows = bind_sqlite(sqlx::query(AssertSqlSafe(text)), values).fetch(c);
                    while let Some(row) = rows.try_next().await? {
                        if take(Found::Sqlite(&row))?.is_break() {
                            break;
                        }
                    }
                }
                Link::Pg(c) => {
                    let mut rows = bind_pg(sqlx::query(AssertSqlSafe(text)), values).fetch(c);
                    while let Some(row) = rows.try_next().await? {
                        if take(Found::Pg(&row))?.is_break() {
                            break;
                        }
                    }
                }
            }
            Ok(())
        })
    }

    /// One value of one row, as in `select count(*) …`.
    pub async fn value<T>(&mut self, query: Query) -> DbResult<T>
    where
        (T,): Row,
    {
        Ok(self.one::<(T,)>(query).await?.0)
    }

    fn execute(&mut self, query: Query) -> DbFuture<'_, u64> {
        Box::pin(async move {
            let keep = !query.once;
            let (text, values) = query.into_parts();
            Ok(match self.link() {
                Link::Sqlite(c) => {
                    let query = bind_sqlite(sqlx::query(AssertSqlSafe(text)), values).persistent(keep);
                    query.execute(c).await?.rows_affected()
                }
                Link::Pg(c) => {
                    let query = bind_pg(sqlx::query(AssertSqlSafe(text)), values).persistent(keep);
                    query.execute(c).await?.rows_affected()
                }
            })
        })
    }

    pub(super) fn is_sqlite(&self) -> bool {
        matches!(self.0, Inner::Sqlite(_) | Inner::SqliteTx(_))
    }
}

/// PostgreSQL binds at most 65,535 values, SQLite 32,766; smaller statements also keep the cache useful.
const MOST_VALUES: usize = 2_000;

/// A write transaction. Dropped without [`Tx::commit`] it changes nothing.
pub struct Tx(pub(super) Conn, #[expect(dead_code, reason = "notes the time when it is dropped")] pub(super) Held);

/// How long a write transaction stands, noted when it ends.
pub(super) struct Held {
    since: Instant,
    longest: Arc<AtomicU64>,
}

impl Held {
    pub(super) fn begin(longest: &Arc<AtomicU64>) -> Self {
        Self { since: Instant::now(), longest: longest.clone() }
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        let micros = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.longest.fetch_max(micros, Ordering::Relaxed);
    }
}

impl Tx {
    /// Runs a statement and returns the number of rows it touched.
    pub fn run(&mut self, query: Query) -> DbFuture<'_, u64> {
        self.0.execute(query)
    }

    /// Inserts many rows in statements of bounded size: `head` ends with `values `, `tail` is the conflict clause or empty.
    pub async fn run_rows(&mut self, head: &'static str, rows: Vec<Vec<Value>>, tail: &'static str) -> DbResult<u64> {
        let mut done = 0;
        let per_row = rows.first().map_or(1, |row| row.len().max(1));
        let full = (MOST_VALUES / per_row).max(1);
        let sqlite = self.is_sqlite();
        let mut rows = rows.into_iter().peekable();
        while rows.peek().is_some() {
            let mut query = super::sql(head);
            let mut taken = 0;
            for row in rows.by_ref().take(full) {
                // SQLite looks for a numbered place among all of them, so that a statement of n takes n² steps.
                if sqlite {
                    query.push_plain_row(taken == 0, row)
                } else {
                    query.push_row(taken == 0, row)
                };
                taken += 1;
            }
            query.push(" ").push(tail);
            // Full statements read the same each time; a last, shorter one would only crowd the cache.
            query.once = taken < full;
            done += self.run(query).await?;
        }
        Ok(done)
    }

    /// How many rows to make at a time where all of them would not fit in memory: some full statements of that many
    /// columns, so that all but the last read the same and are prepared once.
    #[must_use]
    pub const fn batch(columns: usize) -> usize {
        MOST_VALUES / columns * 16
    }

    pub fn commit(self) -> DbFuture<'static, ()> {
        Box::pin(async move {
            match self.0.0 {
                Inner::SqliteTx(t) => t.commit().await?,
                Inner::PgTx(t) => t.commit().await?,
                Inner::Sqlite(_) | Inner::Pg(_) => {}
            }
            Ok(())
        })
    }

    pub fn rollback(self) -> DbFuture<'static, ()> {
        Box::pin(async move {
            match self.0.0 {
                Inner::SqliteTx(t) => t.rollback().await?,
                Inner::PgTx(t) => t.rollback().await?,
                Inner::Sqlite(_) | Inner::Pg(_) => {}
            }
            Ok(())
        })
    }
}

impl Deref for Tx {
    type Target = Conn;
    fn deref(&self) -> &Conn {
        &self.0
    }
}

impl DerefMut for Tx {
    fn deref_mut(&mut self) -> &mut Conn {
        &mut self.0
    }
}

/// The plan of a query, one line per step, for tests that hold every list to an index.
pub async fn plan_of(conn: &mut Conn, query: Query) -> DbResult<Vec<String>> {
    if conn.is_sqlite() {
        let rows: Vec<(i64, i64, i64, String)> = conn.all(query.after("explain query plan ")).await?;
        return Ok(rows.into_iter().map(|row| row.3).collect());
    }
    let rows: Vec<(String,)> = conn.all(query.after("explain ")).await?;
    Ok(rows.into_iter().map(|row| row.0).collect())
}

macro_rules! binders {
    ($name:ident, $db:ty, $args:ty) => {
        fn $name(mut query: SqlxQuery<'static, $db, $args>, values: Vec<Value>) -> SqlxQuery<'static, $db, $args> {
            for value in values {
                query = match value {
                    Value::Text(v) => query.bind(v),
                    Value::Int(v) => query.bind(v),
                    Value::Real(v) => query.bind(v),
                };
            }
            query
        }
    };
}

binders!(bind_sqlite, Sqlite, SqliteArguments);
binders!(bind_pg, Postgres, PgArguments);
