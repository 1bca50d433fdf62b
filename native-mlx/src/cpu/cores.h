#pragma once

namespace llamba::cpu {

/** Physical cores among the logical processors this process may run on; at least 1. */
int physical_cores();

}  // namespace llamba::cpu
