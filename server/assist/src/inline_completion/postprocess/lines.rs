//! Whole lines: loops of the model, lines that stand below already, half lines.

use super::Fitted;
use crate::inline_completion::site::Site;

/// Longest cycle of lines that counts as a loop.
const LONGEST_CYCLE: usize = 4;
/// Longest text in bytes that counts as a loop within a line when it comes so many times, and so many bytes, in a row.
const LONGEST_UNIT: usize = 24;
const LOOP_ROUNDS: usize = 4;
const LOOP_BYTES: usize = 16;

/// Drops what stands behind the last line end: the model was cut short within it.
pub(super) fn drop_half_line(text: &mut String) {
    if let Some(end) = text.rfind('\n') {
        let first_line_only = text[..end].trim().is_empty();
        // `\n` and half a line is all there is: half a line is better than nothing.
        if !first_line_only {
            text.truncate(end);
        }
    }
}

/// Cuts before the second round when the model repeats a line, or a few lines, word for word.
pub(super) fn cut_repetition(text: &mut String, line_prefix: &str) {
    let starts = line_starts(text);
    let first = line_prefix.to_owned() + text.split('\n').next().unwrap_or_default();
    let lines: Vec<&str> = std::iter::once(first.as_str()).chain(text.split('\n').skip(1)).map(str::trim_end).collect();
    let full: Vec<usize> = (0..lines.len()).filter(|&at| !lines[at].is_empty()).collect();
    for second in 1..full.len() {
        for cycle in 1..=LONGEST_CYCLE.min(second) {
            let round = |offset: usize| full.get(second + offset).map(|&at| lines[at]);
            let repeated = (0..cycle).all(|offset| round(offset) == Some(lines[full[second - cycle + offset]]));
            if repeated {
                let cut = starts[full[second]];
                text.truncate(cut.saturating_sub(1));
                return;
            }
        }
    }
}

/// Cuts behind the first round where the model goes in circles within a line. The same value a few times over is code.
pub(super) fn cut_loop(text: &mut String) {
    let is_boundary = |at: usize| text.is_char_boundary(at);
    let bytes = text.as_bytes();
    for start in 0..bytes.len() {
        for unit in 1..=LONGEST_UNIT.min((bytes.len() - start) / 2) {
            let word = &bytes[start..start + unit];
            if !word.iter().any(u8::is_ascii_alphanumeric) || word.contains(&b'\n') || !is_boundary(start + unit) {
                continue;
            }
            let rounds = bytes[start..].chunks_exact(unit).take_while(|chunk| *chunk == word).count();
            if rounds >= LOOP_ROUNDS && rounds * unit >= LOOP_BYTES && is_boundary(start) {
                text.truncate(start + unit);
                return;
            }
        }
    }
}

/// Cuts where the completion begins to say what the lines below the cursor say.
pub(super) fn cut_following_lines(text: &mut String, site: &Site) {
    if site.next_lines.is_empty() {
        return;
    }
    let starts = line_starts(text);
    let lines: Vec<String> = text
        .split('\n')
        .enumerate()
        .map(|(number, line)| if number == 0 { site.line_prefix.clone() + line } else { line.to_owned() })
        .collect();
    let full: Vec<usize> = (0..lines.len()).filter(|&at| !lines[at].trim().is_empty()).collect();
    for (order, &at) in full.iter().enumerate() {
        // The cursor's own line with nothing added to it is no repetition by the model.
        if at == 0 && text.split('\n').next().is_some_and(|first| first.trim().is_empty()) {
            continue;
        }
        let rest: Vec<&str> = full[order..].iter().map(|&at| lines[at].trim_end()).collect();
        if repeats(&rest, &site.next_lines) {
            text.truncate(starts[at].saturating_sub(1));
            return;
        }
    }
}

/// True when `lines` begins to repeat `below`: word for word as far as a substantial line or to its end, or several lines
/// that are nearly the same.
fn repeats(lines: &[&str], below: &[String]) -> bool {
    let shared = lines.len().min(below.len());
    let substantial = |line: &str| line.chars().filter(|c| c.is_alphanumeric()).count() >= 3;
    let same = lines.iter().zip(below).take_while(|(line, below)| **line == below.as_str()).count();
    if same > 0 && (same == lines.len() || lines[..same].iter().any(|line| substantial(line))) {
        return true;
    }
    let letters: usize = below[..shared].iter().map(|line| line.chars().count()).sum();
    let enough = shared >= 2 && below[..shared].iter().any(|line| substantial(line));
    enough && {
        let allowed = letters / 20;
        let mut distance = 0;
        lines.iter().zip(below).take(shared).all(|(line, below)| {
            distance += edit_distance(line.trim(), below.trim());
            distance <= allowed
        })
    }
}

/// Drops last lines that would stand twice in a row: above or below them is the same line.
pub(super) fn drop_duplicated_last_line(fitted: &mut Fitted, site: &Site) {
    loop {
        fitted.text.truncate(fitted.text.trim_end().len());
        if fitted.text.is_empty() || !last_line_stands_twice(fitted, site) {
            return;
        }
        fitted.text.truncate(fitted.text.rfind('\n').unwrap_or(0));
        // What the dropped line typed over stays as it was.
        fitted.overtyped = 0;
        fitted.unclosed.clear();
    }
}

/// True when, after accepting, the completion's last line is also the one above or below it (blank ones aside), or its
/// last lines are also those below.
pub(crate) fn last_line_stands_twice(fitted: &Fitted, site: &Site) -> bool {
    let (head, last) = match fitted.text.rfind('\n') {
        Some(end) => (&fitted.text[..end], fitted.text[end + 1..].to_owned()),
        None => ("", site.line_prefix.clone() + fitted.text.as_str()),
    };
    let above = if fitted.text.contains('\n') { last_line_before(head, site) } else { site.previous_line.clone() };
    let last = last + &site.line_suffix[fitted.overtyped..];
    let last = last.trim_end();
    if above.as_deref() == Some(last) {
        return true;
    }
    let first = site.line_prefix.clone() + head.split('\n').next().unwrap_or_default();
    let inserted =
        std::iter::once(first.as_str()).chain(head.split('\n').skip(1)).filter(|_| fitted.text.contains('\n'));
    let mut inserted: Vec<&str> = inserted.map(str::trim_end).filter(|line| !line.is_empty()).collect();
    inserted.push(last);
    (1..=inserted.len().min(site.next_lines.len()))
        .any(|count| inserted[inserted.len() - count..] == site.next_lines[..count])
}

/// The last non-blank line of the document when `text` is inserted at the cursor.
fn last_line_before(text: &str, site: &Site) -> Option<String> {
    let mut lines = text.split('\n').enumerate().map(|(number, line)| match number {
        0 => site.line_prefix.clone() + line,
        _ => line.to_owned(),
    });
    let mut last = None;
    lines.by_ref().filter(|line| !line.trim().is_empty()).for_each(|line| last = Some(line.trim_end().to_owned()));
    last.or_else(|| site.previous_line.clone())
}

/// Offset of each line's start.
fn line_starts(text: &str) -> Vec<usize> {
    std::iter::once(0).chain(text.match_indices('\n').map(|(at, _)| at + 1)).collect()
}

/// Levenshtein distance in characters.
fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.chars().enumerate() {
        let mut diagonal = std::mem::replace(&mut row[0], i + 1);
        for (j, &to) in b.iter().enumerate() {
            let substituted = diagonal + usize::from(from != to);
            diagonal = row[j + 1];
            row[j + 1] = substituted.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[b.len()]
}
