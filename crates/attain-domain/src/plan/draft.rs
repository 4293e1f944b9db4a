//! A plan before it is published: its text, and who brought it to which state.
//!
//! Owns: the draft and its steps, and the digest that an approval binds to. Absent on purpose: who may do what
//! (`mutation/plans.rs`); whether the text holds together, which is worked out from it each time.

use serde::{Deserialize, Serialize};

/// Where a draft stands. That it has been checked is no state: it is whether [`super::Plan::parse`] finds nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DraftState {
    Drafting,
    /// Waits for somebody else to approve it.
    Submitted,
    SentBack,
    Approved,
    Published,
    Withdrawn,
}

impl DraftState {
    pub fn name(self) -> &'static str {
        match self {
            DraftState::Drafting => "drafting",
            DraftState::Submitted => "submitted",
            DraftState::SentBack => "sent_back",
            DraftState::Approved => "approved",
            DraftState::Published => "published",
            DraftState::Withdrawn => "withdrawn",
        }
    }

    /// Nothing more is done to it.
    pub fn settled(self) -> bool {
        matches!(self, DraftState::Published | DraftState::Withdrawn)
    }
}

/// One step of a draft: who brought it to which state, with what words, and the digest of the text it stood with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DraftStep {
    pub at: String,
    pub by_id: String,
    pub state: DraftState,
    pub comment: String,
    pub digest: String,
}

/// A plan that is being written. Pay class: for those who see everyone's pay, and its author.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanDraft {
    pub id: String,
    /// Who wrote the text as it stands.
    pub author_id: String,
    /// A plan file, perhaps one that does not hold together yet.
    pub source: String,
    pub state: DraftState,
    /// Oldest first; of one author writing on, only the last.
    pub steps: Vec<DraftStep>,
}

impl PlanDraft {
    pub fn digest(&self) -> String {
        digest(&self.source)
    }

    /// Who approved the text as it stands.
    pub fn approved_by(&self) -> Option<&str> {
        let digest = self.digest();
        if !matches!(self.state, DraftState::Approved | DraftState::Published) {
            return None;
        }
        let approval = |step: &&DraftStep| step.state == DraftState::Approved && step.digest == digest;
        self.steps.iter().rev().find(approval).map(|step| step.by_id.as_str())
    }

    /// Brings it to a state. Writing on replaces the step of the same author's writing before.
    pub(crate) fn step(&mut self, state: DraftState, by_id: &str, comment: &str, at: &str) {
        let again = |last: &DraftStep| state == DraftState::Drafting && last.state == state && last.by_id == by_id;
        if self.steps.last().is_some_and(again) {
            self.steps.pop();
        }
        self.state = state;
        self.steps.push(DraftStep {
            at: at.to_owned(),
            by_id: by_id.to_owned(),
            state,
            comment: comment.to_owned(),
            digest: self.digest(),
        });
    }
}

/// Names a text: two that read the same have the same.
pub fn digest(text: &str) -> String {
    use sha2::{Digest, Sha256};
    Sha256::digest(text).iter().map(|byte| format!("{byte:02x}")).collect()
}
