//! How many threads the model's products get: one for each physical core. Two threads on one core share its vector
//! units, so the second one only adds waiting.

use std::collections::HashSet;
use std::num::NonZero;

/// Physical cores that this process may use, as far as the system tells; at least 1.
pub(crate) fn physical() -> usize {
    // What the process may use: respects affinity masks and container limits.
    let logical = std::thread::available_parallelism().map_or(1, NonZero::get);
    let physical = if cfg!(target_os = "linux") {
        std::fs::read_to_string("/proc/cpuinfo").ok().and_then(|text| count(&text))
    } else {
        None
    };
    physical.map_or(logical, |physical| physical.min(logical))
}

/// Cores in the text of Linux' `/proc/cpuinfo`; `None` where it does not say (ARM, some virtual machines).
fn count(cpuinfo: &str) -> Option<usize> {
    let mut cores = HashSet::new();
    for processor in cpuinfo.split("\n\n") {
        let field = |name: &str| {
            let lines = processor.lines().filter_map(|line| line.split_once(':'));
            lines.into_iter().find(|(key, _)| key.trim() == name).map(|(_, value)| value.trim())
        };
        if field("processor").is_some() {
            cores.insert((field("physical id")?, field("core id")?));
        }
    }
    (!cores.is_empty()).then_some(cores.len())
}

#[cfg(test)]
mod tests {
    use super::{count, physical};

    #[test]
    fn processors_of_one_core_count_once() {
        let cpuinfo = |ids: &[(u8, u8)]| {
            let entries = ids.iter().enumerate().map(|(processor, (package, core))| {
                format!("processor\t: {processor}\nphysical id\t: {package}\nflags\t\t: fpu\ncore id\t\t: {core}\n")
            });
            entries.collect::<Vec<_>>().join("\n")
        };
        assert_eq!(count(&cpuinfo(&[(0, 0), (0, 1), (0, 0), (0, 1)])), Some(2));
        assert_eq!(count(&cpuinfo(&[(0, 0), (1, 0)])), Some(2));
        assert_eq!(count("processor\t: 0\nBogoMIPS\t: 50.00\n"), None);
        assert_eq!(count(""), None);
        assert!(physical() >= 1);
    }
}
