-- Figures above counties add up county rows alone; these are found without reading those of villages and townships.
create index rollup_day_county on rollup_day (indicator, county_id, day, amount) where division = county_id * 1000000;
create index rollup_month_county on rollup_month (indicator, county_id, month, amount) where division = county_id * 1000000;
create index distinct_month_county on distinct_month (indicator, county_id, month, key, facts) where division = county_id * 1000000;

-- A page of a county's roster is read in its order: by village, or by name among those of one role.
create index posting_place on posting (county_id, state, village, role, id);
create index posting_role on posting (county_id, state, role, name_key, id);

-- Outlines for maps, from files that the operator supplies: polygons as JSON, in degrees.
create table outline (
  code bigint not null,
  polygons text not null,
  source text not null,
  approval text not null,
  made_at bigint not null,
  constraint outline_pk primary key (code)
);
