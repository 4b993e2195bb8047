#!/usr/bin/env python3
"""Fit the numbers of the copy engine, server/assist/src/copy_engine/evidence.rs, to a model.

    fit_copies.py --evidence EVIDENCE.rs [--write] FOLLOWERS.jsonl ...

The files are what the example `followers` of server/assist wrote, one a language: at each token of code that is known,
the places that the copy engine found, and the model's probability of that token. The numbers are those under which the
mixture of both gives the tokens the largest likelihood, each language counting as much as the others. They are fitted to
four fifths of the packages, and judged on the rest, in nats a token, beside

    model     the model alone
    longest   the places with the longest agreement only, all alike, weighed against the model by its length
    before    the numbers that are in the file

Then they are fitted once more, to all packages, and printed as declarations; --write puts them into the file.
Lengths between which is interpolated are read from the file. Nothing is random.
"""
import argparse
import collections
import json
import re
import sys

import numpy as np
import torch

MOST = 64                    # followers of one token (MAX_OCCURRENCES in copy_engine/view.rs)
LONGEST = 64                 # bytes of agreement (MAX_MATCH in copy_engine/index.rs)
SMOOTHNESS = 1e-4            # price of a table's bends: where there are few examples a table goes on as it does beside
LEAST = 1e-6                 # probability of what neither thought of
NAMES = ("COUNTS", "HERE", "FARTHER", "BESIDE", "TRUST", "AGREEMENT")

Data = collections.namedtuple("Data", "length distance right head model weight language package trust")


def load(paths):
    """Arrays of one row a token; followers that are not there have length 0."""
    rows = []
    for path in paths:
        with open(path) as lines:
            rows += map(json.loads, lines)
    if not rows:
        sys.exit("no tokens in the given files")
    n = len(rows)
    length, distance, head = (np.zeros((n, MOST), t) for t in (np.int64, np.float32, np.int64))
    right = np.zeros((n, MOST), bool)
    for i, row in enumerate(rows):
        for j, (bytes_, far, token, _, first) in enumerate(row["followers"][:MOST]):
            length[i, j], distance[i, j], right[i, j], head[i, j] = min(bytes_, LONGEST), far, token == row["truth"], first
    languages = sorted({r["language"] for r in rows})
    packages = sorted({(r["language"], r["package"]) for r in rows})
    language = np.array([languages.index(r["language"]) for r in rows])
    number = {p: i for i, p in enumerate(packages)}
    package = np.array([number[r["language"], r["package"]] for r in rows])
    model = np.exp(np.array([r["logprob"] for r in rows], np.float32))
    trust = np.array([np.nan if r["trust"] is None else r["trust"] for r in rows], np.float32)
    weight = (1 / np.bincount(language))[language].astype(np.float32)
    arrays = length, distance, right, head, model, weight, language, package, trust
    return Data(*map(torch.from_numpy, arrays)), languages, packages


def some(data, rows):
    return Data(*(column[rows] for column in data))


class Numbers(torch.nn.Module):
    """What evidence.rs computes, by the same names."""

    def __init__(self, lengths, values):
        super().__init__()
        # Row n: how much each entry of a table counts for an agreement of n bytes.
        at, hats = np.arange(LONGEST + 1), np.eye(len(lengths), dtype=np.float32)
        self.hats = torch.from_numpy(np.stack([np.interp(at, lengths, hat) for hat in hats], 1).astype(np.float32))
        for name in NAMES:
            setattr(self, name, torch.nn.Parameter(torch.tensor(values[name], dtype=torch.float32)))

    def evidence(self, data):
        """(shares of the followers, log-odds against the model)"""
        score = (self.hats @ self.COUNTS)[data.length]
        near = self.HERE - self.FARTHER * torch.log1p(data.distance.clamp(min=0) / 1000)
        score = score + torch.where(data.distance >= 0, near, torch.where(data.distance == -2, self.BESIDE, 0.0))
        share = score.masked_fill(data.length == 0, -1e9).softmax(1)
        agreement = torch.zeros_like(share).scatter_add(1, data.head, share).max(1).values
        return share, (self.hats @ self.TRUST)[data.length.max(1).values] + self.AGREEMENT * agreement

    def bend(self):
        return sum(table.diff(n=2).square().sum() for table in (self.COUNTS, self.TRUST))


class Longest(Numbers):
    """The longest agreement only."""

    def evidence(self, data):
        longest = data.length.max(1, keepdim=True).values
        share = (data.length == longest).float()
        return share / share.sum(1, keepdim=True), (self.hats @ self.TRUST)[longest[:, 0]]


def nats(numbers, data):
    """Of each token."""
    share, trust = numbers.evidence(data)
    weight = torch.where(data.length[:, 0] > 0, trust.sigmoid(), 0.0)
    return -((1 - weight) * data.model + weight * (share * data.right).sum(1)).clamp(min=LEAST).log()


def fit(numbers, data, steps):
    optimizer = torch.optim.LBFGS(numbers.parameters(), max_iter=steps, line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        loss = (nats(numbers, data) * data.weight).sum() / data.weight.sum() + SMOOTHNESS * numbers.bend()
        loss.backward()
        return loss

    optimizer.step(closure)
    return numbers


def read(source):
    """The numbers of evidence.rs, and the lengths that its tables are for."""
    values = {}
    for name in ("LENGTHS", *NAMES):
        found = re.search(rf"^const {name}: (?:f32|\[f32; \d+\]) = (.*?);$", source, re.M | re.S)
        if not found:
            sys.exit(f"the file declares no const {name}")
        values[name] = json.loads(re.sub(r",\s*\]", "]", found[1]))
    return values.pop("LENGTHS"), values


def declarations(numbers):
    """Of each number, in Rust."""
    text = lambda x: re.sub(r"(\.\d)0$", r"\1", f"{round(x, 2) + 0.0:.2f}")
    out = {}
    for name in NAMES:
        value = getattr(numbers, name).detach()
        if name == "COUNTS":           # only differences count
            value = value - value[0]
        if value.dim():
            out[name] = f"const {name}: [f32; {len(value)}] = [{', '.join(map(text, value.tolist()))}];"
        else:
            out[name] = f"const {name}: f32 = {text(value.item())};"
    return out


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("followers", nargs="+")
    ap.add_argument("--evidence", required=True, help="server/assist/src/copy_engine/evidence.rs")
    ap.add_argument("--write", action="store_true", help="put the numbers into that file")
    ap.add_argument("--steps", type=int, default=60, help="of the optimiser")
    ap.add_argument("--threads", type=int, default=1)
    a = ap.parse_args()
    torch.set_num_threads(a.threads)
    with open(a.evidence) as f:
        source = f.read()
    lengths, values = read(source)
    data, languages, packages = load(a.followers)
    before = Numbers(lengths, values)
    with torch.no_grad():
        off = (before.evidence(data)[1] - data.trust).abs()
        if off[data.length[:, 0] > 0].max() > 1e-3:
            print("warning: the program that wrote these files was built with other numbers than are in the file, or it "
                  "computes otherwise than this script", file=sys.stderr)
    # Every fifth package of a language is left out.
    first = {l: i for i, (l, _) in reversed(list(enumerate(packages)))}
    left_out = torch.tensor([(i - first[l]) % 5 == 4 for i, (l, _) in enumerate(packages)])
    if not left_out.any():
        sys.exit("too few packages to leave a fifth of them out: five of a language at least")
    test, train = some(data, left_out[data.package]), some(data, ~left_out[data.package])
    fitted = fit(Numbers(lengths, values), train, a.steps)
    longest = fit(Longest(lengths, values), train, a.steps)
    with torch.no_grad():
        columns = {"model": -test.model.clamp(min=LEAST).log(), "longest": nats(longest, test), "before": nats(before, test), "fitted": nats(fitted, test)}
    print(f"{'nats a token, packages left out':34}" + "".join(f"{name:>9}" for name in columns) + "  better than before in")
    for number, language in enumerate(languages):
        rows = test.language == number
        if not rows.any():
            print(f"{language}: fewer than five packages, none left out")
            continue
        ids = test.package[rows].unique()
        mean = lambda name, i: columns[name][test.package == i].mean()
        better = sum(bool(mean("fitted", i) < mean("before", i)) for i in ids)
        name = f"{language}, {int(rows.sum())} tokens"
        print(f"{name:34}" + "".join(f"{c[rows].mean():9.3f}" for c in columns.values()) + f"  {better} of {len(ids)} packages")
    final = fit(fitted, data, a.steps)
    print(f"\nfitted to all {len(packages)} packages, {len(data.model)} tokens:\n")
    for name, declaration in declarations(final).items():
        print(declaration)
        source = re.sub(rf"^const {name}: (f32|\[f32; \d+\]) = .*?;$", declaration, source, count=1, flags=re.M | re.S)
    if a.write:
        with open(a.evidence, "w") as f:
            f.write(source)


if __name__ == "__main__":
    main()
