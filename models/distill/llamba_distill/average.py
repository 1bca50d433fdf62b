"""A running average of the weights over the last steps; evens out what single micro-batches did."""
import torch

from .stage3 import copy_weights

FROM = 0.9             # share of stage 3 from which weights are averaged
PART = 0.01            # of each new step in the average


class Average:
    """`weights` stays None before FROM; then float32 copies under the names of Student.flat()."""

    def __init__(self, student):
        self.student, self.weights = student, None

    @torch.no_grad()
    def after_step(self, p):
        if p < FROM:
            return
        if self.weights is None:
            self.weights = copy_weights(self.student)
        held = list(self.weights.values())
        torch._foreach_mul_(held, 1 - PART)
        torch._foreach_add_(held, list(self.student.flat().values()), alpha=PART)
