#!/usr/bin/env python3
"""How long the longest piece is that a model writes down from its training corpus.

    verbatim.py --model ropewalk-builtin.gguf --tokenizer tokenizer.json --corpus CORPUS [--count 200] [--tokens 60]

COUNT continuations of TOKENS tokens are sampled (temperature 1, fixed seed), half of them from nothing but a header, where
a model tells most freely what it has read, half at random places of held-out files, as an editor asks. For each one the
longest run of characters is looked up that also stands in CORPUS/train.jsonl, and counted again in tokens. Runs that
stand in the prompt as well are no memory: they are left out, as is the indentation at the ends of a run.

The corpus is read once; no index of it is kept. Shorter runs than --least characters are not looked for.
"""
import argparse
import json
import os
import random

import numpy as np
import torch
from tokenizers import Tokenizer

import evaluate

BASE = np.uint64(0x9E3779B97F4A7C15)


def window_hashes(data, width):
    """A 64-bit polynomial hash of every `width` bytes in a row (wraps around; equal bytes give equal hashes)."""
    out = np.zeros(max(0, len(data) - width + 1), dtype=np.uint64)
    values = data.astype(np.uint64) + np.uint64(1)
    with np.errstate(over="ignore"):
        for i in range(width):                    # Horner's rule over all windows at once
            out = out * BASE + values[i:i + len(out)]
    return out


def sample(net, ids, count, end, generator):
    """`count` sampled tokens after `ids`; fewer when the model ends its answer."""
    past, out = [[] for _ in net.blk], []
    with torch.no_grad():
        logits = net(torch.tensor([ids]), past, 0)[0, -1]
        while len(out) < count:
            token = int(torch.multinomial(logits.softmax(-1), 1, generator=generator))
            if token == end:
                break
            out.append(token)
            logits = net(torch.tensor([[token]]), past, len(ids) + len(out) - 1)[0, -1]
    return out


def prompts(tok, documents, count, limit, rnd):
    """(text before, token ids): headers alone, then places in held-out files."""
    enc = lambda s: tok.encode(s, add_special_tokens=False).ids
    sep, pre, suf, mid = (tok.token_to_id(f"<|{x}|>") for x in ("file_sep", "fim_prefix", "fim_suffix", "fim_middle"))
    for i in range(count):
        d = rnd.choice(documents)
        head = [sep] + enc(f'{d["lang"]} {d["path"]}\n')
        if i % 2 == 0:
            yield "", head
            continue
        at = rnd.randrange(len(d["text"]))
        before, after = d["text"][max(0, at - 1000):at], d["text"][at:at + 300]
        tail = enc(after)[:limit // 4]
        yield before + after, head + [pre, suf] + tail + [mid] + enc(before)[-(limit - len(head) - len(tail) - 3):]


def longest_runs(texts, corpus, least):
    """The longest run of each text that stands in the corpus: [(run, package, path)]."""
    raw = [t.encode() for t in texts]
    where = {}                                    # hash -> places in the texts; runs begin with something to see
    for number, ours in enumerate(raw):
        for at, digest in enumerate(window_hashes(np.frombuffer(ours, dtype=np.uint8), least).tolist()):
            if not ours[at:at + 1].isspace():
                where.setdefault(digest, []).append((number, at))
    wanted = np.array(sorted(where), dtype=np.uint64)
    best = [(b"", "", "")] * len(raw)
    with open(os.path.join(corpus, "train.jsonl")) as f:
        for line in f:
            d = json.loads(line)
            text = d["text"].encode()
            there = window_hashes(np.frombuffer(text, dtype=np.uint8), least)
            near = np.minimum(np.searchsorted(wanted, there), len(wanted) - 1)
            for start in np.flatnonzero(wanted[near] == there).tolist():
                for number, at in where[int(there[start])]:
                    ours, length = raw[number], least
                    if at and start and ours[at - 1] == text[start - 1] and not ours[at - 1:at].isspace():
                        continue                  # found one character earlier
                    if ours[at:at + least] != text[start:start + least]:
                        continue
                    while at + length < len(ours) and start + length < len(text) and ours[at + length] == text[start + length]:
                        length += 1
                    if length > len(best[number][0]):
                        best[number] = ours[at:at + length], d["pkg"], d["path"]
    return [(run.decode(errors="ignore"), package, path) for run, package, path in best]


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--model", required=True, help="a .gguf file or a checkpoint.pt")
    ap.add_argument("--tokenizer", required=True)
    ap.add_argument("--corpus", required=True)
    ap.add_argument("--count", type=int, default=200)
    ap.add_argument("--tokens", type=int, default=60)
    ap.add_argument("--least", type=int, default=16, help="characters of the shortest run that is looked for")
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--threads", type=int, default=1)
    ap.add_argument("--out", help="write the continuations and their runs to this file, as JSON lines")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    tok, net, rnd = Tokenizer.from_file(a.tokenizer), evaluate.load_model(a.model), random.Random(a.seed)
    generator = torch.Generator().manual_seed(a.seed)
    with open(os.path.join(a.corpus, "heldout.jsonl")) as f:
        documents = [json.loads(line) for line in f]
    limit, made = net.c["train_seq"] - a.tokens, []
    for shown, ids in prompts(tok, documents, a.count, limit, rnd):
        answer = sample(net, ids[:limit], a.tokens, tok.token_to_id("<|endoftext|>"), generator)
        made.append((shown, tok.decode(answer)))
    runs = longest_runs([text for _, text in made], a.corpus, a.least)
    rows = []
    for (shown, text), (run, package, path) in zip(made, runs):
        run = run.strip()
        if run and run in shown:
            run = ""
        rows.append({"text": text, "run": run, "characters": len(run), "tokens": len(tok.encode(run).ids), "package": package, "path": path})
    if a.out:
        with open(a.out, "w") as f:
            f.writelines(json.dumps(r) + "\n" for r in rows)
    rows.sort(key=lambda r: -r["characters"])
    top, tokens = rows[0], max(r["tokens"] for r in rows)
    share = lambda n: sum(r["tokens"] >= n for r in rows)
    print(json.dumps({"continuations": len(rows), "tokens_written": sum(len(tok.encode(r["text"]).ids) for r in rows),
                      "longest_run": {k: top[k] for k in ("characters", "tokens", "run", "package", "path")}, "most_tokens_of_a_run": tokens,
                      "runs_of_at_least": {n: share(n) for n in (10, 15, 20, 30)}, "median_characters": rows[len(rows) // 2]["characters"]}))


if __name__ == "__main__":
    main()
