//! Scales. Owns where grid lines lie and how a value is written, on the scale and exactly.
//!
//! Deliberately absent: rounding of anything but a scale label, and languages (grouping by comma is the same in both).

/// The value scale, in smallest units.
#[derive(Debug)]
pub(super) struct ValueAxis {
    pub low: i128,
    pub high: i128,
    /// Grid lines, rising, zero among them.
    pub ticks: Vec<i128>,
}

/// A scale of round steps that holds zero and every one of `values`: at most `steps` of them, one more where zero lies between.
///
/// plotters' own choice of key points is not taken: for few lines it lands on steps like 16.8.
pub(super) fn value_axis(values: impl Iterator<Item = i64>, steps: usize) -> ValueAxis {
    let (low, high) =
        values.map(i128::from).fold((0, 0), |(low, high), value| (low.min(value), i128::max(high, value)));
    if low == high {
        return ValueAxis { low: 0, high: 1, ticks: vec![0] };
    }
    let step = round_step(high - low, steps);
    let (below, above) = (low.div_euclid(step), -(-high).div_euclid(step));
    // A round end looks better, an empty quarter of the plot does not.
    let round = |end: i128, line: i128| if (line * step - end).abs() * 4 <= high - low { line * step } else { end };
    let (low, high) = (round(low, below), round(high, above));
    let ticks = (below..=above).map(|line| line * step).filter(|tick| (low..=high).contains(tick)).collect();
    ValueAxis { low, high, ticks }
}

/// The smallest of 1, 2, 5, 10, 20 … that covers `span` in at most `steps`.
fn round_step(span: i128, steps: usize) -> i128 {
    let mut power = 1;
    loop {
        for step in [power, power * 2, power * 5] {
            if step * steps as i128 >= span {
                return step;
            }
        }
        power *= 10;
    }
}

/// What is written beside each grid line, in scale units: all with the same number of digits after the point, as few as
/// are exact (rounded half away from zero after six).
pub(super) fn tick_labels(ticks: &[i128], minor_per_unit: i64) -> Vec<String> {
    let unit = i128::from(minor_per_unit);
    let exact = |digits: &u32| ticks.iter().all(|tick| tick * 10_i128.pow(*digits) % unit == 0);
    let digits = (0..6).find(exact).unwrap_or(6);
    let power = 10_i128.pow(digits);
    ticks
        .iter()
        .map(|tick| {
            let scaled = divide_rounded(tick * power, unit);
            let (whole, rest) =
                (scaled.unsigned_abs() / power.unsigned_abs(), scaled.unsigned_abs() % power.unsigned_abs());
            let mut label = String::new();
            if scaled < 0 {
                label.push('−');
            }
            push_grouped(&mut label, whole);
            if digits > 0 {
                label.push_str(&format!(".{rest:0width$}", width = digits as usize));
            }
            label
        })
        .collect()
}

/// Quotient rounded half away from zero; `divisor` positive.
pub(super) fn divide_rounded(value: i128, divisor: i128) -> i128 {
    let half_up = (value.abs() * 2 + divisor) / (divisor * 2);
    if value < 0 { -half_up } else { half_up }
}

fn push_grouped(out: &mut String, number: u128) {
    let digits = number.to_string();
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
}

/// The exact value of `minor` smallest units with `decimals` digits after the point: 1234, 2 → `12.34`.
pub(super) fn decimal(minor: i64, decimals: u8) -> String {
    let digits = usize::from(decimals);
    let mut text = String::with_capacity(24);
    if minor < 0 {
        text.push('-');
    }
    let mut buffer = [b'0'; 24];
    let (mut rest, mut at) = (minor.unsigned_abs(), buffer.len());
    while rest > 0 {
        at -= 1;
        buffer[at] = b'0' + (rest % 10) as u8;
        rest /= 10;
    }
    let at = at.min(buffer.len() - digits - 1);
    for (index, digit) in buffer[at..].iter().enumerate() {
        if digits > 0 && index + digits == buffer.len() - at {
            text.push('.');
        }
        text.push(char::from(*digit));
    }
    text
}

/// Width of `text` at the chart's type size, CSS px: an estimate on the wide side, as no font is at hand.
pub(super) fn text_width(text: &str) -> f64 {
    text.chars().map(character_width).sum::<f64>() * super::LABEL_PX
}

fn character_width(character: char) -> f64 {
    match character {
        '.' | ',' | ' ' | 'i' | 'l' | 'j' | '\'' | ':' | '|' => 0.31,
        'm' | 'w' | 'M' | 'W' | '%' | '@' | '−' => 0.9,
        'A'..='Z' | '¥' | '&' => 0.68,
        '\u{0}'..='\u{2ff}' => 0.58,
        _ => 1.0,
    }
}

/// `text`, cut with an ellipsis where it is wider than `room` CSS px.
pub(super) fn fit(text: &str, room: f64) -> String {
    if text_width(text) <= room {
        return text.to_owned();
    }
    let mut cut = String::new();
    let mut width = super::LABEL_PX;
    for character in text.chars() {
        width += character_width(character) * super::LABEL_PX;
        if width > room {
            break;
        }
        cut.push(character);
    }
    cut.push('…');
    cut
}
