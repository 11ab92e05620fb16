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
//! | kept | unseen | applied or given up; it outlives its process |
//! | applied | seen | let go, then the run's row is removed |
//! | leaving | unseen | taken out, then the run's row is removed |
//!
//! A run abandoned by a killed process is taken out like one that was given up; one that is *kept* waits for whoever
//! goes on with it, by its name. What a table does with its staged rows
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
    /// `writing`, or `kept` by whoever names it.
    state: &'static str,
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
        let run = Self { id: new_id(), made_at: now(), counties, state: "writing" };
        let mut tx = db.begin().await?;
        run.enter(&mut tx).await?;
        tx.commit().await?;
        Ok(run)
    }

    /// Begins a run that another process may go on with ([`Run::find`]): its record names it in the same transaction.
    pub async fn begin_kept(tx: &mut Tx, counties: BTreeSet<CountyId>) -> DbResult<Self> {
        let run = Self { id: new_id(), made_at: now(), counties, state: "kept" };
        run.enter(tx).await?;
        Ok(run)
    }

    /// A kept run that is neither applied nor given up.
    pub async fn find(conn: &mut Conn, id: &str) -> DbResult<Option<Self>> {
        let query = sql("select county_id, made_at from staging where id = $1 and state = 'kept' order by county_id");
        let rows: Vec<(CountyId, Instant)> = conn.all(query.bind(id)).await?;
        let Some((_, made_at)) = rows.first().copied() else { return Ok(None) };
        let counties = rows.into_iter().map(|(county, _)| county).collect();
        Ok(Some(Self { id: id.to_owned(), made_at, counties, state: "kept" }))
    }

    async fn enter(&self, tx: &mut Tx) -> DbResult<()> {
        let (made, held) = (self.made_at, until());
        let row =
            |county: &CountyId| vec![(*county).into(), self.id().into(), self.state.into(), made.into(), held.into()];
        let rows = self.counties.iter().map(row).collect();
        tx.run_rows("insert into staging (county_id, id, state, made_at, held_until) values ", rows, "").await.map(drop)
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
        self.hold(&mut tx).await?;
        Ok(tx)
    }

    /// The run stays its writer's until the transaction ends: nobody takes it away below it.
    pub async fn hold(&self, tx: &mut Tx) -> Result<(), AppError> {
        let hold = sql("update staging set held_until = $1 where id = $2 and state = $3");
        self.owns(tx.run(hold.bind(until()).bind(&self.id).bind(self.state)).await?)
    }

    /// From the end of this transaction on, all its rows are seen. The first statement of the transaction that applies.
    pub async fn apply(&self, tx: &mut Tx) -> Result<(), AppError> {
        let turn = sql("update staging set state = 'applied' where id = $1 and state = $2");
        self.owns(tx.run(turn.bind(&self.id).bind(self.state)).await?)
    }

    /// Nothing of it will be seen; its rows are taken out by `housekeeping`.
    pub async fn give_up(&self, db: &Db) -> DbResult<()> {
        let mut tx = db.begin().await?;
        self.leave(&mut tx).await?;
        tx.commit().await
    }

    /// The same in the transaction of the record that names the run.
    pub async fn leave(&self, tx: &mut Tx) -> DbResult<()> {
        let update = sql("update staging set state = 'leaving' where id = $1 and state = $2");
        tx.run(update.bind(&self.id).bind(self.state)).await.map(drop)
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
    ($table:literal $(, before: $before:literal)*) => {
        $crate::spine::staging::Shelf {
            table: $table,
            let_go: &[concat!(
                "update ", $table, " set staged = null where county_id = $1 and id in (select id from ", $table,
                " where county_id = $1 and staged = $2 order by id limit $3)"
            )],
            take_out: &[$($before,)* concat!(
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
    let query = sql("select county_id, id, state from staging where state in ('applied', 'leaving') \
                     or (state = 'writing' and held_until < $1) order by id, county_id limit 1");
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
