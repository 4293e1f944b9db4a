//! A server on a port of its own, in the test's process, and how to ask it.
#![allow(dead_code, reason = "each suite uses a part of it")]

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use attain_server::account;
use attain_server::db::sqlite::Sqlite;
use attain_server::db::{Account, AuthorityDb};
use attain_server::http::{PATIENCE, Server, router};
use attain_server::seal::SecretKey;
use attain_sync::wire::{self, Refused, SignIn, SignedIn};

pub const PASSWORD: &str = "water under the bridge";

pub struct Running {
    pub server: Arc<Server>,
    pub url: String,
    _runtime: tokio::runtime::Runtime,
    _folder: tempfile::TempDir,
}

/// Two companies without a record, and an account in each.
pub fn running() -> Running {
    waiting(PATIENCE)
}

/// With another longest time for a request.
pub fn waiting(patience: Duration) -> Running {
    let folder = tempfile::tempdir().unwrap();
    let db: Arc<dyn AuthorityDb> = Arc::new(Sqlite::open(&folder.path().join("server.db"), None).unwrap());
    let server = Server::new(db, SecretKey::new([1; 32]), folder.path().to_owned()).unwrap().waiting(patience);
    for (tenant, user) in [("one", "ann"), ("two", "ben")] {
        server.add_tenant(tenant, tenant).unwrap();
        let password = account::hash(PASSWORD).unwrap();
        let account =
            Account { tenant: tenant.into(), user: user.into(), person_id: user.into(), password, disabled: false };
        server.accounts.set(&account).unwrap();
    }
    serving(server, folder)
}

/// Serves on a free port.
pub fn serving(server: Server, folder: tempfile::TempDir) -> Running {
    let server = Arc::new(server);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let listener = runtime.block_on(tokio::net::TcpListener::bind("127.0.0.1:0")).unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    let app = router(Arc::clone(&server)).into_make_service_with_connect_info::<SocketAddr>();
    runtime.spawn(async move { axum::serve(listener, app).await });
    Running { server, url, _runtime: runtime, _folder: folder }
}

impl Running {
    pub fn post(&self, path: &str, bearer: Option<&str>, body: &[u8]) -> (u16, Vec<u8>) {
        let agent = ureq::Agent::config_builder().http_status_as_error(false).build().new_agent();
        let mut request = agent.post(format!("{}{path}", self.url));
        if let Some(bearer) = bearer {
            request = request.header("authorization", format!("Bearer {bearer}"));
        }
        let mut response = request.send(body).unwrap();
        (response.status().as_u16(), response.body_mut().read_to_vec().unwrap())
    }

    pub fn code(&self, path: &str, bearer: Option<&str>, body: &[u8]) -> (u16, String) {
        let (status, body) = self.post(path, bearer, body);
        (status, wire::decode::<Refused>(&body).map(|refused| refused.code).unwrap_or_default())
    }

    pub fn sign_in(&self, user: &str) -> SignedIn {
        let asked = SignIn { user: user.into(), password: PASSWORD.into(), device: None, device_name: "laptop".into() };
        let (status, body) = self.post("/v1/sign-in", None, &wire::encode(&asked).unwrap());
        assert_eq!(status, 200);
        wire::decode(&body).unwrap()
    }
}
