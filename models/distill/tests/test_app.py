"""The app's engine answers as the recipe asks: its settings, its limit, an answer for each prompt in order."""
import os
from pathlib import Path

import pytest

from llamba_distill.app import App
from llamba_distill.generate import GREEDY

MODEL = Path(__file__).parents[3] / "test" / "fixtures" / "llamba" / "fp32-untied" / "model" / "tiny-fp32-untied.safetensors"
PROMPTS = [[5, 6, 7], [90, 91], [5, 6, 7]]


@pytest.mark.skipif("LLAMBA_NODE" not in os.environ, reason="needs the app: npm test sets LLAMBA_NODE")
def test_answers_of_the_engine():
    app = App(os.environ["LLAMBA_NODE"], MODEL)
    greedy, ended = app.answers(PROMPTS, 40, GREEDY, 1)
    assert [len(a) for a in greedy] == [40] * 3 and not any(ended)
    assert greedy[0] == greedy[2] != greedy[1]
    assert len(set(greedy[0])) < 40
    (once, *_), _ = app.answers(PROMPTS, 40, {"temperature": 0, "repetition_penalty": 1e3}, 1)
    assert len(set(once)) == 40
    warm = {"temperature": 5.0, "top_p": 1.0, "min_p": 0.0, "repetition_penalty": 1.0}
    drawn = app.answers(PROMPTS, 40, warm, 1)[0]
    assert drawn == app.answers(PROMPTS, 40, warm, 1)[0] != app.answers(PROMPTS, 40, warm, 9)[0]
    assert drawn[0] != drawn[2], "each prompt has a seed of its own"
    assert "CPU" in app.device.upper()
