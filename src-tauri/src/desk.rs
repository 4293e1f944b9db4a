//! The desk: the one workspace of this window, open or locked, and the way commands reach it.
//!
//! One writing connection behind a lock, at most three reading ones beside it; both are used on blocking threads, and no
//! lock is held across an await. After each write the screens hear `changed`. Absent on purpose: what commands do.

use crate::commands::figure::problem;
use crate::commands::window::Life;
use crate::preferences::Preferences;
use crate::sync::{self, Sync};
use crate::views::figure::{Changed, Problem};
use attain_client::domain::access::DataClass;
use attain_client::keys::{self, Unlock};
use attain_client::store::connection::View;
use attain_client::store::{self, Store};
use attain_client::workspace::store_file;
use attain_client::{Viewer, Workspace};
use chrono::NaiveDate;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::{Duration, Instant, SystemTime};
use tauri::{AppHandle, Emitter, Manager};

/// What commands get as state.
pub type Shared = Arc<Desk>;
pub type Result<T> = attain_client::problem::Result<T>;

/// Most reading connections kept open.
const READERS: usize = 3;

pub struct Desk {
    app: AppHandle,
    home: PathBuf,
    sample: bool,
    /// What day it is, where whoever started the process said so.
    today: Option<NaiveDate>,
    writer: Mutex<Option<Workspace>>,
    readers: Mutex<Vec<Store>>,
    open: Mutex<Option<Open>>,
    shown: Mutex<Shown>,
    keychain: Mutex<Option<bool>>,
    turn: AtomicU64,
    pub sync: Sync,
}

/// What readers need to know of the open workspace, kept up to date by whoever writes.
#[derive(Clone)]
struct Open {
    viewer: Viewer,
    /// Counts openings: a reader of an earlier one is not used again.
    opening: u64,
}

/// What the window remembers while the workspace is locked.
#[derive(Default)]
struct Shown {
    company: Option<String>,
    /// A person, idling or sleep locked it: it is not opened again by itself.
    locked: bool,
    /// A workspace is on the desk in which its viewer is not: the server has yet to say who that is.
    receiving: bool,
    problem: Option<Problem>,
    preferences: Preferences,
    openings: u64,
}

/// A question: the store as it stands, and who asks.
pub struct Question<'a> {
    pub view: View<'a>,
    pub viewer: &'a Viewer,
}

/// A poisoned lock guards data that is still whole: every change of it is a single assignment.
pub(crate) fn held<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
}

fn locked() -> attain_client::Problem {
    attain_client::Problem::refused("locked")
}

impl Desk {
    pub fn new(app: AppHandle, home: PathBuf, sample: bool, today: Option<NaiveDate>) -> Shared {
        let shown = Shown { preferences: Preferences::read(&home), ..Shown::default() };
        Arc::new(Self {
            app,
            home,
            sample,
            today,
            writer: Mutex::new(None),
            readers: Mutex::new(Vec::new()),
            open: Mutex::new(None),
            shown: Mutex::new(shown),
            keychain: Mutex::new(None),
            turn: AtomicU64::new(0),
            sync: Sync::default(),
        })
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    pub fn app(&self) -> &AppHandle {
        &self.app
    }

    /// Whether this process was asked to go straight into the sample company.
    pub fn wants_sample(&self) -> bool {
        self.sample && store_file(&self.home).is_none()
    }

    pub fn is_open(&self) -> bool {
        held(&self.open).is_some()
    }

    /// Joined, and nothing has come from the server yet.
    pub fn is_receiving(&self) -> bool {
        held(&self.shown).receiving
    }

    /// Which opening the workspace on the desk is of; `None` while there is none.
    pub fn opening(&self) -> Option<u64> {
        if let Some(open) = held(&self.open).as_ref() {
            return Some(open.opening);
        }
        let shown = held(&self.shown);
        shown.receiving.then_some(shown.openings)
    }

    pub fn preferences(&self) -> Preferences {
        held(&self.shown).preferences.clone()
    }

    pub fn set_preferences(&self, preferences: Preferences) -> Result<()> {
        preferences.write(&self.home)?;
        if let Some(open) = held(&self.open).as_mut() {
            open.viewer.language = preferences.language();
        }
        if let Some(workspace) = held(&self.writer).as_mut() {
            workspace.set_language(preferences.language());
        }
        held(&self.shown).preferences = preferences;
        Ok(())
    }

    /// Name of the company, once it has been seen; and why it could not be opened.
    pub fn shown(&self) -> (Option<String>, Option<Problem>) {
        let shown = held(&self.shown);
        (shown.company.clone(), shown.problem.clone())
    }

    /// Whether this computer has a keychain that keeps what it is given; tried once.
    pub fn keychain(&self) -> bool {
        *held(&self.keychain).get_or_insert_with(|| keys::keychain_usable().is_ok())
    }

    /// The keychain would not keep a new store's keys after all: from here on a passphrase is asked for.
    pub fn give_up_keychain(&self, failure: attain_client::Problem) {
        *held(&self.keychain) = Some(false);
        held(&self.shown).problem = Some(problem(failure));
    }

    /// Opens with the keychain what nobody has locked; what stands in the way is remembered for the lock screen.
    pub fn open_by_itself(&self) {
        let may = self.opening().is_none() && !held(&self.shown).locked;
        if may
            && store_file(&self.home).is_some()
            && !keys::needs_passphrase(&self.home)
            && let Err(failure) = self.open(&Unlock::Keychain)
        {
            held(&self.shown).problem = Some(problem(failure));
        }
    }

    pub fn open(&self, unlock: &Unlock) -> Result<()> {
        let mut workspace = Workspace::open(&self.home, unlock)?;
        workspace.record_unlock()?;
        self.take(workspace)
    }

    /// Puts an open workspace on the desk.
    pub fn take(&self, mut workspace: Workspace) -> Result<()> {
        workspace.set_language(self.preferences().language());
        workspace.set_today(self.today);
        let viewer = match workspace.viewer() {
            Ok(viewer) => Some(viewer),
            Err(_) if workspace.view().joined()?.is_some() => None,
            Err(failure) => return Err(failure),
        };
        let company = workspace.view().setting("company")?;
        let opening = {
            let mut shown = held(&self.shown);
            shown.openings += 1;
            shown.company = company;
            shown.locked = false;
            shown.problem = None;
            shown.receiving = viewer.is_none();
            shown.openings
        };
        *held(&self.writer) = Some(workspace);
        held(&self.readers).clear();
        *held(&self.open) = viewer.map(|viewer| Open { viewer, opening });
        self.turn.fetch_add(1, Ordering::AcqRel);
        self.sync.anew();
        self.app.state::<Life>().touch();
        Ok(())
    }

    /// Takes the workspace off the desk: from here on nothing is known but the company's name.
    pub fn put_away(&self) -> Option<Workspace> {
        *held(&self.open) = None;
        held(&self.readers).clear();
        {
            let mut shown = held(&self.shown);
            shown.locked = true;
            shown.receiving = false;
        }
        self.sync.anew();
        held(&self.writer).take()
    }

    /// Locks: the log is folded in, connections closed, keys wiped.
    pub fn lock(&self) {
        if let Some(workspace) = self.put_away()
            && let Err(failure) = workspace.lock()
        {
            log(&self.home, &failure);
        }
    }

    /// Nothing is left here to open: the next start is a first run.
    pub fn forget(&self) {
        let mut shown = held(&self.shown);
        *shown = Shown { preferences: shown.preferences.clone(), openings: shown.openings, ..Shown::default() };
    }

    /// Asks on a reading connection.
    pub async fn ask<T: Send + 'static>(
        self: &Arc<Self>,
        question: impl FnOnce(&Question) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let desk = Arc::clone(self);
        self.blocking(move || {
            let open = held(&desk.open).clone().ok_or_else(locked)?;
            let reader = held(&desk.readers).pop();
            let reader = match reader {
                Some(reader) => reader,
                None => held(&desk.writer).as_ref().ok_or_else(locked)?.reader()?,
            };
            let answer = question(&Question { view: reader.view(), viewer: &open.viewer });
            let same = held(&desk.open).as_ref().is_some_and(|now| now.opening == open.opening);
            let mut readers = held(&desk.readers);
            if same && readers.len() < READERS {
                readers.push(reader);
            }
            answer
        })
        .await
    }

    /// Asks for a screen of core data; that the viewer looked at these people is on record before the answer leaves.
    pub async fn show<T: Send + 'static>(
        self: &Arc<Self>,
        screen: &'static str,
        question: impl FnOnce(&Question) -> Result<(T, Vec<String>)> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        self.show_class(screen, DataClass::Core, question).await
    }

    /// The same for data of another class.
    pub async fn show_class<T: Send + 'static>(
        self: &Arc<Self>,
        screen: &'static str,
        class: DataClass,
        question: impl FnOnce(&Question) -> Result<(T, Vec<String>)> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let (answer, people) = self.ask(question).await?;
        if !people.is_empty() {
            self.record(move |workspace| workspace.disclose(screen, class, &people)).await?;
        }
        Ok(answer)
    }

    /// Up to when facts are in: the stamp the data came with, else the day of the newest one.
    pub fn as_of(view: View) -> Result<Option<String>> {
        Ok(match view.setting("as_of")? {
            Some(stamp) => Some(stamp),
            None => view.fact_days()?.map(|(_, last)| last.to_string()),
        })
    }

    /// Changes something on the writing connection; the screens hear of what it touched.
    pub async fn change<T: Send + 'static>(
        self: &Arc<Self>,
        change: impl FnOnce(&mut Workspace) -> Result<(T, store::journal::Changed)> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let desk = Arc::clone(self);
        self.blocking(move || {
            let (value, changed) = desk.write(change)?;
            desk.tell(changed.nouns.into_iter().collect(), changed.ids);
            Ok(value)
        })
        .await
    }

    /// As [`Desk::change`], for what no screen shows: drafts, records of a look.
    pub async fn record<T: Send + 'static>(
        self: &Arc<Self>,
        write: impl FnOnce(&mut Workspace) -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let desk = Arc::clone(self);
        self.blocking(move || desk.write(write)).await
    }

    /// Uses the writing connection, then looks again at who looks: a change of roles counts at once.
    pub fn write<T>(&self, write: impl FnOnce(&mut Workspace) -> Result<T>) -> Result<T> {
        let mut writer = held(&self.writer);
        let workspace = writer.as_mut().ok_or_else(locked)?;
        let value = write(workspace)?;
        // An undone import may have taken the viewer away; what was done is done all the same.
        if let (Ok(viewer), Some(open)) = (workspace.viewer(), held(&self.open).as_mut()) {
            open.viewer = viewer;
        }
        Ok(value)
    }

    /// Another writing connection of an open workspace that joined a server.
    pub fn beside(&self) -> Result<Option<Workspace>> {
        match held(&self.writer).as_ref() {
            Some(workspace) if workspace.view().joined()?.is_some() => workspace.beside().map(Some),
            _ => Ok(None),
        }
    }

    /// Reads what is nobody's data; `None` while nothing is open.
    pub fn peek<T>(&self, read: impl FnOnce(View) -> Result<T>) -> Result<Option<T>> {
        held(&self.writer).as_ref().map(|workspace| read(workspace.view())).transpose()
    }

    /// After a round: the viewer may have arrived, have other roles, or be gone; `moved` has the screens read again.
    pub fn look_again(&self, moved: bool) {
        let turned = {
            let writer = held(&self.writer);
            let Some(workspace) = writer.as_ref() else { return };
            let company = workspace.view().setting("company").ok().flatten();
            let viewer = workspace.viewer();
            let mut open = held(&self.open);
            let mut shown = held(&self.shown);
            shown.company = company.or(shown.company.take());
            let was = open.is_some();
            *open = viewer.ok().map(|viewer| Open { viewer, opening: shown.openings });
            shown.receiving = open.is_none();
            was != open.is_some()
        };
        if turned {
            held(&self.readers).clear();
            self.announce(vec!["workspace".into()], Vec::new());
        } else if moved {
            self.announce(sync::NOUNS.map(str::to_owned).to_vec(), Vec::new());
        }
    }

    /// Event `changed`, after a change made here: a round follows.
    pub fn tell(&self, nouns: Vec<String>, ids: Vec<String>) {
        // A draft is nobody's but this laptop's.
        if nouns.iter().any(|noun| noun != "draft") {
            self.sync.nudge();
        }
        self.announce(nouns, ids);
    }

    /// Counts the changes there were and the openings: what was worked out in an earlier turn may be out of date.
    pub fn turn(&self) -> u64 {
        self.turn.load(Ordering::Acquire)
    }

    /// Event `changed`.
    fn announce(&self, nouns: Vec<String>, ids: Vec<String>) {
        if !nouns.is_empty() {
            self.turn.fetch_add(1, Ordering::AcqRel);
            let _ = self.app.emit("changed", Changed { nouns, ids });
        }
    }

    /// Runs on a thread that may wait; a panic there is a bug like any other.
    pub async fn blocking<T: Send + 'static>(
        self: &Arc<Self>,
        work: impl FnOnce() -> Result<T> + Send + 'static,
    ) -> std::result::Result<T, Problem> {
        let outcome = match tauri::async_runtime::spawn_blocking(work).await {
            Ok(outcome) => outcome,
            Err(panic) => Err(attain_client::Problem::internal(panic)),
        };
        outcome.map_err(|failure| {
            let log_id = failure.cause.is_some().then(|| log(&self.home, &failure)).flatten();
            Problem { log_id, ..problem(failure) }
        })
    }

    /// Once a second: locks when nobody is there or the computer slept, and tells of changes other programs made.
    pub fn watch(self: &Arc<Self>) {
        let desk = Arc::clone(self);
        std::thread::spawn(move || {
            let mut seen: Option<(u64, i64)> = None;
            let mut ticked = (Instant::now(), SystemTime::now());
            loop {
                std::thread::sleep(Duration::from_secs(1));
                let now = (Instant::now(), SystemTime::now());
                let slept = slept(now.0 - ticked.0, now.1.duration_since(ticked.1).unwrap_or_default());
                ticked = now;
                let Some(opening) = desk.opening() else { continue };
                let minutes = desk.preferences().idle_lock_minutes;
                let idle = desk.app.state::<Life>().idle();
                if slept || (minutes > 0 && idle > Duration::from_secs(u64::from(minutes) * 60)) {
                    desk.lock();
                    let _ = desk.app.emit("workspace_state", crate::commands::workspace::state_of(&desk));
                    continue;
                }
                // While a change runs, there is nothing to hear from others.
                let Ok(writer) = desk.writer.try_lock() else { continue };
                let Some(Ok(version)) = writer.as_ref().map(|workspace| workspace.store.data_version()) else {
                    continue;
                };
                drop(writer);
                // A round tells of its own.
                let ours = desk.sync.wrote();
                if !ours && seen.is_some_and(|(earlier, known)| earlier == opening && known != version) {
                    let nouns = ["goal", "import", "note", "order", "payout", "person", "plan", "settings", "unit"];
                    desk.tell(nouns.map(str::to_owned).to_vec(), Vec::new());
                }
                seen = Some((opening, version));
            }
        });
    }
}

/// The wall clock ran on while ours stood still.
fn slept(ours: Duration, wall: Duration) -> bool {
    wall > ours + Duration::from_secs(60)
}

/// Writes a fault to `attain.log` and answers the id a person can copy. Codes and causes only, never anybody's data.
fn log(home: &Path, failure: &attain_client::Problem) -> Option<String> {
    use std::io::Write;
    let id = keys::random_hex(4).ok()?;
    let path = home.join("attain.log");
    if path.metadata().is_ok_and(|file| file.len() > 1 << 20) {
        let _ = std::fs::rename(&path, home.join("attain.1.log"));
    }
    let line = format!(
        "{} {id} {} {}\n",
        attain_client::workspace::real_time(),
        failure.code,
        failure.cause.as_deref().unwrap_or_default().replace('\n', " ")
    );
    let mut file = std::fs::File::options().create(true).append(true).open(path).ok()?;
    file.write_all(line.as_bytes()).ok()?;
    Some(id)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_minute_that_we_did_not_live_through_is_sleep() {
        let second = Duration::from_secs(1);
        assert!(!slept(second, second));
        assert!(!slept(second, Duration::from_secs(30)));
        assert!(slept(second, Duration::from_secs(600)));
    }
}
