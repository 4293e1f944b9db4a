//! A person's periods one after another: what each earned, what it corrects of earlier ones, draws, and what is paid.
//!
//! Owns: adjustments and clawbacks, draws and their balance. Absent on purpose: closing and storing (the store's).

use serde::{Deserialize, Serialize};

use super::PayoutError;
use super::line::{How, Known, Line, Sheet, Term, Written};
use super::reckon::{Earned, Lack, Reckoning, earned, exact, money};
use super::record::{Record, in_order};
use crate::money::{Money, Ratio};
use crate::period::{FiscalCalendar, Period};
use crate::plan::Plan;
use crate::plan::terms::{Draw, RefundRule, Terms};

/// A correction of an earlier period, paid or recovered in this one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adjustment {
    /// The period it corrects.
    pub corrects: Period,
    /// The deal whose late event or refund it is for.
    pub deal: String,
    pub clawback: bool,
    /// What that period came to before, and comes to now.
    pub was: Money,
    pub is: Money,
    pub amount: Money,
}

/// One period of a person's account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Statement {
    pub period: Period,
    /// What the period itself earned; `None` while something lacks.
    pub earned: Option<Money>,
    pub score: Option<rust_decimal::Decimal>,
    pub adjustments: Vec<Adjustment>,
    /// Paid in advance, recovered of earlier advances, and still owed after it.
    pub advanced: Money,
    pub recovered: Money,
    pub owed: Money,
    /// Gross, all together.
    pub paid: Option<Money>,
    pub lacks: Vec<Lack>,
    pub lines: Vec<Line>,
}

/// What a plan pays a person in each of some periods, in order; refunds and late events correct the earlier ones among
/// them.
///
/// Errors: figures beyond 128-bit fractions.
pub fn account(plan: &Plan, record: &Record, periods: &[Period]) -> Result<Vec<Statement>, PayoutError> {
    let fiscal = record.fiscal;
    let mut record = record.clone();
    in_order(&mut record.deals);
    let terms = plan.terms();
    let mut periods = periods.to_vec();
    periods.sort_by_key(|period| period.first_month());
    periods.dedup();
    let mut statements: Vec<Statement> = Vec::new();
    let mut owed = record.owed;
    for (index, period) in periods.iter().enumerate() {
        let range = fiscal.range(*period);
        let known = record.deals.iter().take_while(|deal| deal.known < range.until).count();
        let before_year = paid_in_year(&statements, &record, *period)?;
        let own = earned(plan, &record, *period, known, before_year)?;
        let adjustments = adjustments(plan, &terms, &record, fiscal, &periods[..index], *period, known, &statements)?;
        let statement = settle(&terms, &record, fiscal, own, adjustments, &mut owed)?;
        statements.push(statement);
    }
    Ok(statements)
}

fn paid_in_year(statements: &[Statement], record: &Record, period: Period) -> Reckoning<Ratio> {
    let same =
        statements.iter().filter(|s| s.period.year() == period.year() && s.period.first_month() < period.first_month());
    same.filter_map(|s| s.earned).map(whole).try_fold(record.paid_this_year, Ratio::add).ok_or(PayoutError::Overflow)
}

pub(super) fn whole(money: Money) -> Ratio {
    Ratio { num: i128::from(money.minor), den: 10i128.pow(money.currency.digits()) }
}

/// What events that became known in this period change in earlier ones, event by event.
#[allow(clippy::too_many_arguments)]
fn adjustments(
    plan: &Plan,
    terms: &Terms,
    record: &Record,
    fiscal: FiscalCalendar,
    earlier: &[Period],
    period: Period,
    known: usize,
    statements: &[Statement],
) -> Reckoning<Vec<Adjustment>> {
    let range = fiscal.range(period);
    let from = match earlier.last() {
        Some(last) => fiscal.range(*last).until,
        None => return Ok(Vec::new()),
    };
    let mut found = Vec::new();
    for index in 0..known {
        let event = &record.deals[index];
        if event.known < from || event.known >= range.until {
            continue;
        }
        let reaches_back =
            event.date < range.from || event.takes_back() && terms.refunds.rule == RefundRule::SalePeriod;
        if !reaches_back {
            continue;
        }
        for past in earlier {
            let paid_before = paid_in_year(statements, record, *past)?;
            let was = earned(plan, record, *past, index, paid_before)?.amount;
            let is = earned(plan, record, *past, index + 1, paid_before)?.amount;
            let (Some(was), Some(is)) = (was, is) else { continue };
            let difference = is.minor.checked_sub(was.minor).ok_or(PayoutError::Overflow)?;
            if difference == 0 {
                continue;
            }
            let clawback = event.takes_back();
            let amount = if clawback {
                let exact = whole(Money::new(difference, is.currency)).mul(exact(terms.refunds.share));
                money(exact.ok_or(PayoutError::Overflow)?, is.currency)?
            } else {
                Money::new(difference, is.currency)
            };
            found.push(Adjustment { corrects: *past, deal: event.sale().to_string(), clawback, was, is, amount });
        }
    }
    Ok(found)
}

/// Puts together what a period pays.
fn settle(
    terms: &Terms,
    record: &Record,
    fiscal: FiscalCalendar,
    own: Earned,
    adjustments: Vec<Adjustment>,
    owed: &mut Ratio,
) -> Reckoning<Statement> {
    let currency = record.currency;
    let zero = Money::new(0, currency);
    let mut sheet = Sheet { lines: own.lines };
    let mut statement = Statement {
        period: own.period,
        earned: own.amount,
        score: own.score,
        adjustments,
        advanced: zero,
        recovered: zero,
        owed: money(*owed, currency)?,
        paid: None,
        lacks: own.lacks,
        lines: Vec::new(),
    };
    if let Some(amount) = own.amount {
        let line = sheet.lines.len().saturating_sub(1);
        let mut due = Known { value: whole(amount), written: Written::Money, line };
        if !statement.adjustments.is_empty() {
            let mut terms =
                vec![Term { line: Some(line), name: String::new(), value: due.value, written: Written::Money }];
            for adjustment in &statement.adjustments {
                let name = format!("{} {}", adjustment.corrects, adjustment.deal);
                terms.push(Term { line: None, name, value: whole(adjustment.amount), written: Written::Money });
            }
            due = sheet.write("adjusted".into(), "adjusted", "", How::Sum, terms, Written::Money, None)?;
        }
        if let Some(draw) = &terms.draw {
            due = draws(&mut sheet, terms, draw, record, fiscal, &mut statement, due, owed)?;
        }
        let paid =
            sheet.line("payout".into(), "paid", "", How::Sum, &[&due], Written::Money, Some(currency.digits()))?;
        statement.paid = Some(money(paid.value, currency)?);
    }
    statement.lines = sheet.lines;
    Ok(statement)
}

/// An advance up to the draw, or what is recovered of earlier advances.
#[allow(clippy::too_many_arguments)]
fn draws(
    sheet: &mut Sheet,
    terms: &Terms,
    draw: &Draw,
    record: &Record,
    fiscal: FiscalCalendar,
    statement: &mut Statement,
    due: Known,
    owed: &mut Ratio,
) -> Reckoning<Known> {
    let currency = record.currency;
    let from = fiscal.range(statement.period).from;
    let given = draw.until.is_none_or(|until| from < until);
    let amount = if given { exact(draw.amount) } else { Ratio::ZERO };
    let mut of = vec![Term { line: None, name: "@payout.name.plan".into(), value: amount, written: Written::Money }];
    let share = sheet.lines.iter().position(|line| line.id == "proration").filter(|_| terms.proration.limits);
    of.extend(share.map(|at| Term {
        line: Some(at),
        name: String::new(),
        value: sheet.lines[at].value,
        written: Written::Number,
    }));
    let digits = Some(currency.digits());
    let draw_line = sheet.write("draw".into(), "draw", "", How::Product, of, Written::Money, digits)?;
    let short = sheet.line(
        "draw.short".into(),
        "draw_short",
        "",
        How::Difference,
        &[&draw_line, &due],
        Written::Money,
        None,
    )?;
    if short.value > Ratio::ZERO {
        let mut advance = short;
        if let (true, Some(limit)) = (draw.recoverable, draw.limit) {
            let room = Term {
                line: None,
                name: "@payout.name.room".into(),
                value: exact(limit)
                    .add(Ratio { num: -owed.num, den: owed.den })
                    .ok_or(PayoutError::Overflow)?
                    .max(Ratio::ZERO),
                written: Written::Money,
            };
            let of = vec![
                Term { line: Some(advance.line), name: String::new(), value: advance.value, written: Written::Money },
                room,
            ];
            advance = sheet.write("draw.limited".into(), "draw_limited", "", How::Least, of, Written::Money, None)?;
        }
        statement.advanced = money(advance.value, currency)?;
        if draw.recoverable {
            *owed = owed.add(advance.value).ok_or(PayoutError::Overflow)?;
        }
        statement.owed = money(*owed, currency)?;
        return sheet.line("draw.paid".into(), "draw_paid", "", How::Sum, &[&due, &advance], Written::Money, None);
    }
    let recovers = draw.recoverable && *owed > Ratio::ZERO && draw.recover_from.is_none_or(|first| from >= first);
    if !recovers {
        return Ok(due);
    }
    let above = sheet.line(
        "draw.above".into(),
        "draw_above",
        "",
        How::Difference,
        &[&due, &draw_line],
        Written::Money,
        None,
    )?;
    let share = Term { line: None, name: String::new(), value: exact(draw.recover_share), written: Written::Percent };
    let of =
        vec![Term { line: Some(above.line), name: String::new(), value: above.value, written: Written::Money }, share];
    let able = sheet.write("draw.able".into(), "draw_able", "", How::Product, of, Written::Money, digits)?;
    let of = vec![
        Term { line: Some(able.line), name: String::new(), value: able.value, written: Written::Money },
        Term { line: None, name: "@payout.name.owed".into(), value: *owed, written: Written::Money },
    ];
    let recovered = sheet.write("draw.recovered".into(), "draw_recovered", "", How::Least, of, Written::Money, None)?;
    statement.recovered = money(recovered.value, currency)?;
    *owed = owed
        .add(Ratio { num: recovered.value.num.saturating_neg(), den: recovered.value.den })
        .ok_or(PayoutError::Overflow)?;
    statement.owed = money(*owed, currency)?;
    sheet.line("draw.paid".into(), "draw_repaid", "", How::Difference, &[&due, &recovered], Written::Money, None)
}

/// The amount that lines lead to: each is worked out again from those before it and must say the same. `None` when one
/// does not follow.
pub fn recompute_lines(lines: &[Line], currency: crate::money::Currency) -> Option<Money> {
    let mut before: Vec<&Line> = Vec::new();
    for line in lines {
        if !super::line::follows(line, &before) {
            return None;
        }
        before.push(line);
    }
    money(lines.last()?.value, currency).ok()
}

/// What is owed from draws after a period that was paid.
pub fn owed_after(plan: &Plan, inputs: &super::Inputs, paid: &super::Payout) -> Ratio {
    let before = inputs.record.as_ref().map_or(Ratio::ZERO, |record| record.owed);
    if !plan.terms().draw.as_ref().is_some_and(|draw| draw.recoverable) {
        return Ratio::ZERO;
    }
    let lines = paid.derivation.lines();
    let of = |id: &str| lines.iter().find(|line| line.id == id);
    let change = match (of("draw.recovered"), of("draw.paid")) {
        (Some(line), _) => Ratio { num: line.value.num.saturating_neg(), den: line.value.den },
        (None, Some(line)) => line.terms.get(1).map_or(Ratio::ZERO, |term| term.value),
        (None, None) => Ratio::ZERO,
    };
    before.add(change).unwrap_or(before)
}
