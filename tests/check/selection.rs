//! `--select`, `--ignore` and `--baseline`: what of the findings is reported.

use expect_test::expect;

use crate::support::program::Project;

const TWICE: &str = "{\"a\": 1, \"a\": 2}\n";

fn baseline(project: &Project, more: &[&str]) -> crate::support::program::Run {
    project.run(&[&["check", ".", "--baseline", "known.json"], more].concat())
}

#[test]
fn an_unknown_code_is_an_error_that_names_the_nearest() {
    let project = Project::new("//- a.json\n{}\n");
    for (selector, nearest) in [("unclosed-brackets", "unclosed-bracket"), ("duplicat-key", "duplicate-key")] {
        let run = project.run(&["check", ".", "--select", selector]);
        assert_eq!(run.code, 2, "{}", run.picture());
        assert!(run.stderr.contains(&format!("nearest one is {nearest}")), "{}", run.stderr);
    }
}

#[test]
fn a_file_that_was_not_checked_is_reported_whatever_is_selected() {
    let project = Project::new("");
    project.write("a.json", b"\xff\xfe{\0");
    project.write("b.json", b"{\"a\": 1,, \"a\": 2}\n");
    let run = project.run(&["check", ".", "--select", "duplicate-key", "--format", "github"]);
    expect![[r#"
        exit 1
        --- stdout
        ::error title=ropewalk (unreadable-file),file=a.json,line=1,endLine=1,col=1,endColumn=1::unreadable-file: cannot be checked: a binary file (it holds a NUL byte)
        ::error title=ropewalk (unexpected-token),file=b.json,line=1,endLine=1,col=9,endColumn=10::unexpected-token: unexpected `,`
        ::warning title=ropewalk (duplicate-key),file=b.json,line=1,endLine=1,col=11,endColumn=14::duplicate-key: the key "a" occurs twice: most readers keep only the last value
    "#]].assert_eq(&run.picture());
    let run = project.run(&["check", ".", "--ignore", "unreadable-file,unexpected-token,duplicate-key"]);
    assert_eq!(run.code, 0, "{}", run.picture());
}

#[test]
fn known_findings_stay_known_when_their_lines_move() {
    let project = Project::new("");
    project.write("a.json", TWICE.as_bytes());
    let run = baseline(&project, &["--write-baseline"]);
    expect![[r#"
        exit 0
        --- stderr
        ropewalk: 1 finding written to known.json
    "#]]
    .assert_eq(&run.picture());
    assert_eq!(baseline(&project, &[]).code, 0);

    project.write("a.json", format!("\n\n   {TWICE}").as_bytes());
    assert_eq!(baseline(&project, &[]).code, 0, "it moved");

    project.write("b.json", TWICE.as_bytes());
    let run = baseline(&project, &["--format", "github"]);
    assert_eq!(run.code, 1, "another file has one");
    assert!(run.stdout.contains("file=b.json") && !run.stdout.contains("file=a.json"), "{}", run.picture());

    project.write("a.json", b"{\"a\": 1}\n");
    project.write("b.json", b"{}\n");
    let run = baseline(&project, &["--format", "github"]);
    expect![[r#"
        exit 0
        --- stderr
        ropewalk: a.json: duplicate-key of the baseline is gone (1)
    "#]]
    .assert_eq(&run.picture());
}

#[test]
fn a_baseline_that_is_none_is_an_error() {
    let project = Project::new("//- a.json\n{}\n//- known.json\n[]\n");
    let run = baseline(&project, &[]);
    assert_eq!(run.code, 2, "{}", run.picture());
    assert!(run.stderr.contains("--write-baseline"), "{}", run.stderr);
    project.write("known.json", br#"{"version": 7, "findings": []}"#);
    assert!(baseline(&project, &[]).stderr.contains("version 7"));
    project.write(
        "known.json",
        br#"{"version": 1, "findings": [{"path": "a.json", "code": "X1", "line": "0", "count": 1}]}"#,
    );
    let run = baseline(&project, &["--format", "github"]);
    expect![[r#"
        exit 0
        --- stderr
        ropewalk: a.json: the baseline has X1, a code that no finding has
    "#]]
    .assert_eq(&run.picture());
}
