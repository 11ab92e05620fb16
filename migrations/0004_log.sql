-- Work log, outcomes that wait for a word, visits by leaders.

create table log_entry (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  day text not null,
  duty text not null,
  words text not null,
  met text,
  person_county bigint not null,
  person_id text not null,
  person_name text not null,
  unit_id text,
  -- The village of the post under which it was written: elsewhere where a team serves a neighbour too.
  post_village bigint not null,
  note_sealed text,
  outcomes bigint not null,
  waiting bigint not null,
  state text not null,
  writer_account text not null,
  writer text not null,
  made_at bigint not null,
  version bigint not null,
  constraint log_entry_pk primary key (county_id, id)
);
create index log_entry_day on log_entry (county_id, day, id);
create index log_entry_village on log_entry (county_id, village, day, id);
create index log_entry_place on log_entry (village, day, id);
create index log_entry_person on log_entry (person_id, day, id);
create index log_entry_unit on log_entry (unit_id, day, id);

create table log_outcome (
  county_id bigint not null,
  id text not null,
  entry_id text not null,
  position bigint not null,
  village bigint not null,
  day text not null,
  indicator text not null,
  -- In the indicator's smallest unit; beside it what was typed and in which unit.
  amount bigint not null,
  typed text not null,
  unit text not null,
  what text,
  evidence text,
  state text not null,
  merged_into text,
  word_by text,
  word_on text,
  word_why text,
  constraint log_outcome_pk primary key (county_id, id),
  constraint log_outcome_entry foreign key (county_id, entry_id) references log_entry (county_id, id)
);
create index log_outcome_of_entry on log_outcome (county_id, entry_id, position);
create index log_outcome_near on log_outcome (county_id, indicator, village, day);
create index log_outcome_state on log_outcome (county_id, state, day, id);
create index log_outcome_place on log_outcome (state, village, day, id);
create index log_outcome_merged on log_outcome (county_id, merged_into);

-- Whose work an outcome is: two who reported the same are two rows of one outcome.
create table log_credit (
  county_id bigint not null,
  outcome_id text not null,
  person_id text not null,
  person_county bigint not null,
  person_name text not null,
  unit_id text,
  entry_id text not null,
  constraint log_credit_pk primary key (county_id, outcome_id, person_id)
);
create index log_credit_person on log_credit (county_id, person_id);
create index log_credit_entry on log_credit (county_id, entry_id);

create table log_picture (
  county_id bigint not null,
  entry_id text not null,
  file_id text not null,
  position bigint not null,
  constraint log_picture_pk primary key (county_id, entry_id, file_id)
);

-- What an entry belongs to. `text` has no target yet; kinds of other records join by their own names.
create table log_link (
  county_id bigint not null,
  entry_id text not null,
  position bigint not null,
  kind text not null,
  target_id text,
  label text not null,
  constraint log_link_pk primary key (county_id, entry_id, position)
);

create table log_event (
  county_id bigint not null,
  id text not null,
  record_kind text not null,
  record_id text not null,
  act text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  changes text,
  why text,
  constraint log_event_pk primary key (county_id, id)
);
create index log_event_record on log_event (county_id, record_kind, record_id, at, id);

create table visitor (
  county_id bigint not null,
  id text not null,
  name text not null,
  name_key text not null,
  post text,
  unit_name text not null,
  made_at bigint not null,
  constraint visitor_pk primary key (county_id, id)
);
create index visitor_name on visitor (county_id, name_key, id);

create table visit (
  county_id bigint not null,
  id text not null,
  day text not null,
  words text not null,
  state text not null,
  writer_account text not null,
  writer text not null,
  made_at bigint not null,
  version bigint not null,
  constraint visit_pk primary key (county_id, id)
);

create table visit_place (
  county_id bigint not null,
  visit_id text not null,
  village bigint not null,
  day text not null,
  state text not null,
  constraint visit_place_pk primary key (county_id, visit_id, village),
  constraint visit_place_visit foreign key (county_id, visit_id) references visit (county_id, id)
);
create index visit_place_day on visit_place (county_id, day, visit_id, village);
create index visit_place_village on visit_place (village, day, visit_id);

create table visit_visitor (
  county_id bigint not null,
  visit_id text not null,
  visitor_id text not null,
  position bigint not null,
  post text,
  constraint visit_visitor_pk primary key (county_id, visit_id, visitor_id)
);
create index visit_visitor_who on visit_visitor (county_id, visitor_id, visit_id);

create table visit_promise (
  county_id bigint not null,
  id text not null,
  visit_id text not null,
  village bigint not null,
  position bigint not null,
  what text not null,
  holder text not null,
  due text not null,
  done_on text,
  done_by text,
  result text,
  constraint visit_promise_pk primary key (county_id, id)
);
create index visit_promise_visit on visit_promise (county_id, visit_id, position);
