//! An installation to measure: the demo county with many more people, served by the program as it ships.

use std::{
    fmt::Write as _,
    io::{BufRead, BufReader, Read},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
};

use super::{Options, Outcome};
use base::{
    db::Access,
    kernel::{Day, Level, new_id},
    seal::{random_token, sha256},
};
use lianxin::{
    accounts::store::{self, NewSession},
    app::App,
    cli::open,
    config::Config,
    demo::{
        self, Place,
        province::Part,
        scale::{RosterRow, RosterVillage, roster},
    },
};

/// A folder that is gone when the measuring ends.
pub struct Folder(PathBuf);

impl Folder {
    pub fn make() -> Outcome<Self> {
        let path = std::env::temp_dir().join(format!("lianxin-bench-{}", new_id()));
        std::fs::create_dir_all(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An installation's settings.
pub struct World {
    config: Config,
    folder: PathBuf,
}

impl World {
    /// The demo county in a database that holds nothing.
    pub async fn build(folder: &Folder, database_url: &str) -> Outcome<Self> {
        let world = Self::new(folder, database_url)?;
        let app = world.open(Some(today()?)).await?;
        demo::load(&app, &demo::sheqi(1, app.clock.today()), "sheqi").await?;
        app.db.close().await;
        Ok(world)
    }

    /// A province with all its counties and a few of its people.
    pub async fn build_province(folder: &Folder, database_url: &str) -> Outcome<Self> {
        let world = Self::new(folder, database_url)?;
        let app = world.open(Some(today()?)).await?;
        Box::pin(demo::build(&app, &[Place::Hunan], 1, Part::per_mille(20), &|_: &str| {})).await?;
        app.db.close().await;
        Ok(world)
    }

    /// An installation without anything in it.
    pub fn new(folder: &Folder, database_url: &str) -> Outcome<Self> {
        let config = Config {
            database_url: database_url.to_owned(),
            listen: "127.0.0.1:0".parse()?,
            files: folder.path().join("files"),
            key_file: folder.path().join("key"),
            base_url: None,
            log: "error".into(),
        };
        Ok(Self { config, folder: folder.path().to_owned() })
    }

    pub fn folder(&self) -> &Path {
        &self.folder
    }

    pub async fn open(&self, today: Option<Day>) -> Outcome<App> {
        Ok(open(&self.config, Access::Write, true, today, true).await?.app)
    }

    /// Imports a roster of so many rows with the program as it ships; how many postings it made.
    pub async fn take_in(&self, options: &Options, rows: usize) -> Outcome<u64> {
        let file = self.folder.join("roster.csv");
        std::fs::write(&file, roster_csv(rows))?;
        let mut command = self.command(options);
        command.args(["import", "roster"]).arg(&file).args(["--place", "411327000000", "--json"]);
        let said = tokio::task::spawn_blocking(move || command.stderr(Stdio::null()).output()).await??;
        let report: serde_json::Value = serde_json::from_slice(&said.stdout)?;
        report["created"].as_u64().ok_or_else(|| "the import made nothing".into())
    }

    /// A session of the county's office, as a cookie.
    pub async fn sign_in(&self) -> Outcome<String> {
        self.sign_in_as("office").await
    }

    pub async fn sign_in_as(&self, name: &str) -> Outcome<String> {
        let app = self.open(None).await?;
        let token = random_token()?;
        let mut tx = app.db.begin().await?;
        let account = store::find_by_name(&mut tx, name).await?.ok_or("the demo has no such account")?;
        let token_hash = sha256(token.as_bytes());
        let session = NewSession { token_hash: &token_hash, account_id: &account.id, address: None, agent: None };
        store::add_session(&mut tx, &session, app.clock.now()).await?;
        tx.commit().await?;
        app.db.optimize().await?;
        app.db.close().await;
        Ok(format!("lianxin={token}"))
    }

    fn command(&self, options: &Options) -> Command {
        let mut command = Command::new(&options.lianxin);
        command
            .env("LIANXIN_DATABASE_URL", &self.config.database_url)
            .env("LIANXIN_LISTEN", "127.0.0.1:0")
            .env("LIANXIN_FILES", &self.config.files)
            .env("LIANXIN_SECRET_KEY_FILE", &self.config.key_file)
            .env("LIANXIN_LOG", "error")
            .stdin(Stdio::null());
        command
    }

    pub fn serve(&self, options: &Options) -> Outcome<Server> {
        let mut child = self.command(options).arg("serve").stdout(Stdio::null()).stderr(Stdio::piped()).spawn()?;
        let said = child.stderr.take().ok_or("no stderr")?;
        Server::listening(child, said)
    }
}

/// A program that answers on an address.
pub struct Server {
    child: Child,
    pub address: String,
}

impl Server {
    /// The bare program over the same database.
    pub fn bare(options: &Options, kind: &str, database: &str, page: &Path) -> Outcome<Self> {
        let mut command = Command::new(&options.bare);
        command.arg(kind).arg(database).arg(page).stdout(Stdio::piped()).stdin(Stdio::null());
        let mut child = command.spawn()?;
        let said = child.stdout.take().ok_or("no stdout")?;
        Self::listening(child, said)
    }

    /// Waits for the line that says where it listens; what comes later is read and let go.
    fn listening(child: Child, said: impl Read + Send + 'static) -> Outcome<Self> {
        let mut server = Self { child, address: String::new() };
        let mut lines = BufReader::new(said).lines();
        server.address =
            lines.by_ref().map_while(Result::ok).find_map(|line| address_in(&line)).ok_or("ended at once")?;
        std::thread::spawn(move || lines.for_each(drop));
        Ok(server)
    }

    /// A line of the kernel's record of the process, in kB.
    pub fn memory_kb(&self, name: &str) -> Outcome<u64> {
        memory_kb(&self.child.id().to_string(), name)
    }

    pub fn stop(self) {}
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `VmRSS:` or `VmHWM:` of a process, in kB.
pub fn memory_kb(process: &str, name: &str) -> Outcome<u64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status"))?;
    let line = status.lines().find_map(|line| line.strip_prefix(name)).ok_or("no such line")?;
    Ok(line.trim().trim_end_matches(" kB").parse()?)
}

fn address_in(line: &str) -> Option<String> {
    let rest = line.split_once("http://")?.1;
    Some(rest.chars().take_while(|c| c.is_ascii_digit() || matches!(c, '.' | ':')).collect())
}

pub fn today() -> Outcome<Day> {
    Day::new(2024, 1, 18).ok_or_else(|| "a day".into())
}

/// A roster over the demo's villages, as an office would send it.
pub fn roster_csv(rows: usize) -> String {
    let divisions = demo::lists::divisions();
    let villages: Vec<RosterVillage> = divisions
        .iter()
        .filter(|one| one.level == Level::Village && one.name.ends_with("村民委员会"))
        .filter_map(|one| {
            let township = divisions.iter().find(|other| other.code == one.code.parent())?;
            Some(RosterVillage { code: one.code, name: one.short.clone(), township: township.name.clone() })
        })
        .collect();
    let mut text = format!("{}\n", RosterRow::HEADER.join(","));
    for row in roster(7, &villages, rows) {
        let _ = writeln!(text, "{}", row.cells().join(","));
    }
    text
}
