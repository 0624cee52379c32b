//! The real program on a port of its own, as an operator starts it.

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

/// Longest that anything may take here.
const TIMEOUT: Duration = Duration::from_secs(40);

/// Asks whether it lives.
pub const LIVEZ_REQUEST: &str = "GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n";

/// Runs until it is dropped.
pub struct Program {
    process: Child,
    address: String,
    pub folder: TempDir,
}

/// An answer as it came over the socket.
pub struct RawResponse {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Program {
    /// With a secret, a port, and else nothing in its environment but `set`; what it says is kept.
    pub fn start(set: &[(&str, &str)]) -> Self {
        Self::start_with_shell("exec \"$0\"", set)
    }

    /// By a command of the shell, which knows the program as `$0`.
    pub fn start_with_shell(command: &str, set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let file = |name: &str| Stdio::from(File::create(folder.path().join(name)).unwrap());
        let (output, errors) = (file("stdout"), file("stderr"));
        Self::launch(command, folder, set, output, errors)
    }

    /// As [`Self::start`], and what it says goes elsewhere.
    pub fn start_with_stdio(folder: TempDir, set: &[(&str, &str)], output: Stdio, errors: Stdio) -> Self {
        Self::launch("exec \"$0\"", folder, set, output, errors)
    }

    fn launch(command: &str, folder: TempDir, set: &[(&str, &str)], output: Stdio, errors: Stdio) -> Self {
        let (mut shell, address) = self::command(command, &folder, set);
        let process = shell.stdout(output).stderr(errors).spawn().unwrap();
        let program = Self { process, address, folder };
        let deadline = Instant::now() + TIMEOUT;
        while TcpStream::connect(&program.address).is_err() {
            assert!(Instant::now() < deadline, "it does not start: {}", program.output());
            std::thread::sleep(Duration::from_millis(20));
        }
        program
    }

    /// One that is killed after this time, wherever it is by then.
    pub fn run_and_kill(time: Duration, set: &[(&str, &str)]) {
        let folder = tempfile::tempdir().unwrap();
        let (mut command, _) = command("exec \"$0\"", &folder, set);
        let mut process = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(time);
        process.kill().unwrap();
        process.wait().unwrap();
    }

    /// One that is to end by itself; nobody waits for its port.
    pub fn run(set: &[(&str, &str)]) -> Output {
        let folder = tempfile::tempdir().unwrap();
        let (mut command, _) = command("exec \"$0\"", &folder, set);
        command.output().unwrap()
    }

    pub fn origin(&self) -> String {
        format!("http://{}", self.address)
    }

    /// A connection on which these bytes were sent, as they are.
    pub fn connect(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        connect(&self.address, bytes)
    }

    pub fn refuses_connections(&self) -> bool {
        TcpStream::connect(&self.address).is_err()
    }

    /// Where its log says that metrics are, if `METRICS_ADDR` is set.
    pub fn metrics_address(&self) -> String {
        self.wait_for_output("/metrics\"");
        let printed = self.output();
        let (_, address) = printed.split_once("metrics are at http://").unwrap();
        address.split_once("/metrics").unwrap().0.to_owned()
    }

    /// All that comes as an answer to a request that asks for the connection to be closed.
    pub fn exchange(&self, request: impl AsRef<[u8]>) -> String {
        read_to_end(&mut self.connect(request))
    }

    /// Whether it lives, and how long it took to say so.
    pub fn check_livez(&self) -> Duration {
        let start = Instant::now();
        let response = self.exchange(LIVEZ_REQUEST);
        assert!(response.starts_with("HTTP/1.1 200"), "{response}");
        start.elapsed()
    }

    /// Most memory that it ever had, in KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.process.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// As [`Self::exchange`].
    pub fn send_raw(&self, request: &[u8]) -> RawResponse {
        RawResponse::parse(&self.exchange(request))
    }

    /// `headers` are whole lines.
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

    /// Sends a form of one of our pages; `fields` are encoded.
    pub fn submit(&self, function: &str, cookie: &str, fields: &str) -> RawResponse {
        let (origin, cookie) = (format!("origin: {}", self.origin()), format!("cookie: {cookie}"));
        let kind = "content-type: application/x-www-form-urlencoded";
        self.send("POST", &format!("/bff/{function}"), &[&origin, &cookie, kind, "accept: text/html"], fields)
    }

    /// As [`Self::send`], to one that may end meanwhile: `None` without a whole answer.
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

    /// How long after `start` it says that it is ready.
    pub fn wait_until_ready(&self, start: Instant) -> Duration {
        while self.try_send("GET", "/readyz", &[], "").is_none_or(|response| response.status != 200) {
            assert!(start.elapsed() < TIMEOUT, "it does not get ready: {}", self.output());
            std::thread::sleep(Duration::from_millis(10));
        }
        start.elapsed()
    }

    /// Where it speaks into, if that is a pipe.
    pub fn take_stdout(&mut self) -> ChildStdout {
        self.process.stdout.take().unwrap()
    }

    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// As `kill` does, without its waiting.
    pub fn signal(&self, name: &str) {
        let done = Command::new("kill").args(["-s", name, &self.process.id().to_string()]).status().unwrap();
        assert!(done.success());
    }

    /// Ends it as an operator does.
    pub fn stop(&mut self) -> ExitStatus {
        self.signal("TERM");
        self.wait()
    }

    /// Until it has ended.
    pub fn wait(&mut self) -> ExitStatus {
        let deadline = Instant::now() + TIMEOUT;
        loop {
            if let Some(status) = self.process.try_wait().unwrap() {
                return status;
            }
            assert!(Instant::now() < deadline, "it does not stop: {}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// All that it has said so far, also about its faults.
    pub fn output(&self) -> String {
        let read = |name| fs::read_to_string(self.folder.path().join(name)).unwrap_or_default();
        read("stdout") + &read("stderr")
    }

    /// Waits until it has said this: lines are written by a thread of their own.
    pub fn wait_for_output(&self, text: &str) {
        let deadline = Instant::now() + TIMEOUT;
        while !self.output().contains(text) {
            assert!(Instant::now() < deadline, "it does not say {text:?}: {}", self.output());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    /// The lines of its log. Fails if one is no JSON.
    pub fn log(&self) -> Vec<Value> {
        let lines = fs::read_to_string(self.folder.path().join("stdout")).unwrap();
        lines.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|_| panic!("no JSON: {line}"))).collect()
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

    /// The header's value, or nothing.
    pub fn header(&self, name: &str) -> &str {
        let mut headers = self.head.lines().filter_map(|line| line.split_once(": "));
        headers.find(|(found, _)| found.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    }

    /// The cookie that it sets, as a browser would send it.
    pub fn cookie(&self) -> &str {
        self.header("set-cookie").split(';').next().unwrap_or_default()
    }
}

/// What was sent in chunks (RFC 9112, section 7.1), if it is all there.
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

/// One at which nothing listens, nor will another program of these tests: until it listens, the system may give its port again.
fn free_address() -> String {
    static GIVEN: Mutex<BTreeSet<SocketAddr>> = Mutex::new(BTreeSet::new());
    loop {
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        if GIVEN.lock().unwrap().insert(address) {
            return address.to_string();
        }
    }
}

/// Starts the program in this folder; and where it will listen.
fn command(command: &str, folder: &TempDir, set: &[(&str, &str)]) -> (Command, String) {
    // It wants to see a built site.
    fs::create_dir_all(folder.path().join("target/site/pkg")).unwrap();
    let address = free_address();
    let needed = [("JWT_SECRET", "a4Yx0mZk7wQ2vR9tL5sB8nC1dF6gH3jP"), ("LEPTOS_SITE_ADDR", &address)];
    let mut shell = Command::new("sh");
    shell.args(["-c", command, env!("CARGO_BIN_EXE_holdfast")]).current_dir(folder.path());
    shell.env_clear().envs(needed).envs(set.iter().copied());
    (shell, address)
}

/// A connection on which these bytes were sent, as they are.
pub fn connect(address: &str, bytes: impl AsRef<[u8]>) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    socket.set_read_timeout(Some(TIMEOUT)).unwrap();
    socket.write_all(bytes.as_ref()).unwrap();
    socket
}

/// All that comes until the connection ends.
pub fn read_to_end(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    match stream.read_to_end(&mut bytes) {
        Err(error) if error.kind() != ErrorKind::ConnectionReset => panic!("no end after {bytes:?}: {error}"),
        _ => String::from_utf8_lossy(&bytes).into_owned(),
    }
}

/// A request to sign in to the API, with a password that is hashed unless it is too short.
pub fn token_request(email: &str, password: &str, headers: &str) -> String {
    let body = format!(r#"{{"email":"{email}","password":"{password}"}}"#);
    let kind = "content-type: application/json\r\nconnection: close";
    format!("POST /api/v1/token HTTP/1.1\r\nhost: x\r\n{kind}\r\n{headers}content-length: {}\r\n\r\n{body}", body.len())
}
