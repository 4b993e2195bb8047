#!/usr/bin/env python3
"""Write GGUF files with random weights in the shape of a real model, or in a small shape of its family.

    pip install gguf numpy llama-cpp-python
    make_random_gguf.py SHAPE OUT_DIR [--vocab VOCAB.gguf] [--types F32,F16,Q8_0,Q4_K_M] [--branches 0.1] [--seed N]

SHAPE is a name in families.SHAPES; `tiny` stands for all of those that end so and need no --vocab. The files are
OUT_DIR/SHAPE-TYPE.gguf: F32 is written here, llama.cpp's own quantizer makes the others from it. The vocabulary is
--vocab's, which may be any GGUF file: llama.cpp's source has some with nothing else in them (models/ggml-vocab-*.gguf).
Without --vocab it is a SentencePiece-like one made here. The large qwen2 shapes want ggml-vocab-qwen2.gguf.

What such a model writes is noise: the files are for comparing runners. Some things about the weights matter for that.
The blocks together add only BRANCHES of the embedding's size to the residual stream, 0.1 unless --branches says
otherwise: runners that round inputs to 8 bits differ by rounding and every block passes the difference on. With 1.0,
llama.cpp's logits for a prompt given at once and given token by token are 1 to 3 % apart (llama-30m, Q8_0 and Q4_K_M,
llama-cpp-python 0.3.36), which decides many a random token; with 0.1 it is 0 to 0.3 %. Comparisons in f32 (logits.py)
see more with 1.0. Logits have a standard deviation of 1 (0.5 for tied heads), so the best token is ahead by about 0.2
(0.1) on average. With a tied head and random signs in the last norm the logits are a nearly symmetric function of two
tokens, which would follow each other for ever: there the last block adds half of the embedding's size.
"""
import argparse
import os

import gguf

from families import SHAPES, add_metadata, add_tensors

# Qwen2.5-Coder's names for ids that the plain vocabulary leaves unused.
FIM = {
    151643: ("<|endoftext|>", None),
    151659: ("<|fim_prefix|>", "fim_pre"),
    151660: ("<|fim_middle|>", "fim_mid"),
    151661: ("<|fim_suffix|>", "fim_suf"),
    151662: ("<|fim_pad|>", "fim_pad"),
    151663: ("<|repo_name|>", "fim_rep"),
    151664: ("<|file_sep|>", "fim_sep"),
}
LARGE_QWEN2 = 151936


def strings(fields, key):
    return [bytes(fields[key].parts[i]).decode("utf-8") for i in fields[key].data]


def numbers(fields, key):
    return [fields[key].parts[i][0].item() for i in fields[key].data]


def add_vocabulary_of(writer, path, size):
    """The vocabulary of another file, cut or filled up to `size` tokens."""
    fields = gguf.GGUFReader(path).fields
    tokens, types = strings(fields, "tokenizer.ggml.tokens"), numbers(fields, "tokenizer.ggml.token_type")
    missing = max(0, size - len(tokens))
    tokens = (tokens + [f"[PAD{len(tokens) + i}]" for i in range(missing)])[:size]
    types = (types + [int(gguf.TokenType.UNUSED)] * missing)[:size]
    qwen2 = size == LARGE_QWEN2
    for index, (text, key) in FIM.items() if qwen2 else ():
        tokens[index] = text
        types[index] = int(gguf.TokenType.CONTROL)
        if key:
            writer.add_uint32(f"tokenizer.ggml.{key}_token_id", index)
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    if "tokenizer.ggml.scores" in fields:
        writer.add_token_scores((numbers(fields, "tokenizer.ggml.scores") + [0.0] * missing)[:size])
    if "tokenizer.ggml.merges" in fields:
        writer.add_token_merges(strings(fields, "tokenizer.ggml.merges"))
    for key in ("model", "pre"):
        if f"tokenizer.ggml.{key}" in fields:
            writer.add_string(f"tokenizer.ggml.{key}", strings(fields, f"tokenizer.ggml.{key}")[0])
    for key in ("bos", "eos", "unknown", "padding"):
        name = f"tokenizer.ggml.{key}_token_id"
        if name in fields or (qwen2 and key != "unknown"):
            writer.add_uint32(name, 151643 if qwen2 else numbers(fields, name)[0])
    for key in ("add_bos_token", "add_eos_token", "add_space_prefix"):
        name = f"tokenizer.ggml.{key}"
        if name in fields:
            writer.add_bool(name, bool(numbers(fields, name)[0]))


def add_small_vocabulary(writer, arch, size):
    tokens = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    types = [2, 3, 3] + [6] * 256
    scores = [0.0] * len(tokens)
    letters = "abcdefghijklmnopqrstuvwxyz"
    pieces = [chr(code) for code in range(33, 127)] + ["\u2581"]
    pieces += ["\u2581" + a for a in letters] + [a + b for a in letters for b in letters]
    pieces += ["\u2581" + a + b for a in letters for b in letters]
    pieces += [a + b + c for a in letters for b in letters for c in letters]
    for piece in pieces[: size - len(tokens)]:
        tokens.append(piece)
        types.append(1)
        scores.append(-float(len(tokens)))
    if arch == "phi3":  # llama.cpp looks it up by name
        tokens[-1], types[-1] = "<|endoftext|>", int(gguf.TokenType.CONTROL)
    writer.add_tokenizer_model("llama")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    writer.add_token_scores(scores)
    writer.add_token_types(types)
    writer.add_unk_token_id(0)
    writer.add_bos_token_id(1)
    writer.add_eos_token_id(2)


def write_f32(path, name, vocabulary, branches, seed):
    shape = SHAPES[name]
    writer = gguf.GGUFWriter(path, shape.arch)
    writer.add_name("synthetic " + name)
    add_metadata(writer, shape)
    writer.add_file_type(int(gguf.LlamaFileType.ALL_F32))
    if vocabulary:
        add_vocabulary_of(writer, vocabulary, shape.vocab)
    else:
        add_small_vocabulary(writer, shape.arch, shape.vocab)
    add_tensors(writer, shape, branches, seed)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source, target, kind):
    import llama_cpp

    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    params.nthread = os.cpu_count()
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), params) != 0:
        raise SystemExit(f"cannot quantize {source} to {kind}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=[*SHAPES, "tiny"])
    parser.add_argument("out_dir")
    parser.add_argument("--vocab")
    parser.add_argument("--types", default="F32,F16,Q8_0,Q4_K_M")
    parser.add_argument("--branches", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    names = [args.shape]
    if args.shape == "tiny":
        names = [name for name, shape in SHAPES.items() if name.endswith("-tiny") and shape.vocab < LARGE_QWEN2]
    elif SHAPES[args.shape].vocab == LARGE_QWEN2 and not args.vocab:
        parser.error("this shape needs --vocab, a file with the qwen2 vocabulary")
    os.makedirs(args.out_dir, exist_ok=True)
    for name in names:
        kinds = ["F32"] + [kind for kind in args.types.split(",") if kind != "F32"]
        path = {kind: os.path.join(args.out_dir, f"{name}-{kind}.gguf") for kind in kinds}
        if not os.path.exists(path["F32"]):
            write_f32(path["F32"], name, args.vocab, args.branches, args.seed)
        for kind in kinds[1:]:
            quantize(path["F32"], path[kind], kind)


if __name__ == "__main__":
    main()
