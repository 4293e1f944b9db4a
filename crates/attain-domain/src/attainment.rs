//! How far along: attainment, what is due by today, pace and its status, slipping, forecast.
//!
//! Owns: every rule that turns actuals and targets into a judgement of a figure (DOMAIN, terms and arithmetic 8).
//! Absent on purpose: where actuals come from; sentences about them.

use chrono::{Days, NaiveDate};
use serde::{Deserialize, Serialize};

use crate::calendar::{WorkingCalendar, week_end};
use crate::metric::{Figure, Metric, Unit};
use crate::money::{Ratio, round_half_away};
use crate::org::{UnknownName, named};
use crate::period::{DateRange, FiscalCalendar, Month, Period};
use std::str::FromStr;

named! {
    /// 进度状态: attainment against the share of the plan due by today.
    Status { Ahead "ahead", OnPace "on_pace", Behind "behind", FarBehind "far_behind", NoData "no_data", }
}

/// Lower bounds of the statuses in percent, inclusive; a setting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct PaceBounds {
    pub ahead: u32,
    pub on_pace: u32,
    pub behind: u32,
}

impl Default for PaceBounds {
    fn default() -> Self {
        PaceBounds { ahead: 105, on_pace: 90, behind: 70 }
    }
}

/// As the setting `pace_bounds` writes them: `105/90/70`.
impl FromStr for PaceBounds {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        let bounds: Result<Vec<u32>, _> = text.split('/').map(|bound| bound.trim().parse()).collect();
        match bounds.as_deref() {
            Ok(&[ahead, on_pace, behind]) => Ok(PaceBounds { ahead, on_pace, behind }),
            _ => Err(()),
        }
    }
}

impl std::fmt::Display for PaceBounds {
    fn fmt(&self, f: &mut std::fmt::Formatter) -> std::fmt::Result {
        write!(f, "{}/{}/{}", self.ahead, self.on_pace, self.behind)
    }
}

impl PaceBounds {
    /// A better status starts higher, and none at nothing.
    pub fn in_order(&self) -> bool {
        500 >= self.ahead && self.ahead > self.on_pace && self.on_pace > self.behind && self.behind > 0
    }

    pub fn status(&self, pace: Option<Ratio>) -> Status {
        let Some(pace) = pace else { return Status::NoData };
        let at_least = |percent: u32| pace >= Ratio { num: i128::from(percent), den: 100 };
        match () {
            () if at_least(self.ahead) => Status::Ahead,
            () if at_least(self.on_pace) => Status::OnPace,
            () if at_least(self.behind) => Status::Behind,
            () => Status::FarBehind,
        }
    }
}

/// Actual ÷ target; `None` when either is missing or the target is zero. A ratio's figure is its own fraction
/// (75/90) while its target is in millionths, so the unit decides the scale.
pub fn attainment(metric: Metric, actual: Option<Figure>, target: Option<i64>) -> Option<Ratio> {
    let (actual, target) = (actual?, target?);
    let scale = if metric.unit() == Unit::Ratio { 1_000_000 } else { 1 };
    Ratio::new(i128::from(actual.num) * scale, i128::from(actual.den).checked_mul(i128::from(target))?)
}

/// The company's clock: how time maps to plan.
#[derive(Debug, Clone, Default)]
pub struct PlanTime {
    pub fiscal: FiscalCalendar,
    pub working: WorkingCalendar,
}

/// Working days of a month gone before a day, and in all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct WorkingDays {
    pub gone: u32,
    pub total: u32,
}

impl PlanTime {
    /// Days before `today` count as gone: on the morning of the 21st, the 20th is the last.
    pub fn working_days(&self, month: Month, today: NaiveDate) -> WorkingDays {
        let range = self.fiscal.range(Period::Month(month));
        let gone = DateRange { from: range.from, until: today.clamp(range.from, range.until) };
        WorkingDays { gone: self.working.count(gone), total: self.working.count(range) }
    }

    /// What of a period's monthly targets is due by a day, as an exact fraction of the smallest step.
    pub fn planned_to_date(&self, targets: impl IntoIterator<Item = (Month, i64)>, today: NaiveDate) -> Ratio {
        let mut sum = Ratio::ZERO;
        for (month, target) in targets {
            let range = self.fiscal.range(Period::Month(month));
            let part = if range.until <= today {
                Some(Ratio { num: i128::from(target), den: 1 })
            } else if range.from < today {
                let days = self.working_days(month, today);
                Ratio::new(i128::from(target) * i128::from(days.gone), i128::from(days.total))
            } else {
                None
            };
            if let Some(total) = part.and_then(|part| sum.add(part)) {
                sum = total;
            }
        }
        sum
    }

    /// A running month shows pace from its third working day on.
    pub fn too_early(&self, period: Period, today: NaiveDate) -> bool {
        let Period::Month(month) = period else { return false };
        let range = self.fiscal.range(period);
        range.contains(today) && self.working_days(month, today).gone < EARLY_DAYS
    }

    /// The two week ends that *slipping* looks at, the later first: weeks end on Sunday, and the running week
    /// counts (up to today) only from its third working day.
    pub fn last_two_weeks(&self, today: NaiveDate) -> [NaiveDate; 2] {
        let sunday = week_end(today);
        let monday = sunday - Days::new(6);
        let running = self.working.count(DateRange { from: monday, until: today });
        let latest = if running >= EARLY_DAYS { today - Days::new(1) } else { monday - Days::new(1) };
        [latest, week_end(latest) - Days::new(7)]
    }
}

/// Working days before a running month or week says anything.
pub const EARLY_DAYS: u32 = 3;

/// Actual ÷ planned to date; `None` before anything is due.
pub fn pace(actual: i64, planned: Ratio) -> Option<Ratio> {
    Ratio { num: i128::from(actual), den: 1 }.div(planned)
}

/// 差额 and *money at risk*: planned to date − actual, rounded to the smallest step; negative when ahead.
pub fn gap(actual: i64, planned: Ratio) -> i64 {
    let planned = round_half_away(planned.num, planned.den);
    i64::try_from(planned - i128::from(actual)).unwrap_or(i64::MAX)
}

/// *Slipping*: behind or worse at both of the last two week ends.
pub fn slipping(bounds: &PaceBounds, paces: [Option<Ratio>; 2]) -> bool {
    paces.iter().all(|p| matches!(bounds.status(*p), Status::Behind | Status::FarBehind))
}

/// Where a running month is heading, in the smallest step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forecast {
    pub expected: i64,
    pub low: i64,
    pub high: i64,
}

/// One of a person's own past months: what it had brought at the same share of its plan, and in the end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PastMonth {
    pub at_same_point: i64,
    pub in_the_end: i64,
}

/// Forecast of a running month = actual ÷ planned share to date, with a band from the person's own last six
/// month-ends at the same point. `None` (not enough data) before the third working day or with fewer than three months.
pub fn forecast(actual: i64, days: WorkingDays, past: &[PastMonth]) -> Option<Forecast> {
    if days.gone < EARLY_DAYS || days.total == 0 {
        return None;
    }
    let project = |value: i64| Ratio::new(i128::from(value) * i128::from(days.total), i128::from(days.gone));
    let expected = project(actual)?;
    let usable: Vec<Ratio> = past
        .iter()
        .rev()
        .take(6)
        .filter_map(|m| Ratio::new(i128::from(m.in_the_end), 1)?.div(project(m.at_same_point)?))
        .filter(|r| r.num >= 0)
        .collect();
    if usable.len() < 3 {
        return None;
    }
    let whole = |r: Ratio| i64::try_from(round_half_away(r.num, r.den)).ok();
    let by = |factor: &Ratio| expected.mul(*factor).and_then(whole);
    let centre = whole(expected)?;
    let low = usable.iter().min().and_then(by)?.min(centre);
    let high = usable.iter().max().and_then(by)?.max(centre);
    Some(Forecast { expected: centre, low, high })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn china() -> PlanTime {
        PlanTime { fiscal: FiscalCalendar::Months, working: WorkingCalendar::china() }
    }

    #[test]
    fn one_order_of_100_000_against_160_000() {
        let sales = |actual, target| attainment(Metric::SalesAmount, actual, target);
        assert_eq!(sales(Some(Figure::sum(10_000_000)), Some(16_000_000)).unwrap().percent(1), "62.5");
        assert_eq!(sales(None, Some(1)), None);
        assert_eq!(sales(Some(Figure::sum(1)), Some(0)), None);
        let retention = attainment(Metric::RetentionRate, Some(Figure { num: 75, den: 90 }), Some(1_000_000));
        assert_eq!(retention.unwrap().percent(1), "83.3");
    }

    #[test]
    fn zhang_san_is_at_72_percent_of_what_is_due() {
        let september: Month = "2026-09".parse().unwrap();
        let planned = china().planned_to_date([(september, 33_000_000)], day("2026-09-21"));
        assert_eq!(planned, Ratio { num: 22_500_000, den: 1 });
        let pace = pace(16_170_000, planned);
        assert_eq!(pace.unwrap().percent(0), "72");
        assert_eq!(PaceBounds::default().status(pace), Status::Behind);
        assert_eq!(gap(16_170_000, planned), 6_330_000);
    }

    #[test]
    fn lower_bounds_are_inclusive() {
        let bounds = PaceBounds::default();
        for (num, status) in [
            (1050, Status::Ahead),
            (1049, Status::OnPace),
            (900, Status::OnPace),
            (899, Status::Behind),
            (700, Status::Behind),
            (699, Status::FarBehind),
        ] {
            assert_eq!(bounds.status(Some(Ratio { num, den: 1000 })), status, "{num}");
        }
        assert_eq!(bounds.status(None), Status::NoData);
    }

    #[test]
    fn the_running_week_waits_for_its_third_working_day() {
        let time = china();
        assert_eq!(time.last_two_weeks(day("2026-09-21")), [day("2026-09-20"), day("2026-09-13")]);
        assert_eq!(time.last_two_weeks(day("2026-09-16")), [day("2026-09-13"), day("2026-09-06")]);
        assert_eq!(time.last_two_weeks(day("2026-09-17")), [day("2026-09-16"), day("2026-09-13")]);
        assert!(time.too_early(Period::Month("2026-09".parse().unwrap()), day("2026-09-03")));
        assert!(!time.too_early(Period::Month("2026-09".parse().unwrap()), day("2026-09-04")));
    }

    #[test]
    fn a_forecast_needs_three_days_and_three_months() {
        let past = [PastMonth { at_same_point: 50, in_the_end: 100 }; 2];
        let days = WorkingDays { gone: 10, total: 20 };
        assert_eq!(forecast(40, days, &past), None);
        let past = [
            PastMonth { at_same_point: 50, in_the_end: 100 },
            PastMonth { at_same_point: 50, in_the_end: 90 },
            PastMonth { at_same_point: 50, in_the_end: 120 },
        ];
        assert_eq!(forecast(40, days, &past), Some(Forecast { expected: 80, low: 72, high: 96 }));
        assert_eq!(forecast(40, WorkingDays { gone: 2, total: 20 }, &past), None);
    }
}
