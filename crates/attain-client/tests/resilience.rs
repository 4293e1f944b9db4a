//! Bad files and bad moments: nothing that was there is lost, nothing half-done remains.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

#[path = "support/attainctl.rs"]
mod attainctl;

use std::fs;
use std::io::Write;
use std::process::Stdio;
use std::time::{Duration, Instant};

use attainctl::{Home, at};
use serde_json::Value;

const ORDERS: &str = "order_id,customer_id,customer_type,person_id,date,amount,cost,currency,event,product\n";

/// A company with one team and ten reps, r0 to r9.
fn team() -> Home {
    let home = Home::company();
    home.write("units.csv", "unit_id,name,parent_id,kind\nco,Acme,,company\nt,One,co,team\n");
    let mut people = String::from("person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n");
    for i in 0..10 {
        people.push_str(&format!("r{i},Rep {i},t,new_business,rep,10000.00,2025-01-01,\n"));
    }
    home.write("people.csv", people);
    home.ok(&["unit", "import", &home.path("units.csv")]);
    home.ok(&["person", "import", &home.path("people.csv")]);
    home
}

fn write_orders(home: &Home, name: &str, rows: u64) -> String {
    let path = home.path(name);
    let mut out = std::io::BufWriter::new(fs::File::create(&path).unwrap());
    out.write_all(ORDERS.as_bytes()).unwrap();
    for i in 0..rows {
        let (day, month) = (1 + i % 28, 1 + i / 28 % 12);
        writeln!(
            out,
            "SO{i:09},C{:06},returning,r{},2026-{month:02}-{day:02},{}.{:02},,CNY,booked,beans",
            i * 7919 % 200_000,
            i % 10,
            10 + i % 5000,
            i % 100
        )
        .unwrap();
    }
    out.flush().unwrap();
    path
}

#[test]
fn every_bad_file_gets_its_own_words_in_both_languages() {
    let home = team();
    let before = home.ok(&["workspace", "rebuild"])["after"].clone();
    let gbk = |text: &str| -> Vec<u8> {
        // 张三 in GBK, the rest is ASCII.
        text.replace('张', "\u{1}")
            .replace('三', "\u{2}")
            .bytes()
            .flat_map(|b| match b {
                1 => vec![0xD5, 0xC5],
                2 => vec![0xC8, 0xFD],
                b => vec![b],
            })
            .collect()
    };
    // Files that cannot be imported at all.
    for (name, bytes) in [
        ("empty.csv", Vec::new()),
        ("binary.csv", (0..5000u32).map(|i| (i * 7919 % 251) as u8).collect::<Vec<u8>>()),
        ("columns.csv", b"order_id,amount\n1,2\n".to_vec()),
        ("nothing-there.csv", b"-".to_vec()),
    ] {
        let path = home.write(name, &bytes);
        if name == "nothing-there.csv" {
            fs::remove_file(&path).unwrap();
        }
        let mut words = Vec::new();
        for language in ["zh-CN", "en"] {
            let run = home.run(&["--lang", language, "order", "import", &path]);
            assert!(matches!(run.code, 1 | 2), "{name}: {} {}", run.code, run.stderr);
            let message = at(&run.error(), "/error/message").as_str().unwrap().to_string();
            assert!(!message.starts_with("problem."), "{name}: {message}");
            words.push(message);
        }
        assert_ne!(words[0], words[1], "{name}");
    }
    // Files with bad rows: the good ones are kept, each bad one is named by row and column.
    let cases: &[(&str, &str, &[u8], &[(u64, &str)])] = &[
        (
            "order",
            "duplicate",
            b"o1,c,new,r0,2026-09-01,5,,CNY,booked,p\no1,c,new,r0,2026-09-01,5,,CNY,booked,p\n",
            &[(3, "duplicate")],
        ),
        (
            "order",
            "negative",
            b"o2,c,new,r0,2026-09-01,-5,,CNY,booked,p\no3,c,new,r0,2026-09-01,5,,CNY,booked,p\n",
            &[(2, "negative_amount")],
        ),
        ("order", "person", b"o4,c,new,nobody,2026-09-01,5,,CNY,booked,p\n", &[(2, "unknown_person")]),
        ("order", "date", b"o5,c,new,r0,2026-02-30,5,,CNY,booked,p\n", &[(2, "bad_date")]),
        ("order", "amount", b"o6,c,new,r0,2026-09-01,five,,CNY,booked,p\n", &[(2, "bad_amount")]),
        ("order", "currency", b"o7,c,new,r0,2026-09-01,5,,USD,booked,p\n", &[(2, "unknown_currency")]),
        ("order", "event", b"o8,c,new,r0,2026-09-01,5,,CNY,dreamt,p\n", &[(2, "unknown_event")]),
    ];
    for (noun, name, rows, expected) in cases {
        let path = home.write(&format!("{name}.csv"), [ORDERS.as_bytes(), rows].concat());
        let rejects = home.path(&format!("{name}-rejects.csv"));
        let answer = home.findings(&["--lang", "zh-CN", noun, "import", &path, "--rejects", &rejects]);
        let found: Vec<(u64, String)> = answer["findings"]
            .as_array()
            .unwrap()
            .iter()
            .map(|f| {
                assert!(!f["message"].as_str().unwrap().starts_with("finding."), "{f}");
                (f["row"].as_u64().unwrap(), f["code"].as_str().unwrap().to_string())
            })
            .collect();
        let expected: Vec<(u64, String)> = expected.iter().map(|(r, c)| (*r, c.to_string())).collect();
        assert_eq!(found, expected, "{name}");
        let total = rows.iter().filter(|b| **b == b'\n').count() as u64;
        assert_eq!(answer["imported"].as_u64().unwrap() + answer["rejected"].as_u64().unwrap(), total, "{name}");
        assert!(fs::read_to_string(&rejects).unwrap().contains("order_id"), "{name}");
    }
    let units = home.write("cycle.csv", "unit_id,name,parent_id,kind\nx,X,y,team\ny,Y,x,team\n");
    let answer = home.findings(&["unit", "import", &units]);
    assert!(answer["findings"].to_string().contains("cycle"), "{answer}");
    let goals = home.write(
        "goals.csv",
        "goal_id,parent_id,owner_id,metric,period,target,locked\ng,,r0,sales_amount,2026,100,false\n".to_string()
            + &(1..=12).map(|m| format!("g,,r0,sales_amount,2026-{m:02},10,false\n")).collect::<String>(),
    );
    let answer = home.findings(&["goal", "import", &goals]);
    assert!(answer["findings"].to_string().contains("months_not_total"), "{answer}");
    // GBK is read as what it is.
    let people = home.write("gbk.csv", gbk("person_id,name,unit_id,position,role,base_salary,joined_on,left_on\nzs,张三,t,new_business,rep,9000,2026-01-01,\n"));
    home.ok(&["person", "import", &people]);
    assert!(home.ok(&["person", "list"]).to_string().contains("张三"));

    // Nothing that was there is lost, and what is derived still equals a rebuild.
    assert_eq!(home.ok(&["workspace", "rebuild"])["same"], true);
    assert_ne!(before, Value::Null);
    home.ok(&["workspace", "check"]);
}

#[test]
fn a_dry_run_keeps_nothing() {
    let home = team();
    let file = write_orders(&home, "orders.csv", 500);
    let before = home.ok(&["workspace", "rebuild"])["after"].clone();
    let dry = home.ok(&["order", "import", &file, "--dry-run"]);
    assert_eq!((at(&dry, "/imported"), at(&dry, "/dry_run")), (500.into(), true.into()));
    assert_eq!(home.ok(&["workspace", "rebuild"])["after"], before);
    assert_eq!(home.ok(&["order", "list"])["items"].as_array().unwrap().len(), 0);
}

#[test]
fn kill_9_in_the_middle_of_an_import_leaves_the_old_state() {
    let home = team();
    home.ok(&["order", "import", &write_orders(&home, "first.csv", 2_000)]);
    let before = home.ok(&["workspace", "rebuild"])["after"].clone();
    let file = write_orders(&home, "large.csv", 60_000);
    let mut killed_inside = 0;
    for round in 0..6 {
        let mut child =
            home.command(&["order", "import", &file]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        let wait = Duration::from_millis(350 + round * 120);
        let start = Instant::now();
        while start.elapsed() < wait && child.try_wait().unwrap().is_none() {
            std::thread::sleep(Duration::from_millis(5));
        }
        if child.try_wait().unwrap().is_none() {
            child.kill().unwrap();
            killed_inside += 1;
        }
        child.wait().unwrap();
        home.ok(&["workspace", "check"]);
        let now = home.ok(&["workspace", "rebuild"]);
        assert_eq!(now["same"], true);
        let orders = home.ok(&["order", "list", "--limit", "1"]);
        assert_eq!(orders["items"].as_array().unwrap().len(), 1);
        if now["after"] != before {
            break; // It finished before the blow: nothing more to interrupt.
        }
    }
    assert!(killed_inside > 0, "no import was interrupted");
    let rest = home.ok(&["order", "import", &file]);
    assert_eq!(at(&rest, "/rejected"), 0);
    assert_eq!(rest["imported"].as_u64().unwrap() + rest["unchanged"].as_u64().unwrap(), 60_000);
    assert_eq!(home.ok(&["audit", "verify"])["ok"], true);
}

#[cfg(target_os = "linux")]
#[test]
fn a_300_mb_file_stays_under_200_mb_of_memory() {
    let home = team();
    let file = write_orders(&home, "huge.csv", 4_700_000);
    let length = fs::metadata(&file).unwrap().len();
    assert!(length > 300_000_000, "{length}");
    let mut child = home.command(&["order", "import", &file, "--dry-run"]).stdout(Stdio::piped()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak_kb = 0u64;
    while child.try_wait().unwrap().is_none() {
        let text = fs::read_to_string(&status).unwrap_or_default();
        let line =
            text.lines().find_map(|l| l.strip_prefix("VmHWM:")).and_then(|l| l.split_whitespace().next()?.parse().ok());
        peak_kb = peak_kb.max(line.unwrap_or(0));
        std::thread::sleep(Duration::from_millis(50));
    }
    let run: attainctl::Run = child.wait_with_output().unwrap().into();
    let answer = run.json();
    assert_eq!(answer["rows"], 4_700_000);
    assert!(peak_kb > 0 && peak_kb < 200 * 1024, "{} MB", peak_kb / 1024);
    println!("peak {} MB for a file of {} MB", peak_kb / 1024, length / 1_000_000);
}

/// In a private session with a keychain of its own: keys live there, and without them the words say so.
#[cfg(target_os = "linux")]
#[test]
fn keys_live_in_the_keychain_and_are_missed_by_name() {
    let home = Home::empty();
    let script = r#"
        set -e
        printf 'pw' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1
        $CTL workspace create --company Acme >/dev/null
        test ! -e "$STORE/keys"
        $CTL workspace status
    "#;
    let session = |script: &str, data: &str| -> attainctl::Run {
        let dir = home.tmp();
        std::process::Command::new("dbus-run-session")
            .args(["--", "sh", "-c", script])
            .env("CTL", format!("{} --home {} --json", env!("CARGO_BIN_EXE_attainctl"), home.root().display()))
            .env("STORE", home.root())
            .env("HOME", dir.join(data))
            .env("XDG_DATA_HOME", dir.join(data))
            .env("XDG_RUNTIME_DIR", dir.join("run"))
            .env("LC_ALL", "C.UTF-8")
            .output()
            .unwrap_or_else(|e| panic!("dbus-run-session (cargo xtask test installs it): {e}"))
            .into()
    };
    fs::create_dir_all(home.tmp().join("run")).unwrap();
    let made = session(script, "first");
    assert_eq!(made.code, 0, "{} {}", made.stdout, made.stderr);
    assert_eq!(made.json()["unlock"], "keychain");
    // Another account's keychain does not hold the keys; no new ones are made.
    let other = session(
        "printf 'pw' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; $CTL workspace status",
        "second",
    );
    assert_eq!((other.code, at(&other.error(), "/error/code")), (3, "key_missing".into()), "{}", other.stderr);
    let again = session(
        "printf 'pw' | gnome-keyring-daemon --unlock --components=secrets >/dev/null 2>&1; $CTL workspace status",
        "first",
    );
    assert_eq!(again.code, 0, "{}", again.stderr);
}
