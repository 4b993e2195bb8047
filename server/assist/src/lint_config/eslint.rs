//! ESLint's settings for the files of a folder: `.eslintrc.json`, `.eslintrc` or `eslintConfig` in `package.json`, one a
//! folder, from the outermost to the nearest, up to the one that is `root`.
//!
//! Only settings that are data are read. Where a folder has a program or YAML instead (`.eslintrc.js`, `.eslintrc.yml`), it
//! counts as settings of which nothing is known. `eslint.config.js` and its relatives replace all others in ESLint, so
//! where there is one nothing is read.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use analysis::EslintConfig;

use super::{Known, Look, MAX_EXTENDS, Seen};
use crate::ProjectFiles;

/// Programs that ESLint reads instead of every other settings file.
const FLAT: [&str; 6] = [
    "eslint.config.js",
    "eslint.config.mjs",
    "eslint.config.cjs",
    "eslint.config.ts",
    "eslint.config.mts",
    "eslint.config.cts",
];

/// Settings files of a folder, the strongest first; of the first four nothing is read.
const NAMES: [&str; 7] =
    [".eslintrc.js", ".eslintrc.cjs", ".eslintrc.yaml", ".eslintrc.yml", ".eslintrc.json", ".eslintrc", "package.json"];

/// The settings that count in a folder.
#[derive(Default)]
pub(super) struct EslintAbove {
    /// Those that lie in the folder itself.
    own: Option<EslintConfig>,
    /// Nothing above counts.
    is_top: bool,
    /// There is a program that replaces all of them.
    is_flat: bool,
    above: Option<Arc<EslintAbove>>,
    seen: Seen,
}

impl EslintAbove {
    /// The settings, the outermost first.
    pub(super) fn configs(&self) -> Arc<[EslintConfig]> {
        let mut configs = Vec::new();
        let mut folder = Some(self);
        let mut is_open = true;
        while let Some(at) = folder {
            if at.is_flat {
                return Arc::default();
            }
            configs.extend(at.own.clone().filter(|_| is_open));
            is_open &= !at.is_top;
            folder = at.above.as_deref();
        }
        configs.reverse();
        configs.into()
    }

    /// Whether everything that was looked at is as it was.
    pub(super) fn is_same(&self, is_same: &impl Fn(&Seen) -> bool) -> bool {
        is_same(&self.seen) && self.above.as_ref().is_none_or(|above| above.is_same(is_same))
    }
}

impl Known {
    /// The settings for a folder, with those above.
    pub(super) fn eslint_above(&mut self, folder: &Path, disk: &dyn ProjectFiles) -> Arc<EslintAbove> {
        // From the outermost folder that is not known yet.
        let missing: Vec<&Path> = folder.ancestors().take_while(|it| !self.eslint.contains_key(*it)).collect();
        for folder in missing.into_iter().rev() {
            let above = folder.parent().and_then(|parent| self.eslint.get(parent)).cloned();
            let found = self.eslint_in(folder, above, disk);
            self.eslint.insert(folder.to_owned(), Arc::new(found));
        }
        self.eslint.get(folder).cloned().unwrap_or_default()
    }

    fn eslint_in(&mut self, folder: &Path, above: Option<Arc<EslintAbove>>, disk: &dyn ProjectFiles) -> EslintAbove {
        let mut look = Look { disk, seen: Vec::new() };
        let is_flat = FLAT.iter().any(|name| look.exists(folder.join(name)));
        let mut own = None;
        for name in NAMES {
            let path = folder.join(name);
            let Some(text) = look.read(&path) else { continue };
            let is_data = name.ends_with("json") || name == ".eslintrc";
            let parsed = match text {
                Ok(text) if is_yaml(name, &text) => Ok(Some(EslintConfig::unread(&path))),
                Ok(text) if is_data => EslintConfig::parse(&path, &text).map_err(|error| error.to_string()),
                Ok(_) => Ok(Some(EslintConfig::unread(&path))),
                Err(message) => Err(message),
            };
            match parsed {
                Ok(None) => continue,
                Ok(Some(config)) => own = Some(self.eslint_extended(&path, config, &mut look)),
                Err(message) => {
                    self.note_problem(&path, message);
                    own = Some(EslintConfig::unread(&path));
                }
            }
            break;
        }
        let is_top = own.as_ref().is_some_and(EslintConfig::is_root);
        EslintAbove { own, is_top, is_flat, above, seen: look.seen }
    }

    /// The settings with the files that they extend.
    fn eslint_extended(&mut self, path: &Path, mut config: EslintConfig, look: &mut Look<'_>) -> EslintConfig {
        for _ in 0..MAX_EXTENDS {
            let Some(base) = config.extended_files().into_iter().next() else { return config };
            let text = look.read(&base).unwrap_or_else(|| Err("there is no such file".to_owned()));
            let parsed = text.and_then(|text| EslintConfig::parse(&base, &text).map_err(|error| error.to_string()));
            if let Err(message) = &parsed {
                self.note_problem(path, format!("it extends {}: {message}", base.display()));
            }
            config = config.extended_by(&base, parsed.ok().flatten().as_ref());
        }
        self.note_problem(path, "the files that it extends form a circle".to_owned());
        let rest: Vec<PathBuf> = config.extended_files();
        rest.iter().fold(config, |config, base| config.extended_by(base, None))
    }
}

/// `.eslintrc` without an ending may be YAML, which is not read.
fn is_yaml(name: &str, text: &str) -> bool {
    let text = text.trim_start_matches('\u{feff}').trim_start();
    name == ".eslintrc" && !text.starts_with(['{', '/'])
}
