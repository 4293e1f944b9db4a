//! Lines in words: which sentence, with which values. The texts are in the message files.

use super::line::{How, Line, Term, Written};
use super::reckon::Lack;
use super::sentences::{Sentence, decimal_of, exact_decimal, percent};
use crate::money::{Currency, Ratio};
use crate::plan::terms::Boundary;

/// Every code [`lines_in_words`] can give, with the params it carries.
pub const LINE_CODES: &[(&str, &[&str])] = &[
    ("payout.line_given", &["subject", "what", "value", "source"]),
    ("payout.line_sum", &["subject", "what", "terms", "value"]),
    ("payout.line_least", &["subject", "what", "terms", "value"]),
    ("payout.line_greatest", &["subject", "what", "terms", "value"]),
    ("payout.line_row", &["subject", "what", "left", "bound", "boundary", "value"]),
    ("payout.line_below", &["subject", "what", "left", "bound", "value"]),
    ("payout.line_between", &["subject", "what", "left", "from", "to", "value"]),
    ("payout.line_tiers", &["subject", "what", "left", "terms", "value"]),
    ("payout.line_reached", &["subject", "what", "left", "terms", "value"]),
    ("payout.line_holds", &["subject", "what", "left", "op", "bound", "value"]),
    ("payout.line_holds_not", &["subject", "what", "left", "op", "bound", "value"]),
    ("payout.line_rounded", &["subject", "what", "terms", "exact", "digits", "value"]),
];

/// Lines as a person would tell them, in order. Lines that only carry a figure on are left out.
pub fn lines_in_words(lines: &[Line], currency: Currency) -> Vec<Sentence> {
    lines.iter().filter_map(|line| in_words(line, lines, currency)).collect()
}

/// The same of the lines of one part: `commission.<id>` or `component.<metric>`.
pub fn part_in_words(lines: &[Line], part: &str, currency: Currency) -> Vec<Sentence> {
    let of = |line: &&Line| line.id.strip_prefix(part).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'));
    lines.iter().filter(of).filter_map(|line| in_words(line, lines, currency)).collect()
}

pub fn lacks_in_words(lacks: &[Lack]) -> Vec<Sentence> {
    let say = |code: &str, params: Vec<(String, String)>| Sentence { code: code.to_string(), params };
    let mut out = Vec::new();
    if !lacks.is_empty() {
        out.push(say("payout.no_amount", Vec::new()));
    }
    for lack in lacks {
        let plain = ["payout.lack_salary", "payout.lack_incentive"].contains(&lack.code.as_str());
        let params = if plain { Vec::new() } else { vec![("subject".into(), lack.subject.clone())] };
        out.push(say(&lack.code, params));
    }
    out
}

fn in_words(line: &Line, lines: &[Line], currency: Currency) -> Option<Sentence> {
    let first = line.terms.first()?;
    let value = text(line.value, line.written, currency);
    let left = text(first.value, first.written, currency);
    let head = [("subject", line.subject.clone()), ("what", format!("@payout.what.{}", line.what))];
    let say = |code: &str, more: Vec<(&str, String)>| {
        let params = head.iter().cloned().chain(more).map(|(key, value)| (key.to_string(), value)).collect();
        Some(Sentence { code: format!("payout.line_{code}"), params })
    };
    let joined = |sign: &str| {
        line.terms.iter().map(|term| term_text(term, currency)).collect::<Vec<_>>().join(&format!(" {sign} "))
    };
    let digits_of = |line: &Line| match line.written {
        Written::Percent => line.digits.map(|digits| digits.saturating_sub(2)),
        _ => line.digits,
    };
    if let (Some(digits), true) = (digits_of(line), line.exact != line.value) {
        let terms = match &line.how {
            How::Product => joined("×"),
            How::Quotient => joined("÷"),
            How::Difference => joined("−"),
            How::Sum => joined("+"),
            _ => left.clone(),
        };
        let exact = text(line.exact, line.written, currency);
        return say(
            "rounded",
            vec![("terms", terms), ("exact", exact), ("digits", digits.to_string()), ("value", value)],
        );
    }
    match &line.how {
        How::Given => {
            if ["two", "zero"].contains(&line.what.as_str()) {
                return None;
            }
            let source = if first.name.is_empty() { "@payout.name.input".to_string() } else { first.name.clone() };
            say("given", vec![("value", value), ("source", source)])
        }
        How::Sum
            if line.terms.len() == 1 && first.line.is_some() && !["earned", "paid"].contains(&line.what.as_str()) =>
        {
            None
        }
        How::Sum => say("sum", vec![("terms", joined("+")), ("value", value)]),
        How::Difference => say("sum", vec![("terms", joined("−")), ("value", value)]),
        How::Product => say("sum", vec![("terms", joined("×")), ("value", value)]),
        How::Quotient => say("sum", vec![("terms", joined("÷")), ("value", value)]),
        How::Least => say("least", vec![("terms", joined(" , ")), ("value", value)]),
        How::Greatest => say("greatest", vec![("terms", joined(" , ")), ("value", value)]),
        How::Row { rows, boundary, .. } => {
            let reached = rows.iter().enumerate().rev().find(|(index, (bound, _))| {
                *index == 0 && *bound == Ratio::ZERO
                    || match boundary {
                        Boundary::Upper => first.value >= *bound,
                        Boundary::Lower => first.value > *bound,
                    }
            });
            let bound = |ratio: Ratio| text(ratio, first.written, currency);
            match reached {
                Some((_, (from, _))) => {
                    let boundary = format!("@payout.boundary.{}", boundary.name());
                    say("row", vec![("left", left), ("bound", bound(*from)), ("boundary", boundary), ("value", value)])
                }
                None => {
                    let lowest = rows.first().map_or(Ratio::ZERO, |(from, _)| *from);
                    say("below", vec![("left", left), ("bound", bound(lowest)), ("value", value)])
                }
            }
        }
        How::Between { rows, .. } => {
            let bound = |ratio: Ratio| text(ratio, first.written, currency);
            let at = rows.iter().rposition(|(from, _)| first.value >= *from);
            match at {
                Some(at) => {
                    let from = bound(rows[at].0);
                    let to = rows.get(at + 1).map_or_else(|| "∞".to_string(), |(to, _)| bound(*to));
                    say("between", vec![("left", left), ("from", from), ("to", to), ("value", value)])
                }
                None => {
                    let lowest = rows.first().map_or(Ratio::ZERO, |(from, _)| *from);
                    say("below", vec![("left", left), ("bound", bound(lowest)), ("value", value)])
                }
            }
        }
        How::Tiers { rows } => {
            let rate = if line.written == Written::Percent || first.written == Written::Money {
                Written::Percent
            } else {
                Written::Number
            };
            let mut parts = Vec::new();
            for (index, (from, value)) in rows.iter().enumerate() {
                let upper = rows.get(index + 1).map_or(first.value, |(next, _)| first.value.min(*next));
                let part = upper.add(Ratio { num: -from.num, den: from.den }).unwrap_or(Ratio::ZERO);
                if part > Ratio::ZERO || (index == 0 && first.value < Ratio::ZERO) {
                    parts.push(format!("{} × {}", text(part, first.written, currency), text(*value, rate, currency)));
                }
            }
            let terms = if parts.is_empty() { "0".to_string() } else { parts.join(" + ") };
            say("tiers", vec![("left", left), ("terms", terms), ("value", value)])
        }
        How::Reached { rows, .. } => {
            let parts: Vec<String> = rows
                .iter()
                .filter(|(from, _)| first.value >= *from)
                .map(|(_, value)| text(*value, line.written, currency))
                .collect();
            let terms = if parts.is_empty() { "0".to_string() } else { parts.join(" + ") };
            say("reached", vec![("left", left), ("terms", terms), ("value", value)])
        }
        How::When { op, bound, .. } => {
            let holds = op.holds(&first.value, bound);
            let bound = text(*bound, first.written, currency);
            let code = if holds { "holds" } else { "holds_not" };
            let left = source_text(first, lines, currency);
            say(code, vec![("left", left), ("op", op.sign().to_string()), ("bound", bound), ("value", value)])
        }
    }
}

fn source_text(term: &Term, _: &[Line], currency: Currency) -> String {
    text(term.value, term.written, currency)
}

/// A term; a given one that has a name says it.
fn term_text(term: &Term, currency: Currency) -> String {
    let value = text(term.value, term.written, currency);
    if term.name.is_empty() || term.name.starts_with('@') { value } else { format!("{value} ({})", term.name) }
}

/// A figure as it is read; one that decimals cannot hold shows more of them.
pub(super) fn text(value: Ratio, written: Written, currency: Currency) -> String {
    match written {
        Written::Money => {
            let digits = currency.digits();
            exact_decimal(value, digits, 12).unwrap_or_else(|| format!("{}…", decimal_of(value, digits + 4)))
        }
        Written::Percent => format!("{} %", percent(value, 0, 6)),
        Written::Points => exact_decimal(value, 2, 6).unwrap_or_else(|| format!("{}…", decimal_of(value, 4))),
        Written::Count | Written::Number => match exact_decimal(value, 0, 6) {
            Some(text) => text,
            None => {
                let reduced = value.reduced();
                format!("{}/{}", reduced.num, reduced.den)
            }
        },
    }
}
