//! A derivation as a list of small sums: each line names what it reckons, from which figures, how, and to how many
//! decimals.
//!
//! Owns: the lines, the arithmetic each may do, and doing it again. Absent on purpose: which lines a plan makes
//! (`reckon.rs`) and their words (`line_words.rs`).

use serde::{Deserialize, Serialize};

use super::PayoutError;
use super::arithmetic::round_to;
use crate::money::Ratio;
use crate::plan::Comparison;
use crate::plan::terms::Boundary;

/// How a figure of a line is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Written {
    Money,
    Percent,
    Points,
    Count,
    Number,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Line {
    /// Unique among the lines, e.g. `component.sales_amount.attainment`.
    pub id: String,
    /// What is reckoned; its words are `payout.what.…`.
    pub what: String,
    /// Of what: a metric, commission, deal or period; `@` and a message key, a plain text, or empty.
    pub subject: String,
    pub how: How,
    pub terms: Vec<Term>,
    pub exact: Ratio,
    /// Decimals it is rounded to, half away from zero; exact when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub digits: Option<u32>,
    pub value: Ratio,
    pub written: Written,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Term {
    /// The line it comes from; a given figure when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What a given figure is.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub name: String,
    pub value: Ratio,
    pub written: Written,
}

/// The arithmetic of one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "do", rename_all = "snake_case")]
pub enum How {
    /// The one figure as it was given.
    Given,
    Sum,
    /// The first less the others.
    Difference,
    Product,
    Quotient,
    Least,
    Greatest,
    /// The row of a table that the figure reaches.
    Row {
        rows: Vec<(Ratio, Ratio)>,
        boundary: Boundary,
        below: Ratio,
    },
    /// Between two rows of a table, on the straight line.
    Between {
        rows: Vec<(Ratio, Ratio)>,
        below: Ratio,
    },
    /// Each tier's rate on what lies in it, added up.
    Tiers {
        rows: Vec<(Ratio, Ratio)>,
    },
    /// The values of all rows reached, added up.
    Reached {
        rows: Vec<(Ratio, Ratio)>,
        boundary: Boundary,
    },
    /// One of two factors by whether a condition holds.
    When {
        op: Comparison,
        bound: Ratio,
        holds: Ratio,
        otherwise: Ratio,
    },
}

/// A figure that exists, for the lines after it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub value: Ratio,
    pub written: Written,
    pub line: usize,
}

/// Whether a figure reaches a bound. A table that begins at 0 also takes what is below 0.
fn reaches(value: Ratio, bound: Ratio, first: bool, boundary: Boundary) -> bool {
    if first && bound == Ratio::ZERO {
        return true;
    }
    match boundary {
        Boundary::Upper => value >= bound,
        Boundary::Lower => value > bound,
    }
}

fn minus(a: Ratio, b: Ratio) -> Option<Ratio> {
    a.add(Ratio { num: b.num.checked_neg()?, den: b.den })
}

/// Does a line's arithmetic; `None` is an overflow or a division by zero.
pub(super) fn work_out(how: &How, terms: &[Ratio]) -> Option<Ratio> {
    let first = *terms.first()?;
    let rest = terms.get(1..)?;
    match how {
        How::Given => rest.is_empty().then_some(first),
        How::Sum => rest.iter().try_fold(first, |sum, term| sum.add(*term)),
        How::Difference => rest.iter().try_fold(first, |sum, term| minus(sum, *term)),
        How::Product => rest.iter().try_fold(first, |product, term| product.mul(*term)),
        How::Quotient => rest.iter().try_fold(first, |left, term| left.div(*term)),
        How::Least => terms.iter().min().copied(),
        How::Greatest => terms.iter().max().copied(),
        How::Row { rows, boundary, below } => Some(
            rows.iter()
                .enumerate()
                .rev()
                .find(|(index, (bound, _))| reaches(first, *bound, *index == 0, *boundary))
                .map_or(*below, |(_, (_, value))| *value),
        ),
        How::Between { rows, below } => {
            let Some(at) = rows.iter().rposition(|(bound, _)| first >= *bound) else {
                return Some(match rows.first() {
                    Some((bound, value)) if *bound == Ratio::ZERO => *value,
                    _ => *below,
                });
            };
            let (from, value) = rows[at];
            let Some((to, next)) = rows.get(at + 1) else { return Some(value) };
            let share = minus(first, from)?.div(minus(*to, from)?)?;
            value.add(minus(*next, value)?.mul(share)?)
        }
        How::Tiers { rows } => {
            let mut sum = Ratio::ZERO;
            for (index, (from, rate)) in rows.iter().enumerate() {
                let upper = rows.get(index + 1).map(|(next, _)| first.min(*next)).unwrap_or(first);
                let negative = index == 0 && *from == Ratio::ZERO && first < Ratio::ZERO;
                if upper > *from || negative {
                    sum = sum.add(minus(upper, *from)?.mul(*rate)?)?;
                }
            }
            Some(sum)
        }
        How::Reached { rows, boundary } => rows
            .iter()
            .enumerate()
            .filter(|(index, (bound, _))| reaches(first, *bound, *index == 0, *boundary))
            .try_fold(Ratio::ZERO, |sum, (_, (_, value))| sum.add(*value)),
        How::When { op, bound, holds, otherwise } => Some(if op.holds(&first, bound) { *holds } else { *otherwise }),
    }
}

/// Rounded to so many decimals.
pub(super) fn rounded(exact: Ratio, digits: Option<u32>) -> Option<Ratio> {
    match digits {
        None => Some(exact),
        Some(digits) => Some(Ratio { num: round_to(exact, digits)?, den: 10i128.checked_pow(digits)? }),
    }
}

/// The lines as they are written.
#[derive(Debug, Clone, Default)]
pub(super) struct Sheet {
    pub lines: Vec<Line>,
}

impl Sheet {
    /// A figure that came from outside.
    pub fn given(
        &mut self,
        id: String,
        what: &str,
        subject: &str,
        name: &str,
        value: Ratio,
        written: Written,
    ) -> Result<Known, PayoutError> {
        let term = Term { line: None, name: name.to_string(), value, written };
        self.write(id, what, subject, How::Given, vec![term], written, None)
    }

    /// A figure from earlier lines.
    #[allow(clippy::too_many_arguments)]
    pub fn line(
        &mut self,
        id: String,
        what: &str,
        subject: &str,
        how: How,
        of: &[&Known],
        written: Written,
        digits: Option<u32>,
    ) -> Result<Known, PayoutError> {
        let terms = of
            .iter()
            .map(|known| Term {
                line: Some(known.line),
                name: String::new(),
                value: known.value,
                written: known.written,
            })
            .collect();
        self.write(id, what, subject, how, terms, written, digits)
    }

    #[allow(clippy::too_many_arguments)]
    pub fn write(
        &mut self,
        id: String,
        what: &str,
        subject: &str,
        how: How,
        terms: Vec<Term>,
        written: Written,
        digits: Option<u32>,
    ) -> Result<Known, PayoutError> {
        let values: Vec<Ratio> = terms.iter().map(|term| term.value).collect();
        let exact = work_out(&how, &values).ok_or(PayoutError::Overflow)?;
        let value = rounded(exact, digits).ok_or(PayoutError::Overflow)?;
        let line = self.lines.len();
        let (what, subject) = (what.to_string(), subject.to_string());
        self.lines.push(Line { id, what, subject, how, terms, exact, digits, value, written });
        Ok(Known { value, written, line })
    }
}

/// Whether a line follows from those before it.
pub(super) fn follows(line: &Line, before: &[&Line]) -> bool {
    let sources = line.terms.iter().all(|term| match term.line {
        None => true,
        Some(at) => before.get(at).is_some_and(|source| source.value == term.value),
    });
    let values: Vec<Ratio> = line.terms.iter().map(|term| term.value).collect();
    let again = work_out(&line.how, &values);
    sources && again == Some(line.exact) && rounded(line.exact, line.digits) == Some(line.value)
}
