//! Background jobs: a row that is claimed, carried out in steps and reported. A killed one is taken up again.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Instant, new_id},
};

use crate::accounts::Actor;

/// A job as its page shows it.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Job {
    pub county_id: CountyId,
    pub id: String,
    pub kind: String,
    pub input: String,
    pub state: String,
    pub step: i64,
    pub steps: i64,
    pub message: Option<String>,
    pub result: Option<String>,
    pub attempts: i64,
}

const COLUMNS: &str = "county_id, id, kind, input, state, step, steps, message, result, attempts";
/// How long a job is its worker's without a sign of life.
pub const LEASE_SECONDS: i64 = 120;

/// Queues a job and returns its id.
pub async fn add(tx: &mut Tx, county: CountyId, kind: &'static str, input: &str, by: &Actor) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into job (county_id, id, kind, input, state, step, steps, attempts, made_at, made_by) \
                      values ($1, $2, $3, $4, 'queued', 0, 0, 0, $5, $6)")
    .bind(county)
    .bind(&id)
    .bind(kind)
    .bind(input)
    .bind(by.at)
    .bind(&by.account_id);
    tx.run(insert).await?;
    Ok(id)
}

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<Job>> {
    let mut query = sql("select ");
    query.push(COLUMNS).push(" from job where county_id = ").push_bind(county).push(" and id = ").push_bind(id);
    conn.maybe(query).await
}

/// Jobs of the installation that wait or run: a figure for the operator.
pub async fn count_pending(conn: &mut Conn) -> DbResult<i64> {
    conn.value(sql("select count(*) from job where finished_at is null")).await
}

/// Whether any job waits, or its holder has vanished: asked before the writer is taken.
pub async fn is_waiting(conn: &mut Conn, now: Instant) -> DbResult<bool> {
    let query = sql("select id from job where finished_at is null and (state = 'queued' or locked_until < $1) limit 1");
    Ok(conn.maybe::<(String,)>(query.bind(now)).await?.is_some())
}

/// Ends the lease of every running job: for a process that knows it is the only one.
pub async fn release_all(tx: &mut Tx) -> DbResult<u64> {
    tx.run(sql("update job set locked_until = 0 where state = 'running'")).await
}

/// Claims the oldest job that waits or whose holder has vanished.
pub async fn claim(tx: &mut Tx, now: Instant) -> DbResult<Option<Job>> {
    let mut oldest = sql("select ");
    oldest.push(COLUMNS).push(" from job where finished_at is null and (state = 'queued' or locked_until < ");
    oldest.push_bind(now).push(") order by made_at, id limit 1");
    let Some(job) = tx.maybe::<Job>(oldest).await? else { return Ok(None) };
    let take = sql("update job set state = 'running', locked_until = $1, attempts = attempts + 1 \
                    where county_id = $2 and id = $3 and (state = 'queued' or locked_until < $4)")
    .bind(now.plus_seconds(LEASE_SECONDS))
    .bind(job.county_id)
    .bind(&job.id)
    .bind(now);
    Ok((tx.run(take).await? == 1).then_some(job))
}

/// Notes progress and renews the lease.
pub async fn progress(tx: &mut Tx, job: &Job, step: usize, steps: usize, message: &str, now: Instant) -> DbResult<()> {
    let update = sql("update job set step = $1, steps = $2, message = $3, locked_until = $4 \
                      where county_id = $5 and id = $6")
    .bind(step)
    .bind(steps)
    .bind(message)
    .bind(now.plus_seconds(LEASE_SECONDS))
    .bind(job.county_id)
    .bind(&job.id);
    tx.run(update).await.map(drop)
}

/// Renews the lease of a job that is carried out in a long step; false where it is somebody else's meanwhile.
pub async fn renew(tx: &mut Tx, job: &Job, now: Instant) -> DbResult<bool> {
    let update = sql("update job set locked_until = $1 where county_id = $2 and id = $3 and state = 'running' \
                      and attempts = $4")
    .bind(now.plus_seconds(LEASE_SECONDS))
    .bind(job.county_id)
    .bind(&job.id)
    .bind(job.attempts + 1);
    Ok(tx.run(update).await? == 1)
}

/// Ends a claimed job: `done` or `failed`, with what its page should say; nothing where it is another worker's by now.
pub async fn finish(tx: &mut Tx, job: &Job, result: Result<&str, &str>, now: Instant) -> DbResult<()> {
    let (state, text) = match result {
        Ok(text) => ("done", text),
        Err(text) => ("failed", text),
    };
    let update = sql("update job set state = $1, result = $2, finished_at = $3, locked_until = null \
                      where county_id = $4 and id = $5 and attempts = $6")
    .bind(state)
    .bind(text)
    .bind(now)
    .bind(job.county_id)
    .bind(&job.id)
    .bind(job.attempts + 1);
    tx.run(update).await.map(drop)
}

#[cfg(test)]
mod tests {
    use base::kernel::{Clock, DivisionCode};

    use super::*;
    use crate::{app::MIGRATIONS, testing::databases};

    #[tokio::test]
    async fn a_job_taken_over_is_neither_renewed_nor_ended_by_who_lost_it() {
        for db in databases(&MIGRATIONS).await {
            let db = db.db();
            let county = DivisionCode::parse("411327").expect("a code").county();
            let start = Instant(1_700_000_000_000);
            let mut tx = db.begin().await.expect("a transaction");
            let by = Actor::command_line(Clock::system());
            let id = add(&mut tx, county, "import", "{}", &by).await.expect("queued");
            let first = claim(&mut tx, start).await.expect("claimed").expect("a job");
            assert!(renew(&mut tx, &first, start.plus_seconds(100)).await.expect("renewed"));
            let within = start.plus_seconds(100 + LEASE_SECONDS - 1);
            assert!(claim(&mut tx, within).await.expect("looked").is_none(), "the renewed lease holds");
            let late = start.plus_seconds(100 + LEASE_SECONDS + 1);
            let second = claim(&mut tx, late).await.expect("claimed").expect("the same job");
            assert_eq!((second.id.as_str(), second.attempts), (id.as_str(), 1));
            assert!(!renew(&mut tx, &first, late).await.expect("looked"));
            finish(&mut tx, &first, Err("lost"), late).await.expect("ignored");
            assert_eq!(find(&mut tx, county, &id).await.expect("read").expect("a job").state, "running");
            finish(&mut tx, &second, Ok(""), late).await.expect("ended");
            assert_eq!(find(&mut tx, county, &id).await.expect("read").expect("a job").state, "done");
        }
    }
}
