-- 派驻计划: a round of a county from pool to approval. Lists stand as JSON text; a plan keeps its result as it was found.

create table dispatch_round (
  county_id bigint not null,
  id text not null,
  -- The county's code: what scopes narrow.
  place bigint not null,
  name text not null,
  -- The first day of the postings; ages and Party years are counted on it.
  starts_on text not null,
  term_months bigint not null,
  state text not null,
  -- The plan that was put forward for approval.
  proposed_plan text,
  -- The batch that the approval made.
  batch_id text,
  ended_on text,
  ended_by text,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  version bigint not null,
  constraint dispatch_round_pk primary key (county_id, id)
);
create index dispatch_round_list on dispatch_round (county_id, made_at, id);

create table dispatch_event (
  county_id bigint not null,
  id text not null,
  round_id text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  act text not null,
  words text,
  constraint dispatch_event_pk primary key (county_id, id),
  constraint dispatch_event_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);
create index dispatch_event_list on dispatch_event (county_id, round_id, at, id);

-- What the register of people does not know of a candidate.
create table dispatch_candidate (
  county_id bigint not null,
  round_id text not null,
  person_id text not null,
  -- On the scale of equivalent ranks; none where the register's rank says it.
  rank bigint,
  home_township bigint,
  -- The reason for which the rank of a leader is not asked.
  waived text,
  nominated_by text not null,
  made_at bigint not null,
  constraint dispatch_candidate_pk primary key (county_id, round_id, person_id),
  constraint dispatch_candidate_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

-- 三关: the last word on each; what was said before is an event.
create table dispatch_gate (
  county_id bigint not null,
  round_id text not null,
  person_id text not null,
  gate text not null,
  passed bigint not null,
  why text,
  -- Who decided, as the paper says.
  body text not null,
  signed_on text not null,
  actor text not null,
  constraint dispatch_gate_pk primary key (county_id, round_id, person_id, gate),
  constraint dispatch_gate_of foreign key (county_id, round_id, person_id)
    references dispatch_candidate (county_id, round_id, person_id)
);

create table dispatch_village (
  county_id bigint not null,
  round_id text not null,
  village bigint not null,
  category text not null,
  -- None: the category's size.
  team_size bigint,
  needs text not null,
  fixed_unit text,
  neighbours text not null,
  constraint dispatch_village_pk primary key (county_id, round_id, village),
  constraint dispatch_village_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

create table dispatch_forbidden (
  county_id bigint not null,
  round_id text not null,
  village bigint not null,
  unit_id text not null,
  why text not null,
  constraint dispatch_forbidden_pk primary key (county_id, round_id, village, unit_id),
  constraint dispatch_forbidden_of foreign key (county_id, round_id, village)
    references dispatch_village (county_id, round_id, village)
);

-- Where a round asks something else of a unit than the register and the pack say.
create table dispatch_unit (
  county_id bigint not null,
  round_id text not null,
  unit_id text not null,
  strong bigint not null,
  max_teams bigint not null,
  constraint dispatch_unit_pk primary key (county_id, round_id, unit_id),
  constraint dispatch_unit_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

-- Pairings decided by hand: a village's unit, and of its people those who are to stay.
create table dispatch_lock (
  county_id bigint not null,
  round_id text not null,
  village bigint not null,
  unit_id text not null,
  people text not null,
  constraint dispatch_lock_pk primary key (county_id, round_id, village),
  constraint dispatch_lock_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

create table dispatch_plan (
  county_id bigint not null,
  id text not null,
  round_id text not null,
  number bigint not null,
  -- A unit that this variant does without.
  without_unit text,
  state text not null,
  job_id text not null,
  stop bigint not null,
  result text,
  -- Why there is no plan, a line each.
  faults text,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  constraint dispatch_plan_pk primary key (county_id, id),
  constraint dispatch_plan_number unique (county_id, round_id, number),
  constraint dispatch_plan_of foreign key (county_id, round_id) references dispatch_round (county_id, id)
);

-- Letters and rosters of one batch alone.
alter table print_run add column batch bigint;
