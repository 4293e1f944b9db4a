//! What automation and the window's own tests share: a place to run the app, and a way to drive it.
//!
//! The tasks themselves are in the binary. Nothing here depends on the app or on a system library, so that
//! `cargo xtask` builds on a machine where nothing has been installed yet.

pub mod display;
pub mod server;
pub mod webdriver;
