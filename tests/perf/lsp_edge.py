#!/usr/bin/env python3
"""What an editor feels of `ropewalk lsp`: start-up, ghost text, type-through, resident memory.

    tests/perf/lsp_edge.py target/release/ropewalk [--runs 5]

Starts the program, speaks LSP over its pipes and prints medians and maxima in milliseconds, measured at the
client's side. Standard library only. Prints figures and judges none; it is no test.
"""
import argparse
import json
import statistics
import subprocess
import time

TEXT = '''class Basket:
    def __init__(self, items):
        self.items = items

    def total(self):
        return sum(item.price for item in self.items)

    def cheapest(self):
        return min(self.items, key=lambda item: item.price)

    def dearest(self):
        return 
'''
URI = "file:///tmp/basket.py"


class Client:
    """One server process and a blocking conversation with it."""

    def __init__(self, program):
        self.process = subprocess.Popen([program, "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.last_id = 0

    def send(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()

    def receive(self):
        length = 0
        while (line := self.process.stdout.readline().strip()):
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        return json.loads(self.process.stdout.read(length))

    def notify(self, method, params):
        self.send({"method": method, "params": params})

    def request(self, method, params):
        """The result, and the milliseconds until it was here."""
        self.last_id += 1
        start = time.perf_counter()
        self.send({"id": self.last_id, "method": method, "params": params})
        while True:
            message = self.receive()
            if message.get("id") == self.last_id and "method" not in message:
                return message.get("result", message.get("error")), (time.perf_counter() - start) * 1e3
            if "id" in message and "method" in message:
                self.send({"id": message["id"], "result": None})

    def status(self):
        return self.request("workspace/executeCommand", {"command": "ropewalk.status", "arguments": []})[0]

    def rss_mib(self):
        with open(f"/proc/{self.process.pid}/status") as file:
            return next(int(line.split()[1]) / 1024 for line in file if line.startswith("VmRSS"))

    def stop(self):
        self.request("shutdown", None)
        self.notify("exit", None)
        return self.process.wait(timeout=5)


def run(program):
    start = time.perf_counter()
    client = Client(program)
    capabilities = {"general": {"positionEncodings": ["utf-16"]}, "textDocument": {"inlineCompletion": {}, "diagnostic": {}}}
    client.request("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
    figures = {"start to initialize": (time.perf_counter() - start) * 1e3}
    client.notify("initialized", {})
    while client.status()["model"]["state"] != "ready":
        pass
    figures["start to model ready"] = (time.perf_counter() - start) * 1e3
    figures["resident at rest, MiB"] = client.rss_mib()
    lines = TEXT.split("\n")
    line, column = len(lines) - 2, len(lines[-2])
    client.notify("textDocument/didOpen",
                  {"textDocument": {"uri": URI, "languageId": "python", "version": 1, "text": TEXT}})

    def complete(column):
        params = {"textDocument": {"uri": URI}, "position": {"line": line, "character": column},
                  "context": {"triggerKind": 2}}
        result, ms = client.request("textDocument/inlineCompletion", params)
        items = result.get("items", []) if isinstance(result, dict) else result or []
        return items, ms

    items, figures["first ghost text"] = complete(column)
    if not items:
        raise SystemExit("no ghost text: nothing to type through")
    passes = client.status()["forwardPasses"]
    text, through = items[0]["insertText"], []
    for typed, character in enumerate(text[:-1], 1):
        if character == "\n":
            break
        at = {"line": line, "character": column + typed - 1}
        client.notify("textDocument/didChange", {
            "textDocument": {"uri": URI, "version": 1 + typed},
            "contentChanges": [{"range": {"start": at, "end": at}, "text": character}]})
        rest, ms = complete(column + typed)
        if rest and rest[0]["insertText"] in text:
            through.append(ms)
    figures["type-through, median"] = statistics.median(through)
    figures["type-through, largest"] = max(through)
    figures["typed characters answered"] = len(through)
    figures["model passes meanwhile"] = client.status()["forwardPasses"] - passes
    figures["resident afterwards, MiB"] = client.rss_mib()
    figures["exit code"] = client.stop()
    return text, figures


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("program")
    parser.add_argument("--runs", type=int, default=5)
    args = parser.parse_args()
    runs = [run(args.program) for _ in range(args.runs)]
    print(f"ghost text: {runs[0][0]!r}")
    for name in runs[0][1]:
        values = [figures[name] for _, figures in runs]
        print(f"{name:<28} median {statistics.median(values):8.2f}   largest {max(values):8.2f}")


if __name__ == "__main__":
    main()
