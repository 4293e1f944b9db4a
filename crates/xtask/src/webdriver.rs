//! The real window, driven: WebKitWebDriver starts the app and answers the W3C protocol on this machine.
//!
//! Only what journeys and screenshots use. Waiting is always for something to be there, never for time to pass.

use crate::display::{self, Owned};
use base64::Engine;
use serde_json::{Value, json};
use std::path::{Path, PathBuf};
use std::process::Stdio;
use std::time::{Duration, Instant};

/// The key that names an element in the protocol.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Keys that have no character, as the protocol writes them.
pub mod key {
    pub const ENTER: &str = "\u{E007}";
    pub const ESCAPE: &str = "\u{E00C}";
    pub const TAB: &str = "\u{E004}";
    pub const CONTROL: &str = "\u{E009}";
    pub const SHIFT: &str = "\u{E008}";
    pub const DOWN: &str = "\u{E015}";
    pub const UP: &str = "\u{E013}";
    pub const F2: &str = "\u{E032}";
}

/// How the app is started.
pub struct Launch {
    pub binary: PathBuf,
    pub args: Vec<String>,
    pub env: Vec<(String, String)>,
    /// Where the app's own words go; a failed journey shows it.
    pub log: PathBuf,
}

/// A running app and the driver that holds it. Dropping it ends both.
pub struct Window {
    agent: ureq::Agent,
    session: String,
    driver: Owned,
    /// How long [`Window::wait`] looks.
    pub patience: Duration,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Element(String);

impl Window {
    pub fn open(launch: &Launch) -> Result<Self, String> {
        let port = free_port()?;
        let log = std::fs::File::create(&launch.log).map_err(|error| format!("{}: {error}", launch.log.display()))?;
        let errors = log.try_clone().map_err(|error| error.to_string())?;
        let mut command = display::tied("WebKitWebDriver");
        command
            .args([format!("--port={port}"), "--host=127.0.0.1".to_owned()])
            .envs(launch.env.iter().cloned())
            .envs([("TAURI_AUTOMATION", "true"), ("TAURI_WEBVIEW_AUTOMATION", "true")])
            .stdin(Stdio::null())
            .stdout(log)
            .stderr(errors);
        let driver = Owned::spawn("WebKitWebDriver", &mut command)?;
        let agent: ureq::Agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .timeout_global(Some(Duration::from_secs(120)))
            .proxy(None)
            .build()
            .into();
        let base = format!("http://127.0.0.1:{port}");
        wait_for(Duration::from_secs(10), "WebKitWebDriver to listen", || {
            agent.get(format!("{base}/status")).call().ok().map(drop)
        })?;
        let options = json!({ "binary": launch.binary, "args": launch.args });
        let body = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let answer = send(&agent, &format!("{base}/session"), Some(&body))?;
        let id = answer["sessionId"].as_str().ok_or("the driver named no session")?;
        let session = format!("{base}/session/{id}");
        Ok(Self { agent, session, driver, patience: Duration::from_secs(15) })
    }

    fn post(&self, path: &str, body: &Value) -> Result<Value, String> {
        send(&self.agent, &format!("{}/{path}", self.session), Some(body))
    }

    fn get(&self, path: &str) -> Result<Value, String> {
        send(&self.agent, &format!("{}/{path}", self.session), None)
    }

    /// The first element that matches now.
    pub fn find(&self, css: &str) -> Result<Element, String> {
        let found = self.post("element", &json!({ "using": "css selector", "value": css }))?;
        Ok(Element(found[ELEMENT].as_str().ok_or_else(|| format!("nothing matches {css}"))?.to_owned()))
    }

    /// Every element that matches now.
    pub fn all(&self, css: &str) -> Result<Vec<Element>, String> {
        let found = self.post("elements", &json!({ "using": "css selector", "value": css }))?;
        let list = found.as_array().into_iter().flatten();
        Ok(list.filter_map(|element| element[ELEMENT].as_str().map(|id| Element(id.to_owned()))).collect())
    }

    /// Waits until an element matches.
    pub fn wait(&self, css: &str) -> Result<Element, String> {
        self.wait_until(css, || self.find(css).ok())
    }

    /// Waits until an element that matches `css` shows `text`.
    pub fn wait_text(&self, css: &str, text: &str) -> Result<Element, String> {
        let script = "const [css, text] = arguments; return [...document.querySelectorAll(css)]
            .findLast(e => [e.innerText, e.value, e.ariaLabel].some(said => String(said ?? '').includes(text))) ?? null";
        self.wait_until(&format!("{css} with {text:?}"), || {
            let found = self.run(script, json!([css, text])).ok()?;
            Some(Element(found[ELEMENT].as_str()?.to_owned()))
        })
    }

    /// Waits until `look` finds something; the error says what was waited for and what the window showed instead.
    pub fn wait_until<T>(&self, what: &str, look: impl FnMut() -> Option<T>) -> Result<T, String> {
        wait_for(self.patience, what, look)
            .map_err(|error| format!("{error}; the window shows:\n{}", self.words().unwrap_or_default()))
    }

    pub fn click(&self, element: &Element) -> Result<(), String> {
        self.post(&format!("element/{}/click", element.0), &json!({})).map(drop)
    }

    /// Waits for the element and clicks it; one that the screen draws anew in between is looked for again.
    pub fn press(&self, css: &str) -> Result<(), String> {
        self.wait_until(&format!("{css} to be pressed"), || {
            let element = self.find(css).ok()?;
            match self.click(&element) {
                Err(error) if passing(&error) => None,
                outcome => Some(outcome),
            }
        })?
    }

    /// Types into an element.
    pub fn type_into(&self, element: &Element, text: &str) -> Result<(), String> {
        self.post(&format!("element/{}/value", element.0), &json!({ "text": text })).map(drop)
    }

    /// Presses keys together, as a person would: `chord(&[key::CONTROL, "k"])`. They go to whatever has the focus.
    pub fn chord(&self, keys: &[&str]) -> Result<(), String> {
        let down = keys.iter().map(|key| json!({ "type": "keyDown", "value": key }));
        let up = keys.iter().rev().map(|key| json!({ "type": "keyUp", "value": key }));
        let actions: Vec<Value> = down.chain(up).collect();
        let body = json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": actions }] });
        self.post("actions", &body).map(drop)
    }

    pub fn text(&self, element: &Element) -> Result<String, String> {
        let text = self.get(&format!("element/{}/text", element.0))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Everything the window shows, as text.
    pub fn words(&self) -> Result<String, String> {
        let text = self.run("return document.body.innerText", json!([]))?;
        Ok(text.as_str().unwrap_or_default().to_owned())
    }

    /// Runs a function body in the page.
    pub fn run(&self, script: &str, args: Value) -> Result<Value, String> {
        let value = self.post("execute/sync", &json!({ "script": script, "args": args }))?;
        Ok(value)
    }

    /// Runs a function body that ends with `done(value)`.
    pub fn run_async(&self, script: &str, args: Value) -> Result<Value, String> {
        let script = format!("const done = arguments[arguments.length - 1];\n{script}");
        self.post("execute/async", &json!({ "script": script, "args": args }))
    }

    /// Makes the window this large, in CSS pixels, and waits until it is.
    pub fn resize(&self, width: u32, height: u32) -> Result<(), String> {
        self.post("window/rect", &json!({ "width": width, "height": height }))?;
        self.wait_until(&format!("a window {width} wide"), || {
            let now = self.run("return innerWidth", json!([])).ok()?;
            (now.as_u64() == Some(u64::from(width))).then_some(())
        })
    }

    /// The window as a PNG, once what the page holds now has been painted.
    pub fn picture(&self) -> Result<Vec<u8>, String> {
        self.run_async("requestAnimationFrame(() => requestAnimationFrame(() => done(null)))", json!([]))?;
        let shot = self.get("screenshot")?;
        let text = shot.as_str().ok_or("the driver sent no picture")?;
        base64::engine::general_purpose::STANDARD.decode(text).map_err(|error| error.to_string())
    }

    pub fn save_picture(&self, path: &Path) -> Result<(), String> {
        std::fs::write(path, self.picture()?).map_err(|error| format!("{}: {error}", path.display()))
    }

    /// The app's own process.
    pub fn app_id(&self, binary: &Path) -> Result<u32, String> {
        let name = binary.file_name().ok_or("the app has no name")?;
        children(self.driver.id())
            .into_iter()
            .find(|id| std::fs::read_link(format!("/proc/{id}/exe")).is_ok_and(|exe| exe.file_name() == Some(name)))
            .ok_or_else(|| "the app is not running".into())
    }

    /// `kill -9`: the app has no chance to save anything.
    pub fn kill_app(self, binary: &Path) -> Result<(), String> {
        let id = self.app_id(binary)?;
        #[cfg(unix)]
        if let Some(pid) = i32::try_from(id).ok().and_then(rustix::process::Pid::from_raw) {
            rustix::process::kill_process(pid, rustix::process::Signal::KILL).map_err(|error| error.to_string())?;
        }
        wait_for(Duration::from_secs(5), "the app to die", || {
            (!Path::new(&format!("/proc/{id}")).exists() || is_zombie(id)).then_some(())
        })
    }

    /// Closes the window as a person would and waits for the app to end.
    pub fn close(self, binary: &Path) -> Result<(), String> {
        let id = self.app_id(binary)?;
        let _ = send_delete(&self.agent, &self.session);
        wait_for(Duration::from_secs(10), "the app to end", || {
            (!Path::new(&format!("/proc/{id}")).exists() || is_zombie(id)).then_some(())
        })
    }
}

/// Errors that say "not yet".
fn passing(error: &str) -> bool {
    ["stale element reference", "element click intercepted", "element not interactable"]
        .iter()
        .any(|code| error.contains(code))
}

fn is_zombie(id: u32) -> bool {
    std::fs::read_to_string(format!("/proc/{id}/stat"))
        .is_ok_and(|stat| stat.rsplit(')').next().is_some_and(|rest| rest.trim_start().starts_with('Z')))
}

fn children(parent: u32) -> Vec<u32> {
    let Ok(entries) = std::fs::read_dir("/proc") else { return Vec::new() };
    let ids = entries.flatten().filter_map(|entry| entry.file_name().to_str()?.parse().ok());
    ids.filter(|id: &u32| {
        let stat = std::fs::read_to_string(format!("/proc/{id}/stat")).unwrap_or_default();
        let after_name = stat.rsplit(')').next().unwrap_or_default();
        after_name.split_whitespace().nth(1).and_then(|field| field.parse().ok()) == Some(parent)
    })
    .collect()
}

fn free_port() -> Result<u16, String> {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").map_err(|error| error.to_string())?;
    Ok(listener.local_addr().map_err(|error| error.to_string())?.port())
}

fn wait_for<T>(patience: Duration, what: &str, mut look: impl FnMut() -> Option<T>) -> Result<T, String> {
    let until = Instant::now() + patience;
    loop {
        if let Some(found) = look() {
            return Ok(found);
        }
        if Instant::now() > until {
            return Err(format!("waited {} s for {what}", patience.as_secs()));
        }
        std::thread::sleep(Duration::from_millis(50));
    }
}

fn send(agent: &ureq::Agent, url: &str, body: Option<&Value>) -> Result<Value, String> {
    let answer = match body {
        Some(body) => agent.post(url).send_json(body),
        None => agent.get(url).call(),
    };
    read_answer(answer)
}

fn send_delete(agent: &ureq::Agent, url: &str) -> Result<Value, String> {
    read_answer(agent.delete(url).call())
}

fn read_answer(answer: Result<ureq::http::Response<ureq::Body>, ureq::Error>) -> Result<Value, String> {
    let mut answer = answer.map_err(|error| format!("WebDriver: {error}"))?;
    let body: Value =
        answer.body_mut().with_config().limit(64 << 20).read_json().map_err(|error| format!("WebDriver: {error}"))?;
    let value = &body["value"];
    if let Some(code) = value["error"].as_str() {
        return Err(format!("WebDriver: {code}: {}", value["message"].as_str().unwrap_or_default()));
    }
    Ok(value.clone())
}
