"""The teacher: a Llama transformer with grouped keys and rotary positions, weights from its GGUF file."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from . import documents
from .device import CUDA, DEVICE, DTYPE, compiled, flex_attention
from .student import rms

SLOWEST, FASTEST = 0.003, 1.0          # start values of the student's decay, per token


def rotate(q, cos, sin):
    q32 = q.float()
    a, b = q32.chunk(2, -1)
    return (q32 * cos + torch.cat([-b, a], -1) * sin).to(q.dtype)


def qkv(x, norm1, wqkv, cos, sin, shape):
    """x [b, l, d] -> normalized input [b, l, d], q [b, heads, l, p], k and v [b, kv_heads, l, p]."""
    h = rms(x, norm1).to(wqkv.dtype)
    b, l, _ = h.shape
    o = torch.matmul(h, wqkv.t()).reshape(b, l, shape.heads + 2 * shape.kv_heads, shape.head)
    q, k, v = o.split([shape.heads, shape.kv_heads, shape.kv_heads], 2)
    cos, sin = cos[:l, None], sin[:l, None]
    return h, rotate(q, cos, sin).transpose(1, 2), rotate(k, cos, sin).transpose(1, 2), v.transpose(1, 2)


def mixing_matrix(q, k, mask, shape):
    """Softmax attention [b, heads, l, l]; mask is dense."""
    k = k.repeat_interleave(shape.heads // shape.kv_heads, 1)
    scores = torch.matmul(q, k.transpose(-1, -2)).float() / math.sqrt(shape.head) + mask.float()
    return torch.softmax(scores, -1).to(q.dtype)


def after_attention(x, u, norm2, gate, up, down):
    x = x + u
    h = rms(x, norm2).to(gate.dtype)
    return x + torch.matmul(F.silu(torch.matmul(h, gate.t())) * torch.matmul(h, up.t()), down.t())


def layer(x, mask, norm1, wqkv, wo, norm2, gate, up, down, cos, sin, shape):
    """-> next residual, normalized input, head outputs [b, l, inner], attention output [b, l, d]."""
    h, q, k, v = qkv(x, norm1, wqkv, cos, sin, shape)
    if CUDA:
        y = flex_attention(q, k, v, block_mask=mask, enable_gqa=True)
    else:
        y = torch.matmul(mixing_matrix(q, k, mask, shape), v.repeat_interleave(shape.heads // shape.kv_heads, 1))
    y = y.transpose(1, 2).reshape(h.shape[0], h.shape[1], shape.inner)
    u = torch.matmul(y, wo.t())
    return after_attention(x, u, norm2, gate, up, down), h, y, u


def random_state(shape, seed=0):
    """Weights for tests and for warming the compiler up, under Hugging Face's names."""
    rng = np.random.default_rng(seed)
    w = lambda *size: (rng.standard_normal(size) / math.sqrt(size[-1])).astype(np.float32)
    out = {"model.embed_tokens.weight": w(shape.vocab, shape.d), "model.norm.weight": np.ones(shape.d, np.float32)}
    kv = shape.kv_heads * shape.head
    sizes = {"self_attn.q_proj": (shape.inner, shape.d), "self_attn.k_proj": (kv, shape.d), "self_attn.v_proj": (kv, shape.d),
             "self_attn.o_proj": (shape.d, shape.inner), "mlp.gate_proj": (shape.ff, shape.d), "mlp.up_proj": (shape.ff, shape.d),
             "mlp.down_proj": (shape.d, shape.ff)}
    for i in range(shape.layers):
        out |= {f"model.layers.{i}.{name}.weight": w(*size) for name, size in sizes.items()}
        out |= {f"model.layers.{i}.{n}.weight": np.ones(shape.d, np.float32)
                for n in ("input_layernorm", "post_attention_layernorm")}
    return out


class Teacher:
    """state: float32 arrays under Hugging Face's Llama names."""

    def __init__(self, shape, state):
        self.shape, self.state = shape, state
        self.master = {"embedding": self._get("model.embed_tokens.weight"), "norm": self._get("model.norm.weight")}
        self.embedding, self.norm = self.master["embedding"].to(DTYPE), self.master["norm"]
        self.layers = []
        for i in range(shape.layers):
            w = self.layer_weights(i)
            wide = [w[k].to(DTYPE) for k in ("o", "gate", "up", "down")]
            self.layers.append((w["norm1"], torch.cat([w["q"], w["k"], w["v"]]).to(DTYPE), wide[0], w["norm2"], *wide[1:]))
        frequency = 1.0 / shape.rope_theta ** (torch.arange(0, shape.head, 2, device=DEVICE).float() / shape.head)
        angle = torch.arange(shape.row + 8, device=DEVICE).float()[:, None] * frequency
        self.cos, self.sin = torch.cat([angle.cos()] * 2, -1), torch.cat([angle.sin()] * 2, -1)
        self.layer = compiled(layer)

    def _get(self, name):
        return torch.from_numpy(np.ascontiguousarray(self.state[name])).float().to(DEVICE)

    def layer_weights(self, i):
        names = {"norm1": "input_layernorm", "norm2": "post_attention_layernorm", "gate": "mlp.gate_proj", "up": "mlp.up_proj",
                 "down": "mlp.down_proj", **{k: f"self_attn.{k}_proj" for k in "qkvo"}}
        return {k: self._get(f"model.layers.{i}.{n}.weight") for k, n in names.items()}

    def through(self, tokens, mask):
        """Yields (normalized input, head outputs, attention output) of each layer; returns the last hidden state."""
        x = F.embedding(tokens, self.embedding).float()
        for weights in self.layers:
            with torch.no_grad():
                x, h, y, u = self.layer(x, mask, *weights, self.cos, self.sin, self.shape)
            yield h, y, u
        with torch.no_grad():
            self.last = rms(x, self.norm).to(DTYPE)

    def hidden(self, tokens, mask):
        """-> last normalized hidden state [b, l, d]."""
        for _ in self.through(tokens, mask):
            pass
        return self.last

    @torch.no_grad()
    def decay_readout(self, tokens):
        """Rows of in_proj [heads, d] per layer that give each head a constant decay.

        in_proj has no bias, so the constant is a ridge read-out from the normalized input (2 to 5 % error).
        """
        shape, rows = self.shape, []
        rates = torch.exp(torch.linspace(math.log(SLOWEST), math.log(FASTEST), shape.heads, device=DEVICE))
        wanted = torch.log(torch.expm1(rates))                    # softplus of it is the rate
        document, _, _ = documents.split(tokens, shape, torch.zeros(len(tokens), dtype=torch.bool, device=DEVICE))
        for h, _, _ in self.through(tokens, documents.attention_mask(document)):
            h = h.reshape(-1, shape.d).double()
            second, mean = h.t() @ h / h.shape[0], h.mean(0)
            ridge = 1e-3 * second.diagonal().mean() * torch.eye(shape.d, device=DEVICE, dtype=torch.double)
            w = torch.linalg.solve(second + ridge, mean)
            w = w / (h @ w).mean()
            rows.append(wanted[:, None] * w.float()[None])
        return rows
