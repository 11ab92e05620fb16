//! Counting: around every route, in memory, written once in a while.

use std::{
    collections::{BTreeMap, HashSet},
    hash::{BuildHasher, RandomState},
    sync::{Mutex, MutexGuard, PoisonError},
};

use axum::{
    extract::{MatchedPath, Request, State},
    http::{Method, StatusCode},
    middleware::Next,
    response::Response,
};
use base::{
    db::DbResult,
    kernel::{CountyId, Month},
    web::PostKey,
};

use super::{
    demand::{self, Demand},
    rules::{Sums, figures, typed},
    store,
};
use crate::{
    accounts::{Permission, Role, Viewer},
    app::App,
    web::Sent,
};

/// What sums are kept by.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Key {
    pub county: CountyId,
    pub month: Month,
    pub role: Role,
    pub form: &'static Demand,
}

/// More figures than this are not remembered; the month then counts fewer repeats than there were.
const MOST_FIGURES: usize = 100_000;

/// What was counted and is not yet written.
#[derive(Default)]
pub struct Meter(Mutex<Counted>);

#[derive(Default)]
struct Counted {
    sums: BTreeMap<Key, Sums>,
    /// Records, fields and figures of the month, hashed with a key that no one knows and that ends with the process.
    figures: HashSet<u64>,
    month: Option<Month>,
    hasher: RandomState,
}

impl Meter {
    fn counted(&self) -> MutexGuard<'_, Counted> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub fn add(&self, key: Key, sums: Sums) {
        *self.counted().sums.entry(key).or_default() += sums;
    }

    /// Remembers the figures that somebody typed into a record, and says how many had been typed there this month.
    pub fn repeats(&self, month: Month, record: &str, figures: &[(&str, &str)]) -> i64 {
        let mut counted = self.counted();
        if counted.month != Some(month) {
            counted.month = Some(month);
            counted.figures.clear();
        }
        let mut again = 0;
        for (field, figure) in figures {
            let hash = counted.hasher.hash_one((record, field, figure));
            if counted.figures.contains(&hash) {
                again += 1;
            } else if counted.figures.len() < MOST_FIGURES {
                counted.figures.insert(hash);
            }
        }
        again
    }

    /// Takes what is not yet written.
    pub fn take(&self) -> BTreeMap<Key, Sums> {
        std::mem::take(&mut self.counted().sums)
    }
}

/// Writes what was counted, a county to a transaction; what cannot be written is counted on.
pub async fn save(app: &App) -> DbResult<()> {
    let mut waiting = app.meter.take();
    while let Some(county) = waiting.keys().next().map(|key| key.county) {
        let own: Vec<_> =
            waiting.iter().filter(|(key, _)| key.county == county).map(|(key, sums)| (*key, *sums)).collect();
        let written = async {
            let mut tx = app.db.begin().await?;
            store::add(&mut tx, &own).await?;
            tx.commit().await
        };
        if let Err(error) = written.await {
            waiting.into_iter().for_each(|(key, sums)| app.meter.add(key, sums));
            return Err(error);
        }
        waiting.retain(|key, _| key.county != county);
    }
    Ok(())
}

/// A form on its way in: what is known before it is read.
struct Coming {
    form: &'static Demand,
    route: String,
    record: String,
    open_for: Option<i64>,
    county: CountyId,
    roles: Vec<Role>,
}

impl Coming {
    /// `None` where nothing is counted: no POST, nobody signed in, a form that is left out.
    fn of(request: &Request) -> Option<Self> {
        let extensions = request.extensions();
        let route = extensions.get::<MatchedPath>().filter(|_| request.method() == Method::POST)?.as_str();
        let form = demand::of_route(route).filter(|form| form.is_counted())?;
        let viewer = extensions.get::<Viewer>()?;
        Some(Self {
            form,
            route: route.to_owned(),
            record: request.uri().path().to_owned(),
            open_for: extensions.get::<PostKey>().and_then(PostKey::open_for),
            county: viewer.home.county(),
            roles: viewer.grants.iter().map(|grant| grant.role).collect(),
        })
    }

    /// As what somebody sent it: an own duty that allows it, otherwise the first one.
    fn role(&self, permission: Permission) -> Option<Role> {
        let allows = |role: &&Role| permission.roles().contains(role);
        self.roles.iter().find(allows).or(self.roles.first()).copied()
    }
}

/// The layer: lets the form through and counts it by its answer. A form sent twice is answered outside of it.
pub async fn count(State(app): State<App>, mut request: Request, next: Next) -> Response {
    let Some(coming) = Coming::of(&request) else { return next.run(request).await };
    let sent = Sent::default();
    request.extensions_mut().insert(sent.clone());
    let response = next.run(request).await;
    let status = response.status();
    let taken = status.is_success() || status.is_redirection();
    if !taken && status != StatusCode::UNPROCESSABLE_ENTITY {
        return response;
    }
    // Without fields it was a button, not a form.
    let Some((permission, fields)) = sent.take().filter(|(_, fields)| typed(fields) > 0) else { return response };
    let Some(role) = coming.role(permission) else { return response };
    let month = app.clock.today().month();
    let sums = if taken {
        let again = app.meter.repeats(month, &coming.record, &figures(&coming.route, &fields));
        Sums::sent(typed(&fields), coming.open_for, again)
    } else {
        Sums::returned(coming.open_for)
    };
    app.meter.add(Key { county: coming.county, month, role, form: coming.form }, sums);
    response
}
