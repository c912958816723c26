//===- CpuCount.h - How many threads this process may use -------*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_RUNTIME_SRC_CPUCOUNT_H
#define FSC_RUNTIME_SRC_CPUCOUNT_H

namespace fsc::runtime {

/// Processors that the calling thread may run on (its affinity mask), but no
/// more than the CPU quota of its control group, rounded down (up from 0.9): a
/// thread beyond the quota makes the kernel stop all of them. At least 1.
/// `root` stands before /proc and /sys in the paths that are read; tests use it.
int usableCpus(const char *root = "");

} // namespace fsc::runtime

#endif // FSC_RUNTIME_SRC_CPUCOUNT_H
