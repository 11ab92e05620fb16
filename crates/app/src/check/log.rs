//! The log against its facts: what counts is counted once, what waits is not.

use std::collections::BTreeMap;

use base::{
    db::{Conn, DbResult, sql},
    kernel::CountyId,
};

use super::{Finding, finding};

/// The outcomes of an entry that count are exactly its facts; what was merged stands in an outcome that is there.
pub(super) async fn outcomes(conn: &mut Conn, county: CountyId) -> DbResult<Vec<Finding>> {
    let says = sql("select o.entry_id, o.indicator, cast(sum(o.amount) as bigint) from log_outcome o \
                    join log_entry e on e.county_id = o.county_id and e.id = o.entry_id \
                    where o.county_id = $1 and o.state = 'counted' and e.state = 'kept' \
                    group by o.entry_id, o.indicator");
    let counted = sql("select source_id, indicator, cast(sum(amount) as bigint) from live_fact \
                       where county_id = $1 and source_kind = 'log' group by source_id, indicator");
    let mut sums: BTreeMap<(String, String), (i64, i64)> = BTreeMap::new();
    for (entry, indicator, amount) in conn.all::<(String, String, i64)>(says.bind(county)).await? {
        sums.entry((entry, indicator)).or_default().0 += amount;
    }
    for (entry, indicator, amount) in conn.all::<(String, String, i64)>(counted.bind(county)).await? {
        sums.entry((entry, indicator)).or_default().1 += amount;
    }
    let mut found = Vec::new();
    for ((entry, indicator), (says, counted)) in sums.into_iter().filter(|(_, (says, counted))| says != counted) {
        let what = format!("{indicator} 日志记 {says}，计入统计 {counted}");
        found.push(finding("log_fact", county, format!("log/{entry}"), what));
    }
    let lost = sql("select m.id from log_outcome m left join log_outcome o on o.county_id = m.county_id \
                    and o.id = m.merged_into and o.state in ('counted', 'waiting', 'sent_back') \
                    where m.county_id = $1 and m.state = 'merged' and o.id is null order by m.id");
    for (id,) in conn.all::<(String,)>(lost.bind(county)).await? {
        found.push(finding("log_merged", county, format!("log_outcome/{id}"), "合并到的那一项已不在"));
    }
    Ok(found)
}
