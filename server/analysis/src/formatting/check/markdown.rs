//! Two texts of Markdown: the words of their prose, and every line of code in them but for its indentation.

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

fn words(text: &str) -> impl Iterator<Item = String> {
    let mut fence: Option<&str> = None;
    text.lines().flat_map(move |line| {
        let inner = line.trim_start_matches([' ', '\t', '>']);
        let mark = ["```", "~~~"].into_iter().find(|mark| inner.starts_with(mark));
        match (fence, mark) {
            (None, Some(mark)) => fence = Some(mark),
            (Some(open), Some(mark)) if open == mark => fence = None,
            (Some(_), _) => return vec![without_white_space(line.trim_start_matches(['>', ' ']))],
            (None, None) => {}
        }
        words_of_prose(inner)
    })
}

/// The words of a line. Emphasis, markers, tables' rules and escapes are signs; a list's numbers may be counted anew.
fn words_of_prose(line: &str) -> Vec<String> {
    let number = line.trim_start_matches(|it: char| it.is_ascii_digit());
    let line = if number.starts_with(['.', ')']) { number } else { line };
    line.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty()).map(str::to_owned).collect()
}
