//! Characters: nothing a person would not type, and white space as the file has it.

use super::markers::spelt_marker;
use crate::inline_completion::site::{IndentStyle, indent_of};

/// Characters of a line's beginning that are no coincidence when they stand there again.
const LINE_START: usize = 6;
/// The same for the beginning of a word.
const WORD_START: usize = 3;

/// Line feeds only, no control characters; cut where the model spelt out a special token.
pub(super) fn clean(raw: &str) -> String {
    let mut text: String = raw.replace("\r\n", "\n").replace('\r', "\n");
    text.retain(|c| matches!(c, '\n' | '\t') || !(c.is_control() || is_invisible(c)));
    if let Some(at) = spelt_marker(&text) {
        text.truncate(at);
    }
    text
}

/// Characters that change what code means without being seen (bidirectional overrides, line and paragraph separators), a
/// stray byte order mark and the replacement character.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}' | '\u{fffd}')
}

/// The code of an answer that wraps it in a Markdown fence, as chat models do.
pub(super) fn unwrap_fence(text: &mut String) {
    const FENCE: &str = "```";
    let is_fence = |line: &str| line.trim_end() == FENCE;
    let head = text.len() - text.trim_start().len();
    if text[head..].starts_with(FENCE) {
        // The rest of the fence's line names the language.
        let code = text[head..].find('\n').map_or(text.len(), |end| head + end + 1);
        text.replace_range(..code, "");
    }
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if is_fence(line) {
            text.truncate(start);
            return;
        }
        start += line.len();
    }
}

/// A model that writes the beginning of the line, or of the word, once more.
pub(super) fn drop_repeated_prefix(text: &mut String, line_prefix: &str) {
    let written = line_prefix.trim_start();
    let is_several_words = written.trim_end().contains(char::is_whitespace) && written.chars().count() >= LINE_START;
    let is_whole = written.ends_with(' ') && !written.trim().is_empty();
    let blanks = text.len() - text.trim_start_matches([' ', '\t']).len();
    if (is_several_words || is_whole) && text[blanks..].starts_with(written) {
        text.replace_range(..blanks + written.len(), "");
        return;
    }
    let word = &written[written.trim_end_matches(|c: char| c.is_alphanumeric() || c == '_').len()..];
    let goes_on = |rest: &str| rest.starts_with(|c: char| c.is_alphanumeric() || c == '_');
    if word.chars().count() >= WORD_START && text.strip_prefix(word).is_some_and(goes_on) {
        text.replace_range(..word.len(), "");
    }
}

/// Removes the first `surplus` bytes of indentation, and as much from the lines below when all of them are as deep.
pub(super) fn drop_indent(text: &mut String, surplus: usize, line_prefix: &str) {
    if surplus == 0 {
        return;
    }
    let depth = line_prefix.len() + indent_of(text);
    text.replace_range(..surplus, "");
    let full = |line: &&str| !line.trim().is_empty();
    let below: Vec<&str> = text.split('\n').skip(1).collect();
    if below.iter().filter(|line| full(line)).all(|line| indent_of(line) >= depth) {
        let first = text.split('\n').next().unwrap_or_default().to_owned();
        let lines = below.iter().map(|line| &line[surplus.min(indent_of(line))..]);
        *text = std::iter::once(first.as_str()).chain(lines).collect::<Vec<_>>().join("\n");
    }
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
pub(super) fn follow_indent_style(text: &mut String, style: IndentStyle, line_prefix: &str) {
    if !text.contains('\n') {
        return;
    }
    let step = match style {
        IndentStyle::Spaces(step) => step,
        IndentStyle::Tabs => step_of(text, line_prefix),
    };
    let restyled = text.split('\n').enumerate().map(|(number, line)| {
        let (indent, rest) = line.split_at(indent_of(line));
        match style {
            _ if number == 0 => line.to_owned(),
            IndentStyle::Spaces(_) => indent.replace('\t', &" ".repeat(step)) + rest,
            IndentStyle::Tabs => {
                let columns = indent.chars().map(|c| if c == '\t' { step } else { 1 }).sum::<usize>();
                "\t".repeat(columns / step) + " ".repeat(columns % step).as_str() + rest
            }
        }
    });
    *text = restyled.collect::<Vec<_>>().join("\n");
}

/// How many spaces the model writes for a level, in a file of tabs: the number by which no line is between two levels,
/// and none is more than one level deeper than the line above it. Four, when several are.
fn step_of(text: &str, line_prefix: &str) -> usize {
    let level = line_prefix.chars().take_while(|c| *c == '\t').count();
    let widths: Vec<usize> = text
        .split('\n')
        .skip(1)
        .filter(|line| !line.trim().is_empty() && !line.starts_with('\t'))
        .map(|line| line.len() - line.trim_start_matches(' ').len())
        .collect();
    let oddities = |step: usize| {
        let mut above = level;
        widths.iter().fold(0, |found, width| {
            let leaps = width / step > std::mem::replace(&mut above, width / step) + 1;
            found + usize::from(width % step != 0) + usize::from(leaps)
        })
    };
    [4, 2, 8, 3].into_iter().min_by_key(|&step| oddities(step)).unwrap_or(4)
}
