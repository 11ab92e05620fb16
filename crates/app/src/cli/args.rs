//! What may be typed.

use std::path::PathBuf;

use base::kernel::{Day, DivisionCode};
use clap::{Parser, Subcommand, ValueEnum};

use crate::{demo::Place, intake::FileKind};

fn division(text: &str) -> Result<DivisionCode, String> {
    DivisionCode::parse(text).ok_or_else(|| "应为统计用区划代码，12 位或前 2、4、6、9 位".into())
}

fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "应为日期，例如 2024-01-18".into())
}

fn seconds(text: &str) -> Result<f64, String> {
    let seconds = text.parse().ok().filter(|seconds| (0.0..=1_000_000.0).contains(seconds));
    seconds.ok_or_else(|| "应为秒数，例如 60".into())
}

fn demo_place(text: &str) -> Result<Place, String> {
    Place::parse(text).ok_or_else(|| format!("演示有 {} 这几个地方", Place::ALL.map(Place::name).join("、")))
}

/// 连心：选派干部、驻村第一书记和工作队管理
#[derive(Debug, Parser)]
#[command(name = "lianxin", version, disable_help_subcommand = true)]
pub struct Cli {
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Builds the demo data once and serves it
    Demo {
        #[arg(long, default_value = "demo")]
        dir: PathBuf,
        #[arg(long, default_value = "127.0.0.1:8080")]
        listen: std::net::SocketAddr,
        /// Whose places: sheqi, fushan, wuzhou, shexian, longkou, hunan; sheqi where none is named
        #[arg(long, num_args = 1.., value_parser = demo_place)]
        place: Vec<Place>,
        /// province is --place hunan
        #[arg(long, value_enum, default_value_t = Scale::County)]
        scale: Scale,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        #[arg(long, value_parser = day)]
        today: Option<Day>,
        #[arg(long)]
        no_serve: bool,
    },
    /// Serves; settings from the environment or a file
    Serve {
        #[arg(long)]
        config: Option<PathBuf>,
        /// Leave migrations to `lianxin migrate`
        #[arg(long)]
        no_migrate: bool,
    },
    /// Brings the database up to date
    Migrate,
    /// Takes in a workbook or CSV file
    Import {
        #[arg(value_enum)]
        kind: ImportKind,
        #[arg(required_unless_present = "template")]
        file: Option<PathBuf>,
        #[arg(long)]
        dry_run: bool,
        #[arg(long, value_parser = division)]
        place: Option<DivisionCode>,
        #[arg(long)]
        batch: Option<i64>,
        #[arg(long)]
        all_or_nothing: bool,
        #[arg(long)]
        rejects: Option<PathBuf>,
        #[arg(long)]
        json: bool,
        /// Write an empty template instead
        #[arg(long, requires = "out")]
        template: bool,
        #[arg(short = 'o', long = "out")]
        out: Option<PathBuf>,
    },
    /// Writes what import reads
    Export {
        #[arg(value_enum)]
        kind: ImportKind,
        #[arg(long, value_parser = division)]
        place: Option<DivisionCode>,
        #[arg(long, value_enum)]
        format: Option<Format>,
        #[arg(short = 'o', long = "out")]
        out: PathBuf,
    },
    /// Prints a place or a person into a PDF
    Print {
        #[arg(value_enum)]
        kind: PrintKind,
        #[arg(long, value_parser = division)]
        place: Option<DivisionCode>,
        /// The id of a person, for a dossier or their handovers
        #[arg(long)]
        person: Option<String>,
        #[arg(short = 'o', long = "out")]
        out: PathBuf,
    },
    /// The figures of a place
    Stats {
        #[arg(long, value_parser = division)]
        place: DivisionCode,
        #[arg(long, value_parser = day)]
        from: Option<Day>,
        #[arg(long, value_parser = day)]
        to: Option<Day>,
        #[arg(long, num_args = 1..)]
        indicator: Vec<String>,
        #[arg(long)]
        json: bool,
    },
    /// The records behind a figure
    Facts {
        #[arg(long, value_parser = division)]
        place: DivisionCode,
        #[arg(long)]
        indicator: String,
        #[arg(long, value_parser = day)]
        from: Option<Day>,
        #[arg(long, value_parser = day)]
        to: Option<Day>,
        #[arg(long)]
        json: bool,
    },
    /// A briefing of a place and a period, from the records as they are now
    Brief {
        #[arg(long, value_parser = division)]
        place: DivisionCode,
        #[arg(long, value_parser = day)]
        from: Day,
        #[arg(long, value_parser = day)]
        to: Day,
        /// A template by name; the place's own where none is named
        #[arg(long)]
        template: Option<String>,
        /// txt where nothing else is said
        #[arg(long, value_enum)]
        format: Option<BriefFormat>,
        #[arg(short = 'o', long = "out")]
        out: Option<PathBuf>,
    },
    /// Recomputes every roll-up, every invariant and the audit chain
    Check {
        #[arg(long)]
        json: bool,
    },
    /// The audit trail
    Audit {
        #[command(subcommand)]
        command: AuditCommand,
    },
    /// Accounts without the web
    User {
        #[command(subcommand)]
        command: UserCommand,
    },
    /// Plans who goes where from three tables, with a proven bound
    Plan {
        #[arg(long)]
        villages: PathBuf,
        #[arg(long)]
        units: PathBuf,
        #[arg(long)]
        people: PathBuf,
        /// Whose ranks, ages and years count; default where none is named
        #[arg(long)]
        pack: Option<String>,
        /// The day on which ages and Party years are counted; today where none is named
        #[arg(long, value_parser = day)]
        on: Option<Day>,
        #[arg(long, default_value_t = 1)]
        seed: u64,
        /// Steps of work at most: the same input, seed and work give the same plan
        #[arg(long)]
        work: Option<u64>,
        /// Seconds at most: the best plan so far
        #[arg(long, value_parser = seconds)]
        time: Option<f64>,
        #[arg(long, default_value_t = 2, value_parser = clap::value_parser!(u8).range(1..=64))]
        threads: u8,
        #[arg(short = 'o', long = "out")]
        out: Option<PathBuf>,
        #[arg(long)]
        json: bool,
    },
    /// Online backup of the database into a new file
    Backup { file: PathBuf },
    /// Puts a backup into an empty database
    Restore { file: PathBuf },
    /// Outlines of divisions and points of villages for maps, from a GeoJSON file or a table of your own
    Outlines {
        file: PathBuf,
        #[arg(long)]
        json: bool,
    },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Scale {
    County,
    Province,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum ImportKind {
    Roster,
    Divisions,
    Villages,
    Units,
    Cadres,
    Postings,
    Households,
    /// Orders of the 12345 hotline
    Matters,
}

impl ImportKind {
    /// Postings are a roster by another name.
    #[must_use]
    pub const fn file_kind(self) -> FileKind {
        match self {
            Self::Roster | Self::Postings => FileKind::Roster,
            Self::Divisions => FileKind::Divisions,
            Self::Villages => FileKind::Villages,
            Self::Units => FileKind::Units,
            Self::Cadres => FileKind::Cadres,
            Self::Households => FileKind::Households,
            Self::Matters => FileKind::Matters,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Format {
    Csv,
    Xlsx,
}

impl From<Format> for base::sheet::Format {
    fn from(format: Format) -> Self {
        match format {
            Format::Csv => Self::Csv,
            Format::Xlsx => Self::Xlsx,
        }
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum BriefFormat {
    Txt,
    Docx,
    Pdf,
}

#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Walks every chain
    Verify {
        #[arg(long)]
        json: bool,
    },
}

#[derive(Debug, Subcommand)]
pub enum UserCommand {
    /// Adds an account and prints its one-time start code
    Add {
        name: String,
        /// Name of the person
        #[arg(long)]
        display: String,
        #[arg(long)]
        role: String,
        #[arg(long, value_parser = division)]
        place: Option<DivisionCode>,
        /// Id of a unit, for roles of units
        #[arg(long)]
        unit: Option<String>,
        /// Tells cadres of one name apart
        #[arg(long)]
        phone: Option<String>,
    },
    /// Lists accounts
    List,
    /// Prints a new one-time start code and ends the sessions
    Reset { name: String },
    /// Lets an account sign in no more
    Disable { name: String },
    /// Lets a disabled account sign in again
    Enable { name: String },
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, ValueEnum)]
pub enum PrintKind {
    Cards,
    Boards,
    Letters,
    Roster,
    Handover,
    Dossier,
}
