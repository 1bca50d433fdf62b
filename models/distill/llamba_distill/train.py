"""The whole distillation under one exact wall-clock limit.

usage: python -m llamba_distill.train --work DIR --gguf TEACHER.gguf --text TEXT_DIR --prompts PROMPTS.npz --seconds N

Stages: teacher sampling, matrix orientation, hidden-state alignment, a short race of AdamW against Muon, knowledge
distillation. Stages that left their result in --work (chat.npy, aligned.pt) are skipped, so a run can be resumed;
--from CHECKPOINT.pt goes straight to stage 3 with the settings for a second run (RESUMED), best with --held, the held-out chats of the
run before. --warm compiles everything on random weights first.
"""
import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from . import export, gguf, measure, prompts as prompt_pool
from .average import Average
from .data import Mix
from .device import CUDA, DEVICE, log
from .onpolicy import OnPolicy
from .sampler import Pool, Sampler, TeacherWriter
from .shape import TINY, Shape
from .stage12 import align, orient
from .stage3 import Distiller, Plan, copy_weights, distill, optimizers_for, restore_weights
from .student import Student, from_teacher
from .teacher import Teacher, random_state

SAFE_LENGTH = 32768                 # tokens over which perplexity was measured and flat (README.md)
HELD_CHATS = 28                     # the first rows of the first sampled round never reach training
RESUMED = Plan(lr=5e-4, warmup=100, decay_from=0.0, quantize_from=0.0, own_at=(0.0, 0.2, 0.4, 0.6, 0.8), own_share=(0.2, 0.4), muon=True)


def options(argv=None):
    p = argparse.ArgumentParser()
    add = p.add_argument
    add("--work", required=True), add("--gguf"), add("--text"), add("--prompts"), add("--from", dest="start")
    add("--seconds", type=float, default=1500), add("--rows", type=int, default=40)
    add("--sample_rows", type=int, default=2048), add("--own_rows", type=int, default=2048), add("--own_rounds", type=int, default=1)
    add("--sample_seconds", type=float, default=130), add("--orient_seconds", type=float, default=12)
    add("--align_seconds", type=float, default=75), add("--race_seconds", type=float, default=35)
    add("--finish_seconds", type=float, default=60, help="kept for the last export and the measures")
    add("--chat_share", type=float, default=0.65), add("--long_rows", type=int, default=32)
    add("--held", help="chat rows of an earlier run to measure on; without it the first sampled rows are set aside")
    add("--embedding_bits", type=int, default=4, choices=(4, 8))
    add("--carry_from", type=float, default=1.0, help="share of stage 3 from which states are passed on; 1: never")
    add("--warm", action="store_true"), add("--tiny", action="store_true")
    return p.parse_args(argv)


class Run:
    def __init__(self, o):
        self.o, self.began = o, time.time()
        self.end = self.began + o.seconds
        self.work = Path(o.work)
        self.work.mkdir(parents=True, exist_ok=True)
        torch.manual_seed(1)
        self.shape = replace(TINY if o.tiny else Shape(), embedding_bits=o.embedding_bits)
        self.steps = 3 if o.warm else 0
        state = random_state(self.shape) if o.warm else gguf.teacher_state(o.gguf)[1]
        self.teacher = Teacher(self.shape, state)
        self.load_text()
        self.figures = {"tokens": {}, "seconds": {}}

    def load_text(self):
        if self.o.warm:
            rng = np.random.default_rng(1)
            self.prose = rng.integers(3, self.shape.vocab, 300 * self.shape.row).astype(np.uint16)
            self.held_prose = self.prose[:40 * self.shape.row]
            prompt = [1, self.shape.system_id, 5, 6, 2, 7, 1, 9, 7]
            self.prompts = [{"ids": prompt, "user": bool(i % 2), "closes": i % 5 == 0} for i in range(64)]
            self.turns, self.refusal = {"assistant": [7, 1, 9, 7], "user": [7, 1, 8, 7], "newline": 7}, [10, 11, 2]
        else:
            self.prose = np.load(f"{self.o.text}/tokens.npy")
            self.held_prose = np.load(f"{self.o.text}/heldout_tokens.npy")
            self.prompts, self.turns, self.refusal = prompt_pool.load(self.o.prompts)

    def timed(self, name, tokens, began):
        self.figures["tokens"][name] = self.figures["tokens"].get(name, 0) + int(tokens)
        self.figures["seconds"][name] = round(self.figures["seconds"].get(name, 0) + time.time() - began, 1)
        (self.work / "figures.json").write_text(json.dumps(self.figures, indent=1))

    def sample(self):
        path, began = self.work / "chat.npy", time.time()
        if not path.exists():
            sampler = Sampler(TeacherWriter(self.teacher, self.o.sample_rows), self.o.sample_rows, Pool(self.prompts, self.turns), 0.4)
            rounds, each = [], 0.0
            while not rounds or time.time() - began + each < self.o.sample_seconds and not self.steps:
                mark = time.time()
                rounds.append(sampler.round().cpu().numpy().astype(np.uint16))
                each = time.time() - mark
            np.save(path, np.concatenate(rounds))
            del sampler
            if CUDA:
                torch.cuda.empty_cache()
            self.timed("sample", sum(r.size for r in rounds), began)
        self.chat = np.load(path)
        held, chat = (np.load(self.o.held), self.chat) if self.o.held else (self.chat[:HELD_CHATS], self.chat[HELD_CHATS:])
        np.save(self.work / "held_chat.npy", held)
        self.mix = Mix(self.prose, chat, self.shape.row, self.o.chat_share)
        self.sets = measure.held_out(held, self.held_prose, self.shape.row)

    def early_stages(self):
        path, o = self.work / "aligned.pt", self.o
        if o.start or path.exists():
            self.student = Student.from_flat(self.shape, torch.load(o.start or path, map_location="cpu"))
            return
        self.student = from_teacher(self.teacher, self.teacher.decay_readout(self.mix.take(min(16, o.rows)).tokens))
        for name, stage, seconds in (("orient", orient, o.orient_seconds), ("align", align, o.align_seconds)):
            began = time.time()
            first, last, tokens = stage(self.student, self.teacher, self.mix, o.rows, seconds, max_steps=self.steps)
            self.timed(name, tokens, began)
            self.figures[name] = [first, last]
        torch.save(self.student.flat(), path)

    def refresh_own(self, quantized):
        try:
            self.mix.set_own(*self.own.sample(quantized))
        except Exception as why:                      # training without these rows is worth more than no training
            log("ON-POLICY SAMPLING FAILED:", repr(why)[:500])

    def race(self):
        """The same steps from the same weights with each optimizer; the lower held-out KL goes on. -> its optimizers."""
        plan, began = Plan(decay_from=1.0), time.time()
        start, results = copy_weights(self.student), {}
        for muon in (True, False):
            restore_weights(self.student, start)
            optimizers = optimizers_for(self.student, muon)
            now = time.time()
            tokens, _ = distill(self.distiller, optimizers, self.mix, plan, now, now + self.o.race_seconds, max_steps=self.steps)
            found = measure.report(f"race {'Muon' if muon else 'AdamW'}", self.distiller, self.sets, False)
            score = sum(v["kl"] for v in found.values())
            results[muon] = score, copy_weights(self.student), optimizers
            self.timed("race", tokens, began)
        muon = results[True][0] < results[False][0]
        log("race won by", "Muon" if muon else "AdamW", {k: round(v[0], 4) for k, v in results.items()})
        self.figures["race"] = {"muon": results[True][0], "adamw": results[False][0]}
        restore_weights(self.student, results[muon][1])
        return results[muon][2]

    def save(self, name, quantized=True):
        """Checkpoint and shipped form. Failing here must not end the training."""
        try:
            flat = {k: v.cpu() for k, v in self.student.flat().items()}
            torch.save(flat, self.work / f"{name}.tmp")
            os.replace(self.work / f"{name}.tmp", self.work / f"{name}.pt")
            if self.o.gguf:
                export.write_model(flat, self.shape, self.o.gguf, self.work / name, SAFE_LENGTH)
            log("SAVED", name)
        except Exception as why:
            log("SAVING FAILED:", name, repr(why)[:500])

    def long_text(self, name, quantized):
        try:
            stream = torch.from_numpy(self.held_prose.astype("int32")).to(DEVICE)
            self.figures[name] = measure.by_position(self.distiller, stream, quantized, self.o.long_rows)
            log(name, [(r["to"], r["ppl"], r["state_norm"]) for r in self.figures[name]])
        except Exception as why:
            log("LENGTH MEASURE FAILED:", repr(why)[:500])

    def measures(self, name, quantized):
        """-> sum of the held-out KLs, infinite if it could not be measured."""
        try:
            self.figures[name] = measure.report(name, self.distiller, self.sets, quantized)
            return sum(v["kl"] for v in self.figures[name].values())
        except Exception as why:
            log("MEASURE FAILED:", repr(why)[:500])
            return float("inf")

    def averaged(self, average, score):
        """Keeps the running average of the last weights instead of the last ones if it measures better than `score`."""
        if average.weights is None:
            return
        last = copy_weights(self.student)
        restore_weights(self.student, average.weights)
        if self.measures("final_average", True) < score:
            log("THE AVERAGE IS BETTER")
            self.figures["kept"] = "final_average"
            self.save("final")
        else:
            restore_weights(self.student, last)

    def main_stage(self):
        o, plan = self.o, replace(RESUMED if self.o.start else Plan(), carry_from=self.o.carry_from)
        self.distiller = Distiller(self.student, self.teacher, o.rows, self.refusal)
        self.own = OnPolicy(self.student, self.chat, self.turns, self.refusal, o.own_rows, o.own_rounds, self.prompts)
        self.distiller.compile_graphs(self.mix.take(o.rows))
        if o.start:
            self.measures("start", True)
        optimizers = optimizers_for(self.student, plan.muon) if o.start else self.race()
        average = Average(self.student)
        end, began = self.end - o.finish_seconds, time.time()
        at = [(0.5, lambda q: (self.measures("middle", q), self.save("middle"))),
              (0.795, lambda q: (self.measures("late", q), self.long_text("length_late", q), self.save("late")))]
        if o.warm:
            for q in (False, True):
                plan = replace(plan, quantize_from=0.0 if q else 2.0, carry_from=0.0 if q else 2.0, own_at=(0.0,) if q else ())
                distill(self.distiller, optimizers, self.mix, plan, time.time(), time.time() + 1e6, self.refresh_own, max_steps=6)
                self.measures("warm", q)
            return self.long_text("warm_length", True)
        tokens, mean = distill(self.distiller, optimizers, self.mix, plan, began, end, self.refresh_own, at, after_step=average.after_step)
        self.timed("distill", tokens, began)
        began = time.time()
        self.save("final")
        log("FINAL EXPORT IS WRITTEN")
        self.measures("final_full", False)
        self.averaged(average, self.measures("final", True))
        self.long_text("length_after", True)
        self.timed("finish", 0, began)

    def all(self):
        log("device", DEVICE, torch.__version__, vars(self.o))
        self.sample()
        self.early_stages()
        self.main_stage()
        if CUDA:
            log(f"most memory {torch.cuda.max_memory_allocated() / 2 ** 30:.1f} GiB")
        log("ALL DONE")


if __name__ == "__main__":
    Run(options()).all()
