-- One text for SQLite, PostgreSQL and Citus: three column types, no defaults that read a clock, no triggers.
-- Days are text 2026-01-31, instants unix milliseconds, money fen, flags 0/1, lists JSON text.

-- ---------------------------------------------------------------- base: requests and sessions
create table idempotency (
  account_id text not null,
  key text not null,
  body_hash text not null,
  location text,
  made_at bigint not null,
  constraint idempotency_pk primary key (account_id, key)
);

create table setting (
  county_id bigint not null,
  name text not null,
  value text not null,
  constraint setting_pk primary key (county_id, name)
);

-- ---------------------------------------------------------------- registers: divisions and villages
create table division (
  code bigint not null,
  since text not null,
  until text,
  name text not null,
  level text not null,
  parent bigint not null,
  constraint division_pk primary key (code, since)
);
create index division_parent on division (parent, code);

create table division_successor (
  old_code bigint not null,
  new_code bigint not null,
  day text not null,
  constraint division_successor_pk primary key (old_code, new_code)
);
create index division_successor_new on division_successor (new_code);

create table village (
  county_id bigint not null,
  code bigint not null,
  households bigint,
  members bigint,
  poor_households bigint,
  monitored_households bigint,
  longitude double precision,
  latitude double precision,
  datum text,
  version bigint not null,
  constraint village_pk primary key (county_id, code)
);

create table village_category (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  category text not null,
  since text not null,
  until text,
  basis text,
  constraint village_category_pk primary key (county_id, id),
  constraint village_category_village foreign key (county_id, village) references village (county_id, code)
);
create index village_category_village_ix on village_category (county_id, village, since);
create index village_category_category_ix on village_category (county_id, category, village);

create table village_star (
  county_id bigint not null,
  village bigint not null,
  year bigint not null,
  stars bigint not null,
  constraint village_star_pk primary key (county_id, village, year),
  constraint village_star_village foreign key (county_id, village) references village (county_id, code)
);

create table village_income (
  county_id bigint not null,
  village bigint not null,
  year bigint not null,
  amount bigint not null,
  constraint village_income_pk primary key (county_id, village, year),
  constraint village_income_village foreign key (county_id, village) references village (county_id, code)
);

create table village_tag (
  county_id bigint not null,
  village bigint not null,
  kind text not null,
  tag text not null,
  constraint village_tag_pk primary key (county_id, village, kind, tag),
  constraint village_tag_village foreign key (county_id, village) references village (county_id, code)
);

create table village_neighbour (
  county_id bigint not null,
  village bigint not null,
  neighbour bigint not null,
  constraint village_neighbour_pk primary key (county_id, village, neighbour)
);

-- ---------------------------------------------------------------- registers: units and people
create table unit (
  id text not null,
  county_id bigint not null,
  name text not null,
  name_key text not null,
  level text not null,
  kind text,
  system text,
  contact text,
  phone text,
  strong bigint not null,
  version bigint not null,
  constraint unit_pk primary key (id),
  constraint unit_name unique (county_id, name)
);
create index unit_list on unit (county_id, name_key, id);

create table unit_tag (
  unit_id text not null,
  tag text not null,
  constraint unit_tag_pk primary key (unit_id, tag)
);

create table person (
  county_id bigint not null,
  id text not null,
  name text not null,
  name_key text not null,
  gender text,
  birth text,
  id_sealed text,
  id_hash text,
  phone text,
  ethnicity text,
  party_since text,
  education text,
  unit_id text,
  position text,
  rank text,
  specialities text not null,
  reserve bigint not null,
  village_experience bigint not null,
  agriculture bigint not null,
  note text,
  made_at bigint not null,
  version bigint not null,
  constraint person_pk primary key (county_id, id)
);
create index person_name on person (county_id, name_key, id);
create index person_unit on person (county_id, unit_id, name_key, id);
create index person_phone on person (county_id, phone);

-- One row per human being in the whole installation: the same ID number is the same person.
create table person_identity (
  id_hash text not null,
  county_id bigint not null,
  person_id text not null,
  constraint person_identity_pk primary key (id_hash)
);

-- ---------------------------------------------------------------- registers: accounts
create table account (
  id text not null,
  county_id bigint not null,
  sign_in_name text not null,
  display_name text not null,
  person_county bigint,
  person_id text,
  state text not null,
  password_hash text,
  totp_sealed text,
  totp_last_step bigint,
  start_code_hash text,
  start_code_until bigint,
  failures bigint not null,
  locked_until bigint,
  language text,
  made_at bigint not null,
  signed_in_at bigint,
  version bigint not null,
  constraint account_pk primary key (id),
  constraint account_sign_in_name unique (sign_in_name)
);
create index account_county on account (county_id, sign_in_name);
create index account_person on account (person_id);

create table account_grant (
  id text not null,
  account_id text not null,
  role text not null,
  division bigint,
  unit_id text,
  since text not null,
  until text,
  granted_by text not null,
  constraint account_grant_pk primary key (id)
);
create index account_grant_account on account_grant (account_id);

create table session (
  token_hash text not null,
  account_id text not null,
  made_at bigint not null,
  seen_at bigint not null,
  ends_at bigint not null,
  address text,
  agent text,
  constraint session_pk primary key (token_hash)
);
create index session_account on session (account_id);

-- ---------------------------------------------------------------- spine
create table fact (
  county_id bigint not null,
  id text not null,
  indicator text not null,
  day text not null,
  amount bigint not null,
  division bigint not null,
  person_county bigint,
  person_id text,
  unit_id text,
  key text,
  value text,
  source_kind text not null,
  source_id text not null,
  reverses text,
  recorded_at bigint not null,
  constraint fact_pk primary key (county_id, id)
);
create index fact_indicator on fact (county_id, indicator, division, day);
create index fact_source on fact (county_id, source_kind, source_id);
create index fact_person on fact (county_id, person_id, day);
create index fact_reverses on fact (county_id, reverses);

create table rollup_day (
  county_id bigint not null,
  indicator text not null,
  division bigint not null,
  day text not null,
  amount bigint not null,
  facts bigint not null,
  constraint rollup_day_pk primary key (county_id, indicator, division, day)
);

create table rollup_month (
  county_id bigint not null,
  indicator text not null,
  division bigint not null,
  month text not null,
  amount bigint not null,
  facts bigint not null,
  constraint rollup_month_pk primary key (county_id, indicator, division, month)
);

create table distinct_month (
  county_id bigint not null,
  indicator text not null,
  division bigint not null,
  key text not null,
  month text not null,
  facts bigint not null,
  constraint distinct_month_pk primary key (county_id, indicator, division, key, month)
);

create table task (
  county_id bigint not null,
  id text not null,
  kind text not null,
  title text not null,
  detail text,
  link text not null,
  role text not null,
  division bigint not null,
  account_id text,
  due text not null,
  origin_kind text not null,
  origin_id text not null,
  made_at bigint not null,
  done_at bigint,
  done_by text,
  constraint task_pk primary key (county_id, id),
  constraint task_origin unique (county_id, origin_kind, origin_id, kind)
);
create index task_open on task (county_id, done_at, due, id);

create table audit (
  county_id bigint not null,
  seq bigint not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  action text not null,
  subject_kind text not null,
  subject_id text not null,
  before text,
  after text,
  hash text not null,
  constraint audit_pk primary key (county_id, seq)
);
create index audit_subject on audit (county_id, subject_kind, subject_id, seq);

create table audit_head (
  county_id bigint not null,
  seq bigint not null,
  hash text not null,
  constraint audit_head_pk primary key (county_id)
);

create table file (
  county_id bigint not null,
  id text not null,
  content_hash text not null,
  name text not null,
  media_type text not null,
  size bigint not null,
  made_at bigint not null,
  made_by text not null,
  constraint file_pk primary key (county_id, id)
);

create table job (
  county_id bigint not null,
  id text not null,
  kind text not null,
  input text not null,
  state text not null,
  step bigint not null,
  steps bigint not null,
  message text,
  result text,
  attempts bigint not null,
  made_at bigint not null,
  made_by text not null,
  locked_until bigint,
  finished_at bigint,
  constraint job_pk primary key (county_id, id)
);
create index job_queue on job (state, locked_until, made_at);

-- ---------------------------------------------------------------- postings
create table batch (
  county_id bigint not null,
  id text not null,
  number bigint not null,
  name text not null,
  level text not null,
  since text not null,
  term_months bigint not null,
  until text not null,
  state text not null,
  version bigint not null,
  constraint batch_pk primary key (county_id, id),
  constraint batch_number unique (county_id, number)
);

create table team (
  county_id bigint not null,
  id text not null,
  batch_id text not null,
  village bigint not null,
  ledger text not null,
  lead_unit_id text,
  since text not null,
  until text,
  version bigint not null,
  constraint team_pk primary key (county_id, id),
  constraint team_batch foreign key (county_id, batch_id) references batch (county_id, id)
);
create index team_village on team (county_id, village, since);

create table team_neighbour (
  county_id bigint not null,
  team_id text not null,
  village bigint not null,
  constraint team_neighbour_pk primary key (county_id, team_id, village),
  constraint team_neighbour_team foreign key (county_id, team_id) references team (county_id, id)
);
create index team_neighbour_village on team_neighbour (county_id, village);

create table team_unit (
  county_id bigint not null,
  team_id text not null,
  unit_id text not null,
  constraint team_unit_pk primary key (county_id, team_id, unit_id),
  constraint team_unit_team foreign key (county_id, team_id) references team (county_id, id)
);

create table posting (
  county_id bigint not null,
  id text not null,
  batch_id text not null,
  team_id text,
  person_county bigint not null,
  person_id text not null,
  person_name text not null,
  name_key text not null,
  village bigint not null,
  role text not null,
  ledger text not null,
  unit_id text,
  state text not null,
  since text not null,
  until text,
  end_reason text,
  note text,
  made_at bigint not null,
  version bigint not null,
  constraint posting_pk primary key (county_id, id),
  constraint posting_batch foreign key (county_id, batch_id) references batch (county_id, id),
  constraint posting_team foreign key (county_id, team_id) references team (county_id, id)
);
create index posting_village on posting (county_id, village, since, id);
create index posting_person on posting (county_id, person_id, since);
create index posting_unit on posting (county_id, unit_id, since, id);
create index posting_state on posting (county_id, state, name_key, id);
create index posting_batch_ix on posting (county_id, batch_id, name_key, id);
create index posting_name on posting (state, name_key, id, county_id);
create index posting_person_all on posting (person_id, since, county_id);

create table posting_event (
  county_id bigint not null,
  id text not null,
  posting_id text not null,
  from_state text,
  to_state text not null,
  day text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  why text,
  constraint posting_event_pk primary key (county_id, id),
  constraint posting_event_posting foreign key (county_id, posting_id) references posting (county_id, id)
);
create index posting_event_posting_ix on posting_event (county_id, posting_id, at, id);

-- One post at a time: one row per person, also across counties.
create table post_holder (
  person_id text not null,
  county_id bigint not null,
  posting_id text not null,
  constraint post_holder_pk primary key (person_id)
);

-- One first secretary per village: the slot is the post, a second slot where the pack allows a county guide beside.
create table village_post (
  county_id bigint not null,
  village bigint not null,
  slot text not null,
  posting_id text not null,
  constraint village_post_pk primary key (county_id, village, slot)
);

create table import_run (
  county_id bigint not null,
  id text not null,
  kind text not null,
  place bigint not null,
  file_id text not null,
  batch_number bigint,
  mapping text,
  state text not null,
  outcome text,
  made_at bigint not null,
  made_by text not null,
  applied_at bigint,
  constraint import_run_pk primary key (county_id, id)
);
create index import_run_list on import_run (county_id, made_at, id);
