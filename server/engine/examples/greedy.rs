//! Greedy continuation of token ids, for comparison with other runners (`tests/reference/greedy.py`).
//!
//! ```text
//! greedy MODEL.gguf [--tokens N] [--threads N] [--chunk N] [--logits FILE] [--bench] < PROMPTS
//! ```
//! Standard input has one prompt a line, as ids with spaces between. For each prompt one line is written: the ids that
//! follow, each with the gap between the two highest logits, as `id:gap`. `--logits` writes the last prompt position's
//! logits of every prompt to a file, as little-endian `f32`. `--bench` writes times to standard error.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::PathBuf;
use std::time::Instant;

use engine::raw::RawModel;

struct Args {
    model: PathBuf,
    tokens: usize,
    threads: usize,
    chunk: usize,
    logits: Option<PathBuf>,
    bench: bool,
}

fn args() -> Result<Args, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let model = given.next().ok_or("the path of a model is missing")?.into();
    let mut args = Args { model, tokens: 64, threads: 2, chunk: 64, logits: None, bench: false };
    while let Some(flag) = given.next() {
        let mut value = || given.next().ok_or(format!("{flag} needs a value"));
        match flag.as_str() {
            "--tokens" => args.tokens = value()?.parse()?,
            "--threads" => args.threads = value()?.parse()?,
            "--chunk" => args.chunk = value()?.parse()?,
            "--logits" => args.logits = Some(value()?.into()),
            "--bench" => args.bench = true,
            _ => return Err(format!("unknown option {flag}").into()),
        }
    }
    Ok(args)
}

/// The most likely token and how far the second one is behind.
fn best(logits: &[f32]) -> (u32, f32) {
    let mut best = (0, f32::NEG_INFINITY);
    let mut second = f32::NEG_INFINITY;
    for (token, &logit) in (0..).zip(logits) {
        if logit > best.1 {
            second = best.1;
            best = (token, logit);
        } else if logit > second {
            second = logit;
        }
    }
    (best.0, best.1 - second)
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = args()?;
    let mut model = RawModel::open(&args.model, 4096, args.threads, args.chunk)?;
    let mut dump = args.logits.map(std::fs::File::create).transpose()?;
    let mut logits = Vec::new();
    let mut out = std::io::stdout().lock();
    for line in std::io::stdin().lock().lines() {
        let prompt: Vec<u32> = line?.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
        model.truncate(0);
        let start = Instant::now();
        model.forward(&prompt, &mut logits)?;
        let prefill = start.elapsed();
        if let Some(dump) = &mut dump {
            for logit in &logits {
                dump.write_all(&logit.to_le_bytes())?;
            }
        }
        let start = Instant::now();
        let mut answer = Vec::new();
        for _ in 0..args.tokens {
            let (token, gap) = best(&logits);
            answer.push(format!("{token}:{gap}"));
            model.forward(&[token], &mut logits)?;
        }
        let decode = start.elapsed();
        writeln!(out, "{}", answer.join(" "))?;
        if args.bench {
            let rate = |count: usize, time: std::time::Duration| count as f64 / time.as_secs_f64();
            writeln!(
                std::io::stderr(),
                "prefill {} tokens: {:.1} t/s, decode {}: {:.1} t/s",
                prompt.len(),
                rate(prompt.len(), prefill),
                args.tokens,
                rate(args.tokens, decode),
            )?;
        }
    }
    Ok(())
}
