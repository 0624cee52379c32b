//! Accounts by command, for whoever runs the server. Works on the database itself, also while a server runs on it.

use std::io::{self, BufRead, IsTerminal, Write};

use jiff::Timestamp;
use uuid::Uuid;

use crate::{
    domain::{Email, PasswordError, UnixMillis, UserId},
    server::{
        clock::{Clock, SystemClock},
        identity::hash_new_password,
        observability::logging,
        store::{self, CreateUser, DatabaseUrl, NewUser, Role, Store, StoreError, UserChange, UserSummary},
    },
};

/// Accounts that are in memory at once while they are listed.
const PAGE_SIZE: u32 = 500;

/// What is to be done.
pub enum Task {
    List,
    Create(Email),
    SetPassword(Email),
    SignOut(Email),
    Disable(Email),
    Enable(Email),
    Delete {
        email: Email,
        /// Whether to do it without asking.
        confirmed: bool,
    },
}

/// Does it, and says so on standard output.
///
/// # Errors
/// A sentence that says why not, and what to do.
pub async fn run(task: Task, database: &DatabaseUrl) -> Result<(), String> {
    logging::start_for_commands();
    // Else a mistyped address would look like a server without accounts.
    if !matches!(task, Task::Create(_)) && !database.exists() {
        return Err("there is no such database: set DATABASE_URL to the one of the server".to_owned());
    }
    let store = store::connect(database, Role::Operator).await?;
    let now = SystemClock.now();
    match task {
        Task::List => list(&*store).await,
        Task::Create(email) => create(&*store, email, now).await,
        Task::SetPassword(email) => {
            find(&*store, &email).await?;
            let hash = new_password(&email)?;
            change(&*store, &email, UserChange::Password(hash), "has the new password, and is signed out everywhere").await
        }
        Task::SignOut(email) => change(&*store, &email, UserChange::SignOut, "is signed out everywhere").await,
        Task::Disable(email) => change(&*store, &email, UserChange::Disable, "is disabled, and signed out everywhere").await,
        Task::Enable(email) => change(&*store, &email, UserChange::Enable, "is enabled").await,
        Task::Delete { email, confirmed } => {
            let user = find(&*store, &email).await?;
            if !confirmed {
                confirm(&user)?;
            }
            change(&*store, &email, UserChange::Delete, "is deleted, with all todos").await
        }
    }
}

/// The column that can be of any width comes last, so that each line can be written at once.
async fn list(store: &dyn Store) -> Result<(), String> {
    let mut out = io::stdout().lock();
    let mut text = format!("{:<10}  {:<8}  {:>7}  E-MAIL\n", "CREATED", "STATE", "TODOS");
    let mut after = None;
    loop {
        let users = store.list_users(after.as_ref(), PAGE_SIZE).await.map_err(store_error)?;
        text.extend(users.iter().map(table_row));
        match out.write_all(text.as_bytes()) {
            // Whoever reads has seen enough.
            Err(error) if error.kind() == io::ErrorKind::BrokenPipe => return Ok(()),
            written => written.map_err(|error| format!("can't write the list: {error}"))?,
        }
        let Some(last) = users.last() else { return Ok(()) };
        after = Some(last.email.clone());
        text.clear();
    }
}

fn table_row(UserSummary { email, created_at, disabled_at, todos }: &UserSummary) -> String {
    let state = if disabled_at.is_some() { "disabled" } else { "active" };
    format!("{:<10}  {state:<8}  {todos:>7}  {}\n", day(*created_at), email.as_str())
}

/// The day of a moment, UTC.
fn day(UnixMillis(at): UnixMillis) -> String {
    Timestamp::from_millisecond(at).map_or_else(|_| "?".to_owned(), |at| at.strftime("%Y-%m-%d").to_string())
}

async fn create(store: &dyn Store, email: Email, created_at: UnixMillis) -> Result<(), String> {
    let taken = || format!("{} has an account already: `holdfast user set-password` gives it another password", email.as_str());
    if store.find_user(&email).await.map_err(store_error)?.is_some() {
        return Err(taken());
    }
    let password_hash = new_password(&email)?;
    let user = NewUser { id: UserId::from(Uuid::now_v7()), email: email.clone(), password_hash, created_at };
    match store.create_user(user).await.map_err(store_error)? {
        CreateUser::Created(_) => print_line(&format!("{} has an account now.", email.as_str())),
        CreateUser::EmailTaken => Err(taken()),
    }
}

async fn find(store: &dyn Store, email: &Email) -> Result<UserSummary, String> {
    store.find_user(email).await.map_err(store_error)?.ok_or_else(|| no_account(email))
}

async fn change(store: &dyn Store, email: &Email, change: UserChange, done: &str) -> Result<(), String> {
    if store.change_user(email, change, SystemClock.now()).await.map_err(store_error)? {
        print_line(&format!("{} {done}.", email.as_str()))
    } else {
        Err(no_account(email))
    }
}

/// The PHC string of a password that is asked for, by the rules of the site.
fn new_password(email: &Email) -> Result<String, String> {
    hash_new_password(&read_password()?, email).map_err(password_error)
}

/// Twice without showing it; or, from a pipe, one line. Never from the arguments: those are in the list of processes and in
/// the shell's history.
fn read_password() -> Result<String, String> {
    let password = read_secret("New password: ")?;
    if io::stdin().is_terminal() && read_secret("The same again: ")? != password {
        return Err("the two are not the same: nothing was changed".to_owned());
    }
    Ok(password)
}

/// A line that is not shown where it is typed.
pub(super) fn read_secret(prompt: &str) -> Result<String, String> {
    let fault = |error: io::Error| format!("can't read what is to be typed: {error}");
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map_err(fault);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(fault)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn confirm(user: &UserSummary) -> Result<(), String> {
    if !io::stdin().is_terminal() {
        return Err("nobody is there to be asked: say --yes to delete it without asking".to_owned());
    }
    eprint!("Delete {} and {} todos for good? Type yes: ", user.email.as_str(), user.todos);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| format!("can't read the answer: {error}"))?;
    if answer.trim() == "yes" { Ok(()) } else { Err("nothing was deleted".to_owned()) }
}

/// # Errors
/// When nobody can read it.
pub(super) fn print_line(sentence: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{sentence}").map_err(|error| format!("it is done, but that can't be written: {error}"))
}

fn no_account(email: &Email) -> String {
    format!("{} has no account: `holdfast user list` shows all", email.as_str())
}

fn store_error(error: StoreError) -> String {
    match error {
        StoreError::Unavailable => "the database is busy or can't be written: try again, as the user that the server runs as",
        StoreError::SessionEnded | StoreError::Broken => "the database failed: the line above says how",
    }
    .to_owned()
}

fn password_error(error: PasswordError) -> String {
    match error {
        PasswordError::TooShort => "the password is too short: it must have at least 8 characters",
        PasswordError::TooLong => "the password is too long: it may have 128 characters",
        PasswordError::Guessable(_) => "the password is easy to guess: three or four unrelated words are good",
    }
    .to_owned()
}
