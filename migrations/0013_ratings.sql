-- 群众评事: a village's branch and members rated by one-time codes on paper. Nobody's ballot is tied to anybody: no instant,
-- no account, no code stands in a ballot, and its id is drawn anew whenever another one comes.

create table rating_round (
  county_id bigint not null,
  id text not null,
  village bigint not null,
  month text not null,
  state text not null,
  slips bigint not null,
  until text not null,
  made_at bigint not null,
  account_id text not null,
  actor text not null,
  closed_on text,
  closed_by text,
  ballots bigint,
  constraint rating_round_pk primary key (county_id, id),
  constraint rating_round_month unique (county_id, village, month)
);
create index rating_round_list on rating_round (county_id, month, village, id);

-- Whom a round is about: 0 is the branch.
create table rating_subject (
  county_id bigint not null,
  round_id text not null,
  position bigint not null,
  name text not null,
  satisfied bigint,
  fair bigint,
  dissatisfied bigint,
  constraint rating_subject_pk primary key (county_id, round_id, position),
  constraint rating_subject_round foreign key (county_id, round_id) references rating_round (county_id, id)
);

create table rating_code (
  code_hash text not null,
  county_id bigint not null,
  round_id text not null,
  -- The day alone.
  used_on text,
  constraint rating_code_pk primary key (code_hash)
);
create index rating_code_round on rating_code (county_id, round_id, used_on);

create table ballot (
  county_id bigint not null,
  id text not null,
  round_id text not null,
  marks text not null,
  constraint ballot_pk primary key (county_id, id)
);
create index ballot_round on ballot (county_id, round_id, id);

-- Apart from the marks, because words may tell who wrote them.
create table ballot_words (
  county_id bigint not null,
  id text not null,
  round_id text not null,
  words text not null,
  constraint ballot_words_pk primary key (county_id, id)
);
create index ballot_words_round on ballot_words (county_id, round_id, id);
