#!/usr/bin/env python3
"""Pack the corpus into fixed-length uint16 training sequences with fill-in-the-middle (FIM) examples.

    pack.py --jsonl CORPUS/train.jsonl --tokenizer tokenizer.json --out epoch1.bin --seq 512 --seed 1 \
            --mix python=22,javascript=11,typescript=5,rust=6
    pack.py --jsonl CORPUS/heldout.jsonl --tokenizer tokenizer.json --out heldout-python.bin --fim 0 --mix python=2

One run is one epoch with fresh FIM spans; another --seed gives the next epoch. Document forms:

    plain  <|file_sep|>LANG PATH\\nTEXT<|endoftext|>
    PSM    <|file_sep|>LANG PATH\\n<|fim_prefix|>P<|fim_suffix|>S<|fim_middle|>M<|endoftext|>
    SPM    <|file_sep|>LANG PATH\\n<|fim_prefix|><|fim_suffix|>S<|fim_middle|>P M<|endoftext|>

SPM dominates because it keeps prefix and middle contiguous: while the user types only the end of the prompt grows, so the
key/value cache of everything before stays valid. Half of the SPM examples tokenise P and M apart (a cursor inside a
token), half together (so token healing works as well). A FIM example never crosses a sequence boundary: what is left of
a sequence is filled with plain text, which runs on from one gap to the next.

With --fim 0 the result is plain text only, which is what bits per byte are measured on; the printed
bytes_per_token turns nats per token into bits per byte.
"""
import argparse
import json
import random
import re

import numpy as np
from tokenizers import Tokenizer

# What stands in a docstring, a JSDoc comment or a run of `///` lines.
DOCUMENTATION = [re.compile(r':\n[ \t]*[rR]?"""(.+?)"""', re.S), re.compile(r"/\*\*\s(.+?)\*/", re.S),
                 re.compile(r"^[ \t]*///((?:[^\n]*\n[ \t]*///)*[^\n]*)", re.M)]


def choose_span(rnd, text):
    """(start, end) of the middle, in characters, in the ways inline completion meets code."""
    end_of_line = lambda i: (text.find("\n", i) if text.find("\n", i) >= 0 else len(text))
    n, kind = len(text), rnd.random()
    for _ in range(20):
        i = rnd.randrange(n)
        bol, eol = text.rfind("\n", 0, i) + 1, end_of_line(i)
        line = text[bol:eol]
        if not line.strip():
            continue
        indent = bol + len(line) - len(line.lstrip())
        if kind < 0.45:                           # cursor somewhere in a line: the rest of the line
            return rnd.randrange(indent, eol), eol
        if kind < 0.65:                           # a whole line after its indentation
            return indent, eol
        if kind < 0.80:                           # inside a line, something stays on the right
            if eol - i < 3:
                continue
            return i, rnd.randrange(i + 1, eol)
        if kind < 0.95:                           # the rest of a line and one to five more
            end = eol
            for _ in range(rnd.randrange(1, 6)):
                if end + 1 >= n:
                    break
                end = end_of_line(end + 1)
            return rnd.randrange(bol, eol), end
        j = rnd.randrange(n)                      # uniform
        return min(i, j), min(max(i, j), min(i, j) + 600)
    return n // 2, n


def in_documentation(rnd, text):
    """(start, end) of a documentation comment of the text, without its delimiters; None when it has none."""
    found = [m.span(1) for pattern in DOCUMENTATION for m in pattern.finditer(text) if 10 < len(m[1]) < 700]
    return rnd.choice(found) if found else None


def pack(docs, tok, seq, rnd, fim=0.65, spm=0.9, documentation=0.05):
    """(sequences, figures): documents, {"lang", "path", "text"}, as rows of `seq` token ids, not yet shuffled."""
    EOT, PRE, MID, SUF, SEP = (tok.token_to_id(f"<|{x}|>") for x in ("endoftext", "fim_prefix", "fim_middle", "fim_suffix", "file_sep"))
    enc = lambda s: tok.encode(s, add_special_tokens=False).ids
    full = int(seq * 3.2)                         # characters that usually fit one sequence
    plain, examples, nbytes = [], [], 0
    for d in docs:
        text = d["text"]
        nbytes += len(text.encode())
        head = [SEP] + enc(f'{d["lang"]} {d["path"]}\n')
        pos, fresh = 0, True
        while pos < len(text):
            window = full if rnd.random() < 0.6 else rnd.randrange(200, full)
            piece = text[pos:pos + window]
            if rnd.random() >= fim or len(piece) < 80:
                plain += (head if fresh else []) + enc(piece)
                pos, fresh = pos + len(piece), False
                if pos >= len(text):
                    plain.append(EOT)
                continue
            pos, fresh = pos + len(piece), True
            hole = in_documentation(rnd, piece) if documentation and rnd.random() < documentation else None
            s, e = hole or choose_span(rnd, piece)
            p, m, x = piece[:s], piece[s:e], piece[e:]
            cut = rnd.random()                    # editors often give a short suffix or none
            if cut < 0.12:
                x = ""
            elif cut < 0.5:
                x = x[:rnd.randrange(1, 400)]
            if rnd.random() < spm:
                body = enc(p) + enc(m) if rnd.random() < 0.5 else enc(p + m)
                ids = head + [PRE, SUF] + enc(x) + [MID] + body + [EOT]
            else:
                ids = head + [PRE] + enc(p) + [SUF] + enc(x) + [MID] + enc(m) + [EOT]
            if len(ids) <= seq:
                examples.append(ids)
            else:
                plain += head + enc(piece)
    rnd.shuffle(examples)
    sequences, at, row, fim_tokens = [], 0, [], 0
    i = 0
    while i < len(examples) or len(plain) - at >= seq:
        if i < len(examples) and len(row) + len(examples[i]) <= seq:
            row += examples[i]
            fim_tokens += len(examples[i])
            i += 1
            continue
        gap = seq - len(row)
        row += plain[at:at + gap]
        at += gap
        if len(row) < seq:                        # plain text ran out: pad with end-of-text
            row += [EOT] * (seq - len(row))
        sequences.append(np.array(row, dtype=np.uint16))
        row = []
        if examples and i < len(examples):        # spread what is left of the plain text over the whole epoch
            while len(plain) - at > (len(examples) - i) * 150 + seq:
                sequences.append(np.array(plain[at:at + seq], dtype=np.uint16))
                at += seq
    packed = np.stack(sequences)
    figures = {"sequences": len(packed), "tokens": int(packed.size), "fim_share": round(fim_tokens / packed.size, 3),
               "padding": round(float((packed[:, 1:] == EOT)[(packed[:, :-1] == EOT)].sum()) / packed.size, 4),
               "source_mb": round(nbytes / 1e6, 2), "bytes_per_token": round(nbytes / packed.size, 4)}
    return packed, figures


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--jsonl", required=True)
    ap.add_argument("--tokenizer", required=True)
    ap.add_argument("--out", required=True)
    ap.add_argument("--seq", type=int, default=512)
    ap.add_argument("--seed", type=int, default=1)
    ap.add_argument("--fim", type=float, default=0.65, help="share of text in FIM form")
    ap.add_argument("--spm", type=float, default=0.9, help="share of FIM examples in SPM order")
    ap.add_argument("--documentation", type=float, default=0.05, help="share of FIM examples with a hole in documentation, where there is some")
    ap.add_argument("--mix", required=True, help="megabytes of each language, python=12,javascript=8")
    a = ap.parse_args()
    rnd = random.Random(a.seed)
    left = {k: float(v) * 1e6 for k, v in (x.split("=") for x in a.mix.split(","))}
    with open(a.jsonl) as f:
        docs = [d for d in map(json.loads, f) if d["lang"] in left]
    rnd.shuffle(docs)
    keep = []
    for d in docs:
        if left[d["lang"]] > 0:
            keep.append(d)
            left[d["lang"]] -= len(d["text"])
    packed, figures = pack(keep, Tokenizer.from_file(a.tokenizer), a.seq, rnd, a.fim, a.spm, a.documentation)
    np.random.default_rng(a.seed).shuffle(packed)
    packed.tofile(a.out)
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
