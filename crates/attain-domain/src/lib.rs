//! The rules of Attain: goals, credits, plans, payouts, access, and every change a person can make.
//!
//! Pure: no IO, no clock, no randomness, no floats, no unordered maps. Time and ids are passed in.

pub mod access;
pub mod adjustment;
pub mod allocation;
pub mod attainment;
pub mod calendar;
pub mod closing;
pub mod fault;
pub mod goal;
pub mod metric;
pub mod money;
pub mod mutation;
pub mod note;
pub mod order;
pub mod org;
pub mod payout;
pub mod period;
pub mod plan;
pub mod read;
