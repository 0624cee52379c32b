-- For the list of the completed ones alone, or of the active ones: without it a page of either could mean reading them all.
create index todos_by_state on todos (user_id, deleted_at, completed, "order", id);
