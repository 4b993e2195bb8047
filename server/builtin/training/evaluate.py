#!/usr/bin/env python3
"""Bits per byte of plain text on held-out packages, and the model card's table of completions.

    evaluate.py bpb --model FILE --val python=heldout-python.bin:3.8604 [--val ...]
    evaluate.py table OUTCOMES.jsonl ...

FILE is a .gguf or a checkpoint.pt. The windows have the training length; NAME=FILE:BYTES_PER_TOKEN as in train.py. One
JSON object goes to standard output. How good completions are with the model is measured on the whole product, by
`ropewalk eval --compare --out OUTCOMES.jsonl`; `table` makes Markdown of that, each figure with its 95 % interval by a
bootstrap over files (2,000 resamples, seed 1), as `ropewalk eval` has for differences. The last row of a language is a
paired difference: above zero where the product is better than the copy engine alone. Who shows more is right less often
about what comes last; so a line below has the precision of as many as the copy engine shows, the surest first.
"""
import argparse
import json
import math

import numpy as np
import torch
import torch.nn.functional as F

import train


def load_model(path):
    if path.endswith(".gguf"):
        c, state, _, _ = train.load_gguf(path)
    else:
        s = torch.load(path, map_location="cpu", weights_only=True)
        c, state = s["config"], s["model"]
    net = train.Model(c)
    net.load_state_dict(state)
    return net.eval()


def bpb(a):
    net, out = load_model(a.model), {}
    seq, vocab = net.c["train_seq"], net.c["vocab"]
    for v in a.val:
        name, rest = v.split("=", 1)
        path, bytes_per_token = rest.rsplit(":", 1)
        rows = torch.from_numpy(np.fromfile(path, dtype=np.uint16).reshape(-1, seq)[:a.sequences].astype(np.int64))
        nats = 0.0
        with torch.no_grad():
            for x in rows.split(4):
                nats += F.cross_entropy(net(x[:, :-1]).reshape(-1, vocab), x[:, 1:].reshape(-1), reduction="sum").item()
        nats /= len(rows) * (seq - 1)
        out[name] = {"nats_per_token": round(nats, 4), "bits_per_byte": round(nats / math.log(2) / float(bytes_per_token), 4), "sequences": len(rows)}
    return out


def figures(rows):
    """Sums that the shares are made of, for the outcomes of one pipeline in one file."""
    shown = [r for r in rows if r["is_shown"]]
    return [len(rows), sum(r["is_exact"] for r in rows), sum(r["saved"] for r in rows), sum(len(r["wanted"]) for r in rows), len(shown),
            sum(r["is_exact"] for r in shown), sum(r["similarity"] for r in rows), sum(r["parsed_before"] for r in shown),
            sum(r["parsed_before"] and r["parses_after"] for r in shown)]


def shares(sums):
    """exact, saved, shown, precision, edit similarity, valid, in percent, of sums along the last axis."""
    holes, exact, saved, wanted, shown, right, similarity, parsed, parses = np.moveaxis(np.asarray(sums, dtype=float), -1, 0)
    return 100 * np.stack([exact / holes, saved / wanted, shown / holes, right / shown, similarity / holes, parses / parsed], -1)


def table(a):
    print("| language | system | exact | saved | shown | precision | edit similarity | valid |\n" + "| --- " * 8 + "|")
    surest = []
    for path in a.outcomes:
        with open(path) as f:
            rows = [json.loads(line) for line in f]
        by_file = {}
        for r in rows:
            by_file.setdefault(r["path"], {}).setdefault(r["pipeline"], []).append(r)
        names = ["blended", "copies_alone", "model_alone"]
        sums = np.array([[figures(of[name]) for name in names] for of in by_file.values()])         # file, pipeline, sum
        chosen = np.random.default_rng(1).integers(0, len(sums), (2000, len(sums)))
        resampled = shares(np.stack([sums[c].sum(0) for c in chosen]))
        whole = shares(sums.sum(0))
        span = lambda values: [np.nanpercentile(values[:, i], (2.5, 97.5)) for i in range(values.shape[1])]
        language = rows[0]["language"]
        for i, name in enumerate(names):
            cells = [f"{v:.1f} ({low:.1f} to {high:.1f})" for v, (low, high) in zip(whole[i], span(resampled[:, i]))]
            print(f"| {language} | {name.replace('_', ' ')} | {' | '.join(cells)} |")
        cells = [f"{v:+.1f} ({low:+.1f} to {high:+.1f})" for v, (low, high) in zip(whole[0] - whole[1], span(resampled[:, 0] - resampled[:, 1]))]
        print(f"| {language} | blended − copies alone | {' | '.join(cells)} |")
        count = sum(r["is_shown"] for r in rows if r["pipeline"] == "copies_alone")
        first = {name: sorted((r for r in rows if r["pipeline"] == name and r["is_shown"]), key=lambda r: -r["confidence"])[:count] for name in names}
        surest.append(f"{language}, {count} shown: " + ", ".join(f"{name.replace('_', ' ')} {100 * np.mean([r['is_exact'] for r in first[name]]):.1f}" for name in names[:2]))
    print("\nPrecision of as many: " + "; ".join(surest))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(required=True)
    p = sub.add_parser("bpb")
    p.set_defaults(run=bpb)
    p.add_argument("--model", required=True)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--val", action="append", required=True)
    p.add_argument("--sequences", type=int, default=10 ** 6)
    p = sub.add_parser("table")
    p.set_defaults(run=table, threads=1)
    p.add_argument("outcomes", nargs="+")
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    if (result := a.run(a)) is not None:
        print(json.dumps(result))


if __name__ == "__main__":
    main()
