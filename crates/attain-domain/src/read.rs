//! The questions that decisions ask of the data: few, bounded, never "all".
//!
//! Owns: the trait. Its one implementation is in `attain-store`.

use chrono::NaiveDate;

use crate::adjustment::Correction;
use crate::attainment::PaceBounds;
use crate::goal::Goal;
use crate::metric::Metric;
use crate::money::Currency;
use crate::note::Note;
use crate::payout::Inputs;
use crate::period::{FiscalCalendar, Month};
use crate::plan::Plan;

/// The store could not answer; the message is for the log, not for people.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct ReadError(pub String);

pub type Answer<T> = Result<T, ReadError>;

/// Who is paid for a month by which plan, with the figures and the salary that count.
#[derive(Debug, Clone)]
pub struct Payee {
    pub plan: Plan,
    pub inputs: Inputs,
}

pub trait Read {
    fn currency(&self) -> Answer<Currency>;
    fn fiscal(&self) -> Answer<FiscalCalendar>;
    fn pace_bounds(&self) -> Answer<PaceBounds>;
    fn person_exists(&self, person_id: &str) -> Answer<bool>;
    /// The unit a person is in on a day and all above it, nearest first; empty when in none.
    fn units_of(&self, person_id: &str, day: NaiveDate) -> Answer<Vec<String>>;
    /// A unit and all above it on a day.
    fn unit_chain(&self, unit_id: &str, day: NaiveDate) -> Answer<Vec<String>>;
    fn goal(&self, goal_id: &str) -> Answer<Option<Goal>>;
    /// A goal and all below it.
    fn goal_subtree(&self, goal_id: &str) -> Answer<Vec<Goal>>;
    /// The goals of a metric and year.
    fn goals_of_year(&self, metric: Metric, year: i32) -> Answer<Vec<Goal>>;
    /// Credited sales of every owner of a goal in a year's months: what "start from last year" allocates by.
    fn owner_actuals(&self, year: i32) -> Answer<Vec<(crate::goal::Owner, [i64; 12])>>;
    fn closed_months(&self) -> Answer<Vec<Month>>;
    fn note(&self, note_id: &str) -> Answer<Option<Note>>;
    fn plans(&self) -> Answer<Vec<Plan>>;
    /// Everyone a plan pays for a month.
    fn payees(&self, month: Month) -> Answer<Vec<Payee>>;
    /// What a person's closed months come to now, as seen at the end of a month that is still open: late orders, and
    /// refunds that a plan claws back.
    fn corrections(&self, person_id: &str, month: Month) -> Answer<Vec<Correction>>;
}
