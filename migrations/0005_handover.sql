-- Handovers of posts: who leaves, who comes, what is open, who confirmed it.

-- `live_key` is the posting while the handover stands and the handover's own id once it is cancelled: one per posting.
create table handover (
  county_id bigint not null,
  id text not null,
  posting_id text not null,
  live_key text not null,
  village bigint not null,
  role text not null,
  unit_id text,
  old_person_county bigint not null,
  old_person_id text not null,
  old_name text not null,
  old_since text not null,
  new_posting_id text,
  new_person_county bigint,
  new_person_id text,
  new_name text,
  reason text not null,
  leaves_on text not null,
  side_days bigint not null,
  cause text not null,
  state text not null,
  started_on text,
  ended_on text,
  made_at bigint not null,
  version bigint not null,
  constraint handover_pk primary key (county_id, id),
  constraint handover_live unique (county_id, live_key)
);
create index handover_day on handover (leaves_on, id, county_id);
create index handover_state on handover (county_id, state, leaves_on, id);

-- The three parties; a row is complete once its party has confirmed the lists.
create table handover_party (
  county_id bigint not null,
  handover_id text not null,
  party text not null,
  confirmed_at bigint,
  account_id text,
  actor text,
  on_paper bigint not null,
  constraint handover_party_pk primary key (county_id, handover_id, party),
  constraint handover_party_handover foreign key (county_id, handover_id) references handover (county_id, id)
);

create table handover_line (
  county_id bigint not null,
  id text not null,
  handover_id text not null,
  list text not null,
  kind text not null,
  thing_id text not null,
  title text not null,
  note text,
  due text,
  link text,
  amount bigint,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  removed_at bigint,
  removed_by text,
  constraint handover_line_pk primary key (county_id, id),
  constraint handover_line_thing unique (county_id, handover_id, kind, thing_id),
  constraint handover_line_handover foreign key (county_id, handover_id) references handover (county_id, id)
);

create table handover_answer (
  county_id bigint not null,
  line_id text not null,
  party text not null,
  handover_id text not null,
  answer text not null,
  words text,
  at bigint not null,
  account_id text not null,
  actor text not null,
  on_paper bigint not null,
  constraint handover_answer_pk primary key (county_id, line_id, party),
  constraint handover_answer_line foreign key (county_id, line_id) references handover_line (county_id, id)
);
create index handover_answer_handover on handover_answer (county_id, handover_id);

create table handover_visit (
  county_id bigint not null,
  id text not null,
  handover_id text not null,
  day text not null,
  whom text not null,
  note text,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  constraint handover_visit_pk primary key (county_id, id),
  constraint handover_visit_handover foreign key (county_id, handover_id) references handover (county_id, id)
);
create index handover_visit_handover_ix on handover_visit (county_id, handover_id, day, id);

create table handover_event (
  county_id bigint not null,
  id text not null,
  handover_id text not null,
  what text not null,
  day text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  note text,
  constraint handover_event_pk primary key (county_id, id),
  constraint handover_event_handover foreign key (county_id, handover_id) references handover (county_id, id)
);
create index handover_event_handover_ix on handover_event (county_id, handover_id, at, id);

-- A task may be one person's; the list of the county's open ones is read by whose they are.
create index task_account on task (account_id, done_at, due, id);
