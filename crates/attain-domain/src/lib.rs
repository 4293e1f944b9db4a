//! The rules of Attain: goals, credits, plans, payouts, access, and every change a person can make.
//!
//! Pure: no IO, no clock, no randomness, no floats, no unordered maps. Time and ids are passed in.

pub mod calendar;
pub mod metric;
pub mod money;
pub mod period;
