-- For what was deleted long ago, whoever it belongs to.
create index todos_by_age on todos (deleted_at) where deleted_at is not null;

-- How often something was done, where several servers have to count together: for each slot when all of its burst is there
-- again. A slot is a hash with a key, so that nothing here tells who did it, and there are only so many.
create table rate_limits (
    slot bigint primary key,
    full_at bigint not null
);
