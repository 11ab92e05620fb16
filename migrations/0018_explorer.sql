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
