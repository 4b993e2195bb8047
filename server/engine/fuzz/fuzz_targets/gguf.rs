//! A model file of any bytes: opening it ends with a model or an error, never with a panic, and never takes more memory
//! than four times the file.
//!
//! ```text
//! cargo install cargo-fuzz
//! cd server/engine
//! GGUF_SEEDS=fuzz/corpus/gguf cargo +nightly fuzz run gguf -- -runs=0    # writes small sound models to begin with
//! cargo +nightly fuzz run gguf -- -max_total_time=600 -max_len=262144 -rss_limit_mb=4096 -timeout=20
//! ```
//!
//! Images are changed by `mutator.rs`, which knows the format.

#![no_main]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::path::Path;

use libfuzzer_sys::{fuzz_mutator, fuzz_target};

mod mutator;

/// Memory over the file's size that may be taken, in times of it.
const SHARE: usize = 4;
/// What may come on top: compiled splitting rules, buffers of one pass, and the tables of a vocabulary that is all that
/// the file has. A vocabulary takes more than [`SHARE`] times its bytes (real ones 4 to 9 times, at worst 17): a larger
/// file without weights would not do.
const BASE: usize = 8 << 20;

/// The system's allocator, with a count for each thread.
struct Counting;

thread_local! {
    /// Bytes taken and not given back, and the most that there were.
    static LIVE: Cell<(isize, isize)> = const { Cell::new((0, 0)) };
}

fn count(change: isize) {
    // A thread that ends has no count any more.
    let _ = LIVE.try_with(|live| {
        let (now, most) = live.get();
        let now = now + change;
        live.set((now, most.max(now)));
    });
}

// SAFETY: every call goes to the system's allocator with the layout that it came with.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as isize);
        // SAFETY: as above.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as isize));
        // SAFETY: as above.
        unsafe { System.dealloc(pointer, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fuzz_target!(
    init: if let Some(folder) = std::env::var_os("GGUF_SEEDS") {
        std::fs::create_dir_all(&folder).expect("the folder for seeds can be made");
        for (index, image) in engine::raw::fuzz::seeds().iter().enumerate() {
            let path = Path::new(&folder).join(format!("seed-{index}.gguf"));
            std::fs::write(path, image).expect("a seed can be written");
        }
    },
    |image: &[u8]| {
        let (before, _) = LIVE.get();
        LIVE.set((before, before));
        let _ = engine::raw::fuzz::open(image);
        let (_, most) = LIVE.get();
        let taken = usize::try_from(most - before).unwrap_or(0);
        assert!(taken <= SHARE * image.len() + BASE, "a file of {} bytes took {taken}", image.len());
    }
);

fuzz_mutator!(|data: &mut [u8], size: usize, max_size: usize, seed: u32| {
    mutator::mutate(data, size, max_size, seed)
});
