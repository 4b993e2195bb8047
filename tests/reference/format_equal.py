#!/usr/bin/env python3
"""Compare `ropewalk format` with `ruff format`, byte for byte, and hold both results against a second pass.

    pip install ruff==0.16.4
    format_equal.py --binary target/release/ropewalk [--ruff ruff] PATH...

The Python files below the paths (a standard library, say) are copied twice; one copy is formatted by each program with
its default settings. Prints how many files come out equal, names those that do not, and says whether a second pass of
ropewalk changes anything. Files that ruff cannot read must be left alone by ropewalk too. Times are wall clock, of one
run each. The exit status is 0 when nothing differs.
"""
import argparse
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path


def copy(paths, folder):
    """The files below the paths, numbered folder by folder; names stay, as they say what a file is."""
    for number, path in enumerate(paths):
        for file in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            target = folder / str(number) / (file.relative_to(path) if path.is_dir() else file.name)
            # Other people's code is left out of folders by both programs, in their own ways.
            if {"site-packages", "node_modules"} & set(target.parts):
                continue
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, target)


def run(command, folder):
    started = time.monotonic()
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
    return done, time.monotonic() - started


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--binary", required=True, type=Path, help="the ropewalk program")
    parser.add_argument("--ruff", default="ruff", help="the ruff program")
    parser.add_argument("paths", nargs="+", type=Path)
    arguments = parser.parse_args()
    binary = str(arguments.binary.resolve())
    print(subprocess.run([arguments.ruff, "--version"], capture_output=True, text=True, check=True).stdout.strip())

    with tempfile.TemporaryDirectory() as name:
        ours, theirs = Path(name) / "ours", Path(name) / "theirs"
        copy(arguments.paths, ours)
        copy(arguments.paths, theirs)
        mine, my_seconds = run([binary, "format", "."], ours)
        _, their_seconds = run(
            [arguments.ruff, "format", "--isolated", "--no-cache", "--no-respect-gitignore", "--config", "exclude=[]", "."],
            theirs,
        )
        files = sorted(path.relative_to(ours) for path in ours.rglob("*.py"))
        differing = [path for path in files if (ours / path).read_bytes() != (theirs / path).read_bytes()]
        again, _ = run([binary, "format", "--check", "."], ours)
        moved = [line for line in again.stdout.splitlines() if line.startswith("would format ")]
        print(mine.stderr.strip())
        print(f"{len(files)} files: {len(files) - len(differing)} equal, {len(differing)} different", end="; ")
        print(f"second pass changes {len(moved)}; ropewalk {my_seconds:.2f} s, ruff {their_seconds:.2f} s")
        for path in differing:
            print(f"different: {path}")
        for line in moved:
            print(f"not stable: {line.removeprefix('would format ')}")
    sys.exit(1 if differing or moved else 0)


if __name__ == "__main__":
    main()
