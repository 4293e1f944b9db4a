//! Everyone's pay of a month: a row a person, also of whoever cannot be reckoned, and why somebody has no amount.

use attain_domain::access::{Action, DataClass};
use attain_domain::closing::Check;
use attain_domain::payout::{Missing, PayoutError};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;

use super::{Pay, State, month_of, reckoned};
use crate::language::Language;
use crate::problem::Result;
use crate::scope;
use crate::workspace::Workspace;

/// The pay of several people for a month; both parts in order of the person's id.
#[derive(Debug, Clone)]
pub struct List {
    pub pays: Vec<Pay>,
    /// Those whose pay cannot be reckoned: the others' can.
    pub impossible: Vec<Impossible>,
}

/// Somebody whose figures contradict their plan.
#[derive(Debug, Clone)]
pub struct Impossible {
    pub person_id: String,
    pub month: Month,
    pub state: State,
    pub plan: Plan,
    pub error: PayoutError,
}

impl Impossible {
    pub fn cause(&self) -> Cause {
        let (code, params) = (self.error.code().to_string(), self.error.params());
        Cause { check: Check::Figures, code, params }
    }
}

/// Why somebody has no amount: the line of the closing checklist it belongs to, and the key of its text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    pub check: Check,
    pub code: String,
    /// Values for the text's placeholders.
    pub params: Vec<(String, String)>,
}

impl Cause {
    pub fn message(&self, language: Language) -> String {
        language.message(&self.code, &self.params)
    }

    /// The way forward.
    pub fn way(&self, language: Language) -> String {
        language.message(&format!("period.way_{}", self.check.name()), &[])
    }
}

/// What somebody's pay lacks to have an amount; none when it has one.
pub fn causes(pay: &Pay) -> Vec<Cause> {
    let lacks = &pay.payout.derivation.lacks;
    if !lacks.is_empty() {
        let cause = |lack: &attain_domain::payout::Lack| Cause {
            check: Check::of(&Missing::of(lack)),
            code: lack.code.clone(),
            params: vec![("subject".into(), lack.subject.clone())],
        };
        return lacks.iter().map(cause).collect();
    }
    let cause =
        |missing: &Missing| Cause { check: Check::of(missing), code: missing.code().into(), params: missing.params() };
    pay.payout.missing.iter().map(cause).collect()
}

/// Everyone's pay that the viewer may see for a month, recorded as one look. Whoever cannot be reckoned does not keep the
/// others from being listed.
///
/// Errors: the period is no month.
pub fn list(workspace: &mut Workspace, period: Period) -> Result<List> {
    let month = month_of(period)?;
    let viewer = workspace.viewer()?;
    let mut visible = Vec::new();
    // Who left in the course of the month is paid for it, too.
    for person in workspace.view().people_in(month)? {
        if scope::may_about(workspace.view(), &viewer, Action::SeePay, &person)? {
            visible.push(person);
        }
    }
    workspace.disclose("pay_list", DataClass::Pay, &visible)?;
    let mut list = List { pays: Vec::new(), impossible: Vec::new() };
    for person in &visible {
        match reckoned(workspace.view(), &viewer, person, month)? {
            Some(Ok(pay)) => list.pays.push(pay),
            Some(Err(found)) => list.impossible.push(*found),
            None => {}
        }
    }
    Ok(list)
}
