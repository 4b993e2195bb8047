#!/usr/bin/env python3
"""Many requests with random cancellations: every one is answered or was hung up on, and memory stays flat.

    tests/perf/soak.py --ropewalk target/release/ropewalk [--model builtin] [--requests 300] [--clients 4] [--seed 1]

Starts `ropewalk serve` and sends requests of all dialects from several clients: long and short ones, streamed and not; a
third of the clients hang up after a random time. Memory is read when a tenth of the requests are through (by then every
buffer was used once) and after each further tenth. Exit code 1 when a request was left without an answer, one is still
running at the end, or memory at the end is more than 2 % above that of the first tenth. Standard library only; resident
memory is read from /proc (Linux).
"""
import argparse
import http.client
import json
import queue
import random
import socket
import subprocess
import sys
import threading
import time

ALLOWED_GROWTH = 0.02


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def resident_kib(process):
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        return next(int(line.split()[1]) for line in status if line.startswith("VmRSS:"))


def get(port, path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read() or b"null")


def request(chance):
    """A request of some dialect, and after how many seconds its client hangs up (None: never)."""
    code = "".join(f"def f{i}(x):\n    return x + {chance.randrange(100)}\n\n" for i in range(chance.randrange(1, 30)))
    tokens, stream = chance.choice([1, 8, 32, 128]), chance.random() < 0.5
    sampling = {"temperature": chance.choice([0, 0.8]), "seed": chance.randrange(1 << 30), "stream": stream}
    path, body = chance.choice([
        ("/v1/completions", {"prompt": code, "max_tokens": tokens}),
        ("/v1/completions", {"prompt": code, "suffix": "\n\nprint(f0(1))\n", "max_tokens": tokens}),
        ("/infill", {"input_prefix": code + "def g(", "input_suffix": "\n" + code, "n_predict": tokens}),
        ("/api/v1/completions", {"code": code, "lang": "python", "max_tokens": tokens}),
    ])
    return path, {**body, **sampling}, chance.uniform(0, 0.4) if chance.random() < 1 / 3 else None


def send(port, path, body, patience):
    """What became of a request: `answered`, `hung up` (by us), or a complaint."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    if patience is not None:
        time.sleep(patience)
        connection.close()
        return "hung up"
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status != 200:
        return f"{path}: {answer.status} {text[:200]}"
    if body["stream"] and '"error":{' in text.replace(" ", ""):
        return f"{path}: {text[-200:]}"
    return "answered"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ropewalk", default="target/release/ropewalk")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--requests", type=int, default=300)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    port, chance = free_port(), random.Random(args.seed)
    command = [args.ropewalk, "--model", args.model, "serve", "--port", str(port), "--request-timeout", "300"]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while True:
            try:
                if get(port, "/health/ready")[0] == 200:
                    break
            except OSError:
                pass
            if process.poll() is not None:
                sys.exit(f"the server ended with {process.returncode}")
            time.sleep(0.05)
        results, memory = [], []
        part = max(args.requests // 10, 1)
        for begin in range(0, args.requests, part):
            waiting = queue.SimpleQueue()
            for _ in range(min(part, args.requests - begin)):
                waiting.put(request(chance))

            def client():
                while True:
                    try:
                        path, body, patience = waiting.get_nowait()
                    except queue.Empty:
                        return
                    try:
                        results.append(send(port, path, body, patience))
                    except (OSError, http.client.HTTPException) as error:
                        results.append(f"{path}: {error!r}")

            clients = [threading.Thread(target=client) for _ in range(args.clients)]
            for thread in clients:
                thread.start()
            for thread in clients:
                thread.join()
            # Work that was hung up on ends within a token.
            until = time.monotonic() + 30
            while (running := get(port, "/api/v1/queue/status")[1]["running"]) and time.monotonic() < until:
                time.sleep(0.02)
            memory.append(resident_kib(process))
            print(f"{len(results)} requests, {memory[-1] / 1024:.1f} MiB", file=sys.stderr, flush=True)
    finally:
        process.terminate()
        process.wait(30)

    complaints = [it for it in results if it not in ("answered", "hung up")]
    growth = memory[-1] / memory[0] - 1
    print(f"{len(results)} requests: {results.count('answered')} answered, {results.count('hung up')} hung up on, "
          f"{len(complaints)} failed; {running} still running")
    print(f"resident memory: {memory[0] / 1024:.1f} MiB after the first tenth, {memory[-1] / 1024:.1f} MiB at the end ({growth:+.1%})")
    for complaint in complaints[:10]:
        print(complaint)
    sys.exit(bool(complaints) or running > 0 or len(results) != args.requests or growth > ALLOWED_GROWTH)


main()
