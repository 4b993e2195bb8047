#!/usr/bin/env python3
"""Compare ropewalk's engine with transformers in f32, from the same F32 GGUF files: logits, and greedy tokens.

    pip install gguf numpy torch transformers
    cargo build --release -p engine --features raw --example greedy
    logits.py [--binary target/release/examples/greedy] [--tokens 64] SHAPE-F32.gguf ...

The weights are read from the file and put into the model of its family (reference_models.py). Prompts are random ids, 1
to 300 long: longer than the attention windows of the tiny files. For each the line says how far the logits of the last
position are apart, and how many greedy tokens agree, with the gaps between the two highest logits at the first
difference. Exit status 0 means that the norm of the difference is under LIMIT of the logits' norm for every prompt, and
that tokens differ only where one of the gaps is under GAP.
"""
import argparse
import subprocess
import sys
import tempfile

import numpy as np
import torch

import reference_models

LENGTHS = [1, 4, 17, 33, 64, 100, 150, 300]
LIMIT = 1e-3
GAP = 1e-2
# The example's context; transformers chooses LongRoPE's factors by the length of the text, we by that of the context.
CONTEXT = 4096


def lengths(file):
    original = file.get("rope.scaling.original_context_length", 0)
    long = "rope_factors_long.weight" in file.weights and min(CONTEXT, file.get("context_length")) > original
    return [length for length in LENGTHS if not long or length > original]


def ours(binary, path, prompts, tokens):
    """For each prompt: greedy tokens, their gaps, and the first logits."""
    with tempfile.NamedTemporaryFile() as dump:
        text = "".join(" ".join(map(str, prompt)) + "\n" for prompt in prompts)
        command = [binary, path, "--tokens", str(tokens), "--logits", dump.name]
        answer = subprocess.run(command, input=text, stdout=subprocess.PIPE, text=True, check=True).stdout
        logits = np.fromfile(dump.name, dtype="<f4").reshape(len(prompts), -1)
    for line, first in zip(answer.splitlines(), logits):
        pairs = [item.split(":") for item in line.split()]
        yield [int(token) for token, _ in pairs], [float(gap) for _, gap in pairs], first


def check(model, prompt, tokens, gaps, first):
    """Whether a prompt's answer is right, and a line about it."""
    with torch.no_grad():
        # All positions at once: the logits before each of our tokens.
        logits = model(torch.tensor([prompt + tokens]))[0, len(prompt) - 1 :].numpy()
    relative = np.linalg.norm(first - logits[0]) / np.linalg.norm(logits[0])
    line = f"  prompt of {len(prompt):3}: relative {relative:.2e}, largest {np.abs(first - logits[0]).max():.2e}"
    best = logits.argmax(axis=1)
    same = next((i for i, token in enumerate(tokens) if token != best[i]), len(tokens))
    line += f", {same}/{len(tokens)} tokens equal"
    if same == len(tokens):
        return relative < LIMIT, line
    second, most = np.sort(logits[same])[-2:]
    line += f"; gaps at the first difference: ours {gaps[same]:.1e}, theirs {most - second:.1e}"
    return relative < LIMIT and min(gaps[same], most - second) < GAP, line


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--binary", default="target/release/examples/greedy")
    parser.add_argument("--tokens", type=int, default=64)
    args = parser.parse_args()
    failed = False
    for path in args.files:
        print(path)
        model, file = reference_models.load(path)
        vocabulary = file.weights["token_embd.weight"].shape[0]
        rng = np.random.default_rng(11)
        low, high = (300, vocabulary - 300) if vocabulary > 1000 else (0, vocabulary)
        prompts = [[int(token) for token in rng.integers(low, high, length)] for length in lengths(file)]
        for prompt, answer in zip(prompts, ours(args.binary, path, prompts, args.tokens)):
            good, line = check(model, prompt, *answer)
            print(line, flush=True)
            failed |= not good
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
