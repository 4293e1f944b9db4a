//! Plan files: reading one, and what publishing it would do.
//!
//! Absent on purpose: what a plan says and whether it holds together (attain-domain), publishing (`Workspace::mutate`).

mod cells;
pub mod difference;
pub mod drafts;
pub mod edit;
pub mod example;
pub mod exceptions;
pub mod form;
pub mod halves;
pub mod inputs;
mod inputs_check;
mod inputs_deals;
mod inputs_figures;
pub mod review;
pub mod run;
pub mod simulation;

use std::path::Path;

use attain_domain::mutation::{Mutation, Now, Rejection, decide};
use attain_domain::plan::{Finding, Plan, in_force};
use attain_store::connection::View;

use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

/// Text of a plan file.
pub fn read(file: &Path) -> Result<String> {
    let unreadable = |e: std::io::Error| Problem::usage("file_unreadable").with("file", file.display()).because(e);
    let length = std::fs::metadata(file).map_err(unreadable)?.len();
    if length > 16 * 1024 * 1024 {
        return Err(Problem::refused("plan_too_large").with("file", file.display()).with("bytes", length));
    }
    String::from_utf8(std::fs::read(file).map_err(unreadable)?)
        .map_err(|e| Problem::refused("not_utf8").with("file", file.display()).because(e))
}

/// What publishing a plan would do.
#[derive(Debug, Clone)]
pub struct Publishing {
    pub plan: Plan,
    /// The plan that pays the position until then.
    pub follows: Option<Plan>,
    /// How the two meet, where that needs saying.
    pub meets: Vec<halves::Said>,
    /// People in its position today.
    pub people: usize,
    /// The very same text is published already.
    pub published: bool,
    /// Why it is refused as things stand.
    pub refused: Option<Problem>,
}

/// The published plan that pays a plan's position until it begins.
pub fn follows(view: View, plan: &Plan) -> Result<Option<Plan>> {
    let others: Vec<Plan> =
        view.plan_list()?.into_iter().filter(|p| (&p.id, p.version) != (&plan.id, plan.version)).collect();
    Ok(in_force(&others, &plan.position, plan.effective_from).cloned())
}

/// Works out a publication without making it; what the checker finds stands in its way.
pub fn publishing(view: View, viewer: &Viewer, source: &str) -> Result<std::result::Result<Publishing, Vec<Finding>>> {
    let now = Now { today: viewer.today, at: String::new() };
    let mutation = Mutation::PublishPlan { source: source.to_string() };
    let (published, refused) = match decide(&view, &viewer.actor, &mutation, &now) {
        Ok(changes) => (changes.is_empty(), None),
        Err(Rejection::PlanFindings(findings)) => return Ok(Err(findings)),
        Err(Rejection::Forbidden) => return Err(Rejection::Forbidden.into()),
        Err(rejection) => (false, Some(rejection.into())),
    };
    let plan = match Plan::parse(source) {
        Ok(plan) => plan,
        Err(findings) => return Ok(Err(findings)),
    };
    let follows = follows(view, &plan)?;
    let people = view.people(viewer.today)?.iter().filter(|p| p.position.name() == plan.position).count();
    let meets = halves::halves(view, &plan, follows.as_ref())?;
    Ok(Ok(Publishing { plan, follows, meets, people, published, refused }))
}
