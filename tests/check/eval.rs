//! `ropewalk eval` on small projects, and its figures on a sample that stays the same: they may not get worse.

use std::path::{Path, PathBuf};

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
fn what_is_not_worth_a_look_is_shown_when_asked_for() {
    let names = ["alpha", "beta", "gamma", "delta", "epsilon", "zeta", "eta", "theta"];
    let lines: String = names.iter().zip(1111..).map(|(name, value)| format!("{name} = {value}\n")).collect();
    let project = Project::new(&format!("//- numbers.py\n{lines}"));
    let shown = |more: &[&str]| -> Vec<Value> {
        let arguments = ["eval", ".", "--cases", "12", "--model", "none", "--out", "holes.jsonl"];
        let run = project.run(&[&arguments, more].concat());
        assert_eq!(run.code, 0, "{}", run.stderr);
        let holes = std::fs::read_to_string(project.path().join("holes.jsonl")).expect("it was written");
        let holes = holes.lines().map(|line| -> Value { serde_json::from_str(line).expect("JSON") });
        holes.filter(|hole| hole["is_shown"] == true).collect()
    };
    let unsure = |hole: &Value| {
        let characters = hole["got"].as_str().expect("text").trim_start().lines().next().map_or(0, str::len);
        hole["confidence"].as_f64().expect("a number") * (characters as f64) < 0.9
    };
    let (usual, all) = (shown(&[]), shown(&["--show-all"]));
    assert!(!usual.iter().any(unsure), "{usual:?}");
    assert!(all.iter().any(unsure) && all.len() > usual.len(), "any of these numbers may come: {all:?}");
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
    let session = &report["servers"][0]["groups"][0];
    assert_eq!((&session["language"], &session["unanswered"]), (&"python".into(), &0.into()));
    assert!(session["taken"].as_u64() > Some(0), "the lines are each other's copies: {report}");
    assert!(session["saved_by"]["copy"].as_f64() > Some(0.0), "{report}");
    assert!(session["keys"].as_u64() < session["characters"].as_u64(), "{report}");
    assert!(session["cancel_to_idle_ms"]["count"].as_u64() > Some(0), "{report}");
    let digest = |run: &str| -> Value {
        let report: Value = serde_json::from_str(run).expect("JSON");
        report["servers"][0]["groups"][0]["digest"].clone()
    };
    let again = project.run(&["eval", ".", "--replay", "--model", "none", "--json"]);
    assert_eq!(digest(&run.stdout), digest(&again.stdout), "the same suggestions are taken every time");
}

#[test]
fn another_server_beside_it() {
    let body = "    result += price_of(item) * item.count\n    check_the_limits(result)\n".repeat(20);
    let project = Project::new(&format!("//- shop/basket.py\ndef total():\n{body}"));
    let other = format!("\"{}\" --model none lsp", env!("CARGO_BIN_EXE_ropewalk"));
    let run = project.run(&["eval", ".", "--replay", "--model", "none", "--server", &other, "--key-ms", "1"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.starts_with("seed 1; a key every 1 ms\n"), "{}", run.stdout);
    let heads: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("python ")).collect();
    assert!(heads.len() == 1 && heads[0].ends_with("ropewalk                   ropewalk"), "{}", run.stdout);
    let run = project.run(&["eval", ".", "--replay", "--model", "none", "--server", "./no-such-server"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("no-such-server: starting ./no-such-server"), "{}", run.stderr);
}

/// Where the sample is: two small projects, written for this purpose.
fn sample() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../tests/fixtures/eval")
}

/// The figures that the sample had when somebody last looked at them.
fn committed() -> PathBuf {
    sample().with_extension("json")
}

/// Holes of each language.
const CASES: &str = "80";
/// How much worse than the committed one a figure may be, as a share: with another processor's rounding one or two of
/// the holes may be filled differently.
const TOLERANCES: [(&str, f64); 5] =
    [("exact", 0.03), ("saved", 0.03), ("precision", 0.05), ("similarity", 0.03), ("valid", 0.015)];
/// How much more or less may be shown.
const SHOWN_TOLERANCE: f64 = 0.10;

/// Fails when the completions get worse. When they got better, or are meant to be different (another built-in model),
/// `UPDATE_EXPECT=1 cargo test -p cli --test it figures_do_not_get_worse` writes the new figures, to be looked at and
/// committed.
#[test]
fn figures_do_not_get_worse() {
    let sample = sample();
    let path = sample.to_str().expect("the repository's path is text");
    let run = Project::new("").run(&["eval", path, "--compare", "--cases", CASES, "--seed", "1", "--json"]);
    assert_eq!(run.code, 0, "{}", run.stderr);
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(committed(), &run.stdout).expect("the repository can be written");
    }
    let found: Value = serde_json::from_str(&run.stdout).expect("JSON");
    let expected = std::fs::read_to_string(committed()).expect("the committed figures");
    let expected: Value = serde_json::from_str(&expected).expect("JSON");
    let worse = worse(&expected, &found);
    assert!(worse.is_empty(), "{}\nto commit them: UPDATE_EXPECT=1", worse.join("\n"));
}

/// What is worse in `found`, in words.
fn worse(expected: &Value, found: &Value) -> Vec<String> {
    let pipelines = |report: &Value| -> Vec<(String, Value)> {
        let groups = report["groups"].as_array().cloned().unwrap_or_default();
        let of_group = |group: &Value| -> Vec<(String, Value)> {
            let pipelines = group["pipelines"].as_array().cloned().unwrap_or_default();
            let name = |it: &Value| format!("{}, {} holes, {}", group["language"], group["holes"], it["pipeline"]);
            pipelines.into_iter().map(|it| (name(&it), it)).collect()
        };
        groups.iter().flat_map(of_group).collect()
    };
    let (expected, found) = (pipelines(expected), pipelines(found));
    assert_eq!(
        expected.iter().map(|(name, _)| name).collect::<Vec<_>>(),
        found.iter().map(|(name, _)| name).collect::<Vec<_>>()
    );
    let mut worse = Vec::new();
    for ((name, before), (_, now)) in expected.iter().zip(&found) {
        // `null` where nothing was shown; that nothing is shown any more is told by the share that is.
        let figure = |of: &Value, what: &str| of[what].as_f64();
        let mut tell = |what, now: f64, before: f64| worse.push(format!("{name}: {what} {now:.3}, was {before:.3}"));
        for (what, tolerance) in TOLERANCES {
            if let (Some(now), Some(before)) = (figure(now, what), figure(before, what))
                && now < before - tolerance
            {
                tell(what, now, before);
            }
        }
        let (now, before) = (figure(now, "shown").expect("a share"), figure(before, "shown").expect("a share"));
        if (now - before).abs() > SHOWN_TOLERANCE {
            tell("shown", now, before);
        }
    }
    worse
}

#[test]
fn worse_figures_are_named() {
    let report = |exact: f64, shown: f64| -> Value {
        serde_json::json!({ "groups": [{ "language": "python", "holes": 40, "pipelines": [{
            "pipeline": "blended", "exact": exact, "saved": 0.2, "precision": 0.4, "similarity": 0.5, "valid": 1.0,
            "shown": shown,
        }] }] })
    };
    assert_eq!(worse(&report(0.2, 0.7), &report(0.175, 0.62)), Vec::<String>::new());
    assert_eq!(worse(&report(0.2, 0.7), &report(0.4, 0.7)), Vec::<String>::new());
    assert_eq!(
        worse(&report(0.2, 0.7), &report(0.1, 0.9)),
        [
            "\"python\", 40 holes, \"blended\": exact 0.100, was 0.200",
            "\"python\", 40 holes, \"blended\": shown 0.900, was 0.700",
        ]
    );
}
