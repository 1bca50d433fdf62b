"""MLX affine quantization in groups of 32, at 4 or 8 bits (llamba-model.md 4.2), and its training-time imitation.

Groups of 64 would save 10 MB of 99, but their noise costs a third more (README.md).
"""
import torch

BITS, GROUP = 4, 32


def bf16_grid(x):
    """float32 -> nearest bf16 value, as float32. By integer arithmetic, because compilers drop a pair of casts."""
    i = x.contiguous().view(torch.int32)
    return ((i + 0x7FFF + ((i >> 16) & 1)) & -65536).view(torch.float32)


def quantize(w, bits=BITS):
    """w [rows, cols] float32 -> codes [rows, groups, GROUP], scale and bias [rows, groups, 1], all float32.

    The choice of scale and bias is MLX's (the edge of larger magnitude is met exactly). Both are rounded to bf16 before
    the codes are chosen, so the codes are right for the scales that are stored.
    """
    rows, cols = w.shape
    v = w.reshape(rows, cols // GROUP, GROUP)
    high, low = v.amax(-1, keepdim=True), v.amin(-1, keepdim=True)
    top = float(2 ** bits - 1)
    low_is_larger = low.abs() > high.abs()
    scale = ((high - low) / top).clamp_min(1e-7)
    scale = torch.where(low_is_larger, scale, -scale)
    edge = torch.where(low_is_larger, low, high)
    steps = torch.round(edge / scale)
    scale = torch.where(steps != 0, edge / torch.where(steps != 0, steps, torch.ones_like(steps)), scale)
    bias = torch.where(steps == 0, torch.zeros_like(edge), edge)
    scale, bias = bf16_grid(scale), bf16_grid(bias)
    codes = torch.round((v - bias) / scale).clamp(0, top)
    return codes, scale, bias


def fake_quant(w, bits=BITS):
    """Forward: the value that the shipped file will hold. Backward: identity (straight-through)."""
    codes, scale, bias = quantize(w.detach(), bits)
    return w + ((codes * scale + bias).reshape(w.shape) - w.detach())


def pack(codes, bits=BITS):
    """codes [rows, cols] -> int32 [rows, cols * bits / 32] (the bits of uint32), little end first."""
    fields, (rows, cols) = 32 // bits, codes.shape
    c = codes.to(torch.int64).reshape(rows, cols // fields, fields)
    words = sum(c[..., i] << (bits * i) for i in range(fields))
    return torch.where(words >= 2 ** 31, words - 2 ** 32, words).to(torch.int32)


def unpack(words, bits=BITS):
    """int32 [rows, n] -> float32 codes [rows, n * 32 / bits]."""
    w = words.to(torch.int64) & 0xFFFFFFFF
    return torch.stack([(w >> (bits * i)) & (2 ** bits - 1) for i in range(32 // bits)], -1).reshape(w.shape[0], -1).float()


def dequantize(words, scale, bias, bits=BITS):
    """words int32 [rows, n], scale and bias [rows, groups] -> float32 [rows, cols]. The sizes tell how wide a group is."""
    q = unpack(words, bits).reshape(scale.shape[0], scale.shape[1], -1)
    return (q * scale.float()[..., None] + bias.float()[..., None]).reshape(scale.shape[0], -1)
