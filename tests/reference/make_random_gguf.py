#!/usr/bin/env python3
"""Write GGUF files with random weights in the shape of a real model.

    pip install gguf numpy llama-cpp-python
    make_random_gguf.py SHAPE OUT_DIR [--vocab VOCAB.gguf] [--types F32,F16,Q8_0,Q4_K_M] [--branches 0.1] [--seed N]

SHAPE is a name in SHAPES. The files are OUT_DIR/SHAPE-TYPE.gguf: F32 is written here, llama.cpp's own quantizer makes
the others from it. The qwen2 shapes take their vocabulary from --vocab, any GGUF file with a qwen2 tokenizer:
llama.cpp's source has one with nothing but the vocabulary (models/ggml-vocab-qwen2.gguf). The others get a
SentencePiece-like vocabulary made here.

What such a model writes is noise: the files are for comparing runners. Some things about the weights matter for that.
The blocks together add only BRANCHES of the embedding's size to the residual stream, 0.1 unless --branches says
otherwise: runners that round inputs to 8 bits differ by rounding and every block passes the difference on. With 1.0,
llama.cpp's logits for a prompt given at once and given token by token are 1 to 3 % apart (llama-30m, Q8_0 and Q4_K_M,
llama-cpp-python 0.3.36), which decides many a random token; with 0.1 it is 0 to 0.3 %. Logits have a standard deviation of
1 (0.5 for tied heads), so the best token is ahead by about 0.2 (0.1) on average. With a tied head and random signs in the
last norm the logits are a nearly symmetric function of two tokens, which would follow each other for ever: there the last
block adds half of the embedding's size.
"""
import argparse
import os

import gguf
import llama_cpp
import numpy as np

SHAPES = {
    "qwen2-0.5b": dict(arch="qwen2", layers=24, d=896, ffn=4864, heads=14, kv=2, vocab=151936, tied=True, base=1e6, ctx=32768),
    "qwen2-1.5b": dict(arch="qwen2", layers=28, d=1536, ffn=8960, heads=12, kv=2, vocab=151936, tied=True, base=1e6, ctx=32768),
    "qwen2-tiny": dict(arch="qwen2", layers=4, d=256, ffn=768, heads=4, kv=2, vocab=151936, tied=True, base=1e6, ctx=2048),
    "llama-30m": dict(arch="llama", layers=8, d=512, ffn=1536, heads=8, kv=4, vocab=8192, tied=False, base=1e4, ctx=4096),
    "llama-tiny": dict(arch="llama", layers=4, d=256, ffn=768, heads=4, kv=4, vocab=4096, tied=True, base=1e4, ctx=2048),
}
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


def add_qwen2_vocabulary(writer, path, size):
    fields = gguf.GGUFReader(path).fields

    def strings(key):
        return [bytes(fields[key].parts[i]).decode("utf-8") for i in fields[key].data]

    tokens = strings("tokenizer.ggml.tokens")
    kind = fields["tokenizer.ggml.token_type"]
    types = [int(kind.parts[i][0]) for i in kind.data]
    while len(tokens) < size:
        tokens.append(f"[PAD{len(tokens)}]")
        types.append(int(gguf.TokenType.UNUSED))
    tokens, types = tokens[:size], types[:size]
    for index, (text, _) in FIM.items():
        tokens[index] = text
        types[index] = int(gguf.TokenType.CONTROL)
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("qwen2")
    writer.add_token_list(tokens)
    writer.add_token_types(types)
    writer.add_token_merges(strings("tokenizer.ggml.merges"))
    writer.add_eos_token_id(151643)
    writer.add_bos_token_id(151643)
    writer.add_pad_token_id(151643)
    writer.add_add_bos_token(False)
    for index, (_, key) in FIM.items():
        if key:
            writer.add_uint32(f"tokenizer.ggml.{key}_token_id", index)


def add_small_vocabulary(writer, size):
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
    rng = np.random.default_rng(seed)
    writer = gguf.GGUFWriter(path, shape["arch"])
    d, head_dim = shape["d"], shape["d"] // shape["heads"]
    writer.add_name("synthetic " + name)
    writer.add_context_length(shape["ctx"])
    writer.add_embedding_length(d)
    writer.add_block_count(shape["layers"])
    writer.add_feed_forward_length(shape["ffn"])
    writer.add_head_count(shape["heads"])
    writer.add_head_count_kv(shape["kv"])
    writer.add_rope_freq_base(shape["base"])
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_file_type(int(gguf.LlamaFileType.ALL_F32))
    if shape["arch"] == "llama":
        writer.add_rope_dimension_count(head_dim)
        writer.add_vocab_size(shape["vocab"])
        add_small_vocabulary(writer, shape["vocab"])
    else:
        add_qwen2_vocabulary(writer, vocabulary, shape["vocab"])

    def matrix(tensor, outputs, inputs, scale=1.0):
        values = rng.standard_normal((outputs, inputs), dtype=np.float32)
        # Rounded to half precision, so that the F16 file holds the same weights as the F32 one.
        values = (values * (scale / np.sqrt(inputs))).astype(np.float16).astype(np.float32)
        writer.add_tensor(tensor, values)

    def vector(tensor, size, mean, deviation):
        writer.add_tensor(tensor, (mean + deviation * rng.standard_normal(size)).astype(np.float32))

    # Each of the 2 * layers half-blocks adds values of about 0.6 times its last matrix' scale.
    kv_width, depth = shape["kv"] * head_dim, branches / (0.6 * np.sqrt(2 * shape["layers"]))
    matrix("token_embd.weight", shape["vocab"], d, np.sqrt(d))
    if shape["tied"]:
        # Random signs: otherwise every token would predict itself.
        sign = rng.choice([-1.0, 1.0], d)
        writer.add_tensor("output_norm.weight", (0.5 * sign / np.sqrt(d)).astype(np.float32))
    else:
        vector("output_norm.weight", d, 1.0, 0.05)
        matrix("output.weight", shape["vocab"], d)
    for layer in range(shape["layers"]):
        prefix = f"blk.{layer}."
        vector(prefix + "attn_norm.weight", d, 1.0, 0.05)
        vector(prefix + "ffn_norm.weight", d, 1.0, 0.05)
        matrix(prefix + "attn_q.weight", d, d)
        matrix(prefix + "attn_k.weight", kv_width, d)
        matrix(prefix + "attn_v.weight", kv_width, d)
        if shape["arch"] == "qwen2":
            vector(prefix + "attn_q.bias", d, 0.0, 0.02)
            vector(prefix + "attn_k.bias", kv_width, 0.0, 0.02)
            vector(prefix + "attn_v.bias", kv_width, 0.0, 0.02)
        matrix(prefix + "attn_output.weight", d, d, depth)
        matrix(prefix + "ffn_gate.weight", shape["ffn"], d)
        matrix(prefix + "ffn_up.weight", shape["ffn"], d)
        symmetric = shape["tied"] and layer == shape["layers"] - 1
        matrix(prefix + "ffn_down.weight", d, shape["ffn"], 0.5 / 0.6 if symmetric else depth)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def quantize(source, target, kind):
    params = llama_cpp.llama_model_quantize_default_params()
    params.ftype = getattr(llama_cpp, f"LLAMA_FTYPE_MOSTLY_{kind}")
    params.nthread = os.cpu_count()
    if llama_cpp.llama_model_quantize(source.encode(), target.encode(), params) != 0:
        raise SystemExit(f"cannot quantize {source} to {kind}")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("shape", choices=SHAPES)
    parser.add_argument("out_dir")
    parser.add_argument("--vocab")
    parser.add_argument("--types", default="F32,F16,Q8_0,Q4_K_M")
    parser.add_argument("--branches", type=float, default=0.1)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    if SHAPES[args.shape]["arch"] == "qwen2" and not args.vocab:
        parser.error("the qwen2 shapes need --vocab")
    os.makedirs(args.out_dir, exist_ok=True)
    path = {kind: os.path.join(args.out_dir, f"{args.shape}-{kind}.gguf") for kind in args.types.split(",") + ["F32"]}
    if not os.path.exists(path["F32"]):
        write_f32(path["F32"], args.shape, args.vocab, args.branches, args.seed)
    for kind in path:
        if kind != "F32":
            quantize(path["F32"], path[kind], kind)


if __name__ == "__main__":
    main()
