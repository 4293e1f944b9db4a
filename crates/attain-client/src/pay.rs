//! Pay: what a plan pays a person for a month, as closed or as the figures stand now.
//!
//! Owns: choosing between the frozen and the live payout, whether it counts yet, replaying; in `pay/` the range of a running
//! month with what moves it, and closing a month.
//! Absent on purpose: the engine (attain-domain). Asking is a disclosure; callers record it first.

use attain_domain::access::{Action, DataClass};
use attain_domain::adjustment::{self, MonthAdjustment, Replay};
use attain_domain::closing::Acceptance;
use attain_domain::goal::{Goal, Owner};
use attain_domain::metric::{Figure, Metric};
use attain_domain::money::Money;
use attain_domain::mutation::FrozenPayout;
use attain_domain::payout::{Inputs, Marginal, Payout, PayoutError, Step, marginal, payout};
use attain_domain::period::{Month, Period};
use attain_domain::plan::Plan;
use attain_domain::read::{Payee, Read};
use attain_store::connection::View;

use crate::problem::{Problem, Result};
use crate::scope;
use crate::workspace::{Viewer, Workspace};

mod behind;
mod closing;
mod list;
mod running;

pub use behind::{Behind, LineOf, behind, lines_of};
pub use closing::{Closing, close, closing, next_to_close};
pub use list::{Cause, Impossible, List, causes, list};
pub use running::{Lever, LeverOn};

/// Where a month's pay stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum State {
    Running,
    /// Over, not closed.
    Open,
    Closed,
}

/// A person's pay of a month.
#[derive(Debug, Clone)]
pub struct Pay {
    pub person_id: String,
    pub month: Month,
    pub state: State,
    pub plan: Plan,
    pub inputs: Inputs,
    pub payout: Payout,
    /// What one more of a counted figure is worth, when it is worth something.
    pub marginal: Option<Marginal>,
    /// Range of a running month, from the sales forecast and counts carried on.
    pub range: Option<(Money, Money)>,
    /// What would raise a running month, most first.
    pub levers: Vec<Lever>,
    /// The figures may still move, or the server has not yet come to the same.
    pub provisional: bool,
    /// Where in the server's order a closed month was confirmed; `None` where no server is.
    pub seq: Option<u64>,
    /// What was missing and closed with as it was, and why.
    pub accepted: Vec<Acceptance>,
    /// Corrections of earlier months settled in this one; while it is open, as they stand.
    pub adjustments: Vec<MonthAdjustment>,
}

impl Pay {
    /// The payout with what it settles of earlier months.
    pub fn total(&self) -> Option<Money> {
        let amount = self.payout.amount?;
        let settled = adjustment::total(&self.adjustments, amount.currency);
        Some(Money::new(amount.minor.saturating_add(settled.minor), amount.currency))
    }
}

fn month_of(period: Period) -> Result<Month> {
    match period {
        Period::Month(month) => Ok(month),
        _ => Err(Problem::usage("month_needed").with("text", period)),
    }
}

/// A person's pay, recorded as a look at it. `Ok(None)` when no plan covers the person then.
pub fn show(workspace: &mut Workspace, person_id: &str, period: Period) -> Result<Option<Pay>> {
    let month = month_of(period)?;
    let viewer = workspace.viewer()?;
    scope::require_about(workspace.view(), &viewer, Action::SeePay, person_id)?;
    workspace.disclose("pay", DataClass::Pay, &[person_id.to_string()])?;
    let view = workspace.view();
    let Some(pay) = of_person(view, &viewer, person_id, month)? else { return Ok(None) };
    let levers = if pay.state == State::Running { running::levers(view, &viewer, &pay)? } else { Vec::new() };
    Ok(Some(Pay { levers, ..pay }))
}

/// Months in which a plan covered a person and there are facts, newest first.
pub fn months(view: View, viewer: &Viewer, person_id: &str) -> Result<Vec<Month>> {
    let Some((first, _)) = view.fact_days()? else { return Ok(Vec::new()) };
    let fiscal = view.fiscal()?;
    let plans = view.plan_list()?;
    let (mut month, first) = (fiscal.month_of(viewer.today), fiscal.month_of(first));
    let mut months = Vec::new();
    while month >= first && months.len() < 24 {
        let last = fiscal.range(Period::Month(month)).until.pred_opt().unwrap_or(viewer.today);
        let position = view.position_of(person_id, last.min(viewer.today))?;
        if position.is_some_and(|p| attain_domain::plan::in_force(&plans, p.name(), last).is_some()) {
            months.push(month);
        }
        month = month.plus(-1);
    }
    Ok(months)
}

/// A person's pay without recording a look: for callers that have, and for the person's own hints.
pub(crate) fn of_person(view: View, viewer: &Viewer, person_id: &str, month: Month) -> Result<Option<Pay>> {
    match reckoned(view, viewer, person_id, month)? {
        Some(Ok(pay)) => Ok(Some(pay)),
        Some(Err(found)) => Err(impossible(&found.error)),
        None => Ok(None),
    }
}

/// The same, where figures that contradict the plan are an answer, too.
fn reckoned(
    view: View,
    viewer: &Viewer,
    person_id: &str,
    month: Month,
) -> Result<Option<std::result::Result<Pay, Box<Impossible>>>> {
    let plans = view.plan_list()?;
    if let Some(FrozenPayout { inputs, payout, adjustments, accepted }) = view.frozen_payout(person_id, month)? {
        let reference = &payout.derivation.plan;
        let plan = plans
            .into_iter()
            .find(|p| p.id == reference.id && p.version == reference.version)
            .ok_or_else(|| Problem::internal("a frozen payout names a plan that is not there"))?;
        let marginal = best_marginal(&plan, &inputs);
        return Ok(Some(Ok(Pay {
            person_id: person_id.to_string(),
            month,
            state: State::Closed,
            plan,
            inputs,
            payout,
            marginal,
            range: None,
            levers: Vec::new(),
            provisional: view.close_waits(month)?,
            seq: view.closed_period(month)?.and_then(|closed| closed.seq),
            accepted,
            adjustments,
        })));
    }
    if Read::closed_months(&view)?.contains(&month) {
        return Ok(None);
    }
    let Some(payee) = view.payee(&plans, person_id, month)? else { return Ok(None) };
    let running = view.fiscal()?.range(Period::Month(month)).until > viewer.today;
    let state = if running { State::Running } else { State::Open };
    let corrections = Read::corrections(&view, person_id, month)?;
    let worked = payout(&payee.plan, &payee.inputs).and_then(|paid| Ok((paid, adjustment::adjustments(&corrections)?)));
    let (paid, adjustments) = match worked {
        Ok(worked) => worked,
        Err(error) => {
            let person_id = person_id.to_string();
            return Ok(Some(Err(Box::new(Impossible { person_id, month, state, plan: payee.plan, error }))));
        }
    };
    let range = if running { running::range(view, viewer, &payee, month)? } else { None };
    Ok(Some(Ok(Pay {
        person_id: person_id.to_string(),
        month,
        state,
        marginal: best_marginal(&payee.plan, &payee.inputs),
        plan: payee.plan,
        inputs: payee.inputs,
        payout: paid,
        range,
        levers: Vec::new(),
        provisional: true,
        seq: None,
        accepted: Vec::new(),
        adjustments,
    })))
}

fn impossible(error: &PayoutError) -> Problem {
    let mut problem = Problem::refused("payout_impossible").with("cause", error.code());
    problem.params.extend(error.params());
    problem
}

/// A closed payout worked out again from what was frozen.
#[derive(Debug, Clone)]
pub struct Replayed {
    pub person_id: String,
    pub month: Month,
    pub replay: Replay,
    /// SHA-256 of the payout as frozen, and as it comes out now.
    pub frozen_digest: String,
    pub digest: String,
}

/// Works the closed payouts of a month out again; of one person, or of everyone the viewer may see. A look at pay.
pub fn replay(workspace: &mut Workspace, period: Period, person_id: Option<&str>) -> Result<Vec<Replayed>> {
    let month = month_of(period)?;
    if !Read::closed_months(&workspace.view())?.contains(&month) {
        return Err(Problem::refused("period_not_closed").with("month", month));
    }
    let list = match person_id {
        Some(person) => show(workspace, person, period)?.into_iter().collect(),
        None => list(workspace, period)?.pays,
    };
    let digest = |paid: &Payout| -> Result<String> {
        use sha2::Digest as _;
        let bytes = serde_json::to_vec(paid).map_err(Problem::internal)?;
        Ok(sha2::Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect())
    };
    let replayed = |pay: Pay| {
        let (person_id, plan) = (pay.person_id.clone(), pay.plan.clone());
        let Pay { inputs, payout, adjustments, accepted, .. } = pay;
        let frozen = FrozenPayout { inputs, payout, adjustments, accepted };
        let (replay, again) = adjustment::replay(&plan, &frozen).map_err(|e| impossible(&e))?;
        let (frozen_digest, digest) = (digest(&frozen.payout)?, digest(&again)?);
        Ok(Replayed { person_id, month, replay, frozen_digest, digest })
    };
    list.into_iter().map(replayed).collect()
}

fn pay(plan: &Plan, inputs: &Inputs) -> Result<Payout> {
    payout(plan, inputs).map_err(|error| impossible(&error))
}

/// The same month with one counted actual changed.
pub fn what_if(
    workspace: &mut Workspace,
    person_id: &str,
    period: Period,
    metric: Metric,
    actual: i64,
) -> Result<Option<Pay>> {
    let Some(mut pay_now) = show(workspace, person_id, period)? else { return Ok(None) };
    pay_now.inputs.metrics.entry(metric).and_modify(|m| m.actual = Some(Figure::sum(actual)));
    pay_now.payout = pay(&pay_now.plan, &pay_now.inputs)?;
    pay_now.marginal = best_marginal(&pay_now.plan, &pay_now.inputs);
    Ok(Some(pay_now))
}

/// What one more of a counted figure is worth to the viewer this month. One's own line: nobody is looked at. `None` too
/// without the key to pay and where it cannot be reckoned: a screen that is about more than pay shows the rest.
pub fn hint(view: View, viewer: &Viewer, month: Month) -> Result<Option<Marginal>> {
    if !view.has_pay_key() {
        return Ok(None);
    }
    let found = reckoned(view, viewer, viewer.id(), month)?;
    Ok(found.and_then(std::result::Result::ok).and_then(|pay| pay.marginal))
}

/// What people's goals as they would be do to the running month's pay, on the figures so far, and whether the figure then
/// counts at its cap: one answer for each goal. A disclosure of pay: callers record it. `None` where nothing is paid or
/// known, and without the key to pay.
pub fn effects_of_goals<'g>(
    view: View,
    viewer: &Viewer,
    goals: impl IntoIterator<Item = &'g Goal>,
) -> Result<Vec<Option<(Money, bool)>>> {
    let month = view.fiscal()?.month_of(viewer.today);
    let told = view.has_pay_key() && !Read::closed_months(&view)?.contains(&month);
    let plans = view.plan_list()?;
    let effect = |goal: &Goal| -> Result<Option<(Money, bool)>> {
        let Owner::Person(person_id) = &goal.owner else { return Ok(None) };
        if !told || month.year != goal.year {
            return Ok(None);
        }
        let Some(Payee { plan, mut inputs }) = view.payee(&plans, person_id, month)? else { return Ok(None) };
        if !inputs.metrics.contains_key(&goal.metric) {
            return Ok(None);
        }
        let Ok(now) = payout(&plan, &inputs) else { return Ok(None) };
        inputs.metrics.entry(goal.metric).and_modify(|input| {
            input.target = Some(goal.months[month.month as usize - 1]);
        });
        let Ok(then) = payout(&plan, &inputs) else { return Ok(None) };
        let capped = then.derivation.steps.iter().any(|step| {
            matches!(step, Step::Component(step) if step.metric == goal.metric && step.counted < step.attainment)
        });
        let (Some(before), Some(after)) = (now.amount, then.amount) else { return Ok(None) };
        Ok(Some((Money::new(after.minor - before.minor, after.currency), capped)))
    };
    goals.into_iter().map(effect).collect()
}

fn best_marginal(plan: &Plan, inputs: &Inputs) -> Option<Marginal> {
    let measures = plan.terms().measures();
    let metrics = measures.iter().filter_map(|measure| measure.metric());
    metrics.filter_map(|metric| marginal(plan, inputs, metric)).min_by_key(|m| (m.increase, -m.gain.minor))
}
