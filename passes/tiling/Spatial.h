//===- Spatial.h - How a window moves, as values ----------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_PASSES_TILING_SPATIAL_H
#define FSC_PASSES_TILING_SPATIAL_H

#include "passes/tiling/Epilogue.h"

namespace fsc {

/// A window over the two spatial dims of [N, H, W, C]; one spatial dim is taken as two, the first of size 1.
struct Spatial {
  Window window;
  IndexBuilder::Values in, out; // sizes of operand and result
  IndexBuilder::Values pads;    // before the first element
};

/// Of an op with channels last whose operand is `x` and whose result is the kernel's.
Spatial makeSpatial(IndexBuilder &builder, const Window &window, const KernelBuffers &buffers, mlir::Value x);

} // namespace fsc

#endif // FSC_PASSES_TILING_SPATIAL_H
