//! Opening a database: settings, safety checks, the lock of the one writer, migrations.

use std::{
    fs::File,
    num::NonZero,
    path::{Path, PathBuf},
    str::FromStr,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use futures_util::future::BoxFuture;
use sqlx::{
    ConnectOptions, Connection, PgConnection, PgPool, SqlitePool,
    migrate::{Migrate, Migrator},
    pool::PoolConnectionMetadata,
    postgres::{PgConnectOptions, PgPoolOptions},
    sqlite::{SqliteConnectOptions, SqliteJournalMode, SqlitePoolOptions, SqliteSynchronous},
};

use super::{
    Conn, DbError, DbFuture, DbResult, Tx,
    conn::{Held, Inner},
    sql,
};

/// Which of the two a URL names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    Sqlite,
    Postgres,
}

/// What the opener means to do. On SQLite there is one writing process at a time.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Access {
    Read,
    Write,
}

/// The database. Cheap to clone.
#[derive(Clone)]
pub struct Db(Arc<Pools>, Arc<AtomicU64>);

enum Pools {
    Sqlite {
        readers: SqlitePool,
        writer: Option<SqlitePool>,
        path: PathBuf,
        _lock: Option<File>,
    },
    /// Apart, so that who has read and now writes never waits for others who do the same.
    Pg {
        readers: PgPool,
        writers: Option<PgPool>,
    },
}

/// How many read at a time: twice the cores keep them all busy, and more only take turns with each other.
fn readers() -> u32 {
    let cores = std::thread::available_parallelism().map_or(2, NonZero::get);
    u32::try_from(cores * 2).unwrap_or(u32::MAX).clamp(4, 16)
}

/// How many write at a time on PostgreSQL.
const WRITERS: u32 = 8;

const WRITE_WAIT: Duration = Duration::from_secs(30);

/// After so long a connection to PostgreSQL may have been cut without anybody's noticing.
const RESTED: Duration = Duration::from_secs(1);

impl Db {
    /// Opens `sqlite://path` (made when missing and `Access::Write`) or `postgres://…`.
    ///
    /// Errors: an unknown URL, a second writer, unsafe durability settings, a database that does not answer.
    pub async fn open(url: &str, access: Access) -> DbResult<Self> {
        match kind_of(url)? {
            Kind::Sqlite => Self::open_sqlite(url, access).await,
            Kind::Postgres => Self::open_postgres(url, access).await,
        }
    }

    async fn open_sqlite(url: &str, access: Access) -> DbResult<Self> {
        let path = sqlite_path(url)?;
        if access == Access::Read && !path.exists() {
            return Err(DbError::Refused(format!("没有找到数据库文件 {}。先运行 serve 或 demo。", path.display())));
        }
        if let Some(folder) = path.parent().filter(|p| !p.as_os_str().is_empty()) {
            std::fs::create_dir_all(folder)?;
        }
        let lock = if access == Access::Write { Some(lock_writer(&path)?) } else { None };
        let options = SqliteConnectOptions::new()
            .filename(&path)
            .synchronous(SqliteSynchronous::Full)
            .foreign_keys(true)
            .disable_statement_logging()
            .busy_timeout(Duration::from_secs(5))
            .pragma("cache_size", "-16000")
            .pragma("mmap_size", "268435456")
            .pragma("temp_store", "memory")
            .statement_cache_capacity(256);
        let writer = if access == Access::Write {
            // What one connection writes it need not map: mapped pages count as this process's memory.
            // The mode stays with the file, so that who only reads, a backup too, need not set it.
            let options = options.clone().create_if_missing(true).journal_mode(SqliteJournalMode::Wal);
            let options = options.pragma("mmap_size", "0").pragma("cache_size", "-32000");
            let pool = SqlitePoolOptions::new().max_connections(1).acquire_timeout(WRITE_WAIT);
            Some(pool.test_before_acquire(false).connect_with(options).await?)
        } else {
            None
        };
        let readers = SqlitePoolOptions::new()
            .max_connections(readers())
            .test_before_acquire(false)
            .acquire_timeout(WRITE_WAIT)
            .connect_lazy_with(options.read_only(true));
        let db = Self(Arc::new(Pools::Sqlite { readers, writer, path, _lock: lock }), Arc::default());
        db.check_sqlite_durability().await?;
        Ok(db)
    }

    async fn check_sqlite_durability(&self) -> DbResult<()> {
        let Pools::Sqlite { writer: Some(writer), .. } = &*self.0 else { return Ok(()) };
        let (synchronous,): (i64,) = sqlx::query_as("pragma synchronous").fetch_one(writer).await?;
        let (journal,): (String,) = sqlx::query_as("pragma journal_mode").fetch_one(writer).await?;
        if synchronous < 2 || journal != "wal" {
            let state = format!("synchronous={synchronous} journal_mode={journal}");
            return Err(DbError::Refused(format!(
                "SQLite 未处于安全的持久化设置（{state}），请换到支持 WAL 的本地磁盘。"
            )));
        }
        Ok(())
    }

    async fn open_postgres(url: &str, access: Access) -> DbResult<Self> {
        let options = PgConnectOptions::from_str(url)
            .map_err(|error| DbError::Refused(format!("LIANXIN_DATABASE_URL 无法识别：{error}")))?
            .application_name("lianxin")
            .disable_statement_logging();
        let pool = |connections: u32| {
            PgPoolOptions::new()
                .max_connections(connections)
                .acquire_timeout(Duration::from_secs(10))
                .test_before_acquire(false)
                .before_acquire(looked_at)
        };
        let readers = pool(readers())
            .connect_with(options.clone())
            .await
            .map_err(|error| DbError::Refused(format!("连接不上 PostgreSQL：{error}")))?;
        for setting in ["fsync", "full_page_writes", "synchronous_commit"] {
            let (value,): (String,) =
                sqlx::query_as("select current_setting($1)").bind(setting).fetch_one(&readers).await?;
            if value == "off" {
                return Err(DbError::Refused(format!(
                    "PostgreSQL 的 {setting} 为 off，断电会丢失已确认的数据；请改为 on 后再启动。"
                )));
            }
        }
        let writers = (access == Access::Write).then(|| pool(WRITERS).connect_lazy_with(options));
        Ok(Self(Arc::new(Pools::Pg { readers, writers }), Arc::default()))
    }

    #[must_use]
    pub fn kind(&self) -> Kind {
        match &*self.0 {
            Pools::Sqlite { .. } => Kind::Sqlite,
            Pools::Pg { .. } => Kind::Postgres,
        }
    }

    /// The file of a SQLite database.
    #[must_use]
    pub fn sqlite_file(&self) -> Option<&Path> {
        match &*self.0 {
            Pools::Sqlite { path, .. } => Some(path),
            Pools::Pg { .. } => None,
        }
    }

    /// A connection to read from.
    pub fn read(&self) -> DbFuture<'_, Conn> {
        Box::pin(async {
            Ok(Conn::new(match &*self.0 {
                Pools::Sqlite { readers, .. } => Inner::Sqlite(readers.acquire().await?),
                Pools::Pg { readers, .. } => Inner::Pg(readers.acquire().await?),
            }))
        })
    }

    /// Begins a write. On SQLite this waits for the one writer.
    pub fn begin(&self) -> DbFuture<'_, Tx> {
        Box::pin(async {
            let read_only = || DbError::Refused("数据库以只读方式打开，不能写入。".into());
            let inner = match &*self.0 {
                Pools::Sqlite { writer, .. } => {
                    let writer = writer.as_ref().ok_or_else(read_only)?;
                    Inner::SqliteTx(writer.begin_with("begin immediate").await?)
                }
                Pools::Pg { writers, .. } => Inner::PgTx(writers.as_ref().ok_or_else(read_only)?.begin().await?),
            };
            Ok(Tx(Conn::new(inner), Held::begin(&self.1)))
        })
    }

    /// How long the longest write has held since this was asked last: on SQLite, what others had to wait at most.
    #[must_use]
    pub fn longest_write(&self) -> Duration {
        Duration::from_micros(self.1.swap(0, Ordering::Relaxed))
    }

    /// Applies the migrations that are missing; on SQLite a copy of a database that holds data is set aside first.
    pub async fn migrate(&self, migrator: &Migrator) -> DbResult<usize> {
        let pending = self.pending(migrator).await?;
        if pending.is_empty() {
            return Ok(0);
        }
        match &*self.0 {
            Pools::Sqlite { writer, path, .. } => {
                let Some(writer) = writer else {
                    return Err(DbError::Refused("数据库需要升级，请先运行 migrate。".into()));
                };
                if pending.len() < migrator.iter().count() {
                    let copy = path.with_extension(format!("before-{}.db", pending[0]));
                    if !copy.exists() {
                        let target = copy.display().to_string();
                        sqlx::query("vacuum into $1").bind(target).execute(writer).await?;
                    }
                }
                migrator.run(writer).await?;
            }
            Pools::Pg { readers, writers } => migrator.run(writers.as_ref().unwrap_or(readers)).await?,
        }
        Ok(pending.len())
    }

    /// The versions that the database lacks.
    pub async fn pending(&self, migrator: &Migrator) -> DbResult<Vec<i64>> {
        let table: &str = "_sqlx_migrations";
        let applied: Vec<i64> = match &*self.0 {
            Pools::Sqlite { writer, readers, .. } => {
                let mut conn = writer.as_ref().unwrap_or(readers).acquire().await?;
                let known: Option<(String,)> = sqlx::query_as("select name from sqlite_master where name = $1")
                    .bind(table)
                    .fetch_optional(&mut *conn)
                    .await?;
                if known.is_none() {
                    Vec::new()
                } else {
                    conn.list_applied_migrations(table).await?.iter().map(|m| m.version).collect()
                }
            }
            Pools::Pg { readers, .. } => {
                let mut conn = readers.acquire().await?;
                conn.ensure_migrations_table(table).await?;
                conn.list_applied_migrations(table).await?.iter().map(|m| m.version).collect()
            }
        };
        Ok(migrator.iter().map(|m| m.version).filter(|version| !applied.contains(version)).collect())
    }

    /// Lets SQLite refresh its statistics and PostgreSQL analyse, after a large import.
    pub async fn optimize(&self) -> DbResult<()> {
        match &*self.0 {
            Pools::Sqlite { writer: Some(writer), .. } => {
                sqlx::query("analyze").execute(writer).await?;
            }
            Pools::Sqlite { .. } => {}
            Pools::Pg { readers, writers } => {
                sqlx::query("analyze").execute(writers.as_ref().unwrap_or(readers)).await?;
            }
        }
        Ok(())
    }

    /// How many bytes the database takes on disk.
    pub async fn size(&self) -> DbResult<u64> {
        match &*self.0 {
            Pools::Sqlite { path, .. } => {
                let mut log = path.as_os_str().to_owned();
                log.push("-wal");
                let log = std::fs::metadata(PathBuf::from(log)).map_or(0, |meta| meta.len());
                Ok(std::fs::metadata(path)?.len() + log)
            }
            Pools::Pg { readers, .. } => {
                let query = sqlx::query_as("select pg_database_size(current_database())");
                let (bytes,): (i64,) = query.fetch_one(readers).await?;
                Ok(u64::try_from(bytes).unwrap_or(0))
            }
        }
    }

    /// Writes a whole copy of a SQLite database into a new file while it is in use.
    pub async fn copy_to(&self, file: &Path) -> DbResult<()> {
        let Pools::Sqlite { readers, .. } = &*self.0 else {
            return Err(DbError::Refused("只有 SQLite 可以这样备份。".into()));
        };
        sqlx::query("vacuum into $1").bind(file.display().to_string()).execute(readers).await?;
        std::fs::File::open(file)?.sync_all()?;
        Ok(())
    }

    /// Whether the database answers.
    pub async fn ping(&self) -> DbResult<()> {
        self.read().await?.value::<i64>(sql("select cast(1 as bigint)")).await.map(drop)
    }

    /// Closes every connection; a SQLite write-ahead log is folded into the file.
    pub async fn close(&self) {
        match &*self.0 {
            Pools::Sqlite { readers, writer, .. } => {
                readers.close().await;
                if let Some(writer) = writer {
                    writer.close().await;
                }
            }
            Pools::Pg { readers, writers } => {
                readers.close().await;
                if let Some(writers) = writers {
                    writers.close().await;
                }
            }
        }
    }
}

/// Asks the server whether it is there after a rest only: a busy pool would ask it twice for every page.
#[expect(clippy::needless_pass_by_value, reason = "the pool gives it so")]
fn looked_at(conn: &mut PgConnection, meta: PoolConnectionMetadata) -> BoxFuture<'_, sqlx::Result<bool>> {
    Box::pin(async move {
        if meta.idle_for > RESTED {
            conn.ping().await?;
        }
        Ok(true)
    })
}

fn kind_of(url: &str) -> DbResult<Kind> {
    if url.starts_with("sqlite:") {
        Ok(Kind::Sqlite)
    } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
        Ok(Kind::Postgres)
    } else {
        let shown = url.split(':').next().unwrap_or("");
        Err(DbError::Refused(format!(
            "LIANXIN_DATABASE_URL 以 {shown}: 开头，应为 sqlite://路径 或 postgres://用户@主机/库。"
        )))
    }
}

/// The file of a SQLite database; `None` for PostgreSQL.
pub fn sqlite_file(url: &str) -> DbResult<Option<PathBuf>> {
    match kind_of(url)? {
        Kind::Sqlite => sqlite_path(url).map(Some),
        Kind::Postgres => Ok(None),
    }
}

/// The file a SQLite URL names. Settings in the URL are refused: durability is not to be switched off from outside.
fn sqlite_path(url: &str) -> DbResult<PathBuf> {
    let rest = url.trim_start_matches("sqlite:").trim_start_matches("//");
    if rest.contains('?') {
        return Err(DbError::Refused("LIANXIN_DATABASE_URL 中的 SQLite 路径不接受“?”后的设置。".into()));
    }
    if rest.is_empty() || rest == ":memory:" {
        return Err(DbError::Refused("LIANXIN_DATABASE_URL 缺少 SQLite 文件路径，例如 sqlite://lianxin.db。".into()));
    }
    Ok(PathBuf::from(rest))
}

fn lock_writer(path: &Path) -> DbResult<File> {
    let mut name = path.as_os_str().to_owned();
    name.push(".lock");
    let file = File::options().create(true).truncate(false).write(true).open(&name)?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => Err(DbError::Refused(format!(
            "数据库 {} 正由另一个写入进程使用（serve、import 或 user）；请先停止它，或在网页上操作。",
            path.display()
        ))),
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}
