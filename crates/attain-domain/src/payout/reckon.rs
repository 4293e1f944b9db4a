//! What a plan earns a person in one period, line by line, from the record.
//!
//! Owns: the way from components to the amount, proration, score. Commissions are in `reckon_commission.rs`, bases in `reckon_base.rs`, gates, factors
//! and limits in `reckon_limits.rs`; what earlier
//! periods owe and are owed in `account.rs`.

use chrono::{Datelike, Days, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::PayoutError;
use super::arithmetic::round_to;
use super::line::{How, Known, Line, Sheet, Term, Written};
use super::record::{Effect, Measured, Record, effects};
use crate::metric::{Metric, Unit};
use crate::money::{Money, Ratio};
use crate::period::{DateRange, FiscalCalendar, Period};
use crate::plan::terms::*;
use crate::plan::{Comparison, PayoutRounding, Plan, Target};

pub(super) type Reckoning<T> = Result<T, PayoutError>;

/// Something a payout needs that is not known; `code` is the key of its text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Lack {
    pub code: String,
    pub subject: String,
}

/// What one period earned.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Earned {
    pub period: Period,
    pub lines: Vec<Line>,
    pub score: Option<Decimal>,
    /// `None` exactly when something lacks.
    pub amount: Option<Money>,
    pub lacks: Vec<Lack>,
}

/// What is reckoned with, and the lines so far.
pub(super) struct Desk<'a> {
    pub plan: &'a Plan,
    pub terms: &'a Terms,
    pub record: &'a Record,
    pub period: Period,
    pub fiscal: FiscalCalendar,
    /// How many of the record's events are known.
    pub known: usize,
    pub sheet: Sheet,
    pub lacks: Vec<Lack>,
    pub share_served: Option<Known>,
}

pub(super) fn exact(value: Decimal) -> Ratio {
    Ratio::from_decimal(value)
}

pub(super) fn written(unit: Unit) -> Written {
    match unit {
        Unit::Money => Written::Money,
        Unit::Count => Written::Count,
        Unit::Ratio => Written::Percent,
        Unit::Score => Written::Points,
    }
}

/// What a period earns, with the first `known` events of the record and what the year's earlier periods were paid.
pub fn earned(
    plan: &Plan,
    record: &Record,
    period: Period,
    known: usize,
    paid_before: Ratio,
) -> Result<Earned, PayoutError> {
    let terms = plan.terms();
    let mut desk = Desk::open(plan, &terms, record, period, known);
    let (score, amount) = desk.whole(paid_before)?;
    let Desk { sheet, lacks, .. } = desk;
    let amount = if lacks.is_empty() { amount } else { None };
    Ok(Earned { period, lines: sheet.lines, score, amount, lacks })
}

impl<'a> Desk<'a> {
    pub(super) fn open(plan: &'a Plan, terms: &'a Terms, record: &'a Record, period: Period, known: usize) -> Desk<'a> {
        let (sheet, lacks, share_served) = (Sheet::default(), Vec::new(), None);
        Desk { plan, terms, record, period, fiscal: record.fiscal, known, sheet, lacks, share_served }
    }
}

impl Desk<'_> {
    fn whole(&mut self, paid_before: Ratio) -> Reckoning<(Option<Decimal>, Option<Money>)> {
        self.proration()?;
        let score = self.score()?;
        let rounded = score.as_ref().and_then(|s| {
            Decimal::try_from_i128_with_scale(round_to(s.value, self.terms.digits)?, self.terms.digits).ok()
        });
        let based = !self.terms.components.is_empty();
        let needs_base = based || self.limits_of_base();
        let base = if needs_base { self.base()? } else { None };
        let mut parts = Vec::new();
        if based {
            let multiple = match &score {
                Some(score) => Some(self.multiple(score)?),
                None => None,
            };
            let mut factors = self.factors(Part::Score, score.as_ref())?;
            if let (Some(base), Some(multiple)) = (&base, multiple) {
                let mut of = vec![base.clone(), multiple];
                of.append(&mut factors);
                parts.push(self.product("score_pay", "score_pay", "", &of)?);
            }
        }
        let mut commissions = Vec::new();
        for index in 0..self.terms.commissions.len() {
            let commission = self.terms.commissions[index].clone();
            commissions.extend(self.commission(&commission)?);
        }
        if !commissions.is_empty() {
            let mut sum = self.sum("commissions", "commissions", "", &commissions)?;
            let mut factors = self.factors(Part::Commission, score.as_ref())?;
            if !factors.is_empty() {
                factors.insert(0, sum);
                sum = self.product("commissions_times", "commissions_times", "", &factors)?;
            }
            parts.push(sum);
        }
        let mut factors = self.factors(Part::All, score.as_ref())?;
        if let Some(quarter) = self.quarter() {
            let value = exact(self.terms.quarters[quarter as usize - 1]);
            if value != Ratio::ONE {
                factors.push(self.sheet.given(
                    "quarter".into(),
                    "quarter",
                    "",
                    &format!("Q{quarter}"),
                    value,
                    Written::Number,
                )?);
            }
        }
        if parts.is_empty() || !self.lacks.is_empty() {
            return Ok((rounded, None));
        }
        let mut amount = match parts.as_slice() {
            [one] => one.clone(),
            _ => self.sum("earned_parts", "earned_parts", "", &parts)?,
        };
        if !factors.is_empty() {
            factors.insert(0, amount);
            amount = self.product("earned_times", "earned_times", "", &factors)?;
        }
        amount = self.limited(amount, base.as_ref(), paid_before)?;
        let currency = self.record.currency;
        let digits = match self.terms.round {
            PayoutRounding::MinorUnit => currency.digits(),
            PayoutRounding::WholeUnit => 0,
        };
        let earned = self.line("earned", "earned", "", How::Sum, &[&amount], Written::Money, Some(digits))?;
        Ok((rounded, Some(money(earned.value, currency)?)))
    }

    fn limits_of_base(&self) -> bool {
        let limits = [
            self.terms.limits.cap,
            self.terms.limits.floor,
            self.terms.guarantee.as_ref().map(|guarantee| guarantee.at_least),
        ];
        limits.iter().any(|limit| matches!(limit, Some(Limit::Share(_))))
    }

    // Small words.

    #[allow(clippy::too_many_arguments)]
    pub(super) fn line(
        &mut self,
        id: &str,
        what: &str,
        subject: &str,
        how: How,
        of: &[&Known],
        written: Written,
        digits: Option<u32>,
    ) -> Reckoning<Known> {
        self.sheet.line(id.to_string(), what, subject, how, of, written, digits)
    }

    pub(super) fn product(&mut self, id: &str, what: &str, subject: &str, of: &[Known]) -> Reckoning<Known> {
        self.line(id, what, subject, How::Product, &of.iter().collect::<Vec<_>>(), Written::Money, None)
    }

    pub(super) fn sum(&mut self, id: &str, what: &str, subject: &str, of: &[Known]) -> Reckoning<Known> {
        let written = of.first().map_or(Written::Money, |known| known.written);
        self.line(id, what, subject, How::Sum, &of.iter().collect::<Vec<_>>(), written, None)
    }

    pub(super) fn lack(&mut self, code: &str, subject: &str) {
        let lack = Lack { code: code.to_string(), subject: subject.to_string() };
        if !self.lacks.contains(&lack) {
            self.lacks.push(lack);
        }
    }

    fn quarter(&self) -> Option<u32> {
        match self.period {
            Period::Month(month) => Some((month.month - 1) / 3 + 1),
            Period::Quarter(_, quarter) => Some(quarter),
            Period::Year(_) => None,
        }
    }

    pub(super) fn range(&self) -> DateRange {
        self.fiscal.range(self.period)
    }

    // Time served.

    /// The share of full time on a day; 0 on leave, before joining, under another position or another plan.
    pub(super) fn presence(&self, day: NaiveDate) -> Ratio {
        let rule = &self.terms.proration;
        if rule.plan_change == MidPeriod::ByDays && !self.plan.applies_on(day) {
            return Ratio::ZERO;
        }
        if !rule.leave_counts && self.record.leave.iter().any(|(from, until)| *from <= day && day < *until) {
            return Ratio::ZERO;
        }
        if self.record.service.is_empty() {
            return Ratio::ONE;
        }
        let position = |s: &str| s == self.plan.position;
        let serving = self.record.service.iter().filter(|s| {
            s.from <= day && s.until.is_none_or(|until| day < until) && s.position.as_deref().is_none_or(position)
        });
        // Of several at once the one that began last.
        let latest = serving.max_by_key(|s| s.from);
        latest.map_or(Ratio::ZERO, |s| if rule.fte_counts { s.fte } else { Ratio::ONE })
    }

    pub(super) fn days(&self) -> Vec<NaiveDate> {
        let range = self.range();
        let weekdays = self.terms.proration.by == ProrateBy::Weekdays;
        let mut days = Vec::new();
        let mut day = range.from;
        while day < range.until && days.len() < 400 {
            if !weekdays || day.weekday().num_days_from_monday() < 5 {
                days.push(day);
            }
            day = day.checked_add_days(Days::new(1)).unwrap_or(range.until);
        }
        days
    }

    fn proration(&mut self) -> Reckoning<()> {
        if self.terms.proration.by == ProrateBy::None {
            return Ok(());
        }
        let days = self.days();
        let mut served = Ratio::ZERO;
        for day in &days {
            served = served.add(self.presence(*day)).ok_or(PayoutError::Overflow)?;
        }
        let all = Ratio { num: days.len() as i128, den: 1 };
        let terms = [("served", served), ("days", all)]
            .map(|(name, value)| Term {
                line: None,
                name: format!("@payout.name.{name}"),
                value,
                written: Written::Number,
            })
            .to_vec();
        let digits = self.terms.rounding.proration;
        let share =
            self.sheet.write("proration".into(), "proration", "", How::Quotient, terms, Written::Number, digits)?;
        self.share_served = Some(share);
        Ok(())
    }

    pub(super) fn prorated(&mut self, id: &str, subject: &str, known: Known, applies: bool) -> Reckoning<Known> {
        match (self.share_served.clone(), applies) {
            (Some(share), true) => {
                let written = known.written;
                self.line(
                    &format!("{id}.prorated"),
                    "prorated",
                    subject,
                    How::Product,
                    &[&known, &share],
                    written,
                    None,
                )
            }
            _ => Ok(known),
        }
    }

    // Figures.

    /// Sales by events of the record: `None` when there are none at all.
    fn sales(&self, period: Period) -> Reckoning<Option<Ratio>> {
        if !self.record.deals.iter().any(|deal| !deal.team) {
            return Ok(None);
        }
        self.effects_in(&self.effects(self.known, self.terms.basis)?, period).map(Some)
    }

    fn effects_in(&self, effects: &[Effect], period: Period) -> Reckoning<Ratio> {
        let range = self.fiscal.range(period);
        let inside = effects.iter().filter(|effect| !effect.team && range.contains(effect.date));
        inside.map(|e| e.amount).try_fold(Ratio::ZERO, Ratio::add).ok_or(PayoutError::Overflow)
    }

    pub(super) fn effects(&self, known: usize, basis: crate::order::SalesBasis) -> Reckoning<Vec<Effect>> {
        effects(&self.record.deals, known, basis, &self.terms.refunds).ok_or(PayoutError::Overflow)
    }

    /// The figure and goal of a measure in a period. Sales come from the deals where no figure is given; a figure that is
    /// given is put right by what became known after the period.
    pub(super) fn measured(&self, measure: &Measure, period: Period) -> Reckoning<Measured> {
        let given = self.record.measures.get(&period).and_then(|m| m.get(&measure.name)).copied().unwrap_or_default();
        if measure.metric() != Some(Metric::SalesAmount) {
            return Ok(given);
        }
        let actual = match given.actual {
            None => self.sales(period)?,
            Some(actual) => {
                let end = self.fiscal.range(period).until;
                let then = self.record.deals.iter().take_while(|deal| deal.known < end).count().min(self.known);
                let now = self.effects_in(&self.effects(self.known, self.terms.basis)?, period)?;
                let before = self.effects_in(&self.effects(then, self.terms.basis)?, period)?;
                let late = now.add(Ratio { num: before.num.saturating_neg(), den: before.den });
                Some(late.and_then(|late| actual.add(late)).ok_or(PayoutError::Overflow)?)
            }
        };
        Ok(Measured { actual, target: given.target })
    }

    pub(super) fn actual(&mut self, id: &str, measure: &Measure) -> Reckoning<Option<Known>> {
        let found = self.measured(measure, self.period)?;
        let subject = measure.spoken();
        match found.actual {
            Some(value) => {
                let written = written(measure.unit());
                self.sheet.given(format!("{id}.actual"), "actual", &subject, "", value, written).map(Some)
            }
            None => {
                self.lack("payout.lack_actual", &subject);
                Ok(None)
            }
        }
    }

    pub(super) fn target(&mut self, id: &str, measure: &Measure, rule: Target) -> Reckoning<Option<Known>> {
        let subject = measure.spoken();
        let (value, name) = match rule {
            Target::Constant(value) => (Some(exact(value)), "@payout.name.plan"),
            Target::Goal => (self.measured(measure, self.period)?.target, "@payout.name.goal"),
        };
        match value {
            None => {
                self.lack("payout.lack_target", &subject);
                Ok(None)
            }
            Some(value) if value <= Ratio::ZERO => {
                self.lack("payout.lack_target_above_zero", &subject);
                Ok(None)
            }
            Some(value) => {
                let written = written(measure.unit());
                let target = self.sheet.given(format!("{id}.target"), "target", &subject, name, value, written)?;
                let applies = self.terms.proration.targets && rule == Target::Goal && measure.unit() != Unit::Ratio;
                let target = self.prorated(&format!("{id}.target"), &subject, target, applies)?;
                if target.value <= Ratio::ZERO {
                    self.lack("payout.lack_target_above_zero", &subject);
                    return Ok(None);
                }
                Ok(Some(target))
            }
        }
    }

    fn attainment_digits(&self) -> Option<u32> {
        self.terms.rounding.attainment.map(|digits| digits + 2)
    }

    pub(super) fn attainment(&mut self, id: &str, measure: &Measure, rule: Target) -> Reckoning<Option<Known>> {
        let (actual, target) = (self.actual(id, measure)?, self.target(id, measure, rule)?);
        let (Some(actual), Some(target)) = (actual, target) else { return Ok(None) };
        let (id, subject) = (format!("{id}.attainment"), measure.spoken());
        let digits = self.attainment_digits();
        self.line(&id, "attainment", &subject, How::Quotient, &[&actual, &target], Written::Percent, digits).map(Some)
    }

    // Score.

    fn score(&mut self) -> Reckoning<Option<Known>> {
        let mut points = Vec::new();
        let terms = self.terms;
        for component in &terms.components {
            points.push(self.points(component)?);
        }
        if points.is_empty() {
            return Ok(None);
        }
        let Some(points) = points.into_iter().collect::<Option<Vec<Known>>>() else { return Ok(None) };
        let of: Vec<&Known> = points.iter().collect();
        self.line("score", "score", "", How::Sum, &of, Written::Points, Some(terms.digits)).map(Some)
    }

    fn points(&mut self, component: &Scored) -> Reckoning<Option<Known>> {
        let subject = component.measure.spoken();
        let id = format!("component.{}", component.measure.name);
        let mut counted = match (component.target, component.scoring) {
            (None, _) => self.actual(&id, &component.measure)?,
            (Some(target), Scoring::Inverse) => {
                let (actual, target) =
                    (self.actual(&id, &component.measure)?, self.target(&id, &component.measure, target)?);
                match (actual, target) {
                    (Some(actual), Some(target)) if actual.value > Ratio::ZERO => {
                        let digits = self.attainment_digits();
                        let id = format!("{id}.attainment");
                        let of = [&target, &actual];
                        Some(self.line(&id, "inverse", &subject, How::Quotient, &of, Written::Percent, digits)?)
                    }
                    // Nothing at all of what should be low is as good as can be: the cap, which such a plan needs.
                    (Some(_), Some(_)) => match component.cap {
                        Some(cap) => Some(self.sheet.given(
                            format!("{id}.attainment"),
                            "inverse_none",
                            &subject,
                            "",
                            exact(cap),
                            Written::Percent,
                        )?),
                        None => {
                            self.lack("payout.lack_cap", &subject);
                            None
                        }
                    },
                    _ => None,
                }
            }
            (Some(target), _) => self.attainment(&id, &component.measure, target)?,
        };
        let Some(attained) = counted.take() else { return Ok(None) };
        let rows = || component.table.iter().map(|(bound, value)| (exact(*bound), exact(*value))).collect::<Vec<_>>();
        let below = match component.table.first() {
            Some((_, first)) if component.below_first => exact(*first),
            _ => Ratio::ZERO,
        };
        let id_counted = format!("{id}.counted");
        let mut counted = match component.scoring {
            Scoring::Linear | Scoring::Inverse => attained,
            Scoring::Mirror => {
                let two = self.sheet.given(
                    format!("{id}.two"),
                    "two",
                    &subject,
                    "",
                    Ratio { num: 2, den: 1 },
                    Written::Percent,
                )?;
                self.line(&id_counted, "mirror", &subject, How::Difference, &[&two, &attained], Written::Percent, None)?
            }
            Scoring::Steps => {
                let how = How::Row { rows: rows(), boundary: component.boundary, below };
                self.line(&id_counted, "counted", &subject, how, &[&attained], Written::Percent, None)?
            }
            Scoring::Interpolated => {
                let how = How::Between { rows: rows(), below };
                self.line(
                    &id_counted,
                    "counted",
                    &subject,
                    how,
                    &[&attained],
                    Written::Percent,
                    self.attainment_digits(),
                )?
            }
        };
        for (limit, key, how) in [(component.floor, "floor", How::Greatest), (component.cap, "cap", How::Least)] {
            let Some(limit) = limit else { continue };
            let held = matches!(
                (key, counted.value.cmp(&exact(limit))),
                ("floor", std::cmp::Ordering::Less) | ("cap", std::cmp::Ordering::Greater)
            );
            if held {
                let name = format!("@payout.name.{key}");
                let (line, written) = (None, Written::Percent);
                let terms = vec![
                    Term { line: Some(counted.line), name: String::new(), value: counted.value, written },
                    Term { line, name, value: exact(limit), written },
                ];
                counted = self.sheet.write(format!("{id}.{key}"), key, &subject, how, terms, written, None)?;
            }
        }
        let weight = Term {
            line: None,
            name: "@payout.name.weight".into(),
            value: exact(component.weight),
            written: Written::Number,
        };
        let of =
            Term { line: Some(counted.line), name: String::new(), value: counted.value, written: Written::Percent };
        let digits = self.terms.rounding.points;
        let id = format!("{id}.points");
        self.sheet.write(id, "points", &subject, How::Product, vec![of, weight], Written::Points, digits).map(Some)
    }

    fn multiple(&mut self, score: &Known) -> Reckoning<Known> {
        let digits = self.terms.rounding.multiple;
        let mut rows: Vec<(Ratio, Ratio)> =
            self.terms.bands.iter().map(|band| (exact(band.at_least), exact(band.multiple))).collect();
        rows.sort();
        let how = match self.terms.pays {
            ScorePays::Bands => How::Row { rows, boundary: self.terms.boundary, below: Ratio::ZERO },
            ScorePays::Interpolated => How::Between { rows, below: Ratio::ZERO },
            ScorePays::Score => {
                let hundred = Term {
                    line: None,
                    name: String::new(),
                    value: Ratio { num: 100, den: 1 },
                    written: Written::Number,
                };
                let of =
                    Term { line: Some(score.line), name: String::new(), value: score.value, written: score.written };
                let terms = vec![of, hundred];
                return self.sheet.write(
                    "multiple".into(),
                    "multiple",
                    "",
                    How::Quotient,
                    terms,
                    Written::Number,
                    digits,
                );
            }
        };
        self.line("multiple", "multiple", "", how, &[score], Written::Number, digits)
    }
}

/// An amount of whole units as money.
pub(super) fn money(value: Ratio, currency: crate::money::Currency) -> Reckoning<Money> {
    let minor = round_to(value, currency.digits()).and_then(|minor| i64::try_from(minor).ok());
    Ok(Money::new(minor.ok_or(PayoutError::Overflow)?, currency))
}

/// Whether a plan makes a better figure pay less somewhere: then a person may lose by doing better.
pub fn is_monotone(terms: &Terms) -> bool {
    let rising = |rows: &[(Decimal, Decimal)]| rows.windows(2).all(|pair| pair[0].1 <= pair[1].1);
    let bands: Vec<Decimal> = terms.bands.iter().rev().map(|band| band.multiple).collect();
    let factors = terms.gates.iter().chain(&terms.accelerators).all(|factor| {
        let up = matches!(factor.when.op, Comparison::AtLeast | Comparison::MoreThan);
        up == (factor.factor >= factor.otherwise) || factor.factor == factor.otherwise
    });
    bands.is_sorted() && factors && terms.components.iter().all(|component| rising(&component.table))
}
