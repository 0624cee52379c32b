//! The statements. SQLite and Postgres take each as it is.
//!
//! In statements about todos and sessions `$1` is the owner's user id, `$2` the token epoch and `$3` the id of the session, null
//! for a token of the version before. A statement about todos checks all three itself. There is no gap between that check and
//! the act, since writes about one user happen one after another ([`Database::write`](super::database::Database::write)).

/// $3 password hash, $4 now. Returns nothing if the e-mail ($2) is taken: the unique index is the judge, so two sign-ups
/// at once can't both win.
pub const CREATE_USER: &str = r"
    insert into users (id, email, password_hash, token_epoch, created_at, password_changed_at)
    values ($1, $2, $3, 1, $4, $4)
    on conflict (email) do nothing
    returning token_epoch";

/// $1 e-mail.
pub const FIND_ACCOUNT: &str = r"
    select id, email, token_epoch, password_hash, created_at, password_changed_at from users
    where email = $1 and disabled_at is null";

/// The owner's own account.
pub const READ_ACCOUNT: &str = r"
    select id, email, token_epoch, password_hash, created_at, password_changed_at from users
    where id = $1 and token_epoch = $2 and disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 password hash, $5 now. Ends every session, the caller's too.
pub const SET_PASSWORD: &str = r"
    update users set password_hash = $4, password_changed_at = $5, token_epoch = token_epoch + 1
    where id = $1 and token_epoch = $2 and disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 the hash that was checked, $5 another of the same password.
pub const REPLACE_HASH: &str = r"
    update users set password_hash = $5
    where id = $1 and token_epoch = $2 and password_hash = $4 and disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// The todos go with it, by the foreign key.
pub const DELETE_USER: &str = r"
    delete from users
    where id = $1 and token_epoch = $2 and disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 when no token of the session can be good any more. Does nothing for a session that was over before.
pub const END_SESSION: &str = r"
    insert into ended_sessions (user_id, sid, ends_at)
    select id, $3, $4 from users
    where id = $1 and token_epoch = $2 and disabled_at is null
    on conflict (user_id, sid) do nothing";

/// Only from the token's own epoch: an old token can't end a newer session.
pub const END_SESSIONS: &str = r"
    update users set token_epoch = token_epoch + 1
    where id = $1 and token_epoch = $2
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// Tells an ended session from a missing row, after a statement found nothing.
pub const SESSION_IS_CURRENT: &str = r"
    select 1 from users
    where id = $1 and token_epoch = $2 and disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// Reads all accounts, once at each start. An address in ASCII has its domain in ASCII.
pub const LIST_FOREIGN_EMAILS: &str = r"
    select id, email from users
    where length(email) <> octet_length(email)";

/// $2 the e-mail in another spelling. Nothing, where that has an account of its own.
pub const RESPELL_EMAIL: &str = r"
    update users set email = $2
    where id = $1 and not exists (select 1 from users where email = $2)";

/// The part that [`LIST_USERS`] and [`FIND_USER`] share. For the operator, who may see that there are todos, and not which.
macro_rules! users {
    ($rest:literal) => {
        concat!(
            "
    select email, created_at, disabled_at,
           (select count(*) from todos where user_id = users.id and deleted_at is null) as todos
    from users ",
            $rest
        )
    };
}

/// $1 e-mail of the one before, $2 how many at most.
pub const LIST_USERS: &str = users!("where email > $1 order by email limit $2");

/// $1 e-mail, as in the three after this one.
pub const FIND_USER: &str = users!("where email = $1");

/// $2 password hash, $3 now. Ends every session.
pub const RESET_PASSWORD: &str = r"
    update users set password_hash = $2, password_changed_at = $3, token_epoch = token_epoch + 1
    where email = $1";

/// Ends every session.
pub const SIGN_OUT_USER: &str = r"
    update users set token_epoch = token_epoch + 1
    where email = $1";

/// $2 now. Ends every session, so that none goes on where it was when the account is enabled again.
pub const DISABLE_USER: &str = r"
    update users set disabled_at = coalesce(disabled_at, $2), token_epoch = token_epoch + 1
    where email = $1";

pub const ENABLE_USER: &str = r"
    update users set disabled_at = null
    where email = $1";

pub const REMOVE_USER: &str = r"
    delete from users
    where email = $1";

/// $4 and $5 order and id of the todo before, $6 how many at most. One row of nulls stands for a current session without
/// todos; no row for an ended one.
///
/// The page is cut out in a query of its own: joined first and cut then, Postgres would sort all todos for each page. And
/// there are two of these because a condition that may be absent would keep both databases from using the index.
pub const LIST_TODOS: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at
    from users u left join (
        select * from todos
        where user_id = $1 and deleted_at is null and ("order", id) > ($4, $5)
        order by "order", id limit $6
    ) t on true
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    order by t."order", t.id"#;

/// As [`LIST_TODOS`], with $7 whether they are completed.
pub const LIST_TODOS_BY_STATE: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at
    from users u left join (
        select * from todos
        where user_id = $1 and deleted_at is null and completed = $7 and ("order", id) > ($4, $5)
        order by "order", id limit $6
    ) t on true
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    order by t."order", t.id"#;

/// The deleted ones as well. $4 id of the one before, $5 how many at most. A row of nulls stands for none.
pub const EXPORT_TODOS: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at, t.deleted_at
    from users u left join (
        select * from todos where user_id = $1 and id > $4 order by id limit $5
    ) t on true
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    order by t.id"#;

/// $4 id. Finds a deleted one as well. As with the list, a row of nulls stands for no such todo.
pub const FIND_TODO: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at, t.deleted_at
    from users u left join todos t on t.user_id = u.id and t.id = $4
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)"#;

/// The part that [`CREATE_TODO`] and [`PUT_TODO`] share. $4 id, $5 title, $6 completed, $7 order or null for last, $8 now,
/// $9 how many todos the owner may have, and how many deleted ones are kept beside them. Of these there may be a tenth more, so
/// that room is not made for each new todo. Counting ten thousand of each by their indexes takes 0.7 ms.
///
/// The largest order is 2^53 - 1: after it, ties go by id.
macro_rules! insert_todo {
    ($and:literal, $on_conflict:literal) => {
        concat!(
            r#"
    insert into todos (user_id, id, title, completed, completed_at, "order", version, created_at, updated_at)
    select u.id, $4, $5, $6, case when $6 then $8 end,
           coalesce($7, (select case when "order" > 9007199254739967 then 9007199254740991 else "order" + 1024 end
                         from todos where user_id = $1 and deleted_at is null order by "order" desc limit 1), 1024),
           1, $8, $8
    from users u
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
      and (exists (select 1 from todos where user_id = $1 and id = $4)
           or (select count(*) from todos where user_id = $1 and deleted_at is null) < $9
          and (select count(*) from todos where user_id = $1 and deleted_at is not null) <= $9 + $9 / 10) "#,
            $and,
            r#"
    on conflict (user_id, id) "#,
            $on_conflict,
            r#"
    returning id, title, completed_at, "order", version, created_at, updated_at"#
        )
    };
}

/// Leaves a todo of this id alone.
pub const CREATE_TODO: &str = insert_todo!("", "do nothing");

/// Makes a todo of this id equal to the new one, unless it is deleted. Without an order it keeps its place. $10 whether there
/// must be one, $11 the versions that it may have, as in [`CHANGE_TODO`].
pub const PUT_TODO: &str = insert_todo!(
    "and (not $10 or exists (select 1 from todos where user_id = $1 and id = $4))",
    r#"do update set
        title = excluded.title,
        completed = excluded.completed,
        completed_at = case when excluded.completed then coalesce(todos.completed_at, excluded.completed_at) end,
        "order" = coalesce($7, todos."order"),
        version = todos.version + 1,
        updated_at = excluded.updated_at
    where todos.deleted_at is null and ($11 is null or $11 like '%,' || todos.version || ',%')"#
);

/// Of the deleted todos that are more than $4, those deleted longest ago go for good.
pub const FORGET_DELETED: &str = r"
    delete from todos
    where user_id = $1
      and id in (
        select id from todos where user_id = $1 and deleted_at is not null order by deleted_at
        limit (select case when count(*) > $4 then count(*) - $4 else 0 end
               from todos where user_id = $1 and deleted_at is not null))
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 id, $5 title, $6 completed, $7 order, null where unchanged, $8 now, $9 the versions that it may have, as in `,1,2,`, or
/// null for any.
pub const CHANGE_TODO: &str = r#"
    update todos set
        title = coalesce($5, title),
        completed = coalesce($6, completed),
        completed_at = case when $6 is null then completed_at when $6 then coalesce(completed_at, $8) end,
        "order" = coalesce($7, "order"),
        version = version + 1,
        updated_at = $8
    where user_id = $1 and id = $4 and deleted_at is null and ($9 is null or $9 like '%,' || version || ',%')
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// $4 now, $5 completed or not, $6 and $7 the states that it is for: twice the same, or both. Those that are so already stay
/// as they are.
pub const COMPLETE_TODOS: &str = r#"
    update todos set
        completed = $5,
        completed_at = case when $5 then $4 end,
        version = version + 1,
        updated_at = $4
    where user_id = $1 and deleted_at is null and completed <> $5 and completed in ($6, $7)
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// $4 id, $5 now, $6 the versions that it may have, as in [`CHANGE_TODO`].
pub const DELETE_TODO: &str = r"
    update todos set deleted_at = $5, version = version + 1, updated_at = $5
    where user_id = $1 and id = $4 and deleted_at is null and ($6 is null or $6 like '%,' || version || ',%')
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 now, $5 and $6 the states that it is for, as in [`COMPLETE_TODOS`].
pub const DELETE_TODOS: &str = r#"
    update todos set deleted_at = $4, version = version + 1, updated_at = $4
    where user_id = $1 and deleted_at is null and completed in ($5, $6)
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// $4 now, $5 when they were deleted.
pub const RESTORE_DELETED: &str = r#"
    update todos set deleted_at = null, version = version + 1, updated_at = $4
    where user_id = $1 and deleted_at = $5
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// What is deleted, the last first. $4 and $5 moment and id of the one before, $6 how many at most. A row of nulls stands for
/// none.
pub const LIST_TRASH: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at, t.deleted_at
    from users u left join (
        select * from todos
        where user_id = $1 and deleted_at is not null and (deleted_at, id) < ($4, $5)
        order by deleted_at desc, id desc limit $6
    ) t on true
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    order by t.deleted_at desc, t.id desc"#;

/// For good.
pub const EMPTY_TRASH: &str = r"
    delete from todos
    where user_id = $1 and deleted_at is not null
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)";

/// $4 now, and then one parameter for each of `ids`, which are all different. Restores all or, if one of them was never there,
/// none. Those that are not deleted stay as they are, and are returned as well: so trying again has the same result.
pub fn restore_todos(ids: usize) -> String {
    let numbers: Vec<_> = (5..5 + ids).map(|n| format!("${n}")).collect();
    let list = numbers.join(", ");
    format!(
        r#"
    update todos set
        version = case when deleted_at is null then version else version + 1 end,
        updated_at = case when deleted_at is null then updated_at else $4 end,
        deleted_at = null
    where user_id = $1 and id in ({list})
      and (select count(*) from todos where user_id = $1 and id in ({list})) = {ids}
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
      and not exists (select 1 from ended_sessions where user_id = $1 and sid = $3)
    returning id, title, completed_at, "order", version, created_at, updated_at"#
    )
}

/// $1 now, less the time that deleted todos are kept. Somebody who has one that was deleted before.
pub const FIND_PURGEABLE: &str = r"
    select user_id from todos
    where deleted_at < $1 order by deleted_at limit 1";

/// $1 user, $2 as $1 in [`FIND_PURGEABLE`]. For good.
pub const PURGE_TODOS: &str = r"
    delete from todos
    where user_id = $1 and deleted_at < $2";

/// $1 the moment by which they had ended.
pub const PURGE_SESSIONS: &str = r"
    delete from ended_sessions
    where ends_at < $1";

/// The generic cell rate algorithm. $1 the slot, $2 now, $3 the period, $4 how far ahead of now a slot may be. Returns nothing
/// if that is too far. A minute further ahead than counting can bring it, the clock has gone back: then it counts from now on.
/// Less than that is somebody else's later now: of another server, or of a request that overtook this one.
pub const TAKE_TURN: &str = r"
    insert into rate_limits (slot, full_at) values ($1, $2 + $3)
    on conflict (slot) do update
    set full_at = $3 + case when rate_limits.full_at between $2 and $2 + $4 then rate_limits.full_at else $2 end
    where not rate_limits.full_at between $2 + $4 + 1 and $2 + $4 + $3 + 60000
    returning full_at";

/// $1 the slot.
pub const FIND_TURN: &str = "select full_at from rate_limits where slot = $1";

/// Undoes [`TAKE_TURN`]. $1 the slot, $2 the period.
pub const RETURN_TURN: &str = "update rate_limits set full_at = full_at - $2 where slot = $1";

/// For the tests of their plans: those that list, and all others that have a fixed text.
#[cfg(test)]
pub const LISTS: [&str; 4] = [LIST_TODOS, LIST_TODOS_BY_STATE, EXPORT_TODOS, LIST_TRASH];
#[cfg(test)]
pub const WITHOUT_LISTS: [&str; 32] = [
    CREATE_USER,
    FIND_ACCOUNT,
    READ_ACCOUNT,
    SET_PASSWORD,
    REPLACE_HASH,
    DELETE_USER,
    LIST_USERS,
    FIND_USER,
    RESET_PASSWORD,
    SIGN_OUT_USER,
    DISABLE_USER,
    ENABLE_USER,
    REMOVE_USER,
    END_SESSION,
    END_SESSIONS,
    SESSION_IS_CURRENT,
    FIND_TODO,
    CREATE_TODO,
    PUT_TODO,
    CHANGE_TODO,
    COMPLETE_TODOS,
    DELETE_TODO,
    DELETE_TODOS,
    RESTORE_DELETED,
    EMPTY_TRASH,
    FORGET_DELETED,
    FIND_PURGEABLE,
    PURGE_TODOS,
    PURGE_SESSIONS,
    TAKE_TURN,
    FIND_TURN,
    RETURN_TURN,
];
