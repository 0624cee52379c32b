-- Partial, because Postgres can't read an index on (user_id, deleted_at, "order", id) in order: "is null" is no equality
-- to it, and it would sort all todos of a user for each page.
drop index todos_by_place;
create index todos_by_place on todos (user_id, "order", id) where deleted_at is null;
-- For the completed ones alone, or the active ones: else a page of either could mean reading them all.
create index todos_by_state on todos (user_id, completed, "order", id) where deleted_at is null;
