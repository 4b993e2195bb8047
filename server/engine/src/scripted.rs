//! A model that replays a script, for tests of everything around the model. It is never chosen by default.
//!
//! Its vocabulary has one token for each byte, one for each other character of the replies, and the markers of a
//! fill-in-the-middle prompt in suffix-first order; so the tokenizer, the prompts, the sampler and the scheduler that
//! run around it are the real ones.

use std::collections::HashMap;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use crate::model::{KvPool, Model, Progress, Span, Stop};
use crate::ops::KvLayout;
use crate::prompt::{FimFormat, MARKERS, PromptFormat, RepositoryForm};
use crate::tokenizer::{TokenKind, Tokenizer};
use crate::{EngineError, FimOrder, KvCacheType};

/// Positions of the scripted model's context.
const CONTEXT_LENGTH: usize = 32_768;
/// Logit of the scripted token; all others have 0.
const PEAK: f32 = 30.0;
/// How long [`ScriptClock::wait_until_blocked`] waits before it gives the test up.
const PATIENCE: Duration = Duration::from_secs(60);

/// What the scripted model does: one token is one character of `replies`, one reply a request, in order, the last one
/// again and again.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Texts to answer with.
    pub replies: Vec<String>,
    /// When given, each forward pass waits for a tick.
    pub clock: Option<ScriptClock>,
}

impl Script {
    /// A character of a reply at which the forward pass panics instead of writing it: for tests of the barrier that
    /// keeps a panic inside its request.
    pub const PANIC: char = '\u{18}';

    /// A script with these replies and no clock.
    pub fn new<Reply: Into<String>>(replies: impl IntoIterator<Item = Reply>) -> Self {
        Self { replies: replies.into_iter().map(Into::into).collect(), clock: None }
    }

    /// The same script with a stopped clock.
    pub fn with_clock(self, clock: &ScriptClock) -> Self {
        Self { clock: Some(clock.clone()), ..self }
    }
}

/// Lets a test decide when a forward pass may happen. Cloning shares the clock.
#[derive(Clone, Debug, Default)]
pub struct ScriptClock(Arc<Clock>);

#[derive(Debug, Default)]
struct Clock {
    state: Mutex<ClockState>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct ClockState {
    /// Passes that may still happen.
    allowed: usize,
    /// No pass waits any more.
    open: bool,
    /// Passes that wait.
    waiting: usize,
}

impl ClockState {
    fn may_pass(&self) -> bool {
        self.open || self.allowed > 0
    }
}

impl ScriptClock {
    /// A stopped clock.
    pub fn new() -> Self {
        Self::default()
    }

    /// Allows this many further forward passes.
    pub fn tick(&self, passes: usize) {
        self.lock().allowed += passes;
        self.0.changed.notify_all();
    }

    /// Lets everything run from now on.
    pub fn open(&self) {
        self.lock().open = true;
        self.0.changed.notify_all();
    }

    /// Waits until the worker stands at the clock (wants a pass that is not allowed yet).
    ///
    /// # Panics
    /// When that does not happen within a minute: the test waits for something that will not come.
    pub fn wait_until_blocked(&self) {
        let state = self.lock();
        let (_state, timeout) = self
            .0
            .changed
            .wait_timeout_while(state, PATIENCE, |state| state.waiting == 0 || state.may_pass())
            .unwrap_or_else(PoisonError::into_inner);
        assert!(!timeout.timed_out(), "the worker did not reach the clock");
    }

    /// Waits for permission for one pass.
    fn pass(&self) {
        let mut state = self.lock();
        state.waiting += 1;
        self.0.changed.notify_all();
        let mut state =
            self.0.changed.wait_while(state, |state| !state.may_pass()).unwrap_or_else(PoisonError::into_inner);
        state.waiting -= 1;
        if !state.open {
            state.allowed -= 1;
        }
    }

    fn lock(&self) -> MutexGuard<'_, ClockState> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Which reply each sequence is to get, and where it begins. The worker says so when it takes a request up, because a
/// model sees tokens only; it outlives a restart of the model.
#[derive(Clone, Debug, Default)]
pub(crate) struct Cue(Arc<Mutex<HashMap<u64, Reply>>>);

/// The answer to a request.
#[derive(Clone, Copy, Debug)]
struct Reply {
    /// Number of the request.
    request: usize,
    /// Where the answer begins in the sequence.
    prompt_len: usize,
}

impl Cue {
    /// The tokens from `prompt_len` on are the answer to request number `request` in this sequence.
    pub(crate) fn set(&self, sequence: u64, request: usize, prompt_len: usize) {
        self.replies().insert(sequence, Reply { request, prompt_len });
    }

    /// No request is answered in this sequence any more.
    pub(crate) fn forget(&self, sequence: u64) {
        self.replies().remove(&sequence);
    }

    /// No request is being answered: passes do not wait for the clock.
    pub(crate) fn clear(&self) {
        self.replies().clear();
    }

    fn get(&self, sequence: u64) -> Option<Reply> {
        self.replies().get(&sequence).copied()
    }

    fn replies(&self) -> MutexGuard<'_, HashMap<u64, Reply>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Id of the token that ends a reply: the first of `MARKERS`.
const END: u32 = 0;

/// The scripted model's tokenizer.
pub(crate) fn tokenizer(script: &Script) -> Result<Tokenizer, EngineError> {
    let bytes: Vec<String> = (0..=u8::MAX).map(|byte| format!("<0x{byte:02X}>")).collect();
    let mut texts: Vec<&str> = MARKERS.to_vec();
    let mut kinds = vec![TokenKind::Control; texts.len()];
    texts.extend(bytes.iter().map(String::as_str));
    kinds.resize(texts.len(), TokenKind::Byte);
    let mut chars: Vec<char> =
        script.replies.iter().flat_map(|reply| reply.chars()).filter(|char| !char.is_ascii()).collect();
    chars.sort_unstable();
    chars.dedup();
    let chars: Vec<String> = chars.into_iter().map(String::from).collect();
    texts.extend(chars.iter().map(String::as_str));
    kinds.resize(texts.len(), TokenKind::Normal);
    Tokenizer::spm(&texts, &kinds, &vec![0.0; texts.len()], false)
}

/// The scripted model's prompts: suffix first.
pub(crate) fn format(tokenizer: &Tokenizer) -> PromptFormat {
    let id = |name: &str| tokenizer.vocab().named(name).expect("the markers are part of the vocabulary");
    let [end, prefix, suffix, middle] = MARKERS.map(id);
    let fim = FimFormat {
        prefix,
        suffix,
        middle: Some(middle),
        order: FimOrder::Spm,
        file_separator: None,
        repository: None,
        repository_form: RepositoryForm::PathOutside,
        pad: None,
        end: None,
        lang_path_header: false,
    };
    PromptFormat {
        bos: None,
        eos: Some(end),
        ends: vec![end],
        fim: Some(fim),
        chat: Err("the scripted model has no chat template".to_owned()),
    }
}

/// The model: a list of tokens and the replies.
pub(crate) struct ScriptedModel {
    replies: Vec<Vec<Line>>,
    clock: Option<ScriptClock>,
    cue: Cue,
    vocab_size: usize,
    kv_pool: KvPool,
}

/// One step of a reply.
#[derive(Clone, Copy, Debug)]
enum Line {
    Token(u32),
    Panic,
}

impl ScriptedModel {
    /// A model that reads `cue`.
    pub(crate) fn new(script: &Script, tokenizer: &Tokenizer, cue: Cue) -> Self {
        let line = |char: char| match char {
            Script::PANIC => vec![Line::Panic],
            char => tokenizer.encode_continuation(char.encode_utf8(&mut [0; 4])).into_iter().map(Line::Token).collect(),
        };
        // Nothing is remembered but lengths.
        let kv_pool = KvPool::new(KvLayout { n_layers: 0, heads: 0, head_size: 0, kind: KvCacheType::F16 }, usize::MAX);
        let replies = script.replies.iter().map(|reply| reply.chars().flat_map(line).collect()).collect();
        Self { replies, clock: script.clock.clone(), cue, vocab_size: tokenizer.vocab().len(), kv_pool }
    }

    /// What follows the first `len` tokens of a sequence.
    fn next_token(&self, Reply { request, prompt_len }: Reply, len: usize) -> u32 {
        let written = len.saturating_sub(prompt_len);
        match self.replies.get(request).or(self.replies.last()).and_then(|reply| reply.get(written)) {
            Some(Line::Token(token)) => *token,
            Some(Line::Panic) if len >= prompt_len => panic!("the script says so"),
            Some(Line::Panic) | None => END,
        }
    }
}

impl Model for ScriptedModel {
    fn vocab_size(&self) -> usize {
        self.vocab_size
    }

    fn context_length(&self) -> usize {
        CONTEXT_LENGTH
    }

    fn kv_pool(&self) -> &KvPool {
        &self.kv_pool
    }

    /// A scripted pass is not stopped on the way: whether it happens is the clock's business.
    fn forward(
        &mut self,
        spans: &mut [Span<'_>],
        logits: &mut Vec<f32>,
        _stop: Stop<'_>,
    ) -> Result<Progress, EngineError> {
        // Without a cue it is the check of the prompt format at load time.
        if let Some(clock) = &self.clock
            && spans.iter().any(|span| self.cue.get(span.sequence.id()).is_some())
        {
            clock.pass();
        }
        logits.clear();
        for span in spans {
            let cue = self.cue.get(span.sequence.id());
            let len = span.sequence.len() + span.tokens.len();
            for len in len + 1 - span.wanted..=len {
                let token = cue.map_or(END, |reply| self.next_token(reply, len));
                let row = logits.len();
                logits.resize(row + self.vocab_size, 0.0);
                logits[row + token as usize] = PEAK;
            }
            span.sequence.reserve(span.tokens.len()).expect("the pool is as good as endless");
            span.sequence.advance(span.tokens.len());
        }
        Ok(Progress::Done)
    }

    fn memory_bytes(&self) -> u64 {
        0
    }
}
