//! The built-in model: the bytes of its GGUF file, embedded. How it was trained and how well it does
//! stands in `MODEL_CARD.md`; how to train it again in `training/`. Knows nothing of how a model is run.

/// Name of the built-in model.
pub const NAME: &str = "ropewalk-builtin";

/// The GGUF file.
pub const GGUF: &[u8] = &[];
