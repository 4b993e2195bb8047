//! Mutations that know the format: blind ones break a length or a count, and everything behind it is unreadable.
//!
//! An image is taken apart into entries and tensors, a few of them are changed, and it is put together again with the
//! counts and lengths that fit, mostly. The format is written down a second time here, so that the reader is not tested
//! against itself. Nothing here judges an image.

use libfuzzer_sys::fuzzer_mutate;

/// Most bytes of a value that are changed by themselves.
const WINDOW: usize = 4096;

/// Endings of the metadata keys that the engine reads; the architecture stands before those of a model.
const KEYS: [&str; 47] = [
    "general.alignment",
    "general.architecture",
    "tokenizer.ggml.model",
    "tokenizer.ggml.pre",
    "tokenizer.ggml.tokens",
    "tokenizer.ggml.token_type",
    "tokenizer.ggml.scores",
    "tokenizer.ggml.merges",
    "tokenizer.ggml.bos_token_id",
    "tokenizer.ggml.eos_token_id",
    "tokenizer.ggml.eot_token_id",
    "tokenizer.ggml.unknown_token_id",
    "tokenizer.ggml.add_bos_token",
    "tokenizer.ggml.add_space_prefix",
    "tokenizer.ggml.fim_pre_token_id",
    "tokenizer.ggml.fim_suf_token_id",
    "tokenizer.ggml.fim_mid_token_id",
    "tokenizer.ggml.fim_pad_token_id",
    "tokenizer.ggml.fim_rep_token_id",
    "tokenizer.ggml.fim_sep_token_id",
    "tokenizer.chat_template",
    "tokenizer.chat_templates",
    "ropewalk.fim.order",
    "ropewalk.fim.header",
    ".context_length",
    ".embedding_length",
    ".feed_forward_length",
    ".block_count",
    ".attention.head_count",
    ".attention.head_count_kv",
    ".attention.key_length",
    ".attention.value_length",
    ".attention.layer_norm_rms_epsilon",
    ".attention.layer_norm_epsilon",
    ".attention.sliding_window",
    ".attention.sliding_window_pattern",
    ".attention.qk_norm",
    ".rope.dimension_count",
    ".rope.freq_base",
    ".rope.scaling.type",
    ".rope.scaling.factor",
    ".rope.scaling.attn_factor",
    ".rope.scaling.original_context_length",
    ".rope.scaling.yarn_beta_fast",
    ".final_logit_softcapping",
    ".embedding_norm",
    ".expert_count",
];

/// Texts that the engine knows as values, and some that a template might hold.
const TEXTS: [&str; 24] = [
    "llama",
    "qwen2",
    "qwen3",
    "starcoder",
    "starcoder2",
    "stablelm",
    "phi3",
    "gemma3",
    "gpt",
    "gpt2",
    "char",
    "llama-bpe",
    "deepseek-coder",
    "gpt-4o",
    "yarn",
    "linear",
    "longrope",
    "spm",
    "psm",
    "lang-path",
    "<|im_end|>",
    "{% for m in messages %}{{ m.content }}{% endfor %}",
    "{{ messages[0].content | length }}",
    "",
];

/// Numbers at which something changes.
const NUMBERS: [u64; 18] = [
    0,
    1,
    2,
    3,
    4,
    7,
    8,
    31,
    32,
    64,
    255,
    256,
    1 << 16,
    (1 << 20) - 1,
    1 << 20,
    i32::MAX as u64,
    u32::MAX as u64,
    u64::MAX,
];

const STRING: u32 = 8;
const ARRAY: u32 = 9;

/// Bytes of the kinds of fixed size, by their numbers; 0 for the others.
const SIZES: [usize; 13] = [1, 1, 2, 2, 4, 4, 4, 1, 0, 0, 8, 8, 8];

#[derive(Clone)]
struct Entry {
    key: Vec<u8>,
    kind: u32,
    value: Value,
}

#[derive(Clone)]
enum Value {
    /// A number or a text, without its length.
    Bytes(Vec<u8>),
    /// Items of a kind, likewise.
    Array(u32, Vec<Vec<u8>>),
}

#[derive(Clone)]
struct Tensor {
    name: Vec<u8>,
    dimensions: Vec<u64>,
    kind: u32,
    offset: u64,
}

struct Image {
    entries: Vec<Entry>,
    tensors: Vec<Tensor>,
    data: Vec<u8>,
}

/// Takes bytes from the front.
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, len: usize) -> Option<&'a [u8]> {
        self.0.split_off(..len)
    }

    fn u32(&mut self) -> Option<u32> {
        Some(u32::from_le_bytes(self.take(4)?.try_into().ok()?))
    }

    fn u64(&mut self) -> Option<u64> {
        Some(u64::from_le_bytes(self.take(8)?.try_into().ok()?))
    }

    fn text(&mut self) -> Option<Vec<u8>> {
        let len = usize::try_from(self.u64()?).ok()?;
        Some(self.take(len)?.to_vec())
    }

    /// A value of a kind that is no array.
    fn plain(&mut self, kind: u32) -> Option<Vec<u8>> {
        match SIZES.get(kind as usize)? {
            0 if kind == STRING => self.text(),
            0 => None,
            size => Some(self.take(*size)?.to_vec()),
        }
    }
}

impl Image {
    fn read(bytes: &[u8]) -> Option<Self> {
        let mut cursor = Cursor(bytes);
        cursor.take(8)?;
        let (n_tensors, n_entries) = (cursor.u64()?, cursor.u64()?);
        let mut image = Self { entries: Vec::new(), tensors: Vec::new(), data: Vec::new() };
        for _ in 0..n_entries {
            let (key, kind) = (cursor.text()?, cursor.u32()?);
            let value = if kind == ARRAY {
                let (kind, count) = (cursor.u32()?, cursor.u64()?);
                Value::Array(kind, (0..count).map(|_| cursor.plain(kind)).collect::<Option<_>>()?)
            } else {
                Value::Bytes(cursor.plain(kind)?)
            };
            image.entries.push(Entry { key, kind, value });
        }
        for _ in 0..n_tensors {
            let name = cursor.text()?;
            let dimensions = (0..cursor.u32()?.min(8)).map(|_| cursor.u64()).collect::<Option<_>>()?;
            image.tensors.push(Tensor { name, dimensions, kind: cursor.u32()?, offset: cursor.u64()? });
        }
        let read = bytes.len() - cursor.0.len();
        image.data = bytes.get(read.next_multiple_of(32)..).unwrap_or_default().to_vec();
        Some(image)
    }

    fn write(&self) -> Vec<u8> {
        let text = |out: &mut Vec<u8>, text: &[u8]| {
            out.extend((text.len() as u64).to_le_bytes());
            out.extend(text);
        };
        let plain = |out: &mut Vec<u8>, kind: u32, value: &[u8]| {
            if kind == STRING { text(out, value) } else { out.extend(value) }
        };
        let mut out = b"GGUF\x03\0\0\0".to_vec();
        out.extend((self.tensors.len() as u64).to_le_bytes());
        out.extend((self.entries.len() as u64).to_le_bytes());
        for Entry { key, kind, value } in &self.entries {
            text(&mut out, key);
            out.extend(kind.to_le_bytes());
            match value {
                Value::Bytes(value) => plain(&mut out, *kind, value),
                Value::Array(kind, items) => {
                    out.extend(kind.to_le_bytes());
                    out.extend((items.len() as u64).to_le_bytes());
                    items.iter().for_each(|item| plain(&mut out, *kind, item));
                }
            }
        }
        for Tensor { name, dimensions, kind, offset } in &self.tensors {
            text(&mut out, name);
            out.extend((dimensions.len() as u32).to_le_bytes());
            dimensions.iter().for_each(|dimension| out.extend(dimension.to_le_bytes()));
            out.extend(kind.to_le_bytes());
            out.extend(offset.to_le_bytes());
        }
        out.resize(out.len().next_multiple_of(32), 0);
        out.extend(&self.data);
        out
    }

    fn architecture(&self) -> Vec<u8> {
        let found = self.entries.iter().find(|entry| entry.key == b"general.architecture");
        match found.map(|entry| &entry.value) {
            Some(Value::Bytes(name)) => name.clone(),
            _ => b"llama".to_vec(),
        }
    }
}

/// A pseudo-random sequence (xorshift64*).
struct Chance(u64);

impl Chance {
    fn below(&mut self, count: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % count.max(1)
    }

    fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }
}

/// Lets libFuzzer change bytes, some of them where there are many.
fn blind(bytes: &mut Vec<u8>, chance: &mut Chance) {
    let from = chance.below(bytes.len().saturating_sub(WINDOW) + 1);
    let len = (bytes.len() - from).min(WINDOW);
    let mut window = bytes[from..from + len].to_vec();
    window.resize(len + 32, 0);
    let room = window.len();
    let new = fuzzer_mutate(&mut window, len, room);
    bytes.splice(from..from + len, window[..new].iter().copied());
}

/// Changes a number or a text.
fn change_plain(kind: u32, value: &mut Vec<u8>, chance: &mut Chance) {
    match SIZES.get(kind as usize).copied().unwrap_or(0) {
        0 if chance.below(3) == 0 => *value = chance.of(&TEXTS).as_bytes().to_vec(),
        0 => {
            blind(value, chance);
            // Most changes would only show that text must be UTF-8.
            if chance.below(8) > 0 {
                *value = String::from_utf8_lossy(value).into_owned().into_bytes();
            }
        }
        _ if chance.below(3) == 0 => {
            let len = value.len();
            fuzzer_mutate(value, len, len);
        }
        size => *value = number(size, kind == 6, chance),
    }
}

fn number(size: usize, is_float: bool, chance: &mut Chance) -> Vec<u8> {
    let number = *chance.of(&NUMBERS);
    if is_float {
        let small = [0.0, -1.0, 0.5, 1e-6, 1e30, f32::NAN, f32::INFINITY, number as f32];
        return chance.of(&small).to_le_bytes().to_vec();
    }
    number.to_le_bytes()[..size].to_vec()
}

fn change_entry(image: &mut Image, chance: &mut Chance) {
    let architecture = image.architecture();
    let index = chance.below(image.entries.len());
    match chance.below(8) {
        0 => drop(image.entries.remove(index)),
        1 => {
            let ending = chance.of(&KEYS).as_bytes();
            let prefix = if ending[0] == b'.' { &architecture[..] } else { &[] };
            let key = [prefix, ending].concat();
            let entry = match chance.below(4) {
                0 => Entry { key, ..image.entries[index].clone() },
                1 => Entry { key, kind: STRING, value: Value::Bytes(chance.of(&TEXTS).as_bytes().to_vec()) },
                2 => Entry { key, kind: 6, value: Value::Bytes(number(4, true, chance)) },
                _ => Entry { key, kind: 4, value: Value::Bytes(number(4, false, chance)) },
            };
            image.entries.push(entry);
        }
        2 => image.entries[index].kind = chance.below(14) as u32,
        _ => change_value(&mut image.entries[index], chance),
    }
}

fn change_value(entry: &mut Entry, chance: &mut Chance) {
    match &mut entry.value {
        Value::Bytes(value) => change_plain(entry.kind, value, chance),
        Value::Array(kind, items) if items.is_empty() => {
            items.resize(chance.below(300), vec![0; SIZES.get(*kind as usize).copied().unwrap_or(0)]);
        }
        Value::Array(kind, items) => {
            let (index, other) = (chance.below(items.len()), chance.below(items.len()));
            match chance.below(8) {
                0 => drop(items.remove(index)),
                1 => items.truncate(index),
                2 => items.insert(other, items[index].clone()),
                3 => items.swap(index, other),
                // Many short ones: each costs more memory than file.
                4 => items
                    .resize(items.len() + chance.below(4000), vec![0; SIZES.get(*kind as usize).copied().unwrap_or(0)]),
                _ => change_plain(*kind, &mut items[index], chance),
            }
        }
    }
}

fn change_tensor(image: &mut Image, chance: &mut Chance) {
    let index = chance.below(image.tensors.len());
    let other = image.tensors[chance.below(image.tensors.len())].clone();
    let tensor = &mut image.tensors[index];
    match chance.below(10) {
        0 => drop(image.tensors.remove(index)),
        1 => image.tensors.push(Tensor { name: [&other.name[..], b"2"].concat(), ..other }),
        2 => blind(&mut tensor.name, chance),
        3 => tensor.kind = chance.below(40) as u32,
        4 => tensor.kind = other.kind,
        5 => tensor.offset = other.offset,
        6 => tensor.offset = chance.of(&NUMBERS) / 32 * 32,
        7 => tensor.dimensions = other.dimensions,
        8 => tensor.dimensions.truncate(chance.below(4)),
        _ if tensor.dimensions.is_empty() => tensor.dimensions.push(*chance.of(&NUMBERS)),
        _ => {
            let axis = chance.below(tensor.dimensions.len());
            tensor.dimensions[axis] = *chance.of(&NUMBERS);
        }
    }
}

/// Writes a size into every place that has another: files in which all agree on a strange one get past the checks.
fn change_size(image: &mut Image, chance: &mut Chance) {
    let sizes: Vec<u64> = image.tensors.iter().flat_map(|tensor| &tensor.dimensions).copied().collect();
    let old = *chance.of(&sizes);
    let new = match chance.below(3) {
        0 => *chance.of(&NUMBERS),
        1 => old / 2,
        _ => *chance.of(&sizes),
    };
    image
        .tensors
        .iter_mut()
        .flat_map(|tensor| &mut tensor.dimensions)
        .filter(|it| **it == old)
        .for_each(|it| *it = new);
    for entry in &mut image.entries {
        if let (4, Value::Bytes(value)) = (entry.kind, &mut entry.value)
            && u32::try_from(old).is_ok_and(|old| *value == old.to_le_bytes())
        {
            *value = (new as u32).to_le_bytes().to_vec();
        }
    }
}

/// Changes an image of `size` bytes in place; the new size.
pub fn mutate(data: &mut [u8], size: usize, max_size: usize, seed: u32) -> usize {
    let mut chance = Chance(u64::from(seed) << 1 | 1);
    let Some(mut image) = Image::read(&data[..size]).filter(|_| chance.below(8) > 0) else {
        return fuzzer_mutate(data, size, max_size);
    };
    for _ in 0..=chance.below(3) {
        match chance.below(8) {
            0..4 if !image.entries.is_empty() => change_entry(&mut image, &mut chance),
            4 | 5 if !image.tensors.is_empty() => change_tensor(&mut image, &mut chance),
            6 if image.tensors.iter().any(|it| !it.dimensions.is_empty()) => change_size(&mut image, &mut chance),
            _ => blind(&mut image.data, &mut chance),
        }
    }
    let mutated = image.write();
    if mutated.len() > max_size {
        return fuzzer_mutate(data, size, max_size);
    }
    data[..mutated.len()].copy_from_slice(&mutated);
    mutated.len()
}
