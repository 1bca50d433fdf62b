"""A Llamba whose prompt is read as cartesia-mlx 0.0.2 reads it: the whole at once, a length-by-length matrix for every head.

Written from that form's description, not from its code: for each head y = (decay * C B^T) x + D x, where decay[t, s] is the
product of the decays after s up to t. Weights are random, as only time and memory are measured. x is not divided by the step
and multiplied by it again, as the original does.
usage: python test/bench/peers/llamba_quadratic.py   (compares the form with the recurrence, one token at a time)
"""

import mlx.core as mx
import mlx.nn as nn

STATE = 64  # columns of B and C each head has
TAPS = 4  # of the convolution


def mixed(x, b, c, log_decay):
    """x [H, L, P], b and c [H, L, N], log_decay [H, L] -> y [H, L, P], without the D term."""
    length = x.shape[1]
    sums = mx.cumsum(log_decay, axis=-1)
    after = sums[:, :, None] - sums[:, None, :]
    past = mx.tri(length, length).astype(mx.bool_)
    decay = mx.exp(mx.where(past, after, -mx.inf))
    return (decay * (c @ b.swapaxes(1, 2))) @ x


class Mixer(nn.Module):
    def __init__(self, width, heads):
        super().__init__()
        self.width, self.heads, self.convolved = width, heads, width + 2 * heads * STATE
        self.in_proj = nn.Linear(width, self.convolved + width + heads, bias=False)
        self.taps, self.conv_bias = mx.random.normal((TAPS, self.convolved)) / TAPS, mx.zeros(self.convolved)
        self.z_bias, self.D = mx.ones(width), mx.ones(heads)
        self.out_proj = nn.Linear(width, width, bias=False)

    def __call__(self, u):
        length, inner, columns = u.shape[1], self.width, self.heads * STATE
        v, z, a = mx.split(self.in_proj(u), [self.convolved, self.convolved + inner], axis=-1)
        v = mx.pad(v, [(0, 0), (TAPS - 1, 0), (0, 0)])
        v = sum(self.taps[k] * v[:, k : k + length] for k in range(TAPS)) + self.conv_bias
        x, b, c = (
            part.reshape(length, self.heads, -1).swapaxes(0, 1)
            for part in mx.split(v, [inner, inner + columns], axis=-1)
        )
        y = mixed(x, b, c, -mx.logaddexp(a[0].T, mx.array(0.0))) + self.D[:, None, None] * x
        return self.out_proj(y.swapaxes(0, 1).reshape(1, length, inner) * nn.silu(z + self.z_bias))


class Mlp(nn.Module):
    def __init__(self, width, mlp):
        super().__init__()
        self.gate_proj = nn.Linear(width, mlp, bias=False)
        self.up_proj = nn.Linear(width, mlp, bias=False)
        self.down_proj = nn.Linear(mlp, width, bias=False)

    def __call__(self, v):
        return self.down_proj(nn.silu(self.gate_proj(v)) * self.up_proj(v))


class Block(nn.Module):
    def __init__(self, width, heads, mlp):
        super().__init__()
        self.mixer, self.mlp = Mixer(width, heads), Mlp(width, mlp)
        self.norm1, self.norm2 = nn.RMSNorm(width), nn.RMSNorm(width)

    def __call__(self, h):
        h = h + self.mixer(self.norm1(h))
        return h + self.mlp(self.norm2(h))


class Llamba(nn.Module):
    """Reads a whole prompt, [1, L] -> the last token's logits; it has no state to go on from."""

    def __init__(self, width, blocks, heads, kv_heads, mlp, vocabulary):
        super().__init__()
        self.embedding = nn.Embedding(vocabulary, width)
        self.blocks = [Block(width, heads, mlp) for _ in range(blocks)]
        self.norm = nn.RMSNorm(width)

    def __call__(self, ids):
        h = self.embedding(ids)
        for block in self.blocks:
            h = block(h)
        return self.embedding.as_linear(self.norm(h[:, -1]))


def check():
    heads, length, p, n = 2, 37, 8, 16
    x, b, c = (mx.random.normal((heads, length, size)) for size in (p, n, n))
    log_decay = -mx.logaddexp(mx.random.normal((heads, length)), mx.array(0.0))
    state, rows = mx.zeros((heads, p, n)), []
    for t in range(length):
        state = mx.exp(log_decay[:, t])[:, None, None] * state + x[:, t, :, None] * b[:, t, None, :]
        rows.append((state * c[:, t, None, :]).sum(-1))
    difference = mx.abs(mixed(x, b, c, log_decay) - mx.stack(rows, axis=1)).max().item()
    assert difference < 1e-3, difference
    print(f"the form and the recurrence differ by at most {difference:.1e}")


if __name__ == "__main__":
    check()
