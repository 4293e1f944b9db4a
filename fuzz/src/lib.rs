//! What the fuzz targets share: the bodies, which the ordinary tests run over the seeds too, and a bound on memory.
//!
//! Owns: [`at_most`], which ends the program when an input makes it hold more than it may.
//! Absent on purpose: what is fuzzed (`crates/attain-server/tests/support/fuzzed.rs`), running it (`cargo xtask fuzz`).

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

#[path = "../../crates/attain-server/tests/support/fuzzed.rs"]
pub mod fuzzed;
#[path = "../../crates/attain-server/tests/support/world.rs"]
pub mod world;

struct Counted;

static HELD: AtomicUsize = AtomicUsize::new(0);
static LIMIT: AtomicUsize = AtomicUsize::new(usize::MAX);

#[global_allocator]
static ALLOCATOR: Counted = Counted;

fn count(size: usize) {
    let held = HELD.fetch_add(size, Ordering::Relaxed) + size;
    if held > LIMIT.load(Ordering::Relaxed) {
        LIMIT.store(usize::MAX, Ordering::Relaxed);
        panic!("{held} bytes are held");
    }
}

// SAFETY: everything is the system's; only sizes are counted.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size());
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, at: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Ordering::Relaxed);
        unsafe { System.dealloc(at, layout) }
    }
}

/// Runs one input, which may hold so many bytes beyond what is held already.
pub fn at_most(bytes: usize, run: impl FnOnce()) {
    LIMIT.store(HELD.load(Ordering::Relaxed).saturating_add(bytes), Ordering::Relaxed);
    run();
    LIMIT.store(usize::MAX, Ordering::Relaxed);
}
