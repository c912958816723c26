//===- CpuFeatures.h - What instructions this machine can run ---*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_CPU_CPUFEATURES_H
#define FSC_RUNTIME_SRC_CPU_CPUFEATURES_H

#include <cstdint>

namespace fsc::runtime {

/// What this machine has. An object remembers what it asked the processor, since each
/// question costs tens of microseconds in a virtual machine.
class Cpu {
public:
  /// True if this machine and its operating system have the instruction set extension
  /// that LLVM calls `name` ("avx512f", "i8mm"). False for a name that the runtime does
  /// not know: code is not run on a guess.
  bool has(const char *name);

  /// The first of the null-terminated `features` that this machine lacks, or null.
  const char *firstMissing(const char *const *features);

private:
  struct Leaf {
    uint32_t leaf, subleaf;
    bool known;
    uint32_t registers[4];
  };
  const Leaf &ask(uint32_t leaf, uint32_t subleaf);
  bool bit(uint32_t leaf, uint32_t subleaf, unsigned where, unsigned position);

  Leaf leaves[16] = {};
  unsigned count = 0;
};

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_CPU_CPUFEATURES_H
