//! What an approval under way has made so far, county by county.

use base::{
    db::{Conn, Tx, sql},
    kernel::{CountyId, Instant},
    web::AppResult,
};

use super::{read, rounds::Round, text_of};

/// What was made in a county.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Made<S> {
    pub county: CountyId,
    pub batch_id: String,
    pub teams: usize,
    pub people: usize,
    pub handovers: usize,
    /// What is to be done to handovers that stood before, once the round is approved.
    pub standing: Vec<S>,
}

#[derive(sqlx_macros::FromRow)]
struct Row {
    made_in: CountyId,
    batch_id: String,
    teams: i64,
    people: i64,
    handovers: i64,
    standing: String,
}

fn count(n: i64) -> usize {
    usize::try_from(n).unwrap_or_default()
}

/// Notes what was made in a county; a second time breaks the key.
pub async fn add_made<S: serde::Serialize>(tx: &mut Tx, round: &Round, made: &Made<S>, at: Instant) -> AppResult<()> {
    let number = |n: usize| i64::try_from(n).unwrap_or(i64::MAX);
    let insert = sql("insert into dispatch_made (county_id, round_id, made_in, batch_id, teams, people, handovers, \
                      standing, made_at) values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(round.county)
    .bind(&round.id)
    .bind(made.county)
    .bind(&made.batch_id)
    .bind(number(made.teams))
    .bind(number(made.people))
    .bind(number(made.handovers))
    .bind(text_of(&made.standing)?)
    .bind(at);
    tx.run(insert).await?;
    Ok(())
}

/// What was made, by county.
pub async fn made<S: serde::de::DeserializeOwned>(conn: &mut Conn, round: &Round) -> AppResult<Vec<Made<S>>> {
    let query = sql("select made_in, batch_id, teams, people, handovers, standing from dispatch_made \
                     where county_id = $1 and round_id = $2 order by made_in");
    let rows: Vec<Row> = conn.all(query.bind(round.county).bind(&round.id)).await?;
    let made = |row: Row| {
        Ok(Made {
            county: row.made_in,
            batch_id: row.batch_id,
            teams: count(row.teams),
            people: count(row.people),
            handovers: count(row.handovers),
            standing: read(&row.standing)?,
        })
    };
    rows.into_iter().map(made).collect()
}

/// The handovers that stood before are done in a county.
pub async fn clear_standing(tx: &mut Tx, round: &Round, county: CountyId) -> AppResult<()> {
    let update =
        sql("update dispatch_made set standing = '[]' where county_id = $1 and round_id = $2 and made_in = $3");
    tx.run(update.bind(round.county).bind(&round.id).bind(county)).await?;
    Ok(())
}
