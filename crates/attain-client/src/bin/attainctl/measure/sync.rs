//! W7: a server of our own with a company of 100 000 orders; a new laptop, a push, and two hundred laptops for a minute.
//!
//! Owns: making the company and serving it, the clocks, and the proof that nothing was lost on the way.
//! Absent on purpose: the network between machines (all of it is on this one).

use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Barrier, Mutex};
use std::time::{Duration, Instant};

use attain_client::domain::mutation::{Mutation, VERSION};
use attain_client::domain::note::{NoteKind, Visibility};
use attain_client::import::Kind;
use attain_client::keys::Unlock;
use attain_client::problem::{Problem, Result};
use attain_client::sync::{self, Joining};
use attain_client::workspace::Workspace;
use attain_sync::wire::{self, Cursor, Pull, PullAnswer, Push, PushAnswer, Pushed, SignIn, SignedIn, Verdict};
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use super::{ORDERS, PASSPHRASE, fresh, import, memory, read};

const ORDERS_AT_MOST: usize = 100_000;
const PEOPLE: usize = 1_000;
const CHANGES: usize = 10_000;
const LAPTOPS: usize = 200;
const BATCH: u64 = 50;
const MINUTE: Duration = Duration::from_secs(60);
const PASSWORD: &str = "two hundred laptops";
const TENANT: &str = "yardstick";

/// The server's process; it ends with this.
struct Server {
    child: Child,
    url: String,
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Server {
    /// The most memory it ever held, in MB, where the system says it.
    fn peak_mb(&self) -> Option<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.child.id())).ok()?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
        Some(line.split_whitespace().next()?.parse::<u64>().ok()? / 1024)
    }
}

struct Place {
    program: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn command(&self) -> Command {
        let at = |name: &str| self.folder.join(name).display().to_string();
        let mut command = Command::new(&self.program);
        command
            .env("ATTAIN_DB", format!("sqlite:{}", at("server.db")))
            .env("ATTAIN_MASTER_KEY", format!("file:{}", at("master.key")))
            .env("ATTAIN_REPLICAS", at("replicas"))
            .env("ATTAIN_LISTEN", "127.0.0.1:0")
            .env("YARDSTICK", PASSWORD)
            .env("YARDSTICK_UNLOCK", PASSPHRASE)
            .stdin(Stdio::null())
            .stderr(Stdio::null());
        command
    }

    fn told(&self, args: &[&str]) -> Result<()> {
        let done = self.command().args(args).stdout(Stdio::null()).status().map_err(Problem::internal)?;
        if done.success() { Ok(()) } else { Err(Problem::internal(format!("attain-server {args:?}"))) }
    }

    fn serve(&self) -> Result<Server> {
        let mut child = self.command().arg("serve").stdout(Stdio::piped()).spawn().map_err(Problem::internal)?;
        let said = child.stdout.take().map(BufReader::new);
        let mut server = Server { child, url: String::new() };
        if let Some(mut said) = said {
            said.read_line(&mut server.url).map_err(Problem::internal)?;
        }
        server.url.truncate(server.url.trim_end().len());
        Ok(server)
    }
}

pub fn run(home: &Path, data: &Path) -> Result<Value> {
    let program = std::env::var_os("ATTAIN_SERVER").ok_or_else(|| Problem::internal("ATTAIN_SERVER is not set"))?;
    let place = Place { program: program.into(), folder: home.join("sync") };
    let _ = fs::remove_dir_all(&place.folder);
    fs::create_dir_all(&place.folder).map_err(Problem::internal)?;
    let reps = company(&place, data)?;
    let server = place.serve()?;

    let (_, bootstrap_t, records) = laptop(&place, &server, "first")?;
    let (mut second, again_t, _) = laptop(&place, &server, "second")?;
    let bootstrap_peak = server.peak_mb();

    for i in 0..CHANGES {
        let about = &reps[i % reps.len()];
        second.mutate(&note(i, about))?;
    }
    second.store.truncate_log()?;
    let begun = Instant::now();
    let report = sync::run(&mut second)?;
    second.store.truncate_log()?;
    let t = begun.elapsed().as_secs_f64();
    whole(&report)?;
    let (held, _) = second.view().held()?;
    if report.pushed != CHANGES as u64 || report.pending + report.attention > 0 || held != records + CHANGES as u64 {
        return Err(Problem::internal(format!("{report:?}, {held} records")));
    }
    second.lock()?;

    let changes = minute(&server, &reps)?;
    Ok(json!({
        "t": t,
        "bootstrap_t": bootstrap_t,
        "again_t": again_t,
        "records": records,
        "server_per_s": changes as f64 / MINUTE.as_secs_f64(),
        "changes": changes,
        "bootstrap_server_mb": bootstrap_peak,
        "server_mb": server.peak_mb(),
    }))
}

fn unlock() -> Unlock {
    Unlock::Passphrase(PASSPHRASE.to_string().into())
}

/// The company: its owner, a thousand people in fifty teams, their orders; on the server, with accounts for the first
/// two hundred. Answers those.
fn company(place: &Place, data: &Path) -> Result<Vec<String>> {
    use std::fmt::Write;
    let home = place.folder.join("company");
    let mut workspace = fresh(&home, &unlock())?;
    let mut units = String::from("unit_id,name,parent_id,kind\ncompany,Yardstick,,company\n");
    let mut people = String::from("person_id,name,unit_id,position,role,base_salary,joined_on,left_on\n");
    let reps: Vec<String> = (0..PEOPLE).map(|n| format!("R{n:05}")).collect();
    for (n, rep) in reps.iter().enumerate() {
        if n % 20 == 0 {
            let _ = writeln!(units, "T{0:03},T{0:03},company,team", n / 20);
        }
        let _ = writeln!(people, "{rep},{rep},T{:03},new_business,rep,10000.00,2024-01-01,", n / 20);
    }
    // Every order is somebody's here: those of the others are the same people's in turn.
    let text = read(&data.join("orders.csv"))?;
    let mut orders = String::new();
    for line in text.lines().take(ORDERS_AT_MOST + 1) {
        let mut cells: Vec<&str> = line.split(',').collect();
        let rep = cells.get(2).and_then(|rep| rep.strip_prefix('R')?.parse::<usize>().ok());
        if let Some(rep) = rep {
            cells[2] = &reps[rep % PEOPLE];
        }
        let _ = writeln!(orders, "{}", cells.join(","));
    }
    import(&mut workspace, Kind::Unit, memory("units.csv", units), None)?;
    import(&mut workspace, Kind::Person, memory("people.csv", people), None)?;
    import(&mut workspace, Kind::Order, memory("orders.csv", orders), Some(ORDERS))?;
    workspace.lock()?;
    let from = home.display().to_string();
    let password = "env:YARDSTICK";
    let unlock = "env:YARDSTICK_UNLOCK";
    place.told(&["tenant", "add", TENANT, "--from", &from, "--unlock", unlock, "--password", password])?;
    let reps = reps[..LAPTOPS].to_vec();
    for rep in &reps {
        place.told(&["user", "set", rep, "--tenant", TENANT, "--person", rep, "--password", password])?;
    }
    Ok(reps)
}

fn note(n: usize, about: &str) -> Mutation {
    Mutation::WriteNote {
        note_id: format!("n{n:06}"),
        about_id: about.to_owned(),
        kind: NoteKind::Note,
        visibility: Visibility::Managers,
        text: format!("order {n}: {about} 2025-03-{:02} {}.{:02} paid direct", n % 28 + 1, n * 7919 % 10_000, n % 100),
        actions: Vec::new(),
        before: None,
    }
}

fn whole(report: &sync::Report) -> Result<()> {
    match report.whole {
        Some(true) => Ok(()),
        _ => Err(Problem::internal(format!("not what the server has: {report:?}"))),
    }
}

/// A laptop of the owner, who may have everything: signed in, then on the clock until what it holds is what the server
/// says, durable in its file.
fn laptop(place: &Place, server: &Server, name: &str) -> Result<(Workspace, f64, u64)> {
    let home = place.folder.join(name);
    fs::create_dir_all(&home).map_err(Problem::internal)?;
    let joining = Joining { server: &server.url, user: "owner", password: PASSWORD, device_name: name, ca: None };
    let mut workspace = sync::sign_in(&home, &unlock(), &joining)?;
    let begun = Instant::now();
    let report = sync::run(&mut workspace)?;
    workspace.store.truncate_log()?;
    let t = begun.elapsed().as_secs_f64();
    whole(&report)?;
    workspace.viewer()?;
    // What came first came once more in its place.
    let records = workspace.view().held_count()?;
    Ok((workspace, t, records))
}

/// What speaks for a laptop that keeps nothing.
struct Caller {
    agent: ureq::Agent,
    url: String,
    access: Option<String>,
}

impl Caller {
    fn ask<A: DeserializeOwned>(&self, path: &str, message: &impl Serialize) -> Result<A> {
        let body = wire::encode(message).map_err(Problem::internal)?;
        let mut request = self.agent.post(format!("{}/v1/{path}", self.url));
        if let Some(access) = &self.access {
            request = request.header("authorization", format!("Bearer {access}"));
        }
        let mut response = request.send(&body).map_err(Problem::internal)?;
        let bytes = response.body_mut().with_config().limit(wire::MESSAGE_AT_MOST as u64).read_to_vec();
        wire::decode(&bytes.map_err(Problem::internal)?).map_err(Problem::internal)
    }
}

/// Two hundred people's laptops push batches of fifty for a minute, each waiting for its answer: how many changes were
/// applied.
///
/// Errors: one that was not.
fn minute(server: &Server, reps: &[String]) -> Result<u64> {
    let ready = Barrier::new(reps.len());
    // One after the other: a new laptop has the server read the whole company, and two hundred at once would wait too long.
    let door = Mutex::new(());
    let applied = std::thread::scope(|scope| {
        let threads: Vec<_> = reps.iter().map(|rep| scope.spawn(|| pushing(server, rep, &door, &ready))).collect();
        let done = threads.into_iter().map(|thread| thread.join().unwrap_or_else(|_| Err(Problem::internal("thread"))));
        done.collect::<Result<Vec<u64>>>()
    })?;
    Ok(applied.into_iter().sum())
}

fn pushing(server: &Server, rep: &str, door: &Mutex<()>, ready: &Barrier) -> Result<u64> {
    let signed = {
        let _one = door.lock();
        signed_in(server, rep)
    };
    // Whoever was not let in is waited for no less: else the others would wait for ever.
    ready.wait();
    let (caller, epoch, scope) = signed?;
    let until = Instant::now() + MINUTE;
    let mut last = 0;
    while Instant::now() < until {
        let mutations = (last + 1..=last + BATCH).map(|mid| {
            let item_id = format!("slipping/{rep}/{mid}");
            let change = Mutation::Snooze {
                item_id,
                until: super::NaiveDate::from_ymd_opt(2027, 1, 15).unwrap_or_default(),
                reason: "talked about it on Monday".into(),
            };
            let claimed_at = "2026-09-21T09:00:00.000Z".to_owned();
            let args = serde_json::to_vec(&change).map_err(Problem::internal)?;
            Ok(Pushed { mid, name: change.name().into(), version: VERSION, args, claimed_at })
        });
        let push = Push { epoch, scope: scope.clone(), mutations: mutations.collect::<Result<_>>()? };
        let answer: PushAnswer = caller.ask("push", &push)?;
        let good = answer.outcomes.iter().filter(|outcome| matches!(outcome.verdict, Verdict::Applied { .. })).count();
        if good as u64 != BATCH || answer.last_mid != last + BATCH {
            return Err(Problem::internal(format!("{good} of {BATCH} applied")));
        }
        last = answer.last_mid;
    }
    Ok(last)
}

/// The laptop, its epoch and the scope it is served under.
fn signed_in(server: &Server, rep: &str) -> Result<(Caller, u64, String)> {
    let agent = ureq::Agent::config_builder().http_status_as_error(true).build().new_agent();
    let mut caller = Caller { agent, url: server.url.clone(), access: None };
    let (user, password) = (rep.to_owned(), PASSWORD.to_owned());
    let signed: SignedIn =
        caller.ask("sign-in", &SignIn { user, password, device: None, device_name: rep.to_owned() })?;
    caller.access = Some(signed.tokens.access);
    let first: PullAnswer = caller.ask("pull", &Pull { cursor: Cursor::default() })?;
    Ok((caller, signed.epoch, first.cursor.scope))
}
