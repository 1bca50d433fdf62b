"""The Llamba student (llamba-model.md 2 and 3): blocks, start values, whole forward pass.

mixer: in_proj -> x | B | C | z | A_log; causal depthwise convolution with bias and no activation over x, B, C;
S_t = exp(-softplus(A_log)) S_{t-1} + B x^T; y = S^T C + D x; out_proj(y * silu(z + z_bias)). Then a SwiGLU MLP.
"""
import math

import torch
import torch.nn.functional as F

from .device import CUDA, DEVICE, DTYPE, compiled
from .quantize import fake_quant
from .ssd import chunked

MIXER = ("in_proj", "conv_weight", "conv_bias", "z_bias", "D", "out_proj")
BLOCK = ("norm1", *MIXER, "norm2", "gate", "up", "down")
MATRICES = ("in_proj", "out_proj", "gate", "up", "down")
OPEN_GATE = 1.27846              # silu(1.27846) = 1


def rms(x, weight, eps=1e-5):
    x = x.float()
    return x * torch.rsqrt(x.pow(2).mean(-1, keepdim=True) + eps) * weight


def cast(weight, quantized):
    return (fake_quant(weight) if quantized else weight).to(DTYPE)


def project(h, conv_state, keep, in_proj, conv_weight, conv_bias, shape, quantized):
    """h [b, l, d], conv_state [b, taps-1, 3 inner] (inputs just before the row).

    -> x|B|C after the convolution [b, l, 3 inner], z [b, l, inner], A_log [b, l, heads], next conv_state.
    """
    inner, taps, length = shape.inner, shape.taps, h.shape[1]
    padded = F.pad(cast(in_proj, quantized), (0, 0, 0, -in_proj.shape[0] % 16))     # odd sizes are slow to multiply
    o = torch.matmul(h, padded.t())
    v = torch.cat([conv_state.to(o.dtype), o[..., :3 * inner]], 1)
    out = v[:, taps - 1:] * conv_weight[:, taps - 1] + conv_bias
    for k in range(1, taps):
        out = out + v[:, taps - 1 - k:taps - 1 - k + length] * keep[..., k - 1:k] * conv_weight[:, taps - 1 - k]
    return out.to(h.dtype), o[..., 3 * inner:4 * inner], o[..., 4 * inner:4 * inner + shape.heads], v[:, length:].detach().contiguous()


def mixer(h, conv_state, state, keep, reset, in_proj, conv_weight, conv_bias, z_bias, D, out_proj, shape, quantized):
    """-> gated head outputs [b, l, inner], mixer output [b, l, d], next conv_state, next state."""
    b, l, _ = h.shape
    inner, heads, head = shape.inner, shape.heads, shape.head
    xbc, z, a_log, conv_state = project(h, conv_state, keep, in_proj, conv_weight, conv_bias, shape, quantized)
    a = -F.softplus(a_log.float()) + reset[..., None]
    x, B, C = (xbc[..., k * inner:(k + 1) * inner].reshape(b, l, heads, head) for k in range(3))
    if CUDA:
        y, _, state = torch.ops.llamba.ssd(xbc.contiguous(), a.contiguous(), state, shape.chunk)
        y = y.reshape(b, l, heads, head)
    else:
        y, state = chunked(x, B, C, a, state, shape.chunk)
    y = (y + x * D[:, None]).reshape(b, l, inner)
    gated = (y * F.silu(z + z_bias)).to(h.dtype)
    return gated, torch.matmul(gated, cast(out_proj, quantized).t()), conv_state, state.detach()


def block(x, conv_state, state, keep, reset, norm1, in_proj, conv_weight, conv_bias, z_bias, D, out_proj,
          norm2, gate, up, down, shape, quantized):
    """x [b, l, d] float32 residual stream -> the same after one block, next conv_state, next state."""
    h = rms(x, norm1).to(DTYPE)
    _, u, conv_state, state = mixer(h, conv_state, state, keep, reset, in_proj, conv_weight, conv_bias, z_bias, D,
                                    out_proj, shape, quantized)
    x = x + u
    h = rms(x, norm2).to(DTYPE)
    m = F.silu(torch.matmul(h, cast(gate, quantized).t())) * torch.matmul(h, cast(up, quantized).t())
    return x + torch.matmul(m, cast(down, quantized).t()), conv_state, state


def empty_state(b, shape):
    """-> conv_state and state of one layer before the first token."""
    return (torch.zeros(b, shape.taps - 1, 3 * shape.inner, device=DEVICE, dtype=DTYPE),
            torch.zeros(b, shape.heads, shape.head, shape.head, device=DEVICE))


class Student:
    """Float32 master weights. `blocks` is a list of dicts with the keys of BLOCK."""

    def __init__(self, shape, blocks, embedding, norm):
        self.shape = shape
        self.blocks = [{k: self._leaf(w[k]) for k in BLOCK} for w in blocks]
        self.embedding, self.norm = self._leaf(embedding), self._leaf(norm)
        self.block = compiled(block)

    @staticmethod
    def _leaf(w):
        return w.detach().float().to(DEVICE).contiguous().requires_grad_(True)

    def parameters(self):
        return [w for b in self.blocks for w in b.values()] + [self.embedding, self.norm]

    def hidden(self, tokens, carry, keep, reset, embedding, quantized):
        """-> last normalized hidden state [b, l, d] and the carry (list of conv_state, state) after the row."""
        x, after = F.embedding(tokens, embedding).float(), []
        for weights, (conv_state, state) in zip(self.blocks, carry):
            x, conv_state, state = self.block(x, conv_state, state, keep, reset, *(weights[k] for k in BLOCK),
                                              self.shape, quantized)
            after.append((conv_state, state))
        return rms(x, self.norm).to(DTYPE), after

    def flat(self):
        out = {f"{i}.{k}": w[k].detach() for i, w in enumerate(self.blocks) for k in BLOCK}
        return out | {"embedding": self.embedding.detach(), "norm": self.norm.detach()}

    @classmethod
    def from_flat(cls, shape, flat):
        blocks = [{k: flat[f"{i}.{k}"] for k in BLOCK} for i in range(shape.layers)]
        return cls(shape, blocks, flat["embedding"], flat["norm"])


def from_teacher(teacher, decay_rows):
    """Start values: MLPs, norms, embedding and head are the teacher's; v -> x, k -> B, q -> C, o_proj -> out_proj.

    decay_rows: per layer [heads, d], see Teacher.decay_readout. The convolution starts as the current token, the gate
    open. B and C start at 0.3 times the attention's logits scale, which keeps early products small.
    """
    shape, group, blocks = teacher.shape, teacher.shape.heads // teacher.shape.kv_heads, []
    noise = torch.Generator().manual_seed(3)
    inner, d = shape.inner, shape.d
    repeat = lambda w: w.reshape(shape.kv_heads, shape.head, d).repeat_interleave(group, 0).reshape(inner, d)
    for i, decay in enumerate(decay_rows):
        w = teacher.layer_weights(i)
        z = torch.randn(inner, d, generator=noise).to(DEVICE) * 0.002
        conv = torch.randn(3 * inner, shape.taps, generator=noise).to(DEVICE) * 0.02
        conv[:, -1] = 1.0
        blocks.append({
            "norm1": w["norm1"], "conv_weight": conv, "conv_bias": torch.zeros(3 * inner), "D": torch.zeros(shape.heads),
            "in_proj": torch.cat([repeat(w["v"]), repeat(w["k"]) * 0.3, w["q"] * (0.3 / math.sqrt(shape.head)), z, decay]),
            "z_bias": torch.full((inner,), OPEN_GATE), "out_proj": w["o"], "norm2": w["norm2"],
            "gate": w["gate"], "up": w["up"], "down": w["down"]})
    return Student(shape, blocks, teacher.master["embedding"], teacher.master["norm"])
