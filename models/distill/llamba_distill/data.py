"""Rows of training tokens on the device: prose, the teacher's chats, the student's own answers."""
import torch

from .device import DEVICE


class Shuffled:
    """Endless random order over the rows of a tensor [n, row]."""

    def __init__(self, rows, generator):
        if not len(rows):
            raise ValueError("no rows to draw from")
        self.rows, self.generator, self.order = rows, generator, None

    def take(self, n):
        picked = []
        while n > 0:
            if self.order is None or not len(self.order):
                self.order = torch.randperm(len(self.rows), generator=self.generator)
            picked.append(self.order[:n])
            self.order = self.order[len(picked[-1]):]
            n -= len(picked[-1])
        return self.rows[torch.cat(picked).to(self.rows.device)]


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
    """Micro-batches of `rows` rows; prose rows come last in each."""

    def __init__(self, prose, chat, row, chat_share, seed=1):
        self.generator = torch.Generator().manual_seed(seed)
        self.prose = Prose(prose, row, self.generator)
        to_device = lambda c: torch.from_numpy(c.astype("int32")).to(DEVICE)
        self.chat = Shuffled(to_device(chat), self.generator)
        self.chat_share, self.own = chat_share, None

    def set_own(self, rows):
        """rows: numpy [n, row] of chats in which the student wrote the answers."""
        self.own = Shuffled(torch.from_numpy(rows.astype("int32")).to(DEVICE), self.generator)

    def take(self, n, own_share=0.0, read_on=False):
        """-> tokens [n, row] and how many of the last rows are prose."""
        chat = round(n * self.chat_share)
        own = min(chat, round(n * own_share)) if self.own is not None else 0
        parts = [self.chat.take(chat - own)] + ([self.own.take(own)] if own else [])
        prose = n - chat
        if prose:
            parts.append(self.prose.read_on(prose) if read_on else self.prose.take(prose))
        return torch.cat(parts).long(), prose
