//! Graceful shutdown with clients in every state.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    process::Command,
    thread::sleep,
    time::{Duration, Instant},
};

use crate::support::{Program, RawResponse, read_to_end};

/// Larger than all socket buffers together.
const LONG: usize = 64 * 1024 * 1024;

/// Resets SIGHUP, which is ignored when the tests run under `nohup`.
const AT_A_TERMINAL: &str = "exec env --default-signal=HUP \"$0\"";

/// A sign-up whose head has been received. Returns the connection and the body to send.
fn begun_sign_up(program: &Program, nth: usize) -> (TcpStream, String) {
    let body = format!("email=ann{nth}%40example.org&password=correct+horse+battery+staple");
    let (origin, length) = (program.origin(), body.len());
    let mut client = program.connect(format!(
        "POST /bff/sign_up HTTP/1.1\r\nhost: x\r\norigin: {origin}\r\naccept: text/html\r\nexpect: 100-continue\r\n\
         content-type: application/x-www-form-urlencoded\r\ncontent-length: {length}\r\n\r\n"
    ));
    let mut interim = [0; "HTTP/1.1 100 Continue\r\n\r\n".len()];
    client.read_exact(&mut interim).unwrap();
    assert!(interim.starts_with(b"HTTP/1.1 100"));
    (client, body)
}

/// A client that reads only the beginning of a long response.
fn slow_reader(program: &Program) -> TcpStream {
    fs::write(program.folder.path().join("target/site/pkg/long.js"), vec![b'x'; LONG]).unwrap();
    let mut reader = program.connect("GET /pkg/long.js HTTP/1.1\r\nhost: x\r\n\r\n");
    let mut beginning = [0; 12];
    reader.read_exact(&mut beginning).unwrap();
    assert_eq!(&beginning, b"HTTP/1.1 200");
    reader
}

/// A client with an idle keep-alive connection.
fn idle_client(program: &Program) -> TcpStream {
    let mut client = program.connect("GET /livez HTTP/1.1\r\nhost: x\r\n\r\n");
    let mut response = Vec::new();
    while !response.ends_with(b"alive\n") {
        let mut byte = [0];
        client.read_exact(&mut byte).unwrap();
        response.extend(byte);
    }
    client
}

fn wait_until_draining(program: &Program) {
    let start = Instant::now();
    while !program.refuses_connections() {
        assert!(start.elapsed() < Duration::from_secs(5), "it still accepts connections: {}", program.output());
        sleep(Duration::from_millis(5));
    }
}

///
#[test]
fn requests_in_flight_complete_and_the_drain_ends_at_the_deadline() {
    let mut program = Program::start(&[("RATE_LIMITS", "off")]);
    let (mut silent, mut idle) = (program.connect(""), idle_client(&program));
    let _half_sent = program.connect("GET /livez HTTP/1.1\r\nhost: x\r\n");
    let mut probe = program.connect("GET /readyz HTTP/1.1\r\nhost: x\r\n");
    let _slow = slow_reader(&program);
    let mut sign_ups: Vec<_> = (0..6).map(|nth| begun_sign_up(&program, nth)).collect();
    let send = |(client, body): &mut (TcpStream, String)| client.write_all(body.as_bytes()).unwrap();
    sign_ups[..3].iter_mut().for_each(send);

    program.signal("TERM");
    let start = Instant::now();
    wait_until_draining(&program);
    sign_ups[3..].iter_mut().for_each(send);
    probe.write_all(b"\r\n").unwrap();
    let response = RawResponse::parse(&read_to_end(&mut probe));
    assert_eq!((response.status, response.body.as_str()), (503, "draining: the program is stopping\n"));
    assert_eq!((read_to_end(&mut silent), read_to_end(&mut idle)), (String::new(), String::new()));
    for (mut client, _) in sign_ups {
        let response = RawResponse::parse(&read_to_end(&mut client));
        assert!(
            response.status == 303 && response.header("location") == "/signed-in?next=/todos" && !response.cookie().is_empty(),
            "{}",
            response.head
        );
    }
    assert!(start.elapsed() < Duration::from_secs(9), "the slow reader delayed other responses: {:?}", start.elapsed());

    assert_eq!(program.wait().code(), Some(0));
    let seconds = start.elapsed().as_secs_f32();
    assert!((9.0..15.0).contains(&seconds), "{seconds} s");
    assert!(program.output().contains("closed connections that did not finish in time"), "{}", program.output());
}

///
#[test]
fn slow_reader_gets_the_whole_response_before_the_exit() {
    let mut program = Program::start(&[]);
    let mut reader = slow_reader(&program);
    program.signal("TERM");
    wait_until_draining(&program);
    let start = Instant::now();
    assert!(read_to_end(&mut reader).len() > LONG);
    assert_eq!(program.wait().code(), Some(0));
    assert!(start.elapsed() < Duration::from_secs(9), "{:?}", start.elapsed());
}

///
#[test]
fn idle_server_exits_at_once() {
    for signal in ["TERM", "INT", "HUP"] {
        let mut program = Program::start_with_shell(AT_A_TERMINAL, &[("METRICS_ADDR", "127.0.0.1:0")]);
        let _idle = (idle_client(&program), program.connect(""));
        let start = Instant::now();
        program.signal(signal);
        assert_eq!(program.wait().code(), Some(0));
        assert!(start.elapsed() < Duration::from_secs(3), "{signal}: {:?}", start.elapsed());
        let printed = program.output();
        assert!(printed.contains("sys_shutdown") && !printed.contains("closed connections"), "{printed}");
    }
}

///
#[test]
fn second_signal_stops_at_once_and_keeps_acknowledged_writes() {
    for (first, second) in [("TERM", "TERM"), ("TERM", "INT")] {
        let mut program = Program::start(&[("RATE_LIMITS", "off")]);
        let (mut client, body) = begun_sign_up(&program, 7);
        client.write_all(format!("{body}GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").as_bytes()).unwrap();
        assert!(read_to_end(&mut client).starts_with("HTTP/1.1 303"));
        let _slow = slow_reader(&program);
        let mut hashing: Vec<_> = (20..40).map(|nth| begun_sign_up(&program, nth)).collect();
        for (client, body) in &mut hashing {
            client.write_all(body.as_bytes()).unwrap();
        }
        program.signal(first);
        wait_until_draining(&program);
        let start = Instant::now();
        program.signal(second);
        assert_eq!(program.wait().code(), Some(0));
        assert!(start.elapsed() < Duration::from_secs(3), "{first} {second}: {:?}", start.elapsed());
        assert!(program.output().contains("stopping at once"), "{}", program.output());

        let mut list = Command::new(env!("CARGO_BIN_EXE_holdfast"));
        let list = list.args(["user", "list"]).env_clear().current_dir(program.folder.path()).output().unwrap();
        let printed = String::from_utf8([list.stdout, list.stderr].concat()).unwrap();
        assert!(list.status.success() && printed.contains("ann7@example.org"), "{printed}");
    }
}

/// Closing a terminal sends SIGHUP more than once.
#[test]
fn repeated_hangup_does_not_cut_the_drain_short() {
    let mut program = Program::start_with_shell(AT_A_TERMINAL, &[("RATE_LIMITS", "off")]);
    let (mut client, body) = begun_sign_up(&program, 1);
    program.signal("HUP");
    wait_until_draining(&program);
    program.signal("HUP");
    sleep(Duration::from_millis(200));
    client.write_all(body.as_bytes()).unwrap();
    assert!(read_to_end(&mut client).starts_with("HTTP/1.1 303"));
    assert_eq!(program.wait().code(), Some(0));
    assert!(!program.output().contains("stopping at once"), "{}", program.output());
}

#[test]
fn program_under_nohup_ignores_hangup() {
    let mut program = Program::start_with_shell("exec nohup \"$0\"", &[]);
    program.signal("HUP");
    sleep(Duration::from_millis(300));
    program.check_livez();
    assert_eq!(program.stop().code(), Some(0));
}
