"""Loops are found where the rule says, and only own rows are penalised for them."""
import torch

from llamba_distill import loops, targets
from llamba_distill.data import Batch

REFUSAL = torch.tensor([11, 12, 2])


def plainly(row):
    """The rule of loops.goes_on, word for word."""
    out = []
    for j in range(len(row)):
        out.append(any(row[j] == row[j - d] and all(k >= d and row[k] == row[k - d] for k in range(j - max(d, loops.SHORTEST_RUN), j))
                       for d in range(1, min(loops.LONGEST, j) + 1)))
    return out


def row_of(*parts, length=200):
    row = [t for p in parts for t in p]
    return row + list(range(5000, 5000 + length - len(row)))


def test_the_third_copy_is_a_loop_the_second_is_not():
    stretch = list(range(100, 120))
    row = row_of([1, 2, 3], stretch * 3)
    (found,) = loops.goes_on(torch.tensor([row])).tolist()
    assert [j for j, f in enumerate(found) if f] == list(range(43, 63))


def test_a_short_stretch_must_hold_for_twelve_tokens():
    (found,) = loops.goes_on(torch.tensor([row_of([7] * 20)])).tolist()
    assert [j for j, f in enumerate(found) if f] == list(range(13, 20))


def test_stretches_longer_than_the_judges_do_not_count():
    long = list(range(100, 100 + loops.LONGEST + 1))
    assert not loops.goes_on(torch.tensor([row_of(long * 3, length=400)])).any()


def test_equals_the_plain_rule_on_random_loops():
    g = torch.Generator().manual_seed(4)
    rows = torch.randint(0, 3, (12, 160), generator=g)
    for i in range(12):
        d = 3 + 5 * i
        rows[i, 30:160] = rows[i, 30:30 + d].repeat(130 // d + 1)[:130]
    rows[::2, 100] = 9
    assert loops.goes_on(rows).tolist() == [plainly(r) for r in rows.tolist()]


def test_a_row_that_is_being_written_is_stuck_when_a_third_copy_is_whole():
    stretch = list(range(100, 120))
    rows = torch.tensor([row_of([1, 2, 3], stretch * 4), row_of([7] * 30)], dtype=torch.int32)
    watch = loops.Watch(2, "cpu")
    stuck = torch.stack([watch.step(rows, rows[:, t], torch.tensor([t])) for t in range(60)], 1)
    assert not stuck[0].any() and stuck[1].nonzero()[0].item() == 24
    more = [watch.step(rows, rows[:, t], torch.tensor([t]))[0].item() for t in range(60, 90)]
    assert [60 + i for i, s in enumerate(more) if s] == list(range(62, 83))


def test_own_rows_are_penalised_and_others_are_not():
    row = torch.tensor([row_of([7] * 20, length=64)] * 3)
    looping = torch.zeros(3, 64, dtype=torch.bool)
    looping[1:2] = loops.goes_on(row[1:2])
    token, shift = targets.shifted(Batch(row, prose=1, own=1, looping=looping), REFUSAL)
    assert (token[1, 12:19] == 7).all() and (shift[1, 12:19] == loops.PENALTY).all()
    assert int((shift != 0).sum()) == 7 and int((token >= 0).sum()) == 7


def test_a_written_refusal_is_the_target_but_the_students_own_is_not():
    row = torch.full((2, 64), 9)
    row[:, 30:33] = REFUSAL
    token, shift = targets.shifted(Batch(row, own=1, looping=torch.zeros(2, 64, dtype=torch.bool)), REFUSAL)
    assert token[0, 29:32].tolist() == [11, 12, 2] and (shift[0, 29:32] == targets.WRITTEN).all()
    assert int((token >= 0).sum()) == 3
