//! `ropewalk check` and the other commands, as a spawned program.
