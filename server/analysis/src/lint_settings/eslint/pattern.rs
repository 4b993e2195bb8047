//! Patterns of files: those of `overrides`, as ESLint's minimatch reads them, and those of `ignorePatterns`, which are
//! written as in `.gitignore`.

use std::path::Path;

use regex::Regex;

/// Files by their path below a folder.
#[derive(Clone, Debug)]
pub(super) struct FilePattern {
    regex: Regex,
    /// Matched against the file's name alone.
    is_name: bool,
}

impl FilePattern {
    /// `files` and `excludedFiles`: without a `/` it is about the name, in any folder. `None` where it makes no sense.
    pub(super) fn glob(pattern: &str) -> Option<Self> {
        let pattern = pattern.strip_prefix("./").unwrap_or(pattern);
        let regex = Regex::new(&format!("^{}$", translated(pattern))).ok()?;
        Some(Self { regex, is_name: !pattern.contains('/') })
    }

    /// `ignorePatterns` without the `!`: without a `/` before its end it is about a name in any folder, and all below it.
    pub(super) fn ignored(pattern: &str) -> Option<Self> {
        let name = pattern.strip_suffix('/').unwrap_or(pattern);
        let anywhere = if name.contains('/') { "" } else { "(?:.*/)?" };
        // A folder's contents: `a/` and `a/**` leave out what lies below.
        let rest = if pattern.ends_with('/') { "/.*" } else { "(?:/.*)?" };
        let name = name.trim_start_matches('/');
        Some(Self { regex: Regex::new(&format!("^{anywhere}{}{rest}$", translated(name))).ok()?, is_name: false })
    }

    /// Whether a file is meant by its path below the pattern's folder.
    pub(super) fn matches(&self, below: &Path) -> bool {
        let path = if self.is_name { below.file_name().map(Path::new).unwrap_or(below) } else { below };
        self.regex.is_match(&path.to_string_lossy().replace('\\', "/"))
    }
}

/// A glob as a regular expression.
fn translated(glob: &str) -> String {
    let mut regex = String::with_capacity(glob.len() * 2);
    let mut rest = glob;
    let mut braces = 0_usize;
    while let Some(sign) = rest.chars().next() {
        let mut taken = sign.len_utf8();
        match sign {
            '*' if rest.starts_with("**/") => {
                regex.push_str("(?:.*/)?");
                taken = 3;
            }
            '*' if rest.starts_with("**") => {
                regex.push_str(".*");
                taken = 2;
            }
            '*' => regex.push_str("[^/]*"),
            '?' => regex.push_str("[^/]"),
            '{' => {
                braces += 1;
                regex.push_str("(?:");
            }
            '}' if braces > 0 => {
                braces -= 1;
                regex.push(')');
            }
            ',' if braces > 0 => regex.push('|'),
            // `@(a|b)`: one of them.
            '@' if rest.starts_with("@(") => {
                if let Some(end) = rest.find(')') {
                    let choices: Vec<String> = rest[2..end].split('|').map(translated).collect();
                    regex.push_str(&format!("(?:{})", choices.join("|")));
                    taken = end + 1;
                }
            }
            '[' => match rest.find(']') {
                Some(end) => {
                    let class = rest[1..end].replacen('!', "^", usize::from(rest[1..].starts_with('!')));
                    regex.push_str(&format!("[{class}]"));
                    taken = end + 1;
                }
                None => regex.push_str("\\["),
            },
            other => regex.push_str(&regex::escape(other.encode_utf8(&mut [0; 4]))),
        }
        rest = &rest[taken..];
    }
    regex
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::FilePattern;

    #[test]
    fn globs_match_names_or_paths() {
        for (pattern, path, expected) in [
            ("*.ts", "a/b.ts", true),
            ("*.ts", "a/b.tsx", false),
            ("*.{ts,tsx}", "a/b.tsx", true),
            ("a/*.ts", "a/b.ts", true),
            ("a/*.ts", "a/b/c.ts", false),
            ("a/**/*.ts", "a/b/c.ts", true),
            ("a/**/*.ts", "a/c.ts", true),
            ("**/*.@(spec|test).js", "x/a.test.js", true),
            ("a?.js", "ab.js", true),
            ("[a-c].js", "b.js", true),
            ("[!a].js", "a.js", false),
            ("./a/**", "a/b/c.js", true),
            ("a.js", "b/a.js", true),
            ("[.js", "[.js", true),
            ("(a).js", "(a).js", true),
        ] {
            let matches = FilePattern::glob(pattern).is_some_and(|it| it.matches(Path::new(path)));
            assert_eq!(matches, expected, "{pattern} {path}");
        }
    }

    #[test]
    fn ignored_files_are_those_of_gitignore() {
        for (pattern, path, expected) in [
            ("dist", "a/dist/b.js", true),
            ("dist/", "dist/b.js", true),
            ("/dist", "a/dist/b.js", false),
            ("a/dist", "a/dist/b.js", true),
            ("*.min.js", "a/b.min.js", true),
            ("**/vendor/**", "a/vendor/b.js", true),
            ("b.js", "a/b.jsx", false),
        ] {
            let matches = FilePattern::ignored(pattern).is_some_and(|it| it.matches(Path::new(path)));
            assert_eq!(matches, expected, "{pattern} {path}");
        }
    }
}
