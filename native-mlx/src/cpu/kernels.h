#pragma once

#include <cstddef>
#include <cstdint>

namespace llamba::cpu {

enum class Number { f32, f16, bf16 };

constexpr int kTileRows = 16;  // the lanes of the widest vector

/** A matrix [N, K] as it lies in memory: affine-quantized with 4 or 8 bits (spec 4.2) and in tiles (tiles.h), or plain with
    bits 0. */
struct Matrix {
  const void* weight;  // uint32 words [N, K * bits / 32], or numbers [N, K]
  const void* scales;  // [N, K / group]
  const void* biases;
  Number number;       // of scales and biases, or of a plain weight
  int bits;
  int group;
  int N, K;
};

/** Rows [n0, n1) of y [M, N] = x [M, K] times the matrix transposed. x is as `spread` left it for a quantized matrix,
    plain for another. n0 is a multiple of kTileRows; n1 too, or N. */
struct MatvecJob {
  const Matrix* matrix;
  const float* x;  // [M, spread_size], or [M, K]
  int M;
  float* y;
};

/** One token of the mixer's middle for a batch; float32, the shapes of kernels/ssd.h. */
struct MixerJob {
  int H, G, P, N, K;
  bool swish;
  const float *proj, *conv, *ssm, *conv_weight, *conv_bias, *z_bias, *D;
  float *y, *conv_next, *ssm_next;
};

/** One instruction set's kernels. The text is in kernel_text.h, the vector type in simd_*.h. */
struct Kernels {
  const char* name;
  int mr, nr;     // rows and columns of a GEMM tile
  int gemm_rows;  // of x from which a quantized matrix's panels beat the matvec; measured
  /** Floats that `spread` writes for one row of x; what they hold is between it and `matvec`. */
  size_t (*spread_size)(const Matrix&);
  /** Lays out one row of x in the order in which the fields of the quantized matrix's words meet it. */
  void (*spread)(const float* x, const Matrix&, float* out);
  void (*matvec)(const MatvecJob&, int n0, int n1);
  /** Columns [n0, n0 + nr) of the transposed matrix, rows [k0, k1), dequantized to out [k1 - k0, nr]. k0 and k1 are
      multiples of 128 or the matrix's end. */
  void (*panel)(const Matrix&, int n0, int k0, int k1, float* out);
  /** c [rows, cols] = a [K][mr] times b [K][nr], plus `init` where it is not null. rows <= mr, cols <= nr. */
  void (*tile)(int K, const float* a, const float* b, const float* init, size_t ld_init, float* c, size_t ld_c,
               int rows, int cols);
  /** In place: x = exp(scale * (x - max x)) / its sum, n elements. */
  void (*softmax)(float* x, int n, float scale);
  /** Head h of sequence b; every pair is independent. */
  void (*mixer_step)(const MixerJob&, int b, int h);
};

/** The best of this machine. */
const Kernels& kernels();

/** Every set this machine can run, the portable one last: what the tests compare. */
const Kernels* const* all_kernels();  // ends with a null pointer

/** Makes `kernels()` return the set of that name; false when this machine has none. For tests and benchmarks. */
bool choose_kernels(const char* name);

}  // namespace llamba::cpu
