//===- ContribLayouts.h - Where the channels of an image are ----*- C++ -*-===//
//
// Part of the fsc project, under the Apache License v2.0 with LLVM Exceptions.
// SPDX-License-Identifier: Apache-2.0 WITH LLVM-exception
//
//===----------------------------------------------------------------------===//

#ifndef FSC_COMPILER_IMPORT_ONNX_CONTRIBLAYOUTS_H
#define FSC_COMPILER_IMPORT_ONNX_CONTRIBLAYOUTS_H

#include "compiler/import/onnx/NodeBuilder.h"

namespace fsc {

/// [batch, sizes, channels] as [batch, channels, sizes], and back.
std::string channelsFirst(NodeBuilder &build, const std::string &x, int64_t rank);
std::string channelsLast(NodeBuilder &build, const std::string &x, int64_t rank);

} // namespace fsc

#endif // FSC_COMPILER_IMPORT_ONNX_CONTRIBLAYOUTS_H
