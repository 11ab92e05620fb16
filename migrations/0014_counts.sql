-- How long a filtered roster is, counted without opening its rows.

create index posting_count on posting (county_id, state, role, ledger, village, staged);
