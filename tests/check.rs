//! The command line, as a spawned program: what it prints and how it exits.

mod batch;
mod command_line;
mod complete;
mod eval;
mod explain;
mod fixes;
mod format;
mod formats;
mod hostile;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
mod memory;
mod selection;
