-- The number that a matter has at the hotline: one matter an order.
create table matter_order (
  county_id bigint not null,
  number text not null,
  matter_id text not null,
  constraint matter_order_pk primary key (county_id, number)
);
insert into matter_order (county_id, number, matter_id)
select county_id, outside_number, min(id) from matter
where channel = 'hotline' and outside_number is not null
group by county_id, outside_number;

-- Photos and papers of a project by the stage they show, of a problem by the step in its story that they came with.
create table express_file (
  county_id bigint not null,
  record_kind text not null,
  record_id text not null,
  part text not null,
  file_id text not null,
  at bigint not null,
  actor text not null,
  constraint express_file_pk primary key (county_id, record_kind, record_id, file_id)
);
