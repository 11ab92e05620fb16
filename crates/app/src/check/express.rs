//! Problems against their claims: what is in hand has one standing lead, what is closed has nobody at work.

use base::{
    db::{Conn, DbResult, sql},
    kernel::CountyId,
};

use super::{Finding, finding};

pub(super) async fn problems(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let mut found = Vec::new();
    let led = sql("select p.id from problem p left join problem_claim c on c.county_id = p.county_id \
                   and c.lead_key = p.id and c.unit_id = p.unit_id and c.ended_on is null \
                   where p.county_id = $1 and p.state in ('claimed', 'under_way') and c.id is null order by p.id");
    for (id,) in conn.all::<(String,)>(led.bind(county)).await? {
        found.push(finding("problem_lead", county, format!("problem/{id}"), "在办，却没有牵头单位"));
    }
    let idle =
        sql("select p.id from problem p join problem_claim c on c.county_id = p.county_id and c.problem_id = p.id \
                    and c.ended_on is null where p.county_id = $1 \
                    and p.state in ('reported', 'screened', 'contested', 'struck_off', 'declined') \
                    group by p.id order by p.id");
    for (id,) in conn.all::<(String,)>(idle.bind(county)).await? {
        found.push(finding("problem_claim", county, format!("problem/{id}"), "没有在办，认领却没有结束"));
    }
    let budgets = sql("select p.id from project p left join (select county_id, project_id, sum(amount) as amount \
                       from project_fund where county_id = $1 group by county_id, project_id) f \
                       on f.county_id = p.county_id and f.project_id = p.id \
                       where p.county_id = $2 and p.budget <> coalesce(f.amount, 0) order by p.id");
    for (id,) in conn.all::<(String,)>(budgets.bind(county).bind(county)).await? {
        found.push(finding("project_budget", county, format!("project/{id}"), "总投资与各笔资金之和不符"));
    }
    Ok(found)
}
