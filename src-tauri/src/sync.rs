//! Sync in the background: when a round is due, one round at a time, and where this laptop stands.
//!
//! Owns: the loop, the time it waits, the ear for what others change, what is told of a round. A round has a connection of
//! its own, so that nobody waits for the network. Absent on purpose: what a round is (attain-client), the words.

use crate::commands::figure::{count, problem};
use crate::desk::{Desk, Result, Shared, held};
use crate::views::figure::Problem;
use crate::views::sync::{Receiving, SyncStatus};
use attain_client::lease::Lease;
use attain_client::store::connection::View;
use attain_client::sync::{self, Listener};
use attain_client::workspace::real_time;
use chrono::{DateTime, Local, SecondsFormat, Utc};
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};
use tauri::{Emitter, Manager};

/// Between rounds when nothing happens here and nothing is heard.
const PERIOD: Duration = Duration::from_secs(30);
/// After a local change: what follows at once goes with it.
const DEBOUNCE: Duration = Duration::from_millis(250);
/// Before listening again after the server ended it; where it is not reached, as long as between rounds.
const PAUSE: Duration = Duration::from_secs(1);

/// Between two looks of the screens at what comes in while much of it does.
const REFRESH: Duration = Duration::from_secs(2);

/// What can come from a server, by noun.
pub const NOUNS: [&str; 10] =
    ["goal", "import", "note", "order", "payout", "person", "plan", "settings", "unit", "audit"];

#[derive(Default)]
pub struct Sync {
    /// One round, or one signing in, at a time.
    one: Mutex<()>,
    known: Mutex<Known>,
    /// Something is due sooner than the loop thought.
    sooner: Condvar,
}

#[derive(Default)]
struct Known {
    due: Option<Instant>,
    /// Something may have changed in what is told.
    stale: bool,
    running: bool,
    offline_since: Option<String>,
    problem: Option<Problem>,
    told: Option<SyncStatus>,
    /// A round has written since somebody asked.
    wrote: bool,
    /// The opening for which somebody listens to the server.
    listening: Option<u64>,
}

impl Sync {
    /// A local change: a round follows when no other has for a moment.
    pub fn nudge(&self) {
        let mut known = held(&self.known);
        known.stale = true;
        // Whoever never stops changing things is synced all the same.
        known.due = known.due.map(|due| due.min(Instant::now() + DEBOUNCE));
        self.sooner.notify_all();
    }

    /// Others have changed something: a round at once.
    fn heard(&self) {
        let mut known = held(&self.known);
        known.due = known.due.map(|due| due.min(Instant::now()));
        self.sooner.notify_all();
    }

    /// Something has arrived on the desk or left it: nothing is known of it yet.
    pub fn anew(&self) {
        *held(&self.known) = Known { due: Some(Instant::now()), stale: true, ..Known::default() };
        self.sooner.notify_all();
    }

    /// Waits until something is due or may have to be told.
    fn wait(&self) {
        let mut known = held(&self.known);
        while !known.stale {
            let left = known.due.map_or(PERIOD, |due| due.saturating_duration_since(Instant::now()));
            if left.is_zero() {
                break;
            }
            known = self.sooner.wait_timeout(known, left).unwrap_or_else(PoisonError::into_inner).0;
        }
    }

    pub fn told(&self) -> Option<SyncStatus> {
        held(&self.known).told.clone()
    }

    /// Whether a round writes, or has written since this was last asked.
    pub fn wrote(&self) -> bool {
        let mut known = held(&self.known);
        known.running | std::mem::take(&mut known.wrote)
    }

    /// Holds back rounds while this runs.
    pub fn alone<T>(&self, work: impl FnOnce() -> T) -> T {
        let _one = held(&self.one);
        work()
    }
}

/// Starts the loop; it lives as long as the process.
pub fn start(desk: &Shared) {
    let desk = desk.clone();
    std::thread::spawn(move || {
        loop {
            desk.sync.wait();
            if held(&desk.sync.known).due.is_some_and(|due| due <= Instant::now()) {
                // What stood in the way is in the status.
                let _ = round(&desk);
            }
            if std::mem::take(&mut held(&desk.sync.known).stale) {
                tell(&desk);
            }
        }
    });
}

/// One round, if the open workspace has joined a server. Takes as long as the server does.
pub fn round(desk: &Desk) -> Result<()> {
    desk.sync.alone(|| {
        held(&desk.sync.known).due = Some(Instant::now() + PERIOD);
        let Some(opening) = desk.opening() else { return Ok(()) };
        let Some(mut beside) = desk.beside()? else { return Ok(()) };
        {
            let mut known = held(&desk.sync.known);
            known.running = true;
            known.wrote = true;
        }
        tell(desk);
        let before = mark(beside.view());
        let mut shown = Instant::now();
        let outcome = sync::run_while(&mut beside, &|| desk.opening() == Some(opening), &mut |_| {
            // Reading every screen again costs more than a page: now and then, and at once when there is nothing yet.
            let due = shown.elapsed() > REFRESH;
            if due {
                shown = Instant::now();
            }
            if due || desk.is_receiving() {
                desk.look_again(due);
            }
            tell(desk);
        });
        let moved = before != mark(beside.view());
        drop(beside);
        if desk.opening() != Some(opening) {
            return Ok(());
        }
        {
            let mut known = held(&desk.sync.known);
            known.running = false;
            known.wrote = true;
            match &outcome {
                Ok(report) => {
                    let later =
                        report.later.as_deref().map(|_| problem(attain_client::Problem::refused("server_older")));
                    (known.offline_since, known.problem) = (None, later);
                }
                Err(failure) if failure.code == "server_unreachable" => {
                    known.offline_since.get_or_insert_with(real_time);
                    known.problem = None;
                }
                Err(failure) => known.problem = Some(problem(failure.clone())),
            }
        }
        if outcome.is_ok() {
            listen(desk, opening);
        }
        // What was committed before a break stays, and is shown.
        desk.look_again(moved);
        tell(desk);
        outcome.map(|_| ())
    })
}

/// Hears from now on what others change, for as long as this opening lasts.
fn listen(desk: &Desk, opening: u64) {
    if held(&desk.sync.known).listening.replace(opening) == Some(opening) {
        return;
    }
    let desk = desk.app().state::<Shared>().inner().clone();
    std::thread::spawn(move || {
        while desk.opening() == Some(opening) {
            // New each time: the token it is let in with is renewed by rounds.
            let ear = desk.peek(Listener::of);
            let mut pause = PERIOD;
            if let Ok(Some(ear)) = ear {
                let heard = ear.listen(|changed| {
                    let mine = desk.opening() == Some(opening);
                    if changed && mine {
                        desk.sync.heard();
                    }
                    mine
                });
                // Whatever broke it off, something may have been missed.
                if heard.is_ok() && desk.opening() == Some(opening) {
                    desk.sync.heard();
                    pause = PAUSE;
                }
            }
            std::thread::sleep(pause);
        }
    });
}

/// Differs after anything came in or was answered.
fn mark(view: View) -> (Option<String>, u64, usize) {
    (
        view.setting("cursor").unwrap_or_default(),
        view.waiting_count().unwrap_or_default(),
        view.attention().map_or(0, |list| list.len()),
    )
}

/// Tells the screens where this laptop stands, if that has changed.
pub fn tell(desk: &Desk) {
    let now = desk.peek(|view| {
        let Some(joined) = view.joined()? else { return Ok(None) };
        let attention = view.attention()?.len();
        Ok(Some((joined, attention, standing(view)?)))
    });
    let now = match now {
        Ok(now) => now.flatten(),
        // Another look at the next change; what was told stands.
        Err(_) => return,
    };
    let mut known = held(&desk.sync.known);
    let status = now.map(|(joined, attention, stands)| SyncStatus {
        server: joined.server,
        // The name says which one it is, the beginning of the id which of two of that name.
        device: format!("{} · {}", device_name(), joined.device.chars().take(8).collect::<String>()),
        synced_at: stands.synced_at.as_deref().map(here),
        offline_since: known.offline_since.as_deref().map(here),
        pending: count(stands.pending),
        attention: count(attention),
        running: known.running,
        problem: known.problem.clone(),
        withheld: stands.lease.as_ref().and_then(|lease| lease.may_look().err()).map(problem),
        days_left: stands.lease.and_then(|lease| lease.warned).map(count),
        pay_erased: stands.pay_erased,
        parked: count(stands.parked),
        escrowed: count(stands.escrowed),
        receiving: stands.receiving.map(|so_far| Receiving { records: count(so_far.records), of: count(so_far.of) }),
    });
    if status != known.told {
        known.told.clone_from(&status);
        drop(known);
        let _ = desk.app().emit("sync_status", status);
    }
}

/// What the store says of where this laptop stands.
struct Standing {
    synced_at: Option<String>,
    pending: u64,
    lease: Option<Lease>,
    pay_erased: bool,
    parked: u64,
    escrowed: u64,
    receiving: Option<sync::Receiving>,
}

fn standing(view: View) -> Result<Standing> {
    Ok(Standing {
        synced_at: view.setting("synced_at")?,
        pending: view.waiting_count()?,
        lease: Lease::of(view, Utc::now())?,
        pay_erased: view.setting("pay_erased")?.is_some(),
        parked: view.parked_count()?,
        escrowed: view.escrowed()?,
        receiving: sync::receiving(view)?,
    })
}

/// A time of this laptop's, on its own clock: whether one is connected is a matter of where one sits.
pub fn here(at: &str) -> String {
    DateTime::parse_from_rfc3339(at)
        .map_or_else(|_| at.to_owned(), |time| time.with_timezone(&Local).to_rfc3339_opts(SecondsFormat::Secs, false))
}

/// The name a laptop gives itself on the server.
pub fn device_name() -> String {
    let of_environment = ["COMPUTERNAME", "HOSTNAME"].iter().find_map(|name| std::env::var(name).ok());
    let named = of_environment.or_else(|| std::fs::read_to_string("/etc/hostname").ok()).unwrap_or_default();
    match named.trim() {
        "" => std::env::consts::OS.to_owned(),
        name => name.chars().take(64).collect(),
    }
}
