//! Counts of a user's todos.

use std::collections::BTreeMap;

use super::{
    columns::read,
    database::{Database, Row},
    query::{SummaryQuery, TodoFilter},
    statement::{SESSION, Statement},
    types::{Owner, Summary, TagCount},
};
use crate::server::tags;

/// Todos with the same tags, with the title of one of them.
type Tagged = (String, i64, String);

pub fn statement<D: Database>(owner: Owner, SummaryQuery { filter, today, since }: SummaryQuery) -> Statement {
    let mut statement = Statement::about(owner);
    let (today, since) = (statement.bind(today), statement.bind(since));
    let (matching, todos, completed, all) = if filter == TodoFilter::default() {
        (String::new(), "todos", "completed_todos", "from todos where user_id = $1 and deleted_at is null and")
    } else {
        // Materialized, since a search is too slow to repeat for each count.
        let matching = format!(
            "
    with matching as materialized (
        select completed, completed_at, due_on, important, tags, title from todos where user_id = $1 and {})",
            filter.conditions(&mut statement).join(" and ")
        );
        let todos = "(select count(*) from matching) as todos";
        let completed = "(select count(*) from matching where completed) as completed_todos";
        (matching, todos, completed, "from matching where")
    };
    let active = format!("{all} completed_at is null");
    let due = format!("(select count(*) {active} and due_on is not null and due_on");
    let tags = D::json_rows("tags, tagged, title");
    statement.text(format!(
        "{matching}
    select {todos}, {completed}, list_version,
        {due} < {today}) as overdue,
        {due} = {today}) as due_today,
        {due} >= '') as scheduled,
        (select count(*) {active} and important) as important,
        (select count(*) {all} completed_at >= {since}) as completed_since,
        exists (select 1 from todos where user_id = $1 and derived_from <> version) as is_stale,
        (select {tags} from (
            select tags, count(*) as tagged, min(title) as title {active} and tags <> '' group by tags) tagged) as tags
    from users where {SESSION}"
    ))
}

/// Whether derived columns were not up to date.
pub fn is_stale(row: &impl Row) -> Result<bool, sqlx::Error> {
    read(row, "is_stale")
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
        completed_since: read(row, "completed_since")?,
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
