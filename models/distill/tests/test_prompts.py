"""The pool of prompts: one question, an answer or a refusal by what the passage holds; held-out first turns stay out."""
import json
from pathlib import Path

import numpy as np
import pytest
from tokenizers import Tokenizer

from llamba_distill.prompts import ABSENT, Writer

FOLDER = Path(__file__).parents[1]
PARAGRAPHS = ["In the spring the old captain met {0} at the harbour, and they spoke of {1} for an hour before the ship had sailed away. " * 2]
NAMES = ["Margaret", "Bartholomew", "Carthage", "Dunstan", "Eleanor", "Ferdinand", "Gibraltar", "Horatio"]


@pytest.fixture(scope="module")
def writer(tmp_path_factory):
    folder = tmp_path_factory.mktemp("text")
    tokenizer = Tokenizer.from_file(str(FOLDER.parent / "embedded" / "llamba-135m" / "tokenizer.json"))
    texts = [PARAGRAPHS[0].format(NAMES[i % 8], NAMES[(i + 3) % 8]) + "\n\n" for i in range(120)]
    ids = [tokenizer.encode(t).ids for t in texts]
    np.save(folder / "tokens.npy", np.concatenate(ids).astype(np.uint16))
    np.save(folder / "paragraphs.npy", np.cumsum([0] + [len(i) for i in ids[:-1]]))
    (folder / "terms.json").write_text(json.dumps(["quantum computing", "harbour"]))
    spec = json.loads((FOLDER / "prompts.json").read_text())
    return Writer(folder, tokenizer, spec, {"who are you?"})


def test_one_in_three_names_is_absent_and_only_then_refused(writer):
    turns = [t for t in (writer.user_turn("named") for _ in range(600)) if t]
    refused = [said for _, said, answer in turns if answer == writer.spec["refusal"]]
    assert abs(len(refused) / len(turns) - ABSENT) < 0.07
    for _, said, answer in turns:
        times = [said.count(n) for n in NAMES + ["quantum computing"]]
        assert (1 in times) == (answer is not None), "a name that the passage has stands there twice, and once more in the question"


def test_the_same_words_ask_for_both(writer):
    begins = lambda said: next((t for t in writer.spec["named"] if t.split("{t}")[0] in said), None)
    turns = [t for t in (writer.user_turn("named") for _ in range(600)) if t]
    asked = [{begins(said) for _, said, answer in turns if bool(answer) == refused} for refused in (False, True)]
    assert asked[0] == asked[1] and None not in asked[0]


def test_held_out_first_turns_are_left_out(writer):
    writer.spec = {**writer.spec, "opener": ["Who are you? "]}
    assert writer.prompt("opener") is None
    writer.spec["opener"] = ["Who am I?"]
    assert writer.prompt("opener")["closes"] is False
