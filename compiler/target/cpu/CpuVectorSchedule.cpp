//===- CpuVectorSchedule.cpp - Tasks of windows and copies ----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Template `window`: `tile` is pixels of a block, lanes of a vector, rows of the
// result (of all images) that are one task.
//
// Templates `concat` and `row`: `tile` is lanes of a vector, rows of a task.
//
//===----------------------------------------------------------------------===//

#include "compiler/target/cpu/CpuTarget.h"
#include "dialects/fsc/ops/Kernel.h"
#include "dialects/fsc/ops/Movement.h"

#include "passes/tiling/Tiling.h"

using namespace mlir;

namespace fsc {

/// Enough sums that do not wait for each other, few enough to stay in registers.
static constexpr int64_t blockPixels = 6;
/// Folds per nanosecond, of any kind: such kernels wait for memory as much as for arithmetic.
static constexpr double foldsPerNanosecond = 20;
static constexpr double taskNanoseconds = 5000;

ScheduleAttr scheduleWindow(KernelOp kernel, const CpuLevel &level) {
  const char *why = nullptr;
  Operation *op = matchWindow(kernel.getBlock(), why);
  if (!op)
    return {};
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  double folds = std::max(1.0, cast<FscOpInterface>(op).countFlops()), rows = 1;
  for (int64_t size : type.getShape().drop_back(2))
    rows *= ShapedType::isDynamic(size) ? 1 : double(std::max<int64_t>(size, 1));
  double perRow = folds / rows / foldsPerNanosecond;
  int64_t taskRows = std::max<int64_t>(1, int64_t(std::min(taskNanoseconds / perRow, rows / 4)));
  int64_t pixels = blockPixels;
  if (int64_t width = type.getDimSize(type.getRank() - 2); !ShapedType::isDynamic(width))
    pixels = std::clamp<int64_t>(width - 2, 1, blockPixels);
  return ScheduleAttr::get(kernel.getContext(), kWindowTemplate, {pixels, int64_t(level.vectorBits / 32), taskRows},
                           std::max<int64_t>(1, int64_t(perRow * double(taskRows))));
}

ScheduleAttr scheduleConcat(KernelOp kernel, const CpuLevel &level) {
  const char *why = nullptr;
  ConcatOp op = matchConcat(kernel.getBlock(), why);
  if (!op)
    return {};
  constexpr double bytesPerNanosecond = 20;
  ArrayRef<int64_t> shape = op.getType().getShape();
  double rowBytes = 4;
  for (int64_t size : shape.drop_front(*normalizeAxis(op.getAxis(), shape.size())))
    rowBytes *= ShapedType::isDynamic(size) ? 1 : double(std::max<int64_t>(size, 1));
  double perRow = 2 * rowBytes / bytesPerNanosecond;
  int64_t taskRows = std::max<int64_t>(1, int64_t(taskNanoseconds / perRow));
  return ScheduleAttr::get(kernel.getContext(), kConcatTemplate, {int64_t(level.vectorBits / 32), taskRows},
                           std::max<int64_t>(1, int64_t(perRow * double(taskRows))));
}

ScheduleAttr scheduleRow(KernelOp kernel, const CpuLevel &level) {
  const char *why = nullptr;
  Operation *op = matchRow(kernel.getBlock(), why);
  if (!op)
    return {};
  constexpr double nanosecondsPerElement = 0.3;
  constexpr double usualRow = 256;
  double length = 1;
  auto type = cast<RankedTensorType>(op->getResult(0).getType());
  if (type.getRank() != 0)
    length = type.isDynamicDim(type.getRank() - 1) ? usualRow : double(std::max<int64_t>(type.getShape().back(), 1));
  double perRow = nanosecondsPerElement * length + 20;
  int64_t taskRows = std::max<int64_t>(1, int64_t(taskNanoseconds / perRow));
  return ScheduleAttr::get(kernel.getContext(), kRowTemplate, {int64_t(level.vectorBits / 32), taskRows},
                           std::max<int64_t>(1, int64_t(perRow * double(taskRows))));
}

} // namespace fsc
