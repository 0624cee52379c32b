//! Counts of a user's todos.

use std::collections::BTreeMap;

use super::{
    columns::read,
    database::{Database, Row},
    statement::{SESSION, Statement},
    types::{Owner, Summary, TagCount},
};
use crate::{domain::DueDate, server::tags};

/// Todos with the same tags, with the title of one of them.
type Tagged = (String, i64, String);

pub fn statement<D: Database>(owner: Owner, today: Option<DueDate>) -> Statement {
    let mut statement = Statement::about(owner);
    let today = statement.bind(today);
    let active = "from todos where user_id = $1 and deleted_at is null and completed_at is null";
    let due = format!("(select count(*) {active} and due_on is not null and due_on");
    let tags = D::json_rows("tags, tagged, title");
    statement.text(format!(
        "
    select todos, completed_todos, list_version,
        {due} < {today}) as overdue,
        {due} = {today}) as due_today,
        {due} >= '') as scheduled,
        (select count(*) {active} and important) as important,
        (select {tags} from (
            select tags, count(*) as tagged, min(title) as title {active} and tags <> '' group by tags) tagged) as tags
    from users where {SESSION}"
    ))
}

pub fn from_row(row: &impl Row) -> Result<Summary, sqlx::Error> {
    let (todos, completed): (i64, i64) = (read(row, "todos")?, read(row, "completed_todos")?);
    let tagged: Option<String> = read(row, "tags")?;
    let tagged: Vec<Tagged> =
        tagged.as_deref().map_or(Ok(Vec::new()), serde_json::from_str).map_err(|error| sqlx::Error::Decode(error.into()))?;
    Ok(Summary {
        active: todos - completed,
        completed,
        overdue: read(row, "overdue")?,
        due_today: read(row, "due_today")?,
        scheduled: read(row, "scheduled")?,
        important: read(row, "important")?,
        tags: count_tags(&tagged),
        list_version: read(row, "list_version")?,
    })
}

/// By folded name. Of several spellings the first one counts.
fn count_tags(tagged: &[Tagged]) -> Vec<TagCount> {
    let mut counts = BTreeMap::new();
    for (_, todos, title) in tagged {
        for (name, tag) in tags::of_title(title) {
            let count = counts.entry(tag).or_insert_with(|| TagCount { name: name.to_owned(), todos: 0 });
            count.todos += todos;
            if name < count.name.as_str() {
                name.clone_into(&mut count.name);
            }
        }
    }
    counts.into_values().collect()
}
