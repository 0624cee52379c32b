//! The statements that SQLite and Postgres both take as they are.
//!
//! In statements about todos and sessions `$1` is the owner's user id and `$2` the token epoch. A statement about todos checks both itself: what it
//! returns was true of one moment, with no gap between the check and the act.

/// $3 password hash, $4 now. Returns nothing if the e-mail ($2) is taken: the unique index is the judge, so two sign-ups
/// at once can't both win.
pub const CREATE_USER: &str = r"
    insert into users (id, email, password_hash, token_epoch, created_at, password_changed_at)
    values ($1, $2, $3, 1, $4, $4)
    on conflict (email) do nothing
    returning token_epoch";

/// $1 e-mail.
pub const FIND_ACCOUNT: &str = r"
    select id, token_epoch, password_hash from users
    where email = $1 and disabled_at is null";

/// Only from the token's own epoch: an old token can't end a newer session.
pub const END_SESSIONS: &str = r"
    update users set token_epoch = token_epoch + 1
    where id = $1 and token_epoch = $2";

/// Tells an ended session from a missing row, after a statement found nothing.
pub const SESSION_IS_CURRENT: &str = r"
    select 1 from users
    where id = $1 and token_epoch = $2 and disabled_at is null";

/// One row of nulls stands for a current session without todos; no row for an ended one.
pub const LIST_TODOS: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at
    from users u left join todos t on t.user_id = u.id and t.deleted_at is null
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
    order by t."order", t.id"#;

/// $3 id. As with the list, a row of nulls stands for no such todo.
pub const FIND_TODO: &str = r#"
    select t.id, t.title, t.completed_at, t."order", t.version, t.created_at, t.updated_at
    from users u left join todos t on t.user_id = u.id and t.id = $3 and t.deleted_at is null
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null"#;

/// $3 id, $4 title, $5 completed, $6 order or null for last, $7 now. The largest order is 2^53 - 1: after it, ties go by id.
pub const CREATE_TODO: &str = r#"
    insert into todos (user_id, id, title, completed, completed_at, "order", version, created_at, updated_at)
    select u.id, $3, $4, $5, case when $5 then $7 end,
           coalesce($6, (select case when max("order") > 9007199254739967 then 9007199254740991 else max("order") + 1024 end
                         from todos where user_id = $1 and deleted_at is null), 1024),
           1, $7, $7
    from users u
    where u.id = $1 and u.token_epoch = $2 and u.disabled_at is null
    on conflict (user_id, id) do nothing
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// $3 id, $4 title, $5 completed, $6 order, null where unchanged, $7 now.
pub const CHANGE_TODO: &str = r#"
    update todos set
        title = coalesce($4, title),
        completed = coalesce($5, completed),
        completed_at = case when $5 is null then completed_at when $5 then coalesce(completed_at, $7) end,
        "order" = coalesce($6, "order"),
        version = version + 1,
        updated_at = $7
    where user_id = $1 and id = $3 and deleted_at is null
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)
    returning id, title, completed_at, "order", version, created_at, updated_at"#;

/// $3 id, $4 now.
pub const DELETE_TODO: &str = r"
    update todos set deleted_at = $4, version = version + 1
    where user_id = $1 and id = $3 and deleted_at is null
      and exists (select 1 from users where id = $1 and token_epoch = $2 and disabled_at is null)";

pub const PING: &str = "select 1";
