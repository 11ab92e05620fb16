//! Opening an installation: database, key, today.

use std::path::Path;

use base::{
    db::{Access, Db, Kind},
    kernel::{Clock, Day, DivisionCode},
    seal::Keys,
};

use crate::{
    app::{App, MIGRATIONS},
    config::Config,
    demo::{BEGUN, DONE},
    packs::store::{save_setting, setting},
};

/// An opened installation.
pub struct Opened {
    pub app: App,
    /// How many migrations were applied just now.
    pub migrated: usize,
    /// The places whose demo stands in the database already.
    pub demo: Option<String>,
    /// Whether a demo was begun there and broken off.
    pub half_built: bool,
}

/// Why an installation could not be opened; one line.
pub type OpenError = Box<dyn std::error::Error + Send + Sync>;

/// Opens what the settings name. With `Access::Write` the database is made or brought up to date unless `migrate` is
/// off; with `Access::Read` it must be up to date already.
///
/// `today` overrules the installation's own day; `demo` makes it a demo whatever the database says.
pub async fn open(
    config: &Config,
    access: Access,
    migrate: bool,
    today: Option<Day>,
    demo: bool,
) -> Result<Opened, OpenError> {
    let db = Db::open(&config.database_url, access).await?;
    let mut migrated = 0;
    if access == Access::Write && migrate {
        migrated = db.migrate(&MIGRATIONS).await?;
    }
    if !db.pending(&MIGRATIONS).await?.is_empty() {
        return Err("数据库版本较旧，请先运行 lianxin migrate。".into());
    }
    let installation = DivisionCode::NATION.county();
    let mut conn = db.read().await?;
    let known_key = setting(&mut conn, installation, "key_id").await?;
    let fixed_today = setting(&mut conn, installation, "today").await?.and_then(|text| Day::parse(&text));
    let built = setting(&mut conn, installation, DONE).await?;
    let half_built = built.is_none() && setting(&mut conn, installation, BEGUN).await?.is_some();
    drop(conn);
    if half_built && !demo {
        return Err("这里的演示没有建完；请再运行一次 lianxin demo，会从头建好。".into());
    }
    let keys = Keys::load(&config.key_file, known_key.is_none() && access == Access::Write)?;
    check_key(&db, &keys, known_key, &config.key_file, access).await?;
    let clock = today.or(fixed_today).map_or_else(Clock::system, Clock::fixed);
    let app = App::new(db, keys, clock, config.files.clone(), config.base_url.clone(), demo || built.is_some())?;
    Ok(Opened { app, migrated, demo: built, half_built })
}

/// A key file of another installation would make every sealed value unreadable: said at the start, not at the first use.
async fn check_key(db: &Db, keys: &Keys, known: Option<String>, path: &Path, access: Access) -> Result<(), OpenError> {
    match known {
        Some(known) if known != keys.id() => Err(format!(
            "密钥文件 {} 不是这个数据库的密钥（应为 {known}，实为 {}）；请放回原来的密钥文件。",
            path.display(),
            keys.id()
        )
        .into()),
        None if access == Access::Write => {
            let mut tx = db.begin().await?;
            save_setting(&mut tx, DivisionCode::NATION.county(), "key_id", keys.id()).await?;
            Ok(tx.commit().await?)
        }
        Some(_) | None => Ok(()),
    }
}

/// What a database is, in a word, for messages.
#[must_use]
pub fn kind_word(kind: Kind) -> &'static str {
    match kind {
        Kind::Sqlite => "SQLite",
        Kind::Postgres => "PostgreSQL",
    }
}
