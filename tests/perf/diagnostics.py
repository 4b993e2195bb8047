"""Time from an edit to its diagnostics, and whether typing in a long file is answered meanwhile.

    python tests/perf/diagnostics.py target/release/ropewalk

Types into a Python file of 2,000 lines and into one of 10,000, as a client that is pushed to and as one that pulls.
Prints the median and the worst of ten, in milliseconds. Standard library only.
"""

import json
import statistics
import subprocess
import sys
import threading
import time


class Client:
    def __init__(self, binary: str, capabilities: dict) -> None:
        self.process = subprocess.Popen(
            [binary, "--model", "none", "lsp"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
        )
        self.arrived: list[tuple[float, dict]] = []
        self.news = threading.Condition()
        threading.Thread(target=self.read, daemon=True).start()
        self.number = 0
        self.call("initialize", {"processId": None, "rootUri": None, "capabilities": capabilities})
        self.notify("initialized", {})

    def read(self) -> None:
        out = self.process.stdout
        while True:
            length = 0
            while (line := out.readline().strip()):
                if line.lower().startswith(b"content-length:"):
                    length = int(line.split(b":")[1])
            if not length:
                return
            message = json.loads(out.read(length))
            with self.news:
                self.arrived.append((time.perf_counter(), message))
                self.news.notify_all()

    def send(self, message: dict) -> float:
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        at = time.perf_counter()
        self.process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self.process.stdin.flush()
        return at

    def notify(self, method: str, params: dict) -> float:
        return self.send({"method": method, "params": params})

    def request(self, method: str, params: dict) -> tuple[int, float]:
        self.number += 1
        return self.number, self.send({"id": self.number, "method": method, "params": params})

    def wait(self, wanted) -> tuple[float, dict]:
        with self.news:
            while True:
                for at, message in self.arrived:
                    if wanted(message):
                        return at, message
                if not self.news.wait(60):
                    raise SystemExit("no answer within a minute")

    def call(self, method: str, params: dict) -> float:
        """Milliseconds until the answer."""
        number, sent = self.request(method, params)
        at, _ = self.wait(lambda message: message.get("id") == number and "method" not in message)
        return (at - sent) * 1000


def source(lines: int) -> str:
    function = "def f{0}(a, b):\n    c = [a, b, {0}]\n    if a > b:\n        c.append(a * b)\n    return c\n\n\n"
    text = "".join(function.format(n) for n in range(lines // 7))
    return "import os\n" + text


def figures(name: str, times: list[float]) -> None:
    times.sort()
    print(f"{name}: p50 {statistics.median(times):.1f} ms, p90 {times[len(times) * 9 // 10]:.1f} ms, worst {times[-1]:.1f} ms")


def run(binary: str, lines: int, pulls: bool) -> None:
    client = Client(binary, {"textDocument": {"diagnostic": {}} if pulls else {}})
    uri, text = "file:///bench.py", source(lines)
    document = {"uri": uri, "languageId": "python", "version": 1, "text": text}
    client.notify("textDocument/didOpen", {"textDocument": document})
    times = []
    for version in range(2, 62):
        line = (version * 37) % lines
        place = {"line": line, "character": 0}
        typed = "#" if version % 2 == 0 else " "
        change = {"range": {"start": place, "end": place}, "text": typed}
        sent = client.notify(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        )
        if pulls:
            times.append(client.call("textDocument/diagnostic", {"textDocument": {"uri": uri}}))
        else:
            told = lambda message: message.get("params", {}).get("version") == version
            at, _ = client.wait(told)
            times.append((at - sent) * 1000)
    figures(f"{lines} lines, {'pulled' if pulls else 'pushed'}", times)
    # A burst: a key every 10 ms, and a request behind each that needs no diagnostics.
    times = []
    for version in range(62, 122):
        place = {"line": 3, "character": 0}
        change = {"range": {"start": place, "end": place}, "text": "x"}
        client.notify(
            "textDocument/didChange", {"textDocument": {"uri": uri, "version": version}, "contentChanges": [change]}
        )
        if pulls:
            client.request("textDocument/diagnostic", {"textDocument": {"uri": uri}})
        times.append(client.call("workspace/executeCommand", {"command": "ropewalk.status"}))
        time.sleep(0.01)
    figures(f"{lines} lines, a request while typing", times)
    client.process.kill()


if __name__ == "__main__":
    for lines in (2_000, 10_000):
        for pulls in (False, True):
            run(sys.argv[1], lines, pulls)
