//! How long a laptop that does not reach its server may show what it holds (SYNC, "Leases").
//!
//! Owns: the two leases, counted from the end of the last round, and a clock that was set back.
//! Absent on purpose: erasing (the store and `keys.rs`), syncing, which nothing here ever stops.

use attain_store::connection::View;
use chrono::{DateTime, Duration, NaiveDate, Utc};
use serde::Serialize;

use crate::problem::{Problem, Result};

/// Days without the server after which core data is locked, and pay erased; company settings of the same names.
pub const SETTINGS: [(&str, i64); 2] = [("lease_core_days", 45), ("lease_pay_days", 7)];
/// So many days before the end it is said.
const WARNED: i64 = 7;
/// A clock may be put right by so much.
const PUT_RIGHT: Duration = Duration::hours(12);

/// Where a joined laptop stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Lease {
    /// Last days, by this laptop's clock, on which core data and pay are shown without reaching the server.
    pub core_until: NaiveDate,
    pub pay_until: NaiveDate,
    pub core_over: bool,
    pub pay_over: bool,
    /// Days left for core data, from the last week on.
    pub warned: Option<i64>,
    /// The clock is behind a time at which this laptop was used before.
    pub clock_set_back: bool,
}

impl Lease {
    /// `None` on a workspace that never joined, or has received nothing yet.
    pub fn of(view: View, now: DateTime<Utc>) -> Result<Option<Lease>> {
        let time = |key: &str| -> Result<Option<DateTime<Utc>>> {
            let kept = view.setting(key)?;
            Ok(kept.and_then(|at| DateTime::parse_from_rfc3339(&at).ok()).map(|at| at.with_timezone(&Utc)))
        };
        let (Some(_), Some(synced)) = (view.joined()?, time("synced_at")?) else { return Ok(None) };
        let high = time("clock_high")?.unwrap_or(synced).max(synced);
        let until = |(key, days): (&str, i64)| -> Result<DateTime<Utc>> {
            let days = view.setting(key)?.and_then(|days| days.parse().ok()).unwrap_or(days);
            Ok(synced + Duration::days(days))
        };
        let [core, pay] = SETTINGS.map(until);
        let (core, pay) = (core?, pay?);
        // Time that has been seen does not come back.
        let at = now.max(high);
        let left = (core - at).num_days();
        Ok(Some(Lease {
            core_until: core.date_naive(),
            pay_until: pay.date_naive(),
            core_over: at >= core,
            pay_over: at >= pay,
            warned: (left < WARNED).then_some(left.max(0)),
            clock_set_back: now + PUT_RIGHT < high,
        }))
    }

    /// Errors: core data is locked until the server has been reached.
    pub fn may_look(&self) -> Result<()> {
        match self {
            Lease { clock_set_back: true, .. } => Err(Problem::refused("clock_set_back")),
            Lease { core_over: true, core_until, .. } => Err(Problem::refused("lease_over").with("until", core_until)),
            _ => Ok(()),
        }
    }
}
