//! The command line: `serve` is the default, and the other commands are for the operator. May import all of `server`.

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

/// For an invalid configuration; clap uses the same code for invalid arguments.
const USAGE_FAULT: u8 = 2;

/// Runs the command that the arguments of the process name.
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
    let yes = Arg::new("yes").long("yes").action(ArgAction::SetTrue).help("Delete without confirmation");
    let user = Command::new("user")
        .about("Manage accounts; works while a server runs, and needs DATABASE_URL only")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new("list").about("List all accounts: creation date, state, number of todos, e-mail"))
        .subcommand(on_account("create", "Create an account; asks for the password, or reads it from standard input"))
        .subcommand(on_account("set-password", "Set the password of an account, and end its sessions"))
        .subcommand(on_account("sign-out", "End every session and token of an account"))
        .subcommand(on_account("disable", "Block sign-in to an account, and end its sessions"))
        .subcommand(on_account("enable", "Undo disable"))
        .subcommand(on_account("delete", "Permanently delete an account and its todos").arg(yes));
    let path = PathBufValueParser::new().try_map(|path| check_path(&path).map(|()| path));
    let file = |help: &'static str| Arg::new("file").value_name("FILE").required(true).value_parser(path.clone()).help(help);
    let url = |name: &'static str, help: &'static str| {
        Arg::new(name).long(name).value_name("URL").value_parser(DatabaseUrl::parse).help(help)
    };
    let force = Arg::new("force").long("force").action(ArgAction::SetTrue).help("Replace an existing database, which is kept");
    Command::new("holdfast")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A multi-user todo app: web site, backend and REST API in one program.")
        .after_help(config::help())
        .subcommand(Command::new("serve").about("Serve the site (the default command)"))
        .subcommand(
            Command::new("health").about("Check that the server at LEPTOS_SITE_ADDR is alive; the exit code is 0 if so, else 1"),
        )
        .subcommand(user)
        .subcommand(
            Command::new("backup")
                .about("Back up the SQLite database to a new file; works while a server runs")
                .arg(file("A file that does not exist yet")),
        )
        .subcommand(
            Command::new("restore")
                .about("Restore the SQLite database from a backup; no server may run on it")
                .arg(file("A file written by `holdfast backup`"))
                .arg(force),
        )
        .subcommand(
            Command::new("copy")
                .about("Copy all data to another database, for example from SQLite to Postgres; no server may run on either")
                .arg(url("from", "Source database [default: DATABASE_URL]"))
                .arg(url("to", "Target database, which must be empty [default: read from standard input]"))
                .after_help("Do not pass a URL with a password as an argument: every user of this machine can read it."),
        )
        .subcommand(
            Command::new("migrate")
                .about("Inspect the database schema; the server applies migrations when it starts")
                .subcommand_required(true)
                .arg_required_else_help(true)
                .subcommand(Command::new("status").about("List the migrations and their state")),
        )
}

fn parse_email(text: &str) -> Result<Email, &'static str> {
    mail_address::parse(text).map_err(|_| "not an e-mail address such as name@example.org")
}

fn file(arguments: &ArgMatches) -> PathBuf {
    arguments.get_one::<PathBuf>("file").expect("a required argument").clone()
}

fn with_database(work: impl FnOnce(DatabaseUrl) -> Result<(), String>) -> ExitCode {
    match Config::database_from_env() {
        Ok(database) => outcome(work(database)),
        Err(fault) => misconfigured(&[fault]),
    }
}

fn task(user: &ArgMatches) -> Task {
    let (name, arguments) = user.subcommand().expect("a required subcommand");
    let email = || arguments.get_one::<Email>("email").expect("a required argument").clone();
    match name {
        "list" => Task::List,
        "create" => Task::Create(email()),
        "set-password" => Task::SetPassword(email()),
        "sign-out" => Task::SignOut(email()),
        "disable" => Task::Disable(email()),
        "enable" => Task::Enable(email()),
        "delete" => Task::Delete { email: email(), confirmed: arguments.get_flag("yes") },
        _ => unreachable!("clap rejects other subcommands"),
    }
}

fn block_on(work: impl Future<Output = Result<(), String>>) -> Result<(), String> {
    // Leptos can deadlock on a single thread (leptos-rs/leptos#4647).
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
