//! Special tokens that became text.
//!
//! A model can spell a special token out as ordinary ones: a small model because it saw such text, another because a
//! converter did not mark the token as special. Such text is never meant. Tokens are known by their shape here and by
//! names that mean nothing else; which model has which is the engine's knowledge.

/// Names between angle brackets.
const NAMES: [&str; 5] = ["end_of_turn", "end_of_utterance", "file_sep", "reponame", "start_of_turn"];
/// What other such names begin with.
const BEGINNINGS: [&str; 4] = ["fim_", "fim-", "repo_", "jupyter_"];
/// Code Llama's names, which could be arguments of generic types.
const TYPE_LIKE: [&str; 4] = ["EOT", "MID", "PRE", "SUF"];
/// Longest name, in bytes.
const LONGEST_NAME: usize = 64;

/// Where the first special token stands that `text` spells out.
pub(crate) fn spelt_marker(text: &str) -> Option<usize> {
    text.match_indices('<').map(|(at, _)| at).find(|&at| {
        let inner = &text[at + 1..];
        // `Map<EOT>` and its like name a type.
        let is_type = text[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':');
        let is_end = inner.starts_with("/s>") && !text[..at].contains("<s>");
        is_end || is_named(inner, is_type) || stands_between_bars(inner)
    })
}

fn is_named(inner: &str, is_type: bool) -> bool {
    let Some((name, _)) = inner.split_once('>') else { return false };
    let is_word = !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_' || c == '-');
    let has_name = NAMES.contains(&name) || BEGINNINGS.iter().any(|beginning| name.starts_with(beginning));
    is_word && (has_name || (!is_type && TYPE_LIKE.contains(&name)))
}

/// A name between bars, which may be full-width ones; a tokenizer may write the marks for spaces between those as spaces.
fn stands_between_bars(inner: &str) -> bool {
    ['|', '｜'].into_iter().any(|bar| {
        let Some(name) = inner.strip_prefix(bar) else { return false };
        let in_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '▁') || (c == ' ' && bar == '｜');
        let end = name.find(|c: char| !in_name(c));
        end.is_some_and(|end| {
            let rest = name[end..].strip_prefix(bar);
            (1..=LONGEST_NAME).contains(&end) && rest.is_some_and(|rest| rest.starts_with('>'))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::spelt_marker;

    #[test]
    fn markers_are_told_from_code() {
        for (text, expected) in [
            ("x <|fim_pad|> y", Some(2)),
            ("a<｜end▁of▁sentence｜>", Some(1)),
            ("a<｜end of sentence｜>", Some(1)),
            ("<｜fim▁hole｜>", Some(0)),
            ("1<fim_middle>2", Some(1)),
            ("<fim-suffix>", Some(0)),
            ("1 <EOT>", Some(2)),
            ("done</s>", Some(4)),
            ("f <| x |> g", None),
            ("a <|> b", None),
            ("a <|unfinished", None),
            ("cat <<EOT\nx\nEOT", None),
            ("Map<EOT>", None),
            ("Vec::<MID>::new()", None),
            ("<s>old</s>", None),
            ("a <PRE", None),
            ("if a<fim_ && b>c", None),
        ] {
            assert_eq!(spelt_marker(text), expected, "{text}");
        }
    }
}
