import sys
from pathlib import Path

import pytest
import torch

sys.path.insert(0, str(Path(__file__).parent.parent))

from llamba_distill.data import Mix                                   # noqa: E402
from llamba_distill.shape import TINY                                 # noqa: E402
from llamba_distill.student import from_teacher                       # noqa: E402
from llamba_distill.teacher import Teacher, random_state              # noqa: E402


@pytest.fixture(scope="session")
def teacher():
    torch.manual_seed(0)
    return Teacher(TINY, random_state(TINY))


@pytest.fixture
def mix():
    import numpy as np
    rng = np.random.default_rng(2)
    rows = lambda n: rng.integers(3, TINY.vocab, n * TINY.row).astype(np.uint16)
    return Mix(rows(40), rows(16).reshape(16, TINY.row), TINY.row, 0.5)


@pytest.fixture
def student(teacher, mix):
    return from_teacher(teacher, teacher.decay_readout(mix.take(4).tokens))
