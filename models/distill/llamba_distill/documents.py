"""Where documents start inside a row, and the masks that keep them apart."""
import torch
import torch.nn.functional as F

from .device import DEVICE, DTYPE, create_block_mask
from .shape import END_OF_TEXT, START

RESET = -40.0           # added to a log decay: exp(-40) of the old state is nothing in any of our number types
_flex = {}


def split(tokens, shape, continues):
    """tokens [b, l]; continues [b] bool: the row's first document goes on from the row before.

    -> document number [b, l]; keep [b, l, taps-1]: is the token k+1 back the same document; reset [b, l].
    """
    following = F.pad(tokens[:, 1:], (0, 1), value=-1)
    starts = (tokens == END_OF_TEXT) | ((tokens == START) & (following == shape.system_id))
    starts = torch.cat([~continues[:, None], starts[:, 1:]], 1)
    document = starts.long().cumsum(-1)
    length = tokens.shape[1]
    keep = torch.stack([F.pad(document, (k, 0), value=0)[:, :length] == document for k in range(1, shape.taps)], -1)
    return document, keep.to(DTYPE), torch.where(starts, RESET, 0.0)


def dense_mask(document):
    """-> [b, 1, l, l]: 0 where a key is visible, -inf elsewhere."""
    b, l = document.shape
    visible = (document[:, :, None] == document[:, None, :]).tril()
    mask = torch.zeros(b, 1, l, l, device=DEVICE, dtype=DTYPE)
    return mask.masked_fill_(~visible[:, None], float("-inf"))


def attention_mask(document):
    """The teacher's mask: a block mask for flex attention on the GPU, a dense one elsewhere."""
    if create_block_mask is None:
        return dense_mask(document)
    b, l = document.shape
    if (b, l) not in _flex:
        held = torch.zeros(b, l, dtype=torch.long, device=DEVICE)
        _flex[b, l] = held, lambda i, h, q, k: (q >= k) & (held[i, q] == held[i, k])
    held, rule = _flex[b, l]
    held.copy_(document)
    return create_block_mask(rule, b, None, l, l, device=DEVICE)
