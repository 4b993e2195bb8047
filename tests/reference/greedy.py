#!/usr/bin/env python3
"""Compare greedy tokens of ropewalk's engine with llama.cpp's on the same GGUF files.

    pip install llama-cpp-python numpy
    cargo build --release -p engine --features raw --example greedy
    greedy.py [--binary target/release/examples/greedy] [--tokens 64] [--code FOLDER] FILE.gguf ...

Prompts of random ids: five of 4 to 100, and one of 300, which is longer than the attention window of the tiny gemma3
files. llama.cpp reads phi3's window but does not apply it (transformers does): where a prompt and its answer are longer
than that, it is left out here, and logits.py has it. For each prompt the line says how many tokens agree and how far
the logits of the last prompt position are apart (largest difference, and norm of the difference over norm). Where
tokens differ, the reason is shown: the gap between the two highest logits on both sides at the first difference.

With --code the prompts are holes in the files of a folder instead, in the built-in model's form (its training/README.md),
--holes of them, each answered to its end; one line sums them up. Random ids lead a model where all logits are alike; this
is what it is asked in an editor.

The exit status is 0 if every first difference has a gap under LIMIT on our side or llama.cpp's: then rounding decides it.
"""
import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

import llama_cpp
import numpy as np

LENGTHS = [4, 17, 33, 64, 100, 300]
LIMIT = 1e-2
CONTEXT = 512
LANGUAGES = {".py": "python", ".js": "javascript", ".ts": "typescript", ".rs": "rust"}


def holes(folder, model, count):
    """Prompts as the built-in model was trained on, with a cursor at random places of random files."""
    chance = random.Random(11)
    files = sorted(path for path in pathlib.Path(folder).rglob("*") if path.suffix in LANGUAGES and path.stat().st_size > 400)
    out = []
    for _ in range(count):
        path = chance.choice(files)
        text = path.read_text()
        at = chance.randrange(200, len(text))
        header = f"<|file_sep|>{LANGUAGES[path.suffix]} {path.relative_to(folder).as_posix()}\n"
        prompt = f"{header}<|fim_prefix|><|fim_suffix|>{text[at:at + 200]}<|fim_middle|>{text[max(0, at - 600):at]}"
        out.append(model.tokenize(prompt.encode(), add_bos=False, special=True)[-(CONTEXT - 100):])
    return out


def reference(path, prompts, count, threads):
    many = dict(n_threads=threads, n_threads_batch=threads)
    model = llama_cpp.Llama(path, n_ctx=CONTEXT, n_batch=CONTEXT, **many, verbose=False)
    vocabulary = model.n_vocab()
    out = []
    for prompt in prompts:
        model.reset()
        tokens, gaps, first = [], [], None
        step = prompt
        for _ in range(count):
            model.eval(step)
            logits = np.ctypeslib.as_array(llama_cpp.llama_get_logits_ith(model.ctx, -1), (vocabulary,)).copy()
            first = logits if first is None else first
            second, best = np.argpartition(logits, -2)[-2:]
            if logits[second] > logits[best]:
                second, best = best, second
            tokens.append(int(best))
            gaps.append(float(logits[best] - logits[second]))
            step = [int(best)]
        out.append((tokens, gaps, first))
    return vocabulary, out


def ours(binary, path, prompts, count, threads, vocabulary):
    with tempfile.NamedTemporaryFile() as dump:
        command = [binary, path, "--tokens", str(count), "--threads", str(threads), "--logits", dump.name]
        text = "".join(" ".join(map(str, prompt)) + "\n" for prompt in prompts)
        answer = subprocess.run(command, input=text, capture_output=True, text=True, check=True).stdout
        logits = np.fromfile(dump.name, dtype="<f4").reshape(len(prompts), vocabulary)
    out = []
    for line, first in zip(answer.splitlines(), logits):
        pairs = [item.split(":") for item in line.split()]
        out.append(([int(token) for token, _ in pairs], [float(gap) for _, gap in pairs], first))
    return out


def sum_up(expected, answers, end):
    """One line about all prompts, and the gaps at the first differences."""
    whole = agreed = total = 0
    gaps = []
    for theirs, mine in zip(expected, answers):
        length = theirs[0].index(end) + 1 if end in theirs[0] else len(theirs[0])
        same = next((i for i in range(length) if mine[0][i] != theirs[0][i]), length)
        whole, agreed, total = whole + (same == length), agreed + same, total + length
        if same < length:
            gaps.append(min(mine[1][same], theirs[1][same]))
    apart = [np.linalg.norm(mine[2] - theirs[2]) / np.linalg.norm(theirs[2]) for theirs, mine in zip(expected, answers)]
    print(
        f"  {whole}/{len(expected)} answers equal to their end, {agreed}/{total} tokens before a first difference; relative "
        f"difference of the first logits: median {np.median(apart):.1e}, largest {max(apart):.1e}; smaller gap at each first "
        f"difference: {', '.join(f'{gap:.1e}' for gap in gaps) or 'none'}",
        flush=True,
    )
    return gaps


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--binary", default="target/release/examples/greedy")
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--code", help="a folder of source files: holes in them are the prompts")
    parser.add_argument("--holes", type=int, default=50)
    args = parser.parse_args()
    failed = False
    for path in args.files:
        print(path)
        header = llama_cpp.Llama(path, vocab_only=True, verbose=False)
        longest = int(header.metadata.get("phi3.attention.sliding_window", 0)) or CONTEXT
        lengths = [length for length in LENGTHS if length + args.tokens <= longest]
        rng = np.random.default_rng(11)
        if args.code:
            prompts = holes(args.code, header, args.holes)
        else:
            prompts = [[int(token) for token in rng.integers(300, header.n_vocab() - 300, length)] for length in lengths]
        vocabulary, expected = reference(path, prompts, args.tokens, args.threads)
        answers = ours(args.binary, path, prompts, args.tokens, args.threads, vocabulary)
        if args.code:
            failed |= any(gap >= LIMIT for gap in sum_up(expected, answers, header.token_eos()))
            continue
        for prompt, theirs, mine in zip(prompts, expected, answers):
            difference = mine[2] - theirs[2]
            relative = np.linalg.norm(difference) / np.linalg.norm(theirs[2])
            same = next((i for i in range(args.tokens) if mine[0][i] != theirs[0][i]), args.tokens)
            line = (
                f"  prompt of {len(prompt):3}: {same}/{args.tokens} tokens equal, {len(set(theirs[0]))} distinct, "
                f"logits: largest difference {np.abs(difference).max():.1e}, relative {relative:.1e}"
            )
            if same < args.tokens:
                gaps = (mine[1][same], theirs[1][same])
                line += f"; gaps at the first difference: ours {gaps[0]:.1e}, llama.cpp {gaps[1]:.1e}"
                failed |= min(gaps) >= LIMIT
            print(line, flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
