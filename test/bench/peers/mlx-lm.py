"""mlx-lm under measure: a Llama and a Mamba-2 of random 4-bit weights (groups of 64), as mlx-lm itself builds them; and a
Llamba's prompt in cartesia-mlx's form (llamba_quadratic.py).

usage: python test/bench/peers/mlx-lm.py [135m|1b] [--contexts 0] [--prefill 128] [--runs 3] [--json FILE]
       (python -m venv V; V/bin/pip install "mlx[cpu]==0.32.4" mlx-lm==0.32.2; on a GPU mlx[cuda13], on a Mac mlx)
On a CPU weights are float32, which is what MLX is fast in there; else bfloat16. Rates are tokens a second.
"""

import argparse
import datetime
import json
import statistics
import time

import mlx.core as mx
import mlx.nn as nn
import mlx_lm
from llamba_quadratic import Llamba
from mlx_lm.models import llama, mamba2
from mlx_lm.models.cache import make_prompt_cache

CHUNK = 512  # of a prompt, as mlx-lm's own default is 2,048 on a GPU
TOKENS = 32  # of one measurement of decoding

SHAPES = {
    "135m": dict(width=576, blocks=30, heads=9, kv_heads=3, mlp=1536, vocabulary=49152),
    "1b": dict(width=2048, blocks=16, heads=32, kv_heads=8, mlp=8192, vocabulary=128256),
}


def llama_of(width, blocks, heads, kv_heads, mlp, vocabulary):
    return llama.Model(
        llama.ModelArgs(
            model_type="llama", hidden_size=width, num_hidden_layers=blocks, intermediate_size=mlp,
            num_attention_heads=heads, num_key_value_heads=kv_heads, head_dim=width // heads,
            rms_norm_eps=1e-5, vocab_size=vocabulary, rope_theta=100000.0, tie_word_embeddings=True,
        )
    )


def mamba2_of(width, blocks, heads, kv_heads, mlp, vocabulary):
    """A Mamba-2 has no MLPs: blocks are added until the parameters are about those of the Llama."""
    llama_block = width * (2 * width + 2 * width * kv_heads // heads) + 3 * width * mlp
    inner = 2 * width
    block = width * (2 * inner + 2 * 128 + inner // 64) + inner * width
    return mamba2.Model(
        mamba2.ModelArgs(
            model_type="mamba2", num_heads=inner // 64, head_dim=64, vocab_size=vocabulary, hidden_size=width,
            intermediate_size=inner, state_size=128, num_hidden_layers=round(blocks * llama_block / block),
            layer_norm_epsilon=1e-5, conv_kernel=4, n_groups=1, use_bias=False, use_conv_bias=True,
            tie_word_embeddings=True, time_step_limit=(0.0, float("inf")), time_step_rank="auto",
        )
    )


def read(model, cache, length):
    for at in range(0, length, CHUNK):
        ids = mx.array([[(7919 * i) % 1000 for i in range(at, min(length, at + CHUNK))]])
        mx.eval(model(ids, cache=cache)[:, -1])


def write(model, cache):
    """Greedy; the next step is queued before a token is read. Tokens a second."""
    token = mx.array([[5]])
    for step in range(-3, TOKENS):
        if step == 0:
            began = time.perf_counter()
        following = mx.argmax(model(token, cache=cache)[:, -1], axis=-1, keepdims=True)
        mx.async_eval(following)
        token.item()
        token = following
    mx.eval(token)
    return TOKENS / (time.perf_counter() - began)


def spread(values):
    return dict(median=statistics.median(values), least=min(values), most=max(values), runs=len(values))


def measure(model, contexts, prefill, runs):
    found = dict(weight_bytes=mx.get_active_memory(), decode=[], prefill=None)
    cache, length = make_prompt_cache(model), 0
    for context in contexts:
        read(model, cache, context - length)
        length = context + runs * (TOKENS + 3)
        rates = [write(model, cache) for _ in range(runs)]
        found["decode"].append(dict(context=context, **spread(rates), active_bytes=mx.get_active_memory()))
    del cache
    found["prefill"] = measure_prefill(lambda: read(model, make_prompt_cache(model), prefill), prefill, runs)
    return found


def measure_prefill(read_whole, length, runs):
    mx.reset_peak_memory()
    rates = []
    for _ in range(runs):
        began = time.perf_counter()
        read_whole()
        rates.append(length / (time.perf_counter() - began))
    return dict(length=length, **spread(rates), peak_bytes=mx.get_peak_memory())


def quadratic(model, contexts, prefill, runs):
    """Only its reading: it writes as any other form does."""
    ids = mx.array([[(7919 * i) % 1000 for i in range(prefill)]])
    weight_bytes = mx.get_active_memory()
    read_whole = lambda: mx.eval(model(ids))
    return dict(weight_bytes=weight_bytes, decode=[], prefill=measure_prefill(read_whole, prefill, runs))


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("shape", nargs="?", default="135m", choices=SHAPES)
    parser.add_argument("--contexts", default="0")
    parser.add_argument("--prefill", type=int, default=128)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--json")
    given = parser.parse_args()
    contexts = sorted(int(context) for context in given.contexts.split(","))
    result = dict(
        date=datetime.date.today().isoformat(), device=str(mx.default_device()), mlx=mx.__version__,
        mlx_lm=mlx_lm.__version__, shape=given.shape, models={},
    )
    for name, build, how in (
        ("llama", llama_of, measure), ("mamba2", mamba2_of, measure), ("quadratic", Llamba, quadratic),
    ):
        model = build(**SHAPES[given.shape])
        model.set_dtype(mx.float32 if mx.default_device() == mx.Device(mx.cpu) else mx.bfloat16)
        nn.quantize(model, group_size=64, bits=4)
        mx.eval(model.parameters())
        result["models"][name] = how(model, contexts, given.prefill, given.runs)
        print(name, json.dumps(result["models"][name]), flush=True)
        del model
        mx.clear_cache()
    if given.json:
        with open(given.json, "w") as file:
            json.dump(result, file, indent=2)
            file.write("\n")


main()
