//! What can go wrong, as a code that whoever shows it translates (`problem.<code>` in `ui/messages`).
//!
//! Owns: the mapping from every error below to a code, parameters and an exit status.

use attain_domain::goal::GoalError;
use attain_domain::mutation::{Rejection, Said};
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

    fn said(kind: Kind, (code, params): Said) -> Problem {
        params.into_iter().fold(Problem::new(kind, code), |problem, (name, value)| problem.with(name, value))
    }

    /// The parameters as a sentence takes them: `shortfall_minor`, `66000000 CNY` is `shortfall`, `660000.00 CNY`.
    pub fn told(&self) -> Vec<(String, String)> {
        let amount = |value: &str| -> Option<String> {
            let (minor, code) = value.split_once(' ')?;
            let currency: attain_domain::money::Currency = code.parse().ok()?;
            Some(format!("{} {code}", attain_domain::money::format_scaled(minor.parse().ok()?, currency.digits())))
        };
        let told = |(name, value): &(String, String)| match name.strip_suffix("_minor") {
            Some(short) => (short.to_owned(), amount(value).unwrap_or_else(|| value.clone())),
            None => (name.clone(), value.clone()),
        };
        self.params.iter().map(told).collect()
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
            Rejection::Read(error) => error.into(),
            Rejection::Goal(error) => error.into(),
            other => Problem::said(Kind::Refused, other.said()),
        }
    }
}

impl From<GoalError> for Problem {
    fn from(error: GoalError) -> Self {
        let kind = if matches!(error, GoalError::Cycle { .. }) { Kind::Damaged } else { Kind::Refused };
        Problem::said(kind, error.said())
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
