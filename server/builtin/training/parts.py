#!/usr/bin/env python3
"""The corpus in parts that travel, and training sequences made from them where they arrive.

    parts.py make   --corpus CORPUS --tokenizer tokenizer.json --out parts --most-mb 55
    parts.py epochs --part parts/1 --out SEQUENCES --epochs 4 --workers 15

For a machine that is fast, is lent for half an hour, and can download nothing. `make` writes the folders OUT/1, OUT/2, …:
each has the text of whole packages, compressed, under --most-mb, and the SHA-256 of its files; every part has packages of
every language, so that training can begin with the first alone. Part 1 brings the tokenizer and held-out sequences as
well. `epochs` verifies a part and packs it, fill-in-the-middle spans drawn afresh for each epoch, on all workers at once.
Files of sequences appear whole (`train.py --follow` reads them while more are made), those of the first epoch first.

--mix says how often text of a language is used in an epoch; 0.5 takes a random half of its files.
"""
import argparse
import collections
import hashlib
import json
import lzma
import multiprocessing
import os
import random
import shutil

import numpy as np
from tokenizers import Tokenizer

import pack

LANGUAGES = ("python", "javascript", "typescript", "rust")


def sha256(path):
    with open(path, "rb") as f:
        return hashlib.file_digest(f, "sha256").hexdigest()


def read(path):
    opened = lzma.open(path, "rt", encoding="utf-8") if path.endswith(".xz") else open(path, encoding="utf-8")
    with opened as f:
        yield from map(json.loads, f)


# ---- here ------------------------------------------------------------------------------------------------------------

def compress(job):
    path, lines = job
    with lzma.open(path, "wb", preset=9) as out:
        out.write("".join(lines).encode())
    return os.path.getsize(path)


def heldout(corpus, tokenizer, out, seq, count):
    """Plain held-out sequences of each language, and how many bytes a token of them has."""
    tok, docs, bytes_per_token = Tokenizer.from_file(tokenizer), collections.defaultdict(list), {}
    for d in read(os.path.join(corpus, "heldout.jsonl")):
        docs[d["lang"]].append(d)
    for lang in LANGUAGES:
        rnd = random.Random(3)
        rnd.shuffle(docs[lang])
        size, some = 0, []
        while docs[lang] and size < count * seq * 5:
            some.append(docs[lang].pop())
            size += len(some[-1]["text"])
        packed, figures = pack.pack(some, tok, seq, rnd, fim=0)
        np.random.default_rng(3).shuffle(packed)
        packed[:count].tofile(os.path.join(out, f"heldout-{lang}.bin"))
        bytes_per_token[lang] = figures["bytes_per_token"]
    with open(os.path.join(out, "heldout.json"), "w") as f:
        json.dump(bytes_per_token, f)


def make(a):
    packages = collections.defaultdict(list)      # (language, package) -> lines
    for d in read(os.path.join(a.corpus, "train.jsonl")):
        line = json.dumps({"lang": d["lang"], "path": d["path"], "text": d["text"]}, ensure_ascii=False) + "\n"
        packages[d["lang"], d["pkg"]].append(line)
    size = {k: sum(map(len, v)) for k, v in packages.items()}
    total = sum(size.values())
    count = -(-total // int(a.most_mb * 1e6 * a.ratio))
    parts, filled = [[] for _ in range(count)], [collections.Counter() for _ in range(count)]
    for key in sorted(packages, key=lambda k: (-size[k], k)):     # largest first, to the part with least of its language
        i = min(range(count), key=lambda i: (filled[i][key[0]], i))
        parts[i].append(key)
        filled[i][key[0]] += size[key]
    jobs = []
    for i, keys in enumerate(parts, 1):
        folder = os.path.join(a.out, str(i))
        shutil.rmtree(folder, ignore_errors=True)
        os.makedirs(folder)
        jobs.append((os.path.join(folder, "text.jsonl.xz"), [line for k in sorted(keys) for line in packages[k]]))
    with multiprocessing.Pool(a.workers) as pool:
        pool.map(compress, jobs, chunksize=1)
    first = os.path.join(a.out, "1")
    shutil.copy(a.tokenizer, os.path.join(first, "tokenizer.json"))
    heldout(a.corpus, a.tokenizer, first, a.seq, a.heldout)
    for i, counts in enumerate(filled, 1):
        folder = os.path.join(a.out, str(i))
        files = {f: sha256(os.path.join(folder, f)) for f in sorted(os.listdir(folder))}
        with open(os.path.join(folder, "part.json"), "w") as f:
            json.dump({"part": i, "of": count, "seq": a.seq, "text_mb": {k: round(v / 1e6, 1) for k, v in counts.items()}, "sha256": files}, f, indent=1)
        mb = sum(os.path.getsize(os.path.join(folder, f)) for f in os.listdir(folder)) / 1e6
        print(json.dumps({"part": folder, "mb": round(mb, 1), "text_mb": {k: round(v / 1e6, 1) for k, v in counts.items()}}))
        if mb > a.most_mb:
            print(f"part {i} is larger than {a.most_mb} MB: give a smaller --ratio")


# ---- there -----------------------------------------------------------------------------------------------------------

def prepare(tokenizer, docs, a):
    global WORK
    os.nice(5)                                    # what feeds the device comes first
    WORK = Tokenizer.from_file(tokenizer), docs, a


def one_file(job):
    epoch, part, at, indices = job
    tok, docs, a = WORK
    rnd = random.Random(f"{a.seed} {epoch} {part} {at}")
    chosen = []
    for i in indices:
        times = a.mix.get(docs[i]["lang"], 1.0)
        chosen += [docs[i]] * (int(times) + (rnd.random() < times % 1))
    rnd.shuffle(chosen)
    packed, figures = pack.pack(chosen, tok, a.seq, rnd)
    np.random.default_rng(rnd.randrange(1 << 32)).shuffle(packed)
    path = os.path.join(a.out, f"epoch{epoch}-part{part}-{at:03}.bin")
    packed.tofile(path + ".tmp")
    os.replace(path + ".tmp", path)
    return figures["tokens"]


def epochs(a):
    with open(os.path.join(a.part, "part.json")) as f:
        part = json.load(f)
    assert part["seq"] == a.seq, "this part was made for sequences of another length"
    for name, digest in part["sha256"].items():
        assert sha256(os.path.join(a.part, name)) == digest, f"{name} did not arrive whole"
    tokenizer = a.tokenizer or os.path.join(a.part, "tokenizer.json")
    docs = list(read(os.path.join(a.part, "text.jsonl.xz")))
    order = list(range(len(docs)))
    random.Random(a.seed).shuffle(order)
    slices, size = [[]], 0
    for i in order:
        if size > a.slice_mb * 1e6:
            slices.append([])
            size = 0
        slices[-1].append(i)
        size += len(docs[i]["text"])
    os.makedirs(a.out, exist_ok=True)
    jobs = [(e, part["part"], at, s) for e in range(1, a.epochs + 1) for at, s in enumerate(slices)]
    a.mix = {k: float(v) for k, v in (x.split("=") for x in a.mix.split(","))}
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    tokens = 0
    with multiprocessing.get_context("fork").Pool(a.workers, prepare, (tokenizer, docs, a)) as pool:
        for n, more in enumerate(pool.imap_unordered(one_file, jobs), 1):
            tokens += more
            if n % len(slices) == 0:
                print(json.dumps({"part": part["part"], "files": n, "of": len(jobs), "tokens": tokens}), flush=True)


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(required=True)
    p = sub.add_parser("make")
    p.set_defaults(run=make)
    p.add_argument("--corpus", required=True)
    p.add_argument("--most-mb", type=float, default=55)
    p.add_argument("--ratio", type=float, default=4.0, help="how well the text is expected to compress")
    p.add_argument("--heldout", type=int, default=64, help="held-out sequences of each language")
    p.add_argument("--workers", type=int, default=1)
    p.add_argument("--tokenizer", required=True)
    p = sub.add_parser("epochs")
    p.set_defaults(run=epochs)
    p.add_argument("--part", required=True)
    p.add_argument("--tokenizer", help="default: the one in the part")
    p.add_argument("--epochs", type=int, default=4)
    p.add_argument("--workers", type=int, default=15)
    p.add_argument("--slice-mb", type=float, default=3)
    p.add_argument("--seed", type=int, default=1)
    p.add_argument("--mix", default="python=1,javascript=1,typescript=1,rust=1")
    for p in sub.choices.values():
        p.add_argument("--out", required=True)
        p.add_argument("--seq", type=int, default=1024)
    a = ap.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
