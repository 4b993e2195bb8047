//! Token ids of texts, for comparison with other tokenizers (`tests/reference/tokens.py`).
//!
//! ```text
//! tokenize MODEL.gguf < TEXTS
//! tokenize MODEL.gguf --bench FILE...
//! ```
//! Standard input has one JSON string a line. For each one line is written: its ids with spaces between, a tab, and as
//! a JSON string what the ids decode to. `--bench` writes how long all files together take, one call a file, at first
//! and when the words are known.

use std::error::Error;
use std::io::{BufRead, Write};
use std::path::Path;
use std::time::Instant;

use engine::raw::RawTokenizer;

fn main() -> Result<(), Box<dyn Error>> {
    let mut args = std::env::args().skip(1);
    let model = args.next().ok_or("the path of a model is missing")?;
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let start = Instant::now();
    let tokenizer = RawTokenizer::open(Path::new(&model))?;
    let load = start.elapsed();
    match args.next().as_deref() {
        Some("--bench") => {
            let texts: Vec<String> = args.map(std::fs::read_to_string).collect::<Result<_, _>>()?;
            let bytes: usize = texts.iter().map(String::len).sum();
            for run in 0..5 {
                let start = Instant::now();
                let tokens: usize = texts.iter().map(|text| tokenizer.encode(text).len()).sum();
                let time = start.elapsed();
                let rate = bytes as f64 / time.as_secs_f64() / 1e6;
                writeln!(
                    out,
                    "run {run}: {bytes} bytes, {tokens} tokens, {time:.1?}, {rate:.1} MB/s (load {load:.0?})"
                )?;
            }
        }
        Some(other) => return Err(format!("unknown option {other}").into()),
        None => {
            for line in std::io::stdin().lock().lines() {
                let text: String = serde_json::from_str(&line?)?;
                let ids = tokenizer.encode(&text);
                let shown: Vec<String> = ids.iter().map(u32::to_string).collect();
                writeln!(out, "{}\t{}", shown.join(" "), serde_json::to_string(&tokenizer.decode(&ids))?)?;
            }
        }
    }
    Ok(())
}
