"""Writes the student as the app's engine reads it: cartesia-mlx names, MLX affine 4-bit, shards with an index.

usage: python -m llamba_distill.export CHECKPOINT.pt TEACHER.gguf OUT_DIR [SAFE_LENGTH [EMBEDDING_BITS]]

The codes are cut from the float32 masters on the very grid of training's fake quantization (quantize.py), so nothing is
lost between the trained and the shipped weights. Mixer of block b is layer 2b, its MLP layer 2b + 1; the head is tied.
"""
import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

from .gguf import load_gguf, write_tokenizer
from .quantize import BITS, GROUP, pack, quantize
from .student import MATRICES

SHARD_BYTES = 49_900_000        # a repository takes files under 50 MB
MIXER_NAMES = {"in_proj": "in_proj", "out_proj": "out_proj", "conv_weight": "conv_weight", "conv_bias": "conv_bias",
               "z_bias": "z_bias", "D": "D"}
MLP_NAMES = {"gate": "in_proj", "up": "gate_proj", "down": "out_proj"}
SYSTEM = "You are Llamba, a helpful AI assistant running offline on this computer."
TEMPLATE = (
    "{% for message in messages %}{% if loop.first and messages[0]['role'] != 'system' %}"
    "{{ '<|im_start|>system\n" + SYSTEM + "<|im_end|>\n' }}{% endif %}"
    "{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' + '\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}")
GENERATION = {"bos_token_id": 1, "eos_token_id": [2, 0], "pad_token_id": 2, "do_sample": True, "temperature": 0.15, "top_p": 0.9,
              "min_p": 0.05, "repetition_penalty": 1.1, "max_new_tokens": 512}


def file_name(key):
    """Training key -> tensor name in the file, without .weight for matrices."""
    if key == "embedding":
        return "embedding.encoder"
    if key == "norm":
        return "model.norm.weight"
    b, part = key.split(".")
    b = int(b)
    if part in MIXER_NAMES:
        return f"model.layers.{2 * b}.layer.{MIXER_NAMES[part]}"
    if part in MLP_NAMES:
        return f"model.layers.{2 * b + 1}.layer.{MLP_NAMES[part]}"
    return f"model.layers.{2 * b + (part == 'norm2')}.norm.weight"


def is_matrix(key):
    return key == "embedding" or key.split(".")[-1] in MATRICES


def bits_of(key, shape):
    return shape.embedding_bits if key == "embedding" else BITS


def tensors(flat, shape):
    """Float32 masters -> the file's tensors: int32 words (bits of uint32), bf16 scales, biases and vectors."""
    out = {}
    for key, w in flat.items():
        name = file_name(key)
        if not is_matrix(key):
            out[name] = w.float().to(torch.bfloat16).contiguous()
            continue
        bits = bits_of(key, shape)
        codes, scale, bias = quantize(w.float(), bits)
        out[name + ".weight"] = pack(codes.reshape(w.shape), bits).contiguous()
        out[name + ".scales"] = scale.squeeze(-1).to(torch.bfloat16).contiguous()
        out[name + ".biases"] = bias.squeeze(-1).to(torch.bfloat16).contiguous()
    return out


def quantization(shape):
    """As MLX's tools write it: the rule for all matrices, then those with another one by name."""
    rule = {"group_size": GROUP, "bits": BITS}
    return rule | ({file_name("embedding"): {"group_size": GROUP, "bits": shape.embedding_bits}} if shape.embedding_bits != BITS else {})


def config(shape, safe_length):
    return {
        "model_type": "llamba", "architectures": ["LlambaForCausalLM"], "name": "Llamba-135M", "vocab_size": shape.vocab,
        "d_model": shape.d, "n_layer": shape.layers, "tie_embeddings": True, "tie_word_embeddings": True, "lm_head_bias": False,
        "pad_vocab_size_multiple": 8, "norm_epsilon": 1e-5, "rms_norm_eps": 1e-5,
        "mlp_cfg": {"intermediate_size": shape.ff, "bias": False, "act_fn": "silu"},
        "ssm_cfg": {"d_state": shape.head, "n_v_heads": shape.heads, "n_qk_heads": shape.heads, "expand": 1,
                    "chunk_size": shape.chunk, "d_conv": shape.taps, "activation": "identity", "bias": False, "conv_bias": True},
        "hidden_size": shape.d, "num_hidden_layers": shape.layers, "intermediate_size": shape.ff, "head_dim": shape.head,
        "bos_token_id": 1, "eos_token_id": [2, 0], "pad_token_id": 2, "torch_dtype": "bfloat16", "max_position_embeddings": None,
        "trained_sequence_length": shape.row, "safe_length": safe_length, "default_system_prompt": SYSTEM,
        "distilled_from": "SmolLM2-135M-Instruct (Apache-2.0), Q4_1", "tensor_names": "cartesia-mlx",
        "quantization": quantization(shape), "quantization_config": quantization(shape)}


def metadata(shape):
    """The flattened configuration that cartesia-mlx files carry in their header: dotted paths, JSON values."""
    d = {"_class_": "models.llamba.Llamba", "d_model": shape.d, "n_tokens": shape.vocab, "eos": 2, "tie_word_embeddings": True,
         "embedding": {"_class_": "layers.embedding.Embedding", "d_model": shape.d, "n_tokens": shape.vocab},
         "model": {"_class_": "layers.sequence_model.SequenceModel", "d_model": shape.d, "n_layer_repeats": shape.layers,
                   "norm_type": "rms", "post_norm": True, "pre_norm": False, "final_proj": False, "unique_layers": {
                       "0": {"_class_": "layers.residual_block.ResidualBlock", "norm_point": "pre", "stateful": True, "d_model": shape.d,
                             "layer": {"_class_": "layers.ssd.llamba_ssd.LlambaSSD", "d_model": shape.d, "expand": 1,
                                       "kernel_size": shape.taps, "d_state": shape.head, "n_heads": shape.heads, "bias": False,
                                       "conv_bias": True, "conv_swish": False}},
                       "1": {"_class_": "layers.residual_block.ResidualBlock", "norm_point": "pre", "stateful": False, "d_model": shape.d,
                             "layer": {"_class_": "layers.ffn.SwiGLU", "d_model": shape.d, "expand": shape.ff / shape.d,
                                       "activation": "swish", "glu": True, "norm": None, "bias": False, "quantize_gate": True}}}}}

    def flatten(tree, path=""):
        for k, v in tree.items():
            yield from flatten(v, f"{path}{k}.") if isinstance(v, dict) else [(path + k, json.dumps(v))]
    return dict(flatten(d)) | {"quantization_kwargs.group_size": str(GROUP), "quantization_kwargs.bits": str(BITS), "format": "mlx"}


def write_shards(found, shape, folder):
    """As few files as SHARD_BYTES allows, of about equal size, in the order of `found`; safetensors needs the word tensors as uint32, see _as_uint32."""
    bytes_of = lambda t: t.numel() * t.element_size()
    total, before = sum(map(bytes_of, found.values())), 0
    shards = [{} for _ in range(-(-total // SHARD_BYTES))]
    for name, t in found.items():
        shards[int((before + bytes_of(t) / 2) / total * len(shards))][name] = t          # where the tensor's middle falls
        before += bytes_of(t)
    index = {}
    for i, shard in enumerate(shards):
        file = f"model-{i + 1:05d}-of-{len(shards):05d}.safetensors"
        save_file(shard, str(folder / file), metadata=metadata(shape))
        _as_uint32(folder / file)
        index |= {name: file for name in shard}
    (folder / "model.safetensors.index.json").write_text(
        json.dumps({"metadata": {"total_size": total}, "weight_map": dict(sorted(index.items()))}, indent=1))


def _as_uint32(path):
    """Older PyTorch has no uint32: the words are saved as I32, and the header's type is put right in place."""
    with open(path, "r+b") as f:
        n = int.from_bytes(f.read(8), "little")
        header = f.read(n)
        f.seek(8)
        f.write(header.replace(b'"dtype":"I32"', b'"dtype":"U32"'))


def write_model(flat, shape, gguf, folder, safe_length):
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    write_shards(tensors(flat, shape), shape, folder)
    write_tokenizer(load_gguf(gguf)[0], str(folder), TEMPLATE)
    (folder / "config.json").write_text(json.dumps(config(shape, safe_length), indent=2) + "\n")
    (folder / "generation_config.json").write_text(json.dumps(GENERATION, indent=2) + "\n")


def main(checkpoint, gguf, out, safe_length="32768", embedding_bits="4"):
    from .shape import Shape
    write_model(torch.load(checkpoint, map_location="cpu"), Shape(embedding_bits=int(embedding_bits)), gguf, out, int(safe_length))


if __name__ == "__main__":
    main(*sys.argv[1:])
