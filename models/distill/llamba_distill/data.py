"""Rows of training tokens on the device: prose, the teacher's chats, the student's own answers."""
from typing import NamedTuple

import torch

from .device import DEVICE


class Batch(NamedTuple):
    """tokens [n, row]: first the teacher's chats, then `own` rows of the student's, then `prose` rows.

    looping [n, row] bool: tokens that go on with a loop, marked in the student's own rows only (loops.py).
    """
    tokens: torch.Tensor
    prose: int = 0
    own: int = 0
    looping: torch.Tensor = None


class Shuffled:
    """Endless random order over the rows of tensors [n, ...], which are drawn together."""

    def __init__(self, generator, *tensors):
        if not len(tensors[0]):
            raise ValueError("no rows to draw from")
        self.tensors, self.generator, self.order = tensors, generator, None

    def take(self, n):
        """-> n rows of each tensor."""
        picked = [torch.zeros(0, dtype=torch.long)]
        while n > 0:
            if self.order is None or not len(self.order):
                self.order = torch.randperm(len(self.tensors[0]), generator=self.generator)
            picked.append(self.order[:n])
            self.order = self.order[len(picked[-1]):]
            n -= len(picked[-1])
        index = torch.cat(picked).to(self.tensors[0].device)
        return [t[index] for t in self.tensors]


class Prose:
    """Rows cut from one long token stream: in random order, or as parallel streams that read on."""

    def __init__(self, tokens, row, generator):
        self.tokens, self.row, self.generator = torch.from_numpy(tokens.astype("int32")).to(DEVICE), row, generator
        self.order, self.heads = None, None

    def _rows(self, starts):
        return self.tokens[starts.to(DEVICE)[:, None] + torch.arange(self.row, device=DEVICE)]

    def take(self, n):
        if self.order is None or len(self.order) < n:
            count = (len(self.tokens) - self.row) // self.row
            offset = int(torch.randint(0, self.row, (1,), generator=self.generator))
            self.order = (torch.randperm(count, generator=self.generator) * self.row + offset)
        starts, self.order = self.order[:n], self.order[n:]
        return self._rows(starts)

    def read_on(self, n):
        """n streams at random places; each call gives the next row of each. Wraps at the end."""
        limit = len(self.tokens) - self.row
        if self.heads is None or len(self.heads) != n:
            self.heads = torch.randint(0, limit, (n,), generator=self.generator)
        rows = self._rows(self.heads)
        self.heads = (self.heads + self.row) % limit
        return rows


class Mix:
    """Micro-batches of prose and chat."""

    def __init__(self, prose, chat, row, chat_share, seed=1):
        self.generator = torch.Generator().manual_seed(seed)
        self.prose = Prose(prose, row, self.generator)
        self.chat = Shuffled(self.generator, torch.from_numpy(chat.astype("int32")).to(DEVICE))
        self.chat_share, self.own = chat_share, None

    def set_own(self, rows, looping):
        """rows [n, row] of chats in which the student wrote the answers, and where they go on with a loop; on the device."""
        self.own = Shuffled(self.generator, rows, looping)

    def take(self, n, own_share=0.0, read_on=False):
        """-> Batch of n rows, own_share of them the student's own as soon as there are any."""
        chat = round(n * self.chat_share)
        own = min(chat, round(n * own_share)) if self.own is not None else 0
        prose = n - chat
        parts, looping = self.chat.take(chat - own), torch.zeros(n, self.prose.row, dtype=torch.bool, device=DEVICE)
        if own:
            rows, looping[chat - own:chat] = self.own.take(own)
            parts.append(rows)
        if prose:
            parts.append(self.prose.read_on(prose) if read_on else self.prose.take(prose))
        return Batch(torch.cat(parts).long(), prose, own, looping)
