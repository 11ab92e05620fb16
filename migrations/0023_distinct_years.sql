-- Distinct figures of whole years read a row a key and year, so that a long period costs what its people do, not its months.
create table distinct_year (
  county_id bigint not null,
  indicator text not null,
  division bigint not null,
  key text not null,
  year text not null,
  facts bigint not null,
  constraint distinct_year_pk primary key (county_id, indicator, division, key, year)
);
create index distinct_year_county on distinct_year (indicator, county_id, year, key, facts) where division = county_id * 1000000;

create table staged_distinct_year (
  county_id bigint not null,
  run text not null,
  indicator text not null,
  division bigint not null,
  key text not null,
  year text not null,
  facts bigint not null,
  constraint staged_distinct_year_pk primary key (county_id, run, indicator, division, key, year)
);

create view live_distinct_year as
select county_id, indicator, division, key, year, facts
from distinct_year
union all
select s.county_id, d.indicator, d.division, d.key, d.year, d.facts
from staging s cross join staged_distinct_year d
where d.county_id = s.county_id and d.run = s.id and s.state = 'applied';

insert into distinct_year (county_id, indicator, division, key, year, facts)
select county_id, indicator, division, key, substr(month, 1, 4), cast(sum(facts) as bigint)
from distinct_month group by county_id, indicator, division, key, substr(month, 1, 4);

insert into staged_distinct_year (county_id, run, indicator, division, key, year, facts)
select county_id, run, indicator, division, key, substr(month, 1, 4), cast(sum(facts) as bigint)
from staged_distinct_month group by county_id, run, indicator, division, key, substr(month, 1, 4);
