//! Exact money and ratios: the only arithmetic that figures are made of.
//!
//! Owns: currencies, amounts in the smallest unit, exact fractions, rounding, reading and writing amounts as text.
//! Absent on purpose: floats, exchange rates (facts, in the store) and screen formats such as ¥12.5万 (the UI's).

use std::fmt;
use std::str::FromStr;

use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, Serializer, de, ser::SerializeStruct};

/// An ISO 4217 code, e.g. `CNY`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Currency([u8; 3]);

impl Currency {
    pub const CNY: Currency = Currency(*b"CNY");

    /// Digits after the decimal point of one unit (2 for most, 0 for JPY and KRW, 3 for KWD and BHD).
    pub fn digits(self) -> u32 {
        match &self.0 {
            b"JPY" | b"KRW" | b"VND" | b"CLP" | b"ISK" => 0,
            b"KWD" | b"BHD" | b"OMR" | b"JOD" | b"TND" => 3,
            _ => 2,
        }
    }

    pub fn code(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }
}

impl FromStr for Currency {
    type Err = AmountError;
    fn from_str(text: &str) -> Result<Self, AmountError> {
        match text.trim().as_bytes() {
            [a, b, c] if [a, b, c].iter().all(|x| x.is_ascii_alphabetic()) => {
                Ok(Currency([a.to_ascii_uppercase(), b.to_ascii_uppercase(), c.to_ascii_uppercase()]))
            }
            _ => Err(AmountError::Currency),
        }
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.code())
    }
}

impl Serialize for Currency {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        s.serialize_str(self.code())
    }
}

impl<'de> Deserialize<'de> for Currency {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        String::deserialize(d)?.parse().map_err(de::Error::custom)
    }
}

/// Why a text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    #[error("not a number")]
    NotANumber,
    #[error("more decimals than the unit has")]
    TooPrecise,
    #[error("too large")]
    TooLarge,
    #[error("not a currency code")]
    Currency,
}

/// An amount in the smallest unit of its currency (分, cents).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Money {
    pub minor: i64,
    pub currency: Currency,
}

impl Money {
    pub fn new(minor: i64, currency: Currency) -> Self {
        Money { minor, currency }
    }

    /// Reads a plain decimal such as `18000.00`; more decimals than the currency has are an error, never rounded.
    pub fn parse(text: &str, currency: Currency) -> Result<Self, AmountError> {
        Ok(Money { minor: parse_scaled(text, currency.digits())?, currency })
    }

    /// The amount as a plain decimal string, e.g. `18000.00`.
    pub fn amount(&self) -> String {
        format_scaled(self.minor, self.currency.digits())
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}", self.amount(), self.currency)
    }
}

impl Serialize for Money {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Money", 2)?;
        out.serialize_field("amount", &self.amount())?;
        out.serialize_field("currency", &self.currency)?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Money {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            amount: String,
            currency: Currency,
        }
        let raw = Raw::deserialize(d)?;
        Money::parse(&raw.amount, raw.currency).map_err(de::Error::custom)
    }
}

/// Reads a decimal text into an integer of 10^-`digits`: plain digits, an optional sign and point, thousands commas.
pub fn parse_scaled(text: &str, digits: u32) -> Result<i64, AmountError> {
    let text = text.trim();
    let (negative, body) = match text.strip_prefix('-') {
        Some(rest) => (true, rest),
        None => (false, text.strip_prefix('+').unwrap_or(text)),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    if whole.is_empty() && fraction.is_empty() {
        return Err(AmountError::NotANumber);
    }
    let mut value: i64 = 0;
    let mut push = |digit: u8| -> Result<(), AmountError> {
        if !digit.is_ascii_digit() {
            return Err(AmountError::NotANumber);
        }
        value =
            value.checked_mul(10).and_then(|v| v.checked_add(i64::from(digit - b'0'))).ok_or(AmountError::TooLarge)?;
        Ok(())
    };
    if whole.contains(',') {
        let mut groups = whole.split(',');
        let first = groups.next().unwrap_or("");
        if first.is_empty() || first.len() > 3 || groups.any(|g| g.len() != 3) {
            return Err(AmountError::NotANumber);
        }
    }
    for digit in whole.bytes().filter(|b| *b != b',') {
        push(digit)?;
    }
    let fraction = fraction.as_bytes();
    let kept = fraction.len().min(digits as usize);
    for digit in &fraction[..kept] {
        push(*digit)?;
    }
    for _ in kept..digits as usize {
        push(b'0')?;
    }
    for digit in &fraction[kept..] {
        match digit {
            b'0' => {}
            b'1'..=b'9' => return Err(AmountError::TooPrecise),
            _ => return Err(AmountError::NotANumber),
        }
    }
    Ok(if negative { -value } else { value })
}

/// The inverse of [`parse_scaled`].
pub fn format_scaled(value: i64, digits: u32) -> String {
    if digits == 0 {
        return value.to_string();
    }
    let unit = 10u64.pow(digits);
    let magnitude = value.unsigned_abs();
    let sign = if value < 0 { "-" } else { "" };
    format!("{sign}{}.{:0width$}", magnitude / unit, magnitude % unit, width = digits as usize)
}

/// Reads what a person types into a cell: `12.5万`, `1.2亿`, `¥125,000`, `1.2M`, `125K`, `52 %` is not money.
/// `digits` is the unit's scale; a value finer than it is an error.
pub fn parse_typed_amount(text: &str, digits: u32) -> Result<i64, AmountError> {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).map(full_width_to_ascii).collect();
    for sign in ["¥", "¥", "CNY", "RMB", "元"] {
        text = text.replace(sign, "");
    }
    let lower = text.to_lowercase();
    let (number, factor) = [("亿", 100_000_000), ("万", 10_000), ("bn", 1_000_000_000), ("m", 1_000_000), ("k", 1_000)]
        .iter()
        .find_map(|(suffix, factor)| lower.strip_suffix(suffix).map(|n| (n.to_string(), *factor)))
        .unwrap_or((lower, 1i64));
    let plain = number.replace(',', "");
    if plain.contains('e') {
        return Err(AmountError::NotANumber);
    }
    let value = Decimal::from_str(&plain).map_err(|_| AmountError::NotANumber)?;
    let scaled = value
        .checked_mul(Decimal::from(factor))
        .and_then(|v| v.checked_mul(Decimal::from(10i64.pow(digits))))
        .ok_or(AmountError::TooLarge)?;
    if !scaled.fract().is_zero() {
        return Err(AmountError::TooPrecise);
    }
    i64::try_from(scaled.trunc().mantissa() / 10i128.pow(scaled.trunc().scale())).map_err(|_| AmountError::TooLarge)
}

fn full_width_to_ascii(c: char) -> char {
    match c {
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// An exact fraction. The denominator is positive; the fraction is kept as given, not reduced, so that it still
/// shows what was divided by what.
#[derive(Debug, Clone, Copy)]
pub struct Ratio {
    pub num: i128,
    pub den: i128,
}

// The operations answer `None` beyond 128 bits, which the operators' traits cannot say.
#[allow(clippy::should_implement_trait)]
impl Ratio {
    pub const ZERO: Ratio = Ratio { num: 0, den: 1 };
    pub const ONE: Ratio = Ratio { num: 1, den: 1 };

    /// `None` when the denominator is zero: no data, never 0 % (DOMAIN, arithmetic 5).
    pub fn new(num: i128, den: i128) -> Option<Ratio> {
        match den {
            0 => None,
            d if d < 0 => Some(Ratio { num: -num, den: -d }),
            d => Some(Ratio { num, den: d }),
        }
    }

    /// The fraction a decimal stands for, e.g. 0.35 = 35/100.
    pub fn from_decimal(value: Decimal) -> Ratio {
        Ratio { num: value.mantissa(), den: 10i128.pow(value.scale()) }
    }

    /// Same value in lowest terms.
    pub fn reduced(self) -> Ratio {
        let g = gcd(self.num.unsigned_abs(), self.den.unsigned_abs()).max(1) as i128;
        Ratio { num: self.num / g, den: self.den / g }
    }

    pub fn mul(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (self.reduced(), other.reduced());
        let left = Ratio { num: a.num, den: b.den }.reduced();
        let right = Ratio { num: b.num, den: a.den }.reduced();
        Some(Ratio { num: left.num.checked_mul(right.num)?, den: left.den.checked_mul(right.den)? })
    }

    pub fn div(self, other: Ratio) -> Option<Ratio> {
        Ratio::new(other.den, other.num).and_then(|inverse| self.mul(inverse))
    }

    pub fn add(self, other: Ratio) -> Option<Ratio> {
        let (a, b) = (self.reduced(), other.reduced());
        let g = gcd(a.den.unsigned_abs(), b.den.unsigned_abs()).max(1) as i128;
        let num = a.num.checked_mul(b.den / g)?.checked_add(b.num.checked_mul(a.den / g)?)?;
        Some(Ratio { num, den: a.den.checked_mul(b.den / g)? }.reduced())
    }

    /// The value × 10^`digits`, rounded half away from zero.
    pub fn scaled(self, digits: u32) -> i128 {
        let factor = 10i128.pow(digits);
        match self.num.checked_mul(factor) {
            Some(num) => round_half_away(num, self.den),
            None => {
                let r = self.reduced();
                round_half_away(r.num.saturating_mul(factor), r.den)
            }
        }
    }

    /// As percent with `digits` decimals: 100 000 of 160 000 is `62.5`.
    pub fn percent(self, digits: u32) -> String {
        let scaled = self.scaled(digits + 2);
        format_scaled(i64::try_from(scaled).unwrap_or(if scaled < 0 { i64::MIN } else { i64::MAX }), digits)
    }
}

impl PartialEq for Ratio {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}
impl Eq for Ratio {}
impl PartialOrd for Ratio {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Ratio {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        match (self.num.checked_mul(other.den), other.num.checked_mul(self.den)) {
            (Some(a), Some(b)) => a.cmp(&b),
            _ => {
                let whole = (self.num.div_euclid(self.den)).cmp(&other.num.div_euclid(other.den));
                whole.then_with(|| {
                    let (a, b) = (self.num.rem_euclid(self.den), other.num.rem_euclid(other.den));
                    if b == 0 || a == 0 {
                        a.min(1).cmp(&b.min(1))
                    } else {
                        // a/x < b/y exactly when y/b < x/a: continued fractions, always terminating.
                        Ratio { num: other.den, den: b }.cmp(&Ratio { num: self.den, den: a })
                    }
                })
            }
        }
    }
}

impl Serialize for Ratio {
    fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
        let mut out = s.serialize_struct("Ratio", 3)?;
        out.serialize_field("num", &self.num.to_string())?;
        out.serialize_field("den", &self.den.to_string())?;
        out.serialize_field("percent", &self.percent(1))?;
        out.end()
    }
}

impl<'de> Deserialize<'de> for Ratio {
    fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Raw {
            num: String,
            den: String,
        }
        let raw = Raw::deserialize(d)?;
        let part = |t: &str| t.parse::<i128>().map_err(de::Error::custom);
        Ratio::new(part(&raw.num)?, part(&raw.den)?).ok_or_else(|| de::Error::custom("zero denominator"))
    }
}

fn gcd(mut a: u128, mut b: u128) -> u128 {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a
}

/// `num / den` rounded to an integer, halves away from zero (DOMAIN, arithmetic 2). `den` must not be zero.
pub fn round_half_away(num: i128, den: i128) -> i128 {
    let (num, den) = if den < 0 { (-num, -den) } else { (num, den) };
    let (quotient, rest) = (num / den, num % den);
    if rest.unsigned_abs() * 2 >= den.unsigned_abs() { quotient + num.signum() } else { quotient }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_exactly_or_refused() {
        for (text, digits, expected) in [
            ("18000.00", 2, Ok(1_800_000)),
            ("18000", 2, Ok(1_800_000)),
            ("-0.05", 2, Ok(-5)),
            ("1,234,567.8", 2, Ok(123_456_780)),
            ("12,34", 2, Err(AmountError::NotANumber)),
            ("1.005", 2, Err(AmountError::TooPrecise)),
            ("1.0500", 2, Ok(105)),
            ("", 2, Err(AmountError::NotANumber)),
            ("abc", 2, Err(AmountError::NotANumber)),
            ("1e5", 2, Err(AmountError::NotANumber)),
            ("99999999999999999999", 2, Err(AmountError::TooLarge)),
        ] {
            assert_eq!(parse_scaled(text, digits), expected, "{text}");
        }
        assert_eq!(format_scaled(-5, 2), "-0.05");
        assert_eq!(format_scaled(i64::MIN, 2), "-92233720368547758.08");
    }

    #[test]
    fn people_type_amounts_their_own_way() {
        for (text, expected) in [
            ("12.5万", Ok(12_500_000)),
            ("1.2亿", Ok(12_000_000_000)),
            ("¥ 125,000", Ok(12_500_000)),
            ("１２万", Ok(12_000_000)),
            ("1.2M", Ok(120_000_000)),
            ("125k", Ok(12_500_000)),
            ("十万", Err(AmountError::NotANumber)),
            ("0.00001万", Ok(10)),
            ("0.0000001万", Err(AmountError::TooPrecise)),
            ("9999999999亿", Err(AmountError::TooLarge)),
        ] {
            assert_eq!(parse_typed_amount(text, 2), expected, "{text}");
        }
    }

    #[test]
    fn halves_round_away_from_zero() {
        for (num, den, expected) in [(5, 2, 3), (-5, 2, -3), (4, 3, 1), (-4, 3, -1), (1, 2, 1), (0, 7, 0)] {
            assert_eq!(round_half_away(num, den), expected);
        }
        assert_eq!(Ratio { num: 100_000, den: 160_000 }.percent(1), "62.5");
    }

    #[test]
    fn ratios_compare_exactly_even_when_products_overflow() {
        let big = i128::MAX / 2;
        assert!(Ratio { num: big - 1, den: big } < Ratio { num: big, den: big });
        assert!(Ratio { num: big, den: big - 1 } < Ratio { num: big - 1, den: big - 2 });
        assert_eq!(Ratio { num: 1, den: 3 }, Ratio { num: 2, den: 6 });
    }
}
