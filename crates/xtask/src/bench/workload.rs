//! The workloads: their peers, the value that proves a run did the work, and their goals. As `docs/PERFORMANCE.md` says.
//!
//! Deliberately absent: how anything is run.

use serde_json::{Value, json};

use super::child::PEAK;
use super::generate::Size;

pub struct Workload {
    pub id: &'static str,
    pub what: &'static str,
    /// The peers' script.
    pub script: Option<&'static str>,
    /// Its variants, each a program that takes turns with ours.
    pub peers: &'static [&'static str],
    /// Variants of W1's script that leave, under the name of the file, what this workload's peers open.
    pub peers_open: &'static [(&'static str, &'static str)],
    /// Ours opens the workspace that W1 left.
    pub on_store: bool,
    /// Measures the app in its window, not a child that says its figures.
    pub in_window: bool,
    pub goals: &'static [Goal],
}

/// What a figure of ours must be.
pub struct Goal {
    pub what: &'static str,
    pub figure: &'static str,
    pub bound: Bound,
}

pub enum Bound {
    /// In the figure's own unit.
    AtMost(f64),
    /// In the figure's own unit.
    AtLeast(f64),
    /// Ours ÷ theirs, of the best of these peers by their figure of that name.
    Times { at_most: f64, peers: &'static [&'static str], figure: &'static str },
}

const fn at_most(what: &'static str, figure: &'static str, most: f64) -> Goal {
    Goal { what, figure, bound: Bound::AtMost(most) }
}

const fn times(
    what: &'static str,
    figure: &'static str,
    at_most: f64,
    peers: &'static [&'static str],
    theirs: &'static str,
) -> Goal {
    Goal { what, figure, bound: Bound::Times { at_most, peers, figure: theirs } }
}

const W1_FILES: &[(&str, &str)] = &[
    ("duckdb-plain", "w1d00.duckdb"),
    ("py-sqlcipher4", "w1c.db"),
    ("py-sqlite3-plain", "w1p.db"),
    ("polars-parquet", "w1.parquet"),
];
const CHART_PEERS: &[&str] =
    &["sqlite-covering", "sqlcipher4-covering", "sqlcipher4-index", "duckdb", "polars-in-memory"];
const WEBKIT: &[&str] = &[super::shell::WEBKIT];

/// PostgreSQL's one-row commits a second, measured once; the server's rate is held against five times this.
const POSTGRESQL_PER_S: f64 = 9_000.0;

const NONE: Workload = Workload {
    id: "",
    what: "",
    script: None,
    peers: &[],
    peers_open: &[],
    on_store: false,
    in_window: false,
    goals: &[],
};

pub const WORKLOADS: [Workload; 11] = [
    Workload {
        id: "W1",
        what: "import of all orders",
        script: Some("w1_import.py"),
        peers: &["duckdb-aes", "py-sqlcipher4"],
        goals: &[times("import", "t", 1.0, &["duckdb-aes"], "t"), at_most("peak memory", PEAK, 200.0)],
        ..NONE
    },
    Workload {
        id: "W2",
        what: "twelve payslips a rep, written back",
        script: Some("w2_bonus.py"),
        peers: &["duckdb-from-table", "sqlcipher4-sql"],
        peers_open: W1_FILES.split_at(2).0,
        on_store: true,
        goals: &[times("all", "t", 1.0, &["duckdb-from-table"], "t"), at_most("one changed order", "edit_ms", 5.0)],
        ..NONE
    },
    Workload {
        id: "W3",
        what: "root goal 100M → 120M, cascaded and saved",
        script: Some("w3_cascade.py"),
        peers: &["duckdb-sql-windows", "sqlcipher4+python-int"],
        goals: &[
            times("cascade", "t", 0.65, &["duckdb-sql-windows"], "t"),
            at_most("preview", "preview_ms", 16.0),
            at_most("effect on pay", "pay_ms", 200.0),
        ],
        ..NONE
    },
    Workload {
        id: "W4",
        what: "start to first painted screen",
        in_window: true,
        goals: &[times("start", "t", 1.35, WEBKIT, "t")],
        ..NONE
    },
    Workload {
        id: "W5",
        what: "trend chart of a year to SVG",
        script: Some("w5_trend.py"),
        peers: CHART_PEERS,
        peers_open: W1_FILES,
        on_store: true,
        goals: &[
            times("a team", "t", 0.8, CHART_PEERS, "t"),
            times("the company", "company_t", 0.5, CHART_PEERS, "company"),
        ],
        ..NONE
    },
    Workload {
        id: "W6",
        what: "search in notes, top 20 with snippet",
        script: Some("w6_search.py"),
        peers: &["tantivy", "fts5-sqlcipher4"],
        goals: &[
            times("p50", "t", 2.0, &["tantivy"], "t"),
            times("p99", "p99_ms", 0.02, &["fts5-sqlcipher4"], "p99_ms"),
        ],
        ..NONE
    },
    Workload {
        id: "W7",
        what: "sync: push, new laptop, server",
        script: Some("w7_anki.py"),
        peers: &[super::peer::ANKI],
        goals: &[
            times("push", "t", 0.4, &[super::peer::ANKI], "t"),
            times("new laptop", "bootstrap_t", 1.0, &[super::peer::ANKI], "bootstrap_t"),
            Goal { what: "server", figure: "server_per_s", bound: Bound::AtLeast(5.0 * POSTGRESQL_PER_S) },
        ],
        ..NONE
    },
    Workload {
        id: "W8",
        what: "idle memory, installer",
        in_window: true,
        goals: &[
            times("all processes (PSS)", "pss_mb", 1.15, WEBKIT, "pss_mb"),
            at_most("our own process (PSS)", "own_mb", 80.0),
            at_most("installer", "installer_mb", 40.0),
        ],
        ..NONE
    },
    Workload {
        id: "W9",
        what: "audit of 85 000 changes in one transaction",
        script: Some("w9_audit.py"),
        peers: &["bulk85k-cipher-noaudit", "bulk85k-cipher-audit"],
        goals: &[times("with audit ÷ without", "t", 1.3, &["bulk85k-cipher-noaudit"], "t")],
        ..NONE
    },
    Workload {
        id: "W10",
        what: "calibration of 2 000 people",
        on_store: true,
        goals: &[at_most("edit to repaint", "t", 0.016), at_most("commit", "commit_ms", 50.0)],
        ..NONE
    },
    Workload {
        id: "W11",
        what: "a change on one laptop to another's open screen",
        in_window: true,
        goals: &[at_most("median", "t", 1.0)],
        ..NONE
    },
];

impl Workload {
    /// What a run must say it computed, if the workload has such a value.
    pub fn check(&self, size: Size) -> Option<Value> {
        match (self.id, size) {
            ("W1", Size::S) => Some(json!([100_000, 24_323_651_262_i64])),
            ("W1", Size::M) => Some(json!([1_000_000, 242_452_689_540_i64])),
            ("W2", Size::S) => Some(json!([12_000, 2_160_361_394_i64])),
            ("W2", Size::M) => Some(json!([120_000, 21_472_374_379_i64])),
            ("W3", _) => Some(json!([12_000_000_000_i64, 0, 614_413_997_664_634_i64])),
            _ => None,
        }
    }
}
