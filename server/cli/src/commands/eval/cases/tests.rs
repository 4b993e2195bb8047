//! Holes in small files.

use std::path::PathBuf;

use expect_test::{Expect, expect};
use syntax::Language;

use super::{Case, block_end, cut, infilling};
use crate::commands::eval::source::{Project, SourceFile};

const TEXT: &str = "\
def total(items):
    # the sum of all prices
    result = 0
    for item in items:
        result += item.price
        log(item)

    return result
";

fn python() -> Language {
    Language::from_name("python").unwrap()
}

fn project() -> Project {
    let path = PathBuf::from("a.py");
    Project { folder: PathBuf::from("p"), files: vec![SourceFile { path, language: python(), text: TEXT.to_owned() }] }
}

#[test]
fn holes_are_cut_in_code_and_are_the_same_every_time() {
    let cases = cut(&[project()], python(), 8, 1);
    let shown: String = cases
        .iter()
        .map(|Case { kind, text, offset, wanted, .. }| {
            assert_eq!(format!("{}{wanted}{}", &text[..*offset], &text[*offset..]), TEXT);
            let line = &text[text[..*offset].rfind('\n').map_or(0, |end| end + 1)..*offset];
            format!("{kind:?} {line:?} {wanted:?}\n")
        })
        .collect();
    expect![[r#"
        LineEnd "    for item in " "items:"
        Line "        " "result += item.price"
        Line "        " "log(item)"
        Infix "        resu" "lt += item.pri"
        LineEnd "def tot" "al(items):"
        LineEnd "    resul" "t = 0"
        LineEnd "        result += i" "tem.price"
        LineEnd "        re" "sult += item.price"
    "#]]
    .assert_eq(&shown);
    assert_eq!(cut(&[], python(), 8, 1).len(), 0);
}

#[test]
fn blocks() {
    let check = |start: &str, indent, expected: Option<&str>| {
        let start = TEXT.find(start).unwrap();
        assert_eq!(block_end(TEXT, start, indent).map(|end| &TEXT[start..end]), expected);
    };
    check("result += ", 8, Some("result += item.price\n        log(item)"));
    check("return", 4, None);
    check(
        "for item",
        4,
        Some("for item in items:\n        result += item.price\n        log(item)\n\n    return result"),
    );
}

fn check_infilling(text: &str, expected: Expect) {
    let read = infilling(text, None);
    let shown = match read {
        Ok(cases) => {
            cases.iter().map(|case| format!("{:?} at {} of {:?}\n", case.wanted, case.offset, case.text)).collect()
        }
        Err(error) => format!("{error:#}\n"),
    };
    expected.assert_eq(&shown);
}

#[test]
fn infilling_lines() {
    check_infilling(
        "{\"task_id\":\"1\",\"prompt\":\"a = \",\"suffix\":\"\\n\",\"canonical_solution\":\"b + c\"}\n\n",
        expect![[r#"
            "b + c" at 4 of "a = \n"
        "#]],
    );
    check_infilling(
        "{\"prompt\":\"a\"}",
        expect![[r#"
        line 1: expected an object with prompt, suffix and canonical_solution: missing field `suffix` at line 1 column 14
    "#]],
    );
    check_infilling(
        "{\"prompt\":\"a\",\"suffix\":\"\",\"canonical_solution\":\" \"}",
        expect![[r#"
        line 1: the canonical_solution is empty
    "#]],
    );
}
