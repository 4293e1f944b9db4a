//! Disks that are full, of a laptop and of the server: what is left is the old state or the new one with its cursor, and
//! with room again everything goes on to the same end (SYNC, invariant 10).
//!
//! A file that may not grow beyond a limit stands for the disk: the system refuses the write that would.
//! Absent on purpose: programs that are ended (`killed.rs`), logs that are cut (`log_cut.rs`).
#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/process.rs"]
mod process;

use std::process::{Command, Output};

use attain_client::keys::Unlock;
use attain_client::workspace::Workspace;
use process::{Laptop, PASSPHRASE, Server};
use serde_json::Value;

/// Room for a file, in kilobytes, one after the other: from hardly more than the index of the log to more than is needed.
const ROOM: [u32; 6] = [0, 40, 64, 600, 2_400, 400_000];

/// A command that may not make a file grow beyond so many kilobytes.
fn with_room(command: &Command, kilobytes: u32) -> Command {
    // The shell counts in blocks of half a kilobyte; the write fails instead of ending the program.
    let mut limited = Command::new("sh");
    limited.args(["-c", r#"trap "" XFSZ; ulimit -f "$0"; exec "$@""#]).arg((kilobytes * 2).to_string());
    limited.arg(command.get_program()).args(command.get_args());
    limited.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited
}

fn code(output: &Output) -> String {
    let text = String::from_utf8_lossy(&output.stderr);
    let said: Value = serde_json::from_str(text.trim()).unwrap_or_else(|_| panic!("{text}"));
    said["error"]["code"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
}

/// What a laptop says of itself: its digest and what waits. It is a sound store, and its figures are what its rows make.
fn state(laptop: &Laptop) -> (String, u64) {
    let unlock = Unlock::Passphrase(PASSPHRASE.to_owned().into());
    let mut workspace = Workspace::open(laptop.home.path(), &unlock).unwrap();
    workspace.store.check().unwrap();
    let figures = workspace.store.figures_digest().unwrap();
    workspace.store.rebuild_figures().unwrap();
    assert_eq!(workspace.store.figures_digest().unwrap(), figures);
    let view = workspace.view();
    (view.held().unwrap().1, view.waiting_count().unwrap())
}

/// Runs a command with more room each time, until it is done. Answers how often there was too little.
fn until_there_is_room(laptop: &Laptop, args: &[&str]) -> usize {
    for (failed, room) in ROOM.into_iter().enumerate() {
        let output = with_room(&laptop.command(args), room).output().unwrap();
        if output.status.success() {
            return failed;
        }
        assert_eq!(code(&output), "disk_full", "{args:?} with {room} kB");
        state(laptop);
    }
    panic!("{args:?} was never done");
}

fn orders(name: &str, count: u32) -> String {
    let mut rows =
        String::from("order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n");
    for n in 0..count {
        rows += &format!("{name}-{n},C-{name}-{n},new,li-si,2026-09-18,100.00,,CNY,booked,beans\n");
    }
    rows
}

#[test]
fn a_laptop_whose_disk_is_full_keeps_the_old_state_or_the_new_and_goes_on_with_room() {
    let folder = tempfile::tempdir().unwrap();
    let server = Server::start(folder.path());
    let [hr, lead] = ["wang-fang", "li-na"].map(|person| Laptop::of(person, &server));

    let before = state(&hr);
    let import = hr.file(&orders("full", 1_500));
    for room in ROOM {
        let output = with_room(&hr.command(&["order", "import", &import]), room).output().unwrap();
        if output.status.success() {
            break;
        }
        assert_eq!((code(&output).as_str(), state(&hr)), ("disk_full", before.clone()), "with {room} kB");
    }
    assert_eq!(state(&hr).1, 1, "the import waits, once");
    // What waits goes, though there is no room to note that it went.
    let pushes = until_there_is_room(&hr, &["sync", "run"]);
    hr.sync();
    // Others receive it.
    let pulls = until_there_is_room(&lead, &["sync", "run"]);
    lead.sync();
    // Somebody loses what is here, and it goes although there is no room: the purge, then other records.
    let moved = hr.file(
        "person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n\
         li-na,李娜,jia,team_lead,manager,20000.00,2019-02-18,2026-09-10\n\
         li-na,李娜,yi,team_lead,manager,20000.00,2019-02-18,\n\
         li-na,李娜,bing,team_lead,manager,20000.00,2019-02-18,\n",
    );
    hr.done(&["person", "import", &moved]);
    hr.sync();
    let purges = until_there_is_room(&lead, &["sync", "run"]);
    println!("with too little room: {pushes} pushes, {pulls} pulls, {purges} purges");
    assert!(pushes > 0 && pulls > 0 && purges > 0);
    lead.sync();
    // A new laptop of each says the same as the one that went through it.
    for (laptop, person) in [(&hr, "wang-fang"), (&lead, "li-na")] {
        assert_eq!(state(&Laptop::of(person, &server)), state(laptop), "{person}");
    }
}

#[test]
fn a_server_whose_disk_is_full_takes_all_of_a_push_or_nothing_and_says_so() {
    let folder = tempfile::tempdir().unwrap();
    let mut server = Server::start(folder.path());
    let [one, other] = ["wang-fang"; 2].map(|person| Laptop::of(person, &server));
    one.done(&["order", "import", &one.file(&orders("full", 1_500))]);
    let before = other.done(&["sync", "status"])["digest"].clone();
    let mut refused = 0;
    for room in ROOM {
        // Enough to start with.
        server = server.ended_and_started(|program| with_room(&program, room.max(100)));
        let output = one.run(&["sync", "run"]);
        if output.status.success() {
            break;
        }
        assert_eq!(code(&output), "server_full", "with {room} kB");
        refused += 1;
        // With room there is the old state or the new one, whole.
        server = server.ended_and_started(|program| with_room(&program, 400_000));
        let report = other.sync();
        let received = report["received"].as_u64().unwrap();
        assert!(received == 0 || other.done(&["sync", "status"])["digest"] != before, "{report}");
        let list = other.done(&["order", "list", "--period", "2026-09", "--limit", "100000"]);
        let full = list["items"].as_array().unwrap().iter();
        let full = full.filter(|order| order["order_id"].as_str().unwrap().starts_with("full-")).count();
        assert!([0, 1_500].contains(&full), "{full} orders with {room} kB");
    }
    println!("refused {refused} times");
    assert!(refused > 0);
    server = server.ended_and_started(|program| with_room(&program, 400_000));
    for laptop in [&one, &other] {
        laptop.sync();
    }
    assert_eq!(state(&one), state(&other));
    assert_eq!(state(&Laptop::of("wang-fang", &server)), state(&one));
}
