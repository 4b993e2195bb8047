//! `ropewalk explain`: files, places, pipes, and what it refuses.

use crate::support::program::Project;

const PYTHON: &str = "\
//- shapes.py
def area(width, height):
    return width * height


def total(items: list):
    for item in items:
        print(item)
";

#[test]
fn a_file_a_place_and_json() {
    let project = Project::new(PYTHON);
    let run = project.run(&["explain", "shapes.py", "--detail", "low"]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "Defines the functions `area` and `total`.\n"),
        "{}",
        run.picture()
    );
    let run = project.run(&["explain", "shapes.py:2", "--detail", "low"]);
    assert_eq!(run.stdout, "The function `area` takes `width` and `height`. It returns `width * height`.\n");
    let run = project.run(&["explain", "shapes.py:5", "--json"]);
    let answer: serde_json::Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(answer["complexity"]["cyclomatic"], 2, "{answer}");
    assert_eq!(answer["source"], "analysis");
    assert_eq!(answer["symbols"][0]["name"], "total");
}

#[test]
fn what_cannot_be_explained_says_why() {
    let project = Project::new(PYTHON);
    for (place, words) in [("shapes.py:99", "the file has 7 lines"), ("missing.py", "missing.py"), ("-", "--lang")] {
        let run = project.run(&["explain", place]);
        assert_eq!(run.code, 2, "{}", run.picture());
        assert!(run.stderr.contains(words), "{}", run.picture());
    }
}
