//! Messages made by hand by somebody who is let in: SQL in every text, ids that were guessed, pushes that come again.
//! What is sent is kept as it is or refused, never run; and what one may not see reads as what is not there.
//!
//! Absent on purpose: those who are not let in (`strangers.rs`), bytes that are no message (`fuzzed.rs`).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/postgres.rs"]
mod postgres;
#[path = "support/running.rs"]
mod running;
#[path = "support/sql.rs"]
mod sql;
#[path = "support/world.rs"]
mod world;

use attain_server::account;
use attain_server::db::{self, Account};
use attain_server::http::Server;
use attain_server::seal::SecretKey;
use attain_sync::wire::{
    self, Chunk, Cursor, ImportBatch, Pull, PullAnswer, Push, PushAnswer, Pushed, Refresh, SignIn, SignedIn, Verdict,
};
use postgres::PostgresServer;
use running::{PASSWORD, Running, serving};
use serde_bytes::ByteBuf;
use serde_json::{Value, json};
use sql::SQL;

/// Two companies of the same ids; accounts named by company and person.
fn companies(db: &str) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let db = db::open(
        &if db.is_empty() { format!("sqlite:{}", folder.path().join("db").display()) } else { db.into() },
        &[1; 32],
    );
    let server = Server::new(db.unwrap(), SecretKey::new([1; 32]), folder.path().to_owned()).unwrap();
    for tenant in ["one", "two"] {
        let founded = world::small_company(&folder.path().join(format!("{tenant}.db")), world::keys(1));
        assert!(server.add_tenant(tenant, tenant).unwrap().found(founded.view()).unwrap());
        for person in ["hr", "r1", "r2"] {
            let password = account::hash(PASSWORD).unwrap();
            let user = format!("{tenant}-{person}");
            let account = Account { tenant: tenant.into(), user, person_id: person.into(), password, disabled: false };
            server.accounts.set(&account).unwrap();
        }
    }
    serving(server, folder)
}

/// Somebody's laptop, by hand.
struct Hand<'r> {
    running: &'r Running,
    signed: SignedIn,
    cursor: Cursor,
    rows: Vec<wire::Row>,
    mid: u64,
}

impl<'r> Hand<'r> {
    fn of(user: &str, running: &'r Running) -> Hand<'r> {
        let mut hand =
            Hand { running, signed: running.sign_in(user), cursor: Cursor::default(), rows: Vec::new(), mid: 0 };
        hand.pull();
        hand
    }

    fn post(&self, path: &str, body: &[u8]) -> (u16, Vec<u8>) {
        self.running.post(path, Some(&self.signed.tokens.access), body)
    }

    fn pull(&mut self) {
        loop {
            let (status, body) = self.post("/v1/pull", &wire::encode(&Pull { cursor: self.cursor.clone() }).unwrap());
            assert_eq!(status, 200);
            let answer: PullAnswer = wire::decode(&body).unwrap();
            (self.cursor, self.rows) = (answer.cursor, [std::mem::take(&mut self.rows), answer.rows].concat());
            if !answer.more {
                return;
            }
        }
    }

    fn message(&self, mid: u64, name: &str, args: Vec<u8>) -> Vec<u8> {
        let mutation = Pushed { mid, name: name.into(), version: 1, args, claimed_at: SQL[0].into() };
        let (epoch, scope) = (self.signed.epoch, self.cursor.scope.clone());
        wire::encode(&Push { epoch, scope, mutations: vec![mutation] }).unwrap()
    }

    /// The verdict on the next mutation, as it came.
    fn push(&mut self, name: &str, args: &Value) -> Verdict {
        self.mid += 1;
        let (status, body) = self.post("/v1/push", &self.message(self.mid, name, serde_json::to_vec(args).unwrap()));
        assert_eq!(status, 200, "{name} {args}");
        let answer: PushAnswer = wire::decode(&body).unwrap();
        assert_eq!((answer.outcomes.len(), answer.last_mid), (1, self.mid), "{name} {args}");
        answer.outcomes[0].verdict.clone()
    }

    fn chunk(&self, rows: &[Value]) -> String {
        let rows = rows.iter().map(|row| ByteBuf::from(serde_json::to_vec(row).unwrap())).collect();
        let bytes = wire::encode(&Chunk { rows }).unwrap();
        let hash = wire::chunk_hash(&bytes);
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let to = agent.put(format!("{}/v1/chunk/{hash}", self.running.url));
        let sent = to.header("authorization", format!("Bearer {}", self.signed.tokens.access)).send(&bytes);
        assert_eq!(sent.unwrap().status().as_u16(), 200);
        hash
    }

    fn import(&mut self, kind: &str, text: &str, chunks: Vec<String>) -> Verdict {
        let (source, file_name) = (text.to_owned(), text.to_owned());
        let import = ImportBatch { kind: kind.into(), source, file_name, rows: 1, imported: 1, chunks };
        self.push("import_batch", &serde_json::to_value(&import).unwrap())
    }

    fn has(&self, kind: &str, text: &str) -> bool {
        let texts = |row: &wire::Row| {
            let body: Value = serde_json::from_slice(&row.body).unwrap();
            fn any(value: &Value, text: &str) -> bool {
                match value {
                    Value::String(said) => said == text,
                    Value::Array(list) => list.iter().any(|value| any(value, text)),
                    Value::Object(fields) => fields.values().any(|value| any(value, text)),
                    _ => false,
                }
            }
            any(&body, text)
        };
        self.rows.iter().any(|row| row.kind == kind && texts(row))
    }
}

fn applied(verdict: &Verdict) -> bool {
    matches!(verdict, Verdict::Applied { .. })
}

fn sql_is_kept_or_refused(db: &str) {
    let running = companies(db);
    let other = Hand::of("two-hr", &running);
    let mut hr = Hand::of("one-hr", &running);
    let before = hr.rows.len();
    for (n, sql) in SQL.into_iter().enumerate() {
        let keepable = !sql.contains('\0');
        // Before one is let in.
        for (user, password, device) in [(sql, PASSWORD, None), ("one-r1", sql, None), ("one-r1", "guess", Some(sql))] {
            let device = device.map(str::to_owned);
            let asked = SignIn { user: user.into(), password: password.into(), device, device_name: sql.into() };
            let status = running.post("/v1/sign-in", None, &wire::encode(&asked).unwrap()).0;
            assert!([401, 429].contains(&status), "{sql:?}: {status}");
        }
        let refresh = Refresh { refresh: sql.into(), attempt: sql.into() };
        assert_eq!(running.post("/v1/refresh", None, &wire::encode(&refresh).unwrap()).0, 401);
        if keepable {
            assert_eq!(running.post("/v1/pull", Some(sql), b"").0, 401);
        }
        // The name of a laptop.
        let password = PASSWORD.into();
        let asked = SignIn { user: "one-r2".into(), password, device: Some(sql.into()), device_name: sql.into() };
        let (status, body) = running.post("/v1/sign-in", None, &wire::encode(&asked).unwrap());
        assert_eq!(status, 200, "{sql:?}");
        let signed: SignedIn = wire::decode(&body).unwrap();
        let kept = running.server.db.device("one", &signed.device).unwrap().unwrap();
        assert_eq!(kept.name, sql.replace('\0', ""));
        // Cursor and scope.
        let cursor = Cursor { seq: u64::MAX, scope: sql.into(), awaited: None };
        assert_eq!(hr.post("/v1/pull", &wire::encode(&Pull { cursor }).unwrap()).0, 200);
        let cursor = Cursor { seq: u64::MAX, ..hr.cursor.clone() };
        assert_eq!(hr.post("/v1/pull", &wire::encode(&Pull { cursor }).unwrap()).0, 200);
        // Every text of every mutation.
        let action = json!({ "id": sql, "text": sql, "owner_id": "r1", "due": null, "done": false });
        for (name, args, kept) in [
            (
                "write_note",
                json!({ "note_id": sql, "about_id": "r1", "kind": "note", "visibility": "managers", "text": sql, "actions": [action] }),
                keepable,
            ),
            (
                "write_note",
                json!({ "note_id": "x", "about_id": sql, "kind": "note", "visibility": "pair", "text": "x", "actions": [] }),
                false,
            ),
            ("set_note_action", json!({ "note_id": sql, "action_id": sql, "done": true }), keepable),
            ("snooze", json!({ "item_id": sql, "until": "2026-10-01", "reason": sql }), keepable),
            ("lock_goal", json!({ "goal_id": sql, "locked": true }), false),
            (
                "adjust_goal",
                json!({ "goal_id": "g-r1", "target": 1, "reading": "year_total", "from": "2026-09", "seen": sql }),
                false,
            ),
            ("set_setting", json!({ "key": sql, "value": sql }), false),
            ("publish_plan", json!({ "source": sql }), false),
            (sql, json!({ "goal_id": "g-r1" }), false),
        ] {
            let mut args = args;
            args["name"] = json!(name);
            let verdict = hr.push(name, &args);
            assert_eq!(applied(&verdict), kept, "{name} {args}: {verdict:?}");
        }
        // Every text of a row, and of the import that names it.
        let key = json!({ "source": sql, "order_id": sql, "event": "booked", "date": "2026-09-01", "product": sql });
        let to = json!({ "customer_id": sql, "customer_type": sql, "person_id": "r1", "amount": 100, "cost": null, "currency": "CNY" });
        let order = json!({ "base": "order", "key": key, "to": to });
        let unit = json!({ "base": "unit", "id": sql, "to": { "id": sql, "name": sql, "name_en": sql, "kind": "team", "parent_id": "A" } });
        let person = json!({ "base": "person", "id": sql, "to": { "id": sql, "name": sql, "name_en": null, "assignments": [] } });
        for (kind, row) in [("order", order), ("unit", unit), ("person", person)] {
            let chunks = vec![hr.chunk(&[row])];
            assert_eq!(applied(&hr.import(kind, sql, chunks)), keepable, "{kind} {sql:?}");
        }
        for (kind, chunk) in [(sql, "0".repeat(64)), ("order", sql.to_owned())] {
            assert!(!applied(&hr.import(kind, sql, vec![chunk])));
        }
        hr.pull();
        for kind in ["note", "snooze", "order", "unit", "person"] {
            assert_eq!(hr.has(kind, sql), keepable, "{kind} {sql:?}");
        }
        assert!(hr.rows.len() > before + n, "rows came");
    }
    // Nothing is gone, nothing is another's, and everybody is let in as before.
    let mut again = Hand::of("one-hr", &running);
    assert!(again.rows.len() >= before);
    assert!(SQL.iter().all(|sql| again.has("note", sql) != sql.contains('\0')));
    assert_eq!(Hand::of("two-hr", &running).rows, other.rows);
    assert_eq!(running.server.db.accounts("one").unwrap().len(), 3);
    assert!(running.server.db.accounts("one").unwrap().iter().all(|account| !account.disabled));
    assert!(applied(&again.push("lock_goal", &json!({ "name": "lock_goal", "goal_id": "g-r1", "locked": true }))));
}

#[test]
fn sql_in_any_text_is_kept_as_a_text_or_refused() {
    sql_is_kept_or_refused("");
}

#[test]
fn sql_in_any_text_is_kept_as_a_text_or_refused_on_postgresql() {
    let running = PostgresServer::shared();
    sql_is_kept_or_refused(&running.database());
}

#[test]
fn what_one_may_not_see_reads_as_what_is_not_there() {
    let running = companies("");
    let mut hr = Hand::of("one-hr", &running);
    let note = |id: &str, about: &str| {
        json!({ "name": "write_note", "note_id": id, "about_id": about, "kind": "note", "visibility": "managers", "text": "见面",
                "actions": [{ "id": "a", "text": "回访", "owner_id": "hr", "due": null, "done": false }] })
    };
    assert!(applied(&hr.push("write_note", &note("secret", "r1"))));
    let chunk = hr.chunk(&[json!({ "base": "rate", "currency": "USD", "from": "2026-01-01", "to": "7.1" })]);
    // A rep of another team, and the same ids in another company.
    for user in ["one-r2", "two-r2"] {
        let mut rep = Hand::of(user, &running);
        let action = |id: &str| json!({ "name": "set_note_action", "note_id": id, "action_id": "a", "done": true });
        let lock = |id: &str| json!({ "name": "lock_goal", "goal_id": id, "locked": true });
        let adjust = |id: &str| json!({ "name": "adjust_goal", "goal_id": id, "target": 1, "reading": "year_total", "from": "2026-09", "seen": null });
        for (name, there, absent) in [
            ("set_note_action", action("secret"), action("nothing")),
            ("write_note", note("mine", "r1"), note("mine", "nobody")),
            ("lock_goal", lock("g-r1"), lock("g-nothing")),
            ("adjust_goal", adjust("g-r1"), adjust("g-nothing")),
            ("undo", json!({ "mid": 1_000 }), json!({ "mid": 2_000 })),
        ] {
            let [there, absent] = [there, absent].map(|args| {
                let verdict = rep.push(name, &args);
                assert!(!applied(&verdict), "{user} {name} {args}");
                wire::encode(&verdict).unwrap()
            });
            assert_eq!(there, absent, "{user} {name}: {:?}", wire::decode::<Verdict>(&there));
        }
    }
    // A chunk of another company is not there.
    let mut stranger = Hand::of("two-hr", &running);
    let there = stranger.import("rate", "csv", vec![chunk.clone()]);
    assert_eq!(there, stranger.import("rate", "csv", vec!["0".repeat(64)]));
    assert!(applied(&hr.import("rate", "csv", vec![chunk])));
    // A laptop of somebody else's, in this company or another, is a new one.
    for device in [&hr.signed.device, &stranger.signed.device] {
        let password = PASSWORD.into();
        let asked =
            SignIn { user: "one-r1".into(), password, device: Some(device.clone()), device_name: "mine".into() };
        let (status, body) = running.post("/v1/sign-in", None, &wire::encode(&asked).unwrap());
        assert_eq!(status, 200);
        assert_ne!(wire::decode::<SignedIn>(&body).unwrap().device, *device);
    }
    hr.pull();
}

#[test]
fn a_push_that_comes_again_is_answered_as_before_and_done_once() {
    let running = companies("");
    let mut hr = Hand::of("one-hr", &running);
    let args = json!({ "name": "write_note", "note_id": "once", "about_id": "r1", "kind": "note", "visibility": "managers",
                       "text": "一次", "actions": [] });
    let message = hr.message(1, "write_note", serde_json::to_vec(&args).unwrap());
    let first = hr.post("/v1/push", &message);
    let clock = running.server.db.clock("one").unwrap();
    for _ in 0..3 {
        assert_eq!(hr.post("/v1/push", &message), first);
    }
    assert_eq!(running.server.db.clock("one").unwrap(), clock);
    // By another laptop of the same person it is another mutation, of a note that is there already.
    let other = Hand::of("one-hr", &running);
    assert_ne!(other.post("/v1/push", &message).1, first.1);
    // By somebody else it is of another scope.
    let rep = Hand::of("one-r1", &running);
    assert_eq!(rep.post("/v1/push", &message).0, 409);
    hr.pull();
    assert_eq!(hr.rows.iter().filter(|row| row.kind == "note").count(), 1);
}
