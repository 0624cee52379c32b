//! Slow, numerous, greedy and disconnected clients over real sockets.

use std::{
    io::{Read, Write},
    net::{Shutdown, TcpStream},
    thread::{scope, sleep},
    time::{Duration, Instant},
};

use crate::support::{LIVEZ_REQUEST, Program, read_to_end, token_request};

const FORM: &str = "host: 127.0.0.1:3000\r\nsec-fetch-site: same-origin\r\ncontent-type: application/x-www-form-urlencoded\r\n";
const JSON: &str = "host: x\r\ncontent-type: application/json\r\n";

/// Sends the bytes every 500 ms until the server responds or closes the connection. Returns the response.
fn drip(mut stream: TcpStream, byte: &[u8]) -> String {
    let start = Instant::now();
    while stream.write_all(byte).is_ok() {
        assert!(start.elapsed() < Duration::from_secs(40), "the connection is never dropped");
        sleep(Duration::from_millis(500));
        stream.set_nonblocking(true).unwrap();
        let has_response = stream.peek(&mut [0]).is_ok();
        stream.set_nonblocking(false).unwrap();
        if has_response {
            break;
        }
    }
    read_to_end(&mut stream)
}

///
#[test]
fn slow_clients_are_dropped_without_delaying_others() {
    let program = Program::start(&[]);
    let head = "GET /livez HTTP/1.1\r\nhost: x\r\n";
    let form = format!("POST /bff/sign_in HTTP/1.1\r\n{FORM}");
    let json = format!("POST /api/v1/token HTTP/1.1\r\n{JSON}");
    let (long, chunked) = ("content-length: 1000\r\n\r\n", "transfer-encoding: chunked\r\n\r\n");
    scope(|scope| {
        let timed = |what: &'static str, status: &'static str, client: &dyn Fn() -> String| {
            let start = Instant::now();
            let response = client();
            let seconds = start.elapsed().as_secs_f32();
            assert!(response.starts_with(status) && response.is_empty() == status.is_empty(), "{what}: {response}");
            assert!((9.0..20.0).contains(&seconds), "{what}: {seconds} s");
        };
        let program = &program;
        let (form, json) = (&form, &json);
        scope.spawn(move || timed("sends nothing", "", &|| read_to_end(&mut program.connect(""))));
        scope.spawn(move || timed("might be HTTP/2", "", &|| read_to_end(&mut program.connect("P"))));
        scope.spawn(move || timed("stops in the head", "", &|| read_to_end(&mut program.connect(head))));
        scope.spawn(move || timed("drips its head", "", &|| drip(program.connect(head), b"x")));
        scope.spawn(move || timed("is idle", "HTTP/1.1 200", &|| read_to_end(&mut program.connect(format!("{head}\r\n")))));
        let late = "HTTP/1.1 408";
        scope.spawn(move || timed("sends no form", late, &|| read_to_end(&mut program.connect(format!("{form}{long}")))));
        scope.spawn(move || timed("drips a form", late, &|| drip(program.connect(format!("{form}{long}")), b"x")));
        scope.spawn(move || timed("drips chunks", late, &|| drip(program.connect(format!("{form}{chunked}")), b"1\r\nx\r\n")));
        scope.spawn(move || timed("sends no JSON", late, &|| read_to_end(&mut program.connect(format!("{json}{long}")))));
        scope.spawn(move || timed("drips JSON", late, &|| drip(program.connect(format!("{json}{long}")), b" ")));
        let mut waits: Vec<_> = (0..20)
            .map(|_| {
                sleep(Duration::from_millis(500));
                program.check_livez()
            })
            .collect();
        waits.sort();
        assert!(waits[10] < Duration::from_secs(2), "{waits:?}");
    });
}

#[test]
fn request_heads_are_bounded() {
    let program = Program::start(&[]);
    let get = |target: &str, headers: &str| {
        let response = program.exchange(format!("GET {target} HTTP/1.1\r\nhost: x\r\nconnection: close\r\n{headers}\r\n"));
        response.split(' ').nth(1).unwrap_or_default().to_owned()
    };
    assert_eq!(get("/livez", &format!("x: {}\r\n", "a".repeat(12 * 1024))), "200");
    assert_eq!(get("/livez", &format!("x: {}\r\n", "a".repeat(33 * 1024))), "431");
    assert_eq!(get("/livez", &"x: y\r\n".repeat(90)), "200");
    assert_eq!(get("/livez", &"x: y\r\n".repeat(101)), "431");
    assert_eq!(get(&format!("/livez?{}", "a".repeat(8 * 1024 - 7)), ""), "200");
    assert_eq!(get(&format!("/livez?{}", "a".repeat(8 * 1024)), ""), "414");
    assert_eq!(get(&format!("/{}", "a".repeat(33 * 1024)), ""), "431");
}

#[test]
fn http_2_is_rejected() {
    let response = Program::start(&[]).exchange("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
    assert!(response.is_empty() || response.starts_with("HTTP/1.1 4"), "{response:?}");
}

///
#[test]
fn body_limit_holds_for_any_framing() {
    let program = Program::start(&[]);
    let before = program.peak_memory();
    let piece = format!("{:x}\r\n{}\r\n", 66_000, "a".repeat(66_000));
    for head in [format!("POST /bff/sign_in HTTP/1.1\r\n{FORM}"), format!("POST /api/v1/token HTTP/1.1\r\n{JSON}")] {
        for framing in ["transfer-encoding: chunked\r\n\r\n", "content-length: 100000000\r\n\r\n"] {
            let mut stream = program.connect(format!("{head}{framing}{piece}"));
            let mut status = [0; 12];
            stream.read_exact(&mut status).unwrap();
            assert_eq!(String::from_utf8_lossy(&status), "HTTP/1.1 413", "{head}{framing}");
            let sent = (0..1500).take_while(|_| stream.write_all(piece.as_bytes()).is_ok()).count();
            assert!(sent < 1500, "the server closes the connection instead of reading 100 MB");
        }
    }
    assert!(program.peak_memory() < before + 60_000, "memory stays below the size of one body");
    program.check_livez();
}

///
#[test]
fn connections_over_the_limit_are_closed_at_once() {
    let mut program = Program::start(&[("MAX_CONNECTIONS", "3")]);
    program.check_livez();
    // Earlier connections may still hold a permit, so connect until three stay open.
    let mut held = Vec::new();
    while held.len() < 3 {
        let mut client = program.connect("");
        client.set_read_timeout(Some(Duration::from_millis(300))).unwrap();
        if client.read(&mut [0]).is_err() {
            held.push(client);
        }
    }
    let start = Instant::now();
    for _ in 0..5 {
        assert_eq!(read_to_end(&mut program.connect("")), "");
    }
    assert!(start.elapsed() < Duration::from_secs(5));
    held.pop();
    while !program.exchange(LIVEZ_REQUEST).starts_with("HTTP/1.1 200") {
        assert!(start.elapsed() < Duration::from_secs(9), "no permit is released");
    }
    program.stop();
    let log = program.log();
    let warnings = log.iter().filter(|line| line["message"].as_str().is_some_and(|text| text.contains("MAX_CONNECTIONS")));
    assert_eq!(warnings.count(), 1, "one warning for all connections: {log:#?}");
}

///
#[test]
fn server_survives_running_out_of_file_descriptors() {
    let program = Program::start_with_shell("ulimit -n 64; exec \"$0\"", &[]);
    program.wait_for_output("64 open files");
    let many: Vec<_> = (0..100).map(|_| program.connect("")).collect();
    sleep(Duration::from_millis(500));
    drop(many);
    assert!(program.check_livez() < Duration::from_secs(5));
}

///
#[test]
fn sign_in_flood_is_bounded_and_other_requests_stay_fast() {
    let program = Program::start(&[("RATE_LIMITS", "off")]);
    program.exchange(token_request("nobody@example.org", "correct horse battery staple", ""));
    let before = program.peak_memory();
    let (responses, mut times) = scope(|scope| {
        let guess =
            |nth| program.exchange(token_request(&format!("nobody{nth}@example.org"), "correct horse battery staple", ""));
        let flood: Vec<_> = (0..200).map(|nth| scope.spawn(move || guess(nth))).collect();
        let times: Vec<_> = (0..50).map(|_| program.check_livez()).collect();
        (flood.into_iter().map(|guess| guess.join().unwrap()).collect::<Vec<_>>(), times)
    });
    times.sort_unstable();
    let refused =
        responses.iter().filter(|response| response.starts_with("HTTP/1.1 503") && response.contains("retry-after: 5")).count();
    let checked = responses.iter().filter(|response| response.starts_with("HTTP/1.1 401")).count();
    assert!(refused > 0 && checked > 0 && refused + checked == 200, "{checked} checked, {refused} refused");
    assert!(program.peak_memory() < before + 200_000);
    // Other tests also load the machine, so only the median is bounded.
    assert!(times[25] < Duration::from_millis(250), "{times:?}");
}

///
#[test]
fn disconnected_clients_do_not_accumulate() {
    let program = Program::start(&[("RATE_LIMITS", "off")]);
    let before = program.peak_memory();
    for nth in 0..500 {
        program.connect(token_request(&format!("nobody{nth}@example.org"), "correct horse battery staple", ""));
    }
    let start = Instant::now();
    while !program.exchange(token_request("nobody@example.org", "correct horse battery staple", "")).starts_with("HTTP/1.1 401") {
        assert!(start.elapsed() < Duration::from_secs(5), "the server does not recover");
        sleep(Duration::from_millis(100));
    }
    assert!(program.peak_memory() < before + 200_000);
}

/// The cost of detecting disconnected clients during a password hash.
#[test]
fn half_closed_client_gets_no_response() {
    let program = Program::start(&[("RATE_LIMITS", "off")]);
    let request = || token_request("nobody@example.org", "correct horse battery staple", "");
    let mut half = program.connect(request());
    half.shutdown(Shutdown::Write).unwrap();
    assert_eq!(read_to_end(&mut half), "");
    assert!(program.exchange(request()).starts_with("HTTP/1.1 401"));
}

///
#[test]
fn client_address_is_the_peer_unless_a_proxy_is_trusted() {
    for (trusted, last) in [("", "HTTP/1.1 429"), ("127.0.0.1", "HTTP/1.1 401"), ("10.0.0.0/8", "HTTP/1.1 429")] {
        let program = Program::start(&[("TRUSTED_PROXIES", trusted)]);
        let guess = |nth| {
            let forwarded = format!("x-forwarded-for: 192.0.2.{nth}\r\nx-real-ip: 192.0.2.{nth}\r\n");
            program.exchange(token_request(&format!("nobody{nth}@example.org"), "short", &forwarded))
        };
        let responses: Vec<_> = (0..40).map(guess).collect();
        assert!(responses[0].starts_with("HTTP/1.1 401") && responses[39].starts_with(last), "{trusted}: {}", responses[39]);
    }
}

#[test]
fn live_reload_is_allowed_only_in_development() {
    for (set, may) in [(&[("LEPTOS_WATCH", "true")][..], true), (&[], false)] {
        let page = Program::start(set).exchange("GET /sign-in HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(page.starts_with("HTTP/1.1 200"), "{page}");
        assert_eq!(page.contains("ws://127.0.0.1:3001"), may, "{page}");
    }
}
