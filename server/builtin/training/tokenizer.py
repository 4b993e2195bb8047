#!/usr/bin/env python3
"""Train the byte-level BPE tokenizer of the built-in model and report bytes per token on held-out text.

    tokenizer.py --train CORPUS/train.jsonl --heldout CORPUS/heldout.jsonl --vocab 8192 --out tokenizer.json

The pre-tokeniser splits like Qwen2's, so a GGUF loader that knows `tokenizer.ggml.pre = "qwen2"` needs no new code, and
the special tokens carry Qwen2.5-Coder's names, so one fill-in-the-middle prompt builder serves both models. Merges are
limited to 24 bytes: runs of indentation stay one token. Changing anything here makes existing weights useless.
"""
import argparse
import collections
import json
import random
import time

from tokenizers import Regex, Tokenizer, decoders, models, pre_tokenizers, trainers

SPECIAL = ["<|endoftext|>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>",
           "<|repo_name|>", "<|file_sep|>"] + [f"<|reserved_{i}|>" for i in range(9)]
QWEN2 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*"
         r"|\s*[\r\n]+|\s+(?!\S)|\s+")


def documents(path):
    with open(path) as f:
        for line in f:
            yield json.loads(line)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--train", required=True)
    ap.add_argument("--heldout", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--vocab", type=int, default=8192)
    ap.add_argument("--sample-mb", type=float, default=30)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--weights", default="python=0.45,javascript=0.25,typescript=0.15,rust=0.15", help="share of each language in the sample")
    a = ap.parse_args()
    weights = {k: float(v) for k, v in (x.split("=") for x in a.weights.split(","))}
    texts = collections.defaultdict(list)
    for d in documents(a.train):
        texts[d["lang"]].append(d["text"])
    rnd, sample = random.Random(a.seed), []
    for lang in sorted(texts):
        rnd.shuffle(texts[lang])
        left = a.sample_mb * 1e6 * weights.get(lang, 0)
        for t in texts[lang]:
            if left <= 0:
                break
            sample.append(t)
            left -= len(t)
    tok = Tokenizer(models.BPE())
    tok.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(QWEN2), behavior="isolated"),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
    tok.decoder = decoders.ByteLevel()
    start = time.time()
    tok.train_from_iterator(sample, trainers.BpeTrainer(
        vocab_size=a.vocab, special_tokens=SPECIAL, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        min_frequency=2, show_progress=False, max_token_length=24))
    tok.save(a.out)
    nbytes, ntokens = collections.Counter(), collections.Counter()
    for d in documents(a.heldout):
        nbytes[d["lang"]] += len(d["text"].encode())
        ntokens[d["lang"]] += len(tok.encode(d["text"]).ids)
    indentation = {name: [len(tok.encode(f"x\n{unit * n}y").ids) - 2 for n in (1, 2, 3, 4, 6)]
                   for name, unit in (("tab", "\t"), ("2 spaces", "  "), ("4 spaces", "    "))}
    print(json.dumps({"tokens_of_a_line_break_and_1_2_3_4_6_levels_of_indentation": indentation, "vocab": tok.get_vocab_size(), "seconds": round(time.time() - start, 1),
                      "sample_mb": round(sum(map(len, sample)) / 1e6, 1),
                      "bytes_per_token": {k: round(nbytes[k] / ntokens[k], 3) for k in sorted(nbytes)}}))


if __name__ == "__main__":
    main()
