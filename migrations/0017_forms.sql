-- 上级报表: the higher office's own file, what its cells are tied to, and every time it was filled.

create table report_form (
  county_id bigint not null,
  id text not null,
  place bigint not null,
  title text not null,
  -- xlsx or docx.
  kind text not null,
  file_id text not null,
  state text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  constraint report_form_pk primary key (county_id, id)
);
create index report_form_list on report_form (county_id, made_at, id);

create table report_form_tie (
  county_id bigint not null,
  form_id text not null,
  -- Where it stands in the file: s1!C5, t1!R2C3, {name}.
  spot text not null,
  tie text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  constraint report_form_tie_pk primary key (county_id, form_id, spot),
  constraint report_form_tie_of foreign key (county_id, form_id) references report_form (county_id, id)
);

create table report_form_fill (
  county_id bigint not null,
  id text not null,
  form_id text not null,
  place bigint not null,
  since text,
  until text not null,
  file_id text not null,
  cells bigint not null,
  problems bigint not null,
  report text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  constraint report_form_fill_pk primary key (county_id, id),
  constraint report_form_fill_of foreign key (county_id, form_id) references report_form (county_id, id)
);
create index report_form_fill_list on report_form_fill (county_id, form_id, made_at, id);
