//! The command line: `holdfast` serves the site until it is told to stop.

use std::{process::ExitCode, thread::available_parallelism};

use clap::Command;
use holdfast::server::{config, serve};

/// The configuration is at fault (as with clap, when the arguments are).
const USAGE_FAULT: u8 = 2;

fn main() -> ExitCode {
    Command::new("holdfast")
        .version(env!("CARGO_PKG_VERSION"))
        .about("A todo app for many people: the web site, its backend and the REST API in one program.")
        .after_help(config::help())
        .get_matches();

    let config = match config::Config::from_env() {
        Ok(config) => config,
        Err(faults) => {
            for fault in faults {
                eprintln!("holdfast: {fault}");
            }
            eprintln!("holdfast: `holdfast --help` explains each variable.");
            return USAGE_FAULT.into();
        }
    };
    // Leptos needs two threads even on one core: with one it can wait for itself (leptos-rs/leptos#4647).
    let threads = available_parallelism().map_or(2, |cores| cores.get().max(2));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(threads).enable_all().build();
    match runtime.map_err(|error| format!("can't start threads: {error}")).and_then(|runtime| runtime.block_on(serve(config))) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("holdfast: {error}");
            ExitCode::FAILURE
        }
    }
}
