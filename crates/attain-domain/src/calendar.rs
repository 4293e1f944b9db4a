//! The working calendar: which days are worked, per company, with public holidays and make-up days (调休).
//!
//! Owns: counting working days and the Chinese official data of 2025 and 2026 (State Council notices).
//! Absent on purpose: today (passed in) and company edits (rows that overlay these days).

use chrono::{Datelike, Days, NaiveDate, Weekday};
use serde::{Deserialize, Serialize};

use crate::period::DateRange;

/// Days that differ from the plain Monday-to-Friday week.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct WorkingCalendar {
    /// Weekdays not worked, sorted.
    pub holidays: Vec<NaiveDate>,
    /// Saturdays and Sundays worked, sorted.
    pub make_up_days: Vec<NaiveDate>,
    /// Years the two lists cover; any other year falls back to weekdays and says so.
    pub known_years: Vec<i32>,
}

/// `(month, first day, last day)` not worked, then `(month, day)` worked although a weekend.
type YearData = (i32, &'static [(u32, u32, u32)], &'static [(u32, u32)]);

const CHINA: [YearData; 2] = [
    (
        2025,
        &[(1, 1, 1), (1, 28, 31), (2, 1, 4), (4, 4, 6), (5, 1, 5), (5, 31, 31), (6, 1, 2), (10, 1, 8)],
        &[(1, 26), (2, 8), (4, 27), (9, 28), (10, 11)],
    ),
    (
        2026,
        &[(1, 1, 3), (2, 15, 23), (4, 4, 6), (5, 1, 5), (6, 19, 21), (9, 25, 27), (10, 1, 7)],
        &[(1, 4), (2, 14), (2, 28), (5, 9), (9, 20), (10, 10)],
    ),
];

impl WorkingCalendar {
    /// Public holidays and make-up days of mainland China for 2025 and 2026.
    pub fn china() -> WorkingCalendar {
        let mut calendar = WorkingCalendar::default();
        for (year, holidays, make_up) in CHINA {
            calendar.known_years.push(year);
            let day = |month, day| NaiveDate::from_ymd_opt(year, month, day);
            calendar
                .holidays
                .extend(holidays.iter().flat_map(|(m, from, to)| (*from..=*to).filter_map(move |d| day(*m, d))));
            calendar.make_up_days.extend(make_up.iter().filter_map(|(m, d)| day(*m, *d)));
        }
        calendar
    }

    pub fn is_working(&self, day: NaiveDate) -> bool {
        let weekend = matches!(day.weekday(), Weekday::Sat | Weekday::Sun);
        if weekend { self.make_up_days.binary_search(&day).is_ok() } else { self.holidays.binary_search(&day).is_err() }
    }

    /// Working days in a range.
    pub fn count(&self, range: DateRange) -> u32 {
        let mut day = range.from;
        let mut count = 0;
        while day < range.until {
            count += u32::from(self.is_working(day));
            day = day + Days::new(1);
        }
        count
    }

    /// Whether the official days of this year are known.
    pub fn knows(&self, year: i32) -> bool {
        self.known_years.contains(&year)
    }
}

/// The Sunday that ends the week of a day.
pub fn week_end(day: NaiveDate) -> NaiveDate {
    day + Days::new(6 - u64::from(day.weekday().num_days_from_monday()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::period::FiscalCalendar;

    #[test]
    fn september_2026_has_22_working_days_15_of_them_gone_on_the_21st() {
        let china = WorkingCalendar::china();
        let september = FiscalCalendar::Months.range("2026-09".parse().unwrap());
        assert_eq!(china.count(september), 22);
        let gone = DateRange { from: september.from, until: NaiveDate::from_ymd_opt(2026, 9, 21).unwrap() };
        assert_eq!(china.count(gone), 15);
        let weekdays = WorkingCalendar::default();
        assert_eq!(weekdays.count(september), 22);
        assert!(china.knows(2026) && !china.knows(2027));
    }

    #[test]
    fn weeks_end_on_sunday() {
        let day = |d| NaiveDate::from_ymd_opt(2026, 9, d).unwrap();
        assert_eq!(week_end(day(14)), day(20));
        assert_eq!(week_end(day(20)), day(20));
    }
}
