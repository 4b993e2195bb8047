#!/usr/bin/env python3
"""The weights of a checkpoint in small parts with checksums, and a checkpoint from them again.

    weights.py split --checkpoint RUN/checkpoint.pt --kind q8_0 --out PARTS [--only 0:4]
    weights.py join  --parts PARTS --out checkpoint.pt

For a machine that gives back only small files. `bf16` is what the large model is quantised from (2 bytes a weight), `q8_0`
the numbers that GGUF's Q8_0 would have (1.06 bytes), for a look at a run that goes on, or to go on from. --only writes
some of the parts, where not all of them fit into one return; PARTS/weights.json lists all of them. What `join` writes has
no optimiser state: `train.py --init` and `export_gguf.py` read it.
"""
import argparse
import hashlib
import io
import json
import os

import torch


def encode(weights, kind):
    out = {}
    for name, x in weights.items():
        x = x.float()
        if x.dim() == 1:
            out[name] = x
        elif kind == "bf16":
            out[name] = x.bfloat16()
        else:                                     # blocks of 32 with one scale, as in GGUF
            blocks = x.reshape(-1, 32)
            scale = blocks.abs().amax(1, keepdim=True) / 127
            out[name] = (torch.where(scale > 0, blocks / scale, blocks).round().to(torch.int8).reshape(x.shape), scale.half())
    return out


def decode(weights):
    def one(x):
        if not isinstance(x, tuple):
            return x.float()
        numbers, scale = x
        return (numbers.reshape(-1, 32).float() * scale.float()).reshape(numbers.shape)
    return {name: one(x) for name, x in weights.items()}


def split(a):
    s = torch.load(a.checkpoint, map_location="cpu", weights_only=True)
    image = io.BytesIO()
    torch.save({"model": encode(s["model"], a.kind), **{k: s[k] for k in ("config", "step", "tokens", "used", "val")}}, image)
    image = image.getvalue()
    size = int(a.part_mb * 1e6)
    pieces = [image[i:i + size] for i in range(0, len(image), size)]
    os.makedirs(a.out, exist_ok=True)
    first, last = (int(x) if x else None for x in a.only.split(":"))
    listed = []
    for i, piece in enumerate(pieces):
        listed.append({"file": f"weights-{a.kind}-step{s['step']}-{i:02}.part", "sha256": hashlib.sha256(piece).hexdigest()})
        if i in range(len(pieces))[first:last]:
            with open(os.path.join(a.out, listed[-1]["file"]), "wb") as f:
                f.write(piece)
    with open(os.path.join(a.out, "weights.json"), "w") as f:
        json.dump({"kind": a.kind, "step": s["step"], "tokens": s["tokens"], "minutes": s["used"], "val": s["val"], "parts": listed}, f, indent=1)
    print(json.dumps({"bytes": len(image), "parts": len(pieces), "step": s["step"], "tokens": s["tokens"]}))


def join(a):
    with open(os.path.join(a.parts, "weights.json")) as f:
        info = json.load(f)
    pieces = []
    for p in info["parts"]:
        with open(os.path.join(a.parts, p["file"]), "rb") as f:
            pieces.append(f.read())
        assert hashlib.sha256(pieces[-1]).hexdigest() == p["sha256"], f"{p['file']} is damaged"
    s = torch.load(io.BytesIO(b"".join(pieces)), map_location="cpu", weights_only=True)
    s["model"] = decode(s["model"])
    torch.save(s, a.out)
    print(json.dumps({"kind": info["kind"], "step": s["step"], "tokens": s["tokens"], "minutes": s["used"], "val": s["val"]}))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    sub = ap.add_subparsers(required=True)
    p = sub.add_parser("split")
    p.set_defaults(run=split)
    p.add_argument("--checkpoint", required=True)
    p.add_argument("--kind", choices=["bf16", "q8_0"], default="q8_0")
    p.add_argument("--out", required=True)
    p.add_argument("--part-mb", type=float, default=14.5)
    p.add_argument("--only", default=":", help="FROM:TO, as in a Python slice")
    p = sub.add_parser("join")
    p.set_defaults(run=join)
    p.add_argument("--parts", required=True)
    p.add_argument("--out", required=True)
    a = ap.parse_args()
    a.run(a)


if __name__ == "__main__":
    main()
