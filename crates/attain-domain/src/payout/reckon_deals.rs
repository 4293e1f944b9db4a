//! Deals at the rates of a table, and deals paid each on its own.

use std::collections::BTreeMap;

use super::line::{How, Known, Term, Written};
use super::reckon::{Desk, Reckoning, exact};
use super::record::Effect;
use crate::money::Ratio;
use crate::plan::terms::*;

impl Desk<'_> {
    /// The row of the rate table a deal takes, by the precedence the plan states; 0 % without one.
    fn rate_of(c: &Commission, effect: &Effect) -> Ratio {
        let matches = |row: &&RateRow| {
            row.product.as_deref().is_none_or(|product| product == effect.product)
                && row.customer_type.as_deref().is_none_or(|kind| kind == effect.customer_type)
        };
        let rank = |row: &RateRow| match (row.product.is_some(), row.customer_type.is_some(), c.precedence) {
            (true, true, _) => 3,
            (true, false, Precedence::Product) | (false, true, Precedence::CustomerType) => 2,
            (true, false, _) | (false, true, _) => 1,
            (false, false, _) => 0,
        };
        let fitting = c.rates.iter().filter(matches);
        let row = match c.precedence {
            Precedence::First => fitting.into_iter().next(),
            _ => fitting.max_by_key(|row| rank(row)),
        };
        row.map_or(Ratio::ZERO, |row| exact(row.rate))
    }

    /// Deals at the rates of the table: those of one rate together.
    pub(super) fn by_rates(&mut self, c: &Commission, id: &str, effects: &[Effect]) -> Reckoning<Known> {
        if let Some(digits) = self.terms.rounding.deal {
            return self.each_rounded(c, id, effects, digits);
        }
        let mut groups: BTreeMap<Ratio, Vec<&Effect>> = BTreeMap::new();
        for effect in effects {
            groups.entry(Self::rate_of(c, effect)).or_default().push(effect);
        }
        let mut parts = Vec::new();
        let unit = self.unit_of(c);
        for (index, (rate, group)) in groups.into_iter().enumerate() {
            let id = format!("{id}.at{}", index + 1);
            let Some(volume) = self.volume(c, &id, "volume", &group, unit)? else { continue };
            let rate = self.sheet.given(format!("{id}.rate"), "rate", &c.id, "", rate, Written::Percent)?;
            parts.push(self.product(&format!("{id}.pay"), "pay", &c.id, &[volume, rate])?);
        }
        if parts.is_empty() {
            return self.sheet.given(format!("{id}.none"), "no_deals", &c.id, "", Ratio::ZERO, Written::Money);
        }
        self.sum(&format!("{id}.at_rates"), "at_rates", &c.id, &parts)
    }

    fn each_rounded(&mut self, c: &Commission, id: &str, effects: &[Effect], digits: u32) -> Reckoning<Known> {
        let mut parts = Vec::new();
        for (index, effect) in effects.iter().enumerate() {
            let Some(value) = effect.counted(c.counted) else {
                self.lack(c.counted.lack(), &effect.deal);
                continue;
            };
            let terms = vec![
                Term { line: None, name: effect.deal.clone(), value, written: self.unit_of(c) },
                Term { line: None, name: String::new(), value: Self::rate_of(c, effect), written: Written::Percent },
            ];
            let id = format!("{id}.deal{}", index + 1);
            parts.push(self.sheet.write(
                id,
                "deal",
                &effect.deal,
                How::Product,
                terms,
                Written::Money,
                Some(digits),
            )?);
        }
        if parts.is_empty() {
            return self.sheet.given(format!("{id}.none"), "no_deals", &c.id, "", Ratio::ZERO, Written::Money);
        }
        self.sum(&format!("{id}.at_rates"), "at_rates", &c.id, &parts)
    }

    /// Each deal on its own: what it has come to by the end of the period, less what it had before.
    pub(super) fn deal_by_deal(&mut self, c: &Commission, id: &str, effects: &[Effect]) -> Reckoning<Option<Known>> {
        let from = self.range().from;
        let mut deals: BTreeMap<&str, Vec<&Effect>> = BTreeMap::new();
        for effect in effects {
            deals.entry(effect.deal.as_str()).or_default().push(effect);
        }
        deals.retain(|_, effects| effects.iter().any(|effect| effect.date >= from));
        let target = match c.by {
            TiersBy::Attainment if !c.tiers.is_empty() => {
                let measure = self.target_measure(c);
                let Some(target) = self.target(&format!("{id}.of"), &measure, c.target)? else { return Ok(None) };
                Some(target)
            }
            _ => None,
        };
        let mut parts = Vec::new();
        for (index, (deal, all)) in deals.into_iter().enumerate() {
            let id = format!("{id}.deal{}", index + 1);
            let before: Vec<&Effect> = all.iter().copied().filter(|effect| effect.date < from).collect();
            let Some(mut paid) = self.deal(c, &id, deal, &all, target.as_ref())? else { return Ok(None) };
            if !before.is_empty() {
                let Some(earlier) = self.deal(c, &format!("{id}.before"), deal, &before, target.as_ref())? else {
                    return Ok(None);
                };
                let of = [&paid, &earlier];
                paid = self.line(&format!("{id}.now"), "pay_now", deal, How::Difference, &of, Written::Money, None)?;
            }
            parts.push(paid);
        }
        if parts.is_empty() {
            return self
                .sheet
                .given(format!("{id}.none"), "no_deals", &c.id, "", Ratio::ZERO, Written::Money)
                .map(Some);
        }
        self.sum(&format!("{id}.deals"), "deals", &c.id, &parts).map(Some)
    }

    /// What one deal comes to by some of its events.
    fn deal(
        &mut self,
        c: &Commission,
        id: &str,
        deal: &str,
        effects: &[&Effect],
        target: Option<&Known>,
    ) -> Reckoning<Option<Known>> {
        let digits = self.terms.rounding.deal;
        let pay = format!("{id}.pay");
        if c.tiers.is_empty() {
            let owned: Vec<Effect> = effects.iter().map(|effect| (*effect).clone()).collect();
            return self.by_rates(c, id, &owned).map(Some);
        }
        let Some(volume) = self.volume(c, &format!("{id}.volume"), "deal", effects, self.unit_of(c))? else {
            return Ok(None);
        };
        let position = match target {
            Some(target) => {
                let of = [&volume, target];
                self.line(&format!("{id}.share"), "attainment", deal, How::Quotient, &of, Written::Percent, None)?
            }
            None => volume.clone(),
        };
        let kind = Self::kind(c);
        if c.method == Method::Marginal && matches!(kind, TierPays::Rate(_)) {
            let how = How::Tiers { rows: Self::rows(c) };
            let written = if target.is_some() { Written::Percent } else { Written::Money };
            let tiers = self.line(&format!("{id}.tiers"), "tiers", deal, how, &[&position], written, None)?;
            let of: Vec<&Known> = std::iter::once(&tiers).chain(target).collect();
            return self.line(&pay, "pay", deal, How::Product, &of, Written::Money, digits).map(Some);
        }
        let (how, written, rate_digits) = (Self::lookup(c), self.written_of(c), self.rate_digits(c));
        let rate = self.line(&format!("{id}.rate"), "rate", deal, how, &[&position], written, rate_digits)?;
        let of = match kind {
            TierPays::Amount(_) => return Ok(Some(rate)),
            TierPays::Share(_) => self.target_incentive()?,
            TierPays::Factor(_) => {
                let owned: Vec<Effect> = effects.iter().map(|effect| (*effect).clone()).collect();
                Some(self.by_rates(c, id, &owned)?)
            }
            TierPays::Rate(_) => Some(volume),
        };
        let Some(of) = of else { return Ok(None) };
        self.line(&pay, "pay", deal, How::Product, &[&of, &rate], Written::Money, digits).map(Some)
    }
}
