"""Answers to a list of chats, all at once, one token a step: the shipped student or the teacher, on CPU or GPU."""
import torch

from .device import DEVICE
from .sampler import StudentWriter, TeacherWriter
from .shape import END_OF_TEXT, STOP
from .teacher import Teacher


def chat_text(system, user):
    return f"<|im_start|>system\n{system}<|im_end|>\n<|im_start|>user\n{user}<|im_end|>\n<|im_start|>assistant\n"


def pick(logits, said, settings, generator):
    """One token from logits [vocab]. The penalty is over what the answer has said so far."""
    if settings["repetition_penalty"] != 1.0 and said:
        ids = torch.tensor(sorted(set(said)), device=logits.device)
        logits = logits.clone()
        logits[ids] = torch.where(logits[ids] > 0, logits[ids] / settings["repetition_penalty"], logits[ids] * settings["repetition_penalty"])
    if settings["temperature"] == 0:
        return int(logits.argmax())
    p = torch.softmax(logits / settings["temperature"], -1)
    p[p < settings["min_p"] * p.max()] = 0
    value, index = p.sort(descending=True)
    value[(value.cumsum(0) - value) > settings["top_p"] * p.sum()] = 0
    return int(index[torch.multinomial(value, 1, generator=generator)])


GREEDY = {"temperature": 0, "repetition_penalty": 1.0}


@torch.no_grad()
def answers(model, prompts, limit, settings=GREEDY, seed=5):
    """model: Student or Teacher; prompts: lists of tokens. -> token lists and whether each answer ended by itself."""
    n = len(prompts)
    writer = TeacherWriter(model, n) if isinstance(model, Teacher) else StudentWriter(model, n)
    token = torch.tensor([p[0] for p in prompts], device=DEVICE)
    start, position = torch.zeros(n, dtype=torch.long, device=DEVICE), torch.zeros(1, dtype=torch.long, device=DEVICE)
    said, ended, generator = [[] for _ in prompts], [False] * n, torch.Generator(device=DEVICE).manual_seed(seed)
    for step in range(1, max(map(len, prompts)) + limit):
        logits = (writer(token, start, position) @ writer.embedding.t()).float()
        position += 1
        following = []
        for i, prompt in enumerate(prompts):
            if step < len(prompt):
                following.append(prompt[step])
            elif ended[i] or len(said[i]) >= limit:
                following.append(STOP)
            else:
                following.append(pick(logits[i], said[i], settings, generator))
                ended[i] = following[-1] in (STOP, END_OF_TEXT)
                if not ended[i]:
                    said[i].append(following[-1])
        if all(e or len(s) >= limit for e, s in zip(ended, said)):
            break
        token = torch.tensor(following, device=DEVICE)
    return said, ended
