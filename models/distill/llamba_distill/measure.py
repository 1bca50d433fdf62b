"""Held-out measures on the training device: KL, top-1 agreement, perplexity; and behaviour at long length."""
import math

import numpy as np
import torch
import torch.nn.functional as F

from . import documents
from .device import CUDA, DEVICE, DTYPE, log
from .student import empty_state

NEWLINE = 198
ROWS = 28              # of held-out prose, evenly spaced over the stream


def prose_rows(stream, row):
    """stream: 1-D held-out tokens. -> [ROWS, row]."""
    rows = stream[:len(stream) // row * row].reshape(-1, row)
    return rows[np.linspace(0, len(rows) - 1, ROWS).astype(int)]


def held_out(chat, prose_stream, row):
    """-> the two sets, int32 [n, row] on the device."""
    to_device = lambda x: torch.from_numpy(x.astype("int32")).to(DEVICE)
    return {"chat": to_device(chat), "prose": to_device(prose_rows(prose_stream, row))}


@torch.no_grad()
def table(distiller, quantized):
    student, e = distiller.student, distiller.student.embedding.detach()
    return distiller.fake_quant(e, student.shape.embedding_bits) if quantized else e


def student_hidden(distiller, tokens, carry, keep, reset, quantized):
    """On the GPU with gradients on, as in training, so that the compiled graph is the same one."""
    with torch.set_grad_enabled(CUDA):
        e = table(distiller, quantized).requires_grad_(CUDA)
        hidden, after = distiller.student.hidden(tokens, carry, keep, reset, e, quantized)
    return hidden.detach(), after


@torch.no_grad()
def agreement(distiller, rows, quantized):
    """rows [n, row]. -> mean KL to the teacher, share of equal top tokens, perplexities."""
    n, size = len(rows), distiller.rows
    head = table(distiller, quantized).to(DTYPE)
    sums = torch.zeros(4, device=DEVICE, dtype=torch.double)
    for i in range(0, n, size):
        part = rows[i:i + size].long()
        real = len(part)
        tokens = torch.cat([part, part[:1].expand(size - real, -1)]) if real < size else part
        document, keep, reset = documents.split(tokens, distiller.student.shape, distiller.fresh)
        theirs = distiller.teacher.hidden(tokens, documents.attention_mask(document))
        ours, _ = student_hidden(distiller, tokens, distiller.empty, keep, reset, quantized)
        for j in range(real):
            s = torch.log_softmax((ours[j] @ head.t()).float(), -1)
            t = torch.log_softmax((theirs[j] @ distiller.teacher.embedding.t()).float(), -1)
            label = tokens[j, 1:, None]
            sums += torch.stack([(t.exp() * (t - s)).sum(), (s.argmax(-1) == t.argmax(-1)).sum(),
                                 -s[:-1].gather(-1, label).sum(), -t[:-1].gather(-1, label).sum()]).double()
    kl, same, ours, theirs = (float(v) for v in sums / rows.numel())
    scale = rows.shape[1] / (rows.shape[1] - 1)
    return {"kl": round(kl, 4), "top1": round(same, 4), "ppl": round(math.exp(ours * scale), 3),
            "teacher_ppl": round(math.exp(theirs * scale), 3)}


@torch.no_grad()
def by_position(distiller, tokens, quantized, rows_each):
    """Perplexity and state norm in consecutive rows of unbroken text, the state carried from row to row.

    tokens: 1-D held-out stream. distiller.rows overlapping stretches of rows_each rows are read side by side.
    """
    size, l = distiller.rows, distiller.student.shape.row
    tokens = torch.where(tokens == 0, torch.full_like(tokens, NEWLINE), tokens).long()
    starts = torch.linspace(0, len(tokens) - rows_each * l - 2, size, device=DEVICE).long()
    head, carry = table(distiller, quantized).to(DTYPE), [empty_state(size, distiller.student.shape) for _ in distiller.student.blocks]
    always = torch.ones(size, dtype=torch.bool, device=DEVICE)
    out = []
    for r in range(rows_each):
        part = tokens[(starts + r * l)[:, None] + torch.arange(l + 1, device=DEVICE)]
        _, keep, reset = documents.split(part[:, :-1], distiller.student.shape, always)
        ours, carry = student_hidden(distiller, part[:, :-1], carry, keep, reset, quantized)
        loss = sum(F.cross_entropy((ours[j] @ head.t()).float(), part[j, 1:]) for j in range(size)) / size
        norms = torch.stack([s.float().flatten(1).norm(dim=1).mean() for _, s in carry])
        out.append({"to": (r + 1) * l, "ppl": round(math.exp(min(20.0, float(loss))), 2),
                    "state_norm": round(float(norms.mean()), 2), "largest_layer": round(float(norms.max()), 1)})
    return out


def report(name, distiller, sets, quantized):
    found = {k: agreement(distiller, rows, quantized) for k, rows in sets.items()}
    log("eval", name, "4-bit" if quantized else "full", found)
    return found
