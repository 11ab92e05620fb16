//! Answers kept while nothing changes: what a whole province takes long to work out stands until one of its counties
//! writes. Every write leaves a line in its county's audit chain, so the heights of the chains tell, in every process.

use std::{
    collections::HashMap,
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use base::{
    db::{Conn, DbResult, sql},
    kernel::Area,
};

/// Answers by area and what was asked of it, each with how high the chains of its counties stood.
pub struct Kept<K, V> {
    answers: Mutex<HashMap<(Area, K), Answer<V>>>,
    /// How many are kept; then all are let go.
    most: usize,
}

/// How high the chains stood, and what was worked out.
type Answer<V> = (i64, Arc<V>);

impl<K: Copy + Eq + Hash, V> Kept<K, V> {
    /// Room for so many answers.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self { answers: Mutex::default(), most }
    }

    /// What is kept, if nothing was written since; else its place, to be filled by [`Kept::keep`].
    pub async fn find(&self, conn: &mut Conn, area: Area, asked: K) -> DbResult<Result<Arc<V>, Place<K>>> {
        // Asked before the answer is worked out: what is written meanwhile makes it old at once.
        let height = height(conn, area).await?;
        let kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let found = kept.get(&(area, asked)).filter(|(then, _)| *then == height).map(|(_, value)| value.clone());
        Ok(found.ok_or(Place { area, asked, height }))
    }

    pub fn keep(&self, place: Place<K>, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most {
            kept.clear();
        }
        kept.insert((place.area, place.asked), (place.height, value.clone()));
        value
    }
}

/// Where an answer that is not kept yet will stand.
#[derive(Clone, Copy, Debug)]
pub struct Place<K> {
    area: Area,
    asked: K,
    height: i64,
}

/// Chains only grow, so their sum tells whether any did: those of the area's counties, and of the offices above it, whose
/// imports write in counties and leave their line with the office.
async fn height(conn: &mut Conn, area: Area) -> DbResult<i64> {
    let (first, last) = area.counties();
    let (city, province) = (first / 100 * 100, first / 10_000 * 10_000);
    let heads = sql("select cast(coalesce(sum(seq), 0) as bigint) from audit_head \
                     where county_id between $1 and $2 or county_id in ($3, $4, 0)");
    conn.value(heads.bind(first).bind(last).bind(city).bind(province)).await
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        accounts::Actor,
        flows,
        testing::{COUNTY, MIGRATIONS, OTHER_COUNTY, code, databases, today, world},
    };

    #[tokio::test]
    async fn an_answer_stands_until_a_county_of_its_area_writes() {
        for db in databases(&MIGRATIONS).await {
            let app = world(&db).await;
            let kept = Kept::of(8);
            let city = code("411300000000").area();
            let find = async || {
                let mut conn = app.db.read().await.expect("a connection");
                kept.find(&mut conn, city, today()).await.expect("asked")
            };
            let place = find().await.expect_err("nothing is kept yet");
            kept.keep(place, 7);
            assert_eq!(find().await.ok().as_deref(), Some(&7));
            let actor = Actor::command_line(app.clock);
            let write = async |county: &str, pack: &str| {
                let mut tx = app.db.begin().await.expect("a write");
                let pack = app.packs().get(pack).expect("a pack");
                flows::choose_pack(&mut tx, code(county).county(), pack, &actor).await.expect("chosen");
                tx.commit().await.expect("written");
            };
            write(OTHER_COUNTY, "default").await;
            let elsewhere = code(OTHER_COUNTY).at(base::kernel::Level::City) != code("411300000000");
            assert_eq!(find().await.is_ok(), elsewhere, "what another city writes changes nothing here");
            for writer in [COUNTY, "410000000000", "000000000000"] {
                if let Err(empty) = find().await {
                    kept.keep(empty, 7);
                }
                assert!(find().await.is_ok(), "it is kept again");
                write(writer, "default").await;
                assert!(find().await.is_err(), "{writer} wrote");
            }
        }
    }
}
