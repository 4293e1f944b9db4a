//! What a plan can say beyond components, bands and accelerators of a month: how each is scored, what it is paid on,
//! commissions, limits, draws, refunds, proration and rounding.
//!
//! Owns: the terms, every choice of meaning by name, and their defaults (a plan that states none of them is *plain*).
//! Absent on purpose: reading them (`read_terms.rs`) and reckoning with them (`payout/reckon.rs`).

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::{Band, Comparison, PayoutRounding, Target};
use crate::metric::{Metric, Unit};
use crate::order::SalesBasis;
use crate::org::{UnknownName, named};
use std::str::FromStr;

/// What a plan measures: a metric of the product, or one the plan declares itself, with its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Measure {
    pub name: String,
    pub own: Option<Unit>,
}

impl Measure {
    pub fn of(metric: Metric) -> Measure {
        Measure { name: metric.name().to_string(), own: None }
    }

    /// The metric of the product; `None` for one of the plan's own.
    pub fn metric(&self) -> Option<Metric> {
        if self.own.is_some() { None } else { self.name.parse().ok() }
    }

    pub fn unit(&self) -> Unit {
        self.own.or_else(|| self.metric().map(Metric::unit)).unwrap_or(Unit::Count)
    }

    /// As a value of a message's placeholder.
    pub fn spoken(&self) -> String {
        self.metric().map_or_else(|| self.name.clone(), |metric| format!("@metric.{metric}"))
    }
}

named! {
    /// The period a payout is for.
    Span { Month "month", Quarter "quarter", Year "year", }
}

named! {
    /// How an attainment becomes what counts of it.
    Scoring {
        /// As it is, between floor and cap.
        Linear "linear",
        /// The step of the table it reaches.
        Steps "steps",
        /// On the straight line between two points of the table.
        Interpolated "interpolated",
        /// Lower is better: target ÷ actual.
        Inverse "inverse",
        /// Lower is better: 2 − actual ÷ target.
        Mirror "mirror",
    }
}

named! {
    /// Where a value that is exactly a bound belongs.
    Boundary {
        /// To the tier that begins there.
        Upper "upper",
        /// To the tier that ends there.
        Lower "lower",
    }
}

named! {
    /// What a score pays.
    ScorePays {
        /// The multiple of its band.
        Bands "bands",
        /// The multiple on the straight line between two bands.
        Interpolated "interpolated",
        /// Itself: 95 points are 0.95.
        Score "score",
    }
}

named! {
    /// What the multiple of a score is taken of.
    BaseKind { Salary "salary", TargetIncentive "target-incentive", PerUnit "per-unit", }
}

named! {
    /// Which parts of a payout a gate or factor touches.
    Part { All "all", Score "score", Commission "commission", }
}

named! {
    /// How several factors whose conditions hold go together.
    Together { Multiply "multiply", Highest "highest", First "first", }
}

named! {
    /// What a commission is on.
    Over {
        /// Deals credited to the person.
        Deals "deals",
        /// Deals credited to those who report to the person: beside their credit, never out of it.
        TeamDeals "team-deals",
    }
}

named! {
    /// What of a deal is added up.
    Counted { Amount "amount", Units "units", Margin "margin", Number "number", }
}

named! {
    /// What tiers are bounded by.
    TiersBy { Amount "amount", Attainment "attainment", }
}

named! {
    /// How long figures add up before a tier is looked up.
    Cumulation { Deal "deal", Period "period", Quarter "quarter-to-date", Year "year-to-date", }
}

named! {
    /// What a tier's rate is applied to.
    Method {
        /// The rate reached applies to all of it.
        Whole "whole",
        /// Each rate applies to what lies in its own tier.
        Marginal "marginal",
        /// The rate on the straight line between two tiers applies to all of it.
        Interpolated "interpolated",
    }
}

named! {
    /// With figures that add up over several periods: what the rate reached is applied to.
    AppliesTo {
        /// This period's part.
        Period "period",
        /// Everything to date, less what earlier periods came to by the same rule.
        ToDate "to-date",
    }
}

named! {
    /// Which row of a rate table a deal takes.
    Precedence { Product "product", CustomerType "customer_type", First "first", }
}

named! {
    /// What a refund does.
    RefundRule {
        /// Counts in the period of its own date.
        OwnPeriod "own-period",
        /// The period of the sale is worked out again without it, and the difference is recovered.
        SalePeriod "sale-period",
        /// Nothing.
        Ignored "ignored",
    }
}

named! {
    /// By what a part of a period is measured.
    ProrateBy { None "none", CalendarDays "calendar-days", Weekdays "weekdays", }
}

named! {
    /// Which plan or salary counts when it changes within a period.
    MidPeriod { LastDay "last-day", ByDays "by-days", }
}

/// A component with everything a plan can say of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Scored {
    pub measure: Measure,
    pub weight: Decimal,
    /// `None`: the figure itself is scored by its table, nothing is divided.
    pub target: Option<Target>,
    pub cap: Option<Decimal>,
    pub floor: Option<Decimal>,
    pub scoring: Scoring,
    /// Lowest bound first; fractions, or the metric's own unit without a target; to fractions.
    pub table: Vec<(Decimal, Decimal)>,
    pub boundary: Boundary,
    /// Below the table's first bound: as its first row rather than 0 %.
    pub below_first: bool,
}

/// What a condition looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Looked {
    Attainment(Measure),
    Actual(Measure),
    Score,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct When {
    pub looked: Looked,
    pub op: Comparison,
    pub bound: Decimal,
}

/// A factor on a part of the payout while a condition holds; otherwise `otherwise` (1 for an accelerator).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Factor {
    pub when: When,
    pub factor: Decimal,
    pub otherwise: Decimal,
    pub of: Part,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Base {
    pub kind: BaseKind,
    /// How many salaries, or the share of the target incentive.
    pub times: Decimal,
    /// The target incentive when it is the same for everyone, or what one unit is worth.
    pub amount: Option<Decimal>,
    /// What is counted in a base per unit.
    pub measure: Option<Measure>,
    pub changes: MidPeriod,
}

/// What a tier gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TierPays {
    /// Of what is measured; also an amount of money for each unit.
    Rate(Decimal),
    /// Once.
    Amount(Decimal),
    /// Of the target incentive.
    Share(Decimal),
    /// Times the rates of the table.
    Factor(Decimal),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RateRow {
    pub product: Option<String>,
    pub customer_type: Option<String>,
    pub rate: Decimal,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommissionOn {
    Deals(Over),
    Measure(Measure),
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Commission {
    pub id: String,
    pub on: CommissionOn,
    pub counted: Counted,
    pub basis: SalesBasis,
    /// Only deals of these count; every one when empty.
    pub products: Vec<String>,
    pub customer_types: Vec<String>,
    pub by: TiersBy,
    /// Whose attainment bounds the tiers; its own when absent.
    pub attainment_of: Option<Measure>,
    pub target: Target,
    pub over: Cumulation,
    pub method: Method,
    pub applies_to: AppliesTo,
    pub boundary: Boundary,
    /// Lowest bound first.
    pub tiers: Vec<(Decimal, TierPays)>,
    pub rates: Vec<RateRow>,
    pub precedence: Precedence,
    pub cap: Option<Decimal>,
    pub floor: Option<Decimal>,
}

/// An amount of money, or a share of the base.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Limit {
    Amount(Decimal),
    Share(Decimal),
}

#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Limits {
    pub cap: Option<Limit>,
    pub floor: Option<Limit>,
    pub cap_year: Option<Decimal>,
}

/// A payout is at least this, for a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Guarantee {
    pub at_least: Limit,
    /// Months from the person's first day; always when absent.
    pub months: Option<u32>,
    pub until: Option<NaiveDate>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Draw {
    pub amount: Decimal,
    pub recoverable: bool,
    /// First day of the first period in which it is recovered; from the next one when absent.
    pub recover_from: Option<NaiveDate>,
    /// How much of what is earned above the draw is recovered.
    pub recover_share: Decimal,
    /// First day it is no longer given.
    pub until: Option<NaiveDate>,
    /// The most that may be owed.
    pub limit: Option<Decimal>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refunds {
    pub rule: RefundRule,
    pub within_days: Option<u32>,
    /// Of the difference that is recovered.
    pub share: Decimal,
    /// What a refund after that time does.
    pub later: RefundRule,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proration {
    pub by: ProrateBy,
    pub base: bool,
    pub targets: bool,
    pub limits: bool,
    pub commissions: bool,
    pub leave_counts: bool,
    pub fte_counts: bool,
    pub plan_change: MidPeriod,
}

/// Decimals at each stage, half away from zero; exact when absent. Of a percentage or a rate: decimals of the percentage.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rounding {
    pub attainment: Option<u32>,
    pub points: Option<u32>,
    pub multiple: Option<u32>,
    pub base: Option<u32>,
    pub rate: Option<u32>,
    pub deal: Option<u32>,
    pub commission: Option<u32>,
    pub proration: Option<u32>,
}

/// All terms of a plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    /// Absent: a month, or as the figures are given.
    pub period: Option<Span>,
    pub metrics: Vec<Measure>,
    pub components: Vec<Scored>,
    pub digits: u32,
    pub pays: ScorePays,
    pub boundary: Boundary,
    pub bands: Vec<Band>,
    pub gates: Vec<Factor>,
    pub accelerators: Vec<Factor>,
    pub together: Together,
    pub base: Base,
    pub basis: SalesBasis,
    pub commissions: Vec<Commission>,
    pub quarters: [Decimal; 4],
    pub round: PayoutRounding,
    pub limits: Limits,
    pub guarantee: Option<Guarantee>,
    pub draw: Option<Draw>,
    pub refunds: Refunds,
    /// Shares of a deal must be the whole.
    pub whole_splits: bool,
    pub proration: Proration,
    pub rounding: Rounding,
}

impl Default for Terms {
    fn default() -> Self {
        Terms {
            period: None,
            metrics: Vec::new(),
            components: Vec::new(),
            digits: 2,
            pays: ScorePays::Bands,
            boundary: Boundary::Upper,
            bands: Vec::new(),
            gates: Vec::new(),
            accelerators: Vec::new(),
            together: Together::Multiply,
            base: Base {
                kind: BaseKind::Salary,
                times: Decimal::ONE,
                amount: None,
                measure: None,
                changes: MidPeriod::LastDay,
            },
            basis: SalesBasis::Booked,
            commissions: Vec::new(),
            quarters: [Decimal::ONE; 4],
            round: PayoutRounding::MinorUnit,
            limits: Limits::default(),
            guarantee: None,
            draw: None,
            refunds: Refunds {
                rule: RefundRule::OwnPeriod,
                within_days: None,
                share: Decimal::ONE,
                later: RefundRule::OwnPeriod,
            },
            whole_splits: false,
            proration: Proration {
                by: ProrateBy::None,
                base: true,
                targets: false,
                limits: false,
                commissions: false,
                leave_counts: false,
                fte_counts: true,
                plan_change: MidPeriod::LastDay,
            },
            rounding: Rounding::default(),
        }
    }
}

impl Terms {
    /// Every measure a payout needs.
    pub fn measures(&self) -> Vec<Measure> {
        let mut all: Vec<Measure> = self.components.iter().map(|c| c.measure.clone()).collect();
        for factor in self.gates.iter().chain(&self.accelerators) {
            match &factor.when.looked {
                Looked::Attainment(measure) | Looked::Actual(measure) => all.push(measure.clone()),
                Looked::Score => {}
            }
        }
        all.extend(self.base.measure.clone());
        for commission in &self.commissions {
            if let CommissionOn::Measure(measure) = &commission.on {
                all.push(measure.clone());
            }
            all.extend(commission.attainment_of.clone());
            if commission.by == TiersBy::Attainment && commission.target == Target::Goal {
                all.push(Measure::of(Metric::SalesAmount));
            }
        }
        let mut seen = Vec::new();
        for measure in all {
            if !seen.contains(&measure) {
                seen.push(measure);
            }
        }
        seen
    }

    /// The target a component has for a measure; the person's goal when it is none of the components.
    pub fn target_of(&self, measure: &Measure) -> Target {
        self.components.iter().find(|c| c.measure == *measure).and_then(|c| c.target).unwrap_or(Target::Goal)
    }
}

impl Counted {
    /// The key of what is said of a deal that lacks what is counted.
    pub fn lack(self) -> &'static str {
        match self {
            Counted::Units => "payout.lack_units",
            _ => "payout.lack_cost",
        }
    }
}
