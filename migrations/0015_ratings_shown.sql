-- A result of ratings once it may be seen: kept as it was shown, so that a changed floor never cuts the months anew
-- and no two results can be subtracted. The subject is empty for the branch.

create table rating_shown (
  county_id bigint not null,
  village bigint not null,
  subject text not null,
  from_month text not null,
  to_month text not null,
  satisfied bigint not null,
  fair bigint not null,
  dissatisfied bigint not null,
  shown_on text not null,
  constraint rating_shown_pk primary key (county_id, village, subject, from_month)
);
