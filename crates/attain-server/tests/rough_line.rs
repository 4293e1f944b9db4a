//! Laptops and servers over a line that delays, stalls, and breaks in the middle of a request or of an answer, while many
//! change things at once: in the end nothing is skipped and nothing doubled (SYNC, invariants 1, 4, 5, 6 and 9). The same
//! line leads to one server, or now to one and now to the other of two on one PostgreSQL. `ATTAIN_SEED` sets its dice.
//!
//! Absent on purpose: programs that are ended (`killed.rs`), messages lost in-process (`simulation.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/dice.rs"]
mod dice;
#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/process.rs"]
mod process;

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use dice::Dice;
use postgres::PostgresServer;
use process::{Laptop, Server, find};
use serde_json::Value;

/// What lies between laptops and servers: an address that leads to one of the servers, well or badly.
struct Line {
    url: String,
    state: Arc<State>,
}

#[derive(Default)]
struct State {
    rough: AtomicBool,
    stalled: AtomicUsize,
    broken_requests: AtomicUsize,
    broken_answers: AtomicUsize,
}

/// What happens to one direction of a connection.
#[derive(Clone, Copy)]
enum Fate {
    Passes,
    /// Every piece comes late.
    Drags(Duration),
    /// After so many bytes nothing comes for a while.
    Stalls(usize, Duration),
    /// After so many bytes the connection is gone, both ways.
    Breaks(usize),
}

impl Line {
    /// Its threads end with the program of tests.
    fn to(servers: &[&Server], seed: u64) -> Line {
        let servers: Vec<String> = servers.iter().map(|server| server.url["http://".len()..].to_owned()).collect();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let line = Line { url: format!("http://{}", listener.local_addr().unwrap()), state: Arc::default() };
        let (state, mut dice) = (Arc::clone(&line.state), Dice(seed));
        thread::spawn(move || {
            for laptop in listener.incoming().flatten() {
                let Ok(server) = TcpStream::connect(dice.one(&servers)) else { continue };
                let (up, down) = match state.rough.load(Ordering::SeqCst) {
                    true => fates(&mut dice),
                    false => (Fate::Passes, Fate::Passes),
                };
                let ends = [laptop.try_clone(), server.try_clone()].map(Result::unwrap);
                let [laptop_too, server_too] = ends;
                let (here, there) = (Arc::clone(&state), Arc::clone(&state));
                thread::spawn(move || carry(laptop, server, up, &here.stalled, &here.broken_requests));
                thread::spawn(move || carry(server_too, laptop_too, down, &there.stalled, &there.broken_answers));
            }
        });
        line
    }

    fn rough(&self, rough: bool) {
        self.state.rough.store(rough, Ordering::SeqCst);
    }

    /// It was as bad as it was meant to be.
    fn was_rough(&self) {
        let State { stalled, broken_requests, broken_answers, .. } = &*self.state;
        let counts = [stalled, broken_requests, broken_answers].map(|count| count.load(Ordering::SeqCst));
        println!("stalled {}, broken in a request {}, in an answer {}", counts[0], counts[1], counts[2]);
        assert!(counts.iter().all(|count| *count > 0), "{counts:?}");
    }
}

/// Of what a laptop says and of what it hears. Small numbers of bytes are as likely as large ones.
fn fates(dice: &mut Dice) -> (Fate, Fate) {
    let while_ = Duration::from_millis(20 + dice.below(200));
    let within = |most: u64, dice: &mut Dice| {
        let most = 1 << dice.below(most);
        dice.below(most) as usize
    };
    match dice.below(10) {
        0..=2 => (Fate::Breaks(within(11, dice)), Fate::Passes),
        3..=5 => (Fate::Passes, Fate::Breaks(within(16, dice))),
        6 => (Fate::Stalls(within(11, dice), while_), Fate::Passes),
        7 => (Fate::Passes, Fate::Stalls(within(16, dice), while_)),
        8 => (Fate::Drags(while_ / 20), Fate::Drags(while_ / 20)),
        _ => (Fate::Passes, Fate::Passes),
    }
}

fn carry(mut from: TcpStream, mut to: TcpStream, mut fate: Fate, stalled: &AtomicUsize, broken: &AtomicUsize) {
    let mut piece = [0; 4096];
    while let Ok(read @ 1..) = from.read(&mut piece) {
        let mut rest = &piece[..read];
        match &mut fate {
            Fate::Passes => {}
            Fate::Drags(by) => thread::sleep(*by),
            Fate::Stalls(left, _) | Fate::Breaks(left) if *left >= read => *left -= read,
            Fate::Stalls(left, by) => {
                stalled.fetch_add(1, Ordering::SeqCst);
                let sent = to.write_all(&rest[..*left]);
                thread::sleep(*by);
                rest = if sent.is_ok() { &rest[*left..] } else { &[] };
                fate = Fate::Passes;
            }
            Fate::Breaks(left) => {
                broken.fetch_add(1, Ordering::SeqCst);
                let _ = to.write_all(&rest[..*left]);
                let _ = from.shutdown(Shutdown::Both);
                let _ = to.shutdown(Shutdown::Both);
                return;
            }
        }
        if to.write_all(rest).is_err() {
            break;
        }
    }
    let _ = to.shutdown(Shutdown::Write);
}

/// Somebody who changes things; nobody else touches the same goals.
struct Writer {
    laptop: Laptop,
    name: &'static str,
    does: Does,
}

enum Does {
    /// Locks and unlocks one goal, sets another, writes notes about the other's owner.
    Leads {
        locks: &'static str,
        sets: &'static str,
        from: i64,
    },
    Imports,
}

/// What must be there in the end.
#[derive(Default)]
struct Made {
    notes: Vec<String>,
    orders: Vec<String>,
    goals: Vec<(&'static str, Value)>,
}

const CHANGES: i64 = 8;
const ORDERS_AT_ONCE: i64 = 25;
const SELLER: &str = "li-si";

impl Writer {
    fn leads(name: &'static str, person: &str, locks: &'static str, sets: &'static str, line: &Line) -> Writer {
        let laptop = Laptop::signed_in(person, &line.url);
        laptop.sync();
        let tree = laptop.done(&["goal", "tree", "--period", "2026"]);
        let target = find(&tree["goals"], sets).unwrap()["target"]["amount"].as_str().unwrap().to_owned();
        let from = target.split('.').next().unwrap().parse().unwrap();
        Writer { laptop, name, does: Does::Leads { locks, sets, from } }
    }

    fn imports(name: &'static str, person: &str, line: &Line) -> Writer {
        let laptop = Laptop::signed_in(person, &line.url);
        laptop.sync();
        Writer { laptop, name, does: Does::Imports }
    }

    /// The `n`th change.
    fn change(&self, n: i64, made: &mut Made) {
        match self.does {
            Does::Leads { locks, sets, from } => match n % 3 {
                0 => {
                    let (text, about) = (format!("{}的第 {n} 次谈话", self.name), &sets["g26-".len()..]);
                    let add = ["note", "add", "--about", about, "--text", &text, "--visibility", "managers"];
                    self.laptop.done(&add);
                    made.notes.push(text);
                }
                1 => {
                    let target = (from + n * 12_000).to_string();
                    self.laptop.done(&["goal", "adjust", sets, "--target", &target, "--reading", "year-total"]);
                    made.goals.push((sets, Value::from(format!("{target}.00"))));
                }
                _ => {
                    let locked = n % 2 == 0;
                    self.laptop.done(&["goal", if locked { "lock" } else { "unlock" }, locks]);
                    made.goals.push((locks, Value::from(locked)));
                }
            },
            Does::Imports => {
                let ids: Vec<String> = (0..ORDERS_AT_ONCE).map(|o| format!("N-{}-{n}-{o}", self.name)).collect();
                self.laptop.done(&["order", "import", &self.laptop.file(&orders(&ids))]);
                made.orders.extend(ids);
            }
        }
    }

    /// Changes and syncs in turn, then syncs until the server has taken everything. Answers how many rounds failed.
    fn work(&self, made: &mut Made) -> usize {
        let mut failed = 0;
        let mut round = || {
            let output = self.laptop.run(&["sync", "run"]);
            let report: Value = serde_json::from_slice(&output.stdout).unwrap_or_default();
            assert_ne!(report["whole"], false, "{}: {report}", self.name);
            let done = output.status.success() && report["pending"] == 0;
            failed += usize::from(!done);
            done
        };
        let mut accepted = false;
        for n in 0..CHANGES {
            self.change(n, made);
            accepted = round();
        }
        for _ in 0..100 {
            if accepted {
                return failed;
            }
            accepted = round();
        }
        panic!("{}: not accepted: {}", self.name, self.laptop.done(&["sync", "status"]));
    }
}

/// A hundred yuan each.
fn orders(ids: &[String]) -> String {
    let mut rows =
        String::from("order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n");
    for id in ids {
        rows.push_str(&format!("{id},C-{id},new,{SELLER},2026-09-18,100.00,,CNY,booked,beans\n"));
    }
    rows
}

fn sold(laptop: &Laptop) -> i64 {
    let shown = laptop.done(&["attainment", "show", SELLER, "--period", "2026-09"]);
    let amount = shown["actual"]["amount"].as_str().unwrap_or_else(|| panic!("{shown}")).replace('.', "");
    amount.parse().unwrap()
}

/// Everybody works at once over the rough line, and HR takes a new laptop; then all is as if the line had been smooth.
fn work_and_agree(line: &Line, writers: &[Writer], hr: &Laptop) {
    let before = sold(hr);
    line.rough(true);
    let other = Laptop { home: tempfile::tempdir().unwrap() };
    let mut all = Made::default();
    thread::scope(|scope| {
        let working: Vec<_> = writers
            .iter()
            .map(|writer| {
                scope.spawn(|| {
                    let mut made = Made::default();
                    let failed = writer.work(&mut made);
                    println!("{}: {failed} rounds failed", writer.name);
                    made
                })
            })
            .collect();
        scope.spawn(|| {
            let sign_in = ["sync", "sign-in", &line.url, "--user", "wang-fang", "--password", "env:SAMPLE"];
            let joined = (0..100).any(|_| other.run(&sign_in).status.success());
            assert!(joined && (0..100).any(|_| other.run(&["sync", "run"]).status.success()));
        });
        for worker in working {
            let made = worker.join().unwrap();
            all.notes.extend(made.notes);
            all.orders.extend(made.orders);
            all.goals.extend(made.goals);
        }
    });
    line.was_rough();

    line.rough(false);
    let laptops: Vec<&Laptop> = writers.iter().map(|writer| &writer.laptop).chain([hr, &other]).collect();
    for _ in 0..2 {
        for laptop in &laptops {
            laptop.sync();
        }
    }
    let status = |laptop: &Laptop| laptop.done(&["sync", "status"]);
    assert_eq!(status(hr)["digest"], status(&other)["digest"]);
    for laptop in &laptops {
        // A target set twice would have been refused the second time: it was no more what its author had seen.
        assert_eq!(status(laptop)["attention"], serde_json::json!([]));
        assert_eq!(laptop.done(&["workspace", "rebuild"])["same"], true);
    }
    for laptop in [hr, &other] {
        let notes = laptop.done(&["note", "list", "--limit", "100000"]);
        let times = |text: &String| notes["items"].as_array().unwrap().iter().filter(|n| n["text"] == **text).count();
        assert_eq!(all.notes.iter().map(times).collect::<Vec<_>>(), vec![1; all.notes.len()]);

        let list = laptop.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
        let ids = list["items"].as_array().unwrap().iter().map(|order| order["order_id"].as_str().unwrap());
        let mut new: Vec<&str> = ids.filter(|id| id.starts_with("N-")).collect();
        let mut expected: Vec<&str> = all.orders.iter().map(String::as_str).collect();
        new.sort_unstable();
        expected.sort_unstable();
        assert_eq!(new, expected);
        assert_eq!(sold(laptop), before + 10_000 * all.orders.len() as i64);

        let tree = laptop.done(&["goal", "tree", "--period", "2026"]);
        let last: std::collections::BTreeMap<_, _> =
            all.goals.iter().map(|(goal, value)| ((goal, value.is_boolean()), value)).collect();
        for ((goal, lock), value) in last {
            let goal = find(&tree["goals"], goal).unwrap();
            assert_eq!(if lock { &goal["locked"] } else { &goal["target"]["amount"] }, value, "{}", goal["goal_id"]);
        }
    }
}

fn seed(usual: u64) -> u64 {
    std::env::var("ATTAIN_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(usual)
}

/// Signs in at the same time, while the line is smooth.
fn together(make: Vec<Box<dyn FnOnce() -> Writer + Send + '_>>) -> Vec<Writer> {
    thread::scope(|scope| {
        let made: Vec<_> = make.into_iter().map(|make| scope.spawn(make)).collect();
        made.into_iter().map(|made| made.join().unwrap()).collect()
    })
}

#[test]
fn over_a_rough_line_every_change_arrives_once() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let line = Line::to(&[&server], seed(1));
    let writers = together(vec![
        Box::new(|| Writer::leads("王芳", "wang-fang", "g26-sun-li", "g26-he-jing", &line)),
        Box::new(|| Writer::leads("李娜", "li-na", "g26-li-si", "g26-zhang-san", &line)),
        Box::new(|| Writer::leads("陈刚", "chen-gang", "g26-jiang-bo", "g26-feng-lei", &line)),
        Box::new(|| Writer::imports("周涛", "zhou-tao", &line)),
    ]);
    work_and_agree(&line, &writers, &writers[0].laptop);
}

#[test]
fn over_a_rough_line_to_two_servers_on_one_postgresql_every_change_of_eight_arrives_once() {
    let running = PostgresServer::shared();
    let at = running.database();
    let (east, west) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    let first = Server::on(&at, east.path());
    std::fs::copy(east.path().join("master.key"), west.path().join("master.key")).unwrap();
    let second = Server::on(&at, west.path());
    let line = Line::to(&[&first, &second], seed(2));
    let writers = together(vec![
        Box::new(|| Writer::leads("王芳", "wang-fang", "g26-sun-li", "g26-he-jing", &line)),
        Box::new(|| Writer::leads("王芳在家", "wang-fang", "g26-guo-tao", "g26-wu-qian", &line)),
        Box::new(|| Writer::leads("李娜", "li-na", "g26-li-si", "g26-zhang-san", &line)),
        Box::new(|| Writer::leads("陈刚", "chen-gang", "g26-jiang-bo", "g26-feng-lei", &line)),
        Box::new(|| Writer::leads("黄英", "huang-ying", "g26-ding-hao", "g26-du-juan", &line)),
        Box::new(|| Writer::leads("梁超", "liang-chao", "g26-tang-wei", "g26-shi-lei", &line)),
        Box::new(|| Writer::leads("马丽", "ma-li", "g26-xia-he", "g26-wang-lei", &line)),
        Box::new(|| Writer::imports("周涛", "zhou-tao", &line)),
    ]);
    work_and_agree(&line, &writers, &writers[0].laptop);
}
