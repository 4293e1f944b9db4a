//! What strangers try: forged and foreign tokens, rubbish, bombs, guesses. Refused, and nothing said of what exists.
#![allow(clippy::unwrap_used, clippy::expect_used)]

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use attain_server::account::{self, Denied};
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{Account, AuthorityDb};
use attain_server::http::{Server, router};
use attain_server::seal::SecretKey;
use attain_sync::wire::{self, Push, Pushed, Refused, SignIn, SignedIn, Tokens};

const PASSWORD: &str = "water under the bridge";

struct Running {
    server: Arc<Server>,
    url: String,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

fn running() -> Running {
    let folder = tempfile::tempdir().unwrap();
    let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.path().join("server.db"), None).unwrap());
    let server = Arc::new(Server::new(db, SecretKey::new([1; 32]), folder.path().to_owned()).unwrap());
    for (tenant, user) in [("one", "ann"), ("two", "ben")] {
        server.add_tenant(tenant, tenant).unwrap();
        let password = account::hash(PASSWORD).unwrap();
        let account =
            Account { tenant: tenant.into(), user: user.into(), person_id: user.into(), password, disabled: false };
        server.accounts.set(&account).unwrap();
    }
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = router(Arc::clone(&server)).into_make_service_with_connect_info::<SocketAddr>();
    runtime.spawn(async move { axum::serve(listener, app).await });
    Running { server, url, _runtime: runtime, _folder: folder }
}

impl Running {
    fn post(&self, path: &str, bearer: Option<&str>, body: &[u8]) -> (u16, Vec<u8>) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut request = agent.post(format!("{}{path}", self.url));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = request.send(body).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    fn code(&self, path: &str, bearer: Option<&str>, body: &[u8]) -> (u16, String) {
        let (status, body) = self.post(path, bearer, body);
        (status, wire::decode::<Refused>(&body).map(|refused| refused.code).unwrap_or_default())
    }

    fn sign_in(&self, user: &str) -> SignedIn {
        let asked = SignIn { user: user.into(), password: PASSWORD.into(), device: None, device_name: "laptop".into() };
        let (status, body) = self.post("/v1/sign-in", None, &wire::encode(&asked).unwrap());
        assert_eq!(status, 200);
        wire::decode(&body).unwrap()
    }
}

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
    let (status, _) = running.post("/v1/push", Some(access), &vec![0; wire::MESSAGE_AT_MOST + 1]);
    assert_eq!(status, 413);
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
