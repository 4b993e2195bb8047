//! How the program takes memory from the system: through jemalloc where that is at hand, C's trees included.
//!
//! Rules and parsers allocate much and briefly: `check` takes a tenth less time than on glibc's allocator, for 5 MiB more
//! in a server (`server/analysis/BENCHMARKS.md`).

#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What jemalloc reads when it starts (its manual, "Tuning"). Two arenas: threads allocate little at a time and can share,
/// and what is free in one arena serves no other. What was freed goes back to the system after a second.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
#[expect(unsafe_code, reason = "jemalloc looks for a symbol of this name; nothing else defines it")]
#[unsafe(export_name = "malloc_conf")]
#[used]
static SETTINGS: &[u8] = b"narenas:2,dirty_decay_ms:1000,muzzy_decay_ms:0\0";
