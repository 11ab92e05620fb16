//! All SQL of bindings: a unit's responsibilities, and what its projects and funds say.

use base::{
    db::{Conn, DbResult, Tx, sql},
    kernel::{CountyId, Day, DivisionCode, new_id},
};

use crate::accounts::{Actor, Columns, Scope};

/// A responsibility that a unit binds itself to.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct BindingRow {
    pub county_id: CountyId,
    pub id: String,
    pub unit_id: String,
    pub village: DivisionCode,
    pub village_name: Option<String>,
    pub words: String,
    pub person: String,
    pub since: Day,
    pub due: Day,
    pub delivered_on: Option<Day>,
    pub result: Option<String>,
}

/// A responsibility to write down.
#[derive(Clone, Debug)]
pub struct NewBinding {
    pub unit_id: String,
    pub village: DivisionCode,
    pub words: String,
    pub person: String,
    pub due: Day,
}

pub async fn add(tx: &mut Tx, new: &NewBinding, actor: &Actor) -> DbResult<String> {
    let id = new_id();
    let insert = sql("insert into binding (county_id, id, unit_id, village, words, person, since, due, made_at) \
                      values ($1, $2, $3, $4, $5, $6, $7, $8, $9)")
    .bind(new.village.county())
    .bind(&id)
    .bind(&new.unit_id)
    .bind(new.village)
    .bind(&new.words)
    .bind(&new.person)
    .bind(actor.today)
    .bind(new.due)
    .bind(actor.at);
    tx.run(insert).await?;
    Ok(id)
}

/// Delivered, with what came of it; `false` when it was already.
pub async fn deliver(tx: &mut Tx, county: CountyId, id: &str, (day, result): (Day, &str)) -> DbResult<bool> {
    let update = sql("update binding set delivered_on = $1, result = $2 where county_id = $3 and id = $4 \
                      and delivered_on is null");
    Ok(tx.run(update.bind(day).bind(result).bind(county).bind(id)).await? == 1)
}

const COLUMNS: &str = "select b.county_id, b.id, b.unit_id, b.village, v.name as village_name, b.words, b.person, b.since, \
    b.due, b.delivered_on, b.result from binding b left join division v on v.code = b.village and v.until is null \
    where 1 = 1";

pub async fn find(conn: &mut Conn, county: CountyId, id: &str) -> DbResult<Option<BindingRow>> {
    let mut query = sql(COLUMNS);
    query.push(" and b.county_id = ").push_bind(county).push(" and b.id = ").push_bind(id);
    conn.maybe(query).await
}

const SCOPED: Columns = Columns { county: "b.county_id", division: "b.village", unit: Some("b.unit_id"), person: None };

/// What a unit has bound itself to within the scope, by day.
pub async fn of_unit(conn: &mut Conn, scope: &Scope, unit_id: &str) -> DbResult<Vec<BindingRow>> {
    let mut query = sql(COLUMNS);
    scope.narrow(&mut query, SCOPED);
    query.push(" and b.unit_id = ").push_bind(unit_id).push(" order by b.due, b.id");
    conn.all(query).await
}

/// A unit with what is bound to it within a scope.
#[derive(Clone, Debug, Default)]
pub struct Sum {
    pub unit_id: String,
    pub unit_name: String,
    pub projects: i64,
    pub finished: i64,
    /// Fen that the unit gives, and of it what has arrived.
    pub funds: i64,
    pub arrived: i64,
    pub duties: i64,
    pub delivered: i64,
    /// Duties not delivered on their day.
    pub late: i64,
}

const PROJECTS: Columns =
    Columns { county: "p.county_id", division: "p.village", unit: Some("p.unit_id"), person: None };
const FUNDS: Columns = Columns { county: "f.county_id", division: "p.village", unit: Some("f.unit_id"), person: None };

/// Every unit with something bound to it within the scope: projects, funds and responsibility, delivered or not.
pub async fn sums(conn: &mut Conn, scope: &Scope, today: Day) -> DbResult<Vec<Sum>> {
    let mut projects = sql("select p.unit_id, u.name, count(*), \
                            cast(coalesce(sum(case when p.stage in ('finished', 'accepted') then 1 else 0 end), 0) as bigint) \
                            from project p join unit u on u.id = p.unit_id where p.stage not in ('refused', 'stopped')");
    scope.narrow(&mut projects, PROJECTS);
    projects.push(" group by p.unit_id, u.name");
    let mut funds = sql("select f.unit_id, u.name, cast(coalesce(sum(f.amount), 0) as bigint), \
                         cast(coalesce(sum(case when f.arrived_on is null then 0 else f.amount end), 0) as bigint) \
                         from project_fund f join project p on p.county_id = f.county_id and p.id = f.project_id \
                         join unit u on u.id = f.unit_id where p.stage not in ('refused', 'stopped')");
    scope.narrow(&mut funds, FUNDS);
    funds.push(" group by f.unit_id, u.name");
    let mut duties = sql("select b.unit_id, u.name, count(*), \
                          cast(coalesce(sum(case when b.delivered_on is null then 0 else 1 end), 0) as bigint), \
                          cast(coalesce(sum(case when b.delivered_on is null and b.due < ");
    duties.push_bind(today);
    duties.push(" then 1 else 0 end), 0) as bigint) from binding b join unit u on u.id = b.unit_id where 1 = 1");
    scope.narrow(&mut duties, SCOPED);
    duties.push(" group by b.unit_id, u.name");
    let mut found: Vec<Sum> = Vec::new();
    for (id, name, n, done) in conn.all::<(String, String, i64, i64)>(projects).await? {
        let sum = of(&mut found, id, name);
        (sum.projects, sum.finished) = (n, done);
    }
    for (id, name, amount, arrived) in conn.all::<(String, String, i64, i64)>(funds).await? {
        let sum = of(&mut found, id, name);
        (sum.funds, sum.arrived) = (amount, arrived);
    }
    for (id, name, n, delivered, late) in conn.all::<(String, String, i64, i64, i64)>(duties).await? {
        let sum = of(&mut found, id, name);
        (sum.duties, sum.delivered, sum.late) = (n, delivered, late);
    }
    found.sort_by_key(|row| base::collate::sort_key(&row.unit_name));
    Ok(found)
}

fn of(found: &mut Vec<Sum>, unit_id: String, unit_name: String) -> &mut Sum {
    let at = found.iter().position(|sum| sum.unit_id == unit_id).unwrap_or_else(|| {
        found.push(Sum { unit_id, unit_name, ..Sum::default() });
        found.len() - 1
    });
    &mut found[at]
}

/// The money that a unit gives to projects of the scope.
#[derive(Clone, Debug, sqlx_macros::FromRow)]
pub struct Given {
    pub county_id: CountyId,
    pub project_id: String,
    pub project_name: String,
    pub amount: i64,
    pub arrived_on: Option<Day>,
}

pub async fn given(conn: &mut Conn, scope: &Scope, unit_id: &str) -> DbResult<Vec<Given>> {
    let mut query = sql("select f.county_id, f.project_id, p.name as project_name, f.amount, f.arrived_on \
                         from project_fund f join project p on p.county_id = f.county_id and p.id = f.project_id \
                         where p.stage not in ('refused', 'stopped')");
    scope.narrow(&mut query, FUNDS);
    query.push(" and f.unit_id = ").push_bind(unit_id).push(" order by f.arrived_on, f.id");
    conn.all(query).await
}
