"""Chats keep the form that training relies on."""
import numpy as np
import pytest
import torch

from llamba_distill.onpolicy import first_turns
from llamba_distill.sampler import Pool, Sampler, TeacherWriter
from llamba_distill.shape import START, STOP, TINY

TURNS = {"assistant": [7, START, 9, 7], "user": [7, START, 8, 7], "newline": 7}
PROMPT = [START, TINY.system_id, 5, STOP, 7, START, 8, 7, 6, STOP, 7, START, 9, 7]
ANSWER = [20, 21, 22]


@pytest.fixture
def rows(teacher):
    pool = Pool([{"ids": PROMPT + ANSWER, "user": False, "closes": True}] * 4, TURNS)
    return Sampler(TeacherWriter(teacher, 6), 6, pool, 0.0).round()


def test_written_answers_close_the_chat(rows):
    chat = PROMPT + ANSWER + [STOP]
    assert rows.shape == (6, TINY.row)
    assert rows[0, :len(chat)].tolist() == chat
    assert rows[0, len(chat):2 * len(chat) + 1].tolist() == [7, *chat]


def test_a_turn_that_is_stuck_in_a_loop_is_ended(teacher):
    pool = Pool([{"ids": PROMPT, "user": False, "closes": False}] * 4, TURNS)
    sampler = Sampler(TeacherWriter(teacher, 3), 3, pool, 0.0)
    sampler.choose = lambda *a: torch.full((3,), 33)
    row = sampler.round()[0].tolist()
    begin = len(PROMPT)
    answer = row[begin:row.index(STOP, begin)]
    assert set(answer) == {33} and 24 <= len(answer) < 27, "twelve more than make it a loop"
    assert row[begin + len(answer) + 1:][:1 + len(PROMPT)] == [7, *PROMPT]


def test_first_turns_are_found_and_refusals_left_out(rows):
    found = first_turns(rows.numpy().astype(np.int64), TINY, TURNS, (99,), 100)
    assert found and all(p["ids"] == PROMPT for p in found)
    assert first_turns(rows.numpy().astype(np.int64), TINY, TURNS, tuple(ANSWER), 100) == []
