//! `ropewalk bench`: what the model reaches on this machine. Prints figures and judges none of them.

use std::time::Instant;

use anyhow::{Context, ensure};
use assist::generation::{CancelToken, GenerateRequest, Priority, Prompt, Usage};
use assist::{Assist, InlineCompletionRequest, Snapshot, Trigger};
use serde::Serialize;
use syntax::Language;

use crate::args::BenchArgs;
use crate::config::Config;
use crate::{output, wiring};

/// The document that completion latency is measured in, one request a typed character.
const SAMPLE: &str = include_str!("bench/sample.py");
/// Where typing starts in the sample.
const TYPED_LINE: &str = "        return sum(item.price for item in self.items)";

/// Tokens of prefill, and depth of decode, unless the user wishes otherwise.
const DEFAULT_TOKENS: usize = 512;

/// Bytes of a token of the measured text, where the tokenizer is on a server.
const BYTES_PER_TOKEN: usize = 3;

/// What `--json` prints.
#[derive(Debug, Serialize)]
struct Figures {
    model: String,
    /// The server that has the model: times include the way there, and memory is not the model's.
    server: Option<String>,
    threads: Option<usize>,
    load_ms: u64,
    prefill_tokens: usize,
    prefill_tps: f64,
    decode_tokens: usize,
    decode_depth: usize,
    decode_tps: f64,
    completion_requests: usize,
    completion_p50_ms: f64,
    completion_p95_ms: f64,
    peak_rss_bytes: Option<u64>,
}

/// Prints the figures.
pub(crate) fn run(config: &Config, args: &BenchArgs) -> anyhow::Result<u8> {
    let runtime = wiring::runtime()?;
    let (assist, load) = wiring::start(config)?;
    let load = load.context("this command needs a model, and the configured one is `none`; give --model")?;
    let info = load.blocking_finished().with_context(|| format!("model {}", config.model))?;
    let decode = args.decode as usize;
    // Prefill is measured with one token of decode, so one place of the context is taken.
    let prefill = fitting("prefill", args.prefill, info.context_length, 1)?;
    let depth = fitting("depth", args.depth, info.context_length, decode)?;

    let warm_up = prompt(&assist, 16, 0);
    runtime.block_on(generate(&assist, warm_up, 4))?;
    let text = prompt(&assist, prefill, 1);
    let usage = runtime.block_on(generate(&assist, text, 1))?;
    let evaluated = usage.prompt_tokens.saturating_sub(usage.cached_tokens);
    let prefill_tps = evaluated as f64 / usage.prefill.as_secs_f64();
    let text = prompt(&assist, depth, 2);
    let usage = runtime.block_on(generate(&assist, text, decode))?;
    let decode_tps = usage.completion_tokens as f64 / usage.decode.as_secs_f64();
    let mut latencies = runtime.block_on(type_a_line(&assist))?;
    latencies.sort_by(f64::total_cmp);

    let figures = Figures {
        model: info.name,
        server: info.server,
        threads: config.threads,
        load_ms: info.load_ms,
        prefill_tokens: evaluated,
        prefill_tps,
        decode_tokens: usage.completion_tokens,
        decode_depth: usage.prompt_tokens,
        decode_tps,
        completion_requests: latencies.len(),
        completion_p50_ms: percentile(&latencies, 0.50),
        completion_p95_ms: percentile(&latencies, 0.95),
        peak_rss_bytes: wiring::peak_rss_bytes(),
    };
    if args.json {
        output::print_json(&figures)?;
    } else {
        output::print(&describe(&figures))?;
    }
    Ok(0)
}

/// The length asked for, which must fit into the context beside `reserved` tokens; without a wish, what fits up to the default.
fn fitting(name: &str, asked: Option<u32>, context: usize, reserved: usize) -> anyhow::Result<usize> {
    let room = context.saturating_sub(reserved);
    ensure!(room > 0, "--decode {reserved}: the model's context holds {context} tokens");
    match asked {
        None => Ok(DEFAULT_TOKENS.min(room)),
        Some(asked) => {
            ensure!(
                asked as usize <= room,
                "--{name} {asked}: the model's context of {context} tokens has room for {room}"
            );
            Ok(asked as usize)
        }
    }
}

/// Text of about `tokens` tokens; `run` makes its beginning differ, so that nothing comes from the KV cache.
fn prompt(assist: &Assist, tokens: usize, run: usize) -> String {
    let count = |text: &str| assist.engine().count_tokens(text).unwrap_or_else(|| text.len().div_ceil(BYTES_PER_TOKEN));
    let mut text = format!("# measurement {run}\n");
    let mut line = 0;
    loop {
        let counted = count(&text);
        if counted >= tokens {
            break;
        }
        for _ in 0..(tokens - counted).div_ceil(24).max(1) {
            text.push_str(&format!("value_{line} = compute(value_{}, {run})\n", line / 2));
            line += 1;
        }
    }
    // The last line overshoots: take characters away until the count is right.
    while count(&text) > tokens {
        text.pop();
    }
    text
}

async fn generate(assist: &Assist, text: String, tokens: usize) -> anyhow::Result<Usage> {
    let mut request = GenerateRequest::new(Prompt::Text(text), tokens);
    request.priority = Priority::Normal;
    request.ignore_eos = true;
    // The figure is of the model, not of what its text repeats.
    request.speculate = false;
    let (_, finish) = assist.engine().generate(request)?.collect().await?;
    Ok(finish.usage)
}

/// Types one line of the sample, asking after each character as an editor does; milliseconds of each answer.
async fn type_a_line(assist: &Assist) -> anyhow::Result<Vec<f64>> {
    let line = SAMPLE.find(TYPED_LINE).context("the sample holds the typed line")?;
    let after = line + TYPED_LINE.len();
    let indent = TYPED_LINE.len() - TYPED_LINE.trim_start().len();
    let python = Language::from_name("python").unwrap_or_else(Language::plain_text);
    let mut latencies = Vec::new();
    for typed in indent..TYPED_LINE.len() {
        let text = format!("{}{}", &SAMPLE[..line + typed], &SAMPLE[after..]);
        let snapshot = Snapshot::of_text(&text, python, None);
        let request = InlineCompletionRequest {
            offset: line + typed,
            trigger: Trigger::Automatic,
            selected: None,
            max_tokens: Some(16),
            sampling: None,
            stop: Vec::new(),
            cancel: CancelToken::new(),
        };
        let started = Instant::now();
        assist::inline_completion(assist, &snapshot, request).await?;
        latencies.push(started.elapsed().as_secs_f64() * 1e3);
    }
    Ok(latencies)
}

/// The value at a share of the sorted list (nearest rank).
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (share * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or_default()
}

fn describe(it: &Figures) -> String {
    let rss = it.peak_rss_bytes.map_or_else(|| "unknown".to_owned(), super::model::size);
    let server = it.server.as_ref().map(|server| format!(", {server}")).unwrap_or_default();
    format!(
        "model                {}{server}\n\
         load                 {} ms\n\
         prefill              {:.1} tokens/s over {} tokens\n\
         decode               {:.1} tokens/s over {} tokens at depth {}\n\
         completion           p50 {:.1} ms, p95 {:.1} ms over {} typed characters\n\
         peak resident memory {rss}\n",
        it.model,
        it.load_ms,
        it.prefill_tps,
        it.prefill_tokens,
        it.decode_tps,
        it.decode_tokens,
        it.decode_depth,
        it.completion_p50_ms,
        it.completion_p95_ms,
        it.completion_requests,
    )
}

#[cfg(test)]
mod tests {
    use super::{SAMPLE, TYPED_LINE, percentile};

    #[test]
    fn the_sample_holds_the_typed_line_once() {
        assert_eq!(SAMPLE.matches(TYPED_LINE).count(), 1);
    }

    #[test]
    fn percentiles_are_nearest_rank() {
        let sorted = [1.0, 2.0, 3.0, 4.0];
        assert_eq!((percentile(&sorted, 0.5), percentile(&sorted, 0.95), percentile(&[], 0.5)), (2.0, 4.0, 0.0));
    }
}
