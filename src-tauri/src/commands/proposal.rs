//! Agreement on goals: proposals, versions, acknowledgement.

use super::figure::{minor, say, target};
use super::goal::Sheets;
use super::wish::{months, read, shown};
use crate::desk::{Question, Result, Shared};
use crate::views::figure::{Phrase, Problem};
use crate::views::goal::Reading;
use crate::views::wish::{
    Decision, GoalStood, GoalThen, GoalVersion, GoalWish, Proposal, ProposalShown, ProposalState, ProposalStep,
    Unacknowledged,
};
use attain_client::domain::goal::agreement as agreed;
use attain_client::domain::goal::version::{self, Stood};
use attain_client::domain::goal::wish::Wish;
use attain_client::domain::goal::{self, Goal, Owner};
use attain_client::domain::metric::Metric;
use attain_client::domain::money::Money;
use attain_client::domain::mutation::Mutation;
use attain_client::domain::period::Period;
use attain_client::goals::agreement::{self, Proposed};
use attain_client::goals::consequence::consequences;
use attain_client::goals::history;
use attain_client::{keys, scope};
use tauri::State;

fn state(state: agreed::ProposalState) -> ProposalState {
    match state {
        agreed::ProposalState::Open => ProposalState::Open,
        agreed::ProposalState::SentBack => ProposalState::SentBack,
        agreed::ProposalState::Approved => ProposalState::Approved,
        agreed::ProposalState::Withdrawn => ProposalState::Withdrawn,
    }
}

fn proposal(question: &Question, found: &Proposed) -> Result<Proposal> {
    let (view, viewer) = (question.view, question.viewer);
    let name = |id: &str| scope::name(view, viewer, id);
    let it = &found.proposal;
    let mut steps = Vec::new();
    for step in &it.steps {
        steps.push(ProposalStep {
            at: super::note::local(question, &step.at)?,
            by_name: name(&step.by_id)?,
            state: state(step.state),
            comment: step.comment.clone(),
        });
    }
    let (what, wish) = asked(question, &it.wish)?;
    let owner_name = match view.goal_by_id(it.wish.goal_id())? {
        Some(goal) => name(goal.owner.id())?,
        None => it.wish.goal_id().to_owned(),
    };
    Ok(Proposal {
        id: it.id.clone(),
        state: state(it.state),
        act: it.wish.act().to_owned(),
        goal_id: it.wish.goal_id().to_owned(),
        owner_name,
        what,
        wish,
        author_name: name(&it.author_id)?,
        unit_name: it.unit_id.as_deref().map(name).transpose()?,
        mine: found.mine,
        mine_to_decide: found.mine_to_decide,
        steps,
    })
}

/// A wish in a sentence, and as its form fills it in.
fn asked(question: &Question, wish: &Wish) -> Result<(Phrase, Option<GoalWish>)> {
    let (view, viewer) = (question.view, question.viewer);
    let currency = view.currency()?;
    let name = |goal_id: &str| -> Result<String> {
        match view.goal_by_id(goal_id)? {
            Some(goal) => scope::name(view, viewer, goal.owner.id()),
            None => Ok(goal_id.to_owned()),
        }
    };
    let goal = name(wish.goal_id())?;
    Ok(match wish {
        Wish::Shift(shift) => (
            say("goal.wish_shift")
                .text("from", goal)
                .text("to", name(&shift.to_id)?)
                .money("amount", Money::new(shift.amount, currency))
                .period("period", shift.month)
                .into(),
            Some(GoalWish::Shift {
                from_id: shift.from_id.clone(),
                to_id: shift.to_id.clone(),
                amount_text: minor(shift.amount, currency).amount,
                month: shift.month.to_string(),
            }),
        ),
        Wish::Adjust(adjust) => {
            let (reading, of) = match adjust.reading {
                goal::Reading::YearTotal => (Reading::YearTotal, Period::Year(adjust.from.year)),
                goal::Reading::RemainingShare => (Reading::RemainingShare, Period::Year(adjust.from.year)),
                goal::Reading::Month(month) => (Reading::Month, Period::Month(month)),
            };
            (
                say("goal.wish_adjust")
                    .text("goal", goal)
                    .period("period", of)
                    .money("target", Money::new(adjust.target, currency))
                    .into(),
                Some(GoalWish::Adjust {
                    goal_id: adjust.goal_id.clone(),
                    target_text: minor(adjust.target, currency).amount,
                    reading,
                    from: Some(of.first_month().to_string()),
                }),
            )
        }
        Wish::Cells(_) => (say("goal.wish_cells").text("goal", goal).into(), None),
        Wish::Allocate(_) => (say("goal.wish_allocate").text("goal", goal).into(), None),
        Wish::Profile(_) => (say("goal.wish_profile").text("goal", goal).into(), None),
        Wish::Reassign(_) => (say("goal.wish_reassign").text("goal", goal).into(), None),
    })
}

/// Lays a wish before those above; under the id of an earlier proposal, again.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_wish_propose(
    desk: State<'_, Shared>,
    wish: GoalWish,
    expected: String,
    comment: String,
    again: Option<String>,
) -> std::result::Result<String, Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        let wish = read(&Question { view: workspace.view(), viewer: &viewer }, wish)?;
        let proposal_id = match again {
            Some(id) => id,
            None => format!("p-{}", keys::random_hex(6)?),
        };
        let mutation = Mutation::ProposeGoals { proposal_id: proposal_id.clone(), wish, comment, seen: Some(expected) };
        Ok((proposal_id, workspace.mutate(&mutation)?))
    })
    .await
}

/// Proposals of the viewer's own and those the viewer decides, the latest first.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_proposals(desk: State<'_, Shared>) -> std::result::Result<Vec<Proposal>, Problem> {
    desk.ask(|question| {
        let found = agreement::proposals(question.view, question.viewer)?;
        found.iter().map(|one| proposal(question, one)).collect()
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_proposal_show(
    desk: State<'_, Shared>,
    sheets: State<'_, Sheets>,
    id: String,
    sheet: String,
) -> std::result::Result<ProposalShown, Problem> {
    let (answer, people, viewer) = desk
        .ask(move |question| {
            let found = agreement::proposal(question.view, question.viewer, &id)?;
            let proposal = proposal(question, &found)?;
            let viewer = question.viewer.id().to_owned();
            Ok(match consequences(question.view, question.viewer, &found.proposal.wish) {
                Ok(now) => {
                    let preview = Some(shown(question, &now)?);
                    (ProposalShown { proposal, preview, problem: None }, now.people_with_pay(), viewer)
                }
                Err(problem) => {
                    let problem = Some(super::figure::problem(problem));
                    (ProposalShown { proposal, preview: None, problem }, Vec::new(), viewer)
                }
            })
        })
        .await?;
    sheets.record(&desk, format!("{viewer}/{sheet}"), people).await?;
    Ok(answer)
}

/// `expected`: the digest of the preview that was approved; of no meaning otherwise.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_proposal_decide(
    desk: State<'_, Shared>,
    id: String,
    decision: Decision,
    comment: String,
    expected: Option<String>,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| {
        let viewer = workspace.viewer()?;
        agreement::proposal(workspace.view(), &viewer, &id)?;
        let proposal_id = id;
        let mutation = match decision {
            Decision::Approve => Mutation::ApproveProposal { proposal_id, comment, seen: expected },
            Decision::SendBack => Mutation::SendBackProposal { proposal_id, comment },
            Decision::Withdraw => Mutation::WithdrawProposal { proposal_id },
        };
        Ok(((), workspace.mutate(&mutation)?))
    })
    .await
}

fn stood(question: &Question, metric: Metric, year: i32, stood: &Stood) -> Result<GoalStood> {
    let currency = question.view.currency()?;
    let mut goal = Goal::new(String::new(), stood.parent_id.clone(), stood.owner.clone(), metric, year);
    goal.months = stood.months;
    Ok(GoalStood {
        owner_name: scope::name(question.view, question.viewer, stood.owner.id())?,
        year: target(metric, goal.target(Period::Year(year)), currency),
        months: months(&goal, currency),
        locked: stood.locked,
    })
}

/// What a version was, in words.
pub fn change(question: &Question, version: &version::GoalVersion) -> Result<Phrase> {
    let (view, viewer) = (question.view, question.viewer);
    let cause = match version.cause_id.as_deref().map(|id| view.goal_by_id(id)).transpose()?.flatten() {
        Some(goal) => Some(scope::name(view, viewer, goal.owner.id())?),
        None => None,
    };
    let locked = version.after.as_ref().is_some_and(|stood| stood.locked);
    Ok(match (version.act.as_str(), cause) {
        ("import_batch", _) => say("goal.imported").into(),
        ("lock_goal", _) => say(if locked { "goal.locked" } else { "goal.unlocked" }).into(),
        ("start_goals", _) => say("goal.started").into(),
        ("allocate_goal", Some(goal)) => say("goal.allocated_with").text("goal", goal).into(),
        ("allocate_goal", None) => say("goal.allocated").into(),
        ("profile_goal", _) => say("goal.profiled").into(),
        ("shift_goal", _) => say("goal.shifted").into(),
        ("reassign_goal", _) => say("goal.reassigned").into(),
        (_, Some(goal)) => say("goal.adjusted_with").text("goal", goal).into(),
        (_, None) => say("goal.adjusted_alone").into(),
    })
}

/// A goal's versions, newest first.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_versions(desk: State<'_, Shared>, goal_id: String) -> std::result::Result<Vec<GoalVersion>, Problem> {
    desk.show("goal_history", move |question| {
        let (goal, versions) = history::versions(question.view, question.viewer, &goal_id)?;
        let mut rows = Vec::new();
        for version in versions.iter().rev() {
            let of =
                |it: &Option<Stood>| it.as_ref().map(|s| stood(question, version.metric, version.year, s)).transpose();
            rows.push(GoalVersion {
                version: version.version,
                at: super::note::local(question, &version.at)?,
                by_name: scope::name(question.view, question.viewer, &version.by_id)?,
                change: change(question, version)?,
                why: version.why.clone(),
                before: of(&version.before)?,
                after: of(&version.after)?,
            });
        }
        Ok((rows, person(&goal)))
    })
    .await
}

fn person(goal: &Goal) -> Vec<String> {
    match &goal.owner {
        Owner::Person(id) => vec![id.clone()],
        Owner::Unit(_) | Owner::Seat(_) => Vec::new(),
    }
}

/// The tree as it stood at the end of a day.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_as_of(
    desk: State<'_, Shared>,
    date: String,
    period: String,
) -> std::result::Result<Vec<GoalThen>, Problem> {
    let period = super::period(&period)?;
    desk.show("goals", move |question| {
        let day = date.parse().map_err(|_| attain_client::Problem::usage("bad_date").with("text", &date))?;
        let (view, viewer) = (question.view, question.viewer);
        let metric = Metric::SalesAmount;
        let tree = history::tree_as_of(view, viewer, metric, period.year(), day)?;
        let currency = view.currency()?;
        let (mut rows, mut people) = (Vec::new(), Vec::new());
        let mut waiting: Vec<(usize, u32)> = tree.roots.iter().rev().map(|root| (*root, 0)).collect();
        while let Some((node, depth)) = waiting.pop() {
            waiting.extend(tree.children[node].iter().rev().map(|child| (*child, depth + 1)));
            let goal = &tree.goals[node];
            people.extend(person(goal));
            rows.push(GoalThen {
                goal_id: goal.id.clone(),
                parent_id: goal.parent_id.clone(),
                depth,
                owner_name: scope::name(view, viewer, goal.owner.id())?,
                target: target(metric, goal.target(period), currency),
                reserve: tree.reserve(node, period).map(|reserve| minor(reserve, currency)),
                locked: goal.locked,
            });
        }
        Ok((rows, people))
    })
    .await
}

#[tauri::command(rename_all = "snake_case")]
pub async fn goal_acknowledge(
    desk: State<'_, Shared>,
    goal_id: String,
    version: u32,
) -> std::result::Result<(), Problem> {
    desk.change(move |workspace| Ok(((), workspace.mutate(&Mutation::AcknowledgeGoal { goal_id, version })?))).await
}

fn unacknowledged(question: &Question, one: &agreement::Unacknowledged) -> Result<Unacknowledged> {
    let (view, viewer, goal) = (question.view, question.viewer, &one.goal);
    let before = one.changes.first().and_then(|version| version.before.as_ref());
    let last = one.changes.last().ok_or_else(attain_client::Problem::not_found)?;
    Ok(Unacknowledged {
        goal_id: goal.id.clone(),
        person_name: scope::name(view, viewer, &one.person_id)?,
        person_id: one.person_id.clone(),
        metric: goal.metric.name().to_owned(),
        version: goal.version,
        changed_at: super::note::local(question, &last.at)?,
        by_name: scope::name(view, viewer, &last.by_id)?,
        why: last.why.clone(),
        before: before.map(|s| stood(question, goal.metric, goal.year, s)).transpose()?,
        after: stood(question, goal.metric, goal.year, &Stood::of(goal))?,
    })
}

/// The viewer's own changed goals that wait to be acknowledged.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_to_acknowledge(
    desk: State<'_, Shared>,
    year: i32,
) -> std::result::Result<Vec<Unacknowledged>, Problem> {
    desk.ask(move |question| {
        let found = agreement::to_acknowledge(question.view, question.viewer, year)?;
        found.iter().map(|one| unacknowledged(question, one)).collect()
    })
    .await
}

/// What the people of a unit, or of all the viewer's units, have yet to acknowledge.
#[tauri::command(rename_all = "snake_case")]
pub async fn goal_unacknowledged(
    desk: State<'_, Shared>,
    unit_id: Option<String>,
    year: i32,
) -> std::result::Result<Vec<Unacknowledged>, Problem> {
    desk.show("goals", move |question| {
        let found = agreement::unacknowledged(question.view, question.viewer, unit_id.as_deref(), year)?;
        let rows = found.iter().map(|one| unacknowledged(question, one)).collect::<Result<Vec<_>>>()?;
        let people = rows.iter().map(|row| row.person_id.clone()).collect();
        Ok((rows, people))
    })
    .await
}
