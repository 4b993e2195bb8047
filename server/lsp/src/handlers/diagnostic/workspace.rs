//! `workspace/diagnostic`: the problems of the open documents and of the workspace's files on disk.
//!
//! Files are looked at one after the other, so that typing has the other cores. One that did not change since is not
//! looked at again: editors ask every few seconds. A clean file that the client never heard of is not mentioned.

mod sink;

use std::collections::{HashMap, HashSet};
use std::path::{Path, PathBuf};
use std::str::FromStr;
use std::sync::Arc;

use assist::{FileStamp, file_path};
use tower_lsp::jsonrpc::{Error, Result};
use tower_lsp::ls_types::{
    Diagnostic, FullDocumentDiagnosticReport, UnchangedDocumentDiagnosticReport, Uri, WorkspaceDiagnosticParams,
    WorkspaceDiagnosticReport, WorkspaceDiagnosticReportResult, WorkspaceDocumentDiagnosticReport,
    WorkspaceFullDocumentDiagnosticReport, WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::findings::{self, FileResult, Found};
use crate::server::Server;
use crate::session::Session;
use crate::shared::Shared;
use crate::{arrival, to_proto};
use sink::Sink;

/// Larger files are data, or were written by a program.
const MAX_FILE_BYTES: u64 = 1 << 20;

/// Result id of a file that is gone.
const GONE: &str = "gone";

/// The problems of the workspace.
pub(crate) async fn workspace(
    server: &Server,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReportResult> {
    let session = *server.shared.initialized_session()?;
    let known: HashMap<String, String> =
        params.previous_result_ids.into_iter().map(|known| (known.uri.as_str().to_owned(), known.value)).collect();
    let cancel = arrival::cancel_token();
    let partial = params.partial_result_params.partial_result_token;
    let progress = params.work_done_progress_params.work_done_token;
    let mut sink = Sink::begin(server.client.clone(), partial, progress).await;

    let open = arrival::all_snapshots();
    for snapshot in &open {
        // One that changed meanwhile is asked for again by the client; of an old text nothing is told.
        let Ok(found) = findings::of_document(&server.shared, snapshot).await else { continue };
        if let Some(uri) = Uri::from_str(snapshot.id().as_str()).ok().filter(|_| !cancel.is_cancelled()) {
            let known = known.get(uri.as_str());
            let version = Some(i64::from(snapshot.document().version()));
            sink.add(report(uri, version, known, &found.result_id, || found.items.clone())).await;
        }
    }

    let shared = Arc::clone(&server.shared);
    let list = move || shared.assist.workspace_files(MAX_FILE_BYTES);
    let files = assist::run_blocking("workspace diagnostics", list).await.map_err(to_proto::error)?;
    let open: HashSet<&Path> = open.iter().filter_map(|it| it.path()).map(PathBuf::as_path).collect();
    let mut told = HashSet::new();
    for (index, stamp) in files.iter().enumerate() {
        if cancel.is_cancelled() {
            return Err(Error::request_cancelled());
        }
        sink.progress(index, files.len()).await;
        let Some(uri) = Uri::from_file_path(&stamp.path).filter(|_| !open.contains(stamp.path.as_path())) else {
            continue;
        };
        let known = known.get(uri.as_str());
        if let Some(report) = file_report(&server.shared, &session, stamp, &uri, known).await
            && !server.shared.assist.workspace().is_open(&stamp.path)
        {
            sink.add(report).await;
        }
        told.insert(uri.as_str().to_owned());
    }
    server.shared.findings.retain_files(|path| files.binary_search_by(|it| it.path.as_path().cmp(path)).is_ok());
    // What was told of files that are gone must not stay.
    for (uri, id) in known.iter().filter(|(uri, id)| !told.contains(*uri) && *id != GONE) {
        let is_closed = file_path(uri).is_some_and(|path| !open.contains(path.as_path()));
        if let Some(uri) = Uri::from_str(uri).ok().filter(|_| is_closed) {
            sink.add(report(uri, None, Some(id), GONE, Vec::new)).await;
        }
    }
    Ok(WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items: sink.finish().await }))
}

/// What there is to say about a file; `None` where it is nothing, or the file cannot be read.
async fn file_report(
    shared: &Arc<Shared>,
    session: &Session,
    stamp: &FileStamp,
    uri: &Uri,
    known: Option<&String>,
) -> Option<WorkspaceDocumentDiagnosticReport> {
    let is_said = |result: &FileResult| known == Some(&result.id) || (known.is_none() && result.is_clean);
    if let Some(result) = shared.findings.file(stamp).filter(is_said) {
        let id = known.is_some().then_some(result.id)?;
        return Some(report(uri.clone(), None, known, &id, Vec::new));
    }
    let (shared, session, stamp) = (Arc::clone(shared), *session, stamp.clone());
    let id = uri.as_str().to_owned();
    let search = move || {
        let era = shared.findings.era();
        let snapshot = shared.assist.file_snapshot(&id, &stamp.path)?;
        let settings = shared.lint_settings(Some(&stamp.path));
        let found = Found::search(&snapshot, &settings, &session);
        let result = FileResult { id: found.result_id.clone(), is_clean: found.items.is_empty() };
        shared.findings.remember_file(stamp, era, result);
        Some(found)
    };
    let found = assist::run_blocking("workspace diagnostics", search).await.ok()??;
    let is_news = known.is_some() || !found.items.is_empty();
    is_news.then(|| report(uri.clone(), None, known, &found.result_id, || found.items))
}

/// A document's result, or that it is the one the client knows.
fn report(
    uri: Uri,
    version: Option<i64>,
    known: Option<&String>,
    result_id: &str,
    items: impl FnOnce() -> Vec<Diagnostic>,
) -> WorkspaceDocumentDiagnosticReport {
    let result_id = result_id.to_owned();
    if known == Some(&result_id) {
        return WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        });
    }
    let full_document_diagnostic_report = FullDocumentDiagnosticReport { result_id: Some(result_id), items: items() };
    WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
        uri,
        version,
        full_document_diagnostic_report,
    })
}
