"""Losses fall, and each stage trains only what it should."""
import time

import torch

from llamba_distill import losses
from llamba_distill.average import Average
from llamba_distill.stage12 import align, orient
from llamba_distill.stage3 import BLIND, Distiller, Plan, copy_weights, distill, optimizers_for
from llamba_distill.shape import TINY


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
    batch, before = mix.take(4), copy_weights(student)
    score = lambda: float(Distiller(student, teacher, 4).gradients(batch, False))
    at_first = score()
    for muon in (False, True):
        one_stage_3(student, teacher, mix, Plan(warmup=2, muon=muon))
    student.embedding.grad = None
    assert score() < at_first
    assert changed(student, before) == {k.split(".")[-1] for k in before}


def test_quantized_steps_with_a_carried_state_run(student, teacher, mix):
    mean = one_stage_3(student, teacher, mix, Plan(warmup=2, quantize_from=0.0, carry_from=0.0), steps=3)
    assert mean == mean
    assert BLIND < TINY.row + 1


def test_kl_gradient_is_right():
    s = torch.randn(5, 11, requires_grad=True)
    t, weight = torch.randn(5, 11), torch.tensor([1.0, 1, 0, 1, 1])
    token, shift = torch.tensor([-1, 3, 4, 5, -1]), torch.tensor([0.0, 15, -12, -12, 0])
    total, gradient = losses.kl(s, t, weight, token, shift)
    total.backward()
    assert torch.allclose(gradient, s.grad, atol=1e-6)
    assert gradient[3, 5] > 0, "a penalised token is pushed down"
    assert gradient[1, 3] < 0, "a written one up"


def test_the_running_average_follows_the_weights(student):
    average = Average(student)
    average.after_step(0.5)
    assert average.weights is None
    average.after_step(0.95)
    before = copy_weights(student)
    with torch.no_grad():
        student.embedding.add_(1.0)
    average.after_step(0.96)
    assert torch.allclose(average.weights["embedding"], before["embedding"] + 0.01, atol=1e-5)
    assert torch.allclose(average.weights["0.gate"], before["0.gate"], atol=1e-6)
