//! What is done with a stranger's bytes: messages, rows and arguments that reach the server, answers that reach a laptop.
//! Each function takes any bytes and panics when something does not hold; the fuzz targets (`fuzz/`) and the ordinary
//! tests (`fuzzed.rs`) run the same ones.
//!
//! Absent on purpose: HTTP (`strangers.rs`), where bytes come from.
#![allow(dead_code, reason = "each user has a part of it")]

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock};

use attain_client::problem::Result;
use attain_client::sync::{Answer, Transport, round};
use attain_domain::mutation::{Change, Mutation, Now};
use attain_server::authority::{Authority, Failure};
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{self, Account, AuthorityDb, Batch, Boxed, DbError, Device, Kept, Linked, Row, Tenant, Token};
use attain_server::seal::SecretKey;
use attain_store::Store;
use attain_store::facts::Base;
use attain_sync::laptop::{Ask, Told};
use attain_sync::record::Record;
use attain_sync::wire::{
    self, Chunk, Cursor, Escrow, ImportBatch, Outcome, Pull, PullAnswer, Push, PushAnswer, Pushed, Refresh, Refused,
    SignIn, SignedIn, TakeBack, Tokens, Trail, TrailEntry, TrailTaken, Verdict, Whole,
};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_bytes::ByteBuf;

use crate::world;

/// Every target, with inputs to begin with.
pub const TARGETS: [(&str, fn(&[u8]), fn() -> Vec<Vec<u8>>); 5] = [
    ("messages", messages, messages_to_begin_with),
    ("frames", frames, frames_to_begin_with),
    ("rows", rows, rows_to_begin_with),
    ("arguments", arguments, arguments_to_begin_with),
    ("answers", answers, answers_to_begin_with),
];

/// When everything happens.
const AT: &str = "2026-09-21T00:30:00.000Z";

// ── Messages

/// What can be read is written and read again as the same.
fn again<T: Serialize + DeserializeOwned + PartialEq + Debug>(cbor: &[u8]) {
    let Ok(message) = wire::unpack::<T>(cbor) else { return };
    let packed = wire::pack(&message).unwrap();
    assert_eq!(wire::unpack::<T>(&packed).unwrap(), message);
    assert_eq!(wire::decode::<T>(&wire::encode(&message).unwrap()).unwrap(), message);
}

const MESSAGES: [fn(&[u8]); 18] = [
    again::<Push>,
    again::<PushAnswer>,
    again::<Pull>,
    again::<PullAnswer>,
    again::<Chunk>,
    again::<SignIn>,
    again::<SignedIn>,
    again::<Refresh>,
    again::<Tokens>,
    again::<Refused>,
    again::<Verdict>,
    again::<Record>,
    again::<Whole>,
    again::<ImportBatch>,
    again::<TakeBack>,
    again::<Escrow>,
    again::<Trail>,
    again::<TrailTaken>,
];

/// The first byte says which message the rest is, as CBOR.
pub fn messages(data: &[u8]) {
    let Some((which, cbor)) = data.split_first() else { return };
    MESSAGES[usize::from(*which) % MESSAGES.len()](cbor);
}

fn messages_to_begin_with() -> Vec<Vec<u8>> {
    fn at<T: Serialize>(which: u8, message: &T) -> Vec<u8> {
        [vec![which], wire::pack(message).unwrap()].concat()
    }
    let text = String::from;
    let tokens = Tokens { access: text("a1"), refresh: text("b2") };
    vec![
        at(0, &push("lock_goal", br#"{"name":"lock_goal","goal_id":"g-r1","locked":true}"#, String::new())),
        at(1, &push_answer()),
        at(2, &Pull { cursor: Cursor { seq: 7, scope: text("s"), awaited: Some(9) } }),
        at(3, &pull_answer()),
        at(4, &Chunk { rows: vec![ByteBuf::from(&b"{}"[..]), ByteBuf::from(&b"[]"[..])] }),
        at(
            5,
            &SignIn {
                user: text("ann"), password: text("pw"), device: Some(text("d")), device_name: text("笔记本")
            },
        ),
        at(
            6,
            &SignedIn {
                tenant: text("co"),
                company: text("青禾"),
                person_id: text("ann"),
                device: text("d"),
                epoch: 3,
                tokens: tokens.clone(),
                escrow: Some(ByteBuf::from([7; 32])),
                today: Some(text("2026-09-21")),
            },
        ),
        at(7, &Refresh { refresh: text("b2"), attempt: text("one") }),
        at(8, &tokens),
        at(9, &Refused { code: text("slow_down") }),
        at(10, &Verdict::PreviewChanged { digest: text("00ff") }),
        at(
            13,
            &ImportBatch {
                kind: text("order"),
                source: text("csv"),
                file_name: text("orders.csv"),
                rows: 2,
                imported: 1,
                chunks: vec![text("00")],
            },
        ),
        at(15, &Escrow { sealed: vec![7; 64] }),
        at(
            16,
            &Trail {
                entries: vec![TrailEntry {
                    seq: 1,
                    at: text(AT),
                    actor_id: text("ann"),
                    action: text("view"),
                    class: text("pay"),
                    subjects: text("[\"bob\"]"),
                    detail: text("{}"),
                    before: vec![0; 32],
                    hash: vec![1; 32],
                }],
            },
        ),
    ]
}

fn push(name: &str, args: &[u8], scope: String) -> Push {
    let pushed = Pushed { mid: 1, name: name.into(), version: 1, args: args.to_vec(), claimed_at: AT.into() };
    Push { epoch: 1, scope, mutations: vec![pushed] }
}

fn push_answer() -> PushAnswer {
    let rejected = Verdict::Rejected { code: "goal_locked".into(), params: vec![("goal_id".into(), "g-r1".into())] };
    let verdicts = [Verdict::Applied { seq: 9 }, rejected];
    let outcomes = verdicts.into_iter().zip(1..).map(|(verdict, mid)| Outcome { mid, verdict });
    PushAnswer { outcomes: outcomes.collect(), last_mid: 2, later: Some("server_older".into()) }
}

fn pull_answer() -> PullAnswer {
    let row = wire::Row { kind: "order".into(), id: "o1".into(), gone: false, body: b"{}".to_vec() };
    PullAnswer {
        purge: true,
        last_mid: 2,
        rows: vec![row],
        cursor: Cursor { seq: 9, scope: "s".into(), awaited: None },
        more: false,
        whole: Some(Whole { records: 1, digest: "00".into() }),
        escrow: Some(ByteBuf::from([7; 32])),
    }
}

/// A message as it comes over the line: compressed.
pub fn frames(data: &[u8]) {
    fn read<T: Serialize + DeserializeOwned + PartialEq + Debug>(data: &[u8]) {
        if let Ok(message) = wire::decode::<T>(data) {
            assert_eq!(wire::decode::<T>(&wire::encode(&message).unwrap()).unwrap(), message);
        }
    }
    read::<Push>(data);
    read::<PullAnswer>(data);
    read::<Chunk>(data);
}

fn frames_to_begin_with() -> Vec<Vec<u8>> {
    vec![
        wire::encode(&push("undo", br#"{"mid":1}"#, String::new())).unwrap(),
        wire::encode(&pull_answer()).unwrap(),
        wire::encode(&Chunk { rows: vec![ByteBuf::from(vec![b' '; 2_000]); 3] }).unwrap(),
    ]
}

// ── What the server takes from a laptop

/// A server's database on which every batch comes to its end and is then taken back; chunks are kept in memory. So each
/// input meets the same company.
struct TakenBack {
    db: Sqlite,
    chunks: Mutex<BTreeMap<String, Vec<u8>>>,
}

struct Open<'a>(Box<dyn Batch + 'a>);

const TAKEN_BACK: &str = "taken back";

impl AuthorityDb for TakenBack {
    fn begin(&self, tenant: &str) -> db::Result<Box<dyn Batch + '_>> {
        Ok(Box::new(Open(self.db.begin(tenant)?)))
    }
    fn rows_after(&self, tenant: &str, seq: u64, at_most: usize) -> db::Result<Vec<Row>> {
        self.db.rows_after(tenant, seq, at_most)
    }
    fn kinds_after(&self, tenant: &str, after: [&str; 2], seq: u64) -> db::Result<Vec<Row>> {
        self.db.kinds_after(tenant, after, seq)
    }
    fn clock(&self, tenant: &str) -> db::Result<u64> {
        self.db.clock(tenant)
    }
    fn add_tenant(&self, tenant: &Tenant) -> db::Result<()> {
        self.db.add_tenant(tenant)
    }
    fn tenants(&self) -> db::Result<Vec<Tenant>> {
        self.db.tenants()
    }
    fn add_account(&self, account: &Account) -> db::Result<()> {
        self.db.add_account(account)
    }
    fn set_account(&self, account: &Account) -> db::Result<bool> {
        self.db.set_account(account)
    }
    fn account(&self, user: &str) -> db::Result<Option<Account>> {
        self.db.account(user)
    }
    fn accounts(&self, tenant: &str) -> db::Result<Vec<Account>> {
        self.db.accounts(tenant)
    }
    fn put_device(&self, device: &Device) -> db::Result<()> {
        self.db.put_device(device)
    }
    fn device(&self, tenant: &str, device: &str) -> db::Result<Option<Device>> {
        self.db.device(tenant, device)
    }
    fn devices(&self, tenant: &str) -> db::Result<Vec<Device>> {
        self.db.devices(tenant)
    }
    fn add_token(&self, token: &Token) -> db::Result<()> {
        self.db.add_token(token)
    }
    fn token(&self, digest: &[u8]) -> db::Result<Option<Token>> {
        self.db.token(digest)
    }
    fn use_token(&self, digest: &[u8], attempt: &[u8]) -> db::Result<bool> {
        self.db.use_token(digest, attempt)
    }
    fn forget_tokens(&self, before: i64) -> db::Result<()> {
        self.db.forget_tokens(before)
    }
    fn end_family(&self, tenant: &str, family: &str) -> db::Result<()> {
        self.db.end_family(tenant, family)
    }
    fn end_device(&self, tenant: &str, device: &str) -> db::Result<()> {
        self.db.end_device(tenant, device)
    }
    fn put_chunk(&self, _: &str, hash: &str, body: &[u8]) -> db::Result<()> {
        self.chunks.lock().unwrap().insert(hash.to_owned(), body.to_vec());
        Ok(())
    }
    fn chunk(&self, _: &str, hash: &str) -> db::Result<Option<Vec<u8>>> {
        Ok(self.chunks.lock().unwrap().get(hash).cloned())
    }
    fn refused(&self, tenant: &str, device: &str) -> db::Result<Vec<(u64, Kept)>> {
        self.db.refused(tenant, device)
    }
    fn put_escrow(&self, tenant: &str, boxed: &Boxed) -> db::Result<()> {
        self.db.put_escrow(tenant, boxed)
    }
    fn escrow(&self, tenant: &str) -> db::Result<Vec<Boxed>> {
        self.db.escrow(tenant)
    }
    fn add_links(&self, tenant: &str, links: &[Linked]) -> db::Result<()> {
        self.db.add_links(tenant, links)
    }
    fn trail_head(&self, tenant: &str, device: &str) -> db::Result<Option<(u64, Vec<u8>)>> {
        self.db.trail_head(tenant, device)
    }
    fn trail_has(&self, tenant: &str, device: &str, hash: &[u8]) -> db::Result<bool> {
        self.db.trail_has(tenant, device, hash)
    }
    fn trail(&self, tenant: &str, device: Option<&str>) -> db::Result<Vec<Linked>> {
        self.db.trail(tenant, device)
    }
    fn audit(&self, tenant: &str, at: &str, actor: &str, action: &str, detail: &str) -> db::Result<()> {
        self.db.audit(tenant, at, actor, action, detail)
    }
    fn ping(&self) -> db::Result<()> {
        self.db.ping()
    }
}

impl Batch for Open<'_> {
    fn clock(&mut self) -> db::Result<u64> {
        self.0.clock()
    }
    fn rows_after(&mut self, seq: u64, at_most: usize) -> db::Result<Vec<Row>> {
        self.0.rows_after(seq, at_most)
    }
    fn row(&mut self, kind: &str, id: &str) -> db::Result<Option<Row>> {
        self.0.row(kind, id)
    }
    fn put(&mut self, row: &Row) -> db::Result<u64> {
        self.0.put(row)
    }
    fn device(&mut self, device: &str) -> db::Result<Option<Device>> {
        self.0.device(device)
    }
    fn set_last_mid(&mut self, device: &str, mid: u64) -> db::Result<()> {
        self.0.set_last_mid(device, mid)
    }
    fn keep(&mut self, device: &str, epoch: u64, kept: &Kept) -> db::Result<()> {
        self.0.keep(device, epoch, kept)
    }
    fn kept(&mut self, device: &str, epoch: u64, mid: u64) -> db::Result<Option<Kept>> {
        self.0.kept(device, epoch, mid)
    }
    fn commit(self: Box<Self>) -> db::Result<()> {
        Err(DbError::Failed(TAKEN_BACK.into()))
    }
}

struct Company {
    db: Arc<TakenBack>,
    authority: Authority,
    device: Device,
    scope: String,
    /// A laptop of HR's after its first round, closed; and its keys.
    laptop: PathBuf,
    folder: tempfile::TempDir,
}

const PLAN: &str = include_str!("../../../../assets/sample/plans/account-manager.toml");

/// The company that every input meets: made once.
fn company() -> &'static Company {
    static MADE: OnceLock<Company> = OnceLock::new();
    MADE.get_or_init(|| {
        let folder = world::folder();
        let at = |name: &str| folder.path().join(name);
        let mut founded = world::small_company(&at("founded.db"), world::keys(1));
        let founder = founded.view().actor("founder", world::today()).unwrap().unwrap();
        let source = PLAN.replace("account_manager", "new_business");
        let now = Now { today: world::today(), at: AT.into() };
        founded.mutate(&founder, &Mutation::PublishPlan { source: source.clone() }, &now).unwrap();
        let db = Arc::new(Sqlite::open(&at("server.db"), None).unwrap());
        db.add_tenant(&Tenant { tenant: "co".into(), name: "Co".into(), wrapped_key: Vec::new() }).unwrap();
        let shared: Arc<dyn AuthorityDb> = db.clone();
        let authority = Authority::open(Arc::clone(&shared), "co", SecretKey::new([7; 32]), folder.path()).unwrap();
        assert!(authority.found(founded.view()).unwrap());
        let laptop = at("laptop.db");
        let mut store = world::joined(shared.as_ref(), "hr", &laptop, world::keys(2));
        let draft = Mutation::SavePlanDraft { draft_id: "d1".into(), source, before: None };
        for mutation in [draft, world::note("r1", "一次谈话")] {
            round(&mut store, &mut world::Direct { authority: &authority, db: shared.as_ref(), device: "hr" }).unwrap();
            let actor = store.view().actor("hr", world::today()).unwrap().unwrap();
            let now = Now { today: world::today(), at: AT.into() };
            store.mutate(&actor, &mutation, &now).unwrap();
        }
        let report =
            round(&mut store, &mut world::Direct { authority: &authority, db: shared.as_ref(), device: "hr" }).unwrap();
        assert_eq!((report.whole, report.attention), (Some(true), 0));
        // Something waits here, to be undone and made again.
        let actor = store.view().actor("hr", world::today()).unwrap().unwrap();
        let now = Now { today: world::today(), at: AT.into() };
        store.mutate(&actor, &Mutation::LockGoal { goal_id: "g-r1".into(), locked: true }, &now).unwrap();
        let cursor: Cursor = serde_json::from_str(&store.view().setting("cursor").unwrap().unwrap()).unwrap();
        store.truncate_log().unwrap();
        drop((store, authority, shared));
        let Ok(db) = Arc::try_unwrap(db) else { panic!("still in use") };
        let db = Arc::new(TakenBack { db, chunks: Mutex::default() });
        let shared: Arc<dyn AuthorityDb> = db.clone();
        let authority = Authority::open(shared, "co", SecretKey::new([7; 32]), folder.path()).unwrap();
        let device = db.device("co", "hr").unwrap().unwrap();
        Company { db, authority, device, scope: cursor.scope, laptop, folder }
    })
}

impl Company {
    /// Pushes one mutation, as the next of HR's laptop; whatever became of it was taken back.
    fn pushed(&self, name: &str, args: &[u8]) {
        let mut push = push(name, args, self.scope.clone());
        push.mutations[0].mid = self.device.last_mid + 1;
        match self.authority.push(&self.device, &push) {
            Err(Failure::Db(DbError::Failed(why))) if why == TAKEN_BACK => {}
            other => panic!("{name} was not answered for: {other:?}"),
        }
    }
}

const KINDS: [&str; 7] = ["unit", "person", "order", "credit", "rate", "metric", "goal"];

/// The first byte says what kind of import it is, each line after it is a row.
pub fn rows(data: &[u8]) {
    let Some((kind, rows)) = data.split_first() else { return };
    let company = company();
    let rows = rows.split(|byte| *byte == b'\n').map(ByteBuf::from).collect();
    let bytes = wire::encode(&Chunk { rows }).unwrap();
    let hash = wire::chunk_hash(&bytes);
    company.db.chunks.lock().unwrap().clear();
    assert!(company.authority.chunk(&hash, &bytes).unwrap());
    let import = ImportBatch {
        kind: KINDS[usize::from(*kind) % KINDS.len()].into(),
        source: "csv".into(),
        file_name: "rows.csv".into(),
        rows: 1,
        imported: 1,
        chunks: vec![hash],
    };
    company.pushed("import_batch", &serde_json::to_vec(&import).unwrap());
}

/// Rows of the company as they stand, and a line of each kind that goes.
fn rows_to_begin_with() -> Vec<Vec<u8>> {
    let mut by_kind: BTreeMap<u8, Vec<Base>> = BTreeMap::new();
    for row in every_row() {
        let kind = match &row {
            Base::Unit { .. } => 0,
            Base::Person { .. } | Base::Salaries { .. } => 1,
            Base::Order { .. } => 2,
            Base::Credits { .. } => 3,
            Base::Rate { .. } => 4,
            Base::MetricValue { .. } => 5,
            Base::Decision { change: Change::Goal { .. } } => 6,
            _ => continue,
        };
        by_kind.entry(kind).or_default().push(row);
    }
    let mut seeds = Vec::new();
    for (kind, mut rows) in by_kind {
        rows.truncate(4);
        let gone = rows[0].without();
        seeds.push(lines(&[kind], &rows));
        seeds.push(lines(&[kind], &[gone]));
    }
    let text = |kind: u8, rows: &str| [&[kind], rows.as_bytes()].concat();
    seeds.push(text(
        3,
        r#"{"base":"credits","order_id":"o1","to":[{"person_id":"r1","role":"revenue","share":"0.5"}]}"#,
    ));
    seeds.push(text(4, r#"{"base":"rate","currency":"USD","from":"2026-01-01","to":"7.1"}"#));
    seeds.push(text(
        5,
        r#"{"base":"metric_value","person_id":"r1","metric":"teamwork_score","month":"2026-08","to":[80,100]}"#,
    ));
    seeds
}

fn lines(head: &[u8], rows: &[Base]) -> Vec<u8> {
    let rows: Vec<Vec<u8>> = rows.iter().map(|row| serde_json::to_vec(row).unwrap()).collect();
    [head, &rows.join(&b"\n"[..])].concat()
}

fn every_row() -> Vec<Base> {
    let store = Store::open_read_only(&company().laptop, world::keys(2)).unwrap();
    let mut rows = store.view().every_row().unwrap();
    // The same each time: a decision bears the server's clock.
    for row in &mut rows {
        match row {
            Base::Decision { change: Change::Note { to: Some(note), .. } } => note.at = AT.into(),
            Base::Decision { change: Change::PlanDraft { to: Some(draft), .. } } => {
                draft.steps.iter_mut().for_each(|step| step.at = AT.into());
            }
            Base::Decision { change: Change::Plan { to: Some(plan), .. } } => plan.published_at = AT.into(),
            _ => {}
        }
    }
    rows
}

/// The first line names a mutation, the rest is what it is given.
pub fn arguments(data: &[u8]) {
    let Some(at) = data.iter().position(|byte| *byte == b'\n') else { return };
    let Ok(name) = std::str::from_utf8(&data[..at]) else { return };
    company().pushed(name, &data[at + 1..]);
}

fn arguments_to_begin_with() -> Vec<Vec<u8>> {
    [
        r#"{"name":"adjust_goal","goal_id":"g-r1","target":130000000,"reading":"year_total","from":"2026-09","seen":null}"#,
        r#"{"name":"adjust_goal","goal_id":"g-co","target":1,"reading":"from_now_on","from":"2026-12","seen":"00"}"#,
        r#"{"name":"lock_goal","goal_id":"g-t1","locked":true}"#,
        r#"{"name":"start_goals_from_last_year","year":2027}"#,
        r#"{"name":"write_note","note_id":"n1","about_id":"r1","kind":"visit","visibility":"pair","text":"见了客户","actions":[{"id":"a","text":"回访","owner_id":"r1","due":"2026-10-01","done":false}]}"#,
        r#"{"name":"set_note_action","note_id":"n1","action_id":"a","done":true}"#,
        r#"{"name":"snooze","item_id":"behind/r1","until":"2026-10-01","reason":"休假"}"#,
        r#"{"name":"close_period","month":"2026-07"}"#,
        r#"{"name":"set_setting","key":"pace_behind","value":"0.8"}"#,
        r#"{"name":"set_setting","key":"utc_offset_seconds","value":"28800"}"#,
        r#"{"mid":1}"#,
        r#"{"mid":18446744073709551615}"#,
        r#"{"kind":"order","source":"csv","file_name":"o.csv","rows":1,"imported":1,"chunks":["00"]}"#,
    ]
    .into_iter()
    .map(|args| {
        let named = serde_json::from_str::<serde_json::Value>(args).unwrap();
        let name = match named["name"].as_str() {
            Some(name) => name.to_owned(),
            None if named["mid"].is_null() => "import_batch".into(),
            None => "undo".into(),
        };
        format!("{name}\n{args}").into_bytes()
    })
    .chain([format!("publish_plan\n{}", serde_json::json!({ "name": "publish_plan", "source": PLAN })).into_bytes()])
    .collect()
}

// ── What a laptop takes from a server

/// A server that gives one answer to the first pull and has no time after it.
struct Once(Option<PullAnswer>);

impl Transport for Once {
    fn send(&mut self, _: &Ask) -> Result<Answer<Told>> {
        Ok(self.0.take().map(Told::Pull).ok_or_else(|| "busy".to_owned()))
    }
}

/// The first byte says what kind of answer it is, each line after it is a record's body. Whatever comes: the laptop has
/// all of it or nothing, its figures are what its rows make, and it is still a store.
pub fn answers(data: &[u8]) {
    let Some((how, bodies)) = data.split_first() else { return };
    let company = company();
    let rows = bodies.split(|byte| *byte == b'\n').map(|body| {
        let base = serde_json::from_slice::<Base>(body).ok();
        let (kind, id) = base.as_ref().map_or(("order", String::new()), Base::name);
        wire::Row { kind: kind.into(), id, gone: base.is_some_and(|base| base.is_gone()), body: body.to_vec() }
    });
    let answer = PullAnswer {
        purge: how & 1 == 1,
        last_mid: u64::from(how >> 3),
        rows: rows.collect(),
        cursor: Cursor { seq: 1_000, scope: "another".into(), awaited: None },
        more: how & 2 == 2,
        whole: (how & 4 == 4).then(|| Whole { records: 1, digest: String::new() }),
        escrow: (how & 32 == 32).then(|| ByteBuf::from([7; 32])),
    };
    let path = company.folder.path().join("received.db");
    copied(&company.laptop, &path);
    let mut store = Store::open(&path, world::keys(2)).unwrap();
    let _ = round(&mut store, &mut Once(Some(answer)));
    let cursor = store.view().setting("cursor").unwrap().unwrap_or_default();
    let figures = store.figures_digest().unwrap();
    store.rebuild_figures().unwrap();
    assert_eq!(store.figures_digest().unwrap(), figures, "figures are not what the rows make");
    // What was taken can be read.
    if cursor.contains("another") {
        store.view().every_row().unwrap();
    }
}

fn copied(from: &Path, to: &Path) {
    for leftover in [world::log_of(to), PathBuf::from(format!("{}-shm", to.display()))] {
        let _ = std::fs::remove_file(leftover);
    }
    std::fs::copy(from, to).unwrap();
}

fn answers_to_begin_with() -> Vec<Vec<u8>> {
    let rows = every_row();
    let mut kinds: BTreeMap<String, Base> = BTreeMap::new();
    for row in &rows {
        kinds.insert(row.name().0.to_owned(), row.clone());
    }
    let one_each: Vec<Base> = kinds.into_values().collect();
    let gone: Vec<Base> = one_each.iter().map(Base::without).collect();
    let history = r#"{"base":"customer_history","customer_id":"c1","to":{"first":"2026-01-05","first_person_id":"r2","months":[["2026-01","r2"]]}}"#;
    let mut seeds = vec![lines(&[0], &one_each), lines(&[0], &gone), lines(&[1], &one_each), lines(&[5], &one_each)];
    seeds.extend(one_each.iter().map(|row| lines(&[2], std::slice::from_ref(row))));
    seeds.push([&[0], history.as_bytes()].concat());
    seeds
}
