"""Answers to a list of chats, all at once, one token a step: the shipped student or the teacher, on CPU or GPU."""
import torch

from .device import DEVICE
from .sampler import StudentWriter, TeacherWriter
from .shape import END_OF_TEXT, STOP
from .teacher import Teacher


def chat_text(system, user):
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


def pick(logits, said, settings, generator):
    """logits [n, vocab]; said [n, vocab] bool: tokens that each answer has said so far, for the penalty. -> one token each [n]."""
    penalty = settings["repetition_penalty"]
    logits = torch.where(said, torch.where(logits > 0, logits / penalty, logits * penalty), logits)
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


GREEDY = {"temperature": 0, "repetition_penalty": 1.0}


@torch.no_grad()
def answers(model, prompts, limit, settings=GREEDY, seed=5):
    """model: Student or Teacher; prompts: lists of tokens. -> token lists and whether each answer ended by itself."""
    n = len(prompts)
    writer = TeacherWriter(model, n, plain) if isinstance(model, Teacher) else StudentWriter(model, n, plain)
    token = torch.tensor([p[0] for p in prompts], device=DEVICE)
    start, position = torch.zeros(n, dtype=torch.long, device=DEVICE), torch.zeros(1, dtype=torch.long, device=DEVICE)
    said, ended, generator = [[] for _ in prompts], [False] * n, torch.Generator(device=DEVICE).manual_seed(seed)
    seen = torch.zeros(n, model.shape.vocab, dtype=torch.bool, device=DEVICE)
    for step in range(1, max(map(len, prompts)) + limit):
        logits = (writer(token, start, position) @ writer.embedding.t()).float()
        position += 1
        chosen, following = pick(logits, seen, settings, generator).tolist(), []
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
        answering = torch.tensor([bool(s) for s in said], device=DEVICE)
        seen[answering, token[answering]] = True
    return said, ended
