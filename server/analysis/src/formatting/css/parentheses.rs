//! Parentheses in the arguments of functions, kept through a formatter that takes out those it thinks are redundant.
//!
//! They are not: in `calc(2 * (var(--x)))` the variable may be a sum, and Less divides in `sqrt((1 / 2))` only because of
//! them. So each is written as a call of a function whose name is one character that the text does not have; a call
//! keeps its parentheses, and the character is taken out again.

/// Functions whose arguments are computed. In Less every function's may be.
const MATH: &[&str] = &[
    "abs", "acos", "asin", "atan", "atan2", "calc", "clamp", "cos", "exp", "hypot", "log", "max", "min", "mod", "pow",
    "rem", "round", "sign", "sin", "sqrt", "tan",
];

/// Characters for private use: names in every dialect, and in nobody's text.
const NAMES: std::ops::RangeInclusive<char> = '\u{e000}'..='\u{e0ff}';

/// The text with a name before each of those parentheses, and the name; `None` where there are none.
pub(super) fn named(text: &str, is_less: bool) -> Option<(String, char)> {
    let places = places(text, is_less);
    if places.is_empty() {
        return None;
    }
    let name = NAMES.into_iter().find(|it| !text.contains(*it))?;
    let mut named = String::with_capacity(text.len() + 4 * places.len());
    let mut done = 0;
    for place in places {
        named.push_str(&text[done..place]);
        named.push(name);
        done = place;
    }
    named.push_str(&text[done..]);
    Some((named, name))
}

/// Where parentheses open that are no function's, in the arguments of one.
fn places(text: &str, is_less: bool) -> Vec<usize> {
    let bytes = text.as_bytes();
    let mut places = Vec::new();
    // For each open parenthesis, whether what is in it is computed.
    let mut open: Vec<bool> = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        match bytes[at] {
            b'/' if bytes[at..].starts_with(b"/*") => {
                at = text[at..].find("*/").map_or(bytes.len(), |end| at + end + 2);
                continue;
            }
            b'/' if bytes[at..].starts_with(b"//") && !text[..at].ends_with(':') => {
                at = text[at..].find('\n').map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'"' | b'\'' | b'`' => {
                at = string_end(bytes, at);
                continue;
            }
            b'(' => {
                let name = name_before(&text[..at]);
                let is_inside = open.last().copied().unwrap_or(false);
                let computes = match name {
                    "" => is_inside,
                    "url" => false,
                    _ => {
                        is_inside || MATH.contains(&name) || (is_less && is_function_of_less(&text[..at - name.len()]))
                    }
                };
                if name.is_empty() && is_inside && !text[..at].ends_with(['@', '$', '#', '~', '}', ')']) {
                    places.push(at);
                }
                open.push(computes);
            }
            b')' => {
                open.pop();
            }
            // No parenthesis is open across these, whatever was read wrongly above.
            b'{' | b';' if !text[..at].ends_with(['#', '@', '$']) && open.len() < 2 => open.clear(),
            _ => {}
        }
        at += 1;
    }
    places
}

/// The name that ends a text.
fn name_before(text: &str) -> &str {
    let rest =
        text.trim_end_matches(|it: char| it.is_alphanumeric() || matches!(it, '_' | '-' | '%') || !it.is_ascii());
    let name = &text[rest.len()..];
    // `-(` is a sign.
    if name.chars().all(|it| matches!(it, '-' | '%') || it.is_ascii_digit()) { "" } else { name }
}

/// Whether what follows is a function's name: not a mixin's, a variable's, a selector's or a rule's.
fn is_function_of_less(before: &str) -> bool {
    !before.ends_with(['.', '#', '@', '$', '&', '}'])
}

fn string_end(bytes: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < bytes.len() && bytes[at] != bytes[start] && bytes[at] != b'\n' {
        at += if bytes[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(bytes.len())
}

#[cfg(test)]
mod tests {
    use super::named;

    fn check(text: &str, is_less: bool, expected: &str) {
        let marked = named(text, is_less).map_or_else(|| text.to_owned(), |(text, name)| text.replace(name, "|"));
        assert_eq!(marked, expected);
    }

    #[test]
    fn only_parentheses_that_group_are_named() {
        check("a{b:calc(2 * (var(--x)) - ((1px)))}", false, "a{b:calc(2 * |(var(--x)) - |(|(1px)))}");
        check("a{b:fade((1 + 2), 3%)}", false, "a{b:fade((1 + 2), 3%)}");
        check("a{b:fade((1 + 2), 3%)}", true, "a{b:fade(|(1 + 2), 3%)}");
        check("a{b:-(1 + 2)}", true, "a{b:-(1 + 2)}");
        check("a{b:calc(-(1 + 2))}", false, "a{b:calc(-|(1 + 2))}");
        check(".m((1 + 2)); a:not(b){}", true, ".m((1 + 2)); a:not(b){}");
        check("a{b:\"calc((1))\";c:url((1));/* calc((1)) */}", true, "a{b:\"calc((1))\";c:url((1));/* calc((1)) */}");
        check("@media (a: calc((1))) {}", false, "@media (a: calc(|(1))) {}");
        check("calc((", false, "calc(|(");
        check("\\'(é(", true, "\\'(é(");
    }
}
