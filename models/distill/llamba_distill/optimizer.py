"""AdamW for vectors and tables, and Muon for the matrices of the blocks.

Muon: momentum, then the nearest orthogonal matrix by five Newton-Schulz steps (Jordan 2024), scaled by
0.2 sqrt(larger side) so that an update has AdamW's usual size and the same learning rate serves both (arXiv 2502.16982).
"""
import torch

from .device import CUDA, DTYPE

QUINTIC = (3.4445, -4.7750, 2.0315)


@torch.no_grad()
def orthogonalize(g):
    """g [n, rows, cols] -> matrices of the same row and column spaces with singular values near 1."""
    x = g.to(DTYPE)
    flip = x.shape[1] > x.shape[2]
    x = x.transpose(1, 2) if flip else x
    x = x / (x.float().pow(2).sum((1, 2), keepdim=True).sqrt() + 1e-7).to(x.dtype)
    a, b, c = QUINTIC
    for _ in range(5):
        s = x @ x.transpose(1, 2)
        x = a * x + (b * s + c * (s @ s)) @ x
    return x.transpose(1, 2) if flip else x


class Muon(torch.optim.Optimizer):
    """Each group holds matrices of one size; they are stepped together."""

    def __init__(self, groups, momentum=0.95):
        super().__init__(groups, {"lr": 0.0, "weight_decay": 0.0, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            params = [p for p in group["params"] if p.grad is not None]
            grads = torch.stack([p.grad for p in params])
            state = self.state[params[0]]
            if "momentum" not in state:
                state["momentum"] = torch.zeros_like(grads)
            m = state["momentum"].lerp_(grads, 1 - group["momentum"])
            update = orthogonalize(grads.lerp(m, group["momentum"])).float()
            scale = 0.2 * max(update.shape[1:]) ** 0.5
            for p, u in zip(params, update):
                p.mul_(1 - group["lr"] * group["weight_decay"]).add_(u, alpha=-group["lr"] * scale)


def adamw(groups):
    extra = {"fused": True} if CUDA else {}
    return torch.optim.AdamW(groups, lr=0.0, betas=(0.9, 0.95), eps=1e-8, weight_decay=0.0, **extra)


class Optimizers:
    """One or two optimizers behind one step. A group's learning rate is the schedule times its `share`."""

    def __init__(self, groups, muon_groups=()):
        self.all = [adamw(groups)] + ([Muon(list(muon_groups))] if muon_groups else [])
        self.params = [p for o in self.all for g in o.param_groups for p in g["params"]]

    def step(self, lr, clip):
        norm = torch.nn.utils.clip_grad_norm_(self.params, clip)
        for optimizer in self.all:
            for group in optimizer.param_groups:
                group["lr"] = lr * group.get("share", 1.0)
            optimizer.step()
        self.zero()
        return norm

    def zero(self):
        for p in self.params:
            p.grad = None
