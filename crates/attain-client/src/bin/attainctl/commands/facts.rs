//! `unit|person|order|credit|metric|rate import|list`, and importing goals.

use std::io::IsTerminal;
use std::ops::ControlFlow;

use attain_client::domain::access::{Action, DataClass};
use attain_client::import::{self, Input, Kind, Mapping, Request};
use attain_client::problem::{Problem, Result};
use attain_client::scope;
use serde_json::{Value, json};

use super::{Open, period};
use crate::answer::{Answer, items};
use crate::arguments::{FactVerb, Import};

pub fn run(open: &mut Open, kind: Kind, verb: &FactVerb) -> Result<Answer> {
    match verb {
        FactVerb::Import(arguments) => import(open, kind, arguments),
        FactVerb::List { period, person, limit } => list(open, kind, period.as_deref(), person.as_deref(), *limit),
    }
}

/// Imports a file; findings among rows leave the good rows in place and answer with status 1.
pub fn import(open: &mut Open, kind: Kind, arguments: &Import) -> Result<Answer> {
    let mapping = match &arguments.mapping {
        None => None,
        Some(path) => {
            let text = std::fs::read_to_string(path)
                .map_err(|e| Problem::usage("file_unreadable").with("file", path.display()).because(e))?;
            Some(Mapping::parse(&text).map_err(Problem::from)?)
        }
    };
    let request = Request {
        mapping,
        source: arguments.source.clone(),
        sheet: arguments.sheet.clone(),
        dry_run: arguments.dry_run,
        rejects: arguments.rejects.clone(),
        language: open.viewer.language,
        ..Request::of(kind, Input::File(arguments.file.clone()))
    };
    let now = open.workspace.now()?;
    let show = std::io::stderr().is_terminal();
    let mut progress = |p: import::Progress| {
        if show && p.total > 0 {
            eprint!("\r{:3} %", p.done.saturating_mul(100) / p.total);
        }
        ControlFlow::Continue(())
    };
    let report = import::run(&mut open.workspace.store, &open.viewer.actor, &request, &now, &mut progress)
        .map_err(Problem::from)?;
    if show {
        eprint!("\r      \r");
    }
    let language = open.viewer.language;
    let findings: Vec<Value> = report
        .findings
        .iter()
        .map(|f| json!({ "row": f.row, "column": f.column, "code": f.code, "message": f.message(language) }))
        .collect();
    let json = json!({
        "dry_run": report.dry_run, "rows": report.rows, "imported": report.imported, "unchanged": report.unchanged,
        "rejected": report.rejected, "findings": findings, "findings_total": report.findings_total,
    });
    Ok(Answer { json, complete: report.rejected == 0 && report.findings_total == 0 })
}

fn list(open: &mut Open, kind: Kind, in_period: Option<&str>, person: Option<&str>, limit: u32) -> Result<Answer> {
    let view = open.workspace.view();
    let viewer = &open.viewer;
    match kind {
        Kind::Unit => Ok(items(view.units()?.iter().map(|u| json!(u)).collect()).into()),
        Kind::Person => {
            let mut visible = Vec::new();
            for row in view.people(viewer.today)? {
                if scope::may_about(view, viewer, Action::SeeFigures, &row.id)? {
                    visible.push(json!(row));
                }
            }
            Ok(items(visible).into())
        }
        Kind::Order => {
            let range = match in_period {
                Some(text) => Some(view.fiscal()?.range(period(text)?)),
                None => view.fact_days()?.map(|(from, last)| attain_client::domain::period::DateRange {
                    from,
                    until: last.succ_opt().unwrap_or(last),
                }),
            };
            let Some(range) = range else { return Ok(items(Vec::new()).into()) };
            let orders = scope::orders(view, viewer, person, range, limit)?;
            let mut people: Vec<String> = orders.iter().map(|order| order.person_id.clone()).collect();
            people.extend(person.map(str::to_string));
            people.sort();
            people.dedup();
            open.workspace.disclose("orders", DataClass::Core, &people)?;
            Ok(items(orders.iter().map(|order| json!(order)).collect()).into())
        }
        _ => Err(Problem::usage("not_listed")),
    }
}
