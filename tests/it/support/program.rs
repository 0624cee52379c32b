//! The program as a process of its own, reached over sockets.

use std::{
    fs::{self, File},
    io::{ErrorKind, Read, Write},
    net::{SocketAddr, TcpListener, TcpStream},
    process::{Child, Command},
    thread::sleep,
    time::{Duration, Instant},
};

use tempfile::TempDir;

use super::SECRET;

pub struct Program {
    child: Child,
    pub folder: TempDir,
    pub address: SocketAddr,
}

impl Program {
    /// Starts it in a folder of its own, and returns once it listens.
    pub fn start(set: &[(&str, &str)]) -> Self {
        Self::start_by("exec \"$0\"", set)
    }

    /// By a command of the shell, which knows the program as `$0`.
    pub fn start_by(command: &str, set: &[(&str, &str)]) -> Self {
        let folder = tempfile::tempdir().unwrap();
        // It wants to see a built site, which these tests ask nothing of.
        fs::create_dir_all(folder.path().join("target/site/pkg")).unwrap();
        let address = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let mut program = Command::new("sh");
        program.args(["-c", command, env!("CARGO_BIN_EXE_holdfast")]).current_dir(folder.path()).env_clear();
        program.env("JWT_SECRET", SECRET).env("LEPTOS_SITE_ADDR", address.to_string()).envs(set.iter().copied());
        let child = program.stdout(File::create(folder.path().join("log")).unwrap()).spawn().unwrap();
        let program = Self { child, folder, address };
        let start = Instant::now();
        while TcpStream::connect(address).is_err() {
            assert!(start.elapsed() < Duration::from_secs(30), "it does not start: {}", program.log());
            sleep(Duration::from_millis(50));
        }
        program
    }

    pub fn log(&self) -> String {
        fs::read_to_string(self.folder.path().join("log")).unwrap()
    }

    /// Most memory that it ever had, in KiB.
    pub fn peak_memory(&self) -> u64 {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap();
        let peak = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap();
        peak.trim().trim_end_matches(" kB").parse().unwrap()
    }

    /// A connection on which these bytes were sent.
    pub fn connect(&self, bytes: impl AsRef<[u8]>) -> TcpStream {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(40))).unwrap();
        stream.write_all(bytes.as_ref()).unwrap();
        stream
    }

    /// The whole answer to a request that asks for the connection to be closed.
    pub fn ask(&self, request: impl AsRef<[u8]>) -> String {
        answer(&mut self.connect(request))
    }

    /// Whether it lives, and how long it took to say so.
    pub fn is_alive(&self) -> Duration {
        let start = Instant::now();
        let answer = self.ask("GET /livez HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        start.elapsed()
    }
}

/// All that comes until the connection ends.
pub fn answer(stream: &mut TcpStream) -> String {
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

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
