//! The difference of two texts as people and `patch` read it: the unified format.

use std::ops::Range;

use syntax::minimal_edits;

/// Lines shown around a change.
const CONTEXT: usize = 3;

/// The difference under a file's name; empty when there is none.
pub(crate) fn unified_diff(name: &str, before: &str, after: &str) -> String {
    let changes = changes(before, after);
    if changes.is_empty() {
        return String::new();
    }
    let old: Vec<&str> = before.split_inclusive('\n').collect();
    let new: Vec<&str> = after.split_inclusive('\n').collect();
    let mut text = format!("--- {name}\n+++ {name}\n");
    let mut rest = changes.as_slice();
    while !rest.is_empty() {
        // Changes whose contexts touch are one hunk.
        let near = |pair: &&[Change]| pair[1].old.start - pair[0].old.end <= 2 * CONTEXT;
        let length = 1 + rest.windows(2).take_while(near).count();
        let (hunk, others) = rest.split_at(length);
        push_hunk(hunk, &old, &new, &mut text);
        rest = others;
    }
    text
}

/// Lines of the old text replaced by lines of the new one.
#[derive(Debug, PartialEq, Eq)]
struct Change {
    old: Range<usize>,
    new: Range<usize>,
}

/// The changed lines, in ascending order; between two changes lies at least one line.
fn changes(before: &str, after: &str) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    // Lines of `before` up to `counted`, and how many more `after` has up to there.
    let (mut counted, mut line, mut surplus) = (0, 0, 0_isize);
    let edits = minimal_edits(before, after);
    let mut rest = edits.as_slice();
    while let Some(first) = rest.first() {
        // Edits of the same lines are one change.
        let start = before[..first.range.start].rfind('\n').map_or(0, |at| at + 1);
        let mut end = start;
        let (mut copied, mut new) = (start, String::new());
        while let Some((edit, others)) =
            rest.split_first().filter(|(edit, _)| copied == start || edit.range.start < end)
        {
            new.push_str(&before[copied..edit.range.start]);
            new.push_str(&edit.new_text);
            copied = edit.range.end;
            let is_line_start = copied == 0 || before[..copied].ends_with('\n');
            let is_whole = is_line_start && (new.is_empty() || new.ends_with('\n'));
            let line_end = before[copied..].find('\n').map_or(before.len(), |at| copied + at + 1);
            end = if is_whole { copied } else { line_end };
            rest = others;
            if is_whole && copied == start {
                break;
            }
        }
        new.push_str(&before[copied..end]);
        let old_lines = lines(&before[start..end]);
        line += lines(&before[counted..start]);
        let new_start = line.checked_add_signed(surplus).expect("no more lines go than there are");
        changes.push(Change { old: line..line + old_lines, new: new_start..new_start + lines(&new) });
        surplus += lines(&new).cast_signed() - old_lines.cast_signed();
        (counted, line) = (end, line + old_lines);
    }
    changes
}

fn lines(text: &str) -> usize {
    text.split_inclusive('\n').count()
}

fn push_hunk(changes: &[Change], old: &[&str], new: &[&str], text: &mut String) {
    let (first, last) = (&changes[0], &changes[changes.len() - 1]);
    let before = first.old.start.min(CONTEXT);
    let after = (old.len() - last.old.end).min(CONTEXT);
    let (old_lines, new_lines) =
        (first.old.start - before..last.old.end + after, first.new.start - before..last.new.end + after);
    text.push_str(&format!("@@ -{} +{} @@\n", numbers(&old_lines), numbers(&new_lines)));
    let mut at = old_lines.start;
    for change in changes {
        old[at..change.old.start].iter().for_each(|line| push_line(' ', line, text));
        old[change.old.clone()].iter().for_each(|line| push_line('-', line, text));
        new[change.new.clone()].iter().for_each(|line| push_line('+', line, text));
        at = change.old.end;
    }
    old[at..old_lines.end].iter().for_each(|line| push_line(' ', line, text));
}

/// First line, counted from 1, and number of lines; of no lines, the line before.
fn numbers(lines: &Range<usize>) -> String {
    match lines.len() {
        0 => format!("{},0", lines.start),
        1 => format!("{}", lines.start + 1),
        count => format!("{},{count}", lines.start + 1),
    }
}

fn push_line(mark: char, line: &str, text: &mut String) {
    text.push(mark);
    text.push_str(line);
    if !line.ends_with('\n') {
        text.push_str("\n\\ No newline at end of file\n");
    }
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::unified_diff;

    fn check(before: &str, after: &str, expected: Expect) {
        expected.assert_eq(&unified_diff("a.py", before, after));
    }

    #[test]
    fn equal_texts_have_none() {
        check("a\n", "a\n", expect![""]);
    }

    #[test]
    fn changes_have_three_lines_around_them() {
        check(
            "1\n2\n3\n4\n5\n6\n7\n8\n9\n",
            "1\n2\n3\n4\nfive\n6\n7\n8\n9\n",
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -2,7 +2,7 @@
                 2
                 3
                 4
                -5
                +five
                 6
                 7
                 8
            "#]],
        );
    }

    #[test]
    fn lines_come_and_go() {
        check(
            "a\nb\n",
            "a\nx\ny\nb\n",
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -1,2 +1,4 @@
                 a
                +x
                +y
                 b
            "#]],
        );
        check(
            "a\nb\nc\n",
            "c\n",
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -1,3 +1 @@
                -a
                -b
                 c
            "#]],
        );
        check(
            "",
            "a\n",
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -0,0 +1 @@
                +a
            "#]],
        );
    }

    #[test]
    fn a_last_line_without_end_is_told() {
        check(
            "a\nb",
            "a\nb\n",
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -1,2 +1,2 @@
                 a
                -b
                \ No newline at end of file
                +b
            "#]],
        );
    }

    #[test]
    fn far_changes_are_hunks_of_their_own() {
        let before = "a\n1\n2\n3\n4\n5\n6\n7\nb\n";
        check(
            before,
            &before.replace('a', "A").replace('b', "B"),
            expect![[r#"
                --- a.py
                +++ a.py
                @@ -1,4 +1,4 @@
                -a
                +A
                 1
                 2
                 3
                @@ -6,4 +6,4 @@
                 5
                 6
                 7
                -b
                +B
            "#]],
        );
    }
}
