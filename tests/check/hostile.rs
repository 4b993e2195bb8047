//! Files that are no text, no files, too large, too deep or gone: told, never fatal.

use std::path::Path;
use std::process::Command;

use crate::support::program::Project;

/// Code and path of every finding.
fn findings(project: &Project) -> Vec<(String, String)> {
    let run = project.run(&["check", ".", "--format", "json"]);
    assert!(run.code == 0 || run.code == 1, "{}", run.picture());
    let report: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    let text = |value: &serde_json::Value| value.as_str().expect("a text").to_owned();
    let found = report["diagnostics"].as_array().expect("a list").iter();
    found.map(|it| (text(&it["path"]), text(&it["code"]))).collect()
}

#[test]
fn deep_nesting_ends() {
    const DEPTH: usize = 100_000;
    for (extension, open, close) in
        [("py", "(", ")"), ("js", "[", "]"), ("ts", "(", ")"), ("json", "[", "]"), ("rs", "(", ")")]
    {
        let project = Project::new("//- ok.json\n{\"a\": 1, \"a\": 2}\n");
        project.write(&format!("closed.{extension}"), [open.repeat(DEPTH), close.repeat(DEPTH)].concat().as_bytes());
        project.write(&format!("open.{extension}"), open.repeat(DEPTH).as_bytes());
        let found = findings(&project);
        assert!(
            found.iter().any(|(path, code)| path == "ok.json" && code == "duplicate-key"),
            "{extension}: {found:?}"
        );
        assert!(found.iter().any(|(path, _)| path.starts_with("open.")), "{extension}: {found:?}");
    }
}

#[test]
fn files_that_are_no_text_are_told() {
    let project = Project::new("");
    project.write("utf16.json", b"\xff\xfe{\0}\0");
    project.write("latin1.py", b"# \xe9\n");
    project.write("binary.py", b"\x7fELF\0\0");
    std::fs::File::create(project.path().join("large.py")).and_then(|it| it.set_len(50 << 20)).expect("a sparse file");
    let found = findings(&project);
    let expected = ["binary.py", "large.py", "latin1.py", "utf16.json"];
    assert_eq!(found, expected.map(|path| (path.to_owned(), "unreadable-file".to_owned())));
}

#[test]
fn a_byte_order_mark_is_no_problem() {
    let project = Project::new("");
    project.write("a.json", "\u{feff}{\"a\": 1}\n".as_bytes());
    assert_eq!(findings(&project), []);
}

#[test]
fn a_long_line_is_not_drawn() {
    let project = Project::new("");
    let pairs = (0..200_000).map(|n| format!("\"{n}\":{n}")).collect::<Vec<_>>().join(",");
    project.write("long.json", format!("{{{pairs},\"7\":0}}").as_bytes());
    let run = project.run(&["check", "."]);
    assert_eq!(run.code, 1);
    assert!(run.stdout.len() < 1000 && run.stdout.contains("duplicate-key"), "{} bytes", run.stdout.len());
}

#[cfg(unix)]
#[test]
fn links_in_a_circle_and_pipes_do_not_hang() {
    use std::os::unix::fs::symlink;

    let project = Project::new("//- d/a.json\n{\"a\": 1, \"a\": 2}\n");
    let at = |path: &str| project.path().join(path);
    symlink("..", at("d/up")).expect("a link");
    symlink("b.json", at("b.json")).expect("a link");
    symlink("gone.json", at("dangling.json")).expect("a link");
    let made = Command::new("mkfifo").arg(at("pipe.py")).status().expect("mkfifo is there");
    assert!(made.success());
    assert_eq!(findings(&project), [("d/a.json".to_owned(), "duplicate-key".to_owned())]);
    // Named, a pipe is told and not opened.
    let run = project.run(&["check", "pipe.py", "--format", "github"]);
    assert!(run.stdout.contains("not a regular file"), "{}", run.picture());
    let run = project.run(&["check", "/dev/null"]);
    assert_eq!(run.code, 0, "{}", run.picture());
    assert!(Path::new("/dev/null").exists());
}

#[test]
fn a_named_file_of_no_language_is_said() {
    let run = Project::new("//- notes\nx\n").run(&["check", "notes", "--format", "github"]);
    assert_eq!(run.picture(), "exit 0\n--- stderr\nropewalk: notes: no language goes by that name; not checked\n");
}
