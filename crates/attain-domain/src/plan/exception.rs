//! An exception: for some months one person is paid by another plan, or of another base, for a stated reason.
//!
//! Owns: what it says, when it holds, and what it changes of what is paid. Absent on purpose: who may make one
//! (`mutation/plans.rs`).

use serde::{Deserialize, Serialize};

use crate::money::{Money, Ratio};
use crate::payout::Inputs;
use crate::period::Month;
use crate::plan::Plan;

/// Pay class, like the salary it stands beside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanException {
    pub id: String,
    /// First month it holds, and the last; open when absent.
    pub from: Month,
    pub until: Option<Month>,
    /// Paid by this plan, whatever the position.
    pub plan_id: Option<String>,
    /// What the multiple is taken of in a month, instead of the base salary or target incentive.
    pub base: Option<Money>,
    pub reason: String,
    pub by_id: String,
    pub at: String,
}

impl PlanException {
    pub fn holds_in(&self, month: Month) -> bool {
        self.from <= month && self.until.is_none_or(|until| month <= until)
    }

    /// Whether there is a month in which both hold.
    pub fn overlaps(&self, other: &PlanException) -> bool {
        other.until.is_none_or(|until| self.from <= until) && self.until.is_none_or(|until| other.from <= until)
    }

    /// Puts it into the inputs of a month under a plan: the base, and service in the plan's position.
    pub fn enter(&self, inputs: &mut Inputs, plan: &Plan, position: &str, first_day: chrono::NaiveDate) {
        if let Some(base) = self.base {
            inputs.base_salary = Some(base);
        }
        if let Some(record) = &mut inputs.record {
            if let Some(base) = self.base {
                let amount = Ratio { num: i128::from(base.minor), den: 10i128.pow(base.currency.digits()) };
                for dated in [&mut record.salary, &mut record.target_incentive] {
                    dated.retain(|from, _| *from < first_day);
                    dated.insert(first_day, amount);
                }
            }
            for service in &mut record.service {
                if service.position.as_deref() == Some(position) {
                    service.position = Some(plan.position.clone());
                }
            }
        }
        inputs.exception = Some(Box::new(self.clone()));
    }
}
