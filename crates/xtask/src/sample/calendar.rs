//! Owns the sample's dates: civil days as integers, months counted from 2025-04, and China's working days of
//! April 2025 to December 2026. Absent: any year outside that span, and time of day.

/// Days since 1970-01-01.
pub type Day = i64;

/// First month of orders is 2025-04 (0); January 2026 is 9, September 2026 is 17.
pub const MONTHS: usize = 18;
pub const JAN26: usize = 9;
pub const JUL26: usize = 15;
pub const AUG26: usize = 16;
pub const SEP26: usize = 17;

/// Holidays on weekdays (public notices of the State Council for 2025 and 2026).
const OFF: [(i64, i64, i64); 30] = [
    (2025, 4, 4),
    (2025, 5, 1),
    (2025, 5, 2),
    (2025, 5, 5),
    (2025, 6, 2),
    (2025, 10, 1),
    (2025, 10, 2),
    (2025, 10, 3),
    (2025, 10, 6),
    (2025, 10, 7),
    (2025, 10, 8),
    (2026, 1, 1),
    (2026, 1, 2),
    (2026, 2, 16),
    (2026, 2, 17),
    (2026, 2, 18),
    (2026, 2, 19),
    (2026, 2, 20),
    (2026, 2, 23),
    (2026, 4, 6),
    (2026, 5, 1),
    (2026, 5, 4),
    (2026, 5, 5),
    (2026, 6, 19),
    (2026, 9, 25),
    (2026, 10, 1),
    (2026, 10, 2),
    (2026, 10, 5),
    (2026, 10, 6),
    (2026, 10, 7),
];

/// Make-up days worked on a weekend (调休).
const ON: [(i64, i64, i64); 9] = [
    (2025, 4, 27),
    (2025, 9, 28),
    (2025, 10, 11),
    (2026, 1, 4),
    (2026, 2, 14),
    (2026, 2, 28),
    (2026, 5, 9),
    (2026, 9, 20),
    (2026, 10, 10),
];

pub fn day(y: i64, m: i64, d: i64) -> Day {
    let y = if m <= 2 { y - 1 } else { y };
    let era = y.div_euclid(400);
    let yoe = y - era * 400;
    let mp = (m + 9) % 12;
    let doy = (153 * mp + 2) / 5 + d - 1;
    let doe = yoe * 365 + yoe / 4 - yoe / 100 + doy;
    era * 146_097 + doe - 719_468
}

pub fn civil(z: Day) -> (i64, i64, i64) {
    let z = z + 719_468;
    let era = z.div_euclid(146_097);
    let doe = z - era * 146_097;
    let yoe = (doe - doe / 1460 + doe / 36_524 - doe / 146_096) / 365;
    let doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    let mp = (5 * doy + 2) / 153;
    let d = doy - (153 * mp + 2) / 5 + 1;
    let m = if mp < 10 { mp + 3 } else { mp - 9 };
    (yoe + era * 400 + i64::from(m <= 2), m, d)
}

pub fn iso(z: Day) -> String {
    let (y, m, d) = civil(z);
    format!("{y:04}-{m:02}-{d:02}")
}

/// 0 is Monday.
pub fn weekday(z: Day) -> i64 {
    (z + 3).rem_euclid(7)
}

pub fn is_workday(z: Day) -> bool {
    let c = civil(z);
    ON.contains(&c) || (weekday(z) < 5 && !OFF.contains(&c))
}

/// The last day with orders: the evening before the sample's pinned Monday, 2026-09-21.
pub fn last_day() -> Day {
    day(2026, 9, 20)
}

/// First day of month `m`.
pub fn month_start(m: usize) -> Day {
    let k = m as i64 + 3;
    day(2025 + k / 12, k % 12 + 1, 1)
}

/// Working days of month `m` up to the last day with orders.
pub fn workdays(m: usize) -> Vec<Day> {
    days_between(month_start(m), (month_start(m + 1) - 1).min(last_day()))
}

/// Working days from `a` to `b`, both inclusive.
pub fn days_between(a: Day, b: Day) -> Vec<Day> {
    (a..=b).filter(|d| is_workday(*d)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn september_2026_has_22_working_days_and_15_are_gone() {
        let whole = days_between(day(2026, 9, 1), day(2026, 9, 30));
        assert_eq!((whole.len(), workdays(SEP26).len()), (22, 15));
        assert!(is_workday(day(2026, 9, 20)) && !is_workday(day(2026, 9, 25)));
        assert_eq!((weekday(day(2026, 9, 21)), iso(day(2026, 9, 21))), (0, "2026-09-21".into()));
    }
}
