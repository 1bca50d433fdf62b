"""Reads the teacher, SmolLM2-135M-Instruct as a Q4_1 GGUF file, without any GGUF library.

A Q4_1 block holds 32 weights as w = d q + m with fp16 d and m and 4-bit q; a Q8_0 block w = d s with int8 s. The file
stores the rows of Q and K of each head as adjacent rotary pairs; here they go back to two halves, as Hugging Face has
them. Only whole rows move.
"""
import json
import os
import struct

import numpy as np

SCALARS = {0: "<B", 1: "<b", 2: "<H", 3: "<h", 4: "<I", 5: "<i", 6: "<f", 7: "<?",
           10: "<Q", 11: "<q", 12: "<d"}
F32, F16, Q4_1, Q8_0 = 0, 1, 3, 8
BLOCK_BYTES = {Q4_1: 20, Q8_0: 34}


class _Cursor:
    def __init__(self, buf):
        self.buf, self.at = buf, 0

    def take(self, fmt):
        v = struct.unpack_from(fmt, self.buf, self.at)
        self.at += struct.calcsize(fmt)
        return v[0] if len(v) == 1 else v

    def text(self):
        n = self.take("<Q")
        s = bytes(self.buf[self.at:self.at + n])
        self.at += n
        return s.decode("utf-8")

    def value(self, kind):
        if kind == 8:
            return self.text()
        if kind == 9:
            inner, n = self.take("<I"), self.take("<Q")
            return [self.value(inner) for _ in range(n)]
        return self.take(SCALARS[kind])


def load_gguf(path):
    buf = np.memmap(path, dtype=np.uint8, mode="r")
    c = _Cursor(buf)
    if c.take("<I") != 0x46554747:
        raise ValueError("not a GGUF file")
    c.take("<I")
    n_tensors, n_kv = c.take("<Q"), c.take("<Q")
    meta = {}
    for _ in range(n_kv):
        key = c.text()
        meta[key] = c.value(c.take("<I"))
    infos = []
    for _ in range(n_tensors):
        name = c.text()
        nd = c.take("<I")
        dims = [c.take("<Q") for _ in range(nd)]
        infos.append((name, dims[::-1], c.take("<I"), c.take("<Q")))
    align = meta.get("general.alignment", 32)
    base = (c.at + align - 1) // align * align
    tensors = {}
    for name, shape, kind, off in infos:
        n = int(np.prod(shape))
        if kind == F32:
            raw = buf[base + off: base + off + 4 * n].view(np.float32).reshape(shape)
        elif kind == F16:
            raw = buf[base + off: base + off + 2 * n].view(np.float16).reshape(shape)
        else:
            size = n // 32 * BLOCK_BYTES[kind]
            raw = buf[base + off: base + off + size].reshape(shape[0], shape[1] // 32, BLOCK_BYTES[kind])
        tensors[name] = (kind, shape, raw)
    return meta, tensors


def codes(kind, raw):
    """-> (q uint8 [rows, cols], scale fp16 [rows, groups], bias fp16 [rows, groups])"""
    rows, groups, _ = raw.shape
    d = np.ascontiguousarray(raw[:, :, 0:2]).view(np.float16)[..., 0]
    if kind == Q4_1:
        m = np.ascontiguousarray(raw[:, :, 2:4]).view(np.float16)[..., 0]
        qs = raw[:, :, 4:20]
        q = np.concatenate([qs & 15, qs >> 4], axis=-1)
        return q.reshape(rows, groups * 32), d, m
    q = (np.ascontiguousarray(raw[:, :, 2:34]).view(np.int8).astype(np.int16) + 128).astype(np.uint8)
    return q.reshape(rows, groups * 32), d, (d.astype(np.float32) * -128.0).astype(np.float16)


def dequant(kind, shape, raw):
    if kind in (F32, F16):
        return np.array(raw, dtype=np.float32)
    q, d, m = codes(kind, raw)
    g = q.reshape(shape[0], -1, 32).astype(np.float32)
    return (g * d.astype(np.float32)[..., None] + m.astype(np.float32)[..., None]).reshape(shape)


def half_order(n_heads, head_dim):
    """row index map: interleaved rotary pairs -> two halves, per head"""
    idx = np.arange(n_heads * head_dim).reshape(n_heads, head_dim // 2, 2)
    return idx.transpose(0, 2, 1).reshape(-1)


PLAIN = {"attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
         "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj", "ffn_down": "mlp.down_proj",
         "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
         "attn_output": "self_attn.o_proj"}


def hf_name(name):
    if name == "token_embd.weight":
        return "model.embed_tokens.weight"
    if name == "output_norm.weight":
        return "model.norm.weight"
    _, layer, part, _ = name.split(".")
    return f"model.layers.{layer}.{PLAIN[part]}.weight"


def row_map(name, meta):
    a = meta["general.architecture"]
    head_dim = meta[f"{a}.rope.dimension_count"]
    if ".attn_q." in name:
        return half_order(meta[f"{a}.attention.head_count"], head_dim)
    if ".attn_k." in name:
        return half_order(meta[f"{a}.attention.head_count_kv"], head_dim)
    return None


def teacher_state(path):
    meta, tensors = load_gguf(path)
    out = {}
    for name, (kind, shape, raw) in tensors.items():
        w = dequant(kind, shape, raw)
        rows = row_map(name, meta)
        out[hf_name(name)] = w if rows is None else w[rows]
    return meta, out


def write_tokenizer(meta, folder, chat_template=None):
    """Byte-level BPE with single-digit splitting ('smollm' pre-tokenizer)."""
    toks, kinds = meta["tokenizer.ggml.tokens"], meta["tokenizer.ggml.token_type"]
    special = [i for i, k in enumerate(kinds) if k == 3]
    added = [{"id": i, "content": toks[i], "single_word": False, "lstrip": False, "rstrip": False,
              "normalized": False, "special": True} for i in special]
    doc = {
        "version": "1.0", "truncation": None, "padding": None, "added_tokens": added,
        "normalizer": None,
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Digits", "individual_digits": True},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": True}]},
        "post_processor": None,
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "ignore_merges": False,
                  "vocab": {t: i for i, t in enumerate(toks)},
                  "merges": [m.split(" ") for m in meta["tokenizer.ggml.merges"]]},
    }
    os.makedirs(folder, exist_ok=True)
    with open(os.path.join(folder, "tokenizer.json"), "w", encoding="utf-8") as f:
        json.dump(doc, f, ensure_ascii=False)
    cfg = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": toks[meta["tokenizer.ggml.bos_token_id"]],
        "eos_token": toks[meta["tokenizer.ggml.eos_token_id"]],
        "unk_token": toks[meta["tokenizer.ggml.unknown_token_id"]],
        "pad_token": toks[meta["tokenizer.ggml.padding_token_id"]],
        "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "model_max_length": meta["llama.context_length"],
        "additional_special_tokens": ["<|im_start|>", "<|im_end|>"],
        "chat_template": chat_template or meta["tokenizer.chat_template"],
    }
    with open(os.path.join(folder, "tokenizer_config.json"), "w", encoding="utf-8") as f:
        json.dump(cfg, f, ensure_ascii=False, indent=2)
    with open(os.path.join(folder, "special_tokens_map.json"), "w") as f:
        json.dump({k: cfg[k] for k in ("bos_token", "eos_token", "unk_token", "pad_token")}, f, indent=2)
