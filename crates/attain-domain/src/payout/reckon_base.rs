//! What a multiple is taken of: salary, target incentive, or an amount per unit, of the days it held.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::line::{How, Known, Term, Written};
use super::reckon::{Desk, Reckoning, exact};
use crate::money::Ratio;
use crate::plan::terms::*;

impl Desk<'_> {
    pub(super) fn base(&mut self) -> Reckoning<Option<Known>> {
        let rule = &self.terms.base;
        let found = match rule.kind {
            BaseKind::Salary => self.dated("base.salary", "salary", "payout.lack_salary")?,
            BaseKind::TargetIncentive => self.target_incentive()?,
            BaseKind::PerUnit => {
                let (Some(measure), Some(amount)) = (rule.measure.clone(), rule.amount) else { return Ok(None) };
                let Some(actual) = self.actual("base", &measure)? else { return Ok(None) };
                let each = Term {
                    line: None,
                    name: "@payout.name.per_unit".into(),
                    value: exact(amount),
                    written: Written::Money,
                };
                let of =
                    Term { line: Some(actual.line), name: String::new(), value: actual.value, written: actual.written };
                let (terms, subject) = (vec![of, each], measure.spoken());
                Some(self.sheet.write(
                    "base.units".into(),
                    "per_unit",
                    &subject,
                    How::Product,
                    terms,
                    Written::Money,
                    None,
                )?)
            }
        };
        let Some(mut base) = found else { return Ok(None) };
        if rule.times != Decimal::ONE {
            let times = self.sheet.given("base.times".into(), "times", "", "", exact(rule.times), Written::Number)?;
            base = self.product("base.whole", "base", "", &[base, times])?;
        }
        let mut base = self.prorated("base", "", base, self.terms.proration.base)?;
        if let Some(digits) = self.terms.rounding.base {
            base = self.line("base.rounded", "base", "", How::Sum, &[&base], Written::Money, Some(digits))?;
        }
        Ok(Some(base))
    }

    pub(super) fn target_incentive(&mut self) -> Reckoning<Option<Known>> {
        match self.terms.base.amount {
            Some(amount) => self
                .sheet
                .given("base.incentive".into(), "incentive", "", "@payout.name.plan", exact(amount), Written::Money)
                .map(Some),
            None => self.dated("base.incentive", "incentive", "payout.lack_incentive"),
        }
    }

    /// A dated amount: of the last day in service, or day by day.
    fn dated(&mut self, id: &str, what: &str, lack: &str) -> Reckoning<Option<Known>> {
        let amounts = if what == "salary" { &self.record.salary } else { &self.record.target_incentive };
        let on = |day: NaiveDate| {
            amounts.range(..=day).next_back().or_else(|| amounts.iter().next()).map(|(_, amount)| *amount)
        };
        let range = self.range();
        let last = range.until.pred_opt().unwrap_or(range.from);
        let days: Vec<NaiveDate> = self.days().into_iter().filter(|d| self.presence(*d) > Ratio::ZERO).collect();
        let Some(of_last) = on(days.last().copied().unwrap_or(last)) else {
            self.lack(lack, "");
            return Ok(None);
        };
        let by_days = self.terms.base.changes == MidPeriod::ByDays && !days.is_empty();
        if !by_days {
            return self.sheet.given(id.to_string(), what, "", "", of_last, Written::Money).map(Some);
        }
        let mut parts: Vec<(Ratio, i128)> = Vec::new();
        for amount in days.iter().filter_map(|day| on(*day)) {
            match parts.last_mut() {
                Some((last, count)) if *last == amount => *count += 1,
                _ => parts.push((amount, 1)),
            }
        }
        let all = days.len() as i128;
        let mut shares = Vec::new();
        for (index, (amount, count)) in parts.into_iter().enumerate() {
            let terms = vec![
                Term { line: None, name: String::new(), value: amount, written: Written::Money },
                Term {
                    line: None,
                    name: "@payout.name.served".into(),
                    value: Ratio { num: count, den: all },
                    written: Written::Number,
                },
            ];
            let id = format!("{id}.part{}", index + 1);
            shares.push(self.sheet.write(id, "base_part", "", How::Product, terms, Written::Money, None)?);
        }
        self.sum(id, what, "", &shares).map(Some)
    }
}
