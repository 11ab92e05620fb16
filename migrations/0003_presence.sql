-- Presence by exception: the working calendar, leave, duty trips, spot checks; and deputies for a duty.

-- ---------------------------------------------------------------- accounts
create table deputy (
  id text not null,
  account_id text not null,
  grant_id text not null,
  deputy_id text not null,
  since text not null,
  until text not null,
  made_at bigint not null,
  ended_at bigint,
  constraint deputy_pk primary key (id),
  constraint deputy_once unique (grant_id, deputy_id, since)
);
create index deputy_account on deputy (account_id, id);
create index deputy_deputy on deputy (deputy_id, until);

-- ---------------------------------------------------------------- calendar
-- A county's own exceptional days, over those that the program brings.
create table calendar_day (
  county_id bigint not null,
  day text not null,
  kind text not null,
  name text not null,
  version bigint not null,
  constraint calendar_day_pk primary key (county_id, day)
);

-- A year that the program has no data for, entered by the county and declared complete.
create table calendar_year (
  county_id bigint not null,
  year bigint not null,
  source text not null,
  made_at bigint not null,
  constraint calendar_year_pk primary key (county_id, year)
);

-- ---------------------------------------------------------------- leave and trips
create table leave (
  county_id bigint not null,
  id text not null,
  person_county bigint not null,
  person_id text not null,
  person_name text not null,
  posting_id text not null,
  village bigint not null,
  unit_id text,
  kind text not null,
  since text not null,
  until text not null,
  back text,
  level text not null,
  state text not null,
  reason_sealed text,
  decided_by text,
  why text,
  made_at bigint not null,
  version bigint not null,
  constraint leave_pk primary key (county_id, id)
);
create index leave_village on leave (county_id, village, since, id);
create index leave_list on leave (since, id, county_id);
create index leave_person on leave (person_id, since);
create index leave_unit on leave (unit_id, since);

create table leave_event (
  county_id bigint not null,
  id text not null,
  leave_id text not null,
  from_state text,
  to_state text not null,
  day text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  why text,
  constraint leave_event_pk primary key (county_id, id),
  constraint leave_event_leave foreign key (county_id, leave_id) references leave (county_id, id)
);
create index leave_event_leave_ix on leave_event (county_id, leave_id, at, id);

create table trip (
  county_id bigint not null,
  id text not null,
  person_county bigint not null,
  person_id text not null,
  person_name text not null,
  posting_id text not null,
  village bigint not null,
  unit_id text,
  kind text not null,
  since text not null,
  until text not null,
  destination text not null,
  purpose text not null,
  state text not null,
  made_by text not null,
  made_at bigint not null,
  version bigint not null,
  constraint trip_pk primary key (county_id, id)
);
create index trip_village on trip (county_id, village, since, id);
create index trip_list on trip (since, id, county_id);
create index trip_person on trip (person_id, since);
create index trip_unit on trip (unit_id, since);

-- A person is away once a day at most: a row for each day of a leave or trip, so that two that overlap meet in the key.
create table away_day (
  county_id bigint not null,
  person_id text not null,
  day text not null,
  kind text not null,
  source_id text not null,
  constraint away_day_pk primary key (county_id, person_id, day)
);
create index away_day_source on away_day (county_id, source_id);

-- ---------------------------------------------------------------- spot checks
create table spot_check (
  county_id bigint not null,
  id text not null,
  place bigint not null,
  day text not null,
  seed text not null,
  wanted bigint not null,
  state text not null,
  made_by text not null,
  made_at bigint not null,
  version bigint not null,
  constraint spot_check_pk primary key (county_id, id)
);
create index spot_check_list on spot_check (county_id, day, id);
create index spot_check_place on spot_check (place, day, id);

-- The pool as it was on the day: every village that could have been drawn, and in which order it came.
create table spot_check_village (
  county_id bigint not null,
  check_id text not null,
  village bigint not null,
  place_in_order bigint not null,
  drawn bigint not null,
  constraint spot_check_village_pk primary key (county_id, check_id, village),
  constraint spot_check_village_check foreign key (county_id, check_id) references spot_check (county_id, id)
);

create table spot_check_line (
  county_id bigint not null,
  id text not null,
  check_id text not null,
  village bigint not null,
  person_county bigint not null,
  person_id text not null,
  person_name text not null,
  posting_id text not null,
  unit_id text,
  role text not null,
  finding text,
  note text,
  found_by text,
  word text,
  word_at bigint,
  version bigint not null,
  constraint spot_check_line_pk primary key (county_id, id),
  constraint spot_check_line_once unique (county_id, check_id, person_id),
  constraint spot_check_line_check foreign key (county_id, check_id) references spot_check (county_id, id)
);
create index spot_check_line_person on spot_check_line (person_id, check_id);
