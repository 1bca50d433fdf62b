"""Text preparation: permissively licensed repositories -> token streams.

usage: python -m llamba_distill.prepare_text SNAPSHOTS TOKENIZER_JSON OUT_DIR

SNAPSHOTS holds git directories named owner+name/repo. OUT_DIR gets, for training and with the prefix heldout_ for
evaluation: tokens.npy (uint16), paragraphs.npy (int64, where paragraphs start), terms.json, and the table data.md
(source, commit, licence, tokens) that DATA.md holds. A document starts with token 0 (<|endoftext|>); paragraphs are
joined by two newline tokens. One chapter in a hundred (by a hash of its name) and the books in HELD_OUT are held out.
"""
import hashlib
import json
import re
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

from . import extract
from .sources import Refused, find_repositories, licence, pep_is_free

HELD_OUT = {"standardebooks/ernest-shackleton_south", "standardebooks/john-stuart-mill_on-liberty"}
MIN_CHARACTERS = 600


def documents(name, repo, terms):
    """Yields (path, paragraphs) for each usable file of a repository."""
    owner = name.split("/")[0]
    for path in sorted(repo.files):
        if owner == "standardebooks":
            wanted = re.match(r"src/epub/text/.*\.xhtml$", path) and not extract.SKIP_CHAPTER.search(Path(path).name)
            read = extract.xhtml
        elif owner == "openstax":
            wanted, read = path.endswith("index.cnxml"), lambda data: extract.cnxml(data, terms)
        elif owner == "rust-lang":
            wanted, read = re.match(r"src/.*\.md$", path), extract.markdown
        else:
            wanted, read = re.match(r"peps/pep-\d+\.rst$", path) and pep_is_free(repo.text(path)), extract.rst
        if not wanted:
            continue
        paragraphs = read(repo.read(path))
        if sum(map(len, paragraphs)) > MIN_CHARACTERS:
            yield path, paragraphs


def is_held_out(name, path):
    return name in HELD_OUT or int(hashlib.sha1(f"{name}/{path}".encode()).hexdigest(), 16) % 100 == 0


class Stream:
    """Tokens of one set, with the places where paragraphs start."""

    def __init__(self):
        self.parts, self.paragraphs, self.length = [], [], 0

    def add(self, encoded, newline):
        row = [0]
        for i, ids in enumerate(encoded):
            row += [newline, newline] if i else []
            self.paragraphs.append(self.length + len(row))
            row += ids
        self.parts.append(np.array(row, dtype=np.uint16))
        self.length += len(row)
        return len(row)

    def save(self, folder, prefix):
        np.save(folder / f"{prefix}tokens.npy", np.concatenate(self.parts))
        np.save(folder / f"{prefix}paragraphs.npy", np.array(self.paragraphs, dtype=np.int64))


def main(snapshots, tokenizer_file, out):
    tokenizer = Tokenizer.from_file(tokenizer_file)
    (newline,) = tokenizer.encode("\n", add_special_tokens=False).ids
    train, held, terms, rows = Stream(), Stream(), set(), []
    for name, repo in find_repositories(snapshots):
        try:
            kind = licence(name, repo)
        except Refused as why:
            print("refused", name, "-", why)
            continue
        counts = [0, 0]
        for path, paragraphs in documents(name, repo, terms):
            encoded = [e.ids for e in tokenizer.encode_batch(paragraphs, add_special_tokens=False)]
            held_out = is_held_out(name, path)
            counts[held_out] += (held if held_out else train).add(encoded, newline)
        rows.append(f"| {name} | {repo.commit[:12]} | {kind} | {counts[0]:,} | {counts[1]:,} |")
        print(rows[-1], flush=True)
    folder = Path(out)
    folder.mkdir(parents=True, exist_ok=True)
    train.save(folder, "")
    held.save(folder, "heldout_")
    (folder / "terms.json").write_text(json.dumps(sorted(terms)))
    head = "| repository | commit | licence | training tokens | held-out tokens |\n|---|---|---|---|---|\n"
    total = f"| all | | | {train.length:,} | {held.length:,} |\n"
    (folder / "data.md").write_text(head + "\n".join(rows) + "\n" + total)


if __name__ == "__main__":
    main(*sys.argv[1:4])
