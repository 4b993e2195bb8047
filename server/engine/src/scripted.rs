//! A model that replays a script, for tests of everything around the model. It is never chosen by default.

/// What the scripted model does: one token is one character of `replies`, one reply a request, in order, the last one again and again.
#[derive(Clone, Debug, Default)]
pub struct Script {
    /// Texts to answer with.
    pub replies: Vec<String>,
    /// When given, each forward pass waits for a tick.
    pub clock: Option<ScriptClock>,
}

/// Lets a test decide when a forward pass may happen. Cloning shares the clock.
#[derive(Clone, Debug, Default)]
pub struct ScriptClock(());

impl ScriptClock {
    /// A stopped clock.
    pub fn new() -> Self {
        Self::default()
    }
    /// Allows this many further forward passes.
    pub fn tick(&self, _passes: usize) {
        unimplemented!()
    }
    /// Lets everything run from now on.
    pub fn open(&self) {
        unimplemented!()
    }
    /// Waits until the worker stands at the clock (wants a pass that is not allowed yet).
    pub fn wait_until_blocked(&self) {
        unimplemented!()
    }
}
