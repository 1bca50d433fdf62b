"""Triton kernels for one GPU: the chunked recurrence with its gradients, and the teacher's decode attention.

Recurrence: one program per (batch, head) walks the chunks in order with the N x P state in registers. It reads x, B
and C straight from the convolution's output [b, l, 3 h 64], so nothing is permuted. The gradient of the log decay uses
d cum_i = C_i . dC_i - B_i . dB_i, plus <state, d state> at the end of each chunk.
"""
import torch
import triton
import triton.language as tl


@triton.jit
def _forward(xbc, a, init, y, starts, last, L, H, NC, Q: tl.constexpr, P: tl.constexpr):
    pid = tl.program_id(0)
    b, h = pid // H, pid % H
    iq, ip = tl.arange(0, Q), tl.arange(0, P)
    di = H * P
    square = ip[:, None] * P + ip[None, :]
    R = tl.load(init + pid.to(tl.int64) * P * P + square)
    low = iq[:, None] >= iq[None, :]
    for c in range(NC):
        row = b.to(tl.int64) * L + c * Q + iq
        base = row[:, None] * (3 * di) + h * P + ip[None, :]
        x = tl.load(xbc + base)
        B = tl.load(xbc + base + di)
        C = tl.load(xbc + base + 2 * di)
        cum = tl.cumsum(tl.load(a + row * H + h), 0)
        end = tl.sum(tl.where(iq == Q - 1, cum, 0.0), 0)
        tl.store(starts + (pid.to(tl.int64) * NC + c) * P * P + square, R.to(xbc.dtype.element_ty))
        D = tl.where(low, tl.exp(tl.where(low, cum[:, None] - cum[None, :], 0.0)), 0.0)
        G = (tl.dot(C, tl.trans(B)) * D).to(x.dtype)
        o = tl.dot(G, x) + tl.dot(C, R.to(x.dtype)) * tl.exp(cum)[:, None]
        tl.store(y + row[:, None] * di + h * P + ip[None, :], o.to(y.dtype.element_ty))
        Bw = (B.to(tl.float32) * tl.exp(end - cum)[:, None]).to(x.dtype)
        R = R * tl.exp(end) + tl.dot(tl.trans(Bw), x)
    tl.store(last + pid.to(tl.int64) * P * P + square, R)


@triton.jit
def _backward(xbc, a, starts, dy, dxbc, da, L, H, NC, Q: tl.constexpr, P: tl.constexpr):
    pid = tl.program_id(0)
    b, h = pid // H, pid % H
    iq, ip = tl.arange(0, Q), tl.arange(0, P)
    di = H * P
    dR = tl.zeros((P, P), dtype=tl.float32)
    low = iq[:, None] >= iq[None, :]
    for k in range(NC):
        c = NC - 1 - k
        row = b.to(tl.int64) * L + c * Q + iq
        base = row[:, None] * (3 * di) + h * P + ip[None, :]
        x = tl.load(xbc + base)
        B = tl.load(xbc + base + di)
        C = tl.load(xbc + base + 2 * di)
        g = tl.load(dy + row[:, None] * di + h * P + ip[None, :]).to(x.dtype)
        R = tl.load(starts + (pid.to(tl.int64) * NC + c) * P * P + ip[:, None] * P + ip[None, :])
        cum = tl.cumsum(tl.load(a + row * H + h), 0)
        end = tl.sum(tl.where(iq == Q - 1, cum, 0.0), 0)
        D = tl.where(low, tl.exp(tl.where(low, cum[:, None] - cum[None, :], 0.0)), 0.0)
        w = tl.exp(end - cum)
        e = tl.exp(cum)
        dRb = dR.to(x.dtype)
        Bw = (B.to(tl.float32) * w[:, None]).to(x.dtype)
        after = R.to(tl.float32) * tl.exp(end) + tl.dot(tl.trans(Bw), x)
        tail = tl.sum(tl.sum(after * dR, 1), 0)
        G = (tl.dot(C, tl.trans(B)) * D).to(x.dtype)
        dx = tl.dot(tl.trans(G), g) + tl.dot(Bw, dRb)
        tl.store(dxbc + base, dx.to(dxbc.dtype.element_ty))
        dM = (tl.dot(g, tl.trans(x)) * D).to(x.dtype)
        dC = tl.dot(dM, B) + tl.dot(g, tl.trans(R)) * e[:, None]
        dB = tl.dot(tl.trans(dM), C) + tl.dot(x, tl.trans(dRb)) * w[:, None]
        tl.store(dxbc + base + 2 * di, dC.to(dxbc.dtype.element_ty))
        tl.store(dxbc + base + di, dB.to(dxbc.dtype.element_ty))
        dcum = tl.sum(C.to(tl.float32) * dC - B.to(tl.float32) * dB, 1)
        tl.store(da + row * H + h, tl.sum(dcum, 0) - tl.cumsum(dcum, 0) + dcum + tail)
        Ce = (C.to(tl.float32) * e[:, None]).to(x.dtype)
        dR = dR * tl.exp(end) + tl.dot(tl.trans(Ce), g)


@torch.library.custom_op("llamba::ssd", mutates_args=())
def ssd(xbc: torch.Tensor, a: torch.Tensor, init: torch.Tensor,
        chunk: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """xbc [b, l, 3 h 64] bf16, a [b, l, h] float32, init [b, h, 64, 64] float32 (no gradient).

    -> y [b, l, h 64], the state before each chunk (for backward), the last state float32.
    """
    b, l, w = xbc.shape
    h, n = a.shape[2], l // chunk
    y = torch.empty(b, l, w // 3, device=xbc.device, dtype=xbc.dtype)
    starts = torch.empty(b * h, n, 64, 64, device=xbc.device, dtype=xbc.dtype)
    last = torch.empty(b, h, 64, 64, device=xbc.device, dtype=torch.float32)
    _forward[(b * h,)](xbc, a, init, y, starts, last, l, h, n, Q=chunk, P=64, num_warps=4, num_stages=1)
    return y, starts, last


@ssd.register_fake
def _(xbc, a, init, chunk):
    b, l, w = xbc.shape
    h = a.shape[2]
    return (xbc.new_empty(b, l, w // 3), xbc.new_empty(b * h, l // chunk, 64, 64),
            a.new_empty(b, h, 64, 64))


@torch.library.custom_op("llamba::ssd_backward", mutates_args=())
def ssd_backward(xbc: torch.Tensor, a: torch.Tensor, starts: torch.Tensor, dy: torch.Tensor,
                 chunk: int) -> tuple[torch.Tensor, torch.Tensor]:
    b, l, _ = xbc.shape
    h = a.shape[2]
    dxbc, da = torch.empty_like(xbc), torch.empty_like(a)
    _backward[(b * h,)](xbc, a, starts, dy, dxbc, da, l, h, l // chunk, Q=chunk, P=64, num_warps=8, num_stages=1)
    return dxbc, da


@ssd_backward.register_fake
def _(xbc, a, starts, dy, chunk):
    return torch.empty_like(xbc), torch.empty_like(a)


def _setup(ctx, inputs, output):
    xbc, a, _, ctx.chunk = inputs
    ctx.save_for_backward(xbc, a, output[1])


def _gradient(ctx, dy, _starts, _last):
    xbc, a, starts = ctx.saved_tensors
    return *ssd_backward(xbc, a, starts, dy.contiguous(), ctx.chunk), None, None


ssd.register_autograd(_gradient, setup_context=_setup)


@triton.jit
def _decode(q, K, V, o, start, pos, T, KV: tl.constexpr, GRP: tl.constexpr, P: tl.constexpr, BK: tl.constexpr,
            M: tl.constexpr):
    pid = tl.program_id(0)
    b = pid // KV
    s0 = tl.load(start + b)
    p1 = tl.load(pos)
    im, ip, ik = tl.arange(0, M), tl.arange(0, P), tl.arange(0, BK)
    qv = tl.load(q + pid * GRP * P + im[:, None] * P + ip[None, :], mask=(im < GRP)[:, None], other=0.0)
    m = tl.full((M,), -1e30, dtype=tl.float32)
    d = tl.zeros((M,), dtype=tl.float32)
    acc = tl.zeros((M, P), dtype=tl.float32)
    off = pid.to(tl.int64) * T * P
    for j in range(s0 // BK, p1 // BK + 1):
        key = j * BK + ik
        ok = (key >= s0) & (key <= p1)
        k = tl.load(K + off + key[:, None] * P + ip[None, :], mask=ok[:, None], other=0.0)
        v = tl.load(V + off + key[:, None] * P + ip[None, :], mask=ok[:, None], other=0.0)
        s = tl.where(ok[None, :], tl.dot(qv, tl.trans(k)) * 0.125, -1e30)
        new = tl.maximum(m, tl.max(s, 1))
        r = tl.exp(m - new)
        pr = tl.where(ok[None, :], tl.exp(s - new[:, None]), 0.0)
        d = d * r + tl.sum(pr, 1)
        acc = acc * r[:, None] + tl.dot(pr.to(v.dtype), v)
        m = new
    acc = acc / d[:, None]
    tl.store(o + pid * GRP * P + im[:, None] * P + ip[None, :], acc.to(o.dtype.element_ty), mask=(im < GRP)[:, None])


def decode(q, K, V, start, pos):
    """q [B, KV, group, 64]; K, V [B, KV, T, 64]; attends keys start[row]..pos only -> [B, KV, group, 64]."""
    B, KV, G, P = q.shape
    q, o = q.contiguous(), torch.empty_like(q)
    _decode[(B * KV,)](q, K, V, o, start, pos, K.shape[2], KV=KV, GRP=G, P=P, BK=64, M=16, num_warps=4, num_stages=2)
    return o
