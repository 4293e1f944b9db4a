//! Month profiles: how a year lies over its months, and how a newcomer grows into a goal.
//!
//! Owns: [`Profile`] and how a company setting writes one. Absent on purpose: which profiles a company has (settings).

use std::fmt;
use std::str::FromStr;

use chrono::NaiveDate;

use crate::period::{FiscalCalendar, Month};

/// Company settings whose key begins so are profiles; the rest of the key is the profile's id.
pub const SETTING: &str = "profile/";

/// A named profile (春节型, Newcomers …), in both languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    pub name: String,
    pub name_en: String,
    pub shape: Shape,
}

/// What a profile says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Shape {
    /// Weight of each month of the year.
    Season([i64; 12]),
    /// Percent of a full goal carried in the month of joining and those after it; from then on all of it.
    Ramp(Vec<u32>),
}

/// A text that is no profile.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a profile")]
pub struct NotAProfile;

/// `春节型|Spring Festival|season|70,60,110,…` or `新人|Newcomers|ramp|25,50,75,100`.
impl FromStr for Profile {
    type Err = NotAProfile;

    fn from_str(text: &str) -> Result<Profile, NotAProfile> {
        let parts: Vec<&str> = text.split('|').map(str::trim).collect();
        let [name, name_en, kind, figures] = parts.as_slice() else { return Err(NotAProfile) };
        if name.is_empty() || name_en.is_empty() || text.len() > 500 {
            return Err(NotAProfile);
        }
        let figures: Vec<u32> =
            figures.split(',').map(|f| f.trim().parse().map_err(|_| NotAProfile)).collect::<Result<_, _>>()?;
        let shape = match *kind {
            "season" if figures.iter().any(|f| *f > 0) && figures.iter().all(|f| *f <= 1_000_000) => {
                let months: Vec<i64> = figures.iter().map(|f| i64::from(*f)).collect();
                Shape::Season(months.try_into().map_err(|_| NotAProfile)?)
            }
            "ramp" if (1..=24).contains(&figures.len()) && figures.iter().all(|f| *f <= 100) => Shape::Ramp(figures),
            _ => return Err(NotAProfile),
        };
        Ok(Profile { name: (*name).to_owned(), name_en: (*name_en).to_owned(), shape })
    }
}

impl fmt::Display for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let list = |figures: &mut dyn Iterator<Item = String>| figures.collect::<Vec<_>>().join(",");
        let (kind, figures) = match &self.shape {
            Shape::Season(months) => ("season", list(&mut months.iter().map(i64::to_string))),
            Shape::Ramp(percents) => ("ramp", list(&mut percents.iter().map(u32::to_string))),
        };
        write!(f, "{}|{}|{kind}|{figures}", self.name, self.name_en)
    }
}

/// What every company begins with; it may change them.
pub fn standard() -> [(&'static str, Profile); 2] {
    let named = |name: &str, name_en: &str, shape| Profile { name: name.into(), name_en: name_en.into(), shape };
    [
        (
            "spring_festival",
            named("春节型", "Spring Festival", Shape::Season([80, 55, 105, 100, 100, 105, 95, 95, 110, 95, 125, 135])),
        ),
        ("newcomer", named("新人", "Newcomers", Shape::Ramp(vec![25, 50, 75, 100]))),
    ]
}

/// The percent of a full goal in each month of a year of somebody who joined on a day: nothing before it.
pub fn ramp_of(percents: &[u32], joined: NaiveDate, fiscal: FiscalCalendar, year: i32) -> [i64; 12] {
    let first = fiscal.month_of(joined);
    std::array::from_fn(|m| {
        let since = Month { year, month: m as u32 + 1 }.index() - first.index();
        match usize::try_from(since) {
            Err(_) => 0,
            Ok(since) => percents.get(since).map_or(100, |percent| i64::from(*percent)),
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_profile_reads_as_it_is_written_and_nonsense_does_not() {
        for (_, profile) in standard() {
            assert_eq!(profile.to_string().parse::<Profile>().as_ref(), Ok(&profile));
        }
        for text in
            ["", "a|b|season|1,2", "a|b|ramp|25,120", "a||ramp|25", "a|b|ramp|x", "a|b|season|0,0,0,0,0,0,0,0,0,0,0,0"]
        {
            assert_eq!(text.parse::<Profile>(), Err(NotAProfile), "{text}");
        }
    }

    #[test]
    fn who_joins_in_april_carries_a_quarter_then_and_all_from_july() {
        let april = NaiveDate::from_ymd_opt(2027, 4, 12).unwrap();
        let ramp = ramp_of(&[25, 50, 75, 100], april, FiscalCalendar::Months, 2027);
        assert_eq!(ramp, [0, 0, 0, 25, 50, 75, 100, 100, 100, 100, 100, 100]);
        assert_eq!(ramp_of(&[25, 50, 75, 100], april, FiscalCalendar::Months, 2028), [100; 12]);
    }
}
