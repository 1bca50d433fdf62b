"""The fused kernels against the plain recurrence and plain attention, on random data. Needs the GPU.

usage: python -m llamba_distill.check_kernels ROWS     (exit code 1 if a relative error is above 2 %)
"""
import sys
import time

import torch
import torch.nn.functional as F

from .device import kernels, log
from .shape import Shape
from .ssd import chunked

LIMIT = 0.02


def distance(a, b):
    a, b = a.detach().float(), b.detach().float()
    return float((a - b).norm() / b.norm())


def recurrence(rows, shape):
    """-> relative errors of y, last state, d xbc, d a; milliseconds of one forward and backward pass."""
    b, l, h, p = rows, shape.row, shape.heads, shape.head
    xbc = (torch.randn(b, l, 3 * shape.inner, device="cuda") * 0.5).bfloat16().requires_grad_(True)
    reset = torch.where(torch.rand(b, l, 1, device="cuda") < 0.003, -40.0, 0.0)
    a = (-torch.rand(b, l, h, device="cuda") * 0.2 + reset).requires_grad_(True)
    init, g = torch.randn(b, h, p, p, device="cuda"), torch.randn(b, l, shape.inner, device="cuda").bfloat16()
    fused = lambda: torch.ops.llamba.ssd(xbc, a, init, shape.chunk)
    x, B, C = (xbc.float()[..., k * shape.inner:(k + 1) * shape.inner].reshape(b, l, h, p) for k in range(3))
    plain, last = chunked(x, B, C, a, init, shape.chunk)
    y, _, state = fused()
    errors = [distance(y, plain.reshape(b, l, -1)), distance(state, last)]
    theirs = torch.autograd.grad(plain.reshape(b, l, -1), (xbc, a), g.float())
    errors += [distance(p_, q) for p_, q in zip(torch.autograd.grad(y, (xbc, a), g), theirs)]
    for i in range(6):
        if i == 1:
            torch.cuda.synchronize()
            began = time.time()
        torch.autograd.grad(fused()[0], (xbc, a), g)
    torch.cuda.synchronize()
    return errors, (time.time() - began) / 5 * 1e3


def decode_attention(shape, rows=64):
    l, kv = shape.row, shape.kv_heads
    q, K, V = (torch.randn(rows, kv, n, shape.head, device="cuda").bfloat16() for n in (shape.heads // kv, l, l))
    start, position = torch.randint(0, l // 2, (rows,), device="cuda"), torch.tensor([l - 77], device="cuda")
    i = torch.arange(l, device="cuda")
    hidden = ~((i <= position) & (i >= start[:, None]))[:, None, None]
    mask = torch.zeros(rows, 1, 1, l, device="cuda").masked_fill(hidden, float("-inf"))
    plain = F.scaled_dot_product_attention(q.float(), K.float(), V.float(), attn_mask=mask)
    return distance(kernels.decode(q, K, V, start, position), plain)


if __name__ == "__main__":
    found, ms = recurrence(int(sys.argv[1]), Shape())
    found.append(decode_attention(Shape()))
    log("kernels: relative errors of y, state, d xbc, d a, attention", [f"{e:.1e}" for e in found], f"{ms:.2f} ms a layer")
    sys.exit(any(not e < LIMIT for e in found))
