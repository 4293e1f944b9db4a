//! 关闭期间: what stands in the way of closing a month, what closing it freezes, and what may be accepted as it is.
//!
//! Owns: the six checks, the outlook that a laptop shows and a server decides by, the digest that names it, the decision.
//! Absent on purpose: which figures a month has (the store), words (`period.without_<check>` in the messages).

use std::collections::BTreeMap;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::access::{Action, Actor, Subject};
use crate::adjustment::{adjustments, total};
use crate::money::{Currency, Money};
use crate::mutation::{Change, ClosedPeriod, FrozenPayout, Now, Rejection, check_text};
use crate::org::{UnknownName, named};
use crate::payout::{Missing, payout};
use crate::period::{Month, Period};
use crate::read::{Answer, Read};

named! {
    /// A line of the checklist.
    Check {
        /// Sellers whom no plan covers.
        Plan "plan",
        /// People whose plan is reckoned from a base salary that nobody knows.
        Salary "salary",
        /// People without the goal, or with one not above zero, that their plan divides by.
        Goal "goal",
        /// People of whom the plan needs a figure that is not there: no data, which is never 0.
        Data "data",
        /// Proposals that would still move goals of the month: once it is closed they no longer can.
        Proposal "proposal",
        /// People whose figures contradict their plan, so that nothing can be reckoned.
        Figures "figures",
    }
}

impl Check {
    /// Whether a month may be closed with it, for a reason. Whoever lacks something is then closed without an amount; what
    /// cannot be reckoned is a fault in the plan or the data, and is put right.
    pub fn acceptable(self) -> bool {
        self != Check::Figures
    }

    /// The line of the checklist that something missing belongs to.
    pub fn of(missing: &Missing) -> Check {
        match missing {
            Missing::BaseSalary => Check::Salary,
            Missing::Target { .. } | Missing::TargetNotPositive { .. } => Check::Goal,
            Missing::Actual { .. } | Missing::Record => Check::Data,
        }
    }
}

/// A line of the checklist with those it concerns: ids of people, of [`Check::Proposal`] of proposals. None: it is clear.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    pub check: Check,
    pub subjects: Vec<String>,
}

/// A finding that is closed with as it is, and why; kept with the frozen payouts it concerns and on the trail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Acceptance {
    pub check: Check,
    pub reason: String,
}

/// What closing a month would freeze.
#[derive(Debug, Clone)]
pub struct Outlook {
    /// By person, in order of id.
    pub payouts: Vec<(String, FrozenPayout)>,
    /// All six, in their order.
    pub findings: Vec<Finding>,
}

/// Works out the close of a month without deciding it. The same code on the laptop and on the server.
pub fn outlook(read: &dyn Read, month: Month) -> Answer<Outlook> {
    let mut found: BTreeMap<Check, Vec<String>> = BTreeMap::new();
    let mut payouts = Vec::new();
    for payee in read.payees(month)? {
        let person = payee.inputs.person.clone();
        let corrections = read.corrections(&person, month)?;
        let worked = payout(&payee.plan, &payee.inputs).and_then(|paid| Ok((paid, adjustments(&corrections)?)));
        let Ok((paid, adjustments)) = worked else {
            found.entry(Check::Figures).or_default().push(person);
            continue;
        };
        for check in paid.missing.iter().map(Check::of) {
            let people = found.entry(check).or_default();
            if people.last() != Some(&person) {
                people.push(person.clone());
            }
        }
        let frozen = FrozenPayout { inputs: payee.inputs, payout: paid, adjustments, accepted: Vec::new() };
        payouts.push((person, frozen));
    }
    found.insert(Check::Plan, read.uncovered(month)?);
    let proposals = read.open_proposals()?.into_iter().filter(|proposal| proposal.wish.moves(month));
    found.insert(Check::Proposal, proposals.map(|proposal| proposal.id).collect());
    let mut line = |check: &Check| Finding { check: *check, subjects: found.remove(check).unwrap_or_default() };
    Ok(Outlook { payouts, findings: Check::ALL.iter().map(&mut line).collect() })
}

impl Outlook {
    /// The findings that these acceptances leave open.
    pub fn open(&self, accepted: &[Acceptance]) -> Vec<Finding> {
        let is_accepted = |check: Check| check.acceptable() && accepted.iter().any(|one| one.check == check);
        let open = self.findings.iter().filter(|found| !found.subjects.is_empty() && !is_accepted(found.check));
        open.cloned().collect()
    }

    /// Σ of the amounts there are, without corrections of earlier months.
    pub fn total(&self, currency: Currency) -> Money {
        let amounts = self.payouts.iter().filter_map(|(_, frozen)| frozen.payout.amount);
        Money::new(amounts.fold(0i64, |sum, amount| sum.saturating_add(amount.minor)), currency)
    }

    /// Names all that its author saw: what each person is paid, or that there is no amount, their corrections, and who lacks
    /// what. Proposals are left out: not everybody who may close a month sees them all.
    pub fn digest(&self) -> String {
        let mut hash = Sha256::new();
        let text = |hash: &mut Sha256, text: &str| {
            hash.update((text.len() as u64).to_le_bytes());
            hash.update(text);
        };
        for (person, frozen) in &self.payouts {
            text(&mut hash, person);
            match frozen.payout.amount {
                Some(amount) => {
                    hash.update([1]);
                    hash.update(amount.minor.to_le_bytes());
                    hash.update(amount.currency.code());
                }
                None => hash.update([0]),
            }
            hash.update(total(&frozen.adjustments, frozen.inputs.currency).minor.to_le_bytes());
        }
        for found in self.findings.iter().filter(|found| found.check != Check::Proposal) {
            text(&mut hash, found.check.name());
            found.subjects.iter().for_each(|subject| text(&mut hash, subject));
        }
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Closes a month: everyone's inputs and payout frozen, corrections of earlier months settled.
///
/// Errors: not allowed; the month runs, is closed, or an earlier one is open; a reason without text; another outcome than
/// the one that was seen; findings that nobody accepted, or that cannot be.
pub(crate) fn close(
    read: &dyn Read,
    actor: &Actor,
    month: Month,
    seen: Option<&str>,
    accepted: &[Acceptance],
    now: &Now,
) -> Result<Vec<Change>, Rejection> {
    if !actor.may(Action::ClosePeriods, Subject::Company) {
        return Err(Rejection::Forbidden);
    }
    let range = read.fiscal()?.range(Period::Month(month));
    if range.until > now.today {
        return Err(Rejection::PeriodNotOver { until: range.until });
    }
    let closed = read.closed_months()?;
    if closed.contains(&month) {
        return Err(Rejection::PeriodClosed { month });
    }
    // Months close in order once the first one has been closed: corrections flow forward only.
    if let (Some(last), true) = (closed.iter().max(), !closed.contains(&month.plus(-1)))
        && *last < month
    {
        return Err(Rejection::EarlierMonthOpen { month: last.plus(1) });
    }
    for one in accepted {
        check_text(&one.reason)?;
    }
    let outlook = outlook(read, month)?;
    let digest = outlook.digest();
    if seen.is_some_and(|seen| seen != digest) {
        return Err(Rejection::PreviewChanged { digest });
    }
    let open = outlook.open(accepted);
    if !open.is_empty() {
        return Err(Rejection::CloseFindings(open));
    }
    let of = |person: &String| -> Vec<Acceptance> {
        let concerns = |check: Check| {
            let mut found = outlook.findings.iter().filter(|found| found.check == check);
            check != Check::Proposal && found.any(|found| found.subjects.contains(person))
        };
        accepted.iter().filter(|one| concerns(one.check)).cloned().collect()
    };
    let mut changes: Vec<Change> = Vec::with_capacity(outlook.payouts.len() + 1);
    for (person, frozen) in &outlook.payouts {
        let to = FrozenPayout { accepted: of(person), ..frozen.clone() };
        changes.push(Change::Payout { person_id: person.clone(), month, to: Some(to) });
    }
    let to = ClosedPeriod { closed_by: actor.person_id.clone(), closed_at: now.at.clone(), seq: read.decided_at()? };
    changes.push(Change::Period { month, to: Some(to) });
    Ok(changes)
}
