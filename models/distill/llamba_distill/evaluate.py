"""Judges a shipped folder. Runs on a CPU (float32) or a GPU (bf16), or with the app's own engine (--node).

usage: python -m llamba_distill.evaluate WHAT MODEL_DIR --gguf TEACHER.gguf --text TEXT_DIR [--chat held_chat.npy] [--rows N]
       python -m llamba_distill.evaluate WHAT MODEL_DIR --node NODE --teacher TEACHER_DIR --text TEXT_DIR
       both: [--sets development] [--settings GENERATION_CONFIG.json] [--out FOLDER]
WHAT: agreement | loops | facts | summaries | refusals | all. Results go to --out, one file NAME-WHAT.json each.
Settings are chosen on the development set; the held-out one says, once, what came of it.
"""
import argparse
import json
from functools import partial
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer

from . import gguf, heldout, judge, measure
from .app import App
from .device import CUDA, DEVICE, log
from .export import SYSTEM
from .generate import GREEDY, answers, chat_text
from .shape import Shape
from .shipped import read_student
from .stage3 import Distiller
from .teacher import Teacher

HERE = Path(__file__).parent.parent
HELD_OUT = HERE / "heldout"
BATCH = 4 if CUDA else 1              # rows at once when distributions are compared
TASK = "Summarize the following text:"
KINDS = ("facts", "loops", "refusals", "summaries", "agreement")
ABSENT = "quantum computing"          # in none of the held-out passages


class Evaluation:
    def __init__(self, o):
        self.o, self.sets = o, HERE / o.sets
        self.tokenizer = Tokenizer.from_file(f"{o.model}/tokenizer.json")
        self.student = App(o.node, o.model) if o.node else read_student(o.model)
        self.defaults = json.loads(Path(o.settings or f"{o.model}/generation_config.json").read_text())
        self._teacher = None

    @property
    def teacher(self):
        if self._teacher is None:
            self._teacher = App(self.o.node, self.o.teacher) if self.o.node else Teacher(Shape(), gguf.teacher_state(self.o.gguf)[1])
        return self._teacher

    def encode(self, user):
        return self.tokenizer.encode(chat_text(SYSTEM, user), add_special_tokens=False).ids

    def passages(self):
        return list(heldout.passages(self.o.text, self.tokenizer, self.sets / "passages.json", heldout.STREAMS[self.o.sets]))

    def say(self, model, users, limit, settings=GREEDY, seed=5):
        write = model.answers if isinstance(model, App) else partial(answers, model)
        said, ended = write([self.encode(u) for u in users], limit, settings, seed)
        return [self.tokenizer.decode(s) for s in said], said, ended

    def agreement(self):
        sets = measure.held_out(np.load(self.o.chat), np.load(f"{self.o.text}/heldout_tokens.npy"), Shape().row)
        distiller, found = Distiller(self.student, self.teacher, BATCH), {}
        for name, rows in sets.items():
            pick = torch.linspace(0, len(rows) - 1, self.o.rows, device=DEVICE).long()
            found[name] = measure.agreement(distiller, rows[pick], False)
            log("agreement", name, self.o.rows, "rows", found[name])
        return found

    def loops(self):
        users, out = json.loads((self.sets / "prompts.json").read_text()), {}
        runs = {"greedy": (self.student, GREEDY), "shipped defaults": (self.student, self.defaults)}
        if self.o.gguf or self.o.teacher:
            runs["teacher, greedy"] = self.teacher, GREEDY
        for name, (model, settings) in runs.items():
            texts, said, ended = self.say(model, users, 256, settings)
            bad = [judge.loops(s) for s in said]
            out[name] = {"loops": sum(bad), "of": len(users), "ended": sum(ended),
                         "answers": [{"prompt": u, "answer": t, "loops": b} for u, t, b in zip(users, texts, bad)]}
            log(f"loops, {name}: {sum(bad)} of {len(users)}; ended by themselves: {sum(ended)}")
        return out

    def facts(self):
        questions = json.loads((self.sets / "questions.json").read_text())
        users = [q["question"] for q in questions]
        known_file = self.sets / "known.json"
        if not known_file.exists():
            theirs = self.say(self.teacher, users, 48)[0]
            known = [u for u, q, t in zip(users, questions, theirs) if judge.right(t, q["answer"])]
            log("the teacher answers", len(known), "of", len(users))
            known_file.write_text(json.dumps(known[:40], indent=0))
        known = json.loads(known_file.read_text())
        wanted = {q["question"]: q["answer"] for q in questions}
        out = {}
        for name, settings in (("shipped defaults", self.defaults), ("greedy", GREEDY)):
            texts = self.say(self.student, known, 48, settings)[0]
            good = [judge.right(t, wanted[u]) for u, t in zip(known, texts)]
            out[name] = {"right": sum(good), "of": len(known), "answers": list(zip(known, texts, good))}
            log(f"facts, {name}: {sum(good)} of {len(known)}")
        return out

    def summaries(self):
        texts = self.passages()
        users = [f"{TASK}\n\n{t}" for t in texts]
        reference = self.say(self.teacher, users, 160)[0]
        ours = self.say(self.student, users, 160, self.defaults)[0]
        rouge = sum(judge.rouge_l(a, b) for a, b in zip(ours, reference)) / len(texts)
        count = lambda said: [sum(x) for x in zip(*(judge.supported(s, t) for s, t in zip(said, texts)))]
        out = {"rouge_l": round(rouge, 3), "entities": count(ours), "teacher_entities": count(reference),
               "summaries": [{"ours": a, "teacher": b} for a, b in zip(ours, reference)]}
        log("summaries", {k: v for k, v in out.items() if k != "summaries"})
        return out

    def refusals(self):
        """Per passage one question that it cannot answer, and one about something that it names."""
        texts = self.passages()
        ask = lambda t, what: f"{t}\n\nWhat does the text say about {what}?"
        users = [ask(t, ABSENT) for t in texts] + [ask(t, judge.entities(t)[0]) for t in texts]
        said = self.say(self.student, users, 64, self.defaults)[0]
        refused = ["does not say" in s.lower() for s in said]
        n = len(texts)
        out = {"absent_refused": sum(refused[:n]), "present_refused": sum(refused[n:]), "of": n, "answers": list(zip(users, said))}
        log(f"refusals: {out['absent_refused']} of {n} where it should, {out['present_refused']} of {n} where it should not")
        return out


def main():
    p = argparse.ArgumentParser()
    add = p.add_argument
    add("what", choices=(*KINDS, "all")), add("model"), add("--gguf"), add("--text")
    add("--chat"), add("--rows", type=int, default=28), add("--out", default=".")
    add("--node"), add("--teacher"), add("--sets", choices=tuple(heldout.STREAMS), default="heldout"), add("--settings")
    o = p.parse_args()
    evaluation = Evaluation(o)
    for what in KINDS[:-1 if o.node else None] if o.what == "all" else (o.what,):
        found = getattr(evaluation, what)()
        Path(o.out, f"{Path(o.model).name}-{what}.json").write_text(json.dumps(found, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
