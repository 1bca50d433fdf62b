#pragma once

#include "engine/engine.h"

namespace llamba {

/** Rows of a matrix in MLX's affine form (spec 4.2). MLX chooses scale and offset of each group; both are rounded to the
    16 bits they are stored in before the codes are chosen, so the codes are right for the stored scales: with 8 bits and
    bf16 that halves the error. Throws Error bad-request for sizes that do not fit together, model-invalid for weights
    that are no finite numbers. */
Quantized quantize(const QuantizeRequest&);

}  // namespace llamba
