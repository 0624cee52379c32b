-- With the id, the index has the trash in its order also where one deletion deleted many: else each page would sort all of those.
drop index todos_by_deletion;
create index todos_by_deletion on todos (user_id, deleted_at, id) where deleted_at is not null;
