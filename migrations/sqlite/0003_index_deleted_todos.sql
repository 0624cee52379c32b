-- For what one deletion deleted, to undo it: else that could mean reading all todos of a user.
create index todos_by_deletion on todos (user_id, deleted_at) where deleted_at is not null;
