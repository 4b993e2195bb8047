//! Brackets that do not belong together.
//!
//! The scan's brackets are matched with a stack. Where they do not fit, the cheapest reading of
//! what follows decides which bracket is wrong; a second reading also trusts the layout (a
//! statement that begins at the margin ends every bracket, a `}` closes the block whose
//! line is indented like it). Which reading is right is judged by parsing.

mod matching;
mod place;

use syntax::{TextEdit, TextRange};

use super::{Diagnostic, Suspicion, repair::Repair};
use crate::{
    family::Family,
    lexer::{Event, Lexer, closer_of},
    tree::literals,
};
use matching::{Finding, Reading, read};
use place::{Closing, closing_place};

pub(super) fn check(repair: &mut Repair) {
    let text = repair.text();
    let opaque = repair.tree().map(|tree| literals(tree, repair.family)).unwrap_or_default();
    let events: Vec<Event> = Lexer::new(repair.document().language(), &text, &opaque).collect();
    let mut sets: Vec<Vec<Finding>> = Vec::new();
    for reading in [Reading::Layout, Reading::Indentation, Reading::Plain] {
        let findings = read(&text, &events, repair.family, reading);
        if findings.is_empty() && reading == Reading::Plain {
            break;
        }
        if !findings.is_empty() && !sets.contains(&findings) {
            sets.push(findings);
        }
    }
    // Layout may be wrong where the plain reading has nothing to complain about.
    if read(&text, &events, repair.family, Reading::Plain).is_empty() {
        return;
    }
    let family = repair.family;
    let sets = sets
        .into_iter()
        .map(|findings| {
            findings
                .into_iter()
                .take(super::MAX_DIAGNOSTICS)
                .map(|finding| suspicion(&text, &events, family, finding))
                .collect()
        })
        .collect();
    // In prose between tags and in the patterns of a shell, a bracket need not have a partner.
    let is_certain = !matches!(family, Family::ScriptJsx | Family::Html | Family::Bash | Family::Other);
    repair.judge(sets, is_certain);
}

fn suspicion(text: &str, events: &[Event], family: Family, finding: Finding) -> Suspicion {
    match finding {
        Finding::Unclosed { open, byte, limit } => {
            let close = char::from(closer_of(byte));
            let Closing { at, new_text } = closing_place(text, events, family, open, byte, limit);
            let range = TextRange::new(open, open + 1);
            let diagnostic =
                Diagnostic::error("unclosed-bracket", range, format!("`{}` is never closed", char::from(byte)))
                    .relates_to(TextRange::empty(at), format!("expected `{close}` here"))
                    .fixed_by(format!("Insert `{close}`"), vec![TextEdit { range: TextRange::empty(at), new_text }]);
            Suspicion::with_fix_as_repair(diagnostic)
        }
        Finding::Unexpected { close, byte } => {
            let range = TextRange::new(close, close + 1);
            let byte = char::from(byte);
            let diagnostic = Diagnostic::error(
                "unexpected-closing-bracket",
                range,
                format!("unexpected `{byte}`: no bracket is open that it could close"),
            )
            .fixed_by(format!("Remove `{byte}`"), vec![TextEdit { range, new_text: String::new() }]);
            Suspicion::with_fix_as_repair(diagnostic)
        }
        Finding::Unopened { header_end, close } => {
            let last = text[..header_end].chars().next_back().map_or(0, char::len_utf8);
            let edit = TextEdit { range: TextRange::empty(header_end), new_text: " {".to_owned() };
            let range = TextRange::new(header_end - last, header_end);
            let diagnostic = Diagnostic::error("missing-token", range, "expected `{` at the end of this line")
                .relates_to(TextRange::new(close, close + 1), "this `}` closes what it should open")
                .fixed_by("Insert `{`", vec![edit]);
            Suspicion::with_fix_as_repair(diagnostic)
        }
        Finding::Mismatched { open, open_byte, close, byte } => {
            let range = TextRange::new(close, close + 1);
            let expected = char::from(closer_of(open_byte));
            let diagnostic = Diagnostic::error(
                "mismatched-bracket",
                range,
                format!("expected `{expected}`, found `{}`", char::from(byte)),
            )
            .relates_to(TextRange::new(open, open + 1), format!("`{}` is opened here", char::from(open_byte)))
            .fixed_by(
                format!("Replace `{}` by `{expected}`", char::from(byte)),
                vec![TextEdit { range, new_text: expected.to_string() }],
            );
            Suspicion::with_fix_as_repair(diagnostic)
        }
    }
}
