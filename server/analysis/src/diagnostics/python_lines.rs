//! Python's lines: indentation, and the colon that ends a compound statement's header.
//!
//! The parser forgives most of this, so it is read off the logical lines.

use syntax::{Document, Language, TextEdit, TextRange};

use super::{Diagnostic, Suspicion, literals::insert, repair::Repair};
use crate::{
    block::{columns, first_word, indent_of, line_end},
    lexer::{EventKind, Lexer},
    tree::literals,
};

/// A logical line: brackets, strings and backslashes join physical ones.
struct LogicalLine<'a> {
    indent: TextRange,
    /// Width of the indentation in columns.
    columns: usize,
    /// From the first to the last character of code.
    code: &'a str,
    /// There is a colon outside brackets and lambdas.
    has_colon: bool,
    /// A bracket or a string never ends in it, so nothing can be said about its end.
    is_broken: bool,
}

impl LogicalLine<'_> {
    fn code_start(&self) -> usize {
        self.indent.end
    }

    fn end(&self) -> usize {
        self.code_start() + self.code.len()
    }

    fn opens_block(&self) -> bool {
        self.code.ends_with(':') && !self.is_broken
    }

    /// What the line is, for messages: `if`, `async def`, …
    fn keyword(&self) -> &str {
        let first = first_word(self.code);
        if first == "async" { first_word(&self.code[first.len()..]) } else { first }
    }
}

/// Wrong indentation in a document that parses otherwise.
pub(super) fn indentation(document: &Document) -> Vec<Diagnostic> {
    let text = document.text().to_string();
    // The scan finds the strings of code that parses as well as the parser does.
    let lines = logical_lines(document.language(), &text, &[]);
    indentation_suspicions(&text, &lines).into_iter().map(|suspicion| suspicion.diagnostic).collect()
}

/// Wrong indentation of some lines, which begin with a statement inside blocks that are indented by `outer` columns.
pub(super) fn indentation_of_lines(language: Language, lines: &str, outer: &[usize]) -> usize {
    suspicions_in(lines, &logical_lines(language, lines, &[]), outer).len()
}

/// Missing colons and wrong indentation in a document with errors.
pub(super) fn check(repair: &mut Repair) {
    let text = repair.text();
    let opaque = repair.tree().map(|tree| literals(tree, repair.family)).unwrap_or_default();
    let lines = logical_lines(repair.document().language(), &text, &opaque);
    let colons = lines.iter().enumerate().filter_map(|(at, line)| missing_colon(line, lines.get(at + 1))).collect();
    repair.judge(vec![colons], false);

    let text = repair.text();
    let opaque = repair.tree().map(|tree| literals(tree, repair.family)).unwrap_or_default();
    let lines = logical_lines(repair.document().language(), &text, &opaque);
    let suspicions = indentation_suspicions(&text, &lines);
    // The parser forgives a wrong indentation, so no parse can tell: the rules of the language decide.
    let edits: Vec<TextEdit> = suspicions.iter().flat_map(|suspicion| suspicion.repair.iter().cloned()).collect();
    for suspicion in suspicions {
        repair.report(suspicion.diagnostic);
    }
    if let Some((document, cost)) = repair.try_edits(&edits).filter(|(_, cost)| *cost < repair.cost()) {
        repair.adopt(&edits, document, cost);
    }
}

fn missing_colon(line: &LogicalLine<'_>, next: Option<&LogicalLine<'_>>) -> Option<Suspicion> {
    let keyword = line.keyword();
    let after = match keyword {
        "if" | "elif" | "while" => "after the condition",
        "for" => "after the loop's iterable",
        "def" => "after the function's head",
        "class" => "after the class's head",
        "else" | "try" | "finally" => "",
        "except" => "after `except`",
        "with" => "after the context manager",
        _ => return None,
    };
    let is_followed_by_block = next.is_some_and(|next| next.columns > line.columns);
    let is_complete = match keyword {
        "else" | "try" | "finally" => line.code == keyword,
        "except" => true,
        "def" => line.code.contains('('),
        _ => line.code.len() > keyword.len(),
    };
    if line.has_colon || line.is_broken || !is_complete || !is_followed_by_block {
        return None;
    }
    let after = if after.is_empty() { format!("after `{keyword}`") } else { after.to_owned() };
    let last = line.code.chars().next_back().map_or(1, char::len_utf8);
    let diagnostic = Diagnostic::error(
        "missing-token",
        TextRange::new(line.end() - last, line.end()),
        format!("expected `:` {after}"),
    )
    .fixed_by("Insert `:`", vec![insert(line.end(), ":".to_owned())]);
    Some(Suspicion::with_fix_as_repair(diagnostic))
}

fn indentation_suspicions(text: &str, lines: &[LogicalLine<'_>]) -> Vec<Suspicion> {
    suspicions_in(text, lines, &[0])
}

/// The same for lines inside blocks that are indented by `outer` columns.
fn suspicions_in(text: &str, lines: &[LogicalLine<'_>], outer: &[usize]) -> Vec<Suspicion> {
    let mut suspicions = Vec::new();
    suspicions.extend(lines.iter().filter_map(missing_operand));
    let mut stack = outer.to_vec();
    let mut previous: Option<&LogicalLine<'_>> = None;
    for (at, line) in lines.iter().enumerate() {
        let top = stack.last().copied().unwrap_or(0);
        match previous {
            Some(header) if header.opens_block() => {
                if line.columns > header.columns {
                    stack.push(line.columns);
                } else {
                    suspicions.push(missing_block(text, header, token_range(line)));
                }
            }
            _ if line.columns > top => {
                suspicions.push(unexpected_indent(&lines[at..], top, previous));
                stack.push(line.columns);
            }
            _ => {}
        }
        while stack.len() > 1 && stack.last().is_some_and(|&top| top > line.columns) {
            stack.pop();
        }
        if stack.last().is_some_and(|&top| top < line.columns) {
            let range = if line.indent.is_empty() { token_range(line) } else { line.indent };
            let message = "the indentation does not match any outer level";
            suspicions.push(Suspicion {
                diagnostic: Diagnostic::error("indentation-error", range, message),
                repair: Vec::new(),
            });
            stack.push(line.columns);
        }
        previous = Some(line);
    }
    if let Some(header) = previous.filter(|line| line.opens_block()) {
        suspicions.push(missing_block(text, header, TextRange::new(header.end() - 1, header.end())));
    }
    suspicions
}

/// The parser takes the next line for the rest of an expression that ends in an operator.
fn missing_operand(line: &LogicalLine<'_>) -> Option<Suspicion> {
    let operator =
        ["==", "!=", "+=", "-=", "*=", "/=", "->", "=", "+", "-", "*", "/", "%", "<", ">", "|", "&", "^", "."];
    let last = operator.iter().find(|operator| line.code.ends_with(*operator))?;
    // `import *` and `def f(a, /, *` end like this; a dot may end a number.
    let is_operand =
        line.code.contains("import") || line.code.trim_end_matches('.').ends_with(|c: char| c.is_ascii_digit());
    if line.is_broken || (is_operand && matches!(*last, "*" | ".")) || line.code.ends_with("...") {
        return None;
    }
    let range = TextRange::new(line.end() - last.len(), line.end());
    let diagnostic = Diagnostic::error("missing-expression", range, format!("expected an expression after `{last}`"));
    Some(Suspicion { diagnostic, repair: vec![insert(line.end(), " x".to_owned())] })
}

fn missing_block(text: &str, header: &LogicalLine<'_>, range: TextRange) -> Suspicion {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let unit = if text[header.indent.start..header.indent.end].contains('\t') { "\t" } else { "    " };
    let indent = &text[header.indent.start..header.indent.end];
    let keyword = TextRange::new(header.code_start(), header.code_start() + first_word(header.code).len());
    let diagnostic = Diagnostic::error(
        "indentation-error",
        range,
        format!("expected an indented block after `{}`", header.keyword()),
    )
    .relates_to(keyword, "the block belongs to this")
    .fixed_by("Insert `pass`", vec![insert(header.end(), format!("{newline}{indent}{unit}pass"))]);
    Suspicion::with_fix_as_repair(diagnostic)
}

/// `lines` begins with the line that is too deep; the lines below that are as deep move with it.
fn unexpected_indent(lines: &[LogicalLine<'_>], expected: usize, previous: Option<&LogicalLine<'_>>) -> Suspicion {
    let first = &lines[0];
    // The white space to keep is that of the line before, unless that is deeper itself.
    let keep = previous.filter(|line| line.columns == expected).map_or(0, |line| line.indent.len());
    let surplus = first.indent.len().saturating_sub(keep);
    let edits = lines
        .iter()
        .take_while(|line| line.columns >= first.columns)
        .map(|line| TextEdit {
            range: TextRange::new(line.indent.end - surplus.min(line.indent.len()), line.indent.end),
            new_text: String::new(),
        })
        .collect();
    let diagnostic = Diagnostic::error("indentation-error", first.indent, "unexpected indentation")
        .fixed_by("Remove the indentation", edits);
    Suspicion::with_fix_as_repair(diagnostic)
}

/// The first token of a line.
fn token_range(line: &LogicalLine<'_>) -> TextRange {
    let word = first_word(line.code).len();
    let len = if word > 0 { word } else { line.code.chars().next().map_or(0, char::len_utf8) };
    TextRange::new(line.code_start(), line.code_start() + len)
}

fn logical_lines<'a>(language: Language, text: &'a str, opaque: &[TextRange]) -> Vec<LogicalLine<'a>> {
    let mut events = Lexer::new(language, text, opaque).peekable();
    // Strings that the tree knows are skipped by the scan, so they are joined here.
    let mut literals = opaque.iter().copied().peekable();
    let mut lines = Vec::new();
    let mut at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
    while at < text.len() {
        let start = at;
        let line_text = &text[start..];
        let indent = TextRange::new(start, start + indent_of(line_text).len());
        let mut depth = 0usize;
        let mut in_string = false;
        let mut is_broken = false;
        let mut has_colon = false;
        let mut code_end = indent.end;
        let mut from = indent.end;
        // Physical line by physical line, until nothing is open.
        loop {
            let end = line_end(text, at);
            let mut comment = None;
            let mut until = end;
            while let Some(literal) = literals.next_if(|literal| literal.start < until) {
                until = until.max(literal.end);
            }
            let until = if until > end { line_end(text, until) } else { end };
            while let Some(event) = events.next_if(|event| event.range.start < until) {
                if depth == 0 && !in_string {
                    has_colon |= has_block_colon(text, opaque, from, event.range.start);
                }
                match event.kind {
                    EventKind::Open(_) | EventKind::InterpolationStart(_) => depth += 1,
                    EventKind::Close(_) | EventKind::InterpolationEnd(_) | EventKind::InterpolationBroken => {
                        depth = depth.saturating_sub(1);
                    }
                    EventKind::StringStart => in_string = true,
                    EventKind::StringEnd => in_string = false,
                    EventKind::StringBroken => {
                        in_string = false;
                        is_broken = true;
                    }
                    EventKind::Comment => comment = Some(event.range.start),
                }
                from = event.range.end;
            }
            if depth == 0 && !in_string && from < until {
                has_colon |= has_block_colon(text, opaque, from, until);
            }
            let code = text[start..comment.unwrap_or(until)].trim_end();
            code_end = code_end.max(start + code.len());
            let continues = comment.is_none() && code.ends_with('\\') && !in_string;
            at = until + if text[until..].starts_with("\r\n") { 2 } else { 1 };
            if at >= text.len() {
                is_broken |= depth > 0 || in_string;
                break;
            }
            if depth == 0 && !in_string && !continues {
                break;
            }
            from = at.max(from);
        }
        let code = text[indent.end..code_end.max(indent.end)].trim_end();
        if !code.trim().is_empty() {
            let columns = columns(&text[indent.start..indent.end]);
            lines.push(LogicalLine { indent, columns, code, has_colon, is_broken });
        }
    }
    lines
}

/// A colon in `text[from..to]` (outside brackets and strings) that is no lambda's and no `:=`.
fn has_block_colon(text: &str, opaque: &[TextRange], from: usize, to: usize) -> bool {
    if from >= to {
        return false;
    }
    let part = &text[from..to];
    let is_code = |at: usize| {
        let next = opaque.partition_point(|range| range.end <= at);
        opaque.get(next).is_none_or(|range| at < range.start)
    };
    let mut lambdas = part.matches("lambda").count();
    for (at, _) in part.match_indices(':') {
        if part[at..].starts_with(":=") || !is_code(from + at) {
            continue;
        }
        if lambdas == 0 {
            return true;
        }
        lambdas -= 1;
    }
    false
}
