//! What a project's ESLint settings say about one file.

use std::collections::HashMap;
use std::path::Path;

use super::{Access, Base, Environment, EslintConfig, RuleLevel, RuleOptions, RuleSetting};

/// Rules that typescript-eslint has under the same name for what ours find in TypeScript as well.
const OF_TYPESCRIPT: [&str; 7] = [
    "no-dupe-class-members",
    "no-empty-function",
    "no-implied-eval",
    "no-loss-of-precision",
    "no-redeclare",
    "no-unused-private-class-members",
    "no-unused-vars",
];

/// The rules, names and environments of one file.
#[derive(Debug, Default)]
pub(crate) struct FileRules {
    /// False where the project has no ESLint settings.
    has_settings: bool,
    /// Something that is extended is not read: what is not mentioned may run or not.
    is_partial: bool,
    is_ignored: bool,
    /// How many settings were read when `eslint:recommended`, or `eslint:all`, was named for the last time.
    recommended_at: Option<usize>,
    all_at: Option<usize>,
    rules: HashMap<String, Entry>,
    globals: HashMap<String, Access>,
    environments: Vec<(Environment, bool)>,
}

#[derive(Debug)]
struct Entry {
    /// How many settings were read before.
    at: usize,
    level: RuleLevel,
    options: RuleOptions,
}

/// A rule as [`FileRules`] have to know it.
pub(crate) struct RuleKind {
    pub(crate) code: &'static str,
    /// It is one of ESLint's.
    pub(crate) is_eslint: bool,
    /// It is part of `eslint:recommended`.
    pub(crate) is_recommended: bool,
}

/// What is said of a rule.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Said {
    /// Nothing: it runs where it does by default.
    Nothing,
    /// It runs with these findings, or does not.
    Level(RuleLevel),
    /// It is part of a set that the project extends.
    InSet,
}

impl FileRules {
    /// The rules of a file by the settings that lie above it, the outermost first.
    pub(crate) fn new(configs: &[EslintConfig], path: Option<&Path>) -> Self {
        let mut found = Self { has_settings: !configs.is_empty(), ..Self::default() };
        let Some(path) = path else { return found };
        let mut at = 0;
        for config in configs {
            if let Some(is_ignored) = config.ignores(path) {
                found.is_ignored = is_ignored;
            }
            for block in config.blocks_for(path) {
                at += 1;
                match &block.base {
                    Some(Base::Recommended) => found.recommended_at = Some(at),
                    Some(Base::All) => found.all_at = Some(at),
                    Some(Base::Unread | Base::File(_)) => found.is_partial = true,
                    Some(Base::Layout) => {
                        let off = RuleSetting { level: RuleLevel::Off, options: None };
                        found.set("no-unexpected-multiline", &off, at);
                    }
                    None => {}
                }
                found.environments.extend(&block.environments);
                found.globals.extend(block.globals.iter().cloned());
                for (name, setting) in &block.rules {
                    found.set(name, setting, at);
                }
            }
        }
        found
    }

    fn set(&mut self, rule: &str, setting: &RuleSetting, at: usize) {
        let before = self.rules.remove(rule).map(|entry| entry.options).unwrap_or_default();
        let options = setting.options.clone().unwrap_or(before);
        self.rules.insert(rule.to_owned(), Entry { at, level: setting.level, options });
    }

    /// True for a file that the project wants no rules to be run on.
    pub(crate) fn is_ignored(&self) -> bool {
        self.is_ignored
    }

    /// Whether the rule runs, as far as the project says so.
    pub(crate) fn level(&self, rule: &RuleKind) -> Said {
        if let Some(entry) = self.of_typescript(rule.code)
            && (entry.level != RuleLevel::Off || !self.rules.contains_key(rule.code))
        {
            return Said::Level(entry.level);
        }
        let all = self.all_at.filter(|_| rule.is_eslint);
        let set = self.recommended_at.filter(|_| rule.is_recommended).max(all);
        match (self.rules.get(rule.code), set) {
            (Some(entry), set) if set.is_none_or(|set| set <= entry.at) => Said::Level(entry.level),
            (_, Some(_)) => Said::InSet,
            // Of what lets others in, ESLint's recommended set knows nothing: silence is no decision.
            _ if self.has_settings && !self.is_partial && rule.is_recommended => Said::Level(RuleLevel::Off),
            _ => Said::Nothing,
        }
    }

    /// The options of a rule.
    pub(crate) fn options(&self, rule: &str) -> RuleOptions {
        let own = self.rules.get(rule).filter(|entry| entry.level != RuleLevel::Off);
        let typescript = self.of_typescript(rule).filter(|entry| entry.level != RuleLevel::Off);
        typescript.or(own).or_else(|| self.rules.get(rule)).map(|entry| entry.options.clone()).unwrap_or_default()
    }

    fn of_typescript(&self, rule: &str) -> Option<&Entry> {
        OF_TYPESCRIPT.contains(&rule).then(|| self.rules.get(&format!("@typescript-eslint/{rule}")))?
    }

    /// What may be done with a name, where the settings declare it.
    pub(crate) fn global(&self, name: &str) -> Option<Access> {
        self.globals.get(name).copied()
    }

    /// The environments that the file is said to run in.
    pub(crate) fn environments(&self) -> impl Iterator<Item = Environment> {
        let names = self.environments.iter().map(|(environment, _)| *environment);
        names.filter(|wanted| {
            let last = self.environments.iter().rev().find(|(environment, _)| environment == wanted);
            last.is_some_and(|(_, is_on)| *is_on)
        })
    }

    /// Whether those are all that there are.
    pub(crate) fn tells_environments(&self) -> bool {
        !self.environments.is_empty() && !self.is_partial
    }
}
