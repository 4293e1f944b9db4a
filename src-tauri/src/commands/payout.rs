//! Pay: what a plan pays a person for a month, as a receipt, with one actual changed, and why. Each look is recorded.

mod behind;
mod rows;

pub use behind::why_commission;

use super::figure::{count, money, rate, say};
use super::why::{Figure as Reference, blank, input};
use crate::desk::{Desk, Question, Result, Shared};
use crate::views::figure::{Phrase, Problem, Value};
use crate::views::payout::{Pay, PayAccelerator, PayAdjustment, PayBand, PayComponent, PayFactor, PayState, PayWhatIf};
use crate::views::why::Why;
use attain_client::domain::access::Action;
use attain_client::domain::adjustment::Kind;
use attain_client::domain::closing::Acceptance;
use attain_client::domain::metric::{Metric, Unit};
use attain_client::domain::money::{Money, Ratio, format_scaled};
use attain_client::domain::payout::{
    AcceleratorStep, BandStep, ComponentStep, Derivation, Points, Quantity, Sentence, Step, lacks_in_words,
    lines_in_words, part_in_words,
};
use attain_client::domain::period::{Month, Period};
use attain_client::domain::plan::Subject;
use attain_client::pay::{self, Lever, LeverOn, LineOf, State as PaidState};
use attain_client::scope;
use tauri::State;

#[tauri::command(rename_all = "snake_case")]
pub async fn pay_show(
    desk: State<'_, Shared>,
    person_id: String,
    period: Option<String>,
) -> std::result::Result<Pay, Problem> {
    let desk = desk.inner();
    let period = match period {
        Some(period) => super::period(&period)?,
        None => {
            let id = person_id.clone();
            desk.ask(move |question| latest(question, &id)).await?
        }
    };
    let id = person_id.clone();
    let found = desk.record(move |workspace| pay::show(workspace, &id, period)).await?;
    desk.ask(move |question| receipt(question, &person_id, period, found, None)).await
}

/// The latest closed month, else the running one.
fn latest(question: &Question, person_id: &str) -> Result<Period> {
    let (view, viewer) = (question.view, question.viewer);
    scope::require_about(view, viewer, Action::SeePay, person_id)?;
    let closed = attain_client::domain::read::Read::closed_months(&view)?;
    let months = pay::months(view, viewer, person_id)?;
    let latest = months.iter().find(|month| closed.contains(month)).or(months.first());
    Ok(Period::Month(latest.copied().unwrap_or(view.fiscal()?.month_of(viewer.today))))
}

#[tauri::command(rename_all = "snake_case")]
pub async fn pay_what_if(desk: State<'_, Shared>, input: PayWhatIf) -> std::result::Result<Pay, Problem> {
    let (metric, period) = (super::metric(&input.metric)?, super::period(&input.period)?);
    let (id, actual) = (input.person_id.clone(), i64::from(input.actual));
    let (now, then) = desk
        .record(move |workspace| {
            let then = pay::what_if(workspace, &id, period, metric, actual)?;
            Ok((pay::show(workspace, &id, period)?, then))
        })
        .await?;
    let instead_of = now.and_then(|pay| pay.payout.amount);
    desk.ask(move |question| receipt(question, &input.person_id, period, then, instead_of)).await
}

/// Whether the viewer may write a note about this person, and so question a line of the receipt.
fn may_question(question: &Question, person_id: &str) -> Result<bool> {
    let viewer = question.viewer;
    Ok(person_id == viewer.id() || scope::may_about(question.view, viewer, Action::WriteNotes, person_id)?)
}

fn receipt(
    question: &Question,
    person_id: &str,
    period: Period,
    found: Option<pay::Pay>,
    instead_of: Option<Money>,
) -> Result<Pay> {
    let (view, viewer) = (question.view, question.viewer);
    let months = pay::months(view, viewer, person_id)?;
    let mut receipt = Pay {
        person_id: person_id.to_owned(),
        person_name: scope::name(view, viewer, person_id)?,
        period: period.to_string(),
        periods: months.iter().map(Month::to_string).collect(),
        state: PayState::None,
        lead: say("pay.lead_none").period("period", period).into(),
        amount: None,
        low: None,
        high: None,
        plan_name: None,
        plan_version: None,
        exception: None,
        base_salary: None,
        components: Vec::new(),
        commissions: Vec::new(),
        score: None,
        bands: Vec::new(),
        accelerators: Vec::new(),
        factors: Vec::new(),
        steps: Vec::new(),
        hint: None,
        moves: Vec::new(),
        provisional: false,
        seq: None,
        accepted: Vec::new(),
        adjustments: Vec::new(),
        total: None,
        instead_of: instead_of.map(money),
        may_question: may_question(question, person_id)?,
        why: Reference::Payout { person_id: person_id.to_owned(), period }.to_string(),
    };
    let Some(found) = found else { return Ok(receipt) };
    let amount = found.payout.amount;
    receipt.state = match found.state {
        PaidState::Running => PayState::Running,
        PaidState::Open => PayState::Open,
        PaidState::Closed => PayState::Closed,
    };
    receipt.lead = lead(&found, period);
    receipt.amount = amount.map(money);
    receipt.total = found.total().map(money);
    receipt.adjustments = found
        .adjustments
        .iter()
        .map(|adjustment| {
            let code = match adjustment.kind {
                Kind::Clawback => "pay.clawback",
                Kind::Late => "pay.late",
            };
            let corrects = Period::Month(adjustment.corrects);
            PayAdjustment {
                reason: say(code)
                    .period("period", corrects)
                    .text("orders", adjustment.orders.join(", "))
                    .money("was", adjustment.was)
                    .money("is", adjustment.is)
                    .into(),
                amount: money(adjustment.amount),
                corrects: Some(corrects.to_string()),
                why: Reference::Payout { person_id: person_id.to_owned(), period: corrects }.to_string(),
            }
        })
        .collect();
    (receipt.low, receipt.high) = (found.range.map(|range| money(range.0)), found.range.map(|range| money(range.1)));
    receipt.plan_name = Some(viewer.language.pick(&found.plan.name.zh, Some(&found.plan.name.en)).to_owned());
    receipt.plan_version = Some(format!("v{}", found.plan.version));
    let exception = found.inputs.exception.as_deref();
    receipt.exception = exception.map(|one| super::exception::said(question, one)).transpose()?;
    receipt.base_salary = found.inputs.base_salary.map(money);
    receipt.hint = found.marginal.map(|more| {
        say("pay.hint")
            .count("more", more.increase)
            .term("metric", format!("metric.{}", more.metric))
            .money("amount", more.amount)
            .money("gain", more.gain)
            .into()
    });
    receipt.moves = found.levers.iter().map(moves).collect();
    receipt.provisional = found.provisional;
    receipt.seq = found.seq.map(|seq| seq.to_string());
    let accepted = |one: &Acceptance| {
        say("pay.accepted")
            .term("lack", format!("period.without_{}", one.check.name()))
            .text("reason", &one.reason)
            .into()
    };
    receipt.accepted = found.accepted.iter().map(accepted).collect();
    for step in &found.payout.derivation.steps {
        match step {
            Step::Line(line) => rows::take(&mut receipt, line, found.inputs.currency, period),
            step => take(&mut receipt, step, person_id, period),
        }
    }
    receipt.steps = told(&found.payout.derivation, amount);
    Ok(receipt)
}

fn moves(lever: &Lever) -> Phrase {
    let said = match &lever.on {
        LeverOn::Metric(metric) => say(&format!("pay.move_{metric}")),
        LeverOn::Order { size } => say("pay.move_order").money("size", *size),
    };
    said.count("more", lever.increase).money("gain", lever.gain).money("amount", lever.amount).into()
}

fn lead(found: &pay::Pay, period: Period) -> Phrase {
    let said = |code: &str| say(code).period("period", period);
    match (found.state, found.payout.amount, found.range) {
        (PaidState::Closed, Some(amount), _) => said("pay.lead_closed").money("amount", amount).into(),
        (PaidState::Open, Some(amount), _) => said("pay.lead_open").money("amount", amount).into(),
        (PaidState::Running, _, Some((low, high))) if low != high => {
            said("pay.lead_running").money("low", low).money("high", high).into()
        }
        (PaidState::Running, Some(amount), _) => said("pay.lead_running_one").money("amount", amount).into(),
        _ => said("pay.lead_none").into(),
    }
}

/// A step of the derivation onto the receipt.
fn take(receipt: &mut Pay, step: &Step, person_id: &str, period: Period) {
    let why = |metric| Reference::Component { person_id: person_id.to_owned(), metric, period }.to_string();
    match step {
        Step::Component(step) => receipt.components.push(PayComponent {
            metric: step.metric.name().to_owned(),
            actual: step.actual.map(quantity),
            goal: step.target.map(quantity),
            attainment: step.attainment.map(rate),
            counted: step.counted.map(rate),
            capped: step.counted < step.attainment,
            weight: step.weight.normalize().to_string(),
            points: step.points.map(points),
            steppable: step.metric.unit() == Unit::Count,
            why: why(step.metric),
        }),
        Step::Score(step) => receipt.score = Some(format!("{:.*}", step.digits as usize, step.rounded)),
        Step::Band(step) => {
            receipt.bands = step
                .bands
                .iter()
                .map(|band| PayBand {
                    from: band.at_least.normalize().to_string(),
                    multiplier: band.multiple.to_string(),
                    reached: step.matched.as_ref() == Some(band),
                })
                .collect();
            receipt.factors.push(PayFactor { kind: "band".into(), value: step.multiple.to_string() });
        }
        Step::Accelerator(step) => {
            receipt.accelerators.push(PayAccelerator {
                metric: step.when.metric.name().to_owned(),
                of: if step.when.subject == Subject::Attainment { "attainment" } else { "actual" }.into(),
                at_least: rate(Ratio::from_decimal(step.when.bound)),
                factor: step.factor.to_string(),
                reached: step.matched == Some(true),
                why: why(step.when.metric),
            });
            if step.matched == Some(true) {
                receipt.factors.push(PayFactor { kind: "accelerator".into(), value: step.factor.to_string() });
            }
        }
        Step::Base { salary } => {
            receipt.factors.insert(0, PayFactor { kind: "base".into(), value: salary.amount() });
        }
        Step::Multiply(_) | Step::Round { .. } | Step::Line(_) => {}
    }
}

fn quantity(quantity: Quantity) -> Value {
    match quantity {
        Quantity::Money(amount) => Value::Money { money: money(amount) },
        Quantity::Count(number) => Value::Count { count: count(number.max(0)) },
        Quantity::Ratio(ratio) => Value::Rate { rate: rate(ratio) },
        Quantity::Score(Points(ratio)) => Value::Decimal { decimal: points(ratio) },
    }
}

/// Points of a score, two decimals.
fn points(ratio: Ratio) -> String {
    format_scaled(i64::try_from(ratio.scaled(2)).unwrap_or(i64::MAX), 2)
}

/// The derivation in words. One that is reckoned line by line brings its own sentences.
pub(super) fn told(derivation: &Derivation, amount: Option<Money>) -> Vec<Phrase> {
    if derivation.lines().is_empty() {
        return steps(&derivation.steps, amount);
    }
    let said = lines_in_words(&derivation.lines(), derivation.currency).into_iter();
    said.chain(lacks_in_words(&derivation.lacks)).map(sentence).collect()
}

/// A sentence of the domain as a phrase: a value is a text, or a term of both languages.
fn sentence(sentence: Sentence) -> Phrase {
    let filled =
        sentence.params.into_iter().fold(say(&sentence.code), |said, (name, value)| match value.strip_prefix('@') {
            Some(key) => said.term(&name, key.to_owned()),
            None => said.text(&name, value),
        });
    filled.into()
}

/// The steps of a plain plan in words.
fn steps(steps: &[Step], amount: Option<Money>) -> Vec<Phrase> {
    let mut said = Vec::new();
    let mut product = None;
    for step in steps {
        match step {
            Step::Component(step) => said.extend(component(step)),
            Step::Score(step) => {
                let score = format!("{:.*}", step.digits as usize, step.rounded);
                said.push(say("pay.step_score").decimal("score", score).into());
            }
            Step::Band(step) => said.push(band(step)),
            Step::Accelerator(step) => said.extend(accelerator(step)),
            Step::Multiply(step) => product = Some(step),
            Step::Base { .. } | Step::Round { .. } | Step::Line(_) => {}
        }
    }
    if let (Some(product), Some(amount)) = (product, amount) {
        let mut terms = vec![grouped(&product.base.amount()), product.multiple.to_string()];
        terms.extend(product.factors.iter().map(ToString::to_string));
        said.push(say("pay.step_result").text("equation", terms.join(" × ")).money("amount", amount).into());
    }
    said
}

/// `12000.00` as `12,000`: an equation reads better without the cents that are none.
fn grouped(amount: &str) -> String {
    let (whole, cents) = amount.split_once('.').unwrap_or((amount, ""));
    let (sign, digits) = whole.strip_prefix('-').map_or(("", whole), |digits| ("-", digits));
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    let cents = if cents.chars().all(|digit| digit == '0') { String::new() } else { format!(".{cents}") };
    format!("{sign}{out}{cents}")
}

fn component(step: &ComponentStep) -> Option<Phrase> {
    Some(
        say("pay.step_component")
            .term("metric", format!("metric.{}", step.metric))
            .value("actual", &quantity(step.actual?))
            .value("goal", &quantity(step.target?))
            .rate("attainment", step.attainment?)
            .rate("counted", step.counted?)
            .decimal("weight", step.weight.normalize())
            .decimal("points", points(step.points?))
            .into(),
    )
}

fn band(step: &BandStep) -> Phrase {
    match (&step.matched, step.bands.last()) {
        (Some(band), _) => {
            say("pay.step_band").decimal("from", band.at_least.normalize()).decimal("multiplier", band.multiple).into()
        }
        (None, Some(lowest)) => say("pay.step_no_band").decimal("from", lowest.at_least.normalize()).into(),
        (None, None) => say("pay.step_no_band").decimal("from", 0).into(),
    }
}

fn accelerator(step: &AcceleratorStep) -> Option<Phrase> {
    let code = if step.matched? { "pay.step_accelerator" } else { "pay.step_accelerator_missed" };
    Some(
        say(code)
            .term("metric", format!("metric.{}", step.when.metric))
            .rate("threshold", Ratio::from_decimal(step.when.bound))
            .decimal("factor", step.factor)
            .into(),
    )
}

/// Why a part of a payout is what it is.
pub async fn why_component(
    desk: &Shared,
    person_id: String,
    metric: Metric,
    period: Period,
) -> std::result::Result<Why, Problem> {
    let id = person_id.clone();
    let found = desk.record(move |workspace| pay::show(workspace, &id, period)).await?;
    desk.ask(move |question| {
        let missing = attain_client::Problem::not_found;
        let found = found.ok_or_else(missing)?;
        let (view, viewer) = (question.view, question.viewer);
        let title = say("why.component")
            .text("subject", scope::name(view, viewer, &person_id)?)
            .term("metric", format!("metric.{metric}"))
            .period("period", period);
        let mut why = blank(title.into());
        for step in &found.payout.derivation.steps {
            match step {
                Step::Component(step) if step.metric == metric => {
                    why.value = step.points.map(|ratio| Value::Decimal { decimal: points(ratio) });
                    why.formula.extend(component(step));
                    why.inputs.push(input(say("why.i_actual"), step.actual.map(quantity)));
                    why.inputs.push(input(say("why.i_target"), step.target.map(quantity)));
                    let attained = step.attainment.map(|ratio| Value::Rate { rate: rate(ratio) });
                    why.inputs.push(input(say("why.i_attainment"), attained));
                }
                Step::Accelerator(step) if step.when.metric == metric => why.formula.extend(accelerator(step)),
                _ => {}
            }
        }
        let (lines, part) = (found.payout.derivation.lines(), format!("component.{metric}"));
        let said = part_in_words(&lines, &part, found.inputs.currency).into_iter();
        why.formula.extend(said.map(sentence));
        let own = lines.iter().find(|line| line.id == format!("{part}.points"));
        why.value = why.value.or_else(|| own.map(|line| Value::Decimal { decimal: points(line.value) }));
        if found.inputs.metrics.contains_key(&metric) {
            behind::fill(question, &mut why, &found, &LineOf::Metric(metric))?;
        }
        finish(question, &mut why, &found)?;
        why.figure = Reference::Component { person_id, metric, period }.to_string();
        Ok(why)
    })
    .await
}

/// Why a payout is what it is: the whole derivation.
pub async fn why_payout(desk: &Shared, person_id: String, period: Period) -> std::result::Result<Why, Problem> {
    let id = person_id.clone();
    let found = desk.record(move |workspace| pay::show(workspace, &id, period)).await?;
    desk.ask(move |question| {
        let found = found.ok_or_else(attain_client::Problem::not_found)?;
        let (view, viewer) = (question.view, question.viewer);
        let subject = scope::name(view, viewer, &person_id)?;
        let mut why = blank(say("why.payout").text("subject", subject).period("period", period).into());
        why.value = found.payout.amount.map(|amount| Value::Money { money: money(amount) });
        why.formula = told(&found.payout.derivation, found.payout.amount);
        let base = found.inputs.base_salary.map(|salary| Value::Money { money: money(salary) });
        why.inputs.push(input(say("why.i_base"), base));
        for step in &found.payout.derivation.steps {
            if let Step::Component(step) = step {
                let label = say("why.i_metric").term("metric", format!("metric.{}", step.metric));
                let mut row = input(label, step.actual.map(quantity));
                let reference = Reference::Component { person_id: person_id.clone(), metric: step.metric, period };
                row.why = Some(reference.to_string());
                why.inputs.push(row);
            }
        }
        if let Some(score) = found.payout.score {
            why.inputs.push(input(say("why.i_score"), Some(Value::Decimal { decimal: format!("{score:.2}") })));
        }
        finish(question, &mut why, &found)?;
        why.figure = Reference::Payout { person_id, period }.to_string();
        Ok(why)
    })
    .await
}

fn finish(question: &Question, why: &mut Why, found: &pay::Pay) -> Result<()> {
    let plan = question.viewer.language.pick(&found.plan.name.zh, Some(&found.plan.name.en));
    why.rule = Some(
        say("why.rule_plan")
            .text("plan", plan)
            .text("version", format!("v{}", found.plan.version))
            .date("from", found.plan.effective_from)
            .into(),
    );
    why.as_of = Desk::as_of(question.view)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_equation_has_no_idle_cents() {
        for (amount, read) in
            [("12000.00", "12,000"), ("999.50", "999.50"), ("-3300.00", "-3,300"), ("1234567", "1,234,567")]
        {
            assert_eq!(grouped(amount), read);
        }
    }

    #[test]
    fn points_have_two_decimals() {
        assert_eq!(points(Ratio { num: 75 * 30, den: 90 }), "25.00");
    }
}
