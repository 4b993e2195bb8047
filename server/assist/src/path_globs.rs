//! Globs over paths, in the syntax of `.gitignore`: which files the user wants left alone.
//!
//! A glob without a slash means a name in any folder, one with a slash a place below the workspace folder (or below
//! the root of the disk), `!` takes back what an earlier one said, and a folder stands for everything in it. Decided by
//! the path alone; not here: the `.gitignore` files of a project.

use std::path::{Path, PathBuf};

use ignore::Match;
use ignore::gitignore::{Gitignore, GitignoreBuilder};

/// Compiled globs. Equal when they were written alike.
#[derive(Clone, Debug)]
pub struct PathGlobs {
    written: Vec<String>,
    compiled: Gitignore,
}

impl PathGlobs {
    /// Compiles globs. What is wrong with those that make no sense comes back, one sentence each; the others count.
    pub fn new<'a>(globs: impl IntoIterator<Item = &'a str>) -> (Self, Vec<String>) {
        let mut builder = GitignoreBuilder::new("");
        let mut written = Vec::new();
        let mut problems = Vec::new();
        for glob in globs {
            let added = match glob.trim() {
                "" => Err("a glob must not be empty".to_owned()),
                glob => builder.add_line(None, glob).map(drop).map_err(|error| reason(&error)),
            };
            match added {
                Ok(()) => written.push(glob.to_owned()),
                Err(reason) => problems.push(format!("{glob:?}: {reason}")),
            }
        }
        let compiled = builder.build().unwrap_or_else(|error| {
            // Each glob is valid by itself; together they can only be too large.
            problems.push(reason(&error));
            written.clear();
            Gitignore::empty()
        });
        (Self { written, compiled }, problems)
    }

    /// Whether they mean the file at `path`, which is below `folder` when it is in one of the workspace's.
    pub(crate) fn contain(&self, path: &Path, folder: Option<&Path>) -> bool {
        if self.written.is_empty() {
            return false;
        }
        let below = folder.and_then(|folder| path.strip_prefix(folder).ok());
        let found = below.map_or(Match::None, |below| self.find(below));
        // An absolute path is one below the root of its disk.
        found.or(self.find(&path.components().filter(|it| is_name(*it)).collect::<PathBuf>())).is_ignore()
    }

    /// What is said about the path, or else about the nearest folder that holds it.
    fn find(&self, path: &Path) -> Match<()> {
        let folders = path.ancestors().skip(1).map(|folder| self.compiled.matched(folder, true).map(drop));
        folders.fold(self.compiled.matched(path, false).map(drop), Match::or)
    }
}

impl Default for PathGlobs {
    fn default() -> Self {
        Self { written: Vec::new(), compiled: Gitignore::empty() }
    }
}

impl PartialEq for PathGlobs {
    fn eq(&self, other: &Self) -> bool {
        self.written == other.written
    }
}

fn is_name(component: std::path::Component<'_>) -> bool {
    matches!(component, std::path::Component::Normal(_))
}

/// What the glob library says, without the glob, which the caller names.
fn reason(error: &ignore::Error) -> String {
    match error {
        ignore::Error::Glob { err, .. } => err.clone(),
        other => other.to_string(),
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::PathGlobs;

    /// Which of the paths (below `/project/app` where they are absolute and in there) the globs mean.
    fn check(globs: &[&str], paths: &str, expected: &str) {
        let (globs, problems) = PathGlobs::new(globs.iter().copied());
        assert_eq!(problems, Vec::<String>::new());
        let folder = Path::new("/project/app");
        let meant = paths.split_whitespace().filter(|path| globs.contain(Path::new(path), Some(folder)));
        assert_eq!(meant.collect::<Vec<_>>().join(" "), expected, "{globs:?}");
    }

    #[test]
    fn globs_mean_what_they_mean_to_git() {
        let paths = "/project/app/a.py /project/app/gen/a.py /project/app/src/gen/b.rs /project/app/src/a.min.js /elsewhere/a.py";
        check(&["*.py"], paths, "/project/app/a.py /project/app/gen/a.py /elsewhere/a.py");
        check(&["/a.py"], paths, "/project/app/a.py");
        check(&["gen/"], paths, "/project/app/gen/a.py /project/app/src/gen/b.rs");
        check(&["/gen/**"], paths, "/project/app/gen/a.py");
        check(&["src/**/*.rs"], paths, "/project/app/src/gen/b.rs");
        check(&["*.{min.js,rs}"], paths, "/project/app/src/gen/b.rs /project/app/src/a.min.js");
        check(&["*.py", "!/gen/*.py"], paths, "/project/app/a.py /elsewhere/a.py");
        check(&["/elsewhere/**"], paths, "/elsewhere/a.py");
        check(&["/project/app/src"], paths, "/project/app/src/gen/b.rs /project/app/src/a.min.js");
        check(&[], paths, "");
    }

    #[test]
    fn a_path_may_be_relative_or_outside() {
        check(
            &["vendor/"],
            "vendor/a.js lib/vendor/a.js ./vendor/a.js vendored/a.js",
            "vendor/a.js lib/vendor/a.js ./vendor/a.js",
        );
        let (globs, _) = PathGlobs::new(["/etc/*"]);
        assert!(globs.contain(Path::new("/etc/hosts"), None));
        assert!(!globs.contain(Path::new("/"), None));
    }

    #[test]
    fn a_bad_glob_is_named_and_the_others_count() {
        let (globs, problems) = PathGlobs::new(["src/[z-a]", "*.py", " ", "{a,b"]);
        assert_eq!(
            problems,
            [
                "\"src/[z-a]\": invalid range; 'z' > 'a'",
                "\" \": a glob must not be empty",
                "\"{a,b\": unclosed alternate group; missing '}' (maybe escape '{' with '[{]'?)",
            ]
        );
        assert!(globs.contain(Path::new("a.py"), None));
        assert_eq!(globs, PathGlobs::new(["*.py"]).0);
    }
}
