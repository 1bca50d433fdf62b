#pragma once

#include <string>
#include <vector>

namespace llamba::bench {

/** llamba-1b, llamba-3b, llamba-8b, llama-1b, llama-8b. */
std::vector<std::string> shapes();

/** Writes a model of a published shape (../shared/spec/llamba-model.md, 6) with random weights into a folder: 4 bits in
    groups of 64, bfloat16 scales, the embedding quantized too. Speed and memory are those of the real one. */
void make_model(const std::string& shape, const std::string& folder);

}  // namespace llamba::bench
