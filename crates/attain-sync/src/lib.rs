//! What laptops and the server say to each other, and in which order; no network, no files, no clock.
//!
//! Owns: the messages and their encoding ([`wire`]), records and who may have them ([`record`]), a laptop's side of a sync
//! ([`laptop`]), and what is sealed to the company ([`escrow`]).
//! Absent on purpose: what a mutation does (attain-domain), where rows live (attain-store), HTTP (client and server).

pub mod escrow;
pub mod laptop;
pub mod record;
pub mod wire;
