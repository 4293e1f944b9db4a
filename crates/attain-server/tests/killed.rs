//! Laptops and servers that are ended at any instant (kill -9): what is left is the old state or the new one, and the next
//! round brings all of it to the same end (SYNC, invariants 4, 6 and 10).
//! `ATTAIN_KILLS` says how often each is killed, `ATTAIN_SEED` sets the dice.
//!
//! Absent on purpose: lines that break (`rough_line.rs`), logs that are cut (`log_cut.rs`), full disks (`disk_full.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/dice.rs"]
mod dice;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/process.rs"]
mod process;
#[path = "support/world.rs"]
mod world;

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::OnceLock;
use std::thread;
use std::time::{Duration, Instant};

use attain_client::goals;
use attain_client::import::{self, Input, Kind, Request};
use attain_client::keys::Unlock;
use attain_client::sync;
use attain_client::workspace::{Workspace, store_file};
use attain_domain::goal::{Adjustment, Reading};
use attain_domain::mutation::Mutation;
use dice::Dice;
use postgres::PostgresServer;
use process::{Laptop, PASSPHRASE, Server, find, program};
use serde_json::{Value, json};
use world::{log_of, note};

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
    /// Where the server keeps its records.
    db: String,
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
        let db = format!("sqlite:{}", folder.path().join("server.db").display());
        let server = Server::on(&db, folder.path());
        let [one, other] = ["one", "other"].map(|name| {
            let laptop = Laptop { home: tempfile::tempdir().unwrap() };
            process::copy(&model.join(name), laptop.home.path());
            laptop.done(&["sync", "sign-in", &server.url, "--user", "wang-fang", "--password", "env:SAMPLE"]);
            laptop.sync();
            laptop
        });
        Office { folder, db, server, one, other }
    }

    /// The same on a database of PostgreSQL's.
    fn open_on(db: String) -> Office {
        let folder = tempfile::tempdir().unwrap();
        let server = Server::on(&db, folder.path());
        let [one, other] = ["wang-fang"; 2].map(|person| Laptop::of(person, &server));
        Office { folder, db, server, one, other }
    }
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
    // On a machine that is busy with other things a request may take longer than the server waits.
    let mut rounds = (0..10).map(|_| sync::run(workspace));
    let settled = rounds.find(|round| !round.as_ref().is_err_and(|problem| problem.code == "too_slow"));
    let report = settled.unwrap().unwrap();
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
    one.sync();
    // A round as those that are killed have it: something of its own to say.
    made.note(&mut open(&one));
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
    server_killed(Office::open(), kills(6));
}

#[test]
fn a_server_on_postgresql_killed_while_laptops_talk_to_it_has_lost_nothing_and_doubled_nothing() {
    let running = PostgresServer::shared();
    server_killed(Office::open_on(running.database()), kills(2));
}

fn server_killed(office: Office, kills: u64) {
    let Office { folder, db, mut server, one, other } = office;
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
    for _ in 0..kills {
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
        let doctor = program(&["doctor"], &db, folder.path()).output().unwrap();
        assert!(doctor.status.success(), "{}", String::from_utf8_lossy(&doctor.stderr));
        server = server.killed_and_started();
        for laptop in [&mut mine, &mut theirs] {
            syncs(laptop);
        }
    }
    println!("two rounds take {round:?}; {kills} kills, {failed} rounds failed, {waited} with an import that waited");
    for laptop in [&mut mine, &mut theirs] {
        syncs(laptop);
        is_sound(laptop);
    }
    drop((mine, theirs));
    made.is_once_on(&[&one, &other], before);
}
