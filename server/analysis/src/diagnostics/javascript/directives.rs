//! ESLint's comments: `eslint-disable` and its relatives, `global`, `exported`, `eslint rule: off`.

use oxc_semantic::Semantic;
use oxc_span::Span;

use crate::diagnostics::Diagnostic;
use crate::lint_settings::{Json, RuleSetting};

/// From `at` on, or on the line around it, rules are off, or on again. No rules named: all of them.
struct Switch {
    at: usize,
    off: bool,
    rules: Vec<String>,
}

/// What the comments of a file say.
#[derive(Default)]
pub(super) struct Directives {
    switches: Vec<Switch>,
    /// Lines by their beginning and end.
    lines: Vec<(usize, usize, Vec<String>)>,
    /// Names that `global` comments declare, whether they may be written, and where that is said.
    pub(super) globals: Vec<(String, bool, Span)>,
    /// Names of the language or of a place where programs run that a `global` comment takes away.
    pub(super) hidden: Vec<String>,
    /// Names that `exported` comments declare to be used elsewhere.
    pub(super) exported: Vec<String>,
    /// Rules that an `eslint rule: …` comment sets.
    pub(super) rules: Vec<(String, RuleSetting)>,
}

impl Directives {
    /// Reads the comments.
    pub(super) fn of(semantic: &Semantic<'_>, text: &str) -> Self {
        let mut found = Self::default();
        for comment in semantic.comments() {
            let span = comment.content_span();
            let content = without_reason(&text[span.start as usize..span.end as usize]);
            let (word, rest) = content.split_once(|sign: char| sign.is_whitespace()).unwrap_or((content, ""));
            let (start, end) = (comment.span.start as usize, comment.span.end as usize);
            match word {
                "eslint-disable-line" => found.add_line(text, start, rest),
                "eslint-disable-next-line" => {
                    let next = text[end..].find('\n').map_or(text.len(), |at| end + at + 1);
                    found.add_line(text, next, rest);
                }
                _ if comment.is_line() => {}
                "eslint-disable" => found.switches.push(Switch { at: start, off: true, rules: names(rest) }),
                "eslint-enable" => found.switches.push(Switch { at: start, off: false, rules: names(rest) }),
                "eslint" => found.rules.extend(switches(rest)),
                "global" | "globals" => {
                    for (name, access) in declared(rest) {
                        if access == "off" {
                            found.hidden.push(name);
                        } else {
                            let writable = matches!(access.as_str(), "writable" | "writeable" | "true");
                            found.globals.push((name, writable, comment.span));
                        }
                    }
                }
                "exported" => found.exported.extend(declared(rest).map(|(name, _)| name)),
                _ => {}
            }
        }
        found
    }

    fn add_line(&mut self, text: &str, offset: usize, rules: &str) {
        let start = text[..offset].rfind('\n').map_or(0, |at| at + 1);
        let end = text[offset..].find('\n').map_or(text.len(), |at| offset + at) + 1;
        self.lines.push((start, end, names(rules)));
    }

    /// The findings that no comment switches off.
    pub(super) fn filter(&self, mut found: Vec<Diagnostic>) -> Vec<Diagnostic> {
        let names = |rules: &[String], code: &str| rules.is_empty() || rules.iter().any(|rule| rule == code);
        found.retain(|diagnostic| {
            let (at, code) = (diagnostic.range.start, diagnostic.code);
            let line = self.lines.iter().any(|(start, end, rules)| (*start..*end).contains(&at) && names(rules, code));
            let last = self.switches.iter().rev().find(|switch| switch.at <= at && names(&switch.rules, code));
            !line && last.is_none_or(|switch| !switch.off)
        });
        found
    }
}

/// The comment without white space around it and without what follows ` -- `.
fn without_reason(content: &str) -> &str {
    let content = content.trim();
    let reason = content
        .match_indices("--")
        .find(|(at, _)| content[..*at].ends_with(char::is_whitespace))
        .map_or(content.len(), |(at, _)| at);
    content[..reason].trim_end()
}

/// `a, b c` as its names.
fn names(list: &str) -> Vec<String> {
    list.split(|sign: char| sign == ',' || sign.is_whitespace())
        .filter(|name| !name.is_empty())
        .map(|name| name.trim_matches(['"', '\'']).to_owned())
        .collect()
}

/// `a, b: writable, c:false` as names and what is said of them.
fn declared(list: &str) -> impl Iterator<Item = (String, String)> {
    // White space around the colon belongs to it.
    let mut joined = String::new();
    for part in list.split(':') {
        if !joined.is_empty() {
            joined.push(':');
        }
        joined.push_str(if joined.is_empty() { part.trim() } else { part.trim_start() });
        let kept = joined.trim_end().len();
        joined.truncate(kept);
    }
    names(&joined)
        .into_iter()
        .map(|entry| match entry.split_once(':') {
            Some((name, access)) => (name.to_owned(), access.to_owned()),
            None => (entry, String::new()),
        })
        .collect::<Vec<_>>()
        .into_iter()
}

/// `rule: off, "other": ["error", …]` as rules and what is said of them. What makes no sense is left out.
fn switches(list: &str) -> Vec<(String, RuleSetting)> {
    let mut found = Vec::new();
    let mut depth = 0_usize;
    let mut quote: Option<char> = None;
    let mut entry = String::new();
    for sign in list.chars().chain([',']) {
        match (sign, quote) {
            (_, Some(open)) if sign == open && !entry.ends_with('\\') => quote = None,
            ('"' | '\'', None) => quote = Some(sign),
            ('[' | '{', None) => depth += 1,
            (']' | '}', None) => depth = depth.saturating_sub(1),
            (',', None) if depth == 0 => {
                found.extend(switch(&entry));
                entry.clear();
                continue;
            }
            _ => {}
        }
        entry.push(sign);
    }
    found
}

fn switch(entry: &str) -> Option<(String, RuleSetting)> {
    let (name, level) = entry.split_once(':')?;
    let name = name.trim().trim_matches(['"', '\'']);
    let level = level.trim();
    // A word need not be quoted.
    let is_word = level.chars().all(|sign| sign.is_ascii_alphabetic());
    let json = if is_word { Json::Text(level.to_owned()) } else { Json::parse(level).ok()? };
    Some((name.to_owned(), RuleSetting::of(name, &json).ok()?))
}
