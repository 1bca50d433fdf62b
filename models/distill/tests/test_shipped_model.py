"""The model in models/embedded is whole: every tensor of the shape, in shards that fit the repository."""
import json
import math
from pathlib import Path

from llamba_distill.export import GENERATION, file_name, is_matrix
from llamba_distill.shape import Shape
from llamba_distill.student import BLOCK

FOLDER = Path(__file__).parents[2] / "embedded" / "llamba-135m"
SHARD_LIMIT = 50_000_000


def headers():
    out = {}
    for file in set(json.loads((FOLDER / "model.safetensors.index.json").read_text())["weight_map"].values()):
        path = FOLDER / file
        assert path.stat().st_size < SHARD_LIMIT
        with open(path, "rb") as f:
            header = json.loads(f.read(int.from_bytes(f.read(8), "little")))
        header.pop("__metadata__")
        out |= {name: (h, file) for name, h in header.items()}
    return out


def test_every_tensor_is_there_and_where_the_index_says():
    found, index = headers(), json.loads((FOLDER / "model.safetensors.index.json").read_text())["weight_map"]
    keys = [f"{i}.{k}" for i in range(Shape().layers) for k in BLOCK] + ["embedding", "norm"]
    wanted = {n for k in keys for n in ([f"{file_name(k)}.{p}" for p in ("weight", "scales", "biases")] if is_matrix(k) else [file_name(k)])}
    assert set(found) == wanted == set(index)
    assert all(index[name] == file for name, (_, file) in found.items())
    parameters = sum(math.prod(h["shape"]) * ((4 if name.startswith("embedding") else 8) if h["dtype"] == "U32" else 1) for name, (h, _) in found.items()
                     if not name.endswith((".scales", ".biases")))
    assert parameters == 158_171_598


def test_the_configuration_is_of_that_shape():
    config = json.loads((FOLDER / "config.json").read_text())
    assert (config["n_layer"], config["d_model"], config["vocab_size"]) == (30, 576, 49152)
    assert config["safe_length"] == 32768
    assert json.loads((FOLDER / "generation_config.json").read_text()) == GENERATION, "an export ships these settings"
