//! `textDocument/diagnostic` and `workspace/diagnostic`: diagnostics for clients that ask.
//!
//! A result id is a hash of the result. The server keeps none of them: "unchanged" means that the same result would be
//! sent again.

use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::str::FromStr;

use assist::{LintSettings, Snapshot};
use tower_lsp::jsonrpc::Result;
use tower_lsp::ls_types::{
    Diagnostic, DocumentDiagnosticParams, DocumentDiagnosticReport, DocumentDiagnosticReportResult,
    FullDocumentDiagnosticReport, RelatedFullDocumentDiagnosticReport, RelatedUnchangedDocumentDiagnosticReport,
    UnchangedDocumentDiagnosticReport, Uri, WorkspaceDiagnosticParams, WorkspaceDiagnosticReport,
    WorkspaceDiagnosticReportResult, WorkspaceDocumentDiagnosticReport, WorkspaceFullDocumentDiagnosticReport,
    WorkspaceUnchangedDocumentDiagnosticReport,
};

use crate::server::Server;
use crate::session::Session;
use crate::{arrival, to_proto};

/// The problems of one document.
pub(crate) async fn document(
    server: &Server,
    params: DocumentDiagnosticParams,
) -> Result<DocumentDiagnosticReportResult> {
    let session = *server.shared.initialized_session()?;
    let snapshot = arrival::snapshot()?;
    let computed = snapshot.clone();
    let (items, result_id) =
        assist::run_blocking("diagnostics", move || items(&computed, &session)).await.map_err(to_proto::error)?;
    if let Some(void) = server.shared.staleness(&snapshot) {
        return Err(void);
    }
    let report = if params.previous_result_id.as_ref() == Some(&result_id) {
        DocumentDiagnosticReport::Unchanged(RelatedUnchangedDocumentDiagnosticReport {
            related_documents: None,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        })
    } else {
        DocumentDiagnosticReport::Full(RelatedFullDocumentDiagnosticReport {
            related_documents: None,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
        })
    };
    Ok(DocumentDiagnosticReportResult::Report(report))
}

/// The problems of every open document.
pub(crate) async fn workspace(
    server: &Server,
    params: WorkspaceDiagnosticParams,
) -> Result<WorkspaceDiagnosticReportResult> {
    let session = *server.shared.initialized_session()?;
    let known: HashMap<String, String> =
        params.previous_result_ids.into_iter().map(|known| (known.uri.as_str().to_owned(), known.value)).collect();
    let snapshots = arrival::all_snapshots();
    let cancel = arrival::cancel_token();
    let work = move || {
        snapshots
            .iter()
            .take_while(|_| !cancel.is_cancelled())
            .filter_map(|snapshot| report(snapshot, &session, &known))
            .collect()
    };
    let items = assist::run_blocking("diagnostics", work).await.map_err(to_proto::error)?;
    Ok(WorkspaceDiagnosticReportResult::Report(WorkspaceDiagnosticReport { items }))
}

fn report(
    snapshot: &Snapshot,
    session: &Session,
    known: &HashMap<String, String>,
) -> Option<WorkspaceDocumentDiagnosticReport> {
    let uri = Uri::from_str(snapshot.id().as_str()).ok()?;
    let version = Some(i64::from(snapshot.document().version()));
    let (items, result_id) = items(snapshot, session);
    Some(if known.get(snapshot.id().as_str()) == Some(&result_id) {
        WorkspaceDocumentDiagnosticReport::Unchanged(WorkspaceUnchangedDocumentDiagnosticReport {
            uri,
            version,
            unchanged_document_diagnostic_report: UnchangedDocumentDiagnosticReport { result_id },
        })
    } else {
        WorkspaceDocumentDiagnosticReport::Full(WorkspaceFullDocumentDiagnosticReport {
            uri,
            version,
            full_document_diagnostic_report: FullDocumentDiagnosticReport { result_id: Some(result_id), items },
        })
    })
}

/// A document's problems and the id of this result.
fn items(snapshot: &Snapshot, session: &Session) -> (Vec<Diagnostic>, String) {
    let items = to_proto::diagnostics(assist::diagnostics(snapshot, &LintSettings::default()), snapshot, session);
    let mut hasher = DefaultHasher::new();
    // Debug output holds every field; the type has no Hash.
    format!("{items:?}").hash(&mut hasher);
    (items, format!("{:016x}", hasher.finish()))
}
