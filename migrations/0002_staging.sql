-- What one run brings in many short writes stands unseen until the run is applied: its rows name it in `staged`.
-- A row is there for readers when it names no run, or one that was applied. Readers read the views `live_…`; the tables
-- themselves are named only by the stores that write them. A later migration that adds a column to such a table drops
-- its view and makes it again.

-- One row per county that a run writes in. `state`: writing (unseen), applied (seen, its rows are being let go),
-- leaving (given up, its rows are being taken out). Who writes holds the run until `held_until`.
create table staging (
  county_id bigint not null,
  id text not null,
  state text not null,
  made_at bigint not null,
  held_until bigint not null,
  constraint staging_pk primary key (county_id, id)
);

alter table person add column staged text;
alter table posting add column staged text;
alter table batch add column staged text;
alter table fact add column staged text;
alter table task add column staged text;

-- Empty but while a run is under way.
create index person_staged on person (county_id, staged, id) where staged is not null;
create index posting_staged on posting (county_id, staged, id) where staged is not null;
create index batch_staged on batch (county_id, staged, id) where staged is not null;
create index fact_staged on fact (county_id, staged, id) where staged is not null;
create index task_staged on task (county_id, staged, id) where staged is not null;

-- Few facts are reversals. An index over the nothing of all others is one more tree to write, and once it is analysed
-- SQLite takes it for useless and scans.
drop index fact_reverses;
create index fact_reverses on fact (county_id, reverses, staged) where reverses is not null;

-- Movements of the roll-ups that staged facts bring: added up by readers once the run is applied, then folded in.
create table staged_rollup_day (
  county_id bigint not null,
  run text not null,
  indicator text not null,
  division bigint not null,
  day text not null,
  amount bigint not null,
  facts bigint not null,
  constraint staged_rollup_day_pk primary key (county_id, run, indicator, division, day)
);

create table staged_rollup_month (
  county_id bigint not null,
  run text not null,
  indicator text not null,
  division bigint not null,
  month text not null,
  amount bigint not null,
  facts bigint not null,
  constraint staged_rollup_month_pk primary key (county_id, run, indicator, division, month)
);

create table staged_distinct_month (
  county_id bigint not null,
  run text not null,
  indicator text not null,
  division bigint not null,
  key text not null,
  month text not null,
  facts bigint not null,
  constraint staged_distinct_month_pk primary key (county_id, run, indicator, division, key, month)
);

create view live_person as
select county_id, id, name, name_key, gender, birth, id_sealed, id_hash, phone, ethnicity, party_since, education,
  unit_id, position, rank, specialities, reserve, village_experience, agriculture, note, made_at, version
from person
where staged is null or not exists (select 1 from staging
  where staging.county_id = person.county_id and staging.id = person.staged and staging.state <> 'applied');

create view live_posting as
select county_id, id, batch_id, team_id, person_county, person_id, person_name, name_key, village, role, ledger,
  unit_id, state, since, until, end_reason, note, made_at, version
from posting
where staged is null or not exists (select 1 from staging
  where staging.county_id = posting.county_id and staging.id = posting.staged and staging.state <> 'applied');

create view live_batch as
select county_id, id, number, name, level, since, term_months, until, state, version
from batch
where staged is null or not exists (select 1 from staging
  where staging.county_id = batch.county_id and staging.id = batch.staged and staging.state <> 'applied');

create view live_fact as
select county_id, id, indicator, day, amount, division, person_county, person_id, unit_id, key, value, source_kind,
  source_id, reverses, recorded_at
from fact
where staged is null or not exists (select 1 from staging
  where staging.county_id = fact.county_id and staging.id = fact.staged and staging.state <> 'applied');

create view live_task as
select county_id, id, kind, title, detail, link, role, division, account_id, due, origin_kind, origin_id, made_at,
  done_at, done_by
from task
where staged is null or not exists (select 1 from staging
  where staging.county_id = task.county_id and staging.id = task.staged and staging.state <> 'applied');

create view live_rollup_day as
select county_id, indicator, division, day, amount, facts
from rollup_day
union all
select s.county_id, d.indicator, d.division, d.day, d.amount, d.facts
from staging s cross join staged_rollup_day d
where d.county_id = s.county_id and d.run = s.id and s.state = 'applied';

create view live_rollup_month as
select county_id, indicator, division, month, amount, facts
from rollup_month
union all
select s.county_id, d.indicator, d.division, d.month, d.amount, d.facts
from staging s cross join staged_rollup_month d
where d.county_id = s.county_id and d.run = s.id and s.state = 'applied';

create view live_distinct_month as
select county_id, indicator, division, key, month, facts
from distinct_month
union all
select s.county_id, d.indicator, d.division, d.key, d.month, d.facts
from staging s cross join staged_distinct_month d
where d.county_id = s.county_id and d.run = s.id and s.state = 'applied';

-- ---------------------------------------------------------------- jobs
-- Whoever looks for work looks at what has not ended, which is little however many have.
drop index job_queue;
create index job_open on job (county_id, made_at, id) where finished_at is null;
