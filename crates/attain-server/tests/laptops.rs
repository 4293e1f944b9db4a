//! Stories of two laptops and a server, each a process of its own.
//!
//! Owns: what people see across laptops. Absent on purpose: the database (`database.rs`), messages (attain-sync).
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/process.rs"]
mod process;

use process::{Laptop, Server, find};
use serde_json::Value;

#[test]
fn what_is_changed_on_one_laptop_without_a_network_is_on_the_other_after_both_have_synced() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, manager) = (Laptop::of("wang-fang", &server), Laptop::of("li-na", &server));
    assert_eq!(manager.month("g26-zhang-san", "2026-09"), "330000.00");

    // Both offline: one raises a goal, the other writes a note; each sees only its own.
    hr.done(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share"]);
    assert_eq!(hr.month("g26-zhang-san", "2026-09"), "396000.00");
    assert_eq!(manager.month("g26-zhang-san", "2026-09"), "330000.00");
    manager.done(&["note", "add", "--about", "zhang-san", "--text", "谈了新客户的跟进", "--visibility", "managers"]);
    assert_eq!(hr.done(&["sync", "status"])["pending"], 1);

    hr.sync();
    manager.sync();
    hr.sync();
    assert_eq!(manager.month("g26-zhang-san", "2026-09"), "396000.00");
    assert_eq!(hr.done(&["note", "search", "新客户的跟进"])["items"].as_array().unwrap().len(), 1);
    assert_eq!(hr.done(&["sync", "status"])["pending"], 0);
}

#[test]
fn the_later_of_two_goal_edits_is_refused_with_what_it_was_and_settled_by_its_author() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, manager) = (Laptop::of("wang-fang", &server), Laptop::of("li-na", &server));
    let ask = |laptop: &Laptop, target: &str, more: &[&str]| {
        let wish = ["goal", "adjust", "g26-zhang-san", "--target", target, "--reading", "remaining-share"];
        laptop.done(&[&wish, more].concat())
    };
    let adjust = |laptop: &Laptop, target: &str| {
        let seen = ask(laptop, target, &["--preview"])["digest"].as_str().unwrap().to_owned();
        ask(laptop, target, &["--seen", &seen])
    };
    adjust(&hr, "4200000");
    adjust(&manager, "4000000");
    hr.sync();
    let hers = hr.month("g26-zhang-san", "2026-10");
    // The manager's comes later and was previewed on other figures.
    manager.sync();
    assert_eq!(manager.month("g26-zhang-san", "2026-10"), hers);
    let status = manager.done(&["sync", "status"]);
    assert_eq!(status["attention"][0]["code"], "preview_changed", "{status}");
    assert_eq!(status["attention"][0]["args"]["target"], 400_000_000, "{status}");
    let mid = status["attention"][0]["mid"].to_string();
    manager.done(&["sync", "resolve", &mid, "--mine"]);
    manager.sync();
    hr.sync();
    assert_ne!(manager.month("g26-zhang-san", "2026-10"), hers);
    assert_eq!(manager.month("g26-zhang-san", "2026-10"), hr.month("g26-zhang-san", "2026-10"));
    assert_eq!(manager.done(&["sync", "status"])["attention"], serde_json::json!([]));
}

#[test]
fn a_reps_laptop_holds_no_one_elses_order_pay_or_note() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, rep) = (Laptop::of("wang-fang", &server), Laptop::of("wu-qian", &server));
    let all = hr.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
    let own = rep.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
    let (all, own) = (all["items"].as_array().unwrap(), own["items"].as_array().unwrap());
    assert!(!own.is_empty() && own.len() < all.len());
    let hers: Vec<&Value> = all.iter().filter(|order| order["person_id"] == "wu-qian").collect();
    assert_eq!(own.len(), hers.len());
    // Pay she may see is hers; her own payout is the same to the cent.
    let mine = rep.done(&["payout", "explain", "wu-qian", "--period", "2026-08"]);
    assert_eq!(mine["amount"]["amount"], "10000.00", "{mine}");
    assert!(!rep.run(&["payout", "explain", "zhang-san", "--period", "2026-08"]).status.success());
    assert!(!rep.run(&["--as", "wang-fang", "payout", "list", "--period", "2026-08"]).status.success());
    // Her figures are what HR sees of her, new customers and retention too, although the orders of others are not here.
    for period in ["2026-06", "2026-09", "2026-Q2", "2026-Q3", "2026"] {
        let show = |laptop: &Laptop| {
            let shown = laptop.done(&["attainment", "show", "wu-qian", "--period", period]);
            assert!(shown["metrics"].as_array().is_some_and(|metrics| metrics.len() > 3), "{shown}");
            (shown["actual"].clone(), shown["metrics"].clone(), shown["line_of_sight"].clone())
        };
        assert_eq!(show(&rep), show(&hr), "{period}");
    }
}

#[test]
fn a_killed_server_has_lost_nothing_and_doubled_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let hr = Laptop::of("wang-fang", &server);
    hr.done(&["goal", "adjust", "g26-jia", "--target", "4500000", "--reading", "remaining-share"]);
    hr.sync();
    let before = hr.done(&["sync", "status"])["digest"].clone();
    let october = hr.month("g26-zhang-san", "2026-10");
    let server = server.killed_and_started();
    let other = Laptop::of("wang-fang", &server);
    assert_eq!(other.done(&["sync", "status"])["digest"], before);
    assert_eq!(other.month("g26-zhang-san", "2026-10"), october);
    hr.sync();
}

const PEOPLE: &str = "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n";
const ORDERS: &str = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n";

#[test]
fn signing_in_again_carries_on_with_what_waits() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, manager) = (Laptop::of("wang-fang", &server), Laptop::of("li-na", &server));
    manager.done(&["goal", "lock", "g26-zhang-san"]);
    manager.sync();
    manager.done(&["goal", "unlock", "g26-zhang-san"]);
    manager.done(&["sync", "sign-in", &server.url, "--user", "li-na", "--password", "env:SAMPLE"]);
    manager.done(&["note", "add", "--about", "zhang-san", "--text", "再谈一次", "--visibility", "managers"]);
    manager.sync();
    hr.sync();
    assert_eq!(
        find(&hr.done(&["goal", "tree", "--period", "2026"])["goals"], "g26-zhang-san").unwrap()["locked"],
        false
    );
    assert_eq!(hr.done(&["note", "search", "再谈一次"])["items"].as_array().unwrap().len(), 1);
}

#[test]
fn an_access_token_that_ran_out_is_renewed_on_the_way_and_the_new_ones_are_kept() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let manager = Laptop::of("li-na", &server);
    let access = |token: Option<&str>| {
        let unlock = attain_client::keys::Unlock::Passphrase("a laptop's passphrase".to_owned().into());
        let mut workspace = attain_client::Workspace::open(manager.home.path(), &unlock).unwrap();
        if let Some(token) = token {
            workspace.store.write(|tx| tx.set_setting("access_token", token)).unwrap();
        }
        workspace.view().setting("access_token").unwrap().unwrap()
    };
    for _ in 0..2 {
        access(Some("ran out"));
        manager.sync();
        assert_ne!(access(None), "ran out");
    }
}

#[test]
fn an_import_made_offline_outlives_a_change_of_scope_and_one_that_is_refused_leaves_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let (hr, admin) = (Laptop::of("wang-fang", &server), Laptop::of("zhou-tao", &server));
    let import = |laptop: &Laptop, noun: &str, rows: &str| laptop.done(&[noun, "import", &laptop.file(rows)]);
    let has_order = |laptop: &Laptop, id: &str| {
        let list = laptop.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
        list["items"].as_array().unwrap().iter().any(|order| order["order_id"] == id)
    };
    let has_person = |laptop: &Laptop, id: &str| {
        laptop.done(&["person", "list"])["items"].as_array().unwrap().iter().any(|person| person["id"] == id)
    };
    // Offline, the admin imports orders and people; meanwhile the units above the admin change.
    import(&admin, "order", &format!("{ORDERS}N-1,C-N,new,zhang-san,2026-09-18,500.00,,CNY,booked,beans\n"));
    import(&admin, "person", &format!("{PEOPLE}hu-ke,胡可,jia,new_business,rep,9000.00,2026-09-01,\n"));
    import(&hr, "person", &format!("{PEOPLE}zhou-tao,周涛,A,admin,admin,16000.00,2026-09-01,\n"));
    hr.sync();
    admin.sync();
    hr.sync();
    for laptop in [&hr, &admin] {
        assert!(has_order(laptop, "N-1") && has_person(laptop, "hu-ke"));
    }
    // Now the admin is one no more, and only the server knows.
    import(&admin, "order", &format!("{ORDERS}N-2,C-N,new,zhang-san,2026-09-18,500.00,,CNY,booked,beans\n"));
    import(&admin, "person", &format!("{PEOPLE}hu-yi,胡一,jia,new_business,rep,9000.00,2026-09-01,\n"));
    import(
        &hr,
        "person",
        &format!(
            "{PEOPLE}zhou-tao,周涛,company,admin,admin,16000.00,2020-06-01,2026-09-10\nzhou-tao,周涛,A,admin,admin,16000.00,2026-09-01,2026-09-10\nzhou-tao,周涛,A,account_manager,rep,16000.00,2026-09-11,\n"
        ),
    );
    hr.sync();
    let refused = admin.run(&["sync", "run"]);
    assert!(!refused.status.success());
    admin.run(&["sync", "run"]);
    let status = admin.done(&["sync", "status"]);
    let codes: Vec<&Value> = status["attention"].as_array().unwrap().iter().map(|one| &one["code"]).collect();
    assert_eq!(codes, ["not_allowed", "not_allowed"], "{status}");
    assert_eq!(status["pending"], 0);
    assert!(!has_person(&hr, "hu-yi") && !has_order(&hr, "N-2"));
    let found = admin.done(&["search", "胡一"]);
    assert!(!found.to_string().contains("hu-yi"), "{found}");
}

#[test]
fn a_wrong_password_a_stranger_and_a_plain_address_read_the_same_or_say_what_is_wrong() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let laptop = Laptop { home: tempfile::tempdir().unwrap() };
    for (user, url, code) in [
        ("nobody", server.url.as_str(), "sign_in_refused"),
        ("li-na", "http://192.0.2.1:1", "server_address"),
        ("li-na", "http://127.0.0.1:1", "server_unreachable"),
    ] {
        let output = laptop.run(&["sync", "sign-in", url, "--user", user, "--password", "env:SAMPLE"]);
        assert!(!output.status.success());
        let said: Value = serde_json::from_slice(&output.stderr).unwrap();
        assert_eq!(said["error"]["code"], code, "{said}");
    }
    assert!(!laptop.run(&["workspace", "status"]).stdout.is_empty());
}
