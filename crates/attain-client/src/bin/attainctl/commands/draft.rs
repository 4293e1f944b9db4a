//! `plan draft|copy|set|show|submit|approve|send-back|withdraw|publish`: plans before they are published.

use attain_client::domain::mutation::Mutation;
use attain_client::domain::plan::Plan;
use attain_client::plans;
use attain_client::plans::drafts::{self, Drafted};
use attain_client::plans::edit::{Edit, edited};
use attain_client::problem::{Problem, Result};
use attain_client::scope;
use serde_json::{Value, json};

use super::Open;
use super::pay::refused;
use crate::answer::Answer;
use crate::arguments::PlanVerb;

pub fn draft_json(open: &Open, one: &Drafted) -> Result<Value> {
    let draft = &one.draft;
    let mut steps = Vec::new();
    for step in &draft.steps {
        steps.push(json!({
            "at": step.at,
            "person_id": step.by_id,
            "name": scope::name(open.workspace.view(), &open.viewer, &step.by_id)?,
            "state": step.state,
            "comment": step.comment,
        }));
    }
    Ok(json!({
        "id": draft.id,
        "state": draft.state,
        "author_id": draft.author_id,
        "approved_by": draft.approved_by(),
        "digest": draft.digest(),
        "checked": one.findings == 0,
        "findings": one.findings,
        "plan_id": one.plan.as_ref().map(|plan| &plan.id),
        "version": one.plan.as_ref().map(|plan| plan.version),
        "position": one.plan.as_ref().map(|plan| &plan.position),
        "effective_from": one.plan.as_ref().map(|plan| plan.effective_from),
        "mine_to_decide": one.mine_to_decide,
        "publishable": one.may_publish,
        "steps": steps,
    }))
}

/// Drafts that wait for something, the latest first.
pub fn list(open: &Open) -> Result<Vec<Value>> {
    let found = drafts::drafts(open.workspace.view(), &open.viewer, false)?;
    found.iter().map(|one| draft_json(open, one)).collect()
}

/// A draft with its text and what is wrong with it.
fn shown(open: &Open, id: &str) -> Result<Answer> {
    let found = drafts::draft(open.workspace.view(), &open.viewer, id)?;
    let mut json = draft_json(open, &found)?;
    json["source"] = json!(found.draft.source);
    let Err(findings) = Plan::parse(&found.draft.source) else {
        json["findings"] = json!([]);
        if let Ok(Ok(would)) = plans::publishing(open.workspace.view(), &open.viewer, &found.draft.source) {
            let language = open.viewer.language;
            let told = would.meets.iter().map(|(code, params)| {
                let params: Vec<_> = params.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
                language.message(code, &params)
            });
            json["meets"] = json!(told.collect::<Vec<_>>());
        }
        return Ok(json.into());
    };
    json["findings"] = refused(open.viewer.language, &findings).json["findings"].take();
    Ok(json.into())
}

/// Keeps a text as a draft; under the id of one that is there, as its new text.
fn save(open: &mut Open, id: Option<&str>, source: String, file: Option<&str>) -> Result<Answer> {
    let view = open.workspace.view();
    let draft_id = match id {
        Some(id) => id.to_owned(),
        None => drafts::fresh_id(view, &source, file)?,
    };
    let before = view.plan_draft(&draft_id)?.map(|draft| draft.digest());
    open.workspace.mutate(&Mutation::SavePlanDraft { draft_id: draft_id.clone(), source, before })?;
    shown(open, &draft_id)
}

pub fn draft(open: &mut Open, verb: &PlanVerb) -> Result<Answer> {
    match verb {
        PlanVerb::Draft { file, id } => {
            let source = plans::read(file)?;
            let name = file.file_stem().map(|name| name.to_string_lossy().into_owned());
            save(open, id.as_deref(), source, name.as_deref())
        }
        PlanVerb::Copy { plan, from, id } => {
            let named = plan.rsplit_once('@').and_then(|(id, version)| Some((id, version.parse().ok()?)));
            let (plan_id, version) = named.ok_or_else(|| Problem::usage("plan_version_needed").with("text", plan))?;
            let from = match from {
                Some(day) => Some(day.parse().map_err(|_| Problem::usage("bad_date").with("text", day))?),
                None => None,
            };
            let source = drafts::copied(open.workspace.view(), &open.viewer, plan_id, version, from)?;
            save(open, id.as_deref(), source, None)
        }
        PlanVerb::Set { id, path, value } => {
            let found = drafts::draft(open.workspace.view(), &open.viewer, id)?;
            let edit = Edit::Set { path: path.clone(), value: value.clone() };
            let source = edited(&found.draft.source, &edit)
                .map_err(|_| Problem::usage("plan_no_such_field").with("path", path))?;
            save(open, Some(id), source, None)
        }
        PlanVerb::Show { id } => shown(open, id),
        PlanVerb::Submit { id, comment } => {
            // What is wrong with it is told finding by finding.
            if let Err(findings) = Plan::parse(&drafts::draft(open.workspace.view(), &open.viewer, id)?.draft.source) {
                return Ok(refused(open.viewer.language, &findings));
            }
            let (draft_id, comment) = (id.clone(), comment.clone());
            decide(open, id, Mutation::SubmitPlanDraft { draft_id, comment })
        }
        PlanVerb::Approve { id, comment, digest } => {
            let found = drafts::draft(open.workspace.view(), &open.viewer, id)?;
            let digest = digest.clone().unwrap_or_else(|| found.draft.digest());
            let (draft_id, comment) = (id.clone(), comment.clone());
            decide(open, id, Mutation::ApprovePlanDraft { draft_id, digest, comment })
        }
        PlanVerb::SendBack { id, comment } => {
            let (draft_id, comment) = (id.clone(), comment.clone());
            decide(open, id, Mutation::SendBackPlanDraft { draft_id, comment })
        }
        PlanVerb::Withdraw { id } => decide(open, id, Mutation::WithdrawPlanDraft { draft_id: id.clone() }),
        PlanVerb::Publish { draft: id } => {
            let found = drafts::draft(open.workspace.view(), &open.viewer, id)?;
            let digest = found.draft.digest();
            decide(open, id, Mutation::PublishPlanDraft { draft_id: id.clone(), digest })
        }
        _ => Err(Problem::not_found()),
    }
}

fn decide(open: &mut Open, id: &str, mutation: Mutation) -> Result<Answer> {
    drafts::draft(open.workspace.view(), &open.viewer, id)?;
    open.workspace.mutate(&mutation)?;
    let found = drafts::draft(open.workspace.view(), &open.viewer, id)?;
    Ok(draft_json(open, &found)?.into())
}
