//! A regular expression in words, part by part: what Python's `re`, JavaScript and Rust's `regex` have in common.
//!
//! Not a validator: what is not understood is quoted as it is. Flags that change the syntax (verbose mode) are not
//! looked at.

#[cfg(test)]
mod tests;

/// A part of a pattern and what it matches.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegexPart {
    /// The part as it is written.
    pub source: String,
    /// What it matches.
    pub meaning: String,
    /// Groups around it.
    pub depth: usize,
}

/// A pattern in words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct RegexExplanation {
    /// Its parts in order; runs of plain characters are one part.
    pub parts: Vec<RegexPart>,
    /// Why matching can take time exponential in the text's length, where a repetition in a repetition allows that.
    pub warning: Option<String>,
}

/// Deeper groups are no pattern that a person wrote.
const MAX_DEPTH: usize = 32;

/// Explains a pattern, without its delimiters.
pub fn regex_explanation(pattern: &str) -> RegexExplanation {
    let mut reader = Reader { rest: pattern, parts: Vec::new(), depth: 0, groups: 0, open: Vec::new(), warning: None };
    while !reader.rest.is_empty() {
        reader.part();
    }
    RegexExplanation { parts: reader.parts, warning: reader.warning }
}

/// A group that is open.
struct Open {
    /// Index of its part.
    part: usize,
    /// It holds a repetition without an upper bound.
    repeats: bool,
    /// Everything in it so far is that repetition: nothing fixed stands beside it to tell rounds apart.
    only_repeats: bool,
}

struct Reader<'a> {
    rest: &'a str,
    parts: Vec<RegexPart>,
    depth: usize,
    groups: usize,
    open: Vec<Open>,
    warning: Option<String>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, bytes: usize) -> &'a str {
        let at = self.rest.ceil_char_boundary(bytes.min(self.rest.len()));
        let (taken, rest) = self.rest.split_at(at);
        self.rest = rest;
        taken
    }

    fn push(&mut self, source: &str, meaning: String) {
        self.parts.push(RegexPart { source: source.to_owned(), meaning, depth: self.depth });
    }

    fn part(&mut self) {
        match self.rest.chars().next() {
            Some('(') => self.group(),
            Some(')') => self.close(),
            Some('|') => {
                let taken = self.take(1);
                self.push(taken, "or".to_owned());
            }
            Some('[') => {
                let end = class_end(self.rest);
                let source = self.take(end);
                let meaning = class(source);
                self.atom(source, meaning);
            }
            Some('^') => self.anchor("start of the text (of a line with the flag `m`)"),
            Some('$') => self.anchor("end of the text (of a line with the flag `m`)"),
            Some('.') => {
                let taken = self.take(1);
                self.atom(taken, "any character but a line break".to_owned());
            }
            Some('\\') => {
                let source = self.take(escape_len(self.rest));
                match anchor_escape(source) {
                    Some(meaning) => self.push(source, meaning.to_owned()),
                    None => self.atom(source, escape(source)),
                }
            }
            Some(_) => self.text(),
            None => {}
        }
    }

    fn anchor(&mut self, meaning: &str) {
        let taken = self.take(1);
        self.push(taken, meaning.to_owned());
    }

    /// Plain characters; the last one stands alone if a quantifier follows it.
    fn text(&mut self) {
        let is_special = |c: char| "()[]|^$.\\*+?{".contains(c);
        let mut end = self.rest.find(is_special).unwrap_or(self.rest.len());
        if end == 0 {
            // A lone bracket or quantifier that has nothing to repeat.
            end = self.rest.chars().next().map_or(0, char::len_utf8);
        }
        let (run, after) = self.rest.split_at(end);
        let is_repeated = quantifier(after).is_some();
        if is_repeated && run.chars().count() > 1 {
            end = run.char_indices().next_back().map_or(end, |(at, _)| at);
        }
        let source = self.take(end);
        let meaning = format!("the text `{source}`");
        self.atom(source, meaning);
    }

    /// Something that matches, with the quantifier behind it.
    fn atom(&mut self, source: &str, meaning: String) {
        let (source, meaning, is_unbounded) = self.quantified(source, meaning);
        let mut fixed = true;
        if is_unbounded {
            fixed = false;
            if let Some(group) = self.open.last_mut() {
                group.repeats = true;
            }
        }
        if fixed && let Some(group) = self.open.last_mut() {
            group.only_repeats = false;
        }
        self.push(&source, meaning);
    }

    fn quantified(&mut self, source: &str, meaning: String) -> (String, String, bool) {
        let Some((len, words, is_unbounded)) = quantifier(self.rest) else {
            return (source.to_owned(), meaning, false);
        };
        let sign = self.take(len);
        (format!("{source}{sign}"), format!("{meaning}, {words}"), is_unbounded)
    }

    fn group(&mut self) {
        let (len, meaning) = group_head(self.rest);
        let captures = meaning.is_none();
        let is_named = ["(?P<", "(?<"].iter().any(|it| self.rest.starts_with(it))
            && !self.rest.starts_with("(?<=")
            && !self.rest.starts_with("(?<!");
        let source = self.take(len);
        if captures || is_named {
            self.groups += 1;
        }
        let meaning = match meaning {
            None => format!("group {}", self.groups),
            Some(meaning) if is_named => format!("group {} {meaning}", self.groups),
            Some(meaning) => meaning,
        };
        // `(?i)`, `(?=`-less heads and comments are closed already.
        if source.ends_with(')') {
            self.push(source, meaning);
            return;
        }
        self.push(source, meaning);
        self.open.push(Open { part: self.parts.len() - 1, repeats: false, only_repeats: true });
        self.depth = (self.depth + 1).min(MAX_DEPTH);
    }

    fn close(&mut self) {
        let source = self.take(1);
        let Some(group) = self.open.pop() else { return self.push(source, "a bracket that closes nothing".to_owned()) };
        self.depth = self.depth.saturating_sub(1);
        let Some((len, words, is_unbounded)) = quantifier(self.rest) else {
            if let (true, Some(outer)) = (group.repeats, self.open.last_mut()) {
                outer.repeats = true;
                outer.only_repeats &= group.only_repeats;
            } else if let Some(outer) = self.open.last_mut() {
                outer.only_repeats = false;
            }
            return;
        };
        let sign = self.take(len);
        if is_unbounded && group.repeats && group.only_repeats {
            let head = self.parts.get(group.part).map_or("(", |it| it.source.as_str());
            self.warning = Some(format!(
                "the group `{head}…)` repeats something that repeats already: on text that does not match, the time can grow exponentially with its length"
            ));
        }
        if is_unbounded && let Some(outer) = self.open.last_mut() {
            outer.repeats = true;
        }
        self.push(&format!("){sign}"), format!("the group, {words}"));
    }
}

/// Length of a quantifier, what it says, and whether it has no upper bound.
fn quantifier(text: &str) -> Option<(usize, String, bool)> {
    let (mut len, mut words, is_unbounded) = match text.as_bytes().first()? {
        b'*' => (1, "any number of times".to_owned(), true),
        b'+' => (1, "once or more".to_owned(), true),
        b'?' => (1, "once or not at all".to_owned(), false),
        b'{' => {
            let end = text.find('}')?;
            let inner = &text[1..end];
            let is_number = |it: &str| !it.is_empty() && it.bytes().all(|b| b.is_ascii_digit());
            let (words, is_unbounded) = match inner.split_once(',') {
                None if is_number(inner) => (format!("exactly {inner} times"), false),
                Some((least, "")) if is_number(least) => (format!("at least {least} times"), true),
                Some(("", most)) if is_number(most) => (format!("at most {most} times"), false),
                Some((least, most)) if is_number(least) && is_number(most) => {
                    (format!("{least} to {most} times"), false)
                }
                _ => return None,
            };
            (end + 1, words, is_unbounded)
        }
        _ => return None,
    };
    match text.as_bytes().get(len) {
        Some(b'?') => {
            len += 1;
            words += ", as few as possible";
        }
        Some(b'+') => {
            len += 1;
            words += ", without giving any back";
        }
        _ => {}
    }
    Some((len, words, is_unbounded))
}

/// Length of what opens a group, and what the group is unless it captures by number.
fn group_head(text: &str) -> (usize, Option<String>) {
    const HEADS: &[(&str, &str)] = &[
        ("(?:", "a group that is not remembered"),
        ("(?=", "only where this follows"),
        ("(?!", "only where this does not follow"),
        ("(?<=", "only where this stands before"),
        ("(?<!", "only where this does not stand before"),
        ("(?>", "a group that gives nothing back"),
    ];
    if let Some((head, meaning)) = HEADS.iter().find(|(head, _)| text.starts_with(head)) {
        return (head.len(), Some((*meaning).to_owned()));
    }
    for head in ["(?P<", "(?<"] {
        if let Some(rest) = text.strip_prefix(head)
            && let Some(end) = rest.find('>')
        {
            return (head.len() + end + 1, Some(format!("named `{}`", &rest[..end])));
        }
    }
    if let Some(rest) = text.strip_prefix("(?P=")
        && let Some(end) = rest.find(')')
    {
        return (4 + end + 1, Some(format!("the same text as the group `{}`", &rest[..end])));
    }
    if text.starts_with("(?#") {
        let end = text.find(')').map_or(text.len(), |end| end + 1);
        return (end, Some("a comment".to_owned()));
    }
    if let Some(rest) = text.strip_prefix("(?")
        && let Some(end) = rest.find([')', ':'])
        && !rest[..end].is_empty()
        && rest[..end].bytes().all(|b| b.is_ascii_alphabetic() || b == b'-')
    {
        return (2 + end + 1, Some(flags(&rest[..end])));
    }
    (1, None)
}

/// What flags mean.
pub(crate) fn flags(letters: &str) -> String {
    let (on, off) = letters.split_once('-').unwrap_or((letters, ""));
    let words = |letters: &str| {
        let words: Vec<&str> = letters
            .chars()
            .map(|letter| match letter {
                'i' => "upper and lower case are the same",
                'm' => "`^` and `$` match at every line",
                's' => "`.` matches line breaks too",
                'x' => "blanks and comments are left out",
                'u' => "Unicode",
                'a' => "ASCII classes",
                'L' => "classes of the locale",
                'g' => "all matches, not the first only",
                'y' => "at the current position only",
                'd' => "with the positions of groups",
                'v' => "Unicode with set notation",
                'U' => "short matches first",
                'R' => "line breaks may be `\\r\\n`",
                _ => "an unknown flag",
            })
            .collect();
        words.join(", ")
    };
    match (on.is_empty(), off.is_empty()) {
        (false, true) => format!("flags: {}", words(on)),
        (true, false) => format!("flags off: {}", words(off)),
        _ => format!("flags: {}; off: {}", words(on), words(off)),
    }
}

/// Length of an escape that begins `text`.
fn escape_len(text: &str) -> usize {
    let bytes = text.as_bytes();
    let braced = |from: usize| text[from..].find('}').map_or(from, |end| from + end + 1);
    match bytes.get(1) {
        Some(b'x') if bytes.get(2) == Some(&b'{') => braced(2),
        Some(b'x') => 4,
        Some(b'u') if bytes.get(2) == Some(&b'{') => braced(2),
        Some(b'u') => 6,
        Some(b'U') => 10,
        Some(b'p' | b'P') if bytes.get(2) == Some(&b'{') => braced(2),
        Some(b'k') if bytes.get(2) == Some(&b'<') => text.find('>').map_or(2, |end| end + 1),
        Some(b'c') => 3,
        Some(digit) if digit.is_ascii_digit() => {
            1 + bytes[1..].iter().take(2).take_while(|byte| byte.is_ascii_digit()).count()
        }
        _ => 2,
    }
}

fn anchor_escape(source: &str) -> Option<&'static str> {
    Some(match source {
        "\\b" => "a boundary of a word",
        "\\B" => "no boundary of a word",
        "\\A" => "start of the text",
        "\\Z" | "\\z" => "end of the text",
        _ => return None,
    })
}

fn escape(source: &str) -> String {
    let class = match source {
        "\\d" => "a digit",
        "\\D" => "anything but a digit",
        "\\w" => "a letter, digit or underscore",
        "\\W" => "anything but a letter, digit or underscore",
        "\\s" => "white space",
        "\\S" => "anything but white space",
        "\\n" => "a line feed",
        "\\r" => "a carriage return",
        "\\t" => "a tab",
        "\\f" => "a form feed",
        "\\v" => "a vertical tab",
        "\\0" => "the null character",
        _ => "",
    };
    if !class.is_empty() {
        return class.to_owned();
    }
    let rest = &source[1..];
    if rest.starts_with(|c: char| c.is_ascii_digit()) {
        return format!("the same text as group {rest}");
    }
    if let Some(name) = rest.strip_prefix("k<") {
        return format!("the same text as the group `{}`", name.trim_end_matches('>'));
    }
    if let Some(property) = rest.strip_prefix('p') {
        return format!("a character with the Unicode property {}", property.trim_matches(['{', '}']));
    }
    if let Some(property) = rest.strip_prefix('P') {
        return format!("a character without the Unicode property {}", property.trim_matches(['{', '}']));
    }
    if rest.starts_with(['x', 'u', 'U']) {
        let digits = rest[1..].trim_matches(['{', '}']);
        let character = u32::from_str_radix(digits, 16).ok().and_then(char::from_u32);
        let shown = character.filter(|c| !c.is_control() && !c.is_whitespace()).map(|c| format!(", `{c}`"));
        return format!("the character U+{:0>4}{}", digits.to_uppercase(), shown.unwrap_or_default());
    }
    format!("the character `{rest}`")
}

/// Length of a class of characters that begins `text`.
fn class_end(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            // A bracket at the beginning stands for itself.
            ']' if at > 1 && !(at == 2 && text[1..].starts_with('^')) => return at + 1,
            _ => {}
        }
    }
    text.len()
}

fn class(source: &str) -> String {
    let inner = source.strip_prefix('[').unwrap_or(source);
    let inner = inner.strip_suffix(']').unwrap_or(inner);
    let (is_negated, mut rest) = match inner.strip_prefix('^') {
        Some(rest) => (true, rest),
        None => (false, inner),
    };
    let mut members: Vec<String> = Vec::new();
    let mut plain = String::new();
    while !rest.is_empty() {
        let len = if rest.starts_with('\\') { escape_len(rest) } else { rest.chars().next().map_or(1, char::len_utf8) };
        let len = rest.ceil_char_boundary(len.min(rest.len()));
        let (first, after) = rest.split_at(len);
        if let Some(last) = after.strip_prefix('-').filter(|it| !it.is_empty()) {
            let len =
                if last.starts_with('\\') { escape_len(last) } else { last.chars().next().map_or(1, char::len_utf8) };
            let len = last.ceil_char_boundary(len.min(last.len()));
            members.push(match &last[..len] {
                "z" if first == "a" => "a small letter".to_owned(),
                "Z" if first == "A" => "a capital letter".to_owned(),
                "9" if first == "0" => "a digit".to_owned(),
                end => format!("`{first}` to `{end}`"),
            });
            rest = &last[len..];
        } else {
            match first {
                "\\b" => members.push("a backspace".to_owned()),
                _ if first.len() > 1 && first.starts_with('\\') => match first.chars().nth(1) {
                    Some(c) if c.is_ascii_alphanumeric() => members.push(escape(first)),
                    Some(c) => plain.push(c),
                    None => {}
                },
                _ => plain.push_str(first),
            }
            rest = after;
        }
    }
    if !plain.is_empty() {
        let quoted: Vec<String> =
            plain.chars().map(|c| if c == ' ' { "a blank".to_owned() } else { format!("`{c}`") }).collect();
        members.extend(quoted);
    }
    let members = members.join(", ").replace("anything but ", "no ");
    if is_negated { format!("one character that is none of: {members}") } else { format!("one of: {members}") }
}
