//! Rules chosen by code: `[lint]` of `ropewalk.toml`, and `--select` and `--ignore`.

use std::str::FromStr;

use ruff_linter::RuleSelector;

use crate::rule;

/// Codes as written. Python's may be beginnings, as ruff reads them (`F`, `E7`, `S301`, `ALL`); others are exact.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RuleSelection {
    /// Exactly these run, instead of the default set. `None` leaves the default set.
    pub select: Option<Vec<String>>,
    /// These do not run.
    pub ignore: Vec<String>,
    /// These run as well.
    pub extend_select: Vec<String>,
}

impl RuleSelection {
    /// The codes that name no rule.
    pub fn unknown(&self) -> impl Iterator<Item = &str> {
        self.all().filter(|code| RuleSelector::from_str(code).is_err() && rule(code).is_none())
    }

    /// True when nothing was chosen.
    pub fn is_empty(&self) -> bool {
        self.select.is_none() && self.ignore.is_empty() && self.extend_select.is_empty()
    }

    /// The codes that are Python's, of each list.
    pub(super) fn of_python(&self) -> Self {
        let python = |codes: &[String]| -> Vec<String> {
            codes.iter().filter(|code| RuleSelector::from_str(code).is_ok()).cloned().collect()
        };
        Self {
            select: self.select.as_deref().map(python),
            ignore: python(&self.ignore),
            extend_select: python(&self.extend_select),
        }
    }

    fn all(&self) -> impl Iterator<Item = &str> {
        self.select.iter().flatten().chain(&self.ignore).chain(&self.extend_select).map(String::as_str)
    }
}
