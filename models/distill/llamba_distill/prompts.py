"""The pool of prompts from which teacher chats start.

usage: python -m llamba_distill.prompts TEXT_DIR TOKENIZER_JSON PROMPTS_JSON HELD_OUT_DIR OUT.npz

Kinds and their shares stand in prompts.json. "free" prompts end after the system line: the teacher writes the user's
turn too. "question" prompts ask about a passage as a whole. "named" prompts ask what it says about a name; one in three
of those names is not in it, and then the prompt carries the refusal as a written answer. The same words are used either way, so that only the
passage tells. Questions of the held-out sets are left out.
"""
import json
import re
import sys
from pathlib import Path

import numpy as np
from tokenizers import Tokenizer

COUNT = 60000
PASSAGE = (60, 330)              # wanted tokens; shorter than the pilot's, most questions are about a page at most
ABSENT = 1 / 3                   # share of "named" questions about something that the passage does not name
TERM = 0.3                       # share of those about a term of a glossary; the others are names from another passage
LONGEST = 700                    # tokens of a prompt, so that a row of 1024 has room for the answer


class Writer:
    def __init__(self, text_dir, tokenizer, spec, held_out, seed=7):
        self.rng, self.spec, self.held_out = np.random.default_rng(seed), spec, held_out
        self.encode = lambda s: tokenizer.encode(s, add_special_tokens=False).ids
        self.decode = tokenizer.decode
        self.tokens = np.load(text_dir / "tokens.npy")
        self.starts = np.load(text_dir / "paragraphs.npy")
        self.terms = json.loads((text_dir / "terms.json").read_text())
        self.systems = [s for s, _ in spec["systems"]]
        weights = np.array([w for _, w in spec["systems"]])
        self.weights = weights / weights.sum()

    def pick(self, options):
        return options[int(self.rng.integers(len(options)))]

    def system(self):
        return self.systems[self.rng.choice(len(self.systems), p=self.weights)]

    def passage(self):
        """Whole paragraphs of one document, 40 to 380 tokens, as text."""
        while True:
            i = int(self.rng.integers(0, len(self.starts) - 40))
            wanted = int(self.rng.integers(*PASSAGE))
            j = i + 1
            while j < len(self.starts) - 1 and self.starts[j] - self.starts[i] < wanted:
                j += 1
            ids = self.tokens[self.starts[i]:self.starts[j] - 2]
            if 40 <= len(ids) <= 380 and not (ids == 0).any():
                return self.decode(ids.tolist()).strip()

    def names(self, text):
        """Capitalized words inside sentences, and glossary terms, that occur in the text."""
        found = set(re.findall(r"(?<=[a-z,] )[A-Z][a-z]{3,}(?: [A-Z][a-z]{3,})?", text))
        low = text.lower()
        return sorted(found | {t for t in self.terms if " " in t and t.lower() in low})

    def framed(self, parts, passage):
        before, after = self.pick(["", *parts["before"]]), self.pick(["", *parts["after"]])
        if not before and not after:
            before = self.pick(parts["before"])
        if before and after:
            after = ""
        return "\n\n".join(p for p in (before, passage, after) if p)

    def asked(self, passage, question):
        return f"{passage}\n\n{question}" if self.rng.random() < 0.6 else f"{question}\n\n{passage}"

    def user_turn(self, kind):
        """-> system line, user's text, written answer or None; None if no fitting passage was drawn."""
        spec, system = self.spec, self.system()
        if kind in ("term", "opener"):
            t = self.pick(self.terms)
            return system, self.pick(spec[kind]).replace("{t}", t), None
        if kind == "fact":
            templates, things = self.pick(spec["fact"])
            return system, self.pick(templates).replace("{x}", self.pick(things)), None
        passage = self.passage()
        if kind in ("summarize", "rewrite"):
            if self.rng.random() < 0.2:
                return self.pick(spec[kind]["systems"]), passage, None
            return system, self.framed(spec[kind], passage), None
        if kind == "question":
            return system, self.asked(passage, self.pick(spec["question"])), None
        absent = self.rng.random() < ABSENT
        names = self.absent(passage) if absent else self.names(passage)
        if not names:
            return None
        question = self.pick(spec["named"]).replace("{t}", self.pick(names))
        return system, self.asked(passage, question), spec["refusal"] if absent else None

    def absent(self, passage):
        """Names or terms of which no word of four letters or more occurs in the passage."""
        low, found = passage.lower(), []
        while not found:
            others = self.terms if self.rng.random() < TERM else self.names(self.passage())
            found = [n for n in others if not any(w in low for w in re.findall(r"\w{4,}", n.lower()))]
        return found

    def prompt(self, kind):
        head = "<|im_start|>system\n{}<|im_end|>\n<|im_start|>user\n"
        if kind == "free":
            return {"ids": self.encode(head.format(self.system())), "user": True, "closes": False}
        turn = self.user_turn(kind)
        if turn is None:
            return None
        system, said, answer = turn
        if said.strip().lower() in self.held_out:
            return None
        text = head.format(system) + said + "<|im_end|>\n<|im_start|>assistant\n" + (answer or "")
        return {"ids": self.encode(text), "user": False, "closes": answer is not None}


def save(path, prompts, encode, refusal):
    lengths = [len(p["ids"]) for p in prompts]
    np.savez(path, ids=np.concatenate([np.array(p["ids"], np.uint16) for p in prompts]), lengths=np.array(lengths, np.int32),
             user=np.array([p["user"] for p in prompts]), closes=np.array([p["closes"] for p in prompts]),
             assistant=np.array(encode("\n<|im_start|>assistant\n")), user_header=np.array(encode("\n<|im_start|>user\n")),
             newline=np.array(encode("\n")), refusal=np.array(encode(refusal + "<|im_end|>")))


def load(path):
    """-> prompts, turns (token lists of turn changes), tokens of the refusal."""
    data = np.load(path)
    ids = np.split(data["ids"].astype(np.int64), np.cumsum(data["lengths"])[:-1])
    prompts = [{"ids": i.tolist(), "user": bool(u), "closes": bool(c)} for i, u, c in zip(ids, data["user"], data["closes"])]
    turns = {"assistant": data["assistant"].tolist(), "user": data["user_header"].tolist(), "newline": int(data["newline"][0])}
    return prompts, turns, data["refusal"].tolist()


def main(text_dir, tokenizer_file, prompts_file, held_out_dir, out):
    tokenizer, spec = Tokenizer.from_file(tokenizer_file), json.loads(Path(prompts_file).read_text())
    held = set()
    for name in ("questions.json", "prompts.json"):
        held |= {(q if isinstance(q, str) else q["question"]).strip().lower() for q in json.loads((Path(held_out_dir) / name).read_text())}
    writer, prompts = Writer(Path(text_dir), tokenizer, spec, held), []
    kinds, shares = zip(*spec["shares"].items())
    while len(prompts) < COUNT:
        made = writer.prompt(str(writer.rng.choice(kinds, p=np.array(shares) / sum(shares))))
        if made and len(made["ids"]) <= LONGEST:
            prompts.append(made)
    save(out, prompts, writer.encode, spec["refusal"])
    print(len(prompts), "prompts,", sum(len(p["ids"]) for p in prompts), "tokens")


if __name__ == "__main__":
    main(*sys.argv[1:6])
