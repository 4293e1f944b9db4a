//! What a plan pays a person for a month, and every step that led there.
//!
//! Owns: attainment, points, score, band, accelerators and the amount, exact until a stage the plan states rounds;
//! the derivation, its recomputation (`payout/recompute.rs`), its words (`payout/sentences.rs`), and what one more is
//! worth. Absent on purpose: where actuals, goals and salaries come from (the store), which plan is in force
//! (`plan.rs`), adjustments and closing a period.

mod account;
mod arithmetic;
pub mod line;
mod line_words;
mod reckon;
mod reckon_base;
mod reckon_commission;
mod reckon_deals;
mod reckon_limits;
mod recompute;
pub mod record;
mod sentences;

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct};

use crate::metric::{Figure, Metric, Unit};
use crate::money::{Currency, Money, Ratio};
use crate::period::{Month, Period};
use crate::plan::terms::Span;
use crate::plan::{Accelerator, Band, Component, Condition, Name, PayoutRounding, Plan, Subject, Target};

use record::{Measured, Record};

pub use account::{Adjustment, Statement, account, owed_after, recompute_lines};
use arithmetic::{attainment, band_step, between, multiply_step, points_of, round_money, round_to, score_step};
pub use line_words::{LINE_CODES, lacks_in_words, lines_in_words, part_in_words};
pub use reckon::{Earned, Lack, earned, is_monotone};
pub use reckon_commission::{CountedDeal, counted_deals};
pub use recompute::recompute;
pub use sentences::{SENTENCE_CODES, Sentence, sentences};

/// The version of the rules for plain plans; a closed month names the one it was reckoned with.
pub const ENGINE: u32 = 1;
/// The version of the rules for plans reckoned line by line.
pub const LINE_ENGINE: u32 = 2;

/// What a payout is worked out from: one person, one month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Inputs {
    pub person: String,
    pub period: Month,
    /// The company's reporting currency: money actuals and goals are in its smallest unit.
    pub currency: Currency,
    /// Monthly base salary; `None` when it is not known.
    pub base_salary: Option<Money>,
    /// A metric that is absent here has neither actual nor goal.
    pub metrics: BTreeMap<Metric, MetricInput>,
    /// Deals, earlier periods, service and salaries over time: what a plan with more than components needs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub record: Option<Box<Record>>,
    /// Why this person is paid otherwise than the position; what it changes is in the rest already.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exception: Option<Box<crate::plan::exception::PlanException>>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct MetricInput {
    /// As `metric.rs` writes figures: money in the smallest unit and counts over 1; a ratio over its own denominator;
    /// a score as the sum of ratings in hundredths of a point over their number. A denominator of 0 is no data.
    pub actual: Option<Figure>,
    /// The person's goal in the metric's smallest step (a ratio in millionths).
    pub target: Option<i64>,
}

/// What is paid, or what is missing to say so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Payout {
    pub person: String,
    pub period: Month,
    /// Gross. `None` exactly when `missing` is not empty.
    pub amount: Option<Money>,
    /// The rounded score in points; `None` when a component has no data.
    pub score: Option<Decimal>,
    pub missing: Vec<Missing>,
    pub derivation: Derivation,
}

/// Why there is no amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "missing", rename_all = "snake_case")]
pub enum Missing {
    Actual {
        metric: Metric,
    },
    Target {
        metric: Metric,
    },
    /// The goal is zero or below: nothing can be divided by it.
    TargetNotPositive {
        metric: Metric,
    },
    BaseSalary,
    /// Something else that the plan needs; the derivation says what.
    Record,
}

impl Missing {
    /// What a lack of a plan reckoned line by line comes to.
    pub fn of(lack: &Lack) -> Missing {
        let metric = lack.subject.strip_prefix("@metric.").and_then(|name| name.parse::<Metric>().ok());
        match (lack.code.as_str(), metric) {
            ("payout.lack_actual", Some(metric)) => Missing::Actual { metric },
            ("payout.lack_target", Some(metric)) => Missing::Target { metric },
            ("payout.lack_target_above_zero", Some(metric)) => Missing::TargetNotPositive { metric },
            ("payout.lack_salary", _) => Missing::BaseSalary,
            _ => Missing::Record,
        }
    }

    /// Values for the text's placeholders.
    pub fn params(self) -> Vec<(String, String)> {
        match self {
            Missing::Actual { metric } | Missing::Target { metric } | Missing::TargetNotPositive { metric } => {
                vec![("metric".into(), format!("@metric.{metric}"))]
            }
            Missing::BaseSalary | Missing::Record => Vec::new(),
        }
    }

    /// Stable, and the key of its text.
    pub fn code(self) -> &'static str {
        match self {
            Missing::Actual { .. } => "payout.missing_actual",
            Missing::Target { .. } => "payout.missing_target",
            Missing::TargetNotPositive { .. } => "payout.missing_target_not_positive",
            Missing::BaseSalary => "payout.missing_base_salary",
            Missing::Record => "payout.missing_record",
        }
    }
}

/// A fault in what was passed in; nothing a person's month can be blamed for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
#[serde(tag = "error", rename_all = "snake_case")]
pub enum PayoutError {
    /// The figures are too large to be reckoned exactly.
    #[error("figures too large to be reckoned exactly")]
    Overflow,
    /// Salary, plan and reporting currency are not the same.
    #[error("expected amounts in {expected}, found {found}")]
    CurrencyMismatch { expected: Currency, found: Currency },
    /// A sum over something else than 1, or a ratio over a negative denominator.
    #[error("the figure of {metric} is malformed")]
    InvalidFigure { metric: Metric },
    #[error("the base salary is negative")]
    NegativeBase,
}

impl PayoutError {
    /// Stable, and the key of its text.
    pub fn code(&self) -> &'static str {
        match self {
            PayoutError::Overflow => "payout.error_overflow",
            PayoutError::CurrencyMismatch { .. } => "payout.error_currency_mismatch",
            PayoutError::InvalidFigure { .. } => "payout.error_invalid_figure",
            PayoutError::NegativeBase => "payout.error_negative_base",
        }
    }

    /// Values for the text's placeholders.
    pub fn params(&self) -> Vec<(String, String)> {
        match self {
            PayoutError::Overflow | PayoutError::NegativeBase => Vec::new(),
            PayoutError::CurrencyMismatch { expected, found } => {
                vec![("expected".into(), expected.to_string()), ("found".into(), found.to_string())]
            }
            PayoutError::InvalidFigure { metric } => vec![("metric".into(), format!("@metric.{metric}"))],
        }
    }
}

/// The whole way from the inputs to the amount, in order. It holds every value it needs, so that it stays true when
/// the plan or the figures change later.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Derivation {
    pub engine: u32,
    pub plan: PlanRef,
    pub person: String,
    pub period: Month,
    pub currency: Currency,
    /// Components, score, band, accelerators, base salary, multiplication, rounding; a step that could not be taken
    /// for want of data is not there, and `missing` says why.
    pub steps: Vec<Step>,
    pub missing: Vec<Missing>,
    /// What is missing of a plan reckoned line by line.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub lacks: Vec<Lack>,
}

impl Derivation {
    /// The lines of a plan that is reckoned line by line.
    pub fn lines(&self) -> Vec<line::Line> {
        let line = |step: &Step| match step {
            Step::Line(line) => Some(line.clone()),
            _ => None,
        };
        self.steps.iter().filter_map(line).collect()
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PlanRef {
    pub id: String,
    pub version: u32,
    pub name: Name,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "step", rename_all = "snake_case")]
pub enum Step {
    Component(ComponentStep),
    Score(ScoreStep),
    Band(BandStep),
    Accelerator(AcceleratorStep),
    Base {
        salary: Money,
    },
    Multiply(MultiplyStep),
    Round {
        rule: PayoutRounding,
        amount: Money,
    },
    /// One line of a plan that says more than components, bands and accelerators.
    Line(line::Line),
}

/// actual ÷ target = attainment, held between floor and cap = counted, × weight = points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ComponentStep {
    pub metric: Metric,
    pub weight: Decimal,
    pub actual: Option<Quantity>,
    pub target: Option<Quantity>,
    /// Whether the target is the person's goal, or the plan's own constant.
    pub target_is_goal: bool,
    pub attainment: Option<Ratio>,
    pub cap: Option<Decimal>,
    pub floor: Option<Decimal>,
    pub counted: Option<Ratio>,
    pub points: Option<Ratio>,
}

/// Σ points, and rounded before the band is looked up.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ScoreStep {
    pub exact: Ratio,
    pub digits: u32,
    pub rounded: Decimal,
}

/// The band with the highest bound that the score reaches.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BandStep {
    pub score: Decimal,
    pub bands: Vec<Band>,
    /// `None`: below every bound, and the multiple is 0.
    pub matched: Option<Band>,
    pub multiple: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AcceleratorStep {
    pub when: Condition,
    pub factor: Decimal,
    pub actual: Option<Quantity>,
    /// What an attainment is reckoned against; `None` for a condition on the figure itself.
    pub target: Option<Quantity>,
    /// The condition's left side: a fraction, or the figure in the metric's own unit. `None` without data.
    pub left: Option<Ratio>,
    pub matched: Option<bool>,
}

/// base × multiple × the factors of the accelerators that matched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MultiplyStep {
    pub base: Money,
    pub multiple: Decimal,
    pub factors: Vec<Decimal>,
    /// In whole units of the currency, unrounded.
    pub exact: Ratio,
}

/// A figure of a metric, exact: money as amount and currency, a count as an integer, a ratio as num/den/percent,
/// a score as num/den/points.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Quantity {
    Score(Points),
    Money(Money),
    Ratio(Ratio),
    Count(i64),
}

impl Quantity {
    /// In the metric's own unit: currency units, points, a fraction of one, a count.
    pub fn value(self) -> Ratio {
        match self {
            Quantity::Score(Points(ratio)) | Quantity::Ratio(ratio) => ratio,
            Quantity::Money(money) => {
                Ratio { num: i128::from(money.minor), den: i128::from(10u32.pow(money.currency.digits())) }
            }
            Quantity::Count(count) => Ratio { num: i128::from(count), den: 1 },
        }
    }
}

/// Points of a rating scale, exact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Points(pub Ratio);

impl Serialize for Points {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Points", 3)?;
        out.serialize_field("num", &self.0.num.to_string())?;
        out.serialize_field("den", &self.0.den.to_string())?;
        out.serialize_field("points", &sentences::decimal_of(self.0, 2))?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Points {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            num: String,
            den: String,
            #[serde(rename = "points")]
            _points: String,
        }
        let raw = Raw::deserialize(d)?;
        let part = |t: &str| t.parse::<i128>().map_err(de::Error::custom);
        match (part(&raw.num)?, part(&raw.den)?) {
            (num, den) if den > 0 => Ok(Points(Ratio { num, den })),
            _ => Err(de::Error::custom("denominator must be positive")),
        }
    }
}

/// What `plan` pays for `inputs`. Exact: nothing is rounded but the score (before its band is looked up) and, once at
/// the end, the amount; both half away from zero (DOMAIN, arithmetic 2). A component or condition without actual or
/// target, or an unknown salary, leaves the amount open and is listed (arithmetic 5). Whether the plan is in force is
/// the caller's question.
///
/// Errors: inputs that contradict each other, or figures beyond 128-bit fractions.
pub fn payout(plan: &Plan, inputs: &Inputs) -> Result<Payout, PayoutError> {
    let currency = inputs.currency;
    for found in plan.currency.into_iter().chain(inputs.base_salary.map(|salary| salary.currency)) {
        if found != currency {
            return Err(PayoutError::CurrencyMismatch { expected: currency, found });
        }
    }
    if inputs.base_salary.is_some_and(|salary| salary.minor < 0) {
        return Err(PayoutError::NegativeBase);
    }
    if plan.terms.is_some() {
        return by_lines(plan, inputs);
    }

    let mut missing = Vec::new();
    let mut steps = Vec::new();

    let mut points = Vec::new();
    for component in &plan.components {
        let step = component_step(component, inputs, &mut missing)?;
        points.push(step.points);
        steps.push(Step::Component(step));
    }
    let score = match points.into_iter().collect::<Option<Vec<Ratio>>>() {
        Some(points) => Some(score_step(&points, plan.score.digits).ok_or(PayoutError::Overflow)?),
        None => None,
    };
    let rounded = score.as_ref().map(|score| score.rounded);
    steps.extend(score.map(Step::Score));

    let band = rounded.map(|score| band_step(score, &plan.bands));
    let multiple = band.as_ref().map(|band| band.multiple);
    steps.extend(band.map(Step::Band));

    let mut factors = Vec::new();
    for accelerator in &plan.accelerators {
        let step = accelerator_step(accelerator, plan, inputs, &mut missing)?;
        if step.matched == Some(true) {
            factors.push(step.factor);
        }
        steps.push(Step::Accelerator(step));
    }

    match inputs.base_salary {
        Some(salary) => steps.push(Step::Base { salary }),
        None => missing.push(Missing::BaseSalary),
    }
    let mut amount = None;
    if let (Some(base), Some(multiple), true) = (inputs.base_salary, multiple, missing.is_empty()) {
        let step = multiply_step(base, multiple, factors).ok_or(PayoutError::Overflow)?;
        let paid = round_money(step.exact, plan.payout.round, currency).ok_or(PayoutError::Overflow)?;
        steps.push(Step::Multiply(step));
        steps.push(Step::Round { rule: plan.payout.round, amount: paid });
        amount = Some(paid);
    }

    let derivation = Derivation {
        engine: ENGINE,
        plan: PlanRef { id: plan.id.clone(), version: plan.version, name: plan.name.clone() },
        person: inputs.person.clone(),
        period: inputs.period,
        currency,
        steps,
        missing: missing.clone(),
        lacks: Vec::new(),
    };
    Ok(Payout { person: inputs.person.clone(), period: inputs.period, amount, score: rounded, missing, derivation })
}

/// The record a payout is reckoned from: what was passed in, with the month's figures and salary laid over it.
pub fn record_of(plan: &Plan, inputs: &Inputs) -> Result<Record, PayoutError> {
    let mut record = match &inputs.record {
        Some(record) => (**record).clone(),
        None => Record::empty(&inputs.person, inputs.currency),
    };
    let period = period_of(plan, inputs.period);
    let mut missing = Vec::new();
    let measures = record.measures.entry(period).or_default();
    for metric in inputs.metrics.keys() {
        let actual = actual_of(*metric, inputs, &mut missing)?.map(Quantity::value);
        let digits = metric.unit().digits(inputs.currency);
        let target = inputs.metrics.get(metric).and_then(|input| input.target);
        let target = target.map(|steps| Ratio { num: i128::from(steps), den: 10i128.pow(digits) });
        measures.insert(metric.name().to_string(), Measured { actual, target });
    }
    if let (Some(salary), true) = (inputs.base_salary, record.salary.is_empty()) {
        record.salary.insert(chrono::NaiveDate::MIN, Quantity::Money(salary).value());
    }
    Ok(record)
}

/// The period a plan pays in a month for: the month, or the quarter or year it ends.
pub fn period_of(plan: &Plan, month: Month) -> Period {
    match plan.terms.as_ref().and_then(|terms| terms.period) {
        None | Some(Span::Month) => Period::Month(month),
        Some(Span::Quarter) => Period::Quarter(month.year, (month.month - 1) / 3 + 1),
        Some(Span::Year) => Period::Year(month.year),
    }
}

fn by_lines(plan: &Plan, inputs: &Inputs) -> Result<Payout, PayoutError> {
    let record = record_of(plan, inputs)?;
    let mut statements = account(plan, &record, &[period_of(plan, inputs.period)])?;
    let statement = statements.pop().ok_or(PayoutError::Overflow)?;
    let mut missing = Vec::new();
    for lack in &statement.lacks {
        note(&mut missing, Missing::of(lack));
    }
    let derivation = Derivation {
        engine: LINE_ENGINE,
        plan: PlanRef { id: plan.id.clone(), version: plan.version, name: plan.name.clone() },
        person: inputs.person.clone(),
        period: inputs.period,
        currency: inputs.currency,
        steps: statement.lines.into_iter().map(Step::Line).collect(),
        missing: missing.clone(),
        lacks: statement.lacks,
    };
    let (person, period) = (inputs.person.clone(), inputs.period);
    Ok(Payout { person, period, amount: statement.paid, score: statement.score, missing, derivation })
}

/// What the smallest increase of one figure that raises the payout is worth.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Marginal {
    pub metric: Metric,
    /// How many more, in the metric's smallest step.
    pub increase: i64,
    /// The figure then.
    pub actual: i64,
    /// The payout then.
    pub amount: Money,
    /// How much more than now.
    pub gain: Money,
}

/// The smallest increase of `metric`'s actual, from one to twenty, that raises the payout. Counts only: of money and
/// ratios there is no "one more". `None` when twenty change nothing, or there is no payout to compare with.
pub fn marginal(plan: &Plan, inputs: &Inputs, metric: Metric) -> Option<Marginal> {
    if metric.unit() != Unit::Count {
        return None;
    }
    let now = payout(plan, inputs).ok()?.amount?;
    let actual = inputs.metrics.get(&metric)?.actual?;
    let mut then = inputs.clone();
    (1..=20).find_map(|increase| {
        let figure = Figure { num: actual.num.checked_add(increase)?, den: actual.den };
        then.metrics.get_mut(&metric)?.actual = Some(figure);
        let amount = payout(plan, &then).ok()?.amount?;
        let gain = amount.minor.checked_sub(now.minor).filter(|gain| *gain > 0)?;
        Some(Marginal { metric, increase, actual: figure.num, amount, gain: Money::new(gain, now.currency) })
    })
}

fn component_step(
    component: &Component,
    inputs: &Inputs,
    missing: &mut Vec<Missing>,
) -> Result<ComponentStep, PayoutError> {
    let metric = component.metric;
    let actual = actual_of(metric, inputs, missing)?;
    let target = target_of(metric, component.target, inputs, missing)?;
    let (mut attained, mut counted, mut points) = (None, None, None);
    if let (Some(actual), Some(target)) = (actual, target) {
        let exact = attainment(actual, target).ok_or(PayoutError::Overflow)?;
        let held = between(exact, component.floor, component.cap);
        points = Some(points_of(component.weight, held).ok_or(PayoutError::Overflow)?);
        (attained, counted) = (Some(exact), Some(held));
    }
    Ok(ComponentStep {
        metric,
        weight: component.weight,
        actual,
        target,
        target_is_goal: component.target == Target::Goal,
        attainment: attained,
        cap: component.cap,
        floor: component.floor,
        counted,
        points,
    })
}

fn accelerator_step(
    accelerator: &Accelerator,
    plan: &Plan,
    inputs: &Inputs,
    missing: &mut Vec<Missing>,
) -> Result<AcceleratorStep, PayoutError> {
    let when = &accelerator.when;
    let actual = actual_of(when.metric, inputs, missing)?;
    let (mut target, mut left) = (None, None);
    match when.subject {
        Subject::Actual => left = actual.map(Quantity::value),
        Subject::Attainment => {
            let component = plan.components.iter().find(|component| component.metric == when.metric);
            let rule = component.map_or(Target::Goal, |component| component.target);
            target = target_of(when.metric, rule, inputs, missing)?;
            if let (Some(actual), Some(target)) = (actual, target) {
                left = Some(attainment(actual, target).ok_or(PayoutError::Overflow)?);
            }
        }
    }
    let matched = left.map(|left| when.op.holds(&left, &Ratio::from_decimal(when.bound)));
    Ok(AcceleratorStep { when: when.clone(), factor: accelerator.factor, actual, target, left, matched })
}

/// A metric's figure; when there is none it is noted once.
fn actual_of(metric: Metric, inputs: &Inputs, missing: &mut Vec<Missing>) -> Result<Option<Quantity>, PayoutError> {
    let figure = inputs.metrics.get(&metric).and_then(|input| input.actual).filter(|figure| figure.den != 0);
    let Some(Figure { num, den }) = figure else {
        note(missing, Missing::Actual { metric });
        return Ok(None);
    };
    let fraction = Ratio { num: i128::from(num), den: i128::from(den) };
    match metric.unit() {
        Unit::Money if den == 1 => Ok(Some(Quantity::Money(Money::new(num, inputs.currency)))),
        Unit::Count if den == 1 => Ok(Some(Quantity::Count(num))),
        Unit::Ratio if den > 0 => Ok(Some(Quantity::Ratio(fraction))),
        Unit::Score if den > 0 => Ok(Some(Quantity::Score(Points(Ratio { den: fraction.den * 100, ..fraction })))),
        _ => Err(PayoutError::InvalidFigure { metric }),
    }
}

/// What a metric's figure is divided by; when there is none, or none above zero, it is noted once.
fn target_of(
    metric: Metric,
    rule: Target,
    inputs: &Inputs,
    missing: &mut Vec<Missing>,
) -> Result<Option<Quantity>, PayoutError> {
    let digits = metric.unit().digits(inputs.currency);
    let steps = match rule {
        Target::Goal => inputs.metrics.get(&metric).and_then(|input| input.target),
        Target::Constant(value) => {
            let steps = round_to(Ratio::from_decimal(value), digits).and_then(|steps| i64::try_from(steps).ok());
            Some(steps.ok_or(PayoutError::Overflow)?)
        }
    };
    match steps {
        None => {
            note(missing, Missing::Target { metric });
            Ok(None)
        }
        Some(..=0) => {
            note(missing, Missing::TargetNotPositive { metric });
            Ok(None)
        }
        Some(steps) => {
            let fraction = |den| Ratio { num: i128::from(steps), den };
            Ok(Some(match metric.unit() {
                Unit::Money => Quantity::Money(Money::new(steps, inputs.currency)),
                Unit::Count => Quantity::Count(steps),
                Unit::Ratio => Quantity::Ratio(fraction(1_000_000)),
                Unit::Score => Quantity::Score(Points(fraction(100))),
            }))
        }
    }
}

fn note(missing: &mut Vec<Missing>, what: Missing) {
    if !missing.contains(&what) {
        missing.push(what);
    }
}

#[cfg(test)]
mod line_tests;
#[cfg(test)]
mod tests;
