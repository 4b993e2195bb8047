//! Results drawn onto the source they belong to, so that a failing snapshot can be read.

use std::ops::Range;

/// Draws `labels` under the lines of `text`: `^^^` under the range, the label behind it.
pub fn mark(text: &str, labels: &[(Range<usize>, String)]) -> String {
    let mut out = String::new();
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let end = start + line.len();
        out.push_str(line.trim_end_matches(['\n', '\r']));
        out.push('\n');
        for (range, label) in labels {
            if range.start < start || range.start > end || (range.start == end && line.ends_with('\n')) {
                continue;
            }
            let column = text[start..range.start].chars().count();
            let stop = range.end.min(start + line.trim_end_matches(['\n', '\r']).len());
            let width = text.get(range.start..stop).map_or(0, |part| part.chars().count()).max(1);
            out.push_str(&" ".repeat(column));
            out.push_str(&"^".repeat(width));
            out.push(' ');
            out.push_str(label);
            out.push('\n');
        }
        start = end;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::mark;

    #[test]
    fn labels_stand_under_their_range() {
        let picture = mark("let a = 1\nlet b = 2\n", &[(4..5, "a".to_owned()), (14..15, "b".to_owned())]);
        assert_eq!(picture, "let a = 1\n    ^ a\nlet b = 2\n    ^ b\n");
    }
}
