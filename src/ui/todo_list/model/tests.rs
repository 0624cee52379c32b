//! Unit tests of the model: rejections, conflicts, races and undo.

use super::{Boxes, Change, Filter, Model, Sending, Step};
use crate::{
    contract::{AppError, TodoView},
    domain::{TitleError, TodoId, TodoTitle},
};

fn id(n: u128) -> TodoId {
    uuid::Uuid::from_u128(n).into()
}

fn todo(n: u128, title: &str) -> TodoView {
    TodoView::new(id(n), title)
}

fn add(n: u128, title: &str) -> Change {
    Change::Add { id: id(n), title: TodoTitle::parse(title).unwrap() }
}

fn rename(n: u128, seen: &str, title: &str) -> Change {
    Change::rename(id(n), seen.to_owned(), TodoTitle::parse(title).unwrap())
}

/// A model of todos with ids from 1.
fn with(titles: &[&str]) -> Model {
    Model::new(numbered(titles), Filter::All)
}

fn numbered(titles: &[&str]) -> Vec<TodoView> {
    (1..).zip(titles).map(|(n, title)| todo(n, title)).collect()
}

fn make(model: &mut Model, change: Change) -> Step {
    if !model.push(change) {
        return Step::Rest;
    }
    model.apply_last();
    model.send()
}

fn sends(change: Change) -> Step {
    Step::Send { change, is_retry: false }
}

fn done(model: &mut Model) -> Step {
    model.answered(Ok("null".to_owned()))
}

/// The server rejects the request in flight; `todos` is its list.
fn reject(model: &mut Model, error: AppError, todos: Vec<TodoView>) -> Option<String> {
    reject_with(model, error, todos, &Boxes::default())
}

fn reject_with(model: &mut Model, error: AppError, todos: Vec<TodoView>, boxes: &Boxes) -> Option<String> {
    assert_eq!(model.answered(Err(error)), Step::List);
    model.listed(Some(todos), boxes).1
}

fn titles(model: &Model) -> Vec<&str> {
    model.todos.iter().map(|todo| todo.title.as_str()).collect()
}

fn undo(model: &mut Model) -> Step {
    let removed = model.offers.pop().unwrap();
    make(model, Change::Restore(removed))
}

#[test]
fn update_is_optimistic_and_the_next_request_follows_the_response() {
    let mut model = with(&["one"]);
    assert_eq!(make(&mut model, add(2, "two")), sends(add(2, "two")));
    assert_eq!(make(&mut model, Change::complete(id(1), true)), Step::Rest);
    assert_eq!(make(&mut model, rename(2, "two", "two, better")), Step::Rest);
    assert_eq!((titles(&model), model.count.active), (vec!["one", "two, better"], 1));
    assert_eq!(done(&mut model), sends(Change::complete(id(1), true)));
    assert_eq!(done(&mut model), sends(rename(2, "two", "two, better")));
    assert_eq!(titles(&model), ["one", "two, better"]);
    assert_eq!((done(&mut model), model.sending), (Step::Rest, Sending::Idle));
}

#[test]
fn rejected_addition_returns_to_its_input_with_the_last_title() {
    let mut model = with(&[]);
    make(&mut model, add(1, "first"));
    make(&mut model, rename(1, "first", "first, better"));
    make(&mut model, rename(1, "first, better", "first, best"));
    make(&mut model, Change::complete(id(1), true));
    assert_eq!(reject(&mut model, AppError::Internal, vec![]).as_deref(), Some("first, best"));
    assert_eq!((titles(&model).len(), model.queue().len(), model.sending), (0, 0, Sending::Idle));
    let failure = model.retry(0).unwrap();
    assert_eq!((failure.change, failure.then), (Some(add(1, "first")), Some(rename(1, "first", "first, best"))));
    assert!(failure.can_retry && failure.is_known && failure.typed.is_none());
}

#[test]
fn rejected_addition_stays_in_its_message_while_the_input_is_in_use() {
    let mut model = with(&[]);
    let boxes = Boxes { new_todo: "typing on".to_owned(), editor: None };
    for (n, title) in [(1, "first"), (2, "second"), (3, "third")] {
        make(&mut model, add(n, title));
    }
    for _ in 0..3 {
        assert_eq!(reject_with(&mut model, AppError::Internal, vec![], &boxes), None);
    }
    make(&mut model, add(4, "typing on"));
    done(&mut model);
    for left in [2, 1, 0] {
        let failure = model.retry(0).unwrap();
        make(&mut model, failure.change.unwrap());
        done(&mut model);
        assert_eq!(model.failures.len(), left);
    }
    assert_eq!(titles(&model), ["typing on", "first", "second", "third"]);
}

#[test]
fn rejected_change_is_rolled_back_and_can_be_retried() {
    for change in [Change::complete(id(2), true), Change::Delete(id(2)), Change::CompleteAll] {
        let mut model = with(&["one", "two", "three"]);
        make(&mut model, change.clone());
        reject(&mut model, AppError::Internal, numbered(&["one", "two", "three"]));
        assert_eq!(model.todos, numbered(&["one", "two", "three"]));
        let failure = &model.failures[0];
        assert_eq!((failure.change.as_ref(), failure.can_retry), (Some(&change), true));
        assert_eq!(failure.title.as_deref(), change.id().map(|_| "two"));
        assert!(model.offers.is_empty(), "nothing was deleted that could be brought back");
    }
}

#[test]
fn rejected_title_returns_to_its_editor() {
    let mut model = with(&["before"]);
    make(&mut model, rename(1, "before", "after"));
    reject(&mut model, AppError::Internal, numbered(&["before"]));
    let editor = model.editor.clone().unwrap();
    assert_eq!((editor.seen.as_str(), editor.typed.as_str(), editor.is_conflict), ("before", "after", false));
    assert_eq!(titles(&model), ["before"]);
    // A blur retries it and removes the message.
    let again = model.save(id(1), "after", false).unwrap().unwrap();
    assert_eq!(make(&mut model, again), sends(rename(1, "before", "after")));
    assert!(model.failures.is_empty());
}

#[test]
fn change_with_a_lost_response_is_applied() {
    for lost in [AppError::Internal, AppError::ChangedElsewhere] {
        let mut model = with(&["before"]);
        make(&mut model, rename(1, "before", "after"));
        reject(&mut model, lost, numbered(&["after"]));
        assert_eq!((titles(&model), model.failures.len(), model.editor.clone()), (vec!["after"], 0, None));
    }
}

#[test]
fn unreachable_server_gets_a_marked_retry() {
    let wait = [(AppError::Unreachable, 0), (AppError::Unavailable, 0), (AppError::RateLimited(30), 30)];
    for (error, seconds) in wait {
        let mut model = with(&[]);
        make(&mut model, add(1, "kept"));
        assert_eq!(model.answered(Err(error)), Step::Pause(seconds));
        assert_eq!(make(&mut model, add(2, "after")), Step::Rest, "it waits as well");
        assert_eq!(model.end_pause(), Step::Send { change: add(1, "kept"), is_retry: true });
        assert_eq!(model.end_pause(), Step::Rest, "one at a time");
        assert_eq!(done(&mut model), sends(add(2, "after")));
    }
}

#[test]
fn nothing_is_sent_before_the_user_signs_in_again() {
    let mut model = with(&[]);
    make(&mut model, add(1, "kept"));
    assert_eq!(model.answered(Err(AppError::SignedOut)), Step::SignIn);
    assert_eq!(make(&mut model, add(2, "after")), Step::SignIn);
    assert_eq!(model.end_pause(), Step::Rest);
    assert!(!model.is_spare());
    assert_eq!(model.start(), sends(add(1, "kept")));
}

/// B5
#[test]
fn title_conflict_offers_a_choice_and_blocks_nothing() {
    let mut model = with(&["first", "other"]);
    make(&mut model, rename(1, "first", "mine"));
    make(&mut model, rename(1, "mine", "mine, better"));
    make(&mut model, Change::complete(id(1), true));
    let theirs = || numbered(&["theirs", "other"]);
    reject(&mut model, AppError::ChangedElsewhere, theirs());
    let editor = model.editor.clone().unwrap();
    assert_eq!((editor.seen.as_str(), editor.typed.as_str(), editor.is_conflict), ("theirs", "mine, better", true));
    assert_eq!((titles(&model), model.failures.len()), (vec!["theirs", "other"], 0), "it is told in the row");
    assert_eq!(model.queue().front(), Some(&Change::complete(id(1), true)), "the rest goes on");
    done(&mut model);
    model.show(Filter::Active);
    assert!(model.todos[0].completed && model.shows(&model.todos[0]), "whatever the filter hides");

    assert_eq!(model.save(id(1), "mine, better", false), Ok(None), "leaving decides nothing");
    assert!(model.editor.is_some());
    let mine = model.save(id(1), "mine, better", true).unwrap().unwrap();
    assert_eq!(mine, rename(1, "theirs", "mine, better"), "over what was shown, and nothing else");
    make(&mut model, mine);
    reject(&mut model, AppError::ChangedElsewhere, numbered(&["theirs again", "other"]));
    assert_eq!(model.editor.as_ref().unwrap().seen, "theirs again", "which is another conflict");
    // Saving the server's title accepts it.
    assert_eq!(model.save(id(1), "theirs again", true), Ok(None));
    assert_eq!((model.editor.clone(), titles(&model)), (None, vec!["theirs again", "other"]));
}

#[test]
fn conflict_is_a_plain_failure_if_the_list_cannot_be_read() {
    let mut model = with(&["first"]);
    make(&mut model, rename(1, "first", "mine"));
    model.answered(Err(AppError::ChangedElsewhere));
    model.listed(None, &Boxes::default());
    let editor = model.editor.as_ref().unwrap();
    assert_eq!((editor.typed.as_str(), editor.is_conflict, model.failures.len()), ("mine", false, 1));
}

#[test]
fn conflict_shows_the_latest_title_of_the_server() {
    let mut model = with(&["first"]);
    make(&mut model, rename(1, "first", "mine"));
    reject(&mut model, AppError::ChangedElsewhere, numbered(&["theirs"]));
    model.listed(Some(numbered(&["theirs again"])), &Boxes::default());
    assert_eq!(model.editor.as_ref().unwrap().seen, "theirs again");
}

#[test]
fn conflict_is_reported_in_a_message_while_another_title_is_edited() {
    let mut model = with(&["first", "other"]);
    make(&mut model, rename(1, "first", "mine"));
    model.edit(id(2));
    reject(&mut model, AppError::ChangedElsewhere, numbered(&["theirs", "other"]));
    assert_eq!(model.editor.as_ref().unwrap().id, id(2));
    let failure = &model.failures[0];
    assert_eq!((failure.typed.as_deref(), failure.can_retry), (Some("mine"), true));
    assert!(!model.is_spare());
}

#[test]
fn title_of_a_deleted_todo_goes_to_the_input_for_new_todos() {
    let mut model = with(&["shared"]);
    make(&mut model, rename(1, "shared", "after long thought"));
    assert_eq!(reject(&mut model, AppError::NotFound, vec![]).as_deref(), Some("after long thought"));
    assert_eq!((titles(&model).len(), model.editor.clone()), (0, None));
    assert!(!model.failures[0].can_retry, "it would be refused once more");
}

#[test]
fn input_for_a_deleted_todo_is_kept() {
    let mut model = with(&["one", "two"]);
    make(&mut model, Change::complete(id(2), true));
    model.edit(id(1));
    let typed = |new_todo: &str| Boxes { new_todo: new_todo.to_owned(), editor: Some("after long thought".to_owned()) };
    let given = reject_with(&mut model.clone(), AppError::NotFound, vec![], &typed(""));
    assert_eq!(given.as_deref(), Some("after long thought"));
    reject_with(&mut model, AppError::NotFound, vec![], &typed("something else"));
    assert_eq!(model.failures[1].typed.as_deref(), Some("after long thought"));
    assert_eq!((model.failures[1].change.clone(), model.editor), (Some(rename(1, "one", "after long thought")), None));
}

/// A5
#[test]
fn edit_saves_once_deletes_if_blank_and_stays_open_if_too_long() {
    let mut model = with(&["one"]);
    model.edit(id(1));
    assert_eq!(model.save(id(1), &"x".repeat(501), false), Err(TitleError::TooLong));
    assert!(model.editor.is_some());
    assert_eq!(model.save(id(1), " one ", true), Ok(None), "nothing has changed");
    assert_eq!(model.save(id(1), "two", false), Ok(None), "it is closed");
    model.edit(id(1));
    assert_eq!(model.save(id(1), " \u{200b}", true), Ok(Some(Change::Delete(id(1)))));
    make(&mut model, Change::Delete(id(1)));
    undo(&mut model);
    assert_eq!(titles(&model), ["one"]);
}

#[test]
fn deletions_are_undone_latest_first_even_before_the_response() {
    let mut model = with(&["one", "two", "three", "four"]);
    for n in [2, 1, 4] {
        make(&mut model, Change::Delete(id(n)));
    }
    for left in [vec!["three", "four"], vec!["one", "three", "four"], vec!["one", "two", "three", "four"]] {
        undo(&mut model);
        assert_eq!(titles(&model), left);
    }
    let kinds: Vec<_> = model.queue().iter().map(|change| matches!(change, Change::Delete(_))).collect();
    assert_eq!(kinds, [true, true, true, false, false, false]);
}

#[test]
fn each_clearing_is_undone_by_its_own_timestamp() {
    let mut model = with(&["one", "two", "three"]);
    make(&mut model, Change::complete(id(1), true));
    done(&mut model);
    // Cleared, undone and cleared again before any response.
    make(&mut model, Change::ClearCompleted(0));
    undo(&mut model);
    make(&mut model, Change::ClearCompleted(0));
    model.answered(Ok("1111".to_owned()));
    assert_eq!(done(&mut model), Step::List, "what came back is as the server has it");
    let mut back = numbered(&["one", "two", "three"]);
    back[0].completed = true;
    model.listed(Some(back), &Boxes::default());
    model.answered(Ok("2222".to_owned()));
    assert_eq!(model.offers[0].at.as_deref(), Some("2222"));
    assert_eq!(titles(&model), ["two", "three"]);
}

#[test]
fn restored_todo_has_the_state_of_the_server() {
    let mut model = with(&["one", "two"]);
    make(&mut model, Change::Delete(id(1)));
    done(&mut model);
    undo(&mut model);
    done(&mut model);
    // Another client has renamed it and restored another todo.
    model.listed(Some(numbered(&["uno", "two", "three"])), &Boxes::default());
    assert_eq!((titles(&model), model.failures.len()), (vec!["uno", "two", "three"], 0));
}

#[test]
fn permanently_deleted_todo_is_not_reported_as_restored() {
    let mut model = with(&["one", "two"]);
    make(&mut model, Change::Delete(id(1)));
    done(&mut model);
    undo(&mut model);
    done(&mut model);
    model.listed(Some(vec![todo(2, "two")]), &Boxes::default());
    assert_eq!((titles(&model), model.failures.len(), model.failures[0].can_retry), (vec!["two"], 1, false));
}

#[test]
fn position_is_restored_by_neighbours() {
    let mut model = with(&["one", "two", "three", "four"]);
    make(&mut model, Change::Delete(id(1)));
    make(&mut model, Change::Delete(id(2)));
    // The server rejects the first deletion.
    reject(&mut model, AppError::Internal, numbered(&["one", "two", "three", "four"]));
    assert_eq!((titles(&model), model.offers.len()), (vec!["one", "three", "four"], 1));
    undo(&mut model);
    assert_eq!(titles(&model), ["one", "two", "three", "four"]);
}

#[test]
fn row_is_late_until_its_change_is_confirmed() {
    let mut model = with(&["one"]);
    make(&mut model, Change::complete(id(1), true));
    assert!(!model.is_late(Some(id(1))));
    model.grow_late();
    make(&mut model, Change::CompleteAll);
    assert_eq!((model.is_late(Some(id(1))), model.is_late(None)), (true, false));
    done(&mut model);
    assert!(!model.is_late(Some(id(1))));
}

#[test]
fn unsent_changes_apply_over_a_new_list() {
    let mut model = with(&["one"]);
    make(&mut model, rename(1, "one", "mine"));
    model.answered(Err(AppError::Unreachable));
    let (step, _) = model.listed(Some(numbered(&["one", "two"])), &Boxes::default());
    assert_eq!((step, titles(&model)), (Step::Rest, vec!["mine", "two"]));
    model.end_pause();
    model.listed(Some(vec![]), &Boxes::default());
    assert_eq!(titles(&model), ["mine", "two"], "what is under way may be in there or not");
}
