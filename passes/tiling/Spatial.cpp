//===- Spatial.cpp - How a window moves, as values ------------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "passes/tiling/Spatial.h"

using namespace mlir;

namespace fsc {

Spatial makeSpatial(IndexBuilder &ib, const Window &window, const KernelBuffers &buffers, Value x) {
  IndexBuilder::Values from = ib.dims(buffers.get(x)), to = ib.dims(buffers.output());
  Spatial result{window, {}, {}, {}};
  ShapeBuilder shapes(ib.b, ib.loc);
  for (size_t axis = 0; axis < window.rank(); ++axis) {
    std::optional<int64_t> known = IndexBuilder::known(from[1 + axis]);
    result.pads.push_back(shapes.materialize(window.padBegin(axis, known ? Dim(*known) : Dim(shapes, from[1 + axis]))));
  }
  result.in.assign(from.begin() + 1, from.end() - 1);
  result.out.assign(to.begin() + 1, to.end() - 1);
  if (window.rank() == 1) {
    Window &wide = result.window;
    for (auto *ones : {&wide.kernel, &wide.strides, &wide.dilations})
      ones->insert(ones->begin(), 1);
    for (auto *zeros : {&wide.padsBegin, &wide.padsEnd})
      zeros->insert(zeros->begin(), 0);
    result.in.insert(result.in.begin(), ib.index(1));
    result.out.insert(result.out.begin(), ib.index(1));
    result.pads.insert(result.pads.begin(), ib.index(0));
  }
  return result;
}

} // namespace fsc
