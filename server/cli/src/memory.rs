//! How the servers take memory from the system: what many short-lived threads free is used again by the others.

/// Arenas of glibc's allocator.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const ARENAS: std::ffi::c_int = 2;

/// Limits glibc's arenas, where tree-sitter's trees lie; call it before threads start. By default each thread gets one, up
/// to eight a core, and memory that is free in one serves no other: a server that runs for days collects holes in all of
/// them. Its threads allocate little there, so they can share. Other allocators are left as they are.
pub(crate) fn share_arenas() {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        #[expect(unsafe_code, reason = "mallopt is a C function; no safe binding is in use")]
        // SAFETY: it takes two numbers and locks what it changes.
        let is_taken = unsafe { libc::mallopt(libc::M_ARENA_MAX, ARENAS) } == 1;
        if !is_taken {
            tracing::debug!("the allocator does not take a number of arenas");
        }
    }
}
