//! `workspace create|status|check|rebuild|remove-sample`.

use attain_client::language::Language;
use attain_client::problem::{Problem, Result};
use attain_client::workspace::{NewWorkspace, Workspace, store_file};
use attain_client::{keys, sample};
use serde_json::{Value, json};

use super::{home, open, prepare, unlock};
use crate::answer::Answer;
use crate::arguments::{Arguments, WorkspaceVerb};

pub fn run(arguments: &Arguments, language: Language, verb: &WorkspaceVerb) -> Result<Answer> {
    match verb {
        WorkspaceVerb::Create { sample: true, .. } => {
            let mut workspace = sample::create(&home(arguments)?, &unlock(arguments)?)?;
            prepare(&mut workspace, arguments, language)?;
            Ok(status(&workspace)?.into())
        }
        WorkspaceVerb::Create { company, currency, owner_id, owner_name, .. } => {
            let new = NewWorkspace {
                company: company.clone().unwrap_or_default(),
                currency: currency.parse().map_err(|_| Problem::usage("unknown_currency").with("text", currency))?,
                owner_id: owner_id.clone(),
                owner_name: owner_name.clone().unwrap_or_else(|| owner_id.clone()),
            };
            let mut workspace = Workspace::create(&home(arguments)?, &unlock(arguments)?, &new)?;
            prepare(&mut workspace, arguments, language)?;
            Ok(status(&workspace)?.into())
        }
        WorkspaceVerb::Status => {
            let home = home(arguments)?;
            if store_file(&home).is_none() {
                return Ok(json!({ "exists": false, "home": home }).into());
            }
            Ok(status(&open(arguments, language)?.workspace)?.into())
        }
        WorkspaceVerb::Check => {
            let open = open(arguments, language)?;
            open.workspace.store.check()?;
            let chain = open.workspace.view().verify_audit()?;
            Ok(Answer { complete: chain.ok, json: json!({ "pages": "whole", "audit": chain }) })
        }
        WorkspaceVerb::Rebuild => {
            let mut open = open(arguments, language)?;
            let before = open.workspace.store.figures_digest()?;
            open.workspace.store.rebuild_figures()?;
            let after = open.workspace.store.figures_digest()?;
            Ok(Answer {
                complete: before == after,
                json: json!({ "before": before, "after": after, "same": before == after }),
            })
        }
        WorkspaceVerb::RemoveSample => {
            open(arguments, language)?.workspace.remove_sample()?;
            Ok(json!({ "removed": true }).into())
        }
    }
}

fn status(workspace: &Workspace) -> Result<Value> {
    let view = workspace.view();
    let facts = view.fact_days()?;
    let viewer = workspace.viewer()?;
    Ok(json!({
        "exists": true,
        "home": workspace.home(),
        "company": view.setting("company")?,
        "currency": view.currency()?,
        "sample": view.setting("sample")?.is_some(),
        "today": viewer.today,
        "person_id": viewer.id(),
        "abilities": viewer.actor.abilities(),
        "unlock": if keys::needs_passphrase(workspace.home()) { "passphrase" } else { "keychain" },
        "pay_readable": view.has_pay_key(),
        "people": view.people(viewer.today)?.len(),
        "units": view.units()?.len(),
        "first_order": facts.map(|f| f.0),
        "last_order": facts.map(|f| f.1),
        "closed": attain_client::domain::read::Read::closed_months(&view)?,
        "pending": view.outbox_length()?,
        "schema": attain_client::store::connection::SCHEMA,
    }))
}
