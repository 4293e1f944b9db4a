//! The routes of `/v1`: bytes in, bytes out.
//!
//! Owns: sign-in and tokens, push, pull and chunks over HTTP, word that something changed; limits of size, time, number
//! and speed; health, and what is counted and logged of each request.
//! Absent on purpose: deciding (`authority.rs`); listening and TLS (`serve.rs`).
//!
//! Whatever is not served reads the same from outside: a short code, and nothing about what exists.

use std::collections::HashMap;
use std::convert::Infallible;
use std::net::SocketAddr;
use std::num::NonZeroU32;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use attain_sync::wire::{self, Escrow, Pull, Push, Refresh, Refused, SignIn, SignedIn, Trail};
use axum::Router;
use axum::body::Bytes;
use axum::extract::{ConnectInfo, DefaultBodyLimit, FromRequest, MatchedPath, Path, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post, put};
use futures_util::StreamExt;
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::PrometheusHandle;
use serde::Serialize;
use tokio::sync::{Semaphore, watch};
use tokio_stream::wrappers::WatchStream;
use tower_http::timeout::TimeoutLayer;

use attain_store::StoreError;

use crate::account::{Accounts, Denied};
use crate::authority::{Authority, Failure, Pushing};
use crate::db::{AuthorityDb, DbError, Device};
use crate::seal::SecretKey;

/// A server: its database, its accounts, and the tenants it has opened so far.
pub struct Server {
    pub db: Arc<dyn AuthorityDb>,
    pub accounts: Accounts,
    master: SecretKey,
    /// Where replicas lie.
    folder: PathBuf,
    tenants: Mutex<HashMap<String, Arc<Authority>>>,
    /// What is worked on at once: each may hold a page of records, so this bounds memory.
    working: Arc<Semaphore>,
    /// How fast one laptop, or one address that is none yet, may ask.
    speed: DefaultKeyedRateLimiter<String>,
    counted: Option<PrometheusHandle>,
    /// Longest a request may take.
    patience: Duration,
    /// Told at the end, so that nobody is waited for who only listens.
    ending: watch::Sender<bool>,
}

/// What a request may take where nothing else is set.
pub const PATIENCE: Duration = Duration::from_secs(60);
const AT_ONCE: usize = 16;
/// Largest message of somebody who has no token yet.
const STRANGERS_AT_MOST: usize = 64 << 10;
/// Requests of one laptop: this many at once, then this many a second.
const BURST: NonZeroU32 = NonZeroU32::new(300).unwrap();
const PER_SECOND: NonZeroU32 = NonZeroU32::new(30).unwrap();
/// How long one answer to `/v1/poke` goes on, so that a laptop whose access ended is gone by then.
const POKING: Duration = Duration::from_secs(600);

impl Server {
    pub fn new(db: Arc<dyn AuthorityDb>, master: SecretKey, folder: PathBuf) -> Result<Server, Denied> {
        Ok(Server {
            accounts: Accounts::new(Arc::clone(&db))?,
            db,
            master,
            folder,
            tenants: Mutex::default(),
            working: Arc::new(Semaphore::new(AT_ONCE)),
            speed: RateLimiter::keyed(Quota::per_second(PER_SECOND).allow_burst(BURST)),
            counted: None,
            patience: PATIENCE,
            ending: watch::Sender::new(false),
        })
    }

    /// With `/metrics`, from a recorder that is installed.
    pub fn counting(self, recorder: PrometheusHandle) -> Server {
        Server { counted: Some(recorder), ..self }
    }

    /// With another longest time for a request, from its first byte to the first of its answer.
    pub fn waiting(self, patience: Duration) -> Server {
        Server { patience, ..self }
    }

    pub fn patience(&self) -> Duration {
        self.patience
    }

    /// Tenants that are open here.
    pub fn open_tenants(&self) -> Vec<Arc<Authority>> {
        self.tenants.lock().unwrap_or_else(PoisonError::into_inner).values().map(Arc::clone).collect()
    }

    /// Ends what would go on by itself.
    pub fn end(&self) {
        self.ending.send_replace(true);
    }

    /// Forgets those who have not asked for a while, and tokens that have ended.
    pub fn tidy(&self) {
        if let Err(error) = self.accounts.tidy() {
            tracing::warn!(cause = %error, "tidy");
        }
        self.speed.retain_recent();
        if let Some(counted) = &self.counted {
            counted.run_upkeep();
        }
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
    let patience = server.patience;
    Router::new()
        .route("/healthz", get(health))
        .route("/metrics", get(metrics))
        .route("/v1/sign-in", post(sign_in).layer(DefaultBodyLimit::max(STRANGERS_AT_MOST)))
        .route("/v1/refresh", post(refresh).layer(DefaultBodyLimit::max(STRANGERS_AT_MOST)))
        .route("/v1/push", post(push))
        .route("/v1/pull", post(pull))
        .route("/v1/chunk/{hash}", put(chunk))
        .route("/v1/escrow", post(escrow))
        .route("/v1/audit", post(trail))
        .route("/v1/poke", get(poke))
        .layer(DefaultBodyLimit::max(wire::MESSAGE_AT_MOST))
        .layer(TimeoutLayer::with_status_code(StatusCode::REQUEST_TIMEOUT, patience))
        .layer(middleware::from_fn(seen))
        .with_state(server)
}

/// Counts and logs a request: its route, its outcome and its time, and nothing of what it said or who asked.
async fn seen(request: Request, next: Next) -> Response {
    let route = request.extensions().get::<MatchedPath>().map_or("none", MatchedPath::as_str).to_owned();
    let begun = Instant::now();
    let response = coded(next.run(request).await);
    let (status, took) = (response.status().as_u16(), begun.elapsed());
    metrics::counter!("attain_requests_total", "route" => route.clone(), "status" => status.to_string()).increment(1);
    metrics::histogram!("attain_request_seconds", "route" => route.clone()).record(took.as_secs_f64());
    tracing::info!(route, status, ms = u64::try_from(took.as_millis()).unwrap_or(u64::MAX), "request");
    response
}

/// What is refused before it reaches a route says so by a code too.
fn coded(response: Response) -> Response {
    let code = match response.status() {
        StatusCode::REQUEST_TIMEOUT => "too_slow",
        StatusCode::PAYLOAD_TOO_LARGE => "too_large",
        status if status.is_client_error() && response.headers().get(header::CONTENT_TYPE) != Some(&CBOR) => {
            "unreadable"
        }
        _ => return response,
    };
    refused(response.status(), code)
}

const CBOR: HeaderValue = HeaderValue::from_static("application/cbor");

fn refused(status: StatusCode, code: &str) -> Response {
    let body = wire::encode(&Refused { code: code.to_owned() }).unwrap_or_default();
    (status, [(header::CONTENT_TYPE, CBOR)], body).into_response()
}

fn said<T: Serialize>(answer: &T) -> Response {
    match wire::encode(answer) {
        Ok(body) => ([(header::CONTENT_TYPE, CBOR)], body).into_response(),
        Err(_) => refused(StatusCode::INTERNAL_SERVER_ERROR, "internal"),
    }
}

fn denied(error: Denied) -> Response {
    match error {
        Denied::Refused => refused(StatusCode::UNAUTHORIZED, "sign_in_refused"),
        Denied::SlowDown(_) => refused(StatusCode::TOO_MANY_REQUESTS, "slow_down"),
        Denied::Db(error) => failed(&Failure::Db(error)),
        Denied::Random(error) => failed(&Failure::Internal(error)),
    }
}

/// The cause is for the log, without anyone's data in it; outside it is only a code.
fn failed(error: &Failure) -> Response {
    if matches!(error, Failure::Db(DbError::Retry)) {
        return refused(StatusCode::SERVICE_UNAVAILABLE, "busy");
    }
    tracing::error!(cause = %error, "failed");
    if matches!(error, Failure::Db(DbError::Full) | Failure::Store(StoreError::DiskFull)) {
        return refused(StatusCode::INSUFFICIENT_STORAGE, "server_full");
    }
    refused(StatusCode::INTERNAL_SERVER_ERROR, "internal")
}

/// Why a request has no answer of its own.
enum Unserved {
    Denied(Denied),
    Failed(Failure),
}

impl From<Denied> for Unserved {
    fn from(error: Denied) -> Self {
        Unserved::Denied(error)
    }
}

impl From<Failure> for Unserved {
    fn from(error: Failure) -> Self {
        Unserved::Failed(error)
    }
}

type Served<T> = Result<T, Unserved>;

fn answer(served: Served<Response>) -> Response {
    match served {
        Ok(response) => response,
        Err(Unserved::Denied(error)) => denied(error),
        Err(Unserved::Failed(error)) => failed(&error),
    }
}

impl Server {
    /// Runs on a thread that may wait for the database, when it is this request's turn.
    async fn work<T: Send + 'static>(&self, work: impl FnOnce() -> Served<T> + Send + 'static) -> Served<T> {
        let turn = Arc::clone(&self.working).acquire_owned().await;
        let done = tokio::task::spawn_blocking(move || {
            let done = work();
            drop(turn);
            done
        });
        done.await.map_err(|error| Failure::Internal(error.to_string()))?
    }

    /// Errors: asked faster than one may.
    fn slow(&self, who: &str) -> Result<(), Denied> {
        self.speed.check_key(&who.to_owned()).map_err(|_| Denied::SlowDown(1))
    }
}

/// The laptop that a request's token speaks for. Tokens that speak for none are charged to the address they come from.
async fn known(server: &Arc<Server>, from: SocketAddr, headers: &HeaderMap) -> Served<Device> {
    let bearer = headers.get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let secret = bearer.and_then(|value| value.strip_prefix("Bearer ")).unwrap_or_default().to_owned();
    let with = Arc::clone(server);
    let known = server.work(move || match with.accounts.device(&secret) {
        Ok(device) => Ok(with.slow(&device.device).map(|()| device)?),
        Err(Denied::Refused) => {
            with.slow(&from.ip().to_string())?;
            Err(Denied::Refused.into())
        }
        Err(error) => Err(error.into()),
    });
    known.await
}

/// Serves the laptop that a request's token speaks for, in its company. A stranger's body is let pass and never held.
async fn laptop(
    server: Arc<Server>,
    request: Request,
    work: impl FnOnce(&Authority, &Device, &[u8]) -> Result<Response, Failure> + Send + 'static,
) -> Response {
    let from = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|from| from.0);
    let from = from.unwrap_or(SocketAddr::from(([0; 4], 0)));
    let device = match known(&server, from, request.headers()).await {
        Ok(device) => device,
        Err(unserved) => {
            let mut passing = request.into_body().into_data_stream();
            let mut passed = 0;
            while let Some(Ok(piece)) = passing.next().await
                && passed <= wire::MESSAGE_AT_MOST
            {
                passed += piece.len();
            }
            return answer(Err(unserved));
        }
    };
    let body = match Bytes::from_request(request, &()).await {
        Ok(body) => body,
        Err(unread) => return unread.into_response(),
    };
    let with = Arc::clone(&server);
    answer(server.work(move || Ok(work(&*with.tenant(&device.tenant)?, &device, &body)?)).await)
}

fn unreadable() -> Response {
    refused(StatusCode::BAD_REQUEST, "unreadable")
}

async fn health(State(server): Shared) -> Response {
    let db = Arc::clone(&server.db);
    answer(server.work(move || Ok(db.ping().map(|()| "ok\n".into_response()).map_err(Failure::Db)?)).await)
}

/// Numbers for whoever runs the server, on its own machine.
async fn metrics(State(server): Shared, ConnectInfo(from): ConnectInfo<SocketAddr>) -> Response {
    match server.counted.as_ref().filter(|_| from.ip().is_loopback()) {
        Some(counted) => counted.render().into_response(),
        None => StatusCode::NOT_FOUND.into_response(),
    }
}

async fn sign_in(State(server): Shared, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    let with = Arc::clone(&server);
    let signed_in = server.work(move || {
        with.slow(&from.ip().to_string())?;
        let Ok(asked) = wire::decode::<SignIn>(&body) else { return Ok(unreadable()) };
        let (device, tokens) = with.accounts.sign_in(&asked, from.ip())?;
        let tenant = with.tenant(&device.tenant)?;
        let (company, today) = tenant.company()?;
        let escrow = tenant.escrow_key().to_vec().into();
        Ok(said(&SignedIn {
            tenant: device.tenant,
            company,
            person_id: device.person_id,
            device: device.device,
            epoch: device.epoch,
            tokens,
            escrow: Some(escrow),
            today,
        }))
    });
    answer(signed_in.await)
}

async fn refresh(State(server): Shared, ConnectInfo(from): ConnectInfo<SocketAddr>, body: Bytes) -> Response {
    let with = Arc::clone(&server);
    let refreshed = server.work(move || {
        with.slow(&from.ip().to_string())?;
        let Ok(asked) = wire::decode::<Refresh>(&body) else { return Ok(unreadable()) };
        Ok(said(&with.accounts.refresh(&asked.refresh, &asked.attempt)?))
    });
    answer(refreshed.await)
}

async fn push(State(server): Shared, request: Request) -> Response {
    let pushed = laptop(server, request, |tenant, device, body| {
        let Ok(asked) = wire::decode::<Push>(body) else { return Ok(unreadable()) };
        Ok(match tenant.push(device, &asked)? {
            Pushing::Done(answer) => said(&answer),
            Pushing::PullFirst => refused(StatusCode::CONFLICT, "pull_first"),
            Pushing::NotThisDevice => refused(StatusCode::UNAUTHORIZED, "sign_in_refused"),
        })
    });
    pushed.await
}

async fn pull(State(server): Shared, request: Request) -> Response {
    let pulled = laptop(server, request, |tenant, device, body| {
        let Ok(asked) = wire::decode::<Pull>(body) else { return Ok(unreadable()) };
        Ok(said(&tenant.pull(device, &asked)?))
    });
    pulled.await
}

async fn chunk(State(server): Shared, Path(hash): Path<String>, request: Request) -> Response {
    let kept = laptop(server, request, move |tenant, _, body| {
        Ok(if tenant.chunk(&hash, body)? { said(&()) } else { unreadable() })
    });
    kept.await
}

async fn escrow(State(server): Shared, request: Request) -> Response {
    let kept = laptop(server, request, |tenant, device, body| {
        let Ok(asked) = wire::decode::<Escrow>(body) else { return Ok(unreadable()) };
        tenant.take_escrow(device, &asked)?;
        Ok(said(&()))
    });
    kept.await
}

async fn trail(State(server): Shared, request: Request) -> Response {
    let kept = laptop(server, request, |tenant, device, body| {
        let Ok(asked) = wire::decode::<Trail>(body) else { return Ok(unreadable()) };
        Ok(tenant.take_trail(device, &asked)?.map_or_else(unreadable, |taken| said(&taken)))
    });
    kept.await
}

/// Says that something changed in the laptop's company, and not what.
async fn poke(State(server): Shared, ConnectInfo(from): ConnectInfo<SocketAddr>, headers: HeaderMap) -> Response {
    let moved = async {
        let device = known(&server, from, &headers).await?;
        let with = Arc::clone(&server);
        server.work(move || Ok(with.tenant(&device.tenant)?.moved())).await
    };
    let moved = match moved.await {
        Ok(moved) => moved,
        Err(unserved) => return answer(Err(unserved)),
    };
    let events = WatchStream::from_changes(moved).map(|_| Ok::<_, Infallible>(Event::default().data("changed")));
    let mut ending = server.ending.subscribe();
    let over = async move {
        let ending = ending.wait_for(|ending| *ending);
        let _ = tokio::time::timeout(POKING, ending).await;
    };
    let events = events.take_until(Box::pin(over));
    Sse::new(events).keep_alive(KeepAlive::new().interval(Duration::from_secs(15))).into_response()
}
