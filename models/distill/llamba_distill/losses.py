"""The losses of the three MOHAWK stages (paper.md 6). Each returns a scalar; sums and softmaxes are float32."""
import torch
import torch.nn.functional as F

from .student import mixer, project


def orientation(h, attention, conv_state, keep, reset, in_proj, conv_weight, conv_bias, shape):
    """Stage 1. h [b, l, d] normalized input, attention [b, heads, l, l] of the teacher.

    Squared distance of each row of the student's mixing matrix, relative to the teacher's row.
    """
    b, l, _ = h.shape
    xbc, _, a_log, _ = project(h, conv_state, keep, in_proj, conv_weight, conv_bias, shape, False)
    heads = lambda k: xbc[..., k * shape.inner:(k + 1) * shape.inner].reshape(b, l, shape.heads, shape.head).transpose(1, 2)
    cum = (-F.softplus(a_log.float()) + reset[..., None]).transpose(1, 2).cumsum(-1)
    i = torch.arange(l, device=h.device)
    decay = torch.exp((cum[..., :, None] - cum[..., None, :]).masked_fill(i[:, None] < i[None, :], float("-inf")))
    matrix = torch.matmul(heads(2), heads(1).transpose(-1, -2)).float() * decay
    attention = attention.float()
    return ((matrix - attention).pow(2).sum(-1) / (attention.pow(2).sum(-1) + 0.02)).mean()


def relative_error(ours, theirs):
    theirs = theirs.float()
    size = theirs.pow(2).sum(-1)
    return ((ours.float() - theirs).pow(2).sum(-1) / (size + size.mean())).mean()


def alignment(h, y, u, conv_state, state, keep, reset, in_proj, conv_weight, conv_bias, z_bias, D, out_proj, shape):
    """Stage 2. y [b, l, inner] head outputs and u [b, l, d] attention output of the teacher, from the same input h.

    -> error of the mixer's output, error of the gated head outputs.
    """
    gated, out, _, _ = mixer(h, conv_state, state, keep, reset, in_proj, conv_weight, conv_bias, z_bias, D, out_proj, shape, False)
    return relative_error(out, u), relative_error(gated, y)


def kl(student_logits, teacher_logits, weight, token, shift):
    """Stage 3, for n tokens. weight [n] float; shift [n] float is added to the teacher's logit of token [n] (-1: of none).

    -> sum of weight * KL(teacher || student), its gradient with respect to the student's logits.
    """
    s, t = student_logits.float(), teacher_logits.float()
    t = t + (torch.arange(t.shape[1], device=t.device) == token[:, None]) * shift[:, None]
    log_s, log_t = torch.log_softmax(s, -1), torch.log_softmax(t, -1)
    p = log_t.exp()
    gradient = (log_s.exp() - p) * weight[:, None]
    return ((p * (log_t - log_s)).sum(-1) * weight).sum(), gradient.to(student_logits.dtype)
