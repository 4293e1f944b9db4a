//! Periods of the fiscal year, as people name them: `2026`, `2026-Q3`, `2026-09`.
//!
//! Owns: months, quarters, years, their order, names and dates under a fiscal calendar.
//! Absent on purpose: working days (`calendar.rs`) and which periods are closed (asked through `Read`).

use std::fmt;
use std::str::FromStr;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// How the fiscal year divides into months. Quarters are always three months.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FiscalCalendar {
    /// Fiscal months are calendar months.
    #[default]
    Months,
    /// Each quarter has months of 4, 4 and 5 weeks; the year starts on the Monday nearest to 1 January,
    /// and a 53rd week, in the years that have one, belongs to the last month.
    FourFourFive,
}

impl FiscalCalendar {
    /// First day of a fiscal year.
    fn year_start(self, year: i32) -> NaiveDate {
        let january = first_of(year, 1);
        match self {
            FiscalCalendar::Months => january,
            FiscalCalendar::FourFourFive => {
                let weekday = january.weekday().num_days_from_monday() as u64;
                if weekday <= 3 { january - Days::new(weekday) } else { january + Days::new(7 - weekday) }
            }
        }
    }

    /// First day of a month.
    pub fn month_start(self, month: Month) -> NaiveDate {
        match self {
            FiscalCalendar::Months => first_of(month.year, month.month),
            FiscalCalendar::FourFourFive => {
                let index = month.month - 1;
                let weeks = u64::from(index / 3 * 13 + index % 3 * 4);
                self.year_start(month.year) + Days::new(weeks * 7)
            }
        }
    }

    /// The fiscal month a day falls in.
    pub fn month_of(self, day: NaiveDate) -> Month {
        match self {
            FiscalCalendar::Months => Month { year: day.year(), month: day.month() },
            FiscalCalendar::FourFourFive => {
                let mut month = Month { year: day.year(), month: 12 }.plus(1);
                while self.month_start(month) > day {
                    month = month.plus(-1);
                }
                month
            }
        }
    }

    /// First day and the day after the last one of a period.
    pub fn range(self, period: Period) -> DateRange {
        DateRange { from: self.month_start(period.first_month()), until: self.month_start(period.last_month().plus(1)) }
    }
}

fn first_of(year: i32, month: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, 1).unwrap_or(NaiveDate::MIN)
}

/// Days from `from` up to but not including `until`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DateRange {
    pub from: NaiveDate,
    pub until: NaiveDate,
}

impl DateRange {
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.until
    }
}

/// A month of a fiscal year (1 to 12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Month {
    pub year: i32,
    pub month: u32,
}

impl Month {
    /// Months since year 0: a dense key for rows and arrays.
    pub fn index(self) -> i32 {
        self.year * 12 + self.month as i32 - 1
    }

    pub fn from_index(index: i32) -> Month {
        Month { year: index.div_euclid(12), month: index.rem_euclid(12) as u32 + 1 }
    }

    pub fn plus(self, months: i32) -> Month {
        Month::from_index(self.index() + months)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.year, self.month)
    }
}

/// A year, quarter or month.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Period {
    Year(i32),
    Quarter(i32, u32),
    Month(Month),
}

impl Period {
    pub fn year(self) -> i32 {
        match self {
            Period::Year(year) | Period::Quarter(year, _) => year,
            Period::Month(month) => month.year,
        }
    }

    pub fn first_month(self) -> Month {
        match self {
            Period::Year(year) => Month { year, month: 1 },
            Period::Quarter(year, quarter) => Month { year, month: quarter * 3 - 2 },
            Period::Month(month) => month,
        }
    }

    pub fn last_month(self) -> Month {
        match self {
            Period::Year(year) => Month { year, month: 12 },
            Period::Quarter(year, quarter) => Month { year, month: quarter * 3 },
            Period::Month(month) => month,
        }
    }

    pub fn months(self) -> impl Iterator<Item = Month> {
        (self.first_month().index()..=self.last_month().index()).map(Month::from_index)
    }
}

/// The text is not a period.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a period; write 2026, 2026-Q3 or 2026-09")]
pub struct PeriodError;

impl FromStr for Period {
    type Err = PeriodError;
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        let digits = |t: &str, width: usize| -> Result<u32, PeriodError> {
            if t.len() == width && t.bytes().all(|b| b.is_ascii_digit()) {
                t.parse().map_err(|_| PeriodError)
            } else {
                Err(PeriodError)
            }
        };
        let (year, rest) = match text.trim().split_once('-') {
            Some((year, rest)) => (year, Some(rest)),
            None => (text.trim(), None),
        };
        let year = digits(year, 4)? as i32;
        if !(1900..=2999).contains(&year) {
            return Err(PeriodError);
        }
        match rest {
            None => Ok(Period::Year(year)),
            Some(rest) => match rest.strip_prefix(['Q', 'q']) {
                Some(quarter) => match digits(quarter, 1)? {
                    quarter @ 1..=4 => Ok(Period::Quarter(year, quarter)),
                    _ => Err(PeriodError),
                },
                None => match digits(rest, 2)? {
                    month @ 1..=12 => Ok(Period::Month(Month { year, month })),
                    _ => Err(PeriodError),
                },
            },
        }
    }
}

impl FromStr for Month {
    type Err = PeriodError;
    fn from_str(text: &str) -> Result<Self, PeriodError> {
        match text.parse()? {
            Period::Month(month) => Ok(month),
            _ => Err(PeriodError),
        }
    }
}

impl fmt::Display for Period {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Period::Year(year) => write!(f, "{year:04}"),
            Period::Quarter(year, quarter) => write!(f, "{year:04}-Q{quarter}"),
            Period::Month(month) => month.fmt(f),
        }
    }
}

macro_rules! serde_as_text {
    ($type:ty) => {
        impl Serialize for $type {
            fn serialize<S: Serializer>(&self, s: S) -> Result<S::Ok, S::Error> {
                s.collect_str(self)
            }
        }
        impl<'de> Deserialize<'de> for $type {
            fn deserialize<D: Deserializer<'de>>(d: D) -> Result<Self, D::Error> {
                String::deserialize(d)?.parse().map_err(de::Error::custom)
            }
        }
    };
}
serde_as_text!(Month);
serde_as_text!(Period);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn periods_are_named_as_people_write_them() {
        for text in ["2026", "2026-Q3", "2026-09"] {
            assert_eq!(text.parse::<Period>().unwrap().to_string(), text);
        }
        for text in ["", "26", "2026-Q5", "2026-13", "2026-9", "2026-00", "2026-09-01", "０２０２"] {
            assert!(text.parse::<Period>().is_err(), "{text}");
        }
    }

    #[test]
    fn four_four_five_covers_every_day_once() {
        let calendar = FiscalCalendar::FourFourFive;
        let mut day = first_of(2024, 12);
        let mut month = calendar.month_of(day);
        while day < first_of(2028, 2) {
            let now = calendar.month_of(day);
            assert!(now == month || now == month.plus(1) && calendar.month_start(now) == day);
            month = now;
            day = day.succ_opt().unwrap();
        }
        let weeks = |m| {
            (calendar.month_start(Month { year: 2026, month: m + 1 })
                - calendar.month_start(Month { year: 2026, month: m }))
            .num_days()
                / 7
        };
        assert_eq!([weeks(1), weeks(2), weeks(3)], [4, 4, 5]);
    }
}
