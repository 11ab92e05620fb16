//! `lianxin check`: whether the store says what it must. Reads everything, mends nothing.
//!
//! | part | what |
//! |---|---|
//! | roll-ups | recomputed from the facts, county by county |
//! | audit | every chain from its first line to its head |
//! | locks | who holds a post, and which village's post is held, against the postings on post |
//! | log | outcomes that count are facts, those that wait or were merged are none |
//! | express | what is in hand has its one lead, a project's money adds up |
//! | ratings | slips, ballots and marks of a round agree in number; what was shown is its months and never too little |
//! | registers | one open category a village, every posting's person |
//! | staging | no row names a run that does not exist; what a run has not yet applied is not counted anywhere |
//! | facts | each has its source, and says what the rules make of the record today |

mod express;
mod facts;
mod invariants;
mod log;
mod ratings;
#[cfg(test)]
mod tests;

use base::{
    db::{Conn, DbResult, sql},
    kernel::CountyId,
};
use serde::Serialize;

use crate::{
    housekeeping,
    spine::{audit, facts as spine_facts},
};

/// More of a kind than this are counted, not listed.
const MOST: usize = 1_000;

/// Something that is not as it must be.
#[derive(Clone, PartialEq, Eq, Debug, Serialize)]
pub struct Finding {
    /// A short code: `post_holder`, `village_post`, `category`, `person`, `source`, `facts` …
    pub rule: &'static str,
    pub county: String,
    /// `kind/id` of the record.
    pub subject: String,
    pub what: String,
}

/// How much was looked at.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize)]
pub struct Counts {
    pub counties: i64,
    pub facts: i64,
    pub rollups: i64,
    pub postings: i64,
    pub audit_lines: i64,
}

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Report {
    pub ok: bool,
    pub counts: Counts,
    pub rollups: Vec<spine_facts::Difference>,
    pub audit: Vec<audit::Break>,
    /// County, last number and hash of each chain: kept elsewhere they show a cut tail.
    pub audit_heads: Vec<(String, i64, String)>,
    pub invariants: Vec<Finding>,
}

impl Report {
    /// How many differences there are in all.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.rollups.len() + self.audit.len() + self.invariants.len()
    }

    /// The report in lines for people.
    #[must_use]
    pub fn lines(&self) -> Vec<String> {
        let counts = &self.counts;
        let mut lines = vec![format!(
            "核对了 {} 个县的 {} 条实绩、{} 行汇总、{} 条派驻、{} 条审计记录",
            counts.counties, counts.facts, counts.rollups, counts.postings, counts.audit_lines
        )];
        lines.extend(
            self.rollups
                .iter()
                .map(|d| format!("汇总不符 {} {}：存 {}，应为 {}", d.table, d.row, d.stored, d.computed)),
        );
        lines.extend(self.audit.iter().map(|b| format!("审计链断开 {} 第 {} 条：{}", b.county, b.seq, b.what)));
        lines.extend(self.invariants.iter().map(|f| format!("{} {} {}：{}", f.rule, f.county, f.subject, f.what)));
        lines.push(match self.differences() {
            0 => "没有发现差异".to_owned(),
            n => format!("发现 {n} 处差异"),
        });
        lines
    }
}

/// Checks the whole store.
pub async fn check(conn: &mut Conn) -> DbResult<Report> {
    let rollups = spine_facts::recompute(conn, MOST).await?;
    let audit = audit::verify(conn).await?;
    let counties = counties(conn).await?;
    let mut invariants = invariants::holders(conn).await?;
    for county in &counties {
        invariants.extend(invariants::village_posts(conn, *county).await?);
        invariants.extend(invariants::registers(conn, *county).await?);
        invariants.extend(facts::compare(conn, *county).await?);
        invariants.extend(log::outcomes(conn, *county).await?);
        invariants.extend(express::problems(conn, *county).await?);
        invariants.extend(ratings::rounds(conn, *county).await?);
    }
    for (table, county, run) in housekeeping::orphans(conn).await? {
        invariants.push(finding("staging", county, format!("{table}/{run}"), "分批写入留下的行，没有对应的登记"));
    }
    invariants.truncate(MOST);
    let counts = Counts {
        counties: i64::try_from(counties.len()).unwrap_or(i64::MAX),
        facts: conn.value(sql("select count(*) from live_fact")).await?,
        rollups: conn.value(sql("select count(*) from live_rollup_day")).await?,
        postings: conn.value(sql("select count(*) from live_posting")).await?,
        audit_lines: audit.lines,
    };
    let mut report = Report { ok: false, counts, rollups, audit: audit.breaks, audit_heads: audit.heads, invariants };
    report.ok = report.differences() == 0;
    Ok(report)
}

/// Every county that holds anything of postings or facts.
async fn counties(conn: &mut Conn) -> DbResult<Vec<CountyId>> {
    let query = sql("select county_id from live_posting group by county_id union \
                     select county_id from village group by county_id union \
                     select county_id from live_team group by county_id union \
                     select county_id from village_post group by county_id union \
                     select county_id from live_fact group by county_id order by 1");
    Ok(conn.all::<(CountyId,)>(query).await?.into_iter().map(|(county,)| county).collect())
}

fn finding(rule: &'static str, county: CountyId, subject: String, what: impl Into<String>) -> Finding {
    Finding { rule, county: county.to_string(), subject, what: what.into() }
}
