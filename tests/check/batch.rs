//! `ropewalk check` over folders, single files and standard input.

use expect_test::{Expect, expect};

use crate::support::program::Project;

fn check(fixture: &str, arguments: &[&str], expect: Expect) {
    let run = Project::new(fixture).run(arguments);
    // The time it took is the one thing that differs between runs.
    let picture = run.picture().lines().filter(|it| !it.contains("elapsed_ms")).collect::<Vec<_>>().join("\n");
    expect.assert_eq(&picture);
}

#[test]
fn clean_files_exit_with_0() {
    check(
        "//- a.py\nprint(1)\n//- b.js\nexport const a = 1;\n",
        &["check", "."],
        expect![[r#"
        exit 0
        --- stdout
        0 errors, 0 warnings in 2 files"#]],
    );
}

#[test]
fn findings_exit_with_1_in_order_of_path_and_place() {
    check(
        "//- b.py\nprint(1\n//- a.js\nlet a = [1, 2;\n//- notes.txt\n((((\n",
        &["check", "."],
        expect![[r#"
            exit 1
            --- stdout
            error[unclosed-bracket]: `[` is never closed
             --> a.js:1:9
              |
            1 | let a = [1, 2;
              |         ^    - expected `]` here
              |
            help: Insert `]`

            error[unclosed-bracket]: `(` is never closed
             --> b.py:1:6
              |
            1 | print(1
              |      ^ - expected `)` here
              |
            help: Insert `)`

            2 errors, 0 warnings in 2 files"#]],
    );
}

#[test]
fn json_has_the_contract_s_shape() {
    check(
        "//- a.json\n{\"a\": 1,, \"b\": 2}\n",
        &["check", ".", "--format", "json"],
        expect![[r#"
            exit 1
            --- stdout
            {
              "diagnostics": [
                {
                  "path": "a.json",
                  "range": {
                    "start": {
                      "line": 0,
                      "character": 8
                    },
                    "end": {
                      "line": 0,
                      "character": 9
                    }
                  },
                  "severity": "error",
                  "code": "unexpected-token",
                  "message": "unexpected `,`",
                  "fixes": [
                    {
                      "title": "Remove `,`",
                      "edits": [
                        {
                          "range": {
                            "start": {
                              "line": 0,
                              "character": 8
                            },
                            "end": {
                              "line": 0,
                              "character": 9
                            }
                          },
                          "newText": ""
                        }
                      ]
                    }
                  ]
                }
              ],
              "summary": {
                "files": 1,
                "errors": 1,
                "warnings": 0,
              }
            }"#]],
    );
}

#[test]
fn ignored_and_hidden_files_are_left_out_unless_named() {
    let fixture = "//- .gitignore\nbuild/\n//- build/a.py\nprint(1\n//- .hidden.py\nprint(2\n//- ok.py\nprint(3)\n";
    check(
        fixture,
        &["check", "."],
        expect![[r#"
        exit 0
        --- stdout
        0 errors, 0 warnings in 1 file"#]],
    );
    check(
        fixture,
        &["check", "build/a.py"],
        expect![[r#"
        exit 1
        --- stdout
        error[unclosed-bracket]: `(` is never closed
         --> build/a.py:1:6
          |
        1 | print(1
          |      ^ - expected `)` here
          |
        help: Insert `)`

        1 error, 0 warnings in 1 file"#]],
    );
}

#[test]
fn a_path_that_does_not_exist_is_2() {
    check(
        "//- a.py\nprint(1)\n",
        &["check", "b.py"],
        expect![[r#"
        exit 2
        --- stderr
        ropewalk: error: b.py: No such file or directory (os error 2)"#]],
    );
}

#[test]
fn codes_can_be_left_out() {
    check(
        "//- a.py\nprint(1\n",
        &["check", ".", "--ignore", "unclosed-bracket"],
        expect![[r#"
        exit 0
        --- stdout
        0 errors, 0 warnings in 1 file"#]],
    );
    check(
        "//- a.py\nprint(1\n",
        &["check", ".", "--select", "unterminated-string"],
        expect![[r#"
        exit 0
        --- stdout
        0 errors, 0 warnings in 1 file"#]],
    );
}

#[test]
fn files_that_are_no_text_are_reported_not_fatal() {
    let project = Project::new("//- ok.py\nprint(1)\n");
    project.write("latin1.py", b"name = '\xe9'\n");
    project.write("binary.py", b"\x00\x01\x02");
    let run = project.run(&["check", "."]);
    expect![[r#"
        exit 1
        --- stdout
        binary.py:1:1: error[unreadable-file]: cannot be checked: a binary file (it holds a NUL byte)

        latin1.py:1:1: error[unreadable-file]: cannot be checked: not UTF-8 (first bad byte at offset 8)

        2 errors, 0 warnings in 3 files
    "#]]
    .assert_eq(&run.picture());
}

#[test]
fn standard_input_needs_a_name() {
    let project = Project::new("");
    let run = project.run_with_input(&["check", "-", "--stdin-filename", "a.py"], "print(1\n");
    assert_eq!(run.code, 1, "{}", run.picture());
    assert!(run.stdout.contains("a.py:1:6"), "{}", run.picture());
    let run = project.run_with_input(&["check", "-"], "print(1\n");
    expect![[r#"
        exit 2
        --- stderr
        ropewalk: error: `-` needs --stdin-filename to know the language
    "#]]
    .assert_eq(&run.picture());
}

#[test]
fn the_answer_is_the_same_for_any_number_of_threads() {
    let project = Project::new("");
    for n in 0..60 {
        project.write(&format!("d{}/f{n}.py", n % 7), format!("print({n}\nx = [\n").as_bytes());
    }
    let report = |threads: &str| {
        let output = project
            .command(&["check", ".", "--format", "text"])
            .env("RAYON_NUM_THREADS", threads)
            .output()
            .expect("it runs");
        String::from_utf8(output.stdout).expect("UTF-8")
    };
    let one = report("1");
    assert!(one.contains("60 files"), "{one}");
    assert_eq!(one, report("8"));
}

#[test]
fn a_file_named_twice_is_reported_once() {
    let run = Project::new("//- a.py\nprint(1\n").run(&["check", "a.py", "./a.py"]);
    assert!(run.stdout.contains("1 error, 0 warnings in 1 file\n"), "{}", run.picture());
}
