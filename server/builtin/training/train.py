#!/usr/bin/env python3
"""Train the built-in model: a small llama-architecture decoder, on CPU or CUDA with the same command.

    train.py --train epoch1.bin [epoch2.bin ...] --val python=heldout-python.bin:3.87 --out RUN --minutes 100
    train.py --follow FOLDER ...                 every *.bin file there, also those that appear while it trains

The schedule (warm-up, constant, linear decay to zero) follows the larger of time used / --minutes and data used, so a
run always ends annealed; with --follow by time alone, as such a run goes over its files as often as it can. The clock
starts when the compiled code is ready. RUN/checkpoint.pt is replaced at every evaluation and at least every --save-minutes; --resume
continues the same schedule from it (weights, optimiser, position in the data). --init CHECKPOINT.pt or --init-gguf
MODEL.gguf (any type the `gguf` package can dequantise) starts a new run from weights alone: fresh optimiser, fresh
schedule, while the counts of steps and tokens go on from those of the source; --elapsed MINUTES enters that schedule
later, which continues a run of which only weights are left.

On CUDA: bfloat16 autocast, fused AdamW, Muon on stacks of equal matrices, flash attention (as PyTorch chooses), and batches
read, shuffled and pinned by a thread ahead of the step that needs them.

RoPE rotates interleaved pairs (2i, 2i+1), which is what the GGUF architecture "llama" expects: export needs no
permutation. Losses are in nats per token; --val NAME=FILE:BYTES_PER_TOKEN adds bits per byte.

Not a framework: one process, one device, sequences from pack.py, no attention mask between packed documents.
"""
import argparse
import json
import math
import os
import queue
import threading
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

SIZES = dict(vocab=8192, dim=256, layers=4, heads=4, kv=2, ffn=768)


class Norm(nn.Module):
    def __init__(self, dim, eps=1e-5):
        super().__init__()
        self.weight, self.eps = nn.Parameter(torch.ones(dim)), eps

    def forward(self, x):
        return F.rms_norm(x.float(), (x.shape[-1],), self.weight.float(), self.eps).to(x.dtype)


def rotate(x, cos, sin):                          # x: batch, heads, time, head size; interleaved pairs
    a, b = x[..., 0::2], x[..., 1::2]
    return torch.stack((a * cos - b * sin, a * sin + b * cos), -1).flatten(-2).to(x.dtype)


class Block(nn.Module):
    """One decoder layer; parameter names are the GGUF tensor names without the `blk.N.` prefix."""

    def __init__(self, c):
        super().__init__()
        d, self.heads, self.kv, self.size = c["dim"], c["heads"], c["kv"], c["dim"] // c["heads"]
        linear = lambda i, o: nn.Linear(i, o, bias=False)
        self.attn_norm, self.ffn_norm = Norm(d), Norm(d)
        self.attn_q, self.attn_output = linear(d, self.heads * self.size), linear(self.heads * self.size, d)
        self.attn_k, self.attn_v = linear(d, self.kv * self.size), linear(d, self.kv * self.size)
        self.ffn_gate, self.ffn_up, self.ffn_down = linear(d, c["ffn"]), linear(d, c["ffn"]), linear(c["ffn"], d)

    def forward(self, x, cos, sin, past=None):
        B, T, _ = x.shape
        y = self.attn_norm(x)
        q = rotate(self.attn_q(y).view(B, T, self.heads, self.size).transpose(1, 2), cos, sin)
        k = rotate(self.attn_k(y).view(B, T, self.kv, self.size).transpose(1, 2), cos, sin)
        v = self.attn_v(y).view(B, T, self.kv, self.size).transpose(1, 2)
        if past is not None:
            if past:
                k, v = torch.cat((past[0], k), 2), torch.cat((past[1], v), 2)
            past[:] = [k, v]
        r = self.heads // self.kv
        ke, ve = (k, v) if r == 1 else (k.repeat_interleave(r, 1), v.repeat_interleave(r, 1))
        if T == k.shape[2]:
            o = F.scaled_dot_product_attention(q, ke, ve, is_causal=T > 1)
        else:
            mask = torch.ones(T, k.shape[2], dtype=torch.bool, device=x.device).tril(k.shape[2] - T)
            o = F.scaled_dot_product_attention(q, ke, ve, attn_mask=mask)
        x = x + self.attn_output(o.transpose(1, 2).reshape(B, T, -1))
        y = self.ffn_norm(x)
        return x + self.ffn_down(F.silu(self.ffn_gate(y)) * self.ffn_up(y))


class Model(nn.Module):
    """The decoder; the output layer is the transposed token embedding."""

    def __init__(self, c):
        super().__init__()
        self.c = c
        self.token_embd = nn.Embedding(c["vocab"], c["dim"])
        self.blk = nn.ModuleList(Block(c) for _ in range(c["layers"]))
        self.output_norm = Norm(c["dim"])
        size = c["dim"] // c["heads"]
        angle = torch.outer(torch.arange(c.get("max_seq", 4096)).float(), c["theta"] ** (-torch.arange(0, size, 2).float() / size))
        self.register_buffer("cos", angle.cos(), persistent=False)
        self.register_buffer("sin", angle.sin(), persistent=False)
        for n, p in self.named_parameters():
            if p.dim() == 2:
                residual = n.endswith(("attn_output.weight", "ffn_down.weight"))
                nn.init.normal_(p, std=0.02 / (math.sqrt(2 * c["layers"]) if residual else 1))

    def forward(self, ids, past=None, pos=0):
        x, T = self.token_embd(ids), ids.shape[1]
        cos, sin = self.cos[pos:pos + T], self.sin[pos:pos + T]
        for i, b in enumerate(self.blk):
            x = b(x, cos, sin, None if past is None else past[i])
        return self.output_norm(x) @ self.token_embd.weight.to(x.dtype).T


def next_token_loss(net, ids, reduction="mean"):
    """Cross entropy of each token given those before it, in nats. The last position has nothing to predict."""
    targets = F.pad(ids[:, 1:], (0, 1), value=-100)
    return F.cross_entropy(net(ids).float().flatten(0, 1), targets.flatten(), ignore_index=-100, reduction=reduction)


def orthogonalise(G, steps=5):
    """Newton-Schulz iteration of Muon (Jordan et al., 2024), over a stack of wide matrices."""
    X = G.bfloat16() if G.is_cuda else G.float()
    X = X / (X.norm(dim=(-2, -1), keepdim=True) + 1e-7)
    for _ in range(steps):
        A = X @ X.mT
        X = 3.4445 * X + (-4.7750 * A + 2.0315 * A @ A) @ X
    return X.to(G.dtype)


class Muon(torch.optim.Optimizer):
    """Muon with updates scaled to AdamW's RMS (Liu et al., 2025), for the hidden matrices."""

    def __init__(self, params, lr, momentum=0.95, wd=0.0):
        super().__init__(params, dict(lr=lr, momentum=momentum, wd=wd))

    @torch.no_grad()
    def step(self):
        for g in self.param_groups:
            same = {}                             # matrices of one shape go through the iteration together: few, large kernels
            for p in g["params"]:
                if p.grad is not None:
                    shape = (min(p.shape), max(p.shape)) if p.is_cuda else id(p)
                    same.setdefault(shape, []).append(p)
            for ps in same.values():
                updates = []
                for p in ps:
                    m = self.state[p].setdefault("m", torch.zeros_like(p))
                    m.lerp_(p.grad, 1 - g["momentum"])
                    update = p.grad.lerp(m, g["momentum"])
                    updates.append(update if p.shape[0] <= p.shape[1] else update.T)
                for p, update in zip(ps, orthogonalise(torch.stack(updates))):
                    update = update if p.shape[0] <= p.shape[1] else update.T
                    p.mul_(1 - g["lr"] * g["wd"]).add_(update, alpha=-g["lr"] * 0.2 * math.sqrt(max(p.shape)))


class Files:
    """The sequences of some files, in order, once."""

    def __init__(self, paths, seq, skip):
        self.datas = [np.memmap(f, dtype=np.uint16, mode="r").reshape(-1, seq) for f in paths]
        self.flat = [(i, j) for i, d in enumerate(self.datas) for j in range(len(d))][skip:]
        self.total = len(self.flat)

    def batches(self, done, n):
        """Arrays of `n` sequences (the last one of fewer), from the `done`-th sequence on."""
        for k in range(done, self.total, n):
            yield np.stack([self.datas[i][j] for i, j in self.flat[k:k + n]])


class Folder:
    """The sequences of all *.bin files of a folder in random order, over and over; a file that appears joins the pass."""

    total = None

    def __init__(self, path, seq, seed):
        self.path, self.seq, self.random, self.passes = path, seq, np.random.default_rng(seed), 0
        self.files, self.known = [], set()

    def look(self):
        """The places of files that were not there before, as rows (number of the file, number of the sequence)."""
        places = [np.empty((0, 2), dtype=np.int64)]
        for f in sorted(set(os.listdir(self.path)) - self.known):
            if f.endswith(".bin"):
                self.known.add(f)
                places.append(self.places(len(self.files), os.path.getsize(os.path.join(self.path, f)) // (2 * self.seq)))
                self.files.append(np.memmap(os.path.join(self.path, f), dtype=np.uint16, mode="r").reshape(-1, self.seq))
        return np.concatenate(places)

    @staticmethod
    def places(file, count):
        return np.stack((np.full(count, file), np.arange(count)), 1)

    def batches(self, done, n):
        rest, last = np.empty((0, 2), dtype=np.int64), 0.0
        while True:
            if time.time() - last > 5 or len(rest) < n:
                fresh, last = self.look(), time.time()
                if len(rest) + len(fresh) < n and self.files:
                    self.passes += 1
                    fresh = np.concatenate([self.places(i, len(d)) for i, d in enumerate(self.files)])
                if len(fresh):
                    rest = self.random.permutation(np.concatenate((rest, fresh)))
            if len(rest) < n:
                time.sleep(1)                     # nothing is packed yet
                continue
            now, rest = rest[:n], rest[n:]
            yield np.stack([self.files[i][j] for i, j in now])


def ahead(batches, depth=8):
    """The same batches as pinned tensors, made by a thread while the device computes."""
    made = queue.Queue(depth)

    def work():
        for rows in batches:
            made.put(torch.from_numpy(rows.astype(np.int64)).pin_memory())
        made.put(None)

    threading.Thread(target=work, daemon=True).start()
    return iter(made.get, None)


def load_gguf(path):
    """(config, state dict, step, tokens) from a GGUF file written by export_gguf.py."""
    from gguf import GGUFReader
    from gguf.quants import dequantize
    reader = GGUFReader(path)
    value = lambda k, default=None: reader.fields[k].contents() if k in reader.fields else default
    state = {t.name: torch.from_numpy(np.array(dequantize(t.data, t.tensor_type), dtype=np.float32)) for t in reader.tensors}
    c = dict(vocab=state["token_embd.weight"].shape[0], dim=value("llama.embedding_length"), layers=value("llama.block_count"),
             heads=value("llama.attention.head_count"), kv=value("llama.attention.head_count_kv"), ffn=value("llama.feed_forward_length"),
             theta=float(value("llama.rope.freq_base", 10000.0)), train_seq=value("llama.context_length"))
    return c, state, int(value("ropewalk.training.step", 0)), int(value("ropewalk.training.tokens", 0))


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    A = ap.add_argument
    A("--train", nargs="+", help="packed sequences, one file per epoch, in this order")
    A("--follow", metavar="FOLDER", help="packed sequences that come while it trains, instead of --train")
    A("--val", action="append", default=[], metavar="NAME=FILE:BYTES_PER_TOKEN")
    A("--out", required=True)
    for k, v in {**SIZES, "seq": 512}.items():
        A("--" + k, type=int, default=v)
    for k, v in dict(batch=16, micro=2, threads=1, seed=1, val_seqs=64, skip_seqs=0).items():
        A("--" + k.replace("_", "-"), type=int, default=v)
    for k, v in dict(lr=2e-3, wd=0.05, theta=10000.0, minutes=20, warmup=0.02, decay=0.35, clip=1.0, eval_minutes=8, save_minutes=4, elapsed=0.0).items():
        A("--" + k.replace("_", "-"), type=float, default=v)
    A("--opt", choices=["muon", "adamw"], default="muon")
    A("--compile", action="store_true")
    A("--resume", action="store_true", help="continue RUN/checkpoint.pt")
    A("--init", help="start from the weights of this checkpoint")
    A("--init-gguf", help="start from the weights of this GGUF file")
    a = ap.parse_args()
    if bool(a.train) == bool(a.follow):
        ap.error("either --train or --follow")
    torch.manual_seed(a.seed)
    os.makedirs(a.out, exist_ok=True)
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(a.threads)
    if dev == "cuda":
        torch.set_float32_matmul_precision("high")
    c = dict({k: getattr(a, k) for k in SIZES}, theta=a.theta, train_seq=a.seq)
    step = done = tokens = 0
    used, state, opt_state, path = a.elapsed, None, None, os.path.join(a.out, "checkpoint.pt")
    if a.resume and os.path.exists(path):
        s = torch.load(path, map_location=dev, weights_only=True)
        c, state, opt_state = s["config"], s["model"], s["opts"]
        step, done, used, tokens = s["step"], s["done"], s["used"], s["tokens"]
    elif a.init:
        s = torch.load(a.init, map_location=dev, weights_only=True)
        c, state, step, tokens = s["config"], s["model"], s["step"], s["tokens"]
    elif a.init_gguf:
        c, state, step, tokens = load_gguf(a.init_gguf)
    assert c["train_seq"] == a.seq, "the packed data and the model have different sequence lengths"
    net = Model(c)
    if state is not None:
        net.load_state_dict(state)
    net = net.to(dev)
    run = torch.compile(next_token_loss) if a.compile else next_token_loss
    hidden = [p for n, p in net.named_parameters() if p.dim() == 2 and "embd" not in n]
    other = [p for n, p in net.named_parameters() if p.dim() != 2 or "embd" in n]
    adam = lambda ps, wd: torch.optim.AdamW(ps, lr=a.lr, betas=(0.9, 0.95), eps=1e-8, weight_decay=wd, fused=True)
    opts = [Muon(hidden, a.lr, wd=a.wd), adam(other, 0.0)] if a.opt == "muon" else [adam(hidden, a.wd), adam(other, 0.0)]
    if opt_state:
        for o, st in zip(opts, opt_state):
            o.load_state_dict(st)
    source = Folder(a.follow, a.seq, a.seed + step) if a.follow else Files(a.train, a.seq, a.skip_seqs)
    total = source.total
    vals = {}
    for v in a.val:
        name, rest = v.split("=", 1)
        f, bpt = rest.rsplit(":", 1)
        vals[name] = (np.memmap(f, dtype=np.uint16, mode="r").reshape(-1, a.seq)[:a.val_seqs], float(bpt))
    log = open(os.path.join(a.out, "log.jsonl"), "a")
    amp = torch.autocast(dev, torch.bfloat16, enabled=dev == "cuda")
    get = lambda rows: torch.from_numpy(rows.astype(np.int64)).to(dev)

    def emit(**k):
        log.write(json.dumps(k) + "\n")
        log.flush()
        print(json.dumps(k), flush=True)

    def evaluate():
        """{name: (nats per token, bits per byte)} on the held-out sequences."""
        net.eval()
        out = {}
        with torch.no_grad(), amp:
            for name, (d, bpt) in vals.items():
                nats = 0.0
                at_once = 4 if dev == "cpu" else 16
                for k in range(0, len(d), at_once):
                    nats += next_token_loss(net, get(d[k:k + at_once]), "sum").item()
                nats /= len(d) * (a.seq - 1)
                out[name] = (round(nats, 4), round(nats / math.log(2) / bpt, 4))
        net.train()
        return out

    def save(val):
        torch.save({"model": net.state_dict(), "opts": [o.state_dict() for o in opts], "config": c, "step": step, "done": done,
                    "used": used, "tokens": tokens, "val": val}, path + ".tmp")
        os.replace(path + ".tmp", path)

    def warm_up():
        """Compile before the clock starts, or the first step would use up the warm-up of the learning rate."""
        begin = time.time()
        with amp:
            loss = run(net, torch.zeros(min(a.micro, a.batch), a.seq, dtype=torch.long, device=dev))
        loss.backward()
        for o in opts:
            o.zero_grad(set_to_none=True)
        emit(compile_seconds=round(time.time() - begin, 1), device_name=torch.cuda.get_device_name() if dev == "cuda" else "cpu")

    emit(parameters=sum(p.numel() for p in net.parameters()), train_tokens=total and total * a.seq, device=dev, config=c, step=step, tokens=tokens)
    if a.compile:
        warm_up()
    batches = source.batches(done, a.batch)
    if dev == "cuda":
        batches = ahead(batches)
    start, cpu0, base, done0 = time.time(), time.process_time(), used, done
    last_eval = last_save = used
    losses, val = [], {}
    while True:
        used = base + (time.time() - start) / 60
        progress = max(used / a.minutes, done / total if total else 0)
        if used - last_eval >= a.eval_minutes or progress >= 1:
            val = evaluate()
            cpu = time.process_time() - cpu0
            emit(step=step, tokens=tokens, minutes=round(used, 2), lr=opts[0].param_groups[0]["lr"], tokens_per_cpu_s=round((done - done0) * a.seq / max(cpu, 1)),
                 tokens_per_s=round((done - done0) * a.seq / max((used - base) * 60, 1)),
                 **({"files": len(source.files), "passes": source.passes} if a.follow else {}),
                 train_nats=round(float(np.mean(losses)), 4) if losses else None, val=val)
            losses, last_eval = [], used
            save(val)
            last_save = used
        elif used - last_save >= a.save_minutes:
            save(val)
            last_save = used
        if progress >= 1:
            break
        factor = min(1.0, (progress + 1e-3) / a.warmup) if progress < a.warmup else min(1.0, max(0.01, (1 - progress) / a.decay))
        for o in opts:
            for g in o.param_groups:
                g["lr"] = a.lr * factor
        rows = next(batches)
        rows = rows.to(dev, non_blocking=True) if dev == "cuda" else get(rows)
        n, summed = len(rows), 0.0
        for k in range(0, n, a.micro):
            x = rows[k:k + a.micro]
            with amp:
                loss = run(net, x)
            weight = len(x) / n
            (loss * weight).backward()
            summed = summed + loss.detach() * weight
        torch.nn.utils.clip_grad_norm_(net.parameters(), a.clip)
        for o in opts:
            o.step()
            o.zero_grad(set_to_none=True)
        step, done, tokens = step + 1, done + n, tokens + n * a.seq
        if dev == "cpu" or step % 20 == 0:
            losses.append(float(summed))


if __name__ == "__main__":
    main()
