#!/usr/bin/env python3
"""How many sequences at once train fastest on this device, with and without the compiler.

    sweep.py --vocab 16384 --dim 512 ... --seq 1024 --micro 64,128,32 --seconds 75 --out micro

Times forward and backward passes on random tokens. OUT gets what `train.py` is to be told: the number, and `--compile` where
that ran and was faster. Sizes that fail (memory, compiler) are left out; the first size is tried without the compiler as
well. Stops trying when the time is up. No optimiser, no data: the learning rate is not what is searched for here.
"""
import argparse
import time

import torch

import train


def tokens_per_second(net, loss, ids, dev, steps):
    """Tokens a second of forward and backward passes, and the seconds that the first one took."""
    sync = torch.cuda.synchronize if dev == "cuda" else lambda: None

    def step():
        with torch.autocast(dev, torch.bfloat16, enabled=dev == "cuda"):
            value = loss(net, ids)
        value.backward()
        net.zero_grad(set_to_none=True)

    start = time.time()
    step()
    sync()
    first, start = time.time() - start, time.time()
    for _ in range(steps):
        step()
    sync()
    return steps * ids.numel() / (time.time() - start), first


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    for k, v in {**train.SIZES, "seq": 512, "steps": 8, "threads": 1}.items():
        ap.add_argument("--" + k, type=int, default=v)
    ap.add_argument("--micro", default="64,128,32")
    ap.add_argument("--seconds", type=float, default=75)
    ap.add_argument("--out", required=True)
    a = ap.parse_args()
    dev = "cuda" if torch.cuda.is_available() else "cpu"
    torch.set_num_threads(a.threads)
    torch.set_float32_matmul_precision("high")
    net = train.Model(dict({k: getattr(a, k) for k in train.SIZES}, theta=10000.0, train_seq=a.seq)).to(dev)
    sizes, results, begin = [int(x) for x in a.micro.split(",")], [], time.time()
    for micro, compiled in [(sizes[0], False)] + [(m, True) for m in sizes]:
        if results and time.time() - begin > a.seconds * 0.8:
            print(f"no time for {micro}")
            continue
        try:
            ids = torch.randint(a.vocab, (micro, a.seq), device=dev)
            loss = torch.compile(train.next_token_loss, dynamic=False) if compiled else train.next_token_loss
            speed, first = tokens_per_second(net, loss, ids, dev, a.steps)
        except Exception as error:               # out of memory and compiler errors have many classes; all mean: not this one
            print(f"micro {micro}{' compiled' if compiled else ''}: {type(error).__name__}: {str(error)[:300]}")
            net.zero_grad(set_to_none=True)
            continue
        memory = torch.cuda.max_memory_allocated() / 2 ** 30 if dev == "cuda" else 0
        print(f"micro {micro}{' compiled' if compiled else ''}: {speed:,.0f} tokens/s, first pass {first:.1f} s, {memory:.1f} GiB", flush=True)
        results.append((speed, micro, compiled))
    _, micro, compiled = max(results)
    with open(a.out, "w") as f:
        f.write(f"{micro}{' --compile' if compiled else ''}\n")


if __name__ == "__main__":
    main()
