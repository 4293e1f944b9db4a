//! Single values of a plan file: dates, whole numbers, exact decimals, percentages, figures of a metric.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use toml::Spanned;
use toml::de::DeValue;

use super::finding::Findings;
use super::terms::Measure;
use crate::metric::{Metric, Unit};
use crate::money::Currency;

/// Decimals of a weight, multiple, factor, bound or constant; a percentage has two less.
pub(super) const DIGITS: u32 = 6;
const MAX_NUMBER: i64 = 1_000_000_000_000;

pub(super) type Value<'i> = Spanned<DeValue<'i>>;

pub(super) fn date(value: &Value, path: &str, out: &mut Findings) -> Option<NaiveDate> {
    let at = start(Some(value));
    let DeValue::Datetime(datetime) = value.get_ref() else {
        wrong_type("plan.type.date", value.get_ref(), path, at, out);
        return None;
    };
    let day = match (datetime.date, datetime.time) {
        (Some(d), None) => NaiveDate::from_ymd_opt(i32::from(d.year), u32::from(d.month), u32::from(d.day)),
        _ => None,
    };
    let day = day.filter(|day| (1900..=2999).contains(&day.year()));
    if day.is_none() {
        out.add("plan.invalid_date", path, at, &[("text", datetime.to_string())]);
    }
    day
}

pub(super) fn whole_number(value: &Value, path: &str, min: u32, max: u32, out: &mut Findings) -> Option<u32> {
    let at = start(Some(value));
    let DeValue::Integer(integer) = value.get_ref() else {
        wrong_type("plan.type.whole_number", value.get_ref(), path, at, out);
        return None;
    };
    let read = u32::from_str_radix(integer.as_str(), integer.radix()).ok().filter(|n| (min..=max).contains(n));
    if read.is_none() {
        let params = [("text", integer.to_string()), ("min", min.to_string()), ("max", max.to_string())];
        out.add("plan.number_out_of_range", path, at, &params);
    }
    read
}

pub(super) fn number(value: &Value, path: &str, out: &mut Findings) -> Option<Decimal> {
    let text = number_text(value, path, out)?;
    decimal(&text, DIGITS, path, start(Some(value)), out)
}

pub(super) fn percentage(value: &Value, path: &str, out: &mut Findings) -> Option<Decimal> {
    let text = number_text(value, path, out)?;
    let at = start(Some(value));
    let share = percentage_in(&text, path, at, out)?;
    if share < Decimal::ZERO {
        let params = [("text", text), ("min", "0 %".to_string()), ("max", format!("{MAX_NUMBER} %"))];
        out.add("plan.number_out_of_range", path, at, &params);
        return None;
    }
    Some(share)
}

/// The text of a number, quoted or not.
pub(super) fn number_text(value: &Value, path: &str, out: &mut Findings) -> Option<String> {
    match value.get_ref() {
        DeValue::String(text) => Some(text.trim().to_string()),
        DeValue::Integer(integer) if integer.radix() == 10 => Some(integer.as_str().to_string()),
        DeValue::Integer(integer) => Some(integer.to_string()),
        DeValue::Float(float) => Some(float.as_str().to_string()),
        other => {
            wrong_type("plan.type.number", other, path, start(Some(value)), out);
            None
        }
    }
}

/// A figure of a metric in its own unit: a ratio needs a percent sign, the others have none, and an amount of money
/// needs the plan's currency.
pub(super) fn in_metric_unit(
    text: &str,
    metric: &Measure,
    currency: Option<Currency>,
    path: &str,
    at: Option<usize>,
    out: &mut Findings,
) -> Option<Decimal> {
    let digits = match (metric.unit(), currency) {
        (Unit::Ratio, _) => return percentage_in(text, path, at, out),
        (Unit::Money, None) => {
            out.add("plan.currency_needed", path, at, &[("metric", metric.spoken())]);
            return None;
        }
        (unit, currency) => unit.digits(currency.unwrap_or(Currency::CNY)),
    };
    if text.ends_with(PERCENT_SIGNS) {
        let params = [("text", text.to_string()), ("metric", metric.spoken())];
        out.add("plan.percentage_not_allowed", path, at, &params);
        return None;
    }
    decimal(text, digits, path, at, out)
}

const PERCENT_SIGNS: [char; 2] = ['%', '％'];

/// `120 %` as 1.2. Without the sign it is a finding: 120 could be meant either way.
pub(super) fn percentage_in(text: &str, path: &str, at: Option<usize>, out: &mut Findings) -> Option<Decimal> {
    let Some(number) = text.strip_suffix(PERCENT_SIGNS) else {
        out.add("plan.percentage_needed", path, at, &[("text", text.to_string())]);
        return None;
    };
    let percent = decimal(number.trim(), DIGITS - 2, path, at, out)?;
    Decimal::try_from_i128_with_scale(percent.mantissa(), percent.scale() + 2).ok().map(|share| share.normalize())
}

/// Plain digits with an optional sign, point and thousands commas; no exponent.
pub(super) fn decimal(text: &str, digits: u32, path: &str, at: Option<usize>, out: &mut Findings) -> Option<Decimal> {
    let not_a_number = |out: &mut Findings| out.add("plan.not_a_number", path, at, &[("text", text.to_string())]);
    let body = text.strip_prefix(['-', '+']).unwrap_or(text);
    let (whole, fraction) = body.split_once('.').map_or((body, None), |(whole, fraction)| (whole, Some(fraction)));
    let plain = |t: &str| !t.is_empty() && t.bytes().all(|b| b.is_ascii_digit());
    let mut groups = whole.split(',');
    let grouped = groups.next().is_some_and(|g| plain(g) && (g.len() <= 3 || !whole.contains(',')))
        && groups.all(|g| g.len() == 3 && plain(g));
    if !grouped || !fraction.is_none_or(plain) {
        not_a_number(out);
        return None;
    }
    let fraction = fraction.unwrap_or("");
    if fraction.trim_end_matches('0').len() > digits as usize {
        let params = [("text", text.to_string()), ("digits", digits.to_string())];
        out.add("plan.too_precise", path, at, &params);
        return None;
    }
    let sign = if text.starts_with('-') { "-" } else { "" };
    let kept = fraction.get(..fraction.len().min(digits as usize)).unwrap_or("");
    let digits_only = format!("{sign}{}{}{kept}", whole.replace(',', ""), if kept.is_empty() { "" } else { "." });
    let read = Decimal::from_str_exact(&digits_only).ok().filter(|value| value.abs() <= Decimal::from(MAX_NUMBER));
    if read.is_none() {
        let params = [("text", text.to_string()), ("min", format!("-{MAX_NUMBER}")), ("max", MAX_NUMBER.to_string())];
        out.add("plan.number_out_of_range", path, at, &params);
    }
    read
}

pub(super) fn wrong_type(expected: &str, found: &DeValue, path: &str, at: Option<usize>, out: &mut Findings) {
    let found = match found {
        DeValue::String(_) => "plan.type.text",
        DeValue::Integer(_) => "plan.type.whole_number",
        DeValue::Float(_) => "plan.type.number",
        DeValue::Boolean(_) => "plan.type.yes_no",
        DeValue::Datetime(_) => "plan.type.date",
        DeValue::Array(_) => "plan.type.list",
        DeValue::Table(_) => "plan.type.section",
    };
    out.add("plan.wrong_type", path, at, &[("expected", format!("@{expected}")), ("found", format!("@{found}"))]);
}

/// A metric of the product or one of the plan's own.
pub(super) fn measure_named(text: &str, own: &[Measure]) -> Option<Measure> {
    let declared = own.iter().find(|measure| measure.name == text).cloned();
    declared.or_else(|| text.parse::<Metric>().ok().map(Measure::of))
}

pub(super) fn measure_names(own: &[Measure]) -> String {
    let names = Metric::ALL.iter().map(|metric| metric.name()).chain(own.iter().map(|measure| measure.name.as_str()));
    names.collect::<Vec<_>>().join(", ")
}

/// An amount of money of the plan, not negative; it needs the plan's currency.
pub(super) fn amount(
    value: &Value,
    currency: Option<Currency>,
    key: &str,
    path: &str,
    out: &mut Findings,
) -> Option<Decimal> {
    let at = start(Some(value));
    let text = number_text(value, path, out)?;
    let Some(currency) = currency else {
        out.add("plan.currency_needed", path, at, &[("metric", key.to_string())]);
        return None;
    };
    let read = decimal(&text, currency.digits(), path, at, out)?;
    if read < Decimal::ZERO {
        out.add("plan.negative_amount", path, at, &[("text", text)]);
        return None;
    }
    Some(read)
}

pub(super) fn percent_text(share: Decimal) -> String {
    share.checked_mul(Decimal::ONE_HUNDRED).map(|p| format!("{} %", p.normalize())).unwrap_or_default()
}

pub(super) fn start(value: Option<&Value>) -> Option<usize> {
    value.map(|value| value.span().start)
}
