//! The bound from the bytes of a text, where these leave no doubt about where strings and logical lines end: five times
//! as fast as the tokens, and never less than they say.

use super::{PER_BRACKET, PER_INDENT};

/// The bound; `None` where only the lexer can tell.
pub(super) fn nesting_bound(text: &str) -> Option<usize> {
    let mut scan = Scan { bytes: text.as_bytes(), at: 0, line: Line::default(), deepest: 0 };
    scan.indent();
    while let Some(&byte) = scan.bytes.get(scan.at) {
        match byte {
            b'\n' | b'\r' => {
                scan.at += 1;
                if scan.line.open.is_empty() {
                    scan.line = Line::default();
                    scan.indent();
                }
            }
            b' ' | b'\t' | b'\x0c' => scan.at += 1,
            b'#' => scan.skip_comment(),
            b'"' | b'\'' => scan.string(b"")?,
            b'a'..=b'z' | b'A'..=b'Z' | b'_' | b'0'..=b'9' => scan.word()?,
            b'\\' => scan.continuation()?,
            // What is no token does not end where the line does.
            b'!' if scan.bytes.get(scan.at + 1) != Some(&b'=') => return None,
            b'$' | b'?' | b'`' | 0..=31 | 127.. => return None,
            _ => {
                scan.sign(byte);
                scan.at += 1;
            }
        }
        scan.deepest = scan.deepest.max(scan.line.bound());
    }
    Some(scan.deepest)
}

struct Scan<'a> {
    bytes: &'a [u8],
    at: usize,
    line: Line,
    deepest: usize,
}

/// A logical line up to here. Every count is at least as high as that of the tokens.
#[derive(Default)]
struct Line {
    /// Columns before it: at least one a level.
    columns: usize,
    /// Tokens since the last comma outside of all brackets.
    outside: usize,
    /// The same for each open bracket.
    open: Vec<usize>,
    /// The sum of all of these.
    tokens: usize,
    lambdas: usize,
}

impl Line {
    fn add(&mut self, tokens: usize) {
        *self.open.last_mut().unwrap_or(&mut self.outside) += tokens;
        self.tokens += tokens;
    }

    fn has_tokens(&self) -> bool {
        self.tokens > 0 || !self.open.is_empty()
    }

    fn bound(&self) -> usize {
        // Wrong indentation (twice at most), and the end of the text inside of brackets, are tokens as well.
        4 + self.tokens + self.lambdas + PER_BRACKET * (self.open.len() + 1) + PER_INDENT * self.columns
    }
}

impl Scan<'_> {
    fn indent(&mut self) {
        let rest = &self.bytes[self.at..];
        self.line.columns = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\x0c')).count();
        self.at += self.line.columns;
    }

    fn skip_comment(&mut self) {
        let rest = &self.bytes[self.at..];
        self.at += rest.iter().position(|byte| matches!(byte, b'\n' | b'\r')).unwrap_or(rest.len());
    }

    /// A line that goes on behind its end. `None` for a backslash in any other place, and for one in place of a line.
    fn continuation(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let ends = [&b"\\\r\n"[..], b"\\\n", b"\\\r"];
        let end = ends.into_iter().find(|end| rest.starts_with(end)).filter(|_| self.line.has_tokens())?;
        // Behind the last line it is a token that nobody knows.
        self.line.add(1);
        self.at += end.len();
        Some(())
    }

    /// A sign: each byte of it counts.
    fn sign(&mut self, byte: u8) {
        match byte {
            b',' => {
                let since = std::mem::take(self.line.open.last_mut().unwrap_or(&mut self.line.outside));
                self.line.tokens -= since;
            }
            b')' | b']' | b'}' if !self.line.open.is_empty() => {
                self.line.tokens -= self.line.open.pop().unwrap_or_default();
            }
            b'(' | b'[' | b'{' => {
                self.line.add(1);
                self.line.open.push(0);
            }
            _ => self.line.add(1),
        }
    }

    /// A name, a keyword, a number, or the prefix of a string.
    fn word(&mut self) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let length = rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_').count();
        let word = &rest[..length];
        self.at += length;
        if matches!(rest.get(length), Some(b'"' | b'\'')) {
            // Where this is no prefix, what the lexer takes for one is for it to say.
            let is_prefix = length <= 2 && word.iter().all(|byte| b"rRbBuUfFtT".contains(byte));
            return is_prefix.then(|| self.string(word))?;
        }
        // Digits and letters that touch may be two tokens, `1if`, and more than two, `0x1for`.
        self.line.add(if word[0].is_ascii_digit() { length } else { 1 });
        self.line.lambdas += usize::from(word.ends_with(b"lambda"));
        Some(())
    }

    /// A string, its prefix read already. `None` where code inside of it makes its end doubtful, or it has none.
    fn string(&mut self, prefix: &[u8]) -> Option<()> {
        let rest = &self.bytes[self.at..];
        let quote = rest[0];
        let is_triple = rest.len() >= 3 && rest[1] == quote && rest[2] == quote;
        let width = if is_triple { 3 } else { 1 };
        let has_code = prefix.iter().any(|byte| matches!(byte, b'f' | b'F' | b't' | b'T'));
        let (mut at, mut fields) = (width, 0_usize);
        loop {
            match *rest.get(at)? {
                b'\\' if fields > 0 => return None,
                b'\\' => at += 1,
                b'\n' | b'\r' if !is_triple => return None,
                byte if byte == quote && fields == 0 && (!is_triple || rest[at..].starts_with(&[quote; 3])) => break,
                // In a field, quotes begin strings and comments hide brackets.
                b'"' | b'\'' | b'#' if fields > 0 => return None,
                b'{' if has_code => fields += 1,
                b'}' if has_code => fields = fields.checked_sub(1)?,
                _ => {}
            }
            at += 1;
        }
        let length = at + width;
        // Whatever stands in its fields, a byte is a token and a bracket at most.
        self.line.add(if has_code { prefix.len() + length * (1 + PER_BRACKET) } else { 1 + prefix.len() });
        self.at += length;
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::super::lexed_bound;
    use super::nesting_bound;

    const PIECES: &[&str] = &[
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        "\n",
        "\r\n",
        "\r",
        "    ",
        "\t",
        "\\\n",
        "\\",
        "#",
        "# it's (\n",
        "\"",
        "'",
        "\"\"\"",
        "'''",
        "f\"",
        "f'",
        "f\"\"\"",
        "rf'",
        "t\"",
        "{x}",
        "{{",
        "}}",
        "{x!r:>{w}}",
        "\"a\"",
        "'(['",
        "\"\"\"(\n\"\"\"",
        "f\"{x}\"",
        "f\"{d['a']}\"",
        "r'\\'",
        "b\"\\\"\"",
        "lambda",
        "lambda x:",
        "not ",
        "-",
        "**",
        "a",
        "a.b",
        "1",
        "1if",
        "0x1for",
        "é",
        "€",
        "if x:",
        "else",
        " ",
        ":",
        "=",
        "x = 1",
        "def f():\n    ",
        "class A:\n\t",
        "$",
        "?",
        "!",
        ";",
        "...",
        "@",
        "->",
        ":=",
    ];

    #[test]
    fn never_less_than_the_tokens() {
        let cases = 100_000;
        let mut seed = 0x2545_F491_4F6C_DD1D_u64;
        let mut next = move |below: usize| {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            usize::try_from(seed % below as u64).expect("small")
        };
        let mut told = 0;
        for _ in 0..cases {
            let length = 1 + next(40);
            let text: String = (0..length).map(|_| PIECES[next(PIECES.len())]).collect();
            if let Some(bound) = nesting_bound(&text) {
                let lexed = lexed_bound(&text);
                assert!(bound >= lexed, "{text:?}: {bound} and not {lexed}");
                told += 1;
            }
        }
        assert!(told > cases / 16, "{told} of {cases} were told");
    }

    #[test]
    fn ordinary_text_is_told() {
        for text in ["def f(x):\n    return f'{x} and {y:>3}'\n", "x = {'a': [1, 2], \"b\": '''(\n'''}\n", "# it's\n"] {
            assert!(nesting_bound(text).is_some_and(|it| it < 120), "{text}");
        }
        assert_eq!(nesting_bound("f\"{d['a']}\"\n"), None);
    }
}
