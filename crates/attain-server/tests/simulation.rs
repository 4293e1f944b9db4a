//! Many laptops, one authority, and a network that loses and doubles: after every quiet point all agree (SYNC, invariants 1,
//! 4, 5, 6, 7, 8, 9 and 10). Two server processes share one database, in a file or on PostgreSQL, and any message goes to
//! either. The seed stands in every failure; `ATTAIN_SCENARIOS` says how many are run, `ATTAIN_SEED` which is the first.
//!
//! Absent on purpose: HTTP and processes (`laptops.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/deeds.rs"]
mod deeds;
#[path = "support/dice.rs"]
mod dice;
#[path = "support/postgres.rs"]
mod server;
#[path = "support/world.rs"]
mod world;

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use attain_client::import::Kind;
use attain_client::problem::{Problem, Result};
use attain_client::sync::{self, Transport};
use attain_domain::fault::{self, Fault};
use attain_domain::goal::allocate::{Allocation, Basis, Level};
use attain_domain::goal::version::Stood;
use attain_domain::goal::wish::{Destination, Reassign, Shift, Wish, outcome};
use attain_domain::goal::{Adjustment, Owner, Reading};
use attain_domain::metric::Metric;
use attain_domain::mutation::{Change, Mutation, Now, may_publish};
use attain_domain::note::{NoteKind, Visibility};
use attain_domain::org::{Position, Seat};
use attain_domain::period::{Month, Period};
use attain_server::authority::Authority;
use attain_server::db::postgres::Postgres;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Device, Tenant};
use attain_server::seal::SecretKey;
use attain_store::Store;
use attain_store::facts::Base;
use attain_store::sync::Joined;
use attain_sync::laptop::{Ask, Told};
use chrono::Duration;
use dice::Dice;
use world::{Direct, company_of, deliver, folder, keys, take_in, today};

const UNITS: &str = "unit_id,name,parent_id,kind\nco,Co,,company\nA,A,co,region\nB,B,co,region\nt1,T1,A,team\nt2,T2,A,team\nt3,T3,B,team\n";
const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    hr,Hr,co,hr,hr,9000.00,2024-01-01,\n\
    boss,Boss,A,director,manager,9000.00,2024-01-01,\n\
    lead,Lead,t1,team_lead,manager,9000.00,2024-01-01,\n\
    r1,R1,t1,new_business,rep,5000.00,2024-01-01,\n\
    r4,R4,t1,new_business,rep,5000.00,2024-01-01,\n\
    r2,R2,t2,new_business,rep,5000.00,2024-01-01,\n\
    r3,R3,t3,account_manager,rep,5000.00,2024-01-01,\n";
const GOALS: &str = "goal_id,parent_id,owner_id,metric,period,target,locked\n\
    g-co,,co,sales_amount,2026,3600000,\ng-A,g-co,A,sales_amount,2026,2400000,\ng-B,g-co,B,sales_amount,2026,1200000,\n\
    g-t1,g-A,t1,sales_amount,2026,1200000,\ng-t2,g-A,t2,sales_amount,2026,1200000,\ng-t3,g-B,t3,sales_amount,2026,1200000,\n\
    g-r1,g-t1,r1,sales_amount,2026,600000,\ng-r4,g-t1,r4,sales_amount,2026,600000,\ng-r2,g-t2,r2,sales_amount,2026,1200000,\ng-r3,g-t3,r3,sales_amount,2026,1200000,\n";
const ORDERS: &str = "order_id,customer_id,customer_type,person_id,date,amount,currency\n\
    o1,c1,new,r1,2026-08-03,1000.00,CNY\no2,c2,new,r2,2026-08-04,2000.00,CNY\no3,c3,new,r3,2026-09-01,3000.00,CNY\n\
    o4,c1,returning,r1,2026-09-02,400.00,CNY\n";
const GOAL_IDS: [&str; 10] = ["g-co", "g-A", "g-B", "g-t1", "g-t2", "g-t3", "g-r1", "g-r2", "g-r3", "g-r4"];
const PERSONS: [&str; 7] = ["hr", "boss", "lead", "r1", "r2", "r3", "r4"];

/// The company that every scenario begins with.
fn seed(path: &Path) -> Store {
    let files = [(Kind::Unit, UNITS), (Kind::Person, PEOPLE), (Kind::Order, ORDERS), (Kind::Goal, GOALS)];
    company_of(path, keys(9), &files)
}

struct World {
    place: Place,
    servers: Vec<Server>,
    laptops: Vec<Laptop>,
    dice: Dice,
    /// Names for what is made in this scenario.
    made: u64,
}

/// Where the authority's database is.
#[derive(Clone)]
enum Place {
    File(PathBuf),
    Postgres(String),
}

impl Place {
    fn open(&self) -> Arc<dyn AuthorityDb> {
        match self {
            Place::File(path) => Arc::new(Sqlite::open(path, None).unwrap()),
            Place::Postgres(url) => Arc::new(Postgres::open(url).unwrap()),
        }
    }
}

/// One process of several on the same database, with a replica of its own.
struct Server {
    db: Arc<dyn AuthorityDb>,
    authority: Option<Authority>,
    folder: PathBuf,
    /// Records of a page: a handful as well as all of them.
    page: usize,
}

impl Server {
    fn start(place: &Place, folder: PathBuf, page: usize) -> Server {
        std::fs::create_dir_all(&folder).unwrap();
        let mut server = Server { db: place.open(), authority: None, folder, page };
        server.start_again();
        server
    }

    fn start_again(&mut self) {
        self.authority = None;
        if self.db.tenants().unwrap().is_empty() {
            let co = Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() };
            self.db.add_tenant(&co).unwrap();
        }
        let key = SecretKey::new([7; 32]);
        let authority = Authority::open(Arc::clone(&self.db), "co", key, &self.folder).unwrap();
        self.authority = Some(authority.paged(self.page));
    }

    fn authority(&self) -> &Authority {
        self.authority.as_ref().unwrap()
    }
}

struct Laptop {
    person: &'static str,
    store: Store,
    path: PathBuf,
    device: String,
    key: u8,
}

/// The network between one laptop and the authority.
struct Line<'w> {
    servers: &'w [Server],
    device: &'w str,
    dice: &'w mut Dice,
    /// Of a hundred messages, how many go astray.
    rough: u64,
    /// Messages of this round.
    sent: u64,
}

impl Transport for Line<'_> {
    fn send(&mut self, ask: &Ask) -> Result<std::result::Result<Told, String>> {
        let lost = || Problem::refused("server_unreachable");
        // What a lost grant takes away goes before anything else happens (invariant 3).
        assert!(self.sent > 0 || matches!(ask, Ask::Pull(_)), "a round begins with {ask:?}");
        self.sent += 1;
        let deliver = |dice: &mut Dice| {
            let server = dice.one(self.servers);
            let device = server.db.device("co", self.device).unwrap().unwrap();
            deliver(server.authority(), &device, ask)
        };
        let luck = self.dice.below(100);
        if luck < self.rough {
            return Err(lost());
        }
        let mut answer = deliver(self.dice);
        if luck < 2 * self.rough {
            // Sent again after the answer went astray.
            answer = deliver(self.dice);
        }
        if luck >= 100 - self.rough { Err(lost()) } else { Ok(answer) }
    }
}

impl World {
    /// The company that every scenario begins with: founded, and on four laptops.
    fn found(founded: &Store, folder: &Path, place: Place) -> World {
        let mut world = World { place, servers: Vec::new(), laptops: Vec::new(), dice: Dice(0), made: 0 };
        for name in SERVERS {
            world.servers.push(Server::start(&world.place, folder.join(name), PAGES[2]));
        }
        world.servers[0].authority().found(founded.view()).unwrap();
        for (at, person) in LAPTOPS.into_iter().enumerate() {
            let path = folder.join(format!("laptop-{at}.db"));
            let store = Store::create(&path, keys(at as u8)).unwrap();
            world.laptops.push(Laptop { person, store, path, device: format!("laptop-{at}"), key: at as u8 });
        }
        for at in 0..world.laptops.len() {
            world.sign_in_again(at);
            world.sync(at, 0).unwrap();
        }
        world
    }

    /// The same from a copy of its folder.
    fn copied(folder: &Path, place: Place, dice: Dice) -> World {
        let page = PAGES[dice.0 as usize % PAGES.len()];
        let servers = SERVERS.map(|name| Server::start(&place, folder.join(name), page));
        let laptops = LAPTOPS.into_iter().enumerate().map(|(at, person)| {
            let path = folder.join(format!("laptop-{at}.db"));
            let store = Store::open(&path, keys(at as u8)).unwrap();
            Laptop { person, store, path, device: format!("laptop-{at}"), key: at as u8 }
        });
        World { place, servers: servers.into(), laptops: laptops.collect(), dice, made: 0 }
    }

    fn db(&self) -> &dyn AuthorityDb {
        self.servers[0].db.as_ref()
    }

    /// As the first time: a new epoch of the device.
    fn sign_in_again(&mut self, at: usize) {
        let known = self.db().device("co", &self.laptops[at].device).unwrap();
        let laptop = &mut self.laptops[at];
        let device = Device {
            tenant: "co".into(),
            device: laptop.device.clone(),
            user: laptop.person.into(),
            person_id: laptop.person.into(),
            name: laptop.person.into(),
            epoch: known.map_or(1, |known| known.epoch + 1),
            last_mid: 0,
            revoked: false,
        };
        self.servers[0].db.put_device(&device).unwrap();
        let Device { tenant, device, epoch, person_id, .. } = device;
        laptop.store.join(&Joined { server: "here".into(), tenant, device, epoch, person_id }).unwrap();
    }

    fn sync(&mut self, at: usize, rough: u64) -> Result<sync::Report> {
        let laptop = &mut self.laptops[at];
        let mut line = Line { servers: &self.servers, device: &laptop.device, dice: &mut self.dice, rough, sent: 0 };
        sync::round(&mut laptop.store, &mut line)
    }

    /// Everybody syncs on a smooth line until nothing is left to say, and then all agree.
    fn settle_and_check(&mut self, tale: &str) {
        for _ in 0..2 {
            for at in 0..self.laptops.len() {
                let person = self.laptops[at].person;
                let report = self.sync(at, 0).unwrap_or_else(|e| panic!("{person}: {} {:?}\n{tale}", e.code, e.cause));
                assert_eq!(report.pending, 0, "{person} still waits\n{tale}");
                if report.whole == Some(false) {
                    panic!("{person} holds something else than the server says\n{tale}");
                }
            }
        }
        for laptop in &mut self.laptops {
            let before = laptop.store.figures_digest().unwrap();
            laptop.store.rebuild_figures().unwrap();
            assert_eq!(
                before,
                laptop.store.figures_digest().unwrap(),
                "{}: figures of their own\n{tale}",
                laptop.person
            );
        }
        // What one sees of oneself, and above oneself, is what HR sees, although the orders of others are not here.
        let here = |laptop: &&Laptop| laptop.store.view().actor(laptop.person, today()).unwrap().is_some();
        for laptop in self.laptops[1..].iter().filter(here) {
            let (hers, own) = (self.laptops[0].store.view(), laptop.store.view());
            let months = (6..=9).map(|month| Period::Month(Month { year: 2026, month }));
            for period in months.chain([Period::Year(2026)]) {
                let metrics =
                    [Metric::SalesAmount, Metric::NewCustomers, Metric::RetentionRate, Metric::RepurchaseRate];
                for metric in metrics {
                    assert_eq!(
                        own.person_figure(laptop.person, metric, period).unwrap(),
                        hers.person_figure(laptop.person, metric, period).unwrap(),
                        "{} of {}, {period}\n{tale}",
                        metric.name(),
                        laptop.person
                    );
                }
                let unit = own.main_unit(laptop.person, today()).unwrap();
                for unit in unit.iter().flat_map(|unit| own.chain_of(unit).unwrap()) {
                    for metric in [Metric::SalesAmount, Metric::NewCustomers] {
                        assert_eq!(
                            own.unit_figure(&unit, metric, period).unwrap(),
                            hers.unit_figure(&unit, metric, period).unwrap(),
                            "{} of {unit}, {period}, as {} sees it\n{tale}",
                            metric.name(),
                            laptop.person
                        );
                    }
                }
            }
        }
        // What was sealed is with the company, as often as it was sealed, and on no laptop.
        let sealed: u64 = self.laptops.iter().map(|laptop| laptop.store.view().escrowed().unwrap()).sum();
        let boxes = self.servers[0].authority().escrow().unwrap();
        let kept: usize = boxes.iter().map(|kept| kept["changes"].as_array().unwrap().len()).sum();
        assert_eq!(sealed, kept as u64, "sealed changes\n{tale}");
        // Every trail goes on without a gap.
        for link in self.servers[1].authority().trail(None).unwrap() {
            assert_eq!(link["fits"], true, "{link}\n{tale}");
        }
        // HR has everything: row for row what the authority's replica has.
        let replicas: Vec<_> = self.servers.iter().map(|server| server.authority().rows().unwrap()).collect();
        let hers = self.laptops[0].store.view().every_row().unwrap();
        let of = |rows: &[Base]| -> std::collections::BTreeMap<(&'static str, String), String> {
            rows.iter()
                .filter(|row| !matches!(row.name().0, "snooze" | "note"))
                .map(|row| (row.name(), serde_json::to_string(row).unwrap()))
                .collect()
        };
        // Each goal stands as its latest version says, whatever was undone, refused or decided in between.
        for row in &replicas[0] {
            let Base::Decision { change: Change::Goal { id, to: Some(goal) } } = row else { continue };
            let number = goal.version;
            let version = replicas[0].iter().find_map(|row| match row {
                Base::Decision { change: Change::GoalVersion { goal_id, version, to } }
                    if goal_id == id && *version == number =>
                {
                    to.as_ref()
                }
                _ => None,
            });
            let stood = version.unwrap_or_else(|| panic!("{id} has no version {number}\n{tale}")).after.as_ref();
            assert_eq!(stood, Some(&Stood::of(goal)), "{id}, version {number}\n{tale}");
        }
        // Whatever a laptop has is as the authority has it: nothing of what was refused or undone is left.
        let all: std::collections::BTreeMap<_, _> = replicas[0].iter().map(|row| (row.name(), row)).collect();
        for laptop in &self.laptops {
            for row in laptop.store.view().every_row().unwrap() {
                let name = row.name();
                assert_eq!(all.get(&name), Some(&&row), "{name:?} on the laptop of {}\n{tale}", laptop.person);
            }
        }
        let hers = of(&hers);
        for replica in replicas.iter().map(|rows| of(rows)) {
            for (name, row) in &replica {
                assert_eq!(hers.get(name), Some(row), "{name:?} on HR's laptop\n{tale}");
            }
            assert_eq!(replica.len(), hers.len(), "HR has rows of her own\n{tale}");
        }
    }
}

const SERVERS: [&str; 2] = ["east", "west"];
/// One of them has two.
const LAPTOPS: [&str; 5] = ["hr", "lead", "r1", "boss", "lead"];
/// Records of a page: less than a team has, less than the company has, all of them.
const PAGES: [usize; 3] = [7, 40, 5_000];

fn scenario(mut world: World, seed: u64) {
    let mut tale = format!("seed {seed}\n");
    for _ in 0..3 {
        for _ in 0..8 {
            let at = world.dice.below(world.laptops.len() as u64) as usize;
            let person = world.laptops[at].person;
            let line = match world.dice.below(13) {
                0..=5 => format!("{person}: {}", world.act(at)),
                6..=8 => format!("{person} syncs on a rough line: {:?}", world.sync(at, 15).map(|r| r.whole).ok()),
                9 => {
                    // The laptop is switched off and on.
                    let laptop = &mut world.laptops[at];
                    laptop.store = Store::open(&laptop.path, keys(laptop.key)).unwrap();
                    format!("{person}'s laptop starts again")
                }
                10 => {
                    let which = world.dice.below(2) as usize;
                    world.servers[which].start_again();
                    format!("the server in the {} starts again", SERVERS[which])
                }
                11 => {
                    world.sign_in_again(at);
                    format!("{person} signs in again")
                }
                _ => {
                    // Its replica is lost with it.
                    let which = world.dice.below(2) as usize;
                    let path = world.servers[which].authority().replica_path().to_owned();
                    world.servers[which].authority = None;
                    for suffix in ["", "-wal", "-shm"] {
                        let _ = std::fs::remove_file(format!("{}{suffix}", path.display()));
                    }
                    world.servers[which].start_again();
                    format!("the server in the {} starts again without its replica", SERVERS[which])
                }
            };
            tale.push_str(&line);
            tale.push('\n');
        }
        world.settle_and_check(&tale);
        tale.push_str("── all agree\n");
    }
}

/// Runs seeds on as many threads as there are cores; `world` makes the beginning of one.
fn scenarios(usual: u64, world: impl Fn(&Path, Dice) -> World + Sync) {
    let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let (first, count) = (number("ATTAIN_SEED", 1), number("ATTAIN_SCENARIOS", usual));
    let next = AtomicU64::new(first);
    std::thread::scope(|scope| {
        for _ in 0..std::thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let seed = next.fetch_add(1, Ordering::Relaxed);
                    if seed >= first + count {
                        break;
                    }
                    let folder = folder();
                    scenario(world(folder.path(), Dice(seed)), seed);
                }
            });
        }
    });
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap().flatten() {
        let (from, to) = (entry.path(), to.join(entry.file_name()));
        if from.is_dir() {
            std::fs::create_dir_all(&to).unwrap();
            copy(&from, &to);
        } else {
            std::fs::copy(&from, &to).unwrap();
        }
    }
}

#[test]
fn whatever_is_lost_or_doubled_all_agree_in_the_end() {
    let (seeded, model) = (folder(), folder());
    let founded = seed(&seeded.path().join("seed.db"));
    drop(World::found(&founded, model.path(), Place::File(model.path().join("server.db"))));
    scenarios(5_000, |folder, dice| {
        copy(model.path(), folder);
        World::copied(folder, Place::File(folder.join("server.db")), dice)
    });
}

#[test]
fn two_servers_on_one_postgresql_agree_too() {
    let running = server::PostgresServer::shared();
    let (seeded, model) = (folder(), folder());
    let founded = seed(&seeded.path().join("seed.db"));
    let url = running.database();
    drop(World::found(&founded, model.path(), Place::Postgres(url.clone())));
    scenarios(100, |folder, dice| {
        copy(model.path(), folder);
        World::copied(folder, Place::Postgres(running.copy_of(&url)), dice)
    });
}

#[test]
fn every_fault_that_is_put_in_on_purpose_is_caught() {
    let (seeded, model) = (folder(), folder());
    let founded = seed(&seeded.path().join("seed.db"));
    drop(World::found(&founded, model.path(), Place::File(model.path().join("server.db"))));
    for fault in [
        Fault::SkipUndo,
        Fault::BareSequence,
        Fault::PurgeBehindOutbox,
        Fault::ApplyTwice,
        Fault::GrantsOfYesterday,
        Fault::RollupNotUndone,
    ] {
        let caught = (1..=200).any(|seed| {
            let folder = folder();
            copy(model.path(), folder.path());
            let run = || {
                fault::put(fault);
                let place = Place::File(folder.path().join("server.db"));
                scenario(World::copied(folder.path(), place, Dice(seed)), seed);
            };
            std::thread::scope(|scope| scope.spawn(run).join()).is_err()
        });
        assert!(caught, "{fault:?}");
    }
}

#[test]
fn a_laptop_that_comes_back_after_a_year_brings_all_it_has() {
    let (seeded, place) = (folder(), folder());
    let founded = seed(&seeded.path().join("seed.db"));
    let mut world = World::found(&founded, place.path(), Place::File(place.path().join("server.db")));
    let lead = LAPTOPS.iter().position(|person| *person == "lead").unwrap();
    let written = 500;
    for n in 0..written {
        let laptop = &mut world.laptops[lead];
        let actor = laptop.store.view().actor(laptop.person, today()).unwrap().unwrap();
        // Its clock is anywhere.
        let now = Now { today: today(), at: format!("20{:02}-01-01T00:00:00.{n:03}Z", 6 + n % 30) };
        let note = Mutation::WriteNote {
            note_id: format!("year-{n}"),
            about_id: "r1".into(),
            kind: NoteKind::Note,
            visibility: Visibility::Managers,
            text: format!("第 {n} 次谈话"),
            actions: Vec::new(),
            before: None,
        };
        let changed = laptop.store.mutate(&actor, &note, &now).unwrap();
        laptop.store.pretend_first_version(changed.mid).unwrap();
    }
    // Life went on without it.
    for n in 0..40 {
        let laptop = &mut world.laptops[0];
        let actor = laptop.store.view().actor(laptop.person, today()).unwrap().unwrap();
        let now = Now { today: today(), at: "2026-09-21T00:30:00.000Z".into() };
        let raise = Mutation::AdjustGoal {
            goal_id: "g-co".into(),
            target: 400_000_000 + n * 1_000_000,
            reading: Reading::RemainingShare,
            from: Month { year: 2026, month: 9 },
            seen: None,
        };
        laptop.store.mutate(&actor, &raise, &now).unwrap();
        world.sync(0, 0).unwrap();
    }
    world.sign_in_again(lead);
    world.settle_and_check("after a year");
    let hers = world.laptops[0].store.view();
    let notes = hers.every_row().unwrap().into_iter().filter(|row| row.name().1.starts_with("year-")).count();
    let refused = world.laptops[lead].store.view().attention().unwrap();
    assert_eq!(notes + refused.len(), written, "each is there or was refused, with its reason");
    assert_eq!(refused.len(), 0, "{:?}", refused.first());
}

/// A line that breaks after some answers.
struct Breaking<'w> {
    line: Direct<'w>,
    answers: usize,
}

impl Transport for Breaking<'_> {
    fn send(&mut self, ask: &Ask) -> Result<std::result::Result<Told, String>> {
        self.answers = self.answers.checked_sub(1).ok_or_else(|| Problem::refused("server_unreachable"))?;
        self.line.send(ask)
    }
}

#[test]
fn a_new_laptop_has_its_own_team_first_and_knows_how_much_is_to_come() {
    let (seeded, place) = (folder(), folder());
    let founded = seed(&seeded.path().join("seed.db"));
    let mut world = World::found(&founded, place.path(), Place::File(place.path().join("server.db")));
    // Changed after their orders were written: their row stands behind those.
    let hr = world.laptops[0].store.view().actor("hr", today()).unwrap().unwrap();
    let moved = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
        r1,R One,t1,new_business,rep,5000.00,2024-01-01,\n";
    take_in(&mut world.laptops[0].store, &hr, Kind::Person, moved).unwrap();
    world.sync(0, 0).unwrap();
    // Another server, which has to read all of it in small pages too.
    let server = Server::start(&world.place, place.path().join("north"), PAGES[0]);

    // The lead's team is all they may have; to the boss, teams below are further away.
    for (person, own_team, all_at_once) in [("lead", "r1", true), ("boss", "boss", false)] {
        let path = place.path().join(format!("new-{person}.db"));
        let mut store = world::joined(world.db(), person, &path, keys(8));
        let line = Direct { authority: server.authority(), db: world.db(), device: person };
        let mut line = Breaking { line, answers: 1 };
        assert_eq!(sync::round(&mut store, &mut line).unwrap_err().code, "server_unreachable");
        let so_far = sync::receiving(store.view()).unwrap().expect("more is to come");
        assert!(so_far.records > 0 && (so_far.records == so_far.of) == all_at_once, "{so_far:?}");
        assert!(store.view().actor(person, today()).unwrap().is_some());
        let september = Period::Month(Month { year: 2026, month: 9 });
        let sales = |store: &Store| store.view().person_figure(own_team, Metric::SalesAmount, september).unwrap();
        assert_eq!(sales(&store), sales(&world.laptops[0].store), "{person}");

        line.answers = usize::MAX;
        let report = sync::round(&mut store, &mut line).unwrap();
        assert_eq!(report.whole, Some(true), "{person}");
        assert_eq!(sync::receiving(store.view()).unwrap(), None);
        assert_eq!(store.view().held_count().unwrap(), so_far.of);
    }
}
