//! The arithmetic of a payout, shared by working it out and checking it. `None` is an overflow.

use rust_decimal::Decimal;

use super::{BandStep, MultiplyStep, Quantity, ScoreStep};
use crate::money::{Currency, Money, Ratio, round_half_away};
use crate::plan::{Band, PayoutRounding};

/// actual ÷ target. Amounts and counts keep what was divided by what: 100 000 of 160 000 is 100000/160000.
/// The target is above zero.
pub(super) fn attainment(actual: Quantity, target: Quantity) -> Option<Ratio> {
    if target.value().num <= 0 {
        return None;
    }
    match (actual, target) {
        (Quantity::Count(actual), Quantity::Count(target)) => Ratio::new(actual.into(), target.into()),
        (Quantity::Money(actual), Quantity::Money(target)) if actual.currency == target.currency => {
            let unit = 10i64.pow(actual.currency.digits());
            let whole = actual.minor % unit == 0 && target.minor % unit == 0;
            let per = if whole { unit } else { 1 };
            Ratio::new((actual.minor / per).into(), (target.minor / per).into())
        }
        (Quantity::Ratio(_), Quantity::Ratio(_)) | (Quantity::Score(_), Quantity::Score(_)) => {
            actual.value().div(target.value())
        }
        _ => None,
    }
}

/// A cap wins over a floor above it (a plan that was read has none such).
pub(super) fn between(attainment: Ratio, floor: Option<Decimal>, cap: Option<Decimal>) -> Ratio {
    let floored = floor.map(Ratio::from_decimal).map_or(attainment, |floor| attainment.max(floor));
    cap.map(Ratio::from_decimal).map_or(floored, |cap| floored.min(cap))
}

pub(super) fn points_of(weight: Decimal, counted: Ratio) -> Option<Ratio> {
    Ratio::from_decimal(weight).mul(counted)
}

pub(super) fn score_step(points: &[Ratio], digits: u32) -> Option<ScoreStep> {
    let exact = points.iter().try_fold(Ratio::ZERO, |sum, points| sum.add(*points))?;
    let rounded = Decimal::try_from_i128_with_scale(round_to(exact, digits)?, digits).ok()?;
    Some(ScoreStep { exact, digits, rounded })
}

pub(super) fn band_step(score: Decimal, bands: &[Band]) -> BandStep {
    let matched = bands.iter().filter(|band| score >= band.at_least).max_by_key(|band| band.at_least).cloned();
    let multiple = matched.as_ref().map_or(Decimal::ZERO, |band| band.multiple);
    BandStep { score, bands: bands.to_vec(), matched, multiple }
}

pub(super) fn multiply_step(base: Money, multiple: Decimal, factors: Vec<Decimal>) -> Option<MultiplyStep> {
    let mut coefficients = std::iter::once(&multiple).chain(&factors);
    let exact = coefficients
        .try_fold(Quantity::Money(base).value(), |product, factor| product.mul(Ratio::from_decimal(*factor)))?;
    Some(MultiplyStep { base, multiple, factors, exact })
}

pub(super) fn round_money(exact: Ratio, rule: PayoutRounding, currency: Currency) -> Option<Money> {
    let minor = match rule {
        PayoutRounding::MinorUnit => round_to(exact, currency.digits())?,
        PayoutRounding::WholeUnit => round_to(exact, 0)?.checked_mul(10i128.pow(currency.digits()))?,
    };
    Some(Money::new(i64::try_from(minor).ok()?, currency))
}

/// value × 10^`digits`, rounded half away from zero.
pub(super) fn round_to(value: Ratio, digits: u32) -> Option<i128> {
    let factor = 10i128.checked_pow(digits)?;
    let (whole, rest) = (value.num.checked_div(value.den)?, value.num.checked_rem(value.den)?);
    whole.checked_mul(factor)?.checked_add(round_half_away(rest.checked_mul(factor)?, value.den))
}
