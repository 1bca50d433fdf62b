"""Losses fall, and each stage trains only what it should."""
import numpy as np
import torch

from llamba_distill import losses
from llamba_distill.stage12 import align, orient
from llamba_distill.stage3 import BLIND, Distiller, Plan, copy_weights, distill, optimizers_for
from llamba_distill.shape import TINY
import time


def changed(student, before):
    after = student.flat()
    return {k.split(".")[-1] for k in after if not torch.equal(after[k], before[k])}


def test_stage_1_orients_matrices_only(student, teacher, mix):
    before = copy_weights(student)
    first, last, _ = orient(student, teacher, mix, 4, 60, max_steps=12)
    assert last < first
    assert changed(student, before) == {"in_proj", "conv_weight", "conv_bias"}
    x_rows = slice(0, TINY.inner)
    assert torch.equal(student.flat()["0.in_proj"][x_rows], before["0.in_proj"][x_rows]), "stage 1 must not touch x"


def test_stage_2_aligns_mixers_only(student, teacher, mix):
    before = copy_weights(student)
    first, last, _ = align(student, teacher, mix, 4, 60, max_steps=12)
    assert last < first
    assert changed(student, before) == {"in_proj", "conv_weight", "conv_bias", "z_bias", "D", "out_proj"}


def one_stage_3(student, teacher, mix, plan, steps=10):
    distiller = Distiller(student, teacher, 4)
    now = time.time()
    _, mean = distill(distiller, optimizers_for(student, plan.muon), mix, plan, now, now + 600, max_steps=steps)
    return mean


def test_stage_3_trains_everything_and_falls(student, teacher, mix):
    tokens, before = mix.take(4)[0], copy_weights(student)
    score = lambda: float(Distiller(student, teacher, 4).gradients(tokens, False))
    at_first = score()
    for muon in (False, True):
        one_stage_3(student, teacher, mix, Plan(warmup=2, muon=muon))
    student.embedding.grad = None
    assert score() < at_first
    assert changed(student, before) == {k.split(".")[-1] for k in before}


def test_quantized_steps_with_a_carried_state_run(student, teacher, mix):
    mean = one_stage_3(student, teacher, mix, Plan(warmup=2, quantize_from=0.0, carry_from=0.0), steps=3)
    assert np.isfinite(mean)
    assert BLIND < TINY.row + 1


def test_kl_gradient_is_right():
    s = torch.randn(5, 11, requires_grad=True)
    t, weight, hard = torch.randn(5, 11), torch.tensor([1.0, 1, 0, 1, 1]), torch.full((5,), -1)
    total, gradient = losses.kl(s, t, weight, hard)
    total.backward()
    assert torch.allclose(gradient, s.grad, atol=1e-6)


def test_a_written_refusal_is_the_target(student, teacher):
    distiller = Distiller(student, teacher, 1, refusal=(11, 12, 2))
    tokens = torch.full((1, TINY.row), 9)
    tokens[0, 30:33] = torch.tensor([11, 12, 2])
    hard = distiller.hard_targets(tokens)[0]
    assert hard[29:32].tolist() == [11, 12, 2] and int((hard >= 0).sum()) == 3
