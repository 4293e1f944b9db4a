//! A place to run the app where there is no desktop: a virtual display, a throw-away home, a private session bus and an
//! unlocked keychain. Everything is started here and ended by its own id; nothing of the machine's own is touched.
//!
//! Linux only: elsewhere the app and its tests use the desktop they find.

use std::fs;
use std::io::{BufRead, BufReader, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

/// Whether a window can be opened on this machine as it is.
pub fn present() -> bool {
    if !cfg!(target_os = "linux") {
        return true;
    }
    ["DISPLAY", "WAYLAND_DISPLAY"].iter().any(|name| std::env::var_os(name).is_some_and(|value| !value.is_empty()))
}

/// A directory that goes away with its owner.
pub struct Scratch(PathBuf);

impl Scratch {
    /// Creates an empty directory that only this user can read.
    pub fn new(what: &str) -> Result<Self, String> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let name = format!("attain-{what}-{}-{}", std::process::id(), COUNT.fetch_add(1, Ordering::Relaxed));
        let path = std::env::temp_dir().join(name);
        let _ = fs::remove_dir_all(&path);
        private_dir(&path)?;
        Ok(Self(path))
    }

    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

fn private_dir(path: &Path) -> Result<(), String> {
    fs::create_dir_all(path).map_err(|error| format!("{}: {error}", path.display()))?;
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(path, fs::Permissions::from_mode(0o700))
            .map_err(|error| format!("{}: {error}", path.display()))?;
    }
    Ok(())
}

/// A process of ours in its own group; the group is ended with it.
pub struct Owned {
    child: Child,
    name: &'static str,
}

impl Owned {
    /// Starts it; on Linux it also ends when we are killed.
    pub fn spawn(name: &'static str, command: &mut Command) -> Result<Self, String> {
        #[cfg(unix)]
        {
            use std::os::unix::process::CommandExt;
            command.process_group(0);
        }
        let child = command.spawn().map_err(|error| format!("{name} does not start: {error}"))?;
        Ok(Self { child, name })
    }

    pub fn id(&self) -> u32 {
        self.child.id()
    }

    pub fn child(&mut self) -> &mut Child {
        &mut self.child
    }

    fn signal(&self, kill: bool) {
        #[cfg(unix)]
        if let Some(group) = i32::try_from(self.child.id()).ok().and_then(rustix::process::Pid::from_raw) {
            let signal = if kill { rustix::process::Signal::KILL } else { rustix::process::Signal::TERM };
            let _ = rustix::process::kill_process_group(group, signal);
        }
        #[cfg(not(unix))]
        let _ = kill;
    }
}

impl Drop for Owned {
    fn drop(&mut self) {
        self.signal(false);
        let until = Instant::now() + Duration::from_secs(3);
        while Instant::now() < until {
            if matches!(self.child.try_wait(), Ok(Some(_))) {
                // Members of the group may outlive its leader.
                self.signal(true);
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        eprintln!("xtask: {} did not end when asked, ending it by force", self.name);
        self.signal(true);
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// `setpriv --pdeathsig` where it exists: a killed parent leaves nothing running.
pub fn tied(program: &str) -> Command {
    if cfg!(target_os = "linux") && Path::new("/usr/bin/setpriv").exists() {
        let mut command = Command::new("/usr/bin/setpriv");
        command.args(["--pdeathsig", "KILL", "--", program]);
        command
    } else {
        Command::new(program)
    }
}

/// Throw-away home, bus, keychain and (if asked) display. Fields drop in order: processes before the directory.
pub struct Session {
    env: Vec<(String, String)>,
    _keyring: Option<Owned>,
    _bus: Option<Owned>,
    _display: Option<Owned>,
    home: Scratch,
}

impl Session {
    /// `window` also starts a virtual display of 1440 × 960.
    pub fn start(window: bool) -> Result<Self, String> {
        let home = Scratch::new("home")?;
        let mut env = Vec::new();
        // The toolchain stays where it is when HOME moves.
        if let Some(real) = std::env::var_os("HOME").map(PathBuf::from) {
            for (name, dir) in [("CARGO_HOME", ".cargo"), ("RUSTUP_HOME", ".rustup")] {
                if std::env::var_os(name).is_none() {
                    env.push((name.to_owned(), real.join(dir).display().to_string()));
                }
            }
        }
        env.push(("HOME".to_owned(), home.path().display().to_string()));
        for (name, dir) in [
            ("XDG_DATA_HOME", "data"),
            ("XDG_CONFIG_HOME", "config"),
            ("XDG_CACHE_HOME", "cache"),
            ("XDG_STATE_HOME", "state"),
            ("XDG_RUNTIME_DIR", "run"),
        ] {
            let path = home.path().join(dir);
            private_dir(&path)?;
            env.push((name.to_owned(), path.display().to_string()));
        }
        let mut session = Self { env, _keyring: None, _bus: None, _display: None, home };
        if !cfg!(target_os = "linux") {
            return Ok(session);
        }
        if window {
            let (display, number) = start_display()?;
            session._display = Some(display);
            session.set("DISPLAY", format!(":{number}"));
            session.set("GDK_BACKEND", "x11".to_owned());
            session.set("WAYLAND_DISPLAY", String::new());
            // No accessibility bus is waited for; the window under test has no assistive technology.
            session.set("NO_AT_BRIDGE", "1".to_owned());
        }
        let (bus, address) = session.start_bus()?;
        session._bus = Some(bus);
        session.set("DBUS_SESSION_BUS_ADDRESS", address);
        session._keyring = Some(session.start_keyring()?);
        Ok(session)
    }

    fn set(&mut self, name: &str, value: String) {
        self.env.push((name.to_owned(), value));
    }

    /// What a process needs to live in this session.
    pub fn env(&self) -> &[(String, String)] {
        &self.env
    }

    pub fn home(&self) -> &Path {
        self.home.path()
    }

    fn start_bus(&self) -> Result<(Owned, String), String> {
        let mut command = tied("dbus-daemon");
        command.args(["--session", "--nofork", "--nopidfile", "--print-address=1"]).envs(self.env.iter().cloned());
        let mut bus = Owned::spawn("dbus-daemon", command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
        let address = first_line(&mut bus)?;
        Ok((bus, address))
    }

    /// The keychain of this session, unlocked with a password nobody needs again.
    fn start_keyring(&self) -> Result<Owned, String> {
        let mut command = tied("gnome-keyring-daemon");
        command.args(["--foreground", "--unlock", "--components=secrets"]).envs(self.env.iter().cloned());
        let mut keyring = Owned::spawn(
            "gnome-keyring-daemon",
            command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()),
        )?;
        if let Some(mut stdin) = keyring.child().stdin.take() {
            stdin.write_all(b"throw-away").map_err(|error| format!("gnome-keyring-daemon: {error}"))?;
        }
        let until = Instant::now() + Duration::from_secs(10);
        while Instant::now() < until {
            if let Ok(Some(status)) = keyring.child().try_wait() {
                return Err(format!("gnome-keyring-daemon ended at once: {status}"));
            }
            if self.owns_secrets()? {
                return Ok(keyring);
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err("gnome-keyring-daemon does not answer on the session bus".into())
    }

    fn owns_secrets(&self) -> Result<bool, String> {
        let output = Command::new("dbus-send")
            .args(["--session", "--print-reply=literal", "--dest=org.freedesktop.DBus", "/org/freedesktop/DBus"])
            .args(["org.freedesktop.DBus.NameHasOwner", "string:org.freedesktop.secrets"])
            .envs(self.env.iter().cloned())
            .output()
            .map_err(|error| format!("dbus-send: {error}"))?;
        Ok(String::from_utf8_lossy(&output.stdout).contains("true"))
    }
}

fn start_display() -> Result<(Owned, u32), String> {
    let mut command = tied("Xvfb");
    command.args(["-displayfd", "1", "-screen", "0", "1440x960x24", "-nolisten", "tcp", "-noreset"]);
    let mut display = Owned::spawn("Xvfb", command.stdout(Stdio::piped()).stderr(Stdio::null()))?;
    let number = first_line(&mut display)?;
    let number = number.trim().parse().map_err(|_| format!("Xvfb named no display: {number:?}"))?;
    Ok((display, number))
}

pub(crate) fn first_line(process: &mut Owned) -> Result<String, String> {
    let name = process.name;
    let stdout = process.child().stdout.take().ok_or_else(|| format!("{name} has no output"))?;
    let mut line = String::new();
    let mut reader = BufReader::new(stdout);
    reader.read_line(&mut line).map_err(|error| format!("{name}: {error}"))?;
    if line.trim().is_empty() {
        return Err(format!("{name} ended before it was ready"));
    }
    // Keep reading, or a chatty process would stall on a full pipe.
    std::thread::spawn(move || std::io::copy(&mut reader, &mut std::io::sink()));
    Ok(line.trim().to_owned())
}
