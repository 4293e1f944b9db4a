//! What is wished of goals: worked out, published, proposed; versions, acknowledgement, seats, month profiles.

use super::figure::{Money, Phrase, Problem, Rate, Value};
use super::goal::Reading;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Input of `goal_wish_preview`, `goal_wish_publish` and `goal_wish_propose`. Amounts and percentages are what was typed;
/// `from` is the first month that may change, the first open one when null.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "wish", rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum GoalWish {
    /// Moves a goal and everything below it.
    Adjust { goal_id: String, target_text: String, reading: Reading, from: Option<String> },
    /// Divides a goal among those below it.
    Allocate {
        goal_id: String,
        /// One a level, from the goal downwards.
        by: Vec<Basis>,
        parts: Vec<GivenPart>,
        /// `2`, `2%`: kept back at each goal that is divided; negative to over-assign.
        reserve_text: Option<String>,
        /// `100`, `1万`: the step in which it is divided.
        rounding_text: Option<String>,
        /// Ids of month profiles.
        season: Option<String>,
        ramp: Option<String>,
        from: Option<String>,
    },
    /// Lays open months out by a month profile.
    Profile { goal_id: String, profile: String, below: bool, from: Option<String> },
    /// Moves an amount of one month between two goals of one team.
    Shift { from_id: String, to_id: String, amount_text: String, month: String },
    /// Takes the open months off a goal whose owner moves, leaves or closes.
    Reassign {
        goal_id: String,
        to: Destination,
        /// The goal in the new unit, below which the owner carries the same months.
        takes: Option<String>,
        from: Option<String>,
    },
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum Basis {
    LastYear,
    Headcount,
    Weights,
    Equal,
    Fixed,
    /// How a ratio goes down: each gets the same.
    Copy,
}

/// What one owner below is to have: a weight, an amount (`12.5万`) or a share (`30%`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct GivenPart {
    pub owner_id: String,
    pub weight: Option<u32>,
    pub part_text: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "to", rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum Destination {
    Reserve,
    Siblings,
    Person { id: String, ramp: Option<String> },
    Seat { id: String },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct WishPreview {
    pub goal_id: String,
    pub owner_name: String,
    pub first_month: String,
    pub publishing: Publishing,
    /// Every goal that changes, tree order.
    pub rows: Vec<WishEffect>,
    /// Locked goals, which keep what they have.
    pub kept: Vec<KeptGoal>,
    /// What stays undivided where that changes; negative is over-assigned.
    pub reserves: Vec<ReserveChange>,
    /// Both readings of a year's new total, side by side.
    pub readings: Vec<ReadingSide>,
    pub people_changed: u32,
    pub goals_changed: u32,
    /// Why effects on pay are missing; null when they are told or not the viewer's to see.
    pub pay_hidden: Option<Problem>,
    /// Hand this back; a different result is refused as `preview_changed`.
    pub digest: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "how", rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum Publishing {
    Publish,
    /// Within the freedom of a team.
    Free {
        percent: u32,
    },
    /// To be laid before the manager of this unit, or those above.
    Propose {
        unit_name: Option<String>,
    },
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct WishEffect {
    pub goal_id: String,
    pub depth: u32,
    pub owner_kind: String,
    pub owner_id: String,
    pub owner_name: String,
    /// The year; null before of a new goal.
    pub before: Option<Value>,
    pub after: Value,
    /// The months that change, together.
    pub open_before: Value,
    pub open_after: Value,
    pub months_before: Option<Vec<Value>>,
    pub months_after: Vec<Value>,
    /// Of the running month.
    pub attainment_before: Option<Rate>,
    pub attainment_after: Option<Rate>,
    pub pay: Option<WishPay>,
}

/// The running month's pay on the figures so far.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct WishPay {
    pub before: Money,
    pub after: Money,
    /// Signed.
    pub effect: Money,
    /// Caps, bands and accelerators that are reached or left.
    pub crossed: Vec<Phrase>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct KeptGoal {
    pub goal_id: String,
    pub owner_name: String,
    pub carried: Value,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct ReserveChange {
    pub goal_id: String,
    pub owner_name: String,
    pub before: Option<Money>,
    pub after: Option<Money>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct ReadingSide {
    pub reading: Reading,
    pub year_total: Option<Value>,
    /// Growth of the open months, signed.
    pub growth: Option<Rate>,
    pub people: Vec<ReadingPerson>,
    /// Why it cannot be done.
    pub problem: Option<Problem>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct ReadingPerson {
    pub goal_id: String,
    pub owner_name: String,
    /// The first month that changes.
    pub month_before: Value,
    pub month_after: Value,
    pub year_before: Value,
    pub year_after: Value,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum ProposalState {
    Open,
    SentBack,
    Approved,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct Proposal {
    pub id: String,
    pub state: ProposalState,
    /// `adjust_goal`, `allocate_goal`, `profile_goal`, `shift_goal`, `reassign_goal`.
    pub act: String,
    pub goal_id: String,
    pub owner_name: String,
    /// What is wished, in a sentence.
    pub what: Phrase,
    /// The wish as a form fills it in, to be made again; null of one that has no form.
    pub wish: Option<GoalWish>,
    pub author_name: String,
    /// Whose it is to decide; null at the top.
    pub unit_name: Option<String>,
    pub mine: bool,
    pub mine_to_decide: bool,
    /// Oldest first.
    pub steps: Vec<ProposalStep>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct ProposalStep {
    pub at: String,
    pub by_name: String,
    pub state: ProposalState,
    pub comment: String,
}

/// A proposal and what it would do now; `problem` where it cannot be done any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct ProposalShown {
    pub proposal: Proposal,
    pub preview: Option<WishPreview>,
    pub problem: Option<Problem>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum Decision {
    Approve,
    SendBack,
    Withdraw,
}

/// A goal's figures at a version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct GoalStood {
    pub owner_name: String,
    pub year: Value,
    pub months: Vec<Value>,
    pub locked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct GoalVersion {
    pub version: u32,
    pub at: String,
    pub by_name: String,
    pub change: Phrase,
    pub why: Option<String>,
    pub before: Option<GoalStood>,
    pub after: Option<GoalStood>,
}

/// A goal as it stood at the end of a day, preorder.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct GoalThen {
    pub goal_id: String,
    pub parent_id: Option<String>,
    pub depth: u32,
    pub owner_name: String,
    pub target: Value,
    pub reserve: Option<Money>,
    pub locked: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct Unacknowledged {
    pub goal_id: String,
    pub person_id: String,
    pub person_name: String,
    pub metric: String,
    /// Hand this back to `goal_acknowledge`.
    pub version: u32,
    pub changed_at: String,
    pub by_name: String,
    pub why: Option<String>,
    pub before: Option<GoalStood>,
    pub after: GoalStood,
}

/// A goal whose owner is not in its unit any more.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct Unplaced {
    pub goal_id: String,
    pub owner_name: String,
    pub why: Phrase,
    pub from: String,
    pub carried: Value,
    /// Vacant seats of the unit that could take it.
    pub seats: Vec<SeatRow>,
    /// The goal of the unit where the owner is now.
    pub takes: Option<String>,
    pub editable: bool,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct SeatRow {
    pub id: String,
    pub name: String,
    pub unit_id: String,
    pub unit_name: String,
    pub position: String,
    pub from: String,
    pub to: Option<String>,
    pub person_name: Option<String>,
}

/// Input of `seat_put`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct SeatInput {
    pub id: String,
    pub name: String,
    pub unit_id: String,
    pub position: String,
    pub from: Option<String>,
    pub to: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "wish.ts")]
pub enum ProfileKind {
    /// Twelve weights.
    Season,
    /// Percents from the month of joining on.
    Ramp,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "wish.ts")]
pub struct MonthProfile {
    pub id: String,
    pub name: String,
    pub name_en: String,
    pub kind: ProfileKind,
    pub figures: Vec<u32>,
}
