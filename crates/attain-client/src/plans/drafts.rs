//! Drafts of plans: which of them are a viewer's to see, what each would do, and whose turn it is.
//!
//! Absent on purpose: deciding and saving (`Workspace::mutate`).

use attain_domain::access::{Action, Subject};
use attain_domain::mutation::may_publish_draft;
use attain_domain::period::Period;
use attain_domain::plan::Plan;
use attain_domain::plan::draft::{DraftState, PlanDraft};
use attain_store::connection::View;
use chrono::NaiveDate;

use super::edit::next_version;
use crate::problem::{Problem, Result};
use crate::workspace::Viewer;

/// A draft in sight, and what the viewer may do with it.
#[derive(Debug, Clone)]
pub struct Drafted {
    pub draft: PlanDraft,
    /// What it says; `None` while the checker finds something.
    pub plan: Option<Plan>,
    /// How much the checker finds.
    pub findings: usize,
    /// The viewer wrote the text as it stands.
    pub mine: bool,
    pub may_edit: bool,
    /// Waits for the viewer to agree with it or send it back.
    pub mine_to_decide: bool,
    /// May be published as it stands: approved, or nobody else could approve it.
    pub may_publish: bool,
}

fn drafted(view: View, viewer: &Viewer, draft: PlanDraft) -> Result<Option<Drafted>> {
    let may = |action| viewer.actor.may(action, Subject::Company);
    let mine = draft.author_id == viewer.id();
    if !mine && !may(Action::ApprovePlans) && !may(Action::PublishPlans) {
        return Ok(None);
    }
    let (plan, findings) = match Plan::parse(&draft.source) {
        Ok(plan) => (Some(plan), 0),
        Err(findings) => (None, findings.len()),
    };
    let mine_to_decide = !mine && draft.state == DraftState::Submitted && may(Action::ApprovePlans);
    let may_edit = !draft.state.settled() && may(Action::PublishPlans);
    let free = may_publish_draft(&view, &draft, viewer.today).map_err(Problem::from)?;
    let may_publish = plan.is_some() && may(Action::PublishPlans) && free;
    Ok(Some(Drafted { draft, plan, findings, mine, may_edit, mine_to_decide, may_publish }))
}

/// Drafts that are not settled, the latest first; with the settled ones when asked for.
pub fn drafts(view: View, viewer: &Viewer, settled: bool) -> Result<Vec<Drafted>> {
    let mut list = Vec::new();
    for draft in view.plan_drafts()? {
        if settled || !draft.state.settled() {
            list.extend(drafted(view, viewer, draft)?);
        }
    }
    let last = |one: &Drafted| one.draft.steps.last().map(|step| step.at.clone());
    list.sort_by(|a, b| last(b).cmp(&last(a)).then_with(|| a.draft.id.cmp(&b.draft.id)));
    Ok(list)
}

pub fn draft(view: View, viewer: &Viewer, id: &str) -> Result<Drafted> {
    let found = view.plan_draft(id)?.map(|draft| drafted(view, viewer, draft)).transpose()?.flatten();
    found.ok_or_else(|| Problem::not_found().with("noun", "plan_draft").with("id", id))
}

/// Drafts that wait for the viewer: to be decided, or, of their own, to be mended or published.
pub fn waiting(view: View, viewer: &Viewer) -> Result<Vec<Drafted>> {
    let mut list = drafts(view, viewer, false)?;
    let own = |state| matches!(state, DraftState::SentBack | DraftState::Approved);
    list.retain(|one| one.mine_to_decide || (one.mine && own(one.draft.state)));
    Ok(list)
}

/// An id for a new draft: the plan's id and version, or what the file is called, and a number where that is taken.
pub fn fresh_id(view: View, source: &str, file: Option<&str>) -> Result<String> {
    let named = match Plan::parse(source) {
        Ok(plan) => format!("{}-v{}", plan.id, plan.version),
        Err(_) => file.unwrap_or("draft").to_owned(),
    };
    let plain: String =
        named.chars().map(|c| if c.is_alphanumeric() || c == '_' || c == '-' { c } else { '-' }).take(48).collect();
    let mut id = plain.clone();
    let mut n = 2;
    while view.plan_draft(&id)?.is_some() {
        id = format!("{plain}-{n}");
        n += 1;
    }
    Ok(id)
}

/// The first day of the next quarter.
pub fn next_quarter(view: View, viewer: &Viewer) -> Result<NaiveDate> {
    let fiscal = view.fiscal()?;
    let running = fiscal.month_of(viewer.today);
    let quarter = Period::Quarter(running.year, (running.month - 1) / 3 + 1);
    Ok(fiscal.month_start(quarter.last_month().plus(1)))
}

/// The text of a published version as the next one, from the next quarter on unless another day is named.
pub fn copied(view: View, viewer: &Viewer, id: &str, version: u32, from: Option<NaiveDate>) -> Result<String> {
    let missing = || Problem::not_found().with("noun", "plan").with("id", format!("{id}@{version}"));
    let source = view.plan_source(id, version)?.ok_or_else(missing)?;
    let latest = view.plan_list()?.iter().filter(|plan| plan.id == id).map(|plan| plan.version).max();
    let from = match from {
        Some(day) => day,
        None => next_quarter(view, viewer)?,
    };
    let next = latest.unwrap_or(version).saturating_add(1);
    next_version(&source, next, from).map_err(|_| missing())
}
