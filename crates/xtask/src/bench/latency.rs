//! W11: from a change on one laptop to another's open screen, both of one server, all on this machine.
//!
//! Owns: the server, HR's laptop without a window, the team's leader's window, and the clock between the two.
//! Deliberately absent: how either of them syncs. The programs are those that the journeys drive: what is clocked is
//! mostly waiting.

use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value, json};
use xtask::display::{Scratch, Session};
use xtask::server::{Laptop, PASSWORD, Server};
use xtask::webdriver::{Launch, Window};

use super::child::Run;
use super::{OURS, Outcomes};
use crate::{run, setup, start};

/// Changes that are clocked.
const CHANGES: usize = 15;

/// Zhang San's September, in turn, with the attainment that his 161,700 are of it.
const TARGETS: [(&str, &str); 2] = [("300000", "53.9%"), ("330000", "49.0%")];

/// Told by the page itself, so that nobody's looking is in the figure.
const SEEN: &str = "const [text] = arguments;
    const main = document.querySelector('main');
    const seen = () => main.innerText.includes(text);
    if (seen()) return done(null);
    const watch = new MutationObserver(() => {
        if (!seen()) return;
        watch.disconnect();
        requestAnimationFrame(() => done(Date.now()));
    });
    watch.observe(main, { subtree: true, childList: true, characterData: true });";

pub fn measure(root: &Path) -> Result<Outcomes, String> {
    setup::system(setup::Need::Headless)?;
    setup::ui(root)?;
    start::build(root)?;
    let outcome = clocked(&run::app(root)).map(|run| vec![run]);
    Ok(Outcomes::from([(OURS.to_owned(), outcome)]))
}

fn clocked(app: &Path) -> Result<Run, String> {
    let session = Session::start(true)?;
    let server = Server::start(app)?;
    let home = Scratch::new("latency")?;
    let at = |name: &str| home.path().join(name);
    let mut env = session.env().to_vec();
    env.push(("LANG".to_owned(), "en_US.UTF-8".to_owned()));
    let launch = Launch {
        binary: app.to_owned(),
        args: vec!["--home".into(), at("attain").display().to_string()],
        env,
        log: at("window.log"),
    };
    let mut window = Window::open(&launch)?;
    window.patience = std::time::Duration::from_secs(90);
    join(&window, &server)?;
    let hr = Laptop::of("wang-fang", &server)?;
    let mut took = Vec::new();
    for n in 0..CHANGES {
        let (target, shown) = TARGETS[n % TARGETS.len()];
        hr.set_month("g26-zhang-san", "2026-09", target)?;
        took.push(one(&window, &hr, shown)?);
    }
    window.close(app)?;
    took.sort_by(f64::total_cmp);
    let mut said = Map::new();
    said.insert("t".into(), took[took.len() / 2].into());
    said.insert("worst_t".into(), took[took.len() - 1].into());
    said.insert("changes".into(), took.len().into());
    Ok(Run(said))
}

/// As Li Na, on her team's screen, once all is there.
fn join(window: &Window, server: &Server) -> Result<(), String> {
    let id = |id: &str| format!("[data-testid=\"{id}\"]");
    window.press(&id("first-run-join"))?;
    for (field, text) in [("join-server", server.url.as_str()), ("join-user", "li-na"), ("join-password", PASSWORD)] {
        window.type_into(&window.wait(&id(field))?, text)?;
    }
    window.press(&id("join-act"))?;
    window.press(&id("rail-team"))?;
    window.wait(&format!("{}[data-state=synced]", id("sync-badge")))?;
    window.wait_text("main", TARGETS[1].1).map(drop)
}

/// Seconds from where HR's laptop begins to send what it changed until the window shows it.
fn one(window: &Window, hr: &Laptop, shown: &str) -> Result<f64, String> {
    let (begun, seen) = std::thread::scope(|scope| {
        let watching = scope.spawn(|| window.run_async(SEEN, json!([shown])));
        // Until the page watches: else the change could be there first.
        std::thread::sleep(std::time::Duration::from_millis(300));
        let begun = now()?;
        hr.sync()?;
        let seen = watching.join().map_err(|_| "the watch broke off")??;
        Ok::<_, String>((begun, seen))
    })?;
    let seen = Value::as_f64(&seen).ok_or("it stood there before")?;
    Ok(seen / 1000.0 - begun)
}

fn now() -> Result<f64, String> {
    SystemTime::now().duration_since(UNIX_EPOCH).map(|since| since.as_secs_f64()).map_err(|error| error.to_string())
}
