//! The table of jobs: a plain structure that is told the time.

use std::collections::{HashMap, VecDeque};
use std::time::{Duration, Instant};

use serde::Serialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::JobCancel;
use crate::error::ApiError;

/// How long a finished job is remembered.
const KEEP: Duration = Duration::from_secs(10 * 60);

/// Most finished jobs remembered; the oldest goes first.
const MAX_FINISHED: usize = 256;

/// Most bytes of results remembered; the oldest goes first.
const MAX_RESULT_BYTES: usize = 16 * 1024 * 1024;

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub(crate) enum JobStatus {
    /// Waits for its turn.
    Queued,
    /// Is being worked on.
    Running,
    /// Has its result.
    Done,
    /// Ended without one.
    Failed,
    /// Was cancelled, or its client hung up.
    Cancelled,
}

/// How a job ended.
pub(crate) enum Outcome {
    /// With the answer, as JSON.
    Done(String),
    Failed(ApiError),
    Cancelled,
}

/// A job as its owner sees it.
#[derive(Clone, Debug, Serialize, ToSchema)]
pub(crate) struct JobView {
    /// Its id.
    pub(crate) job_id: String,
    /// The route it came through.
    #[schema(example = "/api/v1/completions")]
    pub(crate) route: &'static str,
    /// Where it stands.
    pub(crate) status: JobStatus,
    /// Place in the queue while it waits, from 1.
    pub(crate) position: Option<usize>,
    /// The answer, once done; the error, once failed.
    pub(crate) result: Option<Value>,
}

#[derive(Default)]
pub(crate) struct Table {
    jobs: HashMap<String, Entry>,
    /// Ids of all jobs, oldest first.
    order: VecDeque<String>,
    waiting: VecDeque<String>,
    running: usize,
    finished: VecDeque<Finished>,
    /// Sum over `finished`.
    result_bytes: usize,
}

struct Finished {
    id: String,
    at: Instant,
    result_bytes: usize,
}

struct Entry {
    owner: Option<usize>,
    route: &'static str,
    status: JobStatus,
    /// As JSON text: a tree of values takes several times the memory, in many small pieces.
    result: Option<Box<str>>,
    cancel: JobCancel,
}

impl Table {
    pub(crate) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    pub(crate) fn unfinished(&self) -> usize {
        self.waiting.len() + self.running
    }

    pub(crate) fn admit(
        &mut self,
        id: &str,
        owner: Option<usize>,
        route: &'static str,
        cancel: JobCancel,
        now: Instant,
    ) {
        self.expire(now);
        let entry = Entry { owner, route, status: JobStatus::Queued, result: None, cancel };
        self.jobs.insert(id.to_owned(), entry);
        self.order.push_back(id.to_owned());
        self.waiting.push_back(id.to_owned());
    }

    pub(crate) fn start(&mut self, id: &str) {
        if let Some(entry) = self.jobs.get_mut(id)
            && entry.status == JobStatus::Queued
        {
            entry.status = JobStatus::Running;
            self.waiting.retain(|it| it != id);
            self.running += 1;
        }
    }

    pub(crate) fn finish(&mut self, id: &str, outcome: Outcome, now: Instant) {
        if let Some(entry) = self.jobs.get_mut(id) {
            match entry.status {
                JobStatus::Queued => self.waiting.retain(|it| it != id),
                JobStatus::Running => self.running -= 1,
                JobStatus::Done | JobStatus::Failed | JobStatus::Cancelled => return,
            }
            let (status, result) = match outcome {
                Outcome::Done(answer) => (JobStatus::Done, Some(answer)),
                Outcome::Failed(error) => (JobStatus::Failed, serde_json::to_string(&error.body()).ok()),
                Outcome::Cancelled => (JobStatus::Cancelled, None),
            };
            (entry.status, entry.result) = (status, result.map(String::into_boxed_str));
            let result_bytes = entry.result.as_ref().map_or(0, |it| it.len());
            self.result_bytes += result_bytes;
            self.finished.push_back(Finished { id: id.to_owned(), at: now, result_bytes });
        }
        self.expire(now);
    }

    pub(crate) fn find(&mut self, owner: Option<usize>, id: &str, now: Instant) -> Option<JobView> {
        self.expire(now);
        let entry = self.jobs.get(id).filter(|it| it.owner == owner)?;
        let result = entry.result.as_deref().and_then(|it| serde_json::from_str(it).ok());
        Some(JobView { result, ..self.view(id, entry) })
    }

    pub(crate) fn list(&mut self, owner: Option<usize>, now: Instant) -> Vec<JobView> {
        self.expire(now);
        let own = self.order.iter().filter_map(|id| Some((id, self.jobs.get(id).filter(|it| it.owner == owner)?)));
        // Results are asked for one by one: a list of them could be long.
        own.map(|(id, entry)| self.view(id, entry)).collect()
    }

    /// What cancels this owner's job; `Some(None)` when it has ended already.
    pub(crate) fn cancel_of(&mut self, owner: Option<usize>, id: &str, now: Instant) -> Option<Option<JobCancel>> {
        self.expire(now);
        let entry = self.jobs.get(id).filter(|it| it.owner == owner)?;
        let is_unfinished = matches!(entry.status, JobStatus::Queued | JobStatus::Running);
        Some(is_unfinished.then(|| entry.cancel.clone()))
    }

    /// Without the result.
    fn view(&self, id: &str, entry: &Entry) -> JobView {
        JobView {
            job_id: id.to_owned(),
            route: entry.route,
            status: entry.status,
            position: self.waiting.iter().position(|it| it == id).map(|it| it + 1),
            result: None,
        }
    }

    fn expire(&mut self, now: Instant) {
        while let Some(oldest) = self.finished.front()
            && (self.finished.len() > MAX_FINISHED
                || self.result_bytes > MAX_RESULT_BYTES
                || now.duration_since(oldest.at) >= KEEP)
            && let Some(oldest) = self.finished.pop_front()
        {
            self.result_bytes -= oldest.result_bytes;
            self.jobs.remove(&oldest.id);
            self.order.retain(|it| *it != oldest.id);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use assist::generation::CancelToken;
    use tokio_util::sync::CancellationToken;

    const ANN: Option<usize> = Some(0);
    const BOB: Option<usize> = Some(1);

    fn done(answer: impl Serialize) -> Outcome {
        Outcome::Done(serde_json::to_string(&answer).unwrap())
    }

    fn cancel() -> JobCancel {
        JobCancel { wake: CancellationToken::new(), engine: CancelToken::new() }
    }

    fn table(ids: &[&str], now: Instant) -> Table {
        let mut table = Table::default();
        for id in ids {
            table.admit(id, ANN, "/r", cancel(), now);
        }
        table
    }

    /// `id:status@position` of each of the owner's jobs.
    fn picture(table: &mut Table, owner: Option<usize>, now: Instant) -> String {
        let jobs = table.list(owner, now).into_iter().map(|it| {
            let position = it.position.map(|p| format!("@{p}")).unwrap_or_default();
            format!("{}:{:?}{position}", it.job_id, it.status)
        });
        jobs.collect::<Vec<_>>().join(" ")
    }

    #[test]
    fn a_job_moves_from_queued_to_its_end() {
        let now = Instant::now();
        let mut table = table(&["a", "b", "c"], now);
        assert_eq!(picture(&mut table, ANN, now), "a:Queued@1 b:Queued@2 c:Queued@3");
        table.start("a");
        assert_eq!(picture(&mut table, ANN, now), "a:Running b:Queued@1 c:Queued@2");
        assert_eq!((table.unfinished(), table.waiting()), (3, 2));
        table.finish("a", done(1), now);
        table.finish("b", Outcome::Cancelled, now);
        assert_eq!(picture(&mut table, ANN, now), "a:Done b:Cancelled c:Queued@1");
        assert_eq!((table.unfinished(), table.waiting()), (1, 1));
        // Ended is ended.
        table.start("a");
        table.finish("a", Outcome::Cancelled, now);
        assert_eq!(table.find(ANN, "a", now).unwrap().result, Some(1.into()));
    }

    #[test]
    fn jobs_are_seen_by_their_owner_only() {
        let now = Instant::now();
        let mut table = table(&["a"], now);
        assert_eq!(picture(&mut table, BOB, now), "");
        assert_eq!(picture(&mut table, None, now), "");
        assert!(table.find(BOB, "a", now).is_none());
        assert!(table.cancel_of(BOB, "a", now).is_none());
        assert!(table.cancel_of(ANN, "a", now).unwrap().is_some());
        table.finish("a", Outcome::Cancelled, now);
        assert!(table.cancel_of(ANN, "a", now).unwrap().is_none());
    }

    #[test]
    fn finished_jobs_are_forgotten_by_size() {
        let now = Instant::now();
        let mut table = table(&["a", "b", "c"], now);
        for id in ["a", "b", "c"] {
            table.finish(id, done("x".repeat(MAX_RESULT_BYTES / 2 - 2)), now);
        }
        assert_eq!(picture(&mut table, ANN, now), "b:Done c:Done");
        assert_eq!(table.result_bytes, MAX_RESULT_BYTES);
    }

    #[test]
    fn finished_jobs_are_forgotten_in_time_and_in_number() {
        let start = Instant::now();
        let mut finished = table(&["a"], start);
        finished.finish("a", done(1), start);
        assert!(finished.find(ANN, "a", start + KEEP - Duration::from_secs(1)).is_some());
        assert!(finished.find(ANN, "a", start + KEEP).is_none());

        let ids: Vec<_> = (0..=MAX_FINISHED).map(|it| it.to_string()).collect();
        let mut many = table(&ids.iter().map(String::as_str).collect::<Vec<_>>(), start);
        for id in &ids {
            many.finish(id, done(1), start);
        }
        assert!(many.find(ANN, "0", start).is_none());
        assert!(many.find(ANN, "1", start).is_some());
        assert_eq!(many.jobs.len(), MAX_FINISHED);
        assert_eq!(many.order.len(), MAX_FINISHED);
    }
}
