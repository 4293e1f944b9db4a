//! What in-process tests of a sync share: stores, imports, and a line without a network.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};

use attain_client::import::{self, Input, Kind, Request};
use attain_client::problem::Result;
use attain_client::sync::Transport;
use attain_domain::access::Actor;
use attain_domain::mutation::{Mutation, Now};
use attain_domain::note::{NoteKind, Visibility};
use attain_server::authority::{Authority, Pushing};
use attain_server::db::{AuthorityDb, Device};
use attain_store::sync::Joined;
use attain_store::{Keys, Store};
use attain_sync::laptop::{Ask, Told};
use chrono::NaiveDate;

pub fn today() -> NaiveDate {
    NaiveDate::from_ymd_opt(2026, 9, 21).unwrap()
}

pub fn keys(n: u8) -> Keys {
    Keys { core: [n; 32], pay: Some([n.wrapping_add(100); 32]) }
}

/// A folder that needs no disk, where the system has one.
pub fn folder() -> tempfile::TempDir {
    let memory = Path::new("/dev/shm");
    if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap()
}

/// The log beside a store's file.
pub fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
}

/// Imports rows; answers how many were new.
pub fn take_in(store: &mut Store, actor: &Actor, kind: Kind, text: &str) -> Result<u64> {
    let now = Now { today: today(), at: "2026-09-21T00:30:00.000Z".into() };
    let input = Input::Memory { name: "rows.csv".into(), bytes: text.as_bytes().to_vec() };
    let report = import::run(store, actor, &Request::of(kind, input), &now, &mut |_| ControlFlow::Continue(()))?;
    Ok(report.imported)
}

/// A note of a manager's, known by its text.
pub fn note(about: &str, text: &str) -> Mutation {
    Mutation::WriteNote {
        note_id: format!("n-{text}"),
        about_id: about.into(),
        kind: NoteKind::Note,
        visibility: Visibility::Managers,
        text: text.into(),
        actions: Vec::new(),
    }
}

/// A store that has joined as somebody's laptop, known to the server by the person's id; nothing has been synced.
pub fn joined(db: &dyn AuthorityDb, person: &str, path: &Path, keys: Keys) -> Store {
    let device = Device {
        tenant: "co".into(),
        device: person.into(),
        user: person.into(),
        person_id: person.into(),
        name: person.into(),
        epoch: 1,
        last_mid: 0,
        revoked: false,
    };
    db.put_device(&device).unwrap();
    let mut store = Store::create(path, keys).unwrap();
    let Device { tenant, device, epoch, person_id, .. } = device;
    store.join(&Joined { server: "here".into(), tenant, device, epoch, person_id }).unwrap();
    store
}

/// Hands a message to an authority, as the routes would.
pub fn deliver(authority: &Authority, device: &Device, ask: &Ask) -> std::result::Result<Told, String> {
    match ask {
        Ask::Pull(pull) => Ok(Told::Pull(authority.pull(device, pull).unwrap())),
        Ask::Chunk { hash, bytes } => {
            assert!(authority.chunk(hash, bytes).unwrap());
            Ok(Told::Chunk)
        }
        Ask::Push(push) => match authority.push(device, push).unwrap() {
            Pushing::Done(answer) => Ok(Told::Push(answer)),
            Pushing::PullFirst => Err("pull_first".into()),
            Pushing::NotThisDevice => Err("sign_in_refused".into()),
        },
    }
}

/// A line on which nothing goes wrong.
pub struct Direct<'w> {
    pub authority: &'w Authority,
    pub db: &'w dyn AuthorityDb,
    pub device: &'w str,
}

impl Transport for Direct<'_> {
    fn send(&mut self, ask: &Ask) -> Result<std::result::Result<Told, String>> {
        let device = self.db.device("co", self.device).unwrap().unwrap();
        Ok(deliver(self.authority, &device, ask))
    }
}
