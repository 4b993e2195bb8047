#!/usr/bin/env python3
"""How long an editor waits for what needs no model: diagnostics after an edit, hover, and everything while typing.

    tests/perf/diagnostics.py target/release/ropewalk [--file FILE.py] [--edits 200] [--hovers 1000] [--keys 300]

FILE.py is any long Python file (`_pydecimal.py` of the running interpreter); it is cut or repeated to 2,000 and to 10,000
lines. Figures are milliseconds at the client's side, for a client that is pushed to and for one that pulls:

- an edit to its diagnostics, of text that parses after it and of text that does not;
- hover at random names;
- hover, outline and status right behind a key, a key every 50 ms: words and brackets as they are typed, so that the text
  is broken half of the time; a client that pulls asks for diagnostics first, and cancels what it no longer needs.

Standard library only. Prints figures and judges none; it is no test.
"""

import argparse
import json
import random
import re
import subprocess
import threading
import time
import _pydecimal

URI = "file:///bench/long.py"
TYPED = "\n        values = [self.first(item, 'name'), other]\n        if values:\n            return {key: len(values) for key in values}"


class Client:
    """One server, and a thread that notes when its messages come."""

    def __init__(self, program, pulls):
        command = [program, "--model", "none", "lsp"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        self.answers, self.published = {}, {}
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.last_id = 0
        self.pulls = pulls
        capabilities = {"textDocument": {"hover": {}, **({"diagnostic": {}} if pulls else {})}}
        self.call("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})

    def read(self):
        out = self.process.stdout
        while True:
            length = 0
            while line := out.readline().strip():
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            body = out.read(length)
            at = time.perf_counter()
            message = json.loads(body)
            with self.news:
                if "method" not in message:
                    self.answers[message["id"]] = (at, message)
                elif message["method"] == "textDocument/publishDiagnostics":
                    self.published[message["params"].get("version")] = (at, message["params"]["diagnostics"])
                self.news.notify_all()

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        at = time.perf_counter()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()
        return at

    def notify(self, method, params):
        return self.send({"method": method, "params": params})

    def ask(self, method, params):
        """Id and time of a request that is not waited for."""
        self.last_id += 1
        return self.last_id, self.send({"id": self.last_id, "method": method, "params": params})

    def wait(self, messages, key):
        with self.news:
            if not self.news.wait_for(lambda: key in messages, 60):
                raise SystemExit("no answer within a minute")
            return messages.pop(key)

    def call(self, method, params):
        """Result and milliseconds."""
        number, sent = self.ask(method, params)
        at, message = self.wait(self.answers, number)
        return message.get("result"), (at - sent) * 1e3

    def open(self, text):
        self.version, self.lines = 1, text.split("\n")
        document = {"uri": URI, "languageId": "python", "version": 1, "text": text}
        self.problems(self.notify("textDocument/didOpen", {"textDocument": document}))

    def change(self, line, column, until, text):
        """Replaces columns of a line; the time when it was sent."""
        self.version += 1
        place = {"start": {"line": line, "character": column}, "end": {"line": line, "character": until}}
        replaced = self.lines[line][:column] + text + self.lines[line][until:]
        self.lines[line : line + 1] = replaced.split("\n")
        document = {"uri": URI, "version": self.version}
        params = {"textDocument": document, "contentChanges": [{"range": place, "text": text}]}
        return self.notify("textDocument/didChange", params)

    def problems(self, since):
        """The diagnostics of this version, and the milliseconds since then."""
        if self.pulls:
            result, _ = self.call("textDocument/diagnostic", {"textDocument": {"uri": URI}})
            return result["items"], (time.perf_counter() - since) * 1e3
        at, items = self.wait(self.published, self.version)
        return items, (at - since) * 1e3

    def about(self, method, line, column):
        return self.call(method, {"textDocument": {"uri": URI}, "position": {"line": line, "character": column}})[1]


def cut(text, count):
    """So many lines at most, ending before a definition."""
    lines = text.rstrip("\n").split("\n")
    lines = (lines * (count // len(lines) + 1))[:count]
    last = max(i for i, line in enumerate(lines) if re.match(r"( {4})?(class|def) ", line))
    while lines[last - 1].lstrip().startswith("@"):
        last -= 1
    return "\n".join(lines[:last]) + "\n"


def report(name, times):
    times = sorted(times)
    at = lambda share: times[min(len(times) - 1, int(share * len(times)))]
    print(f"  {name:34} p50 {at(.5):7.1f}   p90 {at(.9):7.1f}   p99 {at(.99):7.1f}   worst {times[-1]:7.1f} ms", flush=True)


def places(lines, pattern, rng, count):
    """Random (line, end of the match)."""
    found = [(i, m.end()) for i, line in enumerate(lines) for m in re.finditer(pattern, line)]
    return [rng.choice(found) for _ in range(count)]


def edits(client, typed, rng, count):
    """Types behind a word and takes it back; how long the diagnostics of both versions took."""
    here, back, found = [], [], 0
    for line, column in places(client.lines, r"^ {4,}(?:return|\w+ =) \w+$", rng, count):
        items, took = client.problems(client.change(line, column, column, typed))
        here.append(took)
        found += len(items)
        back.append(client.problems(client.change(line, column, column + len(typed), ""))[1])
    return here, back, found / count


def typing(client, rng, count):
    """Requests right behind keys; none of them needs diagnostics."""
    hover, outline, status, pulled = [], [], [], None
    (line, column), *_ = places(client.lines, r"^ {8}return \w+$", rng, 1)
    for index in range(count):
        key = TYPED[index % len(TYPED)]
        client.change(line, column, column, key)
        line, column = (line + 1, 0) if key == "\n" else (line, column + 1)
        if client.pulls:
            if pulled and pulled not in client.answers:
                client.notify("$/cancelRequest", {"id": pulled})
            pulled, _ = client.ask("textDocument/diagnostic", {"textDocument": {"uri": URI}})
        kind = index % 3
        if kind == 0:
            hover.append(client.about("textDocument/hover", line, max(0, column - 2)))
        elif kind == 1:
            outline.append(client.about("textDocument/documentSymbol", line, column))
        else:
            status.append(client.call("workspace/executeCommand", {"command": "ropewalk.status"})[1])
        time.sleep(0.05)
    return hover, outline, status


def run(args, text, pulls):
    rng = random.Random(1)
    client = Client(args.program, pulls)
    client.open(text)
    print(f"{len(client.lines):,} lines, {'pulled' if pulls else 'pushed'}", flush=True)
    here, back, found = edits(client, "x", rng, args.edits)
    report(f"edit to diagnostics ({found:.0f})", here + back)
    here, back, found = edits(client, " (", rng, args.edits)
    report(f"edit that breaks ({found:.0f})", here)
    report("edit that mends", back)
    report("hover", [client.about("textDocument/hover", *it) for it in places(client.lines, r"[A-Za-z_]\w+", rng, args.hovers)])
    hover, outline, status = typing(client, rng, args.keys)
    report("hover behind a key", hover)
    report("outline behind a key", outline)
    report("status behind a key", status)
    client.process.kill()


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("program")
    parser.add_argument("--file", default=_pydecimal.__file__)
    parser.add_argument("--edits", type=int, default=100)
    parser.add_argument("--hovers", type=int, default=1000)
    parser.add_argument("--keys", type=int, default=300)
    parser.add_argument("--lines", type=int, nargs="*", default=[2_000, 10_000])
    args = parser.parse_args()
    with open(args.file, encoding="utf-8") as file:
        text = file.read()
    for lines in args.lines:
        for pulls in (False, True):
            run(args, cut(text, lines), pulls)


if __name__ == "__main__":
    main()
