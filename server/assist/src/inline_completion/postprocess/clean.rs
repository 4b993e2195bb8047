//! Characters: nothing a person would not type, and white space as the file has it.

use crate::inline_completion::site::{IndentStyle, indent_of};

/// Line feeds only, no control characters; cut where the model spelt out a special token.
pub(super) fn clean(raw: &str) -> String {
    let mut text: String = raw.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_invisible(c)));
    if let Some(at) = special_token(&text) {
        text.truncate(at);
    }
    text
}

/// Characters that change what code means without being seen (bidirectional overrides), a stray byte order mark and
/// the replacement character.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// Where something like a name between `<|` and `|>` stands: a marker that became text, never code.
fn special_token(text: &str) -> Option<usize> {
    text.match_indices('<').map(|(at, _)| at).find(|&at| {
        let Some(name) = text[at + 1..].strip_prefix('|') else { return false };
        let end = name.find(|c: char| !(c.is_ascii_alphanumeric() || c == '_' || c == '-'));
        end.is_some_and(|end| end > 0 && name[end..].starts_with("|>"))
    })
}

/// A model whose tokens carry their leading space writes one even after a space.
pub(super) fn drop_doubled_space(text: &mut String, line_prefix: &str) {
    let after_space = line_prefix.ends_with([' ', '\t']) && !line_prefix.trim().is_empty();
    if after_space && text.starts_with(' ') {
        let spaces = text.len() - text.trim_start_matches(' ').len();
        text.replace_range(..spaces, "");
    }
}

/// Rewrites the indentation of all lines but the first (that one continues the cursor's line).
pub(super) fn follow_indent_style(text: &mut String, style: IndentStyle) {
    if !text.contains('\n') {
        return;
    }
    let step = match style {
        IndentStyle::Spaces(step) => step,
        IndentStyle::Tabs => match smallest_step(text) {
            // Two levels at once, most likely.
            Some(step) if step % 4 != 0 => step,
            _ => 4,
        },
    };
    let restyled = text.split('\n').enumerate().map(|(number, line)| {
        let (indent, rest) = line.split_at(indent_of(line));
        match style {
            _ if number == 0 => line.to_owned(),
            IndentStyle::Spaces(_) => indent.replace('\t', &" ".repeat(step)) + rest,
            IndentStyle::Tabs => {
                let columns = indent.chars().map(|c| if c == '\t' { step } else { 1 }).sum::<usize>();
                "\t".repeat(columns / step) + &" ".repeat(columns % step) + rest
            }
        }
    });
    *text = restyled.collect::<Vec<_>>().join("\n");
}

/// The smallest indentation by spaces, in columns.
fn smallest_step(text: &str) -> Option<usize> {
    let indented = text.split('\n').skip(1).filter(|line| line.starts_with(' ') && !line.trim().is_empty());
    indented.map(|line| line.len() - line.trim_start_matches(' ').len()).min()
}
