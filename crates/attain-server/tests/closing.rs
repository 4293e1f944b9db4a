//! Closing a month between laptops and the authority: local figures are provisional until it has come to the same to the
//! cent, at a place in its order that everybody learns (SYNC, invariant 13).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/world.rs"]
mod world;

use std::sync::Arc;

use attain_client::import::Kind;
use attain_client::sync::{self, Report};
use attain_domain::closing::{Acceptance, Check, outlook};
use attain_domain::mutation::{Mutation, Now};
use attain_domain::period::Month;
use attain_server::authority::Authority;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Tenant};
use attain_server::seal::SecretKey;
use attain_store::Store;
use world::{Direct, company_of, folder, joined, keys, sales, take_in, today};

const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    hr,Hr,co,hr,hr,9000.00,2024-01-01,\nfin,Fin,co,finance,finance,9000.00,2024-01-01,\n\
    r1,R1,t1,new_business,rep,5000.00,2024-01-01,\nr2,R2,t2,new_business,rep,5000.00,2024-01-01,\n";
const PLAN: &str = r#"
id = "deals"
name = { zh = "提成", en = "Commission" }
version = 1
position = "new_business"
currency = "CNY"
effective_from = 2026-01-01
[[commissions]]
id = "sales"
of = "deals"
rate = "2 %"
"#;
const AUGUST: Month = Month { year: 2026, month: 8 };

struct Company {
    db: Arc<dyn AuthorityDb>,
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Company {
    fn found(plan: &str) -> Company {
        let folder = folder();
        let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.path().join("server.db"), None).unwrap());
        db.add_tenant(&Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() }).unwrap();
        let authority = Authority::open(Arc::clone(&db), "co", SecretKey::new([7; 32]), folder.path()).unwrap();
        let (one, two) = (sales("o", "r1", 30), sales("p", "r2", 30));
        let files = [(Kind::Unit, world::UNITS), (Kind::Person, PEOPLE), (Kind::Order, &*one), (Kind::Order, &*two)];
        let mut store = company_of(&folder.path().join("seed.db"), keys(9), &files);
        write(&mut store, "founder", &Mutation::PublishPlan { source: plan.into() });
        authority.found(store.view()).unwrap();
        Company { db, authority, folder }
    }

    fn laptop(&self, person: &str, key: u8) -> Store {
        let path = self.folder.path().join(format!("{person}.db"));
        let mut store = joined(self.db.as_ref(), person, &path, keys(key));
        self.sync(person, &mut store);
        store
    }

    fn sync(&self, device: &str, store: &mut Store) -> Report {
        let mut line = Direct { authority: &self.authority, db: self.db.as_ref(), device };
        let report = sync::round(store, &mut line).unwrap();
        assert_ne!(report.whole, Some(false), "{device} holds something else than the server says");
        report
    }
}

fn write(store: &mut Store, person: &str, mutation: &Mutation) {
    let actor = store.view().actor(person, today()).unwrap().unwrap();
    store.mutate(&actor, mutation, &Now { today: today(), at: "2026-09-21T00:30:00.000Z".into() }).unwrap();
}

fn close(store: &mut Store, person: &str, accepted: Vec<Acceptance>) {
    let seen = Some(outlook(&store.view(), AUGUST).unwrap().digest());
    write(store, person, &Mutation::ClosePeriod { month: AUGUST, seen, accepted });
}

/// Whether a month is closed here, waits for the server, and where that confirmed it.
fn standing(store: &Store) -> (bool, bool, Option<u64>) {
    let closed = store.view().closed_period(AUGUST).unwrap();
    (closed.is_some(), store.view().close_waits(AUGUST).unwrap(), closed.and_then(|closed| closed.seq))
}

#[test]
fn a_close_is_provisional_until_the_server_has_come_to_the_same() {
    let company = Company::found(PLAN);
    let (mut fin, mut hr) = (company.laptop("fin", 1), company.laptop("hr", 2));
    close(&mut fin, "fin", Vec::new());
    assert_eq!(standing(&fin), (true, true, None));
    let here = fin.view().frozen_payout("r1", AUGUST).unwrap().unwrap();
    assert!(here.payout.amount.unwrap().minor > 0);

    let report = company.sync("fin", &mut fin);
    assert_eq!((report.pending, report.attention), (0, 0));
    let (closed, waits, seq) = standing(&fin);
    assert!(closed && !waits && seq.is_some(), "{seq:?}");
    assert_eq!(fin.view().frozen_payout("r1", AUGUST).unwrap().unwrap(), here, "the server's is the laptop's");
    // Everybody learns the same place, and the rep the own payout.
    company.sync("hr", &mut hr);
    assert_eq!(standing(&hr), (true, false, seq));
    let rep = company.laptop("r1", 3);
    assert_eq!(standing(&rep), (true, false, seq));
    assert_eq!(rep.view().frozen_payout("r1", AUGUST).unwrap().unwrap(), here);
    assert!(rep.view().frozen_payout("r2", AUGUST).unwrap().is_none());
}

#[test]
fn a_close_on_other_figures_than_the_servers_is_refused_and_leaves_the_month_open() {
    let company = Company::found(PLAN);
    let (mut fin, mut hr) = (company.laptop("fin", 1), company.laptop("hr", 2));
    let actor = hr.view().actor("hr", today()).unwrap().unwrap();
    let late =
        "order_id,customer_id,customer_type,person_id,date,amount,currency\nlate,c1,new,r1,2026-08-09,50.00,CNY\n";
    take_in(&mut hr, &actor, Kind::Order, late).unwrap();
    company.sync("hr", &mut hr);
    // Reckoned without the order that HR brought in meanwhile.
    close(&mut fin, "fin", Vec::new());
    let report = company.sync("fin", &mut fin);
    assert_eq!(report.attention, 1);
    assert_eq!(standing(&fin), (false, false, None));
    // Seen again with it, the server agrees.
    close(&mut fin, "fin", Vec::new());
    company.sync("fin", &mut fin);
    assert!(matches!(standing(&fin), (true, false, Some(_))));
}

#[test]
fn the_server_judges_the_checklist_itself() {
    let salaried = PLAN.replace("of = \"deals\"\nrate = \"2 %\"", "of = \"sales_amount\"\nrate = \"2 %\"");
    let salaried = format!(
        "{salaried}[[components]]\nmetric = \"teamwork_score\"\nweight = 100\ntarget = 5\n[[bands]]\nat_least = 0\nmultiple = 1\n"
    );
    let company = Company::found(&salaried);
    let mut fin = company.laptop("fin", 1);
    let found = outlook(&fin.view(), AUGUST).unwrap().open(&[]);
    assert_eq!(found.len(), 1, "{found:?}");
    assert_eq!((found[0].check, found[0].subjects.join(" ")), (Check::Data, "r1 r2".into()));
    let accepted = vec![Acceptance { check: Check::Data, reason: "no ratings this summer".into() }];
    close(&mut fin, "fin", accepted.clone());
    company.sync("fin", &mut fin);
    assert!(matches!(standing(&fin), (true, false, Some(_))));
    let frozen = fin.view().frozen_payout("r1", AUGUST).unwrap().unwrap();
    assert_eq!((frozen.payout.amount, frozen.accepted), (None, accepted));
}
