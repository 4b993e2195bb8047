//! What one event of an answer says, in any of the dialects: a chunk of `/v1/completions` or `/v1/chat/completions`, an
//! event of llama.cpp's `/infill`, or a whole answer of either from a server that does not stream.

use serde_json::Value;

use super::failure::{Failure, message_of, quoted};
use crate::FinishReason;

/// New text, the end, or both.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Chunk {
    pub(super) text: String,
    /// Tokens of the text; 1 where the server does not say how many.
    pub(super) tokens: usize,
    /// Sum of their logarithmic probabilities; 0 where the server does not say.
    pub(super) logprob: f32,
    pub(super) finish: Option<FinishReason>,
    /// Nothing follows any more.
    pub(super) is_last: bool,
    pub(super) counts: Option<Counts>,
}

/// Tokens as the server counts them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Counts {
    pub(super) prompt: usize,
    pub(super) cached: usize,
    pub(super) completion: usize,
}

impl Chunk {
    /// Reads the data of an event.
    ///
    /// # Errors
    /// `Broken` when it is an error, or nothing that an answer holds.
    pub(super) fn parse(data: &str) -> Result<Self, Failure> {
        if data.trim() == "[DONE]" {
            return Ok(Self { is_last: true, ..Self::default() });
        }
        let json: Value = serde_json::from_str(data)
            .map_err(|error| Failure::Broken(format!("answers with an event that is no JSON ({error})")))?;
        let is_error = json.get("error").is_some_and(|it| !it.is_null());
        match json.get("choices") {
            Some(choices) if !is_error => Ok(Self::openai(&json, choices.get(0))),
            None if !is_error && json.get("content").is_some_and(Value::is_string) => Ok(Self::llama_cpp(&json)),
            // Some errors have no `error` around them: vLLM's, and those of older servers of llama.cpp.
            _ => Err(Failure::Broken(match message_of(&json) {
                Some(said) => format!("failed in the middle of an answer: {}", quoted(said)),
                None => "answers with an event that is neither text nor an end".to_owned(),
            })),
        }
    }

    fn openai(json: &Value, choice: Option<&Value>) -> Self {
        let counts = json.get("usage").filter(|it| it.is_object()).map(|usage| Counts {
            prompt: count(usage.get("prompt_tokens")),
            cached: count(usage.pointer("/prompt_tokens_details/cached_tokens")),
            completion: count(usage.get("completion_tokens")),
        });
        let Some(choice) = choice else { return Self { counts, ..Self::default() } };
        let text = ["/text", "/delta/content", "/message/content"];
        let text = text.iter().find_map(|path| choice.pointer(path)?.as_str()).unwrap_or_default().to_owned();
        let (tokens, logprob) = openai_logprobs(choice.get("logprobs")).unwrap_or((usize::from(!text.is_empty()), 0.0));
        let stop_text = choice.get("stop_reason").is_some_and(Value::is_string);
        let finish = choice.get("finish_reason").and_then(Value::as_str).map(|reason| match reason {
            "length" | "max_tokens" => FinishReason::Length,
            // TGI's word; and vLLM's `stop_reason` is the stop text, where it was one.
            "stop_sequence" => FinishReason::StopText,
            _ if stop_text => FinishReason::StopText,
            _ => FinishReason::Stop,
        });
        Self { text, tokens, logprob, finish, is_last: false, counts }
    }

    fn llama_cpp(json: &Value) -> Self {
        let text = json.get("content").and_then(Value::as_str).unwrap_or_default().to_owned();
        let probabilities = json.get("completion_probabilities").and_then(Value::as_array);
        let (tokens, logprob) = probabilities.map_or((usize::from(!text.is_empty()), 0.0), |all| sum(all, "logprob"));
        let is_last = json.get("stop").and_then(Value::as_bool).unwrap_or(false);
        let stop_type = json.get("stop_type").and_then(Value::as_str);
        let finish = is_last.then(|| match stop_type {
            Some("limit") if json.get("truncated").and_then(Value::as_bool) == Some(true) => FinishReason::Context,
            Some("limit") => FinishReason::Length,
            Some("word") => FinishReason::StopText,
            _ => FinishReason::Stop,
        });
        let counts = is_last.then(|| Counts {
            prompt: count(json.get("tokens_evaluated")),
            // `tokens_cached` is all that the cache holds after the answer; the timings say what was found there before.
            cached: count(json.pointer("/timings/cache_n")),
            completion: count(json.get("tokens_predicted")),
        });
        Self { text, tokens, logprob, finish, is_last, counts }
    }
}

/// Both forms: of completions (`token_logprobs`) and of chats (`content`), which llama.cpp uses for both.
fn openai_logprobs(logprobs: Option<&Value>) -> Option<(usize, f32)> {
    let logprobs = logprobs?;
    if let Some(content) = logprobs.get("content").and_then(Value::as_array) {
        return Some(sum(content, "logprob"));
    }
    let all = logprobs.get("token_logprobs")?.as_array()?;
    Some((all.len(), all.iter().filter_map(Value::as_f64).sum::<f64>() as f32))
}

fn sum(tokens: &[Value], key: &str) -> (usize, f32) {
    let logprobs = tokens.iter().filter_map(|token| token.get(key)?.as_f64());
    (tokens.len(), logprobs.sum::<f64>() as f32)
}

fn count(value: Option<&Value>) -> usize {
    value.and_then(Value::as_u64).and_then(|it| usize::try_from(it).ok()).unwrap_or(0)
}

#[cfg(test)]
mod tests {
    use expect_test::{Expect, expect};

    use super::Chunk;

    fn check(data: &str, expect: Expect) {
        let answer = match Chunk::parse(data) {
            Ok(Chunk { text, tokens, logprob, finish, is_last, counts }) => {
                let finish = finish.map(|it| format!(" {it:?}")).unwrap_or_default();
                let counts = counts
                    .map(|it| format!(" prompt {} cached {} completion {}", it.prompt, it.cached, it.completion))
                    .unwrap_or_default();
                format!("{text:?} {tokens} {logprob:.1}{finish}{}{counts}", if is_last { " last" } else { "" })
            }
            Err(failure) => format!("{failure:?}"),
        };
        expect.assert_eq(&answer);
    }

    #[test]
    fn vllm() {
        check(
            r#"{"id":"cmpl-1","object":"text_completion","choices":[{"index":0,"text":" a","logprobs":{"text_offset":[0],"token_logprobs":[-0.5],"tokens":[" a"],"top_logprobs":[null]},"finish_reason":null,"stop_reason":null}],"usage":null}"#,
            expect![[r#"" a" 1 -0.5"#]],
        );
        check(
            r#"{"choices":[{"index":0,"text":"","logprobs":null,"finish_reason":"stop","stop_reason":"\n"}]}"#,
            expect![[r#""" 0 0.0 StopText"#]],
        );
        check(
            r#"{"choices":[],"usage":{"prompt_tokens":9,"total_tokens":12,"completion_tokens":3,"prompt_tokens_details":{"cached_tokens":4}}}"#,
            expect![[r#""" 0 0.0 prompt 9 cached 4 completion 3"#]],
        );
        check(
            r#"{"object":"error","message":"out of memory","type":"InternalServerError","code":500}"#,
            expect![[r#"Broken("failed in the middle of an answer: out of memory")"#]],
        );
        check("[DONE]", expect![[r#""" 0 0.0 last"#]]);
    }

    #[test]
    fn chats() {
        check(
            r#"{"choices":[{"index":0,"delta":{"role":"assistant","content":null},"finish_reason":null}]}"#,
            expect![[r#""" 0 0.0"#]],
        );
        check(r#"{"choices":[{"index":0,"delta":{"content":"hé"},"finish_reason":null}]}"#, expect![[r#""hé" 1 0.0"#]]);
        check(
            r#"{"choices":[{"index":0,"message":{"role":"assistant","content":"all"},"finish_reason":"length"}],"usage":{"prompt_tokens":1,"completion_tokens":1}}"#,
            expect![[r#""all" 1 0.0 Length prompt 1 cached 0 completion 1"#]],
        );
    }

    #[test]
    fn llama_cpp() {
        check(r#"{"index":0,"content":"x","tokens":[5],"stop":false,"id_slot":0}"#, expect![[r#""x" 1 0.0"#]]);
        check(
            r#"{"content":"xy","stop":false,"completion_probabilities":[{"id":5,"token":"x","logprob":-1.0},{"id":6,"token":"y","logprob":-0.5}]}"#,
            expect![[r#""xy" 2 -1.5"#]],
        );
        check(
            r#"{"content":"","stop":true,"stop_type":"limit","truncated":false,"tokens_predicted":16,"tokens_evaluated":100,"tokens_cached":115,"timings":{"cache_n":98,"prompt_n":2}}"#,
            expect![[r#""" 0 0.0 Length last prompt 100 cached 98 completion 16"#]],
        );
        check(
            r#"{"code":500,"message":"context shift is disabled","type":"server_error"}"#,
            expect![[r#"Broken("failed in the middle of an answer: context shift is disabled")"#]],
        );
        check(
            r#"{"error":{"code":500,"message":"context shift is disabled","type":"server_error"}}"#,
            expect![[r#"Broken("failed in the middle of an answer: context shift is disabled")"#]],
        );
    }

    #[test]
    fn tgi() {
        check(
            r#"{"error":"Request failed during generation","error_type":"generation"}"#,
            expect![[r#"Broken("failed in the middle of an answer: Request failed during generation")"#]],
        );
        check(
            r#"{"object":"text_completion","choices":[{"index":0,"text":"","finish_reason":"stop_sequence"}],"usage":null}"#,
            expect![[r#""" 0 0.0 StopText"#]],
        );
    }

    #[test]
    fn nonsense() {
        check(
            "<html>",
            expect![[r#"Broken("answers with an event that is no JSON (expected value at line 1 column 1)")"#]],
        );
        check("[]", expect![[r#"Broken("answers with an event that is neither text nor an end")"#]]);
        check(r#"{"choices":[{}]}"#, expect![[r#""" 0 0.0"#]]);
        check(r#"{"choices":7,"usage":7}"#, expect![[r#""" 0 0.0"#]]);
    }
}
