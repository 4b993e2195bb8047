#!/usr/bin/env python3
"""Convert a plain GPT checkpoint (nanoGPT's descendants: modded-nanogpt, nanochat) to a GGUF file.

    pip install gguf numpy torch
    convert_gpt.py CHECKPOINT.pt OUT.gguf [--config CONFIG.json] [--symbols SYMBOLS.txt] [--type F32]

CHECKPOINT is what torch.save wrote: a state dict, or a dict with it under "model". The configuration is the entry
"config" or "model_args" beside it, and --config, whose entries go first. It has at least `n_head`; sizes are read from
the weights. Names and defaults are those of gpt.Config, and `block_size` is the same as `sequence_len`. The symbols are
the entry "symbols" of the checkpoint, a list or a string in the order of their ids, or the characters of a file.

    transformer.wte.weight                (vocabulary, n_embd); rows beyond the symbols are left out
    transformer.h.N.attn.c_q.weight       (n_embd, n_embd); c_k and c_v (n_kv_head * head_size, n_embd)
    transformer.h.N.attn.c_attn.weight    or all three in one
    transformer.h.N.attn.c_proj.weight    (n_embd, n_embd)
    transformer.h.N.mlp.c_fc.weight       (n_inner, n_embd)
    transformer.h.N.mlp.c_proj.weight     (n_embd, n_inner)
    lm_head.weight                        (vocabulary, n_embd)

The prefixes that torch.compile and DistributedDataParallel add are removed. Weights with other names are refused: a
model with biases, learned norms or learned positions is another model. What the model computes is in gpt.py.

The file has the architecture "gpt", which llama.cpp does not know, with keys named as llama.cpp names such things:
gpt.context_length, gpt.embedding_length, gpt.block_count, gpt.feed_forward_length, gpt.attention.head_count,
gpt.attention.head_count_kv, gpt.attention.layer_norm_rms_epsilon, gpt.rope.freq_base, and where the model has them
gpt.embedding_norm and gpt.attention.qk_norm (true or false) and gpt.final_logit_softcapping. Rope turns the halves of
a head by the positive angle: for a model with `reversed_rotation` the halves of the rows of Q and K change places,
which comes to the same. The tokenizer is "char": tokenizer.ggml.tokens has a character for each id.
"""
import argparse
import dataclasses
import json
import re

import gguf
import numpy as np
import torch

import gpt


def read(path, config_path, symbols_path):
    """Configuration, weights by name and symbols of a checkpoint."""
    checkpoint = torch.load(path, map_location="cpu", weights_only=True)
    state = checkpoint.get("model", checkpoint)
    given = dict(checkpoint.get("model_args") or checkpoint.get("config") or {}) if state is not checkpoint else {}
    symbols = checkpoint.get("symbols") if state is not checkpoint else None
    if config_path:
        given |= json.load(open(config_path, encoding="utf-8"))
    if symbols_path:
        symbols = open(symbols_path, encoding="utf-8", newline="").read()
    if symbols is None:
        raise SystemExit("the checkpoint has no symbols: give them with --symbols")
    state = {re.sub(r"^((_orig_mod|module)\.)+", "", name): weight.float() for name, weight in state.items()}
    return configuration(given, state), state, list(symbols)


def configuration(given, state):
    for name in ("transformer.wte.weight", "lm_head.weight", "transformer.h.0.mlp.c_fc.weight"):
        if name not in state:
            raise SystemExit(f"the checkpoint has no {name}")
    if "n_head" not in given:
        raise SystemExit("the configuration has no n_head: give it with --config")
    if set(given.get("window_pattern") or "L") != {"L"}:
        raise SystemExit("the configuration has a window for attention, which is not a part of the architecture")
    known = {field.name for field in dataclasses.fields(gpt.Config)}
    options = {"n_kv_head": given["n_head"], "sequence_len": given.get("block_size", 1024)}
    options |= {key: value for key, value in given.items() if key in known and value is not None}
    vocabulary, width = state["transformer.wte.weight"].shape
    return gpt.Config(**options | dict(
        vocab_size=vocabulary,
        n_embd=width,
        n_layer=1 + max(int(name.split(".")[2]) for name in state if name.startswith("transformer.h.")),
        n_inner=state["transformer.h.0.mlp.c_fc.weight"].shape[0],
    ))


def swap_halves(weight, head_size):
    rows, inputs = weight.shape
    return weight.view(rows // head_size, 2, head_size // 2, inputs).flip(1).reshape(rows, inputs)


def tensors(config, state, n_symbols):
    """Names and values for the file. Takes everything out of `state`."""
    head_size = config.n_embd // config.n_head
    yield "token_embd", state.pop("transformer.wte.weight")[:n_symbols]
    for layer in range(config.n_layer):
        prefix = f"transformer.h.{layer}."
        fused = state.pop(prefix + "attn.c_attn.weight", None)
        if fused is not None:
            kv_width = config.n_kv_head * head_size
            for name, part in zip("qkv", fused.split([config.n_embd, kv_width, kv_width])):
                state[f"{prefix}attn.c_{name}.weight"] = part
        for theirs, ours in gpt.BLOCK.items():
            weight = state.pop(f"{prefix}{theirs}.weight", None)
            if weight is None:
                raise SystemExit(f"the checkpoint has no {prefix}{theirs}.weight")
            if config.reversed_rotation and ours in ("attn_q", "attn_k"):
                weight = swap_halves(weight, head_size)
            yield f"blk.{layer}.{ours}", weight
    yield "output", state.pop("lm_head.weight")[:n_symbols]
    if state:
        raise SystemExit(f"{next(iter(state))} is not a part of the architecture as it is known here")


def write(path, config, state, symbols, kind="F32"):
    if not 0 < len(symbols) <= config.vocab_size or len(set(symbols)) < len(symbols):
        raise SystemExit(f"{len(symbols)} symbols do not fit a vocabulary of {config.vocab_size}, or one occurs twice")
    writer = gguf.GGUFWriter(path, "gpt")
    writer.add_context_length(config.sequence_len)
    writer.add_embedding_length(config.n_embd)
    writer.add_block_count(config.n_layer)
    writer.add_feed_forward_length(config.n_inner)
    writer.add_head_count(config.n_head)
    writer.add_head_count_kv(config.n_kv_head)
    writer.add_layer_norm_rms_eps(config.norm_eps)
    writer.add_rope_freq_base(config.rope_base)
    if config.embedding_norm:
        writer.add_bool("gpt.embedding_norm", True)
    if config.qk_norm:
        writer.add_bool("gpt.attention.qk_norm", True)
    if config.softcap:
        writer.add_final_logit_softcapping(config.softcap)
    writer.add_tokenizer_model("char")
    writer.add_token_list(symbols)
    kind = gguf.GGMLQuantizationType[kind]
    for name, weight in tensors(config, dict(state), len(symbols)):
        values = np.ascontiguousarray(weight.float().numpy())
        writer.add_tensor(name + ".weight", gguf.quants.quantize(values, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("out")
    parser.add_argument("--config")
    parser.add_argument("--symbols")
    parser.add_argument("--type", default="F32", choices=["F32", "F16", "BF16", "Q8_0", "Q5_0", "Q4_0"])
    args = parser.parse_args()
    config, state, symbols = read(args.checkpoint, args.config, args.symbols)
    write(args.out, config, state, symbols, args.type)


if __name__ == "__main__":
    main()
