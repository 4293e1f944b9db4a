//! Figures of a plan run's inputs, put together: months that make a longer period, and sums over earlier periods.
//! What lacks a part is no figure at all, never a smaller one.

use std::collections::{BTreeMap, BTreeSet};

use attain_domain::metric::{Metric, Unit};
use attain_domain::money::Ratio;
use attain_domain::payout::record::{Measured, Record};
use attain_domain::period::{FiscalCalendar, Month, Period};
use attain_domain::plan::Target;
use attain_domain::plan::terms::{CommissionOn, Cumulation, Measure, Span, TiersBy};

use super::inputs::{Figure, Gap, Reader, named, within};

impl Reader<'_> {
    pub(super) fn put_figures(&mut self, span: Span) {
        for ((person, measure), figures) in std::mem::take(&mut self.figures) {
            let mut by_period: BTreeMap<Period, Vec<Figure>> = BTreeMap::new();
            for figure in figures {
                let period = within(span, figure.period.first_month());
                if period.months().count() < figure.period.months().count() {
                    let params =
                        [("text", figure.period.to_string()), ("span", format!("@payout.span.{}", span.name()))];
                    self.find(Some(figure.row), Some("period"), "period_too_long", &params);
                    continue;
                }
                by_period.entry(period).or_default().push(figure);
            }
            let unit = named(&measure, &self.measures).map_or(Unit::Count, |m| m.unit());
            for (period, figures) in by_period {
                let measured = self.joined(&person, &measure, period, &figures, unit);
                if let Some(record) = self.records.get_mut(&person) {
                    record.measures.entry(period).or_default().insert(measure.clone(), measured);
                }
            }
        }
    }

    /// Figures of one measure within one period: parts of it add up, a ratio over its own denominators.
    fn joined(&mut self, person: &str, measure: &str, period: Period, figures: &[Figure], unit: Unit) -> Measured {
        let ratio = matches!(unit, Unit::Ratio | Unit::Score);
        let (mut actual_in, mut target_in) = (BTreeSet::new(), BTreeSet::new());
        for figure in figures {
            for (given, within, column) in [
                (figure.actual.is_some() || figure.no_data, &mut actual_in, "actual"),
                (figure.target.is_some(), &mut target_in, "target"),
            ] {
                let overlaps = given && figure.period.months().filter(|month| !within.insert(*month)).count() > 0;
                if overlaps {
                    self.find(Some(figure.row), Some(column), "conflict", &[("column", column.to_string())]);
                }
            }
        }
        let actuals: Vec<&Figure> = figures.iter().filter(|figure| figure.actual.is_some()).collect();
        let sum = |of: Vec<Ratio>| of.into_iter().try_fold(Ratio::ZERO, Ratio::add);
        let actual = match actuals.as_slice() {
            [] => None,
            [one] => one.actual,
            several if ratio => {
                if let Some(bare) = several.iter().find(|figure| figure.parts.is_none()) {
                    self.find(Some(bare.row), Some("actual"), "ratio_parts", &[]);
                }
                let part =
                    |pick: fn((Ratio, Ratio)) -> Ratio| sum(several.iter().filter_map(|f| f.parts.map(pick)).collect());
                match (part(|(num, _)| num), part(|(_, den)| den)) {
                    (Some(num), Some(den)) if num.den == 1 && den.den == 1 => Ratio::new(num.num, den.num),
                    (Some(num), Some(den)) => num.div(den),
                    _ => None,
                }
            }
            several => sum(several.iter().filter_map(|figure| figure.actual).collect()),
        };
        let targets: Vec<Ratio> = figures.iter().filter_map(|figure| figure.target).collect();
        let mut measured = Measured { actual, target: targets.first().copied() };
        if !ratio && !targets.is_empty() {
            measured.target = sum(targets);
        } else if let Some(other) =
            figures.iter().find(|figure| figure.target.is_some() && figure.target != measured.target)
        {
            let params = [("column", "target".to_string())];
            self.find(Some(other.row), Some("target"), "ratio_goals_differ", &params);
        }
        // A month without its part: no data is never 0.
        let record = self.records.get(person);
        let lacks = |within: &BTreeSet<Month>| -> Vec<Period> {
            let lacking = period.months().filter(|month| !within.contains(month)).map(Period::Month);
            lacking.filter(|month| serves(record, &self.plan.position, *month)).collect()
        };
        let (mut no_actual, no_target) = (lacks(&actual_in), if ratio { Vec::new() } else { lacks(&target_in) });
        if !ratio {
            no_actual.extend(figures.iter().filter(|figure| figure.no_data).map(|figure| figure.period));
        }
        let mut gaps = Vec::new();
        for (goal, parts, value) in [(false, no_actual, &mut measured.actual), (true, no_target, &mut measured.target)]
        {
            if !parts.is_empty() && value.take().is_some() {
                let (person, measure) = (person.to_string(), measure.to_string());
                gaps.push(Gap { person, period, measure, goal, parts });
            }
        }
        // Sales would be taken from the deals alone.
        if gaps.iter().any(|gap| !gap.goal) && measure == Metric::SalesAmount.name() && self.deals.contains_key(person)
        {
            let row = figures.last().map(|figure| figure.row);
            let params = [("metric", "@metric.sales_amount".to_string()), ("period", period.to_string())];
            self.find(row, Some("actual"), "figure_or_deals", &params);
        }
        self.gaps.append(&mut gaps);
        measured
    }

    /// What a commission adds up to date waits for every earlier part from the first figure on.
    pub(super) fn wait_for_earlier(&mut self, span: Span) {
        let sales = Measure::of(Metric::SalesAmount);
        for c in &self.plan.terms().commissions {
            let window = match c.over {
                Cumulation::Quarter => Span::Quarter,
                Cumulation::Year => Span::Year,
                Cumulation::Deal | Cumulation::Period => continue,
            };
            let goals = c.by == TiersBy::Attainment && c.target == Target::Goal;
            let mut summed: Vec<(&str, bool, bool)> = Vec::new();
            match &c.on {
                CommissionOn::Measure(own) => summed.push((&own.name, true, goals && c.attainment_of.is_none())),
                CommissionOn::Deals(_) if c.attainment_of.is_none() => summed.push((&sales.name, false, goals)),
                CommissionOn::Deals(_) => {}
            }
            if let Some(of) = &c.attainment_of {
                summed.push((&of.name, true, goals));
            }
            for (person, record) in &mut self.records {
                let from_deals = self.deals.contains_key(person);
                for (name, actual, target) in &summed {
                    let actual = *actual && !(from_deals && *name == sales.name);
                    self.gaps.extend(wait(record, &self.plan.position, (span, window), name, (actual, *target)));
                }
            }
        }
    }
}

fn wait(
    record: &mut Record,
    position: &str,
    (span, window): (Span, Span),
    name: &str,
    (actual, target): (bool, bool),
) -> Vec<Gap> {
    let given: Vec<Month> =
        record.measures.iter().filter(|(_, of)| of.contains_key(name)).map(|(period, _)| period.last_month()).collect();
    let (Some(first), Some(last)) = (given.iter().min(), given.iter().max()) else { return Vec::new() };
    let mut periods: Vec<Period> =
        (first.index()..=last.index()).take(1200).map(|month| within(span, Month::from_index(month))).collect();
    periods.dedup();
    let (mut no_actual, mut no_target, mut now, mut gaps) = (Vec::new(), Vec::new(), None, Vec::new());
    for period in periods {
        let of = within(window, period.first_month());
        if now.replace(of) != Some(of) {
            (no_actual, no_target) = (Vec::new(), Vec::new());
        }
        if !serves(Some(record), position, period) {
            continue;
        }
        let mut nothing = Measured::default();
        let measured = record.measures.get_mut(&period).and_then(|of| of.get_mut(name)).unwrap_or(&mut nothing);
        for (summed, goal, value, parts) in [
            (actual, false, &mut measured.actual, &mut no_actual),
            (target, true, &mut measured.target, &mut no_target),
        ] {
            if !summed {
                continue;
            }
            if value.is_none() {
                parts.push(period);
            } else if !parts.is_empty() {
                *value = None;
                let (person, measure) = (record.person.clone(), name.to_string());
                gaps.push(Gap { person, period, measure, goal, parts: parts.clone() });
            }
        }
    }
    gaps
}

/// Whether a person is in service at any time of a period, in the position that is paid.
fn serves(record: Option<&Record>, position: &str, period: Period) -> bool {
    let range = FiscalCalendar::Months.range(period);
    record.is_none_or(|record| {
        record.service.is_empty()
            || record.service.iter().any(|s| {
                s.from < range.until
                    && s.until.is_none_or(|until| range.from < until)
                    && s.position.as_deref().is_none_or(|p| p == position)
            })
    })
}
