"""Answers obey their settings."""
import torch

from llamba_distill.generate import WINDOW, pick


def test_the_penalty_makes_recent_tokens_less_likely_and_no_others():
    settings = {"temperature": 0, "repetition_penalty": 1.5}
    recent = torch.full((3, WINDOW), 4)
    recent[0, -1] = recent[0, 0] = 1                                            # twice in the window, penalized once
    logits = torch.tensor([[0.0, 3.0, 2.1, -9, -9, -9]] * 2 + [[-9, -1.0, -1.2, -9, -0.9, -9]])
    assert pick(logits, recent, settings, None).tolist() == [2, 1, 1]
    assert pick(logits, recent, settings | {"repetition_penalty": 1.4}, None).tolist() == [1, 1, 1]
    assert pick(logits, recent, settings | {"repetition_penalty": 1.0}, None).tolist() == [1, 1, 4]
