//! The command line.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Output},
    thread::spawn,
    time::{Duration, Instant},
};

use holdfast::server::config::VARIABLES;

/// Runs the program in an empty folder with only `set` in its environment.
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
fn configuration_errors_are_listed_together_with_exit_code_2() {
    let output = run(&[], &[("JWT_SECRET", "hunter2"), ("DATABASE_URL", "mysql://db"), ("SESSION_TTL", "1h")]);
    let text = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(2));
    for name in ["JWT_SECRET", "DATABASE_URL", "SESSION_TTL"] {
        assert!(text.contains(name), "{text}");
    }
    assert!(!text.contains("hunter2"), "{text}");
    assert!(text.lines().count() == 3 && text.lines().all(|line| line.ends_with("(see `holdfast --help`)")), "{text}");
}

#[test]
fn unknown_argument_exits_with_code_2() {
    assert_eq!(run(&["--nope"], &[]).status.code(), Some(2));
}

#[test]
fn missing_site_is_reported_in_one_sentence() {
    for serve in [&[][..], &["serve"]] {
        let output = run(serve, &[("JWT_SECRET", "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP")]);
        let text = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1));
        assert!(text.contains("there is no built site in target/site: run `make build`"), "{text}");
    }
}

#[test]
fn health_command_reports_the_servers_answer() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let responses = [
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 200 OK\r\n\r\n",
        "HTTP/1.1 503 Service Unavailable\r\n\r\n",
        "SSH-2.0\r\n",
        "",
    ];
    spawn(move || {
        let mut open = Vec::new();
        for response in responses {
            let (mut stream, _) = listener.accept().unwrap();
            let mut request = [0; 15];
            stream.read_exact(&mut request).unwrap();
            assert_eq!(&request, b"GET /livez HTTP");
            stream.write_all(response.as_bytes()).unwrap();
            open.push(stream);
        }
        // Keeps the connections open, so that the client without a response times out.
        std::thread::sleep(Duration::from_secs(30));
    });
    let probe = |address: &str| {
        let output = run(&["health"], &[("LEPTOS_SITE_ADDR", &format!("{address}:{port}"))]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(probe("127.0.0.1"), (Some(0), String::new()));
    assert_eq!(probe("0.0.0.0"), (Some(0), String::new()), "the wildcard address is probed over loopback");
    assert_eq!(probe("[::]"), (Some(0), String::new()), "IPv6 falls back to IPv4");
    for what in ["503", "something else", "nothing"] {
        let start = Instant::now();
        let (code, text) = probe("127.0.0.1");
        assert_eq!(code, Some(1), "{what}: {text}");
        assert!(text.contains(&format!("127.0.0.1:{port}")) && text.lines().count() == 1, "{what}: {text}");
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
    }
}

#[test]
fn health_command_exits_with_1_without_a_server_and_2_without_an_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let refused = run(&["health"], &[("LEPTOS_SITE_ADDR", &free)]);
    assert_eq!(refused.status.code(), Some(1));
    assert!(String::from_utf8(refused.stderr).unwrap().contains("no answer from"));
    assert_eq!(run(&["health"], &[("LEPTOS_SITE_ADDR", "hunter2")]).status.code(), Some(2));
}
