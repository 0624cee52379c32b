//! The program as an operator starts it.

use std::{
    io::{Read, Write},
    net::TcpListener,
    process::{Command, Output},
    thread::spawn,
    time::{Duration, Instant},
};

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
    // The last one says nothing.
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
            let mut asked = [0; 15];
            stream.read_exact(&mut asked).unwrap();
            assert_eq!(&asked, b"GET /livez HTTP");
            stream.write_all(response.as_bytes()).unwrap();
            open.push(stream);
        }
        // Whoever gets none waits, and not for a closed connection.
        std::thread::sleep(Duration::from_secs(30));
    });
    let ask = |address: &str| {
        let output = run(&["health"], &[("LEPTOS_SITE_ADDR", &format!("{address}:{port}"))]);
        (output.status.code(), String::from_utf8(output.stderr).unwrap())
    };
    assert_eq!(ask("127.0.0.1"), (Some(0), String::new()));
    assert_eq!(ask("0.0.0.0"), (Some(0), String::new()), "who listens everywhere is asked at loopback's address");
    assert_eq!(ask("[::]"), (Some(0), String::new()), "and where there is no IPv6, at that of IPv4");
    for what in ["503", "something else", "nothing"] {
        let start = Instant::now();
        let (code, text) = ask("127.0.0.1");
        assert_eq!(code, Some(1), "{what}: {text}");
        assert!(text.contains(&format!("127.0.0.1:{port}")) && text.lines().count() == 1, "{what}: {text}");
        assert!(start.elapsed() < Duration::from_secs(10), "{what}");
    }
}

#[test]
fn health_command_exits_with_1_without_a_server_and_2_without_an_address() {
    let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string();
    let nobody = run(&["health"], &[("LEPTOS_SITE_ADDR", &free)]);
    assert_eq!(nobody.status.code(), Some(1));
    assert!(String::from_utf8(nobody.stderr).unwrap().contains("no answer from"));
    assert_eq!(run(&["health"], &[("LEPTOS_SITE_ADDR", "hunter2")]).status.code(), Some(2));
}
