//! The command line: `holdfast` serves the site until it is told to stop; the rest is for whoever runs it. May import all of
//! `server`.

mod database;
mod health;
mod serve;
mod user;

use std::{path::PathBuf, process::ExitCode, thread::available_parallelism};

use clap::{
    Arg, ArgAction, ArgMatches, Command,
    builder::{PathBufValueParser, TypedValueParser},
};

use self::user::Task;
use super::{
    config::{self, Config},
    mail_address,
    store::{DatabaseUrl, check_path},
};
use crate::domain::Email;

/// The configuration is at fault (as with clap, when the arguments are).
const USAGE_FAULT: u8 = 2;

/// Does what the arguments of the process say.
#[must_use]
pub fn run() -> ExitCode {
    match command().get_matches().subcommand() {
        Some(("user", user)) => with_database(|database| block_on(user::run(task(user), &database))),
        Some(("backup", arguments)) => {
            with_database(|database| block_on(database::run(database::Task::Backup(file(arguments)), &database)))
        }
        Some(("restore", arguments)) => with_database(|database| {
            let task = database::Task::Restore { file: file(arguments), force: arguments.get_flag("force") };
            block_on(database::run(task, &database))
        }),
        Some(("migrate", _)) => with_database(|database| block_on(database::run(database::Task::MigrationStatus, &database))),
        Some(("copy", arguments)) => {
            let url = |name| arguments.get_one::<DatabaseUrl>(name).cloned();
            let copy = |from| block_on(database::copy(&from, url("to")));
            url("from").map_or_else(|| with_database(copy), |from| outcome(copy(from)))
        }
        Some(("health", _)) => match Config::address_from_env() {
            Ok(address) => outcome(health::check(address)),
            Err(fault) => misconfigured(&[fault]),
        },
        _ => match Config::from_env() {
            Ok(config) => outcome(block_on(serve::serve(config))),
            Err(faults) => misconfigured(&faults),
        },
    }
}

fn command() -> Command {
    let email = || Arg::new("email").value_name("E-MAIL").required(true).value_parser(parse_email);
    let on_account = |name: &'static str, about: &'static str| Command::new(name).about(about).arg(email());
    let yes = Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("Delete without asking");
    let user = Command::new("user")
        .about("Accounts; works while a server runs, and needs DATABASE_URL only")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("list").about("Print all accounts: since when, state, number of todos, e-mail"))
        .subcommand(on_account("create", "Make an account; asks for the password, or reads it from standard input"))
        .subcommand(on_account("set-password", "Give an account another password, and end its sessions"))
        .subcommand(on_account("sign-out", "End every session and token of an account"))
        .subcommand(on_account("disable", "Let nobody into an account, and end its sessions"))
        .subcommand(on_account("enable", "Undo disable"))
        .subcommand(on_account("delete", "Delete an account with all of its todos, for good").arg(yes));
    let path = PathBufValueParser::new().try_map(|path| check_path(&path).map(|()| path));
    let file = |help: &'static str| Arg::new("file").value_name("FILE").required(true).value_parser(path.clone()).help(help);
    let url = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("URL").value_parser(DatabaseUrl::parse).help(help)
    };
    let force =
        Arg::new("force").long("force").action(ArgAction::SetTrue).help("Put it in the place of a database that is there");
    Command::new("holdfast")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A todo app for many people: the web site, its backend and the REST API in one program.")
        .after_help(config::help())
        .subcommand(Command::new("serve").about("Serve the site; so does no command at all"))
        .subcommand(
            Command::new("health")
                .about("Ask the server at LEPTOS_SITE_ADDR whether it is alive; ends with 0 if so, else with 1"),
        )
        .subcommand(user)
        .subcommand(
            Command::new("backup")
                .about("Write a whole copy of the SQLite database to a new file; works while a server runs")
                .arg(file("A file that does not exist yet")),
        )
        .subcommand(
            Command::new("restore")
                .about("Put a backup in the place of the SQLite database; no server may run on it")
                .arg(file("What `holdfast backup` wrote"))
                .arg(force),
        )
        .subcommand(
            Command::new("copy")
                .about("Copy everything into another database, as from SQLite to Postgres; no server may run on either")
                .arg(url("from", "Where everything is; unset, DATABASE_URL"))
                .arg(url("to", "Where it is to be; this one must be empty. Unset, a line of standard input says so"))
                .after_help("A URL with a password should not be an argument: everybody on this machine can read those."),
        )
        .subcommand(
            Command::new("migrate")
                .about("The schema of the database; the server brings it up to date when it starts")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(Command::new("status").about("Print which migrations the database has")),
        )
}

/// What is wrong with an address is said by clap.
fn parse_email(text: &str) -> Result<Email, &'static str> {
    mail_address::parse(text).map_err(|_| "it is no e-mail address, as in name@example.org")
}

fn file(arguments: &ArgMatches) -> PathBuf {
    arguments.get_one::<PathBuf>("file").expect("clap insists on it").clone()
}

/// Does it to the one that `DATABASE_URL` names.
fn with_database(work: impl FnOnce(DatabaseUrl) -> Result<(), String>) -> ExitCode {
    match Config::database_from_env() {
        Ok(database) => outcome(work(database)),
        Err(fault) => misconfigured(&[fault]),
    }
}

fn task(user: &ArgMatches) -> Task {
    let (name, arguments) = user.subcommand().expect("clap insists on one");
    let email = || arguments.get_one::<Email>("email").expect("clap insists on it").clone();
    match name {
        "list" => Task::List,
        "create" => Task::Create(email()),
        "set-password" => Task::SetPassword(email()),
        "sign-out" => Task::SignOut(email()),
        "disable" => Task::Disable(email()),
        "enable" => Task::Enable(email()),
        "delete" => Task::Delete { email: email(), confirmed: arguments.get_flag("yes") },
        _ => unreachable!("clap knows no other"),
    }
}

fn block_on(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    // Leptos needs two threads even on one core: with one it can wait for itself (leptos-rs/leptos#4647).
    let threads = available_parallelism().map_or(2, |cores| cores.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    runtime.map_err(|error| format!("can't start threads: {error}"))?.block_on(work)
}

fn outcome(done: Result<(), String>) -> ExitCode {
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast: {error}");
            ExitCode::FAILURE
        }
    }
}

fn misconfigured(faults: &[String]) -> ExitCode {
    for fault in faults {
        eprintln!("holdfast: {fault} (see `holdfast --help`)");
    }
    USAGE_FAULT.into()
}
