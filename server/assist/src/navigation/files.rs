//! The files that a question about names looks at: open documents as they are, the others as they are on disk.

use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;

use analysis::{Access, Names};
use syntax::{Document, Language, TextRange};

use super::{FileView, Location, modules};
use crate::{Assist, DocumentId, ProjectFiles, Snapshot, is_secret, parsing};

/// Larger files are not read: nobody wrote them.
const MAX_BYTES: usize = 2 << 20;

/// Files, by the number they were given when they were looked at first.
pub(crate) struct Files<'a> {
    snapshot: &'a Snapshot,
    disk: Option<Arc<dyn ProjectFiles>>,
    open: HashMap<PathBuf, (DocumentId, Document)>,
    files: Vec<File>,
    by_path: HashMap<PathBuf, Option<usize>>,
    modules: HashMap<(usize, String), Option<usize>>,
}

struct File {
    path: Option<PathBuf>,
    id: Option<DocumentId>,
    document: Document,
    names: Option<Option<Rc<Names>>>,
}

impl<'a> Files<'a> {
    /// The document of the request.
    pub(crate) const OWN: usize = 0;

    pub(crate) fn new(assist: &Assist, snapshot: &'a Snapshot) -> Self {
        Self::with_disk(assist.project().disk(), snapshot)
    }

    pub(crate) fn with_disk(disk: Option<Arc<dyn ProjectFiles>>, snapshot: &'a Snapshot) -> Self {
        let others = snapshot.others().iter().enumerate();
        let open = others.filter_map(|(index, (id, document))| {
            Some((normal(snapshot.other_path(index)?), (id.clone(), document.clone())))
        });
        let path = snapshot.path().map(|path| normal(path));
        let own = File {
            path: path.clone(),
            id: snapshot.revision().map(|_| snapshot.id().clone()),
            document: snapshot.document().clone(),
            names: None,
        };
        let by_path = path.into_iter().map(|path| (path, Some(Self::OWN))).collect();
        Self { snapshot, disk, open: open.collect(), files: vec![own], by_path, modules: HashMap::new() }
    }

    /// The names of a file; `None` where they are not known exactly.
    pub(crate) fn names(&mut self, file: usize) -> Option<Rc<Names>> {
        let file = &mut self.files[file];
        file.names
            .get_or_insert_with(|| {
                parsing::parse(&file.document);
                Names::of(&file.document).map(Rc::new)
            })
            .clone()
    }

    /// The file at a path, where it belongs to the workspace and can be read.
    pub(crate) fn at(&mut self, path: &Path) -> Option<usize> {
        let path = normal(path);
        if let Some(known) = self.by_path.get(&path) {
            return *known;
        }
        let file = self.read(&path).map(|file| {
            self.files.push(file);
            self.files.len() - 1
        });
        self.by_path.insert(path, file);
        file
    }

    fn read(&self, path: &Path) -> Option<File> {
        if let Some((id, document)) = self.open.get(path) {
            let path = Some(path.to_owned());
            return Some(File { path, id: Some(id.clone()), document: document.clone(), names: None });
        }
        if !self.is_inside(path) || is_secret(path) {
            return None;
        }
        let language = Language::from_path(path)?;
        let text = self.disk.as_ref()?.read(path).filter(|text| text.len() <= MAX_BYTES)?;
        Some(File { path: Some(path.to_owned()), id: None, document: Document::new(&text, language, 0), names: None })
    }

    /// Whether a path is in a folder of the workspace, or, without one, beside the document.
    fn is_inside(&self, path: &Path) -> bool {
        let mut folders = self.snapshot.folders().iter();
        folders.any(|folder| path.starts_with(normal(folder)))
            || (self.snapshot.folder().is_none()
                && self.path(Self::OWN).and_then(Path::parent).is_some_and(|beside| path.starts_with(beside)))
    }

    /// The folder of the workspace that holds a file.
    pub(super) fn folder_of(&self, path: &Path) -> Option<PathBuf> {
        let folders = self.snapshot.folders().iter().map(|folder| normal(folder));
        folders.filter(|folder| path.starts_with(folder)).max_by_key(|folder| folder.components().count())
    }

    pub(crate) fn path(&self, file: usize) -> Option<&Path> {
        self.files[file].path.as_deref()
    }

    pub(crate) fn document(&self, file: usize) -> &Document {
        &self.files[file].document
    }

    /// The file that a module's name means in another file.
    pub(crate) fn module(&mut self, from: usize, module: &str) -> Option<usize> {
        let key = (from, module.to_owned());
        if let Some(known) = self.modules.get(&key) {
            return *known;
        }
        let found = modules::resolve(self, from, module);
        self.modules.insert(key, found);
        found
    }

    /// The file at a path, where its text is wanted: the others are not kept.
    pub(crate) fn at_if(&mut self, path: &Path, is_wanted: impl Fn(&str) -> bool) -> Option<usize> {
        let path = normal(path);
        if let Some(known) = self.by_path.get(&path) {
            return *known;
        }
        let file = self.read(&path).filter(|file| is_wanted(&file.document.text().to_string()))?;
        self.files.push(file);
        self.by_path.insert(path, Some(self.files.len() - 1));
        Some(self.files.len() - 1)
    }

    /// Whether all who can import a file can be looked at.
    pub(crate) fn is_in_workspace(&self, file: usize) -> bool {
        self.path(file).is_some_and(|path| self.folder_of(path).is_some())
    }

    /// What a file is called in messages.
    pub(crate) fn name(&self, file: usize) -> Option<String> {
        self.snapshot.name_of(self.path(file)?)
    }

    /// The names of a file that were read before.
    pub(crate) fn known_names(&self, file: usize) -> Option<&Names> {
        self.files[file].names.as_ref()?.as_deref()
    }

    /// Files of the workspace in the same language, by the names of their files; the open ones first.
    pub(crate) fn list(&self) -> Vec<PathBuf> {
        let mut paths: Vec<PathBuf> = self.open.keys().cloned().collect();
        paths.sort();
        if let Some(disk) = &self.disk {
            let mut found: Vec<PathBuf> =
                self.snapshot.folders().iter().flat_map(|it| disk.list(it)).map(|it| it.path).collect();
            found.sort();
            paths.extend(found);
        }
        let family = modules::extensions(self.files[Self::OWN].document.language());
        let is_same = |path: &PathBuf| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            family.contains(&extension)
        };
        let mut seen = std::collections::HashSet::new();
        paths.into_iter().filter(is_same).map(|path| normal(&path)).filter(|path| seen.insert(path.clone())).collect()
    }

    pub(crate) fn view(&self, file: usize) -> FileView {
        let File { path, id, document, .. } = &self.files[file];
        FileView { id: id.clone(), path: path.clone(), document: document.clone() }
    }

    /// The places of an origin.
    pub(super) fn locations(&mut self, (file, symbol): (usize, Option<usize>)) -> Vec<Location> {
        match symbol {
            Some(symbol) => self.definitions_of(file, symbol),
            None => vec![Location { file: self.view(file), range: TextRange::new(0, 0) }],
        }
    }

    /// Where a symbol is defined.
    pub(super) fn definitions_of(&mut self, file: usize, symbol: usize) -> Vec<Location> {
        let Some(names) = self.names(file) else { return Vec::new() };
        let places = names.symbols[symbol].places.iter().filter(|place| place.access == Access::Definition);
        places.map(|place| Location { file: self.view(file), range: place.range }).collect()
    }
}

/// A path without `.` and `..`.
pub(super) fn normal(path: &Path) -> PathBuf {
    let mut out = PathBuf::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::ParentDir => {
                out.pop();
            }
            part => out.push(part),
        }
    }
    out
}
