//! How a refusal is said: a stable code and its values, for whoever translates it, on this laptop or on another.

use super::Rejection;
use crate::closing::Finding;
use crate::goal::GoalError;

/// A code with the values its sentence names.
pub type Said = (&'static str, Vec<(&'static str, String)>);

impl Rejection {
    pub fn said(&self) -> Said {
        let plain = |code| (code, Vec::new());
        match self {
            Rejection::Forbidden => plain("not_allowed"),
            Rejection::NotFound { noun, id } => ("not_found", vec![("noun", noun.to_string()), ("id", id.clone())]),
            Rejection::Goal(error) => error.said(),
            Rejection::PreviewChanged { digest } => ("preview_changed", vec![("digest", digest.clone())]),
            Rejection::NoteChanged { note_id } => ("note_changed", vec![("note_id", note_id.clone())]),
            Rejection::NeedsApproval { percent, goal_id } => {
                ("needs_approval", vec![("percent", percent.to_string()), ("goal_id", goal_id.clone())])
            }
            Rejection::IdTaken { id } => ("id_taken", vec![("id", id.clone())]),
            Rejection::SeatTaken { seat_id, person_id } => {
                ("seat_taken", vec![("seat_id", seat_id.clone()), ("person_id", person_id.clone())])
            }
            Rejection::ProposalSettled { id, state } => {
                ("proposal_settled", vec![("id", id.clone()), ("state", format!("@proposal.{state}"))])
            }
            Rejection::Amount(_) => plain("not_a_number"),
            Rejection::TextEmpty => plain("empty_text"),
            Rejection::TextTooLong { bytes, max } => {
                ("text_too_long", vec![("bytes", bytes.to_string()), ("max", max.to_string())])
            }
            Rejection::PlanFindings(findings) => ("plan_findings", vec![("count", findings.len().to_string())]),
            Rejection::PositionClaimed { plan_id, position } => {
                ("position_claimed", vec![("plan_id", plan_id.clone()), ("position", position.clone())])
            }
            Rejection::VersionExists { plan_id, version } => {
                ("version_exists", vec![("plan_id", plan_id.clone()), ("version", version.to_string())])
            }
            Rejection::OwnDraft { draft_id } => ("own_draft", vec![("id", draft_id.clone())]),
            Rejection::DraftSettled { draft_id, state } => {
                ("draft_settled", vec![("id", draft_id.clone()), ("state", format!("@plan.draft_{state}"))])
            }
            Rejection::DraftChanged { draft_id } => ("draft_changed", vec![("id", draft_id.clone())]),
            Rejection::NotApproved { draft_id } => ("not_approved", vec![("id", draft_id.clone())]),
            Rejection::OwnException => plain("own_exception"),
            Rejection::ExceptionSaysNothing => plain("exception_says_nothing"),
            Rejection::ExceptionOverlaps { exception_id } => ("exception_overlaps", vec![("id", exception_id.clone())]),
            Rejection::PlanNeedsApproval { plan_id } => ("plan_needs_approval", vec![("plan_id", plan_id.clone())]),
            Rejection::PlanReachesClosedPeriod { month } => {
                ("plan_reaches_closed_period", vec![("period", month.to_string())])
            }
            Rejection::PeriodNotOver { until } => ("period_not_over", vec![("until", until.to_string())]),
            Rejection::PeriodClosed { month } => ("period_closed", vec![("period", month.to_string())]),
            Rejection::CloseFindings(found) => close_findings(found),
            Rejection::EarlierMonthOpen { month } => ("earlier_month_open", vec![("period", month.to_string())]),
            Rejection::YearHasGoals { year } => ("year_has_goals", vec![("year", year.to_string())]),
            Rejection::NothingToStartFrom { year } => ("nothing_to_start_from", vec![("year", year.to_string())]),
            Rejection::SettingInvalid { key, value } => {
                ("setting_invalid", vec![("key", key.clone()), ("value", value.clone())])
            }
            Rejection::PaceBoundsOrder { bounds } => ("pace_bounds_order", vec![("bounds", bounds.to_string())]),
            Rejection::NothingToUndo => plain("nothing_to_undo"),
            Rejection::ChangedSince => plain("changed_since"),
            Rejection::Read(_) => plain("internal"),
        }
    }
}

impl GoalError {
    pub fn said(&self) -> Said {
        let plain = |code| (code, Vec::new());
        match self {
            GoalError::GoalNotFound { goal_id } => {
                ("not_found", vec![("noun", "goal".to_owned()), ("id", goal_id.clone())])
            }
            GoalError::TargetNegative => plain("target_negative"),
            GoalError::TargetAbsurd => plain("target_absurd"),
            GoalError::NoOpenMonth => plain("no_open_months"),
            GoalError::BelowClosedMonths { closed, target } => {
                ("below_done", vec![("closed_minor", closed.to_string()), ("target_minor", target.to_string())])
            }
            GoalError::NothingToRaise => plain("nothing_to_raise"),
            GoalError::LockInTheWay { goal_id, locked_goal_ids, shortfall } => (
                "lock_in_the_way",
                vec![
                    ("goal_id", goal_id.clone()),
                    ("locked", locked_goal_ids.join(", ")),
                    ("shortfall_minor", shortfall.to_string()),
                ],
            ),
            GoalError::RatioNeverSplit { metric } => {
                ("ratio_never_split", vec![("metric", format!("@metric.{}", metric.name()))])
            }
            GoalError::NotGiven { owner_id } => ("part_not_given", vec![("owner_id", owner_id.clone())]),
            GoalError::NotBelow { owner_id } => ("owner_not_below", vec![("owner_id", owner_id.clone())]),
            GoalError::SharesOver { ppm } => ("shares_over", vec![("percent", percent_of(*ppm))]),
            GoalError::FixedOver { over } => ("fixed_over", vec![("over_minor", over.to_string())]),
            GoalError::NobodyBelow { goal_id } => ("nobody_below", vec![("goal_id", goal_id.clone())]),
            GoalError::ProfileUnknown { id } => ("profile_unknown", vec![("id", id.clone())]),
            GoalError::ReserveAbsurd { ppm } => ("reserve_absurd", vec![("percent", percent_of(*ppm))]),
            GoalError::RoundingAbsurd => plain("rounding_absurd"),
            GoalError::NotSiblings { from_id, to_id } => {
                ("not_siblings", vec![("from_id", from_id.clone()), ("to_id", to_id.clone())])
            }
            GoalError::TooMuch { goal_id, carries, asked } => (
                "month_carries_less",
                vec![
                    ("goal_id", goal_id.clone()),
                    ("carries_minor", carries.to_string()),
                    ("asked_minor", asked.to_string()),
                ],
            ),
            GoalError::NothingToMove { goal_id } => ("nothing_to_move", vec![("goal_id", goal_id.clone())]),
            GoalError::Cycle { goal_id } => ("damaged", vec![("goal_id", goal_id.clone())]),
        }
    }
}

/// What cannot be accepted goes first: it has to be put right in any case.
fn close_findings(found: &[Finding]) -> Said {
    let never = found.iter().find(|finding| !finding.check.acceptable());
    let Some(first) = never.or(found.first()) else { return ("close_findings", Vec::new()) };
    let ids: Vec<&str> = first.subjects.iter().take(NAMED).map(String::as_str).collect();
    let code = if never.is_some() { "close_figures" } else { "close_findings" };
    let params = vec![
        ("count", found.len().to_string()),
        ("check", first.check.name().to_owned()),
        ("lack", format!("@period.without_{}", first.check.name())),
        ("ids", ids.join(", ")),
        ("people", first.subjects.len().to_string()),
    ];
    (code, params)
}

/// Ids that a sentence holds.
const NAMED: usize = 20;

/// Millionths as percent, without zeros at the end.
fn percent_of(ppm: i64) -> String {
    let text = crate::money::format_scaled(ppm, 4);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}
