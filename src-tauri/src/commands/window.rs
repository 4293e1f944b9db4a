//! The window itself: when it was first painted, and when a person last touched it.

use crate::desk::{Shared, held};
use crate::views::figure::Problem;
use crate::views::workspace::TableChoice;
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tauri::{AppHandle, Emitter, State, WebviewWindow};

/// Whether the first screen stands, and the last sign of a person.
pub struct Life {
    painted: AtomicBool,
    active: Mutex<Instant>,
    /// A deep link that comes before the first screen waits here for it.
    link: Mutex<Option<String>>,
}

impl Life {
    pub fn new() -> Self {
        Self { painted: AtomicBool::new(false), active: Mutex::new(Instant::now()), link: Mutex::new(None) }
    }

    /// Hands a deep link to the screens, when the first one stands.
    pub fn follow(&self, app: &AppHandle, link: String) {
        if self.painted.load(Ordering::SeqCst) {
            let _ = app.emit("open_link", link);
        } else {
            *held(&self.link) = Some(link);
        }
    }

    /// Time since somebody touched the window.
    pub fn idle(&self) -> Duration {
        held(&self.active).elapsed()
    }

    pub fn touch(&self) {
        *held(&self.active) = Instant::now();
    }
}

/// The UI calls this two animation frames after its first screen: `ATTAIN_READY_URL` is told, once.
#[tauri::command]
pub fn ready(window: WebviewWindow, life: State<'_, Life>) {
    let _ = window.show();
    if life.painted.swap(true, Ordering::SeqCst) {
        return;
    }
    if let Some(link) = held(&life.link).take() {
        let _ = window.emit("open_link", link);
    }
    if let Ok(url) = std::env::var("ATTAIN_READY_URL") {
        std::thread::spawn(move || {
            if let Err(error) = tell(&url) {
                eprintln!("attain: ATTAIN_READY_URL: {error}");
            }
        });
    }
}

#[tauri::command]
pub fn window_activity(life: State<'_, Life>) {
    life.touch();
}

/// Keeps how a table was left for the next start.
#[tauri::command(rename_all = "snake_case")]
pub async fn window_table_keep(
    desk: State<'_, Shared>,
    name: String,
    choice: TableChoice,
) -> std::result::Result<(), Problem> {
    let desk = desk.inner().clone();
    desk.clone()
        .blocking(move || {
            let mut preferences = desk.preferences();
            preferences.tables.insert(name, choice);
            match preferences.valid() {
                true => desk.set_preferences(preferences),
                false => Err(attain_client::Problem::usage("setting_invalid")),
            }
        })
        .await
}

/// One plain GET to this machine; any other address is refused.
fn tell(url: &str) -> Result<(), String> {
    let (address, host, path) = loopback(url).ok_or("only http:// on this machine is told")?;
    let mut stream = TcpStream::connect(address).map_err(|error| error.to_string())?;
    stream.set_read_timeout(Some(Duration::from_secs(2))).map_err(|error| error.to_string())?;
    let request = format!("GET {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n");
    stream.write_all(request.as_bytes()).map_err(|error| error.to_string())?;
    let _ = stream.read(&mut [0; 64]);
    Ok(())
}

/// Address, host header and path of an `http://` URL that stays on this machine.
fn loopback(url: &str) -> Option<(SocketAddr, &str, &str)> {
    let rest = url.strip_prefix("http://")?;
    let (host, path) = rest.split_at(rest.find('/').unwrap_or(rest.len()));
    let path = if path.is_empty() { "/" } else { path };
    let (name, port) = match host.rsplit_once(':') {
        Some((name, port)) => (name, port.parse().ok()?),
        None => (host, 80),
    };
    let ip = match name {
        "localhost" => IpAddr::from([127, 0, 0, 1]),
        name => name.trim_start_matches('[').trim_end_matches(']').parse().ok()?,
    };
    ip.is_loopback().then_some((SocketAddr::new(ip, port), host, path))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_is_told() {
        let cases = [
            ("http://127.0.0.1:8765/ready", Some(("127.0.0.1:8765", "/ready"))),
            ("http://localhost:9/", Some(("127.0.0.1:9", "/"))),
            ("http://[::1]:9", Some(("[::1]:9", "/"))),
            ("http://10.0.0.1:9/", None),
            ("http://attain.example/ready", None),
            ("https://127.0.0.1/", None),
            ("http://127.0.0.1:99999/", None),
        ];
        for (url, expected) in cases {
            let found = loopback(url).map(|(address, _, path)| (address.to_string(), path.to_owned()));
            assert_eq!(found, expected.map(|(address, path)| (address.to_owned(), path.to_owned())), "{url}");
        }
    }

    #[test]
    fn the_listener_gets_one_get() {
        let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("http://{}/ready?run=1", listener.local_addr().unwrap());
        let heard = std::thread::spawn(move || {
            let (mut stream, _) = listener.accept().unwrap();
            let mut bytes = [0; 256];
            let read = stream.read(&mut bytes).unwrap();
            stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n").unwrap();
            String::from_utf8_lossy(&bytes[..read]).into_owned()
        });
        tell(&url).unwrap();
        assert!(heard.join().unwrap().starts_with("GET /ready?run=1 HTTP/1.1\r\n"));
    }
}
