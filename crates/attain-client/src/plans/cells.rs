//! Cells of a plan run's inputs: amounts, ratios, shares, dates, periods and events as people write them, read exactly.

use attain_domain::metric::Unit;
use attain_domain::money::Ratio;
use attain_domain::order::OrderEvent;
use attain_domain::period::{Month, Period};
use chrono::NaiveDate;

/// From when on something counts that has no date.
pub(super) const FIRST_DAY: NaiveDate = match NaiveDate::from_ymd_opt(1900, 1, 1) {
    Some(day) => day,
    None => NaiveDate::MIN,
};

/// What stands for a currency in an amount, longer before shorter, and whose it may be.
const MARKS: &[(&str, &[&str])] = &[
    ("us$", &["USD"]),
    ("hk$", &["HKD"]),
    ("nt$", &["TWD"]),
    ("美元", &["USD"]),
    ("港元", &["HKD"]),
    ("欧元", &["EUR"]),
    ("日元", &["JPY"]),
    ("英镑", &["GBP"]),
    ("人民币", &["CNY"]),
    ("rmb", &["CNY"]),
    ("¥", &["CNY", "JPY"]),
    ("￥", &["CNY", "JPY"]),
    ("$", &["USD", "HKD", "SGD", "AUD", "CAD", "NZD", "TWD"]),
    ("€", &["EUR"]),
    ("£", &["GBP"]),
    ("元", &["CNY", "HKD", "TWD"]),
];
const CODES: &[&str] = &[
    "CNY", "USD", "EUR", "GBP", "JPY", "HKD", "SGD", "AUD", "CAD", "NZD", "TWD", "MOP", "KRW", "INR", "CHF", "SEK",
    "NOK", "DKK", "PLN", "CZK", "HUF", "RUB", "TRY", "AED", "SAR", "QAR", "KWD", "BHD", "OMR", "JOD", "TND", "ILS",
    "ZAR", "BRL", "MXN", "CLP", "ARS", "COP", "THB", "VND", "IDR", "MYR", "PHP", "ISK", "EGP",
];

/// An amount without its signs and codes of currency, and for each of them the currencies it may be.
pub(super) fn unmarked(text: &str) -> (String, Vec<Vec<&'static str>>) {
    let mut text = text.to_lowercase();
    let mut marks = Vec::new();
    for (mark, of) in MARKS {
        if text.contains(mark) {
            marks.push(of.to_vec());
            text = text.replace(mark, "");
        }
    }
    for code in CODES {
        let small = code.to_lowercase();
        if text.contains(&small) {
            marks.push(vec![*code]);
            text = text.replace(&small, "");
        }
    }
    (text, marks)
}

/// `1,250.50`, `12.5万`, `(300)` for −300; exact.
pub(super) fn number(text: &str) -> Option<Ratio> {
    let mut text: String = text.chars().filter(|c| !c.is_whitespace()).collect::<String>().to_lowercase();
    let mut negative = false;
    if let Some(inside) = text.strip_prefix('(').and_then(|t| t.strip_suffix(')')) {
        (negative, text) = (true, inside.to_string());
    }
    let units = [("亿", 100_000_000), ("万", 10_000), ("m", 1_000_000), ("k", 1_000)];
    let (digits, factor) = units
        .iter()
        .find_map(|(unit, factor)| text.strip_suffix(unit).map(|digits| (digits.to_string(), *factor)))
        .unwrap_or((text, 1i128));
    let body = match digits.strip_prefix('-') {
        Some(rest) => {
            negative = !negative;
            rest
        }
        None => digits.strip_prefix('+').unwrap_or(&digits),
    };
    let (whole, fraction) = body.split_once('.').unwrap_or((body, ""));
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let grouped = !whole.contains(',') || first.len() <= 3 && !first.is_empty() && groups.all(|group| group.len() == 3);
    let plain: String = whole.replace(',', "");
    let numeric = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if !grouped || plain.is_empty() && fraction.is_empty() || !numeric(&plain) || !numeric(fraction) {
        return None;
    }
    if plain.len() > 15 || fraction.len() > 10 {
        return None;
    }
    let value: i128 = format!("0{plain}{fraction}").parse().ok()?;
    let den = 10i128.checked_pow(u32::try_from(fraction.len()).ok()?)?;
    let num = value.checked_mul(factor)?;
    Some(Ratio { num: if negative { -num } else { num }, den })
}

/// `75/90`
pub(super) fn fraction(text: &str) -> Option<(Ratio, Ratio)> {
    let (num, den) = text.split_once('/')?;
    Some((number(num)?, number(den)?))
}

/// Whether a ratio is over nothing.
pub(super) fn over_zero(text: &str) -> bool {
    fraction(text).is_some_and(|(_, den)| den == Ratio::ZERO)
}

fn percent(text: &str) -> Option<Ratio> {
    let value = number(text.trim_end().strip_suffix(['%', '％'])?)?;
    Some(Ratio { num: value.num, den: value.den.checked_mul(100)? })
}

/// A figure in its unit. A ratio is a fraction, a percentage, or a decimal of at most 1.
pub(super) fn figure(text: &str, unit: Unit) -> Option<Ratio> {
    if let Some((num, den)) = fraction(text) {
        // Kept as it was written, so that parts of a period add up.
        return if num.den == 1 && den.den == 1 { Ratio::new(num.num, den.num) } else { num.div(den) };
    }
    match unit {
        Unit::Ratio => {
            percent(text).or_else(|| number(text).filter(|value| *value <= Ratio::ONE && *value >= Ratio::ZERO))
        }
        Unit::Money | Unit::Count | Unit::Score => number(text),
    }
}

/// Of a deal or of full time, at most the whole: `50 %`, `0.5`, `1/3`. A bare 1.5 could be meant either way.
pub(super) fn share(text: &str) -> Option<Ratio> {
    let value = match fraction(text) {
        Some((num, den)) => num.div(den)?,
        None => percent(text).or_else(|| number(text))?,
    };
    (value >= Ratio::ZERO && value <= Ratio::ONE).then_some(value)
}

/// The row in which a quote opens that nothing closes; a lone quote would take in all that follows.
pub(super) fn unclosed(text: &str, delimiter: char) -> Option<u64> {
    let (mut row, mut opened, mut start, mut quoted, mut comment) = (1, 1, true, false, false);
    let mut line = true;
    for sign in text.chars() {
        if sign == '\n' {
            row += 1;
        }
        if comment {
            comment = sign != '\n';
        } else if quoted {
            // A doubled quote closes and opens again.
            quoted = sign != '"';
            start = !quoted;
            continue;
        } else if line && sign == '#' {
            comment = true;
        } else if sign == '"' && start {
            (quoted, opened, line) = (true, row, false);
            continue;
        }
        line = matches!(sign, '\n' | '\r');
        start = line || sign == delimiter;
    }
    quoted.then_some(opened)
}

/// `2026-08-31`, `2026/8/31`, `20260831`, `2026年8月31日`.
pub(super) fn date(text: &str) -> Option<NaiveDate> {
    let plain = text.trim().split(['T', ' ']).next()?.replace(['/', '.', '年', '月'], "-").replace('日', "");
    let parts: Vec<&str> = plain.split('-').collect();
    let of = |year: &str, month: &str, day: &str| {
        NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
    };
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 => of(year, month, day),
        [digits] if digits.len() == 8 && digits.is_ascii() => of(&digits[..4], &digits[4..6], &digits[6..]),
        _ => None,
    }
}

/// `2026-08`, `2026/8`, `202608`, `2026年8月`; `2026-Q3`, `2026Q3`, `Q3 2026`; `2026`. A date is in its month.
pub(super) fn period(text: &str) -> Option<Period> {
    let plain = text.trim().to_uppercase();
    if let Ok(period) = plain.parse() {
        return Some(period);
    }
    if let Some((before, after)) = plain.split_once('Q') {
        let trim = |t: &str| t.trim_matches(['-', ' ', '/', '.']).to_string();
        let (before, after) = (trim(before), trim(after));
        let (year, quarter) = if before.len() == 4 {
            (before, after)
        } else {
            let (quarter, year) = after.split_at_checked(1)?;
            (trim(year), quarter.to_string())
        };
        return format!("{year}-Q{quarter}").parse().ok();
    }
    let digits = plain.replace(['/', '.', '年'], "-").replace('月', "");
    let parts: Vec<&str> = digits.split('-').collect();
    let month = |year: &str, month: &str| -> Option<Period> {
        let (year, month) = (year.parse::<i32>().ok()?, month.parse::<u32>().ok()?);
        ((1..=12).contains(&month) && (1900..=2999).contains(&year)).then_some(Period::Month(Month { year, month }))
    };
    match parts.as_slice() {
        [year, m] if year.len() == 4 => month(year, m),
        [digits] if digits.len() == 6 && digits.is_ascii() => month(&digits[..4], &digits[4..]),
        [_, _, _] => {
            let day = date(text)?;
            use chrono::Datelike;
            Some(Period::Month(Month { year: day.year(), month: day.month() }))
        }
        _ => None,
    }
}

pub(super) fn event(text: &str) -> Option<OrderEvent> {
    Some(match text.trim().to_lowercase().replace([' ', '-'], "_").as_str() {
        "booked" | "booking" | "sale" | "sold" | "signed" | "order" | "签约" | "下单" | "成交" => {
            OrderEvent::Booked
        }
        "invoiced" | "invoice" | "billed" | "开票" => OrderEvent::Invoiced,
        "collected" | "paid" | "payment" | "cash" | "回款" | "收款" => OrderEvent::Collected,
        "cancelled" | "canceled" | "void" | "credit_note" | "credit_memo" | "取消" | "贷项" => {
            OrderEvent::Cancelled
        }
        "refunded" | "refund" | "return" | "returned" | "退款" | "退货" => OrderEvent::Refunded,
        _ => return None,
    })
}

/// A user's text, at a length fit to be quoted back.
pub(super) fn shortened(text: &str) -> String {
    match text.char_indices().nth(400) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_string(),
    }
}
