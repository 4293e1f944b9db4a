//! The encrypted store of a workspace: one SQLCipher file, its schema, and every statement that touches it.
//!
//! Owns: connections and keys in use, facts and their rollups, applying and undoing decisions, the audit chain, queries.
//! Absent on purpose: rules (attain-domain), where keys are kept (attain-client), files people import (attain-client).

pub mod apply;
pub mod audit;
pub mod connection;
pub mod draft;
pub mod facts;
pub mod journal;
pub mod queries;
pub mod read;
pub mod rollup;
pub mod seal;
pub mod search;
pub mod sync;

pub use connection::{Keys, Store, StoreError};
