"""The weights of a GGUF file in an independent implementation: transformers, or gpt.py for the plain GPT.

Names on the right of the tables are those of the modules in transformers.
"""
import gguf
import numpy as np
import torch
import transformers

import gpt

LLAMA = dict(
    attn_norm="input_layernorm",
    ffn_norm="post_attention_layernorm",
    attn_q="self_attn.q_proj",
    attn_k="self_attn.k_proj",
    attn_v="self_attn.v_proj",
    attn_output="self_attn.o_proj",
    ffn_gate="mlp.gate_proj",
    ffn_up="mlp.up_proj",
    ffn_down="mlp.down_proj",
)
BLOCKS = {
    "llama": LLAMA,
    "qwen2": LLAMA,
    "qwen3": dict(LLAMA, attn_q_norm="self_attn.q_norm", attn_k_norm="self_attn.k_norm"),
    "starcoder": dict(
        attn_norm="ln_1",
        ffn_norm="ln_2",
        attn_qkv="attn.c_attn",
        attn_output="attn.c_proj",
        ffn_up="mlp.c_fc",
        ffn_down="mlp.c_proj",
    ),
    "starcoder2": dict(LLAMA, ffn_up="mlp.c_fc", ffn_down="mlp.c_proj"),
    "stablelm": dict(LLAMA, attn_q_norm="self_attn.q_layernorm.norms", attn_k_norm="self_attn.k_layernorm.norms"),
    "phi3": dict(LLAMA, attn_qkv="self_attn.qkv_proj", ffn_up="mlp.gate_up_proj"),
    "gemma3": dict(
        LLAMA,
        attn_q_norm="self_attn.q_norm",
        attn_k_norm="self_attn.k_norm",
        post_attention_norm="post_attention_layernorm",
        ffn_norm="pre_feedforward_layernorm",
        post_ffw_norm="post_feedforward_layernorm",
    ),
}
OUTER = dict(token_embd="model.embed_tokens", output_norm="model.norm", output="lm_head")
BIGCODE = dict(
    token_embd="transformer.wte", position_embd="transformer.wpe", output_norm="transformer.ln_f", output="lm_head"
)
KINDS = {
    "llama": (transformers.LlamaConfig, transformers.LlamaForCausalLM),
    "qwen2": (transformers.Qwen2Config, transformers.Qwen2ForCausalLM),
    "qwen3": (transformers.Qwen3Config, transformers.Qwen3ForCausalLM),
    "starcoder": (transformers.GPTBigCodeConfig, transformers.GPTBigCodeForCausalLM),
    "starcoder2": (transformers.Starcoder2Config, transformers.Starcoder2ForCausalLM),
    "stablelm": (transformers.StableLmConfig, transformers.StableLmForCausalLM),
    "phi3": (transformers.Phi3Config, transformers.Phi3ForCausalLM),
    "gemma3": (transformers.Gemma3TextConfig, transformers.Gemma3ForCausalLM),
}


class File:
    """Metadata and tensors of a GGUF file."""

    def __init__(self, path):
        reader = gguf.GGUFReader(path)
        self.fields = {key: field.contents() for key, field in reader.fields.items()}
        self.arch = self.fields["general.architecture"]
        self.weights = {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in reader.tensors}

    def get(self, key, default=None):
        return self.fields.get(f"{self.arch}.{key}", default)

    def factors(self, kind):
        return self.weights[f"rope_factors_{kind}.weight"].tolist()


def unpermute(weight, heads):
    """GGUF files of the llama family have the rows of Q and K reordered so that rope turns neighbours."""
    rows, inputs = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, inputs).swapaxes(1, 2).reshape(rows, inputs)


def rope_parameters(file, head_size):
    out = {"rope_type": "default", "rope_theta": file.get("rope.freq_base", 1e4)}
    kind, original = file.get("rope.scaling.type"), file.get("rope.scaling.original_context_length")
    if kind in ("linear", "yarn"):
        out |= {"rope_type": kind, "factor": file.get("rope.scaling.factor")}
        if original:
            out["original_max_position_embeddings"] = original
    if "rope_factors_long.weight" in file.weights:
        out |= {"rope_type": "longrope", "long_factor": file.factors("long"), "short_factor": file.factors("short")}
        out["original_max_position_embeddings"] = original
    if "rope_freqs.weight" in file.weights:
        # What the factors were made from; that they fit is checked in `load`.
        out |= {"rope_type": "llama3", "factor": 8.0, "low_freq_factor": 1.0, "high_freq_factor": 4.0}
        out["original_max_position_embeddings"] = 8192
    if file.arch in ("stablelm", "phi3"):
        out["partial_rotary_factor"] = file.get("rope.dimension_count") / head_size
    if file.arch == "gemma3":
        local = {"rope_type": "default", "rope_theta": file.get("rope.freq_base_swa", 1e4)}
        return {"full_attention": out, "sliding_attention": local}
    return out


def config(file):
    heads, width = file.get("attention.head_count"), file.get("embedding_length")
    head_size = file.get("attention.key_length", width // heads)
    common = dict(
        vocab_size=file.weights["token_embd.weight"].shape[0],
        tie_word_embeddings="output.weight" not in file.weights,
        bos_token_id=None,
        eos_token_id=None,
        pad_token_id=None,
        attn_implementation="eager",
    )
    if file.arch == "starcoder":
        return transformers.GPTBigCodeConfig(
            **common,
            n_positions=file.get("context_length"),
            n_embd=width,
            n_layer=file.get("block_count"),
            n_head=heads,
            n_inner=file.get("feed_forward_length"),
            layer_norm_epsilon=file.get("attention.layer_norm_epsilon"),
            multi_query=file.get("attention.head_count_kv") == 1,
        )
    norm = {"starcoder2": "norm_epsilon", "stablelm": "layer_norm_eps"}.get(file.arch, "rms_norm_eps")
    epsilon = file.get("attention.layer_norm_epsilon") or file.get("attention.layer_norm_rms_epsilon")
    common |= dict(
        hidden_size=width,
        intermediate_size=file.get("feed_forward_length"),
        num_hidden_layers=file.get("block_count"),
        num_attention_heads=heads,
        num_key_value_heads=file.get("attention.head_count_kv"),
        max_position_embeddings=file.get("context_length"),
        rope_parameters=rope_parameters(file, head_size),
        **{norm: epsilon},
    )
    if file.arch in ("llama", "qwen3", "gemma3"):
        common["head_dim"] = head_size
    if file.arch == "stablelm":
        common["use_qkv_bias"] = "blk.0.attn_q.bias" in file.weights
        common["qk_layernorm"] = "blk.0.attn_q_norm.weight" in file.weights
        common["use_parallel_residual"] = "blk.0.ffn_norm.weight" not in file.weights
    if file.arch in ("phi3", "gemma3"):
        common["sliding_window"] = file.get("attention.sliding_window") or None
    if file.arch == "phi3":
        original = file.get("rope.scaling.original_context_length", common["max_position_embeddings"])
        common["original_max_position_embeddings"] = original
    if file.arch == "gemma3":
        common["query_pre_attn_scalar"] = head_size
    return KINDS[file.arch][0](**common)


def state_dict(file):
    outer = BIGCODE if file.arch == "starcoder" else OUTER
    layers = "transformer.h" if file.arch == "starcoder" else "model.layers"
    state = {}
    for name, weight in file.weights.items():
        *block, part, suffix = name.split(".")
        if part.startswith("rope_"):
            continue
        if file.arch == "llama" and part in ("attn_q", "attn_k"):
            heads = file.get("attention.head_count" if part == "attn_q" else "attention.head_count_kv")
            weight = unpermute(weight, heads)
        if file.arch == "gemma3" and part.endswith("norm"):
            weight = weight - 1  # the converter adds what the module adds
        target = f"{layers}.{block[1]}.{BLOCKS[file.arch][part]}" if block else outer[part]
        if file.arch == "stablelm" and part in ("attn_q_norm", "attn_k_norm"):
            state |= {f"{target}.{head}.{suffix}": row for head, row in enumerate(weight)}
        else:
            state[f"{target}.{suffix}"] = weight
    return {name: torch.from_numpy(np.ascontiguousarray(weight)) for name, weight in state.items()}


def load(path):
    """The model of a file, which maps token ids `(batch, positions)` to logits, and the file."""
    file = File(path)
    if file.arch == "gpt":
        return gpt.from_gguf(file), file
    model = KINDS[file.arch][1](config(file)).float().eval()
    missing, unexpected = model.load_state_dict(state_dict(file), strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    if "rope_freqs.weight" in file.weights:
        size = file.get("rope.dimension_count")
        plain = file.get("rope.freq_base") ** (-np.arange(0, size, 2) / size)
        expected = model.model.rotary_emb.inv_freq.numpy()
        assert np.allclose(plain / file.weights["rope_freqs.weight"], expected, rtol=1e-5)
    return lambda ids: model(ids, use_cache=False).logits, file
