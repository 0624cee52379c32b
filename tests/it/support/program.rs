//! The real program in a process and on a port of its own.

use std::{
    collections::BTreeSet,
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, ChildStdout, Command, ExitStatus, Output, Stdio},
    sync::Mutex,
    time::{Duration, Instant},
};

use serde_json::Value;
use tempfile::TempDir;

const TIMEOUT: Duration = Duration::from_secs(40);

pub const LIVEZ_REQUEST: &str = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// A running program. It is killed on drop.
pub struct Program {
    process: Child,
    address: String,
    pub folder: TempDir,
}

pub struct RawResponse {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Program {
    /// Starts the program with a secret, an address and `set` as its environment. Its output goes to files.
    pub fn start(set: &[(&str, &str)]) -> Self {
        Self::start_with_shell("exec \"$0\"", set)
    }

    /// Starts the program with a shell command, in which `$0` is the program.
    pub fn start_with_shell(command: &str, set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Stdio::from(File::create(folder.path().join(name)).unwrap());
        let (output, errors) = (file("stdout"), file("stderr"));
        Self::launch(command, folder, set, output, errors)
    }

    pub fn start_with_stdio(folder: TempDir, set: &[(&str, &str)], output: Stdio, errors: Stdio) -> Self {
        Self::launch("exec \"$0\"", folder, set, output, errors)
    }

    fn launch(command: &str, folder: TempDir, set: &[(&str, &str)], output: Stdio, errors: Stdio) -> Self {
        let (mut shell, address) = self::command(command, &folder, set);
        let process = shell.stdout(output).stderr(errors).spawn().unwrap();
        let program = Self { process, address, folder };
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(&program.address).is_err() {
            assert!(Instant::now() < deadline, "the program does not start: {}", program.output());
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }

    pub fn run_and_kill(time: Duration, set: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        let (mut command, _) = command("exec \"$0\"", &folder, set);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(time);
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// Runs a program that exits by itself.
    pub fn run(set: &[(&str, &str)]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let (mut command, _) = command("exec \"$0\"", &folder, set);
        command.output().unwrap()
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// Connects and sends these bytes.
    pub fn connect(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        connect(&self.address, bytes)
    }

    pub fn refuses_connections(&self) -> bool {
        TcpStream::connect(&self.address).is_err()
    }

    /// The address of the metrics, from the log.
    pub fn metrics_address(&self) -> String {
        self.wait_for_output("/metrics\"");
        let printed = self.output();
        let (_, address) = printed.split_once("metrics are at http://").unwrap();
        address.split_once("/metrics").unwrap().0.to_owned()
    }

    /// Sends a request with `Connection: close`. Returns the raw response.
    pub fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        read_to_end(&mut self.connect(request))
    }

    /// Probes `/livez`. Returns the latency.
    pub fn check_livez(&self) -> Duration {
        let start = Instant::now();
        let response = self.exchange(LIVEZ_REQUEST);
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        start.elapsed()
    }

    /// Peak resident memory in KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    pub fn send_raw(&self, request: &[u8]) -> RawResponse {
        RawResponse::parse(&self.exchange(request))
    }

    /// `headers` are complete lines.
    pub fn send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> RawResponse {
        self.send_raw(self.request(method, path, headers, body).as_bytes())
    }

    fn request(&self, method: &str, path: &str, headers: &[&str], body: &str) -> String {
        let mut request = format!("{method} {path} HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n", self.address);
        for header in headers {
            request.extend([header, "\r\n"]);
        }
        request.extend(["content-length: ", &body.len().to_string(), "\r\n\r\n", body]);
        request
    }

    /// Submits a form with URL-encoded `fields`.
    pub fn submit(&self, function: &str, cookie: &str, fields: &str) -> RawResponse {
        let (origin, cookie) = (format!("origin: {}", self.origin()), format!("cookie: {cookie}"));
        let kind = "content-type: application/x-www-form-urlencoded";
        self.send("POST", &format!("/bff/{function}"), &[&origin, &cookie, kind, "accept: text/html"], fields)
    }

    /// Returns `None` if the program ends before it has sent a complete response.
    pub fn try_send(&self, method: &str, path: &str, headers: &[&str], body: &str) -> Option<RawResponse> {
        let mut socket = TcpStream::connect(&self.address).ok()?;
        socket.set_read_timeout(Some(TIMEOUT)).ok()?;
        let mut bytes = Vec::new();
        socket.write_all(self.request(method, path, headers, body).as_bytes()).ok()?;
        socket.read_to_end(&mut bytes).ok()?;
        let response = RawResponse::parse(&String::from_utf8(bytes).ok()?);
        let length = response.header("content-length").parse().unwrap_or(1);
        (response.status > 0 && response.body.len() >= length).then_some(response)
    }

    /// Returns the time from `start` to a ready `/readyz`.
    pub fn wait_until_ready(&self, start: Instant) -> Duration {
        while self.try_send("GET", "/readyz", &[], "").is_none_or(|response| response.status != 200) {
            assert!(start.elapsed() < TIMEOUT, "the program does not become ready: {}", self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
        start.elapsed()
    }

    pub fn take_stdout(&mut self) -> ChildStdout {
        self.process.stdout.take().unwrap()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Sends a signal without waiting for the exit.
    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "the program does not stop: {}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// Standard output and standard error so far.
    pub fn output(&self) -> String {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("stdout") + &read("stderr")
    }

    /// Waits for text in the output, which a separate thread writes.
    pub fn wait_for_output(&self, text: &str) {
        let deadline = Instant::now() + TIMEOUT;
        while !self.output().contains(text) {
            assert!(Instant::now() < deadline, "{text:?} is not in the output: {}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The log lines. Fails on invalid JSON.
    pub fn log(&self) -> Vec<Value> {
        let lines = fs::read_to_string(self.folder.path().join("stdout")).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("invalid JSON: {line}"))).collect()
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl RawResponse {
    pub fn parse(response: &str) -> Self {
        let (head, body) = response.split_once("\r\n\r\n").unwrap_or((response, ""));
        let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or_default();
        let mut response = Self { status, head: head.to_owned(), body: body.to_owned() };
        if response.header("transfer-encoding") == "chunked" {
            response.body = decode_chunked(body).unwrap_or_default();
        }
        response
    }

    /// The header's value, or an empty string.
    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The `Set-Cookie` pair, as a browser sends it back.
    pub fn cookie(&self) -> &str {
        self.header("set-cookie").split(';').next().unwrap_or_default()
    }
}

/// Decodes a chunked body (RFC 9112, section 7.1). `None` if it is incomplete.
fn decode_chunked(mut chunks: &str) -> Option<String> {
    let mut body = String::new();
    loop {
        let (length, rest) = chunks.split_once("\r\n")?;
        let length = usize::from_str_radix(length, 16).ok()?;
        if length == 0 {
            return Some(body);
        }
        body.push_str(rest.get(..length)?);
        chunks = rest.get(length..)?.strip_prefix("\r\n")?;
    }
}

/// An unused address. It is given out once, because the system may hand out its port again before the program listens.
fn free_address() -> String {
    static USED: Mutex<BTreeSet<SocketAddr>> = Mutex::new(BTreeSet::new());
    loop {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if USED.lock().unwrap().insert(address) {
            return address.to_string();
        }
    }
}

/// The shell command that starts the program, and its address.
fn command(command: &str, folder: &TempDir, set: &[(&str, &str)]) -> (Command, String) {
    // The start requires a built site.
    fs::create_dir_all(folder.path().join("target/site/pkg")).unwrap();
    let address = free_address();
    let required = [("JWT_SECRET", "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP"), ("LEPTOS_SITE_ADDR", &address)];
    let mut shell = Command::new("sh");
    shell.args(["-c", command, env!("CARGO_BIN_EXE_holdfast")]).current_dir(folder.path());
    shell.env_clear().envs(required).envs(set.iter().copied());
    (shell, address)
}

/// Connects and sends these bytes.
pub fn connect(address: &str, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(TIMEOUT)).unwrap();
    socket.write_all(bytes.as_ref()).unwrap();
    socket
}

/// Reads until the connection ends.
pub fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no end of the response after {bytes:?}: {error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A `POST /token` request. The server hashes the password unless it is too short.
pub fn token_request(email: &str, password: &str, headers: &str) -> String {
    let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
    let kind = "content-type: application/json\r\nconnection: close";
    format!("POST /api/v1/token HTTP/1.1\r\nhost: x\r\n{kind}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
