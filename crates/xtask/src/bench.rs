//! `cargo xtask bench [W1 …] [--size S|M] [--peers DIR] [--only-peers] [--json]`: the yardstick of
//! `docs/PERFORMANCE.md`, ours and the best of the field in one go. Owns what is run, in which order, and where.
//!
//! Ratios count; seconds drift with the machine. So ours and its peers take turns, three times, every one a fresh process,
//! and medians are compared. A run counts only when its check value is the expected one.
//!
//! Deliberately absent: the workloads themselves. Each is a child process `attainctl bench-run`, as a peer is a child
//! process of a script.
//!
//! # What a child is given and says
//!
//! `attainctl bench-run Wn --data DIR --home DIR`, with `ATTAIN_SERVER` naming the server's program where it was built (W7).
//! DIR of `--data` holds the generated files (`generate.rs`). DIR of `--home` is the same for all workloads of a size: W1 removes what
//! it finds there and leaves a workspace, encrypted and without a keychain, that W2, W5 and W10 open (W1 is run before them if it was
//! not asked for); what else a workload needs it makes there itself, outside its clock. Exit 0, and exactly one line on
//! stdout that begins with `@@`, followed by one JSON object:
//!
//! ```text
//! @@{"t":2.31,"check":[1000000,242452689540],"figures_t":0.41}
//! ```
//!
//! `t` (seconds, required) is the workload's own clock: durable, checkpoint inside, process start outside. `check` is compared as
//! it stands with `workload.rs`. Any other number is a further figure; a name says its unit: `t` or `…_t` seconds, `…_ms`
//! milliseconds, `…_mb` megabytes (1 048 576 bytes), `…_per_s` a rate, anything else a count. `peak_rss_mb` is measured from outside (a child's own is
//! ignored). Those a goal is set for:
//!
//! | | `t` | further | `check` |
//! |---|---|---|---|
//! | W1 | orders durable in the store, indexed | `figures_t`: the figures derived from them, apart | orders, Σ amount in cents |
//! | W2 | 120 000 payslips computed and written back | `edit_ms`: one changed order to its new payslip | payslips, Σ bonus in cents |
//! | W3 | root changed, split, saved with audit | `preview_ms`, `pay_ms`: preview, and its effect on pay | root in cents, parents that do not add up, Σ id × cents mod 2⁶¹−1 over the generator's nodes |
//! | W5 | median of one team's chart over 50 teams, store open | `company_t`: the same for all orders | – |
//! | W6 | median of one search | `p99_ms`, `build_t`, `zh_ms`: slowest hundredth, index built, median of Chinese ones | – |
//! | W7 | push of 10 000 mutations | `bootstrap_t`: a new laptop with 100 000 rows; `server_per_s`: mutations a second from 200 laptops | – |
//! | W9 | 85 000 changes in one transaction, with audit | `event_ms`: one event | – |
//! | W10 | edit → redistribute → ready to paint, 2 000 people | `commit_ms` | – |
//!
//! W4 and W8 measure the app itself (`shell.rs`), W11 two laptops and what lies between them (`latency.rs`). For the
//! former `attainctl bench-run W4 --data DIR --home DIR` makes a workspace of all orders in `--home`, its keys in the
//! keychain of the session it runs in; what it says is not looked at.

mod child;
mod generate;
mod latency;
mod peer;
mod report;
mod shell;
mod workload;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::run;
use child::Run;
use generate::Size;
use peer::Peers;
use workload::{WORKLOADS, Workload};

/// How often each is run.
const ROUNDS: usize = 3;

/// Ours among the programs that take turns.
const OURS: &str = "ours";

/// What each program made of a workload: its runs, or why there are none.
type Outcomes = BTreeMap<String, Result<Vec<Run>, String>>;

/// Runs a program once.
type Turn<'a> = Box<dyn Fn() -> Result<Run, String> + 'a>;

struct Options {
    chosen: Vec<&'static Workload>,
    size: Size,
    peers: Option<PathBuf>,
    only_peers: bool,
    json: bool,
}

/// Runs the benchmark. Unmet goals are in the table, not an error.
///
/// Errors: arguments that are not understood, a build that fails, data that cannot be written, or a workload of ours that
/// does not run or whose check value is wrong (after the table).
pub fn run(args: &[String]) -> Result<(), String> {
    let options = options(args)?;
    let root = run::root();
    let place = run::target(&root).join("bench").join(options.size.name());
    // Standard output is the table's, or the one JSON document's.
    // Two laptops of the sample company need nothing of this.
    let alone = options.chosen.iter().all(|workload| workload.id == "W11");
    if !alone {
        eprintln!("── data in {}", place.display());
        generate::ensure(&place, options.size)?;
    }
    let peers = options.peers.as_deref().map(|dir| Peers::find(dir, &place)).transpose()?;
    let ours = if options.only_peers || alone { None } else { Some(Ours::build(&root, &place, &options.chosen)?) };

    let mut results = Vec::new();
    let mut shells = None;
    for workload in &options.chosen {
        eprintln!("── {} {}", workload.id, workload.what);
        let outcomes = match workload.script {
            None if workload.id == "W11" && options.only_peers => Outcomes::new(),
            None if workload.id == "W11" => latency::measure(&root)?,
            None if workload.in_window => {
                let outcomes = match shells.take() {
                    Some(outcomes) => outcomes,
                    None => shell::measure(ours.as_ref(), &place, ROUNDS)?,
                };
                shells = Some(outcomes.clone());
                outcomes
            }
            _ => take_turns(workload, ours.as_ref(), peers.as_ref())?,
        };
        results.push((*workload, outcomes));
    }
    let report = report::Report::new(options.size, &results);
    if options.json {
        println!("{}", report.json())
    } else {
        print!("{}", report.table())
    }
    report.faults()
}

fn options(args: &[String]) -> Result<Options, String> {
    let mut options = Options { chosen: Vec::new(), size: Size::M, peers: None, only_peers: false, json: false };
    let mut rest = args.iter();
    while let Some(arg) = rest.next() {
        match arg.as_str() {
            "--json" => options.json = true,
            "--only-peers" => options.only_peers = true,
            "--size" => {
                options.size = match rest.next().map(String::as_str) {
                    Some("S") => Size::S,
                    Some("M") => Size::M,
                    _ => return Err("--size takes S or M".into()),
                }
            }
            "--peers" => {
                let dir = rest.next().ok_or("--peers takes the directory of the peers' scripts")?;
                options.peers = Some(PathBuf::from(dir));
            }
            name => match WORKLOADS.iter().find(|workload| workload.id.eq_ignore_ascii_case(name)) {
                Some(workload) => options.chosen.push(workload),
                None => {
                    return Err(format!(
                        "bench does not know {name:?}; it takes W1 to W11, --size S|M, --peers DIR, --only-peers, --json"
                    ));
                }
            },
        }
    }
    if options.only_peers && options.peers.is_none() {
        return Err("--only-peers needs --peers DIR".into());
    }
    if options.chosen.is_empty() {
        options.chosen = WORKLOADS.iter().collect();
    }
    Ok(options)
}

/// Our programs, built, and where they work.
struct Ours {
    root: PathBuf,
    attainctl: PathBuf,
    server: Option<PathBuf>,
    data: PathBuf,
    home: PathBuf,
}

impl Ours {
    fn build(root: &Path, place: &Path, chosen: &[&Workload]) -> Result<Self, String> {
        let release = run::target(root).join("release");
        let program = |name: &str| release.join(format!("{name}{}", std::env::consts::EXE_SUFFIX));
        build(root, &["--package", "attain-client", "--bin", "attainctl"])?;
        let wants_server =
            chosen.iter().any(|workload| workload.id == "W7") && root.join("crates/attain-server").exists();
        if wants_server {
            build(root, &["--package", "attain-server", "--bins"])?;
        }
        let server = wants_server.then(|| program("attain-server"));
        let ours = Ours {
            root: root.to_owned(),
            attainctl: program("attainctl"),
            server,
            data: place.to_owned(),
            home: place.join("home"),
        };
        let first = chosen.first().map_or("", |workload| workload.id);
        if first != "W1" && chosen.iter().any(|workload| workload.on_store) {
            eprintln!("── W1 first: what the others open");
            child::fresh(&mut ours.bench_run("W1", &ours.home))?;
        }
        Ok(ours)
    }

    fn bench_run(&self, id: &str, home: &Path) -> Command {
        let mut command = Command::new(&self.attainctl);
        command.args(["bench-run", id, "--data"]).arg(&self.data).arg("--home").arg(home);
        if let Some(server) = &self.server {
            command.env("ATTAIN_SERVER", server);
        }
        command
    }
}

fn build(root: &Path, what: &[&str]) -> Result<(), String> {
    eprintln!("── building: {}", what.join(" "));
    let mut cargo = run::cargo(root);
    run::check(cargo.args(["build", "--quiet", "--release"]).args(what).stdout(std::io::stderr()))
}

/// Ours and the peers, one after the other, [`ROUNDS`] times. One that fails is not run again.
fn take_turns(workload: &Workload, ours: Option<&Ours>, peers: Option<&Peers>) -> Result<Outcomes, String> {
    let mut turns: Vec<(String, Turn)> = Vec::new();
    if let Some(ours) = ours {
        turns.push((OURS.into(), Box::new(|| child::fresh(&mut ours.bench_run(workload.id, &ours.home)))));
    }
    if let Some(peers) = peers {
        peers.prepare(workload)?;
        turns.extend(workload.peers.iter().map(|name| {
            let turn: Turn = Box::new(|| peers.run(workload, name));
            ((*name).to_owned(), turn)
        }));
    }
    let mut outcomes = Outcomes::new();
    for round in 1..=ROUNDS {
        for (name, turn) in &turns {
            let outcome = outcomes.entry(name.clone()).or_insert_with(|| Ok(Vec::new()));
            let Ok(runs) = outcome else { continue };
            match turn() {
                Ok(run) => {
                    eprintln!("   {round}  {name:24} {:10.4} s", run.figure("t").unwrap_or(f64::NAN));
                    runs.push(run);
                }
                Err(error) => {
                    eprintln!("   {round}  {name:24} failed: {error}");
                    *outcome = Err(error);
                }
            }
        }
    }
    Ok(outcomes)
}
