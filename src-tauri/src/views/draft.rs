//! Plans before they are published: drafts, the form over their text, a worked example, and what they would have paid.

use super::figure::{Money, Phrase, Problem};
use super::plan::{Plan, PlanFinding};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "draft.ts")]
pub enum DraftState {
    Drafting,
    Submitted,
    SentBack,
    Approved,
    Published,
    Withdrawn,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct DraftStep {
    pub at: String,
    pub by_name: String,
    pub state: DraftState,
    pub comment: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanDraft {
    pub draft_id: String,
    /// The plan's name; the draft's id while it cannot be read.
    pub name: String,
    pub version: Option<u32>,
    /// Message `position.<position>`.
    pub position: Option<String>,
    pub from: Option<String>,
    pub state: DraftState,
    /// How much the checker finds; 0 = checked.
    pub findings: u32,
    pub author_name: String,
    pub approved_by: Option<String>,
    /// The viewer wrote the text as it stands.
    pub mine: bool,
    pub may_edit: bool,
    /// Waits for the viewer.
    pub mine_to_decide: bool,
    pub may_publish: bool,
    /// Names the text: what is approved or published is this one.
    pub digest: String,
    /// Oldest first.
    pub steps: Vec<DraftStep>,
}

/// `plan_draft_show`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanDraftShown {
    pub draft: PlanDraft,
    pub source: String,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export_to = "draft.ts")]
pub enum PlanDecision {
    Submit,
    Approve,
    SendBack,
    Withdraw,
    Publish,
}

/// One change of a plan file, by the path that findings use.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(tag = "act", rename_all = "snake_case")]
#[ts(export_to = "draft.ts")]
pub enum PlanEdit {
    /// Empty takes the key away.
    Set {
        path: String,
        value: String,
    },
    Add {
        path: String,
    },
    Remove {
        path: String,
    },
}

/// `plan_edit`: a text after changes, as a form, with what the checker says and what publishing it would do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanSheet {
    pub source: String,
    /// Names the text.
    pub digest: String,
    /// `None` while the text is not TOML at all.
    pub form: Option<Vec<PlanSection>>,
    /// Σ of the weights that can be read.
    pub weights: Option<String>,
    pub plan: Option<Plan>,
    pub findings: Vec<PlanFinding>,
    /// What should be asked about it.
    pub warnings: Vec<PlanFinding>,
    pub effect: Option<Phrase>,
    /// How it meets the plan before it.
    pub meets: Vec<Phrase>,
    /// What it says differently from the plan it follows.
    pub changes: Vec<PlanChange>,
    /// Why publishing it would be refused, beside findings and approval.
    pub refused: Option<Problem>,
}

/// One thing that two plans say differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanChange {
    pub path: String,
    pub before: Option<String>,
    pub after: Option<String>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanSection {
    /// Message `plan.section.<name>`.
    pub name: String,
    pub path: String,
    pub list: bool,
    pub rows: Vec<PlanRow>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanRow {
    pub path: String,
    pub fields: Vec<PlanField>,
    pub within: Vec<PlanSection>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanField {
    pub path: String,
    /// Message `plan.key.<key>`.
    pub key: String,
    /// Empty: the file says nothing.
    pub value: String,
    /// Steps up and down.
    pub number: bool,
    pub required: bool,
    /// Empty: one writes. A label is `metric.<choice>`, `position.<choice>` or `plan.choice.<choice>`.
    pub choices: Vec<String>,
    /// `metric`, `position` or `plan.choice`.
    pub labels: String,
}

/// `plan_example`: one person's month under the plans in force and under the draft. A look at pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanExample {
    pub person_id: String,
    pub person_name: String,
    pub period: String,
    pub before: Option<Money>,
    pub after: Option<Money>,
    pub before_steps: Vec<Phrase>,
    pub after_steps: Vec<Phrase>,
    /// Who else could stand here.
    pub people: Vec<PlanPerson>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanPerson {
    pub person_id: String,
    pub name: String,
}

/// `plan_what_if`: a draft over past months beside what was paid. A look at everyone's pay.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanWhatIf {
    pub first: String,
    pub last: String,
    pub paid: Money,
    pub cost: Money,
    pub difference: Money,
    pub budget: Option<Money>,
    /// Budget less cost.
    pub left: Option<Money>,
    pub winners: u32,
    pub losers: u32,
    pub without_amount: u32,
    /// Largest gain first, largest loss last.
    pub people: Vec<PlanOutcome>,
    /// The largest difference either way: the ends of the strip.
    pub most: Money,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export_to = "draft.ts")]
pub struct PlanOutcome {
    pub person_id: String,
    pub name: String,
    /// Message `position.<position>`.
    pub position: String,
    pub paid: Money,
    pub cost: Money,
    pub difference: Money,
    /// Of the largest difference either way, −1000 to 1000: where its dot stands.
    pub permille: i32,
    /// The month that differs most, and by what.
    pub reason: Option<Phrase>,
}
