#!/usr/bin/env python3
"""Many streams at once against one, and a keystroke among them.

    tests/perf/streams.py MODEL.gguf --ropewalk target/release/ropewalk [--streams 8] [--tokens 64] [--turns 3]
                          [--threads 2] [--lines 4] [--llama-server PATH]

Starts `ropewalk serve` (and llama.cpp's `llama-server` where a path is given), and measures in each turn:
- tokens a second of one stream, and of --streams streams together, each with a prompt of its own of --lines lines (some
  twenty tokens each), whose prefill counts;
- the time to the first token of an `/infill` request by itself, and while the streams run. Its prompt ends one character
  further than the one before, as when somebody types.
Standard library only. Prints figures and judges none.
"""
import argparse
import http.client
import json
import socket
import statistics
import subprocess
import sys
import threading
import time

LINE = "value_{0} = compute(value_{1}, {2})\n"


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


class Server:
    """A server process, ready when it answers `/health`."""

    def __init__(self, name, command):
        self.name, self.port = name, free_port()
        command = [part.replace("{port}", str(self.port)) for part in command]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        ready = "/health/ready" if name == "ropewalk" else "/health"
        while not self.answers(ready):
            if self.process.poll() is not None:
                sys.exit(f"{name} ended with {self.process.returncode}")
            time.sleep(0.05)

    def answers(self, path):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
            connection.request("GET", path)
            return connection.getresponse().status == 200
        except OSError:
            return False

    def stream(self, path, body, started=None):
        """Seconds to the first token, and tokens written, of a streamed answer."""
        start, first, tokens = time.perf_counter(), None, 0
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=600)
        connection.request("POST", path, json.dumps({**body, "stream": True}), {"Content-Type": "application/json"})
        answer = connection.getresponse()
        if answer.status != 200:
            sys.exit(f"{self.name}: {answer.status} {answer.read()[:300]!r}")
        for line in answer:
            if not line.startswith(b"data: ") or line.strip() == b"data: [DONE]":
                continue
            event = json.loads(line[6:])
            if event.get("choices") and event["choices"][0].get("text") or event.get("content"):
                if first is None:
                    first = time.perf_counter() - start
                    if started is not None:
                        started.release()
            usage = event.get("usage") or {}
            tokens = usage.get("completion_tokens", tokens)
        return first or time.perf_counter() - start, tokens

    def stop(self):
        self.process.terminate()
        self.process.wait(30)


def text(seed, lines):
    return f"# file {seed}\n" + "".join(LINE.format(i, i // 2, seed) for i in range(lines))


def completion(seed, tokens, lines):
    return {"prompt": text(seed, lines), "max_tokens": tokens, "temperature": 1.5, "seed": seed, "ignore_eos": True,
            "stream_options": {"include_usage": True}}


def together(server, seeds, args, while_running=lambda: None):
    """Tokens a second of these streams together; `while_running` is called when all of them write."""
    started, counts = threading.Semaphore(0), []
    threads = [threading.Thread(target=lambda seed=seed: counts.append(
        server.stream("/v1/completions", completion(seed, args.tokens, args.lines), started)[1])) for seed in seeds]
    start = time.perf_counter()
    for thread in threads:
        thread.start()
    for _ in threads:
        started.acquire()
    while_running()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.perf_counter() - start)


def keystroke(server, seed, typed):
    body = {"input_prefix": text(seed, 30) + "result = compute_the_total"[:8 + typed], "input_suffix": "\n" + text(seed + 1, 4),
            "n_predict": 4, "temperature": 0, "cache_prompt": True, "t_max_predict_ms": 0}
    return server.stream("/infill", body)[0] * 1e3


def measure(server, args, turn):
    seed = 1000 * turn
    one = together(server, [seed + 1], args)
    keystroke(server, seed + 500, 0)
    alone = statistics.median(keystroke(server, seed + 500, typed) for typed in (1, 2, 3))
    among = []
    many = together(server, range(seed + 10, seed + 10 + args.streams), args,
                    lambda: among.extend(keystroke(server, seed + 500, typed) for typed in (4, 5, 6)))
    return one, many, alone, statistics.median(among)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model")
    parser.add_argument("--ropewalk", default="target/release/ropewalk")
    parser.add_argument("--llama-server")
    parser.add_argument("--streams", type=int, default=8)
    parser.add_argument("--tokens", type=int, default=64)
    parser.add_argument("--lines", type=int, default=4)
    parser.add_argument("--turns", type=int, default=3)
    parser.add_argument("--threads", type=int, default=2)
    args = parser.parse_args()

    slots = args.streams + 1
    servers = [("ropewalk", [args.ropewalk, "--model", args.model, "--threads", str(args.threads), "serve", "--port",
                             "{port}", "--max-jobs", str(slots), "--request-timeout", "600"])]
    if args.llama_server:
        servers.append(("llama.cpp", [args.llama_server, "-m", args.model, "-t", str(args.threads), "-np", str(slots),
                                      "-c", str(2048 * slots), "--host", "127.0.0.1", "--port", "{port}"]))
    print(f"| server | one stream | {args.streams} streams | ratio | keystroke alone | among the streams | ratio |")
    print("| --- | --- | --- | --- | --- | --- | --- |")
    for name, command in servers:
        server = Server(name, command)
        try:
            turns = [measure(server, args, turn) for turn in range(args.turns)]
        finally:
            server.stop()
        one, many, alone, among = (statistics.median(column) for column in zip(*turns))
        throughput = statistics.median(turn[1] / turn[0] for turn in turns)
        delay = statistics.median(turn[3] / turn[2] for turn in turns)
        print(f"| {name} | {one:.1f} t/s | {many:.1f} t/s | {throughput:.2f} | {alone:.0f} ms | {among:.0f} ms | {delay:.2f} |",
              flush=True)


main()
