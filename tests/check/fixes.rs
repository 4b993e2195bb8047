//! `ropewalk check --fix` and `--diff`: what is written, and what is left alone.

use expect_test::expect;

use crate::support::program::Project;

const BROKEN: &str = "print([1, 2)\nprint((3)\n";
const FIXED: &str = "print([1, 2])\nprint((3))\n";

/// All fixes, as those of syntax errors are guesses.
const FIX: [&str; 4] = ["check", ".", "--fix", "--unsafe-fixes"];

fn read(project: &Project, path: &str) -> String {
    std::fs::read_to_string(project.path().join(path)).expect("a text")
}

#[test]
fn fixes_are_written_and_what_is_left_is_reported() {
    let project = Project::new("");
    project.write("a.py", BROKEN.as_bytes());
    project.write("b.json", b"{\"a\": 1, \"a\": 2}\n");
    let run = project.run(&[&FIX[..], &["--format", "github"]].concat());
    assert_eq!(run.code, 1, "{}", run.picture());
    assert!(run.stdout.contains("duplicate-key") && !run.stdout.contains("a.py"), "{}", run.picture());
    assert_eq!(read(&project, "a.py"), FIXED);
    let names: Vec<_> = std::fs::read_dir(project.path()).expect("a folder").flatten().collect();
    assert_eq!(names.len(), 2, "nothing is left beside them: {names:?}");
}

#[test]
fn what_may_change_a_program_is_not_fixed_unasked() {
    let project = Project::new("");
    project.write("a.py", BROKEN.as_bytes());
    assert_eq!(project.run(&["check", ".", "--fix"]).code, 1);
    assert_eq!(read(&project, "a.py"), BROKEN);
    // Nor what was not selected.
    assert_eq!(project.run(&[&FIX[..], &["--ignore", "unclosed-bracket,mismatched-bracket"]].concat()).code, 0);
    assert_eq!(read(&project, "a.py"), BROKEN);
}

#[test]
fn a_diff_changes_nothing() {
    let project = Project::new("");
    project.write("a.py", BROKEN.as_bytes());
    project.write("ok.py", b"print(1)\n");
    let run = project.run(&["check", ".", "--diff", "--unsafe-fixes"]);
    expect![[r#"
        exit 1
        --- stdout
        --- a.py
        +++ a.py
        @@ -1,2 +1,2 @@
        -print([1, 2)
        -print((3)
        +print([1, 2])
        +print((3))
        --- stderr
        ropewalk: 1 file would change
    "#]]
    .assert_eq(&run.picture());
    assert_eq!(read(&project, "a.py"), BROKEN);
    assert_eq!(project.run(&["check", ".", "--diff"]).picture(), "exit 0\n");
}

#[test]
fn standard_input_is_fixed_on_standard_output() {
    let project = Project::new("");
    let run = project.run_with_input(&["check", "-", "--stdin-filename", "a.py", "--fix", "--unsafe-fixes"], BROKEN);
    expect![[r#"
        exit 0
        --- stdout
        print([1, 2])
        print((3))
        --- stderr
        ropewalk: 0 errors, 0 warnings in 1 file; 2 fixed
    "#]]
    .assert_eq(&run.picture());
}

#[cfg(unix)]
#[test]
fn a_file_that_cannot_be_written_is_told() {
    use std::os::unix::fs::PermissionsExt;

    let project = Project::new("");
    project.write("a.py", BROKEN.as_bytes());
    let path = project.path().join("a.py");
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o444)).expect("permissions");
    let run = project.run(&[&FIX[..], &["--format", "github"]].concat());
    assert_eq!(run.code, 1, "{}", run.picture());
    assert!(run.stderr.contains("a.py was not fixed") && run.stderr.contains("read-only"), "{}", run.stderr);
    assert_eq!(read(&project, "a.py"), BROKEN);
}
