#!/usr/bin/env python3
"""Write small random checkpoints of the plain GPT, and GGUF files made from them by convert_gpt.py.

    pip install gguf numpy torch
    make_random_gpt.py OUT_DIR

Every option of the architecture is in one of VARIANTS. That a file says the same as its checkpoint is checked here:
both are run by gpt.py, with the checkpoint's own configuration and with the file's. The exit status is 0 if their
logits are within LIMIT of each other.
"""
import argparse
import dataclasses
import os
import sys

import torch

import convert_gpt
import gpt
from reference_models import File

SYMBOLS = "\n !'(),-.:?abcdefghijklmnopqrstuv"[:32]
LIMIT = 1e-5
SIZES = dict(n_embd=256, n_layer=4, n_inner=1024, sequence_len=2048)
VARIANTS = {
    # The second one's vocabulary is padded, as nanochat's is; the third one is stored as nanoGPT stores Q, K and V.
    "gpt-tiny": gpt.Config(32, n_head=4, n_kv_head=4, **SIZES),
    "gpt-options-tiny": gpt.Config(
        64, n_head=4, n_kv_head=2, **SIZES, embedding_norm=True, qk_norm=True, softcap=15.0, reversed_rotation=True
    ),
    "gpt-fused-tiny": gpt.Config(32, n_head=2, n_kv_head=2, **SIZES, rope_base=1e5, norm_eps=1e-6),
}


def random_state(config, generator):
    """Half-blocks add values of a third of the embedding's size; logits have a standard deviation of 1."""
    head_size = config.n_embd // config.n_head

    def matrix(outputs, inputs, scale=1.0):
        return torch.randn(outputs, inputs, generator=generator) * (scale / inputs**0.5)

    state = {"transformer.wte.weight": torch.randn(config.vocab_size, config.n_embd, generator=generator)}
    for layer in range(config.n_layer):
        prefix = f"transformer.h.{layer}."
        state[prefix + "attn.c_q.weight"] = matrix(config.n_embd, config.n_embd)
        state[prefix + "attn.c_k.weight"] = matrix(config.n_kv_head * head_size, config.n_embd)
        state[prefix + "attn.c_v.weight"] = matrix(config.n_kv_head * head_size, config.n_embd)
        state[prefix + "attn.c_proj.weight"] = matrix(config.n_embd, config.n_embd, 0.5)
        state[prefix + "mlp.c_fc.weight"] = matrix(config.n_inner, config.n_embd)
        state[prefix + "mlp.c_proj.weight"] = matrix(config.n_embd, config.n_inner, 0.3)
    state["lm_head.weight"] = matrix(config.vocab_size, config.n_embd)
    return state


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out_dir")
    out_dir = parser.parse_args().out_dir
    os.makedirs(out_dir, exist_ok=True)
    generator = torch.Generator().manual_seed(1)
    failed = False
    for name, config in VARIANTS.items():
        state = random_state(config, generator)
        saved = {"_orig_mod." + key: weight for key, weight in state.items()}
        if "fused" in name:
            for layer in range(config.n_layer):
                prefix = f"_orig_mod.transformer.h.{layer}.attn."
                saved[prefix + "c_attn.weight"] = torch.cat([saved.pop(f"{prefix}c_{part}.weight") for part in "qkv"])
        path = os.path.join(out_dir, name)
        torch.save({"model": saved, "config": dataclasses.asdict(config), "symbols": SYMBOLS}, path + ".pt")
        for kind in ("F32", "Q8_0"):
            convert_gpt.write(f"{path}-{kind}.gguf", *convert_gpt.read(path + ".pt", None, None), kind)
        ids = torch.randint(len(SYMBOLS), (1, 100), generator=generator)
        expected = gpt.forward(config, state, ids)[..., : len(SYMBOLS)]
        difference = (gpt.from_gguf(File(path + "-F32.gguf"))(ids) - expected).norm() / expected.norm()
        failed |= not difference < LIMIT
        print(f"{name}: file and checkpoint differ by {difference:.1e}")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
