"""Chunk by chunk = token by token: resets inside the row, carried state, carried convolution."""
import torch

from llamba_distill import documents, ssd
from llamba_distill.shape import TINY
from llamba_distill.student import empty_state


def random_inputs(seed, b=2, l=128, h=2, p=64):
    g = torch.Generator().manual_seed(seed)
    x, B, C = (torch.randn(b, l, h, p, generator=g) * 0.3 for _ in range(3))
    a = -torch.rand(b, l, h, generator=g)
    return x, B, C, a, torch.randn(b, h, p, p, generator=g)


def stepwise(x, B, C, a, state):
    x, B, C, a, state = (t.double() for t in (x, B, C, a, state))
    out = []
    for t in range(x.shape[1]):
        y, state = ssd.step(x[:, t], B[:, t], C[:, t], a[:, t], state)
        out.append(y)
    return torch.stack(out, 1), state


def test_chunked_equals_stepwise_with_a_carried_state():
    inputs = random_inputs(1)
    y, last = ssd.chunked(*inputs, chunk=64)
    y_step, last_step = stepwise(*inputs)
    assert (y - y_step).norm() / y_step.norm() < 1e-5
    assert (last - last_step).norm() / last_step.norm() < 1e-5


def test_a_reset_forgets_the_carried_state():
    x, B, C, a, state = random_inputs(2)
    a[:, 40] += documents.RESET
    y, _ = ssd.chunked(x, B, C, a, state, 64)
    y_empty, _ = ssd.chunked(x[:, 40:104], B[:, 40:104], C[:, 40:104], a[:, 40:104], torch.zeros_like(state), 64)
    assert torch.allclose(y[:, 40:104], y_empty, atol=1e-5)


def run(student, tokens, carry, continues):
    _, keep, reset = documents.split(tokens, TINY, continues)
    with torch.no_grad():
        return student.hidden(tokens, carry, keep, reset, student.embedding, False)


def test_two_rows_with_a_carry_equal_one_long_row(student):
    tokens = torch.randint(10, TINY.vocab, (2, 2 * TINY.row))
    tokens[0, 70], tokens[1, TINY.row] = 0, 0                     # a document starts inside a row, and at a row's start
    empty, off, on = [empty_state(2, TINY) for _ in student.blocks], torch.zeros(2, dtype=torch.bool), torch.ones(2, dtype=torch.bool)
    whole, _ = run(student, tokens, empty, off)
    first, carry = run(student, tokens[:, :TINY.row], empty, off)
    second, _ = run(student, tokens[:, TINY.row:], carry, torch.tensor([True, False]))
    assert torch.allclose(torch.cat([first, second], 1), whole, atol=2e-4)
    wrong, _ = run(student, tokens[:, TINY.row:], carry, on)
    assert not torch.allclose(wrong[1], whole[1, TINY.row:], atol=2e-2)


def test_the_samplers_cell_equals_the_row_form(student):
    from llamba_distill.sampler import StudentWriter
    tokens = torch.randint(10, TINY.vocab, (2, TINY.row))
    tokens[1, 50] = 0
    whole, _ = run(student, tokens, [empty_state(2, TINY) for _ in student.blocks], torch.zeros(2, dtype=torch.bool))
    writer = StudentWriter(student, 2)
    start = torch.zeros(2, dtype=torch.long)
    for t in range(80):
        if t == 50:
            start[1] = 50
        with torch.no_grad():
            h = writer(tokens[:, t], start, torch.tensor([t]))
        assert torch.allclose(h, whole[:, t], atol=2e-3), t
