//! `ropewalk eval` on a small project. How good the completions are is not asked here.

use serde_json::Value;

use crate::support::program::Project;

const SHOP: &str = "\
//- shop/basket.py
def total(items):
    result = 0
    for item in items:
        result += item.price
    return result
//- shop/order.py
def total_weight(items):
    result = 0
    for item in items:
        result += item.weight
    return result
//- notes.bin
not code
";

#[test]
fn holes_are_filled_and_counted() {
    let project = Project::new(SHOP);
    let arguments = ["eval", ".", "--cases", "6", "--model", "none", "--json", "--out", "holes.jsonl"];
    let run = project.run(&arguments);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let python = &report["groups"][0];
    assert_eq!((&python["language"], &python["holes"], &python["kind"]), (&"python".into(), &6.into(), &Value::Null));
    let holes = std::fs::read_to_string(project.path().join("holes.jsonl")).expect("it was written");
    let holes: Vec<Value> = holes.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    assert_eq!(holes.len(), 6);
    let exact = holes.iter().filter(|hole| hole["is_exact"] == true).count();
    assert_eq!(python["exact"].as_f64(), Some(exact as f64 / 6.0));
    assert!(exact > 0, "one function is nearly the other's copy: {holes:?}");
    assert_eq!(project.run(&arguments).stdout.lines().count(), run.stdout.lines().count());
}

#[test]
fn lines_of_the_infilling_benchmark() {
    let line = r#"{"task_id":"a","prompt":"value = 1\nother = ","suffix":"\n","canonical_solution":"value"}"#;
    let project = Project::new(&format!("//- holes.jsonl\n{line}\n//- broken.jsonl\n{line}\n[]\n"));
    let run = project.run(&["eval", "--infilling", "holes.jsonl", "--model", "none", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["groups"][0]["holes"], 1);
    let run = project.run(&["eval", "--infilling", "broken.jsonl", "--model", "none"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("broken.jsonl: line 2: expected an object with prompt"), "{}", run.stderr);
}

#[test]
fn folders_without_code_are_an_error() {
    let project = Project::new("//- notes.bin\nnot code\n");
    let run = project.run(&["eval", ".", "--model", "none"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no place for a hole"), "{}", run.stderr);
}

#[test]
fn a_typing_session() {
    let body = "    result += price_of(item) * item.count\n    check_the_limits(result)\n".repeat(20);
    let project = Project::new(&format!("//- shop/basket.py\ndef total():\n{body}"));
    let run = project.run(&["eval", ".", "--replay", "--model", "none", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    let report: Value = serde_json::from_str(&run.stdout).expect("JSON");
    assert_eq!(report["unanswered"], 0);
    assert!(report["taken"].as_u64() > Some(0), "the lines are each other's copies: {report}");
    assert!(report["keys"].as_u64() < report["characters"].as_u64(), "{report}");
    assert!(report["cancel_to_idle_ms"]["count"].as_u64() > Some(0), "{report}");
}
