-- What a todo is planned with, and what is derived from it.

alter table todos add column important boolean not null default false;
-- YYYY-MM-DD, a date without a time zone.
alter table todos add column due_on text collate "C";

-- Folded by the application, because the two databases fold differently, and search compares bytes.
alter table todos add column title_folded text collate "C" not null default '';
-- The tags in the title, folded, each with a space before and after it.
alter table todos add column tags text collate "C" not null default '';
-- The version that these three are derived from. Another than the row's is that of the release before, whose changes the
-- application derives later.
alter table todos add column derived_from bigint not null default 0;
alter table todos add column notes_folded text collate "C" not null default '';
alter table todos add column notes text not null default '';

-- One for each named view, all partial: a todo without date, star and tags costs nothing.
create index todos_by_due_date on todos (user_id, due_on, "order", id) where deleted_at is null and due_on is not null;
create index todos_important on todos (user_id, "order", id) where deleted_at is null and important;
create index todos_tagged on todos (user_id, "order", id) where deleted_at is null and tags <> '';
create index todos_by_completion on todos (user_id, completed_at, id) where deleted_at is null and completed_at is not null;
create index todos_underived on todos (user_id, id) where derived_from <> version;
