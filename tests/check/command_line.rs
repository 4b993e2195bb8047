//! Arguments, configuration and the small commands.

use expect_test::expect;

use crate::support::program::Project;

#[test]
fn an_unknown_option_is_an_error_that_names_it() {
    let run = Project::new("").run(&["check", ".", "--frobnicate"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("--frobnicate"), "{}", run.stderr);
}

#[test]
fn every_level_has_help_with_examples() {
    let project = Project::new("");
    for command in ["lsp", "serve", "complete", "check", "format", "bench", "eval", "completions"] {
        let run = project.run(&[command, "--help"]);
        assert_eq!(run.code, 0, "{command}");
        assert!(run.stdout.contains("Examples:"), "{command}: {}", run.stdout);
    }
}

#[test]
fn version_is_the_package_s() {
    let run = Project::new("").run(&["--version"]);
    assert_eq!(run.picture(), format!("exit 0\n--- stdout\nropewalk {}\n", env!("CARGO_PKG_VERSION")));
}

#[test]
fn completion_scripts_name_the_commands() {
    let project = Project::new("");
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let run = project.run(&["completions", shell]);
        assert_eq!(run.code, 0, "{shell}");
        assert!(run.stdout.contains("complete") && run.stdout.contains("doctor"), "{shell}");
    }
}

#[test]
fn a_configuration_file_is_found_upwards_and_its_mistakes_are_named() {
    let project = Project::new("//- ropewalk.toml\nmodle = 'none'\n//- src/a.py\nprint(1)\n");
    let output = project.command(&["check", "a.py"]).current_dir(project.path().join("src")).output().expect("it runs");
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{stderr}");
    assert!(stderr.contains("unknown field `modle`"), "{stderr}");
}

#[test]
fn a_model_that_is_not_there_is_an_error_that_says_what_is() {
    let project = Project::new("//- models/tiny.gguf\nnot a model\n");
    let run = |spec: &str| {
        let output = project
            .command(&["model", "info", spec])
            .env("ROPEWALK_MODELS", project.path().join("models"))
            .output()
            .expect("it runs");
        (
            output.status.code(),
            String::from_utf8_lossy(&output.stderr).replace(&project.path().display().to_string(), "DIR"),
        )
    };
    let (code, stderr) = run("huge");
    assert_eq!(code, Some(2));
    expect![[r#"
        ropewalk: error: model huge: no such file; DIR/models holds tiny.gguf; or give `builtin` or `none`
    "#]]
    .assert_eq(&stderr);
    let (code, stderr) = run("tiny");
    assert_eq!(code, Some(2));
    assert!(stderr.contains("GGUF"), "{stderr}");
}

#[test]
fn a_public_address_without_a_key_is_refused() {
    let run = Project::new("").run(&["--model", "none", "serve", "--host", "0.0.0.0", "--port", "0"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("API_KEYS") && run.stderr.contains("--insecure"), "{}", run.stderr);
}

#[test]
fn doctor_finds_the_built_in_model_and_the_grammars() {
    let run = Project::new("").run(&["doctor"]);
    assert_eq!(run.code, 0, "{}", run.picture());
    assert!(run.stdout.contains("(built in)") && run.stdout.contains("python"), "{}", run.stdout);
}
