-- Triggers keep the counts and versions, so that they are right whatever writes: also the release before, which may run beside
-- this one, and an operator's own statement.

alter table users
    add column todos bigint not null default 0,
    -- Of those, the completed ones.
    add column completed_todos bigint not null default 0,
    add column deleted_todos bigint not null default 0,
    -- Grows with each change of the user's todos.
    add column list_version bigint not null default 0,
    -- Deletions up to this list version may be missing, since the trash was purged.
    add column purged_version bigint not null default 0;

alter table todos
    -- The list version of the last change. 0, which no row keeps, is the release before. Two steps spare a rewrite of the table.
    add column changed_in bigint not null default 1,
    -- The state before each of the latest bulk changes that can be undone, latest first; null after any other change.
    add column undo_stack text;
alter table todos alter column changed_in set default 0;

update users set
    todos = (select count(*) from todos where user_id = users.id and deleted_at is null),
    completed_todos = (select count(*) from todos where user_id = users.id and deleted_at is null and completed),
    deleted_todos = (select count(*) from todos where user_id = users.id and deleted_at is not null),
    -- The time, so that a restored older database never repeats a version with another content.
    list_version = extract(epoch from now()) * 1000;

create index todos_by_change on todos (user_id, changed_in, id);
-- For addresses that an older release stored unnormalised.
create index users_by_foreign_email on users (email) where length(email) <> octet_length(email);

-- By the release before, which does not know the two columns.
create function version_todo() returns trigger language plpgsql as $$
begin
    update users set list_version = list_version + 1 where id = new.user_id returning list_version into new.changed_in;
    new.undo_stack = null;
    return new;
end
$$;
create trigger todos_inserted before insert on todos
    for each row when (new.changed_in = 0) execute function version_todo();
create trigger todos_updated before update on todos
    for each row when (new.changed_in = old.changed_in) execute function version_todo();

-- Once a statement: a row version of the user for each todo would make bulk changes slow.
create function count_todos() returns trigger language plpgsql as $$
begin
    if tg_op <> 'INSERT' then
        update users set
            todos = todos - before.live,
            completed_todos = completed_todos - before.completed,
            deleted_todos = deleted_todos - before.deleted,
            list_version = list_version + case when tg_op = 'DELETE' then 1 else 0 end,
            purged_version = case
                when tg_op <> 'DELETE' then purged_version
                else greatest(purged_version, case when before.live > 0 then list_version + 1 else before.changed_in end)
            end
        from (
            select
                user_id,
                count(*) filter (where deleted_at is null) as live,
                count(*) filter (where deleted_at is null and completed) as completed,
                count(*) filter (where deleted_at is not null) as deleted,
                max(changed_in) as changed_in
            from old_todos group by user_id
        ) before
        where id = before.user_id;
    end if;
    if tg_op <> 'DELETE' then
        update users set
            todos = todos + after.live,
            completed_todos = completed_todos + after.completed,
            deleted_todos = deleted_todos + after.deleted,
            list_version = greatest(list_version, after.changed_in)
        from (
            select
                user_id,
                count(*) filter (where deleted_at is null) as live,
                count(*) filter (where deleted_at is null and completed) as completed,
                count(*) filter (where deleted_at is not null) as deleted,
                max(changed_in) as changed_in
            from new_todos group by user_id
        ) after
        where id = after.user_id;
    end if;
    return null;
end
$$;
create trigger todos_count_inserted after insert on todos
    referencing new table as new_todos for each statement execute function count_todos();
create trigger todos_count_updated after update on todos
    referencing old table as old_todos new table as new_todos for each statement execute function count_todos();
create trigger todos_count_deleted after delete on todos
    referencing old table as old_todos for each statement execute function count_todos();
