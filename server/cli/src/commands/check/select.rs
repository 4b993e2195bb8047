//! `--select` and `--ignore`: which codes are reported.
//!
//! A selector is a code, a family of codes as ruff names them (`F`, `S1`, `PL`), or `ALL`. What kept a file from being
//! checked is reported whatever was selected, unless it is ignored by name: a file nobody looked at is not clean. So is
//! what does not parse, unless a selector names such a code.

use anyhow::bail;

/// Codes of files that were not checked, beside those of [`assist::rules`].
pub(super) const FILE_CODES: [&str; 3] = [assist::UNPARSED_FILE, assist::INTERNAL_ERROR, super::UNREADABLE];

/// What to report.
#[derive(Debug)]
pub(super) struct Selection {
    select: Vec<String>,
    ignore: Vec<String>,
    names_syntax: bool,
}

impl Selection {
    /// Reads the arguments.
    ///
    /// # Errors
    /// When a selector selects nothing; the message names the nearest code.
    pub(super) fn new(select: &[String], ignore: &[String]) -> anyhow::Result<Self> {
        let known: Vec<&str> = assist::rules().iter().map(|it| it.code).chain(FILE_CODES).collect();
        for selector in select.iter().chain(ignore) {
            if selector != "ALL" && !known.iter().any(|code| selects(selector, code)) {
                bail!("{}", unknown(selector, &known));
            }
        }
        let names_syntax = select.iter().any(|it| it == "ALL" || assist::is_syntax_code(it));
        Ok(Self { select: select.to_vec(), ignore: ignore.to_vec(), names_syntax })
    }

    /// Whether findings with this code are reported.
    pub(super) fn reports(&self, code: &str) -> bool {
        let named = |selectors: &[String]| selectors.iter().any(|it| it == "ALL" || selects(it, code));
        let is_kept = self.select.is_empty()
            || named(&self.select)
            || FILE_CODES.contains(&code)
            || (assist::is_syntax_code(code) && !self.names_syntax);
        is_kept && !named(&self.ignore)
    }
}

/// Whether a selector means this code. `F` means `F401` but not `FURB105`, while `PL`, which is no family of its own,
/// means `PLE` and `PLW`: so has ruff it.
fn selects(selector: &str, code: &str) -> bool {
    if selector == code {
        return true;
    }
    let (Some((letters, digits)), Some((code_letters, code_digits))) = (split(selector), split(code)) else {
        return false;
    };
    if code_digits.is_empty() {
        return false;
    }
    let is_umbrella = letters == "PL" && digits.is_empty();
    if is_umbrella {
        code_letters.starts_with(letters)
    } else {
        letters == code_letters && code_digits.starts_with(digits)
    }
}

/// The letters and digits of a code or selector of ruff's kind; `None` for other names.
fn split(code: &str) -> Option<(&str, &str)> {
    let at = code.find(|c: char| !c.is_ascii_uppercase()).unwrap_or(code.len());
    let (letters, digits) = code.split_at(at);
    (!letters.is_empty() && digits.bytes().all(|it| it.is_ascii_digit())).then_some((letters, digits))
}

fn unknown(selector: &str, known: &[&str]) -> String {
    let distance = |code: &&&str| strsim::damerau_levenshtein(&selector.to_lowercase(), &code.to_lowercase());
    let nearest = known.iter().min_by_key(distance).copied().unwrap_or_default();
    format!("no finding has the code {selector}; the nearest one is {nearest}")
}

#[cfg(test)]
mod tests {
    use super::selects;

    #[test]
    fn families_are_those_of_ruff() {
        let check = |selector: &str, code: &str| selects(selector, code);
        assert!(check("F", "F401") && check("F4", "F401") && check("F401", "F401"));
        assert!(check("S1", "S105") && !check("S2", "S105"));
        assert!(!check("F", "FURB105") && !check("S", "SIM101") && !check("E", "ERA001"));
        assert!(check("PL", "PLE0100") && check("PLE", "PLE0100") && !check("PLW", "PLE0100"));
        assert!(check("no-undef", "no-undef") && !check("no", "no-undef") && !check("F", "no-undef"));
        assert!(!check("F401x", "F401") && !check("f401", "F401"));
    }
}
