"""Whole runs at tiny sizes: a resumed run inside its time, the ablation, and the compiler's rehearsal."""
import json
import time

import numpy as np
import pytest
import torch

from llamba_distill import ablation, gguf, measure, train
from llamba_distill.shape import TINY
from llamba_distill.teacher import random_state

REHEARSAL = ["--warm", "--tiny", "--rows", "4", "--sample_rows", "40", "--own_rows", "6", "--long_rows", "2"]


@pytest.fixture(autouse=True)
def one_model_size(monkeypatch):
    monkeypatch.setattr(gguf, "teacher_state", lambda path: (None, random_state(TINY)))


def run(folder, *arguments):
    found = train.Run(train.options(["--work", str(folder), *arguments]))
    found.all()
    return found


@pytest.fixture(scope="module")
def first(tmp_path_factory):
    folder = tmp_path_factory.mktemp("first")
    run(folder, *REHEARSAL)
    return folder


def test_a_resumed_run_ends_in_time_and_keeps_the_better_weights(first, tmp_path, monkeypatch):
    warm = train.Run(train.options(["--work", str(tmp_path), *REHEARSAL]))
    monkeypatch.setattr(train.Run, "load_text", lambda self: self.__dict__.update(
        prose=warm.prose, held_prose=warm.held_prose, prompts=warm.prompts, turns=warm.turns, refusal=warm.refusal))
    (tmp_path / "chat.npy").write_bytes((first / "chat.npy").read_bytes())
    began = time.time()
    found = run(tmp_path, "--from", str(first / "aligned.pt"), "--held", str(first / "held_chat.npy"), "--tiny", "--embedding_bits", "8",
                "--seconds", "14", "--finish_seconds", "3", *REHEARSAL[2:])
    assert time.time() - began < 20
    assert len(found.mix.chat.tensors[0]) == len(np.load(first / "chat.npy")), "no new rows are held out"
    figures, flat = found.figures, torch.load(tmp_path / "final.pt")
    assert {"start", "middle", "late", "final", "final_average", "length_after"} <= set(figures)
    score = {k: sum(v["kl"] for v in figures[k].values()) for k in ("final", "final_average")}
    kept = measure.report("kept", found.distiller, found.sets, True)
    assert sum(v["kl"] for v in kept.values()) == pytest.approx(min(score.values()), abs=1e-3)
    assert all(torch.equal(flat[k], v) for k, v in found.student.flat().items())
    assert score["final"] < sum(v["kl"] for v in figures["start"].values())


def test_the_ablation_gives_each_mix_the_same_steps(teacher, tmp_path):
    rng = np.random.default_rng(3)
    rows = lambda n: rng.integers(3, TINY.vocab, n * TINY.row).astype(np.uint16)
    sets = measure.held_out(rows(4).reshape(4, -1), rows(40), TINY.row)
    o = ablation.options(["--work", str(tmp_path), *"--gguf - --text - --chat - --held - --tokenizer - --rows 4 --orient_seconds 1".split(),
                          "--align_seconds", "1", "--each_seconds", "2", "--until", str(time.time() + 60)])
    table = ablation.compare(teacher, rows(40), rows(16).reshape(16, -1), sets, o, lambda student: (0, 1))
    assert list(table) == ["chat", "prose", "mix"]
    assert len({t["steps"] for t in table.values()}) == 1 and all(t["steps"] == t["of"] for t in table.values())
    assert json.loads((tmp_path / "ablation.json").read_text())["mix"]["facts"] == [0, 1]


def test_the_ablation_stops_at_the_clock(teacher, tmp_path):
    rng = np.random.default_rng(3)
    rows = lambda n: rng.integers(3, TINY.vocab, n * TINY.row).astype(np.uint16)
    sets = measure.held_out(rows(4).reshape(4, -1), rows(40), TINY.row)
    o = ablation.options(["--work", str(tmp_path), *"--gguf - --text - --chat - --held - --tokenizer - --rows 4 --orient_seconds 1".split(),
                          "--align_seconds", "1", "--each_seconds", "60", "--until", str(time.time() + 5)])
    began = time.time()
    ablation.compare(teacher, rows(40), rows(16).reshape(16, -1), sets, o)
    assert time.time() - began < 9
    assert json.loads((tmp_path / "ablation.json").read_text())["chat"]["steps"] >= 1
