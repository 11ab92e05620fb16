-- What forms cost those who fill them: sums of a month by role and form. No account, no record, no day.
create table burden_sum (
  county_id bigint not null,
  month text not null,
  role text not null,
  form text not null,
  forms bigint not null,
  fields bigint not null,
  seconds bigint not null,
  timed bigint not null,
  returned bigint not null,
  again bigint not null,
  constraint burden_sum_pk primary key (county_id, month, role, form)
);
