//! A copy of the database, and the way back.

use std::{path::Path, process::ExitCode};

use base::db::{Access, Db, Kind, sql};

use super::{
    open::open,
    run::{Done, Stop, config_from, read_config},
};
use crate::config::Config;

/// Writes a copy of the database while it is in use.
pub async fn backup(file: &Path) -> Done {
    copy(&read_config()?, file).await?;
    eprintln!("已备份到 {}。密钥文件要另外保存：没有它，身份证号打不开。", file.display());
    Ok(ExitCode::SUCCESS)
}

async fn copy(config: &Config, file: &Path) -> Result<(), Stop> {
    let app = open(config, Access::Read, false, None, false).await?.app;
    if app.db.kind() == Kind::Postgres {
        return Err(Stop::from("PostgreSQL 请用 pg_dump 或 pg_basebackup 备份，并一并保存密钥文件。"));
    }
    if file.exists() {
        return Err(Stop::from(format!("{} 已存在，备份不覆盖旧文件。", file.display())));
    }
    app.db.copy_to(file).await?;
    // The copy must open and hold what it should before it counts as a backup.
    sound(file).await
}

async fn sound(file: &Path) -> Result<(), Stop> {
    let look = async {
        let copy = Db::open(&format!("sqlite://{}", file.display()), Access::Read).await?;
        let mut conn = copy.read().await?;
        let verdict: String = conn.value(sql("pragma integrity_check")).await?;
        let ours = sql("select count(*) from sqlite_master where type = 'table' and name in ('setting', 'fact')");
        let ours: i64 = conn.value(ours).await?;
        drop(conn);
        copy.close().await;
        base::db::DbResult::Ok((verdict, ours))
    };
    let (verdict, ours) = look.await.map_err(|error| format!("{} 打不开，不是备份：{error}", file.display()))?;
    match (verdict.as_str(), ours) {
        ("ok", 2) => Ok(()),
        ("ok", _) => Err(Stop::from(format!("{} 不是连心的备份。", file.display()))),
        _ => Err(Stop::from(format!("备份文件没有通过完整性检查：{verdict}"))),
    }
}

/// Puts a backup where the settings say the database is; only where nothing stands there yet.
pub async fn restore(file: &Path) -> Done {
    put_back(&config_from(None)?, file).await?;
    Ok(ExitCode::SUCCESS)
}

async fn put_back(config: &Config, file: &Path) -> Result<(), Stop> {
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
    open(config, Access::Write, true, None, false).await?.app.db.close().await;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(folder: &Path, name: &str) -> Config {
        Config {
            database_url: format!("sqlite://{}", folder.join(name).display()),
            listen: "127.0.0.1:0".parse().expect("an address"),
            files: folder.join("files"),
            key_file: folder.join("key"),
            base_url: None,
            log: "warn".into(),
        }
    }

    fn said(done: Result<(), Stop>) -> String {
        done.err().map(|stop| stop.message).unwrap_or_default()
    }

    async fn stock(config: &Config) -> i64 {
        let app =
            open(config, Access::Read, false, None, false).await.map_err(|stop| stop.to_string()).expect("opened").app;
        app.db.read().await.expect("a reader").value(sql("select count(*) from audit")).await.expect("counted")
    }

    #[tokio::test]
    async fn a_backup_comes_back_whole_and_only_into_nothing() {
        let folder = std::env::temp_dir().join(format!("lianxin-backup-{}", base::kernel::new_id()));
        std::fs::create_dir_all(&folder).expect("a folder");
        let here = config(&folder, "here.db");
        let app =
            open(&here, Access::Write, true, None, false).await.map_err(|stop| stop.to_string()).expect("made").app;
        let actor = crate::accounts::Actor::command_line(app.clock);
        let mut tx = app.db.begin().await.expect("a write");
        let subject = crate::spine::audit::Subject { kind: "file", id: "x" };
        let change = crate::spine::audit::Change::made(serde_json::json!({ "kept": true }));
        let county = base::kernel::CountyId::from_i64(411_327).expect("a county");
        crate::spine::audit::write(&mut tx, county, &actor, "rating.open", subject, change).await.expect("written");
        tx.commit().await.expect("written");
        app.db.close().await;
        drop(app);
        let file = folder.join("copy.db");
        assert_eq!(said(copy(&here, &file).await), "");
        assert!(said(copy(&here, &file).await).contains("已存在"), "no backup is overwritten");
        let there = config(&folder, "there.db");
        assert_eq!(said(put_back(&there, &file).await), "");
        assert_eq!((stock(&here).await, stock(&there).await), (1, 1));
        assert!(said(put_back(&there, &file).await).contains("已经有数据"));
        std::fs::write(folder.join("other.txt"), "no database at all, whatever its name says").expect("written");
        let elsewhere = config(&folder, "elsewhere.db");
        assert!(said(put_back(&elsewhere, &folder.join("other.txt")).await).contains("不是备份"));
        assert!(said(put_back(&elsewhere, &folder.join("none.db")).await).contains("没有文件"));
        std::fs::remove_dir_all(&folder).expect("removed");
    }
}
