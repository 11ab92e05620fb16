-- Project express: projects, problems, meetings, three bindings, village talents.

-- A task of a unit's department is seen by whoever holds the role for that unit.
alter table task add column unit_id text;
create index task_unit on task (unit_id, done_at, due, id);

create table project (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  name text not null,
  kind text not null,
  goal text not null,
  owner text,
  unit_id text,
  unit_name text,
  person_county bigint,
  person_id text,
  person_name text,
  -- Whose work its facts are, whoever holds it later.
  credit_county bigint,
  credit_person text,
  -- Fen.
  budget bigint not null,
  spent bigint not null,
  over_why text,
  progress bigint not null,
  stage text not null,
  stage_since text not null,
  -- The day on which the next stage is to be reached.
  due text,
  writer_account text not null,
  writer text not null,
  made_at bigint not null,
  version bigint not null,
  constraint project_pk primary key (county_id, id)
);
create index project_since on project (county_id, stage_since, id);
create index project_in_village on project (village, stage_since, id);
create index project_unit on project (unit_id, stage_since, id);
create index project_person on project (person_id, stage_since, id);
create index project_by_stage on project (stage, village, stage_since, id);

-- All villages of a project; one alone for most.
create table project_village (
  county_id bigint not null,
  project_id text not null,
  village bigint not null,
  constraint project_village_pk primary key (county_id, project_id, village),
  constraint project_village_project foreign key (county_id, project_id) references project (county_id, id)
);

-- When each stage was reached, in order; a stage planned and not yet reached has no day.
create table project_stage (
  county_id bigint not null,
  project_id text not null,
  position bigint not null,
  stage text not null,
  reached text not null,
  words text,
  actor text not null,
  constraint project_stage_pk primary key (county_id, project_id, position),
  constraint project_stage_project foreign key (county_id, project_id) references project (county_id, id)
);

create table project_fund (
  county_id bigint not null,
  id text not null,
  project_id text not null,
  source text not null,
  unit_id text,
  unit_name text,
  amount bigint not null,
  arrived_on text,
  constraint project_fund_pk primary key (county_id, id),
  constraint project_fund_project foreign key (county_id, project_id) references project (county_id, id)
);
create index project_fund_project on project_fund (county_id, project_id, id);
create index project_fund_unit on project_fund (unit_id, county_id, project_id);

-- What came of a project in a year. `elsewhere` of the amount is counted by another record already.
create table project_gain (
  county_id bigint not null,
  id text not null,
  project_id text not null,
  year bigint not null,
  day text not null,
  indicator text not null,
  amount bigint not null,
  elsewhere bigint not null,
  typed text not null,
  evidence text not null,
  withdrawn_at bigint,
  -- The project, year and indicator while it stands; its own id once it is taken back.
  live_key text not null,
  constraint project_gain_pk primary key (county_id, id),
  constraint project_gain_live unique (county_id, live_key),
  constraint project_gain_project foreign key (county_id, project_id) references project (county_id, id)
);
create index project_gain_project on project_gain (county_id, project_id, year, id);

create table problem (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  title text not null,
  words text not null,
  block text not null,
  -- Fen at stake.
  amount bigint,
  origin text not null,
  origin_id text,
  person_county bigint,
  person_id text,
  person_name text,
  credit_county bigint,
  credit_person text,
  raiser_account text not null,
  raiser text not null,
  raised_on text not null,
  state text not null,
  state_since text not null,
  -- Addressed to, later led by.
  unit_id text,
  unit_name text,
  due text,
  meeting_county bigint,
  meeting_id text,
  -- Whose meeting it goes to: county, or city once lateness has climbed.
  level text not null,
  made_at bigint not null,
  version bigint not null,
  constraint problem_pk primary key (county_id, id)
);
create index problem_day on problem (county_id, raised_on, id);
create index problem_state on problem (county_id, state, raised_on, id);
create index problem_village on problem (village, raised_on, id);
create index problem_unit on problem (unit_id, state, raised_on, id);
create index problem_person on problem (person_id, raised_on, id);
create index problem_due on problem (county_id, level, state, due);
create index problem_origin on problem (county_id, origin, origin_id);

-- Who took it up: one lead, others join. `lead_key` is the problem while a lead stands, `unit_key` problem and unit while
-- either stands, and the claim's own id afterwards: one lead a problem, a unit once a problem.
create table problem_claim (
  county_id bigint not null,
  id text not null,
  problem_id text not null,
  unit_id text not null,
  unit_name text not null,
  part text not null,
  promise text not null,
  since text not null,
  due text not null,
  meeting_county bigint,
  meeting_id text,
  ended_on text,
  ended_why text,
  lead_key text not null,
  unit_key text not null,
  constraint problem_claim_pk primary key (county_id, id),
  constraint problem_claim_lead unique (county_id, lead_key),
  constraint problem_claim_unit unique (county_id, unit_key),
  constraint problem_claim_problem foreign key (county_id, problem_id) references problem (county_id, id)
);
create index problem_claim_problem on problem_claim (county_id, problem_id, since, id);
create index problem_claim_of_unit on problem_claim (unit_id, ended_on, due, id);
create index problem_claim_meeting on problem_claim (meeting_id, county_id, due, id);

create table problem_adviser (
  county_id bigint not null,
  problem_id text not null,
  person_id text not null,
  person_county bigint not null,
  person_name text not null,
  why text not null,
  sent_on text not null,
  sent_by text not null,
  advice text,
  advised_on text,
  constraint problem_adviser_pk primary key (county_id, problem_id, person_id),
  constraint problem_adviser_problem foreign key (county_id, problem_id) references problem (county_id, id)
);
create index problem_adviser_person on problem_adviser (person_id, sent_on);

create table problem_meeting (
  county_id bigint not null,
  id text not null,
  division bigint not null,
  title text not null,
  place text,
  chair text,
  day text not null,
  state text not null,
  made_at bigint not null,
  version bigint not null,
  constraint problem_meeting_pk primary key (county_id, id)
);
create index problem_meeting_day on problem_meeting (county_id, day, id);
create index problem_meeting_division on problem_meeting (division, day, id);

-- A line of an agenda lies with its problem, so that a decision is written in one county.
create table problem_meeting_item (
  county_id bigint not null,
  meeting_county bigint not null,
  meeting_id text not null,
  problem_id text not null,
  village bigint not null,
  unit_id text,
  unit_name text,
  position bigint not null,
  outcome text,
  words text,
  decided_at bigint,
  constraint problem_meeting_item_pk primary key (county_id, meeting_id, problem_id),
  constraint problem_meeting_item_problem foreign key (county_id, problem_id) references problem (county_id, id)
);
create index problem_meeting_item_meeting on problem_meeting_item (meeting_id, county_id, position, problem_id);
create index problem_meeting_item_unit on problem_meeting_item (unit_id, meeting_id);
create index problem_meeting_item_village on problem_meeting_item (village, meeting_id);

-- What a unit binds itself to beside projects and funds: responsibility for its village.
create table binding (
  county_id bigint not null,
  id text not null,
  unit_id text not null,
  village bigint not null,
  words text not null,
  person text not null,
  since text not null,
  due text not null,
  delivered_on text,
  result text,
  made_at bigint not null,
  constraint binding_pk primary key (county_id, id)
);
create index binding_unit on binding (unit_id, county_id, due, id);
create index binding_village on binding (village, due, id);

create table village_talent (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  name text not null,
  name_key text not null,
  field text not null,
  strengths text not null,
  phone text,
  note text,
  since text not null,
  until text,
  writer text not null,
  made_at bigint not null,
  version bigint not null,
  constraint village_talent_pk primary key (county_id, id)
);
create index village_talent_name on village_talent (county_id, name_key, id);
create index village_talent_village on village_talent (village, name_key, id);
create index village_talent_field on village_talent (county_id, field, name_key, id);

-- What happened to any of them: the whole story as one line of days.
create table express_event (
  county_id bigint not null,
  id text not null,
  record_kind text not null,
  record_id text not null,
  act text not null,
  -- The state that began with it.
  state text,
  day text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  unit_name text,
  words text,
  constraint express_event_pk primary key (county_id, id)
);
create index express_event_record on express_event (county_id, record_kind, record_id, at, id);
