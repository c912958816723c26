//===- Window.cpp - How convolutions and pools move -----------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#include "dialects/fsc/ops/Window.h"

#include "mlir/IR/Operation.h"

using namespace mlir;

namespace fsc {

Dim Window::outputSize(size_t axis, Dim input) const {
  Dim stride(strides[axis]);
  if (same)
    return ceilDiv(input, stride);
  Dim room = input + Dim(padsBegin[axis] + padsEnd[axis] - extent(axis));
  if (!ceilMode)
    return max(floorDiv(room, stride) + Dim(1), Dim(0));
  Dim size = ceilDiv(room, stride) + Dim(1);
  // A window that would start in the padding after the input is left out.
  Dim lastStart = (size - Dim(1)) * stride - (input + Dim(padsBegin[axis]));
  return max(selectNegative(lastStart, size, size - Dim(1)), Dim(0));
}

Dim Window::padBegin(size_t axis, Dim input) const {
  if (!same)
    return Dim(padsBegin[axis]);
  Dim stride(strides[axis]);
  Dim total = max((ceilDiv(input, stride) - Dim(1)) * stride + Dim(extent(axis)) - input, Dim(0));
  return sameLower ? ceilDiv(total, Dim(2)) : floorDiv(total, Dim(2));
}

bool Window::isPointwise() const {
  auto all = [](ArrayRef<int64_t> values, int64_t value) {
    return llvm::all_of(values, [=](int64_t v) { return v == value; });
  };
  return all(kernel, 1) && all(strides, 1) && (same || (all(padsBegin, 0) && all(padsEnd, 0)));
}

FailureOr<Window> readWindow(Operation *op, ArrayRef<int64_t> kernel, llvm::StringRef autoPad,
                             std::optional<ArrayRef<int64_t>> pads, std::optional<ArrayRef<int64_t>> strides,
                             std::optional<ArrayRef<int64_t>> dilations, bool ceilMode) {
  // Larger numbers can only be an error or an attack; products of two of them stay far from overflow.
  constexpr int64_t limit = int64_t(1) << 30;
  size_t rank = kernel.size();
  Window window;
  window.ceilMode = ceilMode;
  auto take = [&](const char *name, std::optional<ArrayRef<int64_t>> given, size_t size, int64_t fallback,
                  int64_t lowest, SmallVector<int64_t> &values) -> LogicalResult {
    if (!given) {
      values.assign(size, fallback);
      return success();
    }
    if (given->size() != size)
      return op->emitOpError() << "expected " << size << " " << name << ", got " << given->size();
    for (int64_t value : *given)
      if (value < lowest || value > limit)
        return op->emitOpError() << "expected " << name << " of at least " << lowest << ", got " << value;
    values.assign(given->begin(), given->end());
    return success();
  };
  SmallVector<int64_t> allPads;
  if (failed(take("kernel_shape", kernel, rank, 1, 1, window.kernel)) ||
      failed(take("strides", strides, rank, 1, 1, window.strides)) ||
      failed(take("dilations", dilations, rank, 1, 1, window.dilations)))
    return failure();
  if (autoPad != "NOTSET" && autoPad != "VALID" && autoPad != "SAME_UPPER" && autoPad != "SAME_LOWER" &&
      !autoPad.empty())
    return op->emitOpError() << "expected auto_pad NOTSET, VALID, SAME_UPPER or SAME_LOWER, got '" << autoPad << "'";
  window.same = autoPad.starts_with("SAME");
  window.sameLower = autoPad == "SAME_LOWER";
  // Explicit pads count only where auto_pad is NOTSET.
  bool explicitPads = autoPad == "NOTSET" || autoPad.empty();
  if (failed(take("pads", explicitPads ? pads : std::nullopt, 2 * rank, 0, 0, allPads)))
    return failure();
  window.padsBegin.assign(allPads.begin(), allPads.begin() + rank);
  window.padsEnd.assign(allPads.begin() + rank, allPads.end());
  return window;
}

} // namespace fsc
