//===- Signature.h - A descriptor, checked and made readable ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// The descriptor is plain data of a file. It is checked once, here, so that the rest of
// the runtime may rely on it.
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_SIGNATURE_H
#define FSC_RUNTIME_SRC_SIGNATURE_H

#include "runtime/abi/Artifact.h"
#include "runtime/src/Status.h"

#include <cstdint>
#include <deque>
#include <vector>

namespace fsc::runtime {

/// One side of a model's signature.
struct Signature {
  std::vector<fsc_value> values;
  std::vector<fsc_dim> dims;                    // of all values, in order
  std::vector<int64_t> symbols;                 // for each of dims: its symbol's number, or -1
  std::vector<size_t> firstDim;                 // for each value: where its dims begin
  std::deque<std::vector<fsc_value>> elements;  // what lists are of
  std::deque<std::vector<fsc_dim>> elementDims; // and their dims

  const int64_t *symbolsOf(size_t value) const { return symbols.data() + firstDim[value]; }
};

/// Checks what the descriptor says for itself: counts, pointers, numbers.
Status checkDescriptor(const char *path, const fsc_abi_artifact &artifact);

/// Reads `count` values ("input" or "output" is the `kind`).
Status readSignature(const char *path, const char *kind, const fsc_abi_artifact &artifact, int64_t count,
                     const fsc_abi_value *values, Signature &signature);

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_SIGNATURE_H
