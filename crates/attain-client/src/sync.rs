//! A laptop and its server: signing in, one round of sync, what waits and what was refused.
//!
//! Owns: the connection, tokens, and the laptop's side of a round on the store.
//! Absent on purpose: the order of messages (attain-sync), undo and replay (attain-store), when to sync (who calls).

use std::path::Path;
use std::time::Duration;

use attain_domain::access::DataClass;
use attain_domain::goal::Adjustment;
use attain_domain::goal::wish::Wish;
use attain_domain::mutation::Mutation;
use attain_store::Store;
use attain_store::audit::Entry;
use attain_store::connection::View;
use attain_store::facts::Base;
use attain_store::journal::mutation_of;
use attain_store::sync::{Attention, Joined, Received, Settled, Waiting};
use attain_sync::escrow::{self, Escrowed};
use attain_sync::laptop::{Ask, Local, Outgoing, Round, Told};
use attain_sync::wire::{
    self, Chunk, Cursor, Escrow, ImportBatch, PullAnswer, Push, PushAnswer, Pushed, Refused, SignIn, SignedIn,
    TakeBack, Tokens, Trail, TrailEntry, TrailTaken, Verdict, Whole,
};
use chrono::Utc;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use ureq::tls::{Certificate, PemItem, RootCerts, TlsConfig, parse_pem};

use crate::keys::Unlock;
use crate::lease::Lease;
use crate::problem::{Problem, Result};
use crate::workspace::{Workspace, real_time, store_file};

mod http;
mod listener;
pub use http::run_while;
pub use listener::{Listener, watch};

/// Longest wait for an answer.
const PATIENCE: Duration = Duration::from_secs(90);

/// What the server answered, or the code of its refusal.
pub type Answer<A> = std::result::Result<A, String>;

/// A server's address, and how to ask it.
#[derive(Clone)]
struct Line {
    server: String,
    agent: ureq::Agent,
    /// Longest wait for an answer.
    patience: Duration,
}

/// What a round did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    pub pushed: u64,
    pub received: u64,
    /// Changes that still have no answer.
    pub pending: u64,
    /// Refused changes that nobody has settled.
    pub attention: u64,
    /// Whether what is here is what the server says this viewer may have; `None` when it could not be told.
    pub whole: Option<bool>,
    /// Why changes were left waiting though the server was reached: `server_older`.
    pub later: Option<String>,
}

/// How far a laptop is that is served all it may have from the beginning; until then figures of what has not come yet
/// are not complete.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Receiving {
    /// Records that are here.
    pub records: u64,
    /// Records there are, as the server counted them when it began.
    pub of: u64,
}

/// Where a laptop stands with its server.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Status {
    pub server: Option<String>,
    pub person_id: Option<String>,
    pub device: Option<String>,
    pub pending: u64,
    pub attention: Vec<Attention>,
    /// Records that only a later version of this program can read; kept as they came.
    pub parked: u64,
    /// Changes that were sealed to the company, because their author was nobody there any more.
    pub escrowed: u64,
    /// Number and digest of the records held.
    pub records: u64,
    pub digest: String,
    /// When the last round came to its end, RFC 3339.
    pub synced_at: Option<String>,
    /// How long what is here is shown without the server.
    pub lease: Option<Lease>,
    /// While it is being served from the beginning.
    pub receiving: Option<Receiving>,
}

/// Who joins which server.
#[derive(Debug, Clone, Copy)]
pub struct Joining<'a> {
    /// `https://…`, or `http://` on this machine.
    pub server: &'a str,
    pub user: &'a str,
    pub password: &'a str,
    /// What the person calls this laptop.
    pub device_name: &'a str,
    /// The company's certificate authority as PEM, pinned for this server; without it those count that this computer
    /// trusts.
    pub ca: Option<&'a str>,
}

impl Line {
    /// Plain HTTP is for this machine alone.
    fn to(server: &str, ca: Option<&str>) -> Result<Line> {
        let server = server.trim_end_matches('/');
        let plain = server.strip_prefix("http://");
        let loopback = plain.is_some_and(|rest| {
            let host = rest.rsplit_once(':').map_or(rest, |(host, _)| host);
            matches!(host, "localhost" | "127.0.0.1" | "[::1]")
        });
        if !server.starts_with("https://") && !loopback {
            return Err(Problem::usage("server_address").with("text", server));
        }
        let trusted = match ca {
            None => RootCerts::PlatformVerifier,
            Some(pem) => {
                let certificates = parse_pem(pem.as_bytes()).filter_map(|item| match item {
                    Ok(PemItem::Certificate(certificate)) => Some(certificate),
                    _ => None,
                });
                let certificates: Vec<Certificate<'static>> = certificates.collect();
                if certificates.is_empty() {
                    return Err(Problem::usage("certificate_unreadable").with("path", "PEM"));
                }
                RootCerts::new_with_certs(&certificates)
            }
        };
        let agent = ureq::Agent::config_builder()
            .http_status_as_error(false)
            .tls_config(TlsConfig::builder().root_certs(trusted).build())
            .build()
            .new_agent();
        Ok(Line { server: server.to_owned(), agent, patience: PATIENCE })
    }

    /// The server that a laptop joined.
    fn of(view: View, joined: &Joined) -> Result<Line> {
        Line::to(&joined.server, view.setting("server_ca")?.as_deref())
    }

    fn failed(&self, error: ureq::Error) -> Problem {
        let untrusted = matches!(error, ureq::Error::Tls(_) | ureq::Error::Rustls(_))
            || matches!(&error, ureq::Error::Io(cause) if cause.to_string().contains("certificate"));
        let code = if untrusted { "server_untrusted" } else { "server_unreachable" };
        Problem::refused(code).with("server", &self.server).because(error)
    }

    /// One exchange.
    fn ask<A: DeserializeOwned>(&self, path: &str, access: Option<&str>, body: &[u8]) -> Result<Answer<A>> {
        let url = format!("{}/v{}/{path}", self.server, wire::VERSION);
        let mut request = if path.starts_with("chunk/") { self.agent.put(&url) } else { self.agent.post(&url) };
        request = request.header("content-type", "application/cbor");
        if let Some(access) = access {
            request = request.header("authorization", format!("Bearer {access}"));
        }
        request = request.config().timeout_global(Some(self.patience)).build();
        let mut response = request.send(body).map_err(|error| self.failed(error))?;
        let body = response.body_mut().with_config().limit(wire::MESSAGE_AT_MOST as u64).read_to_vec();
        let bytes = body.map_err(|error| self.failed(error))?;
        let strange =
            |error: wire::WireError| Problem::refused("server_strange").with("server", &self.server).because(error);
        if response.status().is_success() {
            return Ok(Ok(wire::decode(&bytes).map_err(strange)?));
        }
        // A server of an earlier version.
        if response.status().as_u16() == 404 && matches!(path, "escrow" | "audit") {
            return Ok(Err("not_asked".to_owned()));
        }
        match wire::decode::<Refused>(&bytes) {
            Ok(refused) => Ok(Err(refused.code)),
            Err(error) => Err(strange(error).because(response.status())),
        }
    }
}

fn encoded<T: Serialize>(message: &T) -> Result<Vec<u8>> {
    wire::encode(message).map_err(Problem::internal)
}

fn refusal(code: String) -> Problem {
    match code.as_str() {
        "sign_in_refused" => Problem::refused("sign_in_refused"),
        "slow_down" => Problem::refused("slow_down"),
        "busy" => Problem::refused("server_busy"),
        "server_full" => Problem::refused("server_full"),
        "too_large" => Problem::refused("too_large"),
        "too_slow" => Problem::refused("too_slow"),
        _ => Problem::refused("server_refused").with("code", code),
    }
}

/// Joins a server on a laptop without a workspace, or signs in again on one that joined it before: at the address it had
/// then, or at another that the same server has now.
///
/// Errors: not let in, or too fast; the server is not reached or not trusted; the workspace here is its own authority or
/// of another server.
pub fn sign_in(home: &Path, unlock: &Unlock, joining: &Joining) -> Result<Workspace> {
    let known = match store_file(home) {
        Some(_) => {
            let workspace = Workspace::open(home, unlock)?;
            match workspace.view().joined()? {
                Some(joined) => Some((joined, workspace.view().setting("server_ca")?)),
                None => return Err(Problem::refused("workspace_exists").with("path", home.display())),
            }
        }
        None => None,
    };
    let (known, pinned) = known.unzip();
    let pinned = pinned.flatten();
    let ca = joining.ca.or(pinned.as_deref());
    // No store is open and no key in memory while the server is waited for.
    let line = Line::to(joining.server, ca)?;
    let asked = SignIn {
        user: joining.user.to_owned(),
        password: joining.password.to_owned(),
        device: known.as_ref().map(|joined| joined.device.clone()),
        device_name: joining.device_name.to_owned(),
    };
    let signed: SignedIn = line.ask("sign-in", None, &encoded(&asked)?)?.map_err(refusal)?;
    if let Some(joined) = &known {
        // One that does not know this laptop by the name it was given is not the server it joined.
        let moved = joined.tenant == signed.tenant && joined.device == signed.device;
        if joined.server != line.server && !moved {
            return Err(Problem::refused("joined_elsewhere").with("server", &joined.server));
        }
        if joined.person_id != signed.person_id {
            return Err(Problem::refused("joined_as_another"));
        }
    }
    let joined = Joined {
        server: line.server,
        tenant: signed.tenant,
        device: signed.device,
        epoch: signed.epoch,
        person_id: signed.person_id,
    };
    let mut workspace = match known {
        Some(_) => Workspace::open(home, unlock)?,
        None => Workspace::create_with(home, unlock, &joined.person_id, |_| Ok(()))?,
    };
    workspace.store.join(&joined)?;
    keep(&mut workspace.store, &signed.tokens)?;
    let mut salt = [0; 16];
    getrandom::fill(&mut salt).map_err(Problem::internal)?;
    let salt: String = salt.iter().map(|byte| format!("{byte:02x}")).collect();
    let at = real_time();
    workspace.store.write(|tx| {
        tx.set_setting("refresh_salt", &salt)?;
        if let Some(key) = &signed.escrow {
            tx.set_setting("escrow_key", &serde_json::to_string(key)?)?;
        }
        if let Some(ca) = ca {
            tx.set_setting("server_ca", ca)?;
        }
        tx.audit(&Entry {
            at: &at,
            actor_id: &joined.person_id,
            action: "sign_in",
            class: DataClass::Core,
            subjects: &[],
            detail: json!({ "server": joined.server, "device": joined.device }),
        })
    })?;
    Ok(workspace)
}

fn keep(store: &mut Store, tokens: &Tokens) -> Result<()> {
    store.write(|tx| {
        tx.set_setting("access_token", &tokens.access)?;
        tx.set_setting("refresh_token", &tokens.refresh)
    })?;
    Ok(())
}

/// The company's certificate authority in a file, for [`Joining::ca`].
///
/// Errors: it cannot be read.
pub fn certificate(path: &Path) -> Result<String> {
    let unreadable = |error| Problem::usage("certificate_unreadable").with("path", path.display()).because(error);
    std::fs::read_to_string(path).map_err(unreadable)
}

fn cursor(view: View) -> Result<Cursor> {
    Ok(view.setting("cursor")?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// How far this laptop is, while it is served from the beginning; `None` once it has been, and where the server does not
/// say how much there is.
pub fn receiving(view: View) -> Result<Option<Receiving>> {
    let Some(of) = cursor(view)?.awaited else { return Ok(None) };
    Ok(Some(Receiving { records: view.held_count()?, of }))
}

/// Where this laptop stands.
pub fn status(view: View) -> Result<Status> {
    let joined = view.joined()?;
    let (records, digest) = view.held()?;
    Ok(Status {
        server: joined.as_ref().map(|joined| joined.server.clone()),
        person_id: joined.as_ref().map(|joined| joined.person_id.clone()),
        device: joined.map(|joined| joined.device),
        pending: view.waiting_count()?,
        attention: view.attention()?,
        parked: view.parked_count()?,
        escrowed: view.escrowed()?,
        records,
        digest,
        synced_at: view.setting("synced_at")?,
        lease: Lease::of(view, Utc::now())?,
        receiving: receiving(view)?,
    })
}

/// What carries a laptop's messages to the server and the answers back; a refusal is its code.
pub trait Transport {
    fn send(&mut self, ask: &Ask) -> Result<Answer<Told>>;
    /// New tokens since the last message, to be kept before the next.
    fn renewed(&mut self) -> Option<Tokens> {
        None
    }
}

/// One round with the server that this laptop joined. What was committed before a break stays; the next round goes on from
/// there.
pub fn run(workspace: &mut Workspace) -> Result<Report> {
    run_while(workspace, &|| true, &mut |_| ())
}

/// One round over any transport.
pub fn round(store: &mut Store, transport: &mut dyn Transport) -> Result<Report> {
    round_told(store, transport, &mut |_| ())
}

/// The same; `came` hears each time that rows have come in and more are to follow.
fn round_told(store: &mut Store, transport: &mut dyn Transport, came: &mut dyn FnMut(View)) -> Result<Report> {
    let joined = store.view().joined()?.ok_or_else(|| Problem::refused("not_joined"))?;
    let mut laptop = Laptop { store, joined };
    let mut round = Round::default();
    while let Some(ask) = round.next(&mut laptop)? {
        let sent = transport.send(&ask);
        // Whatever became of the message: the old ones are spent.
        if let Some(tokens) = transport.renewed() {
            keep(laptop.store, &tokens)?;
        }
        let told = match sent? {
            Ok(told) => told,
            Err(code) if code == "pull_first" => Told::PullFirst,
            Err(code) if code == "not_asked" => Told::NotAsked,
            Err(code) => return Err(refusal(code)),
        };
        let more = matches!(&told, Told::Pull(answer) if answer.more);
        round.told(&mut laptop, told)?;
        if more {
            came(laptop.store.view());
        }
    }
    let at = real_time();
    laptop.store.write(|tx| {
        // Whatever this clock said before: the server has been reached now.
        tx.set_setting("synced_at", &at)?;
        tx.set_setting("clock_high", &at)
    })?;
    if round.whole == Some(true) {
        laptop.store.pay_is_back()?;
    }
    let view = laptop.store.view();
    Ok(Report {
        pushed: round.pushed,
        received: round.received,
        pending: view.waiting_count()?,
        attention: view.attention()?.len() as u64,
        whole: round.whole,
        later: round.later,
    })
}

/// What a refused change of goals wishes; `None` for another kind of change.
pub fn refused_wish(view: View, mid: i64) -> Result<Option<Wish>> {
    let Some(found) = view.attention()?.into_iter().find(|one| one.mid == mid) else { return Ok(None) };
    Ok(match mutation_of(&found.name, found.version, found.args) {
        Ok(Mutation::AdjustGoal { goal_id, target, reading, from, .. }) => {
            Some(Wish::Adjust(Adjustment { goal_id, target, reading, from }))
        }
        Ok(Mutation::ChangeGoals { wish, .. } | Mutation::ProposeGoals { wish, .. }) => Some(wish),
        Ok(Mutation::ApproveProposal { proposal_id, .. }) => view.proposal_row(&proposal_id)?.map(|found| found.wish),
        _ => None,
    })
}

/// Settles a refused change: theirs stands, or the author proposes the same again on what is here now.
pub fn resolve(workspace: &mut Workspace, mid: i64, mine: bool) -> Result<()> {
    let missing = || Problem::refused("not_found").with("noun", "attention").with("id", mid);
    let found = workspace.view().attention()?.into_iter().find(|one| one.mid == mid).ok_or_else(missing)?;
    if mine {
        let mut args = found.args;
        // What was seen then, or written on, is not what is there now.
        for then in ["seen", "before"] {
            if let Some(then) = args.get_mut(then) {
                *then = Value::Null;
            }
        }
        let mut mutation =
            mutation_of(&found.name, found.version, args).map_err(|_| Problem::refused("cannot_repeat"))?;
        // A draft's text is never replaced by accident: here it is meant.
        if let Mutation::SavePlanDraft { draft_id, before, .. } = &mut mutation {
            *before = workspace.view().plan_draft(draft_id)?.map(|draft| draft.digest());
        }
        workspace.mutate(&mutation)?;
    }
    workspace.store.attended(mid)?;
    Ok(())
}

/// Changes sealed to the company's key.
fn boxed(public_key: &[u8], changes: Vec<(Waiting, Vec<Base>)>) -> Result<Vec<u8>> {
    let changes = changes.into_iter().map(|(waiting, rows)| {
        let rows = rows.iter().map(serde_json::to_string).collect::<std::result::Result<_, _>>();
        Ok(Escrowed {
            name: waiting.name,
            version: waiting.version,
            args: waiting.args.to_string(),
            claimed_at: waiting.claimed_at,
            rows: rows.map_err(Problem::internal)?,
        })
    });
    escrow::seal(public_key, &changes.collect::<Result<Vec<_>>>()?).map_err(Problem::internal)
}

/// Erases the pay class; what waits of it is sealed to the company.
///
/// Errors: `not_joined`, something waits and the company's key is not known.
pub(crate) fn erase_pay(store: &mut Store) -> Result<()> {
    let key: Option<serde_bytes::ByteBuf> =
        store.view().setting("escrow_key")?.and_then(|key| serde_json::from_str(&key).ok());
    store.erase_pay(|changes| boxed(&key.ok_or_else(|| Problem::refused("not_joined"))?, changes))
}

struct Laptop<'w> {
    store: &'w mut Store,
    joined: Joined,
}

impl Laptop<'_> {
    /// The arguments of an import on the wire, with its rows in chunks.
    fn import(&self, waiting: &Waiting, chunks: &mut Vec<(String, Vec<u8>)>) -> Result<ImportBatch> {
        let text = |key: &str| waiting.args[key].as_str().unwrap_or_default().to_owned();
        let mut import = ImportBatch {
            kind: text("kind"),
            source: text("source"),
            file_name: text("file_name"),
            rows: waiting.args["rows"].as_u64().unwrap_or(0),
            imported: waiting.args["imported"].as_u64().unwrap_or(0),
            chunks: Vec::new(),
        };
        for rows in self.store.view().rows_to_send(waiting.mid)?.chunks(wire::ROWS_AT_MOST) {
            let rows = rows.iter().map(serde_json::to_vec).collect::<std::result::Result<Vec<_>, _>>();
            let rows = rows.map_err(Problem::internal)?.into_iter().map(serde_bytes::ByteBuf::from).collect();
            let bytes = encoded(&Chunk { rows })?;
            let hash = wire::chunk_hash(&bytes);
            import.chunks.push(hash.clone());
            chunks.push((hash, bytes));
        }
        Ok(import)
    }
}

impl Local for Laptop<'_> {
    type Error = Problem;

    fn cursor(&mut self) -> Result<Cursor> {
        cursor(self.store.view())
    }

    fn outgoing(&mut self) -> Result<Outgoing> {
        let cursor = self.cursor()?;
        let (mut mutations, mut chunks) = (Vec::new(), Vec::new());
        for waiting in self.store.outgoing(wire::MUTATIONS_AT_MOST)? {
            let (name, args) = match waiting.name.as_str() {
                "import_batch" => ("import_batch", serde_json::to_vec(&self.import(&waiting, &mut chunks)?)),
                "undo" | "redo" => {
                    let target = waiting.args["mid"].as_i64().unwrap_or_default();
                    let mid = self.store.wire_of(target)?.unwrap_or(0);
                    ("undo", serde_json::to_vec(&TakeBack { mid }))
                }
                name => (name, serde_json::to_vec(&waiting.args)),
            };
            mutations.push(Pushed {
                mid: waiting.wire,
                name: name.to_owned(),
                version: waiting.version,
                args: args.map_err(Problem::internal)?,
                claimed_at: waiting.claimed_at,
            });
            // An import goes with what came before it, and nothing after.
            if !chunks.is_empty() {
                break;
            }
        }
        let push = Push { epoch: self.joined.epoch, scope: cursor.scope, mutations };
        Ok(Outgoing { push: (!push.mutations.is_empty()).then_some(push), chunks })
    }

    fn settle(&mut self, answer: &PushAnswer) -> Result<()> {
        let settled = answer.outcomes.iter().map(|outcome| {
            let settled = match &outcome.verdict {
                Verdict::Applied { .. } => Settled::Applied,
                Verdict::Rejected { code, params } => Settled::Refused { code: code.clone(), params: params.clone() },
                Verdict::PreviewChanged { digest } => Settled::Refused {
                    code: "preview_changed".to_owned(),
                    params: vec![("digest".to_owned(), digest.clone())],
                },
            };
            (outcome.mid, settled)
        });
        Ok(self.store.settle(&settled.collect::<Vec<_>>(), &real_time())?)
    }

    fn purge(&mut self) -> Result<()> {
        Ok(self.store.purge()?)
    }

    fn seal_up(&mut self, public_key: &[u8]) -> Result<()> {
        self.store.seal_up(|changes| boxed(public_key, changes))
    }

    fn sealed(&mut self) -> Result<Option<Escrow>> {
        Ok(self.store.sealed()?.map(|sealed| Escrow { sealed }))
    }

    fn handed_over(&mut self) -> Result<()> {
        Ok(self.store.handed_over()?)
    }

    fn trail(&mut self) -> Result<Option<Trail>> {
        let view = self.store.view();
        let sent = view.setting("audit_sent")?.and_then(|seq| seq.parse().ok()).unwrap_or(0);
        let links = view.audit_after(sent, wire::ENTRIES_AT_MOST)?;
        let entries = links.into_iter().map(|link| {
            let [at, actor_id, action, class, subjects, detail] = link.texts;
            let (seq, before, hash) = (link.seq.unsigned_abs(), link.before, link.hash);
            TrailEntry { seq, at, actor_id, action, class, subjects, detail, before, hash }
        });
        let entries: Vec<TrailEntry> = entries.collect();
        Ok((!entries.is_empty()).then_some(Trail { entries }))
    }

    fn trail_taken(&mut self, taken: &TrailTaken) -> Result<()> {
        Ok(self.store.write(|tx| tx.set_setting("audit_sent", &taken.seq.to_string()))?)
    }

    fn receive(&mut self, answer: &PullAnswer) -> Result<()> {
        let rows = answer.rows.iter().map(|row| {
            let wire::Row { kind, id, gone, body } = row.clone();
            Received { kind, id, gone, body }
        });
        let cursor = serde_json::to_string(&answer.cursor).map_err(Problem::internal)?;
        self.store.receive(rows.collect(), answer.last_mid, &cursor)?;
        Ok(())
    }

    fn compare(&mut self, whole: &Whole) -> Result<bool> {
        let compared = "compared";
        if self.store.view().setting(compared)?.as_deref() == Some(&whole.digest) {
            return Ok(true);
        }
        let (records, digest) = self.store.view().held()?;
        let same = records == whole.records && digest == whole.digest;
        if same {
            self.store.write(|tx| tx.set_setting(compared, &digest))?;
        } else {
            // Under a scope of no name the server serves everything anew.
            let astray = Cursor { scope: "astray".to_owned(), ..Cursor::default() };
            let cursor = serde_json::to_string(&astray).map_err(Problem::internal)?;
            self.store.write(|tx| tx.set_setting("cursor", &cursor))?;
        }
        Ok(same)
    }
}
