//! What becomes of staged facts and of the movements staged beside the roll-ups.

use crate::spine::staging::{Shelf, shelf};

// Up to the last key of the chunk: a list of keys would be joined, and without statistics joined badly.
const DAYS_OUT: &str = "delete from staged_rollup_day where county_id = $1 and run = $2 \
    and (indicator, division, day) <= (select indicator, division, day from (select indicator, division, day \
    from staged_rollup_day where county_id = $1 and run = $2 order by indicator, division, day limit $3) part \
    order by indicator desc, division desc, day desc limit 1)";
const MONTHS_OUT: &str = "delete from staged_rollup_month where county_id = $1 and run = $2 \
    and (indicator, division, month) <= (select indicator, division, month from (select indicator, division, month \
    from staged_rollup_month where county_id = $1 and run = $2 order by indicator, division, month limit $3) part \
    order by indicator desc, division desc, month desc limit 1)";
const YEAR_SUMS_OUT: &str = "delete from staged_rollup_year where county_id = $1 and run = $2 \
    and (indicator, division, year) <= (select indicator, division, year from (select indicator, division, year \
    from staged_rollup_year where county_id = $1 and run = $2 order by indicator, division, year limit $3) part \
    order by indicator desc, division desc, year desc limit 1)";
const KEYS_OUT: &str = "delete from staged_distinct_month where county_id = $1 and run = $2 \
    and (indicator, division, key, month) <= (select indicator, division, key, month from (select indicator, division, key, month \
    from staged_distinct_month where county_id = $1 and run = $2 order by indicator, division, key, month limit $3) part \
    order by indicator desc, division desc, key desc, month desc limit 1)";

const YEARS_OUT: &str = "delete from staged_distinct_year where county_id = $1 and run = $2 \
    and (indicator, division, key, year) <= (select indicator, division, key, year from (select indicator, division, key, year \
    from staged_distinct_year where county_id = $1 and run = $2 order by indicator, division, key, year limit $3) part \
    order by indicator desc, division desc, key desc, year desc limit 1)";

pub const SHELVES: [Shelf; 6] = [
    Shelf {
        table: "staged_rollup_day",
        let_go: &[
            "insert into rollup_day (county_id, indicator, division, day, amount, facts) \
             select county_id, indicator, division, day, amount, facts from staged_rollup_day \
             where county_id = $1 and run = $2 order by indicator, division, day limit $3 \
             on conflict (county_id, indicator, division, day) do update \
             set amount = rollup_day.amount + excluded.amount, facts = rollup_day.facts + excluded.facts",
            DAYS_OUT,
        ],
        take_out: &[DAYS_OUT],
        orphans: "select d.county_id, d.run from staged_rollup_day d left join staging s \
                  on s.county_id = d.county_id and s.id = d.run where s.id is null \
                  group by d.county_id, d.run order by d.county_id, d.run",
    },
    Shelf {
        table: "staged_rollup_month",
        let_go: &[
            "insert into rollup_month (county_id, indicator, division, month, amount, facts) \
             select county_id, indicator, division, month, amount, facts from staged_rollup_month \
             where county_id = $1 and run = $2 order by indicator, division, month limit $3 \
             on conflict (county_id, indicator, division, month) do update \
             set amount = rollup_month.amount + excluded.amount, facts = rollup_month.facts + excluded.facts",
            MONTHS_OUT,
        ],
        take_out: &[MONTHS_OUT],
        orphans: "select d.county_id, d.run from staged_rollup_month d left join staging s \
                  on s.county_id = d.county_id and s.id = d.run where s.id is null \
                  group by d.county_id, d.run order by d.county_id, d.run",
    },
    Shelf {
        table: "staged_rollup_year",
        let_go: &[
            "insert into rollup_year (county_id, indicator, division, year, amount, facts) \
             select county_id, indicator, division, year, amount, facts from staged_rollup_year \
             where county_id = $1 and run = $2 order by indicator, division, year limit $3 \
             on conflict (county_id, indicator, division, year) do update \
             set amount = rollup_year.amount + excluded.amount, facts = rollup_year.facts + excluded.facts",
            YEAR_SUMS_OUT,
        ],
        take_out: &[YEAR_SUMS_OUT],
        orphans: "select d.county_id, d.run from staged_rollup_year d left join staging s \
                  on s.county_id = d.county_id and s.id = d.run where s.id is null \
                  group by d.county_id, d.run order by d.county_id, d.run",
    },
    Shelf {
        table: "staged_distinct_month",
        let_go: &[
            "insert into distinct_month (county_id, indicator, division, key, month, facts) \
             select county_id, indicator, division, key, month, facts from staged_distinct_month \
             where county_id = $1 and run = $2 order by indicator, division, key, month limit $3 \
             on conflict (county_id, indicator, division, key, month) do update \
             set facts = distinct_month.facts + excluded.facts",
            KEYS_OUT,
        ],
        take_out: &[KEYS_OUT],
        orphans: "select d.county_id, d.run from staged_distinct_month d left join staging s \
                  on s.county_id = d.county_id and s.id = d.run where s.id is null \
                  group by d.county_id, d.run order by d.county_id, d.run",
    },
    Shelf {
        table: "staged_distinct_year",
        let_go: &[
            "insert into distinct_year (county_id, indicator, division, key, year, facts) \
             select county_id, indicator, division, key, year, facts from staged_distinct_year \
             where county_id = $1 and run = $2 order by indicator, division, key, year limit $3 \
             on conflict (county_id, indicator, division, key, year) do update \
             set facts = distinct_year.facts + excluded.facts",
            YEARS_OUT,
        ],
        take_out: &[YEARS_OUT],
        orphans: "select d.county_id, d.run from staged_distinct_year d left join staging s \
                  on s.county_id = d.county_id and s.id = d.run where s.id is null \
                  group by d.county_id, d.run order by d.county_id, d.run",
    },
    shelf!("fact"),
];
