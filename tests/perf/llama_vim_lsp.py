#!/usr/bin/env python3
"""A language server that asks llama.cpp's server as its editor plug-in llama.vim does.

    tests/perf/llama_vim_lsp.py --llama-server LLAMA_SERVER --model MODEL.gguf [--threads 2]
                                [--form infill|header] [--batch 2048] [-- further arguments of llama-server]

So that `ropewalk eval --replay --server "…"` types the same text through both. It starts llama-server on a free
loopback port, speaks LSP over standard input and output, and answers `textDocument/inlineCompletion` with what the
plug-in would show, at its default settings and by its rules (ggml-org/llama.vim, read in November 2026):

- 256 lines before and 64 lines after the cursor, 128 tokens at most; the first request of a place may write for 250 ms,
  the one ahead of its acceptance for 1000 ms; samplers top_k 40, top_p 0.90, infill; n_indent of the line; cache_prompt
- one request at a time, never taken back: a further one waits in steps of 100 ms
- 250 answers kept by a hash of the text around the cursor, also with one to three lines less at the beginning; typing
  what an answer says shows its rest, up to 128 characters on, and asks again in the background
- a request ahead for the state after acceptance as soon as a suggestion is shown
- nothing with more than 8 characters right of the cursor; what repeats the following lines is dropped
- 16 chunks of 32 lines of other places as further context, taken when a file is entered and when the cursor has moved by
  more than 32 lines; those like the cursor's surroundings are dropped before each request

One thing is simulated: between two files the person is in normal mode for a second, so one waiting chunk is sent ahead.

`--form header` writes the prompt that ropewalk's built-in model was trained with (a header with language and file name,
both markers, the suffix, the middle marker, the prefix), which `/infill` cannot write, and sends its tokens to
`/completion`: it shows what the prompt's form is worth. As much of prefix and suffix is taken as `/infill` takes of a
batch of --batch tokens. Everything else is the same.

`workspace/executeCommand ropewalk.status` is answered with token counts and the number of requests that are running.
Standard library only.
"""
import argparse
import hashlib
import http.client
import json
import os
import queue
import random
import re
import socket
import subprocess
import sys
import threading
import time
from collections import OrderedDict

N_PREFIX, N_SUFFIX, N_PREDICT = 256, 64, 128
FIRST_MS, AHEAD_MS, PROMPT_MS = 250, 1000, 500
MAX_LINE_SUFFIX, MAX_CACHE_KEYS, RETRY_S, MAX_TYPED = 8, 250, 0.1, 128
RING_CHUNKS, CHUNK_LINES, RING_SCOPE, MAX_QUEUED, FAR_LINES = 16, 64, 1024, 16, 32


class Llama:
    """llama-server as a child process, and one request to it at a time."""

    def __init__(self, args):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        command = [args.llama_server, "-m", args.model, "-t", str(args.threads), "--host", "127.0.0.1",
                   "--port", str(self.port), "-np", "1", *args.rest]
        self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL)
        while True:
            if self.process.poll() is not None:
                sys.exit(f"{' '.join(command)}: exit {self.process.returncode}")
            try:
                if self.request("GET", "/health", None)[0] == 200:
                    break
            except OSError:
                pass
            time.sleep(0.05)

    def request(self, method, path, body):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Content-Type": "application/json"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read() or b"null")
        finally:
            connection.close()

    def tokens(self, text, with_markers):
        body = {"content": text, "add_special": False, "parse_special": with_markers}
        return self.request("POST", "/tokenize", body)[1]["tokens"]

    def stop(self):
        self.process.terminate()
        self.process.wait()


def similarity(a, b):
    """Share of words in common, as the plug-in counts them."""
    words_a, words_b = (re.split(r"\W+", "\n".join(lines)) for lines in (a, b))
    known = set(words_a)
    both = len(words_a) + len(words_b)
    return 2.0 * sum(word in known for word in words_b) / both if both else 1.0


class Ring:
    """Chunks of text from elsewhere: those sent along, and those that wait for an idle moment."""

    def __init__(self):
        self.sent, self.queued = [], []
        self.random = random.Random(1)

    def some_of(self, lines):
        start = self.random.randint(0, max(0, len(lines) - CHUNK_LINES // 2))
        return lines[start:start + CHUNK_LINES // 2 + 1]

    def pick(self, lines, name, evict):
        if len(lines) < 3:
            return
        chunk = lines if len(lines) + 1 < CHUNK_LINES else self.some_of(lines)
        if any(chunk == other for other, _ in self.sent + self.queued):
            return
        for chunks in (self.queued, self.sent):
            alike = [it for it in chunks if similarity(it[0], chunk) > 0.9]
            if alike and not evict:
                return
            for it in alike:
                chunks.remove(it)
        self.queued = (self.queued + [(chunk, name)])[-MAX_QUEUED:]

    def drop_like(self, lines):
        self.sent = [it for it in self.sent if similarity(it[0], lines) <= 0.5]

    def advance(self):
        """Moves a waiting chunk to those that are sent; false when none waits."""
        if not self.queued:
            return False
        self.sent = (self.sent + [self.queued.pop(0)])[-RING_CHUNKS:]
        return True

    def extra(self):
        return [{"text": "\n".join(lines) + "\n", "filename": name} for lines, name in self.sent]


class Document:
    def __init__(self, uri, language, text):
        self.name, self.language = os.path.basename(uri), language
        self.set(text)
        self.last_pick = -9999

    def set(self, text):
        self.lines = text.split("\n")

    def change(self, change):
        if "range" not in change:
            return self.set(change["text"])
        (start, end) = ((change["range"][side]["line"], change["range"][side]["character"])
                        for side in ("start", "end"))
        before = self.lines[start[0]].encode()[:start[1]].decode()
        after = self.lines[end[0]].encode()[end[1]:].decode()
        self.lines[start[0]:end[0] + 1] = (before + change["text"] + after).split("\n")

    def between(self, first, last):
        """The lines with these numbers, both included."""
        return self.lines[max(0, first):max(0, last + 1)]


class Place:
    """What is sent for a cursor, or for the cursor as it would be behind an accepted text."""

    def __init__(self, document, line, column, ahead, indent):
        current = document.lines[line]
        head, tail = current.encode()[:column].decode(), current.encode()[column:].decode()
        above = document.between(line - N_PREFIX, line - 1)
        below = document.between(line + 1, line + N_SUFFIX)
        self.tail_length = len(tail)
        if ahead:
            written = [head + ahead[0], *ahead[1:]]
            above, head, tail = [*above, *written[:-1]][-N_PREFIX:], written[-1], ""
            self.indent = indent
        elif not current.strip(" \t"):
            # A line of white space is asked for from its beginning.
            head, tail, self.indent = "", "", 0
        else:
            self.indent = len(current) - len(current.lstrip(" \t"))
        self.prefix, self.middle = "\n".join(above) + "\n", head
        self.suffix = "\n".join([tail, *below]) + "\n"

    def keys(self):
        """Names under which an answer is kept: of the whole, and with one to three lines less at the beginning."""
        prefix = self.prefix
        keys = [key(prefix + self.middle, self.suffix)]
        for _ in range(3):
            prefix = prefix.partition("\n")[2]
            if not prefix:
                break
            keys.append(key(prefix + self.middle, self.suffix))
        return keys


def key(before, after):
    return hashlib.sha256(f"{before}\0{after}".encode()).digest()


class Plugin:
    """The plug-in's state and rules. `send` takes a request that is answered by `responded`."""

    def __init__(self, args, tokens, send, show):
        self.args, self.tokens, self.send, self.show = args, tokens, send, show
        self.markers = tokens("<|file_sep|><|fim_prefix|><|fim_suffix|><|fim_middle|>", True)
        self.ring, self.kept = Ring(), OrderedDict()
        self.running, self.retry = False, None
        self.document, self.line, self.column = None, 0, 0
        self.indent = 0
        self.hint = None

    # The cursor's place.

    def entered(self, document):
        """A file is opened in an editor that was in normal mode for a moment."""
        self.document = document
        if self.ring.advance():
            self.send({**self.body("", "", "", 1), "n_predict": 0, "samplers": []}, [])
        self.ring.pick(document.between(0, CHUNK_LINES // 2), document.name, True)

    def moved(self, document, line, column):
        """The cursor is here now. Shows what is kept, and asks."""
        self.document, self.line, self.column = document, line, column
        self.hint = None
        self.show_kept()
        self.ask([])

    def place(self, ahead):
        return Place(self.document, self.line, self.column, ahead, self.indent)

    # Asking.

    def ask(self, ahead):
        if self.running:
            # Whatever is waited for, in a moment the cursor's place of then is asked for.
            self.retry = (time.monotonic() + RETRY_S, ahead)
            return
        self.retry = None
        place = self.place(ahead)
        if not ahead and place.tail_length > MAX_LINE_SUFFIX:
            return self.show(None)
        keys = place.keys()
        if any(self.get(it) is not None for it in keys):
            # It is known, and there is nothing in it to show.
            return None if ahead or self.hint else self.show(None)
        self.indent = place.indent
        half = CHUNK_LINES // 2
        around = self.document.between(self.line - half, self.line + half)
        self.ring.drop_like(self.ring.some_of(around))
        self.running = True
        self.send(self.body(place.prefix, place.suffix, place.middle, AHEAD_MS if ahead else FIRST_MS, place.indent), keys)
        if not ahead and abs(self.line - self.document.last_pick) > FAR_LINES:
            far = self.line - RING_SCOPE, self.line - N_PREFIX
            self.ring.pick(self.document.between(*far) if far[1] >= 0 else [], self.document.name, False)
            start = self.line + N_SUFFIX
            self.ring.pick(self.document.between(start, start + CHUNK_LINES), self.document.name, False)
            self.document.last_pick = self.line

    def body(self, prefix, suffix, middle, predict_ms, indent=0):
        common = {"id_slot": 0, "n_predict": N_PREDICT, "n_indent": indent, "top_k": 40, "top_p": 0.90,
                  "samplers": ["top_k", "top_p", "infill"], "stream": False, "cache_prompt": True,
                  "t_max_prompt_ms": PROMPT_MS, "t_max_predict_ms": predict_ms, "stop": [], "seed": 1}
        if self.args.form == "infill":
            return {"input_prefix": prefix, "input_suffix": suffix, "input_extra": self.ring.extra(),
                    "prompt": middle, **common}
        return {"prompt": self.header_form(prefix, suffix, middle), **common}

    def header_form(self, prefix, suffix, middle):
        head, above, below, typed = (self.tokens(text, False) for text in (
            f"{self.document.language} {self.document.name}\n", prefix, suffix, middle))
        separator, before, after, hole = self.markers
        room = self.args.batch // 4
        return [separator, *head, before, after, *below[:max(0, room - 2 - len(typed))], hole,
                *above[max(0, len(above) - 3 * room):], *typed]

    def waited(self):
        """The moment for which the last request was put off has come."""
        (_, ahead), self.retry = self.retry, None
        self.ask(ahead)

    def responded(self, keys, content):
        self.running = False
        for it in keys if content is not None else []:
            self.kept[it] = content
            self.kept.move_to_end(it)
        while len(self.kept) > MAX_CACHE_KEYS:
            self.kept.popitem(last=False)
        if self.document and self.hint is None:
            self.show_kept()
            if self.hint is None and (content is None or self.place([]).keys()[0] in keys):
                # This was the answer for this place, and there is nothing in it to show.
                self.show(None)

    # Showing.

    def get(self, it):
        if it in self.kept:
            self.kept.move_to_end(it)
        return self.kept.get(it)

    def show_kept(self):
        place = self.place([])
        before = place.prefix + place.middle
        content = self.get(key(before, place.suffix))
        if content is None:
            # A place up to some characters back, whose answer was typed since.
            for typed in range(1, min(MAX_TYPED, len(before)) + 1):
                earlier = self.kept.get(key(before[:-typed], place.suffix))
                if earlier and earlier.startswith(before[-typed:]) and len(earlier) - typed > len(content or ""):
                    content = earlier[typed:]
        lines = self.rendered(content, place) if content else None
        if lines:
            self.hint = lines
            self.show("\n".join(lines))
            self.ask(lines)

    def rendered(self, content, place):
        """The lines that are shown; None where they would repeat what is there."""
        lines = content.split("\n")
        while lines and not lines[-1]:
            lines.pop()
        if not lines:
            return None
        current = self.document.lines[self.line]
        tail = current.encode()[self.column:].decode()
        head = current[:len(current) - len(tail)]
        if not current.strip(" \t"):
            lead = min(len(lines[0]) - len(lines[0].lstrip(" \t")), len(current))
            lines[0], head, tail = lines[0][lead:], lines[0][:lead], ""
        following = self.document.between(self.line + 1, self.line + len(lines) - 1)
        if len(lines) > 1 and not lines[0] and lines[1:] == following:
            return None
        if len(lines) == 1 and lines[0] == tail:
            return None
        next_line = self.line + 1
        while next_line < len(self.document.lines) - 1 and not self.document.lines[next_line].strip():
            next_line += 1
        if self.document.between(next_line, next_line) == [head + lines[0]]:
            after = self.document.between(next_line + 1, next_line + len(lines) - 1)
            if len(lines) == 1 or lines[1:] == after:
                return None
            if len(lines) == 2 and after and after[0].startswith(lines[1]):
                return None
        return lines if "".join(lines).strip() else None


class Server:
    """LSP on standard input and output."""

    def __init__(self, args):
        self.args = args
        self.events = queue.Queue()
        self.llama = Llama(args)
        self.plugin = Plugin(args, self.llama.tokens, self.send, self.answer_question)
        self.documents = {}
        self.question = None
        self.running = self.calls = self.prompt_tokens = self.cached_tokens = 0

    def run(self):
        threading.Thread(target=self.read, daemon=True).start()
        try:
            while True:
                retry = self.plugin.retry
                try:
                    event = self.events.get(timeout=max(0.0, retry[0] - time.monotonic()) if retry else None)
                except queue.Empty:
                    self.plugin.waited()
                    continue
                if event is None:
                    return
                kind, *rest = event
                self.handle(*rest) if kind == "message" else self.responded(*rest)
        finally:
            self.llama.stop()

    def read(self):
        stream = sys.stdin.buffer
        while True:
            length = None
            for line in iter(stream.readline, b"\r\n"):
                if not line:
                    return self.events.put(None)
                name, _, value = line.decode().partition(":")
                if name.lower() == "content-length":
                    length = int(value)
            self.events.put(("message", json.loads(stream.read(length))))

    def write(self, message):
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        sys.stdout.buffer.write(b"Content-Length: %d\r\n\r\n%s" % (len(body), body))
        sys.stdout.buffer.flush()

    def handle(self, message):
        method, params = message.get("method"), message.get("params")
        if method == "exit":
            return self.events.put(None)
        if method == "textDocument/didOpen":
            document = params["textDocument"]
            opened = Document(document["uri"], document["languageId"], document["text"])
            self.documents[document["uri"]] = opened
            self.plugin.entered(opened)
        elif method == "textDocument/didChange":
            for change in params["contentChanges"]:
                self.documents[params["textDocument"]["uri"]].change(change)
        elif method == "textDocument/didClose":
            self.documents.pop(params["textDocument"]["uri"])
        elif method == "$/cancelRequest" and params["id"] == self.question:
            # The plug-in lets its request run.
            self.question = None
            self.write({"id": params["id"], "error": {"code": -32800, "message": "cancelled"}})
        elif method == "textDocument/inlineCompletion":
            self.question = message["id"]
            at = params["position"]
            self.plugin.moved(self.documents[params["textDocument"]["uri"]], at["line"], at["character"])
        elif "id" in message:
            self.write({"id": message["id"], "result": self.result(method, params)})

    def result(self, method, params):
        if method == "initialize":
            return {"capabilities": {"positionEncoding": "utf-8", "textDocumentSync": 2, "inlineCompletionProvider": True},
                    "serverInfo": {"name": "llama.vim"}}
        if method == "workspace/executeCommand" and params["command"] == "ropewalk.status":
            return {"model": {"state": "ready"}, "queue": {"running": self.running}, "promptsBegun": self.calls,
                    "promptTokens": self.prompt_tokens, "cachedTokens": self.cached_tokens}
        return None

    def answer_question(self, text):
        """What the plug-in shows, or that there is nothing, answers the question under way."""
        if self.question is None:
            return
        items = [] if text is None else [{"insertText": text}]
        self.write({"id": self.question, "result": {"items": items}})
        self.question = None

    def send(self, body, keys):
        self.running += 1
        path = "/infill" if "input_prefix" in body else "/completion"

        def ask():
            try:
                self.events.put(("response", keys, *self.llama.request("POST", path, body)))
            except (OSError, ValueError, http.client.HTTPException) as error:
                self.events.put(("response", keys, 0, {"error": str(error)}))

        threading.Thread(target=ask, daemon=True).start()

    def responded(self, keys, status, answer):
        self.running -= 1
        if status != 200:
            print(f"llama-server: {status} {answer}", file=sys.stderr)
        elif keys:
            timings = answer["timings"]
            self.calls += 1
            self.cached_tokens += timings["cache_n"]
            self.prompt_tokens += timings["cache_n"] + timings["prompt_n"]
        # Chunks that were sent ahead have no answer.
        if keys:
            self.plugin.responded(keys, answer["content"] if status == 200 else None)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--llama-server", required=True)
    parser.add_argument("--model", required=True)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--form", choices=["infill", "header"], default="infill")
    parser.add_argument("--batch", type=int, default=2048, help="llama-server's -b")
    # What stands behind `--` is llama-server's.
    own, _, rest = " ".join(sys.argv[1:]).partition(" -- ")
    args = parser.parse_args(own.split())
    args.rest = [*rest.split(), "-b", str(args.batch)]
    Server(args).run()
    # The thread that reads standard input holds it and cannot be asked to let go.
    os._exit(0)


main()
