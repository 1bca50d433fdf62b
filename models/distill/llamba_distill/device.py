"""What differs between the GPU and the CPU tests: number type, compilation, kernels."""
import time

import torch

CUDA = torch.cuda.is_available()
DEVICE = "cuda" if CUDA else "cpu"
DTYPE = torch.bfloat16 if CUDA else torch.float32      # of matrix products; sums, norms and masters are float32
STARTED = time.time()

if CUDA:
    from torch import _dynamo
    from torch.nn.attention.flex_attention import create_block_mask, flex_attention

    from . import kernels
    torch.backends.cuda.matmul.allow_tf32 = True
    _dynamo.config.cache_size_limit = 64
    create_block_mask = torch.compile(create_block_mask, dynamic=False)
else:
    kernels = flex_attention = create_block_mask = None


def compiled(function):
    return torch.compile(function, dynamic=False) if CUDA else function


def log(*words):
    print(f"[{time.time() - STARTED:7.1f}]", *words, flush=True)


def synchronize():
    if CUDA:
        torch.cuda.synchronize()
