//! Reading one cell: dates, amounts, shares, yes and no, as people write them.
//!
//! Owns: what counts as one of these, and the code of what doesn't.
//! Absent on purpose: which field is which (`field.rs`).

use attain_domain::money::{AmountError, parse_scaled};
use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

/// The code of a finding.
pub(super) type Code = &'static str;

/// A cell without the blanks around it, and without the apostrophe that a file of rejected rows puts before `=`, `+`,
/// `-` and `@`.
pub(super) fn plain(text: &str) -> &str {
    let text = text.trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{a0}');
    match text.strip_prefix('\'') {
        Some(rest) if rest.starts_with(['=', '+', '-', '@']) => rest,
        _ => text,
    }
}

/// Order of day, month and year in the dates of a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum DateOrder {
    #[default]
    YearMonthDay,
    DayMonthYear,
    MonthDayYear,
}

impl DateOrder {
    pub fn parse(text: &str) -> Option<DateOrder> {
        let letters: String = text.to_lowercase().chars().filter(|c| matches!(c, 'd' | 'm' | 'y')).collect();
        let mut order = letters.chars().collect::<Vec<_>>();
        order.dedup();
        match order.iter().collect::<String>().as_str() {
            "ymd" => Some(DateOrder::YearMonthDay),
            "dmy" => Some(DateOrder::DayMonthYear),
            "mdy" => Some(DateOrder::MonthDayYear),
            _ => None,
        }
    }
}

/// A day: `2026-09-01`, `2026/9/1`, `2026.9.1`, `2026年9月1日`, `20260901`, a spreadsheet's serial number; a time after
/// it is left out. Days that no calendar has are no dates.
pub(super) fn date(text: &str, order: DateOrder) -> Result<NaiveDate, Code> {
    let found = if order == DateOrder::YearMonthDay { iso(text) } else { None };
    found.or_else(|| other_date(text, order)).ok_or("bad_date")
}

fn iso(text: &str) -> Option<NaiveDate> {
    let bytes: &[u8; 10] = text.as_bytes().try_into().ok()?;
    if bytes[4] != b'-' || bytes[7] != b'-' {
        return None;
    }
    let number =
        |part: &[u8]| part.iter().try_fold(0u32, |n, b| b.is_ascii_digit().then(|| n * 10 + u32::from(b - b'0')));
    day_of(number(&bytes[..4])?, number(&bytes[5..7])?, number(&bytes[8..])?)
}

fn day_of(year: u32, month: u32, day: u32) -> Option<NaiveDate> {
    if !(1900..=2999).contains(&year) {
        return None;
    }
    NaiveDate::from_ymd_opt(year as i32, month, day)
}

fn other_date(text: &str, order: DateOrder) -> Option<NaiveDate> {
    let text = without_time(text);
    if text.bytes().all(|b| b.is_ascii_digit() || b == b'.') {
        let whole = text.split('.').next()?;
        if whole.len() == 8 && text.len() == 8 {
            let n: u32 = whole.parse().ok()?;
            return day_of(n / 10_000, n / 100 % 100, n % 100);
        }
        // A serial number counts days from 30 December 1899; what lies outside a century is a number, not a day.
        if text.split('.').count() <= 2 && whole.len() == 5 {
            let n: u64 = whole.parse().ok()?;
            return (20_000..=80_000)
                .contains(&n)
                .then(|| NaiveDate::from_ymd_opt(1899, 12, 30).and_then(|from| from.checked_add_days(Days::new(n))))?;
        }
    }
    let mut parts = [0u32; 3];
    let mut count = 0;
    for part in text.split(['-', '/', '.', '年', '月', '日', ' ']).filter(|part| !part.is_empty()) {
        if count == 3 || part.len() > 4 || !part.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        parts[count] = part.parse().ok()?;
        count += 1;
    }
    if count != 3 {
        return None;
    }
    let [a, b, c] = parts;
    match order {
        _ if a >= 1900 => day_of(a, b, c),
        DateOrder::YearMonthDay => None,
        DateOrder::DayMonthYear => day_of(c, b, a),
        DateOrder::MonthDayYear => day_of(c, a, b),
    }
}

fn without_time(text: &str) -> &str {
    match text.split_once(['T', ' ']) {
        Some((day, time)) if time.contains(':') => day.trim(),
        _ => text.trim(),
    }
}

/// An amount in the smallest step: plain digits, thousands separators, a currency sign; brackets are a minus.
pub(super) fn amount(text: &str, digits: u32, decimal_comma: bool) -> Result<i64, Code> {
    if !decimal_comma && let Ok(value) = parse_scaled(text, digits) {
        return Ok(value);
    }
    let mut plain: String = text.chars().filter(|c| !c.is_whitespace() && *c != '\u{a0}').map(narrow).collect();
    for sign in ["¥", "$", "€", "元"] {
        plain = plain.replace(sign, "");
    }
    let letters = |c: char| c.is_ascii_alphabetic();
    let bare = plain.trim_matches(letters);
    let dropped = plain.len() - bare.len();
    if dropped != 0 && dropped != 3 {
        return Err("bad_amount");
    }
    let mut plain = bare.to_string();
    if let Some(inside) = plain.strip_prefix('(').and_then(|p| p.strip_suffix(')')) {
        plain = format!("-{inside}");
    }
    if decimal_comma {
        plain = plain.replace('.', "").replace(',', ".");
    }
    parse_scaled(&plain, digits).map_err(|error| match error {
        AmountError::TooPrecise => "too_precise",
        AmountError::TooLarge => "too_large",
        AmountError::NotANumber | AmountError::Currency => "bad_amount",
    })
}

fn narrow(c: char) -> char {
    match c {
        '￥' => '¥',
        '＄' => '$',
        '！'..='～' => char::from_u32(c as u32 - 0xFEE0).unwrap_or(c),
        other => other,
    }
}

/// An exact decimal: `0.5`, `50%`, `50 %`.
pub(super) fn decimal(text: &str, decimal_comma: bool) -> Result<Decimal, Code> {
    let narrow: String = text.chars().filter(|c| !c.is_whitespace()).map(narrow).collect();
    let (number, hundredth) = match narrow.strip_suffix('%') {
        Some(number) => (number.to_string(), true),
        None => (narrow, false),
    };
    let number = if decimal_comma { number.replace(',', ".") } else { number };
    if number.len() > 30 || !number.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+')) {
        return Err("bad_number");
    }
    let value: Decimal = number.parse().map_err(|_| "bad_number")?;
    if hundredth {
        return value.checked_div(Decimal::ONE_HUNDRED).map(|v| v.normalize()).ok_or("bad_number");
    }
    Ok(value.normalize())
}

/// A decimal in steps of 10^-`digits`; finer ones are too precise.
pub(super) fn scaled(text: &str, digits: u32, decimal_comma: bool) -> Result<i64, Code> {
    let value = decimal(text, decimal_comma)?;
    let steps = value.checked_mul(Decimal::from(10i64.pow(digits))).ok_or("too_large")?;
    if !steps.fract().is_zero() {
        return Err("too_precise");
    }
    i64::try_from(steps.trunc().mantissa() / 10i128.pow(steps.trunc().scale())).map_err(|_| "too_large")
}

/// Yes or no; an empty cell is no.
pub(super) fn yes(text: &str) -> Result<bool, Code> {
    match text.to_lowercase().as_str() {
        "" | "false" | "no" | "n" | "0" | "否" | "未锁定" => Ok(false),
        "true" | "yes" | "y" | "1" | "是" | "锁定" | "已锁定" => Ok(true),
        _ => Err("bad_value"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_as_people_write_them() {
        let day = |y, m, d| NaiveDate::from_ymd_opt(y, m, d).unwrap();
        for (text, order, expected) in [
            ("2026-09-01", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("2026/9/1", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("2026.9.1", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("2026年9月1日", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("20260901", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("46266", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("46266.5", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("2026-09-01 10:30:00", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("2026-09-01T10:30:00+08:00", DateOrder::YearMonthDay, Some(day(2026, 9, 1))),
            ("01/09/2026", DateOrder::DayMonthYear, Some(day(2026, 9, 1))),
            ("09/01/2026", DateOrder::MonthDayYear, Some(day(2026, 9, 1))),
            ("2026-09-01", DateOrder::DayMonthYear, Some(day(2026, 9, 1))),
            ("2026-02-30", DateOrder::YearMonthDay, None),
            ("2026-13-01", DateOrder::YearMonthDay, None),
            ("20261301", DateOrder::YearMonthDay, None),
            ("01/09/2026", DateOrder::YearMonthDay, None),
            ("yesterday", DateOrder::YearMonthDay, None),
            ("3", DateOrder::YearMonthDay, None),
            ("0026-09-01", DateOrder::YearMonthDay, None),
        ] {
            assert_eq!(date(text, order).ok(), expected, "{text}");
        }
    }

    #[test]
    fn amounts_as_people_write_them() {
        for (text, comma, expected) in [
            ("1234.56", false, Ok(123_456)),
            ("1,234.56", false, Ok(123_456)),
            ("¥1,234.56", false, Ok(123_456)),
            ("￥ 1,234.5", false, Ok(123_450)),
            ("CNY 12", false, Ok(1_200)),
            ("１２．５", false, Ok(1_250)),
            ("1.234,56", true, Ok(123_456)),
            ("(12.00)", false, Ok(-1_200)),
            ("-12", false, Ok(-1_200)),
            ("1.005", false, Err("too_precise")),
            ("1.500", false, Ok(150)),
            ("99999999999999999999", false, Err("too_large")),
            ("1,23.00", false, Err("bad_amount")),
            ("twelve", false, Err("bad_amount")),
            ("1e5", false, Err("bad_amount")),
        ] {
            assert_eq!(amount(text, 2, comma), expected, "{text}");
        }
    }

    #[test]
    fn shares_and_percentages() {
        assert_eq!(scaled("0.50", 6, false), Ok(500_000));
        assert_eq!(scaled("50 %", 6, false), Ok(500_000));
        assert_eq!(scaled("12.3456%", 6, false), Ok(123_456));
        assert_eq!(scaled("0.1234567", 6, false), Err("too_precise"));
        assert_eq!(decimal("0,5", true).unwrap().to_string(), "0.5");
        assert_eq!(decimal("1e3", false), Err("bad_number"));
    }
}
