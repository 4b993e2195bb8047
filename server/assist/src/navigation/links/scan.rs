//! Which files have to be looked at for a name.

use std::time::{Duration, Instant};

use analysis::Level;

use super::super::Files;
use super::{Start, Target};
use crate::Waiting;

/// More files than this are not read for one name.
const MAX_FILES: usize = 2_000;
/// Nor for longer than this.
const MAX_TIME: Duration = Duration::from_secs(20);

/// The files that may name something.
#[derive(Debug)]
pub(crate) struct Scan {
    /// Those that can be looked at, the document of the request among them.
    pub(crate) files: Vec<usize>,
    /// Why that is not all of them, in words.
    pub(crate) missing: Option<String>,
}

impl Scan {
    /// The files that may name a target: those that contain the word, or import everything from others.
    pub(crate) fn of(files: &mut Files<'_>, target: &Target, waiting: &dyn Waiting) -> Self {
        let own = match target.start {
            Start::Symbol(file, _) | Start::Exported(file) => file,
        };
        let mut this = Self { files: vec![own], missing: None };
        if own != Files::OWN {
            this.files.push(Files::OWN);
        }
        if is_local(files, target) {
            return this;
        }
        let end = Instant::now() + MAX_TIME;
        let mut seen = 0;
        let paths = files.list();
        for (done, path) in paths.iter().enumerate() {
            if waiting.is_cancelled() {
                return this;
            }
            waiting.progress(done, paths.len());
            if seen >= MAX_FILES || Instant::now() >= end {
                this.missing = Some(format!("more than {seen} files may name `{}`", target.name));
                return this;
            }
            let may_name =
                |text: &str| text.contains(&target.name) || text.contains("import *") || text.contains("export *");
            if let Some(file) = files.at_if(path, may_name) {
                seen += 1;
                if !this.files.contains(&file) {
                    this.files.push(file);
                }
            }
        }
        this
    }
}

/// Whether nothing but its own file can name it.
fn is_local(files: &mut Files<'_>, target: &Target) -> bool {
    let Start::Symbol(file, symbol) = target.start else { return false };
    let Some(names) = files.names(file) else { return true };
    let symbol = &names.symbols[symbol];
    let owner_is_local = |owner: &usize| names.symbols[*owner].level == Level::Local;
    match (symbol.level, symbol.parameter_of) {
        (Level::Document, _) => false,
        (Level::Member, _) => !symbol.owners.is_empty() && symbol.owners.iter().all(owner_is_local),
        (Level::Local, Some(function)) => names.symbols[function].level == Level::Local,
        (Level::Local, None) => true,
    }
}
