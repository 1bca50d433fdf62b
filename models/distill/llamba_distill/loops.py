"""Where a row goes on with a loop. There the teacher's own target is not to be learnt: it loops as often as the student.

The judge (judge.py) calls four copies a loop. Training is stricter, so that the way into a loop is unlearnt too.
"""
import torch

LONGEST = 60               # tokens of the stretch that repeats, as in judge.py
SHORTEST_RUN = 12          # tokens; short stretches must repeat more often before they count
PENALTY = -12.0            # added to the teacher's logit of a token that goes on with a loop: its chance becomes nothing


@torch.no_grad()
def goes_on(rows):
    """rows [n, l] tokens -> bool [n, l]: is this token one more of a loop?

    It is where, for some d up to LONGEST, x[j] = x[j-d] and that has held for max(d, SHORTEST_RUN) tokens before j: two copies
    of the stretch are whole, and j begins or continues a third.
    """
    n, l = rows.shape
    found, place = torch.zeros(n, l, dtype=torch.bool, device=rows.device), torch.arange(l, device=rows.device).expand(n, l)
    for d in range(1, min(LONGEST, l - 1) + 1):
        same = torch.zeros_like(found)
        same[:, d:] = rows[:, d:] == rows[:, :-d]
        last_break = torch.where(same, -1, place).cummax(1).values           # columns before d count as breaks
        run = place - last_break                                             # length of the run that ends at j, j included
        found |= same & (run > max(d, SHORTEST_RUN))
    return found
