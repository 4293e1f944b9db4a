//! From start to first painted screen, and memory at rest: the app in its window on a virtual display, and beside it a page
//! of the same weight in a bare WebKitGTK and, where there is one, a Chromium window. Owns their start, the ready
//! call, and the memory of a process tree. (WebKitGTK's own MiniBrowser is no yardstick: it starts more than twice as slowly as a
//! program of one window, so that program is compiled here.)
//!
//! The app calls `ATTAIN_READY_URL` once its first screen is painted; the page calls home two animation frames after it is
//! filled. Memory is taken three seconds later, as PSS: shared pages are divided among those who share them.
//!
//! Linux only. Deliberately absent: opening an installer (its size is read where `cargo tauri build` left it).

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::time::{Duration, Instant};

use serde_json::{Map, Value};
use xtask::display::{Owned, Scratch, Session};

use super::child::{self, Run};
use super::{OURS, Ours, Outcomes};
use crate::run;

pub const WEBKIT: &str = "webkitgtk page";
const CHROMIUM: &str = "chromium page";

const PATIENCE: Duration = Duration::from_secs(30);
const REST: Duration = Duration::from_secs(3);
const MEGABYTE: f64 = 1024.0 * 1024.0;

/// A heading, a chart of 365 points and a table of 1 000 rows.
const PAGE: &str = r#"<!doctype html><meta charset=utf-8><body><h1>Team</h1><svg width=800 height=300><path id=p fill=none stroke=blue /></svg><table id=t></table><script>
let d="M0,150";for(let i=0;i<365;i++)d+=`L${i*2.19},${150+100*Math.sin(i/20)}`;p.setAttribute("d",d);
let h="";for(let i=0;i<1000;i++)h+=`<tr><td>R${i}</td><td>${(i*7919%100000/100).toFixed(2)}</td><td>${i%120}%</td></tr>`;t.innerHTML=h;
requestAnimationFrame(()=>requestAnimationFrame(()=>fetch("/ready")))</script>"#;

/// Runs ours and the bare shells in turns; W4 reads `t` of it, W8 the megabytes.
pub fn measure(ours: Option<&Ours>, place: &Path, rounds: usize) -> Result<Outcomes, String> {
    if !cfg!(target_os = "linux") {
        return Err("W4 and W8 are measured on Linux".into());
    }
    let session = Session::start(true)?;
    let ready = Ready::listen()?;
    let mut shells: Vec<(&'static str, Result<PathBuf, String>)> = Vec::new();
    if let Some(ours) = ours {
        shells.push((OURS, prepare(ours, &session)));
    }
    shells.push((WEBKIT, bare_webkit(place)));
    if let Some(chromium) = on_path(&["chromium", "chromium-browser", "google-chrome"]) {
        shells.push((CHROMIUM, Ok(chromium)));
    }
    let installer = ours.and_then(|ours| installer(&run::target(&ours.root)));

    let mut outcomes = Outcomes::new();
    for round in 1..=rounds {
        for (name, program) in &shells {
            let outcome = outcomes.entry((*name).to_owned()).or_insert_with(|| Ok(Vec::new()));
            let Ok(runs) = outcome else { continue };
            let run = program.clone().and_then(|program| once(name, &program, &session, &ready, place));
            match run {
                Ok(mut run) => {
                    let say = |figure: &str| run.figure(figure).unwrap_or(f64::NAN);
                    eprintln!("   {round}  {name:24} {:10.4} s  {:6.1} MB", say("t"), say("pss_mb"));
                    if let (true, Some(installer)) = (*name == OURS, installer) {
                        run.0.insert("installer_mb".into(), installer.into());
                    }
                    runs.push(run);
                }
                Err(error) => {
                    eprintln!("   {round}  {name:24} failed: {error}");
                    *outcome = Err(error);
                }
            }
        }
    }
    Ok(outcomes)
}

/// Builds the app and gives it a workspace of all orders in the session's home.
fn prepare(ours: &Ours, session: &Session) -> Result<PathBuf, String> {
    // By a process of its own, since what it says must not end up in our one JSON document.
    let xtask = std::env::current_exe().map_err(|error| error.to_string())?;
    run::check(Command::new(xtask).arg("ui").stdout(std::io::stderr()))?;
    super::build(&ours.root, &["--package", "attain"])?;
    eprintln!("   a workspace for the app first");
    let mut command = ours.bench_run("W4", &session.home().join("data").join("attain"));
    child::lines(command.envs(session.env().iter().cloned()))
        .map_err(|error| format!("no workspace for it: {error}"))?;
    Ok(run::target(&ours.root).join("release").join("attain"))
}

/// One start in a fresh profile, to rest.
fn once(name: &'static str, program: &Path, session: &Session, ready: &Ready, place: &Path) -> Result<Run, String> {
    let profile = Scratch::new("shell")?;
    let mut command = Command::new(program);
    command.current_dir(place).envs(session.env().iter().cloned());
    command.env("XDG_CACHE_HOME", profile.path().join("cache"));
    if name == OURS {
        command.env("ATTAIN_READY_URL", format!("{}ready", ready.url));
    } else {
        command.env("HOME", profile.path());
        for (name, dir) in [("XDG_DATA_HOME", "data"), ("XDG_CONFIG_HOME", "config"), ("XDG_STATE_HOME", "state")] {
            command.env(name, profile.path().join(dir));
        }
        if name == CHROMIUM {
            command.arg(format!("--user-data-dir={}", profile.path().display()));
            command.arg(format!("--app={}", ready.url)).args(["--no-sandbox", "--no-first-run"]);
        } else {
            command.arg(&ready.url);
        }
    }
    while ready.hits.try_recv().is_ok() {}
    let begun = Instant::now();
    let shell = Owned::spawn(name, command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null()))?;
    let painted =
        ready.hits.recv_timeout(PATIENCE).map_err(|_| format!("nothing painted in {} s", PATIENCE.as_secs()))?;
    std::thread::sleep(REST);
    let tree = tree(shell.id());
    let pss: Vec<f64> = tree.iter().filter_map(|process| pss_mb(*process)).collect();
    let mut figures = Map::new();
    figures.insert("t".into(), painted.duration_since(begun).as_secs_f64().into());
    figures.insert("pss_mb".into(), pss.iter().sum::<f64>().into());
    figures.insert("own_mb".into(), pss_mb(shell.id()).map_or(Value::Null, Value::from));
    figures.insert("processes".into(), tree.len().into());
    Ok(Run(figures))
}

/// Serves the page and notes when someone is ready.
struct Ready {
    url: String,
    hits: Receiver<Instant>,
}

impl Ready {
    fn listen() -> Result<Self, String> {
        let said = |error: std::io::Error| format!("listening on this machine: {error}");
        let listener = TcpListener::bind("127.0.0.1:0").map_err(said)?;
        let port = listener.local_addr().map_err(said)?.port();
        let (tell, hits) = channel();
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let tell = tell.clone();
                std::thread::spawn(move || answer(stream, &tell));
            }
        });
        Ok(Ready { url: format!("http://127.0.0.1:{port}/"), hits })
    }
}

fn answer(mut stream: TcpStream, tell: &Sender<Instant>) -> Option<()> {
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    let mut request = String::new();
    let mut reader = BufReader::new(stream.try_clone().ok()?);
    reader.read_line(&mut request).ok()?;
    let path = request.split(' ').nth(1)?;
    if path == "/ready" {
        tell.send(Instant::now()).ok()?;
    }
    let mut line = String::new();
    while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
        line.clear();
    }
    let body = if path == "/" { PAGE } else { "" };
    let length = body.len();
    write!(
        stream,
        "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n{body}"
    )
    .ok()
}

/// The process and all below it.
fn tree(root: u32) -> Vec<u32> {
    let processes: Vec<(u32, u32)> = std::fs::read_dir("/proc")
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let process = entry.file_name().to_str()?.parse().ok()?;
            let stat = std::fs::read_to_string(entry.path().join("stat")).ok()?;
            let parent = stat.rsplit_once(')')?.1.split_whitespace().nth(1)?.parse().ok()?;
            Some((process, parent))
        })
        .collect();
    let mut tree = vec![root];
    let mut at = 0;
    while let Some(parent) = tree.get(at).copied() {
        tree.extend(processes.iter().filter(|process| process.1 == parent).map(|process| process.0));
        at += 1;
    }
    tree
}

fn pss_mb(process: u32) -> Option<f64> {
    let maps = std::fs::read_to_string(format!("/proc/{process}/smaps_rollup")).ok()?;
    let kilobytes: f64 =
        maps.lines().find_map(|line| line.strip_prefix("Pss:"))?.split_whitespace().next()?.parse().ok()?;
    Some(kilobytes / 1024.0)
}

/// Compiles the bare WebKitGTK window; needs what building the app needs.
fn bare_webkit(place: &Path) -> Result<PathBuf, String> {
    let (source, program) = (place.join("bare_webkit.c"), place.join("bare_webkit"));
    std::fs::write(&source, include_str!("bare_webkit.c")).map_err(|error| format!("{}: {error}", source.display()))?;
    let flags = Command::new("pkg-config")
        .args(["--cflags", "--libs", "webkit2gtk-4.1"])
        .output()
        .map_err(|error| format!("pkg-config: {error}"))?;
    if !flags.status.success() {
        return Err("WebKitGTK's headers are missing: libwebkit2gtk-4.1-dev".into());
    }
    let mut compiler = Command::new("cc");
    compiler.arg("-O2").arg(&source).arg("-o").arg(&program);
    run::check(compiler.args(String::from_utf8_lossy(&flags.stdout).split_whitespace()))?;
    Ok(program)
}

fn on_path(names: &[&str]) -> Option<PathBuf> {
    let path = std::env::var_os("PATH")?;
    names.iter().find_map(|name| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|path| path.is_file()))
}

/// Size of the Debian package that the last bundling left, MB.
fn installer(target: &Path) -> Option<f64> {
    let packages = std::fs::read_dir(target.join("release/bundle/deb")).ok()?.flatten();
    let newest = packages
        .filter(|entry| entry.path().extension().is_some_and(|extension| extension == "deb"))
        .filter_map(|entry| entry.metadata().ok())
        .max_by_key(|package| package.modified().ok())?;
    Some(newest.len() as f64 / MEGABYTE)
}
