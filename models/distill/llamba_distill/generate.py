"""Answers to a list of chats, all at once, one token a step: the shipped student or the teacher, on CPU or GPU."""
import torch

from .device import DEVICE
from .sampler import StudentWriter, TeacherWriter
from .shape import END_OF_TEXT, STOP
from .teacher import Teacher


def chat_text(system, user):
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


def pick(logits, recent, settings, generator):
    """logits [n, vocab]; recent [n, WINDOW]: the latest tokens of each row, for the penalty. -> one token each [n]."""
    penalty, at = settings["repetition_penalty"], logits.gather(1, recent)
    logits = logits.scatter(1, recent, torch.where(at > 0, at / penalty, at * penalty))
    if settings["temperature"] == 0:
        return logits.argmax(-1)
    p = torch.softmax(logits / settings["temperature"], -1)
    p = torch.where(p < settings["min_p"] * p.amax(-1, keepdim=True), 0.0, p)
    value, index = p.sort(-1, descending=True)
    value = torch.where(value.cumsum(-1) - value > settings["top_p"] * p.sum(-1, keepdim=True), 0.0, value)
    return index.gather(-1, torch.multinomial(value, 1, generator=generator)).squeeze(-1)


def plain(function):
    """In place of compiled(): a few hundred steps are done before a compiler is."""
    return function


WINDOW = 64            # latest tokens of a row that the repetition penalty looks at, as in the app (electron/core/generate-text.ts)
GREEDY = {"temperature": 0, "repetition_penalty": 1.0}


@torch.no_grad()
def answers(model, prompts, limit, settings=GREEDY, seed=5):
    """model: Student or Teacher; prompts: lists of tokens. -> token lists and whether each answer ended by itself."""
    n = len(prompts)
    writer = TeacherWriter(model, n, plain) if isinstance(model, Teacher) else StudentWriter(model, n, plain)
    token = torch.tensor([p[0] for p in prompts], device=DEVICE)
    start, position = torch.zeros(n, dtype=torch.long, device=DEVICE), torch.zeros(1, dtype=torch.long, device=DEVICE)
    said, ended, generator = [[] for _ in prompts], [False] * n, torch.Generator(device=DEVICE).manual_seed(seed)
    recent = token[:, None].repeat(1, WINDOW)
    for step in range(1, max(map(len, prompts)) + limit):
        logits = (writer(token, start, position) @ writer.embedding.t()).float()
        position += 1
        chosen, following = pick(logits, recent, settings, generator).tolist(), []
        for i, prompt in enumerate(prompts):
            if step < len(prompt):
                following.append(prompt[step])
            elif ended[i] or len(said[i]) >= limit:
                following.append(STOP)
            else:
                following.append(chosen[i])
                ended[i] = following[-1] in (STOP, END_OF_TEXT)
                if not ended[i]:
                    said[i].append(following[-1])
        if all(e or len(s) >= limit for e, s in zip(ended, said)):
            break
        token = torch.tensor(following, device=DEVICE)
        recent = torch.cat([recent[:, 1:], token[:, None]], 1)
    return said, ended
