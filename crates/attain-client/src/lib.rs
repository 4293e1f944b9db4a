//! A workspace on a laptop: unlock, change, ask, import, export. The window and `attainctl` are two faces of it.
//!
//! Absent on purpose: rules (attain-domain), SQL (attain-store), pixels (the shell and the UI).

pub mod chart;
pub mod export;
pub mod finder;
pub mod goals;
pub mod import;
pub mod keys;
pub mod language;
pub mod lease;
pub mod notes;
pub mod pay;
pub mod payslip;
pub mod performance;
pub mod plans;
pub mod problem;
pub mod sample;
pub mod scope;
pub mod sync;
pub mod tables;
pub mod today;
pub mod week;
pub mod workspace;

pub use attain_domain as domain;
pub use attain_reports as reports;
pub use attain_store as store;
pub use problem::Problem;
pub use workspace::{Viewer, Workspace};
