-- Sums of whole years: a figure since the beginning reads a row a year and county, not one a month.
create table rollup_year (
  county_id bigint not null,
  indicator text not null,
  division bigint not null,
  year text not null,
  amount bigint not null,
  facts bigint not null,
  constraint rollup_year_pk primary key (county_id, indicator, division, year)
);
create index rollup_year_county on rollup_year (indicator, county_id, year, amount) where division = county_id * 1000000;

create table staged_rollup_year (
  county_id bigint not null,
  run text not null,
  indicator text not null,
  division bigint not null,
  year text not null,
  amount bigint not null,
  facts bigint not null,
  constraint staged_rollup_year_pk primary key (county_id, run, indicator, division, year)
);

create view live_rollup_year as
select county_id, indicator, division, year, amount, facts
from rollup_year
union all
select s.county_id, d.indicator, d.division, d.year, d.amount, d.facts
from staging s cross join staged_rollup_year d
where d.county_id = s.county_id and d.run = s.id and s.state = 'applied';

insert into rollup_year (county_id, indicator, division, year, amount, facts)
select county_id, indicator, division, substr(month, 1, 4), cast(sum(amount) as bigint), cast(sum(facts) as bigint)
from rollup_month group by county_id, indicator, division, substr(month, 1, 4);

insert into staged_rollup_year (county_id, run, indicator, division, year, amount, facts)
select county_id, run, indicator, division, substr(month, 1, 4), cast(sum(amount) as bigint), cast(sum(facts) as bigint)
from staged_rollup_month group by county_id, run, indicator, division, substr(month, 1, 4);

-- Of many counties days are asked by stretches: whether anything lies after a day is found at once.
drop index rollup_day_county;
create index rollup_day_county on rollup_day (indicator, day, county_id, amount, facts) where division = county_id * 1000000;

-- What is taken apart by unit, and distinct keys of one county, are counted from this index alone, a stretch of days at a time.
create index fact_day on fact (county_id, indicator, day, division, unit_id, key, amount, reverses, staged);
