//! Gates, accelerators, caps, floors and guarantees of a payout.

use super::line::{How, Known, Term, Written};
use super::reckon::{Desk, Reckoning, exact};
use crate::money::Ratio;
use crate::plan::terms::*;

impl Desk<'_> {
    /// The factors that touch a part: gates, then accelerators as the plan says they go together.
    pub(super) fn factors(&mut self, part: Part, score: Option<&Known>) -> Reckoning<Vec<Known>> {
        let terms = self.terms;
        let mut factors = Vec::new();
        let mut boosts: Vec<Known> = Vec::new();
        for (gate, index, rule) in terms
            .gates
            .iter()
            .enumerate()
            .map(|(i, f)| (true, i, f))
            .chain(terms.accelerators.iter().enumerate().map(|(i, f)| (false, i, f)))
        {
            if rule.of != part {
                continue;
            }
            let id = if gate { format!("gate{}", index + 1) } else { format!("accelerator{}", index + 1) };
            let left = match &rule.when.looked {
                Looked::Score => score.cloned().map(|known| (known, String::new())),
                Looked::Actual(measure) => self.actual(&id, measure)?.map(|known| (known, measure.spoken())),
                Looked::Attainment(measure) => {
                    let target = terms.target_of(measure);
                    self.attainment(&id, measure, target)?.map(|known| (known, measure.spoken()))
                }
            };
            let Some((left, subject)) = left else { continue };
            let how = How::When {
                op: rule.when.op,
                bound: exact(rule.when.bound),
                holds: exact(rule.factor),
                otherwise: exact(rule.otherwise),
            };
            let what = match (&rule.when.looked, gate) {
                (Looked::Score, true) => "gate_score",
                (Looked::Score, false) => "accelerator_score",
                (Looked::Actual(_), true) => "gate_actual",
                (Looked::Actual(_), false) => "accelerator_actual",
                (Looked::Attainment(_), true) => "gate",
                (Looked::Attainment(_), false) => "accelerator",
            };
            let holds = rule.when.op.holds(&left.value, &exact(rule.when.bound));
            let factor = self.line(&id, what, &subject, how, &[&left], Written::Number, None)?;
            if gate {
                factors.extend((!holds).then_some(factor));
            } else if holds {
                boosts.push(factor);
            }
        }
        match terms.together {
            Together::Multiply => factors.append(&mut boosts),
            Together::First => factors.extend(boosts.into_iter().next()),
            Together::Highest => {
                let best = boosts.iter().map(|known| known.value).max();
                factors.extend(boosts.into_iter().find(|known| Some(known.value) == best));
            }
        }
        Ok(factors)
    }

    fn limit(&mut self, id: &str, limit: Limit, base: Option<&Known>) -> Reckoning<Option<Known>> {
        let known = match limit {
            Limit::Amount(amount) => {
                let known = self.sheet.given(format!("{id}.amount"), id, "", "", exact(amount), Written::Money)?;
                self.prorated(id, "", known, self.terms.proration.limits)?
            }
            Limit::Share(share) => {
                let Some(base) = base else { return Ok(None) };
                let share = self.sheet.given(format!("{id}.share"), id, "", "", exact(share), Written::Percent)?;
                self.product(&format!("{id}.amount"), id, "", &[base.clone(), share])?
            }
        };
        Ok(Some(known))
    }

    pub(super) fn limited(&mut self, mut amount: Known, base: Option<&Known>, paid_before: Ratio) -> Reckoning<Known> {
        let limits = self.terms.limits.clone();
        let guarantee = self.terms.guarantee.clone().filter(|guarantee| self.guaranteed(guarantee));
        let least = guarantee.map(|guarantee| guarantee.at_least);
        for (limit, id, cap) in
            [(limits.floor, "payout_floor", false), (limits.cap, "payout_cap", true), (least, "guarantee", false)]
        {
            let Some(limit) = limit else { continue };
            let Some(bound) = self.limit(id, limit, base)? else { continue };
            let how = if cap { How::Least } else { How::Greatest };
            amount = self.line(id, id, "", how, &[&amount, &bound], Written::Money, None)?;
        }
        if let Some(cap) = limits.cap_year {
            let terms = [("cap", exact(cap)), ("paid", paid_before)]
                .map(|(name, value)| Term {
                    line: None,
                    name: format!("@payout.name.{name}"),
                    value,
                    written: Written::Money,
                })
                .to_vec();
            let left = self.sheet.write(
                "cap_year.left".into(),
                "cap_year_left",
                "",
                How::Difference,
                terms,
                Written::Money,
                None,
            )?;
            let zero = self.sheet.given("cap_year.zero".into(), "zero", "", "", Ratio::ZERO, Written::Money)?;
            let left =
                self.line("cap_year.open", "cap_year_left", "", How::Greatest, &[&left, &zero], Written::Money, None)?;
            amount = self.line("cap_year", "cap_year", "", How::Least, &[&amount, &left], Written::Money, None)?;
        }
        Ok(amount)
    }

    fn guaranteed(&self, guarantee: &Guarantee) -> bool {
        let from = self.range().from;
        let until = guarantee.until.is_none_or(|until| from < until);
        let months = guarantee.months.is_none_or(|months| {
            let Some(joined) = self.record.service.iter().map(|s| s.from).min() else { return false };
            let end = self.fiscal.month_of(joined).plus(months as i32);
            self.period.first_month() < end
        });
        until && months
    }
}
