//! Decisions about plans: drafted, laid before somebody else, approved, published.
//!
//! Also exceptions per person. HR drafts and publishes; HR or finance, but never the one who wrote the text, approves (ADR 13). An approval is of one
//! text: another text is another draft.

use chrono::NaiveDate;

use super::{Change, ExceptionTerms, Now, PublishedPlan, Rejection, check_text, is_name};
use crate::access::{Action, Actor, Subject};
use crate::plan::Plan;
use crate::plan::draft::{DraftState, PlanDraft};
use crate::plan::exception::PlanException;
use crate::read::Read;

type Decided = Result<Vec<Change>, Rejection>;

fn require(actor: &Actor, action: Action) -> Result<(), Rejection> {
    if actor.may(action, Subject::Company) { Ok(()) } else { Err(Rejection::Forbidden) }
}

/// What a text would publish. Errors: what the checker finds, or what stands in its way.
fn publishable(read: &dyn Read, source: &str) -> Result<Plan, Rejection> {
    let plan = Plan::parse(source).map_err(Rejection::PlanFindings)?;
    for other in read.plans()? {
        if other.id == plan.id && other.version == plan.version {
            return if other == plan {
                Ok(plan)
            } else {
                Err(Rejection::VersionExists { plan_id: plan.id, version: plan.version })
            };
        }
        let over = |p: &Plan, day: NaiveDate| p.effective_until.is_some_and(|until| until <= day);
        let overlap = !over(&other, plan.effective_from) && !over(&plan, other.effective_from);
        if other.id != plan.id && other.position == plan.position && overlap {
            return Err(Rejection::PositionClaimed { plan_id: other.id, position: plan.position });
        }
    }
    let fiscal = read.fiscal()?;
    let reached = read.closed_months()?.into_iter().find(|m| fiscal.month_start(m.plus(1)) > plan.effective_from);
    match reached {
        Some(month) => Err(Rejection::PlanReachesClosedPeriod { month }),
        None => Ok(plan),
    }
}

/// The row that publishes a plan; `None` when the very same plan is published already.
fn publication(
    read: &dyn Read,
    actor: &Actor,
    source: &str,
    approved_by: Option<&str>,
    now: &Now,
) -> Result<(Plan, Option<Change>), Rejection> {
    let plan = publishable(read, source)?;
    if read.plans()?.contains(&plan) {
        return Ok((plan, None));
    }
    let to = PublishedPlan {
        source: source.to_string(),
        published_by: actor.person_id.clone(),
        published_at: now.at.clone(),
        approved_by: approved_by.map(str::to_owned),
    };
    let change = Change::Plan { id: plan.id.clone(), version: plan.version, to: Some(to) };
    Ok((plan, Some(change)))
}

/// A finished file, published as it comes: a company of one's own has nobody else on this machine, and where nobody else
/// may approve nobody can be asked.
pub(super) fn publish(read: &dyn Read, actor: &Actor, source: &str, now: &Now) -> Decided {
    require(actor, Action::PublishPlans)?;
    let (plan, change) = publication(read, actor, source, None, now)?;
    if change.is_some() && read.shared()? && read.others_may(Action::ApprovePlans, &actor.person_id, now.today)? {
        return Err(Rejection::PlanNeedsApproval { plan_id: plan.id });
    }
    Ok(change.into_iter().collect())
}

fn draft(read: &dyn Read, draft_id: &str) -> Result<PlanDraft, Rejection> {
    let found = read.plan_draft(draft_id)?;
    found.ok_or_else(|| Rejection::NotFound { noun: "plan_draft", id: draft_id.to_owned() })
}

/// A draft in one of these states.
fn draft_in(read: &dyn Read, draft_id: &str, states: &[DraftState]) -> Result<PlanDraft, Rejection> {
    let draft = draft(read, draft_id)?;
    if states.contains(&draft.state) {
        return Ok(draft);
    }
    Err(Rejection::DraftSettled { draft_id: draft_id.to_owned(), state: draft.state.name() })
}

fn put(draft: PlanDraft) -> Change {
    Change::PlanDraft { id: draft.id.clone(), to: Some(draft) }
}

fn comment_fits(comment: &str) -> Result<(), Rejection> {
    if comment.trim().is_empty() { Ok(()) } else { check_text(comment) }
}

pub(super) fn save_draft(
    read: &dyn Read,
    actor: &Actor,
    draft_id: &str,
    source: &str,
    before: Option<&str>,
    now: &Now,
) -> Decided {
    require(actor, Action::PublishPlans)?;
    if !is_name(draft_id) {
        return Err(Rejection::IdTaken { id: draft_id.to_owned() });
    }
    if source.trim().is_empty() {
        return Err(Rejection::TextEmpty);
    }
    if source.len() > crate::plan::MAX_BYTES {
        return Err(Rejection::PlanFindings(Plan::parse(source).err().unwrap_or_default()));
    }
    let mut draft = match read.plan_draft(draft_id)? {
        Some(draft) if draft.state.settled() => {
            return Err(Rejection::DraftSettled { draft_id: draft_id.to_owned(), state: draft.state.name() });
        }
        Some(draft) if draft.source == source => return Ok(Vec::new()),
        Some(draft) if before != Some(draft.digest().as_str()) => {
            return Err(Rejection::DraftChanged { draft_id: draft_id.to_owned() });
        }
        Some(draft) => draft,
        None => PlanDraft {
            id: draft_id.to_owned(),
            author_id: String::new(),
            source: String::new(),
            state: DraftState::Drafting,
            steps: Vec::new(),
        },
    };
    draft.author_id.clone_from(&actor.person_id);
    draft.source = source.to_owned();
    draft.step(DraftState::Drafting, &actor.person_id, "", &now.at);
    Ok(vec![put(draft)])
}

pub(super) fn submit_draft(read: &dyn Read, actor: &Actor, draft_id: &str, comment: &str, now: &Now) -> Decided {
    require(actor, Action::PublishPlans)?;
    comment_fits(comment)?;
    let mut draft = draft_in(read, draft_id, &[DraftState::Drafting, DraftState::SentBack])?;
    publishable(read, &draft.source)?;
    draft.step(DraftState::Submitted, &actor.person_id, comment, &now.at);
    Ok(vec![put(draft)])
}

pub(super) fn approve_draft(
    read: &dyn Read,
    actor: &Actor,
    draft_id: &str,
    digest: &str,
    comment: &str,
    now: &Now,
) -> Decided {
    require(actor, Action::ApprovePlans)?;
    comment_fits(comment)?;
    let mut draft = draft_in(read, draft_id, &[DraftState::Submitted])?;
    if draft.author_id == actor.person_id {
        return Err(Rejection::OwnDraft { draft_id: draft_id.to_owned() });
    }
    if draft.digest() != digest {
        return Err(Rejection::DraftChanged { draft_id: draft_id.to_owned() });
    }
    draft.step(DraftState::Approved, &actor.person_id, comment, &now.at);
    Ok(vec![put(draft)])
}

pub(super) fn send_back_draft(read: &dyn Read, actor: &Actor, draft_id: &str, comment: &str, now: &Now) -> Decided {
    require(actor, Action::ApprovePlans)?;
    check_text(comment)?;
    let mut draft = draft_in(read, draft_id, &[DraftState::Submitted, DraftState::Approved])?;
    if draft.author_id == actor.person_id {
        return Err(Rejection::OwnDraft { draft_id: draft_id.to_owned() });
    }
    draft.step(DraftState::SentBack, &actor.person_id, comment, &now.at);
    Ok(vec![put(draft)])
}

pub(super) fn withdraw_draft(read: &dyn Read, actor: &Actor, draft_id: &str, now: &Now) -> Decided {
    require(actor, Action::PublishPlans)?;
    let open = [DraftState::Drafting, DraftState::Submitted, DraftState::SentBack, DraftState::Approved];
    let mut draft = draft_in(read, draft_id, &open)?;
    draft.step(DraftState::Withdrawn, &actor.person_id, "", &now.at);
    Ok(vec![put(draft)])
}

/// Whether a draft may be published as it stands: it is approved, or nobody but its author could approve it.
pub fn may_publish_draft(read: &dyn Read, draft: &PlanDraft, today: NaiveDate) -> Result<bool, Rejection> {
    if draft.state.settled() {
        return Ok(false);
    }
    Ok(draft.approved_by().is_some() || !read.others_may(Action::ApprovePlans, &draft.author_id, today)?)
}

pub(super) fn publish_draft(read: &dyn Read, actor: &Actor, draft_id: &str, digest: &str, now: &Now) -> Decided {
    require(actor, Action::PublishPlans)?;
    let mut draft = draft(read, draft_id)?;
    if draft.state.settled() {
        return Err(Rejection::DraftSettled { draft_id: draft_id.to_owned(), state: draft.state.name() });
    }
    if draft.digest() != digest {
        return Err(Rejection::DraftChanged { draft_id: draft_id.to_owned() });
    }
    if !may_publish_draft(read, &draft, now.today)? {
        return Err(Rejection::NotApproved { draft_id: draft_id.to_owned() });
    }
    let (_, change) = publication(read, actor, &draft.source, draft.approved_by(), now)?;
    draft.step(DraftState::Published, &actor.person_id, "", &now.at);
    Ok(change.into_iter().chain([put(draft)]).collect())
}

/// Makes, changes or takes away an exception. What closed months were paid stays: one that reaches into them may only
/// be ended after them.
pub(super) fn put_exception(
    read: &dyn Read,
    actor: &Actor,
    person_id: &str,
    exception_id: &str,
    terms: Option<&ExceptionTerms>,
    now: &Now,
) -> Decided {
    require(actor, Action::PublishPlans)?;
    if person_id == actor.person_id {
        return Err(Rejection::OwnException);
    }
    if !read.person_exists(person_id)? {
        return Err(Rejection::NotFound { noun: "person", id: person_id.to_owned() });
    }
    if !is_name(exception_id) {
        return Err(Rejection::IdTaken { id: exception_id.to_owned() });
    }
    let all = read.plan_exceptions(person_id)?;
    let there = all.iter().find(|one| one.id == exception_id);
    let closed = read.closed_months()?.into_iter().max();
    let to = match terms {
        Some(terms) => {
            check_text(&terms.reason)?;
            let says = terms.plan_id.is_some() || terms.base.is_some();
            let base_fits = match terms.base {
                Some(base) => base.minor >= 0 && base.currency == read.currency()?,
                None => true,
            };
            if !says || !base_fits || terms.until.is_some_and(|until| until < terms.from) {
                return Err(Rejection::ExceptionSaysNothing);
            }
            if let Some(plan_id) = &terms.plan_id
                && !read.plans()?.iter().any(|plan| plan.id == *plan_id)
            {
                return Err(Rejection::NotFound { noun: "plan", id: plan_id.clone() });
            }
            Some(PlanException {
                id: exception_id.to_owned(),
                from: terms.from,
                until: terms.until,
                plan_id: terms.plan_id.clone(),
                base: terms.base,
                reason: terms.reason.clone(),
                by_id: actor.person_id.clone(),
                at: now.at.clone(),
            })
        }
        None if there.is_none() => return Ok(Vec::new()),
        None => None,
    };
    // Everything it says of months up to the last closed one must be what it said before.
    if let Some(closed) = closed {
        let reaches = |one: Option<&PlanException>| one.is_some_and(|one| one.from <= closed);
        let kept = match (there, &to) {
            (Some(before), Some(after)) => {
                let till = |one: &PlanException| one.until.map_or(closed, |until| until.min(closed));
                before.from == after.from
                    && till(before) == till(after)
                    && (&before.plan_id, before.base) == (&after.plan_id, after.base)
            }
            _ => false,
        };
        if (reaches(there) || reaches(to.as_ref())) && !kept {
            return Err(Rejection::PeriodClosed { month: closed });
        }
    }
    if let Some(to) = &to
        && let Some(other) = all.iter().find(|one| one.id != to.id && one.overlaps(to))
    {
        return Err(Rejection::ExceptionOverlaps { exception_id: other.id.clone() });
    }
    Ok(vec![Change::PlanException { person_id: person_id.to_owned(), id: exception_id.to_owned(), to }])
}
