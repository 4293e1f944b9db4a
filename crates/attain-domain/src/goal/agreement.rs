//! Agreement: what may be moved without asking, and what is proposed to those above.
//!
//! Owns: the freedom within a team, and [`Proposal`] with its steps. Absent on purpose: who may decide (`mutation/goals.rs`).

use serde::{Deserialize, Serialize};

use crate::goal::Goal;
use crate::goal::wish::Wish;

/// Percent of a person's month that may move within a team without asking, unless the company says otherwise.
pub const USUAL_FREEDOM: u32 = 10;

impl Goal {
    /// Takes the months that a change has moved as agreed: what was shifted in them before counts no more.
    pub fn agree(&mut self, before: &[i64; 12]) {
        let Some(shifted) = &mut self.shifted else { return };
        for (m, was) in before.iter().enumerate() {
            if self.months[m] != *was {
                shifted[m] = 0;
            }
        }
        if *shifted == [0; 12] {
            self.shifted = None;
        }
    }

    /// Whether so much more or less in a month stays within the freedom, together with what was shifted before.
    pub fn is_free(&self, month: usize, more: i64, percent: u32) -> bool {
        let shifted = self.shifted.map_or(0, |s| s[month]);
        let agreed = i128::from(self.months[month]) - i128::from(shifted);
        (i128::from(shifted) + i128::from(more)).abs() * 100 <= agreed * i128::from(percent)
    }

    /// Keeps account of a shift within the freedom that has been made.
    pub fn shift_freely(&mut self, month: usize, more: i64) {
        let mut shifted = self.shifted.unwrap_or([0; 12]);
        shifted[month] += more;
        self.shifted = (shifted != [0; 12]).then_some(shifted);
    }
}

/// Where a proposal stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ProposalState {
    Open,
    SentBack,
    Approved,
    Withdrawn,
}

impl ProposalState {
    pub fn name(self) -> &'static str {
        match self {
            ProposalState::Open => "open",
            ProposalState::SentBack => "sent_back",
            ProposalState::Approved => "approved",
            ProposalState::Withdrawn => "withdrawn",
        }
    }
}

/// One step of a proposal: who brought it to which state, with what words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProposalStep {
    pub at: String,
    pub by_id: String,
    pub state: ProposalState,
    pub comment: String,
}

/// A change that somebody wishes and those above decide: nothing moves until they approve.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    pub id: String,
    pub author_id: String,
    pub wish: Wish,
    /// The unit whose manager decides, or those above it; `None` when only those do whom all of the company is open to.
    pub unit_id: Option<String>,
    pub state: ProposalState,
    /// Oldest first.
    pub steps: Vec<ProposalStep>,
}
