//! A workspace: one home folder with one store, opened by one person at a time.
//!
//! Owns: creating, unlocking, locking, removing; who looks; what day it is; changes and their undo.
//! Absent on purpose: what to show (the other modules of this crate).

use std::path::{Path, PathBuf};

use attain_domain::access::{Actor, DataClass};
use attain_domain::calendar::WorkingCalendar;
use attain_domain::goal::profile;
use attain_domain::money::Currency;
use attain_domain::mutation::{Mutation, Now};
use attain_domain::org::Role;
use attain_store::audit::Entry;
use attain_store::connection::{Tx, View};
use attain_store::journal::Changed;
use attain_store::{Keys, Store, StoreError};
use chrono::{DateTime, FixedOffset, Local, NaiveDate, Offset, SecondsFormat, Utc};
use serde_json::Value;

use crate::keys::{self, Unlock};
use crate::language::Language;
use crate::problem::{Kind, Problem, Result};

/// Who looks, at what day, in which language. Every question is asked with one of these.
#[derive(Debug, Clone)]
pub struct Viewer {
    pub actor: Actor,
    pub today: NaiveDate,
    pub language: Language,
}

impl Viewer {
    pub fn id(&self) -> &str {
        &self.actor.person_id
    }
}

/// What a new workspace starts with.
#[derive(Debug, Clone)]
pub struct NewWorkspace {
    pub company: String,
    pub currency: Currency,
    pub owner_id: String,
    pub owner_name: String,
}

/// An open workspace: the writing connection.
pub struct Workspace {
    home: PathBuf,
    path: PathBuf,
    keys: Keys,
    pub store: Store,
    viewer_id: String,
    today: Option<NaiveDate>,
    language: Language,
}

/// The store file in a home folder and the id in its name; `None` when there is none.
pub fn store_file(home: &Path) -> Option<(PathBuf, String)> {
    let mut found: Vec<(PathBuf, String)> = std::fs::read_dir(home)
        .ok()?
        .flatten()
        .filter_map(|e| {
            let name = e.file_name().into_string().ok()?;
            let id = name.strip_prefix("store-")?.strip_suffix(".db")?.to_string();
            Some((e.path(), id))
        })
        .collect();
    found.sort();
    found.into_iter().next()
}

impl Workspace {
    /// Makes a new, empty workspace. Without a usable keychain a passphrase is required.
    pub fn create(home: &Path, unlock: &Unlock, new: &NewWorkspace) -> Result<Workspace> {
        if new.company.trim().is_empty() || new.owner_id.trim().is_empty() {
            return Err(Problem::usage("name_missing"));
        }
        let offset = Local::now().offset().fix().local_minus_utc();
        Workspace::create_with(home, unlock, &new.owner_id, |tx| {
            tx.set_setting("company", &new.company)?;
            tx.set_setting("currency", new.currency.code())?;
            tx.set_setting("owner_id", &new.owner_id)?;
            tx.set_setting("utc_offset_seconds", &offset.to_string())?;
            for (id, profile) in profile::standard() {
                tx.set_setting(&format!("{}{id}", profile::SETTING), &profile.to_string())?;
            }
            tx.add_owner(&new.owner_id, &new.owner_name, &[Role::Admin, Role::Hr])?;
            tx.audit(&Entry {
                at: &real_time(),
                actor_id: &new.owner_id,
                action: "create_workspace",
                class: DataClass::Core,
                subjects: &[],
                detail: Value::Null,
            })
        })
    }

    /// Makes a workspace for a viewer, with what `fill` puts into it.
    pub(crate) fn create_with(
        home: &Path,
        unlock: &Unlock,
        viewer_id: &str,
        fill: impl FnOnce(&Tx<'_>) -> std::result::Result<(), StoreError>,
    ) -> Result<Workspace> {
        let unwritable =
            |e: std::io::Error| Problem::refused("home_not_writable").with("path", home.display()).because(e);
        std::fs::create_dir_all(home).map_err(unwritable)?;
        if store_file(home).is_some() {
            return Err(Problem::refused("workspace_exists").with("path", home.display()));
        }
        let id = keys::random_hex(8)?;
        let keys = keys::create(home, &id, unlock)?;
        let path = home.join(format!("store-{id}.db"));
        let made = Store::create(&path, keys.clone()).and_then(|mut store| {
            store.write(|tx| {
                tx.add_calendar(&WorkingCalendar::china())?;
                fill(tx)
            })?;
            Ok(store)
        });
        match made {
            Ok(store) => Ok(Workspace {
                home: home.to_path_buf(),
                path,
                keys,
                store,
                viewer_id: viewer_id.to_owned(),
                today: None,
                language: Language::of_system(),
            }),
            Err(error) => {
                remove_files(&path);
                keys::erase(home, &id);
                Err(error.into())
            }
        }
    }

    /// Opens the workspace of a home folder.
    pub fn open(home: &Path, unlock: &Unlock) -> Result<Workspace> {
        let (path, id) = store_file(home)
            .ok_or_else(|| Problem::new(Kind::CannotUnlock, "no_workspace").with("path", home.display()))?;
        let keys = keys::find(home, &id, unlock)?;
        let store = Store::open(&path, keys.clone())?;
        let viewer_id = store.view().setting("owner_id")?.unwrap_or_else(|| "owner".into());
        Ok(Workspace {
            home: home.to_path_buf(),
            path,
            keys,
            store,
            viewer_id,
            today: None,
            language: Language::of_system(),
        })
    }

    /// Another, read-only connection, for questions beside a running change.
    pub fn reader(&self) -> Result<Store> {
        Ok(Store::open_read_only(&self.path, self.keys.clone())?)
    }

    /// Another writing connection, for work beside this one that waits for others; the store orders who writes.
    pub fn beside(&self) -> Result<Workspace> {
        Ok(Workspace {
            home: self.home.clone(),
            path: self.path.clone(),
            keys: self.keys.clone(),
            store: Store::open(&self.path, self.keys.clone())?,
            viewer_id: self.viewer_id.clone(),
            today: self.today,
            language: self.language,
        })
    }

    pub fn home(&self) -> &Path {
        &self.home
    }

    /// Looks and acts as another person; only in the sample and where no server says who is who.
    pub fn act_as(&mut self, person_id: &str) -> Result<()> {
        if let Some(joined) = self.view().joined()?.filter(|joined| joined.person_id != person_id) {
            return Err(Problem::refused("joined_as_another").with("id", joined.person_id));
        }
        if self.view().person_number(person_id)?.is_none() {
            return Err(Problem::not_found().with("noun", "person").with("id", person_id));
        }
        self.viewer_id = person_id.to_string();
        Ok(())
    }

    /// Looks and acts as another person from here on, on record as the act of who looked before.
    pub fn see_as(&mut self, person_id: &str) -> Result<()> {
        let before = self.viewer_id.clone();
        self.act_as(person_id)?;
        self.trail("see_as", &before, &[person_id.to_string()])
    }

    /// Records that the workspace was unlocked, by who looks now.
    pub fn record_unlock(&mut self) -> Result<()> {
        self.trail("unlock_workspace", &self.viewer_id.clone(), &[])
    }

    fn trail(&mut self, action: &'static str, actor_id: &str, subjects: &[String]) -> Result<()> {
        let at = real_time();
        let entry = Entry { at: &at, actor_id, action, class: DataClass::Core, subjects, detail: Value::Null };
        Ok(self.store.disclose(&entry, None)?)
    }

    pub fn set_today(&mut self, today: Option<NaiveDate>) {
        self.today = today;
    }

    pub fn set_language(&mut self, language: Language) {
        self.language = language;
    }

    pub fn language(&self) -> Language {
        self.language
    }

    pub fn viewer_id(&self) -> &str {
        &self.viewer_id
    }

    pub fn view(&self) -> View<'_> {
        self.store.view()
    }

    /// The date figures are reckoned at: the one asked for, the sample's, or today in the company's time zone.
    pub fn today(&self) -> Result<NaiveDate> {
        if let Some(today) = self.today {
            return Ok(today);
        }
        if let Some(pinned) = self.view().setting("today")?.and_then(|d| d.parse().ok()) {
            return Ok(pinned);
        }
        let offset =
            self.view().setting("utc_offset_seconds")?.and_then(|s| s.parse().ok()).and_then(FixedOffset::east_opt);
        let now: DateTime<Utc> = Utc::now();
        Ok(offset.map_or_else(|| Local::now().date_naive(), |o| now.with_timezone(&o).date_naive()))
    }

    /// Who looks now, with the roles of that day.
    pub fn viewer(&self) -> Result<Viewer> {
        let today = self.today()?;
        let actor = self.view().actor(&self.viewer_id, today)?.ok_or_else(Problem::not_found)?;
        Ok(Viewer { actor, today, language: self.language })
    }

    pub fn now(&self) -> Result<Now> {
        Ok(Now { today: self.today()?, at: real_time() })
    }

    /// Makes a change on behalf of the viewer.
    pub fn mutate(&mut self, mutation: &Mutation) -> Result<Changed> {
        let (viewer, now) = (self.viewer()?, self.now()?);
        Ok(self.store.mutate(&viewer.actor, mutation, &now)?)
    }

    pub fn undo(&mut self) -> Result<Changed> {
        let (viewer, now) = (self.viewer()?, self.now()?);
        Ok(self.store.undo(&viewer.actor, &now)?)
    }

    pub fn redo(&mut self) -> Result<Changed> {
        let (viewer, now) = (self.viewer()?, self.now()?);
        Ok(self.store.redo(&viewer.actor, &now)?)
    }

    /// Records that the viewer is about to see people's data; durable when this returns. Looks at core data are
    /// recorded once in five minutes, looks at pay and notes each time; one's own core data is nobody's business.
    pub fn disclose(&mut self, screen: &str, class: DataClass, people: &[String]) -> Result<()> {
        let others: Vec<String> =
            people.iter().filter(|p| **p != self.viewer_id || class == DataClass::Pay).cloned().collect();
        if others.is_empty() {
            return Ok(());
        }
        let since = (Utc::now() - chrono::Duration::minutes(5)).to_rfc3339_opts(SecondsFormat::Millis, true);
        let at = real_time();
        let entry = Entry {
            at: &at,
            actor_id: &self.viewer_id,
            action: "view",
            class,
            subjects: &others,
            detail: serde_json::json!({ "screen": screen }),
        };
        Ok(self.store.disclose(&entry, (class == DataClass::Core).then_some(since.as_str()))?)
    }

    /// Closes the store with its log folded in, on record. Keys are wiped from memory, whatever fails.
    pub fn lock(mut self) -> Result<()> {
        let recorded = self.trail("lock_workspace", &self.viewer_id.clone(), &[]);
        self.store.truncate_log()?;
        recorded
    }

    /// Removes the sample company, its store and keys. Refused for a workspace of one's own.
    pub fn remove_sample(self) -> Result<()> {
        if self.view().setting("sample")?.is_none() {
            return Err(Problem::refused("not_the_sample"));
        }
        let (home, path) = (self.home.clone(), self.path.clone());
        drop(self);
        remove_files(&path);
        if let Some(id) = path.file_stem().and_then(|s| s.to_str()).and_then(|s| s.strip_prefix("store-")) {
            keys::erase(&home, id);
        }
        Ok(())
    }
}

fn remove_files(path: &Path) {
    for suffix in ["", "-wal", "-shm"] {
        let mut name = path.as_os_str().to_owned();
        name.push(suffix);
        let _ = std::fs::remove_file(PathBuf::from(name));
    }
}

/// Now, as records state it: UTC to the millisecond.
pub fn real_time() -> String {
    Utc::now().to_rfc3339_opts(SecondsFormat::Millis, true)
}

/// Where a workspace lives unless told otherwise: the platform's folder for application data, for the window and
/// `attainctl` alike.
pub fn default_home() -> Option<PathBuf> {
    // A relative path would mean another folder in every directory.
    let env = |name: &str| std::env::var_os(name).map(PathBuf::from).filter(|path| path.is_absolute());
    if cfg!(target_os = "windows") {
        env("APPDATA").map(|d| d.join("Attain"))
    } else if cfg!(target_os = "macos") {
        env("HOME").map(|h| h.join("Library/Application Support/Attain"))
    } else {
        env("XDG_DATA_HOME").or_else(|| env("HOME").map(|h| h.join(".local/share"))).map(|d| d.join("attain"))
    }
}
