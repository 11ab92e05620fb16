-- A fact enters the explorer's index when it no longer names a run: a large import does not wait for it.
-- `staged` is its last column, so that the index alone tells that it is empty.
drop index fact_day;
create index fact_day on fact (county_id, indicator, day, division, unit_id, key, amount, reverses, staged)
where staged is null;

create view live_fact_settled as
select county_id, indicator, day, division, unit_id, key, amount, reverses from fact where staged is null;

create view live_fact_applied as
select f.county_id, f.indicator, f.day, f.division, f.unit_id, f.key, f.amount, f.reverses
from staging s cross join fact f
where f.county_id = s.county_id and f.staged = s.id and s.state = 'applied';
