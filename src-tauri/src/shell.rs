//! The process: its options, one instance per home, one window from hidden to painted, deep links.
//!
//! Absent on purpose: anything about a company. The workspace is opened by `commands/workspace.rs` when the screen asks.

use crate::commands;
use crate::desk::{Desk, Shared};
use chrono::NaiveDate;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::time::Duration;
use tauri::webview::{Color, PageLoadEvent, WebviewWindowBuilder};
use tauri::{AppHandle, Manager};
use tauri_plugin_deep_link::DeepLinkExt;

/// How the process was started.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Options {
    /// Directory that holds the store; the platform's data directory by default.
    pub home: PathBuf,
    /// Create or open the sample company and go straight in.
    pub sample: bool,
    /// The date figures are reckoned at; as of `attainctl --today`.
    pub today: Option<NaiveDate>,
    /// `attain://…` that started the process.
    pub link: Option<String>,
}

impl Options {
    /// Reads `[--sample] [--home DIR] [--today DATE] [attain://…]`. The error is the usage line to print.
    pub fn from_args(args: impl Iterator<Item = OsString>) -> Result<Self, String> {
        let usage = || "usage: attain [--sample] [--home DIR] [--today YYYY-MM-DD] [attain://…]".to_owned();
        let mut home = None;
        let mut sample = false;
        let mut today = None;
        let mut link = None;
        let mut args = args;
        while let Some(arg) = args.next() {
            match arg.to_str() {
                Some("--sample") => sample = true,
                Some("--home") => home = Some(PathBuf::from(args.next().ok_or_else(usage)?)),
                Some("--today") => {
                    let date = args.next().and_then(|date| date.to_str()?.parse().ok());
                    today = Some(date.ok_or_else(usage)?);
                }
                Some(url) if url.starts_with("attain://") => link = Some(url.to_owned()),
                _ => return Err(usage()),
            }
        }
        let home = match home.or_else(attain_client::workspace::default_home) {
            Some(home) => home,
            None => return Err("no data directory on this system: give one with --home DIR".into()),
        };
        Ok(Self { home, sample, today, link })
    }
}

/// A page that has not reported its first paint by then is shown anyway, so that a fault is seen rather than suspected.
const SHOW_AT_LATEST: Duration = Duration::from_secs(4);

/// Tells the shell that a person is there, at most every fifteen seconds: the idle lock counts from the last sign.
const ACTIVITY: &str = r"(() => {
  let last = 0;
  const sign = () => {
    const now = Date.now();
    if (now - last < 15000) return;
    last = now;
    window.__TAURI_INTERNALS__?.invoke('window_activity').catch(() => {});
  };
  for (const kind of ['keydown', 'pointerdown', 'wheel']) addEventListener(kind, sign, { capture: true, passive: true });
})();";

/// Runs until the window is closed.
pub fn start(options: Options) -> tauri::Result<()> {
    let instance = tauri_plugin_single_instance::Builder::new()
        .callback(|app, _args, _cwd| raise(app))
        .dbus_id(instance_id(&options.home))
        .build();
    let remembered = tauri_plugin_window_state::StateFlags::all() - tauri_plugin_window_state::StateFlags::VISIBLE;
    let app = tauri::Builder::default()
        .plugin(instance)
        .plugin(tauri_plugin_window_state::Builder::default().with_state_flags(remembered).build())
        .plugin(tauri_plugin_dialog::init())
        .plugin(tauri_plugin_deep_link::init())
        .plugin(tauri_plugin_opener::init())
        .manage(commands::window::Life::new())
        .manage(commands::import::Imports::default())
        .manage(commands::goal::Sheets::default())
        .manage(std::sync::Arc::new(commands::goal::tree::Trees::default()))
        .invoke_handler(commands::handler())
        .setup(move |app| {
            let handle = app.handle().clone();
            app.deep_link().on_open_url(move |event| {
                for url in event.urls() {
                    raise(&handle);
                    handle.state::<commands::window::Life>().follow(&handle, url.to_string());
                }
            });
            let desk = Desk::new(app.handle().clone(), options.home, options.sample, options.today);
            desk.watch();
            crate::sync::start(&desk);
            app.manage::<Shared>(desk);
            open_window(app)?;
            if let Some(link) = options.link {
                app.state::<commands::window::Life>().follow(app.handle(), link);
            }
            Ok(())
        })
        .build(tauri::generate_context!())?;
    app.run(|app, event| {
        if let tauri::RunEvent::Exit = event {
            // Closing the window during an import is a cancel: nothing of it is kept, and nobody waits for it.
            app.state::<commands::import::Imports>().cancel();
            app.state::<Shared>().lock();
        }
    });
    Ok(())
}

/// Two homes are two companies on one laptop: each has its own instance.
fn instance_id(home: &Path) -> String {
    // FNV-1a: a name for the session bus, nothing is protected by it.
    let hash = home
        .as_os_str()
        .as_encoded_bytes()
        .iter()
        .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3));
    format!("com.attain.desktop.h{hash:016x}")
}

fn open_window(app: &tauri::App) -> tauri::Result<()> {
    let Some(config) = app.config().app.windows.iter().find(|window| window.label == "main") else {
        return Err(tauri::Error::WindowNotFound);
    };
    // Under WebDriver the engine only hands over a window that has a context of its own; people get one without a disk.
    let automated = std::env::var("TAURI_WEBVIEW_AUTOMATION").is_ok_and(|value| value == "true");
    let preferences = app.state::<Shared>().preferences();
    let left = format!("window.__ATTAIN_LEFT__ = {};", serde_json::to_string(&preferences.left())?);
    let mut builder = WebviewWindowBuilder::from_config(app, config)?
        .background_color(Color(0xF5, 0xF6, 0xF8, 0xFF))
        .initialization_script(ACTIVITY)
        .initialization_script(left)
        .on_navigation(|url| matches!(url.scheme(), "tauri" | "about") || is_own_host(url.host_str()))
        .on_page_load(|window, payload| {
            if payload.event() == PageLoadEvent::Finished {
                let _ = window.show();
            }
        });
    if !automated {
        builder = builder.incognito(true);
    }
    let window = builder.build()?;
    let dark = match preferences.theme.as_str() {
        "system" => window.theme().is_ok_and(|theme| theme == tauri::Theme::Dark),
        chosen => chosen == "dark",
    };
    if dark {
        window.set_background_color(Some(Color(0x0F, 0x12, 0x16, 0xFF)))?;
    }
    std::thread::spawn(move || {
        std::thread::sleep(SHOW_AT_LATEST);
        let _ = window.show();
    });
    Ok(())
}

/// Nothing but the app's own pages is ever shown in its window; the dev server is one in a dev build.
fn is_own_host(host: Option<&str>) -> bool {
    matches!(host, Some("tauri.localhost")) || (tauri::is_dev() && matches!(host, Some("localhost")))
}

fn raise(app: &AppHandle) {
    if let Some(window) = app.get_webview_window("main") {
        let _ = window.unminimize();
        let _ = window.show();
        let _ = window.set_focus();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(args: &[&str]) -> Result<Options, String> {
        Options::from_args(args.iter().map(OsString::from))
    }

    #[test]
    fn options_say_where_and_what() {
        let args = ["--home", "/tmp/somewhere", "--sample", "--today", "2026-10-09", "attain://goal/g26-jia"];
        let options = read(&args).unwrap();
        assert_eq!(options.today, NaiveDate::from_ymd_opt(2026, 10, 9));
        assert_eq!(options.home, Path::new("/tmp/somewhere"));
        assert!(options.sample);
        assert_eq!(options.link.as_deref(), Some("attain://goal/g26-jia"));
    }

    #[test]
    fn unknown_options_are_refused() {
        for args in [&["--smaple"][..], &["--home"], &["--today", "soon"], &["orders.csv"]] {
            assert!(read(args).is_err(), "{args:?}");
        }
    }

    #[test]
    fn every_home_is_its_own_instance() {
        assert_ne!(instance_id(Path::new("/a")), instance_id(Path::new("/b")));
        assert_eq!(instance_id(Path::new("/a")), instance_id(Path::new("/a")));
    }
}
