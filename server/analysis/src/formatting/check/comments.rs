//! What a comment says: formatters indent it, align its lines and put spaces into it.

use super::{difference, without_white_space};

/// Nothing when both texts have the same comments, else what differs first.
pub(super) fn compare(before: &[String], after: &[String]) -> Result<(), String> {
    if let Some((a, b)) = before.iter().zip(after).find(|(a, b)| a != b) {
        return Err(difference(Some(a), Some(b)));
    }
    if before.len() == after.len() { Ok(()) } else { Err("comments would be lost or made up".to_owned()) }
}

/// The words of a comment with its opening sign. In a block comment the stars that its lines begin with belong to the
/// layout, and lines without a word at its ends come and go.
pub(super) fn words(comment: &str) -> String {
    let Some(inner) = comment.strip_prefix("/*") else { return without_white_space(comment) };
    let inner = inner.strip_suffix("*/").unwrap_or(inner);
    // `/**` and `/*!` mean something to those who read documentation and licences out of code.
    let kind = inner.chars().next().filter(|it| matches!(it, '*' | '!'));
    let mut words = format!("/*{}", kind.map(String::from).unwrap_or_default());
    for line in inner.lines() {
        let line = line.trim_matches(|it: char| it.is_whitespace() || it == '*');
        words.extend(line.chars().filter(|it| !it.is_whitespace()));
    }
    words
}
