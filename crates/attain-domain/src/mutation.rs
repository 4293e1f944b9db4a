//! Every change a person can make: named, versioned, validated.
//!
//! Owns: the mutations, the refusals, and [`decide`], which turns a wish into row changes.
//! Absent on purpose: facts (imports are upserts, not decisions), applying, journalling and undoing (the store's).

use chrono::NaiveDate;
use serde::{Deserialize, Serialize};

use crate::access::{Action, Actor, Subject};
use crate::adjustment::MonthAdjustment;
use crate::attainment::PaceBounds;
use crate::closing::{self, Acceptance};
use crate::goal::agreement::Proposal;
use crate::goal::profile;
use crate::goal::version::{Acknowledged, GoalVersion};
use crate::goal::wish::Wish;
use crate::goal::{Adjustment, Goal, GoalError, Reading};
use crate::money::{AmountError, Money};
use crate::note::{self, Note, NoteAction, NoteKind, Visibility};
use crate::org::Seat;
use crate::payout::{Inputs, Payout};
use crate::period::Month;
use crate::plan::Finding;
use crate::plan::draft::PlanDraft;
use crate::plan::exception::PlanException;
use crate::read::{Read, ReadError};

mod goals;
mod plans;
mod said;

pub use goals::{adjusted, approver_of, goal_chain, imported, may_divide_goal, may_edit_goal, may_publish};
pub use plans::may_publish_draft;
pub use said::Said;

/// Version of the mutations' shape on the wire and in the outbox.
///
/// 2: a note says what text it was written on, a close what it was seen to pay. 3: goals are divided, proposed, agreed on
/// and acknowledged, and seats filled. 4: plans are drafted, approved and published; a close says which findings it accepts,
/// and why.
pub const VERSION: u32 = 4;

/// A change a person asks for. Times and ids are arguments: the same mutation does the same thing anywhere.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "name", rename_all = "snake_case")]
pub enum Mutation {
    AdjustGoal {
        goal_id: String,
        /// In the metric's smallest step.
        target: i64,
        reading: Reading,
        from: Month,
        /// Digest of the preview the author saw; a different outcome is refused.
        seen: Option<String>,
    },
    LockGoal {
        goal_id: String,
        locked: bool,
    },
    /// Any other change of goals, published at once: by who owns the goal above, or within the freedom.
    ChangeGoals {
        wish: Wish,
        why: Option<String>,
        seen: Option<String>,
    },
    /// Lays a change before those above; again, under the same id, after it was sent back.
    ProposeGoals {
        proposal_id: String,
        wish: Wish,
        comment: String,
        seen: Option<String>,
    },
    /// Publishes what was proposed, as it comes out now.
    ApproveProposal {
        proposal_id: String,
        comment: String,
        seen: Option<String>,
    },
    SendBackProposal {
        proposal_id: String,
        comment: String,
    },
    WithdrawProposal {
        proposal_id: String,
    },
    /// The one who carries a goal has taken note of it up to a version.
    AcknowledgeGoal {
        goal_id: String,
        version: u32,
    },
    /// A place in a team, new or changed; `None` takes it away.
    PutSeat {
        seat_id: String,
        seat: Option<Seat>,
    },
    /// Somebody sits down in a vacant seat, and its goals go over to them from a month on, by a ramp if one is named.
    FillSeat {
        seat_id: String,
        person_id: String,
        from: Month,
        ramp: Option<String>,
    },
    /// A year without goals takes last year's tree, with last year's actuals as targets.
    StartGoalsFromLastYear {
        year: i32,
    },
    WriteNote {
        note_id: String,
        about_id: String,
        kind: NoteKind,
        visibility: Visibility,
        text: String,
        actions: Vec<NoteAction>,
        /// The text it was written on; where that is another by now, both are merged. `None` replaces whatever is there.
        #[serde(default)]
        before: Option<String>,
    },
    SetNoteAction {
        note_id: String,
        action_id: String,
        done: bool,
    },
    Snooze {
        item_id: String,
        until: NaiveDate,
        reason: String,
    },
    /// Publishes a finished plan file at once, where nobody's approval can be asked for or the company is one's own.
    PublishPlan {
        source: String,
    },
    /// The text of a draft, new or changed. What was approved is approved no more.
    SavePlanDraft {
        draft_id: String,
        source: String,
        /// Digest of the text it was written on; `None` for a new draft.
        before: Option<String>,
    },
    /// Lays a draft before somebody else.
    SubmitPlanDraft {
        draft_id: String,
        comment: String,
    },
    /// Somebody else agrees with the text of this digest, and with no other.
    ApprovePlanDraft {
        draft_id: String,
        digest: String,
        comment: String,
    },
    SendBackPlanDraft {
        draft_id: String,
        comment: String,
    },
    WithdrawPlanDraft {
        draft_id: String,
    },
    /// Publishes the approved text of this digest.
    PublishPlanDraft {
        draft_id: String,
        digest: String,
    },
    /// For some months a person is paid by another plan or of another base; `None` takes that away.
    PutPlanException {
        person_id: String,
        exception_id: String,
        terms: Option<ExceptionTerms>,
    },
    ClosePeriod {
        month: Month,
        /// Digest of the outlook that the author saw; a different outcome is refused.
        #[serde(default)]
        seen: Option<String>,
        #[serde(default)]
        accepted: Vec<Acceptance>,
    },
    SetSetting {
        key: String,
        value: String,
    },
}

impl Mutation {
    pub fn name(&self) -> &'static str {
        match self {
            Mutation::AdjustGoal { .. } => "adjust_goal",
            Mutation::LockGoal { .. } => "lock_goal",
            Mutation::ChangeGoals { .. } => "change_goals",
            Mutation::ProposeGoals { .. } => "propose_goals",
            Mutation::ApproveProposal { .. } => "approve_proposal",
            Mutation::SendBackProposal { .. } => "send_back_proposal",
            Mutation::WithdrawProposal { .. } => "withdraw_proposal",
            Mutation::AcknowledgeGoal { .. } => "acknowledge_goal",
            Mutation::PutSeat { .. } => "put_seat",
            Mutation::FillSeat { .. } => "fill_seat",
            Mutation::StartGoalsFromLastYear { .. } => "start_goals_from_last_year",
            Mutation::WriteNote { .. } => "write_note",
            Mutation::SetNoteAction { .. } => "set_note_action",
            Mutation::Snooze { .. } => "snooze",
            Mutation::PublishPlan { .. } => "publish_plan",
            Mutation::SavePlanDraft { .. } => "save_plan_draft",
            Mutation::SubmitPlanDraft { .. } => "submit_plan_draft",
            Mutation::ApprovePlanDraft { .. } => "approve_plan_draft",
            Mutation::SendBackPlanDraft { .. } => "send_back_plan_draft",
            Mutation::WithdrawPlanDraft { .. } => "withdraw_plan_draft",
            Mutation::PublishPlanDraft { .. } => "publish_plan_draft",
            Mutation::PutPlanException { .. } => "put_plan_exception",
            Mutation::ClosePeriod { .. } => "close_period",
            Mutation::SetSetting { .. } => "set_setting",
        }
    }

    /// Closing and publishing are for good, and so is what was said of a draft to others; everything else can be taken back.
    pub fn undoable(&self) -> bool {
        !matches!(
            self,
            Mutation::PublishPlan { .. }
                | Mutation::SubmitPlanDraft { .. }
                | Mutation::ApprovePlanDraft { .. }
                | Mutation::SendBackPlanDraft { .. }
                | Mutation::WithdrawPlanDraft { .. }
                | Mutation::PublishPlanDraft { .. }
                | Mutation::ClosePeriod { .. }
        )
    }
}

/// What a decision does to the base rows. `Some` puts a row, `None` removes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "row", rename_all = "snake_case")]
pub enum Change {
    Goal { id: String, to: Option<Goal> },
    GoalVersion { goal_id: String, version: u32, to: Option<GoalVersion> },
    Proposal { id: String, to: Option<Proposal> },
    Acknowledgement { goal_id: String, person_id: String, to: Option<Acknowledged> },
    Seat { id: String, to: Option<Seat> },
    Note { id: String, to: Option<Note> },
    Plan { id: String, version: u32, to: Option<PublishedPlan> },
    PlanDraft { id: String, to: Option<PlanDraft> },
    PlanException { person_id: String, id: String, to: Option<PlanException> },
    Period { month: Month, to: Option<ClosedPeriod> },
    Payout { person_id: String, month: Month, to: Option<FrozenPayout> },
    Setting { key: String, to: Option<String> },
    Snooze { person_id: String, item_id: String, to: Option<SnoozedUntil> },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PublishedPlan {
    pub source: String,
    pub published_by: String,
    pub published_at: String,
    /// Who else agreed; `None` where nobody was asked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<String>,
}

/// What an exception states when it is made: by whom and when follows from the act.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExceptionTerms {
    pub from: Month,
    pub until: Option<Month>,
    pub plan_id: Option<String>,
    pub base: Option<Money>,
    pub reason: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClosedPeriod {
    pub closed_by: String,
    pub closed_at: String,
    /// Where in the server's order it worked the payouts out itself; `None` on a laptop until then, and where no server is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seq: Option<u64>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnoozedUntil {
    pub until: NaiveDate,
    pub reason: String,
}

/// What a close freezes for one person: inputs, plan and result. Pay class.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct FrozenPayout {
    pub inputs: Inputs,
    pub payout: Payout,
    /// Corrections of earlier months that are settled in this one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub adjustments: Vec<MonthAdjustment>,
    /// What was missing of this person and closed with as it was.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub accepted: Vec<Acceptance>,
}

/// Why a change is refused; the code is stable and translated by whoever shows it.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
pub enum Rejection {
    #[error("not allowed")]
    Forbidden,
    #[error("no such {noun}: {id}")]
    NotFound { noun: &'static str, id: String },
    #[error(transparent)]
    Goal(#[from] GoalError),
    #[error("the outcome differs from the preview")]
    PreviewChanged { digest: String },
    #[error("both sides changed the same sentence")]
    NoteChanged { note_id: String },
    #[error("beyond the freedom of {percent} %")]
    NeedsApproval { percent: u32, goal_id: String },
    #[error("the id {id} stands for something else, or is no id")]
    IdTaken { id: String },
    #[error("somebody sits there")]
    SeatTaken { seat_id: String, person_id: String },
    #[error("the proposal is settled")]
    ProposalSettled { id: String, state: &'static str },
    #[error("not an amount")]
    Amount(#[from] AmountError),
    #[error("the text is empty")]
    TextEmpty,
    #[error("the text is too long")]
    TextTooLong { bytes: usize, max: usize },
    #[error("the plan has findings")]
    PlanFindings(Vec<Finding>),
    #[error("another plan covers this position then")]
    PositionClaimed { plan_id: String, position: String },
    #[error("a published version is never changed")]
    VersionExists { plan_id: String, version: u32 },
    #[error("one's own draft is for others to approve")]
    OwnDraft { draft_id: String },
    #[error("the draft is {state}")]
    DraftSettled { draft_id: String, state: &'static str },
    #[error("the draft says something else by now")]
    DraftChanged { draft_id: String },
    #[error("nobody has approved the draft")]
    NotApproved { draft_id: String },
    #[error("one's own pay is for others to make an exception of")]
    OwnException,
    #[error("an exception names a plan, a base or both, and a last month not before its first")]
    ExceptionSaysNothing,
    #[error("another exception holds then")]
    ExceptionOverlaps { exception_id: String },
    #[error("a plan is approved before it is published")]
    PlanNeedsApproval { plan_id: String },
    #[error("the plan would reach into closed periods")]
    PlanReachesClosedPeriod { month: Month },
    #[error("the period runs until {until}")]
    PeriodNotOver { until: NaiveDate },
    #[error("the period is closed")]
    PeriodClosed { month: Month },
    #[error("the month has findings")]
    CloseFindings(Vec<closing::Finding>),
    #[error("an earlier month is open")]
    EarlierMonthOpen { month: Month },
    #[error("the year has goals")]
    YearHasGoals { year: i32 },
    #[error("last year has no goals or no sales")]
    NothingToStartFrom { year: i32 },
    #[error("unknown setting")]
    SettingInvalid { key: String, value: String },
    #[error("the pace bounds must get smaller")]
    PaceBoundsOrder { bounds: PaceBounds },
    #[error("nothing to undo")]
    NothingToUndo,
    #[error("it has been changed since")]
    ChangedSince,
    #[error("{0}")]
    Read(#[from] ReadError),
}

/// When and as what day a change is made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Now {
    /// The date figures are reckoned at.
    pub today: NaiveDate,
    /// Real time, RFC 3339.
    pub at: String,
}

/// Decides a mutation: the row changes it makes, or why not. The same code runs on the laptop and on the server.
pub fn decide(read: &dyn Read, actor: &Actor, mutation: &Mutation, now: &Now) -> Result<Vec<Change>, Rejection> {
    match mutation {
        Mutation::AdjustGoal { goal_id, target, reading, from, seen } => {
            let wish = Adjustment { goal_id: goal_id.clone(), target: *target, reading: *reading, from: *from };
            goals::publish(read, actor, &Wish::Adjust(wish), None, seen.as_deref(), now)
        }
        Mutation::ChangeGoals { wish, why, seen } => {
            goals::publish(read, actor, wish, why.as_deref(), seen.as_deref(), now)
        }
        Mutation::ProposeGoals { proposal_id, wish, comment, seen } => {
            goals::propose(read, actor, proposal_id, wish, comment, seen.as_deref(), now)
        }
        Mutation::ApproveProposal { proposal_id, comment, seen } => {
            goals::approve(read, actor, proposal_id, comment, seen.as_deref(), now)
        }
        Mutation::SendBackProposal { proposal_id, comment } => goals::send_back(read, actor, proposal_id, comment, now),
        Mutation::WithdrawProposal { proposal_id } => goals::withdraw(read, actor, proposal_id, now),
        Mutation::AcknowledgeGoal { goal_id, version } => goals::acknowledge(read, actor, goal_id, *version, now),
        Mutation::PutSeat { seat_id, seat } => goals::put_seat(read, actor, seat_id, seat.as_ref(), now),
        Mutation::FillSeat { seat_id, person_id, from, ramp } => {
            goals::fill_seat(read, actor, seat_id, person_id, *from, ramp.as_ref(), now)
        }
        Mutation::LockGoal { goal_id, locked } => goals::lock(read, actor, goal_id, *locked, now),
        Mutation::StartGoalsFromLastYear { year } => goals::start_from_last_year(read, actor, *year, now),
        Mutation::WriteNote { note_id, about_id, kind, visibility, text, actions, before } => {
            let now_there = read.note(note_id)?;
            let author_id = now_there.as_ref().map_or(&actor.person_id, |n| &n.author_id);
            if *author_id != actor.person_id || now_there.as_ref().is_some_and(|n| n.about_id != *about_id) {
                return Err(Rejection::Forbidden);
            }
            may_write_about(read, actor, about_id, now)?;
            check_text(text)?;
            if actions.len() > note::MAX_ACTIONS {
                return Err(Rejection::TextTooLong { bytes: actions.len(), max: note::MAX_ACTIONS });
            }
            for action in actions {
                check_text(&action.text)?;
                if !read.person_exists(&action.owner_id)? {
                    return Err(Rejection::NotFound { noun: "person", id: action.owner_id.clone() });
                }
            }
            let text = match (before, &now_there) {
                (Some(before), Some(note)) if note.text != *before => note::merge(before, text, &note.text)
                    .ok_or_else(|| Rejection::NoteChanged { note_id: note_id.clone() })?,
                _ => text.clone(),
            };
            check_text(&text)?;
            let note = Note {
                id: note_id.clone(),
                author_id: actor.person_id.clone(),
                about_id: about_id.clone(),
                at: now_there.as_ref().map_or_else(|| now.at.clone(), |n| n.at.clone()),
                kind: *kind,
                visibility: *visibility,
                text,
                edited_at: now_there.map(|_| now.at.clone()),
                actions: actions.clone(),
            };
            Ok(vec![Change::Note { id: note_id.clone(), to: Some(note) }])
        }
        Mutation::SetNoteAction { note_id, action_id, done } => {
            let missing = || Rejection::NotFound { noun: "action", id: action_id.clone() };
            let mut note = read.note(note_id)?.ok_or_else(missing)?;
            let author = note.author_id == actor.person_id;
            let action = note.actions.iter_mut().find(|a| a.id == *action_id).ok_or_else(missing)?;
            if !author && action.owner_id != actor.person_id {
                return Err(Rejection::Forbidden);
            }
            action.done = *done;
            Ok(vec![Change::Note { id: note_id.clone(), to: Some(note) }])
        }
        Mutation::Snooze { item_id, until, reason } => {
            check_text(reason)?;
            let to = Some(SnoozedUntil { until: *until, reason: reason.clone() });
            Ok(vec![Change::Snooze { person_id: actor.person_id.clone(), item_id: item_id.clone(), to }])
        }
        Mutation::PublishPlan { source } => plans::publish(read, actor, source, now),
        Mutation::SavePlanDraft { draft_id, source, before } => {
            plans::save_draft(read, actor, draft_id, source, before.as_deref(), now)
        }
        Mutation::SubmitPlanDraft { draft_id, comment } => plans::submit_draft(read, actor, draft_id, comment, now),
        Mutation::ApprovePlanDraft { draft_id, digest, comment } => {
            plans::approve_draft(read, actor, draft_id, digest, comment, now)
        }
        Mutation::SendBackPlanDraft { draft_id, comment } => {
            plans::send_back_draft(read, actor, draft_id, comment, now)
        }
        Mutation::WithdrawPlanDraft { draft_id } => plans::withdraw_draft(read, actor, draft_id, now),
        Mutation::PutPlanException { person_id, exception_id, terms } => {
            plans::put_exception(read, actor, person_id, exception_id, terms.as_ref(), now)
        }
        Mutation::PublishPlanDraft { draft_id, digest } => plans::publish_draft(read, actor, draft_id, digest, now),
        Mutation::ClosePeriod { month, seen, accepted } => {
            closing::close(read, actor, *month, seen.as_deref(), accepted, now)
        }
        Mutation::SetSetting { key, value } => {
            if actor.widest(Action::EditSettings).is_none() {
                return Err(Rejection::Forbidden);
            }
            set_setting(read, key, value)
        }
    }
}

/// Whether one may write a note about a person: those above them, or anyone about themselves.
pub fn may_write_about(read: &dyn Read, actor: &Actor, about_id: &str, now: &Now) -> Result<(), Rejection> {
    if !read.person_exists(about_id)? {
        return Err(Rejection::NotFound { noun: "person", id: about_id.to_string() });
    }
    let units = read.units_of(about_id, now.today)?;
    let subject = Subject::Person { id: about_id, unit_ids: &units };
    if about_id == actor.person_id || actor.may(Action::WriteNotes, subject) {
        Ok(())
    } else {
        Err(Rejection::Forbidden)
    }
}

pub(crate) fn check_text(text: &str) -> Result<(), Rejection> {
    if text.trim().is_empty() {
        return Err(Rejection::TextEmpty);
    }
    if text.len() > note::MAX_BYTES {
        return Err(Rejection::TextTooLong { bytes: text.len(), max: note::MAX_BYTES });
    }
    Ok(())
}

/// Company settings and the values they take. `pace_bounds` sets the three bounds together, as one change.
fn set_setting(read: &dyn Read, key: &str, value: &str) -> Result<Vec<Change>, Rejection> {
    let invalid = || Rejection::SettingInvalid { key: key.to_string(), value: value.to_string() };
    let put = |key: &str, value: String| Change::Setting { key: key.to_string(), to: Some(value) };
    let one = || value.parse::<u32>().map_err(|_| invalid());
    let bounds = match key {
        "pace_bounds" => value.parse().map_err(|()| invalid())?,
        "pace_ahead" => PaceBounds { ahead: one()?, ..read.pace_bounds()? },
        "pace_on_pace" => PaceBounds { on_pace: one()?, ..read.pace_bounds()? },
        "pace_behind" => PaceBounds { behind: one()?, ..read.pace_bounds()? },
        _ if setting_valid(key, value) => return Ok(vec![put(key, value.to_string())]),
        _ => return Err(invalid()),
    };
    if !bounds.in_order() {
        return Err(Rejection::PaceBoundsOrder { bounds });
    }
    let rows =
        [("pace_ahead", bounds.ahead), ("pace_on_pace", bounds.on_pace), ("pace_behind", bounds.behind)].into_iter();
    Ok(rows
        .filter(|(row, _)| key == "pace_bounds" || *row == key)
        .map(|(row, bound)| put(row, bound.to_string()))
        .collect())
}

fn setting_valid(key: &str, value: &str) -> bool {
    match key {
        "sales_basis" => value.parse::<crate::order::SalesBasis>().is_ok(),
        "pay_to_managers" => matches!(value, "true" | "false"),
        "retention_window_months" => value.parse::<u32>().is_ok_and(|v| (1..=24).contains(&v)),
        "lease_core_days" | "lease_pay_days" => value.parse::<u32>().is_ok_and(|v| (1..=365).contains(&v)),
        "goal_freedom" => value.parse::<u32>().is_ok_and(|v| v <= 100),
        _ if key.strip_prefix(profile::SETTING).is_some_and(is_name) => value.parse::<profile::Profile>().is_ok(),
        "fiscal_calendar" => matches!(value, "months" | "four-four-five"),
        _ => false,
    }
}

/// An id that stands in a key: letters of any script, digits, `_` and `-`.
fn is_name(id: &str) -> bool {
    !id.is_empty() && id.len() <= 64 && id.chars().all(|c| c.is_alphanumeric() || c == '_' || c == '-')
}
