//! Laptops and servers that are ended at any instant (kill -9), and a laptop's log cut anywhere: what is left is the old
//! state or the new one, and the next round brings all of it to the same end (SYNC, invariants 4, 6 and 10).
//! `ATTAIN_KILLS` says how often each is killed, `ATTAIN_SEED` sets the dice.
//!
//! Absent on purpose: lines that break (`rough_line.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/dice.rs"]
mod dice;
#[path = "support/process.rs"]
mod process;
#[path = "support/world.rs"]
mod world;

use world::deliver;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::{Arc, OnceLock};
use std::thread;
use std::time::{Duration, Instant};

use attain_client::goals;
use attain_client::import::{self, Input, Kind, Request};
use attain_client::keys::Unlock;
use attain_client::problem::Result;
use attain_client::sync::{self, Answer, Transport};
use attain_client::workspace::{Workspace, store_file};
use attain_domain::goal::{Adjustment, Reading};
use attain_domain::mutation::{Mutation, Now};
use attain_domain::note::{NoteKind, Visibility};
use attain_domain::org::Role;
use attain_server::authority::Authority;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Tenant};
use attain_server::seal::SecretKey;
use attain_store::{Keys, Store};
use attain_sync::laptop::{Ask, Told};
use chrono::NaiveDate;
use dice::Dice;
use process::{Laptop, PASSPHRASE, Server, find, program};
use serde_json::{Value, json};

/// How often something is killed.
fn kills(usual: u64) -> u64 {
    number("ATTAIN_KILLS", usual)
}

fn dice() -> Dice {
    Dice(number("ATTAIN_SEED", 1))
}

fn number(name: &str, usual: u64) -> u64 {
    std::env::var(name).ok().and_then(|text| text.parse().ok()).unwrap_or(usual)
}

/// An instant until well after something usually ends: it takes longer now and then.
fn instant(dice: &mut Dice, usually: Duration) -> Duration {
    usually.mul_f64(dice.below(1_600) as f64 / 1_000.0)
}

/// Begins a command; answers when it has its store open. Making the key of a passphrase takes longer than all the rest.
fn begun(laptop: &Laptop, args: &[&str]) -> Child {
    let mut child = laptop.command(args).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let log = log_of(&store_file(laptop.home.path()).unwrap().0);
    while !log.exists() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(1));
    }
    child
}

/// How long a command takes with its store open, on this machine as it is now.
fn takes(laptop: &Laptop, args: &[&str]) -> Duration {
    let mut child = begun(laptop, args);
    let open = Instant::now();
    assert!(child.wait().unwrap().success());
    open.elapsed()
}

/// Answers whether it was still at work.
fn killed_after(laptop: &Laptop, args: &[&str], instant: Duration) -> bool {
    let mut child = begun(laptop, args);
    thread::sleep(instant);
    child.kill().unwrap();
    !child.wait().unwrap().success()
}

fn open(laptop: &Laptop) -> Workspace {
    Workspace::open(laptop.home.path(), &Unlock::Passphrase(PASSPHRASE.to_owned().into())).unwrap()
}

/// Every page and the audit chain are whole, and its figures are what its rows make.
fn is_sound(workspace: &mut Workspace) {
    workspace.store.check().unwrap();
    assert!(workspace.view().verify_audit().unwrap().ok);
    let before = workspace.store.figures_digest().unwrap();
    workspace.store.rebuild_figures().unwrap();
    assert_eq!(workspace.store.figures_digest().unwrap(), before);
}

/// The sample company and two laptops of HR after their first round; they are made once, each test has a copy.
struct Office {
    folder: tempfile::TempDir,
    server: Server,
    one: Laptop,
    other: Laptop,
}

impl Office {
    fn open() -> Office {
        static MODEL: OnceLock<PathBuf> = OnceLock::new();
        let model = MODEL.get_or_init(|| {
            let made = Path::new(env!("CARGO_TARGET_TMPDIR")).join("sample-office");
            let _ = std::fs::remove_dir_all(&made);
            let server = Server::start(&made.join("server"));
            for name in ["one", "other"] {
                process::copy(Laptop::of("wang-fang", &server).home.path(), &made.join(name));
            }
            made
        });
        let folder = tempfile::tempdir().unwrap();
        process::copy(&model.join("server"), folder.path());
        let server = Server::on(&file_db(folder.path()), folder.path());
        let [one, other] = ["one", "other"].map(|name| {
            let laptop = Laptop { home: tempfile::tempdir().unwrap() };
            process::copy(&model.join(name), laptop.home.path());
            laptop.done(&["sync", "sign-in", &server.url, "--user", "wang-fang", "--password", "env:SAMPLE"]);
            laptop.sync();
            laptop
        });
        Office { folder, server, one, other }
    }
}

fn file_db(folder: &Path) -> String {
    format!("sqlite:{}", folder.join("server.db").display())
}

const SELLER: &str = "li-si";
const GOAL: &str = "g26-zhang-san";
const ORDERS_AT_ONCE: u64 = 200;

/// What must be there in the end.
#[derive(Default)]
struct Made {
    notes: Vec<String>,
    imports: u64,
    target: Option<u64>,
}

impl Made {
    fn note(&mut self, by: &mut Workspace) {
        let text = format!("第 {} 次谈话", self.notes.len());
        by.mutate(&note("zhang-san", &text)).unwrap();
        self.notes.push(text);
    }

    /// A target: set twice, it would be refused the second time, for it is no more what its author saw.
    fn goal(&mut self, by: &mut Workspace) {
        let target = self.target.map_or(4_200_000, |target| target + 12_000);
        let viewer = by.viewer().unwrap();
        let text = target.to_string();
        let preview = goals::preview(by.view(), &viewer, GOAL, &text, Reading::YearTotal, None).unwrap();
        let Adjustment { goal_id, target: amount, reading, from } = preview.wish;
        by.mutate(&Mutation::AdjustGoal { goal_id, target: amount, reading, from, seen: Some(preview.digest) })
            .unwrap();
        self.target = Some(target);
    }

    /// A hundred yuan each.
    fn orders(&self) -> String {
        let mut rows =
            String::from("order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n");
        for o in 0..ORDERS_AT_ONCE {
            let id = format!("N-{}-{o}", self.imports);
            rows.push_str(&format!("{id},C-{id},new,{SELLER},2026-09-18,100.00,,CNY,booked,beans\n"));
        }
        rows
    }

    /// Answers how many of them were there already.
    fn import(&mut self, by: &mut Workspace) -> u64 {
        let (viewer, now) = (by.viewer().unwrap(), by.now().unwrap());
        let input = Input::Memory { name: "rows.csv".into(), bytes: self.orders().into_bytes() };
        let request = Request::of(Kind::Order, input);
        let report =
            import::run(&mut by.store, &viewer.actor, &request, &now, &mut |_| ControlFlow::Continue(())).unwrap();
        assert_eq!(report.imported + report.unchanged, ORDERS_AT_ONCE);
        self.imports += 1;
        report.unchanged
    }

    /// It is there once on each laptop, and nothing more.
    fn is_once_on(&self, laptops: &[&Laptop], sold_before: i64) {
        let each = |n: u64| (0..ORDERS_AT_ONCE).map(move |o| format!("N-{n}-{o}"));
        let mut expected: Vec<String> = (0..self.imports).flat_map(each).collect();
        expected.sort_unstable();
        let status: Vec<Value> = laptops.iter().map(|laptop| laptop.done(&["sync", "status"])).collect();
        for (laptop, status_here) in laptops.iter().zip(&status) {
            assert_eq!(status_here["attention"], json!([]));
            assert_eq!(status_here["digest"], status[0]["digest"]);
            let list = laptop.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
            let ids = list["items"].as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap());
            let mut ids: Vec<&str> = ids.filter(|id| id.starts_with("N-")).collect();
            ids.sort_unstable();
            assert_eq!(ids, expected);
            assert_eq!(sold(laptop), sold_before + 10_000 * expected.len() as i64);
            let list = laptop.done(&["note", "list", "--limit", "100000"]);
            let times =
                |text: &String| list["items"].as_array().unwrap().iter().filter(|n| n["text"] == **text).count();
            assert_eq!(self.notes.iter().map(times).collect::<Vec<_>>(), vec![1; self.notes.len()]);
            let tree = laptop.done(&["goal", "tree", "--period", "2026"]);
            let target = &find(&tree["goals"], GOAL).unwrap()["target"]["amount"];
            assert_eq!(*target, self.target.map(|target| format!("{target}.00")).unwrap());
        }
    }
}

fn sold(laptop: &Laptop) -> i64 {
    let shown = laptop.done(&["attainment", "show", SELLER, "--period", "2026-09"]);
    shown["actual"]["amount"].as_str().unwrap().replace('.', "").parse().unwrap()
}

fn syncs(workspace: &mut Workspace) {
    let report = sync::run(workspace).unwrap();
    assert_eq!((report.whole, report.pending, report.attention), (Some(true), 0, 0));
}

#[test]
fn a_laptop_killed_in_an_import_or_in_a_round_keeps_the_old_state_or_the_new_and_syncs_on() {
    let Office { one, other, server: _server, .. } = Office::open();
    let (mut dice, mut made, before) = (dice(), Made::default(), sold(&other));
    let mut theirs = open(&other);
    made.note(&mut theirs);
    made.goal(&mut theirs);
    syncs(&mut theirs);
    let import = takes(&one, &["order", "import", &one.file(&made.orders())]);
    made.imports += 1;
    let round = takes(&one, &["sync", "run"]);
    // Of imports and of rounds: how many were killed at work, and how many of those left things as they were.
    let (mut imports, mut rounds) = ((0, 0), (0, 0));
    for kill in 0..kills(10) {
        let mut mine = if kill % 2 == 0 {
            let file = one.file(&made.orders());
            imports.0 += u32::from(killed_after(&one, &["order", "import", &file], instant(&mut dice, import)));
            let mut mine = open(&one);
            is_sound(&mut mine);
            let kept = made.import(&mut mine);
            assert!([0, ORDERS_AT_ONCE].contains(&kept), "{kept} of {ORDERS_AT_ONCE} rows, kill {kill}");
            imports.1 += u32::from(kept == 0);
            mine
        } else {
            rounds.0 += u32::from(killed_after(&one, &["sync", "run"], instant(&mut dice, round)));
            let mut mine = open(&one);
            is_sound(&mut mine);
            rounds.1 += u32::from(mine.view().waiting_count().unwrap() > 0);
            syncs(&mut mine);
            mine
        };
        // The next has something to say, and something to hear.
        made.note(&mut mine);
        made.note(&mut theirs);
        if kill % 2 == 0 {
            made.goal(&mut mine);
        }
        syncs(&mut theirs);
    }
    println!("an import takes {import:?}, a round {round:?}; imports (killed at work, not kept) {imports:?}");
    println!("rounds (killed at work, not settled) {rounds:?}");
    drop(theirs);
    for laptop in [&one, &other] {
        laptop.sync();
    }
    made.is_once_on(&[&one, &other], before);
}

#[test]
fn a_new_laptop_killed_in_its_first_round_goes_on_with_it() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let mut dice = dice();
    let model = Laptop::signed_in("li-na", &server.url);
    let signed_in = tempfile::tempdir().unwrap();
    process::copy(model.home.path(), signed_in.path());
    let round = takes(&model, &["sync", "run"]);
    let held = open(&model).view().held().unwrap();
    let mut seen = Vec::new();
    for _ in 0..kills(10) / 5 {
        let laptop = Laptop { home: tempfile::tempdir().unwrap() };
        process::copy(signed_in.path(), laptop.home.path());
        killed_after(&laptop, &["sync", "run"], instant(&mut dice, round));
        let mut workspace = open(&laptop);
        is_sound(&mut workspace);
        seen.push(workspace.view().held().unwrap().0);
        syncs(&mut workspace);
        assert_eq!(workspace.view().held().unwrap(), held);
    }
    println!("a first round takes {round:?}; of {} records there were {seen:?}", held.0);
}

#[test]
fn a_server_killed_while_laptops_talk_to_it_has_lost_nothing_and_doubled_nothing() {
    let Office { folder, mut server, one, other } = Office::open();
    let (mut dice, mut made, before) = (dice(), Made::default(), sold(&other));
    let [mut mine, mut theirs] = [&one, &other].map(open);
    let change = |made: &mut Made, mine: &mut Workspace, theirs: &mut Workspace| {
        made.import(mine);
        made.note(mine);
        made.note(theirs);
        made.goal(theirs);
    };
    change(&mut made, &mut mine, &mut theirs);
    let round = {
        let begun = Instant::now();
        thread::scope(|scope| {
            for laptop in [&mut mine, &mut theirs] {
                scope.spawn(|| syncs(laptop));
            }
        });
        begun.elapsed()
    };
    let (mut failed, mut waited) = (0, 0);
    for _ in 0..kills(6) {
        syncs(&mut theirs);
        change(&mut made, &mut mine, &mut theirs);
        thread::scope(|scope| {
            let rounds = [&mut mine, &mut theirs].map(|laptop| scope.spawn(|| sync::run(laptop)));
            thread::sleep(instant(&mut dice, round));
            server.child.kill().unwrap();
            server.child.wait().unwrap();
            failed += rounds.into_iter().map(|round| round.join().unwrap()).filter(|r| r.is_err()).count();
        });
        waited += usize::from(mine.view().waiting_count().unwrap() > 0);
        let doctor = program(&["doctor"], &file_db(folder.path()), folder.path()).output().unwrap();
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stderr));
        server = server.killed_and_started();
        for laptop in [&mut mine, &mut theirs] {
            syncs(laptop);
        }
    }
    println!(
        "two rounds take {round:?}; {} kills, {failed} rounds failed, {waited} with an import that waited",
        kills(6)
    );
    for laptop in [&mut mine, &mut theirs] {
        syncs(laptop);
        is_sound(laptop);
    }
    drop((mine, theirs));
    made.is_once_on(&[&one, &other], before);
}

// ── The log of a store, cut anywhere

const UNITS: &str = "unit_id,name,parent_id,kind\nco,Co,,company\nA,A,co,region\nt1,T1,A,team\nt2,T2,A,team\n";
const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    hr,Hr,co,hr,hr,9000.00,2024-01-01,\nlead,Lead,t1,team_lead,manager,9000.00,2024-01-01,\n\
    r1,R1,t1,new_business,rep,5000.00,2024-01-01,\nr2,R2,t2,new_business,rep,5000.00,2024-01-01,\n";
const GOALS: &str = "goal_id,parent_id,owner_id,metric,period,target,locked\n\
    g-co,,co,sales_amount,2026,2400000,\ng-A,g-co,A,sales_amount,2026,2400000,\n\
    g-t1,g-A,t1,sales_amount,2026,1200000,\ng-r1,g-t1,r1,sales_amount,2026,1200000,\n";

fn sales(name: &str, person: &str, count: u64) -> String {
    let mut rows = String::from("order_id,customer_id,customer_type,person_id,date,amount,currency\n");
    for n in 0..count {
        let (day, month) = (1 + n % 20, 7 + n % 3);
        rows.push_str(&format!("{name}{n},c{n},new,{person},2026-{month:02}-{day:02},{}.00,CNY\n", 100 + n));
    }
    rows
}

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

fn note(about: &str, text: &str) -> Mutation {
    Mutation::WriteNote {
        note_id: format!("n-{text}"),
        about_id: about.into(),
        kind: NoteKind::Note,
        visibility: Visibility::Managers,
        text: text.into(),
        actions: Vec::new(),
        before: None,
    }
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
        let mut store = Store::create(&folder.path().join("founded.db"), keys()).unwrap();
        store
            .write(|tx| {
                tx.set_setting("company", "Co")?;
                tx.set_setting("currency", "CNY")?;
                tx.set_setting("today", "2026-09-21")?;
                tx.add_owner("founder", "Founder", &[Role::Admin, Role::Hr])
            })
            .unwrap();
        let sold = sales("o", "r1", 30);
        for (kind, text) in [(Kind::Unit, UNITS), (Kind::Person, PEOPLE), (Kind::Order, &sold), (Kind::Goal, GOALS)] {
            take_in(&mut store, "founder", kind, text);
        }
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

fn log_of(path: &Path) -> PathBuf {
    PathBuf::from(format!("{}-wal", path.display()))
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
