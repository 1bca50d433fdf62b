"""Rows of back-to-back chats, one token a step for all rows. On the GPU one step is one CUDA graph.

The writer is the teacher (key-value cache) or the student (recurrent state). A row starts with a random prompt from
the pool. When a turn ends, the user answers with probability p_continue, otherwise a new chat starts in the same row.
A turn that is stuck in a loop (loops.Watch) is ended.
"""
import math
import time

import numpy as np
import torch
import torch.nn.functional as F

from . import loops, teacher as T
from .device import CUDA, DEVICE, DTYPE, compiled, kernels, log, synchronize
from .quantize import fake_quant
from .shape import END_OF_TEXT, START, STOP
from .student import BLOCK, MATRICES, empty_state, rms
from .ssd import step as ssd_step

ANSWER, QUESTION = 0, 1                # rows 0 and 1 of the pool: the turn passes to the assistant, to the user
TEMPERATURES = (0.4, 0.6, 0.7, 0.8, 0.9, 1.0)          # of answers, by row; user turns are sampled at 1
MIN_P = {"assistant": 0.04, "user": 0.02}


class Pool:
    """Prompts as one table. user[i]: the user's text follows prompt i (else the assistant's).

    closes[i]: the prompt ends with a complete written answer, so the turn is over after it.
    """

    def __init__(self, prompts, turns):
        rows = [turns["assistant"], turns["user"]] + [[turns["newline"], *p["ids"]] for p in prompts]
        self.ids = np.zeros((len(rows), max(map(len, rows))), dtype=np.int64)
        for i, row in enumerate(rows):
            self.ids[i, :len(row)] = row
        self.lengths = np.array([len(r) for r in rows])
        self.user = np.array([False, True] + [p["user"] for p in prompts])
        self.closes = np.array([False, False] + [p["closes"] for p in prompts])


class TeacherWriter:
    def __init__(self, teacher, rows, compiled=compiled):
        shape = self.shape = teacher.shape
        self.teacher, self.embedding = teacher, teacher.embedding
        cache = lambda: [torch.zeros(rows, shape.kv_heads, shape.row, shape.head, dtype=DTYPE, device=DEVICE) for _ in teacher.layers]
        self.K, self.V = cache(), cache()
        self.before, self.after = compiled(self._before), compiled(self._after)

    def _before(self, x, norm1, wqkv, cos, sin):
        s, h = self.shape, rms(x, norm1).to(wqkv.dtype)
        o = torch.matmul(h, wqkv.t()).reshape(-1, s.heads + 2 * s.kv_heads, s.head)
        q, k, v = o.split([s.heads, s.kv_heads, s.kv_heads], 1)
        q = T.rotate(q, cos, sin).reshape(-1, s.kv_heads, s.heads // s.kv_heads, s.head)
        return q, T.rotate(k, cos, sin)[:, :, None], v[:, :, None].contiguous()

    def _after(self, x, y, wo, norm2, gate, up, down):
        return T.after_attention(x, torch.matmul(y.reshape(-1, self.shape.inner), wo.t()), norm2, gate, up, down)

    def _attend(self, q, K, V, start, position):
        if CUDA:
            return kernels.decode(q, K, V, start, position)
        i = torch.arange(K.shape[2])
        hidden = (i > position) | (i < start[:, None])
        scores = (q @ K.transpose(-1, -2)) / math.sqrt(self.shape.head)
        return torch.softmax(scores.masked_fill(hidden[:, None, None], float("-inf")), -1) @ V

    def __call__(self, token, start, position):
        cos, sin = self.teacher.cos[position][:, None], self.teacher.sin[position][:, None]
        x = F.embedding(token, self.embedding).float()
        for K, V, (norm1, wqkv, wo, norm2, gate, up, down) in zip(self.K, self.V, self.teacher.layers):
            q, k, v = self.before(x, norm1, wqkv, cos, sin)
            K.index_copy_(2, position, k)
            V.index_copy_(2, position, v)
            x = self.after(x, self._attend(q, K, V, start, position), wo, norm2, gate, up, down)
        return rms(x, self.teacher.norm).to(DTYPE)


class StudentWriter:
    """Holds its own copy of the weights, so a captured graph stays valid while training goes on."""

    def __init__(self, student, rows, compiled=compiled):
        shape = self.shape = student.shape
        self.quantize = compiled(fake_quant)
        copy = lambda w, matrix: w.detach().to(DTYPE if matrix else torch.float32).clone()
        self.weights = [{k: copy(b[k], k in MATRICES) for k in BLOCK} for b in student.blocks]
        for w in self.weights:
            w["in_proj"] = F.pad(w["in_proj"], (0, 0, 0, -shape.in_rows % 16)).contiguous()
        self.norm, self.embedding = copy(student.norm, False), copy(student.embedding, True)
        self.state = [empty_state(rows, shape)[1] for _ in student.blocks]
        self.window = [torch.zeros(rows, 3 * shape.inner, shape.taps, device=DEVICE) for _ in student.blocks]
        self.cell = compiled(self._cell)

    @torch.no_grad()
    def load(self, student, quantized):
        value = lambda w, *bits: self.quantize(w.detach(), *bits) if quantized else w.detach()
        for mine, theirs in zip(self.weights, student.blocks):
            for k in BLOCK:
                w = value(theirs[k]) if k in MATRICES else theirs[k].detach()
                mine[k][:w.shape[0]].copy_(w)
        self.norm.copy_(student.norm.detach())
        self.embedding.copy_(value(student.embedding, self.shape.embedding_bits))

    def _cell(self, x, fresh, window, state, norm1, in_proj, conv_weight, conv_bias, z_bias, D, out_proj, norm2, gate, up, down):
        s = self.shape
        h = rms(x, norm1).to(in_proj.dtype)
        o = torch.matmul(h, in_proj.t())
        moved = torch.cat([window[:, :, 1:] * (1 - fresh)[:, None, None], o[:, :3 * s.inner, None].float()], -1)
        xbc = (moved * conv_weight).sum(-1) + conv_bias
        X, B, C = (xbc[:, k * s.inner:(k + 1) * s.inner].reshape(-1, s.heads, s.head) for k in range(3))
        a = -F.softplus(o[:, 4 * s.inner:4 * s.inner + s.heads].float()) - 40.0 * fresh[:, None]
        y, new = ssd_step(X, B, C, a, state)
        y = (y + X * D[:, None]).reshape(-1, s.inner) * F.silu(o[:, 3 * s.inner:4 * s.inner].float() + z_bias)
        state.copy_(new)
        window.copy_(moved)
        return T.after_attention(x, torch.matmul(y.to(h.dtype), out_proj.t()), norm2, gate, up, down)

    def __call__(self, token, start, position):
        fresh = (start == position).float()
        x = F.embedding(token, self.embedding).float()
        for window, state, w in zip(self.window, self.state, self.weights):
            x = self.cell(x, fresh, window, state, *(w[k] for k in BLOCK))
        return rms(x, self.norm).to(DTYPE)


class Sampler:
    def __init__(self, writer, rows, pool, p_continue, temperatures=TEMPERATURES):
        self.writer, self.rows, self.p_continue, self.row = writer, rows, p_continue, writer.shape.row
        put = lambda x: torch.from_numpy(x).to(DEVICE)
        self.ids, self.lengths, self.user, self.closes = map(put, (pool.ids, pool.lengths, pool.user, pool.closes))
        zeros = lambda *size, dtype=torch.long: torch.zeros(*size, dtype=dtype, device=DEVICE)
        self.written = zeros(rows, self.row, dtype=torch.int32)
        self.token, self.start, self.prompt, self.at, self.position = zeros(rows), zeros(rows), zeros(rows), zeros(rows), zeros(1)
        self.user_turn = zeros(rows, dtype=torch.bool)
        self.temperature = torch.tensor(temperatures, device=DEVICE)[torch.arange(rows, device=DEVICE) % len(temperatures)]
        self.watch = loops.Watch(rows, DEVICE)
        self.noise = torch.empty(rows, writer.shape.vocab, device=DEVICE)
        self.choose, self.graph = compiled(self._choose), None
        if CUDA:
            self._capture()

    def _choose(self, hidden, embedding, user_turn, temperature, noise):
        temperature = torch.where(user_turn, 1.0, temperature)
        floor = torch.where(user_turn, math.log(MIN_P["user"]), math.log(MIN_P["assistant"]))
        logits = torch.matmul(hidden, embedding.t()).float() / temperature[:, None]
        top = logits.amax(-1, keepdim=True)
        logits = torch.where(logits < top + floor[:, None], float("-inf"), logits)
        return (torch.exp(logits - top) / noise).argmax(-1)        # exponential race = sampling from the softmax

    def _new_prompts(self):
        return 2 + (torch.rand(self.rows, device=DEVICE) * (len(self.ids) - 2)).long().clamp_max(len(self.ids) - 3)

    def reset(self):
        self.prompt.copy_(self._new_prompts())
        self.token.copy_(self.ids[self.prompt, 1])                 # prompts start with a newline: not in a row's first chat
        self.at.fill_(2)
        self.user_turn.copy_(self.user[self.prompt])
        self.start.zero_()
        self.watch.reset()
        self.position.zero_()

    def step(self):
        hidden = self.writer(self.token, self.start, self.position)
        self.noise.exponential_()
        said = self.choose(hidden, self.writer.embedding, self.user_turn, self.temperature, self.noise)
        self.written.index_copy_(1, self.position, self.token.int()[:, None])
        stuck = self.watch.step(self.written, self.token, self.position)
        forced = self.at < self.lengths[self.prompt]
        following = torch.where(forced, self.ids[self.prompt, self.at.clamp_max(self.ids.shape[1] - 1)], said)
        self.start.copy_(torch.where(forced & (self.prompt >= 2) & (self.at == 1), self.position + 1, self.start))
        ends = ~forced & ((said == STOP) | (said == END_OF_TEXT) | (said == START) | self.closes[self.prompt] | stuck)
        following = torch.where(ends, STOP, following)
        goes_on = torch.rand(self.rows, device=DEVICE) < self.p_continue
        turn = torch.where(self.user_turn, ANSWER, torch.where(goes_on, QUESTION, self._new_prompts()))
        self.prompt.copy_(torch.where(ends, turn, self.prompt))
        self.at.copy_(torch.where(ends, 0, torch.where(forced, self.at + 1, self.at)))
        self.user_turn.copy_(torch.where(ends, self.user[turn], self.user_turn))
        self.token.copy_(following)
        self.position.add_(1)

    def _capture(self):
        side = torch.cuda.Stream()
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side), torch.no_grad():
            self.reset()
            self.step()
            self.step()
        torch.cuda.current_stream().wait_stream(side)
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph), torch.no_grad():
            self.step()
        synchronize()

    @torch.no_grad()
    def round(self):
        """-> int32 [rows, row] of new chats, on the device."""
        began = time.time()
        self.reset()
        for _ in range(self.row):
            self.step() if self.graph is None else self.graph.replay()
        synchronize()
        size = self.written.numel()
        log(f"sampled {size / 1e6:.2f}M tokens, {size / (time.time() - began):,.0f} tok/s")
        return self.written.clone()
