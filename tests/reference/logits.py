#!/usr/bin/env python3
"""Compare logits of ropewalk's engine with transformers' in f32, from the same F32 GGUF files.

    pip install gguf numpy torch transformers
    cargo build --release -p engine --example greedy
    logits.py [--binary target/release/examples/greedy] SHAPE-F32.gguf ...

The weights are read from the file and put into a Qwen2ForCausalLM or LlamaForCausalLM of the same sizes. Exit status 0
means that the norm of the difference is under LIMIT of the logits' norm for every prompt.
"""
import argparse
import subprocess
import sys
import tempfile

import gguf
import numpy as np
import torch
import transformers

LENGTHS = [1, 4, 17, 33, 64, 100]
LIMIT = 1e-3


def unpermute(weight, heads):
    """GGUF files of the llama family have the rows of Q and K reordered so that rope turns neighbours."""
    rows, inputs = weight.shape
    return weight.reshape(heads, rows // heads // 2, 2, inputs).swapaxes(1, 2).reshape(rows, inputs)


def load(path):
    reader = gguf.GGUFReader(path)

    def field(key):
        return reader.fields[key].parts[-1][0]

    arch = bytes(reader.fields["general.architecture"].parts[-1]).decode()
    weights = {tensor.name: np.array(tensor.data, dtype=np.float32) for tensor in reader.tensors}
    heads, kv_heads = int(field(f"{arch}.attention.head_count")), int(field(f"{arch}.attention.head_count_kv"))
    sizes = dict(
        vocab_size=weights["token_embd.weight"].shape[0],
        hidden_size=int(field(f"{arch}.embedding_length")),
        intermediate_size=int(field(f"{arch}.feed_forward_length")),
        num_hidden_layers=int(field(f"{arch}.block_count")),
        num_attention_heads=heads,
        num_key_value_heads=kv_heads,
        max_position_embeddings=int(field(f"{arch}.context_length")),
        rms_norm_eps=float(field(f"{arch}.attention.layer_norm_rms_epsilon")),
        rope_theta=float(field(f"{arch}.rope.freq_base")),
        tie_word_embeddings="output.weight" not in weights,
    )
    if arch == "qwen2":
        config, kind = transformers.Qwen2Config(**sizes), transformers.Qwen2ForCausalLM
    else:
        config, kind = transformers.LlamaConfig(**sizes), transformers.LlamaForCausalLM
    # transformers 5 takes rope's base in a dictionary.
    config.rope_parameters = {"rope_type": "default", "rope_theta": sizes["rope_theta"]}
    names = {"token_embd.weight": "model.embed_tokens.weight", "output_norm.weight": "model.norm.weight"}
    names["output.weight"] = "lm_head.weight"
    parts = dict(
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
    state = {}
    for name, weight in weights.items():
        if name.startswith("blk."):
            _, layer, part, suffix = name.split(".")
            if arch == "llama" and part in ("attn_q", "attn_k"):
                weight = unpermute(weight, heads if part == "attn_q" else kv_heads)
            target = f"model.layers.{layer}.{parts[part]}.{suffix}"
        else:
            target = names[name]
        state[target] = torch.from_numpy(np.ascontiguousarray(weight))
    model = kind(config).float().eval()
    missing, unexpected = model.load_state_dict(state, strict=False)
    assert not unexpected and set(missing) <= {"lm_head.weight"}, (missing, unexpected)
    model.tie_weights()
    return model


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("files", nargs="+")
    parser.add_argument("--binary", default="target/release/examples/greedy")
    args = parser.parse_args()
    failed = False
    for path in args.files:
        model = load(path)
        vocabulary = model.config.vocab_size
        rng = np.random.default_rng(11)
        prompts = [[int(token) for token in rng.integers(300, vocabulary - 300, length)] for length in LENGTHS]
        with tempfile.NamedTemporaryFile() as dump:
            text = "".join(" ".join(map(str, prompt)) + "\n" for prompt in prompts)
            command = [args.binary, path, "--tokens", "0", "--logits", dump.name]
            subprocess.run(command, input=text, stdout=subprocess.DEVNULL, text=True, check=True)
            ours = np.fromfile(dump.name, dtype="<f4").reshape(len(prompts), vocabulary)
        print(path)
        for prompt, mine in zip(prompts, ours):
            with torch.no_grad():
                theirs = model(torch.tensor([prompt])).logits[0, -1].numpy()
            relative = np.linalg.norm(mine - theirs) / np.linalg.norm(theirs)
            largest = np.abs(mine - theirs).max()
            failed |= not relative < LIMIT
            print(f"  prompt of {len(prompt):3}: relative {relative:.2e}, largest {largest:.2e}, "
                  f"same best token: {mine.argmax() == theirs.argmax()}", flush=True)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
