//! `lianxin demo`: builds the data once in a folder, serves it.

use std::{net::SocketAddr, path::Path, process::ExitCode};

use base::{db::Access, kernel::Day};

use super::{
    open::{Opened, open},
    run::{Done, Stop, start_log},
    serve::serve,
};
use crate::{
    accounts,
    config::Config,
    demo::{self, Place, province::Part},
};

/// The settings of a demo folder.
pub(super) fn config(dir: &Path, listen: SocketAddr) -> Config {
    Config {
        database_url: format!("sqlite://{}", dir.join("lianxin.db").display()),
        listen,
        files: dir.join("files"),
        key_file: dir.join("key"),
        base_url: None,
        log: "warn".into(),
    }
}

pub(super) async fn run(
    dir: &Path,
    listen: SocketAddr,
    asked: &[Place],
    (seed, today): (u64, Option<Day>),
    no_serve: bool,
) -> Done {
    let config = config(dir, listen);
    start_log(&config.log);
    let built_before = stands(&config).await?;
    let day = today.or_else(|| if built_before { None } else { Day::new(2024, 1, 18) });
    let mut opened = open(&config, Access::Write, true, day, true).await?;
    if opened.half_built {
        eprintln!("{} 里的演示上次没有建完，从头再建。", dir.display());
        opened.app.db.close().await;
        drop(opened);
        clear(&dir.join("lianxin.db"))?;
        opened = open(&config, Access::Write, true, day, true).await?;
    }
    let Opened { app, demo: built, .. } = opened;
    let mut places: Vec<Place> = if asked.is_empty() { vec![Place::Sheqi] } else { asked.to_vec() };
    places.sort_unstable();
    places.dedup();
    let names = |places: &[Place]| places.iter().map(|place| place.name()).collect::<Vec<_>>().join(" ");
    match built {
        Some(built) if !asked.is_empty() && built != names(&places) => {
            let dir = dir.display();
            return Err(Stop::usage(format!("{dir} 里已经是 {built} 的演示；要看别的地方，请用 --dir 另选一个文件夹")));
        }
        Some(_) => eprintln!("演示数据已在 {}", dir.display()),
        None => {
            let zh: Vec<&str> = places.iter().map(|place| place.zh()).collect();
            eprintln!("正在 {} 建立{}的演示数据……", dir.display(), zh.join("、"));
            let say = |words: &str| eprintln!("{words}");
            Box::pin(demo::build(&app, &places, seed, Part::WHOLE, &say)).await?;
        }
    }
    if no_serve {
        app.db.close().await;
        return Ok(ExitCode::SUCCESS);
    }
    let entrances = accounts::store::demo_entrances(&mut app.db.read().await?).await?;
    serve(app, listen, |address| {
        eprintln!("打开 http://{address} ，在登录页点一种身份即可进入。Ctrl-C 停止。");
        eprintln!("也可以输入用户名，密码都是 {}：", demo::PASSWORD);
        for entrance in &entrances {
            eprintln!("  {:<18}{} · {}", entrance.name, entrance.label, entrance.who);
        }
    })
    .await?;
    Ok(ExitCode::SUCCESS)
}

/// Takes away a database of which only a demo's beginning stands there.
fn clear(database: &Path) -> std::io::Result<()> {
    for end in ["", "-wal", "-shm"] {
        let mut file = database.as_os_str().to_owned();
        file.push(end);
        match std::fs::remove_file(&file) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => return Err(error),
            Ok(()) | Err(_) => {}
        }
    }
    Ok(())
}

/// Whether a demo stands there, whose own today then counts.
async fn stands(config: &Config) -> Result<bool, Stop> {
    if !config.key_file.exists() {
        return Ok(false);
    }
    Ok(open(config, Access::Read, false, None, false).await.is_ok_and(|opened| opened.demo.is_some()))
}

#[cfg(test)]
mod tests {
    use base::db::sql;
    use clap::Parser;

    use super::*;
    use crate::{
        cli::args::{Cli, Command},
        packs::store::save_setting,
    };

    async fn built(folder: &Path, places: &[Place]) -> Result<(), (u8, String)> {
        let listen = "127.0.0.1:0".parse().expect("an address");
        run(folder, listen, places, (1, None), true).await.map(drop).map_err(|stop| (stop.status, stop.message))
    }

    async fn people(folder: &Path) -> Result<i64, String> {
        let listen = "127.0.0.1:0".parse().expect("an address");
        let opened = open(&config(folder, listen), Access::Read, false, None, false).await;
        let app = opened.map_err(|error| error.to_string())?.app;
        Ok(app
            .db
            .read()
            .await
            .expect("a reader")
            .value(sql("select count(*) from live_person"))
            .await
            .expect("counted"))
    }

    #[tokio::test]
    async fn what_was_broken_off_is_seen_by_nobody_and_begun_anew() {
        let folder = std::env::temp_dir().join(format!("lianxin-demo-{}", base::kernel::new_id()));
        let listen = "127.0.0.1:0".parse().expect("an address");
        let opened = open(&config(&folder, listen), Access::Write, true, None, true).await;
        let app = opened.map_err(|error| error.to_string()).expect("made").app;
        let mut tx = app.db.begin().await.expect("a write");
        let installation = base::kernel::DivisionCode::NATION.county();
        save_setting(&mut tx, installation, demo::BEGUN, "longkou").await.expect("begun");
        let county = base::kernel::DivisionCode::parse("370681").expect("a code");
        crate::places::store::save_all(&mut tx, &[(county, "从前".into())], app.clock.today()).await.expect("a row");
        tx.commit().await.expect("written");
        app.db.close().await;
        drop(app);
        assert!(people(&folder).await.expect_err("half built").contains("没有建完"));
        built(&folder, &[Place::Longkou]).await.expect("built anew");
        assert_eq!(people(&folder).await, Ok(76));
        // The second time it is there at once; other places want another folder.
        built(&folder, &[]).await.expect("stands");
        built(&folder, &[Place::Longkou]).await.expect("stands");
        let (status, words) = built(&folder, &[Place::Sheqi, Place::Hunan]).await.expect_err("another place");
        assert!(status == 2 && words.contains("longkou"), "{status} {words}");
        std::fs::remove_dir_all(&folder).expect("removed");
    }

    #[test]
    fn places_are_named_on_the_command_line() {
        let read = |words: &str| Cli::try_parse_from(std::iter::once("lianxin").chain(words.split(' ')));
        let Ok(Cli { command: Command::Demo { place, .. } }) = read("demo --no-serve --place hunan sheqi shexian")
        else {
            panic!("not understood")
        };
        assert_eq!(place, [Place::Hunan, Place::Sheqi, Place::Shexian]);
        let no = read("demo --place hubei").expect_err("unknown");
        assert_eq!(no.exit_code(), 2);
        for known in Place::ALL {
            assert!(no.to_string().contains(known.name()), "{no}");
        }
    }
}
