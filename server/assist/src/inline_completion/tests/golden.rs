//! Golden cases: `tests/golden/*.txt` hold document, reply and result. `UPDATE_EXPECT=1` writes the results anew.

use std::fmt::Write;

use expect_test::{ExpectFile, expect_file};

use super::{Trigger, assist_with, inline_completion, open, picture, request};

struct Case<'a> {
    name: &'a str,
    /// File name, and `invoked` where the user asked.
    file: &'a str,
    fixture: &'a str,
    reply: &'a str,
}

/// The sections of a file; a section's text ends before the line end that precedes the next mark.
fn parse(data: &str) -> Vec<Case<'_>> {
    let case = |section| {
        let (name, rest) = str::split_once(section, "\n--- ").expect("a name");
        let (file, rest) = rest.split_once('\n').expect("a file name");
        let (fixture, rest) = rest.split_once("\n--- reply\n").expect("a reply");
        let (reply, _) = rest.split_once("\n--- result\n").expect("a result");
        Case { name, file, fixture, reply }
    };
    let sections = data.split("=== ").filter(|section| !section.is_empty());
    sections.map(case).collect()
}

async fn check(data: &str, expect: ExpectFile) {
    let mut actual = String::new();
    for Case { name, file, fixture, reply } in parse(data) {
        let assist = assist_with(&[reply], None).await;
        let (file_name, trigger) = match file.strip_suffix(" invoked") {
            Some(file_name) => (file_name, Trigger::Invoked),
            None => (file, Trigger::Automatic),
        };
        let (snapshot, offset) = open(&assist, file_name, 1, &format!("{fixture}\n"));
        let answer = inline_completion(&assist, &snapshot, request(offset, trigger)).await.expect("not cancelled");
        let result = picture(&snapshot, offset, &answer);
        writeln!(actual, "=== {name}\n--- {file}\n{fixture}\n--- reply\n{reply}\n--- result\n{result}")
            .expect("a string");
    }
    expect.assert_eq(&actual);
}

#[tokio::test]
async fn python() {
    check(include_str!("golden/python.txt"), expect_file!["golden/python.txt"]).await;
}

#[tokio::test]
async fn javascript() {
    check(include_str!("golden/javascript.txt"), expect_file!["golden/javascript.txt"]).await;
}

#[tokio::test]
async fn others() {
    check(include_str!("golden/others.txt"), expect_file!["golden/others.txt"]).await;
}
