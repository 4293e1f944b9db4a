//! What must be on the machine before Attain builds, runs or is tested: system packages, the UI's packages, the UI's build.
//!
//! Debian and Ubuntu are installed on; elsewhere this says what is needed and goes on. Nothing already there is touched.

use crate::run::{self, Stage};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;

/// What a task needs of the system.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Compile and open a window on a desktop.
    Build,
    /// Also run where there is no desktop, and drive the window.
    Headless,
}

/// Debian's names. The first of a row that is installed satisfies it; if none is, the first is installed.
const BUILD: &[&[&str]] = &[&["libwebkit2gtk-4.1-dev"], &["libssl-dev"], &["pkg-config", "pkgconf"]];
const HEADLESS: &[&[&str]] = &[
    &["xvfb"],
    &["xauth"],
    &["fonts-noto-cjk", "fonts-wqy-microhei", "fonts-wqy-zenhei"],
    &["webkit2gtk-driver"],
    &["dbus"],
    &["gnome-keyring"],
    &["postgresql"],
];

/// Installs what is missing.
pub fn system(need: Need) -> Result<(), String> {
    if !cfg!(target_os = "linux") {
        if cfg!(target_os = "macos") {
            println!("macOS: needs the Xcode command line tools (xcode-select --install). Not tried yet.");
        } else {
            println!("Windows: needs the Visual Studio C++ build tools and WebView2. Not tried yet.");
        }
        return Ok(());
    }
    let rows = BUILD.iter().chain(if need == Need::Headless { HEADLESS } else { &[] });
    let wanted: Vec<&[&str]> = rows.copied().collect();
    if !Path::new("/usr/bin/dpkg-query").exists() {
        let names: Vec<&str> = wanted.iter().filter_map(|row| row.first().copied()).collect();
        println!("This is not Debian or Ubuntu. Needed, by their names there: {}", names.join(" "));
        return Ok(());
    }
    let installed = installed(&wanted.concat())?;
    let missing: Vec<&str> = wanted
        .iter()
        .filter(|row| !row.iter().any(|name| installed.contains(*name)))
        .filter_map(|row| row.first().copied())
        .collect();
    if missing.is_empty() {
        return Ok(());
    }
    let _stage = Stage::new(&format!("Installing {}", missing.join(" ")));
    let by_hand = format!("install by hand: sudo apt-get install {}", missing.join(" "));
    apt(&["update", "-q"]).unwrap_or_else(|error| println!("{error} (going on with the lists there are)"));
    let mut install = vec!["install", "-y", "-q", "--no-install-recommends"];
    install.extend(&missing);
    apt(&install).map_err(|error| format!("{error}; {by_hand}"))
}

fn installed(names: &[&str]) -> Result<std::collections::BTreeSet<String>, String> {
    let output = Command::new("dpkg-query")
        .args(["-W", "-f", "${Package} ${db:Status-Status}\n"])
        .args(names)
        .output()
        .map_err(|error| format!("dpkg-query: {error}"))?;
    // dpkg-query exits 1 when one of the names is unknown; the others are listed all the same.
    Ok(String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| line.strip_suffix(" installed").map(str::to_owned))
        .collect())
}

fn apt(args: &[&str]) -> Result<(), String> {
    let root = Command::new("id").arg("-u").output().is_ok_and(|output| output.stdout.starts_with(b"0"));
    let mut command = if root {
        let mut command = Command::new("apt-get");
        command.env("DEBIAN_FRONTEND", "noninteractive");
        command
    } else if Path::new("/usr/bin/sudo").exists() {
        let mut command = Command::new("sudo");
        command.args(["DEBIAN_FRONTEND=noninteractive", "apt-get"]);
        command
    } else {
        return Err("neither root nor sudo here".into());
    };
    run::check(command.args(args))
}

/// `npm ci`, when the lock file is newer than what is installed.
pub fn ui_packages(root: &Path) -> Result<(), String> {
    let ui = root.join("ui");
    let lock = ui.join("package-lock.json");
    let have = modified(&ui.join("node_modules/.package-lock.json"));
    if have.is_some() && have >= modified(&lock) {
        return Ok(());
    }
    let _stage = Stage::new("Installing the UI's packages (npm ci)");
    run::check(run::npm(&ui).args(["ci", "--no-audit", "--no-fund"]))?;
    // npm keeps the time of an unchanged inner lock file.
    touch(&ui.join("node_modules/.package-lock.json"))
}

/// Builds the UI, when a source is newer than the build.
pub fn ui(root: &Path) -> Result<(), String> {
    ui_packages(root)?;
    let ui = root.join("ui");
    let built = modified(&ui.join("dist/index.html"));
    if built.is_some() && built >= newest(&ui) {
        return Ok(());
    }
    let _stage = Stage::new("Building the UI");
    run::check(run::npm(&ui).args(["run", "build"]))?;
    touch(&ui.join("dist/index.html"))
}

fn touch(path: &Path) -> Result<(), String> {
    let file = std::fs::File::options().append(true).open(path);
    file.and_then(|file| file.set_modified(SystemTime::now())).map_err(|error| format!("{}: {error}", path.display()))
}

fn modified(path: &Path) -> Option<SystemTime> {
    path.metadata().ok()?.modified().ok()
}

/// The newest source of the UI: everything in `ui/` but what is generated.
fn newest(ui: &Path) -> Option<SystemTime> {
    let mut newest = None;
    let mut waiting: Vec<PathBuf> = vec![ui.to_owned()];
    while let Some(dir) = waiting.pop() {
        let Ok(entries) = std::fs::read_dir(&dir) else { continue };
        for entry in entries.flatten() {
            let path = entry.path();
            let name = entry.file_name();
            if name == "node_modules"
                || name == "dist"
                || name == "paraglide"
                || name.to_string_lossy().starts_with('.')
            {
                continue;
            }
            if path.is_dir() {
                waiting.push(path);
            } else {
                newest = newest.max(modified(&path));
            }
        }
    }
    newest
}
