//! How bad a finding is: what will fail, what is probably wrong, what is a matter of style.

use crate::diagnostics::Severity;

/// By the beginning of the code; the longest that fits counts, and the rest are warnings.
const LEVELS: &[(Severity, &[&str])] = &[
    (
        Severity::Error,
        &[
            "E9", "F404", "F407", "F501", "F502", "F503", "F505", "F506", "F507", "F508", "F509", "F521", "F524",
            "F525", "F621", "F622", "F633", "F70", "F72", "F821", "F822", "F823", "F901", "PLE",
        ],
    ),
    (Severity::Warning, &["SIM115", "SIM22", "W605"]),
    (
        Severity::Information,
        &[
            "A", "ANN", "ARG", "B009", "B010", "C4", "C90", "COM", "CPY", "D", "DOC", "E1", "E2", "E3", "E401", "E5",
            "E70", "E731", "E74", "EM", "ERA", "EXE", "F405", "FA", "FBT", "FIX", "FLY", "FURB", "G", "I", "ICN",
            "INP", "ISC", "N", "PERF", "PIE", "PLC", "PLR", "PT", "PTH", "Q", "RET", "RSE", "SIM", "SLF", "SLOT",
            "T20", "TC", "TD", "TRY", "UP", "W",
        ],
    ),
    // Beginnings of the above that belong to other linters.
    (Severity::Warning, &["AIR", "ASYNC", "DJ", "DTZ", "FAST", "INT", "NPY"]),
];

/// Severity of a code of ruff.
pub(super) fn severity(code: &str) -> Severity {
    let fitting = LEVELS.iter().flat_map(|(severity, beginnings)| {
        beginnings.iter().filter(|it| code.starts_with(**it)).map(|it| (it.len(), *severity))
    });
    fitting.max_by_key(|(length, _)| *length).map_or(Severity::Warning, |(_, severity)| severity)
}
