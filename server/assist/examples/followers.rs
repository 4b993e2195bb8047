//! What the copy engine finds and what the model thinks of it, token by token of code that is known: the data that the
//! numbers of `src/copy_engine/evidence.rs` are fitted to, by `server/builtin/training/fit_copies.py`.
//!
//! ```text
//! followers MODEL.gguf CORPUS.jsonl --language NAME [--packages N] [--holes N] [--seed N] [--threads N] > FOLLOWERS.jsonl
//! ```
//! `CORPUS.jsonl` is `corpus.py`'s (`{"pkg", "path", "lang", "text"}` a line); each package is a workspace. Holes are cut
//! from a place in a line of code to the line's end. They are filled with what stood there, and at each of its tokens,
//! and at its end, one line is written:
//!
//! ```text
//! {"package": NAME, "language": NAME, "hole": N, "token": N, "truth": ID, "logprob": MODEL'S, "trust": LOG-ODDS,
//!  "followers": [FOLLOWER, …]}
//! ```
//! A follower is `[bytes that agree, distance, ID, model's logprob, head]`: the distance is in bytes in the same document,
//! -2 for a file of the same folder, -1 for another; the head is the index of the first follower that begins like it. The
//! log-odds are those of the followers by the numbers that this program was built with; `null` without any.

use std::collections::{BTreeMap, HashMap};
use std::error::Error;
use std::io::{BufRead, BufReader, BufWriter, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use assist::fit::{LineFollower, LineHole};
use assist::model::{Engine, EngineConfig, ModelSource, ModelState};
use assist::{Assist, AssistConfig, DocumentId, FileStamp, ProjectFiles};
use engine::raw::{RawModel, RawTokenizer};
use serde_json::{Value, json};

/// Packages with less are no workspaces.
const MIN_FILES: usize = 6;
const MIN_BYTES: usize = 200_000;
/// A hole is looked for so many times before its package is given up.
const ATTEMPTS: usize = 50;
/// Shortest code in a line, and longest line, that a hole is cut into, in bytes.
const MIN_CODE: usize = 3;
const MAX_LINE: usize = 110;
/// Tokens read in one pass.
const CHUNK: usize = 64;

struct Args {
    model: PathBuf,
    corpus: PathBuf,
    language: String,
    packages: usize,
    holes: usize,
    seed: u64,
    threads: usize,
}

fn args() -> Result<Args, Box<dyn Error>> {
    let mut given = std::env::args().skip(1);
    let model = given.next().ok_or("the path of a model is missing")?.into();
    let corpus = given.next().ok_or("the path of a corpus is missing")?.into();
    let mut args = Args { model, corpus, language: String::new(), packages: 20, holes: 40, seed: 1, threads: 1 };
    while let Some(flag) = given.next() {
        let value = given.next().ok_or(format!("{flag} needs a value"))?;
        match flag.as_str() {
            "--language" => args.language = value,
            "--packages" => args.packages = value.parse()?,
            "--holes" => args.holes = value.parse()?,
            "--seed" => args.seed = value.parse()?,
            "--threads" => args.threads = value.parse()?,
            _ => return Err(format!("unknown option {flag}").into()),
        }
    }
    if args.language.is_empty() { Err("--language is missing".into()) } else { Ok(args) }
}

/// SplitMix64 (Steele, Lea and Flood, *Fast Splittable Pseudorandom Number Generators*, 2014).
struct Random(u64);

impl Random {
    /// A number below `limit`, which is not 0.
    fn below(&mut self, limit: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((z ^ (z >> 31)) % limit as u64) as usize
    }
}

/// The files of the packages, as if they lay on a disk in a folder each.
struct Corpus {
    packages: BTreeMap<PathBuf, BTreeMap<PathBuf, String>>,
}

impl Corpus {
    /// The packages with enough code in the language.
    fn read(path: &Path, language: &str) -> Result<Self, Box<dyn Error>> {
        let mut packages: BTreeMap<PathBuf, BTreeMap<PathBuf, String>> = BTreeMap::new();
        let file = std::fs::File::open(path).map_err(|error| format!("{}: {error}", path.display()))?;
        for (number, line) in BufReader::new(file).lines().enumerate() {
            let file: Value = serde_json::from_str(&line?)?;
            let field = |name: &str| file[name].as_str().ok_or(format!("line {}: no text {name:?}", number + 1));
            if field("lang")? == language {
                let folder = Path::new("/").join(field("pkg")?);
                let path = folder.join(field("path")?);
                packages.entry(folder).or_default().insert(path, field("text")?.to_owned());
            }
        }
        packages
            .retain(|_, files| files.len() >= MIN_FILES && files.values().map(String::len).sum::<usize>() >= MIN_BYTES);
        Ok(Self { packages })
    }
}

impl ProjectFiles for Corpus {
    fn list(&self, folder: &Path) -> Vec<FileStamp> {
        let files = self.packages.get(folder).into_iter().flatten();
        files.map(|(path, text)| FileStamp { path: path.clone(), bytes: text.len() as u64, modified: None }).collect()
    }

    fn read(&self, path: &Path) -> Option<String> {
        self.packages.values().find_map(|files| files.get(path)).cloned()
    }
}

/// A hole in or at the line around `at`, from there or from the line's indentation to its end; `None` in comments, and in
/// lines that are data.
fn hole(text: &str, at: usize, random: &mut Random) -> Option<(usize, usize)> {
    let at = text.floor_char_boundary(at);
    let start = text[..at].rfind('\n').map_or(0, |end| end + 1);
    let end = text[at..].find(['\n', '\r']).map_or(text.len(), |rest| at + rest);
    let line = text.get(start..end)?;
    let code = line.trim_start();
    let is_comment = ["#", "//", "/*", "*", "\"\"\"", "'''"].iter().any(|marker| code.starts_with(marker));
    if is_comment || code.len() < MIN_CODE || line.len() > MAX_LINE {
        return None;
    }
    let code_start = end - code.len();
    let from = if random.below(3) == 0 { code_start } else { at.max(code_start) };
    (!text[from..end].trim().is_empty()).then_some((from, end))
}

/// Whoever answers for a token: the model alone.
struct Speaker {
    tokenizer: RawTokenizer,
    model: RawModel,
    context_length: usize,
    answer_length: usize,
    logits: Vec<f32>,
}

impl Speaker {
    fn open(args: &Args, context_length: usize, answer_length: usize) -> Result<Self, Box<dyn Error>> {
        let tokenizer = RawTokenizer::open(&args.model)?;
        let model = RawModel::open(&args.model, context_length, args.threads, CHUNK)?;
        Ok(Self { tokenizer, model, context_length, answer_length, logits: Vec::new() })
    }

    /// Fills the hole with `wanted` and gives, for each of its tokens and for its end, what a line of output says. The
    /// first tokens write again what was taken back from the prompt, as they do in the product.
    fn fill(&mut self, hole: &LineHole, wanted: &str) -> Result<Vec<Value>, Box<dyn Error>> {
        let mut prompt = self.tokenizer.encode_prompt_within(hole.prompt(), self.context_length, self.answer_length)?;
        let mut healing = self.tokenizer.heal(&mut prompt);
        let end = self.tokenizer.first_of_continuation("").ok_or("the model cannot end a text")?;
        let mut tokens = match healing.rest() {
            Some(rest) => self.tokenizer.encode_continuation(&format!("{rest}{wanted}")),
            None => return Ok(Vec::new()),
        };
        tokens.push(end);
        tokens.truncate(self.answer_length);
        self.model.truncate(0);
        self.model.forward(&prompt, &mut self.logits)?;
        let mut generated = String::new();
        let mut lines = Vec::new();
        for (index, &truth) in tokens.iter().enumerate() {
            let Some(before) = healing.rest() else { break };
            self.tokenizer.restrict(&healing, &mut self.logits);
            let normalizer = log_sum_exp(&self.logits);
            let logprob = |token: u32| self.logits[token as usize] - normalizer;
            lines.push(json!({
                "token": index,
                "truth": truth,
                "logprob": rounded(logprob(truth)),
                "trust": rounded(hole.trust(&generated)),
                "followers": self.described(before, &hole.followers(&generated), logprob),
            }));
            if truth == end {
                break;
            }
            generated.push_str(&self.tokenizer.accept(&mut healing, truth));
            // A part of a character: the copy engine would be asked again when it is whole.
            if generated.contains(char::REPLACEMENT_CHARACTER) {
                break;
            }
            self.model.forward(&[truth], &mut self.logits)?;
        }
        Ok(lines)
    }

    /// The followers; `before` is still to be written before them.
    fn described(&self, before: &str, followers: &[LineFollower], logprob: impl Fn(u32) -> f32) -> Vec<Value> {
        let mut heads: HashMap<&str, usize> = HashMap::new();
        let mut described = Vec::with_capacity(followers.len());
        for (index, LineFollower { text, head, length, distance, is_beside }) in followers.iter().enumerate() {
            let Some(token) = self.tokenizer.first_of_continuation(&format!("{before}{text}")) else { continue };
            let distance = distance.map_or(if *is_beside { -2 } else { -1 }, |distance| distance as i64);
            let head = *heads.entry(head).or_insert(index);
            described.push(json!([length, distance, token, rounded(logprob(token)), head]));
        }
        described
    }
}

fn log_sum_exp(logits: &[f32]) -> f32 {
    let most = logits.iter().copied().fold(f32::NEG_INFINITY, f32::max);
    most + logits.iter().map(|logit| (logit - most).exp()).sum::<f32>().ln()
}

fn rounded(logprob: f32) -> f64 {
    (f64::from(logprob) * 1e4).round() / 1e4
}

fn main() -> Result<(), Box<dyn Error>> {
    let args = args()?;
    let corpus = Arc::new(Corpus::read(&args.corpus, &args.language)?);
    let mut random = Random(args.seed);
    let mut folders: Vec<_> = corpus.packages.keys().collect();
    for last in (1..folders.len()).rev() {
        folders.swap(last, random.below(last + 1));
    }
    folders.truncate(args.packages);
    if folders.is_empty() {
        return Err(format!("no package has {MIN_FILES} files and {MIN_BYTES} bytes of {:?}", args.language).into());
    }

    let engine = Engine::start(EngineConfig { threads: Some(args.threads), ..EngineConfig::default() });
    engine.load(ModelSource::File(args.model.clone())).blocking_finished()?;
    let config = AssistConfig::default();
    let answer_length = config.inline_completion.max_tokens;
    let assist = Assist::with_project(engine, config, Some(corpus.clone()));
    let ModelState::Ready(model) = assist.engine().status().model else { return Err("the model went away".into()) };
    let mut speaker = Speaker::open(&args, model.context_length, answer_length)?;

    let mut out = BufWriter::new(std::io::stdout().lock());
    let mut holes = 0;
    for folder in folders {
        let files: Vec<_> = corpus.packages[folder].iter().collect();
        let total: usize = files.iter().map(|(_, text)| text.len()).sum();
        assist.set_folders(vec![folder.clone()]);
        assist.index_project();
        let before = holes;
        for _ in 0..args.holes * ATTEMPTS {
            if holes - before == args.holes {
                break;
            }
            // Each file as likely as its length says.
            let mut at = random.below(total);
            let chosen = files.iter().find(|(_, text)| match at.checked_sub(text.len()) {
                Some(rest) => {
                    at = rest;
                    false
                }
                None => true,
            });
            let Some((path, text)) = chosen else { continue };
            let Some((start, end)) = hole(text, at, &mut random) else { continue };
            let id = DocumentId::new(&format!("file://{}", path.display()));
            assist.workspace().open(id.clone(), &args.language, 1, &format!("{}{}", &text[..start], &text[end..]));
            let snapshot = assist.workspace().snapshot(&id).ok_or("the document was opened just now")?;
            // Where the name is no plain path, the file on the disk would be taken for another one.
            if snapshot.path() == Some(path) {
                let found = LineHole::new(&assist, &snapshot, start).ok_or("the model does not fill holes")?;
                for mut line in speaker.fill(&found, &text[start..end])? {
                    line["package"] = folder.display().to_string().trim_start_matches('/').into();
                    line["language"] = args.language.as_str().into();
                    line["hole"] = holes.into();
                    writeln!(out, "{line}")?;
                }
                holes += 1;
            }
            assist.workspace().close(&id)?;
        }
        writeln!(std::io::stderr(), "{}: {} holes, {holes} in all", folder.display(), holes - before)?;
    }
    out.flush()?;
    Ok(())
}
