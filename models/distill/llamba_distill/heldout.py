"""Chooses the passages of a set by rule and reads them back.

usage: python -m llamba_distill.heldout TEXT_DIR TOKENIZER_JSON OUT.json [development]
The list holds paragraph numbers of the held-out stream (development: of the training stream) and a hash of each text, not
the text.
"""
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .judge import entities

STREAMS = {"heldout": "heldout_", "development": ""}     # name of a set -> prefix of its stream's files (prepare_text.py)
COUNT, WORDS = {"heldout": 20, "development": 24}, (150, 300)


def paragraphs(text_dir, tokenizer, first, last, stream):
    """Text of a stream's paragraphs first..last (last included), or None across a document's end."""
    tokens, starts = np.load(f"{text_dir}/{stream}tokens.npy", "r"), np.load(f"{text_dir}/{stream}paragraphs.npy", "r")
    ids = tokens[starts[first]:starts[last + 1] - 2]
    return None if (ids == 0).any() else tokenizer.decode(ids.tolist()).strip()


def choose(text_dir, tokenizer, name):
    """From evenly spaced places on: the first run of paragraphs with 150 to 300 words and two named things."""
    stream = STREAMS[name]
    read = lambda first, last: paragraphs(text_dir, tokenizer, first, last, stream)
    total = len(np.load(f"{text_dir}/{stream}paragraphs.npy"))
    for place in np.linspace(0, total - 60, COUNT[name]).astype(int):
        for first in range(place, total - 4):
            found = next((last for last in range(first, first + 3) if fits(read(first, last))), None)
            if found is not None:
                yield {"first": int(first), "last": int(found), "sha1": hashlib.sha1(read(first, found).encode()).hexdigest()}
                break


def fits(text):
    return text is not None and WORDS[0] <= len(text.split()) <= WORDS[1] and len(set(entities(text))) >= 2


def passages(text_dir, tokenizer, file, stream):
    for p in json.loads(Path(file).read_text()):
        text = paragraphs(text_dir, tokenizer, p["first"], p["last"], stream)
        if hashlib.sha1(text.encode()).hexdigest() != p["sha1"]:
            raise ValueError(f"the text differs at paragraph {p['first']}: other commits of the sources?")
        yield text


if __name__ == "__main__":
    chosen = list(choose(sys.argv[1], Tokenizer.from_file(sys.argv[2]), *(sys.argv[4:] or ["heldout"])))
    Path(sys.argv[3]).write_text(json.dumps(chosen, indent=0))
    print(len(chosen), "passages")
