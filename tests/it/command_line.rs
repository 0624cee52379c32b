//! The program as an operator starts it.

use std::process::{Command, Output};

use holdfast::server::config::VARIABLES;

/// Runs the program in an empty folder with nothing in its environment but `set`.
fn run(arguments: &[&str], set: &[(&str, &str)]) -> Output {
    let folder = tempfile::tempdir().unwrap();
    let mut command = Command::new(env!("CARGO_BIN_EXE_holdfast"));
    command.env_clear().envs(set.iter().copied()).args(arguments).current_dir(folder.path()).output().unwrap()
}

#[test]
fn help_explains_every_variable() {
    let output = run(&["--help"], &[]);
    let text = String::from_utf8(output.stdout).unwrap();
    assert!(output.status.success());
    for variable in VARIABLES {
        assert!(text.contains(variable.name) && variable.help.lines().all(|line| text.contains(line)), "{}", variable.name);
    }
}

#[test]
fn faults_of_the_configuration_are_told_all_at_once_with_exit_code_2() {
    let output = run(&[], &[("JWT_SECRET", "hunter2"), ("DATABASE_URL", "mysql://db"), ("SESSION_TTL", "1h")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in ["JWT_SECRET", "DATABASE_URL", "SESSION_TTL"] {
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
}

#[test]
fn unknown_argument_is_refused_with_exit_code_2() {
    assert_eq!(run(&["--nope"], &[]).status.code(), Some(2));
}

#[test]
fn missing_site_is_told_in_a_sentence() {
    for serve in [&[][..], &["serve"]] {
        let output = run(serve, &[("JWT_SECRET", "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP")]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains("there is no built site in target/site: run `make build`"), "{text}");
    }
}
