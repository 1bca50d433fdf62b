"""Where stage 3's target differs from the teacher's own distribution: one token's logit is shifted.

Written refusals are learnt as text, because the teacher does not give them by itself. In rows that the student wrote, a token that
goes on with a loop is made improbable; a refusal there is the student's own claim and is judged by the teacher like any answer.
"""
import torch

from .loops import PENALTY

WRITTEN = 15.0         # added to the teacher's logit of a token of a written refusal: it becomes nearly the whole target


def shifted(batch, refusal):
    """batch: data.Batch; refusal [k]: tokens of the written refusal with its end. -> token [n, l] or -1, shift [n, l] float.

    Column j is about the prediction of token j + 1. Refusals are looked for in the teacher's chats and prose, not in own rows.
    """
    tokens, (n, l), k = batch.tokens, batch.tokens.shape, len(refusal)
    token = torch.full_like(tokens, -1)
    if k and l > k:
        at = (tokens.unfold(1, k, 1) == refusal).all(-1)                     # [n, l-k+1]: the refusal starts here
        at[n - batch.prose - batch.own:n - batch.prose] = False
        for i in range(k):
            places = at[:, 1:]                                               # predicted from the token before
            target = token[:, i:i + places.shape[1]]
            target.copy_(torch.where(places, refusal[i], target))
    shift = torch.where(token >= 0, WRITTEN, 0.0)
    if batch.own:
        following, loops = tokens[:, 1:], batch.looping[:, 1:]
        token[:, :-1] = torch.where(loops, following, token[:, :-1])
        shift[:, :-1] = torch.where(loops, PENALTY, shift[:, :-1])
    return token, shift
