//! One commission of a plan in one period: what it is on, the tier it reaches, the rate, the amount.

use super::line::{How, Known, Term, Written};
use super::reckon::{Desk, Reckoning, exact, written};
use super::record::{Effect, in_order};
use super::{Inputs, PayoutError, period_of, record_of};
use crate::metric::Metric;
use crate::money::Ratio;
use crate::period::Period;
use crate::plan::terms::*;
use crate::plan::{Plan, Target};

/// What a commission looks its tier up by, now and at the period's beginning.
struct Reach {
    now: Known,
    before: Option<Known>,
    /// What one unit of the bounds is in the measured figure: the target, of an attainment.
    unit: Option<Known>,
}

impl Desk<'_> {
    /// What a commission comes to; `None` when something it needs is not known.
    pub(super) fn commission(&mut self, c: &Commission) -> Reckoning<Option<Known>> {
        let found = self.commission_lines(c)?;
        let Some(mut amount) = found else { return Ok(None) };
        let id = format!("commission.{}", c.id);
        if let (Some(share), true) = (self.share_served.clone(), self.terms.proration.commissions) {
            amount = self.product(&format!("{id}.prorated"), "prorated", &c.id, &[amount, share])?;
        }
        for (limit, key, how) in [(c.floor, "floor", How::Greatest), (c.cap, "cap", How::Least)] {
            let Some(limit) = limit else { continue };
            let name = format!("@payout.name.{key}");
            let terms = vec![
                Term { line: Some(amount.line), name: String::new(), value: amount.value, written: Written::Money },
                Term { line: None, name, value: exact(limit), written: Written::Money },
            ];
            amount = self.sheet.write(format!("{id}.{key}"), key, &c.id, how, terms, Written::Money, None)?;
        }
        let digits = self.terms.rounding.commission;
        self.line(&id, "commission", &c.id, How::Sum, &[&amount], Written::Money, digits).map(Some)
    }

    fn commission_lines(&mut self, c: &Commission) -> Reckoning<Option<Known>> {
        let id = format!("commission.{}", c.id);
        let effects = self.commission_effects(c)?;
        if c.over == Cumulation::Deal && matches!(c.on, CommissionOn::Deals(_)) {
            return self.deal_by_deal(c, &id, &effects);
        }
        let Some((in_period, before)) = self.volumes(c, &id, &effects)? else { return Ok(None) };
        if c.tiers.is_empty() {
            return self.by_rates(c, &id, &effects).map(Some);
        }
        let Some(reach) = self.reach(c, &id, &in_period, before.as_ref())? else { return Ok(None) };
        self.pay(c, &id, &effects, &in_period, before.as_ref(), reach)
    }

    /// Effects that count for a commission, those of the period and of the time it cumulates over.
    fn commission_effects(&self, c: &Commission) -> Reckoning<Vec<Effect>> {
        let CommissionOn::Deals(over) = c.on else { return Ok(Vec::new()) };
        let until = self.range().until;
        let first = if c.over == Cumulation::Deal { chrono::NaiveDate::MIN } else { self.span_from(c.over) };
        let within = |list: &[String], text: &str| list.is_empty() || list.iter().any(|one| one == text);
        let mut effects = self.effects(self.known, c.basis)?;
        effects.retain(|effect| {
            effect.team == (over == Over::TeamDeals)
                && first <= effect.date
                && effect.date < until
                && within(&c.products, &effect.product)
                && within(&c.customer_types, &effect.customer_type)
        });
        Ok(effects)
    }

    fn span_from(&self, over: Cumulation) -> chrono::NaiveDate {
        let first = self.period.first_month();
        let month = match over {
            Cumulation::Deal | Cumulation::Period => first,
            Cumulation::Quarter => Period::Quarter(first.year, (first.month - 1) / 3 + 1).first_month(),
            Cumulation::Year => Period::Year(first.year).first_month(),
        };
        self.fiscal.month_start(month)
    }

    /// Earlier periods of the time a commission cumulates over.
    fn earlier(&self, over: Cumulation) -> Vec<Period> {
        let (from, range) = (self.span_from(over), self.range());
        if from == range.from {
            return Vec::new();
        }
        let first = self.fiscal.month_of(from);
        let upto = self.period.first_month();
        let months = (first.index()..upto.index()).map(crate::period::Month::from_index);
        match self.period {
            Period::Month(_) => months.map(Period::Month).collect(),
            Period::Quarter(..) => {
                let mut quarters: Vec<Period> =
                    months.map(|m| Period::Quarter(m.year, (m.month - 1) / 3 + 1)).collect();
                quarters.dedup();
                quarters
            }
            Period::Year(_) => Vec::new(),
        }
    }

    pub(super) fn unit_of(&self, c: &Commission) -> Written {
        match &c.on {
            CommissionOn::Measure(measure) => written(measure.unit()),
            CommissionOn::Deals(_) => match c.counted {
                Counted::Amount | Counted::Margin => Written::Money,
                Counted::Units | Counted::Number => Written::Number,
            },
        }
    }

    /// What is measured: of the period, and of the time before it.
    fn volumes(&mut self, c: &Commission, id: &str, effects: &[Effect]) -> Reckoning<Option<(Known, Option<Known>)>> {
        let unit = self.unit_of(c);
        let cumulates = matches!(c.over, Cumulation::Quarter | Cumulation::Year);
        match &c.on {
            CommissionOn::Deals(_) => {
                let from = self.range().from;
                let (earlier, now): (Vec<&Effect>, Vec<&Effect>) = effects.iter().partition(|e| e.date < from);
                let Some(now) = self.volume(c, &format!("{id}.volume"), "volume", &now, unit)? else { return Ok(None) };
                if !cumulates {
                    return Ok(Some((now, None)));
                }
                let before = self.volume(c, &format!("{id}.before"), "before", &earlier, unit)?;
                Ok(before.map(|before| (now, Some(before))))
            }
            CommissionOn::Measure(measure) => {
                let Some(now) = self.actual(id, measure)? else { return Ok(None) };
                if !cumulates {
                    return Ok(Some((now, None)));
                }
                let Some(before) = self.earlier_sum(c, id, measure, false)? else { return Ok(None) };
                Ok(Some((now, Some(before))))
            }
        }
    }

    /// A measure's actual or target of the earlier periods, added up.
    fn earlier_sum(&mut self, c: &Commission, id: &str, measure: &Measure, target: bool) -> Reckoning<Option<Known>> {
        let subject = measure.spoken();
        let written = written(measure.unit());
        let mut terms = Vec::new();
        for period in self.earlier(c.over) {
            let found = self.measured(measure, period)?;
            let value = if target { found.target } else { found.actual };
            let Some(value) = value else {
                // Before the first figures there is nothing to add: a plan may begin within the year.
                continue;
            };
            terms.push(Term { line: None, name: period.to_string(), value, written });
        }
        if terms.is_empty() {
            terms.push(Term { line: None, name: String::new(), value: Ratio::ZERO, written });
        }
        let (id, what) =
            if target { (format!("{id}.target_before"), "target_before") } else { (format!("{id}.before"), "before") };
        self.sheet.write(id, what, &subject, How::Sum, terms, written, None).map(Some)
    }

    pub(super) fn volume(
        &mut self,
        c: &Commission,
        id: &str,
        what: &str,
        effects: &[&Effect],
        written: Written,
    ) -> Reckoning<Option<Known>> {
        let mut terms = Vec::new();
        for effect in effects {
            let Some(value) = effect.counted(c.counted) else {
                self.lack(c.counted.lack(), &effect.deal);
                return Ok(None);
            };
            terms.push(Term { line: None, name: effect.deal.clone(), value, written });
        }
        terms.sort_by(|a, b| (&a.name, a.value).cmp(&(&b.name, b.value)));
        if terms.is_empty() {
            terms.push(Term { line: None, name: String::new(), value: Ratio::ZERO, written });
        }
        self.sheet.write(id.to_string(), what, &c.id, How::Sum, terms, written, None).map(Some)
    }

    pub(super) fn target_measure(&self, c: &Commission) -> Measure {
        match (&c.attainment_of, &c.on) {
            (Some(measure), _) | (None, CommissionOn::Measure(measure)) => measure.clone(),
            (None, CommissionOn::Deals(_)) => Measure::of(Metric::SalesAmount),
        }
    }

    /// Where on the table the commission stands.
    fn reach(
        &mut self,
        c: &Commission,
        id: &str,
        in_period: &Known,
        before: Option<&Known>,
    ) -> Reckoning<Option<Reach>> {
        let own = c.attainment_of.is_none();
        let (mut now, mut earlier) = (in_period.clone(), before.cloned());
        if !own {
            let measure = self.target_measure(c);
            let of = format!("{id}.of");
            let Some(actual) = self.actual(&of, &measure)? else { return Ok(None) };
            now = actual;
            if before.is_some() {
                earlier = self.earlier_sum(c, &of, &measure, false)?;
            }
        }
        if let Some(before) = &earlier {
            now =
                self.line(&format!("{id}.to_date"), "to_date", &c.id, How::Sum, &[before, &now], now.written, None)?;
        }
        if c.by == TiersBy::Amount {
            return Ok(Some(Reach { now, before: earlier, unit: None }));
        }
        let measure = self.target_measure(c);
        let Some(mut unit) = self.target(&format!("{id}.of"), &measure, c.target)? else { return Ok(None) };
        let mut unit_before = None;
        if earlier.is_some() {
            let before = match c.target {
                Target::Goal => self.earlier_sum(c, &format!("{id}.of"), &measure, true)?,
                Target::Constant(value) => {
                    let count = self.earlier(c.over).len() as i128;
                    let value = exact(value).mul(Ratio { num: count, den: 1 }).ok_or(PayoutError::Overflow)?;
                    let (id, written) = (format!("{id}.of.target_before"), unit.written);
                    Some(self.sheet.given(
                        id,
                        "target_before",
                        &measure.spoken(),
                        "@payout.name.plan",
                        value,
                        written,
                    )?)
                }
            };
            if let Some(before) = before {
                let id = format!("{id}.of.target_to_date");
                unit = self.line(
                    &id,
                    "target_to_date",
                    &measure.spoken(),
                    How::Sum,
                    &[&before, &unit],
                    unit.written,
                    None,
                )?;
                unit_before = Some(before);
            }
        }
        let digits = self.terms.rounding.attainment.map(|digits| digits + 2);
        let subject = measure.spoken();
        let now = self.line(
            &format!("{id}.attainment"),
            "attainment",
            &subject,
            How::Quotient,
            &[&now, &unit],
            Written::Percent,
            digits,
        )?;
        // What earlier periods came to stands on their own attainment for a whole rate, on the same target for a
        // marginal one: its tiers are of one target.
        let divisor = if c.method == Method::Marginal { Some(&unit) } else { unit_before.as_ref() };
        let before = match (earlier, divisor) {
            (Some(before), Some(divisor)) if divisor.value > Ratio::ZERO => Some(self.line(
                &format!("{id}.attainment_before"),
                "attainment_before",
                &subject,
                How::Quotient,
                &[&before, divisor],
                Written::Percent,
                digits,
            )?),
            (Some(before), _) => Some(before).filter(|before| before.value == Ratio::ZERO),
            (None, _) => None,
        };
        Ok(Some(Reach { now, before, unit: Some(unit) }))
    }

    pub(super) fn rows(c: &Commission) -> Vec<(Ratio, Ratio)> {
        c.tiers
            .iter()
            .map(|(from, pays)| {
                let value = match pays {
                    TierPays::Rate(v) | TierPays::Amount(v) | TierPays::Share(v) | TierPays::Factor(v) => *v,
                };
                (exact(*from), exact(value))
            })
            .collect()
    }

    pub(super) fn kind(c: &Commission) -> TierPays {
        c.tiers.first().map_or(TierPays::Factor(rust_decimal::Decimal::ONE), |(_, pays)| *pays)
    }

    pub(super) fn lookup(c: &Commission) -> How {
        let rows = Self::rows(c);
        match c.method {
            Method::Interpolated => How::Between { rows, below: Ratio::ZERO },
            _ => How::Row { rows, boundary: c.boundary, below: Ratio::ZERO },
        }
    }

    pub(super) fn written_of(&self, c: &Commission) -> Written {
        match Self::kind(c) {
            TierPays::Amount(_) => Written::Money,
            TierPays::Factor(_) => Written::Number,
            TierPays::Share(_) => Written::Percent,
            TierPays::Rate(_) if self.unit_of(c) == Written::Money => Written::Percent,
            TierPays::Rate(_) => Written::Money,
        }
    }

    pub(super) fn rate_digits(&self, c: &Commission) -> Option<u32> {
        let digits = self.terms.rounding.rate?;
        Some(if self.written_of(c) == Written::Percent { digits + 2 } else { digits })
    }

    /// What a tier's value is taken of: the figure, the target incentive, the deals at their own rates, or nothing.
    fn times(
        &mut self,
        c: &Commission,
        id: &str,
        effects: &[Effect],
        volume: &Known,
    ) -> Reckoning<Option<Option<Known>>> {
        Ok(match Self::kind(c) {
            TierPays::Rate(_) => Some(Some(volume.clone())),
            TierPays::Amount(_) => Some(None),
            TierPays::Share(_) => self.target_incentive()?.map(Some),
            TierPays::Factor(_) => Some(Some(self.by_rates(c, id, effects)?)),
        })
    }

    fn pay(
        &mut self,
        c: &Commission,
        id: &str,
        effects: &[Effect],
        in_period: &Known,
        before: Option<&Known>,
        reach: Reach,
    ) -> Reckoning<Option<Known>> {
        let subject = c.id.clone();
        let kind = Self::kind(c);
        let once = matches!(kind, TierPays::Amount(_) | TierPays::Share(_));
        if c.method == Method::Marginal {
            let (how, written) = if once {
                (How::Reached { rows: Self::rows(c), boundary: c.boundary }, self.written_of(c))
            } else {
                (
                    How::Tiers { rows: Self::rows(c) },
                    if reach.unit.is_some() { Written::Percent } else { Written::Money },
                )
            };
            let mut sum =
                self.line(&format!("{id}.tiers"), "tiers", &subject, how.clone(), &[&reach.now], written, None)?;
            if let Some(before) = &reach.before {
                let earlier =
                    self.line(&format!("{id}.tiers_before"), "tiers_before", &subject, how, &[before], written, None)?;
                let of = [&sum, &earlier];
                sum =
                    self.line(&format!("{id}.tiers_now"), "tiers_now", &subject, How::Difference, &of, written, None)?;
            }
            return match kind {
                TierPays::Amount(_) => Ok(Some(sum)),
                TierPays::Share(_) => {
                    let Some(incentive) = self.target_incentive()? else { return Ok(None) };
                    self.product(&format!("{id}.pay"), "pay", &subject, &[incentive, sum]).map(Some)
                }
                TierPays::Rate(_) => match reach.unit {
                    Some(unit) => self.product(&format!("{id}.pay"), "pay", &subject, &[sum, unit]).map(Some),
                    None => Ok(Some(sum)),
                },
                TierPays::Factor(_) => self.blended(c, id, effects, in_period, sum, reach.unit, reach.now),
            };
        }
        let (how, written, digits) = (Self::lookup(c), self.written_of(c), self.rate_digits(c));
        let rate = self.line(&format!("{id}.rate"), "rate", &subject, how.clone(), &[&reach.now], written, digits)?;
        let to_date = c.applies_to == AppliesTo::ToDate && before.is_some();
        if !to_date {
            let now: Vec<Effect> = self.of_period(effects);
            let Some(of) = self.times(c, id, &now, in_period)? else { return Ok(None) };
            return match of {
                Some(of) => self.product(&format!("{id}.pay"), "pay", &subject, &[of, rate]).map(Some),
                None => Ok(Some(rate)),
            };
        }
        let Some(before_volume) = before else { return Ok(None) };
        let all = self.line(
            &format!("{id}.volume_to_date"),
            "to_date",
            &subject,
            How::Sum,
            &[before_volume, in_period],
            in_period.written,
            None,
        )?;
        let Some(of) = self.times(c, id, effects, &all)? else { return Ok(None) };
        let so_far = match &of {
            Some(of) => self.product(&format!("{id}.pay_to_date"), "pay_to_date", &subject, &[of.clone(), rate])?,
            None => rate,
        };
        let Some(reached_before) = &reach.before else { return Ok(Some(so_far)) };
        let earlier_rate =
            self.line(&format!("{id}.rate_before"), "rate_before", &subject, how, &[reached_before], written, digits)?;
        let from = self.range().from;
        let earlier: Vec<Effect> = effects.iter().filter(|effect| effect.date < from).cloned().collect();
        let earlier = match kind {
            TierPays::Rate(_) => self.product(
                &format!("{id}.pay_before"),
                "pay_before",
                &subject,
                &[before_volume.clone(), earlier_rate],
            )?,
            TierPays::Factor(_) => {
                let at_rates = self.by_rates(c, &format!("{id}.earlier"), &earlier)?;
                self.product(&format!("{id}.pay_before"), "pay_before", &subject, &[at_rates, earlier_rate])?
            }
            TierPays::Share(_) => match of {
                Some(of) => self.product(&format!("{id}.pay_before"), "pay_before", &subject, &[of, earlier_rate])?,
                None => earlier_rate,
            },
            TierPays::Amount(_) => earlier_rate,
        };
        let of = [&so_far, &earlier];
        self.line(&format!("{id}.pay"), "pay_now", &subject, How::Difference, &of, Written::Money, None).map(Some)
    }

    fn of_period(&self, effects: &[Effect]) -> Vec<Effect> {
        let from = self.range().from;
        effects.iter().filter(|effect| effect.date >= from).cloned().collect()
    }

    /// Deals at their own rates share in marginal tiers in proportion.
    #[allow(clippy::too_many_arguments)]
    fn blended(
        &mut self,
        c: &Commission,
        id: &str,
        effects: &[Effect],
        in_period: &Known,
        sum: Known,
        unit: Option<Known>,
        reached: Known,
    ) -> Reckoning<Option<Known>> {
        let now = self.of_period(effects);
        let at_rates = self.by_rates(c, id, &now)?;
        let (subject, number) = (c.id.clone(), Written::Number);
        let factor = if in_period.value == Ratio::ZERO {
            let how = How::Row { rows: Self::rows(c), boundary: c.boundary, below: Ratio::ZERO };
            self.line(&format!("{id}.factor"), "factor", &subject, how, &[&reached], number, None)?
        } else {
            let scaled = match unit {
                Some(unit) => {
                    let of = [&sum, &unit];
                    self.line(&format!("{id}.scaled"), "tiers_now", &subject, How::Product, &of, Written::Money, None)?
                }
                None => sum,
            };
            let of = [&scaled, in_period];
            self.line(&format!("{id}.factor"), "factor", &subject, How::Quotient, &of, number, None)?
        };
        self.product(&format!("{id}.pay"), "pay", &subject, &[at_rates, factor]).map(Some)
    }
}

/// What a deal, or taking one back, comes to in a period.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CountedDeal {
    pub deal: String,
    /// The day it counts on.
    pub date: chrono::NaiveDate,
    /// Credited to someone who reports to the person.
    pub team: bool,
    /// In whole units of the currency; negative when taken back.
    pub amount: Ratio,
    pub customer_type: String,
}

/// The deals of a period as a plan counts them, newest first: those of a commission, or of the person's sales without one.
/// `None` where the commission is not of deals, or the plan has none of this id.
///
/// Errors: figures beyond 128-bit fractions.
pub fn counted_deals(
    plan: &Plan,
    inputs: &Inputs,
    commission: Option<&str>,
) -> Result<Option<Vec<CountedDeal>>, PayoutError> {
    let mut record = record_of(plan, inputs)?;
    in_order(&mut record.deals);
    let (terms, period) = (plan.terms(), period_of(plan, inputs.period));
    let range = record.fiscal.range(period);
    let known = record.deals.iter().take_while(|deal| deal.known < range.until).count();
    let desk = Desk::open(plan, &terms, &record, period, known);
    let effects = match commission {
        None => {
            let mut effects = desk.effects(known, terms.basis)?;
            effects.retain(|effect| !effect.team);
            effects
        }
        Some(id) => match terms.commissions.iter().find(|c| c.id == id) {
            Some(c) if matches!(c.on, CommissionOn::Deals(_)) => desk.commission_effects(c)?,
            _ => return Ok(None),
        },
    };
    let inside = effects.into_iter().filter(|effect| range.contains(effect.date));
    let mut deals: Vec<CountedDeal> = inside
        .map(|Effect { deal, date, team, amount, customer_type, .. }| CountedDeal {
            deal,
            date,
            team,
            amount,
            customer_type,
        })
        .collect();
    deals.sort_by(|a, b| (b.date, &b.deal).cmp(&(a.date, &a.deal)));
    Ok(Some(deals))
}
