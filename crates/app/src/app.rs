//! The application's state: what every request and command is given.

use std::{collections::BTreeMap, path::PathBuf, sync::Arc};

use base::{
    db::{Conn, Db, DbResult},
    kernel::{Clock, CountyId, Day},
    seal::Keys,
    web::Limiter,
};

use crate::{
    burden::meter::Meter,
    packs::{self, Pack},
    postings::store::{Coverage, Filter},
    spine::{facts::read::Span, files::FileStore, kept::Kept},
};

/// The migrations that the program carries, one text for both databases.
pub static MIGRATIONS: sqlx::migrate::Migrator = sqlx_macros::migrate!("../../migrations");

/// Cheap to clone: one per process.
#[derive(Clone)]
pub struct App(Arc<Inner>);

pub struct Inner {
    pub db: Db,
    pub keys: Keys,
    pub clock: Clock,
    pub files: FileStore,
    /// `https://…` as users type it, where the operator says so.
    pub base_url: Option<String>,
    /// A demo shows one-click sign-ins.
    pub demo: bool,
    /// Tries to sign in, per address: thirty in five minutes.
    pub sign_in_tries: Limiter,
    /// Tries to follow a nameless complaint by its code, per address: thirty in five minutes.
    pub code_tries: Limiter,
    /// What comes in from villagers and who tries their codes.
    pub villagers: VillagerLimits,
    /// What the packs ask of all villages of a city or province, and who is there.
    pub coverages: Kept<Day, Coverage>,
    /// Figures of a city or province that count keys, by code and period.
    pub figures: Kept<(&'static str, Span), i64>,
    /// How many postings a list counts.
    pub totals: Kept<Filter, i64>,
    /// What forms cost those who fill them, until it is written.
    pub meter: Meter,
    packs: BTreeMap<String, Pack>,
}

/// Limits on what nobody signed in for, per address or village; without any puzzle.
pub struct VillagerLimits {
    /// Above this a matter waits for somebody to look at it: five an hour from one address.
    pub quiet: Limiter,
    /// Above this nothing more is taken: forty an hour from one address.
    pub raises: Limiter,
    /// Codes that led nowhere: twenty in ten minutes from one address.
    pub misses: Limiter,
    /// The same from everywhere: guessing from many addresses shows here.
    pub all_misses: Limiter,
    /// One alarm an hour for each address, and one for all.
    pub alarms: Limiter,
}

impl VillagerLimits {
    fn new() -> Self {
        Self {
            quiet: Limiter::new(5, 3_600),
            raises: Limiter::new(40, 3_600),
            misses: Limiter::new(20, 600),
            all_misses: Limiter::new(300, 600),
            alarms: Limiter::new(1, 3_600),
        }
    }
}

impl std::ops::Deref for App {
    type Target = Inner;
    fn deref(&self) -> &Inner {
        &self.0
    }
}

impl App {
    /// Errors: a shipped pack that does not read.
    pub fn new(
        db: Db,
        keys: Keys,
        clock: Clock,
        files: PathBuf,
        base_url: Option<String>,
        demo: bool,
    ) -> Result<Self, toml::de::Error> {
        let shipped = Pack::shipped()?;
        let default = shipped.first().cloned();
        let complete = |pack: Pack| match &default {
            Some(default) => pack.over(default),
            None => pack,
        };
        let packs = shipped.into_iter().map(complete).map(|pack| (pack.name.clone(), pack)).collect();
        let files = FileStore::new(files);
        let (sign_in_tries, code_tries) = (Limiter::new(30, 300), Limiter::new(30, 300));
        let (villagers, meter) = (VillagerLimits::new(), Meter::default());
        let (coverages, figures, totals) = (Kept::by_county(32), Kept::of(1_000), Kept::of(1_000));
        let inner = Inner {
            db,
            keys,
            clock,
            files,
            base_url,
            demo,
            sign_in_tries,
            code_tries,
            villagers,
            coverages,
            figures,
            totals,
            meter,
            packs,
        };
        Ok(Self(Arc::new(inner)))
    }

    /// Whether cookies must be `Secure`.
    #[must_use]
    pub fn is_https(&self) -> bool {
        self.base_url.as_deref().is_some_and(|url| url.starts_with("https://"))
    }

    /// The packs by name, each completed by `default`.
    #[must_use]
    pub fn packs(&self) -> &BTreeMap<String, Pack> {
        &self.packs
    }

    /// The pack that a county follows; `default` where its setting names none that is known.
    pub async fn pack(&self, conn: &mut Conn, county: CountyId) -> DbResult<&Pack> {
        let name = packs::store::pack_name(conn, county).await?;
        let pack = self.packs.get(&name).or_else(|| self.packs.get("default"));
        pack.ok_or_else(|| base::db::DbError::Refused("制度包 default 缺失".into()))
    }
}
