//! One problem, one finding: what several rules say of the same place is said by the one that says it best.

use std::collections::HashMap;

use crate::diagnostics::{Diagnostic, is_syntax_code};

/// Of findings with the same range, each of these codes goes where one of the others stands; none named: any other.
const WEAKER: &[(&str, &[&str])] = &[
    ("B012", &["F701", "F702", "F706"]),
    ("B015", &[]),
    ("B018", &[]),
    ("E402", &["F404"]),
    ("E722", &["F707"]),
    ("F403", &["F406"]),
    ("F507", &["F503", "F504"]),
    ("F522", &["F525"]),
    ("F523", &["F525"]),
    ("F541", &["B021"]),
    ("F821", &["PLE0118"]),
    ("PLE1142", &["F704"]),
    ("PLW0602", &["PLE0115"]),
];

/// A name that is used before it is declared global, and what else is found at the declaration because of that.
const USED_BEFORE_GLOBAL: (&str, &[&str]) = ("PLE0118", &["F811", "F824", "PLW0602"]);

/// Leaves out what another finding tells better.
pub(super) fn leave_out(found: &mut Vec<Diagnostic>, text: &str) {
    let mut codes: HashMap<(usize, usize), Vec<&'static str>> = HashMap::new();
    for it in found.iter() {
        codes.entry((it.range.start, it.range.end)).or_default().push(it.code);
    }
    let is_weaker = |it: &Diagnostic| {
        let here = codes.get(&(it.range.start, it.range.end)).map_or(&[][..], Vec::as_slice);
        let mut others = here.iter().filter(|code| **code != it.code);
        let stronger = WEAKER.iter().find(|(code, _)| *code == it.code).map(|(_, stronger)| *stronger);
        // What does not compile is told by the parser.
        others.any(|other| match stronger {
            Some(stronger) => stronger.is_empty() || stronger.contains(other) || is_syntax_code(other),
            None => is_syntax_code(other) && !is_syntax_code(it.code),
        })
    };
    let (code, consequences) = USED_BEFORE_GLOBAL;
    let declared: Vec<String> = found.iter().filter(|it| it.code == code).map(|it| it.message.clone()).collect();
    let is_consequence = |it: &Diagnostic| {
        !declared.is_empty() && consequences.contains(&it.code) && {
            let name = text.get(it.range.start..it.range.end).unwrap_or_default();
            let line = text.get(..it.range.start).unwrap_or_default().lines().count();
            // "Name `x` is used prior to global declaration on line 3"
            let of_line = |message: &String| message.ends_with(&format!(" {line}"));
            declared.iter().any(|message| message.contains(&format!("`{name}`")) && of_line(message))
        }
    };
    let keep: Vec<bool> = found.iter().map(|it| !is_weaker(it) && !is_consequence(it)).collect();
    let mut keep = keep.into_iter();
    found.retain(|_| keep.next().unwrap_or(true));
}
