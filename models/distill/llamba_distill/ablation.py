"""What the training texts do: the same tokens of chat only, prose only and the mix (in the spirit of Llamba's Figure 3).

usage: python -m llamba_distill.ablation --work DIR --gguf TEACHER.gguf --text TEXT_DIR --chat chat.npy --held held_chat.npy
       --tokenizer tokenizer.json --until EPOCH

A fresh student goes through short stages 1 and 2 once, on the mix. From there each mix gets the same number of stage 3 steps, in
full precision. Ends at EPOCH (time.time()); what is done by then is in DIR/ablation.json.
"""
import argparse
import json
import time
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import gguf, judge, measure
from .data import Mix
from .device import DEVICE, log, synchronize
from .evaluate import HELD_OUT
from .export import SYSTEM
from .generate import answers, chat_text
from .shape import Shape
from .stage12 import align, orient
from .stage3 import Distiller, Plan, copy_weights, learning_rate, optimizers_for, restore_weights
from .student import from_teacher
from .teacher import Teacher

MIXES = {"chat": 1.0, "prose": 0.0, "mix": 0.65}          # share of chat rows
PLAN = Plan(lr=6e-4, warmup=20, decay_from=0.0)
TRIAL_STEPS = 12                                          # that tell the rate, on a copy
AFTER_A_RUN = 8.0                                         # seconds kept for each run's measures


def train(distiller, mix, steps, until):
    """`steps` steps of stage 3 with Muon, learning rate PLAN.lr to 0. -> steps done (fewer if the clock reached `until`), seconds."""
    optimizers, began = optimizers_for(distiller.student, True), time.time()
    for n in range(steps):
        if time.time() >= until:
            return n, time.time() - began
        distiller.gradients(mix.take(distiller.rows), False)
        optimizers.step(learning_rate(PLAN, n, n / steps), clip=1.0)
        if n % 10 == 9:
            synchronize()                                 # so that the clock is the device's
    synchronize()
    return steps, time.time() - began


def facts(student, tokenizer):
    """Questions that the teacher answers correctly, answered greedily. -> right, of."""
    known = json.loads((HELD_OUT / "known.json").read_text())
    wanted = {q["question"]: q["answer"] for q in json.loads((HELD_OUT / "questions.json").read_text())}
    encode = lambda text: tokenizer.encode(text, add_special_tokens=False).ids
    said, _ = answers(student, [encode(chat_text(SYSTEM, u)) for u in known], 48)
    return sum(judge.right(tokenizer.decode(s), wanted[u]) for u, s in zip(known, said)), len(known)


def compare(teacher, prose, chat, sets, o, ask=None):
    """prose: token stream; chat [n, row]; sets: held-out rows by name; ask(student) -> right, of. -> {mix: figures}."""
    shape, table = teacher.shape, {}
    mix = Mix(prose, chat, shape.row, MIXES["mix"])
    student = from_teacher(teacher, teacher.decay_readout(mix.take(min(16, o.rows)).tokens))
    orient(student, teacher, mix, o.rows, o.orient_seconds)
    align(student, teacher, mix, o.rows, o.align_seconds)
    start, distiller = copy_weights(student), Distiller(student, teacher, o.rows)
    measure.report("ablation, aligned", distiller, sets, False)
    train(distiller, mix, 2, o.until)                     # compiles
    _, seconds = train(distiller, mix, TRIAL_STEPS, o.until)
    each = min(o.each_seconds, (o.until - time.time()) / len(MIXES) - AFTER_A_RUN)
    steps = max(1, int(each / seconds * TRIAL_STEPS))
    log(f"ablation: {steps} steps each, {steps * o.rows * shape.row / 1e6:.2f}M tokens")
    for name, share in MIXES.items():
        restore_weights(student, start)
        done, seconds = train(distiller, Mix(prose, chat, shape.row, share), steps, o.until)
        table[name] = {"steps": done, "of": steps, "tokens": done * o.rows * shape.row, "seconds": round(seconds, 1)}
        table[name] |= measure.report(f"ablation, {name}", distiller, sets, False)
        if ask:
            table[name]["facts"] = ask(student)
        Path(o.work, "ablation.json").write_text(json.dumps(table, indent=1))
        log("ablation", name, table[name])
        if time.time() >= o.until:
            break
    return table


def options(argv=None):
    p = argparse.ArgumentParser()
    add = p.add_argument
    add("--work", required=True), add("--gguf", required=True), add("--text", required=True), add("--chat", required=True)
    add("--held", required=True), add("--tokenizer", required=True), add("--until", type=float, required=True)
    add("--rows", type=int, default=40), add("--orient_seconds", type=float, default=8)
    add("--align_seconds", type=float, default=35), add("--each_seconds", type=float, default=40)
    return p.parse_args(argv)


def main():
    o = options()
    teacher, tokenizer = Teacher(Shape(), gguf.teacher_state(o.gguf)[1]), Tokenizer.from_file(o.tokenizer)
    sets = measure.held_out(np.load(o.held), np.load(f"{o.text}/heldout_tokens.npy"), teacher.shape.row)
    log("ablation on", DEVICE, vars(o))
    compare(teacher, np.load(f"{o.text}/tokens.npy"), np.load(o.chat), sets, o, lambda student: facts(student, tokenizer))
    log("ABLATION DONE")


if __name__ == "__main__":
    main()
