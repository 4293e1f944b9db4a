//! Working a derivation out again from its own leaves.

use rust_decimal::Decimal;

use super::*;

/// The amount that a derivation's inputs lead to: every step is worked out again from what it started from and must
/// say the same. `None` when there is no amount, or a recorded step does not follow from those before it.
pub fn recompute(derivation: &Derivation) -> Option<Money> {
    if !derivation.missing.is_empty() {
        return None;
    }
    if derivation.engine == LINE_ENGINE {
        let lines = derivation.lines();
        let all = lines.len() == derivation.steps.len();
        return if all { recompute_lines(&lines, derivation.currency) } else { None };
    }
    if derivation.engine != ENGINE {
        return None;
    }
    let mut points = Vec::new();
    let mut factors = Vec::new();
    let (mut score, mut multiple, mut base, mut product, mut amount) = (None, None, None, None, None);
    for step in &derivation.steps {
        match step {
            Step::Component(step) => points.push(component_points(step)?),
            Step::Score(step) => {
                let again = score_step(&points, step.digits)?;
                score = same(again.rounded, again == *step)?;
            }
            Step::Band(step) => {
                let again = band_step(score?, &step.bands);
                multiple = same(again.multiple, again == *step)?;
            }
            Step::Accelerator(step) => factors.extend(accelerator_factor(step)?),
            Step::Base { salary } => base = same(*salary, salary.currency == derivation.currency)?,
            Step::Multiply(step) => {
                let again = multiply_step(base?, multiple?, std::mem::take(&mut factors))?;
                product = same(again.exact, again == *step)?;
            }
            Step::Round { rule, amount: recorded } => {
                let again = round_money(product?, *rule, derivation.currency)?;
                amount = same(again, again == *recorded)?;
            }
            Step::Line(_) => return None,
        }
    }
    amount
}

/// Outer `None` stops the recomputation.
fn same<T>(value: T, agrees: bool) -> Option<Option<T>> {
    agrees.then_some(Some(value))
}

fn component_points(step: &ComponentStep) -> Option<Ratio> {
    let attained = attainment(step.actual?, step.target?)?;
    let counted = between(attained, step.floor, step.cap);
    let points = points_of(step.weight, counted)?;
    let recorded = (step.attainment, step.counted, step.points);
    (recorded == (Some(attained), Some(counted), Some(points))).then_some(points)
}

/// The factor when the condition holds; outer `None` when the record disagrees.
fn accelerator_factor(step: &AcceleratorStep) -> Option<Option<Decimal>> {
    let left = match step.when.subject {
        Subject::Actual => step.actual?.value(),
        Subject::Attainment => attainment(step.actual?, step.target?)?,
    };
    let holds = step.when.op.holds(&left, &Ratio::from_decimal(step.when.bound));
    (step.left == Some(left) && step.matched == Some(holds)).then_some(holds.then_some(step.factor))
}
