//! What must not be readable, and what must be said when a store cannot be opened.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::type_complexity)]

#[path = "support/attainctl.rs"]
mod attainctl;

use std::fs;

use attainctl::{Home, at, files};

/// Where a text stands in some bytes, as UTF-8 or UTF-16 of either order.
fn occurs(bytes: &[u8], text: &str) -> bool {
    let utf16: Vec<u16> = text.encode_utf16().collect();
    let little: Vec<u8> = utf16.iter().flat_map(|u| u.to_le_bytes()).collect();
    let big: Vec<u8> = utf16.iter().flat_map(|u| u.to_be_bytes()).collect();
    [text.as_bytes(), &little, &big].iter().any(|needle| bytes.windows(needle.len()).any(|w| w == *needle))
}

#[test]
fn nothing_of_anyone_is_left_readable_on_disk() {
    let home = Home::sample();
    home.ok(&["--as", "li-na", "note", "add", "--about", "zhang-san", "--text", "周三走访三家酒店 ZEBRAWORD"]);
    home.ok(&["payout", "explain", "zhang-san", "--period", "2026-08"]);
    home.ok(&["goal", "adjust", "g26-company", "--target", "1.2亿", "--reading", "remaining-share"]);
    home.ok(&["note", "search", "ZEBRAWORD"]);
    // The control: a plain file with the same texts must be found by the same search.
    let secrets = [
        "张三",
        "Zhang San",
        "zhang-san",
        "18000.00",
        "ZEBRAWORD",
        "三家酒店",
        "青禾商用咖啡",
        "Q000001",
        "beans-house",
        "g26-company",
    ];
    let control = home.write("control.txt", secrets.join("\n"));
    for secret in secrets {
        assert!(occurs(&fs::read(&control).unwrap(), secret), "the search itself does not find {secret}");
    }
    let mut looked_at = 0;
    for file in files(&home.root()).into_iter().chain(files(&home.tmp())) {
        let bytes = fs::read(&file).unwrap();
        looked_at += bytes.len();
        for secret in secrets {
            assert!(!occurs(&bytes, secret), "{secret} is readable in {}", file.display());
        }
    }
    assert!(looked_at > 1_000_000, "only {looked_at} bytes looked at");
}

#[test]
fn pay_cannot_be_read_with_the_core_key_alone() {
    let home = Home::sample();
    // Take the pay key out of the key file: the core key still opens the store.
    let keys = home.root().join("keys");
    let mut json: serde_json::Value = serde_json::from_slice(&fs::read(&keys).unwrap()).unwrap();
    json["keys"].as_array_mut().unwrap().retain(|k| k["class"] != "pay");
    fs::write(&keys, json.to_string()).unwrap();
    assert_eq!(home.ok(&["workspace", "status"])["pay_readable"], false);
    assert_eq!(home.ok(&["attainment", "show", "zhang-san", "--period", "2026-08"])["attainment"]["percent"], "110.0");
    let refused = home.run(&["payout", "explain", "zhang-san", "--period", "2026-08"]);
    assert_eq!((refused.code, at(&refused.error(), "/error/code")), (1, "pay_key_missing".into()));
    // What is about more than pay shows the rest: a rep's own line, and what a goal would do.
    let mut workspace = attain_client::Workspace::open(&home.root(), &passphrase()).unwrap();
    workspace.act_as("zhang-san").unwrap();
    let (view, viewer, month) = (workspace.view(), workspace.viewer().unwrap(), "2026-09".parse().unwrap());
    assert_eq!(attain_client::pay::hint(view, &viewer, month), Ok(None));
    let goal = view.goal_by_id("g26-zhang-san").unwrap().unwrap();
    assert_eq!(attain_client::pay::effects_of_goals(view, &viewer, [&goal]), Ok(vec![None]));
    drop(workspace);
    // Inside the opened store the figures of pay stand in no table.
    let dump = attain_client::store::Store::open(&home.store_file(), core_key(&home)).unwrap();
    let text = dump.dump_text().unwrap();
    assert!(text.contains("zhang-san"), "the control: names are there once the core key is given");
    for figure in ["18000.00", "12937.50"] {
        assert!(!text.contains(figure), "{figure} is readable with the core key alone");
    }
}

fn passphrase() -> attain_client::keys::Unlock {
    attain_client::keys::Unlock::Passphrase(attainctl::PASSPHRASE.to_string().into())
}

/// The core key of a home whose pay key is gone, through the ordinary way in.
fn core_key(home: &Home) -> attain_client::store::Keys {
    let id = home.store_file().file_stem().unwrap().to_str().unwrap().strip_prefix("store-").unwrap().to_string();
    attain_client::keys::find(&home.root(), &id, &passphrase()).unwrap()
}

#[test]
fn each_reason_not_to_open_has_its_own_words() {
    let fresh = Home::sample();
    let store = fs::read(fresh.store_file()).unwrap();
    let status = |home: &Home| {
        let run = home.run(&["attainment", "list", "--period", "2026-09"]);
        (
            run.code,
            run.error()["error"]["code"].as_str().unwrap_or("").to_string(),
            run.error()["error"]["message"].as_str().unwrap_or("").to_string(),
        )
    };

    // Nothing there.
    let empty = Home::empty();
    let (code, reason, _) = status(&empty);
    assert_eq!((code, reason.as_str()), (3, "no_workspace"));

    // Wrong passphrase.
    let mut wrong = fresh.command(&["workspace", "status"]);
    let wrong: attainctl::Run = wrong.env("ATTAIN_TEST_PASSPHRASE", "not the passphrase").output().unwrap().into();
    assert_eq!((wrong.code, at(&wrong.error(), "/error/code")), (3, "wrong_passphrase".into()));

    // A page in the middle is damaged; the file is cut; its beginning is gone.
    let path = fresh.store_file();
    for (what, damage) in [
        (
            "middle",
            Box::new(|b: &mut Vec<u8>| {
                let at = b.len() / 2;
                for x in &mut b[at..at + 40_000] {
                    *x ^= 0x55
                }
            }) as Box<dyn Fn(&mut Vec<u8>)>,
        ),
        (
            "cut",
            Box::new(|b: &mut Vec<u8>| {
                let keep = b.len() / 3 + 17;
                b.truncate(keep)
            }),
        ),
        ("zeroed", Box::new(|b: &mut Vec<u8>| b[..8192].fill(0))),
    ] {
        let mut bytes = store.clone();
        damage(&mut bytes);
        fs::write(&path, &bytes).unwrap();
        let run = fresh.run(&["workspace", "check"]);
        assert_eq!(
            (run.code, at(&run.error(), "/error/code")),
            (4, "damaged".into()),
            "{what}: {} {}",
            run.stdout,
            run.stderr
        );
        assert_eq!(fs::read(&path).unwrap(), bytes, "{what}: a damaged file is not written to");
    }
    fs::write(&path, &store).unwrap();
    fresh.ok(&["workspace", "check"]);

    // The key file is gone: with the keychain asked for, its entry is missing or there is no keychain; never a new key.
    let keys = fs::read(fresh.root().join("keys")).unwrap();
    fs::remove_file(fresh.root().join("keys")).unwrap();
    let (code, reason, message) = status(&fresh);
    assert_eq!((code, reason.as_str()), (3, "key_file_missing"));
    assert!(!message.is_empty() && !message.starts_with("problem."), "{message}");
    assert!(!fresh.root().join("keys").exists());
    assert_eq!(
        fresh.run(&["workspace", "create", "--company", "Other"]).code,
        1,
        "a store exists: nothing is made over it"
    );

    // A file of keys that is not one.
    fs::write(fresh.root().join("keys"), b"{ not json").unwrap();
    let (code, reason, _) = status(&fresh);
    assert_eq!((code, reason.as_str()), (4, "keys_damaged"));
    fs::write(fresh.root().join("keys"), keys).unwrap();

    // A store of a newer version.
    {
        let store = attain_client::store::Store::open(&path, core_key(&fresh)).unwrap();
        store.pretend_schema(99).unwrap();
    }
    let (code, reason, message) = status(&fresh);
    assert_eq!((code, reason.as_str()), (3, "newer_schema"));
    assert!(message.contains("99"), "{message}");
}

#[test]
fn a_store_is_made_with_a_keychain_or_a_passphrase_never_silently_without() {
    let home = Home::empty();
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_attainctl"));
    let run: attainctl::Run = command
        .arg("--home")
        .arg(home.root())
        .args(["--json", "workspace", "create", "--company", "Acme"])
        .env_remove("DBUS_SESSION_BUS_ADDRESS")
        .env("XDG_RUNTIME_DIR", home.tmp())
        .output()
        .unwrap()
        .into();
    assert_eq!((run.code, at(&run.error(), "/error/code")), (3, "no_keychain".into()), "{}", run.stderr);
    assert!(files(&home.root()).is_empty(), "nothing is left behind");

    let short = Home::empty();
    let mut command = short.command(&["workspace", "create", "--company", "Acme"]);
    let run: attainctl::Run = command.env("ATTAIN_TEST_PASSPHRASE", "short").output().unwrap().into();
    assert_eq!((run.code, at(&run.error(), "/error/code")), (1, "passphrase_short".into()));
    assert!(files(&short.root()).is_empty());
}

#[test]
fn unlocking_locking_and_looking_as_another_are_on_record() {
    let home = Home::sample();
    let open = || attain_client::Workspace::open(&home.root(), &passphrase()).unwrap();
    let mut workspace = open();
    workspace.record_unlock().unwrap();
    workspace.see_as("li-na").unwrap();
    workspace.lock().unwrap();
    let workspace = open();
    let trail = workspace.view().audit_entries(None, None, None, 3).unwrap();
    let told: Vec<_> =
        trail.iter().rev().map(|e| (e.person_id.as_str(), e.action.as_str(), e.subjects.join(" "))).collect();
    assert_eq!(
        told,
        [
            ("wang-fang", "unlock_workspace", String::new()),
            ("wang-fang", "see_as", "li-na".into()),
            ("li-na", "lock_workspace", String::new()),
        ]
    );
    assert!(workspace.view().verify_audit().unwrap().ok);
}
