-- Print runs asked for in the browser; the work is a job, the result a file.

create table print_run (
  county_id bigint not null,
  id text not null,
  kind text not null,
  place bigint not null,
  changed_only bigint not null,
  job_id text not null,
  stop bigint not null,
  file_id text,
  pages bigint,
  said text,
  made_at bigint not null,
  made_by text not null,
  actor text not null,
  constraint print_run_pk primary key (county_id, id)
);
create index print_run_list on print_run (county_id, made_at, id);
