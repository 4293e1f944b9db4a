//! A PostgreSQL of its own for a test: made in a temporary folder, ended and removed when dropped.
//!
//! Owns: the server's process and folder. Absent on purpose: what is done with it.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::fs::Permissions;
use std::io::Write as _;
use std::net::{Ipv4Addr, TcpListener};
use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::{Duration, Instant};

use postgres::{Client, NoTls};
use tempfile::TempDir;

pub struct PostgresServer {
    folder: TempDir,
    port: u16,
    process: Option<Child>,
    databases: AtomicU32,
}

/// The one that running tests share; a test that needs to end it starts its own.
static SHARED: Mutex<Weak<PostgresServer>> = Mutex::new(Weak::new());

impl PostgresServer {
    pub fn shared() -> Arc<PostgresServer> {
        let mut shared = SHARED.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = shared.upgrade() {
            return running;
        }
        let started = Arc::new(PostgresServer::start());
        *shared = Arc::downgrade(&started);
        started
    }

    pub fn start() -> PostgresServer {
        PostgresServer::start_with(None)
    }

    /// One that speaks TLS, too, with this certificate and key (PEM).
    pub fn start_with(tls: Option<(&str, &str)>) -> PostgresServer {
        // Not under TMPDIR: the path of a socket has to be short.
        let folder = tempfile::Builder::new().prefix("attain-pg-").tempdir_in("/tmp").unwrap();
        if root() {
            let owner = |flag: &str| {
                let said = Command::new("id").args([flag, "postgres"]).output().unwrap().stdout;
                Some(String::from_utf8(said).unwrap().trim().parse().expect("there is no user postgres"))
            };
            chown(folder.path(), owner("-u"), owner("-g")).unwrap();
        }
        let made = as_postgres(&program("initdb"))
            .args(["--username=attain", "--auth=trust", "--encoding=UTF8", "--no-locale", "--no-sync", "-D"])
            .arg(folder.path().join("data"))
            .output()
            .unwrap();
        assert!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        if let Some((certificate, key)) = tls {
            let data = folder.path().join("data");
            std::fs::write(data.join("server.crt"), certificate).unwrap();
            std::fs::write(data.join("server.key"), key).unwrap();
            let owner = std::fs::metadata(&data).unwrap();
            chown(data.join("server.key"), Some(owner.uid()), Some(owner.gid())).unwrap();
            std::fs::set_permissions(data.join("server.key"), Permissions::from_mode(0o600)).unwrap();
            let mut settings = std::fs::OpenOptions::new().append(true).open(data.join("postgresql.conf")).unwrap();
            settings.write_all(b"ssl = on\n").unwrap();
        }
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let mut server = PostgresServer { folder, port, process: None, databases: AtomicU32::new(0) };
        server.run();
        server
    }

    /// Ends the server, every connection to it, and starts it again over the same data.
    pub fn restart(&mut self) {
        self.end();
        self.run();
    }

    /// The address of a new, empty database.
    pub fn database(&self) -> String {
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&self.address("postgres"), NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name}")).unwrap();
        self.address(&name)
    }

    /// The address of a new database with all that is in another one, to which nobody may be connected.
    pub fn copy_of(&self, url: &str) -> String {
        let model = url.rsplit('/').next().unwrap();
        let name = format!("test{}", self.databases.fetch_add(1, Ordering::Relaxed));
        let mut client = Client::connect(&self.address("postgres"), NoTls).unwrap();
        client.batch_execute(&format!("CREATE DATABASE {name} TEMPLATE {model}")).unwrap();
        self.address(&name)
    }

    /// Whether there are connections of a server of Attain's, and all of them over TLS.
    pub fn all_encrypted(&self) -> bool {
        let mut client = Client::connect(&self.address("postgres"), NoTls).unwrap();
        let query = "SELECT coalesce(bool_and(ssl), false) FROM pg_stat_ssl JOIN pg_stat_activity USING (pid)
                     WHERE application_name = 'attain-server'";
        client.query_one(query, &[]).unwrap().get(0)
    }

    fn address(&self, database: &str) -> String {
        format!("postgres://attain@127.0.0.1:{}/{database}", self.port)
    }

    fn run(&mut self) {
        // The shell ends the server when its input does: on `end`, and when the test's process is gone, however it went.
        const UNTIL_INPUT_ENDS: &str = r#""$0" "$@" & cat >/dev/null; kill -INT $!; wait $!"#;
        let log = std::fs::File::create(self.log()).unwrap();
        let process = as_postgres(Path::new("sh"))
            .args(["-c", UNTIL_INPUT_ENDS])
            .arg(program("postgres"))
            .arg("-D")
            .arg(self.folder.path().join("data"))
            .arg("-k")
            .arg(self.folder.path())
            .args(["-p", &self.port.to_string(), "-c", "listen_addresses=127.0.0.1", "-c", "fsync=off"])
            .stdin(Stdio::piped())
            .stdout(Stdio::null())
            .stderr(log)
            .spawn()
            .unwrap();
        self.process = Some(process);
        let begun = Instant::now();
        while let Err(error) = Client::connect(&self.address("postgres"), NoTls) {
            let log = || std::fs::read_to_string(self.log()).unwrap_or_default();
            assert!(begun.elapsed() < Duration::from_secs(30), "PostgreSQL does not answer: {error}\n{}", log());
            std::thread::sleep(Duration::from_millis(20));
        }
    }

    fn end(&mut self) {
        if let Some(mut process) = self.process.take() {
            drop(process.stdin.take());
            let _ = process.wait();
        }
    }

    fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        self.end();
    }
}

fn root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|said| said.stdout == b"0\n")
}

/// PostgreSQL refuses to run as root.
fn as_postgres(program: &Path) -> Command {
    let mut command = if root() { Command::new("runuser") } else { Command::new(program) };
    if root() {
        command.args(["-u", "postgres", "--"]).arg(program);
    }
    command.current_dir("/");
    command
}

/// A program of the newest PostgreSQL here; Debian keeps them out of the path.
fn program(name: &str) -> PathBuf {
    let mut versions: Vec<(u32, PathBuf)> = std::fs::read_dir("/usr/lib/postgresql")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| Some((entry.file_name().to_str()?.parse().ok()?, entry.path().join("bin").join(name))))
        .filter(|(_, path)| path.exists())
        .collect();
    versions.sort();
    let newest = versions.pop().map(|(_, path)| path);
    newest.or_else(|| in_path(name)).expect("PostgreSQL is not installed; on Debian: apt-get install postgresql")
}

fn in_path(name: &str) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    std::env::split_paths(&path).map(|folder| folder.join(name)).find(|program| program.exists())
}
