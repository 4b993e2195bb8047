#!/usr/bin/env python3
"""Export a checkpoint of train.py and its tokenizer as a GGUF file (architecture "llama").

    export_gguf.py --checkpoint RUN/checkpoint.pt --tokenizer tokenizer.json --out ropewalk-builtin.gguf --type q8_0
    export_gguf.py --check ropewalk-builtin.gguf [--checkpoint RUN/checkpoint.pt]

The output layer is tied to the token embedding, so no `output.weight` is written; llama loaders fall back to
`token_embd.weight`. Besides the standard keys the file says how it wants to be prompted and where it comes from:

    ropewalk.fim.order            "spm": the suffix comes before the prefix
    ropewalk.fim.header           "lang-path": a prompt begins with <|file_sep|>LANG PATH\\n
    ropewalk.training.step        optimiser steps (u32)
    ropewalk.training.tokens      tokens seen (u64)
    ropewalk.training.val_loss    mean held-out loss over the languages, nats per token (f32)
    ropewalk.training.checkpoint  name of the checkpoint

--check reads a file back with the `gguf` package: keys, shapes, tokenizer, and with --checkpoint the largest
difference of each kind of tensor. It does not run the model.
"""
import argparse
import json

import gguf
import numpy as np

TYPES = {t.name.lower(): t for t in (gguf.GGMLQuantizationType.F32, gguf.GGMLQuantizationType.F16, gguf.GGMLQuantizationType.Q8_0,
                                     gguf.GGMLQuantizationType.Q4_0, gguf.GGMLQuantizationType.Q5_0, gguf.GGMLQuantizationType.Q5_1)}
FILE_TYPES = {"f32": 0, "f16": 1, "q4_0": 2, "q8_0": 7, "q5_0": 8, "q5_1": 9}


def load(path):
    import torch
    return torch.load(path, map_location="cpu", weights_only=True)


def export(a):
    s = load(a.checkpoint)
    c, weights = s["config"], s["model"]
    with open(a.tokenizer) as f:
        t = json.load(f)
    w = gguf.GGUFWriter(a.out, "llama")
    parameters = sum(v.numel() for v in weights.values())
    w.add_name(a.name)
    w.add_description("Code completion model of ropewalk, trained from scratch on permissively licensed packages.")
    w.add_license(a.license)
    w.add_size_label(f"{parameters / 1e6:.0f}M")
    w.add_file_type(FILE_TYPES[a.type])
    w.add_quantization_version(2)
    w.add_context_length(c["train_seq"])
    w.add_embedding_length(c["dim"])
    w.add_block_count(c["layers"])
    w.add_feed_forward_length(c["ffn"])
    w.add_head_count(c["heads"])
    w.add_head_count_kv(c["kv"])
    w.add_rope_dimension_count(c["dim"] // c["heads"])
    w.add_rope_freq_base(c["theta"])
    w.add_layer_norm_rms_eps(1e-5)
    w.add_vocab_size(c["vocab"])

    special = {x["content"]: x["id"] for x in t["added_tokens"] if x["special"]}
    tokens, kinds = [f"[PAD{i}]" for i in range(c["vocab"])], [int(gguf.TokenType.UNUSED)] * c["vocab"]
    for k, v in t["model"]["vocab"].items():
        tokens[v], kinds[v] = k, int(gguf.TokenType.NORMAL)
    for k, v in special.items():
        tokens[v], kinds[v] = k, int(gguf.TokenType.CONTROL)
    merges = [m if isinstance(m, str) else " ".join(m) for m in t["model"]["merges"]]
    w.add_tokenizer_model("gpt2")
    w.add_tokenizer_pre("qwen2")
    w.add_token_list(tokens)
    w.add_token_types(kinds)
    w.add_token_merges(merges)
    w.add_bos_token_id(special["<|endoftext|>"])
    w.add_eos_token_id(special["<|endoftext|>"])
    w.add_pad_token_id(special["<|fim_pad|>"])
    w.add_add_bos_token(False)
    for old, new in (("prefix", "pre"), ("suffix", "suf"), ("middle", "mid")):
        token = special[f"<|fim_{old}|>"]
        w.add_uint32(f"tokenizer.ggml.{old}_token_id", token)           # the keys of older readers
        w.add_uint32(f"tokenizer.ggml.fim_{new}_token_id", token)
    w.add_uint32("tokenizer.ggml.fim_pad_token_id", special["<|fim_pad|>"])
    w.add_uint32("tokenizer.ggml.fim_rep_token_id", special["<|repo_name|>"])
    w.add_uint32("tokenizer.ggml.fim_sep_token_id", special["<|file_sep|>"])

    val = [nats for nats, _ in s["val"].values()]
    w.add_string("ropewalk.fim.order", "spm")
    w.add_string("ropewalk.fim.header", "lang-path")
    w.add_uint32("ropewalk.training.step", s["step"])
    w.add_uint64("ropewalk.training.tokens", s["tokens"])
    if val:
        w.add_float32("ropewalk.training.val_loss", sum(val) / len(val))
    w.add_string("ropewalk.training.checkpoint", a.checkpoint_name or f"step-{s['step']:06d}")

    for name, tensor in weights.items():
        x = tensor.float().numpy()
        kind = "f32" if x.ndim == 1 else a.type
        if kind in ("f32", "f16"):
            w.add_tensor(name, x.astype(np.float32 if kind == "f32" else np.float16))
        else:
            w.add_tensor(name, gguf.quants.quantize(x, TYPES[kind]), raw_dtype=TYPES[kind])
    w.write_header_to_file()
    w.write_kv_data_to_file()
    w.write_tensors_to_file()
    w.close()
    print(json.dumps({"out": a.out, "parameters": parameters, "type": a.type, "step": s["step"], "tokens": s["tokens"], "val": s["val"]}))


def check(a):
    reader = gguf.GGUFReader(a.check)
    for k, f in reader.fields.items():
        v = f.contents()
        print(f"{k} = {v if not isinstance(v, list) else f'[{len(v)} values]'}")
    weights = load(a.checkpoint)["model"] if a.checkpoint else {}
    worst = {}
    for t in reader.tensors:
        x = gguf.quants.dequantize(t.data, t.tensor_type)
        assert np.isfinite(x).all(), t.name
        if weights:
            y = weights[t.name].float().numpy()
            assert x.shape == y.shape, (t.name, x.shape, y.shape)
            kind = t.name.split(".", 2)[-1] if t.name.startswith("blk") else t.name
            worst[kind] = max(worst.get(kind, 0.0), float(np.abs(x - y).max() / (np.abs(y).max() + 1e-9)))
    assert not weights or {t.name for t in reader.tensors} == set(weights), "tensor names differ"
    print(f"{len(reader.tensors)} tensors, {sum(int(t.n_elements) for t in reader.tensors)} parameters, all finite")
    for k, v in worst.items():
        print(f"largest relative difference {k}: {v:.5f}")


def main():
    ap = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    ap.add_argument("--checkpoint")
    ap.add_argument("--tokenizer")
    ap.add_argument("--out")
    ap.add_argument("--check", help="read this GGUF file back instead of writing one")
    ap.add_argument("--name", default="ropewalk-builtin")
    ap.add_argument("--license", default="MIT")
    ap.add_argument("--checkpoint-name")
    ap.add_argument("--type", default="q8_0", choices=TYPES)
    a = ap.parse_args()
    check(a) if a.check else export(a)


if __name__ == "__main__":
    main()
