"""MOHAWK stage 3: end-to-end knowledge distillation, with 4-bit fake quantization from some point on, and state passing if wanted.

State passing (arXiv 2507.02782): from `carry_from` on, a row starts from the state its slot in the micro-batch ended
with, without gradient. Prose slots then read on in the same book. Half of the chat slots start their first chat on top
of whatever state is there; the other half start empty. The teacher sees one row only, so on rows that continue a book
the first BLIND tokens, where it lacks context, carry no loss.

In the run of 2026-11-24 this cost prose quality (KL 0.272 -> 0.313), and length had been no problem before it (README.md), so a run leaves
it out unless --carry_from says otherwise.
"""
import time
from dataclasses import dataclass

import torch

from . import documents, losses, targets
from .device import DEVICE, DTYPE, compiled, log
from .optimizer import Optimizers
from .quantize import fake_quant
from .student import BLOCK, empty_state

BLIND = 128
KL_TOKENS = 8192            # tokens whose full-vocabulary logits are held at once
MLP_SHARE = 0.35            # learning rate of the weights copied from the teacher, relative to the mixers'


@dataclass
class Plan:
    """When things happen, as shares of the stage's time; and the optimizer."""
    lr: float = 6e-4
    warmup: int = 50
    decay_from: float = 0.1
    quantize_from: float = 0.6
    carry_from: float = 1.0                  # 1: never
    own_at: tuple = (0.2, 0.4, 0.58, 0.72, 0.86)
    own_share: tuple = (0.15, 0.35)          # of all rows, at the start and at the end
    muon: bool = False


def optimizers_for(student, muon):
    pick = lambda keys: [b[k] for b in student.blocks for k in keys]
    small = [{"params": pick(("conv_weight", "conv_bias", "z_bias", "D"))},
             {"params": pick(("norm1", "norm2")) + [student.norm], "share": MLP_SHARE},
             {"params": [student.embedding], "share": MLP_SHARE}]
    if muon:
        return Optimizers(small, [{"params": pick((k,)), "weight_decay": 0.02, "share": 1.0 if k.endswith("proj") else MLP_SHARE}
                                  for k in ("in_proj", "out_proj", "gate", "up", "down")])
    return Optimizers([{"params": pick(("in_proj", "out_proj")), "weight_decay": 0.02},
                       {"params": pick(("gate", "up", "down")), "weight_decay": 0.02, "share": MLP_SHARE}, *small])


class Distiller:
    """Holds what survives between steps: carried states, compiled functions, the refusal's tokens."""

    def __init__(self, student, teacher, rows, refusal=()):
        self.student, self.teacher, self.rows = student, teacher, rows
        self.refusal = torch.tensor(list(refusal), device=DEVICE)
        self.kl, self.fake_quant = compiled(losses.kl), compiled(fake_quant)
        self.empty = [empty_state(rows, student.shape) for _ in student.blocks]
        self.carry = self.empty
        self.fresh = torch.zeros(rows, dtype=torch.bool, device=DEVICE)

    def gradients(self, batch, quantized, carry=False):
        """One data.Batch: adds the gradients of the mean KL to the student's weights. -> mean KL (tensor)."""
        student, teacher, tokens, (b, l) = self.student, self.teacher, batch.tokens, batch.tokens.shape
        continues, weight = self.fresh, torch.ones(b, l, device=DEVICE)
        if carry:
            slot = torch.arange(b, device=DEVICE)
            prose = slot >= b - batch.prose
            continues = prose | (slot % 2 == 0)
            weight = torch.where(prose[:, None] & (torch.arange(l, device=DEVICE) < BLIND), 0.0, weight)
        document, keep, reset = documents.split(tokens, student.shape, continues)
        theirs = teacher.hidden(tokens, documents.attention_mask(document))
        with torch.no_grad():
            table = self.fake_quant(student.embedding, student.shape.embedding_bits) if quantized else student.embedding.detach().clone()
            head = table.to(DTYPE)
        table.requires_grad_(True)
        ours, after = student.hidden(tokens, self.carry if carry else self.empty, keep, reset, table, quantized)
        if carry:
            self.carry = after
        if student.embedding.grad is None:
            student.embedding.grad = torch.zeros_like(student.embedding)
        token, shift = targets.shifted(batch, self.refusal)
        total, gradient = self._head(ours, theirs, head, weight.reshape(-1), token.reshape(-1), shift.reshape(-1))
        ours.backward(gradient)
        student.embedding.grad.add_(table.grad)
        return total

    def compile_graphs(self, batch):
        """Both graphs, before a clock runs. Leaves no gradients."""
        began = time.time()
        for quantized in (False, True):
            self.gradients(batch, quantized)
        for p in self.student.parameters():
            p.grad = None
        log(f"stage 3 graphs ready in {time.time() - began:.1f} s")

    @torch.no_grad()
    def _head(self, ours, theirs, head, weight, token, shift):
        """KL over the tied head in pieces; adds the head's gradient. -> mean KL, gradient for `ours`."""
        h, t = ours.detach().reshape(-1, ours.shape[-1]), theirs.reshape(-1, ours.shape[-1])
        gradient, total, scale, piece = torch.empty_like(h), 0.0, 1.0 / len(h), min(KL_TOKENS, len(h))
        for i in range(0, len(h), piece):
            part = slice(i, i + piece)
            loss, g = self.kl(h[part] @ head.t(), t[part] @ self.teacher.embedding.t(), weight[part], token[part], shift[part])
            total = total + loss
            gradient[part] = (g @ head) * scale
            self.student.embedding.grad.add_(g.t() @ h[part], alpha=scale)
        return total * scale, gradient.reshape(ours.shape)


def copy_weights(student):
    return {k: v.clone() for k, v in student.flat().items()}


@torch.no_grad()
def restore_weights(student, saved):
    for i, b in enumerate(student.blocks):
        for k in BLOCK:
            b[k].copy_(saved[f"{i}.{k}"])
    student.embedding.copy_(saved["embedding"])
    student.norm.copy_(saved["norm"])


def learning_rate(plan, step, p):
    after = max(0.0, (p - plan.decay_from) / max(1e-9, 1 - plan.decay_from))
    return plan.lr * min(1.0, (step + 1) / plan.warmup) * (0.01 + 0.99 * (1 - after))


def distill(distiller, optimizers, mix, plan, begin, end, refresh_own=None, at=(), max_steps=0, after_step=None):
    """Runs until the clock (time.time()) reaches `end`. Shares count from `begin`, so that work before counts too.

    refresh_own(quantized) makes new on-policy rows at each time of plan.own_at; at: (share, function) pairs run once;
    after_step(share) runs after each step.
    """
    own_at, at = [t for t in plan.own_at if refresh_own], sorted(at, key=lambda pair: pair[0])
    n, seen, mean, quantized, carrying = 0, 0, None, False, False
    mark = (time.time(), 0)
    while True:
        p = (time.time() - begin) / (end - begin)
        if p >= 1 or max_steps and n >= max_steps:
            break
        if not quantized and p >= plan.quantize_from:
            quantized = True
            log(f"stage 3 step {n}: 4-bit fake quantization on")
        if not carrying and p >= plan.carry_from:
            carrying = True
            log(f"stage 3 step {n}: state passing on")
        if own_at and p >= own_at[0]:
            own_at.pop(0)
            refresh_own(quantized)
        if at and p >= at[0][0]:
            at.pop(0)[1](quantized)
        share = plan.own_share[0] + (plan.own_share[1] - plan.own_share[0]) * p
        batch = mix.take(distiller.rows, share, read_on=carrying)
        loss = distiller.gradients(batch, quantized, carrying)
        norm = optimizers.step(learning_rate(plan, n, p), clip=1.0)
        mean = loss if mean is None else 0.95 * mean + 0.05 * loss
        n, seen = n + 1, seen + batch.tokens.numel()
        if after_step:
            after_step(p)
        if n % 50 == 1:
            value, now = float(mean), time.time()
            rate = (seen - mark[1]) / max(1e-9, now - mark[0])
            log(f"stage 3 step {n} p {p:.3f} kl {value:.4f} norm {float(norm):.2f} lr {learning_rate(plan, n, p):.2e} "
                f"{rate:,.0f} tok/s total {seen / 1e6:.1f}M")
            mark = now, seen
            if value != value:
                raise FloatingPointError("the loss is not a number")
    log(f"stage 3 part done: {n} steps, {seen / 1e6:.2f}M tokens, kl {float(mean) if n else 0:.4f}")
    return seen, float(mean) if n else 0.0
