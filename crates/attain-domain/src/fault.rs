//! Faults put in on purpose, to see that the simulation of many laptops catches them (SYNC, "How it is proved").
//!
//! Owns: the list, and which one is on in this thread. Without the feature `faults`, which only tests have, none ever is and
//! nothing of this is in a program.

/// A way in which a sync could be wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Rows are put without undoing what waits.
    SkipUndo,
    /// The cursor runs ahead of what was read, as with a sequence that is given out before the commit.
    BareSequence,
    /// What waits is sent before the first pull, and so before a purge.
    PurgeBehindOutbox,
    /// A mutation that comes again takes effect again.
    ApplyTwice,
    /// A scope that has changed is taken for the old one.
    GrantsOfYesterday,
    /// A row that is replaced stays in the sums.
    RollupNotUndone,
}

#[cfg(feature = "faults")]
mod on {
    use super::Fault;
    use std::cell::Cell;

    thread_local! {
        static NOW: Cell<Option<Fault>> = const { Cell::new(None) };
    }

    /// Turns one on in this thread.
    pub fn put(fault: Fault) {
        NOW.set(Some(fault));
    }

    pub fn is(fault: Fault) -> bool {
        NOW.get() == Some(fault)
    }
}

#[cfg(feature = "faults")]
pub use on::{is, put};

#[cfg(not(feature = "faults"))]
pub const fn is(_: Fault) -> bool {
    false
}
