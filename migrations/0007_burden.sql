-- What the product must never become: switches with a basis and an end, complaints of a burden.

create table switch (
  county_id bigint not null,
  id text not null,
  kind text not null,
  basis text not null,
  approver text not null,
  since text not null,
  until text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  closed_on text,
  closed_by text,
  closed_why text,
  constraint switch_pk primary key (county_id, id)
);
create index switch_list on switch (county_id, since, id);

-- One of a kind at a time: the row holds while its last day has not come; nothing has to run for it to end.
create table switch_on (
  county_id bigint not null,
  kind text not null,
  switch_id text not null,
  until text not null,
  constraint switch_on_pk primary key (county_id, kind)
);

create table complaint (
  county_id bigint not null,
  id text not null,
  class text not null,
  words text not null,
  made_on text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  due text not null,
  answer text,
  answered_on text,
  answered_by text,
  constraint complaint_pk primary key (county_id, id)
);
create index complaint_list on complaint (county_id, made_on, id);

-- No account, no instant, no id that holds a time: the week and the hash of a code that only the complainer has.
create table complaint_nameless (
  county_id bigint not null,
  code_hash text not null,
  class text not null,
  words text not null,
  week text not null,
  due text not null,
  answer text,
  answered_on text,
  answered_by text,
  constraint complaint_nameless_pk primary key (county_id, code_hash)
);
