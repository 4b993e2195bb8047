//! Who may write: the model and the copy engine together, or one of them alone.

use std::fmt;

use serde::Serialize;

use crate::config::Config;

/// What of the configured pipeline takes part.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pipeline {
    /// All of it.
    Blended,
    ModelAlone,
    CopiesAlone,
}

impl Pipeline {
    /// The first is compared with the others.
    pub(super) const ALL: [Self; 3] = [Self::Blended, Self::ModelAlone, Self::CopiesAlone];

    /// The configuration with the other parts switched off.
    pub(super) fn of(self, config: &Config) -> Config {
        let mut config = config.clone();
        match self {
            Self::Blended => (),
            Self::ModelAlone => config.assist.inline_completion.copies = false,
            Self::CopiesAlone => "none".clone_into(&mut config.model),
        }
        config
    }
}

impl fmt::Display for Pipeline {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Blended => "blended",
            Self::ModelAlone => "model alone",
            Self::CopiesAlone => "copies alone",
        })
    }
}
