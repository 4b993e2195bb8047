//! `ropewalk check --format …`: the formats for programs, from the spawned program.

use expect_test::expect;
use serde_json::{Value, json};

use crate::support::program::{Project, Run};

/// A problem with a fix and another place, in a file whose name needs escaping, and one without.
const FIXTURE: &str = "//- src/a b%.json\n{\n  \"é\": [1, 2,\n  \"x\": 1\n}\n//- twice.json\n{\"a\": 1, \"a\": 2}\n";

fn run(format: &str) -> Run {
    let run = Project::new(FIXTURE).run(&["check", ".", "--format", format]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""), "{}", run.picture());
    run
}

#[test]
fn sarif_has_what_code_scanning_reads() {
    let report: Value = serde_json::from_str(&run("sarif").stdout).expect("JSON");
    assert_eq!(report["version"], "2.1.0");
    let of_run = &report["runs"][0];
    assert_eq!(of_run["columnKind"], "utf16CodeUnits");
    assert_eq!(of_run["invocations"], json!([{ "executionSuccessful": true, "exitCode": 1 }]));
    let root = of_run["originalUriBaseIds"]["SRCROOT"]["uri"].as_str().expect("a root");
    assert!(root.starts_with("file:///") && root.ends_with('/'), "{root}");
    let rules = of_run["tool"]["driver"]["rules"].as_array().expect("rules");
    let results = of_run["results"].as_array().expect("results");
    for result in results {
        let index = usize::try_from(result["ruleIndex"].as_u64().expect("an index")).expect("small");
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let print = result["partialFingerprints"]["ropewalkLineHash/v1"].as_str().expect("a fingerprint");
        assert_eq!(print.len(), 16);
    }
    let last = results.last().expect("a result");
    expect![[r#"
        {
          "artifactLocation": {
            "uri": "twice.json",
            "uriBaseId": "SRCROOT"
          },
          "region": {
            "startLine": 1,
            "startColumn": 10,
            "endLine": 1,
            "endColumn": 13,
            "byteOffset": 9,
            "byteLength": 3
          }
        }"#]]
    .assert_eq(&serde_json::to_string_pretty(&last["locations"][0]["physicalLocation"]).expect("JSON"));
    assert_eq!(last["relatedLocations"][0]["physicalLocation"]["region"]["startColumn"], 2);
    let first = &results[0];
    assert_eq!(first["locations"][0]["physicalLocation"]["artifactLocation"]["uri"], "src/a%20b%25.json");
    let replacement = &first["fixes"][0]["artifactChanges"][0]["replacements"][0];
    assert!(replacement["insertedContent"]["text"].is_string() && replacement["deletedRegion"].is_object(), "{first}");
}

#[test]
fn github_commands_are_escaped() {
    expect![[r#"
        ::error title=ropewalk (unclosed-bracket),file=src/a b%25.json,line=2,endLine=2,col=8,endColumn=9::unclosed-bracket: `[` is never closed
        ::warning title=ropewalk (duplicate-key),file=twice.json,line=1,endLine=1,col=10,endColumn=13::duplicate-key: the key "a" occurs twice: most readers keep only the last value
    "#]].assert_eq(&run("github").stdout);
}

#[test]
fn junit_is_a_suite_for_each_file() {
    let text = run("junit").stdout;
    let text: String = text.lines().filter(|it| !it.contains("<testsuites")).map(|it| format!("{it}\n")).collect();
    expect![[r#"
        <?xml version="1.0" encoding="UTF-8"?>
          <testsuite name="src/a b%.json" tests="1" failures="1" errors="0">
            <testcase name="unclosed-bracket" classname="src/a b%.json" line="2" column="8">
              <failure type="error" message="`[` is never closed">src/a b%.json:2:8: unclosed-bracket `[` is never closed</failure>
            </testcase>
          </testsuite>
          <testsuite name="twice.json" tests="1" failures="1" errors="0">
            <testcase name="duplicate-key" classname="twice.json" line="1" column="10">
              <failure type="warning" message="the key &quot;a&quot; occurs twice: most readers keep only the last value">twice.json:1:10: duplicate-key the key &quot;a&quot; occurs twice: most readers keep only the last value</failure>
            </testcase>
          </testsuite>
        </testsuites>
    "#]].assert_eq(&text);
}

#[test]
fn a_run_without_findings_is_valid_in_every_format() {
    let project = Project::new("//- a.json\n{}\n");
    let run = |format: &str| {
        let run = project.run(&["check", ".", "--format", format]);
        assert_eq!(run.code, 0, "{}", run.picture());
        run.stdout
    };
    assert_eq!(run("github"), "");
    assert!(run("junit").contains("tests=\"1\" failures=\"0\""));
    let sarif: Value = serde_json::from_str(&run("sarif")).expect("JSON");
    assert_eq!(sarif["runs"][0]["results"], json!([]));
    assert_eq!(sarif["runs"][0]["invocations"][0]["exitCode"], 0);
}
