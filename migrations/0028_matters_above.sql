-- Lists and boards of many counties are read in their own order, from indexes that hold all by which they are narrowed.
create index matter_due on matter (due_at, id, county_id, village, state, kind) where open = 1;
create index matter_state_due on matter (state, due_at, id, county_id, village, kind);
create index matter_newest on matter (id, county_id, village, kind);
