-- Households, the contact cards they hold, the parties that answer for a village.

create table household (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  number bigint not null,
  team text,
  head text not null,
  members bigint,
  since text not null,
  until text,
  version bigint not null,
  constraint household_pk primary key (county_id, id),
  constraint household_number unique (county_id, village, number)
);

create table household_status (
  county_id bigint not null,
  id text not null,
  household_id text not null,
  village bigint not null,
  status text not null,
  since text not null,
  until text,
  constraint household_status_pk primary key (county_id, id)
);
create index household_status_of on household_status (county_id, village, household_id, since);

create table household_card (
  county_id bigint not null,
  household_id text not null,
  village bigint not null,
  first_day text not null,
  last_day text not null,
  cards bigint not null,
  constraint household_card_pk primary key (county_id, household_id)
);
create index household_card_village on household_card (county_id, village, household_id);

-- Whose card a token is: looked up without knowing the county.
create table card_token (
  token text not null,
  county_id bigint not null,
  village bigint not null,
  made_at bigint not null,
  withdrawn_at bigint,
  constraint card_token_pk primary key (token)
);

create table village_card (
  county_id bigint not null,
  village bigint not null,
  token text not null,
  printed text,
  printed_at bigint,
  constraint village_card_pk primary key (county_id, village)
);

create table card_issue (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  day text not null,
  cards bigint not null,
  extra bigint not null,
  note text,
  made_at bigint not null,
  made_by text not null,
  actor text not null,
  constraint card_issue_pk primary key (county_id, id)
);
create index card_issue_village on card_issue (county_id, village, day, id);

create table card_issue_line (
  county_id bigint not null,
  issue_id text not null,
  household_id text not null,
  constraint card_issue_line_pk primary key (county_id, issue_id, household_id)
);

create table village_party (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  party text not null,
  name text not null,
  post text,
  phone text,
  unit_id text,
  since text not null,
  until text,
  version bigint not null,
  constraint village_party_pk primary key (county_id, id)
);
create index village_party_of on village_party (county_id, village, party, since);
