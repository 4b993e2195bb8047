#!/usr/bin/env python3
"""Measure the built-in model on held-out packages, from the GGUF file that ships or from a checkpoint.

    evaluate.py bpb      --model FILE --val python=heldout-python.bin:3.8604 [--val ...]
    evaluate.py complete --model FILE --heldout CORPUS/heldout.jsonl --lang python --cases 150 [--mixing mixing.json]
    evaluate.py mixing   --model FILE --heldout CORPUS/heldout.jsonl --lang python --windows 120

FILE is a .gguf or a checkpoint.pt (which needs --tokenizer). One JSON object per run goes to standard output.

bpb       bits per byte of plain text in windows of the training length.
complete  single-line completion by three systems on the same cases: `copy` (longest-suffix match in the workspace, no
          model), `model`, and `blend` (both mixed per token). The workspace is the rest of the held-out package and both
          sides of the open file, never training text. Case kinds: eol (cursor inside a line, wanted: its rest), line
          (after the indentation, wanted: the whole line), infix (something stays on the right). EM is exact match, ES
          edit similarity; precision@N% is the exact match among the N % most confident proposals.
mixing    the weight of the copy distribution in the blend, per length of the match in characters, by expectation
          maximisation on teacher-forced tokens; bits per byte of the blend are cross-validated on two halves.

Seeds are fixed. These are offline figures of text; latency belongs to the engine's own benchmarks.
"""
import argparse
import collections
import json
import math
import random
import time

import numpy as np
import torch
import torch.nn.functional as F
from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, pre_tokenizers

import train
from tokenizer import QWEN2

EDGES = (0, 3, 6, 10, 16, 24, 40)                 # least match length, in characters, of each weight
DEFAULT_WEIGHTS = (0.25, 0.3, 0.35, 0.45, 0.55, 0.65, 0.8)
SPECIAL = ("endoftext", "fim_prefix", "fim_middle", "fim_suffix", "file_sep")


def load_model(path, tokenizer=None):
    """(network, tokenizer) of a GGUF file, or of a checkpoint and a tokenizer.json."""
    if path.endswith(".gguf"):
        from gguf import GGUFReader
        c, state, _, _ = train.load_gguf(path)
        fields = GGUFReader(path).fields
        tokens = fields["tokenizer.ggml.tokens"].contents()
        kinds = fields["tokenizer.ggml.token_type"].contents()
        merges = [tuple(m.split(" ", 1)) for m in fields["tokenizer.ggml.merges"].contents()]
        tok = Tokenizer(models.BPE({t: i for i, t in enumerate(tokens)}, merges))
        tok.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(QWEN2), behavior="isolated"),
                                                     pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)])
        tok.decoder = decoders.ByteLevel()
        tok.add_special_tokens([AddedToken(t, normalized=False) for t, k in zip(tokens, kinds) if k == 3])
    else:
        s = torch.load(path, map_location="cpu", weights_only=True)
        c, state, tok = s["config"], s["model"], Tokenizer.from_file(tokenizer)
    net = train.Model(c)
    net.load_state_dict(state)
    return net.eval(), tok


class Copy:
    """Longest-suffix match over the workspace and the open file."""

    def __init__(self, workspace, prefix, suffix="", longest=64):
        self.text = workspace + "\0" + suffix + "\0" + prefix
        self.end, self.longest = len(self.text) - 1, longest

    def continuations(self, tail, limit=16):
        """(match length, continuations, the most recent occurrence first)."""
        low, high = 0, min(self.longest, len(tail))
        while low < high:                         # an occurrence of a suffix implies one of every shorter suffix
            middle = (low + high + 1) // 2
            if self.text.find(tail[-middle:], 0, self.end) >= 0:
                low = middle
            else:
                high = middle - 1
        out, at = [], self.end
        while low and len(out) < limit:
            at = self.text.rfind(tail[-low:], 0, at)
            if at < 0:
                break
            out.append(self.text[at + low:at + low + 120].split("\0", 1)[0])
            at += low - 1
        return low, out

    def propose(self, tail):
        length, found = self.continuations(tail)
        if not found:
            return "", 0.0
        best, n = collections.Counter(f.split("\n", 1)[0] for f in found).most_common(1)[0]
        return best, min(1.0, length / 32) * n / len(found)


class LanguageModel:
    def __init__(self, path, tokenizer=None):
        self.net, self.tok = load_model(path, tokenizer)
        self.seq, vocab = self.net.c["train_seq"], self.net.c["vocab"]
        self.EOT, self.PRE, self.MID, self.SUF, self.SEP = (self.tok.token_to_id(f"<|{x}|>") for x in SPECIAL)
        self.text = [self.tok.decode([i], skip_special_tokens=False) for i in range(vocab)]
        self.stop = torch.tensor([x.lstrip(" \t").startswith(("\n", "\r")) or i < 16 for i, x in enumerate(self.text)])

    def encode(self, text):
        return self.tok.encode(text, add_special_tokens=False).ids

    def header(self, lang, path):
        return [self.SEP] + self.encode(f"{lang} {path}\n")

    def prompt(self, lang, path, prefix, suffix, reserve=40):
        head, after = self.header(lang, path), self.encode(suffix[:600])[:110]
        room = self.seq - reserve - len(head) - len(after)
        return head + [self.PRE, self.SUF] + after + [self.MID] + self.encode(prefix[-room * 5:])[-room:]

    @torch.no_grad()
    def start(self, ids):
        past = [[] for _ in self.net.blk]
        return past, len(ids), self.net(torch.tensor([ids]), past, 0)[0, -1]

    @torch.no_grad()
    def generate(self, state, copy=None, prefix="", weights=DEFAULT_WEIGHTS, limit=28):
        """(text of one line, product of the probabilities of its tokens); every way to end the line is one class."""
        past, pos, logits = [list(p) for p in state[0]], state[1], state[2]
        out, confidence, ids = "", 1.0, []
        for _ in range(limit):
            p = logits.float().softmax(-1)
            stop = p[self.stop].sum()
            p = p.masked_fill(self.stop, 0)
            p[self.EOT] = stop
            if copy is not None:
                length, found = copy.continuations((prefix[-64:] + out)[-64:])
                if found:
                    w = weights[max(i for i, e in enumerate(EDGES) if length >= e)]
                    q = torch.zeros_like(p)
                    for f in found:
                        first = self.encode(f[:32])[0] if f else self.EOT
                        q[self.EOT if self.stop[first] else first] += 1 / len(found)
                    p = (1 - w) * p + w * q
            best, token = p.max(-1)
            confidence, token = confidence * float(best), int(token)
            if token == self.EOT:
                break
            ids.append(token)
            piece = self.tok.decode(ids, skip_special_tokens=False)
            out = piece.split("\n", 1)[0]
            if "\n" in piece:
                break
            logits = self.net(torch.tensor([[token]]), past, pos)[0, -1]
            pos += 1
        return out, confidence


def edit_similarity(a, b):
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        new = [i]
        for j, y in enumerate(b, 1):
            new.append(min(row[j] + 1, new[-1] + 1, row[j - 1] + (x != y)))
        row = new
    return 1 - row[-1] / max(len(a), len(b), 1)


def choose_cases(docs, n, seed):
    """Cursor positions in code lines; comments, blank and very long lines are left out."""
    rnd, out = random.Random(seed), []
    while len(out) < n:
        d = rnd.choice(docs)
        t = d["text"]
        i = rnd.randrange(len(t))
        b, e = t.rfind("\n", 0, i) + 1, t.find("\n", i)
        e = len(t) if e < 0 else e
        line = t[b:e]
        if not line.strip() or line.strip().startswith(("#", '"""', "'''", "//", "/*", "*")) or len(line) > 110:
            continue
        if not any(c in line for c in "=(.:{[;,"):
            continue
        indent = b + len(line) - len(line.lstrip())
        kind = rnd.choices(("eol", "line", "infix"), (0.5, 0.3, 0.2))[0]
        if kind == "eol":
            s, f = rnd.randrange(indent + 1, e) if e - indent > 4 else indent, e
        elif kind == "line":
            s, f = indent, e
        else:
            if e - indent < 10:
                continue
            s = rnd.randrange(indent + 1, e - 4)
            f = rnd.randrange(s + 3, e)
        if len(t[s:f].strip()) >= 3:
            out.append((d, kind, s, f))
    return out


def heldout(a):
    with open(a.heldout) as f:
        docs = [d for d in map(json.loads, f) if d["lang"] == a.lang]
    packages = collections.defaultdict(list)
    for d in docs:
        packages[d["pkg"]].append(d)
    return docs, lambda d, most: "\0".join(x["text"] for x in packages[d["pkg"]] if x is not d)[:most]


def bpb(a):
    lm, out = LanguageModel(a.model, a.tokenizer), {}
    for v in a.val:
        name, rest = v.split("=", 1)
        path, bytes_per_token = rest.rsplit(":", 1)
        rows = torch.from_numpy(np.fromfile(path, dtype=np.uint16).reshape(-1, lm.seq)[:a.sequences].astype(np.int64))
        nats = 0.0
        with torch.no_grad():
            for x in rows.split(4):
                nats += F.cross_entropy(lm.net(x[:, :-1]).reshape(-1, lm.net.c["vocab"]), x[:, 1:].reshape(-1), reduction="sum").item()
        nats /= len(rows) * (lm.seq - 1)
        out[name] = {"nats_per_token": round(nats, 4), "bits_per_byte": round(nats / math.log(2) / float(bytes_per_token), 4), "sequences": len(rows)}
    return out


def complete(a):
    lm, start = LanguageModel(a.model, a.tokenizer), time.time()
    docs, workspace = heldout(a)
    weights = DEFAULT_WEIGHTS
    if a.mixing:
        with open(a.mixing) as f:
            weights = json.load(f)[a.lang]
    results = collections.defaultdict(list)
    shown = open(a.out, "w") if a.out else None
    for d, kind, s, f in choose_cases(docs, a.cases, a.seed):
        pre, want, suf = d["text"][:s], d["text"][s:f].rstrip(), d["text"][f:]
        copy = Copy(workspace(d, 3_000_000), pre, suf)
        state = lm.start(lm.prompt(a.lang, d["path"], pre, suf))
        right = suf.split("\n", 1)[0]
        for system, (got, confidence) in (("copy", copy.propose(pre[-64:])), ("model", lm.generate(state)),
                                          ("blend", lm.generate(state, copy, pre, weights))):
            if right.strip() and got.find(right) > 0:     # a proposal ends where the right side of the line begins
                got = got[:got.find(right)]
            got = got.rstrip()
            results[system].append((kind, got == want, edit_similarity(got, want), confidence, bool(got)))
            if shown:
                shown.write(json.dumps(dict(system=system, path=d["path"], kind=kind, before=pre[pre.rfind("\n") + 1:], want=want, got=got,
                                            confidence=round(confidence, 3))) + "\n")
    mean = lambda xs: round(sum(xs) / max(len(xs), 1), 3)
    out = {"lang": a.lang, "cases": a.cases, "seconds": round(time.time() - start)}
    for system, r in results.items():
        row = {"EM": mean([x[1] for x in r]), "ES": mean([x[2] for x in r])}
        row |= {"EM_" + k: mean([x[1] for x in r if x[0] == k]) for k in ("eol", "line", "infix")}
        ranked = sorted((x for x in r if x[4]), key=lambda x: -x[3])
        row |= {f"precision@{p}%": mean([x[1] for x in ranked[:max(1, p * len(r) // 100)]]) for p in (10, 20, 30, 50)}
        out[system] = row
    return out


def fit(rows, rounds=40):
    weights = [0.3] * len(EDGES)
    for _ in range(rounds):
        num, den = [1e-6] * len(EDGES), [2e-6] * len(EDGES)
        for _, b, model, copy, _ in rows:
            num[b] += weights[b] * copy / (weights[b] * copy + (1 - weights[b]) * model + 1e-12)
            den[b] += 1
        weights = [min(0.98, n / d) for n, d in zip(num, den)]
    return weights


def mixing(a):
    lm, rnd = LanguageModel(a.model, a.tokenizer), random.Random(9)
    docs, workspace = heldout(a)
    docs = [d for d in docs if len(d["text"]) > 2500]
    rows = []                                     # window, length class, p(model), p(copy), bytes of the token
    for window in range(a.windows):
        d = rnd.choice(docs)
        text, s = d["text"], rnd.randrange(0, len(d["text"]) - 1800)
        enc = lm.tok.encode(text[s:s + 1800], add_special_tokens=False)
        head = lm.header(d["lang"], d["path"])
        ids = enc.ids[:lm.seq - len(head)]
        with torch.no_grad():
            p = lm.net(torch.tensor([head + ids]))[0, len(head) - 1:-1].float().softmax(-1)
        others = workspace(d, 2_000_000)
        for i in range(max(8, len(ids) - a.tokens), len(ids)):
            here = s + enc.offsets[i][0]
            length, found = Copy(others, text[:here], longest=48).continuations(text[max(0, here - 48):here])
            hits = sum(bool(f) and lm.encode(f[:32])[0] == ids[i] for f in found) / max(1, len(found))
            rows.append((window, max(k for k, e in enumerate(EDGES) if length >= e), float(p[i, ids[i]]), hits,
                         len(lm.text[ids[i]].encode()) or 1))
    bits_model = bits_blend = 0.0
    for half in (0, 1):
        w = fit([r for r in rows if r[0] % 2 != half])
        for _, b, model, copy, _ in (r for r in rows if r[0] % 2 == half):
            bits_model -= math.log2(max(model, 1e-9))
            bits_blend -= math.log2(max(w[b] * copy + (1 - w[b]) * model, 1e-9))
    size = sum(r[4] for r in rows)
    return {"lang": a.lang, "tokens": len(rows), "bpb_model": round(bits_model / size, 3), "bpb_blend": round(bits_blend / size, 3),
            "edges": EDGES, "weights": [round(w, 3) for w in fit(rows)],
            "share_of_tokens": [round(sum(r[1] == k for r in rows) / len(rows), 3) for k in range(len(EDGES))]}


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(required=True)
    for run in (bpb, complete, mixing):
        p = sub.add_parser(run.__name__)
        p.set_defaults(run=run)
        p.add_argument("--model", required=True)
        p.add_argument("--tokenizer")
        p.add_argument("--threads", type=int, default=1)
        if run is bpb:
            p.add_argument("--val", action="append", required=True)
            p.add_argument("--sequences", type=int, default=10 ** 6)
        else:
            p.add_argument("--heldout", required=True)
            p.add_argument("--lang", required=True)
        if run is complete:
            p.add_argument("--cases", type=int, default=150)
            p.add_argument("--seed", type=int, default=11)
            p.add_argument("--mixing", help='JSON {"python": [weight per match-length class], ...}')
            p.add_argument("--out", help="write every case and proposal here")
        if run is mixing:
            p.add_argument("--windows", type=int, default=120)
            p.add_argument("--tokens", type=int, default=64)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    print(json.dumps(a.run(a)))


if __name__ == "__main__":
    main()
