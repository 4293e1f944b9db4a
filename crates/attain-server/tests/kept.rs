//! What must not be lost, and what must not stay: unknown records, changes of earlier and later versions, two edits of one
//! note, what waits when its author leaves or a lease ends, refused changes, laptops' trails (SYNC, invariants 5 to 7, 12, 15).
//!
//! Absent on purpose: HTTP (`laptops.rs` goes that way), random order (`simulation.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/world.rs"]
mod world;

use std::path::Path;
use std::sync::Arc;

use attain_client::import::Kind;
use attain_client::keys::Unlock;
use attain_client::lease::Lease;
use attain_client::problem::Result;
use attain_client::sync::{self, Answer, Report, Transport};
use attain_client::workspace::Workspace;
use attain_domain::access::{Actor, DataClass};
use attain_domain::mutation::{Mutation, Now, VERSION};
use attain_domain::note::{NoteKind, Visibility};
use attain_server::authority::Authority;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{AuthorityDb, Device, Row, Tenant};
use attain_server::seal::SecretKey;
use attain_store::Store;
use attain_store::audit::Entry;
use attain_store::sync::Joined;
use attain_sync::laptop::{Ask, Told};
use attain_sync::record::{Reader, Record};
use attain_sync::wire::{self, Push, Pushed};
use chrono::{Duration, Utc};
use serde_json::json;
use world::{Direct, company_of, folder, joined, keys, take_in, today};

const UNITS: &str = "unit_id,name,parent_id,kind\nco,Co,,company\nt1,T1,co,team\n";
const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
    hr,Hr,co,hr,hr,9000.00,2024-01-01,\n\
    lead,Lead,t1,team_lead,manager,9000.00,2024-01-01,\n\
    r1,R1,t1,new_business,rep,5000.00,2024-01-01,\n";

/// One company on an authority in a folder.
struct Company {
    db: Arc<dyn AuthorityDb>,
    authority: Authority,
    folder: tempfile::TempDir,
}

impl Company {
    fn found() -> Company {
        let folder = folder();
        let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.path().join("server.db"), None).unwrap());
        db.add_tenant(&Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() }).unwrap();
        let authority = Authority::open(Arc::clone(&db), "co", SecretKey::new([7; 32]), folder.path()).unwrap();
        let files = [(Kind::Unit, UNITS), (Kind::Person, PEOPLE)];
        let store = company_of(&folder.path().join("seed.db"), keys(9), &files);
        authority.found(store.view()).unwrap();
        Company { db, authority, folder }
    }

    fn path(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    fn laptop(&self, person: &str, key: u8) -> Store {
        let mut store = joined(self.db.as_ref(), person, &self.path(&format!("{person}.db")), keys(key));
        self.sync(person, &mut store);
        store
    }

    fn sync(&self, device: &str, store: &mut Store) -> Report {
        let mut line = Direct { authority: &self.authority, db: self.db.as_ref(), device };
        let report = sync::round(store, &mut line).unwrap();
        assert_ne!(report.whole, Some(false), "{device} holds something else than the server says");
        report
    }

    /// Puts a record as a later version of the server's would.
    fn put_unknown(&self, id: &str, gone: bool, body: &[u8]) {
        let record = Record {
            kind: "forecast".into(),
            id: id.into(),
            class: DataClass::Core,
            reader: Reader::Everyone,
            formerly: Vec::new(),
            gone,
            body: body.to_vec(),
        };
        let place = format!("co/forecast/{id}");
        let body = SecretKey::new([7; 32]).seal(&place, &wire::pack(&record).unwrap()).unwrap();
        let (kind, id, class) = (record.kind, record.id, "core".to_owned());
        let mut batch = self.db.begin("co").unwrap();
        batch.put(&Row { seq: 0, kind, id, class, gone, body }).unwrap();
        batch.commit().unwrap();
    }
}

/// A line from a program of a later version, which says so of one of its changes.
struct Newer<'w>(Direct<'w>, u64);

impl Transport for Newer<'_> {
    fn send(&mut self, ask: &Ask) -> Result<Answer<Told>> {
        let mut ask = ask.clone();
        if let Ask::Push(push) = &mut ask {
            for pushed in push.mutations.iter_mut().filter(|pushed| pushed.mid == self.1) {
                pushed.version = VERSION + 1;
            }
        }
        self.0.send(&ask)
    }
}

fn actor(store: &Store, person: &str) -> Actor {
    store.view().actor(person, today()).unwrap().unwrap()
}

fn now() -> Now {
    Now { today: today(), at: "2026-09-21T00:30:00.000Z".into() }
}

fn note(id: &str, about: &str, text: &str, before: Option<&str>) -> Mutation {
    Mutation::WriteNote {
        note_id: id.into(),
        about_id: about.into(),
        kind: NoteKind::Note,
        visibility: Visibility::Pair,
        text: text.into(),
        actions: Vec::new(),
        before: before.map(str::to_owned),
    }
}

fn write(store: &mut Store, person: &str, mutation: &Mutation) -> i64 {
    let actor = actor(store, person);
    store.mutate(&actor, mutation, &now()).unwrap().mid
}

fn text_of(store: &Store, id: &str) -> String {
    store.view().note_by_id(id).unwrap().unwrap().text
}

#[test]
fn a_record_of_an_unknown_kind_is_kept_as_it_came_and_counted() {
    let company = Company::found();
    let mut lead = company.laptop("lead", 1);
    let (before, _) = lead.view().held().unwrap();
    company.put_unknown("f1", false, br#"{"base":"forecast","amount":"12"}"#);
    let report = company.sync("lead", &mut lead);
    assert_eq!(report.whole, Some(true), "held as the server says, although nobody here can read it");
    assert_eq!((lead.view().parked_count().unwrap(), lead.view().held().unwrap().0), (1, before + 1));
    // A new laptop of the same program, and a server's replica, do no worse.
    let fresh = company.laptop("hr", 2);
    assert_eq!(fresh.view().parked_count().unwrap(), 1);
    assert!(company.authority.rows().is_ok());
    company.put_unknown("f1", true, b"");
    assert_eq!(company.sync("lead", &mut lead).whole, Some(true));
    assert_eq!((lead.view().parked_count().unwrap(), lead.view().held().unwrap().0), (0, before));
}

#[test]
fn what_was_parked_is_read_by_a_program_that_knows_it() {
    let company = Company::found();
    let mut lead = company.laptop("lead", 1);
    // As if an earlier program had parked what this one knows.
    let rates = br#"{"base":"rate","currency":"USD","from":"2026-01-01","to":"7.1"}"#;
    lead.pretend_parked("rate", "USD/2026-01-01", rates).unwrap();
    assert_eq!(lead.view().parked_count().unwrap(), 1);
    company.sync("lead", &mut lead);
    assert_eq!(lead.view().parked_count().unwrap(), 0);
    assert!(lead.view().every_row().unwrap().iter().any(|row| row.name().0 == "rate"), "it is a row now");
}

#[test]
fn a_change_of_a_later_version_waits_for_the_server_and_those_before_it_go() {
    let company = Company::found();
    let mut lead = company.laptop("lead", 1);
    write(&mut lead, "lead", &note("n1", "r1", "一。", None));
    let later = write(&mut lead, "lead", &note("n2", "r1", "二。", None));
    let device = "lead";
    let direct = || Direct { authority: &company.authority, db: company.db.as_ref(), device };
    for _ in 0..2 {
        let report = sync::round(&mut lead, &mut Newer(direct(), later as u64)).unwrap();
        assert_eq!((report.later.as_deref(), report.pending, report.attention), (Some("server_older"), 1, 0));
    }
    assert_eq!(text_of(&lead, "n2"), "二。", "it is still here");
    // The server is updated.
    assert_eq!(company.sync("lead", &mut lead).pending, 0);
    let lead_again = company.authority.rows().unwrap();
    assert!(lead_again.iter().any(|row| row.name() == ("note", "n2".to_owned())));
}

/// What the first version of the program wrote, to the letter: laptops that have been away for years still push it.
#[test]
fn changes_of_the_first_version_are_taken_as_they_were_written() {
    let company = Company::found();
    let lead = company.laptop("lead", 1);
    let device = company.db.device("co", "lead").unwrap().unwrap();
    let scope: wire::Cursor = serde_json::from_str(&lead.view().setting("cursor").unwrap().unwrap()).unwrap();
    let frozen = [
        (
            "write_note",
            json!({"name":"write_note","note_id":"n9","about_id":"r1","kind":"one_on_one","visibility":"pair",
                   "text":"谈了报价。","actions":[{"id":"a1","text":"回访","owner_id":"r1","due":"2026-10-01","done":false}]}),
        ),
        ("set_note_action", json!({"name":"set_note_action","note_id":"n9","action_id":"a1","done":true})),
        ("snooze", json!({"name":"snooze","item_id":"slipping/r1","until":"2026-10-01","reason":"休假"})),
    ];
    let mutations = frozen.iter().enumerate().map(|(at, (name, args))| Pushed {
        mid: at as u64 + 1,
        name: (*name).to_owned(),
        version: 1,
        args: serde_json::to_vec(args).unwrap(),
        claimed_at: "2019-01-01T00:00:00.000Z".into(),
    });
    let push = Push { epoch: 1, scope: scope.scope, mutations: mutations.collect() };
    let attain_server::authority::Pushing::Done(answer) = company.authority.push(&device, &push).unwrap() else {
        panic!("not taken")
    };
    for outcome in &answer.outcomes {
        assert!(matches!(outcome.verdict, wire::Verdict::Applied { .. }), "{outcome:?}");
    }
    // Arguments of one change do not pass under the name of another.
    let refused = Pushed {
        mid: 4,
        name: "snooze".into(),
        version: 1,
        args: serde_json::to_vec(&frozen[0].1).unwrap(),
        claimed_at: String::new(),
    };
    let push = Push { mutations: vec![refused], ..push };
    let attain_server::authority::Pushing::Done(answer) = company.authority.push(&device, &push).unwrap() else {
        panic!("not taken")
    };
    assert!(matches!(&answer.outcomes[0].verdict, wire::Verdict::Rejected { code, .. } if code == "unreadable"));
}

#[test]
fn two_edits_of_a_note_are_merged_by_sentence_and_what_cannot_be_is_shown_to_its_author() {
    let company = Company::found();
    let mut desk = company.laptop("lead", 1);
    write(&mut desk, "lead", &note("n1", "r1", "交货太慢。下周拜访。", None));
    company.sync("lead", &mut desk);
    // A second laptop of the same person.
    let device = Device { device: "train".into(), ..company.db.device("co", "lead").unwrap().unwrap() };
    company.db.put_device(&Device { last_mid: 0, ..device.clone() }).unwrap();
    let mut train = Store::create(&company.path("train.db"), keys(2)).unwrap();
    let Device { tenant, epoch, person_id, device, .. } = device;
    train.join(&Joined { server: "here".into(), tenant, device, epoch, person_id }).unwrap();
    company.sync("train", &mut train);
    let there = text_of(&train, "n1");
    write(&mut desk, "lead", &note("n1", "r1", "交货慢了三天。下周拜访。", Some(&there)));
    write(&mut train, "lead", &note("n1", "r1", "交货太慢。下周二拜访。", Some(&there)));
    company.sync("lead", &mut desk);
    assert_eq!(company.sync("train", &mut train).attention, 0);
    company.sync("lead", &mut desk);
    for store in [&desk, &train] {
        assert_eq!(text_of(store, "n1"), "交货慢了三天。下周二拜访。");
    }
    // The same sentence on both sides: the later one asks.
    let there = text_of(&train, "n1");
    write(&mut desk, "lead", &note("n1", "r1", "交货慢了五天。下周二拜访。", Some(&there)));
    write(&mut train, "lead", &note("n1", "r1", "交货没有慢。下周二拜访。", Some(&there)));
    company.sync("lead", &mut desk);
    assert_eq!(company.sync("train", &mut train).attention, 1);
    let attention = train.view().attention().unwrap();
    assert_eq!(
        (attention[0].code.as_str(), &attention[0].args["text"]),
        ("note_changed", &json!("交货没有慢。下周二拜访。"))
    );
    assert_eq!(text_of(&train, "n1"), "交货慢了五天。下周二拜访。", "theirs stands until its author chooses");
    // It is kept on the server too, as it was pushed.
    let refused = company.authority.refused().unwrap();
    assert_eq!(refused.len(), 1);
    assert_eq!(
        (&refused[0]["code"], &refused[0]["args"]["text"]),
        (&json!("note_changed"), &json!("交货没有慢。下周二拜访。"))
    );
}

#[test]
fn what_waits_when_its_author_leaves_goes_sealed_to_the_company_and_is_nowhere_else() {
    let company = Company::found();
    let mut lead = company.laptop("lead", 1);
    let mut hr = company.laptop("hr", 2);
    write(&mut lead, "lead", &note("n1", "r1", "离职前的最后一次谈话。", None));
    let gone = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
        lead,Lead,t1,team_lead,manager,9000.00,2024-01-01,2026-09-20\n";
    let founder = actor(&hr, "hr");
    take_in(&mut hr, &founder, Kind::Person, gone).unwrap();
    company.sync("hr", &mut hr);
    let report = company.sync("lead", &mut lead);
    assert_eq!((report.pending, report.attention), (0, 0));
    assert_eq!(lead.view().escrowed().unwrap(), 1);
    assert!(lead.view().every_row().unwrap().is_empty(), "nothing of the company is left");
    assert!(!lead.dump_text().unwrap().contains("最后一次谈话"), "nor what was written");
    let boxes = company.authority.escrow().unwrap();
    assert_eq!(boxes.len(), 1);
    assert_eq!(boxes[0]["changes"][0]["args"]["text"], "离职前的最后一次谈话。");
    // Whoever comes back begins anew.
    let back = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
        lead,Lead,co,director,manager,9000.00,2026-09-21,\n";
    take_in(&mut hr, &founder, Kind::Person, back).unwrap();
    company.sync("hr", &mut hr);
    company.sync("lead", &mut lead);
    assert!(lead.view().note_by_id("n1").unwrap().is_none());
    assert_eq!(company.authority.escrow().unwrap().len(), 1);
}

#[test]
fn trails_of_laptops_are_with_the_server_and_one_that_was_put_back_is_noticed() {
    let company = Company::found();
    let mut lead = company.laptop("lead", 1);
    let look = |store: &mut Store, at: &str| {
        let subjects = ["r1".to_owned()];
        let entry = Entry {
            at,
            actor_id: "lead",
            action: "view",
            class: DataClass::Pay,
            subjects: &subjects,
            detail: json!({}),
        };
        store.disclose(&entry, None).unwrap();
    };
    look(&mut lead, "2026-09-21T01:00:00Z");
    company.sync("lead", &mut lead);
    let copy = company.path("copy.db");
    lead.truncate_log().unwrap();
    std::fs::copy(company.path("lead.db"), &copy).unwrap();
    look(&mut lead, "2026-09-21T02:00:00Z");
    company.sync("lead", &mut lead);
    let all = company.authority.trail(Some("lead")).unwrap();
    assert!(all.iter().all(|entry| entry["fits"] == true) && all.len() == 2, "{all:?}");
    assert_eq!(company.sync("lead", &mut lead).pushed, 0);
    assert_eq!(company.authority.trail(Some("lead")).unwrap().len(), 2, "nothing goes twice");
    // The laptop's file is put back to where it was, and looks elsewhere.
    drop(lead);
    let mut back = Store::open(&copy, keys(1)).unwrap();
    look(&mut back, "2026-09-21T03:00:00Z");
    company.sync("lead", &mut back);
    let all = company.authority.trail(Some("lead")).unwrap();
    assert_eq!(all.len(), 3, "what was looked at before is not forgotten");
    assert_eq!(all[2]["fits"], false);
    // An entry that was changed is not taken.
    let device = company.db.device("co", "lead").unwrap().unwrap();
    let links = back.view().audit_after(0, 1).unwrap();
    let [at, actor_id, action, class, subjects, detail] = links[0].texts.clone();
    let entry = wire::TrailEntry {
        seq: 9,
        at,
        actor_id: actor_id + "x",
        action,
        class,
        subjects,
        detail,
        before: links[0].before.clone(),
        hash: links[0].hash.clone(),
    };
    assert_eq!(company.authority.take_trail(&device, &wire::Trail { entries: vec![entry] }).unwrap(), None);
}

/// A workspace on a laptop of HR's that has joined, last synced so many days ago.
fn away(home: &Path, company: &Company, days: i64) {
    let unlock = Unlock::Passphrase("four quiet words here".to_owned().into());
    let mut workspace = Workspace::open(home, &unlock).unwrap();
    let at = (Utc::now() - Duration::days(days)).to_rfc3339();
    workspace
        .store
        .write(|tx| {
            tx.set_setting("escrow_key", &serde_json::to_string(&company.authority.escrow_key().to_vec())?)?;
            tx.set_setting("clock_high", &at)?;
            tx.set_setting("synced_at", &at)
        })
        .unwrap();
}

#[test]
fn leases_end_pay_first_and_come_back_with_the_server() {
    let company = Company::found();
    let home = tempfile::tempdir().unwrap();
    let unlock = || Unlock::Passphrase("four quiet words here".to_owned().into());
    let new = attain_client::workspace::NewWorkspace {
        company: "Co".into(),
        currency: attain_domain::money::Currency::CNY,
        owner_id: "hr".into(),
        owner_name: "Hr".into(),
    };
    let mut workspace = Workspace::create(home.path(), &unlock(), &new).unwrap();
    company
        .db
        .put_device(&Device {
            tenant: "co".into(),
            device: "hr".into(),
            user: "hr".into(),
            person_id: "hr".into(),
            name: "hr".into(),
            epoch: 1,
            last_mid: 0,
            revoked: false,
        })
        .unwrap();
    workspace
        .store
        .join(&Joined {
            server: "here".into(),
            tenant: "co".into(),
            device: "hr".into(),
            epoch: 1,
            person_id: "hr".into(),
        })
        .unwrap();
    workspace.store.purge().unwrap();
    company.sync("hr", &mut workspace.store);
    assert!(workspace.view().salaries("r1").unwrap().is_some());
    // A change of pay that nobody has sent, and one of core data.
    let hr = actor(&workspace.store, "hr");
    let raised = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\nr1,R1,t1,new_business,rep,5555.00,2024-01-01,\n";
    take_in(&mut workspace.store, &hr, Kind::Person, raised).unwrap();
    write(&mut workspace.store, "hr", &note("n1", "r1", "核心数据。", None));
    let sealed_under = |workspace: &Workspace| workspace.view().salaries("r1").unwrap();
    assert!(sealed_under(&workspace).is_some());
    drop(workspace);

    away(home.path(), &company, 6);
    let workspace = Workspace::open(home.path(), &unlock()).unwrap();
    assert!(workspace.viewer().is_ok() && workspace.view().has_pay_key());
    drop(workspace);

    away(home.path(), &company, 8);
    let workspace = Workspace::open(home.path(), &unlock()).unwrap();
    assert!(workspace.viewer().is_ok(), "core data is still shown");
    assert!(!workspace.view().has_pay_key());
    assert!(workspace.view().salaries("r1").unwrap().is_none(), "pay is erased");
    assert_eq!((workspace.view().escrowed().unwrap(), workspace.view().waiting_count().unwrap()), (1, 1));
    assert_eq!(text_of(&workspace.store, "n1"), "核心数据。");
    drop(workspace);

    away(home.path(), &company, 40);
    let workspace = Workspace::open(home.path(), &unlock()).unwrap();
    assert_eq!(Lease::of(workspace.view(), Utc::now()).unwrap().unwrap().warned, Some(4));
    drop(workspace);

    away(home.path(), &company, 50);
    let mut workspace = Workspace::open(home.path(), &unlock()).unwrap();
    assert_eq!(workspace.viewer().unwrap_err().code, "lease_over");
    assert_eq!(workspace.mutate(&note("n2", "r1", "看不见就不能写。", None)).unwrap_err().code, "lease_over");
    // Syncing is never stopped, and everything is back after it.
    let report = company.sync("hr", &mut workspace.store);
    assert_eq!((report.pending, report.whole), (0, Some(true)));
    assert!(workspace.viewer().is_ok() && workspace.view().has_pay_key());
    assert_eq!(workspace.view().salaries("r1").unwrap().unwrap()[0].amount.to_string(), "5000.00 CNY");
    assert_eq!(text_of(&workspace.store, "n1"), "核心数据。");
    let boxes = company.authority.escrow().unwrap();
    assert!(boxes[0]["changes"][0]["rows"].to_string().contains("5555"), "the raise is with the company: {boxes:?}");

    // A clock set back locks the view and never the sync.
    let later = (Utc::now() + Duration::days(3)).to_rfc3339();
    workspace.store.write(|tx| tx.set_setting("clock_high", &later)).unwrap();
    assert_eq!(workspace.viewer().unwrap_err().code, "clock_set_back");
    company.sync("hr", &mut workspace.store);
    assert!(workspace.viewer().is_ok());
}

#[test]
fn a_plan_needs_somebody_elses_approval_once_a_server_says_who_is_who() {
    const PLAN: &str = include_str!("../../../assets/sample/plans/new-business-v2.toml");
    let company = Company::found();
    let mut hr = company.laptop("hr", 1);
    let finance = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
        fin,Fin,co,finance,finance,9000.00,2024-01-01,\n";
    let acting = actor(&hr, "hr");
    assert_eq!(take_in(&mut hr, &acting, Kind::Person, finance).unwrap(), 1);
    company.sync("hr", &mut hr);
    let (mut fin, mut lead) = (company.laptop("fin", 2), company.laptop("lead", 3));

    let code = |error: attain_store::journal::WriteError| match error {
        attain_store::journal::WriteError::Rejected(rejection) => rejection.said().0,
        other => panic!("{other}"),
    };
    let source = PLAN.to_owned();
    let refused = hr.mutate(&actor(&hr, "hr"), &Mutation::PublishPlan { source: source.clone() }, &now());
    assert_eq!(code(refused.unwrap_err()), "plan_needs_approval");
    let (draft_id, comment) = ("d".to_owned(), String::new());
    let save = Mutation::SavePlanDraft { draft_id: draft_id.clone(), source, before: None };
    for mutation in [save, Mutation::SubmitPlanDraft { draft_id: draft_id.clone(), comment: comment.clone() }] {
        hr.mutate(&actor(&hr, "hr"), &mutation, &now()).unwrap();
    }
    company.sync("hr", &mut hr);
    for (device, store) in [("fin", &mut fin), ("lead", &mut lead)] {
        company.sync(device, store);
    }
    // A draft is for those who see everyone's pay.
    assert_eq!(lead.view().plan_drafts().unwrap(), Vec::new());
    let digest = fin.view().plan_draft("d").unwrap().unwrap().digest();

    // Approved on one laptop while the text changes on the other: the text of the approval is gone.
    let text = format!("{PLAN}\n# another\n");
    let change = Mutation::SavePlanDraft { draft_id: draft_id.clone(), source: text, before: Some(digest.clone()) };
    hr.mutate(&actor(&hr, "hr"), &change, &now()).unwrap();
    company.sync("hr", &mut hr);
    let approve =
        |digest: String| Mutation::ApprovePlanDraft { draft_id: draft_id.clone(), digest, comment: comment.clone() };
    fin.mutate(&actor(&fin, "fin"), &approve(digest), &now()).unwrap();
    assert_eq!(company.sync("fin", &mut fin).attention, 1);
    let submit = Mutation::SubmitPlanDraft { draft_id: draft_id.clone(), comment: comment.clone() };
    hr.mutate(&actor(&hr, "hr"), &submit, &now()).unwrap();
    company.sync("hr", &mut hr);
    company.sync("fin", &mut fin);
    let digest = fin.view().plan_draft("d").unwrap().unwrap().digest();
    fin.mutate(&actor(&fin, "fin"), &approve(digest.clone()), &now()).unwrap();
    company.sync("fin", &mut fin);
    company.sync("hr", &mut hr);
    hr.mutate(&actor(&hr, "hr"), &Mutation::PublishPlanDraft { draft_id: draft_id.clone(), digest }, &now()).unwrap();
    company.sync("hr", &mut hr);
    company.sync("lead", &mut lead);
    let published = lead.view().publications().unwrap();
    assert_eq!(published.first().and_then(|one| one.approved_by.as_deref()), Some("fin"));
}
