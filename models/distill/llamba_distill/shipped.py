"""Reads a shipped folder back, as the app does: packed codes, scales, offsets; one file or shards with an index.

The result can start more training (train.py --from). It is a close starting point, not an exact one: where a group's largest
code is not in use, quantizing its values again gives another scale (24 % of groups, 3.5 % relative change).

usage: python -m llamba_distill.shipped MODEL_DIR CHECKPOINT.pt
"""
import json
import struct
import sys
from pathlib import Path

import numpy as np
import torch

from .export import file_name, is_matrix
from .quantize import dequantize
from .shape import Shape
from .student import BLOCK, Student


def read_safetensors(path):
    """-> name: tensor. uint32 comes as int32 with the same bits, which every PyTorch has."""
    raw = np.fromfile(path, dtype=np.uint8)
    (size,) = struct.unpack("<Q", raw[:8].tobytes())
    header, data, out = json.loads(raw[8:8 + size].tobytes()), raw[8 + size:], {}
    header.pop("__metadata__", None)
    kinds = {"BF16": torch.bfloat16, "F32": torch.float32, "U32": torch.int32, "F16": torch.float16}
    for name, h in header.items():
        begin, end = h["data_offsets"]
        out[name] = torch.frombuffer(bytearray(data[begin:end].tobytes()), dtype=kinds[h["dtype"]]).reshape(h["shape"])
    return out


def read_flat(folder, layers):
    """Shipped folder -> float32 weights under training's names."""
    folder, raw = Path(folder), {}
    index = folder / "model.safetensors.index.json"
    files = sorted(set(json.loads(index.read_text())["weight_map"].values())) if index.exists() else ["model.safetensors"]
    for file in files:
        raw |= read_safetensors(folder / file)
    rules = quantization(folder)
    keys = [f"{i}.{k}" for i in range(layers) for k in BLOCK] + ["embedding", "norm"]
    flat = {}
    for key in keys:
        name = file_name(key)
        if is_matrix(key):
            flat[key] = dequantize(*(raw[f"{name}.{part}"] for part in ("weight", "scales", "biases")), rules.get(name, rules)["bits"])
        else:
            flat[key] = raw[name].float()
    return flat


def quantization(folder):
    """-> the rule for all matrices, and under a matrix's name its own (export.quantization)."""
    return json.loads(Path(folder, "config.json").read_text())["quantization"]


def read_student(folder, shape=Shape()):
    return Student.from_flat(shape, read_flat(folder, shape.layers))


if __name__ == "__main__":
    torch.save(read_flat(sys.argv[1], Shape().layers), sys.argv[2])
