-- Triggers keep the counts and versions, so that they are right whatever writes: also the release before, which may run beside
-- this one, and an operator's own statement.

alter table users add column todos bigint not null default 0;
-- Of those, the completed ones.
alter table users add column completed_todos bigint not null default 0;
alter table users add column deleted_todos bigint not null default 0;
-- Grows with each change of the user's todos.
alter table users add column list_version bigint not null default 0;
-- Deletions up to this list version may be missing, since the trash was purged.
alter table users add column purged_version bigint not null default 0;

-- The list version of the last change. 0, which no row keeps, is the release before.
alter table todos add column changed_in bigint not null default 0;
-- The state before each of the latest bulk changes that can be undone, latest first; null after any other change.
alter table todos add column undo_stack text;

update todos set changed_in = 1;
update users set
    todos = (select count(*) from todos where user_id = users.id and deleted_at is null),
    completed_todos = (select count(*) from todos where user_id = users.id and deleted_at is null and completed),
    deleted_todos = (select count(*) from todos where user_id = users.id and deleted_at is not null),
    -- The time, so that a restored older database never repeats a version with another content.
    list_version = cast(unixepoch('subsec') * 1000 as integer);

create index todos_by_change on todos (user_id, changed_in, id);
-- For addresses that an older release stored unnormalised.
create index users_by_foreign_email on users (email) where length(email) <> octet_length(email);

create trigger todos_inserted after insert on todos begin
    update users set
        todos = todos + (new.deleted_at is null),
        completed_todos = completed_todos + (new.deleted_at is null and new.completed),
        deleted_todos = deleted_todos + (new.deleted_at is not null),
        list_version = max(list_version + (new.changed_in = 0), new.changed_in)
    where id = new.user_id;
    update todos set changed_in = (select list_version from users where id = new.user_id)
    where new.changed_in = 0 and user_id = new.user_id and id = new.id;
end;

create trigger todos_updated after update on todos begin
    update users set
        todos = todos + (new.deleted_at is null) - (old.deleted_at is null),
        completed_todos = completed_todos
            + (new.deleted_at is null and new.completed) - (old.deleted_at is null and old.completed),
        deleted_todos = deleted_todos + (new.deleted_at is not null) - (old.deleted_at is not null),
        list_version = max(list_version + (new.changed_in = old.changed_in), new.changed_in)
    where id = new.user_id;
    -- By the release before, which does not know the two columns.
    update todos set changed_in = (select list_version from users where id = new.user_id), undo_stack = null
    where new.changed_in = old.changed_in and user_id = new.user_id and id = new.id;
end;

create trigger todos_deleted after delete on todos begin
    update users set
        todos = todos - (old.deleted_at is null),
        completed_todos = completed_todos - (old.deleted_at is null and old.completed),
        deleted_todos = deleted_todos - (old.deleted_at is not null),
        list_version = list_version + 1,
        purged_version = max(purged_version, iif(old.deleted_at is null, list_version + 1, old.changed_in))
    where id = old.user_id;
end;
