//===- CpuSchedule.cpp - The cost model of the CPU target -----------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Template `loops`: the kernel's loops as they are, in tasks of a few thousand
// operations. `tile` is the number of result elements along each dim that one
// task computes, 0 for all.
//
//===----------------------------------------------------------------------===//

#include "compiler/target/cpu/CpuTarget.h"
#include "dialects/fsc/ops/Kernel.h"

using namespace mlir;

namespace fsc {

/// Operations that are worth a task of their own: some microseconds.
static constexpr double taskOperations = 16384;

/// The axis along which a result's elements depend on each other, or -1.
static int64_t rowAxis(KernelOp kernel) {
  if (kernel.getAnchor() != Anchor::row)
    return -1;
  Operation *anchor = kernel.getAnchorOp();
  auto axis = anchor ? anchor->getAttrOfType<IntegerAttr>("axis") : IntegerAttr();
  int64_t rank = cast<RankedTensorType>(kernel.getResult(0).getType()).getRank();
  return normalizeAxis(axis ? axis.getInt() : -1, rank).value_or(-1);
}

static ScheduleAttr scheduleLoops(KernelOp kernel) {
  MLIRContext *context = kernel.getContext();
  auto type = cast<RankedTensorType>(kernel.getResult(0).getType());
  double flops = 0;
  for (Operation &op : kernel.getBlock())
    if (auto interface = dyn_cast<FscOpInterface>(op))
      flops += interface.countFlops();
  double perElement = std::max(1.0, flops / std::max(1.0, detail::countElements(kernel.getResult(0))));

  SmallVector<int64_t> tile(type.getRank(), 1);
  double inner = perElement;
  int64_t row = rowAxis(kernel);
  if (row >= 0) {
    tile[row] = 0;
    inner *= std::max<double>(1, type.isDynamicDim(row) ? 64 : type.getDimSize(row));
  }
  for (int64_t axis = type.getRank(); axis-- > 0;) {
    // Dims after the axis of a row stay whole as well, so that rows are read side by side.
    if (axis == row || inner >= taskOperations)
      continue;
    int64_t size = type.getDimSize(axis);
    int64_t wanted = std::max<int64_t>(1, int64_t(taskOperations / inner));
    if (!ShapedType::isDynamic(size) && size <= wanted) {
      tile[axis] = 0;
      inner *= std::max<double>(1, double(size));
    } else {
      tile[axis] = wanted;
      inner = taskOperations;
    }
  }
  // About four operations in a nanosecond once vectorised, one where loops are short.
  return ScheduleAttr::get(context, "loops", tile, std::max<int64_t>(1, int64_t(inner / 2)));
}

ScheduleAttr CpuTarget::schedule(KernelOp kernel, int optLevel) const {
  if (optLevel == 0)
    return ScheduleAttr::get(kernel.getContext(), "reference", {}, 0);
  for (auto *choose : {scheduleRegister, scheduleWindow, scheduleConcat, scheduleRow})
    if (ScheduleAttr schedule = choose(kernel, level))
      return schedule;
  return scheduleLoops(kernel);
}

} // namespace fsc
