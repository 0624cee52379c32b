//! Statements that change todos.

use super::{
    columns::{self, FIELDS, REPLACE_FIELDS, TODO},
    labels::GAP,
    query::TodoFilter,
    statement::{Parameter, SESSION, Statement},
    types::{Condition, NewTodo, Owner},
};
use crate::domain::{TodoId, TodoOrder, TodoPatch, UnixMillis};

/// The list version that a write makes. Writes of a user are serialised.
pub const NEXT_VERSION: &str = "(select list_version + 1 from users where id = $1)";

/// Set by bulk changes: pushes the state before the change to the undo stack, so that [`undo`] can restore it. An entry is
/// the list version in 16 digits, the time of completion or 0 in 16, the length of the title in 4, and the title if the change
/// replaces it: what both databases can write and read. A stack that is longer than 1,000 characters starts anew.
pub fn undoable(list_version: &str, title: &str) -> String {
    let digits = |number: &str, digits: u32| format!("substr(cast({} + {number} as text), 2)", 10_i64.pow(digits));
    format!(
        "undo_stack = {} || {} || {} || {title} || case when length(undo_stack) > 1000 then '' else coalesce(undo_stack, '') end",
        digits(list_version, 16),
        digits("coalesce(completed_at, 0)", 16),
        digits(&format!("length({title})"), 4)
    )
}

/// Set by the others.
pub const FINAL: &str = "undo_stack = null";

/// Upserts a todo unless it is deleted. The trash may exceed `max_todos` by a tenth, so that not every insert purges.
pub fn put(owner: Owner, new: NewTodo, condition: &Condition, now: UnixMillis, max_todos: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let id = statement.bind(new.id);
    let completed_at = statement.bind(new.fields.completed.then_some(now));
    let values = statement.bind_all(columns::field_values(new.fields));
    let (order, now, max) = (statement.bind(new.order), statement.bind(now), statement.bind(i64::from(max_todos)));
    let exists = format!("exists (select 1 from todos where user_id = $1 and id = {id})");
    let must_exist = match condition {
        Condition::Always | Condition::Absent => String::new(),
        Condition::Present | Condition::Version(_) => format!("and {exists}"),
    };
    let on_conflict = match condition {
        Condition::Absent => "do nothing".to_owned(),
        _ => format!(
            r#"do update set
        {REPLACE_FIELDS},
        completed_at = case when excluded.completed then coalesce(todos.completed_at, excluded.completed_at) end,
        "order" = coalesce({order}, todos."order"),
        version = todos.version + 1,
        updated_at = excluded.updated_at,
        derived_from = todos.version + 1,
        changed_in = excluded.changed_in,
        {FINAL}
    where todos.deleted_at is null and {}"#,
            met(&mut statement, condition)
        ),
    };
    // At the largest order, ties are sorted by id.
    let (max_order, gap) = (TodoOrder::MAX, GAP);
    statement.text(format!(
        r#"
    insert into todos (user_id, id, {FIELDS}, completed_at, "order", version, created_at, updated_at, derived_from, changed_in)
    select users.id, {id}, {values}, {completed_at},
           coalesce({order}, (select case when "order" > {max_order} - {gap} then {max_order} else "order" + {gap} end
                              from todos where user_id = $1 and deleted_at is null order by "order" desc limit 1), {gap}),
           1, {now}, {now}, 1, users.list_version + 1
    from users
    where {SESSION} {must_exist}
      and ({exists} or users.todos < {max} and users.deleted_todos <= {max} + {max} / 10)
    on conflict (user_id, id) {on_conflict}
    returning {TODO}"#
    ))
}

pub fn complete_many(owner: Owner, completed: bool, filter: TodoFilter, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let now = statement.bind(now);
    let set = assignments(&mut statement, TodoPatch { completed: Some(completed), ..TodoPatch::default() }, now);
    let mut those = filter.conditions(&mut statement);
    those.push(format!("completed = {}", statement.bind(!completed)));
    update(statement, &[&set, &undoable(NEXT_VERSION, "''")], &those)
}

pub fn delete_many(owner: Owner, filter: TodoFilter, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let set = mark_deleted(statement.bind(now));
    let those = filter.conditions(&mut statement);
    update(statement, &[&set, &undoable(NEXT_VERSION, "''")], &those)
}

/// Pops the undo stacks with this entry at the top.
pub fn undo(owner: Owner, list_version: i64, now: UnixMillis) -> Statement {
    let mut statement = Statement::about(owner);
    let completed_at = "cast(substr(undo_stack, 17, 16) as bigint)";
    // The columns that are derived from a title are derived again later.
    let title_length = "cast(substr(undo_stack, 33, 4) as integer)";
    let set = format!(
        "version = version + 1,
        updated_at = {},
        changed_in = {NEXT_VERSION},
        title = case when {title_length} > 0 then substr(undo_stack, 37, {title_length}) else title end,
        derived_from = case when {title_length} > 0 then 0 else derived_from + 1 end,
        completed = {completed_at} <> 0,
        completed_at = nullif({completed_at}, 0),
        deleted_at = null,
        undo_stack = nullif(substr(undo_stack, 37 + {title_length}), '')",
        statement.bind(now)
    );
    let version = statement.bind(list_version);
    let entry = statement.bind(format!("{list_version:016}"));
    // The first condition has an index.
    let those = [format!("changed_in >= {version}"), format!("substr(undo_stack, 1, 16) = {entry}")];
    update(statement, &[&set], &those)
}

/// Purges the oldest deleted todos beyond `max_todos`.
pub fn forget_deleted(owner: Owner, max_todos: u32) -> Statement {
    let mut statement = Statement::about(owner);
    let max = statement.bind(i64::from(max_todos));
    statement.text(format!(
        "
    delete from todos
    where user_id = $1
      and id in (
        select id from todos where user_id = $1 and deleted_at is not null order by deleted_at
        limit (select case when deleted_todos > {max} then deleted_todos - {max} else 0 end from users where id = $1))
      and exists (select 1 from users where {SESSION})"
    ))
}

/// Updates the owner's todos that meet all conditions.
pub fn update(statement: Statement, set: &[&str], conditions: &[String]) -> Statement {
    let (set, conditions) = (set.join(", "), conditions.join(" and "));
    statement.text(format!(
        "
    update todos set {set}
    where user_id = $1 and {conditions}
      and exists (select 1 from users where {SESSION})"
    ))
}

pub fn returning_todo(statement: Statement) -> Statement {
    let text = format!("{}\n    returning {TODO}", statement.as_str());
    statement.text(text)
}

/// Of a todo, in this list version.
pub fn bump_version(now: Parameter, list_version: &str) -> String {
    format!("version = version + 1, updated_at = {now}, derived_from = derived_from + 1, changed_in = {list_version}")
}

pub fn mark_deleted(now: Parameter) -> String {
    format!("{}, deleted_at = {now}", bump_version(now, NEXT_VERSION))
}

pub fn assignments(statement: &mut Statement, patch: TodoPatch, now: Parameter) -> String {
    let mut set = vec![bump_version(now, NEXT_VERSION)];
    match patch.completed {
        Some(true) => set.push(format!("completed_at = coalesce(completed_at, {now})")),
        Some(false) => set.push("completed_at = null".to_owned()),
        None => {}
    }
    set.extend(columns::patch_values(patch).map(|(column, value)| format!("{column} = {}", statement.bind(value))));
    set.join(", ")
}

/// Matches the todo with this id if the precondition holds.
pub fn one(statement: &mut Statement, id: TodoId, condition: &Condition) -> [String; 3] {
    [format!("id = {}", statement.bind(id)), "deleted_at is null".to_owned(), met(statement, condition)]
}

/// The precondition in SQL, for an existing todo.
fn met(statement: &mut Statement, condition: &Condition) -> String {
    let versions = match condition {
        Condition::Always | Condition::Present => return "true".to_owned(),
        Condition::Absent => Vec::new(),
        Condition::Version(versions) => versions.clone(),
    };
    format!("todos.version in ({})", statement.bind_list(versions))
}
