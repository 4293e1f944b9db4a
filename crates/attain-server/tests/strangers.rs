//! What strangers try: forged and foreign tokens, rubbish, bombs, guesses. Refused, and nothing said of what exists.
#![allow(clippy::unwrap_used, clippy::expect_used)]

#[path = "support/running.rs"]
mod running;

use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use attain_server::account::Denied;
use attain_sync::wire::{self, Push, Pushed, SignIn, Tokens};
use running::{PASSWORD, Running, running};

fn push(epoch: u64, mids: &[u64]) -> Vec<u8> {
    let mutation = |mid: &u64| Pushed {
        mid: *mid,
        name: "lock_goal".into(),
        version: 1,
        args: br#"{"name":"lock_goal","goal_id":"'; DROP TABLE record; --","locked":true}"#.to_vec(),
        claimed_at: "2016-01-01T00:00:00.000Z".into(),
    };
    let push = Push { epoch, scope: String::new(), mutations: mids.iter().map(mutation).collect() };
    wire::encode(&push).unwrap()
}

#[test]
fn forged_tokens_rubbish_bombs_and_oversized_bodies_are_refused() {
    let running = running();
    let ann = running.sign_in("ann");
    let access = ann.tokens.access.as_str();
    let bomb = zstd::bulk::compress(&vec![0u8; wire::UNFOLDED_AT_MOST + 2], 1).unwrap();
    for (what, path, bearer, body, expected) in [
        ("no token", "/v1/pull", None, push(1, &[]), (401, "sign_in_refused")),
        ("a forged one", "/v1/pull", Some("00"), push(1, &[]), (401, "sign_in_refused")),
        (
            "a refresh token is no access token",
            "/v1/push",
            Some(ann.tokens.refresh.as_str()),
            push(1, &[]),
            (401, "sign_in_refused"),
        ),
        ("rubbish", "/v1/push", Some(access), b"rubbish".to_vec(), (400, "unreadable")),
        ("a bomb", "/v1/push", Some(access), bomb, (400, "unreadable")),
        ("another epoch", "/v1/push", Some(access), push(9, &[1]), (401, "sign_in_refused")),
        ("nobody of the company", "/v1/push", Some(access), push(1, &[1]), (409, "pull_first")),
    ] {
        let (status, code) = running.code(path, bearer, &body);
        assert_eq!((status, code.as_str()), expected, "{what}");
    }
    let huge = vec![0; wire::MESSAGE_AT_MOST + 1];
    for (what, path, bearer, size, expected) in [
        ("of a laptop", "/v1/push", Some(access), huge.len(), (413, "too_large")),
        ("of a stranger, let pass", "/v1/push", Some("00"), wire::MESSAGE_AT_MOST, (401, "sign_in_refused")),
        ("to sign in", "/v1/sign-in", None, 1 << 17, (413, "too_large")),
        ("to a place that is none", "/v1/snapshot", Some(access), 10, (404, "unreadable")),
    ] {
        let (status, code) = running.code(path, bearer, &huge[..size]);
        assert_eq!((status, code.as_str()), expected, "{what}");
    }
    // A chunk under a hash that is not its own.
    let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
    let url = format!("{}/v1/chunk/{}", running.url, "0".repeat(64));
    let answer = agent.put(&url).header("authorization", format!("Bearer {access}")).send(&b"rows"[..]).unwrap();
    assert_eq!(answer.status().as_u16(), 400);
}

#[test]
fn an_unknown_name_and_a_wrong_password_read_the_same_and_guessing_locks_out_nobody_else() {
    let running = running();
    let asked = |user: &str, password: &str, device: Option<String>| SignIn {
        user: user.into(),
        password: password.into(),
        device,
        device_name: "laptop".into(),
    };
    let ann = running.sign_in("ann");
    let wrong = running.code("/v1/sign-in", None, &wire::encode(&asked("ann", "guess", None)).unwrap());
    let nobody = running.code("/v1/sign-in", None, &wire::encode(&asked("zoe", "guess", None)).unwrap());
    assert_eq!(wrong, nobody);
    let (here, there) = (IpAddr::V4(Ipv4Addr::LOCALHOST), IpAddr::V4(Ipv4Addr::new(192, 0, 2, 7)));
    let accounts = &running.server.accounts;
    let mut slowed = false;
    for _ in 0..8 {
        slowed |= matches!(accounts.sign_in(&asked("ann", "guess", None), there), Err(Denied::SlowDown(_)));
    }
    assert!(slowed, "guessing from one address is slowed down");
    // Ann herself, from elsewhere, and even from there on a laptop she has.
    assert!(accounts.sign_in(&asked("ann", PASSWORD, None), here).is_ok());
    assert!(accounts.sign_in(&asked("ann", PASSWORD, Some(ann.device)), there).is_ok());
}

#[test]
fn a_refresh_token_used_twice_ends_the_session_and_a_revoked_laptop_is_out_at_once() {
    let running = running();
    let ann = running.sign_in("ann");
    let refresh = |secret: &str, attempt: &str| {
        let asked = wire::Refresh { refresh: secret.into(), attempt: attempt.into() };
        running.post("/v1/refresh", None, &wire::encode(&asked).unwrap())
    };
    let (status, _) = refresh(&ann.tokens.refresh, "a try of hers");
    assert_eq!(status, 200);
    // The answer was lost on the way: the same try again is answered.
    let (status, body) = refresh(&ann.tokens.refresh, "a try of hers");
    assert_eq!(status, 200);
    let renewed: Tokens = wire::decode(&body).unwrap();
    assert_eq!(running.code("/v1/push", Some(&renewed.access), &push(1, &[])).0, 409);
    // The thief comes second: both are out.
    assert_eq!(refresh(&ann.tokens.refresh, "").0, 401);
    assert_eq!(running.code("/v1/push", Some(&renewed.access), &push(1, &[])).0, 401);
    assert_eq!(refresh(&renewed.refresh, "a try of hers").0, 401);

    let ben = running.sign_in("ben");
    assert!(!running.server.accounts.revoke("one", &ben.device).unwrap(), "another tenant's laptop is not there");
    assert!(running.server.accounts.revoke("two", &ben.device).unwrap());
    assert_eq!(running.code("/v1/push", Some(&ben.tokens.access), &push(1, &[])).0, 401);
}

#[test]
fn names_that_no_database_keeps_are_nobodys() {
    let running = running();
    for (user, device) in [("ann\0", None), ("", None), (&*"a".repeat(60_000), None), ("ann", Some("\0".to_owned()))] {
        let asked = SignIn { user: user.into(), password: "guess".into(), device, device_name: "\0".into() };
        let refused = running.code("/v1/sign-in", None, &wire::encode(&asked).unwrap());
        assert_eq!(refused, (401, "sign_in_refused".to_owned()), "{user:.9?}");
    }
}

/// A request whose body comes a byte at a time; answers what the server said and how long it bore with it.
fn dripping(running: &Running, bearer: &str) -> (String, Duration) {
    let mut line = TcpStream::connect(running.url.strip_prefix("http://").unwrap()).unwrap();
    write!(
        line,
        "POST /v1/push HTTP/1.1\r\nhost: here\r\nauthorization: Bearer {bearer}\r\ncontent-length: 100000\r\n\r\n"
    )
    .unwrap();
    line.set_read_timeout(Some(Duration::from_millis(20))).unwrap();
    let (begun, mut said) = (Instant::now(), Vec::new());
    loop {
        let dripped = line.write_all(b"x");
        let mut piece = [0; 4_096];
        match line.read(&mut piece) {
            Ok(0) => break,
            Ok(read) => said.extend_from_slice(&piece[..read]),
            Err(error) if matches!(error.kind(), std::io::ErrorKind::WouldBlock | std::io::ErrorKind::TimedOut) => {
                assert!(dripped.is_ok() || !said.is_empty(), "cut off without a word");
            }
            Err(_) => break,
        }
        assert!(begun.elapsed() < Duration::from_secs(120), "never cut off");
    }
    (String::from_utf8_lossy(&said).into_owned(), begun.elapsed())
}

#[test]
fn a_body_that_drips_is_cut_off_and_others_are_served_meanwhile() {
    let running = running::waiting(Duration::from_secs(2));
    let access = running.sign_in("ann").tokens.access;
    thread::scope(|scope| {
        // More of them than are worked on at once, with a token and without.
        let slow: Vec<_> = (0..40)
            .map(|n| {
                let bearer = if n % 2 == 0 { access.as_str() } else { "00" };
                let running = &running;
                scope.spawn(move || dripping(running, bearer))
            })
            .collect();
        for _ in 0..5 {
            assert_eq!(running.code("/v1/push", Some(&access), &push(1, &[])).0, 409);
        }
        for slow in slow {
            let (said, _) = slow.join().unwrap();
            assert!(said.starts_with("HTTP/1.1 408") || said.starts_with("HTTP/1.1 401"), "{said}");
            assert!(said.starts_with("HTTP/1.1 401") || said.contains("too_slow"), "{said}");
        }
    });
}

#[test]
fn made_up_tokens_are_slowed_down_and_a_laptop_from_the_same_address_is_not() {
    let running = running();
    let access = running.sign_in("ann").tokens.access;
    let mut slowed = false;
    for n in 0..1_500 {
        slowed |= running.code("/v1/pull", Some(&format!("{n:064x}")), b"") == (429, "slow_down".to_owned());
    }
    assert!(slowed);
    assert_eq!(running.code("/v1/push", Some(&access), &push(1, &[])).0, 409);
}

#[test]
fn what_is_refused_is_logged_and_the_log_names_nobody() {
    #[derive(Clone, Default)]
    struct Log(Arc<Mutex<Vec<u8>>>);
    impl Write for Log {
        fn write(&mut self, line: &[u8]) -> std::io::Result<usize> {
            self.0.lock().unwrap().extend_from_slice(line);
            Ok(line.len())
        }
        fn flush(&mut self) -> std::io::Result<()> {
            Ok(())
        }
    }
    // The other tests of this program write to it too.
    let log = Log::default();
    let to = log.clone();
    tracing_subscriber::fmt().json().with_writer(move || to.clone()).init();
    let running = running();
    let access = running.sign_in("ann").tokens.access;
    let asked = |user: &str| SignIn {
        user: user.into(),
        password: "a password of hers".into(),
        device: None,
        device_name: "the laptop of ann".into(),
    };
    for user in ["ann", "zoe-who-is-nobody"] {
        assert_eq!(running.code("/v1/sign-in", None, &wire::encode(&asked(user)).unwrap()).0, 401);
    }
    assert_eq!(running.code("/v1/push", Some(&access), &push(1, &[1])).0, 409);
    assert_eq!(running.code("/v1/push", Some(&access), b"rubbish of ann").0, 400);
    assert_eq!(running.code("/v1/pull", Some("a made up token"), b"").0, 401);
    let text = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    for (route, status) in [("/v1/sign-in", 401), ("/v1/push", 409), ("/v1/push", 400), ("/v1/pull", 401)] {
        let line = format!("\"route\":\"{route}\",\"status\":{status}");
        assert!(text.contains(&line), "{line} in {text}");
    }
    for named in ["ann", "zoe-who", "password of", "made up token", "DROP TABLE", &access, "127.0.0.1"] {
        assert!(!text.contains(named), "{named} in {text}");
    }
}
