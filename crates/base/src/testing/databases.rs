//! Fresh databases, gone when the test ends. PostgreSQL ones are copied from a template migrated once per schema.

use std::{
    env, fs,
    ops::Deref,
    path::{Path, PathBuf},
    sync::atomic::{AtomicUsize, Ordering},
};

use sqlx::{AssertSqlSafe, Connection, PgConnection, migrate::Migrator};

use crate::{
    db::{Access, Db},
    kernel::new_id,
    seal::sha256,
};

/// Names the server for tests, e.g. `postgres://postgres@127.0.0.1:5433/postgres`; its user may create databases.
pub const POSTGRES: &str = "LIANXIN_TEST_POSTGRES";
/// Set to `1` where nothing may be left out.
pub const ALL: &str = "LIANXIN_TEST_ALL";
/// Databases of tests begin so: what a killed run leaves behind can be dropped by name.
const PREFIX: &str = "lianxin_test";
const TEMPLATE_LOCK: i64 = 0x6c69_616e_7869_6e00;

/// A database of one test with a folder of its own.
pub struct TestDb {
    db: Db,
    folder: PathBuf,
    postgres: Option<(String, String)>,
}

impl TestDb {
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.db
    }

    /// Where the test may keep files.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }
}

impl Deref for TestDb {
    type Target = Db;
    fn deref(&self) -> &Db {
        &self.db
    }
}

/// A fresh, migrated SQLite database, and a PostgreSQL one where the environment names a server.
#[expect(clippy::expect_used, reason = "a test without its database has failed")]
pub async fn databases(migrator: &'static Migrator) -> Vec<TestDb> {
    let mut made = vec![sqlite(migrator).await.expect("a SQLite database")];
    if let Some(server) = postgres_server() {
        made.push(postgres(&server, migrator).await.expect("a PostgreSQL database"));
    }
    made
}

/// False where everything is asked for (`LIANXIN_TEST_ALL=1`) and no PostgreSQL server is named: one test asserts this.
#[must_use]
pub fn is_complete() -> bool {
    env::var(ALL).map_or(true, |value| value != "1") || postgres_server().is_some()
}

fn postgres_server() -> Option<String> {
    env::var(POSTGRES).ok().filter(|url| !url.is_empty())
}

fn folder() -> std::io::Result<PathBuf> {
    let folder = env::temp_dir().join(format!("{PREFIX}-{}", new_id()));
    fs::create_dir_all(&folder)?;
    Ok(folder)
}

type Made = Result<TestDb, Box<dyn std::error::Error>>;

async fn sqlite(migrator: &Migrator) -> Made {
    let folder = folder()?;
    let db = Db::open(&format!("sqlite://{}", folder.join("test.db").display()), Access::Write).await?;
    db.migrate(migrator).await?;
    Ok(TestDb { db, folder, postgres: None })
}

async fn postgres(server: &str, migrator: &Migrator) -> Made {
    static NUMBER: AtomicUsize = AtomicUsize::new(0);
    let template = template(server, migrator).await?;
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let name = format!("{PREFIX}_{}_{}_{number}", std::process::id(), &new_id()[24..]);
    let mut admin = PgConnection::connect(server).await?;
    sqlx::query(AssertSqlSafe(format!("create database {name} template {template}"))).execute(&mut admin).await?;
    admin.close().await?;
    let db = Db::open(&at(server, &name), Access::Write).await?;
    Ok(TestDb { db, folder: folder()?, postgres: Some((server.to_owned(), name)) })
}

/// The name of the migrated template; made by whichever process comes first.
async fn template(server: &str, migrator: &Migrator) -> Result<String, Box<dyn std::error::Error>> {
    let sums: Vec<u8> = migrator.iter().flat_map(|migration| migration.checksum.to_vec()).collect();
    let name = format!("{PREFIX}_template_{}", &sha256(&sums)[..12]);
    let mut admin = PgConnection::connect(server).await?;
    sqlx::query("select pg_advisory_lock($1)").bind(TEMPLATE_LOCK).execute(&mut admin).await?;
    let known: Option<(i32,)> =
        sqlx::query_as("select 1 from pg_database where datname = $1").bind(&name).fetch_optional(&mut admin).await?;
    if known.is_none() {
        // Migrated under another name, so that a process killed in between leaves no half template.
        let draft = format!("{name}_draft");
        for statement in [format!("drop database if exists {draft}"), format!("create database {draft}")] {
            sqlx::query(AssertSqlSafe(statement)).execute(&mut admin).await?;
        }
        let db = Db::open(&at(server, &draft), Access::Write).await?;
        db.migrate(migrator).await?;
        db.close().await;
        sqlx::query(AssertSqlSafe(format!("alter database {draft} rename to {name}"))).execute(&mut admin).await?;
    }
    // Ends the session and with it the lock.
    admin.close().await?;
    Ok(name)
}

/// The server's URL with another database.
fn at(server: &str, name: &str) -> String {
    let (head, tail) = server.split_once('?').map_or((server, None), |(head, tail)| (head, Some(tail)));
    let head = match head.rsplit_once('/') {
        Some((authority, _)) if !authority.ends_with('/') => authority,
        _ => head,
    };
    tail.map_or_else(|| format!("{head}/{name}"), |tail| format!("{head}/{name}?{tail}"))
}

impl Drop for TestDb {
    fn drop(&mut self) {
        // A failure to clear up is no failure of the test; what stays has our prefix.
        let _ = fs::remove_dir_all(&self.folder);
        let Some((server, name)) = self.postgres.take() else { return };
        let drop_it = async move {
            let mut admin = PgConnection::connect(&server).await?;
            let statement = AssertSqlSafe(format!("drop database if exists {name} with (force)"));
            sqlx::query(statement).execute(&mut admin).await?;
            admin.close().await
        };
        let _ = std::thread::spawn(|| {
            tokio::runtime::Builder::new_current_thread().enable_all().build().map(|runtime| runtime.block_on(drop_it))
        })
        .join();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_server_keeps_its_options_under_another_database() {
        assert_eq!(at("postgres://p@h:1/postgres", "x"), "postgres://p@h:1/x");
        assert_eq!(at("postgres://p@h:1/postgres?host=/tmp", "x"), "postgres://p@h:1/x?host=/tmp");
        assert_eq!(at("postgres://p@h:1", "x"), "postgres://p@h:1/x");
    }
}
