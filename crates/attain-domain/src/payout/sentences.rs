//! A derivation in words: which sentences, with which values. The texts are in the message files.

use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::*;
use crate::metric::Metric;

/// A message key and the values for its placeholders. A value is a text that reads the same in every language
/// (`18,000.00`, `62.5`), or `@` and another message key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sentence {
    pub code: String,
    pub params: Vec<(String, String)>,
}

/// Every code [`sentences`] can give, with the params it carries.
pub const SENTENCE_CODES: &[(&str, &[&str])] = &[
    ("payout.rule", &["plan", "version", "period"]),
    ("payout.component", &["metric", "actual", "target", "attainment", "weight", "points"]),
    ("payout.component_capped", &["metric", "actual", "target", "attainment", "cap", "weight", "points"]),
    ("payout.component_floored", &["metric", "actual", "target", "attainment", "floor", "weight", "points"]),
    ("payout.score", &["terms", "score", "digits"]),
    ("payout.band", &["score", "bound", "multiple"]),
    ("payout.band_none", &["score", "lowest"]),
    ("payout.attainment_met", &["metric", "left", "op", "bound", "factor"]),
    ("payout.attainment_not_met", &["metric", "left", "op", "bound", "factor"]),
    ("payout.actual_met", &["metric", "left", "op", "bound", "factor"]),
    ("payout.actual_not_met", &["metric", "left", "op", "bound", "factor"]),
    ("payout.amount", &["terms", "amount", "currency"]),
    ("payout.amount_rounded", &["terms", "exact", "step", "amount", "currency"]),
    ("payout.no_amount", &[]),
    ("payout.missing_actual", &["metric"]),
    ("payout.missing_target", &["metric"]),
    ("payout.missing_target_not_positive", &["metric"]),
    ("payout.missing_base_salary", &[]),
    ("payout.missing_record", &[]),
    ("payout.lack_actual", &["subject"]),
    ("payout.lack_target", &["subject"]),
    ("payout.lack_target_above_zero", &["subject"]),
    ("payout.lack_cap", &["subject"]),
    ("payout.lack_cost", &["subject"]),
    ("payout.lack_units", &["subject"]),
    ("payout.lack_salary", &[]),
    ("payout.lack_incentive", &[]),
];

/// The derivation as a person would tell it, in order; what is missing comes last.
pub fn sentences(derivation: &Derivation) -> Vec<Sentence> {
    let mut out = vec![say(
        "payout.rule",
        &[
            ("plan", derivation.plan.id.clone()),
            ("version", derivation.plan.version.to_string()),
            ("period", derivation.period.to_string()),
        ],
    )];
    if derivation.engine == LINE_ENGINE {
        out.extend(lines_in_words(&derivation.lines(), derivation.currency));
        out.extend(lacks_in_words(&derivation.lacks));
        return out;
    }
    let mut points = Vec::new();
    let mut product = None;
    for step in &derivation.steps {
        match step {
            Step::Component(step) => {
                points.extend(step.points);
                out.extend(component(step));
            }
            Step::Score(step) => out.push(score(step, &points)),
            Step::Band(step) => out.push(band(step)),
            Step::Accelerator(step) => out.extend(accelerator(step)),
            Step::Base { .. } | Step::Line(_) => {}
            Step::Multiply(step) => product = Some(step),
            Step::Round { rule, amount } => out.extend(product.map(|product| paid(product, *rule, *amount))),
        }
    }
    if !derivation.missing.is_empty() {
        out.push(say("payout.no_amount", &[]));
        out.extend(derivation.missing.iter().map(|missing| match *missing {
            Missing::Actual { metric } | Missing::Target { metric } | Missing::TargetNotPositive { metric } => {
                say(missing.code(), &[("metric", message_key(metric))])
            }
            Missing::BaseSalary | Missing::Record => say(missing.code(), &[]),
        }));
    }
    out
}

/// A component without data is told among what is missing.
fn component(step: &ComponentStep) -> Option<Sentence> {
    let (attained, counted) = (step.attainment?, step.counted?);
    let (code, held) = match (counted.cmp(&attained), step.cap, step.floor) {
        (std::cmp::Ordering::Less, Some(cap), _) => ("payout.component_capped", Some(("cap", cap))),
        (std::cmp::Ordering::Greater, _, Some(floor)) => ("payout.component_floored", Some(("floor", floor))),
        _ => ("payout.component", None),
    };
    let held_at = held.map_or(attained, |(_, bound)| Ratio::from_decimal(bound));
    let mut params = vec![
        ("metric", message_key(step.metric)),
        ("actual", quantity(step.metric, step.actual?)),
        ("target", target_text(step.metric, step.target?)),
        ("attainment", percent_apart_from(attained, held_at)),
    ];
    params.extend(held.map(|(name, bound)| (name, percent_of(bound))));
    params.extend([("weight", number(step.weight, 0)), ("points", decimal_of(step.points?, 2))]);
    Some(say(code, &params))
}

fn score(step: &ScoreStep, points: &[Ratio]) -> Sentence {
    // A term that two decimals cannot hold shows more, so that the terms visibly lead to the sum.
    let term = |points: &Ratio| exact_decimal(*points, 2, 6).unwrap_or_else(|| decimal_of(*points, 4));
    let terms = points.iter().map(term).collect::<Vec<_>>().join(" + ");
    let score = number(step.rounded, step.digits);
    say("payout.score", &[("terms", terms), ("score", score), ("digits", step.digits.to_string())])
}

fn band(step: &BandStep) -> Sentence {
    let score = number(step.score, step.score.scale());
    match (&step.matched, step.bands.iter().map(|band| band.at_least).min()) {
        (Some(band), _) => say(
            "payout.band",
            &[("score", score), ("bound", number(band.at_least, 0)), ("multiple", number(band.multiple, 2))],
        ),
        (None, lowest) => {
            let lowest = lowest.map_or_else(|| "—".to_string(), |bound| number(bound, 0));
            say("payout.band_none", &[("score", score), ("lowest", lowest)])
        }
    }
}

fn accelerator(step: &AcceleratorStep) -> Option<Sentence> {
    let (when, left) = (&step.when, step.left?);
    let code = match (when.subject, step.matched?) {
        (Subject::Attainment, true) => "payout.attainment_met",
        (Subject::Attainment, false) => "payout.attainment_not_met",
        (Subject::Actual, true) => "payout.actual_met",
        (Subject::Actual, false) => "payout.actual_not_met",
    };
    let as_percent = when.subject == Subject::Attainment || when.metric.unit() == Unit::Ratio;
    let (left, bound) = if as_percent {
        let left = percent_apart_from(left, Ratio::from_decimal(when.bound));
        (format!("{left} %"), format!("{} %", percent_of(when.bound)))
    } else {
        (quantity(when.metric, step.actual?), number(when.bound, 0))
    };
    Some(say(
        code,
        &[
            ("metric", message_key(when.metric)),
            ("left", left),
            ("op", when.op.sign().to_string()),
            ("bound", bound),
            ("factor", number(step.factor, 2)),
        ],
    ))
}

fn paid(step: &MultiplyStep, rule: PayoutRounding, amount: Money) -> Sentence {
    let mut terms = vec![money(step.base), number(step.multiple, 2)];
    terms.extend(step.factors.iter().map(|factor| number(*factor, 2)));
    let terms = ("terms", terms.join(" × "));
    let (text, currency) = (("amount", money(amount)), ("currency", amount.currency.to_string()));
    if step.exact == Quantity::Money(amount).value() {
        return say("payout.amount", &[terms, text, currency]);
    }
    let digits = amount.currency.digits();
    let unit = match rule {
        PayoutRounding::MinorUnit => Money::new(1, amount.currency).amount(),
        PayoutRounding::WholeUnit => "1".to_string(),
    };
    let exact = exact_decimal(step.exact, digits, 18).unwrap_or_else(|| decimal_of(step.exact, digits + 4));
    say("payout.amount_rounded", &[terms, ("exact", exact), ("step", unit), text, currency])
}

fn say(code: &str, params: &[(&str, String)]) -> Sentence {
    let params = params.iter().map(|(key, value)| (key.to_string(), value.clone())).collect();
    Sentence { code: code.to_string(), params }
}

fn message_key(metric: Metric) -> String {
    format!("@metric.{metric}")
}

fn target_text(metric: Metric, target: Quantity) -> String {
    match target {
        Quantity::Ratio(share) => format!("{} %", percent(share, 0, 4)),
        other => quantity(metric, other),
    }
}

/// A figure with its unit; a ratio shows what was divided by what.
fn quantity(metric: Metric, quantity: Quantity) -> String {
    match quantity {
        Quantity::Count(count) => grouped(&count.to_string()),
        Quantity::Money(amount) => money(amount),
        Quantity::Score(Points(points)) => decimal_of(points, 2),
        Quantity::Ratio(ratio) if metric == Metric::GrossMargin => format!("{} %", percent(ratio, 1, 1)),
        Quantity::Ratio(ratio) => {
            let part = |n: i128| grouped(&n.to_string());
            format!("{} % ({}/{})", percent(ratio, 1, 1), part(ratio.num), part(ratio.den))
        }
    }
}

fn money(amount: Money) -> String {
    grouped(&amount.amount())
}

/// A decimal with at least `digits` places, more when it has more.
fn number(value: Decimal, digits: u32) -> String {
    let ratio = Ratio::from_decimal(value.normalize());
    exact_decimal(ratio, digits, digits.saturating_add(12)).unwrap_or_else(|| grouped(&value.to_string()))
}

/// A fraction as percent, without needless zeros: 1 is `100`.
fn percent_of(share: Decimal) -> String {
    percent(Ratio::from_decimal(share), 0, 6)
}

/// With one decimal, or as many more as keep it from reading like the bound it is compared with: 119.97 % must not
/// be told as "120.0 %, below 120 %".
fn percent_apart_from(value: Ratio, bound: Ratio) -> String {
    let plain = |digits| percent(value, digits, digits);
    let reads_as_bound = |digits: &u32| plain(*digits) == percent(bound, *digits, *digits);
    if value == bound {
        return plain(1);
    }
    plain((1..=6).find(|digits| !reads_as_bound(digits)).unwrap_or(6))
}

/// As percent, rounded to `most` decimals, zeros beyond `least` dropped.
pub(super) fn percent(value: Ratio, least: u32, most: u32) -> String {
    match round_to(value, most.saturating_add(2)) {
        Some(scaled) => grouped(&trimmed(fixed(scaled, most), least)),
        None => value.percent(most),
    }
}

/// Rounded to `digits` decimals for reading.
pub(super) fn decimal_of(value: Ratio, digits: u32) -> String {
    match round_to(value, digits) {
        Some(scaled) => grouped(&fixed(scaled, digits)),
        None => value.percent(digits),
    }
}

/// All decimals of a fraction that has no more than `most`, at least `least` of them; `None` for others.
pub(super) fn exact_decimal(value: Ratio, least: u32, most: u32) -> Option<String> {
    (least..=most).find_map(|places| {
        let scaled = round_to(value, places)?;
        let exact = Ratio { num: scaled, den: 10i128.checked_pow(places)? } == value;
        exact.then(|| grouped(&fixed(scaled, places)))
    })
}

fn fixed(scaled: i128, digits: u32) -> String {
    let (sign, magnitude) = (if scaled < 0 { "-" } else { "" }, scaled.unsigned_abs().to_string());
    let digits = digits as usize;
    if digits == 0 {
        return format!("{sign}{magnitude}");
    }
    let padded = format!("{magnitude:0>width$}", width = digits + 1);
    let (whole, fraction) = padded.split_at(padded.len() - digits);
    format!("{sign}{whole}.{fraction}")
}

fn trimmed(text: String, least: u32) -> String {
    let Some((whole, fraction)) = text.split_once('.') else { return text };
    let kept = fraction.trim_end_matches('0').len().max(least as usize).min(fraction.len());
    if kept == 0 { whole.to_string() } else { format!("{whole}.{}", &fraction[..kept]) }
}

/// Thousands commas: `18000.00` as `18,000.00`.
fn grouped(text: &str) -> String {
    let (sign, body) = text.strip_prefix('-').map_or(("", text), |rest| ("-", rest));
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(whole, fraction)| (whole, Some(fraction)));
    let mut out = String::from(sign);
    for (index, digit) in whole.chars().enumerate() {
        if index > 0 && (whole.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    if let Some(fraction) = fraction {
        out.push('.');
        out.push_str(fraction);
    }
    out
}
