//! The places where ESLint knows that programs run: `"env": { "browser": true }`.

/// Where names come from that a program does not declare.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Environment {
    /// The language of that year; `es6` is 2015.
    Language(u16),
    Browser,
    Worker,
    Node,
    /// What browsers and Node have in common.
    BrowserAndNode,
    CommonJs,
    Amd,
    JQuery,
    /// A framework of tests.
    Tests,
    /// One whose names are not known here: nothing counts as undefined.
    Other,
}

/// Those by whose names the language is meant, without the year.
const YEARS: std::ops::RangeInclusive<u16> = 2015..=2026;

/// Environments of ESLint whose names are not known here.
const OTHERS: [&str; 11] = [
    "applescript",
    "atomtest",
    "couchdb",
    "greasemonkey",
    "meteor",
    "mongo",
    "nashorn",
    "phantomjs",
    "prototypejs",
    "shelljs",
    "webextensions",
];

impl Environment {
    /// The environment of this name; `None` where ESLint has none. A plugin's has a `/` in its name.
    pub(super) fn from_name(name: &str) -> Option<Self> {
        if let Some(year) = name.strip_prefix("es").and_then(|year| year.parse::<u16>().ok()) {
            // `es6` to `es17`, and the years themselves.
            let year = if (6..=17).contains(&year) { year + 2009 } else { year };
            return YEARS.contains(&year).then_some(Self::Language(year));
        }
        Some(match name {
            "builtin" | "es5" | "es3" => Self::Language(5),
            "browser" => Self::Browser,
            "worker" | "serviceworker" => Self::Worker,
            "node" => Self::Node,
            "shared-node-browser" => Self::BrowserAndNode,
            "commonjs" => Self::CommonJs,
            "amd" => Self::Amd,
            "jquery" => Self::JQuery,
            "mocha" | "jasmine" | "jest" | "qunit" | "protractor" | "embertest" | "jest/globals" => Self::Tests,
            _ if name.contains('/') || OTHERS.contains(&name) => Self::Other,
            _ => return None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::Environment;

    #[test]
    fn names_are_those_of_eslint() {
        for (name, expected) in [
            ("es6", Some(Environment::Language(2015))),
            ("es2021", Some(Environment::Language(2021))),
            ("es12", Some(Environment::Language(2021))),
            ("es1999", None),
            ("browser", Some(Environment::Browser)),
            ("cypress/globals", Some(Environment::Other)),
            ("brwser", None),
        ] {
            assert_eq!(Environment::from_name(name), expected, "{name}");
        }
    }
}
