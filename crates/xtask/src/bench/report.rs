//! What came out: medians, ratios, goals met or not, as one table or one JSON document.
//!
//! Deliberately absent: running anything, and judging peers (one with a wrong check value is left out and named).

use std::fmt::Write as _;

use serde_json::{Map, Value, json};

use super::child::{PEAK, Run};
use super::generate::Size;
use super::workload::{Bound, Goal, Workload};
use super::{OURS, Outcomes, ROUNDS};

pub struct Report<'a> {
    size: Size,
    load: String,
    results: Vec<Judged<'a>>,
}

/// A workload, its programs (ours first) and its goals.
struct Judged<'a> {
    workload: &'a Workload,
    programs: Vec<Program<'a>>,
    lines: Vec<Line>,
}

/// Ours or a peer after its runs.
struct Program<'a> {
    name: &'a str,
    runs: &'a [Run],
    failure: Option<&'a str>,
    /// Whether every run said the expected value; `None` where there is none.
    checked: Option<bool>,
}

/// One goal, judged.
struct Line {
    what: &'static str,
    figure: &'static str,
    ours: Option<f64>,
    /// Name and value of the best peer.
    peer: Option<(String, f64)>,
    bound: String,
    met: Option<bool>,
}

impl Program<'_> {
    fn median(&self, figure: &str) -> Option<f64> {
        let mut values: Vec<f64> = self.runs.iter().filter_map(|run| run.figure(figure)).collect();
        values.sort_by(f64::total_cmp);
        values.get(values.len() / 2).copied()
    }

    fn counts(&self) -> bool {
        self.failure.is_none() && self.checked != Some(false)
    }

    /// Names of all figures it said: `t` first, the peak last.
    fn figures(&self) -> Vec<&str> {
        let first = self.runs.first().map(|run| &run.0);
        let numbers = first.into_iter().flat_map(Map::iter).filter(|(_, value)| value.is_number());
        let mut names: Vec<&str> = numbers.map(|(name, _)| name.as_str()).collect();
        names.sort_by_key(|name| (*name != "t", *name == PEAK, *name));
        names
    }
}

impl<'a> Report<'a> {
    pub fn new(size: Size, results: &'a [(&'a Workload, Outcomes)]) -> Self {
        let load = std::fs::read_to_string("/proc/loadavg").unwrap_or_default();
        let load = load.split(' ').next().unwrap_or_default().to_owned();
        let results = results.iter().map(|(workload, outcomes)| judge(size, workload, outcomes)).collect();
        Report { size, load, results }
    }

    /// Workload, ours, peak, check, best peer, ratio, goal, met; below it everything else that was measured.
    pub fn table(&self) -> String {
        let mut rows: Vec<[String; 8]> =
            vec![["", "ours", "peak RSS", "check", "best peer", "ratio", "goal", ""].map(str::to_owned)];
        for result in &self.results {
            let ours = result.programs.iter().find(|program| program.name == OURS);
            for line in &result.lines {
                let peer = line.peer.as_ref();
                rows.push([
                    format!("{} {}", result.workload.id, line.what),
                    line.ours.map_or_else(|| "–".into(), |value| shown(line.figure, value)),
                    ours.and_then(|ours| ours.median(PEAK)).map_or_else(|| "–".into(), |peak| shown(PEAK, peak)),
                    check_word(ours).into(),
                    peer.map_or_else(|| "–".into(), |(name, value)| format!("{name} {}", shown(line.figure, *value))),
                    line.ratio().map_or_else(|| "–".into(), |ratio| format!("{ratio:.2}")),
                    line.bound.clone(),
                    line.met.map_or("–", |met| if met { "met" } else { "not met" }).into(),
                ]);
            }
        }
        let widths: Vec<usize> =
            (0..8).map(|column| rows.iter().map(|row| row[column].chars().count()).max().unwrap_or(0)).collect();
        let mut out = format!(
            "size {}, median of {ROUNDS} runs in turns, load {}. Ratios count, seconds drift.{}\n\n",
            self.size.name(),
            self.load,
            if self.size == Size::M { "" } else { " The goals are set for size M." },
        );
        for row in &rows {
            let cells: Vec<String> = row
                .iter()
                .zip(&widths)
                .enumerate()
                .map(|(column, (cell, width))| {
                    let right = matches!(column, 1 | 2 | 5);
                    if right { format!("{cell:>width$}") } else { format!("{cell:<width$}") }
                })
                .collect();
            let _ = writeln!(out, "{}", cells.join("   ").trim_end());
        }
        out.push('\n');
        for result in &self.results {
            for program in &result.programs {
                let _ = writeln!(out, "{:<4} {:<24} {}", result.workload.id, program.name, program.said());
            }
        }
        out
    }

    /// The same as a document.
    pub fn json(&self) -> Value {
        let workloads = self.results.iter().map(|result| {
            let programs = result.programs.iter().map(|program| {
                let medians: Map<String, Value> =
                    program.figures().iter().map(|name| ((*name).to_owned(), program.median(name).into())).collect();
                let runs: Vec<&Map<String, Value>> = program.runs.iter().map(|run| &run.0).collect();
                json!({
                    "name": program.name, "median": medians, "runs": runs, "check": program.checked, "failure": program.failure,
                })
            });
            let goals = result.lines.iter().map(|line| {
                json!({
                    "what": line.what, "figure": line.figure, "ours": line.ours,
                    "peer": line.peer.as_ref().map(|peer| &peer.0), "theirs": line.peer.as_ref().map(|peer| peer.1),
                    "ratio": line.ratio(), "goal": line.bound, "met": line.met,
                })
            });
            json!({
                "id": result.workload.id, "what": result.workload.what,
                "programs": programs.collect::<Vec<_>>(), "goals": goals.collect::<Vec<_>>(),
            })
        });
        json!({ "size": self.size.name(), "rounds": ROUNDS, "load": self.load, "workloads": workloads.collect::<Vec<_>>() })
    }

    /// Errors: workloads of ours that did not run, or whose check value is wrong.
    pub fn faults(&self) -> Result<(), String> {
        let ours = self.results.iter().flat_map(|result| {
            result.programs.iter().filter(|program| program.name == OURS).map(|program| (result.workload.id, program))
        });
        let faults: Vec<String> = ours
            .filter_map(|(id, program)| match (program.failure, program.checked) {
                (Some(failure), _) => Some(format!("{id}: {failure}")),
                (None, Some(false)) => Some(format!("{id}: its check value is wrong")),
                _ => None,
            })
            .collect();
        if faults.is_empty() { Ok(()) } else { Err(faults.join("; ")) }
    }
}

impl Line {
    fn ratio(&self) -> Option<f64> {
        Some(self.ours? / self.peer.as_ref()?.1)
    }
}

impl Program<'_> {
    fn said(&self) -> String {
        if let Some(failure) = self.failure {
            return format!("failed: {failure}");
        }
        let figures: Vec<String> = self
            .figures()
            .iter()
            .map(|name| {
                let median = self.median(name).map_or_else(String::new, |value| shown(name, value));
                if *name == "t" { median } else { format!("{name} {median}") }
            })
            .collect();
        let wrong = match (self.checked, self.runs.first().and_then(Run::check)) {
            (Some(false), Some(check)) => format!("   does not count: its check value is {check}"),
            (Some(false), None) => "   does not count: it said no check value".into(),
            _ => String::new(),
        };
        format!("{}{wrong}", figures.join("   "))
    }
}

fn judge<'a>(size: Size, workload: &'a Workload, outcomes: &'a Outcomes) -> Judged<'a> {
    let expected = workload.check(size);
    let mut programs: Vec<Program> = outcomes
        .iter()
        .map(|(name, outcome)| {
            let (runs, failure) = match outcome {
                Ok(runs) => (runs.as_slice(), None),
                Err(error) => (&[][..], Some(error.as_str())),
            };
            let checked = expected.as_ref().map(|expected| runs.iter().all(|run| run.check() == Some(expected)));
            Program { name, runs, failure, checked }
        })
        .collect();
    let place = |name: &str| workload.peers.iter().position(|peer| *peer == name).unwrap_or(usize::MAX);
    programs.sort_by_key(|program| (program.name != OURS, place(program.name)));
    let lines = workload.goals.iter().map(|goal| line(goal, &programs)).collect();
    Judged { workload, programs, lines }
}

fn line(goal: &Goal, programs: &[Program]) -> Line {
    let ours = programs.iter().find(|program| program.name == OURS && program.counts());
    let ours = ours.and_then(|ours| ours.median(goal.figure));
    let (peer, bound, most) = match goal.bound {
        Bound::AtMost(most) => (None, format!("≤ {}", shown(goal.figure, most)), Some(most)),
        Bound::AtLeast(least) => {
            let met = ours.map(|ours| ours >= least);
            let bound = format!("≥ {}", shown(goal.figure, least));
            return Line { what: goal.what, figure: goal.figure, ours, peer: None, bound, met };
        }
        Bound::Times { at_most, peers, figure } => {
            let best = programs
                .iter()
                .filter(|program| peers.contains(&program.name) && program.counts())
                .filter_map(|program| Some((program.name.to_owned(), program.median(figure)?)))
                .min_by(|one, other| one.1.total_cmp(&other.1));
            let most = best.as_ref().map(|best| best.1 * at_most);
            (best, format!("≤ {at_most} ×"), most)
        }
    };
    let met = ours.zip(most).map(|(ours, most)| ours <= most);
    Line { what: goal.what, figure: goal.figure, ours, peer, bound, met }
}

fn check_word(ours: Option<&Program>) -> &'static str {
    match ours.map(|ours| (ours.failure.is_some(), ours.checked)) {
        Some((true, _)) => "failed",
        Some((false, Some(true))) => "right",
        Some((false, Some(false))) => "WRONG",
        _ => "–",
    }
}

/// A figure with the unit its name says.
fn shown(figure: &str, value: f64) -> String {
    let milliseconds = |value: f64| {
        let digits = if value < 1.0 {
            3
        } else if value < 10.0 {
            2
        } else {
            1
        };
        format!("{value:.digits$} ms")
    };
    if figure.ends_with("_ms") {
        milliseconds(value)
    } else if figure.ends_with("mb") {
        format!("{value:.0} MB")
    } else if figure.ends_with("_per_s") {
        format!("{value:.0}/s")
    } else if ["t", "company", "build_s", "p95"].contains(&figure) || figure.ends_with("_t") {
        if value < 0.1 { milliseconds(value * 1000.0) } else { format!("{value:.2} s") }
    } else {
        format!("{value}")
    }
}

#[cfg(test)]
mod tests {
    use super::super::workload::WORKLOADS;
    use super::*;

    fn runs(said: &[Value]) -> Result<Vec<Run>, String> {
        Ok(said.iter().filter_map(Value::as_object).cloned().map(Run).collect())
    }

    fn imports(ours: i64) -> Vec<(&'static Workload, Outcomes)> {
        let right = json!([1_000_000, 242_452_689_540_i64]);
        let told =
            |times: [f64; 3], check: &Value| runs(&times.map(|t| json!({"t": t, "check": check, "peak_rss_mb": 143})));
        let outcomes = Outcomes::from([
            (OURS.to_owned(), told([2.4, 2.2, 9.0], &json!([1_000_000, ours]))),
            ("duckdb-aes".to_owned(), told([3.0, 2.9, 3.2], &right)),
            ("py-sqlcipher4".to_owned(), Err("no module".to_owned())),
        ]);
        vec![(&WORKLOADS[0], outcomes)]
    }

    #[test]
    fn medians_are_compared_and_goals_judged() {
        let results = imports(242_452_689_540);
        let report = Report::new(Size::M, &results);
        assert_eq!(report.faults(), Ok(()));
        let goals = &report.json()["workloads"][0]["goals"];
        assert_eq!(goals[0]["ours"], 2.4);
        assert_eq!((&goals[0]["peer"], &goals[0]["theirs"]), (&json!("duckdb-aes"), &json!(3.0)));
        assert_eq!((&goals[0]["met"], &goals[1]["met"]), (&json!(true), &json!(true)));
        let table = report.table();
        let row = table.lines().find(|line| line.starts_with("W1 import")).unwrap();
        for cell in ["2.40 s", "143 MB", "right", "duckdb-aes 3.00 s", "0.80", "≤ 1 ×", "met"] {
            assert!(row.contains(cell), "{cell} in {row}");
        }
        assert!(table.contains("py-sqlcipher4            failed: no module"));
    }

    #[test]
    fn a_wrong_check_value_does_not_count() {
        let results = imports(242_452_689_541);
        let report = Report::new(Size::M, &results);
        assert_eq!(report.faults(), Err("W1: its check value is wrong".to_owned()));
        assert_eq!(report.json()["workloads"][0]["goals"][0]["met"], Value::Null);
        assert!(report.table().contains("WRONG"));
    }

    #[test]
    fn a_goal_no_one_measured_is_left_open() {
        let results = vec![(&WORKLOADS[1], Outcomes::new())];
        let report = Report::new(Size::M, &results);
        assert!(report.table().lines().filter(|line| line.starts_with("W2")).all(|line| line.ends_with('–')));
    }
}
