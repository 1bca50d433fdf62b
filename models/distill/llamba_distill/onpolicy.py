"""Rows in which the student answers: the user turns are the teacher chats' own, the logits to match are the teacher's."""
import time

import numpy as np
import torch

from . import loops
from .device import log
from .sampler import Pool, Sampler, StudentWriter
from .shape import START

CONTINUE = 0.25
MOST_PROMPTS = 30000
TEMPERATURES = (0.05, 0.2, 0.4, 0.7, 0.9, 1.0)         # by row; half of them low, where loops occur


def first_turns(rows, shape, turns, refusal, longest):
    """Prompts (system line, user's turn, assistant header) found in sampled rows [n, row].

    Chats whose answer is the written refusal are left out: the teacher's logits there would teach invention.
    """
    header, out = turns["assistant"][1:], []
    k = len(header)
    for row in rows:
        starts = np.flatnonzero((row[:-1] == START) & (row[1:] == shape.system_id))
        ends = np.flatnonzero(np.all(np.lib.stride_tricks.sliding_window_view(row, k) == header, axis=1))
        for i in starts[:3]:
            after = ends[ends > i]
            if not len(after) or not 12 < after[0] + k - i < longest:
                continue
            stop = after[0] + k
            prompt = row[i:stop].tolist()
            if prompt.count(START) == 3 and row[stop:stop + len(refusal)].tolist() != list(refusal):
                out.append({"ids": prompt, "user": False, "closes": False})
    return out[:MOST_PROMPTS]


class OnPolicy:
    def __init__(self, student, chat, turns, refusal, rows, rounds, spare):
        self.student, self.rows, self.rounds = student, rows, rounds
        prompts = first_turns(chat[:20000], student.shape, turns, refusal, int(student.shape.row * 0.7))
        if len(prompts) < 8:                          # only when the writer is an untrained teacher
            prompts = [p for p in spare if not p["user"]]
        log("on-policy prompts", len(prompts))
        self.pool, self.sampler = Pool(prompts, turns), None

    def sample(self, quantized):
        """-> int32 [rows * rounds, row] written by the student as it is now, and bool of that size: a loop goes on (loops.py)."""
        began = time.time()
        if self.sampler is None:
            self.sampler = Sampler(StudentWriter(self.student, self.rows), self.rows, self.pool, CONTINUE, TEMPERATURES)
        self.sampler.writer.load(self.student, quantized)
        rows = torch.cat([self.sampler.round() for _ in range(self.rounds)])
        looping = loops.goes_on(rows)
        log(f"on-policy rows {len(rows)} in {time.time() - began:.1f} s, {float(looping.float().mean()):.2%} of their tokens go on with a loop")
        return rows, looping
