//! How people and units stand: attainment, pace, weeks, slipping, forecast.
//!
//! Owns: bringing figures, targets and the calendar together for attain-domain's rules.
//! Absent on purpose: the rules themselves, sentences, pixels.

use std::cell::OnceCell;
use std::collections::BTreeMap;

use attain_domain::attainment::{
    Forecast, PaceBounds, PastMonth, PlanTime, Status, attainment, forecast, gap, pace, slipping,
};
use attain_domain::metric::{Figure, Metric, RollUp};
use attain_domain::money::Ratio;
use attain_domain::period::{Month, Period};
use attain_store::connection::View;
use attain_store::queries::figure::{DaySums, Whose};
use attain_store::queries::org::PersonRow;
use chrono::{Days, NaiveDate};

use crate::notes;
use crate::problem::Result;
use crate::scope;
use crate::workspace::Viewer;

/// How one figure stands against its plan.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Standing {
    pub metric: Metric,
    pub period: Period,
    pub target: Option<i64>,
    pub actual: Option<Figure>,
    pub attainment: Option<Ratio>,
    /// Due by today, exact, in the smallest step; sums only.
    pub planned: Option<Ratio>,
    /// Planned ÷ target: where the pace tick stands.
    pub due: Option<Ratio>,
    pub pace: Option<Ratio>,
    pub status: Status,
    /// Planned to date − actual: positive is money at risk.
    pub gap: Option<i64>,
    /// A running month before its third working day shows no pace.
    pub too_early: bool,
}

/// One week of a person or team.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    pub start: NaiveDate,
    /// Sunday, or the last day that counts while the week runs.
    pub end: NaiveDate,
    pub actual: i64,
    pub planned: Option<Ratio>,
    pub running: bool,
}

/// A row of the team table.
#[derive(Debug, Clone)]
pub struct PersonStanding {
    pub person: PersonRow,
    pub standing: Standing,
    pub slipping: bool,
    /// Eight weeks, oldest first.
    pub weeks: Vec<Week>,
    pub forecast: Option<Forecast>,
    pub last_talk: Option<String>,
}

/// Calendars and bounds, read once for a screen.
pub struct Frame {
    pub time: PlanTime,
    pub bounds: PaceBounds,
    pub today: NaiveDate,
    same_points: OnceCell<Vec<(Month, NaiveDate)>>,
}

impl Frame {
    pub fn load(view: View, today: NaiveDate) -> Result<Frame> {
        Ok(Frame { time: view.plan_time()?, bounds: view.pace_bounds()?, today, same_points: OnceCell::new() })
    }

    /// The six months before the running one, oldest first, each with the first day on which the same share of its
    /// working days had gone as has now. Worked out once for all the people of a screen, and for no screen without.
    fn same_points(&self) -> &[(Month, NaiveDate)] {
        self.same_points.get_or_init(|| {
            let time = &self.time;
            let running = time.fiscal.month_of(self.today);
            let now = time.working_days(running, self.today);
            let point = |back: i32| {
                let month = running.plus(-back);
                let range = time.fiscal.range(Period::Month(month));
                let same = |day: &NaiveDate| {
                    let then = time.working_days(month, *day);
                    u64::from(then.gone) * u64::from(now.total) >= u64::from(now.gone) * u64::from(then.total)
                };
                (month, range.from.iter_days().take_while(|day| *day < range.until).find(same).unwrap_or(range.until))
            };
            (1..=6).rev().map(point).collect()
        })
    }

    /// Judges a figure of a period against the targets of its months.
    pub fn judge(
        &self,
        metric: Metric,
        period: Period,
        actual: Option<Figure>,
        months: Option<&BTreeMap<Month, i64>>,
    ) -> Standing {
        let of_month = |m: Month| months.and_then(|map| map.get(&m)).copied();
        let target = months.map(|map| match metric.roll_up() {
            RollUp::Sum => period.months().filter_map(|m| map.get(&m)).sum(),
            RollUp::RatioOfSums => of_month(period.last_month()).unwrap_or(0),
        });
        let planned = target
            .filter(|_| metric.roll_up() == RollUp::Sum)
            .map(|_| self.time.planned_to_date(period.months().filter_map(|m| Some((m, of_month(m)?))), self.today));
        self.standing(metric, period, actual, target, planned)
    }

    /// Several people as one line: Σ members' months against Σ members' actuals (DOMAIN, arithmetic 3).
    pub fn together<'s>(&self, period: Period, standings: impl IntoIterator<Item = &'s Standing>) -> Standing {
        let (mut actual, mut target, mut planned): (Option<Figure>, Option<i64>, Option<Ratio>) = (None, None, None);
        for one in standings {
            if let Some(figure) = one.actual {
                actual.get_or_insert(Figure::sum(0)).num += figure.num;
            }
            if let (Some(own), Some(due)) = (one.target, one.planned) {
                *target.get_or_insert(0) += own;
                planned = planned.unwrap_or(Ratio::ZERO).add(due);
            }
        }
        self.standing(Metric::SalesAmount, period, actual, target, planned)
    }

    fn standing(
        &self,
        metric: Metric,
        period: Period,
        actual: Option<Figure>,
        target: Option<i64>,
        planned: Option<Ratio>,
    ) -> Standing {
        let reached = attainment(metric, actual, target);
        let too_early = self.time.too_early(period, self.today);
        let against = planned.zip(actual).map(|(planned, actual)| (actual.num, planned));
        let pace = match metric.roll_up() {
            _ if too_early => None,
            RollUp::RatioOfSums => reached,
            RollUp::Sum => against.and_then(|(actual, planned)| pace(actual, planned)),
        };
        Standing {
            metric,
            period,
            target,
            actual,
            attainment: reached,
            planned,
            due: planned.zip(target).and_then(|(planned, target)| planned.div(Ratio::new(i128::from(target), 1)?)),
            pace,
            status: self.bounds.status(pace),
            gap: against.map(|(actual, planned)| gap(actual, planned)),
            too_early,
        }
    }
}

/// A person's monthly targets of a metric around a period: its year and, for weeks that reach back, the year before.
pub fn targets_of_person(
    view: View,
    person_id: &str,
    metric: Metric,
    years: &[i32],
) -> Result<Option<BTreeMap<Month, i64>>> {
    targets(view, person_id, true, metric, years)
}

/// A unit's own monthly targets.
pub fn targets_of_unit(
    view: View,
    unit_id: &str,
    metric: Metric,
    years: &[i32],
) -> Result<Option<BTreeMap<Month, i64>>> {
    targets(view, unit_id, false, metric, years)
}

fn targets(
    view: View,
    owner_id: &str,
    person: bool,
    metric: Metric,
    years: &[i32],
) -> Result<Option<BTreeMap<Month, i64>>> {
    use attain_domain::goal::Owner;
    let mut map: Option<BTreeMap<Month, i64>> = None;
    for year in years {
        for goal in view.goals_of_owner(owner_id, *year)? {
            let carried = matches!((&goal.owner, person), (Owner::Person(_), true) | (Owner::Unit(_), false));
            if goal.metric != metric || !carried {
                continue;
            }
            let map = map.get_or_insert_default();
            for (i, value) in goal.months.iter().enumerate() {
                *map.entry(Month { year: *year, month: i as u32 + 1 }).or_default() += value;
            }
        }
    }
    Ok(map)
}

pub fn person(view: View, frame: &Frame, person_id: &str, metric: Metric, period: Period) -> Result<Standing> {
    let targets = targets_of_person(view, person_id, metric, &[period.year()])?;
    let actual = view.person_figure(person_id, metric, period)?;
    Ok(frame.judge(metric, period, actual, targets.as_ref()))
}

pub fn unit(view: View, frame: &Frame, unit_id: &str, metric: Metric, period: Period) -> Result<Standing> {
    let targets = targets_of_unit(view, unit_id, metric, &[period.year()])?;
    let actual = view.unit_figure(unit_id, metric, period)?;
    Ok(frame.judge(metric, period, actual, targets.as_ref()))
}

/// Several people as one line.
pub fn people_together(view: View, frame: &Frame, people: &[PersonRow], period: Period) -> Result<Standing> {
    let standings: Vec<Standing> =
        people.iter().map(|one| person(view, frame, &one.id, Metric::SalesAmount, period)).collect::<Result<_>>()?;
    Ok(frame.together(period, &standings))
}

/// The people of a unit (or in scope) with all the team table shows, worst pace first.
pub fn team(view: View, viewer: &Viewer, unit_id: Option<&str>, period: Period) -> Result<Vec<PersonStanding>> {
    let frame = Frame::load(view, viewer.today)?;
    let mut rows = Vec::new();
    for row in scope::people(view, viewer, unit_id)? {
        rows.push(person_standing(view, viewer, &frame, row, period)?);
    }
    rows.sort_by(|a, b| {
        let key = |r: &PersonStanding| r.standing.pace.is_none();
        key(a)
            .cmp(&key(b))
            .then_with(|| a.standing.pace.cmp(&b.standing.pace))
            .then_with(|| a.person.id.cmp(&b.person.id))
    });
    Ok(rows)
}

/// One person's row. The last talk is the newest note the viewer may read: not even its day is told of another.
pub fn person_standing(
    view: View,
    viewer: &Viewer,
    frame: &Frame,
    row: PersonRow,
    period: Period,
) -> Result<PersonStanding> {
    let standing = person(view, frame, &row.id, Metric::SalesAmount, period)?;
    let track = Track::of_people(view, frame, std::slice::from_ref(&row.id))?;
    let last_talk = notes::peek(view, viewer, Some(&row.id), 1)?.pop().map(|note| note.at);
    Ok(PersonStanding {
        slipping: track.slipping(frame),
        weeks: track.weeks(frame, 8),
        forecast: track.forecast(frame, period),
        last_talk,
        person: row,
        standing,
    })
}

/// Daily sales and monthly targets of somebody, as far back as weeks and forecasts look.
pub struct Track {
    days: BTreeMap<NaiveDate, DaySums>,
    months: BTreeMap<Month, i64>,
    has_targets: bool,
}

impl Track {
    pub fn of_people(view: View, frame: &Frame, people: &[String]) -> Result<Track> {
        let this = frame.time.fiscal.month_of(frame.today);
        let from = frame.time.fiscal.month_start(this.plus(-7));
        let days = view.people_day_sums(people, from, frame.today)?;
        let mut track = Track { days, months: BTreeMap::new(), has_targets: false };
        for person in people {
            let own = targets_of_person(view, person, Metric::SalesAmount, &[this.year - 1, this.year])?;
            track.add_targets(own);
        }
        Ok(track)
    }

    pub fn of_unit(view: View, frame: &Frame, unit_id: &str) -> Result<Track> {
        let this = frame.time.fiscal.month_of(frame.today);
        let from = frame.time.fiscal.month_start(this.plus(-7));
        let days = view.day_sums(Whose::Unit(unit_id), from, frame.today)?.into_iter().collect();
        let mut track = Track { days, months: BTreeMap::new(), has_targets: false };
        track.add_targets(targets_of_unit(view, unit_id, Metric::SalesAmount, &[this.year - 1, this.year])?);
        Ok(track)
    }

    fn add_targets(&mut self, own: Option<BTreeMap<Month, i64>>) {
        for (month, value) in own.into_iter().flatten() {
            self.has_targets = true;
            *self.months.entry(month).or_default() += value;
        }
    }

    /// Sales from a day up to, but not including, another.
    pub fn sales(&self, from: NaiveDate, until: NaiveDate) -> i64 {
        if from >= until { 0 } else { self.days.range(from..until).map(|(_, s)| s.sales).sum() }
    }

    /// Planned from a day up to, but not including, another; `None` without targets.
    fn planned(&self, frame: &Frame, from: NaiveDate, until: NaiveDate) -> Option<Ratio> {
        if !self.has_targets {
            return None;
        }
        let by = |day| frame.time.planned_to_date(self.months.iter().map(|(m, t)| (*m, *t)), day);
        let (a, b) = (by(from), by(until));
        b.add(Ratio { num: -a.num, den: a.den })
    }

    /// The last `count` weeks, oldest first; the running week comes last once it has a working day.
    pub fn weeks(&self, frame: &Frame, count: u64) -> Vec<Week> {
        let [latest, _] = frame.time.last_two_weeks(frame.today);
        let sunday = attain_domain::calendar::week_end(latest);
        (0..count)
            .rev()
            .map(|back| {
                let end = sunday - Days::new(7 * back);
                let start = end - Days::new(6);
                let until = (end + Days::new(1)).min(frame.today);
                Week {
                    start,
                    end: until - Days::new(1),
                    actual: self.sales(start, until),
                    planned: self.planned(frame, start, until),
                    running: end >= frame.today,
                }
            })
            .collect()
    }

    /// Month to date at the end of a day against what was due by then.
    fn pace_at_end_of(&self, frame: &Frame, day: NaiveDate) -> Option<Ratio> {
        let start = frame.time.fiscal.month_start(frame.time.fiscal.month_of(day));
        let until = day + Days::new(1);
        pace(self.sales(start, until), self.planned(frame, start, until)?)
    }

    /// *Slipping*: behind or worse at both of the last two week ends.
    pub fn slipping(&self, frame: &Frame) -> bool {
        slipping(&frame.bounds, frame.time.last_two_weeks(frame.today).map(|day| self.pace_at_end_of(frame, day)))
    }

    /// Forecast of a running month with the band of the own last six month-ends.
    pub fn forecast(&self, frame: &Frame, period: Period) -> Option<Forecast> {
        let Period::Month(month) = period else { return None };
        let range = frame.time.fiscal.range(period);
        if !range.contains(frame.today) {
            return None;
        }
        let days = frame.time.working_days(month, frame.today);
        let mut past = Vec::new();
        for (earlier, point) in frame.same_points() {
            let range = frame.time.fiscal.range(Period::Month(*earlier));
            if self.days.range(..range.until).next().is_none() || self.sales(range.from, range.until) <= 0 {
                continue;
            }
            past.push(PastMonth {
                at_same_point: self.sales(range.from, *point),
                in_the_end: self.sales(range.from, range.until),
            });
        }
        forecast(self.sales(range.from, frame.today), days, &past)
    }
}
