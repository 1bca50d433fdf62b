"""Chooses the held-out passages by rule and reads them back.

usage: python -m llamba_distill.heldout TEXT_DIR TOKENIZER_JSON OUT.json
The list holds paragraph numbers of the held-out stream and a hash of each text, not the text.
"""
import hashlib
import json
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from .judge import entities

COUNT, WORDS = 20, (150, 300)


def paragraphs(text_dir, tokenizer, first, last):
    """Text of held-out paragraphs first..last (last included), or None across a document's end."""
    tokens, starts = np.load(f"{text_dir}/heldout_tokens.npy"), np.load(f"{text_dir}/heldout_paragraphs.npy")
    ids = tokens[starts[first]:starts[last + 1] - 2]
    return None if (ids == 0).any() else tokenizer.decode(ids.tolist()).strip()


def choose(text_dir, tokenizer):
    """From COUNT evenly spaced places on: the first run of paragraphs with 150 to 300 words and two named things."""
    total = len(np.load(f"{text_dir}/heldout_paragraphs.npy"))
    for place in np.linspace(0, total - 60, COUNT).astype(int):
        for first in range(place, total - 4):
            found = next((last for last in range(first, first + 3) if fits(paragraphs(text_dir, tokenizer, first, last))), None)
            if found is not None:
                text = paragraphs(text_dir, tokenizer, first, found)
                yield {"first": int(first), "last": int(found), "sha1": hashlib.sha1(text.encode()).hexdigest()}
                break


def fits(text):
    return text is not None and WORDS[0] <= len(text.split()) <= WORDS[1] and len(set(entities(text))) >= 2


def passages(text_dir, tokenizer, file):
    for p in json.loads(Path(file).read_text()):
        text = paragraphs(text_dir, tokenizer, p["first"], p["last"])
        if hashlib.sha1(text.encode()).hexdigest() != p["sha1"]:
            raise ValueError(f"held-out text differs at paragraph {p['first']}: other commits of the sources?")
        yield text


if __name__ == "__main__":
    chosen = list(choose(sys.argv[1], Tokenizer.from_file(sys.argv[2])))
    Path(sys.argv[3]).write_text(json.dumps(chosen, indent=0))
    print(len(chosen), "passages")
