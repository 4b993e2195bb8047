#!/usr/bin/env python3
"""Bits per byte of plain text on held-out packages, of the GGUF file that ships or of a checkpoint.

    evaluate.py bpb --model FILE --val python=heldout-python.bin:3.8604 [--val ...]

FILE is a .gguf or a checkpoint.pt. The windows have the training length; NAME=FILE:BYTES_PER_TOKEN as in train.py. One
JSON object goes to standard output. How good completions are with the model is measured on the whole product, by
`ropewalk eval`.
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


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(required=True)
    p = sub.add_parser("bpb")
    p.set_defaults(run=bpb)
    p.add_argument("--model", required=True)
    p.add_argument("--threads", type=int, default=1)
    p.add_argument("--val", action="append", required=True)
    p.add_argument("--sequences", type=int, default=10 ** 6)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    print(json.dumps(a.run(a)))


if __name__ == "__main__":
    main()
