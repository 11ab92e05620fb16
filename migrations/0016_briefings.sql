-- 简报: prose over figures. A figure keeps what was computed beside what stands in the text; one that a hand has changed
-- says so for ever. Signed, nothing of it changes.

create table briefing (
  county_id bigint not null,
  id text not null,
  template text not null,
  title text not null,
  place bigint not null,
  -- The period, both days included; without a first day everything up to the last.
  since text,
  until text not null,
  state text not null,
  -- Paragraphs as they stand, and as the template made them.
  body text not null,
  drafted text not null,
  version bigint not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  -- The day whose records the figures are of.
  counted_on text not null,
  signed_at bigint,
  signed_on text,
  signed_by text,
  signed_account text,
  constraint briefing_pk primary key (county_id, id)
);
create index briefing_list on briefing (county_id, made_at, id);

create table briefing_figure (
  county_id bigint not null,
  briefing_id text not null,
  position bigint not null,
  code text not null,
  name text not null,
  unit text not null,
  -- 1 where it is rounded down with 余.
  above bigint not null,
  -- In the indicator's smallest unit; none where the catalogue does not know the indicator.
  amount bigint,
  computed text not null,
  shown text not null,
  hand_by text,
  hand_on text,
  -- 1 while the text does not hold it.
  removed bigint not null,
  constraint briefing_figure_pk primary key (county_id, briefing_id, position),
  constraint briefing_figure_of foreign key (county_id, briefing_id) references briefing (county_id, id)
);

create table briefing_event (
  county_id bigint not null,
  id text not null,
  briefing_id text not null,
  at bigint not null,
  account_id text not null,
  actor text not null,
  act text not null,
  words text,
  constraint briefing_event_pk primary key (county_id, id),
  constraint briefing_event_of foreign key (county_id, briefing_id) references briefing (county_id, id)
);
create index briefing_event_list on briefing_event (county_id, briefing_id, at, id);
