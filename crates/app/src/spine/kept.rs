//! Answers kept while nothing changes: what a whole province takes long to work out stands until one of its counties
//! writes, and then only what that county has in it need be worked out again. Every write leaves a line in its county's
//! audit chain, so the heights of the chains tell, in every process.

use std::{
    collections::{BTreeMap, HashMap},
    hash::Hash,
    sync::{Arc, Mutex, PoisonError},
};

use base::{
    db::{Conn, DbResult, sql},
    kernel::{Area, CountyId},
};

/// Answers by area and what was asked of it, each with how high the chains of its counties stood.
pub struct Kept<K, V> {
    answers: Mutex<HashMap<(Area, K), Answer<V>>>,
    /// How many are kept; then all are let go.
    most: usize,
    /// Whether each county's chain is remembered, or what all come to.
    each: bool,
}

/// How high each chain stood, and what was worked out.
type Answer<V> = (Heights, Arc<V>);
type Heights = BTreeMap<i64, i64>;

impl<K: Eq + Hash, V> Kept<K, V> {
    /// Room for so many answers.
    #[must_use]
    pub fn of(most: usize) -> Self {
        Self { answers: Mutex::default(), most, each: false }
    }

    /// The same for answers that are worked out anew county by county: with each stands how high every chain was.
    #[must_use]
    pub fn by_county(most: usize) -> Self {
        Self { each: true, ..Self::of(most) }
    }

    /// What is kept, if nothing was written since; else its place, to be filled by [`Kept::keep`].
    pub async fn find(&self, conn: &mut Conn, area: Area, asked: K) -> DbResult<Result<Arc<V>, Place<K, V>>> {
        // Asked before the answer is worked out: what is written meanwhile makes it old at once.
        let mut heights = heights(conn, area).await?;
        if !self.each {
            heights = Heights::from([(TOGETHER, heights.values().sum())]);
        }
        let kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = (area, asked);
        Ok(match kept.get(&asked) {
            Some((then, value)) if *then == heights => Ok(value.clone()),
            Some((then, value)) => {
                let before = written_since(area, then, &heights).map(|counties| (value.clone(), counties));
                Err(Place { asked, heights, before })
            }
            None => Err(Place { asked, heights, before: None }),
        })
    }

    pub fn keep(&self, place: Place<K, V>, value: V) -> Arc<V> {
        let value = Arc::new(value);
        let mut kept = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        if kept.len() >= self.most {
            kept.clear();
        }
        kept.insert(place.asked, (place.heights, value.clone()));
        value
    }
}

/// Where an answer that is not kept, or no longer true, will stand.
#[derive(Debug)]
pub struct Place<K, V> {
    asked: (Area, K),
    heights: Heights,
    before: Option<(Arc<V>, Vec<CountyId>)>,
}

impl<K, V> Place<K, V> {
    /// The answer that stood before, and the few counties that have written since; none where much has changed.
    #[must_use]
    pub fn before(&self) -> Option<(&V, &[CountyId])> {
        self.before.as_ref().map(|(value, counties)| (&**value, counties.as_slice()))
    }
}

/// No county's number: chains only grow, so their sum tells whether any did.
const TOGETHER: i64 = -1;

/// Up to so many counties are worked out anew by themselves.
const FEW: usize = 8;

/// The counties of the area whose chains grew; none where there are many, or an office above wrote in any of them.
fn written_since(area: Area, then: &Heights, now: &Heights) -> Option<Vec<CountyId>> {
    let (first, last) = area.counties();
    let offices = offices_above(area);
    let grown: Vec<i64> =
        now.iter().filter(|(county, height)| then.get(county) != Some(height)).map(|(county, _)| *county).collect();
    let own = |county: &i64| (first..=last).contains(county) && !offices.contains(county) && county % 100 != 0;
    (grown.len() <= FEW && grown.iter().all(own)).then(|| grown.into_iter().filter_map(CountyId::from_i64).collect())
}

fn offices_above(area: Area) -> [i64; 3] {
    let (first, _) = area.counties();
    [first / 100 * 100, first / 10_000 * 10_000, 0]
}

/// The chains of the area's counties, and of the offices above it, whose imports write in counties and leave
/// their line with the office.
async fn heights(conn: &mut Conn, area: Area) -> DbResult<Heights> {
    let (first, last) = area.counties();
    let [city, province, nation] = offices_above(area);
    let heads =
        sql("select county_id, seq from audit_head where county_id between $1 and $2 or county_id in ($3, $4, $5)");
    let rows: Vec<(i64, i64)> = conn.all(heads.bind(first).bind(last).bind(city).bind(province).bind(nation)).await?;
    Ok(rows.into_iter().collect())
}

#[cfg(test)]
mod tests {
    use base::kernel::Day;

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
            let (kept, whole) = (Kept::by_county(8), Kept::of(8));
            let city = code("411300000000").area();
            let find_in = async |kept: &Kept<Day, i32>| {
                let mut conn = app.db.read().await.expect("a connection");
                kept.find(&mut conn, city, today()).await.expect("asked")
            };
            let find = async || find_in(&kept).await;
            whole.keep(find_in(&whole).await.expect_err("nothing is kept yet"), 7);
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
            write("420111000000", "default").await;
            assert!(find().await.is_ok(), "what another province writes changes nothing here");
            assert!(find_in(&whole).await.is_ok());
            write(OTHER_COUNTY, "default").await;
            let empty = find().await.expect_err("a county of the city wrote");
            assert_eq!(empty.before(), Some((&7, &[code(OTHER_COUNTY).county()][..])), "and it alone");
            assert_eq!(find_in(&whole).await.expect_err("a county wrote").before(), None, "which one is not told");
            write("411300000000", "default").await;
            assert_eq!(find().await.expect_err("the city wrote").before(), None, "in any county, perhaps");
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
