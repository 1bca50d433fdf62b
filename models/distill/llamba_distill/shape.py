"""Sizes of teacher and student. Defaults: SmolLM2-135M-Instruct and the Llamba made from it."""
from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    d: int = 576                 # width of the residual stream
    layers: int = 30
    heads: int = 9               # query heads of the teacher; value, B and C heads of the student
    kv_heads: int = 3            # key and value heads of the teacher
    head: int = 64               # width of one head, and the student's state size N
    ff: int = 1536               # inner width of the MLP
    vocab: int = 49152
    rope_theta: float = 100000.0
    row: int = 1024              # tokens in one training row
    chunk: int = 64              # tokens the recurrence handles at once
    taps: int = 4                # width of the causal convolution
    embedding_bits: int = 4      # of the shipped embedding, which is the head too; all other matrices have quantize.BITS
    system_id: int = 9690        # token "system"; a document starts at 0 or at <|im_start|> system

    @property
    def inner(self):
        return self.heads * self.head

    @property
    def in_rows(self):
        """Rows of the mixer's in_proj: x, B, C, z (inner each) and one decay per head."""
        return 4 * self.inner + self.heads


START, STOP, END_OF_TEXT = 1, 2, 0           # <|im_start|>, <|im_end|>, <|endoftext|>
TINY = Shape(d=128, layers=2, heads=2, kv_heads=1, ff=192, vocab=512, row=128, system_id=4)
