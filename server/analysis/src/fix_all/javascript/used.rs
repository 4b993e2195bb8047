//! Which imported names are used, and which imports can be left out.
//!
//! A name counts as used unless it is sure that it is not: JSX uses some without naming them, comments name types, and
//! `eval` sees everything. An import can be left out when leaving it out loses nothing: TypeScript's compiler leaves it
//! out as well, the module does nothing but bring names, or something else imports it.

use std::collections::HashSet;

use oxc_ast::{AstKind, ast::*};
use oxc_semantic::Semantic;

/// Names that JSX is made of without naming them.
const JSX_NAMES: [&str; 6] = ["React", "Preact", "h", "createElement", "Fragment", "jsx"];

/// Modules of Node.js, which do nothing when they are imported. Those with a path behind them are their parts.
const NODE_MODULES: &[&str] = &[
    "assert",
    "async_hooks",
    "buffer",
    "child_process",
    "cluster",
    "console",
    "constants",
    "crypto",
    "dgram",
    "diagnostics_channel",
    "dns",
    "events",
    "fs",
    "http",
    "http2",
    "https",
    "module",
    "net",
    "os",
    "path",
    "perf_hooks",
    "process",
    "punycode",
    "querystring",
    "readline",
    "stream",
    "string_decoder",
    "timers",
    "tls",
    "tty",
    "url",
    "util",
    "v8",
    "vm",
    "worker_threads",
    "zlib",
];

/// What is known about the names of a file.
pub(super) struct Used<'s, 'a> {
    semantic: &'s Semantic<'a>,
    /// Words of comments that tools read: `@param {Name}`, `@jsx h`.
    told: HashSet<&'s str>,
    has_jsx: bool,
    /// Nothing is known: every name counts as used.
    is_unsure: bool,
    /// Modules of imports that stay.
    needed: HashSet<&'a str>,
    /// Modules that are added to here: `declare module "name"`.
    extended: HashSet<&'a str>,
    /// The file is a module without the imports that could go, or declares nothing that would be global otherwise.
    can_lose_imports: bool,
}

impl<'s, 'a> Used<'s, 'a> {
    pub(super) fn of(semantic: &'s Semantic<'a>, program: &Program<'a>, text: &'s str) -> Self {
        let mut kinds = semantic.nodes().iter().map(oxc_semantic::AstNode::kind);
        let unresolved = semantic.scoping().root_unresolved_references();
        let mut used = Self {
            semantic,
            told: told(semantic, text),
            has_jsx: kinds.any(|kind| matches!(kind, AstKind::JSXElement(_) | AstKind::JSXFragment(_))),
            is_unsure: semantic.source_type().is_typescript_definition()
                || unresolved.keys().any(|name| name.as_str() == "eval"),
            needed: HashSet::new(),
            extended: HashSet::new(),
            can_lose_imports: true,
        };
        let (mut is_module, mut has_names) = (false, false);
        for statement in &program.body {
            match statement {
                Statement::ImportDeclaration(it) => {
                    if !used.is_unused(it) {
                        is_module = true;
                        if !it.import_kind.is_type() {
                            used.needed.insert(it.source.value.as_str());
                        }
                    }
                }
                Statement::TSExternalModuleDeclaration(it) => {
                    used.extended.insert(it.id.value.as_str());
                }
                other if other.is_module_declaration() => is_module = true,
                other => has_names |= other.is_declaration(),
            }
        }
        used.can_lose_imports = is_module || !has_names;
        used
    }

    /// True unless it is sure that nothing uses the name.
    pub(super) fn is_used(&self, local: &BindingIdentifier<'_>) -> bool {
        let name = local.name.as_str();
        let is_read = local.symbol_id.get().is_none_or(|symbol| !self.semantic.scoping().symbol_is_unused(symbol));
        is_read || self.is_unsure || (self.has_jsx && JSX_NAMES.contains(&name)) || self.told.contains(name)
    }

    /// True when an import has names, and none of them is used.
    pub(super) fn is_unused(&self, import: &ImportDeclaration<'_>) -> bool {
        let names = import.specifiers.as_ref().filter(|names| !names.is_empty());
        names.is_some_and(|names| names.iter().all(|it| !self.is_used(it.local())))
    }

    /// True when nothing is lost with an import none of whose names is used.
    pub(super) fn can_go(&self, import: &ImportDeclaration<'_>) -> bool {
        let module = import.source.value.as_str();
        let is_typescript = self.semantic.source_type().is_typescript();
        self.can_lose_imports
            && !self.extended.contains(module)
            && (is_typescript || import.import_kind.is_type() || is_of_node(module) || self.needed.contains(module))
    }
}

fn is_of_node(module: &str) -> bool {
    let name = module.split('/').next().unwrap_or_default();
    module.starts_with("node:") || NODE_MODULES.contains(&name)
}

/// The words of block comments with a tag in them.
fn told<'t>(semantic: &Semantic<'_>, text: &'t str) -> HashSet<&'t str> {
    let tagged = semantic.comments().iter().filter(|comment| comment.is_block()).map(|comment| {
        let content = comment.content_span();
        &text[content.start as usize..content.end as usize]
    });
    let is_part = |sign: char| sign.is_alphanumeric() || matches!(sign, '_' | '$');
    tagged
        .filter(|content| content.contains('@'))
        .flat_map(|content| content.split(move |sign| !is_part(sign)))
        .filter(|word| !word.is_empty())
        .collect()
}
