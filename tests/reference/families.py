"""The model families that make_random_gguf.py writes, as llama.cpp's converter names and shapes things.

Source: llama.cpp, `convert_hf_to_gguf.py` with `conversion/*.py`, and the tensors that `src/models/*.cpp` ask for. The
names in SHAPES that end in `-tiny` are for comparing results: every option of a family is in one of them.
"""
import math
from dataclasses import dataclass

import numpy as np


@dataclass
class Shape:
    """Sizes of a model, and what its family leaves open."""

    arch: str
    layers: int
    d: int
    ffn: int
    heads: int
    kv: int
    vocab: int
    ctx: int
    tied: bool = False
    base: float = 1e4
    head: int = 0  # size of a head; 0: d / heads, which the file does not say
    rotary: float = 1.0  # part of a head that rope turns
    window: int = 0
    linear: float = 0.0  # rope's linear scaling
    yarn: float = 0.0  # the factor of YaRN
    original: int = 0  # context before YaRN or LongRoPE
    longrope: bool = False
    llama3: bool = False  # Llama 3.1's factors for rope's frequencies
    qkv_bias: bool = False
    qk_norm: bool = False
    parallel: bool = False

    @property
    def head_size(self):
        return self.head or self.d // self.heads

    @property
    def rope_dimensions(self):
        return int(self.rotary * self.head_size)


@dataclass
class Family:
    """What all models of an architecture have in common."""

    layer_norm: bool = False  # with biases; otherwise RMS norm
    fused_qkv: bool = False
    qkv_bias: bool = False
    biases: bool = False  # on the other projections
    gate: str = "separate"  # "fused": one tensor with up; "": none
    qk_norm: bool = False
    post_norms: bool = False
    positions: bool = False  # learned, instead of rope
    scaled_embedding: bool = False


FAMILIES = {
    "llama": Family(),
    "qwen2": Family(qkv_bias=True),
    "qwen3": Family(qk_norm=True),
    "starcoder": Family(layer_norm=True, fused_qkv=True, qkv_bias=True, biases=True, gate="", positions=True),
    "starcoder2": Family(layer_norm=True, qkv_bias=True, biases=True, gate=""),
    "stablelm": Family(layer_norm=True),
    "phi3": Family(fused_qkv=True, gate="fused"),
    "gemma3": Family(qk_norm=True, post_norms=True, scaled_embedding=True),
}

TINY = dict(layers=4, d=256, ffn=768, heads=4, kv=2, vocab=4096, ctx=2048)
SHAPES = {
    "qwen2-0.5b": Shape("qwen2", 24, 896, 4864, 14, 2, 151936, 32768, tied=True, base=1e6),
    "qwen2-1.5b": Shape("qwen2", 28, 1536, 8960, 12, 2, 151936, 32768, tied=True, base=1e6),
    "llama-30m": Shape("llama", 8, 512, 1536, 8, 4, 8192, 4096),
    "llama-tiny": Shape("llama", 4, 256, 768, 4, 4, 4096, 2048, tied=True),
    "qwen2-tiny": Shape("qwen2", 4, 256, 768, 4, 2, 151936, 2048, tied=True, base=1e6),
    # Llama 3.1; DeepSeek-Coder 1; Mistral NeMo, whose heads together are not as wide as the model; YaRN.
    "llama3-tiny": Shape("llama", **{**TINY, "ctx": 131072}, base=5e5, llama3=True),
    "deepseek-coder-tiny": Shape("llama", **TINY, base=1e5, linear=4.0),
    "mistral-tiny": Shape("llama", **TINY, base=1e6, head=96),
    "llama-yarn-tiny": Shape("llama", **TINY, yarn=8.0, original=256),
    "qwen2-yarn-tiny": Shape("qwen2", **TINY, base=1e6, yarn=4.0, original=512),
    "qwen3-tiny": Shape("qwen3", **TINY, tied=True, base=1e6, head=128),
    "starcoder-tiny": Shape("starcoder", **{**TINY, "kv": 1, "ffn": 1024}, tied=True),
    "starcoder2-tiny": Shape("starcoder2", **{**TINY, "ffn": 1024}, tied=True, base=1e5),
    # stable-code-3b; StableLM 2 1.6B has biases, StableLM 2 12B norms for every head and parallel halves.
    "stablelm-tiny": Shape("stablelm", **{**TINY, "kv": 4}, base=1e6, rotary=0.25),
    "stablelm-bias-tiny": Shape("stablelm", **TINY, rotary=0.25, qkv_bias=True),
    "stablelm-parallel-tiny": Shape("stablelm", **TINY, rotary=0.25, qk_norm=True, parallel=True),
    # Phi-3-mini-4k; -128k within its first context, and beyond it with Phi-4-mini's partial rope and tied head.
    "phi3-tiny": Shape("phi3", **TINY, window=200),
    "phi3-short-tiny": Shape("phi3", **{**TINY, "ctx": 131072}, longrope=True, original=4096, window=262144),
    "phi3-long-tiny": Shape("phi3", **TINY, longrope=True, original=128, rotary=0.75, tied=True, window=4096),
    # Gemma 3 1B; the larger ones stretch the global layers' positions.
    "gemma3-tiny": Shape("gemma3", **{**TINY, "layers": 6, "kv": 1}, tied=True, base=1e6, head=128, window=32),
    "gemma3-linear-tiny": Shape(
        "gemma3", **{**TINY, "layers": 8}, tied=True, base=1e6, head=64, window=50, linear=8.0
    ),
}


def add_metadata(writer, shape):
    family = FAMILIES[shape.arch]
    writer.add_context_length(shape.ctx)
    writer.add_embedding_length(shape.d)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ffn)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv)
    if family.layer_norm:
        writer.add_layer_norm_eps(1e-5)
    else:
        writer.add_layer_norm_rms_eps(1e-6)
    if shape.head:
        writer.add_key_length(shape.head)
        writer.add_value_length(shape.head)
    if not family.positions:
        writer.add_rope_freq_base(shape.base)
    if shape.arch in ("llama", "stablelm", "phi3"):
        writer.add_rope_dimension_count(shape.rope_dimensions)
    if shape.arch == "llama":
        writer.add_vocab_size(shape.vocab)
    if shape.arch == "stablelm":
        writer.add_parallel_residual(shape.parallel)
    if shape.arch in ("phi3", "gemma3"):
        writer.add_sliding_window(shape.window)
    if shape.arch == "gemma3":
        writer.add_rope_freq_base_swa(1e4)
    add_rope_scaling(writer, shape)


def add_rope_scaling(writer, shape):
    import gguf

    if shape.linear:
        writer.add_rope_scaling_type(gguf.RopeScalingType.LINEAR)
        writer.add_rope_scaling_factor(shape.linear)
    if shape.yarn:
        writer.add_rope_scaling_type(gguf.RopeScalingType.YARN)
        writer.add_rope_scaling_factor(shape.yarn)
    if shape.original:
        writer.add_rope_scaling_orig_ctx_len(shape.original)
    if shape.longrope:
        # Phi's converter writes no type, and this factor.
        stretch = math.log(shape.ctx / shape.original) / math.log(shape.original)
        writer.add_rope_scaling_attn_factors(math.sqrt(1 + stretch))


def llama3_factors(shape, factor=8.0, low=1.0, high=4.0, original=8192):
    """Long waves are stretched, short ones are not, those between by a part (Llama 3.1's `rope_scaling`)."""
    exponents = np.arange(0, shape.rope_dimensions, 2) / shape.rope_dimensions
    waves = 2 * np.pi * shape.base**exponents
    smooth = np.clip((original / waves - low) / (high - low), 0.0, 1.0)
    return (1 / ((1 - smooth) / factor + smooth)).astype(np.float32)


class Weights:
    """Random tensors, added to a writer."""

    def __init__(self, writer, seed):
        self.writer = writer
        self.rng = np.random.default_rng(seed)

    def matrix(self, name, outputs, inputs, scale=1.0):
        """Maps values of standard deviation 1 to values of standard deviation `scale`."""
        values = self.rng.standard_normal((outputs, inputs), dtype=np.float32)
        # Rounded to half precision, so that the F16 file holds the same weights as the F32 one.
        values = (values * (scale / np.sqrt(inputs))).astype(np.float16).astype(np.float32)
        self.writer.add_tensor(name + ".weight", values)

    def vector(self, name, size, mean, deviation):
        values = mean + deviation * self.rng.standard_normal(size)
        self.writer.add_tensor(name, values.astype(np.float32))

    def norm(self, name, size, bias, scale=1.0):
        self.vector(name + ".weight", size, scale, 0.05 * scale)
        if bias:
            self.vector(name + ".bias", size, 0.0, 0.05)


def add_tensors(writer, shape, branches, seed):
    """All tensors; what make_random_gguf.py says about BRANCHES holds here."""
    family = FAMILIES[shape.arch]
    weights = Weights(writer, seed)
    width = shape.d
    # Each of the 2 * layers half-blocks adds values of about 0.6 times its last matrix' scale.
    depth = branches / (0.6 * np.sqrt(2 * shape.layers))
    embedding = 1.0 if family.scaled_embedding else np.sqrt(width)
    weights.matrix("token_embd", shape.vocab, width, embedding)
    if family.positions:
        weights.matrix("position_embd", shape.ctx, width, 0.3 * np.sqrt(width))
    if shape.tied:
        # Random signs: otherwise every token would predict itself.
        sign = weights.rng.choice([-1.0, 1.0], width)
        writer.add_tensor("output_norm.weight", (0.5 * sign / embedding).astype(np.float32))
        if family.layer_norm:
            weights.vector("output_norm.bias", width, 0.0, 0.05 / embedding)
    else:
        weights.norm("output_norm", width, family.layer_norm)
        weights.matrix("output", shape.vocab, width)
    if shape.llama3:
        writer.add_tensor("rope_freqs.weight", llama3_factors(shape))
    if shape.longrope:
        for kind, most in (("long", 12.0), ("short", 1.5)):
            factors = np.linspace(1.0, most, shape.rope_dimensions // 2, dtype=np.float32)
            writer.add_tensor(f"rope_factors_{kind}.weight", factors)
    for layer in range(shape.layers):
        symmetric = shape.tied and layer == shape.layers - 1
        add_block(weights, shape, family, f"blk.{layer}.", depth, 0.5 / 0.6 if symmetric else depth)


def add_block(weights, shape, family, prefix, attention_scale, ffn_scale):
    """A block whose halves add values of 0.6 times the two scales."""
    width, q_width, kv_width = shape.d, shape.heads * shape.head_size, shape.kv * shape.head_size
    biases = []

    def matrix(name, outputs, inputs, scale=1.0, bias=False):
        weights.matrix(prefix + name, outputs, inputs, scale)
        if bias:
            biases.append((name, outputs))

    weights.norm(prefix + "attn_norm", width, family.layer_norm)
    if not shape.parallel:
        weights.norm(prefix + "ffn_norm", width, family.layer_norm)
    qkv_bias = family.qkv_bias or shape.qkv_bias
    if family.fused_qkv:
        matrix("attn_qkv", q_width + 2 * kv_width, width, bias=qkv_bias)
    else:
        matrix("attn_q", q_width, width, bias=qkv_bias)
        matrix("attn_k", kv_width, width, bias=qkv_bias)
        matrix("attn_v", kv_width, width, bias=qkv_bias)
    for name, outputs in biases:
        weights.vector(f"{prefix}{name}.bias", outputs, 0.0, 0.02 if shape.arch == "qwen2" else 0.2)
    biases.clear()
    if family.qk_norm:
        weights.norm(prefix + "attn_q_norm", shape.head_size, bias=False)
        weights.norm(prefix + "attn_k_norm", shape.head_size, bias=False)
    if shape.qk_norm:  # a vector for every head
        for name, heads in (("attn_q_norm", shape.heads), ("attn_k_norm", shape.kv)):
            weights.vector(f"{prefix}{name}.weight", (heads, shape.head_size), 1.0, 0.2)
    matrix("attn_output", width, q_width, 1.0 if family.post_norms else attention_scale, bias=family.biases)
    if family.gate == "separate":
        matrix("ffn_gate", shape.ffn, width)
    matrix("ffn_up", shape.ffn * (2 if family.gate == "fused" else 1), width, bias=family.biases)
    matrix("ffn_down", width, shape.ffn, 1.0 if family.post_norms else ffn_scale, bias=family.biases)
    for name, outputs in biases:
        weights.vector(f"{prefix}{name}.bias", outputs, 0.0, 0.02)
    if family.post_norms:
        weights.norm(prefix + "post_attention_norm", width, bias=False, scale=0.6 * attention_scale)
        weights.norm(prefix + "post_ffw_norm", width, bias=False, scale=0.6 * ffn_scale)
