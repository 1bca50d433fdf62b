"""The student's recurrence, chunk by chunk and token by token.

    S_t = exp(a_t) S_{t-1} + B_t x_t^T        y_t = S_t^T C_t        (state space duality, arXiv 2405.21060)

S is kept as [batch, heads, N, P] (B index first). The app's engine keeps its transpose.
"""
import torch


def chunked(x, B, C, a, state, chunk):
    """x, B, C [b, l, h, p]; a [b, l, h] log decay <= 0 (float32); state [b, h, p, p] float32, no gradient.

    -> y [b, l, h, p], last state [b, h, p, p] float32.
    """
    b, l, h, p = x.shape
    n = l // chunk
    x, B, C = (t.reshape(b, n, chunk, h, p).permute(0, 3, 1, 2, 4) for t in (x, B, C))   # b h n q p
    cum = a.float().reshape(b, n, chunk, h).permute(0, 3, 1, 2).cumsum(-1)               # b h n q
    i = torch.arange(chunk, device=x.device)
    after = i[:, None] < i[None, :]
    decay = torch.exp((cum[..., :, None] - cum[..., None, :]).masked_fill(after, float("-inf")))
    y = torch.matmul((torch.matmul(C, B.transpose(-1, -2)) * decay).to(x.dtype), x)
    tail = torch.exp(cum[..., -1:] - cum).to(x.dtype)
    own = torch.matmul((B * tail[..., None]).transpose(-1, -2), x)                       # b h n p p
    through = cum[..., -1].cumsum(-1)                 # log decay from the row's start through each chunk
    before = through - cum[..., -1]
    j = torch.arange(n, device=x.device)
    pair = (before[..., :, None] - through[..., None, :]).masked_fill(j[:, None] <= j[None, :], float("-inf"))
    start = torch.matmul(torch.exp(pair).to(x.dtype), own.reshape(b, h, n, p * p)).reshape(b, h, n, p, p)
    start = start + (state[:, :, None] * torch.exp(before)[..., None, None]).to(x.dtype)
    y = y + torch.matmul(C, start) * torch.exp(cum)[..., None].to(x.dtype)
    last = start[:, :, -1] * torch.exp(cum[:, :, -1, -1])[..., None, None] + own[:, :, -1]
    return y.permute(0, 2, 3, 1, 4).reshape(b, l, h, p), last.detach().float()


def step(x, B, C, a, state):
    """One token: x, B, C [b, h, p], a [b, h], state [b, h, p, p] -> y [b, h, p], new state."""
    state = state * torch.exp(a)[..., None, None] + B[..., :, None] * x[..., None, :]
    return (state * C[..., :, None]).sum(-2), state
