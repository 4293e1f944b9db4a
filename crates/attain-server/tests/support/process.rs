//! Programs of their own: a server of the sample company, and laptops with the command line on them.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::sync::OnceLock;

use serde_json::Value;

pub const PASSWORD: &str = "water under the bridge";
pub const PASSPHRASE: &str = "a laptop's passphrase";

/// A server of the sample company on a free port, ended with the test.
pub struct Server {
    pub child: Child,
    pub url: String,
    folder: PathBuf,
    db: String,
}

impl Server {
    /// On a database in a file, with a copy of the sample company that was founded once.
    pub fn start(folder: &Path) -> Server {
        Server::start_with(&[], folder)
    }

    /// With more settings.
    pub fn start_with(more: &[&str], folder: &Path) -> Server {
        static FOUNDED: OnceLock<PathBuf> = OnceLock::new();
        let at = |folder: &Path| format!("sqlite:{}", folder.join("server.db").display());
        let founded = FOUNDED.get_or_init(|| {
            // One for each program of tests; the next run makes it anew.
            let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join(concat!("sample-server-", env!("CARGO_CRATE_NAME")));
            let _ = std::fs::remove_dir_all(&made);
            std::fs::create_dir_all(&made).unwrap();
            drop(Server::on(&at(&made), &made));
            made
        });
        copy(founded, folder);
        Server::with(more, &at(folder), folder)
    }

    /// Without a company.
    pub fn empty(db: &str, folder: &Path) -> Server {
        Server::at("127.0.0.1:0", &[], db, folder)
    }

    /// On any database, which is given the sample; keys and replicas in the folder.
    pub fn on(db: &str, folder: &Path) -> Server {
        Server::with(&[], db, folder)
    }

    fn with(more: &[&str], db: &str, folder: &Path) -> Server {
        let sample = ["--sample", "--sample-password", "env:SAMPLE"];
        Server::at("127.0.0.1:0", &[&sample, more].concat(), db, folder)
    }

    fn at(listen: &str, more: &[&str], db: &str, folder: &Path) -> Server {
        let usual = ["serve", "--listen", listen];
        Server::of(program(&[&usual, more].concat(), db, folder), db, folder)
    }

    fn of(mut program: Command, db: &str, folder: &Path) -> Server {
        let mut child = program.stdout(Stdio::piped()).stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        assert!(line.contains("://127.0.0.1:"), "{line}");
        Server { child, url: line.trim().to_owned(), folder: folder.to_owned(), db: db.to_owned() }
    }

    /// Ended without warning, and started again at the same address on what it left.
    pub fn killed_and_started(self) -> Server {
        self.ended_and_started(|usual| usual)
    }

    /// The same, by a command made of the usual one.
    pub fn ended_and_started(mut self, of: impl FnOnce(Command) -> Command) -> Server {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
        let usual = program(&["serve", "--listen", &self.url["http://".len()..]], &self.db, &self.folder);
        Server::of(of(usual), &self.db, &self.folder)
    }
}

pub fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

/// The server's program with its database, key and replicas.
pub fn program(args: &[&str], db: &str, folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_attain-server"));
    command.args(args).args(["--db", db, "--master-key"]).arg(format!("file:{}", folder.join("master.key").display()));
    command.arg("--replicas").arg(folder.join("replicas")).env("SAMPLE", PASSWORD);
    command
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A laptop: a home folder and the command line on it.
pub struct Laptop {
    pub home: tempfile::TempDir,
}

/// The command line that stands beside the server's program, built as it is now.
pub fn attainctl() -> PathBuf {
    // `cargo xtask test` has built it with everything else.
    if let Some(built) = std::env::var_os("ATTAIN_CTL") {
        return built.into();
    }
    let path = Path::new(env!("CARGO_BIN_EXE_attain-server"))
        .with_file_name(format!("attainctl{}", std::env::consts::EXE_SUFFIX));
    static BUILT: std::sync::Once = std::sync::Once::new();
    BUILT.call_once(|| {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
        let mut build = Command::new(cargo);
        build.args(["build", "-p", "attain-client", "--bin", "attainctl"]);
        if !cfg!(debug_assertions) {
            build.arg("--release");
        }
        let built = build.status().unwrap();
        assert!(built.success());
    });
    path
}

impl Laptop {
    pub fn of(person: &str, server: &Server) -> Laptop {
        let laptop = Laptop::signed_in(person, &server.url);
        laptop.sync();
        laptop
    }

    /// Before its first round.
    pub fn signed_in(person: &str, url: &str) -> Laptop {
        let laptop = Laptop { home: tempfile::tempdir().unwrap() };
        laptop.done(&["sync", "sign-in", url, "--user", person, "--password", "env:SAMPLE"]);
        laptop
    }

    pub fn command(&self, args: &[&str]) -> Command {
        let mut command = Command::new(attainctl());
        command.arg("--home").arg(self.home.path()).args(["--unlock", "env:LAPTOP", "--json"]).args(args);
        command.env("LAPTOP", PASSPHRASE).env("SAMPLE", PASSWORD);
        command
    }

    pub fn run(&self, args: &[&str]) -> Output {
        self.command(args).output().unwrap()
    }

    pub fn done(&self, args: &[&str]) -> Value {
        let output = self.run(args);
        assert!(
            output.status.success(),
            "{args:?}: {}{}",
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        );
        serde_json::from_slice(&output.stdout).unwrap()
    }

    /// A round that ends with the same records as the server's.
    pub fn sync(&self) -> Value {
        let output = self.run(&["sync", "run"]);
        let report: Value = serde_json::from_slice(&output.stdout)
            .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
        assert_eq!(report["whole"], true, "{report}");
        assert_eq!(report["pending"], 0, "{report}");
        report
    }

    /// A file for an import.
    pub fn file(&self, text: &str) -> String {
        let path = self.home.path().join("rows.csv");
        std::fs::write(&path, text).unwrap();
        path.display().to_string()
    }

    pub fn month(&self, goal_id: &str, month: &str) -> String {
        let tree = self.done(&["goal", "tree", "--period", "2026"]);
        let goal = find(&tree["goals"], goal_id).unwrap_or_else(|| panic!("{goal_id} in {tree}"));
        goal["months"][month]["amount"].as_str().unwrap().to_owned()
    }
}

pub fn find<'t>(goals: &'t Value, id: &str) -> Option<&'t Value> {
    goals.as_array()?.iter().find_map(
        |goal| {
            if goal["goal_id"] == id { Some(goal) } else { find(&goal["children"], id) }
        },
    )
}
