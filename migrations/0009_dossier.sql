-- Who looked at whose file: the person it is about may see it. One line per viewer and day.

create table dossier_view (
  county_id bigint not null,
  person_id text not null,
  account_id text not null,
  day text not null,
  at bigint not null,
  actor text not null,
  role text not null,
  constraint dossier_view_pk primary key (county_id, person_id, account_id, day)
);
