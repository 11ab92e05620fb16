-- Where a village lies, for maps: one position in degrees, as JSON, beside or without an outline.
alter table outline add column point text;
