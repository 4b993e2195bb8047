"""`ropewalk check` beside ruff over the standard library, and beside ESLint over npm's own JavaScript, in turns.

    python tests/perf/check.py target/release/ropewalk --ruff ruff --rounds 7
    python tests/perf/check.py target/release/ropewalk --eslint node_modules/.bin/eslint --config eslint.config.mjs

Python: copies of all `.py` files of the running interpreter's library; ruff gets the rules that ropewalk runs where nothing
is configured, no cache and no settings. JavaScript: copies of what `npm root -g` has of npm; the configuration is ESLint's
recommended set. Prints each time, the smallest of each side, and their ratio. Standard library only.
"""

import argparse
import pathlib
import re
import shutil
import subprocess
import sysconfig
import tempfile
import time

SETTINGS = pathlib.Path(__file__).parents[2] / "server/analysis/src/lint_settings/python.rs"


def rules(name: str) -> str:
    text = SETTINGS.read_text(encoding="utf-8")
    body = text.split(f"const {name}: &[&str] = &[", 1)[1].split("];", 1)[0]
    return ",".join(re.findall(r'"([A-Z]+\d*)"', body))


def copied(source: pathlib.Path, endings: tuple[str, ...], target: pathlib.Path) -> int:
    count = 0
    for path in source.rglob("*"):
        inside = path.relative_to(source)
        if path.suffix in endings and path.is_file() and "site-packages" not in inside.parts:
            (target / inside).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target / inside)
            count += 1
    return count


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    ended = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
    if ended.returncode not in (0, 1):
        raise SystemExit(f"{command[0]} failed with {ended.returncode}")
    return time.perf_counter() - start


def compare(name: str, ours: list[str], theirs: list[str], rounds: int) -> None:
    seconds(ours), seconds(theirs)
    pairs = [(seconds(ours), seconds(theirs)) for _ in range(rounds)]
    for own, other in pairs:
        print(f"ropewalk {own:.2f} s, {name} {other:.2f} s")
    own, other = min(it[0] for it in pairs), min(it[1] for it in pairs)
    print(f"smallest: ropewalk {own:.2f} s, {name} {other:.2f} s; ropewalk takes {own / other:.2f} times as long")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("binary")
    parser.add_argument("--ruff")
    parser.add_argument("--eslint")
    parser.add_argument("--config", default="eslint.config.mjs")
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        library = pathlib.Path(folder) / "lib"
        ours = [options.binary, "check", str(library), "--format", "json"]
        if options.ruff:
            print(copied(pathlib.Path(sysconfig.get_paths()["stdlib"]), (".py",), library), "files of Python")
            chosen = ["--select", rules("SELECT"), "--ignore", rules("IGNORE"), "--output-format", "json"]
            compare("ruff", ours, [options.ruff, "check", "--isolated", "--no-cache", *chosen, str(library)], options.rounds)
        if options.eslint:
            root = subprocess.run(["npm", "root", "-g"], capture_output=True, text=True, check=True).stdout.strip()
            # ESLint looks only at what lies below its configuration, and at nothing in `node_modules`.
            below = pathlib.Path(options.config).resolve().parent
            with tempfile.TemporaryDirectory(dir=below) as inside:
                files = pathlib.Path(inside) / "npm"
                print(copied(pathlib.Path(root) / "npm", (".js", ".cjs", ".mjs"), files), "files of JavaScript")
                for nested in sorted(files.rglob("node_modules"), reverse=True):
                    nested.rename(nested.with_name("deps"))
                ours[2] = str(files)
                compare("ESLint", ours, [options.eslint, "-c", options.config, "-f", "json", str(files)], options.rounds)


if __name__ == "__main__":
    main()
