//! What can go wrong, as a code that whoever shows it translates (`problem.<code>` in `ui/messages`).
//!
//! Owns: the mapping from every error below to a code, parameters and an exit status.

use attain_domain::goal::GoalError;
use attain_domain::mutation::Rejection;
use attain_domain::read::ReadError;
use attain_store::StoreError;
use attain_store::journal::WriteError;

/// How serious: the exit status of `attainctl`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Refused, or findings among rows.
    Refused = 1,
    /// The request itself makes no sense.
    Usage = 2,
    CannotUnlock = 3,
    Damaged = 4,
}

/// A failure with its way forward in words elsewhere.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{code} {params:?}")]
pub struct Problem {
    pub code: &'static str,
    pub kind: Kind,
    pub params: Vec<(String, String)>,
    /// For the log of a bug; never shown.
    pub cause: Option<String>,
}

pub type Result<T> = std::result::Result<T, Problem>;

impl Problem {
    pub fn new(kind: Kind, code: &'static str) -> Problem {
        Problem { code, kind, params: Vec::new(), cause: None }
    }

    pub fn refused(code: &'static str) -> Problem {
        Problem::new(Kind::Refused, code)
    }

    pub fn usage(code: &'static str) -> Problem {
        Problem::new(Kind::Usage, code)
    }

    pub fn with(mut self, name: &str, value: impl ToString) -> Problem {
        self.params.push((name.to_string(), value.to_string()));
        self
    }

    pub fn because(mut self, cause: impl ToString) -> Problem {
        self.cause = Some(cause.to_string());
        self
    }

    /// "Forbidden" and "absent" get the same answer about people's data.
    pub fn not_found() -> Problem {
        Problem::refused("not_found")
    }

    pub fn internal(cause: impl ToString) -> Problem {
        Problem::refused("internal").because(cause)
    }
}

impl From<StoreError> for Problem {
    fn from(error: StoreError) -> Self {
        let cause = error.to_string();
        match error {
            StoreError::Missing => Problem::new(Kind::CannotUnlock, "no_workspace"),
            StoreError::WrongKey => Problem::new(Kind::CannotUnlock, "wrong_key"),
            StoreError::Damaged(_) => Problem::new(Kind::Damaged, "damaged"),
            StoreError::NewerSchema { found, known } => {
                Problem::new(Kind::CannotUnlock, "newer_schema").with("found", found).with("known", known)
            }
            StoreError::PayKeyMissing => Problem::refused("pay_key_missing"),
            StoreError::DiskFull => Problem::refused("disk_full"),
            StoreError::Busy => Problem::refused("busy"),
            StoreError::Sql(_) | StoreError::Internal(_) => Problem::refused("internal"),
        }
        .because(cause)
    }
}

impl From<ReadError> for Problem {
    fn from(error: ReadError) -> Self {
        Problem::internal(error)
    }
}

impl From<Rejection> for Problem {
    fn from(rejection: Rejection) -> Self {
        match rejection {
            Rejection::Forbidden => Problem::refused("not_allowed"),
            Rejection::NotFound { noun, id } => Problem::refused("not_found").with("noun", noun).with("id", id),
            Rejection::Goal(error) => error.into(),
            Rejection::PreviewChanged { digest } => Problem::refused("preview_changed").with("digest", digest),
            Rejection::Amount(_) => Problem::refused("not_a_number"),
            Rejection::TextEmpty => Problem::refused("empty_text"),
            Rejection::TextTooLong { bytes, max } => {
                Problem::refused("text_too_long").with("bytes", bytes).with("max", max)
            }
            Rejection::PlanFindings(findings) => Problem::refused("plan_findings").with("count", findings.len()),
            Rejection::PositionClaimed { plan_id, position } => {
                Problem::refused("position_claimed").with("plan_id", plan_id).with("position", position)
            }
            Rejection::VersionExists { plan_id, version } => {
                Problem::refused("version_exists").with("plan_id", plan_id).with("version", version)
            }
            Rejection::PlanReachesClosedPeriod { month } => {
                Problem::refused("plan_reaches_closed_period").with("period", month)
            }
            Rejection::PeriodNotOver { until } => Problem::refused("period_not_over").with("until", until),
            Rejection::PeriodClosed { month } => Problem::refused("period_closed").with("period", month),
            Rejection::EarlierMonthOpen { month } => Problem::refused("earlier_month_open").with("period", month),
            Rejection::YearHasGoals { year } => Problem::refused("year_has_goals").with("year", year),
            Rejection::NothingToStartFrom { year } => Problem::refused("nothing_to_start_from").with("year", year),
            Rejection::SettingInvalid { key, value } => {
                Problem::refused("setting_invalid").with("key", key).with("value", value)
            }
            Rejection::PaceBoundsOrder { bounds } => Problem::refused("pace_bounds_order").with("bounds", bounds),
            Rejection::NothingToUndo => Problem::refused("nothing_to_undo"),
            Rejection::ChangedSince => Problem::refused("changed_since"),
            Rejection::Read(error) => error.into(),
        }
    }
}

impl From<GoalError> for Problem {
    fn from(error: GoalError) -> Self {
        match error {
            GoalError::GoalNotFound { goal_id } => {
                Problem::refused("not_found").with("noun", "goal").with("id", goal_id)
            }
            GoalError::TargetNegative => Problem::refused("target_negative"),
            GoalError::TargetAbsurd => Problem::refused("target_absurd"),
            GoalError::NoOpenMonth => Problem::refused("no_open_months"),
            GoalError::BelowClosedMonths { closed, target } => {
                Problem::refused("below_done").with("closed_minor", closed).with("target_minor", target)
            }
            GoalError::NothingToRaise => Problem::refused("nothing_to_raise"),
            GoalError::LockInTheWay { goal_id, locked_goal_ids, shortfall } => Problem::refused("lock_in_the_way")
                .with("goal_id", goal_id)
                .with("locked", locked_goal_ids.join(", "))
                .with("shortfall_minor", shortfall),
            GoalError::Cycle { goal_id } => Problem::new(Kind::Damaged, "damaged").with("goal_id", goal_id),
        }
    }
}

impl From<WriteError> for Problem {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Rejected(rejection) => rejection.into(),
            WriteError::Store(error) => error.into(),
        }
    }
}
