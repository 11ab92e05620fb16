-- Views of the explorer that somebody keeps: a name and the address that holds the whole view.

create table explorer_view (
  county_id bigint not null,
  id text not null,
  account_id text not null,
  -- Whose it is, as others in the office read it.
  owner text not null,
  name text not null,
  -- What stands behind the question mark.
  address text not null,
  -- The place whose office may open it too; none while it is its owner's alone.
  office bigint,
  made_at bigint not null,
  constraint explorer_view_pk primary key (county_id, id),
  constraint explorer_view_name unique (county_id, account_id, name)
);
create index explorer_view_office on explorer_view (county_id, office, name);

-- The same way to the facts, with all that a sum by unit asks for in it: the rows themselves stay unopened.
drop index fact_indicator;
create index fact_indicator on fact (county_id, indicator, division, day, unit_id, amount, staged);
