//! One function a noun: open the workspace, ask, turn the answer into JSON.

mod draft;
mod exception;
mod facts;
mod figures;
mod goal;
mod note;
mod pay;
mod seat;
mod sync;
mod workspace;

use std::path::PathBuf;

use attain_client::domain::money::Currency;
use attain_client::domain::period::Period;
use attain_client::keys::Unlock;
use attain_client::language::Language;
use attain_client::problem::{Problem, Result};
use attain_client::{Viewer, Workspace};
use serde_json::json;

use crate::answer::{Answer, items};
use crate::arguments::{Arguments, AuditVerb, Noun, PlanVerb, SettingVerb, UnitVerb};
use crate::measure;

/// An open workspace with who looks: what most commands start from.
pub struct Open {
    pub workspace: Workspace,
    pub viewer: Viewer,
    pub currency: Currency,
}

pub fn run(arguments: &Arguments, language: Language) -> Result<Answer> {
    use attain_client::import::Kind;
    match &arguments.noun {
        Noun::Workspace(verb) => workspace::run(arguments, language, verb),
        Noun::Sync(verb) => sync::run(arguments, language, verb),
        Noun::Plan(PlanVerb::Run { file, inputs }) => pay::run_plan(language, file, inputs),
        Noun::Plan(PlanVerb::Check { file }) => match open(arguments, language) {
            Ok(mut open) => pay::plan(&mut open, &PlanVerb::Check { file: file.clone() }),
            Err(problem) if problem.code == "no_workspace" => pay::check_plan(language, file),
            Err(problem) => Err(problem),
        },
        Noun::BenchRun { workload, data } => measure::run(&home(arguments)?, workload, data),
        noun => {
            let mut open = open(arguments, language)?;
            match noun {
                Noun::Unit(UnitVerb::Facts(verb)) => facts::run(&mut open, Kind::Unit, verb),
                Noun::Unit(UnitVerb::Seat(verb)) => seat::run(&mut open, verb),
                Noun::Person(verb) => facts::run(&mut open, Kind::Person, verb),
                Noun::Order(verb) => facts::run(&mut open, Kind::Order, verb),
                Noun::Credit(verb) => facts::run(&mut open, Kind::Credit, verb),
                Noun::Metric(verb) => facts::run(&mut open, Kind::Metric, verb),
                Noun::Rate(verb) => facts::run(&mut open, Kind::Rate, verb),
                Noun::Goal(verb) => goal::run(&mut open, verb),
                Noun::Attainment(verb) => figures::attainment(&mut open, verb),
                Noun::Today(verb) => figures::today(&mut open, verb),
                Noun::Chart(verb) => figures::chart(&mut open, verb),
                Noun::Search { query } => figures::search(&mut open, query),
                Noun::Plan(verb) => pay::plan(&mut open, verb),
                Noun::Payout(verb) => pay::payout(&mut open, verb),
                Noun::Payslip(verb) => pay::payslips(&mut open, verb),
                Noun::Period(verb) => pay::periods(&mut open, verb),
                Noun::Note(verb) => note::run(&mut open, verb),
                Noun::Audit(verb) => audit(&mut open, verb),
                Noun::Setting(verb) => setting(&mut open, verb),
                Noun::Undo => {
                    let changed = open.workspace.undo()?;
                    Ok(json!({ "undone": true, "rows": changed.rows, "nouns": changed.nouns, "ids": changed.ids })
                        .into())
                }
                Noun::Redo => {
                    let changed = open.workspace.redo()?;
                    Ok(json!({ "redone": true, "rows": changed.rows, "nouns": changed.nouns, "ids": changed.ids })
                        .into())
                }
                Noun::Workspace(_) | Noun::Sync(_) | Noun::BenchRun { .. } => Err(Problem::usage("unknown_command")),
            }
        }
    }
}

pub fn home(arguments: &Arguments) -> Result<PathBuf> {
    match &arguments.home {
        Some(home) => Ok(home.clone()),
        None => attain_client::workspace::default_home().ok_or_else(|| Problem::usage("home_unknown")),
    }
}

/// How to unlock, from `--unlock`.
pub fn unlock(arguments: &Arguments) -> Result<Unlock> {
    if arguments.unlock == "keychain" {
        return Ok(Unlock::Keychain);
    }
    match secret(&arguments.unlock)? {
        Some(text) => Ok(Unlock::Passphrase(text.into())),
        None => Err(Problem::usage("unlock_unknown").with("text", &arguments.unlock)),
    }
}

/// A secret given as env:VAR or file:PATH; `None` when it is given in no such way.
pub fn secret(given: &str) -> Result<Option<String>> {
    let text = match given.split_once(':') {
        Some(("env", name)) => {
            std::env::var(name).map_err(|_| cannot_unlock("passphrase_variable").with("name", name))?
        }
        Some(("file", path)) => {
            std::fs::read_to_string(path).map_err(|e| cannot_unlock("passphrase_file").with("file", path).because(e))?
        }
        _ => return Ok(None),
    };
    match text.trim_end_matches(['\n', '\r']) {
        "" => Err(cannot_unlock("passphrase_empty")),
        text => Ok(Some(text.to_owned())),
    }
}

fn cannot_unlock(code: &'static str) -> Problem {
    Problem::new(attain_client::problem::Kind::CannotUnlock, code)
}

pub fn open(arguments: &Arguments, language: Language) -> Result<Open> {
    let mut workspace = Workspace::open(&home(arguments)?, &unlock(arguments)?)?;
    prepare(&mut workspace, arguments, language)?;
    let viewer = workspace.viewer()?;
    let currency = workspace.view().currency()?;
    Ok(Open { workspace, viewer, currency })
}

pub fn prepare(workspace: &mut Workspace, arguments: &Arguments, language: Language) -> Result<()> {
    workspace.set_language(language);
    if let Some(today) = &arguments.today {
        let today = today.parse().map_err(|_| Problem::usage("bad_date").with("text", today))?;
        workspace.set_today(Some(today));
    }
    if let Some(person) = &arguments.viewer {
        workspace.act_as(person)?;
    }
    Ok(())
}

pub fn period(text: &str) -> Result<Period> {
    text.parse().map_err(|_| Problem::usage("bad_period").with("text", text))
}

pub fn metric(text: &str) -> Result<attain_client::domain::metric::Metric> {
    text.parse().map_err(|_| Problem::usage("unknown_metric").with("text", text))
}

fn audit(open: &mut Open, verb: &AuditVerb) -> Result<Answer> {
    use attain_client::domain::access::{Action, Subject};
    if !open.viewer.actor.may(Action::SeeAudit, Subject::Company) {
        return Err(Problem::refused("not_allowed"));
    }
    match verb {
        AuditVerb::List { person, action, before, limit } => {
            let entries = open.workspace.view().audit_entries(person.as_deref(), action.as_deref(), *before, *limit)?;
            Ok(items(entries.iter().map(|e| json!(e)).collect()).into())
        }
        AuditVerb::Verify => {
            let found = open.workspace.view().verify_audit()?;
            Ok(Answer { json: json!(found), complete: found.ok })
        }
    }
}

/// Settings a company may choose.
const SETTINGS: [&str; 10] = [
    "pace_ahead",
    "pace_on_pace",
    "pace_behind",
    "sales_basis",
    "fiscal_calendar",
    "retention_window_months",
    "lease_core_days",
    "lease_pay_days",
    "pay_to_managers",
    "goal_freedom",
];

fn setting(open: &mut Open, verb: &SettingVerb) -> Result<Answer> {
    match verb {
        SettingVerb::List => {
            let mut list = Vec::new();
            for key in SETTINGS {
                list.push(json!({ "id": key, "value": open.workspace.view().setting(key)? }));
            }
            Ok(items(list).into())
        }
        SettingVerb::Set { key, value } => {
            open.workspace.mutate(&attain_client::domain::mutation::Mutation::SetSetting {
                key: key.clone(),
                value: value.clone(),
            })?;
            Ok(json!({ "id": key, "value": value }).into())
        }
    }
}
