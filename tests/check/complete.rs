//! `ropewalk complete` with the built-in model.

use crate::support::program::Project;

const PYTHON: &str = "\
//- shapes.py
def area(width, height):
    return width * height


def volume(width, height, depth):
    return area(width, height) * depth


print(area(2, 3))
print(volume(2, 3, 4))
print(area(4, 5))
print(
";

#[test]
fn two_runs_print_the_same_continuation() {
    let project = Project::new(PYTHON);
    let run = || project.run(&["complete", "shapes.py:12:7"]);
    let first = run();
    assert_eq!(first.code, 0, "{}", first.picture());
    assert!(!first.stdout.trim().is_empty());
    assert_eq!(first.stdout, run().stdout);
}

#[test]
fn json_has_text_timing_and_token_counts() {
    let run = Project::new(PYTHON).run(&["complete", "shapes.py:12:7", "--json"]);
    assert_eq!(run.code, 0, "{}", run.picture());
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert!(answer["text"].as_str().is_some_and(|it| !it.is_empty()), "{answer}");
    assert!(answer["prompt_tokens"].as_u64().is_some_and(|it| it > 0), "{answer}");
    assert!(answer["elapsed_ms"].as_f64().is_some_and(|it| it > 0.0), "{answer}");
}

#[test]
fn places_outside_the_file_are_errors() {
    let project = Project::new(PYTHON);
    for (place, words) in [
        ("shapes.py:99:1", "the file has"),
        ("shapes.py", "FILE:LINE:COLUMN"),
        ("missing.py:1:1", "missing.py"),
        ("-", "--lang"),
    ] {
        let run = project.run(&["complete", place]);
        assert_eq!(run.code, 2, "{place}: {}", run.picture());
        assert!(run.stderr.contains(words), "{place}: {}", run.stderr);
    }
}

#[test]
fn without_a_model_it_says_what_to_do() {
    let run = Project::new(PYTHON).run(&["--model", "none", "complete", "shapes.py:12:7"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--model"), "{}", run.stderr);
}
