//! Has the holes filled, each as an editor would have it, with its project as the workspace folder.

use std::io::Write;
use std::path::Path;
use std::time::Instant;

use anyhow::Context;
use assist::generation::CancelToken;
use assist::{Assist, DocumentId, InlineCompletionRequest, Severity, Snapshot, Trigger};

use super::cases::Case;
use super::pipeline::Pipeline;
use super::score::{Outcome, score};
use super::source::Project;
use crate::config::Config;
use crate::wiring;

/// Nobody is typing, and the answer must not depend on the clock.
const DEADLINE_MS: u64 = 60 * 1000;

/// What became of each hole. Outcomes are written to `out` as they come.
///
/// # Errors
/// When the model does not load or fails, or `out` cannot be written.
pub(super) fn fill(
    config: &Config,
    pipeline: Pipeline,
    projects: &[Project],
    cases: &[Case],
    mut out: Option<&mut dyn Write>,
) -> anyhow::Result<Vec<Outcome>> {
    let mut config = pipeline.of(config);
    config.assist.inline_completion.deadline_ms = DEADLINE_MS;
    let (assist, load) = wiring::start(&config)?;
    if let Some(load) = load {
        load.blocking_finished().with_context(|| format!("model {}", config.model))?;
    }
    let runtime = wiring::runtime()?;
    let mut outcomes = Vec::with_capacity(cases.len());
    let mut project = None;
    for case in cases {
        if project != case.project {
            project = case.project;
            assist.set_folders(project.map(|at| projects[at].folder.clone()).into_iter().collect());
            assist.index_project();
        }
        let outcome = runtime.block_on(fill_one(&assist, pipeline, case))?;
        if let Some(out) = &mut out {
            serde_json::to_writer(&mut *out, &outcome)?;
            out.write_all(b"\n")?;
        }
        outcomes.push(outcome);
    }
    Ok(outcomes)
}

fn document_id(path: &Path) -> DocumentId {
    let path = path.to_string_lossy().replace('\\', "/");
    DocumentId::new(&format!("file:///{}", path.trim_start_matches('/')))
}

async fn fill_one(assist: &Assist, pipeline: Pipeline, case: &Case) -> anyhow::Result<Outcome> {
    let id = document_id(&case.path);
    assist.workspace().open(id.clone(), case.language.id(), 2, &case.text);
    let snapshot = assist.workspace().snapshot(&id).context("the document was opened just now")?;
    let request = InlineCompletionRequest {
        offset: case.offset,
        trigger: Trigger::Automatic,
        selected: None,
        max_tokens: None,
        sampling: None,
        stop: Vec::new(),
        cancel: CancelToken::new(),
    };
    let started = Instant::now();
    let answer = assist::inline_completion(assist, &snapshot, request).await?;
    let elapsed = started.elapsed();
    assist.workspace().close(&id)?;
    Ok(score(case, pipeline, &answer, elapsed, is_sound))
}

/// Whether a text has no syntax error.
fn is_sound(case: &Case, text: &str) -> bool {
    let snapshot = Snapshot::of_text(text, case.language, None);
    assist::syntax_diagnostics(snapshot.document()).iter().all(|it| it.severity != Severity::Error)
}
