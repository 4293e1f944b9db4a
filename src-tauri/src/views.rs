//! The only types the UI sees. One file per noun; `ui/src/bindings/` is generated from them and committed.
//!
//! Shapes: money is a decimal string with its currency, a rate an exact fraction with its percentage to one decimal,
//! a count a number, no data `None` (never 0), a date `2026-09-21`, a time RFC 3339 with the company's offset, a period
//! `2026`, `2026-Q3` or `2026-09`. A sentence is a [`figure::Phrase`]: a code and its parameters, worded by the UI.
//!
//! Absent on purpose: rules, queries, conversions from domain types (those live beside the commands), and roles (the UI
//! gets abilities).

pub mod chart;
pub mod data;
pub mod draft;
pub mod exception;
pub mod figure;
pub mod goal;
pub mod note;
pub mod payout;
pub mod period;
pub mod person;
pub mod plan;
pub mod search;
pub mod sync;
pub mod team;
pub mod today;
pub mod why;
pub mod wish;
pub mod workspace;

#[cfg(test)]
mod bindings;
