"""Where a row goes on with a loop. There the teacher's own target is not to be learnt: it loops as often as the student.

The judge (judge.py) calls four copies a loop. Training is stricter, so that the way into a loop is unlearnt too.
"""
import torch

LONGEST = 60               # tokens of the stretch that repeats, as in judge.py
SHORTEST_RUN = 12          # tokens; short stretches must repeat more often before they count
PENALTY = -12.0            # added to the teacher's logit of a token that goes on with a loop: its chance becomes nothing


def least_run(d):
    """Tokens for which x[j] = x[j-d] must have held before the next one is a loop's: two copies of the stretch are whole."""
    return max(d, SHORTEST_RUN)


class Watch:
    """Rows that are being written, one token a step: which are stuck, a third copy whole. An answer that never ends would fill its row.

    Only tensors that stay in place, so that a step can be part of a CUDA graph.
    """

    def __init__(self, rows, device):
        self.distance = torch.arange(1, LONGEST + 1, device=device)
        self.most = torch.tensor([2 * least_run(d) for d in range(1, LONGEST + 1)], device=device)
        self.run = torch.zeros(rows, LONGEST, dtype=torch.long, device=device)

    def reset(self):
        self.run.zero_()

    def step(self, written, token, position):
        """written [rows, l]: the rows so far, token [rows] is at position [1]. -> stuck [rows] bool."""
        before = written.index_select(1, (position - self.distance).clamp_min(0))
        same = (before == token[:, None]) & (self.distance <= position)
        self.run.copy_(torch.where(same, self.run + 1, 0))
        return (self.run >= self.most).any(-1)


@torch.no_grad()
def goes_on(rows):
    """rows [n, l] tokens -> bool [n, l]: is this token one more of a loop?

    It is where, for some d up to LONGEST, x[j] = x[j-d] and that has held for least_run(d) tokens before j: j begins or
    continues a third copy.
    """
    n, l = rows.shape
    found, place = torch.zeros(n, l, dtype=torch.bool, device=rows.device), torch.arange(l, device=rows.device).expand(n, l)
    for d in range(1, min(LONGEST, l - 1) + 1):
        same = torch.zeros_like(found)
        same[:, d:] = rows[:, d:] == rows[:, :-d]
        last_break = torch.where(same, -1, place).cummax(1).values           # columns before d count as breaks
        run = place - last_break                                             # length of the run that ends at j, j included
        found |= same & (run > least_run(d))
    return found
