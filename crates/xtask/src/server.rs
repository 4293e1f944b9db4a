//! A server of the sample company, and another laptop that joined it: real processes, ended with whoever holds them.

use crate::display::{self, Owned, Scratch};
use serde_json::Value;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Of everyone in the sample company.
pub const PASSWORD: &str = "water under the bridge";
/// What a [`Laptop`] is unlocked with.
pub const PASSPHRASE: &str = "a laptop's passphrase";

/// A program that stands beside the app.
fn beside(app: &Path, name: &str) -> PathBuf {
    app.with_file_name(format!("{name}{}", std::env::consts::EXE_SUFFIX))
}

pub struct Server {
    app: PathBuf,
    process: Option<Owned>,
    pub url: String,
    folder: Scratch,
    /// Certificate chain and key, PEM.
    tls: Option<(PathBuf, PathBuf)>,
}

impl Server {
    /// Fills and serves the sample company.
    pub fn start(app: &Path) -> Result<Self, String> {
        Self::start_with(app, None)
    }

    /// The same over HTTPS, with a certificate for this machine and its key.
    pub fn start_with(app: &Path, tls: Option<(PathBuf, PathBuf)>) -> Result<Self, String> {
        let folder = Scratch::new("server")?;
        let url = if tls.is_some() { "https://127.0.0.1:0" } else { "http://127.0.0.1:0" }.to_owned();
        let mut server = Self { app: app.to_owned(), process: None, url, folder, tls };
        server.resume()?;
        Ok(server)
    }

    /// Serves what it kept, where it did before.
    pub fn resume(&mut self) -> Result<(), String> {
        let path = |name: &str| self.folder.path().join(name).display().to_string();
        let program = beside(&self.app, "attain-server").display().to_string();
        let mut command = display::tied(&program);
        command
            .args(["serve", "--listen", self.url.split_once("://").map_or("", |(_, at)| at), "--sample"])
            .args(["--sample-password", "env:SAMPLE", "--db", &format!("sqlite:{}", path("server.db"))])
            .args(["--master-key", &format!("file:{}", path("master.key")), "--replicas", &path("replicas")])
            .env("SAMPLE", PASSWORD)
            .stdin(Stdio::null())
            .stdout(Stdio::piped());
        if let Some((certificate, key)) = &self.tls {
            command.arg("--certificate").arg(certificate).arg("--private-key").arg(key);
        }
        // It tells of every request there.
        let log = std::fs::File::create(path("server.log")).map_err(|error| format!("server.log: {error}"))?;
        command.stderr(log);
        let mut process = Owned::spawn("attain-server", &mut command)?;
        self.url = display::first_line(&mut process)?;
        self.process = Some(process);
        Ok(())
    }

    /// Out of reach from here on.
    pub fn stop(&mut self) {
        self.process = None;
    }
}

/// A home folder that joined the server as one person, and the command line on it.
pub struct Laptop {
    app: PathBuf,
    home: Scratch,
}

impl Laptop {
    pub fn of(person: &str, server: &Server) -> Result<Self, String> {
        let laptop = Self { app: server.app.clone(), home: Scratch::new("laptop")? };
        laptop.run(&["sync", "sign-in", &server.url, "--user", person, "--password", "env:SAMPLE"])?;
        laptop.sync()?;
        Ok(laptop)
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    pub fn run(&self, args: &[&str]) -> Result<Value, String> {
        let output = Command::new(beside(&self.app, "attainctl"))
            .arg("--home")
            .arg(self.home.path())
            .args(["--unlock", "env:LAPTOP", "--json"])
            .args(args)
            .env("LAPTOP", PASSPHRASE)
            .env("SAMPLE", PASSWORD)
            .output()
            .map_err(|error| format!("attainctl: {error}"))?;
        match output.status.success() {
            true => serde_json::from_slice(&output.stdout).map_err(|error| format!("attainctl {args:?}: {error}")),
            false => Err(format!("attainctl {args:?}: {}", String::from_utf8_lossy(&output.stderr))),
        }
    }

    pub fn sync(&self) -> Result<(), String> {
        self.run(&["sync", "run"]).map(drop)
    }

    /// Sets one month of a goal here.
    pub fn set_month(&self, goal_id: &str, month: &str, target: &str) -> Result<(), String> {
        let wish = ["goal", "adjust", goal_id, "--target", target, "--reading", "month", "--from", month];
        let seen = self.run(&[&wish[..], &["--preview"]].concat())?["digest"].to_string();
        self.run(&[&wish[..], &["--seen", seen.trim_matches('"')]].concat()).map(drop)
    }

    /// A month of a goal as this laptop has it.
    pub fn month(&self, goal_id: &str, month: &str) -> Result<String, String> {
        let tree = self.run(&["goal", "tree", "--period", &month[..4]])?;
        let amount = find(&tree["goals"], goal_id).and_then(|goal| goal["months"][month]["amount"].as_str());
        amount.map(str::to_owned).ok_or_else(|| format!("no {goal_id} in {month}"))
    }
}

fn find<'t>(goals: &'t Value, id: &str) -> Option<&'t Value> {
    goals.as_array()?.iter().find_map(|goal| match goal["goal_id"] == id {
        true => Some(goal),
        false => find(&goal["children"], id),
    })
}
