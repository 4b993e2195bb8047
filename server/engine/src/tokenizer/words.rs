//! Cuts text into words with the expressions of `pre.rs`.
//!
//! They run on a linear-time engine, which no text can slow down. It has no lookahead; the one that vocabularies need,
//! `\s+(?!\S)`, is arithmetic on what `\s+` found.

use regex::Regex;

use crate::EngineError;

use super::pre::Step;

/// The compiled steps of a pre-tokenizer.
#[derive(Debug)]
pub(super) struct Words(Vec<Cut>);

#[derive(Debug)]
struct Cut {
    expression: Regex,
    white_space: WhiteSpace,
}

/// What happens to white space that stands before a word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum WhiteSpace {
    /// Nothing.
    Stays,
    /// Its last character belongs to the word.
    GivesBack,
    /// The same, unless it ends with a line end: then another alternative has taken it.
    GivesBackInLines,
}

impl Words {
    /// Compiles the steps.
    pub(super) fn new(steps: &[Step]) -> Result<Self, EngineError> {
        let cut = |step: &Step| {
            let (expression, white_space) = match step {
                Step::Matches(expression) => (Regex::new(expression), WhiteSpace::Stays),
                Step::Words(expression) => (Regex::new(&format!(r"{expression}|\s+")), WhiteSpace::GivesBack),
                Step::Lines(expression) => {
                    (Regex::new(&format!(r"{expression}|\s*[\r\n]+|\s+")), WhiteSpace::GivesBackInLines)
                }
            };
            let expression = expression.map_err(|error| {
                EngineError::UnsupportedModel(format!("the pre-tokenizer does not compile: {error}"))
            })?;
            Ok(Cut { expression, white_space })
        };
        steps.iter().map(cut).collect::<Result<_, _>>().map(Self)
    }

    /// Hands out the words of `text` in order; together they are the text.
    pub(super) fn each<'t>(&self, text: &'t str, word: &mut impl FnMut(&'t str)) {
        cut_by(&self.0, text, word);
    }
}

fn cut_by<'t>(steps: &[Cut], text: &'t str, word: &mut impl FnMut(&'t str)) {
    let Some((step, rest)) = steps.split_first() else {
        if !text.is_empty() {
            word(text);
        }
        return;
    };
    let mut at = 0;
    // What no match covers is a word from here on.
    let mut open = 0;
    while let Some(found) = step.expression.find_at(text, at) {
        let start = found.start();
        let end = step.white_space.end(text, start, found.end());
        if end <= at {
            // An expression that matches nothing at all; the table has none.
            break;
        }
        cut_by(rest, &text[open..start], word);
        cut_by(rest, &text[start..end], word);
        at = end;
        open = end;
    }
    cut_by(rest, &text[open..], word);
}

impl WhiteSpace {
    /// The end of a match under `\s+(?!\S)|\s+`: white space before a word ends one character earlier, where it has
    /// several.
    fn end(self, text: &str, start: usize, end: usize) -> usize {
        let found = &text[start..end];
        // Most words are not white space, and their last character says so.
        let line_end = self == Self::GivesBackInLines && found.ends_with(['\r', '\n']);
        if self == Self::Stays || end == text.len() || line_end || !found.ends_with(char::is_whitespace) {
            return end;
        }
        let last = found.char_indices().next_back().map_or(0, |(last, _)| last);
        if last > 0 && found.chars().all(char::is_whitespace) { start + last } else { end }
    }
}
