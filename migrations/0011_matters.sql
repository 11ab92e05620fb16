-- Matters: what a villager needs, from the card to the end.

create table matter (
  county_id bigint not null,
  id text not null,
  number bigint not null,
  village bigint not null,
  kind text not null,
  size text not null,
  channel text not null,
  urgent bigint not null,
  title text not null,
  words text not null,
  raiser text,
  household_id text,
  phone_sealed text,
  -- Who entered it for the villager; nothing where the villager did.
  proxy text,
  -- The number it has in the system it came from.
  outside_number text,
  member_id text,
  department text,
  raised_at bigint not null,
  raised_on text not null,
  state text not null,
  -- 1 until it is closed, withdrawn or merged.
  open bigint not null,
  post text not null,
  account_id text,
  due_at bigint not null,
  due text not null,
  -- Until when its kind asks for it to be solved.
  promised_at bigint,
  answered_at bigint,
  reopens bigint not null,
  climb bigint not null,
  news bigint not null,
  why text,
  merged_into text,
  problem_id text,
  done_how text,
  done_at bigint,
  done_on text,
  done_words text,
  done_person_county bigint,
  done_person_id text,
  done_name text,
  done_unit_id text,
  rating text,
  rated_at bigint,
  rated_on text,
  rated_by text,
  version bigint not null,
  constraint matter_pk primary key (county_id, id)
);
create unique index matter_number on matter (county_id, number);
create index matter_new_place on matter (village, id);
create index matter_state on matter (county_id, state, due_at, id);
create index matter_state_place on matter (state, village, due_at, id);
create index matter_kind on matter (county_id, kind, id);
-- They hold what is counted and shown late, so that the rows themselves are not read.
create index matter_open on matter (county_id, due_at, id, state, village) where open = 1;
create index matter_open_place on matter (village, due_at, id, state) where open = 1;
create index matter_household on matter (county_id, household_id, id) where household_id is not null;

-- A villager's way to a matter: the keyed hash of a code, so that a copy of the database opens nothing.
create table matter_code (
  code_hash text not null,
  county_id bigint not null,
  matter_id text not null,
  made_at bigint not null,
  constraint matter_code_pk primary key (code_hash)
);
create index matter_code_of on matter_code (county_id, matter_id);

create table matter_counter (
  county_id bigint not null,
  next bigint not null,
  constraint matter_counter_pk primary key (county_id)
);

-- How many matters of a village stand in a state: boards read this.
create table matter_count (
  county_id bigint not null,
  village bigint not null,
  state text not null,
  n bigint not null,
  constraint matter_count_pk primary key (county_id, village, state)
);

-- Two-character pieces of what was said.
create table matter_word (
  county_id bigint not null,
  word text not null,
  matter_id text not null,
  village bigint not null,
  constraint matter_word_pk primary key (county_id, word, matter_id, village)
);

create table matter_event (
  county_id bigint not null,
  id text not null,
  matter_id text not null,
  act text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  words text,
  -- 1 where the villager sees it too.
  public bigint not null,
  constraint matter_event_pk primary key (county_id, id)
);
create index matter_event_of on matter_event (county_id, matter_id, at, id);

create table matter_file (
  county_id bigint not null,
  matter_id text not null,
  file_id text not null,
  kind text not null,
  position bigint not null,
  constraint matter_file_pk primary key (county_id, matter_id, file_id)
);

create table matter_deliberation (
  county_id bigint not null,
  id text not null,
  matter_id text not null,
  day text not null,
  chair text not null,
  present bigint not null,
  minutes text not null,
  decision text not null,
  actor text not null,
  at bigint not null,
  constraint matter_deliberation_pk primary key (county_id, id)
);
create index matter_deliberation_of on matter_deliberation (county_id, matter_id, id);

-- Party members of a village, each looking after some ten households.
create table village_member (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  name text not null,
  phone text,
  until text,
  made_at bigint not null,
  constraint village_member_pk primary key (county_id, id)
);
create index village_member_of on village_member (county_id, village, id);

create table member_household (
  county_id bigint not null,
  household_id text not null,
  member_id text not null,
  constraint member_household_pk primary key (county_id, household_id)
);
create index member_household_of on member_household (county_id, member_id, household_id);

-- Who may raise matters from outside through Open311; the key itself is kept by its holder.
create table open311_key (
  key_hash text not null,
  county_id bigint not null,
  name text not null,
  made_at bigint not null,
  ended_at bigint,
  constraint open311_key_pk primary key (key_hash)
);
create index open311_key_of on open311_key (county_id, made_at);
