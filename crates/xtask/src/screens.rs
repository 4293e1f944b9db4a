//! `cargo xtask screens`: the sample company in the real window, a picture of every screen in both languages and themes.
//!
//! The window is driven as a person drives it: the rail, the palette, the settings. Whoever changes a screen looks at them.

use crate::run::{self, Stage};
use serde_json::json;
use std::path::{Path, PathBuf};
use std::time::Duration;
use xtask::display::{self, Session};
use xtask::server::{Laptop, PASSPHRASE, Server};
use xtask::webdriver::{Launch, Window, key};

const LANGUAGES: [(&str, &str); 2] = [("zh", "zh-CN"), ("en", "en")];
const THEMES: [&str; 2] = ["light", "dark"];

/// A state of the window worth a picture: its file name, and how to get there from any other one.
struct Scene {
    name: &'static str,
    go: fn(&Window) -> Result<(), String>,
}

/// As the manager's manager sees them, then as a rep.
const SCENES: &[Scene] = &[
    Scene { name: "today", go: |window| rail(window, "today") },
    Scene { name: "why", go: |window| rail(window, "today").and_then(|()| why(window)) },
    Scene {
        name: "goals",
        go: |window| goals(window, "2026").and_then(|()| window.wait("canvas, [role=treegrid]").map(drop)),
    },
    Scene { name: "goals-adjust", go: adjust },
    Scene { name: "goals-month", go: adjust_month },
    Scene { name: "goals-months", go: months },
    Scene { name: "goals-typing", go: typing },
    Scene { name: "goals-allocate", go: |window| goals(window, "2027").and_then(|()| sheet(window, "allocate")) },
    Scene { name: "goals-shift", go: |window| goals(window, "2026").and_then(|()| sheet(window, "shift")) },
    Scene { name: "team", go: |window| rail(window, "team").and_then(|()| window.wait("main svg").map(drop)) },
    Scene { name: "person", go: |window| link(window, "attain://person/zhang-san") },
    Scene {
        name: "person-pay",
        go: |window| link(window, "attain://person/zhang-san").and_then(|()| show_pay(window)),
    },
    Scene {
        name: "incentives",
        go: |window| rail(window, "incentives").and_then(|()| window.wait(&testid("closing-total")).map(drop)),
    },
    Scene { name: "conversations", go: |window| rail(window, "conversations") },
    Scene { name: "data", go: |window| rail(window, "data") },
    Scene { name: "settings", go: |window| rail(window, "settings") },
    Scene { name: "search", go: search },
];
const REP_SCENES: &[Scene] = &[
    Scene { name: "rep-today", go: |window| rail(window, "today") },
    Scene { name: "rep-goals", go: |window| rail(window, "goals") },
    Scene {
        name: "rep-pay",
        go: |window| rail(window, "pay").and_then(|()| window.wait(&testid("pay-amount")).map(drop)),
    },
];

/// What the window may be made as narrow as.
const NARROW: (u32, u32) = (1024, 700);
const USUAL: (u32, u32) = (1280, 800);

/// On a laptop that joined a server: one change waits, one was refused, and the server is out of reach.
const JOINED_SCENES: &[Scene] = &[
    Scene { name: "joined-today", go: |window| rail(window, "today") },
    Scene { name: "joined-team", go: |window| rail(window, "team").and_then(|()| window.wait("main svg").map(drop)) },
    Scene { name: "joined-sync", go: sync },
];

pub fn run(root: &Path) -> Result<(), String> {
    let out = run::target(root).join("screens");
    let _stage = Stage::new("Pictures of every screen");
    // Where there is a desktop, its display is used; the home and the keychain are throw-away all the same.
    let session = Session::start(!display::present() || cfg!(target_os = "linux"))?;
    let _ = std::fs::remove_dir_all(&out);
    std::fs::create_dir_all(&out).map_err(|error| format!("{}: {error}", out.display()))?;
    let mut window = Window::open(&Launch {
        binary: run::app(root),
        args: vec!["--home".into(), session.home().join("attain").display().to_string()],
        env: session.env().to_vec(),
        log: out.join("app.log"),
    })?;
    let mut camera = Camera { out: out.clone(), taken: 0 };

    window.wait(&testid("first-run-sample"))?;
    for (short, language) in LANGUAGES {
        choose(&window, "first-run-language", language)?;
        for theme in THEMES {
            window.run("document.documentElement.dataset.theme = arguments[0]", json!([theme]))?;
            camera.take(&window, "first-run", short, theme)?;
            window.press(&testid("first-run-join"))?;
            window.wait(&testid("join-server"))?;
            camera.take(&window, "first-run-join", short, theme)?;
            window.resize(NARROW.0, NARROW.1)?;
            camera.take(&window, "first-run-join-narrow", short, theme)?;
            window.resize(USUAL.0, USUAL.1)?;
            window.press(&testid("join-back"))?;
        }
    }
    window.press(&testid("first-run-sample"))?;
    window.patience = Duration::from_secs(180);
    window.wait(&testid("rail-today"))?;
    window.patience = Duration::from_secs(15);
    let owner = see_as(&window, None)?;

    for (short, language) in LANGUAGES {
        for theme in THEMES {
            rail(&window, "settings")?;
            choose(&window, "settings-language", language)?;
            choose(&window, "settings-theme", theme)?;
            for scene in SCENES {
                camera.scene(&window, scene, short, theme)?;
            }
            see_as(&window, Some("zhang-san"))?;
            for scene in REP_SCENES {
                camera.scene(&window, scene, short, theme)?;
            }
            see_as(&window, owner.as_deref())?;
            window.press(&testid("lock"))?;
            window.wait(&testid("unlock-button"))?;
            camera.take(&window, "lock", short, theme)?;
            window.press(&testid("unlock-button"))?;
            window.wait(&testid("rail-today"))?;
        }
    }
    window.close(&run::app(root))?;
    joined(root, &session, &mut camera)?;
    println!("{} pictures in {}", camera.taken, out.display());
    Ok(())
}

/// Pictures of [`JOINED_SCENES`], at the usual width and the least.
fn joined(root: &Path, session: &Session, camera: &mut Camera) -> Result<(), String> {
    let app = run::app(root);
    let mut server = Server::start(&app)?;
    let (hr, manager) = (Laptop::of("wang-fang", &server)?, Laptop::of("li-na", &server)?);
    manager.set_month("g26-zhang-san", "2026-10", "350000")?;
    hr.set_month("g26-zhang-san", "2026-10", "360000")?;
    hr.sync()?;
    // It says by its exit that something was refused.
    let _ = manager.sync();
    manager.set_month("g26-li-si", "2026-10", "170000")?;
    server.stop();
    let window = Window::open(&Launch {
        binary: app.clone(),
        args: vec!["--home".into(), manager.home().display().to_string()],
        env: session.env().to_vec(),
        log: camera.out.join("joined.log"),
    })?;
    let field = window.wait(&testid("unlock-field"))?;
    window.type_into(&field, PASSPHRASE)?;
    window.press(&testid("unlock-button"))?;
    window.wait(&format!("{}[data-state=attention]", testid("sync-badge")))?;
    for (short, language) in LANGUAGES {
        for theme in THEMES {
            rail(&window, "settings")?;
            choose(&window, "settings-language", language)?;
            choose(&window, "settings-theme", theme)?;
            for scene in JOINED_SCENES {
                camera.scene(&window, scene, short, theme)?;
                window.resize(NARROW.0, NARROW.1)?;
                camera.take(&window, &format!("{}-narrow", scene.name), short, theme)?;
                window.resize(USUAL.0, USUAL.1)?;
            }
        }
    }
    window.close(&app)
}

struct Camera {
    out: PathBuf,
    taken: u32,
}

impl Camera {
    fn scene(&mut self, window: &Window, scene: &Scene, language: &str, theme: &str) -> Result<(), String> {
        (scene.go)(window).map_err(|error| format!("{} ({language}, {theme}): {error}", scene.name))?;
        self.take(window, scene.name, language, theme)?;
        // Whatever lies above the screen goes away.
        window.chord(&[key::ESCAPE])
    }

    /// Takes the picture once the window has stopped changing.
    fn take(&mut self, window: &Window, name: &str, language: &str, theme: &str) -> Result<(), String> {
        let mut last = window.picture()?;
        for _ in 0..20 {
            std::thread::sleep(Duration::from_millis(60));
            let next = window.picture()?;
            let still = next == last;
            last = next;
            if still {
                break;
            }
        }
        let path = self.out.join(format!("{name}-{language}-{theme}.png"));
        std::fs::write(&path, last).map_err(|error| format!("{}: {error}", path.display()))?;
        self.taken += 1;
        Ok(())
    }
}

fn testid(id: &str) -> String {
    format!("[data-testid=\"{id}\"]")
}

fn rail(window: &Window, screen: &str) -> Result<(), String> {
    window.press(&testid(&format!("rail-{screen}")))?;
    window.wait(&format!("{}[aria-current=page]", testid(&format!("rail-{screen}"))))?;
    window.wait("main h1, main [data-testid=lead], main table, main [role=list], main ul").map(drop)
}

/// One of a few choices side by side.
fn choose(window: &Window, choice: &str, value: &str) -> Result<(), String> {
    let option = format!("{} input[value=\"{value}\"]", testid(choice));
    window.wait(&option)?;
    window.run("document.querySelector(arguments[0]).click()", json!([option]))?;
    window.wait(&format!("{option}:checked")).map(drop)
}

fn link(window: &Window, url: &str) -> Result<(), String> {
    let emit = "window.__TAURI_INTERNALS__.invoke('plugin:event|emit', { event: 'open_link', payload: arguments[0] })
        .then(() => done(null), (problem) => done(String(problem)))";
    let problem = window.run_async(emit, json!([url]))?;
    match problem.as_str() {
        Some(problem) => Err(problem.to_owned()),
        None => window.wait("main header h1, main header .name, main .who").map(drop),
    }
}

fn why(window: &Window) -> Result<(), String> {
    window.press("main button.figure, main .figure button, main [data-why]")?;
    window.wait(&testid("why-value")).map(drop)
}

fn adjust(window: &Window) -> Result<(), String> {
    goals(window, "2026")?;
    window.press(&testid("goal-adjust"))?;
    let field = window.wait(&testid("adjust-target"))?;
    window.type_into(&field, "1.2亿")?;
    window.wait(&testid("adjust-parsed"))?;
    window.wait(&testid("reading-remaining_share")).map(drop)
}

fn adjust_month(window: &Window) -> Result<(), String> {
    goals(window, "2026-09")?;
    window.press(&testid("goal-adjust"))?;
    let field = window.wait(&testid("adjust-target"))?;
    window.type_into(&field, "1000万")?;
    window.wait(&testid("adjust-month")).map(drop)
}

/// The columns of the months.
fn months(window: &Window) -> Result<(), String> {
    goals(window, "2026")?;
    choose(window, "goal-columns", "months")?;
    window.wait("[data-col=\"2026-12\"]").map(drop)
}

/// A figure is being typed: what it would do stands beside what there is.
fn typing(window: &Window) -> Result<(), String> {
    goals(window, "2026")?;
    choose(window, "goal-columns", "year")?;
    let cell = format!("{} [data-col=target]", testid("goal-row-g26-A"));
    window.wait(&cell)?;
    window.run("document.querySelector(arguments[0]).focus()", json!([cell]))?;
    window.chord(&["2"])?;
    let field = window.wait("input.edit")?;
    window.type_into(&field, "400万")?;
    window.wait("[role=treegrid] s").map(drop)
}

/// A sheet of the goal with the cursor: the first team's, or its first person's.
fn sheet(window: &Window, which: &str) -> Result<(), String> {
    choose(window, "goal-columns", "year")?;
    let row = "tr[aria-level=\"3\"] [data-col=target]";
    window.wait(row)?;
    window.run("document.querySelector(arguments[0]).focus()", json!([row]))?;
    window.press(&testid(&format!("goal-{which}")))?;
    if which == "shift" {
        let field = window.wait(&testid("shift-amount"))?;
        window.type_into(&field, "10万")?;
    }
    window.wait(&testid("effects")).map(drop)
}

/// The goals of a year or month.
fn goals(window: &Window, period: &str) -> Result<(), String> {
    rail(window, "goals")?;
    let script = "const [css, period] = arguments; const select = document.querySelector(css);
        select.value = period; select.dispatchEvent(new Event('change', { bubbles: true }))";
    window.run(script, json!([testid("period-select"), period]))?;
    window.wait(&format!("[data-period=\"{period}\"]")).map(drop)
}

fn show_pay(window: &Window) -> Result<(), String> {
    window.press(&testid("pay-show"))?;
    window.wait(&testid("pay-amount")).map(drop)
}

fn sync(window: &Window) -> Result<(), String> {
    window.press(&testid("sync-badge"))?;
    window.wait(&testid("attention-list")).map(drop)
}

fn search(window: &Window) -> Result<(), String> {
    window.press(&testid("search-open"))?;
    let field = window.wait("[role=dialog] input, [role=combobox]")?;
    window.type_into(&field, "zs")?;
    window.wait("[role=option]").map(drop)
}

/// Looks as somebody else, or says as whom one looks.
fn see_as(window: &Window, person: Option<&str>) -> Result<Option<String>, String> {
    let select = testid("see-as");
    window.wait(&format!("{select} option"))?;
    let script = "const [css, id] = arguments; const select = document.querySelector(css);
        if (id && select.value !== id) { select.value = id; select.dispatchEvent(new Event('change', { bubbles: true })); }
        return select.value";
    let seen = window.run(script, json!([select, person]))?;
    if person.is_some() {
        window.wait("main h1, main [data-testid=lead]")?;
    }
    Ok(seen.as_str().map(str::to_owned))
}
