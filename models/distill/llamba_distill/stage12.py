"""MOHAWK stages 1 and 2: every layer of the student is fitted on the teacher's input to that layer."""
import time

import torch
import torch.nn.functional as F

from . import documents, losses, teacher as T
from .device import DEVICE, compiled, log
from .optimizer import Optimizers
from .student import MIXER, empty_state

ORIENTATION_LENGTH = 256           # mixing matrices grow with the square of the length
CHANGES_MATRIX = ("in_proj", "conv_weight", "conv_bias")


def fresh_rows(b):
    return torch.zeros(b, dtype=torch.bool, device=DEVICE)


def clocked(seconds, max_steps):
    """Yields (step, share of the time used) until the time or the steps are up; the first step is free."""
    began, n = time.time(), 0
    while True:
        p = (time.time() - began) / seconds
        if p >= 1 or max_steps and n >= max_steps:
            return
        yield n, p
        n += 1
        if n == 1:
            began = time.time()              # the first step compiles


def orient(student, teacher, mix, rows, seconds, lr=1e-3, max_steps=0):
    """Stage 1, matrix orientation. -> (first loss, last loss, tokens)."""
    shape, short = student.shape, min(ORIENTATION_LENGTH, student.shape.row)
    params = [b[k] for b in student.blocks for k in CHANGES_MATRIX]
    optimizers, loss_of = Optimizers([{"params": params}]), compiled(losses.orientation)
    to_qkv, to_matrix = compiled(T.qkv), compiled(T.mixing_matrix)
    first, value, tokens_seen, began = None, None, 0, time.time()
    for n, p in clocked(seconds, max_steps):
        tokens = mix.take(rows).tokens.reshape(-1, short)
        b = len(tokens)
        document, keep, reset = documents.split(tokens, shape, fresh_rows(b))
        mask, conv_state = documents.dense_mask(document), empty_state(b, shape)[0]
        x, total = F.embedding(tokens, teacher.embedding).float(), []
        for weights, ours in zip(teacher.layers, student.blocks):
            with torch.no_grad():
                norm1, wqkv, wo, *rest = weights
                h, q, k, v = to_qkv(x, norm1, wqkv, teacher.cos, teacher.sin, shape)
                attention = to_matrix(q, k, mask, shape)
                y = torch.matmul(attention, v.repeat_interleave(shape.heads // shape.kv_heads, 1))
                y = y.transpose(1, 2).reshape(b, short, shape.inner)
                x = T.after_attention(x, torch.matmul(y, wo.t()), *rest)
            loss = loss_of(h, attention, conv_state, keep, reset, *(ours[k] for k in CHANGES_MATRIX), shape)
            loss.backward()
            total.append(loss.detach())
        optimizers.step(lr * min(1.0, (n + 1) / 20) * (1 - 0.9 * p), clip=1.0)
        tokens_seen += tokens.numel()
        if n % 20 == 0:
            value = float(torch.stack(total).mean())
            first = value if first is None else first
            log(f"stage 1 step {n} row loss {value:.4f} {tokens_seen / (time.time() - began):,.0f} tok/s")
    value = float(torch.stack(total).mean())
    log(f"stage 1 done: {n + 1} steps, {tokens_seen / 1e6:.2f}M tokens, {time.time() - began:.1f} s, row loss {value:.4f}")
    return first, value, tokens_seen


def align(student, teacher, mix, rows, seconds, lr=1e-3, max_steps=0):
    """Stage 2, hidden-state alignment of the mixers. -> (first error, last error, tokens)."""
    shape = student.shape
    params = [b[k] for b in student.blocks for k in MIXER]
    optimizers, loss_of = Optimizers([{"params": params}]), compiled(losses.alignment)
    start = empty_state(rows, shape)
    first, value, tokens_seen, began = None, None, 0, time.time()
    for n, p in clocked(seconds, max_steps):
        tokens = mix.take(rows).tokens
        document, keep, reset = documents.split(tokens, shape, fresh_rows(rows))
        total = []
        for ours, (h, y, u) in zip(student.blocks, teacher.through(tokens, documents.attention_mask(document))):
            out, heads = loss_of(h, y, u, *start, keep, reset, *(ours[k] for k in MIXER), shape)
            (out + 0.5 * heads).backward()
            total.append(out.detach())
        optimizers.step(lr * min(1.0, (n + 1) / 20) * (0.05 + 0.95 * min(1.0, (1 - p) / 0.5)), clip=20.0)
        tokens_seen += tokens.numel()
        if n % 20 == 0:
            value = float(torch.stack(total).mean())
            first = value if first is None else first
            log(f"stage 2 step {n} relative error {value:.4f} {tokens_seen / (time.time() - began):,.0f} tok/s")
    value = float(torch.stack(total).mean())
    log(f"stage 2 done: {n + 1} steps, {tokens_seen / 1e6:.2f}M tokens, {time.time() - began:.1f} s, relative error {value:.4f}")
    return first, value, tokens_seen
