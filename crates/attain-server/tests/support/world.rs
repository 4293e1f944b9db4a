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
use attain_domain::org::Role;
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

pub const UNITS: &str = "unit_id,name,parent_id,kind\nco,Co,,company\nA,A,co,region\nt1,T1,A,team\nt2,T2,A,team\n";
pub const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    hr,Hr,co,hr,hr,9000.00,2024-01-01,\nlead,Lead,t1,team_lead,manager,9000.00,2024-01-01,\n\
    r1,R1,t1,new_business,rep,5000.00,2024-01-01,\nr2,R2,t2,new_business,rep,5000.00,2024-01-01,\n";
pub const GOALS: &str = "goal_id,parent_id,owner_id,metric,period,target,locked\n\
    g-co,,co,sales_amount,2026,2400000,\ng-A,g-co,A,sales_amount,2026,2400000,\n\
    g-t1,g-A,t1,sales_amount,2026,1200000,\ng-r1,g-t1,r1,sales_amount,2026,1200000,\n";

/// Orders of a person in three months.
pub fn sales(name: &str, person: &str, count: u64) -> String {
    let mut rows = String::from("order_id,customer_id,customer_type,person_id,date,amount,currency\n");
    for n in 0..count {
        let (day, month) = (1 + n % 20, 7 + n % 3);
        rows.push_str(&format!("{name}{n},c{n},new,{person},2026-{month:02}-{day:02},{}.00,CNY\n", 100 + n));
    }
    rows
}

/// Two teams, four people, thirty orders and four goals, as of [`today`].
pub fn small_company(path: &Path, keys: Keys) -> Store {
    let sold = sales("o", "r1", 30);
    company_of(path, keys, &[(Kind::Unit, UNITS), (Kind::Person, PEOPLE), (Kind::Order, &sold), (Kind::Goal, GOALS)])
}

/// A company as of [`today`] whose founder has imported these files.
pub fn company_of(path: &Path, keys: Keys, files: &[(Kind, &str)]) -> Store {
    let mut store = Store::create(path, keys).unwrap();
    store
        .write(|tx| {
            tx.set_setting("company", "Co")?;
            tx.set_setting("currency", "CNY")?;
            tx.set_setting("today", "2026-09-21")?;
            tx.add_owner("founder", "Founder", &[Role::Admin, Role::Hr])
        })
        .unwrap();
    let founder = store.view().actor("founder", today()).unwrap().unwrap();
    for (kind, text) in files {
        assert!(take_in(&mut store, &founder, *kind, text).unwrap() > 0);
    }
    store
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
        before: None,
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
        Ask::Escrow(escrow) => {
            authority.take_escrow(device, escrow).unwrap();
            Ok(Told::Escrow)
        }
        Ask::Trail(trail) => Ok(Told::Trail(authority.take_trail(device, trail).unwrap().unwrap())),
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
