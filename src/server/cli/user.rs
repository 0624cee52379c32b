//! `holdfast user`: manages accounts directly in the database, also while a server runs.

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

const PAGE_SIZE: u32 = 500;

pub enum Task {
    List,
    Create(Email),
    SetPassword(Email),
    SignOut(Email),
    Disable(Email),
    Enable(Email),
    Delete {
        email: Email,
        /// Skips the confirmation.
        confirmed: bool,
    },
}

/// Runs `task` and prints the result to standard output.
///
/// # Errors
/// A sentence with the cause and the remedy.
pub async fn run(task: Task, database: &DatabaseUrl) -> Result<(), String> {
    logging::start_for_commands();
    // A mistyped URL must not look like a server without accounts.
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

/// Streams the list; the only column of unbounded width comes last.
async fn list(store: &dyn Store) -> Result<(), String> {
    let mut out = io::stdout().lock();
    let mut text = format!("{:<10}  {:<8}  {:>7}  E-MAIL\n", "CREATED", "STATE", "TODOS");
    let mut after = None;
    loop {
        let users = store.list_users(after.as_ref(), PAGE_SIZE).await.map_err(store_error)?;
        text.extend(users.iter().map(table_row));
        match out.write_all(text.as_bytes()) {
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

/// In UTC.
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

/// Reads a password, applies the rules of the site, and returns its PHC string.
fn new_password(email: &Email) -> Result<String, String> {
    hash_new_password(&read_password()?, email).map_err(password_error)
}

/// Twice from a terminal, or one line from a pipe. Arguments are not accepted: they show in the process list and in the shell's
/// history.
fn read_password() -> Result<String, String> {
    let password = read_secret("New password: ")?;
    if io::stdin().is_terminal() && read_secret("Repeat the password: ")? != password {
        return Err("the passwords differ: nothing was changed".to_owned());
    }
    Ok(password)
}

/// Reads a line without echo.
pub(super) fn read_secret(prompt: &str) -> Result<String, String> {
    let fault = |error: io::Error| format!("can't read the input: {error}");
    if io::stdin().is_terminal() {
        return rpassword::prompt_password(prompt).map_err(fault);
    }
    let mut line = String::new();
    io::stdin().lock().read_line(&mut line).map_err(fault)?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

fn confirm(user: &UserSummary) -> Result<(), String> {
    if !io::stdin().is_terminal() {
        return Err("standard input is not a terminal: use --yes to delete without confirmation".to_owned());
    }
    eprint!("Permanently delete {} and {} todos? Type yes: ", user.email.as_str(), user.todos);
    let mut answer = String::new();
    io::stdin().lock().read_line(&mut answer).map_err(|error| format!("can't read the answer: {error}"))?;
    if answer.trim() == "yes" { Ok(()) } else { Err("nothing was deleted".to_owned()) }
}

pub(super) fn print_line(sentence: &str) -> Result<(), String> {
    writeln!(io::stdout(), "{sentence}").map_err(|error| format!("done, but the result can't be written: {error}"))
}

fn no_account(email: &Email) -> String {
    format!("{} has no account: `holdfast user list` lists all accounts", email.as_str())
}

fn store_error(error: StoreError) -> String {
    match error {
        StoreError::Unavailable => "the database is busy or not writable: try again, as the system user of the server",
        StoreError::SessionEnded | StoreError::Broken => "the database failed: see the line above",
    }
    .to_owned()
}

fn password_error(error: PasswordError) -> String {
    match error {
        PasswordError::TooShort => "the password is too short: use at least 8 characters",
        PasswordError::TooLong => "the password is too long: use at most 128 characters",
        PasswordError::Guessable(_) => "the password is easy to guess: use three or four unrelated words",
    }
    .to_owned()
}
