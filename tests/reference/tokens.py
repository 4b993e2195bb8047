#!/usr/bin/env python3
"""Compare ropewalk's token ids with llama.cpp's, and with Hugging Face's or SentencePiece's own implementation.

    pip install llama-cpp-python gguf tokenizers sentencepiece protobuf
    cargo build --release -p engine --features raw --example tokenize
    tokens.py [--binary target/release/examples/tokenize] [--corpus DIR]... [--lines 10000] [--pre NAME]... VOCAB.gguf...

Needs the tokenizer's metadata only: llama.cpp's source carries such files of real models (`models/ggml-vocab-*.gguf`).
Texts are lines and blocks of the sources below the `--corpus` folders (this repository by default), and made ones:
tabs, long runs of spaces, numbers, CRLF, emoji, CJK, combining marks, any assigned character, and text that looks like
special tokens of that vocabulary. For each file one line says on how many texts the ids differ from each reference,
and how many texts do not survive encoding and decoding.

The second reference is built from the same vocabulary: for byte-level BPE by the `tokenizers` library with the
pre-tokenizer of the family's own `tokenizer.json` (without its Unicode normalization, which llama.cpp leaves out as
well), for SentencePiece by the `sentencepiece` library.

`--pre` checks a pre-tokenizer for which no file is at hand: the vocabulary is taken as if it had that name.
`--nameless` takes the name out of the file that we read, as files from before there were names lack it.
`--bench` measures instead, on one megabyte of the corpus: five alternating runs of llama.cpp and of ours.
The exit status is 0 when nothing differs.
"""
import argparse
import json
import os
import random
import statistics
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path

import gguf
import llama_cpp

NORMAL, UNKNOWN, CONTROL, USER_DEFINED, UNUSED, BYTE = range(1, 7)
SOURCES = {".rs", ".py", ".js", ".mjs", ".ts", ".c", ".h", ".cpp", ".go", ".java", ".md", ".json", ".toml", ".html", ".css"}
SPACE = "\u2581"

CONTRACTIONS = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)"
TAIL = r"| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
UPPER, LOWER = r"[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]", r"[\p{Ll}\p{Lm}\p{Lo}\p{M}]"
LLAMA3 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}" + TAIL
QWEN2 = CONTRACTIONS + r"|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}" + TAIL
SLASH_TAIL = TAIL.replace(r"[\r\n]*", r"[\r\n/]*")
WORD = r"[^\r\n\p{L}\p{N}]?"
TEKKEN = f"{WORD}{UPPER}*{LOWER}+|{WORD}{UPPER}+{LOWER}*" + r"|\p{N}" + SLASH_TAIL
GPT4O = f"{WORD}{UPPER}*{LOWER}+{CONTRACTIONS}?|{WORD}{UPPER}+{LOWER}*{CONTRACTIONS}?" + r"|\p{N}{1,3}" + SLASH_TAIL
CJK = "[一-龥\u0800-一가-\ud7ff]+"
DEEPSEEK_V3 = (
    r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+"""
    r"""| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
)

# By `tokenizer.ggml.pre`: the pre-tokenizer of the family's `tokenizer.json`. A string is a Split, "digits" and so on are
# the library's own; GPT-2's expression is built into ByteLevel.
FAMILIES = {
    "gpt-2": ["gpt2"], "mpt": ["gpt2"], "olmo": ["gpt2"], "phi-2": ["gpt2"], "jina-v2-code": ["gpt2"],
    "granite-docling": ["gpt2"],
    "starcoder": ["digits", "gpt2"], "refact": ["digits", "gpt2"], "codeshell": ["digits", "gpt2"],
    "smollm": ["digits", "gpt2"], "command-r": ["digits", "gpt2"],
    "falcon": ["punctuation", "gpt2", "numbers", "[0-9][0-9][0-9]"],
    "qwen2": [QWEN2], "stablelm2": [QWEN2], "deepseek-r1-qwen": [QWEN2], "hunyuan": [QWEN2], "grok-2": [QWEN2],
    "qwen35": [QWEN2.replace(r"?\p{L}+", r"?[\p{L}\p{M}]+").replace(r"[^\s\p{L}\p{N}]+", r"[^\s\p{L}\p{M}\p{N}]+")],
    "llama-bpe": [LLAMA3], "llama3": [LLAMA3], "dbrx": [LLAMA3], "smaug-bpe": [LLAMA3], "glm4": [LLAMA3],
    "chatglm-bpe": [LLAMA3], "falcon3": [LLAMA3],
    "seed-coder": [QWEN2.replace(r"[^\s\p{L}\p{N}]+[\r\n]*", r"[^\s\p{L}\p{N}\r\n]+")],
    "bailingmoe": [
        r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]++[\r\n]*|\s*[\r\n]|\s+(?!\S)|\s+"
    ],
    "tekken": [TEKKEN], "gpt-4o": [GPT4O], "llama4": [GPT4O], "minimax-m2": [GPT4O],
    "deepseek-coder": [r"[\r\n]", r"\s?\p{L}+", r"\s?\p{P}+", CJK, "digits"],
    "deepseek-v3": [r"\p{N}{1,3}", "[一-龥\u3040-ゟ\u30a0-ヿ]+", DEEPSEEK_V3],
}
IGNORE_MERGES = {"llama-bpe", "llama3", "falcon3", "glm4", "tekken"}


class Vocabulary:
    """The tokenizer's metadata of a GGUF file."""

    def __init__(self, path):
        self.path = path
        fields = gguf.GGUFReader(path).fields
        get = lambda key, default=None: fields[key].contents() if key in fields else default
        self.model, self.pre = get("tokenizer.ggml.model"), get("tokenizer.ggml.pre")
        self.tokens, self.merges = get("tokenizer.ggml.tokens"), get("tokenizer.ggml.merges")
        self.kinds = get("tokenizer.ggml.token_type") or [NORMAL] * len(self.tokens)
        self.bos, self.eos = get("tokenizer.ggml.bos_token_id"), get("tokenizer.ggml.eos_token_id")
        self.scores = get("tokenizer.ggml.scores")
        self.add_space_prefix = get("tokenizer.ggml.add_space_prefix", True)
        self.unknown = get("tokenizer.ggml.unknown_token_id", 0)
        visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
        hidden = [byte for byte in range(256) if byte not in visible]
        alphabet = {byte: chr(byte) for byte in visible} | {byte: chr(0x100 + rank) for rank, byte in enumerate(hidden)}
        known = set(self.tokens)
        self.missing_bytes = {byte for byte, char in alphabet.items() if char not in known}

    def of_kind(self, *kinds):
        return [(id, token) for id, (token, kind) in enumerate(zip(self.tokens, self.kinds)) if kind in kinds]

    def with_pre(self, name, folder):
        """A file with the same vocabulary and another pre-tokenizer."""
        path = os.path.join(folder, f"{Path(self.path).stem}-{name}.gguf")
        writer = gguf.GGUFWriter(path, "llama")
        writer.add_tokenizer_model(self.model)
        if name is not None:
            writer.add_tokenizer_pre(name)
        writer.add_token_list(self.tokens)
        writer.add_token_types(self.kinds)
        writer.add_token_merges(self.merges)
        writer.add_eos_token_id(self.eos)
        writer.add_bos_token_id(self.bos)
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.close()
        return path


class LlamaCpp:
    def __init__(self, path, vocabulary=None):
        self.model = llama_cpp.Llama(path, vocab_only=True, verbose=False)
        # It takes some tokens for markers that files do not call so.
        for id in range(len(vocabulary.tokens) if vocabulary else 0):
            if llama_cpp.llama_vocab_get_attr(self.model._model.vocab, id) & llama_cpp.LLAMA_TOKEN_ATTR_CONTROL:
                vocabulary.kinds[id] = CONTROL

    def encode(self, text):
        return self.model.tokenize(text.encode(), add_bos=False, special=False)


def hugging_face(vocabulary):
    """The `tokenizers` library with this vocabulary, or None where its pre-tokenizer is not in the table."""
    from tokenizers import AddedToken, Regex, Tokenizer, models, pre_tokenizers

    if vocabulary.pre not in FAMILIES:
        return None
    named = {
        "gpt2": lambda: pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True),
        "digits": lambda: pre_tokenizers.Digits(individual_digits=True),
        "numbers": lambda: pre_tokenizers.Digits(individual_digits=False),
        "punctuation": lambda: pre_tokenizers.Punctuation("contiguous"),
    }
    steps = [
        named[step]() if step in named else pre_tokenizers.Split(Regex(step), "isolated") for step in FAMILIES[vocabulary.pre]
    ]
    if "gpt2" not in FAMILIES[vocabulary.pre]:
        steps.append(pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False))
    merges = [tuple(merge.split(" ", 1)) for merge in vocabulary.merges]
    ids = {token: id for id, token in enumerate(vocabulary.tokens)}
    if vocabulary.pre in IGNORE_MERGES:
        # Whole words are looked up: only what text can become may be found.
        used = {part for merge in merges for part in (*merge, "".join(merge))}
        ids = {token: id for token, id in ids.items() if vocabulary.kinds[id] == NORMAL or token in used}
    tokenizer = Tokenizer(models.BPE(ids, merges, ignore_merges=vocabulary.pre in IGNORE_MERGES))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(steps)
    fixed = [token for _, token in vocabulary.of_kind(USER_DEFINED)]
    tokenizer.add_tokens([AddedToken(token, normalized=False, special=False) for token in fixed])

    class Reference:
        def encode(self, text):
            return tokenizer.encode(text, add_special_tokens=False).ids

    return Reference()


def sentence_piece(vocabulary):
    """The `sentencepiece` library with this vocabulary."""
    import sentencepiece
    from sentencepiece import sentencepiece_model_pb2 as proto

    model = proto.ModelProto()
    for token, score, kind in zip(vocabulary.tokens, vocabulary.scores, vocabulary.kinds):
        # A piece of control type is never made from text either; several unknown ones are not allowed.
        number = CONTROL if kind == UNKNOWN and token != vocabulary.tokens[vocabulary.unknown] else kind
        model.pieces.add(piece=token, score=score, type=number)
    model.trainer_spec.model_type = proto.TrainerSpec.BPE
    model.trainer_spec.byte_fallback = True
    model.trainer_spec.unk_id = vocabulary.unknown
    model.trainer_spec.unk_piece = vocabulary.tokens[vocabulary.unknown]
    model.normalizer_spec.name = "identity"
    model.normalizer_spec.add_dummy_prefix = bool(vocabulary.add_space_prefix)
    model.normalizer_spec.remove_extra_whitespaces = False
    model.normalizer_spec.escape_whitespaces = True
    processor = sentencepiece.SentencePieceProcessor(model_proto=model.SerializeToString())

    class Reference:
        def encode(self, text):
            return processor.encode(text)

    return Reference()


def corpus(folders, limit=60_000_000):
    texts, size = [], 0
    files = [path for folder in folders for path in Path(folder).rglob("*") if path.suffix in SOURCES and path.is_file()]
    random.Random(1).shuffle(files)
    for path in files:
        try:
            text = path.read_bytes().decode()
        except (UnicodeDecodeError, OSError):
            continue
        if "\0" not in text:
            texts.append(text)
            size += len(text)
        if size > limit:
            break
    return texts


def assigned():
    """Characters that Unicode has given out, apart from surrogates and private ones."""
    return [chr(code) for code in range(1, 0x110000) if unicodedata.category(chr(code)) not in ("Cn", "Cs", "Co")]


def made_text(choose, characters, special):
    """One made line, or a few."""
    parts = [
        lambda: choose.choice(special),
        lambda: choose.choice(special)[: choose.randrange(1, 8)],
        lambda: " " * choose.randrange(1, 80),
        lambda: "\t" * choose.randrange(1, 10),
        lambda: choose.choice(["\r\n", "\n", "\n\n", "\r", "\r\n\r\n", " \n", "\n  ", "\t\n", "\u2028", "\x0b", "\x85"]),
        lambda: str(choose.randrange(10 ** choose.randrange(1, 15))),
        lambda: f"{choose.random() * 1000:.4f}e-{choose.randrange(30)}, 0x{choose.randrange(2**32):X}",
        lambda: choose.choice(["don't", "WE'LL", "I'M", "'s", "it'S", "'re", "l'été", "O'Neill's", "''t", "y'all'd've"]),
        lambda: "".join(choose.choice("👩💻🦀❤️🇩🇪👨‍👩‍👧🏽😀") for _ in range(choose.randrange(1, 6))),
        lambda: "".join(chr(choose.randrange(0x4E00, 0x9FA6)) for _ in range(choose.randrange(1, 9))),
        lambda: "".join(chr(choose.randrange(0x3041, 0x30FF)) for _ in range(choose.randrange(1, 9))),
        lambda: "".join(chr(choose.randrange(0xAC00, 0xD7A4)) for _ in range(choose.randrange(1, 9))),
        lambda: "".join(choose.choice("aeonAEK") + chr(choose.randrange(0x300, 0x370)) for _ in range(choose.randrange(1, 5))),
        lambda: "".join(chr(choose.randrange(0x20, 0x7F)) for _ in range(choose.randrange(1, 20))),
        lambda: "".join(chr(choose.randrange(0xA1, 0x250)) for _ in range(choose.randrange(1, 8))),
        lambda: "".join(choose.choice(characters) for _ in range(choose.randrange(1, 8))),
        lambda: choose.choice("-=*_#/.~") * choose.randrange(1, 100),
    ]
    return "".join(choose.choice(parts)() for _ in range(choose.randrange(1, 9)))


def texts_for(vocabulary, sources, lines):
    """Texts with at least this many lines: half of them lines, a quarter blocks, a quarter made ones."""
    choose = random.Random(2)
    all_lines = [line for source in choose.sample(sources, min(len(sources), 2000)) for line in source.splitlines() if line.strip()]
    special = [token for _, token in vocabulary.of_kind(CONTROL, USER_DEFINED, UNKNOWN)] or ["<unk>"]
    special += ["<|endoftext|>", "<|im_start|>", "<s>", "</s>", "<fim_prefix>", "<|fim_middle|>", "<0x0A>", "[INST]", "<unk>"]
    characters = assigned()
    texts = [all_lines[choose.randrange(len(all_lines))] for _ in range(lines // 2)]
    count = 0
    while count < lines // 4:
        block = choose.choice(sources).splitlines(keepends=True)
        start = choose.randrange(max(1, len(block)))
        block = block[start : start + choose.randrange(2, 30)]
        texts.append("".join(block))
        count += len(block)
    texts += [made_text(choose, characters, special) for _ in range(lines // 4)]
    return texts


def ours(binary, path, texts):
    """Ids and decoded texts."""
    text = "".join(json.dumps(text) + "\n" for text in texts)
    answer = subprocess.run([binary, path], input=text, capture_output=True, text=True)
    if answer.returncode != 0:
        return None, answer.stderr.strip()
    pairs = [line.split("\t") for line in answer.stdout.split("\n")[:-1]]
    return [([int(id) for id in ids.split()], json.loads(decoded)) for ids, decoded in pairs], None


def expected_text(vocabulary, text):
    """What encoding and decoding give back: the text; SentencePiece has one sign for a space and its own symbol, and
    puts one in front. Bytes that a vocabulary lacks are left out."""
    if vocabulary.model != "llama":
        missing = vocabulary.missing_bytes
        return bytes(byte for byte in text.encode() if byte not in missing).decode(errors="replace") if missing else text
    text = text.replace(SPACE, " ")
    fixed = tuple(token for _, token in vocabulary.of_kind(USER_DEFINED))
    return " " + text if vocabulary.add_space_prefix and text and not (fixed and text.startswith(fixed)) else text


def compare(name, path, vocabulary, references, texts, binary, show):
    """Number of texts that differ from a reference or do not come back, where we read the file at `path`."""
    answers, error = ours(binary, path, texts)
    if error is not None:
        print(f"{name}: ours refuses: {error.splitlines()[-1]}")
        return 1
    failed, shown = 0, []
    counts = []
    for reference_name, reference in references.items():
        different = 0
        for text, (ids, _) in zip(texts, answers):
            expected = reference.encode(text)
            if expected != ids:
                different += 1
                at = next(i for i in range(max(len(ids), len(expected))) if ids[i : i + 1] != expected[i : i + 1])
                pieces = lambda ids: [vocabulary.tokens[id] for id in ids[max(0, at - 2) : at + 4]]
                shown.append(f"  {reference_name}: {pieces(ids)} instead of {pieces(expected)}")
        failed += different
        counts.append(f"{different} differ from {reference_name}")
    lost = [(text, decoded) for text, (_, decoded) in zip(texts, answers) if decoded != expected_text(vocabulary, text)]
    shown += [f"  lost: {decoded!r} from {text!r}"[:400] for text, decoded in lost]
    lines = sum(max(1, len(text.splitlines())) for text in texts)
    print(f"{name} ({vocabulary.pre}): {len(texts)} texts, {lines} lines: {', '.join(counts)}, {len(lost)} do not come back", flush=True)
    for line in shown[:show]:
        print(line)
    return failed + len(lost)


def bench(name, path, text, binary):
    with tempfile.NamedTemporaryFile("w", suffix=".txt", newline="") as file:
        file.write(text)
        file.flush()
        reference = LlamaCpp(path)
        theirs, cold, warm = [], [], []
        for _ in range(5):
            start = time.perf_counter()
            count = len(reference.encode(text))
            theirs.append(time.perf_counter() - start)
            runs = subprocess.run([binary, path, "--bench", file.name], capture_output=True, text=True, check=True).stdout
            rates = [float(line.split(" MB/s")[0].split()[-1]) for line in runs.splitlines()]
            cold.append(rates[0])
            warm.append(statistics.median(rates[1:]))
    size = len(text.encode()) / 1e6
    print(
        f"{name}: {size:.2f} MB, {count} tokens: llama.cpp {size / statistics.median(theirs):.1f} MB/s, "
        f"ours {statistics.median(cold):.1f} MB/s at first, {statistics.median(warm):.1f} MB/s with known words",
        flush=True,
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("vocabularies", nargs="+", metavar="VOCAB.gguf")
    parser.add_argument("--binary", default=str(root / "target/release/examples/tokenize"))
    parser.add_argument("--corpus", action="append", metavar="DIR")
    parser.add_argument("--lines", type=int, default=10_000)
    parser.add_argument("--pre", action="append", metavar="NAME")
    parser.add_argument("--nameless", action="store_true")
    parser.add_argument("--show", type=int, default=5, help="differences to show")
    parser.add_argument("--bench", action="store_true")
    args = parser.parse_args()
    sources = corpus(args.corpus or [root])
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        for given in args.vocabularies:
            for pre in args.pre or [None]:
                path, name = given, Path(given).stem.removeprefix("ggml-vocab-")
                if pre is not None:
                    path, name = Vocabulary(given).with_pre(pre, folder), f"{name} as {pre}"
                vocabulary = Vocabulary(path)
                if args.bench:
                    bench(name, path, "".join(sources)[:1_000_000], args.binary)
                    continue
                references = {"llama.cpp": LlamaCpp(path, vocabulary)}
                if vocabulary.model == "gpt2" and (reference := hugging_face(vocabulary)):
                    references["tokenizers"] = reference
                if vocabulary.model == "llama":
                    references["sentencepiece"] = sentence_piece(vocabulary)
                texts = texts_for(vocabulary, sources, args.lines)
                if args.nameless:
                    path, name = vocabulary.with_pre(None, folder), f"{name} without a name"
                failed += compare(name, path, vocabulary, references, texts, args.binary, args.show)
    sys.exit(failed != 0)


if __name__ == "__main__":
    main()
