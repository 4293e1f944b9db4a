//! A laptop's log cut anywhere: what is left is the old state or the new one, and the next round brings all of it to the
//! same end (SYNC, invariants 7 and 10).
//!
//! Absent on purpose: programs that are ended (`killed.rs`), disks that are full (`disk_full.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/world.rs"]
mod world;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use attain_client::import::{self, Input, Kind, Request};
use attain_client::problem::Result;
use attain_client::sync::{self, Answer, Transport};
use attain_domain::mutation::{Mutation, Now};
use attain_server::authority::Authority;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Tenant};
use attain_server::seal::SecretKey;
use attain_store::{Keys, Store};
use attain_sync::laptop::{Ask, Told};
use chrono::NaiveDate;
use world::{PEOPLE, deliver, log_of, note, sales};

fn now() -> Now {
    Now { today: NaiveDate::from_ymd_opt(2026, 9, 21).unwrap(), at: "2026-09-21T00:30:00.000Z".into() }
}

fn keys() -> Keys {
    Keys { core: [1; 32], pay: Some([2; 32]) }
}

fn act(store: &mut Store, person: &str, mutation: &Mutation) {
    let actor = store.view().actor(person, now().today).unwrap().unwrap();
    store.mutate(&actor, mutation, &now()).unwrap();
}

fn take_in(store: &mut Store, person: &str, kind: Kind, text: &str) {
    let actor = store.view().actor(person, now().today).unwrap().unwrap();
    let input = Input::Memory { name: "rows.csv".into(), bytes: text.as_bytes().to_vec() };
    import::run(store, &actor, &Request::of(kind, input), &now(), &mut |_| ControlFlow::Continue(())).unwrap();
}

/// One authority, asked without a network.
struct Company {
    db: Arc<dyn AuthorityDb>,
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Company {
    fn found() -> Company {
        let memory = Path::new("/dev/shm");
        let folder = if memory.is_dir() { tempfile::tempdir_in(memory) } else { tempfile::tempdir() }.unwrap();
        let store = world::small_company(&folder.path().join("founded.db"), keys());
        let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.path().join("server.db"), None).unwrap());
        db.add_tenant(&Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() }).unwrap();
        let authority = Authority::open(Arc::clone(&db), "co", SecretKey::new([7; 32]), folder.path()).unwrap();
        authority.found(store.view()).unwrap();
        Company { db, authority, folder }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Somebody's laptop after its first round.
    fn laptop(&self, person: &str) -> Store {
        let mut store = world::joined(self.db.as_ref(), person, &self.path(&format!("{person}.db")), keys());
        self.sync(&mut store);
        store
    }

    fn sync(&self, store: &mut Store) {
        let device = store.view().joined().unwrap().unwrap().device;
        let report = sync::round(store, &mut Wire { company: self, device, seen: &mut || {} }).unwrap();
        assert_eq!((report.whole, report.pending, report.attention), (Some(true), 0, 0));
    }
}

struct Wire<'c> {
    company: &'c Company,
    device: String,
    /// Called before each message.
    seen: &'c mut dyn FnMut(),
}

impl Transport for Wire<'_> {
    fn send(&mut self, ask: &Ask) -> Result<Answer<Told>> {
        (self.seen)();
        let Company { db, authority, .. } = self.company;
        let device = db.device("co", &self.device).unwrap().unwrap();
        // A cursor that does not match the rows is noticed in a round, and all is fetched anew; none ever is.
        assert!(!matches!(ask, Ask::Pull(pull) if pull.cursor.scope == "astray"));
        Ok(deliver(authority, &device, ask))
    }
}

/// A store's file and its log at one instant.
#[derive(Clone, PartialEq)]
struct Picture {
    file: Vec<u8>,
    log: Vec<u8>,
}

const LOG_HEAD: usize = 32;
const FRAME_HEAD: usize = 24;

impl Picture {
    fn of(path: &Path) -> Picture {
        Picture { file: std::fs::read(path).unwrap(), log: std::fs::read(log_of(path)).unwrap_or_default() }
    }

    /// Lengths of the log with whole frames only.
    fn frames(&self) -> Vec<usize> {
        let Some(size) = self.log.get(8..12) else { return vec![0] };
        let frame = FRAME_HEAD + u32::from_be_bytes(size.try_into().unwrap()) as usize;
        (LOG_HEAD..=self.log.len()).step_by(frame).collect()
    }

    /// Whether the frame that ends here ends a transaction.
    fn commits(&self, end: usize, frame: usize) -> bool {
        end > LOG_HEAD && self.log[end - frame + 4..end - frame + 8] != [0; 4]
    }

    fn put(&self, path: &Path, log: &[u8]) {
        for leftover in [log_of(path), PathBuf::from(format!("{}-shm", path.display()))] {
            let _ = std::fs::remove_file(leftover);
        }
        std::fs::write(path, &self.file).unwrap();
        if !log.is_empty() {
            std::fs::write(log_of(path), log).unwrap();
        }
    }
}

/// What a store says of itself.
fn state(store: &Store) -> (Option<String>, (u64, String), u64, String, Vec<String>) {
    let view = store.view();
    let rows = view.every_row().unwrap();
    let mut rows: Vec<String> = rows.iter().map(|row| serde_json::to_string(row).unwrap()).collect();
    rows.sort_unstable();
    (
        view.setting("cursor").unwrap(),
        view.held().unwrap(),
        view.waiting_count().unwrap(),
        store.figures_digest().unwrap(),
        rows,
    )
}

/// Runs a round of the laptop, pictures taken before every message, and cuts each log after every frame, a few bytes off,
/// and with the rest of a frame unwritten.
fn every_cut_ends_the_same(company: &Company, person: &str, mut laptop: Store) {
    let path = company.path(&format!("{person}.db"));
    let mut pictures = vec![Picture::of(&path)];
    let device = person.to_owned();
    let mut seen = || pictures.push(Picture::of(&path));
    let report = sync::round(&mut laptop, &mut Wire { company, device, seen: &mut seen }).unwrap();
    assert_eq!((report.whole, report.pending), (Some(true), 0));
    pictures.push(Picture::of(&path));
    pictures.dedup_by(|new, old| new == old);
    let end = state(&laptop);

    let copy = company.path("cut.db");
    let (mut cuts, mut states) = (0, 0);
    let (mut before, mut last) = (Picture { file: Vec::new(), log: Vec::new() }, None);
    for picture in &pictures {
        let ends = picture.frames();
        let frame = ends.get(1).map_or(0, |end| end - ends[0]);
        let mut folded = picture.file != before.file;
        for end_of_frame in ends {
            // Cut in the picture before.
            if !folded && end_of_frame < before.log.len() && picture.log[..end_of_frame] == before.log[..end_of_frame] {
                continue;
            }
            let whole = &picture.log[..end_of_frame];
            let next = &picture.log[end_of_frame..picture.log.len().min(end_of_frame + frame)];
            let mut logs = vec![whole.to_vec()];
            for part in [7, FRAME_HEAD, next.len().saturating_sub(3)] {
                if part < next.len() {
                    logs.push([whole, &next[..part]].concat());
                    logs.push([whole, &next[..part], &vec![0; next.len() - part]].concat());
                }
            }
            for (nth, log) in logs.iter().enumerate() {
                picture.put(&copy, log);
                let at = format!("{person}: {end_of_frame} of {} bytes, variant {nth}", picture.log.len());
                let mut cut = Store::open(&copy, keys()).unwrap_or_else(|error| panic!("{at}: {error}"));
                cut.check().unwrap_or_else(|error| panic!("{at}: {error}"));
                let found = state(&cut);
                cut.rebuild_figures().unwrap();
                assert_eq!(cut.figures_digest().unwrap(), found.3, "{at}");
                if last.as_ref() != Some(&found) {
                    // Only a whole transaction changes anything, or one that was folded into the file since.
                    assert!(folded || (nth == 0 && picture.commits(end_of_frame, frame)), "{at}");
                    states += 1;
                    last = Some(found);
                }
                folded = false;
                company.sync(&mut cut);
                let after = state(&cut);
                assert_eq!((&after.1, &after.3, &after.4), (&end.1, &end.3, &end.4), "{at}");
                cuts += 1;
            }
        }
        before = picture.clone();
    }
    assert_eq!(last, Some(end));
    println!("{person}: {} pictures, {cuts} cuts, {states} states", pictures.len());
    assert!(states > 2, "{states}");
}

#[test]
fn a_log_cut_anywhere_in_a_round_leaves_the_old_state_or_the_new() {
    let company = Company::found();
    let (mut hr, mut lead) = (company.laptop("hr"), company.laptop("lead"));
    // Both have something to say; the lead's laptop is cut.
    act(&mut hr, "hr", &note("r1", "hr"));
    take_in(&mut hr, "hr", Kind::Order, &sales("h", "r1", 25));
    company.sync(&mut hr);
    act(&mut lead, "lead", &note("r1", "lead"));
    act(&mut lead, "lead", &Mutation::LockGoal { goal_id: "g-r1".into(), locked: true });
    lead.truncate_log().unwrap();
    every_cut_ends_the_same(&company, "lead", lead);

    // Now the one who imports is cut.
    take_in(&mut hr, "hr", Kind::Order, &sales("i", "r2", 25));
    act(&mut hr, "hr", &note("r1", "again"));
    hr.truncate_log().unwrap();
    every_cut_ends_the_same(&company, "hr", hr);
}

#[test]
fn a_log_cut_anywhere_while_lost_records_are_purged_leaves_the_old_state_or_the_new() {
    let company = Company::found();
    let (mut hr, mut lead) = (company.laptop("hr"), company.laptop("lead"));
    act(&mut lead, "lead", &note("r1", "waits"));
    // The lead leads another team from now on: what is here goes, and other records come.
    let header = PEOPLE.lines().next().unwrap();
    let moved = format!("{header}\nlead,Lead,t2,team_lead,manager,9000.00,2026-09-01,\n");
    take_in(&mut hr, "hr", Kind::Person, &moved);
    company.sync(&mut hr);
    lead.truncate_log().unwrap();
    every_cut_ends_the_same(&company, "lead", lead);
}
