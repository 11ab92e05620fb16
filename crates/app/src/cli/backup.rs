//! A copy of the database, and the way back.

use std::{path::Path, process::ExitCode};

use base::db::{Access, Db, Kind, sql};

use super::{
    open::open,
    run::{Done, Stop, config_from, read_config},
};

/// `lianxin backup`: a whole copy of a SQLite database while it is in use; PostgreSQL has `pg_dump`.
pub async fn backup(file: &Path) -> Done {
    let app = open(&read_config()?, Access::Read, false, None, false).await?.app;
    if app.db.kind() == Kind::Postgres {
        return Err(Stop::from("PostgreSQL 请用 pg_dump 或 pg_basebackup 备份，并一并保存密钥文件。"));
    }
    if file.exists() {
        return Err(Stop::from(format!("{} 已存在，备份不覆盖旧文件。", file.display())));
    }
    app.db.copy_to(file).await?;
    // The copy must open and hold what it should before it counts as a backup.
    sound(file).await?;
    eprintln!("已备份到 {}。密钥文件要另外保存：没有它，身份证号打不开。", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn sound(file: &Path) -> Result<(), Stop> {
    let copy = Db::open(&format!("sqlite://{}", file.display()), Access::Read).await?;
    let mut conn = copy.read().await?;
    let verdict: String = conn.value(sql("pragma integrity_check")).await?;
    let ours: i64 = conn
        .value(sql("select count(*) from sqlite_master where type = 'table' and name in ('setting', 'fact')"))
        .await?;
    drop(conn);
    copy.close().await;
    match (verdict.as_str(), ours) {
        ("ok", 2) => Ok(()),
        ("ok", _) => Err(Stop::from(format!("{} 不是连心的备份。", file.display()))),
        _ => Err(Stop::from(format!("备份文件没有通过完整性检查：{verdict}"))),
    }
}

/// Puts a backup where the settings say the database is; only where nothing stands there yet.
pub async fn restore(file: &Path) -> Done {
    let config = config_from(None)?;
    let Some(target) = base::db::sqlite_file(&config.database_url)? else {
        return Err(Stop::from("PostgreSQL 请用 pg_restore 恢复，并放回原来的密钥文件。"));
    };
    if !file.is_file() {
        return Err(Stop::from(format!("没有文件 {}", file.display())));
    }
    sound(file).await?;
    // Held until the file stands: nobody else begins to write here meanwhile.
    let empty = Db::open(&config.database_url, Access::Write).await?;
    let tables: i64 = empty.read().await?.value(sql("select count(*) from sqlite_master where type = 'table'")).await?;
    if tables > 0 {
        return Err(Stop::from(format!("{} 里已经有数据；恢复只写进空的数据库。", target.display())));
    }
    let beside = target.with_extension("restoring");
    std::fs::copy(file, &beside)?;
    std::fs::File::open(&beside)?.sync_all()?;
    empty.close().await;
    for left in ["-wal", "-shm"] {
        let mut name = target.clone().into_os_string();
        name.push(left);
        let _ = std::fs::remove_file(name);
    }
    std::fs::rename(&beside, &target)?;
    drop(empty);
    eprintln!("已从 {} 恢复到 {}。", file.display(), target.display());
    // Brings it up to date, and says so where the key beside it is another one.
    open(&config, Access::Write, true, None, false).await?.app.db.close().await;
    Ok(ExitCode::SUCCESS)
}
