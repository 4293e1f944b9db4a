//! The authority: orders what laptops change, and tells each what its user may know.
//!
//! Owns: accounts and devices, the database of records, a replica that decides, and the routes.
//! Absent on purpose: rules (attain-domain), messages (attain-sync), tables of a workspace (attain-store).

pub mod account;
pub mod authority;
pub mod backup;
pub mod company;
pub mod config;
pub mod db;
pub mod http;
pub mod kept;
pub mod pushed;
pub mod reader;
pub mod seal;
pub mod serve;
