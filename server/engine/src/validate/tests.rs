//! The limits of every parameter.

use super::check;
use crate::{EngineError, GenerateRequest, Prompt};

/// The field that is refused after a change of a sound request; `ok` for none.
fn field(change: impl FnOnce(&mut GenerateRequest)) -> &'static str {
    let mut request = GenerateRequest::new(Prompt::Text("x".to_owned()), 1);
    change(&mut request);
    match check(&request) {
        Ok(()) => "ok",
        Err(EngineError::InvalidRequest { field, message }) => {
            assert!(message.contains("must"), "{message}");
            field
        }
        Err(other) => panic!("{other}"),
    }
}

#[test]
fn ranges() {
    assert_eq!(field(|_| ()), "ok");
    assert_eq!(field(|request| request.max_new_tokens = 0), "max_new_tokens");
    for (value, expected) in
        [(0.0, "ok"), (2.0, "ok"), (2.1, "temperature"), (-0.1, "temperature"), (f32::NAN, "temperature")]
    {
        assert_eq!(field(|request| request.sampling.temperature = value), expected, "{value}");
    }
    for (value, expected) in [(1.0, "ok"), (0.5, "ok"), (0.0, "top_p"), (1.1, "top_p"), (f32::NAN, "top_p")] {
        assert_eq!(field(|request| request.sampling.top_p = value), expected, "{value}");
    }
    for (value, expected) in [(0.0, "ok"), (1.0, "ok"), (-0.1, "min_p"), (f32::INFINITY, "min_p")] {
        assert_eq!(field(|request| request.sampling.min_p = value), expected, "{value}");
    }
    for (value, expected) in [(1.0, "ok"), (1.3, "ok"), (0.0, "repetition_penalty"), (f32::NAN, "repetition_penalty")] {
        assert_eq!(field(|request| request.sampling.repetition_penalty = value), expected, "{value}");
    }
    for (value, expected) in [(2.0, "ok"), (-2.0, "ok"), (2.1, "frequency_penalty"), (f32::NAN, "frequency_penalty")] {
        assert_eq!(field(|request| request.sampling.frequency_penalty = value), expected, "{value}");
    }
    assert_eq!(field(|request| request.sampling.presence_penalty = -3.0), "presence_penalty");
    assert_eq!(field(|request| request.sampling.logit_bias = vec![(1, 100.0); 1024]), "ok");
    assert_eq!(field(|request| request.sampling.logit_bias = vec![(1, 0.0); 1025]), "logit_bias");
    assert_eq!(field(|request| request.sampling.logit_bias = vec![(1, f32::NAN)]), "logit_bias");
    assert_eq!(field(|request| request.logprobs = Some(20)), "ok");
    assert_eq!(field(|request| request.logprobs = Some(21)), "logprobs");
    assert_eq!(field(|request| request.stop = vec!["a".to_owned()]), "ok");
    assert_eq!(field(|request| request.stop = vec![String::new()]), "stop");
    assert_eq!(field(|request| request.stop = vec!["a".to_owned(); 65]), "stop");
}
