//! `textDocument/codeAction` and `codeAction/resolve`: ways out of the problems on some lines, and of those of a whole
//! document; and what is there in words, as a command.
//!
//! The problems are those of the text as it is; those in the request may be older than it. Listing looks at problems that
//! were found already; what takes work is done when an action is resolved, or at once for clients that cannot ask later.

use std::path::PathBuf;
use std::sync::Arc;

use serde_json::json;
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{
    CodeAction, CodeActionKind, CodeActionOrCommand, CodeActionParams, CodeActionResponse, Command,
    TextDocumentIdentifier,
};

use assist::{Diagnostic, Fix, Snapshot};
use syntax::TextRange;

use crate::ext::{self, CodeActionData, Task};
use crate::findings::{self, Found};
use crate::server::Server;
use crate::session::Session;
use crate::shared::Shared;
use crate::{arrival, from_proto, to_proto};

/// Every safe fix of a document, by our name: editors can run it on save without running those of other servers.
pub(crate) const FIX_ALL: CodeActionKind = CodeActionKind::new("source.fixAll.ropewalk");

/// Tells in words what code does. The specification has no kind for what changes nothing.
pub(crate) const EXPLAIN: CodeActionKind = CodeActionKind::new("explain");

/// The actions on some lines.
pub(crate) async fn code_action(server: &Server, params: CodeActionParams) -> Result<Option<CodeActionResponse>> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let wanted = Wanted(params.context.only);
    if !session.code_action_literals || !wanted.any_of_ours() {
        return Ok(Some(Vec::new()));
    }
    let found = match wanted.any_of_problems() {
        true => Some(findings::of_document(&server.shared, &snapshot).await?),
        false => None,
    };
    let asked = from_proto::text_range(&snapshot, params.range, session.encoding);
    let shared = Arc::clone(&server.shared);
    let work = move || {
        let mut actions = Vec::new();
        if let Some(found) = &found {
            let list = Listing { shared: &shared, session: &session, snapshot: &snapshot, found };
            actions = list.actions(&wanted, lines(&snapshot, asked), &params.text_document);
        }
        if wanted.includes(&EXPLAIN) {
            actions.extend(explain(&snapshot, asked, &params.text_document, &session));
        }
        actions
    };
    let actions = assist::run_blocking("codeAction", work).await.map_err(to_proto::error)?;
    Ok(Some(actions.into_iter().map(CodeActionOrCommand::CodeAction).collect()))
}

/// The edit of an action.
pub(crate) async fn resolve(server: &Server, mut action: CodeAction) -> Result<CodeAction> {
    let session = *server.shared.initialized_session()?;
    let data: CodeActionData = serde_json::from_value(action.data.clone().unwrap_or_default())
        .map_err(|error| Error::invalid_params(format!("data: not of an action of this server: {error}")))?;
    let snapshot = arrival::snapshot()?;
    // An edit for another text would be refused by the client, or worse, not.
    if snapshot.document().version() != data.version {
        return Err(Error::content_modified());
    }
    let found = findings::of_document(&server.shared, &snapshot).await?;
    let shared = Arc::clone(&server.shared);
    let work = move || {
        let list = Listing { shared: &shared, session: &session, snapshot: &snapshot, found: &found };
        let edits = list.edits(&data.task);
        to_proto::workspace_edit(edits, &data.uri, &snapshot, &session)
    };
    action.edit = Some(assist::run_blocking("codeAction/resolve", work).await.map_err(to_proto::error)?);
    Ok(action)
}

/// The action that tells what the selection, or the definition on the cursor's line, does. The work is the command's.
fn explain(
    snapshot: &Snapshot,
    asked: TextRange,
    document: &TextDocumentIdentifier,
    session: &Session,
) -> Option<CodeAction> {
    let (range, what) = assist::explainable(snapshot, asked)?;
    let title = format!("Explain {what}");
    let range = to_proto::range(range, snapshot, session.encoding);
    let argument = json!({ "textDocument": document, "range": range, "show": true });
    let command = Command { title: title.clone(), command: ext::EXPLAIN.to_owned(), arguments: Some(vec![argument]) };
    Some(CodeAction { title, kind: Some(EXPLAIN), command: Some(command), ..CodeAction::default() })
}

/// The whole lines that a range touches. Editors ask at the cursor, and a user whose cursor is on the line of a problem
/// means that problem.
fn lines(snapshot: &Snapshot, asked: TextRange) -> TextRange {
    let text = snapshot.document().text();
    TextRange {
        start: text.line_range(text.line_of(asked.start)).start,
        end: text.line_range(text.line_of(asked.end)).end,
    }
}

/// The kinds a client asks for.
struct Wanted(Option<Vec<CodeActionKind>>);

impl Wanted {
    /// Kinds are trees: asking for one asks for everything below it.
    fn includes(&self, kind: &CodeActionKind) -> bool {
        self.0.as_ref().is_none_or(|only| only.iter().any(|asked| is_below(kind.as_str(), asked.as_str())))
    }

    /// Whether the kind was asked for by a name.
    fn names(&self, kind: &CodeActionKind) -> bool {
        self.0.is_some() && self.includes(kind)
    }

    fn any_of_ours(&self) -> bool {
        self.any_of_problems() || self.includes(&EXPLAIN)
    }

    /// Those for which the document is searched.
    fn any_of_problems(&self) -> bool {
        [CodeActionKind::QUICKFIX, FIX_ALL, CodeActionKind::SOURCE_ORGANIZE_IMPORTS].iter().any(|it| self.includes(it))
    }
}

fn is_below(kind: &str, asked: &str) -> bool {
    asked.is_empty() || kind.strip_prefix(asked).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// What actions are made of.
struct Listing<'a> {
    shared: &'a Shared,
    session: &'a Session,
    snapshot: &'a Snapshot,
    found: &'a Found,
}

impl Listing<'_> {
    fn actions(&self, wanted: &Wanted, lines: TextRange, document: &TextDocumentIdentifier) -> Vec<CodeAction> {
        let mut actions = Vec::new();
        if wanted.includes(&CodeActionKind::QUICKFIX) {
            self.quick_fixes(lines, document, &mut actions);
        }
        let is_fixable = || self.found.problems.iter().flat_map(|it| &it.fixes).any(|it| it.safe);
        if wanted.includes(&FIX_ALL) && is_fixable() {
            let title = "Fix all problems with safe fixes".to_owned();
            actions.extend(self.later(title, FIX_ALL, Task::FixAll, document));
        }
        // Editors ask for it by name, on save or from a menu of their own.
        if wanted.names(&CodeActionKind::SOURCE_ORGANIZE_IMPORTS) {
            let title = "Organize imports".to_owned();
            actions.extend(self.later(title, CodeActionKind::SOURCE_ORGANIZE_IMPORTS, Task::OrganizeImports, document));
        }
        actions
    }

    fn quick_fixes(&self, lines: TextRange, document: &TextDocumentIdentifier, actions: &mut Vec<CodeAction>) {
        let touches = |it: &Diagnostic| it.range.touches(lines.start) || lines.touches(it.range.start);
        let here: Vec<_> =
            self.found.problems.iter().zip(&self.found.items).filter(|(problem, _)| touches(problem)).collect();
        let action = |fix: &Fix, is_preferred: bool, item: &tower_lsp::ls_types::Diagnostic| CodeAction {
            title: fix.title.clone(),
            kind: Some(CodeActionKind::QUICKFIX),
            diagnostics: Some(vec![item.clone()]),
            // What is preferred, an editor may apply without showing it.
            is_preferred: is_preferred.then_some(true),
            edit: Some(to_proto::workspace_edit(fix.edits.clone(), &document.uri, self.snapshot, self.session)),
            ..CodeAction::default()
        };
        for (problem, item) in &here {
            actions.extend(problem.fixes.iter().enumerate().map(|(n, fix)| action(fix, n == 0 && fix.safe, item)));
        }
        let mut codes: Vec<&'static str> = Vec::new();
        for (problem, item) in &here {
            if codes.contains(&problem.code) {
                continue;
            }
            codes.push(problem.code);
            let code = problem.code;
            let alike = self.found.problems.iter().filter(|it| it.code == code && !it.fixes.is_empty()).count();
            if alike > 1 {
                let title = format!("Fix all {code} in this file");
                let task = Task::FixCode { code: code.to_owned() };
                let fix_all = self.later(title, CodeActionKind::QUICKFIX, task, document);
                actions.extend(fix_all.map(|it| CodeAction { diagnostics: Some(vec![(*item).clone()]), ..it }));
            }
        }
        for (problem, item) in &here {
            if let Some(fix) = assist::suppression(self.snapshot, problem) {
                actions.push(action(&fix, false, item));
            }
        }
    }

    /// An action whose edit is made when it is asked for; `None` when there would be none and the client cannot ask.
    fn later(
        &self,
        title: String,
        kind: CodeActionKind,
        task: Task,
        document: &TextDocumentIdentifier,
    ) -> Option<CodeAction> {
        let mut action = CodeAction { title, kind: Some(kind), ..CodeAction::default() };
        if self.session.resolves_code_action_edits {
            let data = CodeActionData { uri: document.uri.clone(), version: self.snapshot.document().version(), task };
            action.data = serde_json::to_value(data).ok();
        } else {
            let edits = self.edits(&task);
            if edits.is_empty() {
                return None;
            }
            action.edit = Some(to_proto::workspace_edit(edits, &document.uri, self.snapshot, self.session));
        }
        Some(action)
    }

    fn edits(&self, task: &Task) -> Vec<syntax::TextEdit> {
        let settings = self.shared.lint_settings(self.snapshot.path().map(PathBuf::as_path));
        match task {
            Task::FixAll => assist::fix_all(self.snapshot, &settings),
            Task::OrganizeImports => assist::organize_imports(self.snapshot, &settings),
            Task::FixCode { code } => assist::fix_where(self.snapshot, &settings, |problem, _| problem.code == code),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::is_below;

    #[test]
    fn kinds_are_trees() {
        assert!(is_below("source.fixAll.ropewalk", "source.fixAll") && is_below("quickfix", "quickfix"));
        assert!(is_below("source.organizeImports", "source") && is_below("quickfix", ""));
        assert!(!is_below("source.fixAll.ropewalk", "source.fixAll.other") && !is_below("source.fixAll", "source.fix"));
        assert!(!is_below("quickfix", "quickfix.extract"));
    }
}
