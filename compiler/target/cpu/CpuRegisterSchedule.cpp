//===- CpuRegisterSchedule.cpp - Tiles of contractions --------------------===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//
//
// Template `register`: `tile` is rows and vectors of the accumulators, lanes of
// a vector, rows and panels of a task. The vectors are those of a packed panel;
// the rows are the number, at most the level's, that leaves the least work
// undone at the end. Tasks are chosen so that what they share stays in the
// second-level cache: all panels for a block of rows where the weights are small,
// else one panel, read once, for as many rows as fit.
//
//===----------------------------------------------------------------------===//

#include "compiler/target/cpu/CpuTarget.h"
#include "dialects/fsc/ops/Kernel.h"

#include "passes/tiling/Tiling.h"

#include "llvm/Support/MathExtras.h"

using namespace mlir;

namespace fsc {

/// What may be taken of a second-level cache, in bytes.
static constexpr double cacheShare = 384 * 1024;
/// Operations of a task: a few microseconds at least, some tens where there is enough work.
static constexpr double leastOperations = 1e6, usualOperations = 6e6;
/// A register kernel's rate, in operations per nanosecond.
static constexpr double operationsPerNanosecond = 150;
/// What a size that is not known is taken to be.
static constexpr int64_t usualRows = 256;

/// Cycles of one step of the sums for a tile: two multiply-adds are started in a cycle and take four.
static double tileCycles(int64_t rows, int64_t vectors) {
  constexpr double latency = 4, overhead = 0.75;
  return std::max(double(rows * vectors) / 2, latency) + overhead;
}

/// The number of rows of a tile.
static int64_t chooseRows(const CpuLevel &level, int64_t rows, int64_t vectors) {
  // One vector leaves registers for more rows.
  int64_t most = vectors == 1 ? level.tileRows * 3 / 2 : level.tileRows;
  if (ShapedType::isDynamic(rows))
    return most;
  int64_t best = std::max<int64_t>(std::min(most, rows), 1);
  double least = 1e300;
  for (int64_t candidate = best; candidate > 0 && 2 * candidate >= best; --candidate) {
    int64_t rest = rows % candidate;
    double cycles = double(rows / candidate) * tileCycles(candidate, vectors) + (rest ? tileCycles(rest, vectors) : 0);
    if (cycles < least * 0.995) {
      least = cycles;
      best = candidate;
    }
  }
  return best;
}

ScheduleAttr scheduleRegister(KernelOp kernel, const CpuLevel &level) {
  const char *why = nullptr;
  std::optional<Contraction> what = matchContraction(kernel.getBlock(), why);
  if (!what)
    return {};
  int64_t lanes = level.vectorBits / 32, vectors = level.tileVectors, width = lanes * vectors;
  if (what->pack != 0 && what->pack != width)
    return {};
  auto known = [](int64_t size) { return ShapedType::isDynamic(size) ? usualRows : std::max<int64_t>(size, 1); };
  int64_t rows = known(what->rows), columns = known(what->columns), depth = known(what->depth) * what->taps;
  int64_t panels = llvm::divideCeil(columns, width);
  int64_t tileRows = chooseRows(level, what->rows, std::min<int64_t>(vectors, llvm::divideCeil(columns, lanes)));

  double perRow = 2.0 * double(depth) * double(std::min(columns, panels * width)); // operations of a row, all panels
  double total = perRow * double(rows);
  double rowBytes = 4.0 * double(known(what->depth)), panelBytes = 4.0 * double(depth * width);
  // At least so many tasks that two or more workers share them well.
  double wanted = std::clamp(total / 8, leastOperations, usualOperations);
  int64_t taskRows, taskPanels;
  if (panelBytes * double(panels) <= cacheShare) {
    taskPanels = panels;
    taskRows = int64_t(std::max(1.0, std::min(wanted / perRow, panels == 1 ? 1e18 : cacheShare / rowBytes)));
  } else {
    taskPanels = std::max<int64_t>(1, int64_t(wanted / (total / double(panels))));
    taskRows = int64_t(std::max(1.0, 4 * cacheShare / rowBytes));
  }
  taskPanels = std::min(taskPanels, panels);
  taskRows = llvm::divideCeil(std::min(taskRows, rows), tileRows) * tileRows;
  if (ShapedType::isDynamic(what->rows))
    taskRows = std::max<int64_t>(taskRows, tileRows);
  double operations =
      2.0 * double(depth) * double(std::min(taskRows, rows)) * double(std::min(taskPanels * width, columns));
  int64_t cost = std::max<int64_t>(1, int64_t(operations / operationsPerNanosecond));
  return ScheduleAttr::get(kernel.getContext(), kRegisterTemplate, {tileRows, vectors, lanes, taskRows, taskPanels},
                           cost);
}

} // namespace fsc
