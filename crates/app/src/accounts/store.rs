//! All SQL of accounts, grants and sessions.

use base::{
    db::{Conn, Db, DbResult, sql},
    kernel::{Day, DivisionCode, Instant},
};

use super::{Grant, Role, Viewer};

/// Sessions are noted as seen at most this often, so that reading a page is no write.
const TOUCH_SECONDS: i64 = 300;
const IDLE_SECONDS: i64 = 2 * 3600;

#[derive(sqlx::FromRow)]
struct SessionRow {
    account_id: String,
    seen_at: Instant,
    sign_in_name: String,
    display_name: String,
    person_id: Option<String>,
    county_id: base::kernel::CountyId,
}

#[derive(sqlx::FromRow)]
struct GrantRow {
    role: String,
    division: Option<DivisionCode>,
    unit_id: Option<String>,
}

/// The viewer behind a session that is neither over nor idle and whose account works; with whether to note it as seen.
pub async fn find_session(
    conn: &mut Conn,
    token_hash: &str,
    now: Instant,
    today: Day,
) -> DbResult<Option<(Viewer, bool)>> {
    let find = sql("select s.account_id, s.seen_at, a.sign_in_name, a.display_name, a.person_id, a.county_id \
                    from session s join account a on a.id = s.account_id \
                    where s.token_hash = $1 and s.ends_at > $2 and s.seen_at > $3 and a.state = 'active'");
    let find = find.bind(token_hash).bind(now).bind(now.plus_seconds(-IDLE_SECONDS));
    let Some(row) = conn.maybe::<SessionRow>(find).await? else { return Ok(None) };
    let viewer = Viewer {
        grants: grants(conn, &row.account_id, today).await?,
        account_id: row.account_id,
        sign_in_name: row.sign_in_name,
        name: row.display_name,
        person_id: row.person_id,
        home: row.county_id.division(),
    };
    Ok(Some((viewer, row.seen_at < now.plus_seconds(-TOUCH_SECONDS))))
}

/// The roles an account holds on a day.
pub async fn grants(conn: &mut Conn, account_id: &str, today: Day) -> DbResult<Vec<Grant>> {
    let query = sql("select role, division, unit_id from account_grant where account_id = $1 and since <= $2 \
                     and (until is null or until > $2) order by role, id");
    let rows: Vec<GrantRow> = conn.all(query.bind(account_id).bind(today)).await?;
    let known = |row: GrantRow| Role::parse(&row.role).map(|role| (role, row.division, row.unit_id));
    let rows = rows.into_iter().filter_map(known);
    Ok(rows.map(|(role, division, unit_id)| Grant { role, division, unit_id }).collect())
}

/// Notes that a session was used.
pub async fn touch_session(db: &Db, token_hash: &str, now: Instant) -> DbResult<()> {
    let mut tx = db.begin().await?;
    tx.run(sql("update session set seen_at = $1 where token_hash = $2").bind(now).bind(token_hash)).await?;
    tx.commit().await
}
