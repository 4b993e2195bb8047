//! The client's settings: `initializationOptions` and `workspace/didChangeConfiguration`.
//!
//! Keys are those of the table below, in camelCase as usual in JSON; the snake_case of a configuration file is taken
//! too, so that a table can be copied from one to the other. They may be nested (`{"inlineCompletion": {"enabled":
//! true}}`) or dotted (`{"inlineCompletion.enabled": true}`), and stand alone or under `ropewalk`. A key or value that
//! makes no sense is reported by name and the others still apply.
//!
//! Not here: the configuration file and the command line, which are the program's.

use assist::{AssistConfig, PathGlobs};
use serde_json::Value;
use syntax::Language;

/// What the client can set.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Settings {
    /// Options of the features.
    pub(crate) assist: AssistConfig,
    /// The inline suggestion as an item of the completion menu; `None`: only for clients without ghost text.
    pub(crate) suggestion_in_menu: Option<bool>,
}

impl Settings {
    /// The options the program started with.
    pub(crate) fn new(assist: AssistConfig) -> Self {
        Self { assist, suggestion_in_menu: None }
    }

    /// Applies a client's settings; returns what is wrong with them, one sentence a key.
    pub(crate) fn apply(&mut self, settings: &Value) -> Vec<String> {
        let settings = settings.get("ropewalk").unwrap_or(settings);
        if settings.is_null() {
            return Vec::new();
        }
        let mut leaves = Vec::new();
        if !flatten(String::new(), settings, &mut leaves) {
            return vec![format!("settings: expected an object, got {settings}")];
        }
        leaves.iter().flat_map(|(key, value)| self.set(key, value)).collect()
    }

    /// Returns what is wrong with the key or its value.
    fn set(&mut self, key: &str, value: &Value) -> Vec<String> {
        let normalized = camel_case(key.strip_prefix("ropewalk.").unwrap_or(key));
        if AT_START.contains(&normalized.as_str()) {
            return vec![format!("{key}: is read when ropewalk starts, from its command line or configuration file")];
        }
        let Some(setting) = TABLE.iter().find(|setting| setting.key == normalized) else {
            return vec![format!("{key}: there is no such setting")];
        };
        match (setting.set)(self, value) {
            Some(problems) => problems.iter().map(|problem| format!("{key}: {problem}")).collect(),
            None => vec![format!("{key}: expected {}, got {value}", setting.expects)],
        }
    }
}

/// One setting.
struct Setting {
    key: &'static str,
    expects: &'static str,
    /// Returns what is wrong with parts of the value; `None` for one that is not what it expects at all.
    set: fn(&mut Settings, &Value) -> Option<Vec<String>>,
}

/// Keys of the configuration file that mean something to a program that starts, not to one that runs.
const AT_START: [&str; 5] = ["model", "threads", "maxMemoryMb", "kvCache", "log"];

const TOKENS: &str = "a number of tokens from 1 to 4096";
const MILLISECONDS: &str = "a number of milliseconds from 1 to 600000";
const SWITCH: &str = "true or false";

const TABLE: &[Setting] = &[
    Setting {
        key: "inlineCompletion.enabled",
        expects: SWITCH,
        set: |to, value| put(&mut to.assist.inline_completion.enabled, value.as_bool()),
    },
    Setting {
        key: "inlineCompletion.maxTokens",
        expects: TOKENS,
        set: |to, value| put(&mut to.assist.inline_completion.max_tokens, tokens(value)),
    },
    Setting {
        key: "inlineCompletion.maxTokensInvoked",
        expects: TOKENS,
        set: |to, value| put(&mut to.assist.inline_completion.max_tokens_invoked, tokens(value)),
    },
    Setting {
        key: "inlineCompletion.deadlineMs",
        expects: MILLISECONDS,
        set: |to, value| put(&mut to.assist.inline_completion.deadline_ms, milliseconds(value)),
    },
    Setting {
        key: "inlineCompletion.deadlineInvokedMs",
        expects: MILLISECONDS,
        set: |to, value| put(&mut to.assist.inline_completion.deadline_invoked_ms, milliseconds(value)),
    },
    Setting {
        key: "inlineCompletion.inComments",
        expects: SWITCH,
        set: |to, value| put(&mut to.assist.inline_completion.in_comments, value.as_bool()),
    },
    Setting {
        key: "inlineCompletion.inStrings",
        expects: SWITCH,
        set: |to, value| put(&mut to.assist.inline_completion.in_strings, value.as_bool()),
    },
    Setting {
        key: "inlineCompletion.minConfidence",
        expects: "a probability from 0 to 1",
        set: |to, value| put(&mut to.assist.inline_completion.min_confidence, probability(value)),
    },
    Setting {
        key: "inlineCompletion.copies",
        expects: SWITCH,
        set: |to, value| put(&mut to.assist.inline_completion.copies, value.as_bool()),
    },
    Setting {
        key: "inlineCompletion.workspaceMb",
        expects: "a number of megabytes from 0 to 1024",
        set: |to, value| put(&mut to.assist.inline_completion.workspace_mb, megabytes(value)),
    },
    Setting {
        key: "inlineCompletion.disabledLanguages",
        expects: "a list of language ids",
        set: |to, value| put(&mut to.assist.inline_completion.disabled_languages, languages(value)),
    },
    Setting {
        key: "inlineCompletion.disabledGlobs",
        expects: "a list of globs as in .gitignore",
        set: |to, value| {
            let (globs, problems) = PathGlobs::new(strings(value)?);
            to.assist.inline_completion.disabled_globs = globs;
            Some(problems)
        },
    },
    Setting {
        key: "completion.suggestion",
        expects: SWITCH,
        set: |to, value| put(&mut to.suggestion_in_menu, value.as_bool().map(Some)),
    },
];

fn put<T>(place: &mut T, value: Option<T>) -> Option<Vec<String>> {
    *place = value?;
    Some(Vec::new())
}

fn tokens(value: &Value) -> Option<usize> {
    value.as_u64().filter(|count| (1..=4096).contains(count)).and_then(|count| count.try_into().ok())
}

fn milliseconds(value: &Value) -> Option<u64> {
    value.as_u64().filter(|time| (1..=600_000).contains(time))
}

fn megabytes(value: &Value) -> Option<usize> {
    value.as_u64().filter(|size| *size <= 1024).and_then(|size| size.try_into().ok())
}

fn probability(value: &Value) -> Option<f32> {
    #[expect(clippy::cast_possible_truncation, reason = "a share needs no double precision")]
    value.as_f64().filter(|share| (0.0..=1.0).contains(share)).map(|share| share as f32)
}

fn languages(value: &Value) -> Option<Vec<String>> {
    let known = |name: &Value| Language::from_name(name.as_str()?).map(|language| language.id().to_owned());
    value.as_array()?.iter().map(known).collect()
}

fn strings(value: &Value) -> Option<Vec<&str>> {
    value.as_array()?.iter().map(Value::as_str).collect()
}

/// Collects the leaves of nested objects under dotted keys; false when the outermost value is no object.
fn flatten(prefix: String, value: &Value, leaves: &mut Vec<(String, Value)>) -> bool {
    match value {
        Value::Object(object) => {
            for (key, value) in object {
                let path = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
                flatten(path, value, leaves);
            }
            true
        }
        _ if prefix.is_empty() => false,
        // Editors send null for a setting nobody has set.
        Value::Null => true,
        leaf => {
            leaves.push((prefix, leaf.clone()));
            true
        }
    }
}

fn camel_case(key: &str) -> String {
    let mut camel = String::with_capacity(key.len());
    let mut raise = false;
    for character in key.chars() {
        match character {
            '_' => raise = true,
            _ if std::mem::take(&mut raise) => camel.push(character.to_ascii_uppercase()),
            _ => camel.push(character),
        }
    }
    camel
}

#[cfg(test)]
mod tests {
    use assist::{AssistConfig, PathGlobs};
    use serde_json::{Value, json};

    use super::Settings;

    fn apply(settings: Value) -> (Settings, Vec<String>) {
        let mut applied = Settings::new(AssistConfig::default());
        let problems = applied.apply(&settings);
        (applied, problems)
    }

    #[test]
    fn every_spelling_of_a_key_is_taken() {
        for settings in [
            json!({ "inlineCompletion": { "maxTokens": 7 } }),
            json!({ "inlineCompletion.maxTokens": 7 }),
            json!({ "ropewalk": { "inlineCompletion": { "maxTokens": 7 } } }),
            json!({ "ropewalk.inlineCompletion.maxTokens": 7 }),
            json!({ "inline_completion": { "max_tokens": 7 } }),
        ] {
            let (applied, problems) = apply(settings.clone());
            assert_eq!((applied.assist.inline_completion.max_tokens, problems), (7, Vec::new()), "{settings}");
        }
    }

    #[test]
    fn what_is_wrong_is_named_and_the_rest_applies() {
        let (applied, problems) = apply(json!({
            "inlineCompletion": {
                "enabled": "yes", "maxTokens": 0, "deadlineMs": 20, "minConfidence": 1.5,
                "disabledLanguages": ["python", 3], "disabledGlobs": ["{a", "*.py", "{b"], "colour": "red", "inStrings": null
            },
            "hover": { "enabled": true },
            "model": "builtin"
        }));
        assert_eq!(applied.assist.inline_completion.deadline_ms, 20);
        assert!(applied.assist.inline_completion.enabled);
        assert_eq!(applied.assist.inline_completion.disabled_globs, PathGlobs::new(["*.py"]).0);
        assert_eq!(
            problems,
            [
                "inlineCompletion.enabled: expected true or false, got \"yes\"",
                "inlineCompletion.maxTokens: expected a number of tokens from 1 to 4096, got 0",
                "inlineCompletion.minConfidence: expected a probability from 0 to 1, got 1.5",
                "inlineCompletion.disabledLanguages: expected a list of language ids, got [\"python\",3]",
                "inlineCompletion.disabledGlobs: \"{a\": unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
                "inlineCompletion.disabledGlobs: \"{b\": unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
                "inlineCompletion.colour: there is no such setting",
                "hover.enabled: there is no such setting",
                "model: is read when ropewalk starts, from its command line or configuration file",
            ]
        );
    }

    #[test]
    fn no_settings_are_no_problem() {
        assert_eq!(apply(Value::Null).1, Vec::<String>::new());
        assert_eq!(apply(json!({ "ropewalk": null })).1, Vec::<String>::new());
        assert_eq!(apply(json!([1])).1, ["settings: expected an object, got [1]"]);
    }
}
