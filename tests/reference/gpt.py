"""A plain GPT in the style of nanoGPT's descendants (modded-nanogpt, nanochat), in torch: what `gpt` files mean.

Pre-norm blocks of rotary attention and a squared-ReLU MLP; RMS norms without weights; no biases; an untied head:

    x = embedding[token]                             normed too with `embedding_norm`
    x = x + project(attention(rope(norm(q)), rope(norm(k)), v))     q, k, v of norm(x); q and k normed with `qk_norm`
    x = x + down(relu(up(norm(x)))^2)
    logits = head(norm(x))                           c * tanh(logits / c) with `softcap` c

Names of the weights: those of nanoGPT's modules (`transformer.wte`, `transformer.h.0.attn.c_q`, `lm_head`, …).
"""
from dataclasses import dataclass

import torch
from torch.nn import functional


@dataclass
class Config:
    """Options are as convert_gpt.py reads them from a checkpoint and writes them to a file."""

    vocab_size: int
    n_embd: int
    n_layer: int
    n_head: int
    n_kv_head: int
    n_inner: int
    sequence_len: int
    rope_base: float = 10000.0
    norm_eps: float = torch.finfo(torch.float32).eps  # torch's own for rms_norm
    embedding_norm: bool = False
    qk_norm: bool = False
    softcap: float = 0.0
    reversed_rotation: bool = False  # turns by the negative angle, as modded-nanogpt does


def rope(x, base, reverse):
    """Turns the pairs (i, i + size / 2) of `x`, `(batch, heads, positions, size)`."""
    positions, size = x.shape[-2:]
    frequencies = base ** (-torch.arange(0, size, 2, dtype=torch.float64) / size)
    angles = torch.arange(positions, dtype=torch.float64)[:, None] * frequencies  # (positions, size / 2)
    cos, sin = angles.cos().to(x.dtype), angles.sin().to(x.dtype)
    if reverse:
        sin = -sin
    first, second = x.chunk(2, dim=-1)
    return torch.cat([first * cos - second * sin, first * sin + second * cos], dim=-1)


def forward(config, state, ids):
    """Logits `(batch, positions, vocabulary)` of token ids `(batch, positions)`."""
    batch, positions = ids.shape
    head_size = config.n_embd // config.n_head

    def norm(x):
        return functional.rms_norm(x, x.shape[-1:], eps=config.norm_eps)

    def heads(x, weight):
        x = functional.linear(x, weight)
        return x.view(batch, positions, -1, head_size).transpose(1, 2)  # (batch, heads, positions, head_size)

    x = state["transformer.wte.weight"][ids]  # (batch, positions, n_embd)
    if config.embedding_norm:
        x = norm(x)
    for layer in range(config.n_layer):
        prefix = f"transformer.h.{layer}."
        normed = norm(x)
        q, k, v = (heads(normed, state[f"{prefix}attn.c_{name}.weight"]) for name in "qkv")
        if config.qk_norm:
            q, k = norm(q), norm(k)
        q, k = (rope(part, config.rope_base, config.reversed_rotation) for part in (q, k))
        y = functional.scaled_dot_product_attention(q, k, v, is_causal=True, enable_gqa=True)
        y = y.transpose(1, 2).reshape(batch, positions, -1)  # (batch, positions, n_embd)
        x = x + functional.linear(y, state[prefix + "attn.c_proj.weight"])
        hidden = functional.linear(norm(x), state[prefix + "mlp.c_fc.weight"])  # (batch, positions, n_inner)
        x = x + functional.linear(functional.relu(hidden).square(), state[prefix + "mlp.c_proj.weight"])
    logits = functional.linear(norm(x), state["lm_head.weight"])
    return config.softcap * torch.tanh(logits / config.softcap) if config.softcap else logits


BLOCK = {
    "attn.c_q": "attn_q",
    "attn.c_k": "attn_k",
    "attn.c_v": "attn_v",
    "attn.c_proj": "attn_output",
    "mlp.c_fc": "ffn_up",
    "mlp.c_proj": "ffn_down",
}


def from_gguf(file):
    """The model of a `gpt` file (reference_models.File), as a function of token ids."""
    config = Config(
        vocab_size=file.weights["token_embd.weight"].shape[0],
        n_embd=file.get("embedding_length"),
        n_layer=file.get("block_count"),
        n_head=file.get("attention.head_count"),
        n_kv_head=file.get("attention.head_count_kv"),
        n_inner=file.get("feed_forward_length"),
        sequence_len=file.get("context_length"),
        rope_base=file.get("rope.freq_base"),
        norm_eps=file.get("attention.layer_norm_rms_epsilon"),
        embedding_norm=file.get("embedding_norm", False),
        qk_norm=file.get("attention.qk_norm", False),
        softcap=file.get("final_logit_softcapping", 0.0),
    )
    state = {"transformer.wte.weight": file.weights["token_embd.weight"]}
    state["lm_head.weight"] = file.weights["output.weight"]
    for layer in range(config.n_layer):
        for ours, theirs in BLOCK.items():
            state[f"transformer.h.{layer}.{ours}.weight"] = file.weights[f"blk.{layer}.{theirs}.weight"]
    state = {name: torch.from_numpy(weight) for name, weight in state.items()}
    return lambda ids: forward(config, state, ids)
