//! The command line: `holdfast` serves the site until it is told to stop, `holdfast user` is for accounts, `holdfast health`
//! for containers.

use std::{process::ExitCode, thread::available_parallelism};

use clap::{Arg, ArgAction, ArgMatches, Command};
use holdfast::{
    domain::Email,
    server::{
        config::{self, Config},
        operator::{self, Task},
        probe, serve,
    },
};

/// The configuration is at fault (as with clap, when the arguments are).
const USAGE_FAULT: u8 = 2;

fn main() -> ExitCode {
    match command().get_matches().subcommand() {
        Some(("user", user)) => match Config::database_from_env() {
            Ok(database) => outcome(block_on(operator::run(task(user), &database))),
            Err(fault) => misconfigured(&[fault]),
        },
        Some(("health", _)) => match Config::address_from_env() {
            Ok(address) => outcome(probe::check(address)),
            Err(fault) => misconfigured(&[fault]),
        },
        _ => match Config::from_env() {
            Ok(config) => outcome(block_on(serve(config))),
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
        .subcommand(on_account("disable", "Let nobody into an account, and end its sessions"))
        .subcommand(on_account("enable", "Undo disable"))
        .subcommand(on_account("delete", "Delete an account with all of its todos, for good").arg(yes));
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
}

/// What is wrong with an address is said by clap.
fn parse_email(text: &str) -> Result<Email, &'static str> {
    Email::parse(text).map_err(|_| "it is no e-mail address, as in name@example.org")
}

fn task(user: &ArgMatches) -> Task {
    let (name, arguments) = user.subcommand().expect("clap insists on one");
    let email = || arguments.get_one::<Email>("email").expect("clap insists on it").clone();
    match name {
        "list" => Task::List,
        "create" => Task::Create(email()),
        "set-password" => Task::SetPassword(email()),
        "disable" => Task::Disable(email()),
        "enable" => Task::Enable(email()),
        "delete" => Task::Delete { email: email(), sure: arguments.get_flag("yes") },
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
        eprintln!("holdfast: {fault}");
    }
    eprintln!("holdfast: `holdfast --help` explains each variable.");
    USAGE_FAULT.into()
}
