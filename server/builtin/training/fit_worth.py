#!/usr/bin/env python3
"""Fit how often suggestions are right to how sure they are: server/assist/src/inline_completion/worth.rs.

    ropewalk eval FOLDER --cases 1000 --show-all --out HOLES.jsonl
    fit_worth.py --worth WORTH.rs HOLES.jsonl ...

A copy of confidence c is taken to be right in c^COPY of all cases, a model's line in c^MODEL of them. Right is a
suggestion whose first line is the one that stood in the hole, white space around it aside. What the files call its
confidence is that chance, by the exponents in WORTH.rs. The new exponents are those of the largest likelihood; in
brackets is where 95 of 100 other choices of files would see them (bootstrap). Then follows how well that fits, by
chance, and what it is worth to show suggestions from which expected gain on: a character that is brought counts as one,
a suggestion that is looked at costs one, whether it is right or not.
"""
import argparse
import collections
import json
import re
import sys

import numpy as np

EXPONENTS = np.arange(0.25, 4.001, 0.01)
BINS = (0, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)
CONSTANTS = {"copy": "COPY", "model": "MODEL"}
GAINS = (0, 0.25, 0.5, 0.75, 1, 1.5, 2, 3, 5)
RESAMPLES = 1000


def first_line(text):
    return next(iter(text.lstrip().splitlines()), "").rstrip()


def read(path):
    """The exponents in worth.rs, by source."""
    with open(path) as f:
        text = f.read()
    found = {source: re.search(rf"^const {name}: f32 = ([\d.]+);$", text, re.M) for source, name in CONSTANTS.items()}
    if not all(found.values()):
        sys.exit(f"{path} does not declare {' and '.join(CONSTANTS.values())}")
    return {source: float(match[1]) for source, match in found.items()}


def load(paths, now):
    """One row a suggestion: file, source, confidence, whether it is right, characters. And the number of holes."""
    rows, holes = [], 0
    for path in paths:
        with open(path) as lines:
            for hole in map(json.loads, lines):
                holes += 1
                line, source = first_line(hole["got"]), hole["source"]
                if hole["is_shown"] and line and source in now:
                    confidence = hole["confidence"] ** (1 / now[source])
                    rows.append((hole["path"], source, confidence, line == first_line(hole["wanted"]), len(line)))
    return rows, holes


def likelihoods(confidence, right):
    """The logarithm of each suggestion's likelihood (rows), for each exponent."""
    chance = np.clip(confidence[:, None] ** EXPONENTS, 1e-6, 1 - 1e-6)
    return np.where(right[:, None], np.log(chance), np.log(1 - chance))


def exponent(rows):
    """(most likely, lower end, upper end)"""
    files = collections.defaultdict(int)
    for path, *_ in rows:
        files.setdefault(path, len(files))
    each = likelihoods(np.array([r[2] for r in rows]), np.array([r[3] for r in rows]))
    sums = np.zeros((len(files), len(EXPONENTS)))
    np.add.at(sums, [files[r[0]] for r in rows], each)
    drawn = np.random.default_rng(1).multinomial(len(files), np.full(len(files), 1 / len(files)), RESAMPLES)
    low, high = np.percentile(EXPONENTS[(drawn @ sums).argmax(1)], (2.5, 97.5))
    return EXPONENTS[sums.sum(0).argmax()], low, high


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("holes", nargs="+", help="what `ropewalk eval --show-all --out` wrote")
    ap.add_argument("--worth", required=True, help="server/assist/src/inline_completion/worth.rs, as it was then")
    a = ap.parse_args()
    now = read(a.worth)
    rows, holes = load(a.holes, now)
    if not rows:
        sys.exit("no suggestions in the given files")
    print(f"{len(rows)} suggestions for {holes} holes")
    best = {}
    for source in now:
        some = [r for r in rows if r[1] == source]
        groups = {"all": some, "under 8 characters": [r for r in some if r[4] < 8], "longer": [r for r in some if r[4] >= 8]}
        for name, group in groups.items():
            if group:
                print(f"  {source}, {name + ',':20}{len(group):6}: exponent {'%.2f [%.2f, %.2f]' % exponent(group)}")
        best[source] = exponent(some)[0] if some else now[source]
    source, right, length = (np.array([r[i] for r in rows]) for i in (1, 3, 4))
    chance = np.array([r[2] ** best[r[1]] for r in rows])
    print("\nchance         number   mean   right   right of copies, model's")
    for low, high in zip(BINS, BINS[1:]):
        at = (chance >= low) & (chance < high)
        if at.any():
            each = "".join(f"{right[at & (source == s)].mean():8.2f}" if (at & (source == s)).any() else "       -" for s in now)
            print(f"{low:4.2f} to {min(high, 1):4.2f}{at.sum():9}{chance[at].mean():7.2f}{right[at].mean():8.2f}{each}")
    print("\nexpected gain   shown   right   brought   net a hole")
    for gain in GAINS:
        at = chance * length >= gain
        if at.any():
            brought = (right * length)[at].sum()
            print(f"{gain:13.2f}{at.sum() / holes:8.1%}{right[at].mean():8.1%}{brought:10}{(brought - at.sum()) / holes:13.2f}")
    print()
    for source, name in CONSTANTS.items():
        print(f"const {name}: f32 = {best[source]:.1f};")


if __name__ == "__main__":
    main()
