// What the rows of a quantized matrix share, whatever x is spread to. Included by kernel_text.h.
// Names: W lanes, R rows of the matrix at once, B rows of x at once.

constexpr int kTile = 4;  // rows of the matrix that are finished together

// Scales and biases of up to this many groups are widened at a time; they stay in L1.
constexpr int kGroups = 512;

// Words to fetch ahead, 4 KiB: rows of a narrow matrix are too short for the processor to see a stream.
constexpr int kAhead = 1024;

// Widened scales and biases [rows, count] of the matrix's next rows, and what a row of it needs to know of x.
struct Groups {
  const float *scales, *biases;
  int count, words;
  V::I lanes;     // spreads consecutive groups over a vector of words
  size_t stride;  // floats between the spread rows of x
  Groups from(int row) const { return {scales + row * count, biases + row * count, count, words, lanes, stride}; }
};
