"""The shipped form: codes on the fake-quant grid, names and shapes of the engine's loader, shards with an index."""
import json
from dataclasses import replace

import pytest
import torch

from llamba_distill import export, quantize, shipped
from llamba_distill.shape import TINY


def test_codes_are_the_grid_of_fake_quantization():
    w = torch.randn(24, 256) * 0.05
    codes, scale, bias = quantize.quantize(w)
    words = quantize.pack(codes.reshape(w.shape))
    back = quantize.dequantize(words, scale.squeeze(-1).to(torch.bfloat16), bias.squeeze(-1).to(torch.bfloat16))
    assert torch.allclose(back, quantize.fake_quant(w), atol=1e-8)
    assert torch.equal(quantize.unpack(words), codes.reshape(w.shape))
    assert (back - w).abs().max() < scale.abs().max()


@pytest.mark.parametrize("embedding_bits", [4, 8])
def test_export_round_trip(embedding_bits, student, tmp_path, monkeypatch):
    monkeypatch.setattr(export, "SHARD_BYTES", 100_000)
    flat, shape = student.flat(), replace(TINY, embedding_bits=embedding_bits)
    export.write_shards(export.tensors(flat, shape), shape, tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(export.config(shape, 1)))
    files = set(json.loads((tmp_path / "model.safetensors.index.json").read_text())["weight_map"].values())
    sizes = [(tmp_path / f).stat().st_size for f in files]
    assert len(files) > 1 and max(sizes) < 1.5 * min(sizes)
    back = shipped.read_flat(tmp_path, TINY.layers)
    assert set(back) == set(flat)
    for key, w in flat.items():
        wanted = quantize.fake_quant(w, export.bits_of(key, shape)) if export.is_matrix(key) else w.to(torch.bfloat16).float()
        assert torch.allclose(back[key], wanted, atol=1e-6), key


def test_groups_of_64_are_still_read(student, tmp_path, monkeypatch):
    monkeypatch.setattr(quantize, "GROUP", 64)
    monkeypatch.setattr(export, "GROUP", 64)
    export.write_shards(export.tensors(student.flat(), TINY), TINY, tmp_path)
    (tmp_path / "config.json").write_text(json.dumps(export.config(TINY, 1)))
    wanted = quantize.fake_quant(student.flat()["1.down"])
    monkeypatch.undo()
    assert torch.allclose(shipped.read_flat(tmp_path, TINY.layers)["1.down"], wanted, atol=1e-6)


def test_names_and_types_of_the_file(student, tmp_path):
    export.write_shards(export.tensors(student.flat(), TINY), TINY, tmp_path)
    raw = (tmp_path / "model-00001-of-00001.safetensors").read_bytes()
    header = json.loads(raw[8:8 + int.from_bytes(raw[:8], "little")])
    meta = header.pop("__metadata__")
    assert meta["_class_"] == '"models.llamba.Llamba"' and meta["quantization_kwargs.group_size"] == "32"
    d, inner = TINY.d, TINY.inner
    expected = {"embedding.encoder.weight": ("U32", [TINY.vocab, d // 8]), "embedding.encoder.scales": ("BF16", [TINY.vocab, d // 32]),
                "model.layers.0.layer.in_proj.weight": ("U32", [TINY.in_rows, d // 8]),
                "model.layers.0.layer.conv_weight": ("BF16", [3 * inner, 4]), "model.layers.0.layer.D": ("BF16", [TINY.heads]),
                "model.layers.0.norm.weight": ("BF16", [d]), "model.layers.1.norm.weight": ("BF16", [d]),
                "model.layers.1.layer.gate_proj.biases": ("BF16", [TINY.ff, d // 32]),
                "model.layers.3.layer.out_proj.weight": ("U32", [d, TINY.ff // 8]), "model.norm.weight": ("BF16", [d])}
    for name, (kind, shape) in expected.items():
        assert (header[name]["dtype"], header[name]["shape"]) == (kind, shape), name
    assert not any(n.startswith("head") for n in header)
