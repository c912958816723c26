//===- Window.h - How convolutions and pools move ---------------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_DIALECTS_FSC_OPS_WINDOW_H
#define FSC_DIALECTS_FSC_OPS_WINDOW_H

#include "dialects/fsc/Shape.h"
#include "llvm/ADT/SmallVector.h"
#include "llvm/ADT/StringRef.h"

namespace fsc {

/// A window over the spatial dims of an operand, all vectors of the number of spatial dims.
struct Window {
  llvm::SmallVector<int64_t> kernel;
  llvm::SmallVector<int64_t> strides;
  llvm::SmallVector<int64_t> dilations;
  /// Padding before and after; both are 0 and not to be used if `same` is set.
  llvm::SmallVector<int64_t> padsBegin;
  llvm::SmallVector<int64_t> padsEnd;
  /// auto_pad SAME_UPPER or SAME_LOWER: the output is ceil(input / stride) and the padding follows from the sizes.
  bool same = false;
  bool sameLower = false;
  bool ceilMode = false;

  size_t rank() const { return kernel.size(); }
  /// The number of elements from the first to the last that the window covers.
  int64_t extent(size_t axis) const { return (kernel[axis] - 1) * dilations[axis] + 1; }
  Dim outputSize(size_t axis, Dim input) const;
  /// The padding before the first element.
  Dim padBegin(size_t axis, Dim input) const;
  bool isPointwise() const;
};

/// Reads and checks the attributes of a window op. Fails with a diagnostic on op.
mlir::FailureOr<Window> readWindow(mlir::Operation *op, llvm::ArrayRef<int64_t> kernel, llvm::StringRef autoPad,
                                   std::optional<llvm::ArrayRef<int64_t>> pads,
                                   std::optional<llvm::ArrayRef<int64_t>> strides,
                                   std::optional<llvm::ArrayRef<int64_t>> dilations, bool ceilMode);

/// The axis of the channels, and of the first spatial dim, of an activation.
inline int64_t channelAxis(bool channelsLast, int64_t rank) { return channelsLast ? rank - 1 : 1; }
inline int64_t spatialAxis(bool channelsLast) { return channelsLast ? 1 : 2; }

} // namespace fsc

#endif // FSC_DIALECTS_FSC_OPS_WINDOW_H
