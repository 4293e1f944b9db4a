//! The routes of `/v1`: bytes in, bytes out.
//!
//! Owns: sign-in and tokens, push, pull and chunks over HTTP, limits of size and time, health.
//! Absent on purpose: deciding (`authority.rs`); TLS ends in front of it or comes with a certificate.
//!
//! Whatever is not served reads the same from outside: a short code, and nothing about what exists.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use attain_sync::wire::{self, Pull, Push, Refresh, Refused, SignIn, SignedIn};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use serde::Serialize;
use tower_http::timeout::TimeoutLayer;

use crate::account::{Accounts, Denied};
use crate::authority::{Authority, Failure, Pushing};
use crate::db::{AuthorityDb, Device};
use crate::seal::SecretKey;

/// A server: its database, its accounts, and the tenants it has opened so far.
pub struct Server {
    pub db: Arc<dyn AuthorityDb>,
    pub accounts: Accounts,
    master: SecretKey,
    /// Where replicas lie.
    folder: PathBuf,
    tenants: Mutex<HashMap<String, Arc<Authority>>>,
}

/// Longest a request may take.
const PATIENCE: Duration = Duration::from_secs(60);

impl Server {
    pub fn new(db: Arc<dyn AuthorityDb>, master: SecretKey, folder: PathBuf) -> Result<Server, Denied> {
        Ok(Server { accounts: Accounts::new(Arc::clone(&db))?, db, master, folder, tenants: Mutex::default() })
    }

    /// Makes a tenant with a key of its own.
    pub fn add_tenant(&self, tenant: &str, name: &str) -> Result<Arc<Authority>, Failure> {
        let random = |error: getrandom::Error| Failure::Internal(error.to_string());
        let key = SecretKey::random().map_err(random)?;
        let wrapped_key = self.master.seal(&format!("tenant/{tenant}"), key.bytes())?;
        self.db.add_tenant(&crate::db::Tenant { tenant: tenant.to_owned(), name: name.to_owned(), wrapped_key })?;
        self.tenant(tenant)
    }

    /// A tenant's authority, opened once. Errors: no such tenant, another master key.
    pub fn tenant(&self, tenant: &str) -> Result<Arc<Authority>, Failure> {
        let mut tenants = self.tenants.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(open) = tenants.get(tenant) {
            return Ok(Arc::clone(open));
        }
        let known = self.db.tenants()?.into_iter().find(|known| known.tenant == tenant);
        let known = known.ok_or_else(|| Failure::Internal(format!("no tenant {tenant}")))?;
        let key = self.master.open(&format!("tenant/{tenant}"), &known.wrapped_key)?;
        let key: [u8; 32] = key.try_into().map_err(|_| Failure::Internal("a tenant's key is not one".into()))?;
        let opened = Authority::open(Arc::clone(&self.db), tenant, SecretKey::new(key), &self.folder)?;
        let opened = Arc::new(opened);
        tenants.insert(tenant.to_owned(), Arc::clone(&opened));
        Ok(opened)
    }
}

type Shared = State<Arc<Server>>;

pub fn router(server: Arc<Server>) -> Router {
    Router::new()
        .route("/healthz", get(health))
        .route("/v1/sign-in", post(sign_in))
        .route("/v1/refresh", post(refresh))
        .route("/v1/push", post(push))
        .route("/v1/pull", post(pull))
        .route("/v1/chunk/{hash}", put(chunk))
        .layer(DefaultBodyLimit::max(wire::MESSAGE_AT_MOST))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, PATIENCE))
        .with_state(server)
}

fn refused(status: StatusCode, code: &str) -> Response {
    let body = wire::encode(&Refused { code: code.to_owned() }).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, "application/cbor")], body).into_response()
}

fn said<T: Serialize>(answer: &T) -> Response {
    match wire::encode(answer) {
        Ok(body) => ([(header::CONTENT_TYPE, "application/cbor")], body).into_response(),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

fn denied(error: Denied) -> Response {
    match error {
        Denied::Refused => refused(StatusCode::UNAUTHORIZED, "sign_in_refused"),
        Denied::SlowDown(_) => refused(StatusCode::TOO_MANY_REQUESTS, "slow_down"),
        Denied::Db(_) | Denied::Random(_) => failed(&error),
    }
}

/// The cause is for the log, without anyone's data in it; outside it is only a code.
fn failed(error: &dyn std::fmt::Display) -> Response {
    eprintln!("{{\"level\":\"error\",\"what\":{}}}", serde_json::Value::from(error.to_string()));
    refused(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

/// Runs on a thread that may wait for the database.
async fn waiting(work: impl FnOnce() -> Response + Send + 'static) -> Response {
    match tokio::task::spawn_blocking(work).await {
        Ok(response) => response,
        Err(error) => failed(&error),
    }
}

/// Serves a laptop that its token speaks for, in its company.
async fn laptop(
    server: Arc<Server>,
    headers: HeaderMap,
    work: impl FnOnce(&Authority, &Device) -> Result<Response, Failure> + Send + 'static,
) -> Response {
    waiting(move || {
        let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let secret = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default();
        let device = match server.accounts.device(secret) {
            Ok(device) => device,
            Err(error) => return denied(error),
        };
        let served = server.tenant(&device.tenant).and_then(|tenant| work(&tenant, &device));
        served.unwrap_or_else(|error| failed(&error))
    })
    .await
}

fn unreadable() -> Response {
    refused(StatusCode::BAD_REQUEST, "unreadable")
}

async fn health(State(server): Shared) -> Response {
    waiting(move || match server.db.ping() {
        Ok(()) => (StatusCode::OK, "ok\n").into_response(),
        Err(error) => failed(&error),
    })
    .await
}

async fn sign_in(State(server): Shared, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    waiting(move || {
        let Ok(asked) = wire::decode::<SignIn>(&body) else { return unreadable() };
        let (device, tokens) = match server.accounts.sign_in(&asked, from.ip()) {
            Ok(signed_in) => signed_in,
            Err(error) => return denied(error),
        };
        let company = server.tenant(&device.tenant).and_then(|tenant| tenant.company());
        match company {
            Ok((company, today)) => said(&SignedIn {
                tenant: device.tenant,
                company,
                person_id: device.person_id,
                device: device.device,
                epoch: device.epoch,
                tokens,
                today,
            }),
            Err(error) => failed(&error),
        }
    })
    .await
}

async fn refresh(State(server): Shared, body: Bytes) -> Response {
    waiting(move || match wire::decode::<Refresh>(&body) {
        Ok(asked) => server.accounts.refresh(&asked.refresh).map_or_else(denied, |tokens| said(&tokens)),
        Err(_) => unreadable(),
    })
    .await
}

async fn push(State(server): Shared, headers: HeaderMap, body: Bytes) -> Response {
    laptop(server, headers, move |tenant, device| {
        let Ok(asked) = wire::decode::<Push>(&body) else { return Ok(unreadable()) };
        Ok(match tenant.push(device, &asked)? {
            Pushing::Done(answer) => said(&answer),
            Pushing::PullFirst => refused(StatusCode::CONFLICT, "pull_first"),
            Pushing::NotThisDevice => refused(StatusCode::UNAUTHORIZED, "sign_in_refused"),
        })
    })
    .await
}

async fn pull(State(server): Shared, headers: HeaderMap, body: Bytes) -> Response {
    laptop(server, headers, move |tenant, device| {
        let Ok(asked) = wire::decode::<Pull>(&body) else { return Ok(unreadable()) };
        Ok(said(&tenant.pull(device, &asked)?))
    })
    .await
}

async fn chunk(State(server): Shared, Path(hash): Path<String>, headers: HeaderMap, body: Bytes) -> Response {
    laptop(server, headers, move |tenant, _| Ok(if tenant.chunk(&hash, &body)? { said(&()) } else { unreadable() }))
        .await
}
