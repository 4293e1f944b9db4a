//! The questions that decisions ask of the data: few, bounded, never "all".
//!
//! Owns: the trait. Its one implementation is in `attain-store`.

use chrono::NaiveDate;

use crate::access::Action;
use crate::adjustment::Correction;
use crate::attainment::PaceBounds;
use crate::goal::agreement::Proposal;
use crate::goal::profile::Profile;
use crate::goal::version::Acknowledged;
use crate::goal::{Goal, Owner};
use crate::metric::Metric;
use crate::money::Currency;
use crate::note::Note;
use crate::org::Seat;
use crate::payout::Inputs;
use crate::period::{FiscalCalendar, Month};
use crate::plan::Plan;
use crate::plan::draft::PlanDraft;
use crate::plan::exception::PlanException;

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

/// One who can carry a part of a unit's goal: a unit directly below, or in a team somebody who sells, or a vacant seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Candidate {
    pub owner: Owner,
    /// Millionths of a full-time equivalent of those who sell.
    pub head_ppm: i64,
    /// A person's first day in the company.
    pub joined: Option<NaiveDate>,
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
    fn owner_actuals(&self, year: i32) -> Answer<Vec<(Owner, [i64; 12])>>;
    /// The goals that a unit, person or seat carries in a year.
    fn goals_carried(&self, owner: &Owner, year: i32) -> Answer<Vec<Goal>>;
    /// What an owner of goals reached in a year, in the metric's smallest step; `None` without data.
    fn actual_of(&self, owner: &Owner, metric: Metric, year: i32) -> Answer<Option<i64>>;
    /// Who can carry the parts of a unit's goal from a month on.
    fn candidates(&self, unit_id: &str, from: Month) -> Answer<Vec<Candidate>>;
    /// Millionths of full-time equivalents that sell in a unit and below, seats included.
    fn head_count(&self, unit_id: &str, from: Month) -> Answer<i64>;
    fn owner_exists(&self, owner: &Owner) -> Answer<bool>;
    /// A person's first day in the company.
    fn joined_on(&self, person_id: &str) -> Answer<Option<NaiveDate>>;
    fn seat(&self, seat_id: &str) -> Answer<Option<Seat>>;
    fn profile(&self, profile_id: &str) -> Answer<Option<Profile>>;
    /// Percent of a person's month that may move within a team without asking.
    fn goal_freedom(&self) -> Answer<u32>;
    fn proposal(&self, proposal_id: &str) -> Answer<Option<Proposal>>;
    fn acknowledged(&self, goal_id: &str, person_id: &str) -> Answer<Option<Acknowledged>>;
    fn closed_months(&self) -> Answer<Vec<Month>>;
    fn note(&self, note_id: &str) -> Answer<Option<Note>>;
    fn plans(&self) -> Answer<Vec<Plan>>;
    fn plan_draft(&self, draft_id: &str) -> Answer<Option<PlanDraft>>;
    /// A person's exceptions, by id.
    fn plan_exceptions(&self, person_id: &str) -> Answer<Vec<PlanException>>;
    /// Whether anybody in the company but this person may do something everywhere on a day.
    fn others_may(&self, action: Action, person_id: &str, day: NaiveDate) -> Answer<bool>;
    /// Whether a server says who is who: nobody acts for others then.
    fn shared(&self) -> Answer<bool>;
    /// Everyone a plan pays for a month.
    fn payees(&self, month: Month) -> Answer<Vec<Payee>>;
    /// Those who sell at a month's end, or on their last day in it, and whose position no plan covers then.
    fn uncovered(&self, month: Month) -> Answer<Vec<String>>;
    fn open_proposals(&self) -> Answer<Vec<Proposal>>;
    /// Where in the order of changes this is decided; `None` where no server decides.
    fn decided_at(&self) -> Answer<Option<u64>>;
    /// What a person's closed months come to now, as seen at the end of a month that is still open: late orders, and
    /// refunds that a plan claws back.
    fn corrections(&self, person_id: &str, month: Month) -> Answer<Vec<Correction>>;
}
