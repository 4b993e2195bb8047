//! Copies with other names: after `self.width = width` and `self.height = ` comes `height`.
//!
//! A line nearby that begins like the cursor's, but for some names, goes on like it with those names replaced. Only
//! such lines are looked at: where the names agree it is an ordinary copy. Names are words; a name within a longer one
//! (`_width`, `setWidth`) is replaced too.
//!
//! Pure functions over the text before and after the cursor; no grammar takes part.

use std::collections::HashMap;
use std::ops::Range;

use super::predictor::Proposal;

use crate::words::is_word;

/// Lines above and below the cursor's that are looked at.
const LINES_ABOVE: usize = 40;
const LINES_BELOW: usize = 20;
/// Longer lines are data.
const MAX_LINE: usize = 200;
/// Names shorter than this are not looked for within others.
const MIN_PART: usize = 3;

/// What the nearby lines suggest, the surest first.
pub(super) fn propose(before: &str, after: &str) -> Vec<Proposal> {
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let line = &before[line_start..];
    let below = after.split('\n').skip(1);
    let above = before[..line_start].split('\n').rev().skip(1).take(LINES_ABOVE);
    let models = (1..).zip(above).chain((1..).zip(below.take(LINES_BELOW)));
    let mut proposals: Vec<Proposal> = Vec::new();
    for (distance, model) in models {
        let Some((text, agreeing)) = continued(line, model.trim_end()) else { continue };
        let confidence = confidence(agreeing, distance);
        match proposals.iter_mut().find(|proposal| proposal.text == text) {
            Some(known) => known.confidence = known.confidence.max(confidence),
            None if confidence > 0.0 => proposals.push(Proposal { text, confidence }),
            None => {}
        }
    }
    proposals.sort_by(|a, b| b.confidence.total_cmp(&a.confidence));
    proposals
}

/// As sure as such a line is by the number of tokens that agree and its distance in lines: 60 to 80 % were right just
/// above, half of them within a dozen lines (134 proposals in 80 Python and JavaScript packages), on the scale of the
/// other copies' confidence.
fn confidence(agreeing: usize, distance: usize) -> f32 {
    match (agreeing, distance) {
        (2.., 1) => 0.88,
        (2.., 2..=12) => 0.72,
        (2.., _) => 0.46,
        (1, 1) => 0.75,
        (1, 2..=4) => 0.6,
        _ => 0.0,
    }
}

/// How `line` goes on after the model of another line, and how many tokens of both agree. `None` where they begin
/// differently, or no name would be replaced.
fn continued(line: &str, model: &str) -> Option<(String, usize)> {
    if line.len() > MAX_LINE || model.len() > MAX_LINE || indent(line) != indent(model) {
        return None;
    }
    let (mut ours, theirs) = (tokens(line), tokens(model));
    // The word that is being typed has to come out of the model's.
    let typed = ours.pop_if(|last| last.end == line.len() && is_name(&line[last.clone()]));
    let rest = theirs.get(ours.len()..).filter(|rest| !rest.is_empty())?;
    let mut names = HashMap::new();
    let mut agreeing = 0;
    for (our, their) in ours.iter().zip(&theirs) {
        let (our, their) = (&line[our.clone()], &model[their.clone()]);
        let is_other = our != their;
        if is_other && !(is_name(our) && is_name(their)) || *names.entry(their).or_insert(our) != our {
            return None;
        }
        agreeing += usize::from(!is_other);
    }
    names.retain(|their, our| is_name(their) && their != our);
    let behind_space = typed.is_some() || line.ends_with([' ', '\t']);
    let mut at =
        if behind_space { rest[0].start } else { ours.len().checked_sub(1).map_or(0, |last| theirs[last].end) };
    let mut text = String::new();
    let mut is_other = false;
    for token in rest {
        text.push_str(&model[at..token.start]);
        let name = &model[token.clone()];
        match renamed(name, &names) {
            Some(new) => {
                is_other = true;
                text.push_str(&new);
            }
            None => text.push_str(name),
        }
        at = token.end;
    }
    let text = match typed {
        Some(typed) => text.strip_prefix(&line[typed])?.to_owned(),
        None => text,
    };
    (is_other && !text.trim().is_empty()).then_some((text, agreeing))
}

/// Words and single other characters; no white space.
fn tokens(line: &str) -> Vec<Range<usize>> {
    let mut tokens: Vec<Range<usize>> = Vec::new();
    for (at, c) in line.char_indices().filter(|(_, c)| !c.is_whitespace()) {
        let end = at + c.len_utf8();
        match tokens.last_mut() {
            Some(last) if last.end == at && is_word(c) && line[last.clone()].ends_with(is_word) => last.end = end,
            _ => tokens.push(at..end),
        }
    }
    tokens
}

/// The name with what `names` replaces, as a whole or as a part of it; `None` when that is nothing.
fn renamed(name: &str, names: &HashMap<&str, &str>) -> Option<String> {
    if let Some(new) = names.get(name) {
        return Some((*new).to_owned());
    }
    let mut parts: Vec<_> = names.iter().filter(|(old, _)| old.len() >= MIN_PART).collect();
    parts.sort();
    parts.into_iter().find_map(|(old, new)| {
        let spellings = [((*old).to_owned(), (*new).to_owned()), (capitalized(old), capitalized(new))];
        spellings.into_iter().find_map(|(old, new)| {
            let at = name.match_indices(&old).map(|(at, _)| at).find(|&at| is_part(name, at, &old))?;
            Some(format!("{}{new}{}", &name[..at], &name[at + old.len()..]))
        })
    })
}

/// Whether `part` at `at` is a word of the name: at its edges, beside an underscore, or where the case changes.
fn is_part(name: &str, at: usize, part: &str) -> bool {
    let begins = part.starts_with(char::is_uppercase);
    let before = name[..at].chars().next_back().is_none_or(|c| c == '_' || (begins && c.is_lowercase()));
    before && name[at + part.len()..].chars().next().is_none_or(|c| c == '_' || c.is_uppercase() || c.is_numeric())
}

fn capitalized(name: &str) -> String {
    let mut chars = name.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

fn indent(line: &str) -> &str {
    &line[..line.len() - line.trim_start_matches([' ', '\t']).len()]
}

fn is_name(token: &str) -> bool {
    token.starts_with(|c: char| c.is_alphabetic() || c == '_')
}

#[cfg(test)]
mod tests {
    use super::propose;

    /// The surest proposal at `<CURSOR>`.
    fn check(fixture: &str, expected: Option<&str>) -> f32 {
        let (text, offset) = testkit::cursor(fixture);
        let proposals = propose(&text[..offset], &text[offset..]);
        assert_eq!(proposals.first().map(|first| first.text.as_str()), expected, "{fixture:?}");
        proposals.first().map_or(0.0, |first| first.confidence)
    }

    #[test]
    fn lines_go_on_with_their_own_names() {
        check("self.width = width\nself.height = <CURSOR>", Some("height"));
        check("self.width = width\nself.height =<CURSOR>", Some(" height"));
        check("self.width = width\nself.height = he<CURSOR>", Some("ight"));
        check("f(host=host,\n  name=name,\n  port=<CURSOR>", Some("port,"));
        check("const fs = require(\"fs\");\nconst path = <CURSOR>", Some("require(\"path\");"));
        check("a = 1\n<CURSOR>\n", None);
        check("x.größe = größe\nx.maß = <CURSOR>\n", Some("maß"));
    }

    #[test]
    fn a_name_within_a_name_changes_too() {
        check("this._width = options.width;\nthis._height = <CURSOR>", None);
        check("width = self._width\nheight = self.<CURSOR>", Some("_height"));
        check("on.width = setWidth(w)\non.height = <CURSOR>", Some("setHeight(w)"));
        check("row = rows[0]\nline = <CURSOR>", None);
    }

    #[test]
    fn what_begins_differently_or_needs_no_other_name_is_none() {
        check("self.width = width\nself.width = <CURSOR>", None);
        check("self.width = width\nself.height + <CURSOR>", None);
        check("self.width = width\n    self.height = <CURSOR>", None);
        check("a.b(a)\nc.b(d).<CURSOR>", None);
        check("copy(a, a)\ncopy(b, c<CURSOR>", None);
    }

    #[test]
    fn nearer_lines_and_those_that_agree_more_are_surer() {
        let near = check("self.width = width\nself.height = <CURSOR>", Some("height"));
        let far = check("self.width = width\npass\npass\nself.height = <CURSOR>", Some("height"));
        let below = check("self.height = <CURSOR>\nself.width = width\n", Some("height"));
        let less = check("width = width\nheight = <CURSOR>", Some("height"));
        assert!(near > far && near > less && near == below);
    }
}
