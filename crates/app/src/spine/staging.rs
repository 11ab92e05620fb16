//! Staging: what is too much for one short write is written in many, unseen, and seen at once.
//!
//! A run writes its rows in chunks, each a transaction of its own, so that other people's writes get in between; every row
//! names the run. Readers read the views `live_…`, which leave out the rows of a run that is not applied. Applying is one
//! transaction: the run's state turns, and whatever decides "only one" is inserted from the staged rows; if something
//! clashes, nothing has happened and the run is given up. Afterwards its rows are let go chunk by chunk: they forget their
//! run, and the movements of roll-ups are folded in; readers see the same before, meanwhile and after.
//!
//! | state | its rows | what follows |
//! |---|---|---|
//! | writing | unseen | applied, given up, or abandoned: nobody holds the run any longer |
//! | applied | seen | let go, then the run's row is removed |
//! | leaving | unseen | taken out, then the run's row is removed |
//!
//! A run abandoned by a killed process is taken out like one that was given up. What a table does with its staged rows
//! stands in its store as a [`Shelf`]; `housekeeping` knows all of them.

use std::{collections::BTreeSet, time::Duration};

use base::{
    db::{Conn, Db, DbResult, Tx, sql},
    kernel::{Clock, CountyId, Instant, new_id},
    text,
    web::AppError,
};

/// How long a run is its writer's without a sign of life.
const HELD: Duration = Duration::from_secs(600);

/// A run under way: whoever has it writes it.
#[derive(Clone, Debug)]
pub struct Run {
    id: String,
    made_at: Instant,
    counties: BTreeSet<CountyId>,
}

/// Holds count real time, whatever day an installation says it is.
fn now() -> Instant {
    Clock::system().now()
}

fn until() -> Instant {
    now().plus_seconds(i64::try_from(HELD.as_secs()).unwrap_or(i64::MAX))
}

fn lost() -> AppError {
    AppError::Conflict(text!("这次写入已被中止，什么都没有写入；请重新预览再试。"))
}

impl Run {
    /// Begins a run that writes in these counties.
    pub async fn begin(db: &Db, counties: BTreeSet<CountyId>) -> DbResult<Self> {
        let run = Self { id: new_id(), made_at: now(), counties };
        let (made, held) = (run.made_at, until());
        let row =
            |county: &CountyId| vec![(*county).into(), run.id().into(), "writing".into(), made.into(), held.into()];
        let rows = run.counties.iter().map(row).collect();
        let mut tx = db.begin().await?;
        tx.run_rows("insert into staging (county_id, id, state, made_at, held_until) values ", rows, "").await?;
        tx.commit().await?;
        Ok(run)
    }

    /// What its rows carry in `staged`.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.id
    }

    /// A number that no record in use has and no other run: for what gets its own when the run is applied.
    #[must_use]
    pub fn provisional(&self) -> i64 {
        -self.made_at.0
    }

    /// A write of one chunk; a conflict where the run was taken away meanwhile.
    pub async fn chunk(&self, db: &Db) -> Result<Tx, AppError> {
        let mut tx = db.begin().await?;
        // The rows stay locked until the chunk is written: nobody takes the run away below it.
        let hold = sql("update staging set held_until = $1 where id = $2 and state = 'writing'");
        self.owns(tx.run(hold.bind(until()).bind(&self.id)).await?)?;
        Ok(tx)
    }

    /// From the end of this transaction on, all its rows are seen. The first statement of the transaction that applies.
    pub async fn apply(&self, tx: &mut Tx) -> Result<(), AppError> {
        let turn = sql("update staging set state = 'applied' where id = $1 and state = 'writing'");
        self.owns(tx.run(turn.bind(&self.id)).await?)
    }

    /// Nothing of it will be seen; its rows are taken out by `housekeeping`.
    pub async fn give_up(&self, db: &Db) -> DbResult<()> {
        let mut tx = db.begin().await?;
        tx.run(sql("update staging set state = 'leaving' where id = $1 and state = 'writing'").bind(&self.id)).await?;
        tx.commit().await
    }

    fn owns(&self, rows: u64) -> Result<(), AppError> {
        if usize::try_from(rows).is_ok_and(|rows| rows == self.counties.len()) { Ok(()) } else { Err(lost()) }
    }
}

/// What is done to a chunk of a table's staged rows. Each statement binds county, run and how many, in this order; the
/// last one of a list says by its count whether anything was left.
#[derive(Clone, Copy, Debug)]
pub struct Shelf {
    pub table: &'static str,
    /// Rows of an applied run forget it.
    pub let_go: &'static [&'static str],
    /// Rows of a run that was given up are removed.
    pub take_out: &'static [&'static str],
    /// Finds county and run of rows that name a run which does not exist.
    pub orphans: &'static str,
}

/// The shelf of a table whose rows name their run in `staged`; `before` are statements that clear what leans on the rows.
macro_rules! shelf {
    ($table:literal $(, before: $before:literal)?) => {
        $crate::spine::staging::Shelf {
            table: $table,
            let_go: &[concat!(
                "update ", $table, " set staged = null where county_id = $1 and id in (select id from ", $table,
                " where county_id = $1 and staged = $2 order by id limit $3)"
            )],
            take_out: &[$($before,)? concat!(
                "delete from ", $table, " where county_id = $1 and id in (select id from ", $table,
                " where county_id = $1 and staged = $2 order by id limit $3)"
            )],
            orphans: concat!(
                "select d.county_id, d.staged from ", $table, " d left join staging s on s.county_id = d.county_id ",
                "and s.id = d.staged where d.staged is not null and s.id is null group by d.county_id, d.staged ",
                "order by d.county_id, d.staged"
            ),
        }
    };
}
pub(crate) use shelf;

/// A run that waits for housekeeping, in one county.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Rest {
    county_id: CountyId,
    id: String,
    state: String,
}

/// The oldest run that is applied, given up or abandoned.
pub async fn waiting(conn: &mut Conn) -> DbResult<Option<Rest>> {
    let query = sql("select county_id, id, state from staging where state <> 'writing' or held_until < $1 \
                     order by id, county_id limit 1");
    conn.maybe(query.bind(now())).await
}

/// Does one chunk of what a run left; false when it found the run in other hands.
pub async fn tidy(db: &Db, rest: &Rest, shelves: &[Shelf], rows: i64) -> DbResult<bool> {
    let mut tx = db.begin().await?;
    let state = if rest.state == "applied" { "applied" } else { "leaving" };
    // Two at once would fold the same rows twice: the run's row is locked first.
    let hold = sql("update staging set state = $1, held_until = $2 where county_id = $3 and id = $4 and (state = $1 \
                    or (state = 'writing' and held_until < $2))");
    if tx.run(hold.bind(state).bind(now()).bind(rest.county_id).bind(&rest.id)).await? == 0 {
        return Ok(false);
    }
    for shelf in shelves {
        let statements = if state == "applied" { shelf.let_go } else { shelf.take_out };
        let mut touched = 0;
        for statement in statements {
            touched = tx.run(sql(statement).bind(rest.county_id).bind(&rest.id).bind(rows)).await?;
        }
        if touched > 0 {
            tx.commit().await?;
            return Ok(true);
        }
    }
    let gone = sql("delete from staging where county_id = $1 and id = $2 and state = $3");
    tx.run(gone.bind(rest.county_id).bind(&rest.id).bind(state)).await?;
    tx.commit().await?;
    Ok(true)
}

/// Nobody else writes: whatever is being written was left by a process that is gone.
pub async fn abandon_all(db: &Db) -> DbResult<()> {
    let mut tx = db.begin().await?;
    tx.run(sql("update staging set held_until = 0 where state = 'writing'")).await?;
    tx.commit().await
}

/// Rows that name a run which does not exist: where and which.
pub async fn orphans(conn: &mut Conn, shelf: &Shelf) -> DbResult<Vec<(CountyId, String)>> {
    conn.all(sql(shelf.orphans)).await
}
