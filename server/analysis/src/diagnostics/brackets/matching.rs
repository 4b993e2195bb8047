//! Which bracket is wrong.

use crate::{
    block::{columns, first_word, indent_of, line_start},
    family::Family,
    lexer::{Event, EventKind, closer_of},
};

/// How far ahead the cost of a decision is looked at, in brackets.
const LOOKAHEAD: usize = 200;
/// Decisions that are looked ahead for; what comes after them is decided by rule.
const MAX_DECISIONS: usize = 200;
/// Unclosed braces for which the indentation is asked.
const MAX_BLAMED: usize = 20;
/// Depth of the stack that a look ahead takes along.
const LOOKAHEAD_DEPTH: usize = 64;

/// How much the layout of the text counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Reading {
    /// Not at all.
    Plain,
    /// An unclosed `{` is looked for where a `}` stands at another indentation than its block's line.
    Indentation,
    /// That, and a statement at the margin ends the brackets before it.
    Layout,
}

/// A bracket that is wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Finding {
    /// `limit`: where it has to be closed at the latest.
    Unclosed {
        open: usize,
        byte: u8,
        limit: usize,
    },
    Unexpected {
        close: usize,
        byte: u8,
    },
    /// The `}` at `close` belongs to a line that should have ended in `{`, at `header_end`.
    Unopened {
        header_end: usize,
        close: usize,
    },
    Mismatched {
        open: usize,
        open_byte: u8,
        close: usize,
        byte: u8,
    },
}

#[derive(Clone, Copy)]
struct Entry {
    at: usize,
    byte: u8,
    /// It is the start of code inside a string; the scan itself knows where that ends.
    is_interpolation: bool,
}

/// What to do with a closing bracket that does not belong to the innermost open one.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Decision {
    /// The brackets above this height of the stack are unclosed.
    PopTo(usize),
    Ignore,
    /// It was meant to close the innermost one.
    Mismatch,
}

/// Every bracket that is wrong in `reading`, in order.
pub(super) fn read(text: &str, events: &[Event], family: Family, reading: Reading) -> Vec<Finding> {
    let mut margin = if reading == Reading::Layout { margin_statements(text, events, family) } else { Vec::new() }
        .into_iter()
        .peekable();
    let mut stack: Vec<Entry> = Vec::new();
    let mut findings = Vec::new();
    let mut pairs = Vec::new();
    let mut decisions = 0;
    for (index, event) in events.iter().enumerate() {
        let at = event.range.start;
        while let Some((statement, indent)) = margin.next_if(|&(statement, _)| statement <= at) {
            while let Some(entry) = stack.last().filter(|e| !e.is_interpolation && indent_columns(text, e.at) >= indent)
            {
                findings.push(Finding::Unclosed { open: entry.at, byte: entry.byte, limit: statement });
                stack.pop();
            }
        }
        match event.kind {
            EventKind::Open(byte) => stack.push(Entry { at, byte, is_interpolation: false }),
            EventKind::InterpolationStart(_) => stack.push(Entry { at, byte: b'{', is_interpolation: true }),
            EventKind::InterpolationEnd(_) | EventKind::StringBroken => {
                if event.kind == EventKind::StringBroken
                    && !stack.iter().any(|e| e.is_interpolation && e.at >= event.range.start)
                {
                    continue;
                }
                while let Some(entry) = stack.pop().filter(|entry| !entry.is_interpolation) {
                    findings.push(Finding::Unclosed { open: entry.at, byte: entry.byte, limit: at });
                }
            }
            EventKind::Close(byte) => match stack.last() {
                Some(top) if !top.is_interpolation && closer_of(top.byte) == byte => {
                    pairs.push((top.at, at));
                    stack.pop();
                }
                _ => {
                    decisions += 1;
                    let decision = decide(&stack, byte, &events[index + 1..], decisions <= MAX_DECISIONS);
                    match decision {
                        Decision::PopTo(height) => {
                            for entry in stack.drain(height + 1..).rev() {
                                findings.push(Finding::Unclosed { open: entry.at, byte: entry.byte, limit: at });
                            }
                            stack.pop();
                        }
                        Decision::Ignore => findings.push(Finding::Unexpected { close: at, byte }),
                        Decision::Mismatch => {
                            if let Some(entry) = stack.pop() {
                                let (open, open_byte) = (entry.at, entry.byte);
                                findings.push(Finding::Mismatched { open, open_byte, close: at, byte });
                            }
                        }
                    }
                }
            },
            EventKind::InterpolationBroken => {
                while let Some(entry) = stack.pop() {
                    findings.push(Finding::Unclosed { open: entry.at, byte: entry.byte, limit: at });
                    if entry.is_interpolation {
                        break;
                    }
                }
            }
            EventKind::StringStart | EventKind::StringEnd | EventKind::Comment => {}
        }
    }
    for entry in stack.into_iter().rev().filter(|entry| !entry.is_interpolation) {
        findings.push(Finding::Unclosed { open: entry.at, byte: entry.byte, limit: text.len() });
    }
    if reading != Reading::Plain {
        blame_by_indentation(text, &pairs, &mut findings);
        // One line without its brace leaves one stray `}`; the next ones have other causes.
        let stray = findings.iter_mut().find(|finding| matches!(finding, Finding::Unexpected { byte: b'}', .. }));
        if let Some(finding) = stray
            && let Finding::Unexpected { close, .. } = *finding
            && let Some((header_end, close)) = header_of_stray(text, &pairs, close)
        {
            *finding = Finding::Unopened { header_end, close };
        }
    }
    findings.sort_by_key(|finding| match *finding {
        Finding::Unclosed { open, .. } => open,
        Finding::Unopened { header_end, .. } => header_end,
        Finding::Unexpected { close, .. } | Finding::Mismatched { close, .. } => close,
    });
    findings
}

fn decide(stack: &[Entry], byte: u8, rest: &[Event], look_ahead: bool) -> Decision {
    let reachable = stack.iter().rposition(|entry| entry.is_interpolation).map_or(0, |n| n + 1);
    let deeper = stack[reachable..].iter().rposition(|entry| closer_of(entry.byte) == byte).map(|n| reachable + n);
    let mut options = Vec::new();
    options.extend(deeper.map(Decision::PopTo));
    options.extend((stack.len() > reachable).then_some(Decision::Mismatch));
    options.push(Decision::Ignore);
    if !look_ahead {
        return options.into_iter().find(|option| *option != Decision::Mismatch).unwrap_or(Decision::Ignore);
    }
    let low = stack.len().saturating_sub(LOOKAHEAD_DEPTH);
    let cost = |decision: &Decision| {
        let mut window: Vec<u8> = stack[low..].iter().map(|entry| entry.byte).collect();
        let paid = match *decision {
            Decision::PopTo(height) => {
                let paid = stack.len() - 1 - height;
                window.truncate(height.saturating_sub(low));
                paid
            }
            Decision::Ignore => 1,
            Decision::Mismatch => {
                window.pop();
                1
            }
        };
        paid + cost_ahead(window, rest, low > 0)
    };
    options.into_iter().min_by_key(cost).unwrap_or(Decision::Ignore)
}

/// Number of brackets that will be wrong among the next ones, decided by rule.
fn cost_ahead(mut window: Vec<u8>, rest: &[Event], has_more_below: bool) -> usize {
    let mut cost = 0;
    for event in rest.iter().take(LOOKAHEAD) {
        match event.kind {
            EventKind::Open(byte) => window.push(byte),
            EventKind::Close(byte) => match window.iter().rposition(|&open| closer_of(open) == byte) {
                Some(height) => {
                    cost += window.len() - 1 - height;
                    window.truncate(height);
                }
                None if window.is_empty() && has_more_below => return cost,
                None => cost += 1,
            },
            EventKind::InterpolationEnd(_) => return cost,
            _ => {}
        }
    }
    if rest.len() <= LOOKAHEAD { cost + window.len() } else { cost }
}

/// Moves the blame for an unclosed `{` to a block whose `}` stands left of the block's line:
/// that `}` was meant for another block.
fn blame_by_indentation(text: &str, pairs: &[(usize, usize)], findings: &mut [Finding]) {
    let is_brace = |at: usize| text.as_bytes().get(at) == Some(&b'{');
    let braces = findings.iter_mut().filter(|finding| matches!(finding, Finding::Unclosed { byte: b'{', .. }));
    for finding in braces.take(MAX_BLAMED) {
        let Finding::Unclosed { open, limit, .. } = *finding else { continue };
        let culprit = pairs.iter().find(|&&(inner, close)| {
            inner > open && close <= limit && is_brace(inner) && {
                let line_start = line_start(text, close);
                let is_first = text[line_start..close].trim().is_empty();
                is_first && columns(&text[line_start..close]) < indent_columns(text, inner)
            }
        });
        if let Some(&(inner, close)) = culprit {
            *finding = Finding::Unclosed { open: inner, byte: b'{', limit: close };
        }
    }
}

/// The line that the first `}` right of its block's line belongs to: the last one above that is
/// indented like it.
fn header_of_stray(text: &str, pairs: &[(usize, usize)], before: usize) -> Option<(usize, usize)> {
    let is_stray = |&&(open, close): &&(usize, usize)| {
        let start = line_start(text, close);
        close <= before
            && text.as_bytes()[close] == b'}'
            && text[start..close].trim().is_empty()
            && columns(&text[start..close]) > indent_columns(text, open)
            && line_start(text, open) < start
    };
    let &(open, close) = pairs.iter().find(is_stray)?;
    let indent = indent_columns(text, close);
    let mut end = line_start(text, close);
    while end > open {
        let start = line_start(text, end - 1);
        let line = text[start..end].trim_end();
        if !line.trim().is_empty() && columns(indent_of(line)) <= indent {
            let is_header = columns(indent_of(line)) == indent && !line.ends_with(['{', ';', ',', '}']);
            return is_header.then_some((start + line.len(), close));
        }
        end = start;
    }
    None
}

/// Indentation of the line that `offset` is in, in columns.
fn indent_columns(text: &str, offset: usize) -> usize {
    let start = line_start(text, offset);
    columns(indent_of(&text[start..]))
}

/// Lines that begin with a word that begins a statement, as (offset, indentation), outside strings and comments.
fn margin_statements(text: &str, events: &[Event], family: Family) -> Vec<(usize, usize)> {
    let words = statement_words(family);
    let mut statements = Vec::new();
    let mut hidden = hidden_ranges(text.len(), events).into_iter().peekable();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let indent = indent_of(line);
        let at = start + indent.len();
        while hidden.next_if(|&(_, end)| end <= at).is_some() {}
        let is_hidden = hidden.peek().is_some_and(|&(from, _)| from < at);
        if !is_hidden && words.contains(&first_word(line)) {
            statements.push((at, columns(indent)));
        }
        start += line.len();
    }
    statements
}

/// Strings and comments.
fn hidden_ranges(len: usize, events: &[Event]) -> Vec<(usize, usize)> {
    let mut ranges = Vec::new();
    let mut open = None;
    for event in events {
        match event.kind {
            EventKind::StringStart => open = Some(event.range.start),
            EventKind::StringEnd | EventKind::StringBroken => {
                ranges.extend(open.take().map(|start| (start, event.range.end)));
            }
            EventKind::Comment => ranges.push((event.range.start, event.range.end)),
            _ => {}
        }
    }
    ranges.extend(open.map(|start| (start, len)));
    ranges
}

/// Words with which a statement begins and an expression, an argument or an operand does not.
fn statement_words(family: Family) -> &'static [&'static str] {
    match family {
        Family::Python => &[
            "assert", "break", "class", "continue", "def", "del", "except", "finally", "global", "import", "nonlocal",
            "pass", "raise", "return", "try", "while", "with",
        ],
        Family::Script | Family::ScriptJsx => &[
            "break",
            "class",
            "const",
            "continue",
            "export",
            "for",
            "function",
            "if",
            "import",
            "interface",
            "let",
            "return",
            "switch",
            "throw",
            "try",
            "var",
            "while",
        ],
        Family::Rust => {
            &["enum", "fn", "impl", "let", "mod", "pub", "return", "static", "struct", "trait", "type", "use"]
        }
        Family::Go => {
            &["const", "defer", "for", "func", "go", "if", "import", "package", "return", "switch", "type", "var"]
        }
        Family::Java => &[
            "class",
            "enum",
            "for",
            "if",
            "import",
            "interface",
            "package",
            "private",
            "protected",
            "public",
            "return",
            "static",
            "throw",
            "try",
            "while",
        ],
        Family::C | Family::Cpp => &[
            "break",
            "char",
            "class",
            "double",
            "for",
            "if",
            "int",
            "namespace",
            "return",
            "static",
            "struct",
            "switch",
            "template",
            "typedef",
            "using",
            "void",
            "while",
        ],
        Family::Json | Family::Html | Family::Css | Family::Bash | Family::Other => &[],
    }
}
