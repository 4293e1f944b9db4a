//! What a laptop's file holds is exactly what its person may have: two hundred random companies, every role, before and
//! after somebody moves, against an oracle that knows nothing of the code (DOMAIN, roles; SYNC, invariants 1, 2 and 3).
//!
//! Absent on purpose: networks and crashes (`simulation.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/dice.rs"]
mod dice;
#[path = "support/leftovers.rs"]
mod leftovers;
#[path = "support/world.rs"]
mod world;

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

use attain_client::import::Kind;
use attain_domain::mutation::{Mutation, Now};
use attain_domain::note::{NoteKind, Visibility};
use attain_domain::org::Role;
use attain_server::authority::Authority;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Tenant};
use attain_server::seal::SecretKey;
use attain_store::Store;
use dice::Dice;
use leftovers::{Marker, left, salaries, text};
use world::{Direct, folder, joined, keys, take_in, today};

const PERSON_HEAD: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n";

/// A stretch of somebody's time in a unit; days as text, so that they compare as dates.
#[derive(Clone)]
struct Time {
    unit: String,
    role: Role,
    from: String,
    to: Option<String>,
}

struct Person {
    id: String,
    times: Vec<Time>,
}

struct Order {
    id: String,
    person: String,
    date: String,
    credited: Vec<String>,
}

struct Note {
    id: String,
    author: String,
    about: String,
    visibility: Visibility,
}

/// What was made, as whoever made it knows it.
#[derive(Default)]
struct Company {
    parents: BTreeMap<String, String>,
    people: BTreeMap<String, Person>,
    orders: Vec<Order>,
    /// Goal and whose: a unit's or a person's.
    goals: Vec<(String, String)>,
    notes: Vec<Note>,
    /// Person and month.
    values: Vec<(String, String)>,
}

const TODAY: &str = "2026-09-21";

impl Company {
    fn new(dice: &mut Dice) -> Company {
        let mut company = Company::default();
        for region in 0..2 + dice.below(2) {
            company.parents.insert(format!("r{region}"), "co".into());
            for team in 0..1 + dice.below(3) {
                company.parents.insert(format!("r{region}t{team}"), format!("r{region}"));
            }
        }
        let units: Vec<String> = company.parents.keys().cloned().chain(["co".to_owned()]).collect();
        for n in 0..10 {
            let id = format!("p{n}");
            let role = *dice.one(&[
                Role::Rep,
                Role::Rep,
                Role::Rep,
                Role::Manager,
                Role::Manager,
                Role::Hr,
                Role::Finance,
                Role::Admin,
                Role::Auditor,
            ]);
            let mut times = vec![Time { unit: dice.one(&units).clone(), role, from: "2024-01-01".into(), to: None }];
            if dice.below(3) == 0 {
                // Moved once: the past stays where it was.
                times[0].to = Some("2026-05-31".into());
                let role = *dice.one(&[Role::Rep, Role::Manager]);
                times.push(Time { unit: dice.one(&units).clone(), role, from: "2026-06-01".into(), to: None });
            } else if dice.below(8) == 0 {
                times[0].to = Some("2026-08-31".into());
            }
            company.people.insert(id.clone(), Person { id, times });
        }
        let ids: Vec<String> = company.people.keys().cloned().collect();
        for n in 0..12 {
            let date = format!("2026-{:02}-{:02}", 4 + dice.below(5), 1 + dice.below(20));
            let mut credited = BTreeSet::new();
            if dice.below(3) == 0 {
                while credited.len() < 2 {
                    credited.insert(dice.one(&ids).clone());
                }
            }
            let credited = credited.into_iter().collect();
            company.orders.push(Order { id: format!("order{n}order"), person: dice.one(&ids).clone(), date, credited });
        }
        company.goals.push(("g-co".into(), "co".into()));
        company.goals.extend(company.parents.keys().map(|unit| (format!("g-{unit}"), unit.clone())));
        company.goals.extend(ids.iter().map(|id| (format!("g-{id}"), id.clone())));
        company.values.extend(ids.iter().map(|id| (id.clone(), format!("2026-0{}", 4 + dice.below(5)))));
        company
    }

    fn person_rows(&self, of: &[&str]) -> String {
        let mut rows = PERSON_HEAD.to_owned();
        for person in self.people.values().filter(|person| of.is_empty() || of.contains(&person.id.as_str())) {
            for Time { unit, role, from, to } in &person.times {
                let (id, role, to) = (&person.id, role.name(), to.as_deref().unwrap_or_default());
                rows += &format!("{id},{id},{unit},new_business,{role},5000.00,{from},{to}\n");
            }
        }
        rows
    }

    /// A unit and all above it.
    fn chain(&self, unit: &str) -> Vec<String> {
        let mut chain = vec![unit.to_owned()];
        while let Some(parent) = self.parents.get(&chain[chain.len() - 1]) {
            chain.push(parent.clone());
        }
        chain
    }

    /// The unit of a day; of one who is in none, the last there was, or the first there will be.
    fn unit_at(&self, person: &str, date: &str) -> String {
        let times = &self.people[person].times;
        let at = times.iter().rfind(|time| time.from.as_str() <= date);
        at.unwrap_or(&times[0]).unit.clone()
    }

    fn now(&self, person: &str) -> Vec<&Time> {
        let now = |time: &&Time| time.from.as_str() <= TODAY && time.to.as_deref().is_none_or(|to| to >= TODAY);
        self.people[person].times.iter().filter(now).collect()
    }

    /// Whether a viewer's roles reach a unit: `all` are the roles that reach everybody.
    fn reaches(&self, viewer: &str, all: &[Role], unit: &str) -> bool {
        self.now(viewer).iter().any(|time| {
            all.contains(&time.role) || (time.role == Role::Manager && self.chain(unit).contains(&time.unit))
        })
    }

    /// Kind and id of every row that a viewer may have, but for those that are everybody's.
    fn may_have(&self, viewer: &str) -> BTreeSet<(&'static str, String)> {
        let figures = [Role::Hr, Role::Finance, Role::Admin];
        let mut rows = BTreeSet::new();
        if self.now(viewer).is_empty() {
            // Who has left is nobody: nothing is on that laptop (ADR 10).
            return rows;
        }
        for order in &self.orders {
            let people: Vec<&String> = order.credited.iter().chain([&order.person]).collect();
            let seen = people
                .iter()
                .any(|person| *person == viewer || self.reaches(viewer, &figures, &self.unit_at(person, &order.date)));
            if seen {
                rows.insert(("order", order.id.clone()));
                if !order.credited.is_empty() {
                    rows.insert(("credits", order.id.clone()));
                }
            }
        }
        for person in self.people.keys() {
            if person == viewer || self.reaches(viewer, &[Role::Hr, Role::Finance], &self.unit_at(person, TODAY)) {
                rows.insert(("salaries", person.clone()));
            }
        }
        for (goal, whose) in &self.goals {
            let seen = match self.people.get(whose) {
                Some(_) => whose == viewer || self.reaches(viewer, &figures, &self.unit_at(whose, TODAY)),
                None => {
                    let line = self.now(viewer).iter().any(|time| self.chain(&time.unit).contains(whose));
                    line || self.reaches(viewer, &figures, whose)
                }
            };
            if seen {
                rows.insert(("goal", goal.clone()));
                rows.insert(("goal_version", goal.clone()));
            }
        }
        for note in &self.notes {
            let seen = note.author == viewer
                || match note.visibility {
                    Visibility::Author => false,
                    Visibility::Pair => note.about == viewer,
                    Visibility::Managers => {
                        note.about != viewer && self.reaches(viewer, &[Role::Hr], &self.unit_at(&note.about, TODAY))
                    }
                };
            if seen {
                rows.insert(("note", note.id.clone()));
            }
        }
        for (person, month) in &self.values {
            let last = format!("{month}-31");
            if person == viewer || self.reaches(viewer, &figures, &self.unit_at(person, &last)) {
                rows.insert(("metric_value", format!("{month}/{person}")));
            }
        }
        rows
    }
}

/// What a laptop has of the same kinds.
fn has(store: &Store) -> BTreeSet<(&'static str, String)> {
    let mut rows = BTreeSet::new();
    for row in store.view().every_row().unwrap() {
        let (kind, id) = row.name();
        let short = match kind {
            // Without source, event, day and product; without the metric.
            "order" => id.split('/').next().unwrap().to_owned(),
            "metric_value" => {
                let mut parts = id.split('/');
                format!("{}/{}", parts.next().unwrap(), parts.next_back().unwrap())
            }
            "goal_version" => id.split('/').next().unwrap().to_owned(),
            "goal" | "note" | "salaries" | "credits" => id,
            _ => continue,
        };
        rows.insert((kind, short));
    }
    rows
}

struct Server {
    db: Arc<dyn AuthorityDb>,
    authority: Authority,
}

struct Laptop {
    person: String,
    store: Store,
}

impl Server {
    fn sync(&self, laptop: &mut Laptop) {
        let mut line = Direct { authority: &self.authority, db: self.db.as_ref(), device: &laptop.person };
        let report = attain_client::sync::round(&mut laptop.store, &mut line).unwrap();
        assert_ne!(report.whole, Some(false), "{}", laptop.person);
        assert_eq!((report.pending, report.attention), (0, 0), "{}", laptop.person);
    }

    fn laptop(&self, person: &str, folder: &Path, n: u8) -> Laptop {
        let store = joined(self.db.as_ref(), person, &folder.join(format!("{person}.db")), keys(n));
        let mut laptop = Laptop { person: person.into(), store };
        self.sync(&mut laptop);
        laptop
    }
}

fn founded(company: &mut Company, dice: &mut Dice, folder: &Path) -> Server {
    let mut store = Store::create(&folder.join("founder.db"), keys(200)).unwrap();
    store
        .write(|tx| {
            tx.set_setting("company", "Co")?;
            tx.set_setting("currency", "CNY")?;
            tx.set_setting("today", TODAY)?;
            tx.add_owner("founder", "Founder", &[Role::Admin, Role::Hr])
        })
        .unwrap();
    let founder = store.view().actor("founder", today()).unwrap().unwrap();
    let mut units = "unit_id,name,parent_id,kind\nco,Co,,company\n".to_owned();
    for (unit, parent) in &company.parents {
        units += &format!("{unit},{unit},{parent},{}\n", if parent == "co" { "region" } else { "team" });
    }
    let mut orders = "order_id,customer_id,customer_type,person_id,date,amount,currency\n".to_owned();
    let mut credits = "order_id,person_id,role,share\n".to_owned();
    for (n, order) in company.orders.iter().enumerate() {
        orders += &format!("{},c{},new,{},{},1000.00,CNY\n", order.id, n % 5, order.person, order.date);
        for person in &order.credited {
            credits += &format!("{},{person},revenue,0.5\n", order.id);
        }
    }
    let mut goals = "goal_id,parent_id,owner_id,metric,period,target,locked\n".to_owned();
    for (goal, owner) in &company.goals {
        goals += &format!("{goal},,{owner},sales_amount,2026,120000,\n");
    }
    let mut values = "person_id,metric,period,numerator,denominator\n".to_owned();
    for (person, month) in &company.values {
        values += &format!("{person},teamwork_score,{month},80,100\n");
    }
    let people = company.person_rows(&[]);
    for (kind, rows) in [
        (Kind::Unit, &units),
        (Kind::Person, &people),
        (Kind::Order, &orders),
        (Kind::Credit, &credits),
        (Kind::Goal, &goals),
        (Kind::Metric, &values),
    ] {
        let all = rows.lines().count() as u64 - 1;
        if all == 0 {
            continue;
        }
        let done = take_in(&mut store, &founder, kind, rows).unwrap();
        assert!(done == all || kind == Kind::Person, "{done} of {all} rows of {kind:?}");
    }
    let ids: Vec<String> = company.people.keys().cloned().collect();
    for n in 0..12 {
        let (author, about) = (dice.one(&ids).clone(), dice.one(&ids).clone());
        let visibility = *dice.one(&[Visibility::Author, Visibility::Pair, Visibility::Managers]);
        let Some(actor) = store.view().actor(&author, today()).unwrap() else { continue };
        let id = format!("n{n}");
        let note = Mutation::WriteNote {
            note_id: id.clone(),
            about_id: about.clone(),
            kind: NoteKind::Note,
            visibility,
            text: format!("marker{n}marker"),
            actions: Vec::new(),
            before: None,
        };
        let now = Now { today: today(), at: format!("2026-09-21T00:30:00.{n:03}Z") };
        if author != about && store.mutate(&actor, &note, &now).is_ok() {
            company.notes.push(Note { id, author, about, visibility });
        }
    }
    let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.join("server.db"), None).unwrap());
    db.add_tenant(&Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() }).unwrap();
    let authority = Authority::open(Arc::clone(&db), "co", SecretKey::new([7; 32]), folder).unwrap();
    assert!(authority.found(store.view()).unwrap());
    Server { db, authority }
}

fn company(seed: u64) {
    let mut dice = Dice(seed);
    let folder = folder();
    let mut company = Company::new(&mut dice);
    let server = founded(&mut company, &mut dice, folder.path());
    let ids: Vec<String> = company.people.keys().cloned().collect();
    let mut laptops: Vec<Laptop> =
        ids.iter().enumerate().map(|(n, id)| server.laptop(id, folder.path(), n as u8)).collect();
    for laptop in &laptops {
        assert_eq!(has(&laptop.store), company.may_have(&laptop.person), "{} of company {seed}", laptop.person);
    }
    let Some(hr) = ids.iter().position(|id| company.now(id).iter().any(|time| time.role == Role::Hr)) else { return };
    // It is entered today that somebody has been elsewhere for months, perhaps in another role.
    let moved = dice.one(&ids).clone();
    if moved == laptops[hr].person || company.now(&moved).is_empty() {
        return;
    }
    let units: Vec<String> = company.parents.keys().cloned().collect();
    let had: Vec<BTreeSet<_>> = laptops.iter().map(|laptop| has(&laptop.store)).collect();
    let path = |laptop: &Laptop| folder.path().join(format!("{}.db", laptop.person));
    let pay: Vec<Vec<Marker>> =
        laptops.iter().enumerate().map(|(n, laptop)| salaries(&path(laptop), &keys(n as u8).core)).collect();
    let times = &mut company.people.get_mut(&moved).unwrap().times;
    times.last_mut().unwrap().to = Some("2026-06-30".into());
    let (unit, role) = (dice.one(&units).clone(), *dice.one(&[Role::Rep, Role::Manager]));
    times.push(Time { unit, role, from: "2026-07-01".into(), to: None });
    let rows = company.person_rows(&[&moved]);
    let actor = laptops[hr].store.view().actor(&ids[hr], today()).unwrap().unwrap();
    assert!(take_in(&mut laptops[hr].store, &actor, Kind::Person, &rows).unwrap() > 0);
    server.sync(&mut laptops[hr]);
    for (n, laptop) in laptops.iter_mut().enumerate() {
        server.sync(laptop);
        let (has, may) = (has(&laptop.store), company.may_have(&laptop.person));
        assert_eq!(has, may, "{} of company {seed} after {moved} moved", laptop.person);
        let mut markers = Vec::new();
        for (kind, id) in had[n].difference(&may) {
            match *kind {
                "note" => markers.extend(text(&format!("marker{}marker", &id[1..]))),
                "order" => markers.extend(text(id)),
                "salaries" => markers.extend(pay[n].iter().filter(|(person, _)| person == id).cloned()),
                _ => {}
            }
        }
        if !markers.is_empty() {
            let found = left(&path(laptop), &keys(n as u8).core, &markers);
            assert!(found.is_empty(), "{} of company {seed}: {found:?}", laptop.person);
        }
    }
}

#[test]
fn a_laptop_holds_what_its_person_may_have_and_nothing_else() {
    let number = |name: &str, or: u64| std::env::var(name).ok().and_then(|n| n.parse().ok()).unwrap_or(or);
    let first = number("ATTAIN_SEED", 1);
    for seed in first..first + number("ATTAIN_COMPANIES", 200) {
        company(seed);
    }
}

#[test]
fn the_search_for_what_is_left_finds_what_is_there() {
    let folder = folder();
    let mut dice = Dice(3);
    let mut company = Company::new(&mut dice);
    let _server = founded(&mut company, &mut dice, folder.path());
    let note = company.notes.first().expect("somebody wrote something");
    let path = folder.path().join("founder.db");
    let key = keys(200).core;
    // The same after it is in the log, and after it went into the file.
    let mut store = Store::open(&path, keys(200)).unwrap();
    for logged in [true, false] {
        let order = company.orders[0].id.clone();
        let of = |markers: Vec<Marker>| left(&path, &key, &markers);
        assert!(!of(text(&format!("marker{}marker", &note.id[1..]))).is_empty());
        let found = of(text(&order));
        assert!(found.iter().any(|place| place.contains("in order_event")), "{found:?}");
        assert!(found.iter().any(|place| place.contains("in page")), "{found:?}");
        let pay = salaries(&path, &key);
        assert!(!pay.is_empty());
        assert!(of(vec![pay[0].clone()]).iter().any(|place| place.contains("in page")));
        if logged {
            store.write(|tx| tx.set_setting("company", "WORDINTHELOG")).unwrap();
            let found = of(text("WORDINTHELOG"));
            assert!(found.iter().any(|place| place.contains("of the log")), "{found:?}");
            store.truncate_log().unwrap();
        } else {
            store.write(|tx| tx.set_setting("company", "Co")).unwrap();
            assert!(
                !of(text("WORDINTHELOG")).is_empty(),
                "what was replaced is in the file until the log goes into it"
            );
            store.truncate_log().unwrap();
            assert_eq!(of(text("WORDINTHELOG")), [""; 0]);
        }
    }
}
