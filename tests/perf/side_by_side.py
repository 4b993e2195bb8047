#!/usr/bin/env python3
"""ropewalk and llama.cpp side by side on the same GGUF files.

    tests/perf/side_by_side.py MODEL.gguf... --ropewalk target/release/ropewalk --llama LLAMA
                               [--threads 2] [--turns 5] [--prefill 512] [--depth 512] [--decode 64]

LLAMA is the path of llama.cpp's `llama-bench`, or `python`: the module llama_cpp (package llama-cpp-python) of the
interpreter that --python names, which is this one unless said otherwise.

Measured in each turn, one program after the other, since the speed of a machine drifts: prefill of --prefill tokens,
decode of --decode tokens behind --depth others, peak resident memory. llama.cpp runs with flash attention off and on;
the better of the two counts. Printed are medians of the turns, of the ratios within a turn, and peak memory as a share
of the file's size. Standard library only. Prints figures and judges none.
"""
import argparse
import json
import os
import re
import statistics
import subprocess
import sys
import tempfile

# What `--llama python` runs: the same work through the library, in a process of its own.
WITH_LIBRARY = '''
import json, sys, time, llama_cpp
path, threads, prefill, depth, decode, flash = sys.argv[1], *map(int, sys.argv[2:])
model = llama_cpp.Llama(path, n_ctx=max(prefill, depth) + decode + 16, n_batch=512, n_ubatch=512, n_threads=threads,
                        n_threads_batch=threads, verbose=False, flash_attn=bool(flash))
tokens = [300 + i * 7919 % (model.n_vocab() // 2) for i in range(max(prefill, depth) + decode)]
model.eval(tokens[:16])
def seconds(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
model.reset()
prefill_s = seconds(lambda: model.eval(tokens[:prefill]))
model.reset()
model.eval(tokens[:depth])
decode_s = seconds(lambda: [model.eval([token]) for token in tokens[-decode:]])
print(json.dumps({"prefill_tps": prefill / prefill_s, "decode_tps": decode / decode_s}))
'''


def run(command):
    """Standard output, and the process's peak resident memory in bytes."""
    with tempfile.TemporaryFile() as out:
        process = subprocess.Popen(command, stdout=out, stderr=subprocess.DEVNULL)
        _, status, usage = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode != 0:
            sys.exit(f"{' '.join(command)}: exit {process.returncode}")
        out.seek(0)
        # Linux counts in KiB, macOS in bytes.
        return out.read().decode(), usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def ropewalk(args, model):
    command = [args.ropewalk, "bench", "--model", model, "--json"]
    for name in ("threads", "prefill", "depth", "decode"):
        command += [f"--{name}", str(getattr(args, name))]
    out, rss = run(command)
    figures = json.loads(out)
    return {"prefill": figures["prefill_tps"], "decode": figures["decode_tps"], "rss": rss}


def llama_bench(args, model, flash):
    def rate(*options):
        common = ["-m", model, "-t", str(args.threads), "-fa", str(flash), "-r", "1", "-o", "json"]
        out, rss = run([args.llama, *common, *options])
        return json.loads(out)[0]["avg_ts"], rss

    prefill, prefill_rss = rate("-p", str(args.prefill), "-n", "0")
    decode, decode_rss = rate("-p", "0", "-n", str(args.decode), "-d", str(args.depth))
    return {"prefill": prefill, "decode": decode, "rss": max(prefill_rss, decode_rss)}


def llama_library(args, model, flash):
    numbers = [args.threads, args.prefill, args.depth, args.decode, flash]
    out, rss = run([args.python, "-c", WITH_LIBRARY, model, *map(str, numbers)])
    # The library may write lines of its own before ours.
    figures = json.loads(re.findall(r"^\{.*\}$", out, re.MULTILINE)[-1])
    return {"prefill": figures["prefill_tps"], "decode": figures["decode_tps"], "rss": rss}


def llama(args, model):
    side = llama_library if args.llama == "python" else llama_bench
    off, on = side(args, model, 0), side(args, model, 1)
    return {"prefill": max(off["prefill"], on["prefill"]), "decode": max(off["decode"], on["decode"]),
            "rss": min(off["rss"], on["rss"])}


def spread(values):
    return f"{statistics.median(values):.2f} ({min(values):.2f}-{max(values):.2f})"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("models", nargs="+")
    parser.add_argument("--ropewalk", default="target/release/ropewalk")
    parser.add_argument("--llama", default="python")
    parser.add_argument("--python", default=sys.executable)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--prefill", type=int, default=512)
    parser.add_argument("--depth", type=int, default=512)
    parser.add_argument("--decode", type=int, default=64)
    args = parser.parse_args()

    rows = []
    for model in args.models:
        name, size = os.path.basename(model).removesuffix(".gguf"), os.path.getsize(model)
        turns = []
        for turn in range(args.turns):
            ours, theirs = ropewalk(args, model), llama(args, model)
            turns.append((ours, theirs))
            print(f"{name} turn {turn + 1}: ropewalk {ours['prefill']:.1f} / {ours['decode']:.1f}, "
                  f"llama.cpp {theirs['prefill']:.1f} / {theirs['decode']:.1f}", file=sys.stderr, flush=True)
        for what in ("prefill", "decode"):
            ours, theirs = ([turn[side][what] for turn in turns] for side in (0, 1))
            depth = f"prefill {args.prefill}" if what == "prefill" else f"decode {args.decode} at {args.depth}"
            ratios = spread([a / b for a, b in zip(ours, theirs)])
            rows.append((name, depth, f"{statistics.median(ours):.1f} t/s", f"{statistics.median(theirs):.1f} t/s", ratios))
        ours, theirs = (statistics.median(turn[side]["rss"] for turn in turns) for side in (0, 1))
        rows.append((name, "peak memory", f"{ours / 2**20:.0f} MiB ({ours / size:.2f} x file)",
                     f"{theirs / 2**20:.0f} MiB ({theirs / size:.2f} x file)", f"{ours / theirs:.2f}"))

    print("| file | what | ropewalk | llama.cpp | ratio: median (min-max) of the turns |")
    print("| --- | --- | --- | --- | --- |")
    for row in rows:
        print(f"| {' | '.join(row)} |")


main()
