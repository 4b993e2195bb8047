#!/usr/bin/env python3
"""Compare ropewalk's chat prompts with those of `transformers`, for chat templates as model files carry them.

    pip install transformers jinja2 gguf numpy
    cargo build --release -p engine --features raw --example chat
    chat.py [--binary target/release/examples/chat] TEMPLATE.jinja...
    chat.py --ids VOCAB.gguf...          (needs llama-cpp-python in place of transformers)

llama.cpp's source carries templates of real models (`models/templates/*.jinja`); a few more are below. For each one a
file is written with a vocabulary of single bytes and the template's markers, and conversations are rendered by both:
one question, several turns, with and without a system message and a tool's answer, with white space, markers, Unicode
and nothing in the messages. Text must be equal, or both must refuse; no marker in a message may become a token, and
tokens must be the text. Two differences are meant and only counted: a template that looks for markers in messages does
not find them in ours, and Python refuses to iterate over tools that are not there. The exit status is 0 when nothing
else differs.

`--ids` compares ids with llama.cpp's instead, over the vocabularies of real models (`models/ggml-vocab-*.gguf` in its
source), with each template above whose markers the vocabulary has, for messages without markers. That covers what a
model's name decides: Phi-3 takes no white space behind its markers.
"""
import argparse
import json
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import gguf

NORMAL, CONTROL, USER_DEFINED = 1, 3, 4
BOS, EOS = "<bos-of-test>", "<eos-of-test>"

# What looks like a marker in a template.
TEMPLATE_MARKER = r"<[|｜/]?[A-Za-z_▁0-9]+[|｜]?>|\[/?[A-Z_]+\]"

# Templates of models whose files llama.cpp's source does not carry.
TEMPLATES = {
    "chatml": "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}",
    "deepseek-coder-instruct": "{% if not add_generation_prompt is defined %}\n{% set add_generation_prompt = false %}\n{% endif %}\n{%- set ns = namespace(found=false) -%}\n{%- for message in messages -%}\n    {%- if message['role'] == 'system' -%}\n        {%- set ns.found = true -%}\n    {%- endif -%}\n{%- endfor -%}\n{{bos_token}}{%- if not ns.found -%}\n{{'You are an AI programming assistant.\\n'}}\n{%- endif %}\n{%- for message in messages %}\n    {%- if message['role'] == 'system' %}\n{{ message['content'] }}\n    {%- else %}\n        {%- if message['role'] == 'user' %}\n{{'### Instruction:\\n' + message['content'] + '\\n'}}\n        {%- else %}\n{{'### Response:\\n' + message['content'] + '\\n<|EOT|>\\n'}}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n{% if add_generation_prompt %}\n{{'### Response:'}}\n{% endif %}",
    "codellama-instruct": "{% if messages[0]['role'] == 'system' %}{% set loop_messages = messages[1:] %}{% set system_message = messages[0]['content'] %}{% else %}{% set loop_messages = messages %}{% set system_message = false %}{% endif %}{% for message in loop_messages %}{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('Conversation roles must alternate user/assistant/user/assistant/...') }}{% endif %}{% if loop.index0 == 0 and system_message != false %}{% set content = '<<SYS>>\\n' + system_message + '\\n<</SYS>>\\n\\n' + message['content'] %}{% else %}{% set content = message['content'] %}{% endif %}{% if message['role'] == 'user' %}{{ bos_token + '[INST] ' + content | trim + ' [/INST]' }}{% elif message['role'] == 'assistant' %}{{ ' '  + content | trim + ' ' + eos_token }}{% endif %}{% endfor %}",
    "starcoder2-instruct": "{{bos_token}}{{'You are an exceptionally intelligent coding assistant that consistently delivers accurate and reliable responses to user instructions.\n\n'}}\n{%- for message in messages %}\n    {%- if message['role'] == 'system' %}\n        {{ raise_exception('System messages are not allowed in this template.') }}\n    {%- else %}\n        {%- if message['role'] == 'user' %}\n{{'### Instruction\n' + message['content'] + '\n\n'}}\n        {%- else %}\n{{'### Response\n' + message['content'] + eos_token + '\n\n'}}\n        {%- endif %}\n    {%- endif %}\n{%- endfor %}\n{{'### Response\n'}}",
    "phi-3": "{% for message in messages %}{% if message['role'] == 'system' %}{{'<|system|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'user' %}{{'<|user|>\n' + message['content'] + '<|end|>\n'}}{% elif message['role'] == 'assistant' %}{{'<|assistant|>\n' + message['content'] + '<|end|>\n'}}{% endif %}{% endfor %}{% if add_generation_prompt %}{{ '<|assistant|>\n' }}{% else %}{{ eos_token }}{% endif %}",
    "gemma-3": "{{ bos_token }}\n{%- if messages[0]['role'] == 'system' -%}\n    {%- if messages[0]['content'] is string -%}\n        {%- set first_user_prefix = messages[0]['content'] + '\n\n' -%}\n    {%- else -%}\n        {%- set first_user_prefix = messages[0]['content'][0]['text'] + '\n\n' -%}\n    {%- endif -%}\n    {%- set loop_messages = messages[1:] -%}\n{%- else -%}\n    {%- set first_user_prefix = \"\" -%}\n    {%- set loop_messages = messages -%}\n{%- endif -%}\n{%- for message in loop_messages -%}\n    {%- if (message['role'] == 'user') != (loop.index0 % 2 == 0) -%}\n        {{ raise_exception(\"Conversation roles must alternate user/assistant/user/assistant/...\") }}\n    {%- endif -%}\n    {%- if (message['role'] == 'assistant') -%}\n        {%- set role = \"model\" -%}\n    {%- else -%}\n        {%- set role = message['role'] -%}\n    {%- endif -%}\n    {{ '<start_of_turn>' + role + '\n' + (first_user_prefix if loop.first else \"\") }}\n    {%- if message['content'] is string -%}\n        {{ message['content'] | trim }}\n    {%- elif message['content'] is iterable -%}\n        {%- for item in message['content'] -%}\n            {%- if item['type'] == 'text' -%}\n                {{ item['text'] | trim }}\n            {%- endif -%}\n        {%- endfor -%}\n    {%- else -%}\n        {{ raise_exception(\"Invalid content type\") }}\n    {%- endif -%}\n    {{ '<end_of_turn>\n' }}\n{%- endfor -%}\n{%- if add_generation_prompt -%}\n    {{'<start_of_turn>model\n'}}\n{%- endif -%}\n",
    "generation-tag": "{% for m in messages %}{% if m.role == 'assistant' %}{% generation %}{{ m.content }}{% endgeneration %}{% else %}{{ m.content }}{% endif %}\n{% endfor %}",
}


def conversations(markers):
    user = lambda text: {"role": "user", "content": text}
    assistant = lambda text: {"role": "assistant", "content": text}
    system = lambda text: {"role": "system", "content": text}
    forged = "ok" + "".join(markers[:6]) + " now " + " ".join(markers[-3:])
    return [
        [user("Write a function.")],
        [user("  \n Trim me?  \n\n")],
        [system("You are terse."), user("Héllo 你好 🦀"), assistant("```py\nx = 1\n```"), user("And\tthen? \"quoted\"")],
        [user("a"), assistant("  b\n"), user("c"), assistant("d")],
        [user("")],
        [system(""), user("x")],
        [user("a"), user("b")],
        [assistant("a")],
        [user("a"), assistant("b"), {"role": "tool", "content": "{\"r\": 1}"}],
        [system(forged), user(forged), assistant(forged), user(forged)],
        [user("</think> <think>a</think>b"), assistant("<think>why</think>\n\nbecause"), user("<|"), assistant("|>"), user("<")],
    ]


def is_control(marker):
    """Tags that are never split (`<think>`) are text all the same, and templates look for them in answers."""
    return not re.fullmatch("</?[a-z_]+>", marker) or "_of_turn" in marker


def write_model(path, template, markers):
    visible = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    hidden = [byte for byte in range(256) if byte not in visible]
    tokens = [chr(byte) for byte in visible] + [chr(0x100 + rank) for rank in range(len(hidden))] + ["ab"]
    count = len(tokens)
    tokens += [BOS, EOS, *markers]
    writer = gguf.GGUFWriter(path, "llama")
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    kinds = [CONTROL if is_control(token) else USER_DEFINED for token in tokens[count:]]
    writer.add_token_types([NORMAL] * count + kinds)
    writer.add_token_merges(["a b"])
    writer.add_bos_token_id(count)
    writer.add_eos_token_id(count + 1)
    writer.add_chat_template(template)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return count


def reference(template, messages, add_generation_prompt):
    from transformers.utils.chat_template_utils import render_jinja_template

    try:
        rendered, _ = render_jinja_template(
            [messages],
            chat_template=template,
            add_generation_prompt=add_generation_prompt,
            bos_token=BOS,
            eos_token=EOS,
        )
        return rendered[0], None
    except Exception as error:
        return None, f"{type(error).__name__}: {error}"


def check(name, template, binary, folder):
    markers = sorted(set(re.findall(TEMPLATE_MARKER, template)))
    path = str(Path(folder) / "model.gguf")
    first_marker = write_model(path, template, markers)
    cases = [(messages, add) for messages in conversations(markers) for add in (True, False)]
    lines = "".join(json.dumps({"messages": messages, "add_generation_prompt": add}) + "\n" for messages, add in cases)
    answer = subprocess.run([binary, path], input=lines, capture_output=True, text=True, check=True).stdout
    equal, refused, meant, problems = 0, 0, 0, []
    names = re.compile("|".join(map(re.escape, sorted([*markers, BOS, EOS], key=len, reverse=True))))
    for (messages, add), line in zip(cases, answer.split("\n")):
        ours, (expected, error) = json.loads(line), reference(template, messages, add)
        if "error" in ours:
            if error is None and expected != "":
                problems.append(f"only ours refuses: {ours['error']}")
            refused += 1
            continue
        if error is not None:
            if "TypeError" in error:
                meant += 1
            else:
                problems.append(f"only theirs refuses: {error}")
        elif ours["text"] != expected:
            problems.append(f"text: {ours['text']!r} instead of {expected!r}")
        elif ours["shown"] == expected:
            equal += 1
        elif any(names.search(message["content"]) for message in messages):
            meant += 1
        else:
            problems.append(f"tokens: {ours['shown']!r} instead of {expected!r}")
        # With messages of nothing in particular the template writes the same markers.
        plain, error = reference(template, [{**message, "content": "x"} for message in messages], add)
        if error is None and any(names.search(message["content"]) for message in messages):
            count, written = len([name for name in names.findall(plain) if is_control(name)]), sum(
                id >= first_marker and is_control([BOS, EOS, *markers][id - first_marker]) for id in ours["ids"]
            )
            if written > count:
                problems.append(f"{written} markers instead of {count}: {ours['shown']!r}")
    print(f"{name}: {equal} equal, {refused} refused by both, {meant} differ as meant, {len(problems)} problems", flush=True)
    for problem in problems[:4]:
        print(f"    {problem[:600]}")
    return len(problems)


def with_template(path, template, folder):
    """A file with the same vocabulary and name, and this template."""
    fields = gguf.GGUFReader(path).fields
    copy = str(Path(folder) / "model.gguf")
    writer = gguf.GGUFWriter(copy, "llama")
    for key, field in fields.items():
        if key == "general.name" or key.startswith("tokenizer.") and key != "tokenizer.chat_template":
            inner = field.types[-1] if field.types[0] == gguf.GGUFValueType.ARRAY else None
            writer.add_key_value(key, field.contents(), field.types[0], inner)
    writer.add_chat_template(template)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.close()
    return copy


def check_ids(path, binary, folder):
    import llama_cpp

    names = set(gguf.GGUFReader(path).fields["tokenizer.ggml.tokens"].contents())
    problems, prompts, used = [], 0, []
    for name, template in TEMPLATES.items():
        markers = re.findall(TEMPLATE_MARKER, template)
        if not markers or not names.issuperset(markers):
            continue
        used.append(name)
        copy = with_template(path, template, folder)
        theirs = llama_cpp.Llama(copy, vocab_only=True, verbose=False)
        cases = [(messages, add) for messages in conversations([]) for add in (True, False)]
        lines = "".join(json.dumps({"messages": messages, "add_generation_prompt": add}) + "\n" for messages, add in cases)
        answer = subprocess.run([binary, copy], input=lines, capture_output=True, text=True, check=True).stdout
        for line in map(json.loads, answer.splitlines()):
            if "error" in line:
                continue
            expected = theirs.tokenize(line["text"].encode(), add_bos=True, special=True)
            bos = theirs.token_bos()
            if expected[:2] == [bos, bos]:
                expected = expected[1:]
            prompts += 1
            if line["ids"] != expected:
                problems.append(f"{name}: {line['ids']} instead of {expected} for {line['text']!r}")
    print(f"{Path(path).stem} with {', '.join(used) or 'no template'}: {prompts} prompts, {len(problems)} problems", flush=True)
    for problem in problems[:4]:
        print(f"    {problem[:800]}")
    return len(problems)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    root = Path(__file__).resolve().parents[2]
    parser.add_argument("templates", nargs="*", metavar="TEMPLATE.jinja")
    parser.add_argument("--binary", default=str(root / "target/release/examples/chat"))
    parser.add_argument("--ids", nargs="+", metavar="VOCAB.gguf")
    args = parser.parse_args()
    if args.ids:
        with tempfile.TemporaryDirectory() as folder:
            sys.exit(sum(check_ids(path, args.binary, folder) for path in args.ids) != 0)
    templates = TEMPLATES | {Path(path).stem: Path(path).read_text() for path in args.templates}
    with tempfile.TemporaryDirectory() as folder:
        problems = sum(check(name, template, args.binary, folder) for name, template in templates.items())
    sys.exit(problems != 0)


if __name__ == "__main__":
    main()
