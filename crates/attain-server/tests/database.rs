//! What the authority needs of a database, asked of both: the same tests run on SQLite and on a PostgreSQL of their own.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/place.rs"]
mod place;
#[path = "support/postgres.rs"]
mod server;

use std::collections::BTreeSet;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Barrier, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use attain_server::db::postgres::Postgres;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{Account, AuthorityDb, DbError, Device, Kept, Row, Tenant, Token};
use place::{Place, account, all, begin, device, kept, put, row, tenant, token};
use server::PostgresServer;

macro_rules! on_both {
    ($($story:ident),* $(,)?) => {
        mod sqlite {
            $(#[test] fn $story() { super::$story(&super::Place::sqlite()); })*
        }
        mod postgres {
            $(#[test] fn $story() { super::$story(&super::Place::postgres()); })*
        }
    };
}

on_both![
    a_batch_is_kept_whole_and_seen_after_its_commit,
    a_dropped_batch_leaves_nothing,
    a_batch_of_which_something_failed_does_not_commit,
    a_batch_that_panics_leaves_nothing_and_nobody_waiting,
    a_record_put_again_moves_to_the_end,
    rows_come_in_pages_in_the_order_of_seq,
    tenants_never_see_each_others_rows,
    a_batch_waits_for_the_one_before,
    eight_writers_and_a_reader_skip_nothing,
    an_unknown_tenant_has_no_batch_and_no_clock,
    tenants_are_named_once,
    accounts_are_named_once_on_a_server,
    devices_are_replaced_whole,
    what_became_of_a_mutation_is_kept,
    a_token_is_used_once_whoever_races,
    tokens_that_have_ended_are_forgotten,
    tokens_end_by_sign_in_and_by_device,
    a_chunk_is_kept_as_it_first_came,
    the_trail_takes_what_it_is_given,
    everything_is_there_after_opening_again,
    an_empty_database_opened_by_many_at_once_is_made_once,
    opening_and_reading_do_not_wait_for_a_batch,
    odd_names_and_bodies_come_back_as_they_went,
    numbers_up_to_the_greatest_signed_one,
];

fn a_batch_is_kept_whole_and_seen_after_its_commit(place: &Place) {
    let (db, other) = (place.with_tenants(), place.open());
    db.put_device(&device("ah", "laptop")).unwrap();
    let mut batch = db.begin("ah").unwrap();
    assert_eq!(batch.clock().unwrap(), 0);
    assert_eq!(batch.row("goal", "g1").unwrap(), None);
    let given = Row { seq: 99, ..row("goal", "g1", b"one") };
    assert_eq!(batch.put(&given).unwrap(), 1, "the seq in the row is not looked at");
    assert_eq!(batch.put(&Row { gone: true, class: "pay".into(), ..row("payout", "p1", b"") }).unwrap(), 2);
    batch.set_last_mid("laptop", 5).unwrap();
    batch.keep("laptop", 1, &kept(5)).unwrap();

    // The batch sees what it did; nobody else does yet.
    assert_eq!(batch.clock().unwrap(), 2);
    assert_eq!(batch.row("goal", "g1").unwrap(), Some(Row { seq: 1, ..given.clone() }));
    assert_eq!(batch.rows_after(1, 10).unwrap().len(), 1);
    assert_eq!(batch.device("laptop").unwrap().unwrap().last_mid, 5);
    assert_eq!(batch.kept("laptop", 1, 5).unwrap(), Some(kept(5)));
    for elsewhere in [&db, &other] {
        assert_eq!(elsewhere.clock("ah").unwrap(), 0);
        assert_eq!(all(elsewhere.as_ref(), "ah"), []);
        assert_eq!(elsewhere.device("ah", "laptop").unwrap().unwrap().last_mid, 0);
    }
    batch.commit().unwrap();

    for elsewhere in [&db, &other] {
        assert_eq!(elsewhere.clock("ah").unwrap(), 2);
        let rows = all(elsewhere.as_ref(), "ah");
        assert_eq!(rows[0], Row { seq: 1, ..given.clone() });
        assert_eq!((rows[1].seq, rows[1].gone, rows[1].class.as_str(), rows.len()), (2, true, "pay", 2));
        assert_eq!(elsewhere.device("ah", "laptop").unwrap().unwrap().last_mid, 5);
        assert_eq!(elsewhere.begin("ah").unwrap().kept("laptop", 1, 5).unwrap(), Some(kept(5)));
    }
}

fn a_dropped_batch_leaves_nothing(place: &Place) {
    let db = place.with_tenants();
    db.put_device(&device("ah", "laptop")).unwrap();
    put(db.as_ref(), "ah", &[row("goal", "g1", b"one")]);
    let before = all(db.as_ref(), "ah");
    let mut batch = db.begin("ah").unwrap();
    batch.put(&row("goal", "g1", b"two")).unwrap();
    batch.put(&row("goal", "g2", b"two")).unwrap();
    batch.set_last_mid("laptop", 9).unwrap();
    batch.keep("laptop", 1, &kept(9)).unwrap();
    drop(batch);
    assert_eq!(all(db.as_ref(), "ah"), before);
    assert_eq!(db.clock("ah").unwrap(), 1);
    assert_eq!(db.device("ah", "laptop").unwrap().unwrap().last_mid, 0);
    let mut batch = db.begin("ah").unwrap();
    assert_eq!(batch.kept("laptop", 1, 9).unwrap(), None);
    assert_eq!(batch.put(&row("goal", "g3", b"")).unwrap(), 2, "its numbers are given out again");
    batch.commit().unwrap();
    db.begin("ah").unwrap().commit().unwrap();
    assert_eq!(db.clock("ah").unwrap(), 2);
}

fn a_batch_of_which_something_failed_does_not_commit(place: &Place) {
    let db = place.with_tenants();
    let mut batch = db.begin("ah").unwrap();
    batch.put(&row("goal", "g1", b"one")).unwrap();
    batch.keep("laptop", 1, &kept(1)).unwrap();
    assert!(matches!(batch.keep("laptop", 1, &kept(1)), Err(DbError::Exists)));
    assert!(batch.commit().is_err());
    assert_eq!((all(db.as_ref(), "ah"), db.clock("ah").unwrap()), (vec![], 0));
    put(db.as_ref(), "ah", &[row("goal", "g1", b"one")]);
    assert_eq!(db.clock("ah").unwrap(), 1);
}

fn a_batch_that_panics_leaves_nothing_and_nobody_waiting(place: &Place) {
    let db = place.with_tenants();
    for _ in 0..20 {
        let broken = thread::scope(|scope| {
            let panics = scope.spawn(|| {
                let mut batch = db.begin("ah").unwrap();
                batch.put(&row("goal", "g1", b"one")).unwrap();
                std::panic::resume_unwind(Box::new(()));
            });
            panics.join().is_err()
        });
        assert!(broken);
    }
    assert_eq!(all(db.as_ref(), "ah"), []);
    put(db.as_ref(), "ah", &[row("goal", "g1", b"one")]);
    assert_eq!(db.clock("ah").unwrap(), 1);
}

fn a_record_put_again_moves_to_the_end(place: &Place) {
    let db = place.with_tenants();
    put(db.as_ref(), "ah", &[row("goal", "g1", b"one"), row("goal", "g2", b"two"), row("unit", "g1", b"three")]);
    put(db.as_ref(), "ah", &[Row { gone: true, class: "notes".into(), ..row("goal", "g1", b"four") }]);
    let rows = all(db.as_ref(), "ah");
    let order: Vec<(u64, &str, &str)> = rows.iter().map(|r| (r.seq, r.kind.as_str(), r.id.as_str())).collect();
    assert_eq!(order, [(2, "goal", "g2"), (3, "unit", "g1"), (4, "goal", "g1")]);
    assert_eq!((rows[2].gone, rows[2].class.as_str(), rows[2].body.as_slice()), (true, "notes", b"four".as_slice()));
    // Twice in one batch: the last stands, and its first number is nobody's.
    put(db.as_ref(), "ah", &[row("goal", "g2", b"five"), row("goal", "g2", b"six")]);
    let rows = all(db.as_ref(), "ah");
    assert_eq!((rows.len(), rows[2].seq, rows[2].body.as_slice()), (3, 6, b"six".as_slice()));
    assert_eq!(db.clock("ah").unwrap(), 6);
}

fn rows_come_in_pages_in_the_order_of_seq(place: &Place) {
    let db = place.with_tenants();
    let rows: Vec<Row> = (0..25).rev().map(|n| row("goal", &format!("g{n:02}"), b"")).collect();
    put(db.as_ref(), "ah", &rows);
    let seqs = |rows: Vec<Row>| rows.into_iter().map(|row| row.seq).collect::<Vec<u64>>();
    for (after, at_most, expected) in
        [(0, 3, vec![1, 2, 3]), (3, 3, vec![4, 5, 6]), (24, 3, vec![25]), (25, 3, vec![]), (7, 0, vec![])]
    {
        assert_eq!(seqs(db.rows_after("ah", after, at_most).unwrap()), expected, "after {after}");
        assert_eq!(seqs(db.begin("ah").unwrap().rows_after(after, at_most).unwrap()), expected, "after {after}");
    }
    assert_eq!(all(db.as_ref(), "ah").len(), 25);
}

fn tenants_never_see_each_others_rows(place: &Place) {
    let db = place.with_tenants();
    for (id, body) in [("ah", b"of ah"), ("be", b"of be")] {
        put(db.as_ref(), id, &[row("goal", "g1", body)]);
        db.put_device(&Device { name: id.into(), ..device(id, "laptop") }).unwrap();
        db.put_chunk(id, "00ff", body).unwrap();
    }
    put(db.as_ref(), "ah", &[row("goal", "only-ah", b"of ah")]);
    db.add_account(&account("ah", "li-na")).unwrap();
    let mut batch = db.begin("ah").unwrap();
    batch.keep("laptop", 1, &kept(1)).unwrap();
    batch.set_last_mid("laptop", 1).unwrap();
    batch.commit().unwrap();

    assert_eq!((db.clock("ah").unwrap(), db.clock("be").unwrap()), (2, 1), "each has its own clock");
    let of_be = all(db.as_ref(), "be");
    assert_eq!((of_be.len(), of_be[0].body.as_slice()), (1, b"of be".as_slice()));
    assert!(all(db.as_ref(), "ah").iter().all(|row| row.body == b"of ah"));
    assert_eq!(db.accounts("be").unwrap(), []);
    assert_eq!(db.devices("be").unwrap(), [Device { name: "be".into(), ..device("be", "laptop") }]);
    assert_eq!(db.chunk("be", "00ff").unwrap().unwrap(), b"of be");
    let mut batch = db.begin("be").unwrap();
    assert_eq!(batch.rows_after(0, 10).unwrap(), of_be);
    assert_eq!(batch.row("goal", "only-ah").unwrap(), None);
    assert_eq!(batch.kept("laptop", 1, 1).unwrap(), None);
    assert_eq!(batch.device("laptop").unwrap().unwrap().last_mid, 0);
    drop(batch);

    // What another tenant's names are given for does nothing.
    assert!(!db.set_account(&Account { disabled: true, ..account("be", "li-na") }).unwrap());
    db.add_token(&token("ah", "laptop", "f1", 1)).unwrap();
    db.end_family("be", "f1").unwrap();
    db.end_device("be", "laptop").unwrap();
    assert!(db.token(&[1; 32]).unwrap().is_some());
    assert!(!db.account("li-na").unwrap().unwrap().disabled);
}

fn a_batch_waits_for_the_one_before(place: &Place) {
    let (db, other) = (place.with_tenants(), place.open());
    let mut first = db.begin("ah").unwrap();
    first.put(&row("goal", "g1", b"first")).unwrap();
    thread::scope(|scope| {
        let (tell, told) = mpsc::channel();
        scope.spawn(move || {
            let mut second = begin(other.as_ref(), "ah");
            tell.send(second.clock().unwrap()).unwrap();
            assert_eq!(second.row("goal", "g1").unwrap().unwrap().body, b"first");
        });
        assert!(told.recv_timeout(Duration::from_millis(300)).is_err(), "two batches of a tenant at once");
        first.commit().unwrap();
        assert_eq!(told.recv().unwrap(), 1, "it begins where the one before ended");
    });
}

/// Records have names of their own, so that every number stays in sight: a reader must see 1, 2, 3 … without a gap.
fn eight_writers_and_a_reader_skip_nothing(place: &Place) {
    const WRITERS: usize = 8;
    const BATCHES: usize = 100;
    let db = place.with_tenants();
    let processes = [db, place.open()];
    let reader = place.open();
    let committed = AtomicU64::new(0);
    let writing = AtomicUsize::new(WRITERS);
    let written = thread::scope(|scope| {
        let writers: Vec<_> = (0..WRITERS)
            .map(|writer| {
                let (db, committed, writing) = (&processes[writer % 2], &committed, &writing);
                scope.spawn(move || {
                    let mut mine = Vec::new();
                    for n in 0..BATCHES {
                        let before = committed.load(Ordering::SeqCst);
                        let mut batch = begin(db.as_ref(), "ah");
                        let clock = batch.clock().unwrap();
                        assert!(clock >= before, "a batch does not see what was committed before it");
                        let ids: Vec<String> = (0..1 + (writer + n) % 4).map(|k| format!("{writer}/{n}/{k}")).collect();
                        let mut seqs = Vec::new();
                        for id in &ids {
                            seqs.push(batch.put(&row("goal", id, id.as_bytes())).unwrap());
                        }
                        let expected: Vec<u64> = (clock + 1..).take(ids.len()).collect();
                        assert_eq!(seqs, expected, "another wrote in between");
                        if n % 7 == 6 {
                            continue;
                        }
                        batch.commit().unwrap();
                        committed.fetch_max(expected[ids.len() - 1], Ordering::SeqCst);
                        mine.extend(seqs.into_iter().zip(ids));
                    }
                    writing.fetch_sub(1, Ordering::SeqCst);
                    mine
                })
            })
            .collect();
        let follower = scope.spawn(|| {
            let mut seen: Vec<(u64, String)> = Vec::new();
            loop {
                let last_round = writing.load(Ordering::SeqCst) == 0;
                let (due, cursor) = (committed.load(Ordering::SeqCst), seen.len() as u64);
                let rows = reader.rows_after("ah", cursor, 50).unwrap();
                let full = rows.len() == 50;
                for row in rows {
                    assert_eq!(row.seq, seen.len() as u64 + 1, "skipped or doubled");
                    assert_eq!(row.body, row.id.as_bytes());
                    seen.push((row.seq, row.id));
                }
                assert!(full || seen.len() as u64 >= due, "a commit is not delivered");
                if last_round && !full {
                    return seen;
                }
            }
        });
        let mut written: Vec<(u64, String)> = writers.into_iter().flat_map(|w| w.join().unwrap()).collect();
        written.sort();
        assert_eq!(follower.join().unwrap(), written);
        written
    });
    assert_eq!(written.last().unwrap().0, written.len() as u64);
    assert_eq!(reader.clock("ah").unwrap(), written.len() as u64);
}

fn an_unknown_tenant_has_no_batch_and_no_clock(place: &Place) {
    let db = place.with_tenants();
    for _ in 0..20 {
        assert!(matches!(db.begin("nobody"), Err(DbError::Failed(_))));
    }
    assert!(db.clock("nobody").is_err());
    assert_eq!(all(db.as_ref(), "nobody"), []);
    put(db.as_ref(), "ah", &[row("goal", "g1", b"")]);
}

fn tenants_are_named_once(place: &Place) {
    let db = place.open();
    assert_eq!(db.tenants().unwrap(), []);
    for id in ["b", "Z", "a", "达成"] {
        db.add_tenant(&tenant(id)).unwrap();
        assert_eq!(db.clock(id).unwrap(), 0);
    }
    assert!(matches!(db.add_tenant(&Tenant { name: "another".into(), ..tenant("a") }), Err(DbError::Exists)));
    assert_eq!(db.tenants().unwrap(), ["Z", "a", "b", "达成"].map(tenant), "in nobody's locale");
}

fn accounts_are_named_once_on_a_server(place: &Place) {
    let db = place.with_tenants();
    for user in ["zhang-san", "Wang", "li-na"] {
        db.add_account(&account("ah", user)).unwrap();
    }
    assert!(matches!(db.add_account(&account("ah", "li-na")), Err(DbError::Exists)));
    assert!(matches!(db.add_account(&account("be", "li-na")), Err(DbError::Exists)), "on another tenant neither");
    assert_eq!(db.accounts("ah").unwrap(), ["Wang", "li-na", "zhang-san"].map(|user| account("ah", user)));
    let changed =
        Account { person_id: "p-other".into(), password: "another".into(), disabled: true, ..account("ah", "li-na") };
    assert!(db.set_account(&changed).unwrap());
    assert_eq!(db.account("li-na").unwrap(), Some(changed));
    assert_eq!(db.account("Li-Na").unwrap(), None);
    assert!(!db.set_account(&account("ah", "nobody")).unwrap());
    assert_eq!(db.account("nobody").unwrap(), None);
}

fn devices_are_replaced_whole(place: &Place) {
    let db = place.with_tenants();
    assert_eq!(db.device("ah", "laptop").unwrap(), None);
    db.put_device(&device("ah", "laptop")).unwrap();
    db.put_device(&Device { user: "anna".into(), ..device("ah", "tablet") }).unwrap();
    let changed = Device {
        user: "zhang-san".into(),
        person_id: "p-zhang-san".into(),
        name: "another".into(),
        epoch: 3,
        last_mid: 12,
        revoked: true,
        ..device("ah", "laptop")
    };
    db.put_device(&changed).unwrap();
    assert_eq!(db.device("ah", "laptop").unwrap(), Some(changed.clone()));
    let names: Vec<String> = db.devices("ah").unwrap().into_iter().map(|device| device.device).collect();
    assert_eq!(names, ["tablet", "laptop"], "by user");
    let mut batch = db.begin("ah").unwrap();
    assert_eq!(batch.device("laptop").unwrap(), Some(changed));
    assert_eq!(batch.device("none").unwrap(), None);
}

fn what_became_of_a_mutation_is_kept(place: &Place) {
    let db = place.with_tenants();
    let mut batch = db.begin("ah").unwrap();
    for (device, epoch, mid) in [("a", 1, 1), ("a", 1, 2), ("a", 2, 1), ("b", 1, 1)] {
        let outcome = format!("{device}{epoch}{mid}").into_bytes();
        batch.keep(device, epoch, &Kept { mid, outcome, before: vec![9], refused: Some(vec![8]) }).unwrap();
    }
    batch.commit().unwrap();
    let mut batch = db.begin("ah").unwrap();
    let found = batch.kept("a", 2, 1).unwrap().unwrap();
    assert_eq!((found.mid, found.outcome.as_slice(), found.before.as_slice()), (1, b"a21".as_slice(), &[9u8][..]));
    assert_eq!(batch.kept("a", 1, 2).unwrap().unwrap().outcome, b"a12");
    assert_eq!(batch.kept("b", 1, 1).unwrap().unwrap().outcome, b"b11");
    assert_eq!(batch.kept("b", 1, 2).unwrap(), None);
}

fn tokens_that_have_ended_are_forgotten(place: &Place) {
    let db = place.with_tenants();
    db.add_token(&Token { expires: 1_000, ..token("ah", "laptop", "f1", 1) }).unwrap();
    db.add_token(&Token { expires: 2_000, ..token("ah", "laptop", "f1", 2) }).unwrap();
    db.forget_tokens(1_500).unwrap();
    assert_eq!(db.token(&[1; 32]).unwrap(), None);
    assert!(db.token(&[2; 32]).unwrap().is_some());
}

fn a_token_is_used_once_whoever_races(place: &Place) {
    let db = place.with_tenants();
    let processes = [db, place.open()];
    for digest in 1..=20 {
        processes[0].add_token(&token("ah", "laptop", "f1", digest)).unwrap();
        assert!(matches!(processes[1].add_token(&token("ah", "laptop", "f2", digest)), Err(DbError::Exists)));
        let start = Barrier::new(4);
        let won = thread::scope(|scope| {
            let racing: Vec<_> = (0..4)
                .map(|n| {
                    let (db, start) = (&processes[n % 2], &start);
                    scope.spawn(move || {
                        start.wait();
                        db.use_token(&[digest; 32], b"try").unwrap()
                    })
                })
                .collect();
            racing.into_iter().map(|racer| racer.join().unwrap()).filter(|won| *won).count()
        });
        assert_eq!(won, 1);
        assert_eq!(
            processes[1].token(&[digest; 32]).unwrap(),
            Some(Token { used: true, attempt: Some(b"try".to_vec()), ..token("ah", "laptop", "f1", digest) })
        );
    }
    assert!(!processes[0].use_token(b"unknown", b"try").unwrap());
    assert_eq!(processes[0].token(b"unknown").unwrap(), None);
}

fn tokens_end_by_sign_in_and_by_device(place: &Place) {
    let db = place.with_tenants();
    let access = Token { refresh: false, expires: -1, ..token("ah", "laptop", "f1", 1) };
    let others = [token("ah", "laptop", "f1", 2), token("ah", "laptop", "f2", 3), token("ah", "tablet", "f3", 4)];
    db.add_token(&access).unwrap();
    others.iter().for_each(|token| db.add_token(token).unwrap());
    assert_eq!(db.token(&access.digest).unwrap(), Some(access));
    let left = || (1..=4).filter(|digest| db.token(&[*digest; 32]).unwrap().is_some()).collect::<Vec<u8>>();
    db.end_family("ah", "none").unwrap();
    assert_eq!(left(), [1, 2, 3, 4]);
    db.end_family("ah", "f1").unwrap();
    assert_eq!(left(), [3, 4]);
    assert!(!db.use_token(&[2; 32], b"try").unwrap(), "an ended token is not used");
    db.end_device("ah", "laptop").unwrap();
    assert_eq!(left(), [4]);
}

fn a_chunk_is_kept_as_it_first_came(place: &Place) {
    let db = place.with_tenants();
    assert_eq!(db.chunk("ah", "00ff").unwrap(), None);
    db.put_chunk("ah", "00ff", b"first").unwrap();
    db.put_chunk("ah", "00ff", b"second").unwrap();
    assert_eq!(db.chunk("ah", "00ff").unwrap().unwrap(), b"first");
    let large: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
    db.put_chunk("ah", "large", &large).unwrap();
    assert!(db.chunk("ah", "large").unwrap().unwrap() == large);
}

fn the_trail_takes_what_it_is_given(place: &Place) {
    let db = place.with_tenants();
    for _ in 0..3 {
        db.audit("ah", "2026-11-24T08:00:00Z", "p-li-na", "pull", "同步 {\"rows\":3}").unwrap();
    }
    db.audit("", "2026-11-24T08:00:00Z", "", "sign-in-refused", "").unwrap();
    db.ping().unwrap();
}

fn everything_is_there_after_opening_again(place: &Place) {
    let db = place.with_tenants();
    put(db.as_ref(), "ah", &[row("goal", "g1", b"one")]);
    db.add_account(&account("ah", "li-na")).unwrap();
    db.add_token(&token("ah", "laptop", "f1", 1)).unwrap();
    drop(db);
    let db = place.open();
    assert_eq!(db.tenants().unwrap().len(), 2);
    assert_eq!(all(db.as_ref(), "ah"), [Row { seq: 1, ..row("goal", "g1", b"one") }]);
    assert!(db.account("li-na").unwrap().is_some() && db.token(&[1; 32]).unwrap().is_some());
    put(db.as_ref(), "ah", &[row("goal", "g2", b"two")]);
    assert_eq!(db.clock("ah").unwrap(), 2);
}

fn an_empty_database_opened_by_many_at_once_is_made_once(place: &Place) {
    let opened: Vec<Box<dyn AuthorityDb>> = thread::scope(|scope| {
        let opening: Vec<_> = (0..4).map(|_| scope.spawn(|| place.open())).collect();
        opening.into_iter().map(|one| one.join().unwrap()).collect()
    });
    opened[0].add_tenant(&tenant("ah")).unwrap();
    assert!(opened.iter().all(|db| db.clock("ah").unwrap() == 0));
}

fn opening_and_reading_do_not_wait_for_a_batch(place: &Place) {
    let db = place.with_tenants();
    db.put_chunk("ah", "00ff", b"chunk").unwrap();
    let mut batch = db.begin("ah").unwrap();
    batch.put(&row("goal", "g1", b"one")).unwrap();
    let begun = Instant::now();
    let other = place.open();
    for reader in [&db, &other] {
        assert_eq!(reader.clock("ah").unwrap(), 0);
        assert_eq!(reader.chunk("ah", "00ff").unwrap().unwrap(), b"chunk");
        assert_eq!((reader.tenants().unwrap().len(), reader.account("li-na").unwrap()), (2, None));
        reader.ping().unwrap();
    }
    assert!(begun.elapsed() < Duration::from_secs(5), "{:?}", begun.elapsed());
    batch.commit().unwrap();
}

fn odd_names_and_bodies_come_back_as_they_went(place: &Place) {
    let db = place.with_tenants();
    let names = ["", " ", "'; --", "100%", "_", "\\", "张三", "e\u{301}", "é", "\u{1f600}", "G1", "g1", "a\nb\tc"];
    let every: Vec<u8> = (0..=255).collect();
    put(db.as_ref(), "ah", &names.map(|name| row(name, name, &every)));
    let rows = all(db.as_ref(), "ah");
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<Vec<_>>(), names);
    assert_eq!(rows.iter().map(|row| row.id.as_str()).collect::<BTreeSet<_>>().len(), names.len());
    assert!(rows.iter().all(|row| row.body == every));
    let mut batch = db.begin("ah").unwrap();
    for name in names {
        assert_eq!(batch.row(name, name).unwrap().unwrap().id, name);
    }
}

fn numbers_up_to_the_greatest_signed_one(place: &Place) {
    let db = place.with_tenants();
    let greatest = i64::MAX as u64;
    let known = Device { epoch: greatest, last_mid: greatest, ..device("ah", "laptop") };
    db.put_device(&known).unwrap();
    assert_eq!(db.device("ah", "laptop").unwrap(), Some(known.clone()));
    assert!(db.put_device(&Device { last_mid: greatest + 1, ..known.clone() }).is_err(), "refused, not wrapped");
    assert_eq!(db.device("ah", "laptop").unwrap(), Some(known));
    assert_eq!(db.rows_after("ah", greatest, usize::MAX).unwrap_or_default(), []);
    let mut batch = db.begin("ah").unwrap();
    assert!(batch.keep("laptop", u64::MAX, &kept(1)).is_err());
    assert!(batch.commit().is_err());
}

#[test]
fn a_file_is_its_owners_alone_and_says_nothing_without_its_key() {
    let place = Place::sqlite();
    let db = place.with_tenants();
    put(db.as_ref(), "ah", &[row("goal", "ZEBRAWORD", b"")]);
    let folder = place.file().parent().unwrap().to_owned();
    let files: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    assert!(files.len() >= 2, "with its log: {files:?}");
    for file in &files {
        assert_eq!(std::fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600, "{}", file.display());
        let bytes = std::fs::read(file).unwrap();
        assert!(!bytes.windows(9).any(|nine| nine == b"ZEBRAWORD"), "{}", file.display());
    }
    drop(db);
    for key in [None, Some(&[8; 32])] {
        assert!(Sqlite::open(&place.file(), key).is_err());
    }
    assert_eq!(all(place.open().as_ref(), "ah").len(), 1);
    // The control: without a key the same search finds it.
    let plain = tempfile::tempdir().unwrap();
    let plain_file = plain.path().join("server.db");
    let db = Sqlite::open(&plain_file, None).unwrap();
    db.add_tenant(&tenant("ZEBRAWORD")).unwrap();
    drop(db);
    assert!(std::fs::read(&plain_file).unwrap().windows(9).any(|nine| nine == b"ZEBRAWORD"));
}

#[test]
fn on_postgres_tenants_write_side_by_side() {
    let place = Place::postgres();
    let db = place.with_tenants();
    let (mut of_ah, mut of_be) = (db.begin("ah").unwrap(), db.begin("be").unwrap());
    of_ah.put(&row("goal", "g1", b"of ah")).unwrap();
    of_be.put(&row("goal", "g1", b"of be")).unwrap();
    of_be.commit().unwrap();
    of_ah.commit().unwrap();
    assert_eq!(all(db.as_ref(), "ah")[0].body, b"of ah");
}

/// Each batch asks for a chunk while it is open, as a pushed import does: more of them than there are connections.
#[test]
fn on_postgres_many_batches_that_read_beside_themselves_do_not_block_each_other() {
    let place = Place::postgres();
    let db = place.open();
    let tenants: Vec<String> = (0..24).map(|n| format!("t{n}")).collect();
    for id in &tenants {
        db.add_tenant(&tenant(id)).unwrap();
        db.put_chunk(id, "00ff", b"chunk").unwrap();
    }
    thread::scope(|scope| {
        for id in &tenants {
            let db = &db;
            scope.spawn(move || {
                for n in 0..5 {
                    let mut batch = db.begin(id).unwrap();
                    thread::sleep(Duration::from_millis(5));
                    assert!(db.chunk(id, "00ff").unwrap().is_some());
                    batch.put(&row("goal", &n.to_string(), b"")).unwrap();
                    batch.commit().unwrap();
                }
            });
        }
    });
    assert!(tenants.iter().all(|id| db.clock(id).unwrap() == 5));
}

#[test]
fn on_postgres_a_lock_waited_for_too_long_is_to_be_tried_again() {
    let place = Place::postgres();
    let db = place.with_tenants();
    let Place::Postgres { url, .. } = &place else { unreachable!() };
    let hasty = Postgres::open(&format!("{url}?options=-c%20lock_timeout%3D100ms")).unwrap();
    let first = db.begin("ah").unwrap();
    assert!(matches!(hasty.begin("ah"), Err(DbError::Retry)));
    first.commit().unwrap();
    put(&hasty, "ah", &[row("goal", "g1", b"")]);
}

#[test]
fn on_postgres_a_restart_of_the_database_ends_batches_and_nothing_else() {
    let mut running = PostgresServer::start();
    let db = Postgres::open(&running.database()).unwrap();
    db.add_tenant(&tenant("ah")).unwrap();
    put(&db, "ah", &[row("goal", "g1", b"one")]);
    let mut batch = db.begin("ah").unwrap();
    batch.put(&row("goal", "g2", b"two")).unwrap();
    running.restart();
    assert!(batch.put(&row("goal", "g3", b"three")).is_err());
    assert!(batch.commit().is_err());
    assert_eq!(all(&db, "ah").len(), 1);
    put(&db, "ah", &[row("goal", "g2", b"two")]);
    assert_eq!(db.clock("ah").unwrap(), 2);
    drop(running);
    assert!(db.ping().is_err() && db.begin("ah").is_err());
}

#[test]
fn on_postgres_the_last_owner_may_be_an_async_thread() {
    let place = Place::postgres();
    let db = place.with_tenants();
    put(db.as_ref(), "ah", &[row("goal", "g1", b"")]);
    let runtime = tokio::runtime::Builder::new_multi_thread().build().unwrap();
    runtime.block_on(async move { drop(db) });
}

#[test]
fn on_postgres_an_address_that_is_none_or_where_nobody_is_says_so() {
    assert!(Postgres::open("postgres://%%%").is_err());
    assert!(Postgres::open("postgres://attain:SECRET@127.0.0.1:1/none").is_err_and(|error| {
        let said = error.to_string();
        !said.is_empty() && !said.contains("SECRET")
    }));
}

#[test]
fn on_postgres_an_encrypted_connection_checks_who_answers() {
    let authority = |name: &str| {
        let mut wanted = rcgen::CertificateParams::new(Vec::new()).unwrap();
        wanted.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
        wanted.distinguished_name.push(rcgen::DnType::CommonName, name);
        let key = rcgen::KeyPair::generate().unwrap();
        (wanted.self_signed(&key).unwrap().pem(), rcgen::Issuer::new(wanted, key))
    };
    let (ours, issuer) = authority("ours");
    let (theirs, _) = authority("theirs");
    let key = rcgen::KeyPair::generate().unwrap();
    let wanted = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap();
    let certificate = wanted.signed_by(&key, &issuer).unwrap();
    let running = PostgresServer::start_with(Some((&certificate.pem(), &key.serialize_pem())));
    let folder = tempfile::tempdir().unwrap();
    let kept = |name: &str, pem: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, pem).unwrap();
        path.display().to_string()
    };
    let (ours, theirs) = (kept("ours.pem", &ours), kept("theirs.pem", &theirs));

    let url = running.database();
    let named = url.replace("127.0.0.1", "localhost");
    let db = Postgres::open(&format!("{named}?sslrootcert={ours}")).unwrap();
    db.add_tenant(&tenant("ah")).unwrap();
    put(&db, "ah", &[row("goal", "g1", b"one")]);
    assert!(running.all_encrypted(), "nothing went in clear");

    for (why, address) in [
        ("signed by another authority", format!("{named}?sslrootcert={theirs}")),
        ("signed by none that this computer knows", format!("{named}?sslmode=require")),
        ("another name than the certificate's", format!("{url}?sslmode=verify-full&sslrootcert={ours}")),
    ] {
        assert!(Postgres::open(&address).is_err(), "{why}");
    }
}
