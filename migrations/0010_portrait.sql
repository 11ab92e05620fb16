-- A person's portrait in two sizes: for papers and pages, and small for telephones.

create table portrait (
  county_id bigint not null,
  person_id text not null,
  file_id text not null,
  small_id text not null,
  made_at bigint not null,
  made_by text not null,
  constraint portrait_pk primary key (county_id, person_id)
);
