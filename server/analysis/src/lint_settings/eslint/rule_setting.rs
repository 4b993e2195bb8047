//! What is said of one rule: `"warn"`, `2`, `["error", { "allowEmptyCatch": true }]`.

use regex::Regex;

use super::super::json::Json;

/// Whether a rule runs, and how bad its findings are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RuleLevel {
    Off,
    Warn,
    Error,
}

/// A rule's level, and its options where the setting names some.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct RuleSetting {
    pub(crate) level: RuleLevel,
    /// `None` leaves the options that were set before.
    pub(crate) options: Option<RuleOptions>,
}

/// A rule's options, in the order of the settings.
#[derive(Clone, Debug, Default, PartialEq)]
pub(crate) struct RuleOptions(Vec<Json>);

/// Options whose text is a regular expression.
const PATTERNS: [&str; 6] = [
    "argsIgnorePattern",
    "varsIgnorePattern",
    "caughtErrorsIgnorePattern",
    "destructuredArrayIgnorePattern",
    "commentPattern",
    "reportUnusedFallthroughComment",
];

impl RuleSetting {
    /// Reads the setting of a rule.
    ///
    /// # Errors
    /// What is wrong with it.
    pub(crate) fn of(rule: &str, json: &Json) -> Result<Self, String> {
        let Json::List(entries) = json else { return Ok(Self { level: level(rule, json)?, options: None }) };
        let Some((first, options)) = entries.split_first() else {
            return Err(format!("the rule `{rule}` has an empty list instead of a level"));
        };
        let level = level(rule, first)?;
        for (name, value) in options.iter().filter_map(Json::members).flatten() {
            if PATTERNS.contains(&name.as_str())
                && let Some(pattern) = value.text()
                && Regex::new(pattern).is_err()
            {
                return Err(format!("the rule `{rule}`: `{pattern}` is no regular expression that can be used here"));
            }
        }
        let options = (!options.is_empty()).then(|| RuleOptions(options.to_vec()));
        Ok(Self { level, options })
    }
}

fn level(rule: &str, json: &Json) -> Result<RuleLevel, String> {
    match json {
        Json::Number(0.0) => return Ok(RuleLevel::Off),
        Json::Number(1.0) => return Ok(RuleLevel::Warn),
        Json::Number(2.0) => return Ok(RuleLevel::Error),
        Json::Text(text) => match text.as_str() {
            "off" | "0" => return Ok(RuleLevel::Off),
            "warn" | "1" => return Ok(RuleLevel::Warn),
            "error" | "2" => return Ok(RuleLevel::Error),
            _ => {}
        },
        _ => {}
    }
    let what = match json {
        Json::Text(text) => format!("`{text}`"),
        _ => "this".to_owned(),
    };
    Err(format!("the rule `{rule}`: {what} is no level: \"off\", \"warn\" or \"error\""))
}

impl RuleOptions {
    /// The option that is a word of its own: `"always"`.
    pub(crate) fn word(&self) -> Option<&str> {
        self.0.iter().find_map(Json::text)
    }

    fn get(&self, name: &str) -> Option<&Json> {
        self.0.iter().find_map(|json| json.get(name))
    }

    /// An option that is true or false; `default` where it is neither.
    pub(crate) fn flag(&self, name: &str, default: bool) -> bool {
        match self.get(name) {
            Some(Json::Bool(value)) => *value,
            _ => default,
        }
    }

    /// An option that is a text.
    pub(crate) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.text()
    }

    /// An option that is a list.
    pub(crate) fn list(&self, name: &str) -> &[Json] {
        self.get(name).map_or(&[], Json::entries)
    }

    /// An option that is a list of texts.
    pub(crate) fn texts(&self, name: &str) -> Vec<&str> {
        self.list(name).iter().filter_map(Json::text).collect()
    }

    /// An option that is a regular expression. Those that are none were refused where they were read.
    pub(crate) fn pattern(&self, name: &str) -> Option<Regex> {
        Regex::new(self.text(name)?).ok()
    }
}
