//! Closing a month: the checklist and what would be frozen, and doing it.

use attain_domain::access::{Action, Reach, Subject};
use attain_domain::adjustment::{self, MonthAdjustment};
use attain_domain::closing::{self, Acceptance, Check, Outlook};
use attain_domain::money::Money;
use attain_domain::mutation::Mutation;
use attain_domain::period::{Month, Period};
use attain_domain::read::Read;
use attain_store::connection::View;
use attain_store::journal::Changed;
use chrono::NaiveDate;

use crate::problem::{Problem, Result};
use crate::workspace::{Viewer, Workspace};

/// What closing a month would freeze.
#[derive(Debug, Clone)]
pub struct Closing {
    pub month: Month,
    /// The first day after it; it is closed from then on, not before.
    pub until: NaiveDate,
    pub over: bool,
    pub outlook: Outlook,
    /// Σ of the amounts there are.
    pub total: Money,
    /// Corrections of earlier months, by person, and their sum.
    pub adjustments: Vec<(String, MonthAdjustment)>,
    pub adjusted: Money,
    /// People with corrections who are not paid this month: theirs wait.
    pub unsettled: Vec<String>,
    /// Names all of it: closed is only what was seen.
    pub seen: String,
}

impl Closing {
    /// Everyone a plan pays.
    pub fn people(&self) -> Vec<String> {
        self.outlook.payouts.iter().map(|(person, _)| person.clone()).collect()
    }

    /// Of them, those without an amount.
    pub fn unpaid(&self) -> Vec<String> {
        let without = self.outlook.payouts.iter().filter(|(_, frozen)| frozen.payout.amount.is_none());
        without.map(|(person, _)| person.clone()).collect()
    }

    /// Those whom a line of the checklist concerns.
    pub fn subjects(&self, check: Check) -> &[String] {
        let found = self.outlook.findings.iter().find(|found| found.check == check);
        found.map_or(&[], |found| &found.subjects)
    }
}

/// Months that may be the next one closed, earliest first: the one after the last that is closed. Where none is, any
/// that is over may begin.
pub fn next_to_close(view: View, viewer: &Viewer) -> Result<Vec<Month>> {
    if let Some(last) = Read::closed_months(&view)?.into_iter().max() {
        return Ok(vec![last.plus(1)]);
    }
    let (Some(plan), Some((fact, _))) = (view.plan_list()?.iter().map(|p| p.effective_from).min(), view.fact_days()?)
    else {
        return Ok(Vec::new());
    };
    let fiscal = view.fiscal()?;
    let running = fiscal.month_of(viewer.today);
    let first = fiscal.month_of(plan.max(fact)).min(running);
    let over: Vec<Month> =
        std::iter::successors(Some(first), |month| Some(month.plus(1))).take_while(|month| *month < running).collect();
    Ok(if over.is_empty() { vec![running] } else { over })
}

/// Works out the close of a month without making it. Tells of everyone's pay: callers record the look.
pub fn closing(view: View, viewer: &Viewer, month: Month) -> Result<Closing> {
    let pays = viewer.actor.widest(Action::SeePay) == Some(Reach::All);
    if !pays || !viewer.actor.may(Action::ClosePeriods, Subject::Company) {
        return Err(Problem::refused("not_allowed"));
    }
    let until = view.fiscal()?.range(Period::Month(month)).until;
    let (outlook, currency) = (closing::outlook(&view, month)?, view.currency()?);
    let settled = outlook
        .payouts
        .iter()
        .flat_map(|(person, frozen)| frozen.adjustments.iter().map(|adjustment| (person.clone(), adjustment.clone())));
    let adjustments: Vec<(String, MonthAdjustment)> = settled.collect();
    let all: Vec<MonthAdjustment> = adjustments.iter().map(|(_, adjustment)| adjustment.clone()).collect();
    let mut unsettled = Vec::new();
    for person in view.people_in(month.plus(-1))? {
        let paid = outlook.payouts.iter().any(|(paid, _)| *paid == person);
        // Corrections that cannot be reckoned wait all the same.
        if !paid
            && adjustment::adjustments(&Read::corrections(&view, &person, month)?).map_or(true, |all| !all.is_empty())
        {
            unsettled.push(person);
        }
    }
    Ok(Closing {
        month,
        until,
        over: until <= viewer.today,
        total: outlook.total(currency),
        adjusted: adjustment::total(&all, currency),
        adjustments,
        unsettled,
        seen: outlook.digest(),
        outlook,
    })
}

/// Closes a month. Without a digest of what was seen it is that of now: whoever decides later, a server, must come to the
/// same to the cent.
pub fn close(
    workspace: &mut Workspace,
    month: Month,
    seen: Option<String>,
    accepted: Vec<Acceptance>,
) -> Result<Changed> {
    let seen = match seen {
        Some(seen) => seen,
        None => closing::outlook(&workspace.view(), month)?.digest(),
    };
    workspace.mutate(&Mutation::ClosePeriod { month, seen: Some(seen), accepted })
}
