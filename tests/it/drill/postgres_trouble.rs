//! Postgres restarts, stops, stalls, holds locks and runs out of connections.

use std::{
    fs,
    io::{BufRead, BufReader},
    net::{TcpListener, TcpStream},
    os::unix::fs::{MetadataExt, chown},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::atomic::{AtomicBool, AtomicUsize, Ordering},
    thread,
    time::{Duration, Instant},
};

use sqlx::{ConnectOptions, Executor, postgres::PgConnectOptions};
use uuid::Uuid;

use super::{is_long, put, report, rounds, sign_up, start, status, todos, try_write};
use crate::support::Program;

/// A Postgres server for one test. It stops on drop.
struct OwnPostgres {
    script: Child,
    url: String,
    pg_ctl: String,
    data: PathBuf,
}

impl OwnPostgres {
    /// `None` without Postgres, which the script reports.
    fn start() -> Option<Self> {
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/with-postgres");
        let print_settings = r#"echo "$TEST_POSTGRES_URL"; echo "$TEST_POSTGRES_CTL"; echo "$TEST_POSTGRES_DATA"; exec cat"#;
        let mut script = Command::new(script);
        let script = script.args(["sh", "-c", print_settings]).env_remove("TEST_POSTGRES_URL").env("POSTGRES_DURABLE", "1");
        let mut script = script.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        let mut lines = BufReader::new(script.stdout.take().unwrap()).lines().map(Result::unwrap);
        let mut line = || lines.next().unwrap();
        let (url, pg_ctl, data) = (line(), line(), line().into());
        let postgres = Self { script, url, pg_ctl, data };
        (!postgres.url.is_empty()).then_some(postgres)
    }

    /// Enables TLS. Returns the self-signed certificate.
    fn enable_tls(&self) -> PathBuf {
        let (key, certificate) = (self.data.join("server.key"), self.data.join("server.crt"));
        let mut openssl = Command::new("openssl");
        openssl.args(["req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2"]);
        openssl
            .args([
                "-subj",
                "/CN=Postgres",
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-keyout",
            ])
            .arg(&key)
            .arg("-out");
        assert!(openssl.arg(&certificate).stderr(Stdio::null()).status().unwrap().success());
        // Postgres rejects a key of another owner.
        let owner = fs::metadata(&self.data).unwrap();
        chown(&key, Some(owner.uid()), Some(owner.gid())).unwrap();
        let settings = self.data.join("postgresql.conf");
        let with_tls = fs::read_to_string(&settings).unwrap() + "ssl = on\n";
        fs::write(settings, with_tls).unwrap();
        self.pg_ctl(&["restart", "-m", "fast"]);
        certificate
    }

    fn pg_ctl(&self, arguments: &[&str]) {
        assert!(Command::new(&self.pg_ctl).args(arguments).status().unwrap().success(), "{arguments:?}");
    }

    async fn run(&self, statement: &'static str) {
        let options: PgConnectOptions = self.url.parse().unwrap();
        options.connect().await.unwrap().execute(statement).await.unwrap();
    }
}

impl Drop for OwnPostgres {
    fn drop(&mut self) {
        // The script exits when its standard input closes.
        drop(self.script.stdin.take());
        let _ = self.script.wait();
    }
}

/// R-10
#[tokio::test(flavor = "multi_thread")]
async fn postgres_restart_answers_503_and_loses_no_acknowledged_write() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let program = start(&postgres.url);
    let ann = sign_up(&program);
    let (stop, acknowledged, refused) = (AtomicBool::new(false), AtomicUsize::new(0), AtomicUsize::new(0));
    let slowest = thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while !stop.load(Ordering::SeqCst) {
                    match put(&program, &ann, Uuid::now_v7(), "x").expect("a complete response") {
                        201 => acknowledged.fetch_add(1, Ordering::SeqCst),
                        503 => refused.fetch_add(1, Ordering::SeqCst),
                        other => panic!("{other}: {}", program.output()),
                    };
                }
            });
        }
        let mut slowest = Duration::ZERO;
        for _ in 0..rounds(1, 5) {
            thread::sleep(Duration::from_millis(300));
            postgres.pg_ctl(&["restart", "-m", "immediate"]);
            slowest = slowest.max(program.wait_until_ready(Instant::now()));
        }
        postgres.pg_ctl(&["stop", "-m", "fast"]);
        let down = Instant::now();
        while down.elapsed() < Duration::from_secs(if is_long() { 20 } else { 4 }) {
            assert_eq!(status(&program, "/livez", ""), 200);
            let asked = Instant::now();
            assert_eq!(status(&program, "/readyz", ""), 503);
            assert!(asked.elapsed() < Duration::from_secs(5), "readiness probe hangs: {:?}", asked.elapsed());
        }
        let (status, retry_after) = try_write(&program, &ann);
        assert!(status == 503 && !retry_after.is_empty(), "{status} {retry_after}");
        postgres.pg_ctl(&["start"]);
        slowest = slowest.max(program.wait_until_ready(Instant::now()));
        thread::sleep(Duration::from_millis(300));
        stop.store(true, Ordering::SeqCst);
        slowest
    });
    // A write can be committed without an acknowledgement.
    let (kept, acknowledged) = (todos(&program, &ann).len(), acknowledged.into_inner());
    assert!(kept >= acknowledged && acknowledged > 0, "{kept} of {acknowledged}");
    assert!(slowest < Duration::from_secs(5), "ready again only after {slowest:?}");
    report(&format!(
        "R-10 Postgres: restarted and stopped during writes: {acknowledged} acknowledged, {} answered 503, none lost; ready again within {slowest:?}",
        refused.into_inner()
    ));
}

/// R-11
#[tokio::test(flavor = "multi_thread")]
async fn unresponsive_postgres_answers_503_and_blocks_nothing_else() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let program = start(&postgres.url);
    let ann = sign_up(&program);
    let statement: &'static str = if is_long() {
        "begin; lock table todos in access exclusive mode; select pg_sleep(10); commit"
    } else {
        "begin; lock table todos in access exclusive mode; select pg_sleep(5); commit"
    };
    let locked = postgres.run(statement);
    let writes = async {
        tokio::time::sleep(Duration::from_millis(300)).await;
        tokio::task::block_in_place(|| {
            thread::scope(|scope| {
                // More writers than connections.
                let asked = Instant::now();
                let writers: Vec<_> = (0..40).map(|_| scope.spawn(|| try_write(&program, &ann))).collect();
                assert_eq!(status(&program, "/livez", ""), 200);
                for writer in writers {
                    let (status, retry_after) = writer.join().unwrap();
                    assert!(status == 503 && !retry_after.is_empty() || status == 201, "{status} {retry_after}");
                }
                asked.elapsed()
            })
        })
    };
    let ((), longest) = tokio::join!(locked, writes);
    assert!(longest < Duration::from_secs(9), "{longest:?}");
    assert_eq!(try_write(&program, &ann).0, 201, "writes resume");

    // After the restart, other clients take every connection.
    postgres.run("alter system set max_connections = 12").await;
    postgres.pg_ctl(&["restart", "-m", "immediate"]);
    let options: PgConnectOptions = postgres.url.parse().unwrap();
    let mut others = Vec::new();
    while let Ok(other) = options.connect().await {
        others.push(other);
    }
    assert_eq!(status(&program, "/readyz", ""), 503);
    assert_eq!(try_write(&program, &ann).0, 503);
    assert_eq!(status(&program, "/livez", ""), 200);
    drop(others);
    program.wait_until_ready(Instant::now());
    assert_eq!(try_write(&program, &ann).0, 201);
    report(&format!(
        "R-11 Postgres: 40 writers on a locked table got responses within {longest:?}; without free connections writes got 503 and then resumed"
    ));
}

/// R-11
#[tokio::test(flavor = "multi_thread")]
async fn stalled_connections_time_out_and_are_replaced() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let program = start(&postgres.url);
    let ann = sign_up(&program);
    let options: PgConnectOptions = postgres.url.parse().unwrap();
    let mut other = options.connect().await.unwrap();
    let pids = "select pid from pg_stat_activity where application_name = 'holdfast'";
    let pids: Vec<i32> = sqlx::query_scalar(pids).fetch_all(&mut other).await.unwrap();
    let signal = |name: &str| {
        let pids = pids.iter().map(ToString::to_string);
        assert!(Command::new("kill").args(["-s", name]).args(pids).status().unwrap().success());
    };
    signal("STOP");
    let asked = Instant::now();
    // Three writes hit at least one stopped backend, which can't enforce its own statement timeout.
    let statuses: Vec<_> = (0..3).map(|_| try_write(&program, &ann).0).collect();
    assert!(statuses.iter().all(|status| [201, 503].contains(status)), "{statuses:?}");
    assert!(asked.elapsed() < Duration::from_secs(36), "{:?}", asked.elapsed());
    assert_eq!(status(&program, "/livez", ""), 200);
    signal("CONT");
    program.wait_until_ready(Instant::now());
    assert_eq!(try_write(&program, &ann).0, 201);
    report(&format!(
        "R-11 Postgres: {} stopped connections, three writes answered {statuses:?} within {:?}",
        pids.len(),
        asked.elapsed()
    ));
}

#[tokio::test(flavor = "multi_thread")]
async fn postgres_tls_verifies_the_certificate_and_the_host_name() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let certificate = postgres.enable_tls();
    let url = format!("{}?sslmode=verify-full", postgres.url);
    let program = start(&format!("{url}&sslrootcert={}", certificate.display()));
    sign_up(&program);
    // The system doesn't trust the certificate's issuer, and the certificate isn't valid for `localhost`.
    let other_name = format!("{}&sslrootcert={}", url.replace("127.0.0.1", "localhost"), certificate.display());
    for url in [&url, &other_name] {
        let refused = Program::run(&[("DATABASE_URL", url)]);
        let error = String::from_utf8(refused.stderr).unwrap();
        assert_eq!(refused.status.code(), Some(1), "{error}");
        assert!(error.contains("can't open the Postgres database") && error.contains("certificate"), "{error}");
        assert_eq!(error.lines().count(), 1, "{error}");
    }
}

/// A pooler in front of Postgres. It stops on drop.
struct Pooler {
    process: Child,
    url: String,
}

impl Pooler {
    /// `None` without `pgbouncer`.
    fn start(postgres: &OwnPostgres, folder: &Path, mode: &str) -> Option<Self> {
        let (account, server) = postgres.url.strip_prefix("postgres://")?.split_once('@')?;
        let ((user, password), (address, database)) = (account.split_once(':')?, server.split_once('/')?);
        let (host, port) = address.split_once(':')?;
        let free = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let settings = folder.join("pgbouncer.ini");
        let text = format!(
            "[databases]\n* = host={host} port={port} user={user} password={password}\n[pgbouncer]\nlisten_addr = 127.0.0.1\n\
             listen_port = {}\nunix_socket_dir =\nauth_type = any\npool_mode = {mode}\n\
             ignore_startup_parameters = extra_float_digits,options\n",
            free.port()
        );
        fs::write(&settings, text).unwrap();
        let mut pooler = Command::new("pgbouncer");
        // PgBouncer refuses to run as root.
        if fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0) {
            pooler.args(["-u", "nobody"]);
        }
        let process = pooler.arg("-q").arg(&settings).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        let deadline = Instant::now() + Duration::from_secs(10);
        while TcpStream::connect(free).is_err() {
            assert!(Instant::now() < deadline, "PgBouncer does not start");
            thread::sleep(Duration::from_millis(20));
        }
        Some(Self { process, url: format!("postgres://{user}@{free}/{database}") })
    }
}

impl Drop for Pooler {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn start_rejects_a_pooler_in_transaction_mode() {
    let Some(postgres) = OwnPostgres::start() else { return };
    let folder = tempfile::tempdir().unwrap();
    let Some(by_transaction) = Pooler::start(&postgres, folder.path(), "transaction") else {
        eprintln!("drill: NOT DONE: there is no pgbouncer here");
        return;
    };
    let output = Program::run(&[("DATABASE_URL", &by_transaction.url)]);
    let error = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{error}");
    assert!(error.contains("another connection for each transaction; a pooler is between"), "{error}");

    let by_session = Pooler::start(&postgres, folder.path(), "session").unwrap();
    let program = start(&by_session.url);
    let ann = sign_up(&program);
    for _ in 0..20 {
        assert_eq!(try_write(&program, &ann).0, 201, "{}", program.output());
    }
    program.wait_for_output("a pooler drops the limits of statements");
}

#[tokio::test(flavor = "multi_thread")]
async fn unusable_postgres_database_stops_the_start_with_a_reason() {
    let Some(postgres) = OwnPostgres::start() else { return };
    postgres.run("create database latin encoding 'LATIN1' locale 'C' template template0").await;
    postgres.run("create database ascii encoding 'SQL_ASCII' locale 'C' template template0").await;
    postgres.run("create database foreigner encoding 'UTF8' template template0").await;
    postgres.run("create database newer encoding 'UTF8' template template0").await;
    let options: PgConnectOptions = postgres.url.parse().unwrap();
    let url = |database: &str| options.clone().database(database).to_url_lossy().to_string();
    let migrate = async |database: &str, statement: &'static str| {
        Program::run_and_kill(Duration::from_secs(3), &[("DATABASE_URL", &url(database))]);
        options.clone().database(database).connect().await.unwrap().execute(statement).await.unwrap();
    };
    migrate(
        "newer",
        "insert into _sqlx_migrations select 99, description, now(), success, checksum, 1 from _sqlx_migrations limit 1",
    )
    .await;
    migrate("foreigner", "update _sqlx_migrations set version = 20260101000000 where version = 1").await;
    for (database, why) in [
        ("latin", "its encoding is LATIN1, which has not all letters; make another database, with: encoding 'UTF8'"),
        ("ascii", "its encoding is SQL_ASCII"),
        ("newer", "it was made by a newer Holdfast: run that one"),
        ("foreigner", "it is another program's"),
    ] {
        let output = Program::run(&[("DATABASE_URL", &url(database))]);
        let error = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{database}: {error}");
        assert!(error.contains(why) && error.lines().count() == 1, "{database}: {error}");
        assert_eq!(error.contains("newer Holdfast"), database == "newer", "{error}");
    }
}
