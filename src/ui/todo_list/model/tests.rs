//! Unit tests of the model: rejections, conflicts, races and undo.

use super::{Announced, Boxes, Change, Fields, Kind, Model, More, Notes, Read, Sending, Step, Want};
use crate::{
    contract::{AppError, Field, Filter, PageInfo, Rule, Scope, TodoPage, TodoView, View, ViewCounts},
    domain::{DueDate, TodoId, TodoNotes, TodoPatch, TodoTitle},
};

fn filtered(filter: Filter) -> Scope {
    Scope::default().with_filter(filter)
}

fn all(kind: Kind) -> Change {
    Change::all(kind, Scope::default())
}

fn id(n: u128) -> TodoId {
    uuid::Uuid::from_u128(n).into()
}

fn todo(n: u128, title: &str) -> TodoView {
    TodoView::new(id(n), title)
}

fn add(n: u128, title: &str) -> Change {
    Change::add(id(n), TodoTitle::parse(title).unwrap())
}

fn rename(n: u128, seen: &str, title: &str) -> Change {
    Change::rename(id(n), seen.to_owned(), TodoTitle::parse(title).unwrap())
}

/// The inputs of the editor of a todo with a title alone.
fn titled(title: &str) -> Fields {
    Fields { title: title.to_owned(), notes: Some(String::new()), ..Fields::default() }
}

/// A model of todos with ids from 1.
fn with(titles: &[&str]) -> Model {
    Model::new(whole(numbered(titles)), Scope::default(), None)
}

/// A list that fits into one page.
fn whole(todos: Vec<TodoView>) -> TodoPage {
    let completed = todos.iter().filter(|todo| todo.completed).count();
    TodoPage { others: Vec::new(), info: info(todos.len() - completed, completed, None), todos }
}

fn info(active: usize, completed: usize, next: Option<&str>) -> PageInfo {
    let today = DueDate::parse("2026-11-26").unwrap();
    let (next, tag) = (next.map(str::to_owned), "tag".to_owned());
    PageInfo { active, completed, earlier: 0, views: ViewCounts::default(), next, tag, today, seconds_of_today: 60 }
}

/// The reply with the whole list.
fn list(model: &mut Model, todos: Vec<TodoView>, boxes: &Boxes) -> (Step, Option<String>) {
    model.listed(Ok(Some(whole(todos))), boxes)
}

fn is_list(step: &Step) -> bool {
    matches!(step, Step::List(_))
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
    assert!(is_list(&model.answered(Err(error))));
    list(model, todos, boxes).1
}

fn titles(model: &Model) -> Vec<&str> {
    model.todos.iter().map(|todo| todo.title.as_str()).collect()
}

fn undo(model: &mut Model) -> Step {
    model.push_undo().unwrap();
    model.apply_last();
    model.send()
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
    let of = |title: &str, completed| TodoPatch {
        title: Some(TodoTitle::parse(title).unwrap()),
        completed: Some(completed),
        ..TodoPatch::default()
    };
    let then = Change::Edit { id: id(1), patch: of("first, best", true), before: of("first", false) };
    assert_eq!((failure.change, failure.then), (Some(add(1, "first")), Some(then)));
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
    for change in [Change::complete(id(2), true), Change::Delete(id(2)), all(Kind::Complete)] {
        let mut model = with(&["one", "two", "three"]);
        make(&mut model, change);
        let change = model.queue().front().unwrap().clone();
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
    assert_eq!((&*editor.seen.title, &*editor.typed.title, editor.conflict.title), ("before", "after", false));
    assert_eq!(titles(&model), ["before"]);
    // A blur retries it and removes the message.
    let again = model.save(id(1), &titled("after"), false).unwrap().unwrap();
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
    assert_eq!((&*editor.seen.title, &*editor.typed.title, editor.conflict.title), ("theirs", "mine, better", true));
    assert_eq!((titles(&model), model.failures.len()), (vec!["theirs", "other"], 0), "it is told in the row");
    assert_eq!(model.queue().front(), Some(&Change::complete(id(1), true)), "the rest goes on");
    done(&mut model);
    model.show(filtered(Filter::Active));
    assert!(model.todos[0].completed && model.shown().len() == 2, "whatever the filter hides");

    assert_eq!(model.save(id(1), &titled("mine, better"), false), Ok(None), "leaving decides nothing");
    assert!(model.editor.is_some());
    let mine = model.save(id(1), &titled("mine, better"), true).unwrap().unwrap();
    assert_eq!(mine, rename(1, "theirs", "mine, better"), "over what was shown, and nothing else");
    make(&mut model, mine);
    reject(&mut model, AppError::ChangedElsewhere, numbered(&["theirs again", "other"]));
    assert_eq!(model.editor.as_ref().unwrap().seen.title, "theirs again", "which is another conflict");
    // Saving the server's title accepts it.
    assert_eq!(model.save(id(1), &titled("theirs again"), true), Ok(None));
    assert_eq!((model.editor.clone(), titles(&model)), (None, vec!["theirs again", "other"]));
}

#[test]
fn conflict_is_a_plain_failure_if_the_list_cannot_be_read() {
    let mut model = with(&["first"]);
    make(&mut model, rename(1, "first", "mine"));
    model.answered(Err(AppError::ChangedElsewhere));
    model.listed(Err(AppError::Unreachable), &Boxes::default());
    let editor = model.editor.as_ref().unwrap();
    assert_eq!((&*editor.typed.title, editor.conflict.is_any(), model.failures.len()), ("mine", false, 1));
}

#[test]
fn conflict_shows_the_latest_title_of_the_server() {
    let mut model = with(&["first"]);
    make(&mut model, rename(1, "first", "mine"));
    reject(&mut model, AppError::ChangedElsewhere, numbered(&["theirs"]));
    assert!(is_list(&model.want(Want::News)));
    list(&mut model, numbered(&["theirs again"]), &Boxes::default());
    assert_eq!(model.editor.as_ref().unwrap().seen.title, "theirs again");
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
    let typed = |new_todo: &str| Boxes { new_todo: new_todo.to_owned(), editor: Some(titled("after long thought")) };
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
    let too_long = AppError::Invalid(Field::Title, Rule::TooLong);
    assert_eq!(model.save(id(1), &titled(&"x".repeat(501)), false), Err(too_long));
    assert!(model.editor.is_some());
    assert_eq!(model.save(id(1), &titled(" one "), true), Ok(None), "nothing has changed");
    assert_eq!(model.save(id(1), &titled("two"), false), Ok(None), "it is closed");
    model.edit(id(1));
    assert_eq!(model.save(id(1), &titled(" \u{200b}"), true), Ok(Some(Change::Delete(id(1)))));
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
fn each_bulk_change_is_undone_by_its_own_version() {
    let mut model = with(&["one", "two", "three"]);
    make(&mut model, Change::complete(id(1), true));
    done(&mut model);
    // Cleared, undone and cleared again before any response.
    make(&mut model, all(Kind::ClearCompleted));
    undo(&mut model);
    make(&mut model, all(Kind::ClearCompleted));
    let Step::Send { change: Change::Undo(first), .. } = model.answered(Ok("11".to_owned())) else { panic!("it is not sent") };
    assert_eq!((first.bulk.map(|bulk| bulk.nth), first.version.as_deref()), (Some(1), Some("11")));
    let Step::Send { change: Change::All(second, ids), .. } = model.answered(Ok("1".to_owned())) else {
        panic!("it is not sent")
    };
    assert_eq!((second.nth, ids), (2, vec![id(1)]));
    assert!(is_list(&model.answered(Ok("13".to_owned()))), "what came back is as the server has it");
    let Some(Change::Undo(second)) = model.offers.last() else { panic!("it can't be undone") };
    assert_eq!(second.version.as_deref(), Some("13"));
    assert_eq!(titles(&model), ["two", "three"]);
}

#[test]
fn marking_all_twice_is_undone_step_by_step() {
    let mut model = with(&["one", "two", "three"]);
    make(&mut model, Change::complete(id(2), true));
    make(&mut model, all(Kind::Complete));
    make(&mut model, all(Kind::Reopen));
    assert_eq!(completed(&model), [0; 0]);
    undo(&mut model);
    assert_eq!(completed(&model), [1, 2, 3]);
    undo(&mut model);
    assert_eq!((completed(&model), model.count.completed), (vec![2], 1));
    assert_eq!(make(&mut model, all(Kind::ClearCompleted)), Step::Rest);
    assert!(!model.push(all(Kind::ClearCompleted)), "there is nothing left to clear");
}

#[test]
fn bulk_change_that_changed_nothing_or_failed_is_not_undone() {
    for answer in [Ok("null".to_owned()), Err(AppError::Internal)] {
        let mut model = with(&["one", "two"]);
        make(&mut model, all(Kind::Complete));
        undo(&mut model);
        make(&mut model, all(Kind::Complete));
        undo(&mut model);
        let is_rejected = answer.is_err();
        let mut step = model.answered(answer);
        if is_rejected {
            step = list(&mut model, numbered(&["one", "two"]), &Boxes::default()).0;
        }
        assert!(matches!(&step, Step::Send { change: Change::All(bulk, _), .. } if bulk.nth == 2), "{step:?}");
        assert_eq!((completed(&model), model.queue().len()), (vec![], 2));
    }
}

fn completed(model: &Model) -> Vec<u128> {
    model.todos.iter().filter(|todo| todo.completed).map(|todo| uuid::Uuid::from(todo.id).as_u128()).collect()
}

#[test]
fn restored_todo_has_the_state_of_the_server() {
    let mut model = with(&["one", "two"]);
    make(&mut model, Change::Delete(id(1)));
    done(&mut model);
    undo(&mut model);
    done(&mut model);
    // Another client has renamed it and restored another todo.
    list(&mut model, numbered(&["uno", "two", "three"]), &Boxes::default());
    assert_eq!((titles(&model), model.failures.len()), (vec!["uno", "two", "three"], 0));
}

#[test]
fn permanently_deleted_todo_is_not_reported_as_restored() {
    let mut model = with(&["one", "two"]);
    make(&mut model, Change::Delete(id(1)));
    done(&mut model);
    undo(&mut model);
    done(&mut model);
    list(&mut model, vec![todo(2, "two")], &Boxes::default());
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
    make(&mut model, all(Kind::Reopen));
    assert_eq!((model.is_late(Some(id(1))), model.is_late(None)), (true, false));
    done(&mut model);
    assert!(!model.is_late(Some(id(1))));
}

#[test]
fn list_is_read_after_the_unsent_changes() {
    let mut model = with(&["one"]);
    make(&mut model, rename(1, "one", "mine"));
    model.answered(Err(AppError::Unreachable));
    assert_eq!(model.want(Want::News), Step::Rest, "what is under way may be in there or not");
    model.end_pause();
    let step = done(&mut model);
    assert!(matches!(&step, Step::List(Read { tag: Some(_), .. })), "{step:?}");
    assert_eq!(make(&mut model, add(3, "three")), Step::Rest);
    let (step, _) = list(&mut model, numbered(&["mine", "two"]), &Boxes::default());
    assert_eq!((step, titles(&model)), (sends(add(3, "three")), vec!["mine", "two", "three"]));
}

#[test]
fn news_say_nothing_and_a_failed_read_of_them_neither() {
    let mut model = with(&["one"]);
    for reply in [Ok(None), Err(AppError::Unreachable), Err(AppError::SignedOut)] {
        assert!(is_list(&model.want(Want::News)));
        assert_eq!(model.want(Want::News), Step::Rest, "one at a time");
        assert_eq!(model.listed(reply, &Boxes::default()).0, Step::Rest);
        assert_eq!((titles(&model), model.sending), (vec!["one"], Sending::Idle));
    }
    model.want(Want::News);
    list(&mut model, numbered(&["one", "two"]), &Boxes::default());
    assert_eq!((model.count.active, model.announced, model.failures.len()), (2, None, 0));
}

/// The first two of five todos, of which one is completed.
fn windowed() -> Model {
    Model::new(part(&[1, 2], 4, 1, Some("2")), Scope::default(), None)
}

fn part(ids: &[u128], active: usize, completed: usize, next: Option<&str>) -> TodoPage {
    let todos = ids.iter().map(|n| todo(*n, &n.to_string())).collect();
    TodoPage { todos, others: Vec::new(), info: info(active, completed, next) }
}

fn reply(model: &mut Model, page: TodoPage) -> Step {
    model.listed(Ok(Some(page)), &Boxes::default()).0
}

#[test]
fn count_is_of_all_todos_and_more_of_them_follow() {
    let mut model = windowed();
    assert_eq!((model.count.active, model.count.completed), (4, 1));
    let more = More { shown: 2, count: 5, href: Some("/todos?after=2".to_owned()), is_later: false, is_unread: false };
    assert_eq!(model.more(), Some(more));
    let Step::List(read) = model.want(Want::More) else { panic!("it is not read") };
    assert_eq!((read.after.as_deref(), read.is_more), (Some("2"), true));
    reply(&mut model, part(&[3, 4], 4, 1, Some("4")));
    assert_eq!((titles(&model), model.more().unwrap().shown), (vec!["1", "2", "3", "4"], 4));
    model.want(Want::More);
    let mut last = part(&[5], 4, 1, None);
    last.todos[0].completed = true;
    reply(&mut model, last);
    assert_eq!((model.todos.len(), model.more()), (5, None));
    assert_eq!(model.show(filtered(Filter::Active)), Step::Rest, "all is here");
    assert!(is_list(&model.show(filtered(Filter::Completed))), "but not what was completed earlier");
}

#[test]
fn changes_of_one_todo_change_the_count_of_all() {
    let mut model = windowed();
    make(&mut model, Change::complete(id(1), true));
    make(&mut model, Change::Delete(id(1)));
    make(&mut model, add(9, "new"));
    assert_eq!((model.count.active, model.count.completed), (4, 1));
    assert_eq!(titles(&model), ["2", "new"], "what is added is seen");
    undo(&mut model);
    assert_eq!((model.count.active, model.count.completed), (4, 2));
    (0..3).for_each(|_| drop(done(&mut model)));
    let step = done(&mut model);
    let Step::List(read) = step else { panic!("it is not read") };
    assert_eq!((read.rows, read.others), (2, vec![id(1), id(9)]));
    let mut page = part(&[1, 2], 4, 2, Some("2"));
    page.todos[0].completed = true;
    page.others = vec![todo(9, "new")];
    reply(&mut model, page);
    assert_eq!((titles(&model), model.failures.len()), (vec!["1", "2", "new"], 0), "it stays, although it is not in the page");
}

#[test]
fn bulk_changes_are_of_all_todos_and_undone_by_version() {
    let mut model = windowed();
    make(&mut model, all(Kind::Complete));
    assert_eq!((model.count.active, model.count.completed), (0, 5));
    make(&mut model, all(Kind::ClearCompleted));
    assert_eq!((model.count.completed, model.more()), (0, None));
    let counts = |offer: &Change| if let Change::Undo(undo) = offer { undo.count() } else { 0 };
    assert_eq!(model.offers.iter().map(counts).collect::<Vec<_>>(), [4, 5]);
    undo(&mut model);
    undo(&mut model);
    assert_eq!((model.count.active, model.count.completed, completed(&model)), (4, 1, vec![]));
    for version in ["7", "8"] {
        model.answered(Ok(version.to_owned()));
    }
    let versions: Vec<_> =
        model.queue().iter().map(|change| if let Change::Undo(undo) = change { undo.version.clone() } else { None }).collect();
    assert_eq!(versions, [Some("8".to_owned()), Some("7".to_owned())]);
}

#[test]
fn other_filter_shows_what_is_known_and_then_its_first_page() {
    let mut model = windowed();
    let Step::List(read) = model.show(filtered(Filter::Completed)) else { panic!("it is not read") };
    assert_eq!((read.scope.filter, read.after, read.tag), (Filter::Completed, None, None));
    assert_eq!((model.announced, model.count.active), (Some(Announced::Count(Filter::Completed, 1)), 4));
    // Back before the reply.
    assert_eq!(model.show(filtered(Filter::All)), Step::Rest);
    let step = reply(&mut model, part(&[5], 4, 1, None));
    assert!(matches!(&step, Step::List(read) if read.scope == Scope::default()), "{step:?}");
    reply(&mut model, part(&[1, 2], 4, 1, Some("2")));
    assert_eq!(titles(&model), ["1", "2"]);
}

#[test]
fn failed_read_waits_for_the_user_and_an_ended_session_for_the_sign_in() {
    let mut model = windowed();
    model.show(filtered(Filter::Completed));
    assert_eq!(model.listed(Err(AppError::Unreachable), &Boxes::default()).0, Step::Rest);
    let more = model.more().unwrap();
    assert_eq!((more.href.as_deref(), more.is_unread), (Some("/todos?show=completed"), true));
    assert!(is_list(&model.want(Want::More)));
    assert_eq!(model.listed(Err(AppError::SignedOut), &Boxes::default()).0, Step::SignIn);
    assert!(is_list(&model.start()));
    reply(&mut model, part(&[5], 4, 1, None));
    assert_eq!(titles(&model), ["5"]);
}

/// B5
#[test]
fn conflict_outside_of_the_window_stays_in_its_row() {
    let mut model = windowed();
    make(&mut model, add(9, "new"));
    done(&mut model);
    make(&mut model, rename(9, "new", "mine"));
    let Step::List(read) = model.answered(Err(AppError::ChangedElsewhere)) else { panic!("it is not read") };
    assert_eq!(read.others, [id(9)]);
    let there = || TodoPage { others: vec![todo(9, "theirs")], ..part(&[1, 2], 5, 1, Some("2")) };
    reply(&mut model, there());
    let editor = model.editor.clone().unwrap();
    assert_eq!((&*editor.seen.title, &*editor.typed.title, editor.conflict.title), ("theirs", "mine", true));
    assert_eq!(titles(&model), ["1", "2", "theirs"]);
    model.want(Want::News);
    reply(&mut model, there());
    assert!(model.editor.is_some());
    // It was deleted elsewhere.
    let mine = model.save(id(9), &titled("mine"), true).unwrap().unwrap();
    make(&mut model, mine);
    assert!(is_list(&model.answered(Err(AppError::NotFound))));
    assert_eq!(model.listed(Ok(Some(part(&[1, 2], 4, 1, Some("2")))), &Boxes::default()).1.as_deref(), Some("mine"));
    assert_eq!(titles(&model), ["1", "2"]);
}

#[test]
fn page_after_a_cursor_leads_back_and_keeps_its_editor() {
    let mut model = Model::new(part(&[3, 4], 4, 1, Some("4")), Scope::default(), Some("2".to_owned()));
    assert!(model.more().unwrap().is_later);
    assert_eq!(model.part().after.as_deref(), Some("2"));
    model.want(Want::News);
    model.listed(Ok(None), &Boxes::default());
    assert_eq!(
        model.want(Want::List),
        Step::List(Read {
            scope: Scope::default(),
            after: Some("2".to_owned()),
            tag: None,
            rows: 2,
            others: vec![],
            is_more: false
        })
    );
    reply(&mut model, part(&[3], 3, 1, None));
    assert_eq!((titles(&model), model.more().unwrap().href), (vec!["3"], None));
}

fn noted(n: u128, before: &str, after: &str) -> Change {
    let of = |text| TodoPatch { notes: Some(TodoNotes::parse(text).unwrap()), ..TodoPatch::default() };
    Change::Edit { id: id(n), patch: of(after), before: of(before) }
}

#[test]
fn edit_sends_only_the_fields_that_were_changed() {
    let mut model = with(&["one"]);
    model.edit(id(1));
    let typed = Fields { due_on: "2026-12-05".to_owned(), important: true, ..titled("one") };
    let change = model.save(id(1), &typed, true).unwrap().unwrap();
    let of = |due_on, important| TodoPatch { due_on: Some(due_on), important: Some(important), ..TodoPatch::default() };
    let date = DueDate::parse("2026-12-05").unwrap();
    assert_eq!(change, Change::Edit { id: id(1), patch: of(Some(date), true), before: of(None, false) });
    make(&mut model, change);
    assert_eq!((model.todos[0].due_on, model.todos[0].important), (Some(date), true));
    done(&mut model);
    undo(&mut model);
    assert_eq!(model.todos, numbered(&["one"]));
}

#[test]
fn invalid_field_leaves_the_editor_open() {
    let mut model = with(&["one"]);
    model.edit(id(1));
    let long = Fields { notes: Some("x".repeat(10_001)), ..titled("one") };
    assert_eq!(model.save(id(1), &long, true), Err(AppError::Invalid(Field::Notes, Rule::TooLong)));
    let no_date = Fields { due_on: "?".to_owned(), ..titled("one") };
    assert_eq!(model.save(id(1), &no_date, false), Err(AppError::Invalid(Field::DueDate, Rule::Malformed)));
    assert!(model.editor.is_some());
}

#[test]
fn notes_are_read_for_the_editor_after_the_changes_of_this_page() {
    let mut model = with(&["one"]);
    make(&mut model, noted(1, "", "mine"));
    assert_eq!(model.edit(id(1)), Step::Rest);
    assert_eq!(model.editor.as_ref().unwrap().typed.notes, None);
    assert_eq!(done(&mut model), Step::Notes(id(1)));
    assert_eq!(model.want(Want::News), Step::Rest, "one at a time");
    assert!(is_list(&model.noted(id(1), Ok("mine".to_owned()))));
    let editor = model.editor.as_ref().unwrap();
    assert_eq!((editor.typed.notes.as_deref(), editor.notes, editor.conflict.is_any()), (Some("mine"), Notes::Read, false));
    let typed = Fields { notes: Some("mine, more".to_owned()), ..titled("one") };
    assert_eq!(model.save(id(1), &typed, true).unwrap().unwrap(), noted(1, "mine", "mine, more"));
}

#[test]
fn editor_is_usable_without_its_notes() {
    let mut todos = numbered(&["one"]);
    todos[0].has_notes = true;
    let mut model = Model::new(whole(todos), Scope::default(), None);
    assert_eq!(model.edit(id(1)), Step::Notes(id(1)));
    assert_eq!(model.noted(id(1), Err(AppError::Unreachable)), Step::Rest);
    assert_eq!(model.editor.as_ref().unwrap().notes, Notes::Unreadable);
    let typed = Fields { notes: None, ..titled("two") };
    assert_eq!(model.save(id(1), &typed, true).unwrap().unwrap(), rename(1, "one", "two"), "they stay as they are");
    assert_eq!(model.edit(id(1)), Step::Notes(id(1)), "it asks again");
    assert_eq!(model.noted(id(1), Err(AppError::SignedOut)), Step::SignIn);
    assert_eq!(model.start(), Step::Notes(id(1)));
}

/// B5
#[test]
fn conflict_of_notes_shows_those_of_the_server() {
    let mut model = with(&["one"]);
    make(&mut model, noted(1, "", "mine"));
    model.answered(Err(AppError::ChangedElsewhere));
    let mut there = numbered(&["one"]);
    there[0].has_notes = true;
    assert_eq!(list(&mut model, there, &Boxes::default()).0, Step::Notes(id(1)));
    model.noted(id(1), Ok("theirs".to_owned()));
    let editor = model.editor.clone().unwrap();
    assert_eq!((editor.seen.notes.as_deref(), editor.typed.notes.as_deref()), (Some("theirs"), Some("mine")));
    assert!(editor.conflict.notes && !editor.conflict.title);
    let mine = Fields { notes: Some("mine".to_owned()), ..titled("one") };
    assert_eq!(model.save(id(1), &mine, false), Ok(None), "leaving decides nothing");
    assert_eq!(model.clone().save(id(1), &mine, true), Ok(Some(noted(1, "theirs", "mine"))));
    let theirs = model.editor.as_ref().unwrap().theirs(mine);
    assert_eq!(model.save(id(1), &theirs, true), Ok(None));
    assert_eq!(model.editor, None);
}

#[test]
fn text_of_a_deleted_todo_is_kept_with_its_notes() {
    let mut model = with(&["one"]);
    model.edit(id(1));
    model.want(Want::News);
    let typed = Fields { notes: Some("long thoughts".to_owned()), ..titled("one, better") };
    let boxes = Boxes { new_todo: String::new(), editor: Some(typed) };
    assert_eq!(list(&mut model, vec![], &boxes).1, None, "a line has no place for them");
    assert_eq!(model.failures[0].typed.as_deref(), Some("one, better\nlong thoughts"));
}

#[test]
fn edits_completions_and_moves_are_undone_latest_first_after_the_toast_too() {
    let mut model = with(&["one", "two", "three"]);
    make(&mut model, rename(1, "one", "uno"));
    make(&mut model, Change::complete(id(2), true));
    let down = model.shift(id(1), true).unwrap();
    make(&mut model, down);
    assert_eq!((titles(&model), model.offered), (vec!["two", "uno", "three"], 3));
    model.offered = 0;
    undo(&mut model);
    undo(&mut model);
    assert_eq!((titles(&model), completed(&model)), (vec!["uno", "two", "three"], vec![]));
    undo(&mut model);
    assert_eq!(titles(&model), ["one", "two", "three"]);
    assert!(model.push_undo().is_none(), "what undoes is not undone");
}

#[test]
fn rejected_edit_takes_its_undo_along() {
    let mut model = with(&["one"]);
    make(&mut model, rename(1, "one", "two"));
    make(&mut model, rename(1, "two", "three"));
    undo(&mut model);
    undo(&mut model);
    reject(&mut model, AppError::Internal, numbered(&["one"]));
    assert_eq!((titles(&model), model.failures.len(), model.queue().len()), (vec!["one"], 0, 0), "nothing is left to do");
    make(&mut model, rename(1, "one", "two"));
    make(&mut model, rename(1, "two", "three"));
    reject(&mut model, AppError::Internal, numbered(&["one"]));
    assert!(model.offers.is_empty() && model.editor.is_some());
}

#[test]
fn rows_move_by_one_among_those_that_are_shown() {
    let mut model = with(&["one", "two", "three"]);
    make(&mut model, Change::complete(id(2), true));
    model.show(filtered(Filter::Active));
    assert_eq!(model.places(id(1)), [None, Some(Some(id(3)))]);
    assert_eq!(model.places(id(3)), [Some(None), None]);
    let up = model.shift(id(3), false).unwrap();
    make(&mut model, up);
    model.announce_place(id(3));
    assert_eq!((titles(&model), model.announced), (vec!["three", "one", "two"], Some(Announced::Place(1, 2))));
    done(&mut model);
    let step = done(&mut model);
    assert_eq!(step, Step::Rest);
    let later = Model::new(part(&[3, 4], 4, 1, Some("4")), Scope::default(), Some("2".to_owned()));
    assert_eq!(later.places(id(4)), [None, None], "what is before the first row is not known");
}

#[test]
fn rejected_move_is_rolled_back() {
    let mut model = with(&["one", "two"]);
    let down = model.shift(id(1), true).unwrap();
    make(&mut model, down);
    reject(&mut model, AppError::NotFound, numbered(&["one", "two"]));
    assert_eq!((titles(&model), model.failures.len(), model.offers.len()), (vec!["one", "two"], 1, 0));
}

#[test]
fn day_turns_at_midnight() {
    let mut model = with(&["one"]);
    assert!(is_list(&model.turn_day()));
    assert_eq!((model.today.to_string().as_str(), model.seconds_of_today), ("2026-11-27", 86_400));
    list(&mut model, numbered(&["one"]), &Boxes::default());
    assert_eq!(model.seconds_of_today, 60, "as the server says");
}

#[test]
fn cancelled_edit_can_be_made_after_all() {
    let mut model = with(&["one"]);
    model.edit(id(1));
    model.cancel(Some(&titled("one")));
    assert_eq!((model.dropped.clone(), model.editor.clone()), (None, None), "nothing was typed");
    model.edit(id(1));
    model.cancel(Some(&titled("two")));
    assert_eq!(model.push_undo(), Some(rename(1, "one", "two")));
    model.apply_last();
    assert_eq!((titles(&model), model.offers.len()), (vec!["two"], 1));
    model.edit(id(1));
    model.cancel(Some(&titled("three")));
    model.hide_offers();
    undo(&mut model);
    assert_eq!(titles(&model), ["one"], "without the offer, the change before is undone");
    model.edit(id(1));
    model.cancel(Some(&titled(" ")));
    assert_eq!(model.dropped, None, "Escape deletes nothing");
}

fn in_view(view: View) -> Scope {
    Scope::of_view(view)
}

fn tagged(name: &str) -> Scope {
    in_view(View::Tag(name.to_owned()))
}

fn day(text: &str) -> Option<DueDate> {
    DueDate::parse(text).ok()
}

/// Overdue, due today and important, tomorrow, without a date and with a tag.
fn planned() -> Model {
    let mut todos = numbered(&["late", "now", "soon", "some #home"]);
    (todos[0].due_on, todos[1].due_on, todos[2].due_on) = (day("2026-11-24"), day("2026-11-26"), day("2026-11-27"));
    todos[1].important = true;
    let mut page = whole(todos);
    let tags = vec![("home".to_owned(), 1)];
    page.info.views = ViewCounts { due: 2, scheduled: 3, important: 1, tags };
    Model::new(page, Scope::default(), None)
}

fn shown(model: &Model) -> Vec<&str> {
    model.shown().into_iter().map(|todo| todo.title.as_str()).collect()
}

#[test]
fn view_shows_what_is_known_at_once_and_is_then_read() {
    let mut model = planned();
    for (scope, titles) in [
        (in_view(View::Today), &["late", "now"][..]),
        (in_view(View::Scheduled), &["late", "now", "soon"]),
        (in_view(View::Important), &["now"]),
        (tagged("HOME"), &["some #home"]),
        (Scope::default().with_text("so"), &["soon", "some #home"]),
        (in_view(View::Today).with_text("LAT"), &["late"]),
        (in_view(View::Scheduled).with_filter(Filter::Completed), &[]),
    ] {
        let step = model.show(scope.clone());
        assert_eq!((shown(&model), model.count.active), (titles.to_vec(), model.count.active), "{scope:?}");
        assert!(step == Step::Rest || matches!(&step, Step::List(read) if read.scope == scope), "{step:?}");
    }
}

#[test]
fn views_without_a_connection_show_all_that_is_loaded() {
    let mut model = planned();
    assert!(is_list(&model.show(in_view(View::Today))));
    model.listed(Err(AppError::Unreachable), &Boxes::default());
    assert_eq!((shown(&model), model.more()), (vec!["late", "now"], None), "nothing is missing");
    make(&mut model, Change::complete(id(1), true));
    assert_eq!(model.answered(Err(AppError::Unreachable)), Step::Pause(0));
    assert_eq!(model.show(Scope::default()), Step::Rest);
    assert_eq!((shown(&model).len(), model.count.active, model.views().due), (4, 3, 1));
    assert_eq!(model.show(in_view(View::Today).with_filter(Filter::Active)), Step::Rest);
    assert_eq!(shown(&model), ["now"]);
    // It is sent when the server answers.
    assert!(matches!(model.end_pause(), Step::Send { is_retry: true, .. }));
}

#[test]
fn what_is_added_in_a_view_belongs_to_it() {
    let title = || TodoTitle::parse("new").unwrap();
    for scope in [in_view(View::Today), in_view(View::Scheduled), in_view(View::Important), tagged("home"), Scope::default()] {
        let mut model = planned();
        model.show(scope.clone());
        let change = model.addition(id(9), title()).unwrap();
        make(&mut model, change);
        assert!(shown(&model).iter().any(|title| title.starts_with("new")), "{scope:?}");
    }
    let mut model = planned();
    model.show(tagged("home"));
    let long = TodoTitle::parse(&"a".repeat(496)).unwrap();
    assert_eq!(model.addition(id(9), long), Err(AppError::Invalid(Field::Title, Rule::NoRoom)));
    // A search does not find it.
    let mut model = planned();
    model.show(Scope::default().with_text("so"));
    reply(&mut model, whole(numbered(&["soon"])));
    let change = model.addition(id(9), title()).unwrap();
    make(&mut model, change);
    assert_eq!(shown(&model), ["soon"]);
    assert!(is_list(&done(&mut model)), "unless the notes or another spelling do");
}

#[test]
fn changes_change_the_numbers_of_the_views_at_once() {
    let mut model = planned();
    let tags = |names: &[(&str, usize)]| names.iter().map(|(name, todos)| ((*name).to_owned(), *todos)).collect::<Vec<_>>();
    make(&mut model, Change::complete(id(1), true));
    make(&mut model, Change::star(id(3), true));
    make(&mut model, rename(4, "some #home", "some #Home #garden"));
    make(&mut model, add(9, "more #HOME"));
    let counts = model.views();
    assert_eq!((counts.due, counts.scheduled, counts.important), (1, 2, 2));
    assert_eq!(counts.tags, tags(&[("home", 2), ("garden", 1)]));
    (0..4).for_each(|_| drop(done(&mut model)));
    assert_eq!(model.views(), counts, "the same when they are saved");
    undo(&mut model);
    assert_eq!(model.views().tags, tags(&[("home", 2)]));
}

#[test]
fn todo_moves_between_the_days_and_out_of_the_view() {
    let mut model = planned();
    model.show(in_view(View::Scheduled));
    let set = |n, from, to| {
        let of = |due_on| TodoPatch { due_on: Some(due_on), ..TodoPatch::default() };
        Change::Edit { id: id(n), patch: of(to), before: of(from) }
    };
    make(&mut model, set(1, day("2026-11-24"), day("2026-12-05")));
    assert_eq!(shown(&model), ["now", "soon", "late"]);
    make(&mut model, set(2, day("2026-11-26"), None));
    assert_eq!((shown(&model), model.count.active), (vec!["soon", "late"], 2));
    undo(&mut model);
    undo(&mut model);
    assert_eq!((shown(&model), model.count.active), (vec!["late", "now", "soon"], 3));
}

#[test]
fn midnight_turns_the_dates_and_moves_what_is_done_out_of_the_way() {
    let mut model = planned();
    make(&mut model, Change::complete(id(1), true));
    done(&mut model);
    assert_eq!((shown(&model).len(), model.count.completed, model.views().due), (4, 1, 1));
    assert!(is_list(&model.turn_day()));
    assert_eq!((shown(&model), model.today), (vec!["now", "soon", "some #home"], day("2026-11-27").unwrap()));
    assert_eq!((model.count.completed, model.count.earlier, model.views().due), (0, 1, 2));
    // An undone completion is back, and done again it is done today.
    model.show(filtered(Filter::Completed));
    assert_eq!(shown(&model), ["late"]);
    undo(&mut model);
    make(&mut model, Change::complete(id(1), true));
    model.show(Scope::default());
    assert_eq!((shown(&model).len(), model.count.completed, model.count.earlier), (4, 1, 0));
}

#[test]
fn bulk_change_is_of_its_view_and_leaves_what_is_out_of_the_way() {
    let mut model = planned();
    model.show(in_view(View::Today));
    make(&mut model, Change::all(Kind::Complete, in_view(View::Today)));
    assert_eq!((completed(&model), model.count.active), (vec![1, 2], 0));
    model.show(Scope::default());
    assert_eq!((model.count.active, model.count.completed), (2, 2));
    undo(&mut model);
    assert_eq!((completed(&model), model.count.active), (vec![], 4));

    let mut page = part(&[1, 2], 1, 1, None);
    (page.todos[1].completed, page.info.earlier) = (true, 7);
    let mut model = Model::new(page, Scope::default(), None);
    make(&mut model, all(Kind::ClearCompleted));
    assert_eq!((titles(&model), model.count.completed, model.count.earlier), (vec!["1"], 0, 7));
    assert!(!model.push(all(Kind::Reopen)), "what was completed earlier is not shown");
    model.show(filtered(Filter::Completed));
    make(&mut model, Change::all(Kind::ClearCompleted, filtered(Filter::Completed)));
    assert_eq!(model.count.earlier, 0);
    undo(&mut model);
    assert_eq!(model.count.earlier, 7);
}

#[test]
fn row_is_dropped_beside_another_in_the_order_of_the_user_only() {
    let mut model = with(&["one", "two", "three", "four"]);
    let drop = |model: &Model, row, beside, below| model.drop_beside(id(row), id(beside), below);
    let after = |change: Option<Change>| change.map(|change| if let Change::Move { after, .. } = change { after } else { None });
    assert_eq!(after(drop(&model, 4, 1, false)), Some(None), "to the start");
    assert_eq!(after(drop(&model, 4, 2, false)), Some(Some(id(1))));
    assert_eq!(after(drop(&model, 1, 3, true)), Some(Some(id(3))));
    for (beside, below) in [(2, false), (2, true), (1, true), (3, false)] {
        assert_eq!(drop(&model, 2, beside, below), None, "it is there already");
    }
    // Several in a row end as they are shown, and are sent in that order.
    let moves = [(4, 1, false), (1, 3, true), (2, 4, false)];
    for (row, beside, below) in moves {
        let change = drop(&model, row, beside, below).unwrap();
        make(&mut model, change);
    }
    assert_eq!(titles(&model), ["two", "four", "three", "one"]);
    assert_eq!(model.queue().iter().map(|change| change.id().unwrap()).collect::<Vec<_>>(), [id(4), id(1), id(2)]);
    undo(&mut model);
    assert_eq!(titles(&model), ["four", "two", "three", "one"]);
    for scope in [in_view(View::Today), in_view(View::Scheduled), filtered(Filter::Completed)] {
        model.show(scope);
        assert_eq!((drop(&model, 4, 1, false), model.places(id(4))), (None, [None, None]));
    }
}
