#!/usr/bin/env python3
"""Many requests with random cancellations: every one is answered or was hung up on, and memory stays flat.

    tests/perf/soak.py --ropewalk target/release/ropewalk [--model builtin] [--warm-up 300] [--requests 300] [--seed 1]

Starts `ropewalk serve` and sends requests of all dialects from several clients: long and short ones, streamed and not; a
third of the clients hang up after a random time. The first requests only fill what is kept on purpose, all of it bounded:
the KV cache (four contexts), the last 256 finished jobs and their answers, words and their tokens (4 MiB at most), the
buffers of one pass (256 rows of prefill, logits of 32 rows), and the program's own pages as they are used for the first
time. From then on resident memory is read after each tenth.

At the end no job may run or wait, and the engine must hold no sequence for a request: that of one that was hung up on is
in the cache of prompts or free.

Exit code 1 when a request was left without an answer, one is still running at the end, or memory was at any time more than
2 % above that after the warm-up. Standard library only; resident memory is read from /proc (Linux).
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
    """All of it, and the part that is no file's."""
    with open(f"/proc/{process.pid}/status", encoding="ascii") as status:
        fields = dict(line.split(":", 1) for line in status)
    return int(fields["VmRSS"].split()[0]), int(fields["RssAnon"].split()[0])


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
    """What became of a request: `answered`, `late` (refused, because no answer was found in time), `hung up` (by us), or a
    complaint."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=300)
    connection.request("POST", path, json.dumps(body), {"Content-Type": "application/json"})
    if patience is not None:
        time.sleep(patience)
        connection.close()
        return "hung up"
    answer = connection.getresponse()
    text = answer.read().decode()
    if answer.status == 504:
        return "late"
    if answer.status != 200:
        return f"{path}: {answer.status} {text[:200]}"
    if body["stream"] and '"error":{' in text.replace(" ", ""):
        return f"{path}: {text[-200:]}"
    return "answered"


class Soak:
    """The server, and what became of the requests."""

    def __init__(self, args):
        self.port, self.clients, self.results = free_port(), args.clients, []
        command = [args.ropewalk, "--model", args.model, "serve", "--port", str(self.port), "--request-timeout", "600"]
        self.process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def wait_until_ready(self):
        while True:
            try:
                if get(self.port, "/health/ready")[0] == 200:
                    return
            except OSError:
                pass
            if self.process.poll() is not None:
                sys.exit(f"the server ended with {self.process.returncode}")
            time.sleep(0.05)

    def send_all(self, requests):
        """Sends requests, as many at once as there are clients, and waits until none runs any more."""
        waiting = queue.SimpleQueue()
        for it in requests:
            waiting.put(it)

        def client():
            while True:
                try:
                    path, body, patience = waiting.get_nowait()
                except queue.Empty:
                    return
                try:
                    self.results.append(send(self.port, path, body, patience))
                except (OSError, http.client.HTTPException) as error:
                    self.results.append(f"{path}: {error!r}")

        clients = [threading.Thread(target=client) for _ in range(self.clients)]
        for thread in clients:
            thread.start()
        for thread in clients:
            thread.join()
        # Work that was hung up on ends within a token.
        until = time.monotonic() + 30
        while sum(self.unfinished()) and time.monotonic() < until:
            time.sleep(0.02)

    def unfinished(self):
        """Jobs that run, jobs that wait, and requests for which the engine holds a sequence."""
        jobs, model = get(self.port, "/api/v1/queue/status")[1], get(self.port, "/api/v1/model/status")[1]
        return jobs["running"], jobs["waiting"], model["sequences"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--ropewalk", default="target/release/ropewalk")
    parser.add_argument("--model", default="builtin")
    parser.add_argument("--warm-up", type=int, default=300, help="requests before memory is compared")
    parser.add_argument("--requests", type=int, default=300, help="requests after that")
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()

    chance, soak, memory = random.Random(args.seed), Soak(args), []

    def note(name):
        memory.append(resident_kib(soak.process))
        whole, own = (it / 1024 for it in memory[-1])
        print(f"{name}: {whole:.1f} MiB resident, {own:.1f} MiB of them no file's", file=sys.stderr, flush=True)

    try:
        soak.wait_until_ready()
        soak.send_all(request(chance) for _ in range(args.warm_up))
        note(f"after the warm-up of {args.warm_up} requests")
        for tenth in range(10):
            count = args.requests * (tenth + 1) // 10 - args.requests * tenth // 10
            soak.send_all(request(chance) for _ in range(count))
            note(f"{args.requests * (tenth + 1) // 10} requests later")
        running, waiting, sequences = soak.unfinished()
    finally:
        soak.process.terminate()
        soak.process.wait(30)

    results, sent = soak.results, args.warm_up + args.requests
    complaints = [it for it in results if it not in ("answered", "late", "hung up")]
    growth = max(whole for whole, _ in memory[1:]) / memory[0][0] - 1
    sound = {
        f"{sent} requests: {results.count('answered')} answered, {results.count('late')} refused as too late, "
        f"{results.count('hung up')} hung up on, {len(complaints)} failed": len(results) == sent and not complaints,
        f"at the end: {running} jobs running, {waiting} waiting, {sequences} sequences held for requests":
            running + waiting + sequences == 0,
        f"resident memory: {memory[0][0] / 1024:.1f} MiB after the warm-up, {memory[-1][0] / 1024:.1f} MiB at the end, "
        f"at most {growth:+.1%} (limit {ALLOWED_GROWTH:+.0%})": growth <= ALLOWED_GROWTH,
    }
    for line, is_sound in sound.items():
        print(f"{'pass' if is_sound else 'FAIL'}  {line}")
    for complaint in complaints[:10]:
        print(complaint)
    sys.exit(not all(sound.values()))


main()
