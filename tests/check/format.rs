//! `ropewalk format`: what it writes, what it leaves alone, what it says and how it exits.

use expect_test::expect;

use crate::support::program::Project;

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.path().join(path)).expect("a text")
}

#[test]
fn a_folder_is_formatted_in_place() {
    let project = Project::new(
        "//- a.py\nx=1\n//- b.js\nlet x=1\n//- clean.py\nx = 1\n//- main.rs\nfn main(){}\n//- package-lock.json\n{\"a\":1}\n//- node_modules/c.py\nx=1\n",
    );
    let run = project.run(&["format", "."]);
    expect![[r#"
        exit 0
        --- stdout
        formatted a.py
        formatted b.js
        --- stderr
        2 files formatted, 1 file already formatted
    "#]]
    .assert_eq(&run.picture());
    assert_eq!(read(&project, "a.py"), "x = 1\n");
    assert_eq!(read(&project, "b.js"), "let x = 1;\n");
    for (path, text) in
        [("main.rs", "fn main(){}\n"), ("package-lock.json", "{\"a\":1}\n"), ("node_modules/c.py", "x=1\n")]
    {
        assert_eq!(read(&project, path), text);
    }
    expect![[r#"
        exit 0
        --- stderr
        3 files already formatted
    "#]]
    .assert_eq(&project.run(&["format", "."]).picture());
}

#[test]
fn check_and_diff_change_nothing() {
    let project = Project::new("//- a.py\nx=1\n//- b.py\ny = 1\n");
    expect![[r#"
        exit 1
        --- stdout
        would format a.py
        --- stderr
        1 file would be formatted, 1 file already formatted
    "#]]
    .assert_eq(&project.run(&["format", "--check", "."]).picture());
    expect![[r#"
        exit 1
        --- stdout
        --- a.py
        +++ a.py
        @@ -1 +1 @@
        -x=1
        +x = 1
        --- stderr
        1 file would be formatted, 1 file already formatted
    "#]]
    .assert_eq(&project.run(&["format", "--diff", "."]).picture());
    assert_eq!(read(&project, "a.py"), "x=1\n");
    assert_eq!(project.run(&["format", "--check", "b.py"]).code, 0);
}

#[test]
fn what_cannot_be_formatted_is_told_and_the_rest_is_done() {
    let project = Project::new("//- a.py\nx=1\n//- broken.py\nx = 1\ny = (\n");
    project.write("binary.py", b"\0\x01");
    project.write("latin.py", b"x = '\xe9'\n");
    let run = project.run(&["format", "."]);
    expect![[r#"
        exit 2
        --- stdout
        formatted a.py
        --- stderr
        binary.py: a binary file (it holds a NUL byte)
        broken.py:2:5: not formatted, it does not parse: `(` is never closed
        latin.py: not UTF-8 (first bad byte at offset 5)
        1 file formatted, 3 files left alone
    "#]]
    .assert_eq(&run.picture());
    assert_eq!(read(&project, "broken.py"), "x = 1\ny = (\n");
}

#[test]
fn a_named_file_without_a_formatter_is_told() {
    let project = Project::new("//- main.rs\nfn main(){}\n");
    let run = project.run(&["format", "main.rs"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("main.rs: no formatter for Rust is built in; its users run rustfmt"), "{}", run.stderr);
}

#[test]
fn standard_input_becomes_standard_output() {
    let project = Project::new("");
    let run = project.run_with_input(&["format", "-", "--stdin-filename", "a.py"], "x=1\n");
    assert_eq!((run.code, run.stdout.as_str()), (0, "x = 1\n"));
    let run = project.run_with_input(&["format", "-", "--lang", "typescript"], "let x:number=1\n");
    assert_eq!((run.code, run.stdout.as_str()), (0, "let x: number = 1;\n"));
    let run = project.run_with_input(&["format", "--check", "-", "--lang", "py"], "x=1\n");
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    let run = project.run_with_input(&["format", "-", "--lang", "py"], "x = (\n");
    assert_eq!((run.code, run.stdout.as_str()), (2, ""));
    assert!(run.stderr.contains("standard input:1:5: not formatted, it does not parse"), "{}", run.stderr);
    let run = project.run_with_input(&["format", "-"], "x=1\n");
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--stdin-filename or --lang"), "{}", run.stderr);
}
