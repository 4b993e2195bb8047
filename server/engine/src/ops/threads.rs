//! The threads that share a model's arithmetic.
//!
//! A forward pass is hundreds of short regions of parallel work, microseconds apart, so a worker that has nothing to do
//! first looks out for the next region and goes to sleep only after [`PATIENCE`]: waking a sleeper takes longer than
//! many a region. This is no scheduler of tasks: one region at a time, of equal pieces, and the thread that asks for it
//! does its share.

use std::any::Any;
use std::cell::Cell;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::{JoinHandle, Thread};
use std::time::{Duration, Instant};

/// How long a thread looks out for work before it sleeps, or lets others run while it waits for them.
const PATIENCE: Duration = Duration::from_micros(50);

/// The threads of one model: the one that calls [`Threads::install`], and workers.
pub(crate) struct Threads {
    shared: Arc<Shared>,
    workers: Vec<JoinHandle<()>>,
}

/// What the threads of a pool see.
struct Shared {
    /// [`OPEN`] while workers may enter the region, [`STOP`] at the end of all; above them the region's number, and below
    /// the number of workers in it.
    state: AtomicU64,
    /// The first piece that nobody has taken.
    next: AtomicUsize,
    /// What is done in the region. Written before it is opened and read by those who have entered.
    region: Mutex<Option<Region>>,
    sleepers: Vec<Sleeper>,
    /// What a worker panicked with.
    panic: Mutex<Option<Box<dyn Any + Send>>>,
}

const WORKERS: u64 = (1 << 16) - 1;
const OPEN: u64 = 1 << 16;
const STOP: u64 = 1 << 17;
const NUMBER: u64 = 1 << 18;

/// Pieces of work. The pointer is good while the region has not been left by all.
#[derive(Clone, Copy)]
struct Region {
    work: *const (dyn Fn(Range<usize>) + Sync),
    pieces: usize,
    /// Least pieces to take at once.
    least: usize,
}

#[expect(unsafe_code, reason = "workers call a closure of another thread's frame")]
// SAFETY: the closure may be called by several threads, and is while its frame waits for them.
unsafe impl Send for Region {}

/// A worker that may be asleep.
#[derive(Default)]
struct Sleeper {
    asleep: AtomicBool,
    thread: Mutex<Option<Thread>>,
}

thread_local! {
    /// The threads that this one may share work with.
    static CURRENT: Cell<Option<*const Shared>> = const { Cell::new(None) };
}

impl Threads {
    /// `count` threads, the caller's included.
    ///
    /// # Errors
    /// When the system gives no more threads.
    pub(crate) fn new(count: usize) -> std::io::Result<Self> {
        let workers = count.max(1) - 1;
        let shared = Arc::new(Shared {
            state: AtomicU64::new(0),
            next: AtomicUsize::new(0),
            region: Mutex::new(None),
            sleepers: (0..workers).map(|_| Sleeper::default()).collect(),
            panic: Mutex::new(None),
        });
        let mut threads = Self { shared, workers: Vec::new() };
        for index in 0..workers {
            let shared = Arc::clone(&threads.shared);
            let builder = std::thread::Builder::new().name(format!("model-{}", index + 1));
            threads.workers.push(builder.spawn(move || shared.serve(index))?);
        }
        Ok(threads)
    }

    /// Runs `pass`; regions in it are shared by these threads. Only one thread at a time can do so.
    pub(crate) fn install<T>(&mut self, pass: impl FnOnce() -> T) -> T {
        struct Restore(Option<*const Shared>);
        impl Drop for Restore {
            fn drop(&mut self) {
                CURRENT.set(self.0);
            }
        }
        // Workers wake up while the first region is prepared.
        self.shared.wake();
        let _restore = Restore(CURRENT.replace(Some(Arc::as_ptr(&self.shared))));
        pass()
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.shared.state.fetch_or(STOP, Ordering::SeqCst);
        self.shared.wake();
        for worker in self.workers.drain(..) {
            // A worker catches what its work panics with.
            let _ = worker.join();
        }
    }
}

/// Threads that share the regions which are begun here.
pub(crate) fn count() -> usize {
    CURRENT.get().map_or(1, |shared| {
        #[expect(unsafe_code, reason = "the pool of the pass that is running")]
        // SAFETY: `install` holds the pool while it is the current one.
        let shared = unsafe { &*shared };
        shared.sleepers.len() + 1
    })
}

/// Calls `work` with ranges that together are `0..pieces`, at least `least` pieces each but for the last one. Ranges grow
/// smaller towards the end, so that all threads finish together. Regions within regions are not shared.
pub(crate) fn for_ranges(pieces: usize, least: usize, work: impl Fn(Range<usize>) + Sync) {
    match CURRENT.get() {
        Some(shared) if pieces > least => {
            #[expect(unsafe_code, reason = "the pool of the pass that is running")]
            // SAFETY: `install` holds the pool while it is the current one.
            let shared = unsafe { &*shared };
            shared.run(pieces, least.max(1), &work);
        }
        _ if pieces > 0 => work(0..pieces),
        _ => {}
    }
}

/// Calls `work` with every entry and its index; `least` entries at least are done by one thread after the other.
pub(crate) fn for_each_mut<T: Send>(entries: &mut [T], least: usize, work: impl Fn(usize, &mut T) + Sync) {
    struct Start<T>(*mut T);
    #[expect(unsafe_code, reason = "threads share the entries of a slice")]
    // SAFETY: every entry is given to one thread only, which `T: Send` allows.
    unsafe impl<T: Send> Sync for Start<T> {}
    impl<T> Start<T> {
        fn get(&self) -> *mut T {
            self.0
        }
    }
    let start = Start(entries.as_mut_ptr());
    for_ranges(entries.len(), least, |range| {
        for index in range {
            #[expect(unsafe_code, reason = "threads share the entries of a slice")]
            // SAFETY: the index is below the length, and no other range has it.
            work(index, unsafe { &mut *start.get().add(index) });
        }
    });
}

/// Calls `work` with the chunks of `len` values and their indexes; the last one may be shorter. `least` as above.
pub(crate) fn for_chunks_mut<T: Send>(
    values: &mut [T],
    len: usize,
    least: usize,
    work: impl Fn(usize, &mut [T]) + Sync,
) {
    if values.len() <= len * least {
        for (index, chunk) in values.chunks_mut(len).enumerate() {
            work(index, chunk);
        }
        return;
    }
    let mut chunks: Vec<&mut [T]> = values.chunks_mut(len).collect();
    for_each_mut(&mut chunks, least, |index, chunk| work(index, chunk));
}

impl Shared {
    /// Opens a region, does a share of it, and returns when all of it is done.
    fn run(&self, pieces: usize, least: usize, work: &(dyn Fn(Range<usize>) + Sync)) {
        /// Closes the region and waits until nobody is in it, whatever happens inside.
        struct Close<'a>(&'a Shared);
        impl Drop for Close<'_> {
            fn drop(&mut self) {
                self.0.state.fetch_and(!OPEN, Ordering::AcqRel);
                wait(|| self.0.state.load(Ordering::Acquire) & WORKERS == 0);
                CURRENT.set(Some(std::ptr::from_ref(self.0)));
            }
        }
        // SAFETY: the pointer is used inside the region only, and `Close` waits for those who are in it before the life of
        // the closure ends.
        #[expect(unsafe_code, reason = "a pointer cannot carry the closure's lifetime")]
        let work = unsafe {
            std::mem::transmute::<*const (dyn Fn(Range<usize>) + Sync + '_), *const (dyn Fn(Range<usize>) + Sync)>(work)
        };
        let region = Region { work, pieces, least };
        *lock(&self.panic) = None;
        // No worker is in a region now: the last one was left by all.
        *lock(&self.region) = Some(region);
        self.next.store(0, Ordering::Relaxed);
        self.state.fetch_add(NUMBER + OPEN, Ordering::SeqCst);
        self.wake();
        CURRENT.set(None);
        let close = Close(self);
        self.share(region);
        drop(close);
        if let Some(panic) = lock(&self.panic).take() {
            resume_unwind(panic);
        }
    }

    /// Takes pieces until there are none. The caller is in the region.
    fn share(&self, region: Region) {
        let threads = self.sleepers.len() + 1;
        let take = |next: usize| {
            let rest = region.pieces - next;
            (rest > 0).then(|| next + (rest / (2 * threads)).max(region.least).min(rest))
        };
        while let Ok(first) = self.next.fetch_update(Ordering::Relaxed, Ordering::Relaxed, take) {
            let end = take(first).expect("there were pieces left");
            #[expect(unsafe_code, reason = "workers call a closure of another thread's frame")]
            // SAFETY: this thread is in the region, which keeps the closure alive.
            unsafe {
                (*region.work)(first..end);
            }
        }
    }

    /// What a worker does all its life.
    fn serve(&self, index: usize) {
        let sleeper = &self.sleepers[index];
        *lock(&sleeper.thread) = Some(std::thread::current());
        let (mut seen, mut looks) = (0, 0u32);
        let mut idle_since = Instant::now();
        loop {
            let state = self.state.load(Ordering::Acquire);
            if state & STOP != 0 {
                return;
            }
            if state & OPEN != 0 && state / NUMBER != seen {
                if self.state.compare_exchange_weak(state, state + 1, Ordering::AcqRel, Ordering::Relaxed).is_ok() {
                    seen = state / NUMBER;
                    let region = lock(&self.region).expect("an open region is there");
                    if let Err(panic) = catch_unwind(AssertUnwindSafe(|| self.share(region))) {
                        *lock(&self.panic) = Some(panic);
                    }
                    self.state.fetch_sub(1, Ordering::Release);
                    idle_since = Instant::now();
                }
                continue;
            }
            std::hint::spin_loop();
            looks = looks.wrapping_add(1);
            if looks.is_multiple_of(16) && idle_since.elapsed() > PATIENCE {
                sleeper.asleep.store(true, Ordering::SeqCst);
                // Whoever opens a region after this load sees that this thread sleeps.
                if self.state.load(Ordering::SeqCst) == state {
                    std::thread::park();
                }
                sleeper.asleep.store(false, Ordering::SeqCst);
                idle_since = Instant::now();
            }
        }
    }

    /// Wakes workers that sleep.
    fn wake(&self) {
        for sleeper in &self.sleepers {
            if sleeper.asleep.swap(false, Ordering::SeqCst)
                && let Some(thread) = &*lock(&sleeper.thread)
            {
                thread.unpark();
            }
        }
    }
}

/// Returns when `done`; after some time it lets other threads run in between.
fn wait(done: impl Fn() -> bool) {
    let start = Instant::now();
    while !done() {
        if start.elapsed() > PATIENCE {
            std::thread::yield_now();
        }
        std::hint::spin_loop();
    }
}

/// Nothing that can panic runs under these locks.
fn lock<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use std::panic::{AssertUnwindSafe, catch_unwind};
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::{Threads, count, for_chunks_mut, for_each_mut, for_ranges};

    #[test]
    fn every_piece_is_done_once() {
        for threads in [1, 2, 5] {
            let mut threads = Threads::new(threads).expect("the system has threads");
            threads.install(|| {
                for pieces in [0, 1, 2, 3, 17, 1000] {
                    for least in [0, 1, 4, 2000] {
                        let done: Vec<AtomicUsize> = (0..pieces).map(|_| AtomicUsize::new(0)).collect();
                        for_ranges(pieces, least, |range| {
                            assert!(range.len() >= least || range.end == pieces);
                            for piece in range {
                                done[piece].fetch_add(1, Ordering::Relaxed);
                            }
                        });
                        assert!(done.iter().all(|done| done.load(Ordering::Relaxed) == 1));
                    }
                }
            });
        }
    }

    #[test]
    fn many_short_regions_lose_nothing() {
        let mut threads = Threads::new(4).expect("the system has threads");
        let mut numbers = vec![0usize; 37];
        for _ in 0..20 {
            threads.install(|| {
                for _ in 0..500 {
                    for_each_mut(&mut numbers, 1, |index, number| *number += index);
                }
            });
        }
        assert!(numbers.iter().enumerate().all(|(index, &number)| number == index * 10_000));
    }

    #[test]
    fn chunks_may_be_shared_inside_a_region_or_without_threads() {
        let mut values = [0; 10];
        for_chunks_mut(&mut values, 3, 1, |index, chunk| chunk.fill(index));
        assert_eq!(values, [0, 0, 0, 1, 1, 1, 2, 2, 2, 3]);
        assert_eq!(count(), 1);
        let sum = AtomicUsize::new(0);
        let mut threads = Threads::new(3).expect("the system has threads");
        threads.install(|| {
            assert_eq!(count(), 3);
            for_ranges(8, 1, |outer| {
                for_ranges(outer.len(), 1, |inner| {
                    sum.fetch_add(inner.len(), Ordering::Relaxed);
                });
            });
            assert_eq!(count(), 3);
        });
        assert_eq!((sum.into_inner(), count()), (8, 1));
    }

    #[test]
    fn a_panic_reaches_the_caller_and_the_threads_go_on() {
        let mut threads = Threads::new(3).expect("the system has threads");
        for bad in [0, 50, 99] {
            let result = catch_unwind(AssertUnwindSafe(|| {
                threads.install(|| for_ranges(100, 1, |range| assert!(!range.contains(&bad), "piece {bad}")));
            }));
            assert!(result.is_err());
            let sum = AtomicUsize::new(0);
            threads.install(|| {
                for_ranges(100, 1, |range| {
                    sum.fetch_add(range.sum(), Ordering::Relaxed);
                });
            });
            assert_eq!(sum.into_inner(), 4950);
        }
    }
}
