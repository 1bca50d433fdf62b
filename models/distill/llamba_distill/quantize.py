"""MLX affine 4-bit quantization in groups of 64 (llamba-model.md 4.2), and its training-time imitation."""
import torch

BITS, GROUP = 4, 64


def bf16_grid(x):
    """float32 -> nearest bf16 value, as float32. By integer arithmetic, because compilers drop a pair of casts."""
    i = x.contiguous().view(torch.int32)
    return ((i + 0x7FFF + ((i >> 16) & 1)) & -65536).view(torch.float32)


def quantize(w):
    """w [rows, cols] float32 -> codes [rows, groups, 64], scale and bias [rows, groups, 1], all float32.

    The choice of scale and bias is MLX's (the edge of larger magnitude is met exactly). Both are rounded to bf16 before
    the codes are chosen, so the codes are right for the scales that are stored.
    """
    rows, cols = w.shape
    v = w.reshape(rows, cols // GROUP, GROUP)
    high, low = v.amax(-1, keepdim=True), v.amin(-1, keepdim=True)
    top = float(2 ** BITS - 1)
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


def fake_quant(w):
    """Forward: the value that the shipped file will hold. Backward: identity (straight-through)."""
    codes, scale, bias = quantize(w.detach())
    return w + ((codes * scale + bias).reshape(w.shape) - w.detach())


def pack(codes):
    """codes [rows, cols] 0..15 -> int32 [rows, cols / 8] (the bits of uint32), little end first."""
    rows, cols = codes.shape
    c = codes.to(torch.int64).reshape(rows, cols // 8, 8)
    words = sum(c[..., i] << (4 * i) for i in range(8))
    return torch.where(words >= 2 ** 31, words - 2 ** 32, words).to(torch.int32)


def unpack(words):
    """int32 [rows, n] -> float32 codes [rows, 8 n]."""
    w = words.to(torch.int64) & 0xFFFFFFFF
    return torch.stack([(w >> (4 * i)) & 15 for i in range(8)], -1).reshape(w.shape[0], -1).float()


def dequantize(words, scale, bias):
    """words int32 [rows, n], scale and bias [rows, groups] -> float32 [rows, 8 n]."""
    q = unpack(words).reshape(scale.shape[0], scale.shape[1], GROUP)
    return (q * scale.float()[..., None] + bias.float()[..., None]).reshape(scale.shape[0], -1)
