-- Rounds of a city or a province: their rows carry the code of the office that plans, candidates the county that keeps
-- their file. What is too much for one transaction is approved county by county in a run that outlives its process.

alter table dispatch_candidate add column person_county bigint;
update dispatch_candidate set person_county = county_id;

-- The figures of a plan for lists, without its thousands of teams.
alter table dispatch_plan add column summary text;

-- While a round is being approved: the staging run and the job that goes on with it.
alter table dispatch_round add column run text;
alter table dispatch_round add column job_id text;

-- What an approval has made in a county so far; unseen until the round is approved.
create table dispatch_made (
  county_id bigint not null,
  round_id text not null,
  -- The county that it was made in.
  made_in bigint not null,
  batch_id text not null,
  teams bigint not null,
  people bigint not null,
  handovers bigint not null,
  -- Handovers that stood before and get their next holder afterwards, as JSON.
  standing text not null,
  made_at bigint not null,
  constraint dispatch_made_pk primary key (county_id, round_id, made_in),
  constraint dispatch_made_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

alter table team add column staged text;
create index team_staged on team (county_id, staged, id) where staged is not null;
create view live_team as
select county_id, id, batch_id, village, ledger, lead_unit_id, since, until, version
from team
where staged is null or not exists (select 1 from staging
  where staging.county_id = team.county_id and staging.id = team.staged and staging.state <> 'applied');

alter table handover add column staged text;
create index handover_staged on handover (county_id, staged, id) where staged is not null;
create view live_handover as
select county_id, id, posting_id, live_key, village, role, unit_id, old_person_county, old_person_id, old_name,
  old_since, new_posting_id, new_person_county, new_person_id, new_name, reason, leaves_on, side_days, cause, state,
  started_on, ended_on, made_at, version
from handover
where staged is null or not exists (select 1 from staging
  where staging.county_id = handover.county_id and staging.id = handover.staged and staging.state <> 'applied');
