//! Two texts of Markdown: the words of their prose with the headings they stand in, and every line of code but for its
//! white space. Emphasis, list markers, rules of tables and escapes are signs that may be written in several ways.

use super::{difference, without_white_space};
use crate::formatting::{Refusal, Request, markdown};

/// Code blocks are formatted by others, who compare what they did: so the prose is formatted once more without them.
pub(super) fn compare(before: &str, after: &str, request: Option<&Request<'_>>) -> Result<(), String> {
    let prose = request.map(markdown::format_prose).transpose().map_err(|refusal| match refusal {
        Refusal::Syntax(message, _) | Refusal::Other(message) => message,
    })?;
    let after = prose.as_deref().unwrap_or(after);
    let (mut before, mut after) = (words(before), words(after));
    loop {
        match (before.next(), after.next()) {
            (None, None) => return Ok(()),
            (a, b) if a == b => {}
            (a, b) => return Err(difference(a.as_deref(), b.as_deref())),
        }
    }
}

/// Where a block of code is open.
struct Fence {
    sign: char,
    length: usize,
    /// Quotes that it stands in.
    quotes: usize,
    /// What is in it is Markdown itself, which the formatter lays out on its own.
    is_prose: bool,
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let mut fence: Option<Fence> = None;
    let mut lines = text.lines().peekable();
    let mut is_front_matter = text.starts_with("---\n");
    // Blank lines of code above; those at its end count for nothing.
    let mut blanks = 0;
    std::iter::from_fn(move || {
        let line = lines.next()?;
        if let Some(open) = &fence {
            if open.is_closed_by(line) {
                (fence, blanks) = (None, 0);
                return Some(vec!["```".to_owned()]);
            }
            if open.is_prose {
                return Some(words_of_line(inner(line)));
            }
            let code = open.code(line);
            if code.is_empty() {
                blanks += 1;
                return Some(Vec::new());
            }
            let above = std::iter::repeat_n(String::new(), std::mem::take(&mut blanks));
            return Some(above.chain([code]).collect());
        }
        if is_front_matter {
            is_front_matter = lines.peek().is_some_and(|below| below.trim_end() != "---");
            return Some(words_of_line(line));
        }
        let inside = inner(line);
        if let Some((open, tag)) = Fence::opened_by(line, inside) {
            fence = Some(open);
            return Some(vec![format!("```{}", without_white_space(tag))]);
        }
        let level = heading(inside).or_else(|| underlined(line, lines.peek()?));
        let mut words = words_of_line(inside);
        if let Some(level) = level {
            words.insert(0, format!("#{level}"));
        }
        Some(words)
    })
    .flatten()
}

/// A line without the signs of the quotes that it stands in.
fn inner(line: &str) -> &str {
    line.trim_start_matches([' ', '\t', '>'])
}

impl Fence {
    /// The fence that a line opens, which may be the first of a list's item, and what it is tagged with.
    fn opened_by<'a>(line: &str, inside: &'a str) -> Option<(Self, &'a str)> {
        let mark = without_item(inside);
        let sign = mark.chars().next().filter(|it| matches!(it, '`' | '~'))?;
        let tag = mark.trim_start_matches(sign);
        let length = mark.len() - tag.len();
        if length < 3 || (sign == '`' && tag.contains('`')) {
            return None;
        }
        let quotes = line[..line.len() - inside.len()].matches('>').count();
        let name = tag.trim().split(|it: char| !it.is_alphanumeric()).next().unwrap_or_default();
        Some((Self { sign, length, quotes, is_prose: matches!(name, "markdown" | "md") }, tag.trim()))
    }

    fn is_closed_by(&self, line: &str) -> bool {
        let mark = self.without_quotes(line).trim();
        mark.len() >= self.length && mark.chars().all(|it| it == self.sign)
    }

    /// A line of the code without white space.
    fn code(&self, line: &str) -> String {
        without_white_space(self.without_quotes(line))
    }

    fn without_quotes<'a>(&self, line: &'a str) -> &'a str {
        (0..self.quotes).fold(line, |line, _| {
            let inside = line.trim_start();
            inside.strip_prefix('>').unwrap_or(inside)
        })
    }
}

/// What follows the marker of a list's item; the line itself where there is none.
fn without_item(line: &str) -> &str {
    let after_number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let marker = match after_number.len() < line.len() {
        true => after_number.strip_prefix(['.', ')']),
        false => line.strip_prefix(['-', '*', '+']),
    };
    match marker {
        Some(rest) if rest.is_empty() || rest.starts_with([' ', '\t']) => without_item(rest.trim_start()),
        _ => line,
    }
}

/// The level of a heading that a line of `#` begins.
fn heading(line: &str) -> Option<usize> {
    let rest = line.trim_start_matches('#');
    let level = line.len() - rest.len();
    ((1..=6).contains(&level) && (rest.is_empty() || rest.starts_with([' ', '\t']))).then_some(level)
}

/// The level of a heading that the line below underlines.
fn underlined(line: &str, below: &str) -> Option<usize> {
    let (text, rule) = (inner(line), inner(below).trim_end());
    let quotes = |line: &str, inside: &str| line[..line.len() - inside.len()].matches('>').count();
    let is_text = without_item(text) == text
        && !text.trim().is_empty()
        && !text.starts_with(['|', '<'])
        && quotes(line, text) == quotes(below, inner(below));
    let sign = rule.chars().next().filter(|it| is_text && matches!(it, '=' | '-'))?;
    let is_rule = rule.chars().all(|it| it == sign);
    is_rule.then_some(if sign == '=' { 1 } else { 2 })
}

/// The words of a line of prose; a list's numbers may be counted anew.
fn words_of_line(line: &str) -> Vec<String> {
    let line = without_item(line);
    line.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}
